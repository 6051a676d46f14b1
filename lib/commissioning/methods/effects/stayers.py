"""The effect on people who were there before: each set beside themselves, in the place where they were.

Who comes, who leaves and who moves in cannot make it: a person's own level is taken off, and somebody who was not seen in the
place before it started is in it only as far as the quarters' levels go, and not at all where the place has started.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inference import left_out_limits


@dataclass(frozen=True, kw_only=True)
class WithinPeople:
    """Estimate and standard error (None where no cluster can be left out) in the outcome's units; `share` of the rows after a
    start that people seen before it gave."""

    estimate: float
    error: float | None
    share: float


def within_people(
    values: np.ndarray, person: np.ndarray, place: np.ndarray, period: np.ndarray, start: np.ndarray
) -> WithinPeople | None:
    """Imputation with a level for each person in each place and for each period (Borusyak, Jaravel & Spiess 2024, REStud).

    `values` (n,), `person`, `place`, `period` (n,) codes from 0; `start` (places,) the period in which each starts, beyond the last
    for never. Rows after a start are set against the level of the same person in the same place before it and what the periods
    made elsewhere; limits by leaving out one place at a time. None where nobody is seen on both sides, or nobody to compare with.
    """
    periods = int(period.max(initial=-1)) + 1
    before = period < start[place]
    _, who = np.unique(place.astype(np.int64) * (int(person.max(initial=0)) + 1) + person, return_inverse=True)
    many, places = int(who.max(initial=-1)) + 1, len(start)
    seen = np.bincount(who[before], minlength=many)
    level = np.bincount(who[before], weights=values[before], minlength=many) / np.maximum(seen, 1)
    at = _counts(who[before], period[before], many, periods)
    home = np.zeros(many, dtype=int)
    home[who] = place
    share = at / np.maximum(seen, 1)[:, None]
    # Normal equations of the periods' levels, place by place, so that leaving one out is a subtraction.
    gram = np.zeros((places, periods, periods))
    right = _counts(place[before], period[before], places, periods, values[before] - level[who[before]])
    for one in range(places):
        mine, counts = share[home == one], at[home == one]
        gram[one] = np.diag(counts.sum(axis=0)) - counts.T @ mine
    after = ~before & (seen[who] > 0)
    rows = np.bincount(place[after], minlength=places).astype(float)
    total = np.bincount(place[after], weights=values[after] - level[who[after]], minlength=places)
    late = np.bincount(who[after], minlength=many)
    moved = _counts(place[after], period[after], places, periods)
    for one in range(places):
        moved[one] -= late[home == one] @ share[home == one]

    def estimate(keep: np.ndarray) -> float:
        counted = rows[keep].sum()
        if counted == 0:
            return np.nan
        whole, lacking = gram[keep].sum(axis=0), moved[keep].sum(axis=0)
        reached = np.linalg.pinv(whole, hermitian=True, rcond=1e-10) @ right[keep].sum(axis=0)
        return float((total[keep].sum() - lacking @ reached) / counted)

    every = np.arange(places)
    found = estimate(every)
    if not np.isfinite(found) or not (before & (start[place] >= periods)).any() and len(np.unique(start)) < 2:
        return None
    left = np.array([estimate(every != one) for one in every])
    error = None
    if places >= 3 and np.isfinite(left).all():
        error = left_out_limits(found, left - left.mean(), 0.95).error
    return WithinPeople(estimate=found, error=error, share=float(rows.sum() / max(int((~before).sum()), 1)))


def _counts(row: np.ndarray, column: np.ndarray, rows: int, columns: int, of: np.ndarray | None = None) -> np.ndarray:
    """(rows, columns) how many there are of each, or the sum `of` them."""
    return (
        np.bincount(row * columns + column, weights=of, minlength=rows * columns).reshape(rows, columns).astype(float)
    )
