"""An attacker who proves: what can each hidden count be, given every figure that leaves and all that the definitions say of them?

One system of relations over all measures, breakdowns, years, quarters, groups and versions at once. Bounds are passed along it until
nothing moves; for the narrowest counts a linear programme over the whole system is solved. Nothing of the house is used here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, sparse

CELL = ["version", "measure", "group_kind", "group", "period"]
COUNTS = ("numerator", "complement", "denominator", "unknown", "not_applicable")
NO_LIMIT = 1e7
ROUNDS = 40

Term = tuple[int, str, float]  # row of the figures, count, times what
Relation = tuple[list[Term], float]  # the terms' sum is 0 and this much more at most (0: exactly; inf: 0 or more)


@dataclass(frozen=True, kw_only=True)
class System:
    """n figures as variables (count × row), their bounds as read, and the relations."""

    least: np.ndarray
    most: np.ndarray
    matrix: sparse.csr_array
    slack: np.ndarray


def place(row: int, count: str, n: int) -> int:
    return COUNTS.index(count) * n + row


def system(figures: pd.DataFrame, relations: Iterable[Relation], reach: float, base: int) -> System:
    """`figures`: one row a cell as released. `reach`: the most people by which noise moves a count, as the policy page says."""
    n = len(figures)
    least, most = np.zeros(len(COUNTS) * n), np.full(len(COUNTS) * n, NO_LIMIT)
    for count in (one for one in COUNTS if one != "complement"):
        shown = figures[count].to_numpy(dtype=float)
        at = place(0, count, n) + np.arange(n)
        known = np.isfinite(shown)
        wide = base // 2 + np.where(shown == 0, -(base // 2), reach)
        least[at[known]] = np.maximum(shown - wide, 0)[known]
        most[at[known]] = (shown + wide)[known]
    every = [([(row, "numerator", 1.0), (row, "complement", 1.0), (row, "denominator", -1.0)], 0.0) for row in range(n)]
    every += list(relations)
    line, column, sign, slack = [], [], [], []
    for at, (terms, more) in enumerate(every):
        for row, count, times in terms:
            line.append(at)
            column.append(place(row, count, n))
            sign.append(times)
        slack.append(more)
    shape = (len(every), len(least))
    return System(
        least=least, most=most, matrix=sparse.csr_array((sign, (line, column)), shape=shape), slack=np.array(slack)
    )


def passed_along(held: System) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of every variable after passing them along the relations until nothing moves."""
    least, most = held.least.copy(), held.most.copy()
    coo = held.matrix.tocoo()
    line, column, sign = coo.row, coo.col, coo.data
    for _ in range(ROUNDS):
        small = np.where(sign > 0, least[column], -most[column])
        large = np.where(sign > 0, most[column], -least[column])
        low_sum = np.bincount(line, weights=small, minlength=len(held.slack))
        high_sum = np.bincount(line, weights=large, minlength=len(held.slack))
        high = held.slack[line] - (low_sum[line] - small)  # the sum is at most its slack, and 0 at least
        low = 0.0 - (high_sum[line] - large)
        new_least, new_most = least.copy(), most.copy()
        np.maximum.at(new_least, column, np.where(sign > 0, low, -high))
        np.minimum.at(new_most, column, np.where(sign > 0, high, -low))
        if np.array_equal(new_least, least) and np.array_equal(new_most, most):
            break
        least, most = new_least, new_most
    return least, most


def by_programme(held: System, wanted: Iterable[int]) -> dict[int, tuple[float, float]]:
    """The least and the greatest value of some variables that all relations allow together (HiGHS)."""
    rows = optimize.LinearConstraint(held.matrix, 0.0, held.slack)
    limits = optimize.Bounds(held.least, held.most)
    found = {}
    for one in wanted:
        goal = np.zeros(len(held.least))
        goal[one] = 1.0
        ends = []
        for direction in (1.0, -1.0):
            answer = optimize.milp(direction * goal, constraints=rows, bounds=limits)
            ends.append(direction * answer.fun if answer.success else float("nan"))
        found[one] = (ends[0], ends[1])
    return found
