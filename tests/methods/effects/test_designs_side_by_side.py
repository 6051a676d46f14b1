"""Every design over many shapes of data: one answer in one form, or a refusal that names the parameter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import calibration, claims, effects
from commissioning.methods.calibration import Shape
from commissioning.methods.effects import inference, panel, pretrend, regression_to_mean, weights
from commissioning.methods.effects import pooled as pooled_rows

STAGGERED = {"outcome": "y", "unit": "ward", "time": "t", "first_treated": "first"}
ONE_START = {"outcome": "y", "unit": "ward", "time": "t", "treated": "begun", "start": 7}
N = None
STARTS = {
    "one of six": [7, N, N, N, N, N],
    "two of eight": [7] * 2 + [N] * 6,
    "four of twelve": [7] * 4 + [N] * 8,
    "ten of twenty": [7] * 10 + [N] * 10,
    "three waves": [5] * 4 + [7] * 4 + [9] * 3 + [N] * 5,
    "waves and none who never start": [5] * 4 + [8] * 4 + [11] * 4,
    "a start in the second period": [2] * 5 + [N] * 6,
    "a start in the last period": [12] * 5 + [N] * 6,
}
WAYS = {
    "auto": {},
    "imputation": {"method": "imputation"},
    "synthetic did": {"method": "synthetic_did"},
    "event by event": {"aggregate": "dynamic"},
    "each row alike": {"aggregate": "simple", "method": "imputation"},
    "by permutation": {"inference": "permutation", "method": "imputation"},
    "by jackknife": {"inference": "jackknife"},
    "nine in ten": {"confidence": 0.9},
}


def bracketed(found: effects.Effect) -> bool:
    return found.lower is None or found.lower <= found.estimate <= found.upper


def asked(design, data, **how):
    """The effect, or None where the design refuses the data in words."""
    try:
        found = design(data, **how)
    except ValueError as refusal:
        assert len(str(refusal)) > 20
        return None
    assert bracketed(found)
    assert (found.lower is None) == bool(found.withheld_because)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("starts", STARTS)
def test_a_staggered_start_has_one_answer_or_a_refusal_in_words(make_panel, starts, way):
    asked(effects.staggered, make_panel(STARTS[starts], effect=1.0, noise=0.4), **STAGGERED, **WAYS[way])


def uneven(make_panel, **how):
    """People in wards, some rows unknown, some cells empty, wards of unlike size."""
    data = make_panel([5] * 4 + [8] * 4 + [N] * 6, people=4, wander=0.3, **how)
    rng = np.random.default_rng(5)
    data.loc[rng.random(len(data)) < 0.1, "y"] = np.nan
    data = data[~((data["ward"] == "ward 03") & data["t"].isin([2, 9]))]
    kept = ~(data["ward"].isin(["ward 01", "ward 10"]) & (np.arange(len(data)) % 4 > 0))
    return data[kept].assign(place=lambda d: d["ward"].map(lambda w: f"place {int(w[-2:]) // 2}"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cluster", [None, "place"])
def test_uneven_wards_with_unknown_rows_and_clusters_have_an_answer(make_panel, cluster, way):
    asked(effects.staggered, uneven(make_panel), **STAGGERED, cluster=cluster, **WAYS[way])


def test_a_jump_in_how_many_were_counted_is_said(make_panel):
    data = make_panel([7] * 5 + [N] * 5, people=4)
    fewer = data[(data["t"] < 9) | (data.groupby(["ward", "t"]).cumcount() == 0)]
    found = effects.staggered(fewer, **STAGGERED)
    assert found.diagnostics["series_break"]
    assert not effects.staggered(data, **STAGGERED).diagnostics["series_break"]
    short = effects.staggered(fewer[fewer["t"] > 4], **STAGGERED)
    assert bracketed(short)


@pytest.mark.parametrize("starts", [*STARTS][:4])
@pytest.mark.parametrize(
    "way",
    [{}, {"inference": "permutation"}, {"inference": "jackknife"}, {"confidence": 0.8}, {"start": 2}, {"start": 12}],
    ids=str,
)
def test_a_start_for_all_at_once_has_an_answer_or_a_refusal_in_words(make_panel, starts, way):
    asked(effects.before_after, make_panel(STARTS[starts], effect=1.0, noise=0.4), **{**ONE_START, **way})


WORDS = {"yes": True, "no": False}


@pytest.mark.parametrize(
    "begun",
    [
        {True: "yes", False: "no"}, {True: 1, False: 0}, {True: 1.0, False: 0.0}, {True: "TRUE", False: " false "},
        {True: "begun", False: "no"}, {True: 2, False: 0}, {True: N, False: "no"},
    ],
    ids=str,
)  # fmt: skip
def test_who_started_is_read_from_true_yes_or_1_and_from_nothing_else(make_panel, begun):
    data = make_panel([7] * 4 + [N] * 6)
    asked(effects.before_after, data.assign(begun=data["begun"].map(begun)), **ONE_START)


def repeated(seed=3, clusters=12, started=5, per=6):
    """Rows of no lasting unit: other people before and after."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(clusters), per * 2)
    after = np.tile(np.repeat([0, 1], per), clusters)
    begun = (code < started).astype(int)
    values = 0.2 * code + 0.5 * after + 1.0 * begun * after + rng.normal(0, 0.3, len(code))
    return values, after, begun, pd.Series([f"c{k:02d}" for k in code])


@pytest.mark.parametrize("how", ["auto", "permutation"])
@pytest.mark.parametrize(("clusters", "started"), [(12, 5), (20, 10), (8, 1), (9, 2), (4, 2), (3, 1), (2, 1), (6, 6)])
def test_rows_of_other_people_before_and_after_are_compared_by_whole_clusters(how, clusters, started):
    values, after, begun, cluster = repeated(clusters=clusters, started=started)
    try:
        found = pooled_rows.pooled(
            values=values, after=after, begun=begun, cluster=cluster, words="w", confidence=0.95, inference=how
        )
    except ValueError as refusal:
        assert "holds no row" in str(refusal)
    else:
        assert bracketed(found)
        assert found.estimate == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("how", ["auto", "permutation"])
def test_clusters_that_hold_both_kinds_of_rows_or_none_that_are_known_have_an_answer(how):
    values, after, begun, cluster = repeated()
    mixed = begun.copy()
    mixed[::7] = 1
    given = {"after": after, "cluster": cluster, "words": "w", "confidence": 0.9, "inference": how}
    assert bracketed(pooled_rows.pooled(values=values, begun=mixed, **given))
    unknown = np.where(cluster.isin(["c00", "c11"]), np.nan, values)
    assert bracketed(pooled_rows.pooled(values=unknown, begun=begun, **given))
    same = pooled_rows.pooled(values=np.ones(len(values)), begun=begun, **given)
    assert same.estimate == 0


def one_series(points, kind, counts=False, seed=11):
    rng = np.random.default_rng(seed)
    t = np.arange(points)
    after = t >= points // 2
    y = 20 + 0.2 * t + 3 * np.sin(2 * np.pi * t / 12) + 4 * after + rng.normal(0, 1, points)
    times = {
        "numbers": t,
        "quarters": [f"{2001 + k // 4}-{(2 + k // 4) % 100:02d} Q{k % 4 + 1}" for k in t],
        "months": [f"{2001 + k // 12}-{k % 12 + 1:02d}" for k in t],
        "days of months": pd.date_range("2001-01-01", periods=points, freq="MS"),
        "days of quarters": pd.date_range("2001-01-01", periods=points, freq="QS"),
        "days of weeks": pd.date_range("2001-01-01", periods=points, freq="7D"),
    }[kind]
    frame = pd.DataFrame({"t": times, "y": rng.poisson(np.exp(y / 10)) if counts else y})
    return frame.assign(people=1000 + t, other=10 + 0.1 * t + rng.normal(0, 1, points)), frame["t"].iloc[points // 2]


KINDS = ["numbers", "quarters", "months", "days of months", "days of quarters", "days of weeks"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how", [{}, {"harmonics": 1}, {"slope": True}, {"control": "other"}, {"confidence": 0.8}], ids=str
)
@pytest.mark.parametrize("points", [6, 10, 16, 40])
def test_one_series_has_an_answer_however_its_periods_are_written(kind, how, points):
    series, start = one_series(points, kind)
    asked(effects.interrupted, series, outcome="y", time="t", start=start, **how)


@pytest.mark.parametrize("family", ["poisson", "quasipoisson", "binomial"])
@pytest.mark.parametrize(
    "how",
    [{}, {"harmonics": 2}, {"exposure": "people"}, {"slope": True, "exposure": "people"}, {"control": "other"}],
    ids=str,
)
@pytest.mark.parametrize("points", [7, 30])
def test_one_series_of_counts_has_a_ratio_or_a_refusal(family, how, points):
    series, start = one_series(points, "numbers", counts=True)
    asked(effects.interrupted, series, outcome="y", time="t", start=start, family=family, **how)


@pytest.mark.parametrize(
    "how",
    [
        {"harmonics": -1}, {"harmonics": 1.5}, {"harmonics": 9}, {"season": 1}, {"season": 52}, {"exposure": "people"}, {"start": 99},
        {"start": 0}, {"start": "Q1"}, {"outcome": "nothing"}, {"control": "t"}, {"time": "y"}, {"confidence": 95}, {"start": N},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_series_cannot_be_asked_is_refused_by_its_parameter(how):
    series, start = one_series(20, "numbers")
    asked(effects.interrupted, series, **{"outcome": "y", "time": "t", "start": start, **how})


def test_counts_without_exposure_in_some_period_or_without_any_event_are_refused():
    series, start = one_series(20, "numbers", counts=True)
    given = {"outcome": "y", "time": "t", "start": start, "family": "poisson"}
    assert asked(effects.interrupted, series.assign(people=np.arange(20)), exposure="people", **given) is None
    assert asked(effects.interrupted, series.assign(y=0), **given) is None
    assert asked(effects.interrupted, series.assign(y=series["y"].where(series["t"] < start, 0)), **given) is None
    assert asked(effects.interrupted, pd.concat([series, series]), **given) is None
    asked(effects.interrupted, series.assign(y=series["y"] * 40), **given)
    asked(effects.interrupted, series.assign(y=2.0), **{**given, "family": "gaussian"})


@pytest.mark.parametrize("starts", [*STARTS][:4])
@pytest.mark.parametrize("how", [{}, {"confidence": 0.8}, {"start": 2}, {"start": 3}], ids=str)
def test_a_mix_of_others_has_an_answer_or_a_refusal_in_words(make_panel, starts, how):
    asked(effects.synthetic, make_panel(STARTS[starts], effect=2.0, noise=0.3), **{**ONE_START, **how})


def test_a_mix_that_matches_exactly_has_an_answer(make_panel):
    data = make_panel([7, N, N, N, N, N], noise=0.0)
    asked(effects.synthetic, data, **ONE_START)
    asked(effects.synthetic, data.assign(y=0.0), **ONE_START)
    scale = effects.synthetic_weights(np.array([2.0, 4.0]), np.array([[1.0, 3.0, 0.0], [2.0, 6.0, 0.0]]))
    assert scale.sum() == pytest.approx(1)
    assert effects.synthetic_weights(np.zeros(2), np.zeros((2, 3))).sum() == pytest.approx(1)


PICKED = {
    "nothing said": {},
    "a quarter, the lowest": {"chosen_share": 0.25},
    "a quarter, the highest": {"chosen_share": 0.25, "picked": "high"},
    "the mean of all": {"population_mean": 1.0},
    "how steady it is": {"chosen_share": 0.25, "reliability": 0.7},
    "all": {"chosen_share": 1.0},
    "none": {"chosen_share": 0.0},
    "an unsteadiness beyond one": {"chosen_share": 0.25, "reliability": 1.5},
    "no side": {"chosen_share": 0.25, "picked": "middle"},
    "a mean that is no number": {"population_mean": float("nan")},
}


@pytest.mark.parametrize("said", PICKED)
@pytest.mark.parametrize("people", [2, 3, 5, 60])
def test_before_and_after_without_others_takes_the_expected_change_off_or_refuses(said, people):
    rng = np.random.default_rng(people)
    steady = rng.normal(0, 1, people)
    rows = [(k, t, steady[k] + rng.normal(0, 0.5) + 0.5 * (t >= 3), True) for k in range(people) for t in range(1, 5)]
    data = pd.DataFrame(rows, columns=["ward", "t", "y", "begun"])
    asked(effects.before_after, data, **{**ONE_START, "start": 3}, **PICKED[said])


@pytest.mark.parametrize("gap", [0.0, 0.2, 0.6, 2.0])
@pytest.mark.parametrize("units", [18, 44])
def test_starters_who_began_at_another_level_are_expected_to_come_nearer(gap, units):
    rng = np.random.default_rng(2)
    first = rng.normal(0, 1, units) - gap * (np.arange(units) % 2)
    rows = [
        (k, t, first[k] * (0.6 if t > 1 else 1) + rng.normal(0, 0.3), 2 if k % 2 else N)
        for k in range(units)
        for t in (1, 2, 3)
    ]
    made = panel.build(pd.DataFrame(rows, columns=["ward", "t", "y", "first"]), **STAGGERED)
    found = regression_to_mean.expected_gap(made, np.array([False, True, True]))
    assert bool(found) == (units == 44 and gap > 0.2)
    assert not regression_to_mean.expected_gap(made, np.array([False, False, True]))


@pytest.mark.parametrize("drift", [0.0, 0.3])
@pytest.mark.parametrize("first", [3, 5, 13])
def test_the_gap_before_is_tested_for_a_slope(make_panel, drift, first):
    data = make_panel([first] * 2 + [N] * 3, periods=16, drift=drift, noise=0.4)
    made = panel.build(data, **STAGGERED)
    found = pretrend.gap_slope(made)
    assert (found is None) == (first == 3)
    pretrend.pretrend(made)
    pretrend.placebo_dates(made, weights.imputation)
    inference.infer(weights.imputation, made)
    waves = panel.build(make_panel([first] * 3 + [first + 2] * 3, periods=16, drift=drift), **STAGGERED)
    pretrend.gap_slope(waves)
    pretrend.pretrend(waves)


SHAPES = {
    "as the sample": {},
    "skewed": {"skew": 1.2},
    "a little skewed": {"skew": -0.4},
    "with rows unknown": {"missing": 0.3},
    "of unlike wards": {"rows_per_cell": (2.0, 30.0) * 6},
    "all at once": {"first_treated": (6,) * 4 + (12,) * 8},
    "one of twelve": {"first_treated": (6,) + (12,) * 11},
    "all in time": {"first_treated": (4,) * 6 + (8,) * 6},
    "wandering": {"icc": 0.4, "autocorrelation": 0.8},
}


@pytest.mark.parametrize("changes", SHAPES)
def test_a_card_says_of_every_method_that_could_be_used_how_it_did(changes):
    given = {
        "units": 120, "clusters": 12, "periods": 12, "first_treated": (4,) * 3 + (6,) * 3 + (12,) * 6,
        "rows_per_cell": (10.0,) * 12, "minimum_worthwhile_effect": 0.2,
    }  # fmt: skip
    shape = Shape(**{**given, **SHAPES[changes]})
    card = calibration.run(shape, draws=40)
    assert len(card) and card["coverage"].between(0, 1).all()
    assert shape.key() == Shape(**{**given, **SHAPES[changes]}).key()


@pytest.mark.parametrize(
    "changes",
    [
        {"spread": float("nan")}, {"clusters": 0}, {"periods": 1}, {"first_treated": (1,)}, {"rows_per_cell": (1.0,)},
        {"first_treated": (0, 4)}, {"icc": 1.0}, {"icc": -0.1}, {"autocorrelation": 1.0}, {"autocorrelation": -1.0}, {"missing": 1.0},
        {"spread": 0.0}, {"rows_per_cell": (0.0, 1.0)}, {"rows_per_cell": (float("inf"), 1.0)}, {"missing": 0.0}, {"periods": 2},
    ],
    ids=str,
)  # fmt: skip
def test_a_shape_that_no_pilot_can_have_is_refused_by_its_name(changes):
    given = {"units": 2, "clusters": 2, "periods": 4, "first_treated": (1, 4), "rows_per_cell": (1.0, 1.0)}
    possible = changes in ({"missing": 0.0}, {"periods": 2})
    try:
        made = Shape(**{**given, **changes})
    except ValueError as refusal:
        assert not possible and next(iter(changes)).rstrip("s") in str(refusal)
    else:
        assert possible and len(made.key()) == 64


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("cluster", [None, "place"])
def test_a_shape_is_read_from_rows(make_panel, binary, cluster):
    data = uneven(make_panel)
    if binary:
        data = data.assign(y=(data["y"] > 0.5).astype(float).where(data["y"].notna()))
    found = calibration.shape_of(data, **STAGGERED, cluster=cluster, minimum_worthwhile_effect=0.3)
    assert found.periods == 12 and 0.05 < found.missing < 0.2
    flat = calibration.shape_of(data.assign(y=1.0), **STAGGERED, minimum_worthwhile_effect=0.3)
    assert flat.skew == 0
    cells = data.groupby(["ward", "t"], as_index=False).agg(y=("y", "mean"), first=("first", "first"))
    calibration.shape_of(cells, **STAGGERED, minimum_worthwhile_effect=0.3)
    calibration.shape_of(cells[cells["t"] < 7], **STAGGERED, minimum_worthwhile_effect=0.3)


GATES = [
    {}, {"periods_before": 9}, {"periods_before": 5}, {"periods_before": 4}, {"units": 14}, {"units": 15}, {"started_units": 9},
    {"completeness": 1.0}, {"completeness": 0.8}, {"picked_people": True}, {"no_series_break": False}, {"placebo_p": 0.9},
    {"pre_trend_p": 0.99}, {"pre_trend_p": 0.0}, {"placebo_p": False}, {"comparators": 7}, {"comparators": 6}, {"periods_after": 5},
    {"periods_after": 6}, {"drift_share": 0.0}, {"smallest_p": 0.0}, {"negative_controls": 3}, {"negative_controls": 4},
    {"negative_control_share": 0.0}, {"calibrated": True}, {"regression_to_mean": 0}, {"floor": "compared"}, {"ceiling": "described"},
    {"floor": "attributable", "ceiling": "recorded"}, {"floor": "proved"}, {"unknown": 1}, {"periods_before": -1}, {"units": 0},
    {"periods_before": 1.5}, {"completeness": 2}, {"completeness": "most"}, {"periods_before": "four"}, {"calibrated": 1},
    {"drift_share": -1}, {"regression_to_mean": "none"}, {"negative_control_share": -0.1}, {"units": None}, [],
]  # fmt: skip


@pytest.mark.parametrize("gates", GATES, ids=str)
def test_a_claim_is_judged_by_the_gates_it_is_given(make_panel, gates):
    found = effects.staggered(uneven(make_panel, effect=2.0), **STAGGERED)
    controls = found.with_diagnostics(negative_controls={"a": (0.1, 0.2), "b": (-0.3, 0.2), "c": (0.0, 0.1)})
    three = effects.staggered(make_panel([9] * 3 + [N] * 2, effect=3.0, noise=0.2), **STAGGERED)
    series, start = one_series(30, "numbers")
    alone = effects.interrupted(series, outcome="y", time="t", start=start)
    drifting = effects.staggered(make_panel([9] * 6 + [N] * 6, drift=0.5, noise=0.2), **STAGGERED)
    broken = found.with_diagnostics(series_break="a break in 2014", expected_regression_to_mean=1.0)
    for effect in (found, controls, found.withheld("for a reason"), broken, three, alone, drifting):
        try:
            claim = claims.judge(effect, gates)
        except ValueError as refusal:
            assert "gates" in str(refusal)
        else:
            assert claim.hidden == bool(claim.failed) or claim.rung != "attributable"
