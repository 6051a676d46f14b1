"""Awkward input to effects, claims and calibration: an answer that is right, or a refusal that says what to write."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import calibration, claims, effects
from commissioning.methods.effects import Effect

STAGGERED = {"outcome": "y", "unit": "ward", "time": "t", "first_treated": "first"}
BEGUN = {"outcome": "y", "unit": "ward", "time": "t", "treated": "begun", "start": 7}
SERIES = {"outcome": "y", "time": "t", "start": 7}
WAVES = [5] * 5 + [7] * 4 + [None] * 6
ONCE = [7] * 6 + [None] * 8


@pytest.fixture
def waves(make_panel):
    return make_panel(WAVES)


@pytest.fixture
def once(make_panel):
    return make_panel(ONCE)


@pytest.fixture
def series():
    return pd.DataFrame({"t": range(1, 13), "y": [3, 0, 2, 5, 1, 1, 0, 0, 2, 1, 0, 3], "at_risk": 100.0})


@pytest.mark.parametrize("level", [0.0, 5.0, 1e6])
def test_an_outcome_that_never_moves_is_said_not_to_vary_and_no_rounding_is_taken_for_an_effect(
    waves, once, series, level
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ask in (
            lambda: effects.staggered(waves.assign(y=level), **STAGGERED),
            lambda: effects.staggered(waves.assign(y=level), **STAGGERED, method="imputation"),
            lambda: effects.before_after(once.assign(y=level), **BEGUN),
            lambda: effects.synthetic(once.assign(y=level), **BEGUN),
            lambda: effects.interrupted(series.assign(y=level), **SERIES),
        ):
            with pytest.raises(ValueError, match="it did not vary"):
                ask()


def test_a_series_without_scatter_has_its_step_as_both_limits_and_says_so(series):
    found = effects.interrupted(series.assign(y=series["t"] + 5.0 * (series["t"] >= 7)), **SERIES)
    assert found.estimate == pytest.approx(5) and found.lower == found.upper == found.estimate
    assert found.p_value == 0 and "exactly" in found.diagnostics["warnings"][0]
    assert set(found.draws) == {found.estimate}


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan"), None, "95%"])
def test_a_confidence_that_is_no_share_is_refused(waves, once, series, confidence):
    for call in (
        lambda: effects.staggered(waves, **STAGGERED, confidence=confidence),
        lambda: effects.before_after(once, **BEGUN, confidence=confidence),
        lambda: effects.synthetic(once, **BEGUN, confidence=confidence),
        lambda: effects.interrupted(series, **SERIES, confidence=confidence),
    ):
        with pytest.raises(ValueError, match="confidence"):
            call()


@pytest.mark.parametrize("start", [None, float("nan"), [7], "2013-14 Q1", 100, -5])
def test_a_start_that_is_no_period_is_refused(once, series, start):
    for call in (effects.before_after, effects.synthetic):
        with pytest.raises(ValueError, match="start="):
            call(once, **{**BEGUN, "start": start})
    with pytest.raises(ValueError, match="start="):
        effects.interrupted(series, **{**SERIES, "start": start})


@pytest.mark.parametrize("data", [None, [1, 2], {"y": [1]}])
def test_what_is_no_table_is_refused(data):
    for call, columns in (
        (effects.staggered, STAGGERED), (effects.before_after, BEGUN), (effects.synthetic, BEGUN),
        (effects.interrupted, SERIES),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="data: a frame"):
            call(data, **columns)


@pytest.mark.parametrize("argument", ["outcome", "unit", "time", "first_treated"])
@pytest.mark.parametrize("column", [None, ["y"], "nothing"])
def test_a_column_that_is_not_named_rightly_is_refused_by_the_arguments_name(waves, argument, column):
    with pytest.raises(ValueError, match=f"{argument}="):
        effects.staggered(waves, **{**STAGGERED, argument: column})


def test_a_column_that_is_there_twice_is_refused(waves):
    twice = waves.set_axis(["ward", "t", "first", "y", "y"], axis=1)
    with pytest.raises(ValueError, match="outcome='y'.*more than once"):
        effects.staggered(twice, **STAGGERED)


def test_a_start_in_words_among_periods_in_numbers_is_refused_and_not_sorted_among_them(waves):
    words = waves.assign(first=waves["first"].map(lambda f: None if pd.isna(f) else "2013-14 Q1").astype(object))
    with pytest.raises(ValueError, match="same form"):
        effects.staggered(words, **STAGGERED)


@pytest.mark.parametrize("side", ["before", "from"])
@pytest.mark.parametrize("family", ["poisson", "quasipoisson"])
def test_a_ratio_to_nothing_counted_is_refused(series, side, family):
    none = (series["t"] < 7) == (side == "before")
    with pytest.raises(ValueError, match=f"outcome='y'.*{side} 7"):
        effects.interrupted(series.assign(y=np.where(none, 0, 3)), **SERIES, family=family)


def test_counts_all_alike_have_a_ratio_of_one_and_no_warning(series):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = effects.interrupted(series.assign(y=4), **SERIES, family="poisson")
    assert found.estimate == pytest.approx(1) and found.lower < 1 < found.upper


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"harmonics": "two"}, "harmonics="),
        ({"harmonics": None}, "harmonics="),
        ({"harmonics": 0.5}, "harmonics="),
        ({"harmonics": 1, "season": 0}, "season="),
        ({"harmonics": 1, "season": "a year"}, "season="),
        ({"exposure": "words", "family": "poisson"}, "exposure='words'"),
        ({"control": "words"}, "control='words'"),
        ({"exposure": "endless", "family": "poisson"}, "exposure='endless'.*infinity"),
    ],
)
def test_a_model_that_cannot_be_is_refused(series, change, says):
    data = series.assign(words="many", endless=np.inf)
    with pytest.raises(ValueError, match=says):
        effects.interrupted(data, **SERIES, **change)


@pytest.mark.parametrize(
    "wrong",
    [
        {"chosen_share": 0}, {"chosen_share": 2}, {"chosen_share": "a tenth"}, {"chosen_share": float("nan")},
        {"population_mean": float("nan")}, {"population_mean": "fifty"}, {"picked": "worst"},
        {"population_mean": 0.0, "reliability": 2}, {"chosen_share": 0.1, "reliability": float("nan")},
    ],
)  # fmt: skip
def test_how_people_were_picked_must_be_possible(make_panel, wrong):
    with pytest.raises(ValueError, match=next(reversed(wrong))):
        effects.before_after(make_panel([7] * 6), **BEGUN, **wrong)


def test_several_that_started_are_ranked_by_their_gap_and_not_by_a_misfit_no_placebo_could_match(make_panel):
    """Six started and eight did not: a placebo of six has two units left to mix, so its misfit is larger by design."""
    p = [effects.synthetic(make_panel(ONCE, seed=seed), **BEGUN).p_value for seed in range(12)]
    assert np.mean(np.array(p) <= 0.1) <= 0.3
    one = effects.synthetic(make_panel([7] + [None] * 9), **BEGUN)
    assert one.p_value >= one.smallest_p_possible


def test_an_effect_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="nothing could be estimated"):
        Effect(
            estimand="a", estimate=float("nan"), lower=None, upper=None, method="m", draws=None, diagnostics={},
            smallest_p_possible=0.0, withheld_because="none",
        )  # fmt: skip


@pytest.mark.parametrize("gates", ["strict", 5, [], ["units"]])
def test_gates_that_are_no_mapping_are_refused(waves, gates):
    with pytest.raises(ValueError, match="gates"):
        claims.judge(effects.staggered(waves, **STAGGERED), gates)


def test_what_is_no_effect_is_not_judged_and_what_says_nothing_is_no_finding():
    with pytest.raises(ValueError, match="effect: an Effect is needed"):
        claims.judge(None)
    for call in (claims.recorded, claims.described, claims.compared):
        for nothing in ("", "  ", None, 3):
            with pytest.raises(ValueError, match="statement"):
                call(nothing)


def test_a_change_that_places_picked_by_lot_show_too_is_not_attributed(make_panel):
    """Placebo units: a jackknife's limits leave out no change, and a shuffle of the starts is asked as well."""
    real = effects.staggered(make_panel(WAVES, effect=4.0, noise=0.5), **STAGGERED).with_diagnostics(calibration="used")
    assert real.diagnostics["placebo_unit_p"] <= 0.01
    asked = {"periods_before": 4}
    shown = claims.judge(real, asked)
    assert "placebo_places" in [check.name for check in shown.passed]
    lucky = real.with_diagnostics(placebo_unit_p=0.12)
    refused = claims.judge(lucky, asked)
    assert [check.name for check in refused.failed] == ["placebo_places"]
    assert "fewer than 20% of the ways" in refused.wording and refused.hidden
    assert claims.judge(lucky, {**asked, "placebo_p": False}).rung == claims.judge(real, asked).rung


def test_places_are_shuffled_only_where_a_change_would_be_claimed(waves, make_panel):
    still = effects.staggered(make_panel(WAVES, effect=0.0), **STAGGERED)
    assert still.diagnostics["placebo_unit_p"] is None
    few = effects.before_after(make_panel([7, 7] + [None] * 20, effect=9.0), **BEGUN)
    assert few.diagnostics["placebo_unit_p"] is None and few.p_value <= 0.05
    many = effects.before_after(make_panel(ONCE, effect=9.0), **BEGUN)
    assert many.diagnostics["placebo_unit_p"] == pytest.approx(1 / 1000, abs=1e-3)


SHAPE = {"units": 10, "clusters": 3, "periods": 6, "first_treated": (3, 6, 6), "rows_per_cell": (1.0, 1.0, 1.0)}


@pytest.mark.parametrize("name", ["minimum_worthwhile_effect", "baseline", "spread", "skew"])
def test_a_shape_holds_numbers(name):
    with pytest.raises(ValueError, match=name):
        calibration.Shape(**SHAPE, **{name: float("nan")})
    with pytest.raises(ValueError, match="rows_per_cell"):
        calibration.Shape(**{**SHAPE, "rows_per_cell": (1.0, float("nan"), 1.0)})


def test_one_method_may_be_asked_for_by_its_name_alone():
    card = calibration.run(calibration.Shape(**SHAPE), 20, methods="imputation")
    assert len(card) and card["method"].str.startswith("imputation").all()
    for draws in (0, 1, 1.5, None, "many", True):
        with pytest.raises(ValueError, match="draws="):
            calibration.run(calibration.Shape(**SHAPE), draws)


@pytest.mark.parametrize(
    ("estimate", "error", "says"),
    [(float("nan"), 1, "estimate"), (None, 1, "estimate"), (1, -1, "standard_error"), (1, None, "standard_error")],
)
def test_a_p_against_controls_needs_numbers(estimate, error, says):
    null = calibration.empirical_null([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])
    with pytest.raises(ValueError, match=says):
        calibration.calibrated_p(null, estimate, error)
    with pytest.raises(ValueError, match="estimates"):
        calibration.empirical_null(["a", "b"], [1, 1])
