"""Attainment: T-scores of the goals that people set."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.methods import attainment

SCORES = st.lists(st.integers(-2, 2), min_size=1, max_size=8)


def test_goals_met_as_expected_score_fifty_whatever_their_weights():
    assert attainment.t_score([0, 0, 0]) == 50
    assert attainment.t_score([0, 0], [3, 1]) == 50


def test_one_goal_met_better_than_expected_scores_sixty():
    assert attainment.t_score([1]) == pytest.approx(60)
    assert attainment.t_score([-2]) == pytest.approx(30)


def test_the_published_formula_by_hand():
    # Three goals weighted 2, 1, 1 and scored 1, 0, -1: 10 x 1 / sqrt(0.7 x 6 + 0.3 x 16).
    assert attainment.t_score([1, 0, -1], [2, 1, 1]) == pytest.approx(50 + 10 / math.sqrt(9))


@given(SCORES, st.randoms(), st.floats(0.01, 100))
def test_order_of_goals_and_scale_of_weights_do_not_matter_and_turning_scores_mirrors_at_fifty(scores, random, unit):
    weights = [float(1 + i) for i in range(len(scores))]
    pairs = list(zip(scores, weights, strict=True))
    random.shuffle(pairs)
    one = attainment.t_score(scores, weights)
    two = attainment.t_score([s for s, _ in pairs], [w * unit for _, w in pairs])
    assert two == pytest.approx(one)
    assert attainment.t_score([-s for s in scores], weights) == pytest.approx(100 - one)


@given(SCORES, st.integers(0, 7))
def test_a_better_goal_never_lowers_the_score(scores, at):
    at %= len(scores)
    better = scores.copy()
    better[at] = min(better[at] + 1, 2)
    assert attainment.t_score(better) >= attainment.t_score(scores)


def test_many_people_at_once_with_goals_missing():
    people = pd.DataFrame({"a": [1, 0, None], "b": [1, None, None]}, index=["p", "q", "r"])
    got = attainment.t_score(people)
    assert got["p"] == pytest.approx(attainment.t_score([1, 1])) and got["q"] == 50 and np.isnan(got["r"])
    assert attainment.t_score([[1, 1], [0, None]]).tolist() == pytest.approx(got[["p", "q"]].tolist())


@pytest.mark.parametrize(
    ("scores", "weights", "says"),
    [
        ([3], None, "from -2 to 2"),
        ([0.5], None, "whole number"),
        ([1], [0], "above zero"),
        ([1, 1], [1, 1, 1], "one for each goal"),
        (["good"], None, "numbers"),
        (pd.Series(["good"]), None, "numbers"),
        ([float("inf")], None, "from -2 to 2"),
        ([1], [float("inf")], "finite"),
    ],
)
def test_scores_off_the_scale_are_refused(scores, weights, says):
    with pytest.raises(ValueError, match=says):
        attainment.t_score(scores, weights)


def test_weights_are_matched_to_goals_by_name_and_not_by_place():
    scores = pd.DataFrame({"home": [1], "work": [0]})
    weights = pd.DataFrame({"work": [5], "home": [1]})
    by_hand = attainment.t_score([1, 0], [1, 5])
    assert attainment.t_score(scores, weights).item() == pytest.approx(by_hand)
    assert attainment.t_score(scores.loc[0], weights.loc[0]) == pytest.approx(by_hand)
    assert attainment.t_score(scores, weights.loc[0]).item() == pytest.approx(by_hand)
    for wrong in (weights.rename(columns={"work": "leisure"}), weights.loc[0].rename({"work": "leisure"})):
        with pytest.raises(ValueError, match="labelled differently"):
            attainment.t_score(scores, wrong)
    two = pd.DataFrame({"home": [1, 1], "work": [0, 0]}, index=["p", "q"])
    with pytest.raises(ValueError, match="labelled differently"):
        attainment.t_score(two, two.add(2).loc[["q", "p"]])


@pytest.mark.parametrize("unit", [1e-200, 1e-160, 1e160, 1e200])
def test_only_how_weights_compare_matters_however_large_or_small_they_are(unit):
    assert attainment.t_score([1, 0], [3 * unit, unit]) == pytest.approx(attainment.t_score([1, 0], [3, 1]))
