"""Ranks of councils: what is certain is certain, what is chance is said to be."""

import numpy as np
import pytest

from commissioning.methods.ranks import rank_of


def test_shares_far_apart_of_many_people_have_one_place_each():
    values = np.array([0.1, 0.5, 0.9])
    sizes = np.full(3, 5_000.0)
    found = [rank_of(values, sizes, one) for one in range(3)]
    assert [(one.place, one.lower, one.upper) for one in found] == [(3, 3, 3), (2, 2, 2), (1, 1, 1)]


def test_where_fewer_is_better_the_lowest_is_first():
    assert rank_of(np.array([0.1, 0.9]), np.full(2, 900.0), 0, higher_is_better=False).place == 1


def test_councils_that_are_alike_may_stand_almost_anywhere():
    found = rank_of(np.full(100, 0.06), np.full(100, 500.0), 40)
    assert found.lower <= 5
    assert found.upper >= 95


def test_the_range_holds_the_true_place_in_about_19_of_20_trials():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        true = np.sort(rng.uniform(0.02, 0.12, 60))[::-1]
        sizes = rng.uniform(200, 900, 60)
        which = int(rng.integers(60))
        found = rank_of(rng.binomial(sizes.astype(int), true) / sizes.astype(int), sizes.astype(int), which)
        held += found.lower <= which + 1 <= found.upper
    assert held >= 180


def test_what_is_no_share_is_refused():
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        rank_of(np.array([0.1, 1.2]), np.full(2, 10.0), 0)
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        rank_of(np.array([0.1]), np.full(1, 10.0), 0)
