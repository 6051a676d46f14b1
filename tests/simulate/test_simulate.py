"""The sample: the files are what the seed makes, and what truth.toml says is planted is there to be found."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from commissioning import simulate
from commissioning.simulate import controls
from commissioning.simulate.write import contents

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
TRUTH = tomllib.loads((SAMPLE / "truth.toml").read_text(encoding="utf-8"))
PLANTED = {p["measure"]: p for p in TRUTH["planted"]}


@pytest.fixture(scope="module")
def disability():
    return simulate.learning_disability(simulate.SEED)


@pytest.fixture(scope="module")
def funding():
    return simulate.vcf_funding(simulate.SEED)


def starts_of(tables):
    table = tables["starts"]
    return dict(zip(table["unit"], table["started"].replace("never", "9999"), strict=True))


def panel(rows, unit, true, starts):
    """Shares by unit and quarter, with whether the unit has started, and whether it ever will."""
    cells = pd.DataFrame({"unit": rows[unit], "period": rows["period"], "y": np.asarray(true, float)})
    cells = cells.groupby(["unit", "period"], as_index=False).agg(y=("y", "mean"), n=("y", "size"))
    start = cells["unit"].map(starts)
    return cells.assign(on=(cells["period"] >= start).astype(float), ever=(start < "9999").astype(float))


def slope(cells, column="on"):
    """Weighted least squares of y on the column with a level for each unit and each quarter."""
    levels = [pd.get_dummies(cells[name]).to_numpy(float) for name in ("unit", "period")]
    weight = np.sqrt(cells["n"].to_numpy(float))[:, None]
    design = np.column_stack([cells[column], *levels]) * weight
    return np.linalg.lstsq(design, cells["y"].to_numpy() * weight[:, 0], rcond=None)[0][0]


def drift_before_start(cells):
    """How much faster units that will start rise, a quarter, before they do."""
    before = cells[cells["on"] == 0].copy()
    at = {period: i for i, period in enumerate(sorted(cells["period"].unique()))}
    before["faster"] = before["period"].map(at) * before["ever"]
    return slope(before, "faster")


def answered(rows, column, apart=("answered_by", "proxy")):
    known = rows[column].isin(["yes", "no"])
    if apart[0] in rows:
        known &= rows[apart[0]].ne(apart[1])
    return rows[known]


def test_the_committed_sample_is_byte_for_byte_what_its_seed_makes():
    for name, made in contents(TRUTH["seed"]).items():
        assert (SAMPLE / name).read_bytes() == made, f"{name} is not what the seed makes: run simulate.write"


def test_the_sample_has_its_real_size_and_stays_small(disability, funding):
    people = disability["people"]
    assert people.groupby("period").size().eq(1150).all() and people["period"].nunique() == 20
    assert people["ward"].nunique() == 22 and disability["starts"]["started"].eq("never").sum() == 6
    assert people[["period", "person_id"]].duplicated().sum() == 0
    assert len(funding["grants"]) == 420 and len(funding["organisations"]) == 180
    assert funding["grants"]["department"].nunique() == 5
    assert sum(f.stat().st_size for f in SAMPLE.glob("*/*.csv")) < 9_000_000


def test_another_seed_gives_other_people_and_the_same_seed_the_same(disability):
    again, other = simulate.learning_disability(simulate.SEED), simulate.learning_disability(simulate.SEED + 1)
    pd.testing.assert_frame_equal(again["reviews"], disability["reviews"])
    assert set(other["people"]["person_id"]) != set(disability["people"]["person_id"])


@pytest.mark.parametrize(("measure", "column"), [("own_goal_met", "goal_met"), ("control", "control")])
def test_a_planted_effect_can_be_found_by_a_plain_difference_of_differences(disability, measure, column):
    rows = answered(disability["reviews"], column)
    found = 100 * slope(panel(rows, "ward", rows[column].eq("yes"), starts_of(disability)))
    assert found == pytest.approx(PLANTED[f"learning_disability_{measure}"]["size"], abs=3)


def test_the_planted_weekly_cost_can_be_found(disability):
    rows = disability["packages"]
    found = slope(panel(rows, "ward", rows["weekly_cost_pence"].astype(float) / 100, starts_of(disability)))
    assert found == pytest.approx(PLANTED["learning_disability_weekly_cost"]["size"], abs=4)


def test_nothing_moves_where_nothing_is_planted(disability, funding):
    rows = answered(disability["reviews"], "leisure_chosen")
    assert abs(slope(panel(rows, "ward", rows["leisure_chosen"].eq("yes"), starts_of(disability)))) < 0.04
    rows = answered(funding["supported"], "made_difference")
    assert abs(slope(panel(rows, "department", rows["made_difference"].eq("yes"), starts_of(funding)))) < 0.04


def test_wards_that_will_start_were_already_rising_in_the_diverging_measure_and_in_no_other(disability):
    size = PLANTED["learning_disability_home_chosen"]["size"] / 100
    for column, expected in (("home_chosen", size), ("control", 0.0), ("leisure_chosen", 0.0)):
        rows = answered(disability["reviews"], column)
        cells = panel(rows, "ward", rows[column].eq("yes"), starts_of(disability))
        assert drift_before_start(cells) == pytest.approx(expected, abs=0.012), column


def test_before_and_after_flatters_the_people_who_were_picked_while_wards_do_not_move(disability):
    reviews, people = disability["reviews"], disability["people"]
    rows, starts = answered(reviews, "goal_kept", ("kind", "none")), starts_of(disability)
    chosen = set(people.loc[people["chosen_for_high_needs"].eq("yes"), "person_id"])
    assert len(chosen) > 50
    mine = rows[rows["person_id"].isin(chosen)]
    after = mine["period"] >= mine["ward"].map(starts)
    kept = mine["goal_kept"].eq("yes")
    assert kept[after].mean() - kept[~after].mean() > 0.2
    assert abs(slope(panel(rows, "ward", rows["goal_kept"].eq("yes"), starts))) < 0.06


def test_the_denominator_of_paid_work_drops_by_about_28_in_100_in_one_year_and_comes_back(disability):
    people = disability["people"]
    counted = people["age"].between(18, 64) & people["support_reason"].eq("learning disability")
    size = people[counted & people["period"].str.endswith("Q4")].groupby("period").size()
    drop = 1 - size["2014-15 Q4"] / size["2013-14 Q4"]
    assert 0.23 < drop < 0.32
    assert size["2015-16 Q4"] > 0.93 * size["2013-14 Q4"]


def test_the_planted_outcome_of_funding_can_be_found_and_the_drifting_target_drifts(funding):
    rows = answered(funding["supported"], "outcome_reached")
    found = 100 * slope(panel(rows, "department", rows["outcome_reached"].eq("yes"), starts_of(funding)))
    assert found == pytest.approx(PLANTED["vcf_funding_outcome_reached"]["size"], abs=5)
    rows = answered(funding["returns"], "target_met")
    drift = drift_before_start(panel(rows, "department", rows["target_met"].eq("yes"), starts_of(funding)))
    assert 100 * drift == pytest.approx(PLANTED["vcf_funding_target_met"]["size"], abs=3)


def test_fewer_people_are_linked_to_care_records_in_one_year(funding):
    rows = funding["supported"]
    linked = rows["lawfully_linked"].eq("yes").groupby(rows["period"].str[:7]).sum()
    assert linked["2014-15"] / linked["2013-14"] == pytest.approx(1 - 0.28, abs=0.06)


def test_payments_add_up_to_the_awards_to_the_penny(funding):
    assert funding["payments"]["amount_pence"].sum() == funding["grants"]["amount_awarded_pence"].sum()
    paid = funding["payments"].groupby("grant_id")["amount_pence"].sum()
    award = funding["grants"].set_index("grant_id")["amount_awarded_pence"]
    whole = paid.drop("").reindex(award.index).eq(award)
    assert 0.9 < whole.mean() < 1  # a few lines have lost the number of their agreement
    assert (funding["payments"]["amount_pence"] < 0).sum() > 5


def test_funding_holds_the_honest_dirt_that_reports_must_survive(funding):
    returns, supported, grants = funding["returns"], funding["supported"], funding["grants"]
    unasked = returns["asked"].eq("no")
    assert unasked.any() and returns.loc[unasked, "reached_status"].eq("not applicable").all()
    missing = ~unasked & returns["received"].eq("no")
    assert missing.any() and returns.loc[missing, "reached_status"].eq("unknown").all()
    by_person = supported.groupby("person_id")["department"].nunique()
    assert (by_person > 1).sum() > 20
    assert supported[["person_id", "grant_id", "period"]].duplicated().sum() == 0
    several = grants.groupby("recipient_id")["department"].nunique()
    assert (several > 1).sum() > 20
    assert (grants["end_on"] <= pd.Timestamp("2016-03-31").date()).all()


def test_returns_agree_with_the_people_they_report(funding):
    returns, supported = funding["returns"], funding["supported"]
    counted = supported.groupby(["grant_id", "period"]).agg(
        supported=("person_id", "size"), reached=("outcome_reached", lambda c: c.eq("yes").sum())
    )
    told = returns[returns["received"].eq("yes")].set_index(["grant_id", "period"])[["supported", "reached"]]
    pd.testing.assert_frame_equal(told.astype(int).sort_index(), counted.sort_index(), check_like=True)


def test_negative_controls_are_many_named_and_do_not_move_with_the_pilot(disability):
    assert len(TRUTH["negative_control"]) == len(controls.LEARNING_DISABILITY) + len(controls.VCF_FUNDING)
    starts = starts_of(disability)
    moved = []
    for control in controls.LEARNING_DISABILITY:
        rows = disability[control.table]
        moved.append(slope(panel(rows, "ward", control.of(rows), starts)))
    assert len(moved) >= 8 and np.abs(moved).max() < 0.08
    assert abs(np.mean(moved)) < 0.02


@pytest.mark.parametrize("pilot", ["learning_disability", "vcf_funding"])
def test_the_words_of_a_status_stand_in_the_cells_of_the_csv_and_no_cell_is_a_bare_nan(pilot):
    for file in sorted((SAMPLE / pilot).glob("*.csv")):
        text = file.read_text(encoding="utf-8")
        assert not any(word in text for word in (",nan", ",NaT", "<NA>", "None")), file.name
    if pilot == "vcf_funding":
        assert ",not applicable," in (SAMPLE / pilot / "returns.csv").read_text(encoding="utf-8")


def test_with_nothing_planted_nothing_is_found():
    none, _ = simulate.nothing_planted()
    tables = simulate.learning_disability(5, effects=none)
    rows = answered(tables["reviews"], "goal_met")
    assert abs(slope(panel(rows, "ward", rows["goal_met"].eq("yes"), starts_of(tables)))) < 0.045
    assert tables["people"]["chosen_for_high_needs"].eq("no").all()


def test_a_pilot_is_made_in_under_a_second():
    start = time.process_time()
    simulate.learning_disability(77)
    simulate.vcf_funding(77)
    assert time.process_time() - start < 2


def test_a_shape_with_no_ward_left_to_start_is_refused():
    with pytest.raises(ValueError, match="none is left to start"):
        simulate.learning_disability(1, shape=simulate.LearningDisabilityShape(never=22))


@pytest.mark.soak
def test_over_many_seeds_the_estimates_centre_on_what_is_planted():
    found = []
    for seed in range(60):
        tables = simulate.learning_disability(seed)
        rows = answered(tables["reviews"], "goal_met")
        found.append(slope(panel(rows, "ward", rows["goal_met"].eq("yes"), starts_of(tables))))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(0.08, abs=3 * error)
