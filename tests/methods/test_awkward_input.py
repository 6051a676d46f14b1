"""Awkward input: each method of the public face answers rightly, or refuses and names what was wrong; it never warns."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import (
    attainment,
    control_chart,
    funnel,
    inequality,
    intervals,
    money,
    priorities,
    standardise,
    value,
)

NUMBERS = st.one_of(
    st.none(),
    st.integers(-3, 60),
    st.floats(1e-3, 60),
    st.sampled_from([float("nan"), float("inf"), -0.0, 1e-9, 1e9]),
)
COLUMN = st.one_of(
    st.lists(NUMBERS, max_size=6),
    st.integers(0, 40).map(lambda n: [n] * 3),
    st.sampled_from([None, 3, "3", "three", [], ["a", "b", "c"], [[1, 2], [3, 4]], pd.DataFrame({"a": [1, 2, 3]})]),
)
CALLS = {
    "intervals.proportion": (intervals.proportion, ("numerator", "denominator")),
    "intervals.rate": (intervals.rate, ("events", "exposure")),
    "intervals.mean": (intervals.mean, ("values",)),
    "standardise.direct": (standardise.direct, ("events", "population", "standard")),
    "standardise.indirect": (
        standardise.indirect,
        ("events", "population", "reference_events", "reference_population"),
    ),
    "inequality.slope_index": (
        lambda value, standard_error, population: inequality.slope_index(value, standard_error, population, draws=50),
        ("value", "standard_error", "population"),
    ),
    "control_chart.xmr": (control_chart.xmr, ("values",)),
    "funnel.proportion": (funnel.proportion, ("numerator", "denominator")),
    "funnel.ratio": (funnel.ratio, ("observed", "expected")),
    "value.frontier": (value.frontier, ("costs", "effects")),
    "attainment.t_score": (attainment.t_score, ("scores",)),
    "priorities.rank": (
        lambda weights: priorities.rank(pd.DataFrame({"a": [1, 2], "b": [2, 2]}), weights),
        ("weights",),
    ),
    "money.present_value": (money.present_value, ("flows",)),
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_is_given_there_is_an_answer_or_a_refusal_that_names_the_parameter(name, data):
    call, parameters = CALLS[name]
    columns = [data.draw(COLUMN, label=parameter) for parameter in parameters]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            answer = call(*columns)
        except ValueError as refusal:
            assert any(parameter in str(refusal) for parameter in parameters), refusal
            return
    frame = getattr(answer, "frame", answer)
    if isinstance(frame, pd.DataFrame) and "upper" in frame:
        known = frame.dropna(subset=["lower", "upper"])
        assert (known["lower"] <= known["upper"]).all()


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, float("nan"), None, "95%", True])
def test_a_confidence_that_is_no_share_is_refused_by_every_method_that_takes_one(confidence):
    for call in (
        lambda: intervals.proportion(1, 2, confidence),
        lambda: intervals.rate(1, 2, confidence),
        lambda: intervals.mean([1, 2], confidence),
        lambda: standardise.direct([1], [2], [3], confidence=confidence),  # too few events for a rate: still refused
        lambda: standardise.indirect([None], [2], [3], [4], confidence),
        lambda: inequality.slope_index([1, 2, 3], [1, 1, 1], [5, 5, 5], confidence),
    ):
        with pytest.raises(ValueError, match="confidence"):
            call()


@pytest.mark.parametrize("per", [0, -1, float("nan"), float("inf"), None, "1000", True])
def test_a_rate_per_nothing_is_refused_because_its_limits_would_change_places(per):
    for call in (
        lambda: intervals.proportion(1, 2, per=per),
        lambda: intervals.rate(1, 2, per=per),
        lambda: standardise.direct([9, 9], [20, 20], [1, 1], per),
    ):
        with pytest.raises(ValueError, match="per .*above zero"):
            call()


@pytest.mark.parametrize("draws", [0, -1, 1.5, None, "many", True, float("nan")])
def test_fewer_draws_than_one_are_refused(draws):
    for call in (
        lambda: inequality.slope_index([1, 2, 3], [1, 1, 1], [5, 5, 5], draws=draws),
        lambda: priorities.stability(pd.DataFrame({"a": [1, 2]}), draws),
    ):
        with pytest.raises(ValueError, match="draws .*1 or more"):
            call()
    assert len(priorities.stability(pd.DataFrame({"a": [1, 2]}), 1).frame) == 2


def test_values_all_alike_have_no_spread_whatever_rounding_would_make_of_it():
    same = [153.5 * 42.75416303979587] * 5
    assert intervals.mean(same).iloc[0].tolist() == [same[0]] * 3


def test_a_comparison_names_a_reference_or_threshold_it_does_not_hold():
    costs, effects = (
        pd.DataFrame({"now": [1.0, 2.0], "new": [3.0, 4.0]}),
        pd.DataFrame({"now": [1.0, 2], "new": [2.0, 4]}),
    )
    for wrong in ("dear", None, [[1, 2]], float("nan")):
        with pytest.raises(ValueError, match="thresholds"):
            value.compare(costs=costs, effects=effects, thresholds=wrong, reference="now")
    with pytest.raises(ValueError, match="reference"):
        value.compare(costs=costs, effects=effects, thresholds=[5], reference=["now"])
    with pytest.raises(ValueError, match="costs: numbers"):
        value.compare(costs=costs.astype(str) + "x", effects=effects, thresholds=[5], reference="now")


@pytest.mark.parametrize("scores", [[1, 2], 5, None, "high", {"home": 3}, [[1, 2], [3, 4]]])
def test_scores_that_are_no_table_of_options_and_criteria_are_refused(scores):
    for call in (lambda: priorities.rank(scores, [1, 1]), lambda: priorities.stability(scores)):
        with pytest.raises(ValueError, match="scores"):
            call()
    with pytest.raises(ValueError, match="infinite"):
        priorities.rank(pd.DataFrame({"a": [1.0, np.inf]}), [1])
    with pytest.raises(ValueError, match="weights"):
        priorities.rank(pd.DataFrame({"a": [1.0, 2.0]}), {"a": "much"})


@pytest.mark.parametrize("year", [None, "2", 0.5, -1, float("inf"), float("nan"), True])
def test_a_year_that_is_no_whole_number_is_refused(year):
    with pytest.raises(ValueError, match="years"):
        money.factors(year)


@pytest.mark.parametrize(
    "flows", [None, 5, "100", [[1]], ["a"], [float("inf")], {0: "a"}, {True: 1}, pd.DataFrame([1])]
)
def test_flows_that_are_no_row_of_amounts_are_refused(flows):
    with pytest.raises(ValueError, match="flows|whole years"):
        money.present_value(flows)


def test_a_table_is_no_amount():
    for wrong in (pd.DataFrame({"a": [1]}), {"a": 1}):
        with pytest.raises(ValueError, match="pence: one amount"):
            money.real_terms(wrong, "2014-15", "2022-23")
