"""Inequality across a whole ranking of groups, not only between its two ends.

The slope index is the difference between the best and the worst off that a straight line through all groups gives,
weighted by their people; the relative index is the same as a ratio. Sources: Mackenbach and Kunst (1997), Social
Science and Medicine 44:757-771; Low and Low (2004), Journal of Epidemiology and Community Health 58:1007-1008. Known
answers: PHEindicatormethods.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from commissioning.methods.inputs import NOISE, Floats, check_confidence, check_whole, columns, refuse

Kind = Literal["number", "rate", "proportion"]


@dataclass(frozen=True, kw_only=True)
class SlopeIndex:
    """`sii`: the line at the top of the ranking less at its foot, in the values' unit; `rii`: the one ÷ the other.

    `intercept`: the line at the foot. Limits are missing where a standard error is; the ratio and its limits also where
    an end of the line lies, or may lie, on the other side of 0.
    """

    sii: float
    sii_lower: float
    sii_upper: float
    rii: float
    rii_lower: float
    rii_upper: float
    intercept: float
    confidence: float

    def __getitem__(self, name: str) -> float:
        return float(getattr(self, name))

    @property
    def frame(self) -> pd.DataFrame:
        """One row of all of it."""
        return pd.DataFrame([asdict(self)])


def slope_index(
    value: Any,
    standard_error: Any,
    population: Any,
    confidence: float = 0.95,
    kind: Kind = "number",
    transform: bool = False,
    draws: int = 20_000,
    seed: int = 20110602,
) -> SlopeIndex:
    """Slope and relative index of inequality of k groups, ranked from worst off to best off.

    `value`: the k groups' values, worst off first; `standard_error`: theirs, on the scale of the values, or of their
    logarithm for kind "rate", or of their log odds for "proportion"; `population`: people in each. `transform` fits
    the line on that scale, which keeps its ends possible. A straight line's slope has exact normal limits; all others
    are quantiles of seeded draws of the groups' values.

    No difference between two shares is more than 1: for "proportion" the slope and its limits are held between −1 and 1,
    which only a straight line that leaves the possible range can pass (`transform` keeps it inside). A ratio of two ends
    on either side of 0 has no meaning: `rii` is then missing, and so are its limits where the draws leave in doubt on
    which side of 0 an end of the line lies. Raises ValueError for fewer than three groups, missing values,
    people below zero or nobody, values outside the kind's range, or an unknown kind.
    """
    (y, error, people), _ = columns(value=value, standard_error=standard_error, population=population)
    if kind not in ("number", "rate", "proportion"):
        raise ValueError(f"kind {kind!r}: write 'number', 'rate' or 'proportion'")
    check_confidence(confidence)
    draws = check_whole("draws", draws, 1)
    if len(y) < 3:
        raise ValueError(f"value: {len(y)} groups make no line to judge; three or more are needed")
    refuse(np.isnan(y), "value", y, "is missing: a ranking with a hole cannot be fitted")
    refuse(~(people > 0), "population", people, "is not above zero")
    refuse(error < 0, "standard_error", error, "is below zero")
    if kind == "rate":
        refuse(y <= 0, "value", y, "is not above zero, as a rate must be here")
    if kind == "proportion":
        refuse((y <= 0) | (y >= 1), "value", y, "is not between 0 and 1, as a proportion must be here")
    to, back = _scales(kind)
    share = people / people.sum()
    rank = np.cumsum(share) - share / 2
    # Least squares weighted by population, as a matrix from values to the line's foot and slope.
    design = np.column_stack([np.ones_like(rank), rank])
    solve = np.linalg.solve((design.T * share) @ design, design.T * share)

    def ends(values: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        fitted = values @ solve.T
        size = np.abs(values).max(axis=-1)
        slope = np.where(np.abs(fitted[..., 1]) <= NOISE * size, 0.0, fitted[..., 1])  # groups all alike have none
        foot, top = fitted[..., 0], fitted[..., 0] + slope
        return (back(foot), back(top)) if transform else (foot, top)

    foot, top = ends(to(y) if transform else y)
    low, high = (1 - confidence) / 2, (1 + confidence) / 2
    if np.isnan(error).any():
        sii_limits = rii_limits = np.array([np.nan, np.nan])
    else:
        random = np.random.default_rng(seed)
        drawn = to(y) + random.standard_normal((draws, len(y))) * error
        feet, tops = ends(drawn if transform else back(drawn))
        if kind == "number":
            reach = special.ndtri(high) * np.sqrt(((solve[1] * error) ** 2).sum())
            sii_limits = np.array([top - foot - reach, top - foot + reach])
        else:
            sii_limits = np.quantile(tops - feet, [low, high])
        with np.errstate(divide="ignore", invalid="ignore"):
            rii_limits = np.quantile(tops / feet, [low, high])
        # As with an ICER: a ratio has no limits where its parts may be of either sign.
        if not max(((feet > 0) & (tops > 0)).mean(), ((feet < 0) & (tops < 0)).mean()) > high:
            rii_limits = np.array([np.nan, np.nan])
    sii = top - foot
    if not np.isnan(error).any() and error.max() == 0:  # nothing is uncertain: the limits are the estimate
        sii_limits, rii_limits = np.array([sii, sii]), np.full(2, top / foot if foot * top > 0 else np.nan)
    if kind == "proportion":
        sii, sii_limits = np.clip(sii, -1.0, 1.0), np.clip(sii_limits, -1.0, 1.0)
    return SlopeIndex(
        sii=float(sii),
        sii_lower=float(sii_limits[0]),
        sii_upper=float(sii_limits[1]),
        rii=float(top / foot) if foot * top > 0 else float("nan"),
        rii_lower=float(rii_limits[0]),
        rii_upper=float(rii_limits[1]),
        intercept=float(foot),
        confidence=confidence,
    )


def _scales(kind: Kind) -> tuple[Any, Any]:
    if kind == "rate":
        return np.log, np.exp
    if kind == "proportion":
        return special.logit, special.expit
    return np.asarray, np.asarray
