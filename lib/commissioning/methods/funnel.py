"""Funnel plots: providers or wards side by side, without a league table.

Small ones vary more by chance, so the limits narrow as size grows. Where units differ by more than chance even so
(overdispersion), the second pair of limits is widened by the variance between units, τ². Sources: Spiegelhalter
(2005), Statistics in Medicine 24:1185-1202; Spiegelhalter and others (2012), Journal of the Royal Statistical
Society A 175:1-47; NHS Digital, SHMI methodology; DerSimonian and Laird (1986). Known answers: FunnelPlotR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from commissioning.methods.inputs import Floats, Framed, columns, refuse

Method = Literal["shmi", "cqc"]
Bools = NDArray[np.bool_]

LEVELS = {"95": 0.95, "99_8": 0.998}
# Share of units pulled in (or, by the SHMI method, left out) at each end before overdispersion is judged, so that a
# few outlying ones do not hide themselves by widening the limits. The published CQC case uses a twentieth.
TRIM = 0.1
TRIM_CQC = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Funnel(Framed):
    """A funnel. `frame` has a row a unit, on the index of the first Series given:

    `value`, `size` (denominator or expected), `centre`; plain limits `lower_95`, `upper_95`, `lower_99_8`,
    `upper_99_8`; the same widened by τ²: `overdispersed_lower_95`, …; `z` (distance from the centre in standard
    errors, on the method's own scale); flags `outside_95`, `outside_99_8`, `overdispersed_outside_95`,
    `overdispersed_outside_99_8`.

    `phi`: how many times more the units vary than chance would have them. `tau2`: variance between them, on the
    method's own scale; 0 where there is none, and then the widened limits are the plain ones.
    """

    frame: pd.DataFrame
    phi: float
    tau2: float


def proportion(numerator: Any, denominator: Any, target: float | None = None) -> Funnel:
    """Funnel of n shares around the overall share (or `target`), on the arcsine square-root scale.

    `numerator`, `denominator`: n counts. Limits lie between 0 and 1. A unit with a missing count or a denominator of
    0 keeps its row, missing throughout, and counts for nothing. Raises ValueError as `intervals.proportion` does,
    and for a target outside 0 to 1.
    """
    (top, bottom), index = columns(numerator=numerator, denominator=denominator)
    refuse(top < 0, "numerator", top, "is below zero; a count of people cannot be")
    refuse(bottom < 0, "denominator", bottom, "is below zero; a count of people cannot be")
    refuse(top > bottom, "numerator", top, "is above its denominator; check which column is which")
    if target is not None and (not isinstance(target, (int, float, np.number)) or not 0 <= target <= 1):
        raise ValueError(f"target {target!r}: a share from 0 to 1 is needed")
    known = ~np.isnan(top) & (bottom > 0)
    y, n = top[known], bottom[known]
    centre = float(target) if target is not None else (float(y.sum() / n.sum()) if len(n) else np.nan)
    angle = np.arcsin(np.sqrt(centre))
    error = 1 / (2 * np.sqrt(n))
    z = (np.arcsin(np.sqrt(y / n)) - angle) / error
    phi, tau2 = _overdispersion(_winsorised(z, TRIM), error)

    def limits(quantile: float, variance: float) -> Floats:
        # Past a right angle the sine would turn back into the possible range: it is held at 0 or 1.
        reached = np.clip(angle + quantile * np.sqrt(error**2 + variance), 0, np.pi / 2)
        return np.asarray(np.sin(reached) ** 2, dtype=float)

    plain = {name: (limits(-q, 0.0), limits(q, 0.0)) for name, q in _quantiles()}
    wide = {name: (limits(-q, tau2), limits(q, tau2)) for name, q in _quantiles()}
    return _funnel(index, known, y / n, n, centre, z, plain, wide, phi, tau2)


def ratio(observed: Any, expected: Any, method: Method = "shmi") -> Funnel:
    """Funnel of n standardised ratios (observed ÷ expected) around 1, with exact Poisson limits.

    `observed`: n counts; `expected`: n amounts. Limits are never below 0. `method` judges overdispersion: "shmi" on the log scale with the
    outermost units left out (an observed 0 counts as one half there), "cqc" on the square-root scale with
    them pulled in. Missing units, and those of whom nothing is expected, keep their row, missing. Raises ValueError
    for another method, negative or infinite input, unequal lengths, or Series on different indexes.
    """
    from statsmodels.stats.rates import confint_poisson

    if method not in ("shmi", "cqc"):
        raise ValueError(f"method {method!r}: write 'shmi' or 'cqc'")
    (seen, due), index = columns(observed=observed, expected=expected)
    refuse(seen < 0, "observed", seen, "is below zero")
    refuse(due < 0, "expected", due, "is below zero")
    known = ~np.isnan(seen) & (due > 0)
    y, n = seen[known], due[known]
    if method == "shmi":
        error = 1 / np.sqrt(n)
        z = np.log(np.maximum(y, 0.5) / n) / error
        kept = _untruncated(z)
        phi, tau2 = _overdispersion(z[kept], error[kept])
    else:
        error = 1 / (2 * np.sqrt(n))
        z = (np.sqrt(y / n) - 1) / error
        phi, tau2 = _overdispersion(_winsorised(z, TRIM_CQC), error)

    def widened(quantile: float) -> Floats:
        reach = quantile * np.sqrt(error**2 + tau2)
        with np.errstate(over="ignore"):  # an expected of next to nothing: the upper limit is then no limit
            return np.asarray(np.exp(reach) if method == "shmi" else np.maximum(1 + reach, 0) ** 2, dtype=float)

    plain = {name: confint_poisson(n, n, method="exact-c", alpha=1 - level) for name, level in LEVELS.items()}
    wide = {name: (widened(-q), widened(q)) for name, q in _quantiles()} if tau2 > 0 else plain
    return _funnel(index, known, y / n, n, 1.0, z, plain, wide, phi, tau2)


def _quantiles() -> list[tuple[str, float]]:
    return [(name, float(special.ndtri((1 + level) / 2))) for name, level in LEVELS.items()]


def _winsorised(z: Floats, trim: float) -> Floats:
    """The outermost share at each end pulled in to where that share ends."""
    if len(z) == 0:
        return z
    low, high = np.quantile(z, [trim, 1 - trim])
    return np.clip(z, low, high)


def _untruncated(z: Floats) -> Bools:
    """False for the outermost tenth at each end, by rank (of fewer than ten units, mostly nobody)."""
    order = pd.Series(z).rank(method="average").to_numpy()
    groups = round(1 / TRIM)
    part = np.floor(order * groups / (len(z) + 1))
    return (part > 0) & (part < groups - 1)


def _overdispersion(z: Floats, error: Floats) -> tuple[float, float]:
    """φ: mean squared z. τ²: DerSimonian and Laird's variance between units, never below 0."""
    n = len(z)
    if n == 0:
        return np.nan, 0.0
    phi = float((z**2).mean())
    weight = 1 / error**2
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    if n < 2 or n * phi < n - 1 or spread <= 0:
        return phi, 0.0
    return phi, float((n * phi - (n - 1)) / spread)


def _funnel(
    index: pd.Index,
    known: Bools,
    value: Floats,
    size: Floats,
    centre: float,
    z: Floats,
    plain: dict[str, tuple[Floats, Floats]],
    wide: dict[str, tuple[Floats, Floats]],
    phi: float,
    tau2: float,
) -> Funnel:
    frame = pd.DataFrame(index=index)

    def put(name: str, column: Any) -> None:
        full = np.full(len(known), np.nan)
        full[known] = column
        frame[name] = full

    put("value", value)
    put("size", size)
    put("centre", centre)
    for prefix, limits in (("", plain), ("overdispersed_", wide)):
        for level, (lower, upper) in limits.items():
            put(f"{prefix}lower_{level}", lower)
            put(f"{prefix}upper_{level}", upper)
    put("z", z)
    for prefix in ("", "overdispersed_"):
        for level in LEVELS:
            low, high = frame[f"{prefix}lower_{level}"], frame[f"{prefix}upper_{level}"]
            frame[f"{prefix}outside_{level}"] = (frame["value"] < low) | (frame["value"] > high)
    return Funnel(frame=frame, phi=phi, tau2=tau2)
