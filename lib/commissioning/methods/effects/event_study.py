"""The change by the time since starting, each place beside those that had not started by then.

Of a place g that started in s, and e periods later: Y[g, s+e] less the mean of its periods before s, less the mean of the same
difference over the places that had not started by s+e. Before the start (e < 0) a period is set beside the others before it. The
estimate of e is the mean over the places that started, weighed by size. As in the estimator of Borusyak, Jaravel and Spiess (2024)
every period before the start is the base, which is more precise than the last one alone. Limits by leaving one place out at a time
(jackknife), with Student's t.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

FEWEST = 5  # places on either side, below which no limits are given: as in `staggered`
COLUMNS = ("periods_since", "estimate", "lower", "upper", "places")


def event_study(data: pd.DataFrame) -> pd.DataFrame:
    """One row a number of periods since the start: periods_since, estimate, lower, upper, places (how many started ones it is of).

    `data`: one row a place and period with `place`, `period` (whole numbers, neighbours differ by one), `value`, `first` (the
    period of the start; missing for never) and `size`. Places and periods may be missing. Limits are missing where fewer than five
    places stand on either side. Empty where nothing can be compared.
    """
    seen = _seen(data)
    since = sorted({int(t - s) for s in seen.first[np.isfinite(seen.first)] for t in seen.times})
    rows = []
    for e in since:
        estimate, places = _at(seen, e)
        if np.isfinite(estimate):
            enough = places >= FEWEST and int(np.isnan(seen.first).sum()) >= FEWEST
            limits = _limits(estimate, [_at(one, e)[0] for one in seen.each_left_out()]) if enough else (np.nan, np.nan)
            rows.append((e, estimate, *limits, places))
    return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True, kw_only=True)
class Overall:
    """The mean change from the start on, each period weighed by its places, with limits as in `event_study`; and the lowest and the
    highest of it with any one place left out. All missing where nothing can be compared."""

    estimate: float
    lower: float
    upper: float
    lowest: float
    highest: float


def overall(data: pd.DataFrame, *, start_counts: bool = True, never_only: bool = False) -> Overall:
    """The change from the start on, of rows as `event_study` takes them. `start_counts` False leaves the period of the start out;
    `never_only` compares with places that never started alone."""
    seen = _seen(data)
    estimate = _mean(seen, start_counts, never_only)
    without = [_mean(one, start_counts, never_only) for one in seen.each_left_out()]
    known = [one for one in without if np.isfinite(one)]
    sides = (int(np.isfinite(seen.first).sum()), int(np.isnan(seen.first).sum()))
    limits = _limits(estimate, without) if min(sides) >= FEWEST else (np.nan, np.nan)
    low, high = (min(known), max(known)) if known else (np.nan, np.nan)
    return Overall(estimate=estimate, lower=limits[0], upper=limits[1], lowest=low, highest=high)


@dataclass(frozen=True)
class _Seen:
    """n places in T periods: values (n, T), the periods (T,), the period of each start (n,; missing for never) and sizes (n,)."""

    y: np.ndarray
    times: np.ndarray
    first: np.ndarray
    size: np.ndarray

    def each_left_out(self) -> Iterator[_Seen]:
        for i in range(len(self.y)):
            yield _Seen(np.delete(self.y, i, 0), self.times, np.delete(self.first, i), np.delete(self.size, i))


def _seen(data: pd.DataFrame) -> _Seen:
    values = data.pivot(index="place", columns="period", values="value")
    of_place = data.groupby("place")
    first, size = of_place["first"].first().reindex(values.index), of_place["size"].mean().reindex(values.index)
    return _Seen(
        values.to_numpy(dtype=float),
        values.columns.to_numpy(dtype=int),
        first.to_numpy(dtype=float),
        size.to_numpy(dtype=float),
    )


def _mean(seen: _Seen, start_counts: bool, never_only: bool) -> float:
    began = seen.first[np.isfinite(seen.first)]
    last = int(max((seen.times.max() - one for one in began), default=-1))
    found = [_at(seen, e, never_only) for e in range(0 if start_counts else 1, last + 1)]
    known = [(estimate, places) for estimate, places in found if np.isfinite(estimate)]
    return (
        float(np.average([one for one, _ in known], weights=[places for _, places in known])) if known else float("nan")
    )


def _at(seen: _Seen, e: int, never_only: bool = False) -> tuple[float, int]:
    """The estimate of one number of periods since the start, and of how many places that started it is."""
    y, times, first, size = seen.y, seen.times, seen.first, seen.size
    total, weight, places = 0.0, 0.0, 0
    for s in sorted(set(first[np.isfinite(first)])):
        now, base = times == s + e, (times < s) & (times != s + e)
        if not now.any() or not base.any():
            continue
        known = np.isfinite(y[:, base])
        sums = np.where(known, y[:, base], 0.0).sum(axis=1)
        before = np.divide(sums, known.sum(axis=1), out=np.full(len(y), np.nan), where=known.any(axis=1))
        change = y[:, now][:, 0] - before
        began = (first == s) & np.isfinite(change)
        waits = np.isnan(first) if never_only else np.isnan(first) | (first > max(s + e, s))
        waits = waits & np.isfinite(change)
        if not began.any() or not waits.any():
            continue
        apart = float(np.average(change[waits], weights=size[waits]))
        total += float(np.sum(size[began] * (change[began] - apart)))
        weight += float(np.sum(size[began]))
        places += int(began.sum())
    return (total / weight, places) if weight > 0 else (float("nan"), 0)


def _limits(estimate: float, each_left_out: Sequence[float]) -> tuple[float, float]:
    without = np.array([one for one in each_left_out if np.isfinite(one)])
    spread = float(np.sqrt((len(without) - 1) / len(without) * np.sum((without - without.mean()) ** 2)))
    half = float(stats.t.ppf(0.975, len(without) - 1)) * spread
    return estimate - half, estimate + half
