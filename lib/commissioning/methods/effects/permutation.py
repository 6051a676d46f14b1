"""Tests that shuffle which groups started: exact however few groups there are.

With one treated unit of 10 a clustered standard error finds "an effect" in 47% of trials where
there is none. Shuffling who started cannot do that: under no effect every
assignment was equally likely, so the p-value is right by construction (Fisher 1935; Conley &
Taber 2011; MacKinnon & Webb 2020 for few treated clusters). Its price is a floor: with N
assignments no p-value is below 1/N.
"""

from __future__ import annotations

from math import comb

import numpy as np

EXACT_UP_TO = 2_000


def count_assignments(start: np.ndarray) -> int:
    """Number of different ways the same starts could have fallen on the same clusters."""
    left, total = len(start), 1
    for size in np.unique(start, return_counts=True)[1]:
        total *= comb(left, int(size))
        left -= int(size)
    return total


def _all_assignments(start: np.ndarray) -> list[tuple[int, ...]]:
    """Each different assignment once (multiset permutations, by recursion over the positions)."""
    values, counts = np.unique(start, return_counts=True)
    out: list[tuple[int, ...]] = []
    remaining = counts.copy()
    current: list[int] = []

    def place() -> None:
        if len(current) == len(start):
            out.append(tuple(current))
            return
        for i, value in enumerate(values):
            if remaining[i]:
                remaining[i] -= 1
                current.append(int(value))
                place()
                current.pop()
                remaining[i] += 1

    place()
    return out


def assignments(start: np.ndarray, *, draws: int = 999, seed: int = 0) -> tuple[np.ndarray, float]:
    """Starts (P, G) to try, the observed one first, and the smallest p-value they allow.

    All of them where there are at most 2,000; otherwise the observed and `draws` random ones
    (Phipson & Smyth 2010: the observed one counts, so p is never zero).
    """
    start = np.asarray(start)
    if count_assignments(start) <= EXACT_UP_TO:
        every = np.array(_all_assignments(start))
        same = (every == start).all(axis=1)
        table = np.vstack([start, every[~same]])
    else:
        rng = np.random.default_rng(seed)
        table = np.vstack([start, rng.permuted(np.tile(start, (draws, 1)), axis=1)])
    return table, 1.0 / len(table)


def p_value(estimates: np.ndarray) -> float:
    """Two-sided p from estimates (P,), the observed one first: the share at least as far from zero."""
    size = np.abs(estimates[np.isfinite(estimates)])
    return float(np.mean(size >= size[0] * (1 - 1e-9)))


def invert(estimates: np.ndarray, response: np.ndarray, confidence: float = 0.95) -> tuple[float, float] | None:
    """The constant effects the test does not reject, as (lower, upper); None where it has no bound.

    `estimates` (P,) under each assignment; `response` (P,) what each would show of an effect of 1
    in the groups that really started (1 for the observed assignment).
    """
    finite = np.isfinite(estimates)
    lower, upper = invert_many(estimates[finite][:, None], response[finite], confidence)
    limits = float(lower[0]), float(upper[0])
    return limits if np.isfinite(limits).all() else None


def invert_many(estimates: np.ndarray, response: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Limits (D,), (D,) for estimates (P, D), infinite where there is no bound.

    An effect c is kept while more than 1 − confidence of assignments have |e_p − c·r_p| ≥ |e_0 − c|.
    For |r_p| ≤ 1 that holds exactly between the roots (e_0 − e_p)/(1 − r_p) and
    (e_0 + e_p)/(1 + r_p), so the limits are order statistics of the roots: no search, no grid.
    """
    total, many = estimates.shape
    # The observed assignment always counts as one: `needed` others keep an effect in the interval.
    needed = int(np.floor((1 - confidence) * total + 1e-9))
    if needed < 1 or needed > total - 1:
        return np.full(many, -np.inf), np.full(many, np.inf)
    e0, e = estimates[0], estimates[1:]
    r = np.clip(response[1:], -1.0, 1.0)[:, None]
    away, toward = np.where(1 - r < 1e-9, 0.0, 1 - r), np.where(1 + r < 1e-9, 0.0, 1 + r)
    tiny = 1e-9 * np.abs(estimates).max(axis=0)
    below, above = e0 - e, e0 + e
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(np.abs(below) <= tiny, 0.0, below) / away
        second = np.where(np.abs(above) <= tiny, 0.0, above) / toward
    always = np.isnan(first) | np.isnan(second)  # that assignment is as far out whatever the effect
    low = np.where(always, -np.inf, np.minimum(np.minimum(first, second), e0))
    high = np.where(always, np.inf, np.maximum(np.maximum(first, second), e0))
    lower = np.partition(low, needed - 1, axis=0)[needed - 1]
    upper = np.partition(high, total - 1 - needed, axis=0)[total - 1 - needed]
    return lower, upper
