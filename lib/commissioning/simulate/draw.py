"""Seeded draws that give the same numbers on every machine and numpy version.

numpy promises a stable stream of bits for a seed, but may change how its distributions use them. So every
draw here starts from uniform numbers and goes through an inverse that this file spells out; the committed
sample stays equal byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
Size = int | tuple[int, ...]


class Draw:
    """Random numbers from one seed and one name; different names give independent streams."""

    def __init__(self, seed: int, name: str) -> None:
        words = np.frombuffer(name.encode("utf-8"), dtype=np.uint8).astype(int)
        self._bits = np.random.Generator(np.random.PCG64(np.random.SeedSequence([int(seed), *words.tolist()])))

    def uniform(self, size: Size) -> Floats:
        """Numbers from 0 up to but not including 1."""
        return self._bits.random(size)

    def normal(self, size: Size, sd: float | Floats = 1.0) -> Floats:
        """Normal numbers with mean 0. Rounded to 12 digits, below which two machines may differ."""
        return np.round(ndtri(np.clip(self.uniform(size), 1e-12, 1 - 1e-12)), 12) * sd

    def happens(self, chance: float | Floats, size: Size) -> NDArray[np.bool_]:
        """True with the given chance."""
        return self.uniform(size) < chance

    def whole(self, low: int, high: int, size: Size) -> Ints:
        """Whole numbers from `low` to `high`, both included."""
        return low + np.floor(self.uniform(size) * (high - low + 1)).astype(np.int64)

    def pick(self, words: Sequence[Any], size: Size, chances: Sequence[float] | None = None) -> NDArray[Any]:
        """One of `words` for each place, with `chances` (any positive weights) or evenly."""
        weights = np.ones(len(words)) if chances is None else np.asarray(chances, dtype=float)
        edges = np.cumsum(weights / weights.sum())
        at = np.minimum(np.searchsorted(edges, self.uniform(size), side="right"), len(words) - 1)
        return np.array(words, dtype=object)[at]

    def order(self, n: int) -> Ints:
        """The numbers 0 to n − 1, shuffled."""
        return np.argsort(self.uniform(n), kind="stable")

    def ids(self, prefix: str, n: int, digits: int = 6) -> NDArray[Any]:
        """n different ids of `digits` random digits, so that no digit says anything about its owner."""
        low, high = 10 ** (digits - 1), 10**digits - 1
        if n > (high - low) // 2:
            raise ValueError(f"{n} different ids do not fit in {digits} digits")
        found = np.empty(0, dtype=np.int64)
        while len(found) < n:
            more = np.concatenate([found, self.whole(low, high, 2 * n)])
            _, first = np.unique(more, return_index=True)
            found = more[np.sort(first)]
        return np.char.add(prefix, found[:n].astype(str)).astype(object)

    def wandering(self, series: int, periods: int, sd: float, autocorrelation: float) -> Floats:
        """Noise of `series` × `periods` that remembers itself: each value keeps a share of the one before."""
        fresh = self.normal((series, periods))
        out = np.empty_like(fresh)
        out[:, 0] = fresh[:, 0]
        for t in range(1, periods):
            out[:, t] = autocorrelation * out[:, t - 1] + np.sqrt(1 - autocorrelation**2) * fresh[:, t]
        return out * sd

    def lasting(self, size: Size, reach: float) -> Floats:
        """What makes one person differ from another, between −reach and reach, piled up at both ends.

        Bounded, so that base + person + effect stays a probability and an added effect keeps its full size.
        """
        return reach * np.sin(np.pi * (self.uniform(size) - 0.5))
