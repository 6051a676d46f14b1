"""What no method can be asked: each refusal names the parameter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import (
    attainment,
    calibration,
    control_chart,
    effects,
    funnel,
    gates,
    inequality,
    intervals,
    money,
    priorities,
    standardise,
    value,
)

NAN, INF = float("nan"), float("inf")
NUMBERS = {
    "text": ["a", "b", "c"],
    "a number below zero": [1, -1, 2],
    "infinity": [1, INF, 2],
    "too few": [1],
    "none": [],
    "a table": pd.DataFrame({"a": [1], "b": [2]}),
    "two dimensions": [[1, 2], [3, 4]],
    "missing": [1, None, 2],
    "a fraction": [0.5, 1, 2],
    "sound": [1, 2, 3],
}
CALLS = {
    "intervals.proportion, numerator": lambda v: intervals.proportion(v, [5, 5, 5]),
    "intervals.proportion, denominator": lambda v: intervals.proportion([1, 1, 1], v),
    "intervals.rate, events": lambda v: intervals.rate(v, [5, 5, 5]),
    "intervals.rate, exposure": lambda v: intervals.rate([1, 1, 1], v),
    "intervals.mean": lambda v: intervals.mean(v),
    "intervals.skewed_mean": lambda v: intervals.skewed_mean(v, draws=50),
    "standardise.direct, events": lambda v: standardise.direct(v, [10, 10, 10], [1, 1, 1]),
    "standardise.direct, population": lambda v: standardise.direct([1, 1, 1], v, [1, 1, 1]),
    "standardise.direct, standard": lambda v: standardise.direct([1, 1, 1], [10, 10, 10], v),
    "standardise.indirect, events": lambda v: standardise.indirect(v, [10, 10, 10], [1, 1, 1], [9, 9, 9]),
    "standardise.indirect, population": lambda v: standardise.indirect([1, 1, 1], v, [1, 1, 1], [9, 9, 9]),
    "standardise.indirect, reference events": lambda v: standardise.indirect([1, 1, 1], [9, 9, 9], v, [9, 9, 9]),
    "standardise.indirect, reference population": lambda v: standardise.indirect([1, 1, 1], [9, 9, 9], [1, 1, 1], v),
    "inequality.slope_index, values": lambda v: inequality.slope_index(v, [0.1, 0.1, 0.1], [10, 10, 10], draws=200),
    "inequality.slope_index, errors": lambda v: inequality.slope_index([1, 2, 3], v, [10, 10, 10], draws=200),
    "inequality.slope_index, population": lambda v: inequality.slope_index([1, 2, 3], [0.1, 0.1, 0.1], v, draws=200),
    "control_chart.xmr": lambda v: control_chart.xmr(v),
    "control_chart.xmr, target": lambda v: control_chart.xmr([3, 4, 5], target=v),
    "funnel.proportion, numerator": lambda v: funnel.proportion(v, [9, 9, 9]),
    "funnel.proportion, denominator": lambda v: funnel.proportion([1, 1, 1], v),
    "funnel.ratio, observed": lambda v: funnel.ratio(v, [2, 2, 2]),
    "funnel.ratio, expected": lambda v: funnel.ratio([1, 2, 3], v),
    "priorities.rank, scores": lambda v: priorities.rank(v, [1, 1]),
    "priorities.rank, weights": lambda v: priorities.rank(pd.DataFrame([[1, 2, 3], [3, 2, 1]]), v),
    "priorities.stability": lambda v: priorities.stability(v, draws=50),
    "attainment.t_score": lambda v: attainment.t_score(v),
    "attainment.t_score, weights": lambda v: attainment.t_score([0, 1, 2], v),
    "value.frontier, costs": lambda v: value.frontier(v, [1, 2, 3]),
    "value.frontier, effects": lambda v: value.frontier([1, 2, 3], v),
    "money.present_value": lambda v: money.present_value(v),
    "money.real_terms": lambda v: money.real_terms(pd.Series(v, dtype=object), "2014-15", "2015-16"),
}


@pytest.mark.parametrize("given", NUMBERS)
@pytest.mark.parametrize("call", CALLS)
def test_odd_numbers_are_answered_or_refused_in_words(call, given):
    try:
        CALLS[call](NUMBERS[given])
    except (ValueError, TypeError) as refusal:
        assert len(str(refusal)) > 10


SETTINGS = {
    "confidence": [0, 1, 95, -0.1, True, "most", None, NAN, 0.5],
    "per": [0, -1, INF, True, "many", None, 1000],
}
SET = {
    "confidence": [
        lambda c: intervals.proportion([1], [5], confidence=c),
        lambda c: intervals.rate([1], [5], confidence=c),
        lambda c: intervals.mean([1, 2, 3], confidence=c),
        lambda c: intervals.skewed_mean([1, 2, 3], confidence=c, draws=50),
        lambda c: standardise.direct([1, 2], [10, 10], [1, 1], confidence=c),
        lambda c: standardise.indirect([1, 2], [10, 10], [1, 1], [9, 9], confidence=c),
    ],
    "per": [
        lambda p: intervals.proportion([1], [5], per=p),
        lambda p: intervals.rate([1], [5], per=p),
        lambda p: standardise.direct([1, 2], [10, 10], [1, 1], per=p),
    ],
}


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, calls in SET.items() for at in range(len(calls))])
def test_a_setting_that_is_no_share_or_no_amount_is_refused_by_its_name(name, at):
    for given in SETTINGS[name]:
        sound = given in (0.5, 1000)
        try:
            SET[name][at](given)
        except ValueError as refusal:
            assert not sound and name in str(refusal)
        else:
            assert sound


@pytest.mark.parametrize("column", ["numerator", "target"])
def test_a_funnel_may_be_drawn_about_a_target(column):
    given = {"numerator": [1, 5, 9], "denominator": [10, 10, 20]}
    made = funnel.proportion(**given, target=0.4 if column == "target" else None)
    assert made.columns.size > 5
    assert funnel.ratio([3, 5, 9], [4, 4, 8], method="shmi").columns.size > 5


def test_options_that_are_named_twice_missing_or_unlike_are_refused():
    costs, gains = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 3.0]}), pd.DataFrame({"a": [1.0, 1.5], "b": [2.0, 2.5]})
    twice = pd.Series([1.0, 2.0], index=["a", "a"])
    value.compare(costs=costs, effects=gains, thresholds=[1, 2], reference="a")
    wrong = [
        lambda: value.frontier(twice, twice),
        lambda: value.frontier(pd.Series([1.0, NAN], index=["a", "b"]), pd.Series([1.0, 2.0], index=["a", "b"])),
        lambda: value.frontier(pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([1.0, NAN], index=["a", "b"])),
        lambda: value.frontier(pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([1.0, 2.0], index=["a", "c"])),
        lambda: value.compare(costs=costs, effects=gains, thresholds=[], reference="a"),
        lambda: value.compare(costs=costs, effects=gains, thresholds=[2, 1], reference="c"),
        lambda: value.compare(costs=costs, effects=gains.iloc[:1], thresholds=[1], reference="a"),
        lambda: value.compare(costs=costs.assign(b=NAN), effects=gains, thresholds=[1], reference="a"),
        lambda: value.compare(costs=costs, effects=gains.assign(b=INF), thresholds=[1], reference="a"),
        lambda: value.compare(costs="a", effects=gains, thresholds=[1], reference="a"),
    ]
    for call in wrong:
        with pytest.raises(ValueError, match=r".{12}"):
            call()


@pytest.mark.parametrize(
    ("estimate", "error"),
    [(NAN, 1.0), (1.0, NAN), (1.0, -0.1), ("one", 1.0), (1.0, None), (INF, 1.0), (1.0, 0.0), (0.0, 0.5)],
)
def test_an_estimate_beside_controls_needs_numbers(estimate, error):
    null = calibration.empirical_null([0.1, -0.2, 0.3, 0.0], [0.1, 0.2, 0.1, 0.2])
    for ask in (calibration.calibrated_p, calibration.calibrated_interval):
        try:
            ask(null, estimate, error)
        except ValueError as refusal:
            assert "a number is needed" in str(refusal)


class PilotFile:
    """As a pilot file's own part gives its gates."""

    def model_dump(self):
        return {"units": 4, "placebo_p": False}


def test_gates_may_come_from_a_pilot_file_or_a_mapping_and_from_nothing_else():
    assert gates.Gates.of(PilotFile()) == gates.Gates(units=4, placebo_p=None)
    for given in ("units", 4, ["units"]):
        with pytest.raises(ValueError, match="a mapping of names and numbers is needed"):
            gates.Gates.of(given)


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": NAN}, {"lower": None}, {"upper": None}, {"lower": None, "upper": None}, {"lower": 2.0}, {"upper": 0.5},
        {"lower": None, "upper": None, "withheld_because": "too few"}, {"lower": 1.0}, {"upper": 1.0}, {"draws": [1, 2]},
    ],
    ids=str,
)  # fmt: skip
def test_an_effect_cannot_contradict_itself(changes):
    given = {
        "estimand": "a change", "estimate": 1.0, "lower": 0.0, "upper": 2.0, "method": "made up", "draws": None,
        "diagnostics": {}, "smallest_p_possible": 0.0,
    }  # fmt: skip
    sound = "withheld_because" in changes or changes in ({"lower": 1.0}, {"upper": 1.0}, {"draws": [1, 2]})
    if sound:
        made = effects.Effect(**{**given, **changes})
        assert made.draws is None or made.draws.dtype == float
        assert made.no_effect == 0
        return
    with pytest.raises(ValueError, match=r"nothing could be estimated|both limits|neither|says why|do not bracket"):
        effects.Effect(**{**given, **changes})


@pytest.mark.parametrize("inference", ["auto", "jackknife", "permutation", "bootstrap", None])
def test_an_inference_that_is_not_known_is_refused(inference):
    rows = [(w, t, 5 if w < 4 else None, w + 0.1 * t) for w in range(10) for t in range(1, 9)]
    data = pd.DataFrame(rows, columns=["ward", "t", "first", "y"])
    known = inference in ("auto", "jackknife", "permutation")
    try:
        effects.staggered(data, outcome="y", unit="ward", time="t", first_treated="first", inference=inference)
    except ValueError as refusal:
        assert not known and "write auto, jackknife or permutation" in str(refusal)
    else:
        assert known


def test_savings_of_one_kind_add_up():
    savings = [
        money.Saving(what=f"s{n}", pence=100 * n, kind=kind)
        for n, kind in enumerate(("cashable", "avoided", "cashable"), 1)
    ]
    found = money.savings_by_kind(savings)
    assert found["cashable"] == 400 and found["avoided"] == 200


def test_a_chart_without_values_has_no_points():
    assert len(control_chart.xmr([])) == 0
    near = np.array([5, 5, 5, 5, 5, 9, 9, 1, 1, 9, 9.0])
    assert len(control_chart.xmr(near)) == 11
