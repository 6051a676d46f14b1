"""What every method answers where there is nothing to work with: one answer a case, whatever the size of the numbers.

No answer may rest on rounding: each case is asked at several sizes, and again with each number moved by its last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import (
    attainment,
    calibration,
    control_chart,
    effects,
    funnel,
    inequality,
    intervals,
    jumps,
    money,
    priorities,
    standardise,
    value,
)

NAN = float("nan")
SIZES = (1.0, 1e-9, 1e9, 153.5 * 42.75416303979587)


@dataclass(frozen=True)
class Panel:
    """Twelve places over ten periods; those before `first` start in period 6."""

    cell: Callable[[int, int], float]
    places: int = 12
    periods: int = 10
    starting: int = 6

    def frame(self, size: float, shaken: bool) -> pd.DataFrame:
        rows = [(p, t, self.cell(p, t) * size) for p in range(self.places) for t in range(1, self.periods + 1)]
        frame = pd.DataFrame(rows, columns=["place", "t", "y"])
        if shaken:  # by the last bit, up and down, as another processor would
            frame["y"] = np.nextafter(frame["y"], np.where(np.arange(len(frame)) % 2, np.inf, -np.inf))
        frame["on"] = frame["place"] < self.starting
        frame["first"] = np.where(frame["on"], 6.0, np.nan)
        return frame


PANELS = {
    "one constant": Panel(lambda p, t: 0.1),
    "a constant of each place": Panel(lambda p, t: 0.1 + p / 3),
    "a constant of each arm": Panel(lambda p, t: 0.3 if p < 6 else 0.7),
    "all places alike": Panel(lambda p, t: 0.1 + (t % 4) / 3),
}
ESTIMATORS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "staggered": lambda d: effects.staggered(d, outcome="y", unit="place", time="t", first_treated="first"),
    "imputation": lambda d: effects.staggered(
        d, outcome="y", unit="place", time="t", first_treated="first", method="imputation"
    ),
    "estimate only": lambda d: effects.staggered_estimate(
        d, outcome="y", unit="place", time="t", first_treated="first"
    ),
    "before and after": lambda d: effects.before_after(d, outcome="y", unit="place", time="t", treated="on", start=6),
    "synthetic": lambda d: effects.synthetic(
        d.assign(on=d["place"] == 0), outcome="y", unit="place", time="t", treated="on", start=6
    ),
}


@pytest.mark.parametrize("shaken", [False, True], ids=["exact", "shaken"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_did_not_vary_is_not_estimated(estimator, panel, size, shaken):
    with pytest.raises(ValueError, match="it did not vary"):
        ESTIMATORS[estimator](PANELS[panel].frame(size, shaken))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shaken", [False, True], ids=["exact", "shaken"])
@pytest.mark.parametrize("estimator", sorted(set(ESTIMATORS) - {"estimate only"}))
def test_a_change_without_any_scatter_has_its_size_as_both_limits(estimator, shaken, size):
    step = Panel(lambda p, t: 0.1 + (t % 4) / 3 + (0.5 if p < (1 if estimator == "synthetic" else 6) and t >= 6 else 0))
    found = ESTIMATORS[estimator](step.frame(size, shaken))
    assert found.estimate == pytest.approx(0.5 * size, rel=1e-9)
    if found.lower is not None:
        assert (found.lower, found.upper) == pytest.approx((found.estimate, found.estimate), rel=1e-9)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("points", [9, 30])
def test_one_series_on_its_own_line_has_its_step_as_both_limits_and_says_so(points, size):
    clock = np.arange(points)
    line = pd.DataFrame({"t": clock, "y": size * (0.1 + clock / 3 + 0.7 * (clock >= points // 2))})
    for shaken in (line, line.assign(y=np.nextafter(line["y"], np.where(clock % 2, np.inf, -np.inf)))):
        found = effects.interrupted(shaken, outcome="y", time="t", start=points // 2)
        assert found.lower == found.estimate == found.upper == pytest.approx(0.7 * size, rel=1e-6)
        assert "exactly" in found.diagnostics["warnings"][0]
        assert found.diagnostics["autocorrelation"] == 0
    flat = line.assign(y=np.nextafter(np.full(points, 0.1 * size), np.where(clock % 2, np.inf, -np.inf)))
    with pytest.raises(ValueError, match="it did not vary"):
        effects.interrupted(flat, outcome="y", time="t", start=points // 2)


def test_counts_that_lie_on_their_own_curve_decide_nothing_by_rounding():
    clock = np.arange(16)
    counts = pd.DataFrame({"t": clock, "y": np.where(clock >= 8, 400, 200)})
    found = effects.interrupted(counts, outcome="y", time="t", start=8, family="poisson")
    assert found.estimate == pytest.approx(2, rel=1e-6)
    assert found.diagnostics["autocorrelation"] == 0 and found.diagnostics["dispersion"] == 0
    assert "exactly" in found.diagnostics["warnings"][0]


LEAST = {
    "one place": (lambda: Panel(lambda p, t: p + t % 3, places=1, starting=1).frame(1, False), "nobody is left|everybody started"),
    "one period": (lambda: Panel(lambda p, t: float(p), periods=1).frame(1, False), "nobody started|stands (before|after) it"),
    "all missing": (lambda: Panel(lambda p, t: NAN).frame(1, False), "no row has a known"),
    "no rows": (lambda: Panel(lambda p, t: 1.0).frame(1, False).iloc[:0], "hold no rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEAST)
@pytest.mark.parametrize("estimator", ["staggered", "imputation", "estimate only"])
def test_too_little_to_compare_is_refused_in_words(estimator, case):
    made, says = LEAST[case]
    with pytest.raises(ValueError, match=says):
        ESTIMATORS[estimator](made())


def test_rows_given_twice_are_two_rows_of_their_cell_and_move_no_estimate():
    rng = np.random.default_rng(4)
    data = Panel(lambda p, t: float(rng.normal())).frame(1, False)
    for estimator in ("imputation", "before and after", "synthetic"):
        once, twice = ESTIMATORS[estimator](data), ESTIMATORS[estimator](pd.concat([data, data]))
        assert twice.estimate == pytest.approx(once.estimate, rel=1e-9)
    series = data[data["place"] == 0]
    with pytest.raises(ValueError, match="two rows"):
        effects.interrupted(pd.concat([series, series]), outcome="y", time="t", start=6)


@pytest.mark.parametrize("size", SIZES)
def test_people_picked_who_all_scored_alike_are_not_said_to_be_adjusted(size):
    """Picked people who all answered no before: nothing tells how far they would have come back, and 0 is no answer."""
    data = Panel(lambda p, t: 0.0 if t < 6 else float((p + t) % 2)).frame(size, False).assign(on=True)
    asked = {"outcome": "y", "unit": "place", "time": "t", "treated": "on", "start": 6}
    for how, says in (
        ({"chosen_share": 0.1}, "give population_mean and reliability"),
        ({"population_mean": size}, "give reliability"),
    ):
        with pytest.raises(ValueError, match=says):
            effects.before_after(data, **asked, **how)
    given = effects.before_after(data, **asked, population_mean=size, reliability=0.5)
    change = data[data["t"] >= 6]["y"].mean()
    assert given.estimate == pytest.approx(change - 0.5 * size, rel=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_a_shape_is_not_made_of_rounding(size):
    asked = {"outcome": "y", "unit": "place", "time": "t", "first_treated": "first", "minimum_worthwhile_effect": size}
    alike = Panel(lambda p, t: 0.1 + (t % 4) / 3)
    one, other = (calibration.shape_of(alike.frame(size, shaken), **asked) for shaken in (False, True))
    assert one.key() == other.key()
    with pytest.raises(ValueError, match="it did not vary"):
        calibration.shape_of(Panel(lambda p, t: 0.1).frame(size, True), **asked)


# --- statistics and money: (call, what it answers) ------------------------------------------------------------------------


def row(frame: Any) -> list[float]:
    found = getattr(frame, "frame", frame)
    return [float(one) for one in found[["value", "lower", "upper"]].iloc[0]]


STATED: dict[str, tuple[Callable[[], Any], Any]] = {
    "a mean of one constant": (lambda: row(intervals.mean([0.1] * 5)), [0.1, 0.1, 0.1]),
    "a mean of one value": (lambda: row(intervals.mean([0.1])), [0.1, NAN, NAN]),
    "a mean of nothing": (lambda: row(intervals.mean([None, None])), [NAN, NAN, NAN]),
    "a share of nobody": (lambda: row(intervals.proportion(0, 0)), [NAN, NAN, NAN]),
    "a share of which nothing is known": (lambda: row(intervals.proportion(None, 5)), [NAN, NAN, NAN]),
    "a rate over nothing": (lambda: row(intervals.rate(0, 0)), [NAN, NAN, NAN]),
    "a chart of one constant": (
        lambda: (control_chart.xmr([0.1] * 20).variation, set(control_chart.xmr([0.1] * 20)["rule"])),
        ("common_cause", {""}),
    ),
    "a chart of nothing": (lambda: control_chart.xmr([]).variation, None),
    "a chart of missing values": (lambda: control_chart.xmr([None] * 5).variation, None),
    "a funnel of places all alike": (lambda: funnel.proportion([5] * 6, [50] * 6)["outside_95"].any(), False),
    "a funnel of one place": (lambda: funnel.proportion([5], [50])["outside_95"].any(), False),
    "a funnel of nothing known": (lambda: funnel.proportion([None] * 3, [50] * 3)["value"].isna().all(), True),
    "groups all alike": (
        lambda: (inequality.slope_index([0.3] * 5, [0.1] * 5, [10] * 5, draws=50).sii, inequality.slope_index([0.3] * 5, [0.0] * 5, [10] * 5, draws=50).rii),
        (0.0, 1.0),
    ),
    "a jump from nothing": (lambda: list(jumps.jumps([0, None], [5, 5], 0.25)), [False, False]),
    "the present value of nothing": (lambda: float(money.present_value([])), 0.0),
    "prices of one year": (lambda: money.real_terms(100, "2014-15", "2014-15"), 100),
    "options that score alike": (
        lambda: list(priorities.rank(pd.DataFrame({"a": [2.0, 2.0]}, index=["x", "y"]), {"a": 1.0})["place"]),
        [1, 1],
    ),
    "goals all as expected": (lambda: attainment.t_score([0, 0, 0]), 50.0),
    "goals that nobody scored": (lambda: [attainment.t_score([])], [NAN]),
}  # fmt: skip


@pytest.mark.parametrize("case", STATED)
def test_nothing_to_work_with_has_a_stated_answer(case):
    ask, answer = STATED[case]
    found = ask()
    if isinstance(answer, list) and any(isinstance(one, float) for one in answer):
        np.testing.assert_allclose(found, answer, rtol=1e-12)
    elif isinstance(answer, tuple) and all(isinstance(one, float) for one in answer):
        assert found == pytest.approx(answer, rel=1e-12, abs=0)
    else:
        assert found == answer


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a standard of nobody": (lambda: standardise.direct([1, 1], [0, 0], [1, 1]), "nobody|population"),
    "an index of one group": (lambda: inequality.slope_index([0.3], [0.1], [10]), "three or more"),
    "an index with a hole": (lambda: inequality.slope_index([0.3, NAN, 0.2], [0.1] * 3, [10] * 3), "missing"),
    "a null of one control": (lambda: calibration.empirical_null([0.1], [0.1]), "two or more"),
    "a p without any spread": (
        lambda: calibration.calibrated_p(calibration.EmpiricalNull(mean=0, sd=0, n=3), 0.0, 0.0),
        "no spread",
    ),
    "two options, one of them unknown": (
        lambda: value.compare(
            costs=pd.DataFrame({"a": [1.0]}), effects=pd.DataFrame({"a": [1.0]}), thresholds=[1], reference="b"
        ),
        "reference|b",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_answer_is_refused_in_words(case):
    ask, says = REFUSED[case]
    with pytest.raises(ValueError, match=says):
        ask()


def test_options_that_cost_and_do_the_same_are_no_bargain_and_no_loss():
    same = pd.DataFrame({"before": [5.0] * 20, "after": [5.0] * 20})
    found = value.compare(costs=same, effects=same, thresholds=[100.0], reference="before")
    assert found.increments.loc["after", ["cost", "effect"]].tolist() == [0, 0]
    assert found.icer_withheld["after"] is not None


@pytest.mark.parametrize("level", [0.1, 1 / 3, 0.7, 1e-9, 153.5 * 42.75416303979587])
@pytest.mark.parametrize("points", [8, 20, 33])
def test_a_chart_of_one_constant_shows_no_special_cause_by_rounding(level, points):
    for values in (
        np.full(points, level),
        np.nextafter(np.full(points, level), np.where(np.arange(points) % 2, 1e9, -1e9)),
    ):
        chart = control_chart.xmr(values)
        assert chart.variation == "common_cause" and set(chart["rule"]) == {""}
