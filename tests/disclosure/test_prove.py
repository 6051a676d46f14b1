"""Bounds passed along sums: what they close in on, and that a contradiction between sums proves nothing."""

from __future__ import annotations

import numpy as np
import pytest

from commissioning import disclosure
from commissioning.disclosure.attack import by_programme
from commissioning.disclosure.prove import NO_LIMIT, Bounds, propagate
from commissioning.disclosure.sums import Sums, sums_of


def relations(*sums: dict[int, int], between: bool = True, variables: int = 5) -> Sums:
    """Relations between variables, each {variable: its sign}; every one adds up to nothing."""
    return Sums(
        line=np.array([line for line, one in enumerate(sums) for _ in one]),
        variable=np.array([variable for one in sums for variable in one]),
        sign=np.array([sign for one in sums for sign in one.values()]),
        between=np.full(len(sums), between),
        twin=np.arange(len(sums)),
        rows=variables // 5,
        slack=variables % 5,
        lines=len(sums),
    )


def known(**values: float) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of variables x0 … x4: a number is known exactly, and all others are open."""
    lower, upper = np.zeros(5), np.full(5, NO_LIMIT)
    for name, value in values.items():
        lower[int(name[1:])] = upper[int(name[1:])] = value
    return lower, upper


def test_what_is_left_of_a_total_is_found_through_two_sums():
    bounds = propagate(*known(x0=10, x1=4, x3=1), relations({1: 1, 2: 1, 0: -1}, {3: 1, 4: 1, 2: -1}))
    assert (bounds.lower[2], bounds.upper[2]) == (6, 6)
    assert (bounds.lower[4], bounds.upper[4]) == (5, 5)
    assert not bounds.broken.any()


@pytest.mark.parametrize("between", [True, False])
def test_two_sums_that_say_different_things_of_one_count_are_both_set_aside(between):
    # x2 = x0 = 10 by the one, x2 = x1 = 4 by the other: neither is impossible by itself.
    bounds = propagate(*known(x0=10, x1=4), relations({2: 1, 0: -1}, {2: 1, 1: -1}, between=between))
    assert bounds.broken.tolist() == [True, True]
    assert bounds.lower[2] <= 4 and bounds.upper[2] >= 10


def test_sums_that_chase_each_other_without_end_are_left_after_some_rounds():
    # x0 = x1 + 1 and x0 = x1: every round moves both lower bounds by one.
    bounds = propagate(*known(x2=1), relations({0: 1, 1: -1, 2: -1}, {0: 1, 1: -1}))
    assert 0 < bounds.lower[0] < 1_000


def test_a_count_in_no_sum_that_still_holds_keeps_the_bounds_of_its_own_row():
    sums = relations({0: 1, 1: -1})
    bounds = Bounds(lower=np.zeros(5), upper=np.full(5, 9.0), broken=np.array([True]))
    assert [bound.tolist() for bound in by_programme(np.array([0]), bounds, sums)] == [[0], [9]]


def test_members_of_merged_providers_stand_in_their_own_sum_and_not_in_that_of_all(with_total):
    parts = {"a": (6, 14), "b": (7, 14), "c": (40, 80), "d": (30, 60)}
    figures = disclosure.release(with_total(parts, kind="provider")).figures.reset_index(drop=True)
    sums, group = sums_of(figures), figures["group"].tolist()
    numerators = sums.variable < len(figures)
    found = {frozenset(group[row] for row in sums.variable[numerators & (sums.line == n)]) for n in range(sums.lines)}
    assert {"all", "smaller providers together", "c", "d"} in found
    assert {"smaller providers together", "a", "b"} in found
