"""Where one stands among many, and how far its rank may be chance (Goldstein & Spiegelhalter 1996, JRSS A 159)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 4_000
SEED = 20_260_101  # any: the same figures give the same ranks


@dataclass(frozen=True, kw_only=True)
class Rank:
    """Place of one among `of` (1 is the best), and the 95% range of places that its own and the others' chance leaves open."""

    place: int
    lower: int
    upper: int
    of: int


def rank_of(values: np.ndarray, sizes: np.ndarray, which: int, *, higher_is_better: bool = True) -> Rank:
    """The rank of one share (0 to 1) among shares (n,), each of so many people (n,).

    Each share is drawn again from what its people allow (a beta distribution with Jeffreys' prior), all together, and ranked; ties share
    the better place. Raises ValueError where a share is not one, a size is not positive, or there are fewer than two.
    """
    if len(values) < 2 or not ((values >= 0) & (values <= 1)).all() or not (sizes > 0).all():
        raise ValueError("shares from 0 to 1 of one person or more, two or more of them, are needed")
    rng = np.random.default_rng(SEED)
    yes = values * sizes
    drawn = rng.beta(yes + 0.5, sizes - yes + 0.5, (DRAWS, len(values)))
    sign = -1.0 if higher_is_better else 1.0
    places = (sign * drawn < sign * drawn[:, [which]]).sum(axis=1) + 1
    lower, upper = np.quantile(places, [0.025, 0.975], method="nearest")
    mine = int((sign * values < sign * values[which]).sum()) + 1
    return Rank(place=mine, lower=min(mine, int(lower)), upper=max(mine, int(upper)), of=len(values))
