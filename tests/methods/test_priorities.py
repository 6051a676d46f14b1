"""Priorities: the order under agreed weights, and over all weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import priorities

SCORES = pd.DataFrame(
    {"said": [4, 5, 4, 3], "gap": [5, 3, 3, 2], "cost": [3, 2, 4, 5]},
    index=["work", "home", "days", "advocacy"],
)


def test_options_are_ordered_by_their_weighted_mean():
    got = priorities.rank(SCORES, {"said": 3, "gap": 3, "cost": 2})
    assert got.loc["work", "score"] == pytest.approx((12 + 15 + 6) / 8)
    assert got.index[0] == "work" and got["place"].tolist() == [1, 2, 3, 4]
    pd.testing.assert_frame_equal(priorities.rank(SCORES.T.to_dict(), [3, 3, 2]), got)


def test_equal_scores_share_the_better_place():
    got = priorities.rank(pd.DataFrame({"a": [1, 1, 0]}, index=["x", "y", "z"]), [1])
    assert got["place"].tolist() == [1, 1, 3]


def test_an_option_not_scored_on_everything_has_no_place_rather_than_the_last():
    scores = SCORES.astype("Float64")
    scores.loc["home", "cost"] = pd.NA
    got = priorities.rank(scores, [1, 1, 1])
    assert pd.isna(got.loc["home", "place"]) and got.loc["home", "missing"] == "cost"
    assert got.index[-1] == "home" and got["place"].dropna().tolist() == [1, 2, 3]
    assert "home" not in priorities.stability(scores).frame.index


def test_an_option_better_on_everything_comes_first_under_all_weights():
    scores = pd.DataFrame({"a": [5, 1, 4], "b": [5, 3, 1]}, index=["best", "x", "y"])
    got = priorities.stability(scores, draws=2000)
    assert got.frame.loc["best", "first"] == 1 and got.frame.loc["best", "worst_place"] == 1
    assert got.frame.loc["x", "dominated_by"] == "best" and got.frame.loc["best", "dominated_by"] is None


def test_two_options_that_mirror_each_other_come_first_half_the_time():
    scores = pd.DataFrame({"a": [1, 0], "b": [0, 1]}, index=["x", "y"])
    got = priorities.stability(scores).frame
    assert got["first"].tolist() == pytest.approx([0.5, 0.5], abs=0.02)
    assert got["best_place"].tolist() == [1, 1] and got["worst_place"].tolist() == [2, 2]


def test_a_known_share_of_all_weights():
    # x beats y where 2w > 1 - w, which holds for two thirds of all weights.
    scores = pd.DataFrame({"a": [2, 0], "b": [0, 1]}, index=["x", "y"])
    assert priorities.stability(scores).frame.loc["x", "first"] == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ({"said": 1}, "no weight for"),
        ({"said": 1, "gap": 1, "cost": 1, "luck": 1}, "luck"),
        ([1, 1], "3 are needed"),
        ([0, 0, 0], "not all are zero"),
        ([1, -1, 1], "zero or more"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, says):
    with pytest.raises(ValueError, match=says):
        priorities.rank(SCORES, weights)


def test_words_for_scores_are_refused():
    with pytest.raises(ValueError, match="number"):
        priorities.rank(SCORES.astype(object).replace(5, "high"), [1, 1, 1])
    with pytest.raises(ValueError, match="twice"):
        priorities.rank(pd.concat([SCORES, SCORES]), [1, 1, 1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=6), st.randoms())
def test_shares_add_up_and_the_order_of_rows_and_columns_changes_nothing(rows, random):
    scores = pd.DataFrame(rows, columns=["a", "b", "c"], index=[f"option {i}" for i in range(len(rows))])
    got = priorities.stability(scores, draws=300)
    assert got.frame["first"].sum() == pytest.approx(1)
    np.testing.assert_allclose(got.places.sum(axis=1), 1)
    places = list(scores.index)
    random.shuffle(places)
    again = priorities.stability(scores.loc[places, ["c", "a", "b"]], draws=300)
    pd.testing.assert_frame_equal(again.places.loc[scores.index], got.places)
    weights = {"a": 1, "b": 2, "c": 3}
    one = priorities.rank(scores, weights)
    pd.testing.assert_frame_equal(priorities.rank(scores, {k: 10 * v for k, v in weights.items()}), one)
    assert (one["score"].diff().dropna() <= 1e-9).all()
