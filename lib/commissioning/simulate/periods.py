"""Financial years and quarters of the made-up pilots, counted from 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from commissioning.simulate.draw import Ints

SHORTEST_QUARTER = 90  # days


def years(first: int, n: int) -> NDArray[np.object_]:
    """`2011-12` and the years after it."""
    return np.array([f"{y}-{(y + 1) % 100:02d}" for y in range(first, first + n)], dtype=object)


def quarters(first: int, n_years: int) -> NDArray[np.object_]:
    """`2011-12 Q1` and the quarters after it."""
    return np.array([f"{y} Q{q}" for y in years(first, n_years) for q in range(1, 5)], dtype=object)


def first_day(first: int, quarter: Ints) -> NDArray[np.datetime64]:
    """The first day of each quarter counted from 0 at April of `first`."""
    month = (first - 1970) * 12 + 3 + 3 * np.asarray(quarter)
    return month.astype("datetime64[M]").astype("datetime64[D]")


def first_of_month(first: int, month: Ints) -> NDArray[np.datetime64]:
    """The first day of each month counted from 0 at April of `first`."""
    return ((first - 1970) * 12 + 3 + np.asarray(month)).astype("datetime64[M]").astype("datetime64[D]")
