"""From long rows to cells: one row a group that starts together, one column a period.

People are nested in wards and providers; treating 1,150 people as 1,150 independent cases
gives false alarms in 25% of trials (simulated, correlation within a unit .1). So rows are averaged to the level at
which the pilot started (the cluster), keeping how many rows each cell holds.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..inputs import NOISE, plain

DID_NOT_VARY = "it did not vary: nothing can be estimated"
MOVED_ALIKE = "it did not vary between those compared, which moved alike in every period: nothing can be estimated"

NEVER_WORDS = frozenset({"", "never", "none", "nan", "nat", "<na>", "not applicable"})


@dataclass(frozen=True, kw_only=True)
class Panel:
    """R groups by T periods.

    `y` (R, T) float means of the outcome, NaN where no row was seen; `n` (R, T) rows behind each
    cell; `weight` (R,) mean rows a period; `start` (R,) int column at which the group started,
    T for never; `cluster` (R,) int; `cluster_names` (G,); `names` (R,); `times` (T,) sorted.
    """

    y: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    start: np.ndarray
    cluster: np.ndarray
    names: tuple[Any, ...]
    cluster_names: tuple[Any, ...]
    times: tuple[Any, ...]
    n_units: int
    n_rows: int
    rows_left_out: int
    started_before: int

    @property
    def observed(self) -> np.ndarray:
        """(R, T) bool: cells with at least one row."""
        return np.isfinite(self.y)

    @property
    def cluster_start(self) -> np.ndarray:
        """(G,) column at which each cluster started (its earliest group), T for never."""
        starts = np.full(len(self.cluster_names), len(self.times))
        np.minimum.at(starts, self.cluster, self.start)
        return starts

    @property
    def timing_is_by_cluster(self) -> bool:
        """True where every group of a cluster started together."""
        return bool(np.all(self.start == self.cluster_start[self.cluster]))


def is_flat(values: np.ndarray) -> bool:
    """True where all known values are one, as far as rounding lets it be told; also where there are none."""
    known = values[np.isfinite(values)]
    return len(known) == 0 or bool(np.ptp(known) <= NOISE * np.abs(known).max())


def moved_alike(y: np.ndarray) -> bool:
    """True where cells (R, T), NaN where unseen, are each a level of their row plus one of their column.

    Then no difference of differences is anything but 0, without any scatter by which to judge it. Rows seen once say
    nothing; False where fewer than two rows are seen twice.
    """
    seen = np.isfinite(y)
    often = seen.sum(axis=1) > 1
    if often.sum() < 2:
        return False
    y, seen = y[often], seen[often]
    row, column = np.full(y.shape[0], np.nan), np.full(y.shape[1], np.nan)
    while np.isnan(row).any():
        row[int(np.flatnonzero(np.isnan(row))[0])] = 0.0  # each part of the panel that shares no period has its own
        before = -1
        while (found := int(np.isfinite(row).sum() + np.isfinite(column).sum())) > before:
            before = found
            column = np.where(np.isnan(column), _first(y - row[:, None], axis=0), column)
            row = np.where(np.isnan(row), _first(y - column[None, :], axis=1), row)
    left = np.abs(y - row[:, None] - column[None, :])[seen]
    return bool(left.max() <= 8 * NOISE * np.abs(y[seen]).max())


def _first(values: np.ndarray, axis: int) -> np.ndarray:
    """The first known value along an axis; NaN where there is none."""
    at = np.argmax(np.isfinite(values), axis=axis)
    return np.take_along_axis(values, np.expand_dims(at, axis), axis=axis).squeeze(axis)


OPTIONAL = frozenset({"cluster", "exposure", "control"})


def require_columns(data: pd.DataFrame, **columns: str | None) -> None:
    """Raise ValueError naming each argument whose column is absent or there twice, and the columns there are."""
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data: a frame is needed, one row a unit and time, not {type(data).__name__}")
    for argument, column in columns.items():
        if column is None and argument in OPTIONAL:
            continue
        if not isinstance(column, Hashable) or column is None:
            raise ValueError(f"{argument}={column!r}: give the name of one column")
        if (data.columns == column).sum() > 1:
            raise ValueError(f"{argument}={column!r}: the data have this column more than once; rename one")
        if column not in data.columns:
            raise ValueError(
                f"{argument}={column!r}: the data have no such column; they have {', '.join(map(str, data.columns))}"
            )
    if len(data) == 0:
        raise ValueError("the data hold no rows: nothing can be estimated")


def is_never(value: Any) -> bool:
    """True for what counts as never started: missing, 0, infinity, or the word never."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, str):
        return value.strip().lower() in NEVER_WORDS
    if isinstance(value, (bool, np.bool_)):
        raise ValueError("first_treated holds true or false: it must hold the first period, or missing for never")
    if isinstance(value, (int, float, np.integer, np.floating)):
        return bool(np.isnan(value) or np.isinf(value) or value == 0)
    return bool(pd.isna(value))


def outcome_numbers(data: pd.DataFrame, outcome: str, argument: str = "outcome") -> np.ndarray:
    """The outcome (or another column of numbers) as floats; text is refused: a guess at "yes" would be a hidden rule."""
    column = data[outcome]
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    if not pd.api.types.is_numeric_dtype(column):
        raise ValueError(f"{argument}={outcome!r}: it must hold numbers (or true and false), not {column.dtype}")
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"{argument}={outcome!r}: it holds infinity; use missing for what is not known")
    return values


def start_column(values: pd.Series, times: np.ndarray) -> np.ndarray:
    """Column index at which each value starts: the first period at or after it; T for never."""
    out = np.full(len(values), len(times))
    for code, value in enumerate(values):
        if not is_never(value):
            try:
                if isinstance(value, str) and times.dtype != object:
                    # Else numpy would turn 7 into "7" and place "2013-14 Q1" among the words.
                    raise TypeError("text among numbers or dates")
                out[code] = int(np.searchsorted(times, value))
            except TypeError as wrong:
                raise ValueError(
                    f"the start {plain(value)} cannot be compared with the periods, such as {plain(times[0])}: "
                    "write both in the same form"
                ) from wrong
    return out


def _level(y: np.ndarray) -> bool:
    """True where each row of cells (R, T) stays at a level of its own."""
    return bool((np.nanmax(y, axis=1) - np.nanmin(y, axis=1) <= NOISE * np.nanmax(np.abs(y))).all())


def build(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    cluster: str | None = None,
) -> Panel:
    """Cells from long rows (one row a unit and period, or many people a unit and period).

    Groups are clusters where all of a cluster started together, else units. Raises ValueError
    where a column is absent, the outcome is no number or never varies, or a unit has two start dates.
    """
    require_columns(data, outcome=outcome, unit=unit, time=time, first_treated=first_treated, cluster=cluster)
    values = outcome_numbers(data, outcome)
    known = np.isfinite(values) & data[time].notna().to_numpy() & data[unit].notna().to_numpy()
    if cluster is not None:
        known &= data[cluster].notna().to_numpy()
    kept = data.loc[known]
    values = values[known]
    if len(kept) == 0:
        raise ValueError(f"no row has a known {outcome}, {unit} and {time}: nothing can be estimated")
    time_code, times = pd.factorize(kept[time], sort=True)
    times = np.asarray(times)
    start_code, starts = pd.factorize(kept[first_treated], use_na_sentinel=False)
    row_start = start_column(pd.Series(starts, dtype=object), times)[start_code]

    def varies_within(codes: np.ndarray) -> bool:
        low = np.full(codes.max() + 1, np.iinfo(int).max)
        high = np.full(codes.max() + 1, -1)
        np.minimum.at(low, codes, row_start)
        np.maximum.at(high, codes, row_start)
        return bool((low != high).any())

    unit_code, unit_names = pd.factorize(kept[unit], sort=True)
    if cluster is None:
        cluster_code, cluster_names = unit_code, unit_names
    else:
        cluster_code, cluster_names = pd.factorize(kept[cluster], sort=True)
    by_cluster = not varies_within(cluster_code)
    if not by_cluster and varies_within(unit_code):
        raise ValueError(
            f"first_treated={first_treated!r}: some {unit} has more than one start; "
            "give each unit one first period (or missing for never)"
        )
    group_code, group_names = (cluster_code, cluster_names) if by_cluster else (unit_code, unit_names)
    size = (len(group_names), len(times))
    cell = group_code * size[1] + time_code
    n = np.bincount(cell, minlength=size[0] * size[1]).astype(float).reshape(size)
    total = np.bincount(cell, weights=values, minlength=size[0] * size[1]).reshape(size)
    y = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    start = np.zeros(size[0], dtype=int)
    start[group_code] = row_start
    group_cluster = np.zeros(size[0], dtype=int)
    group_cluster[group_code] = cluster_code
    keep = start > 0
    if not keep.any():
        raise ValueError("every unit had started by the first period: there is no time before to compare with")
    often = (n > 0).sum(axis=1) > 1
    if is_flat(values) or (often.any() and _level(y[often])):
        raise ValueError(DID_NOT_VARY)
    group_cluster_kept, kept_clusters = pd.factorize(group_cluster[keep], sort=True)
    seen = (n > 0).sum(axis=1)
    return Panel(
        y=y[keep],
        n=n[keep],
        weight=(n.sum(axis=1) / np.maximum(seen, 1))[keep],
        start=start[keep],
        cluster=group_cluster_kept,
        names=tuple(np.asarray(group_names, dtype=object)[keep]),
        cluster_names=tuple(np.asarray(cluster_names, dtype=object)[kept_clusters]),
        times=tuple(times.tolist()),
        n_units=int(len(unit_names)),
        n_rows=int(len(kept)),
        rows_left_out=int(len(data) - len(kept)),
        started_before=int((~keep).sum()),
    )
