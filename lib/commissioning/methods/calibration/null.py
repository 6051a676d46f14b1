"""Negative controls: how far do outcomes move that the pilot cannot move?

Schuemie, Ryan, DuMouchel, Suchard & Madigan (2014, Statistics in Medicine 33:209–218); R package
EmpiricalCalibration. Estimates are on a scale where 0 is no effect (log for ratios).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class EmpiricalNull:
    """What bias looks like: normal with `mean` and `sd`, fitted to `n` negative controls."""

    mean: float
    sd: float
    n: int


def empirical_null(estimates: Sequence[float], standard_errors: Sequence[float]) -> EmpiricalNull:
    """Most likely mean and spread of the bias: estimate_i ~ N(mean, sd² + standard_error_i²).

    Two sequences of length n ≥ 2, standard errors above 0. The exact optimum: for each sd the
    best mean is a weighted average, so the search is over sd alone.
    """
    from scipy.optimize import minimize_scalar

    try:
        x, s = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float)
    except (TypeError, ValueError) as fault:
        raise ValueError("estimates and standard_errors: numbers are needed") from fault
    if x.shape != s.shape or x.ndim != 1 or len(x) < 2:
        raise ValueError(f"give as many standard errors as estimates, two or more; got {x.shape} and {s.shape}")
    if not (np.isfinite(x).all() and np.isfinite(s).all() and (s > 0).all()):
        raise ValueError("estimates must be known, and standard errors above 0")

    def mean_at(sd: float) -> float:
        w = 1 / (sd**2 + s**2)
        return float((w * x).sum() / w.sum())

    def loss(sd: float) -> float:
        v = sd**2 + s**2
        return float(0.5 * (np.log(v) + (x - mean_at(sd)) ** 2 / v).sum())

    widest = float(np.ptp(x)) + float(s.max())
    found = minimize_scalar(loss, bounds=(0.0, widest), method="bounded", options={"xatol": 1e-12 * widest})
    sd = float(found.x) if loss(float(found.x)) < loss(0.0) else 0.0
    return EmpiricalNull(mean=mean_at(sd), sd=sd, n=len(x))


def calibrated_p(null: EmpiricalNull, estimate: float, standard_error: float) -> float:
    """Two-sided p of `estimate` against the empirical null instead of against 0.

    Raises ValueError for an estimate that is no number, a standard error below 0, or no spread at all.
    """
    from scipy.special import ndtr

    _check(estimate, standard_error)
    spread = float(np.hypot(null.sd, standard_error))
    if spread == 0:
        raise ValueError("both the null and the estimate have no spread: there is no p-value")
    return float(2 * ndtr(-abs(estimate - null.mean) / spread))


def _check(estimate: Any, standard_error: Any) -> None:
    for name, value, least in (("estimate", estimate, -np.inf), ("standard_error", standard_error, 0.0)):
        if not isinstance(value, (int, float, np.number)) or not np.isfinite(value) or value < least:
            raise ValueError(f"{name}={value!r}: a number is needed" + (", 0 or more" if least == 0.0 else ""))
