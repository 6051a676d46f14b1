"""Rounding, and what an outsider knows of a number before it was rounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def nearest(values: npt.ArrayLike, base: int) -> Floats:
    """Each of n values to the nearest multiple of `base`, halves up; NaN stays NaN."""
    return np.floor(np.asarray(values, dtype=float) / base + 0.5) * base


def before_rounding(shown: npt.ArrayLike, base: int) -> tuple[Floats, Floats]:
    """The least and the greatest whole number that `nearest` turns into each shown value."""
    shown = np.asarray(shown, dtype=float)
    return shown - base // 2, shown + (base - 1) // 2


def significant(values: npt.ArrayLike, figures: int) -> Floats:
    """Each of n values to so many significant figures, halves away from zero; NaN stays NaN."""
    values = np.asarray(values, dtype=float)
    size = np.abs(values)
    known = np.isfinite(size) & (size > 0)
    exponent = np.zeros_like(size)
    exponent[known] = np.floor(np.log10(size[known])) - (figures - 1)
    # Dividing by a power of ten keeps whole numbers whole (multiplying by 10**-2 would not).
    up, down = 10.0 ** np.maximum(exponent, 0), 10.0 ** np.maximum(-exponent, 0)
    rounded = np.floor(size / up * down + 0.5 + 1e-9) / down * up
    return np.where(known, np.copysign(rounded, values), values)


def amount(values: npt.ArrayLike, figures: int, base: int) -> Floats:
    """Amounts to `figures` significant figures, and never finer than `base`.

    The second rule keeps a small amount (23 hours) from being shown exactly.
    """
    return nearest(np.round(significant(values, figures), 6), base)


def stepped_up(values: npt.ArrayLike) -> Floats:
    """Each amount up to the next of 1, 2, 5, 10, …: how far noise reaches is told so coarsely that nobody's amount can be
    worked back from it. Nothing stays nothing.

    >>> stepped_up([0, 130, 470, 500]).tolist()
    [0.0, 200.0, 500.0, 500.0]
    """
    size = np.asarray(values, dtype=float)
    base = 10.0 ** np.floor(np.log10(np.where(size > 0, size, 1.0)))
    steps = np.select([size <= base, size <= 2 * base, size <= 5 * base], [base, 2 * base, 5 * base], 10 * base)
    return np.where(size > 0, steps, 0.0)
