"""What an outsider can prove of each count: what rounding and policy tell, then bounds passed along the sums.

A bound is a whole number. Propagation visits every relation once a round: a variable can be no more than what
is left when all the others are as small as they may be. This is the bounds-consistency of constraint
programming (Apt 2003, Principles of Constraint Programming, chapter 6): sound always, and exact where the
relations form a tree, as tables of one headline total do. The linear programme in `attack` closes the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.rounding import Floats, before_rounding
from commissioning.disclosure.sums import A, C, D, N, Sums, U

# More people than any council has; finite, so that sums of bounds stay numbers.
NO_LIMIT = 1e9
_ROUNDS = 60

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Least and greatest possible value of each variable, and the relations that contradict the figures."""

    lower: Floats
    upper: Floats
    broken: Flags


def known_at_once(
    shown: Floats,
    policy: Policy,
    slack: int,
    granted: tuple[Floats, Floats] | None = None,
    moved: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Bounds that one row tells on its own.

    shown    5 × n: N, C, D, U, A as released, NaN where hidden (C always is: it is never printed)
    granted  two arrays of 5 × n: bounds that the outsider is granted to know besides, for the gate's margin
    moved    n: by how many people at most noise moved the counts of a row; 0 where a row has no noise
    Returns two arrays of 5 × n + slack.
    """
    least, most = before_rounding(shown, policy.round_to)
    known = ~np.isnan(shown)
    moved = np.zeros(shown.shape[1]) if moved is None else moved
    noisy = moved > 0
    lower = np.where(
        known, np.where(shown == 0, 0, np.maximum(least - moved, np.where(noisy, 0, policy.suppress_to + 1))), 0.0
    )
    upper = np.where(known, np.where(shown == 0, 0, most + moved), NO_LIMIT)
    # A shown numerator says that its complement needs no hiding either: it is nobody, or more than suppress_to.
    both = known[N] & known[D]
    rest_least, rest_most = np.maximum(lower[D] - upper[N], 0), upper[D] - lower[N]
    nobody = both & (rest_most <= policy.suppress_to) & ~noisy
    many = both & ~nobody & (rest_least >= 1) & ~noisy
    lower[C] = np.where(many, np.maximum(rest_least, policy.suppress_to + 1), lower[C])
    upper[C] = np.where(nobody, 0, np.where(both, rest_most, upper[C]))
    if granted is not None:
        lower, upper = np.maximum(lower, granted[0]), np.minimum(upper, granted[1])
    return (
        np.concatenate([lower.ravel(), np.zeros(slack)]),
        np.concatenate([upper.ravel(), np.full(slack, NO_LIMIT)]),
    )


def propagate(lower: Floats, upper: Floats, sums: Sums) -> Bounds:
    """Pass bounds along the relations until nothing moves.

    A relation that cannot hold (two runs saw different data) is set aside as broken, and nothing is concluded
    from it: a contradiction proves nothing.
    """
    broken = np.zeros(sums.lines, dtype=bool)
    while True:
        now_lower, now_upper, newly = _pass_along(lower, upper, sums.without(broken))
        if not newly.any():
            return Bounds(lower=now_lower, upper=now_upper, broken=broken)
        # What sets numerators aside sets the complements beside them aside too: both come of the same data.
        broken = broken | np.isin(sums.twin, sums.twin[newly])


def implied(lower: Floats, upper: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """For each entry of the relations, the bounds its own relation puts on its variable, given all the others."""
    up = sums.sign > 0
    small = np.where(up, lower[sums.variable], -upper[sums.variable])
    large = np.where(up, upper[sums.variable], -lower[sums.variable])
    least = np.bincount(sums.line, weights=small, minlength=sums.lines)
    most = np.bincount(sums.line, weights=large, minlength=sums.lines)
    low, high = -(most[sums.line] - large), -(least[sums.line] - small)
    return np.where(up, low, -high), np.where(up, high, -low)


def _pass_along(lower: Floats, upper: Floats, sums: Sums) -> tuple[Floats, Floats, Flags]:
    lower, upper = lower.copy(), upper.copy()
    broken = np.zeros(sums.lines, dtype=bool)
    for _ in range(_ROUNDS):
        low, high = implied(lower, upper, sums)
        wrong = (low > upper[sums.variable]) | (high < lower[sums.variable])
        if wrong.any():
            broken[np.unique(sums.line[wrong])] = True
            break
        before = lower.copy(), upper.copy()
        np.maximum.at(lower, sums.variable, low)
        np.minimum.at(upper, sums.variable, high)
        crossed = lower > upper
        if crossed.any():
            broken[np.unique(sums.line[crossed[sums.variable] & sums.between[sums.line]])] = True
            if not broken.any():
                broken[np.unique(sums.line[crossed[sums.variable]])] = True
            break
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            break
    return lower, upper, broken


__all__ = ["A", "Bounds", "C", "D", "N", "NO_LIMIT", "U", "implied", "known_at_once", "propagate"]
