"""What one row counts in an estimate, and one person at most: against the estimators themselves, one answer changed at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import effects
from commissioning.methods.effects import influence
from commissioning.methods.effects.before_after import started_panel
from commissioning.methods.effects.regression_to_mean import expected_size

QUARTERS = [f"{2015 + t // 4}-{16 + t // 4} Q{1 + t % 4}" for t in range(12)]


def people(seed, wards=12, each=6, one_start=True):
    """Rows of people in wards: a yes or no in most quarters."""
    rng = np.random.default_rng(seed)
    rows = []
    for ward in range(wards):
        first = QUARTERS[6] if ward % 2 else None
        if first and not one_start and ward % 4 == 1:
            first = QUARTERS[8]
        for one in range(each):
            for t, quarter in enumerate(QUARTERS):
                if rng.random() < 0.7:
                    met = rng.random() < 0.4 + 0.02 * (ward % 5) + (0.2 if first and quarter >= first else 0)
                    rows.append((f"w{ward:02d}", quarter, t, float(met), first, ward * each + one))
    data = pd.DataFrame(rows, columns=["ward", "period", "t", "value", "first", "person"])
    return data.assign(on=data["first"].notna())


def staggered(data):
    return effects.staggered_estimate(
        data, outcome="value", unit="ward", time="period", first_treated="first", cluster="ward"
    )[0]


def changed(data, **how):
    return effects.before_after(data, outcome="value", unit="ward", time="period", treated="on", start=QUARTERS[6], **how).estimate  # fmt: skip


def panel(data, unit="ward"):
    return started_panel(data, outcome="value", unit=unit, time="period", treated="on", start=QUARTERS[6])


def series(data):
    frame = data.groupby("t")["value"].mean().reset_index()
    return effects.interrupted(frame, outcome="value", time="t", start=6).estimate


PICKED = {"chosen_share": 0.4}


def adjusted(before, after):
    return float((after - before).mean()) - expected_size(before, after, chosen_share=0.4, population_mean=None)


def slopes_staggered(data):
    return influence.staggered_slopes(data, outcome="value", unit="ward", time="period", first_treated="first")


WAYS = {
    "staggered": (staggered, slopes_staggered, {"one_start": False}),
    "before_after": (
        changed,
        lambda data: influence.change_slopes(panel(data), data["ward"], data["period"]),
        {},
    ),
    "interrupted": (
        series,
        lambda data: influence.interrupted_slopes(data, outcome="value", time="t", start=6, reach=1.0),
        {},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_rows_slope_is_what_the_estimate_moves_when_its_answer_does(way):
    estimate, slopes, how = WAYS[way]
    data = people(3, **how)
    slope, whole = slopes(data), estimate(data)
    for row in np.random.default_rng(1).choice(len(data), 12, replace=False):
        other = data.copy()
        other.loc[data.index[row], "value"] = 1 - data["value"].iloc[row]
        moved = estimate(other) - whole
        assert moved == pytest.approx(slope[row] * (1 - 2 * data["value"].iloc[row]), abs=2e-3 if way == "interrupted" else 1e-9)  # fmt: skip


def test_nobody_to_compare_with_also_moves_what_is_taken_off():
    data = people(5, wards=30, each=1).assign(on=True)
    slope = influence.travelled_slopes(panel(data), data["ward"], data["period"], adjusted, 1.0)
    whole = changed(data, **PICKED)
    for row in (0, 50, 120):
        other = data.copy()
        other.loc[data.index[row], "value"] = 1 - data["value"].iloc[row]
        assert abs(changed(other, **PICKED) - whole) == pytest.approx(abs(slope[row]), rel=0.5, abs=2e-3)


def test_a_mix_of_other_places_moves_by_no_more_than_its_slopes_say():
    data = people(2, wards=8, each=8)
    data = data.assign(on=data["ward"].eq("w01"))

    def gap(frame):
        return effects.synthetic(frame, outcome="value", unit="ward", time="period", treated="on", start=QUARTERS[6]).estimate  # fmt: skip

    slope = influence.synthetic_slopes(panel(data), data["ward"], data["period"], 1.0)
    whole = gap(data)
    for row in np.random.default_rng(2).choice(len(data), 10, replace=False):
        other = data.copy()
        other.loc[data.index[row], "value"] = 1 - data["value"].iloc[row]
        assert abs(gap(other) - whole) <= slope[row] + 1e-6


def test_other_people_before_and_after_count_in_four_means():
    after, begun = np.array([0, 0, 1, 1, 1, 0], bool), np.array([0, 1, 1, 1, 0, 1], bool)
    found = influence.pooled_slopes(after, begun)
    np.testing.assert_allclose(found, [1, -1 / 2, 1 / 2, 1 / 2, -1, -1 / 2])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["staggered", "before_after"])
def test_taking_one_person_away_moves_the_estimate_by_no_more_than_the_largest_influence(way, seed):
    """Everybody in turn, on panels by lot: also by the weights of places, which a person fewer changes."""
    estimate, slopes, how = WAYS[way]
    data = people(10 + seed, each=5, **how)
    most = influence.of_one_person(slopes(data), np.ones(len(data)), data["person"].to_numpy())
    whole = estimate(data)
    gone = [abs(estimate(data[data["person"] != one]) - whole) for one in data["person"].unique()[::3]]
    assert max(gone) <= most


def test_the_answers_of_one_side_add_up_and_those_of_both_do_not():
    slope, person = np.array([0.1, 0.2, -0.4, 0.05]), np.array([0, 0, 0, -1])
    assert influence.of_one_person(slope, np.ones(4), person) == pytest.approx(0.4)
    assert influence.of_one_person(slope[:2], np.ones(2), person[:2]) == pytest.approx(0.3)
    assert influence.of_one_person(slope[3:], np.ones(1), person[3:]) == pytest.approx(0.05)


def test_an_amount_counts_by_half_of_what_the_largest_moves():
    slope, value, person = np.array([0.5, 0.5, 0.5, 0.5]), np.array([100.0, 0, 0, 100]), np.array([0, 1, 2, 3])
    assert influence.of_one_amount(slope, value, person) == pytest.approx(25.0)
    assert influence.of_one_amount(slope, np.array([400.0, 0, 0, 0]), person) == pytest.approx(0.5 * 300 / 2)
