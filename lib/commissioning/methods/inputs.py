"""How methods read their input: numbers as float arrays, missing as NaN, refused where impossible."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NOISE = 1e-12  # of the largest value: what differs by less than this differs by rounding alone
Floats = NDArray[np.float64]


def columns(**given: Any) -> tuple[list[Floats], pd.Index]:
    """The inputs, by name, as float arrays of one length, missing as NaN, and the index for the answer."""
    indexes = [v.index for v in given.values() if isinstance(v, pd.Series)]
    for other in indexes[1:]:
        if not other.equals(indexes[0]):
            raise ValueError(f"{' and '.join(given)} are on different indexes; align them first")
    arrays: dict[str, Floats] = {}
    for name, value in given.items():
        if isinstance(value, pd.DataFrame):
            raise ValueError(f"{name}: one column of numbers is needed, not a table of {value.shape[1]}")
        try:
            arrays[name] = np.atleast_1d(_floats(value))
        except (TypeError, ValueError) as fault:
            raise ValueError(f"{name}: numbers are needed, not {type(value).__name__} of text") from fault
        if arrays[name].ndim != 1:
            raise ValueError(f"{name}: one column of numbers is needed, not {arrays[name].ndim} dimensions")
        refuse(np.isinf(arrays[name]), name, arrays[name], "is infinite")
    lengths = {len(a) for name, a in arrays.items() if np.ndim(given[name]) > 0} or {1}
    if len(lengths) > 1:
        found = ", ".join(f"{name} has {len(a)}" for name, a in arrays.items())
        raise ValueError(f"unequal lengths: {found}")
    n = lengths.pop()
    index = indexes[0] if indexes else pd.RangeIndex(n)
    return [np.broadcast_to(a, (n,)).astype(float) if len(a) != n else a for a in arrays.values()], index


def _floats(value: Any) -> Floats:
    if isinstance(value, pd.Series):
        return value.to_numpy(dtype=float, na_value=np.nan)
    if value is None or value is pd.NA:
        return np.array(np.nan)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return value.astype(float)
    if np.ndim(value) == 0:
        return np.array(float(value))
    return pd.array(list(value), dtype="Float64").to_numpy(dtype=float, na_value=np.nan)


def refuse(where: NDArray[np.bool_], name: str, column: Floats, why: str) -> None:
    if where.any():
        row = int(np.flatnonzero(where)[0])
        found = f"{column[row]:g}" if len(column) > row else f"{column[0]:g}"
        raise ValueError(f"{name}, row {row}: {found} {why}")


def plain(value: Any) -> str:
    """A value of the data as a person would write it: 10, not np.int64(10)."""
    return repr(value.item() if isinstance(value, np.generic) and value.dtype.kind != "M" else value)


def check_confidence(confidence: Any) -> float:
    """The confidence as a float; ValueError where it is no share between 0 and 1 (95 is not .95)."""
    if isinstance(confidence, bool) or not _is_number(confidence) or not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence!r}: write a share between 0 and 1, such as 0.95")
    return float(confidence)


def check_per(per: Any) -> float:
    """`per` as a float; ValueError where it is no finite amount above zero (below, limits would change places)."""
    if isinstance(per, bool) or not _is_number(per) or not 0 < per < math.inf:
        raise ValueError(f"per {per!r}: write an amount above zero, such as 1 or 100_000")
    return float(per)


def check_whole(name: str, value: Any, least: int) -> int:
    """A whole number of at least `least` as an int; ValueError, naming it, for anything else."""
    if isinstance(value, bool) or not _is_number(value) or not math.isfinite(value) or value != int(value):
        raise ValueError(f"{name} {value!r}: give a whole number, {least} or more")
    if value < least:
        raise ValueError(f"{name} {value!r}: give a whole number, {least} or more")
    return int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating))


class Framed:
    """A result that is a table with something beside it: `.frame` is the table, and columns are had by name.

    Subclasses are frozen dataclasses with a field `frame`.
    """

    frame: pd.DataFrame

    def __getitem__(self, name: Any) -> Any:
        return self.frame[name]

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: object) -> bool:
        return name in self.frame

    @property
    def columns(self) -> pd.Index:
        """Names of the columns."""
        return self.frame.columns

    @property
    def index(self) -> pd.Index:
        """Labels of the rows."""
        return self.frame.index

    @property
    def loc(self) -> Any:
        """Rows by label, as of a frame."""
        return self.frame.loc

    @property
    def iloc(self) -> Any:
        """Rows by place, as of a frame."""
        return self.frame.iloc
