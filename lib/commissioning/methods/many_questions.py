"""Several outcomes asked of one pilot: how small each p-value must be, so that the whole makes no false claim.

Holm (1979, Scandinavian Journal of Statistics) for the primary outcomes; Benjamini & Hochberg (1995, JRSS B) for the rest. Written out,
a line each: statsmodels' `multipletests` collects all garbage at every call, which takes longer than an estimate; a test holds both alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np


def adjusted(p_values: Mapping[str, float], primary: Collection[str]) -> dict[str, float]:
    """Outcome → its p-value as it stands among all that were asked; those without one are in no family."""
    found: dict[str, float] = {}
    for make, names in (
        (_holm, [one for one in p_values if one in primary]),
        (_false_discovery, [one for one in p_values if one not in primary]),
    ):
        order = sorted(names, key=lambda one: p_values[one])
        made = make(np.array([p_values[one] for one in order]))
        found |= dict(zip(order, map(float, np.minimum(made, 1.0)), strict=True))
    return found


def _holm(p: np.ndarray) -> np.ndarray:
    """Of p-values in order: each times how many are as large or larger, never falling."""
    return np.maximum.accumulate(p * np.arange(len(p), 0, -1))


def _false_discovery(p: np.ndarray) -> np.ndarray:
    """Of p-values in order: each times how many there are over its place, never above that of a larger one."""
    return np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
