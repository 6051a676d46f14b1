"""Intervals for proportions, rates and means: what chance alone leaves uncertain.

A missing numerator or denominator gives a missing row, never zero; so does a denominator of zero. Wilson's, Garwood's and Student's
limits are statsmodels', imported where they are asked for, because that takes a second.

Sources: Wilson (1927), Journal of the American Statistical Association 22:209-212; Newcombe (1998),
Statistics in Medicine 17:857-872; Byar's approximation in Breslow and Day (1987), Statistical Methods in
Cancer Research volume II, equation 2.10; exact Poisson limits by Garwood (1936), Biometrika 28:437-442.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from commissioning.methods.inputs import check_confidence, check_per, columns, refuse

Floats = NDArray[np.float64]

# Public health practice (PHE technical guide, 2018): Byar's approximation is close from ten events up.
EXACT_BELOW = 10


def proportion(numerator: Any, denominator: Any, confidence: float = 0.95, per: float = 1) -> pd.DataFrame:
    """Wilson score interval of numerator ÷ denominator.

    `numerator`, `denominator`: n counts each, or one count for all rows. Returns n rows of `value`, `lower`,
    `upper`, as shares of 1 (times `per`); the limits always lie between 0 and `per`. A row with either count
    missing, or 0 of 0, is missing throughout.

    Raises ValueError for a negative or infinite count, a numerator above its denominator, unequal lengths,
    Series on different indexes, a confidence outside 0 to 1, or a `per` that is not above zero.
    """
    from statsmodels.stats.proportion import proportion_confint

    alpha, per = 1 - check_confidence(confidence), check_per(per)
    (top, bottom), index = columns(numerator=numerator, denominator=denominator)
    refuse(top < 0, "numerator", top, "is below zero; a count of people cannot be")
    refuse(bottom < 0, "denominator", bottom, "is below zero; a count of people cannot be")
    refuse(top > bottom, "numerator", top, "is above its denominator; check which column is which")
    n = np.where((bottom > 0) & ~np.isnan(top), bottom, np.nan)
    share = top / n
    lower, upper = proportion_confint(top, n, alpha, method="wilson")
    # None and all are on a limit, which rounding would miss by its last digit.
    lower = np.where(np.isnan(share) | (top > 0), np.minimum(lower, share), 0.0)
    upper = np.where(np.isnan(share) | (top < n), np.maximum(upper, share), 1.0)
    return _frame(share, lower, upper, index, per)


def rate(events: Any, exposure: Any, confidence: float = 0.95, per: float = 1) -> pd.DataFrame:
    """Events ÷ exposure × `per`, with Byar's interval; exact Poisson (Garwood) below ten events.

    `events`: n counts; `exposure`: n amounts of people, weeks or pounds, or one for all. Returns n rows of
    `value`, `lower`, `upper` in events per `per` units of exposure. Missing or zero exposure gives a missing
    row. The limits are never below 0. Raises ValueError for negative or infinite input, unequal lengths, Series on
    different indexes, a confidence outside 0 to 1, or a `per` that is not above zero.
    """
    per = check_per(per)
    (count, amount), index = columns(events=events, exposure=exposure)
    refuse(count < 0, "events", count, "is below zero")
    refuse(amount < 0, "exposure", amount, "is below zero")
    lower, upper = poisson_limits(count, confidence)
    n = np.where(amount > 0, amount, np.nan)
    return _frame(count / n, lower / n, upper / n, index, per)


def poisson_limits(count: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Limits of a Poisson mean given n observed counts: exact below ten, Byar's from ten up."""
    from statsmodels.stats.rates import confint_poisson

    z = float(special.ndtri((1 + check_confidence(confidence)) / 2))
    count = np.asarray(count, dtype=float)
    few = count < EXACT_BELOW
    exact = confint_poisson(np.where(few, count, 0.0), 1.0, method="exact-c", alpha=1 - confidence)
    byar = byar_limits(np.where(few, EXACT_BELOW, count), z)
    lower, upper = (np.where(few, one, other) for one, other in zip(exact, byar, strict=True))
    return lower, upper


def byar_limits(count: Floats, z: float) -> tuple[Floats, Floats]:
    """Byar's approximation to the Poisson limits of n counts of at least one; may not suit below ten."""
    count = np.asarray(count, dtype=float)
    lower = count * (1 - 1 / (9 * count) - z / (3 * np.sqrt(count))) ** 3
    more = count + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return lower, upper


def mean(values: Any, confidence: float = 0.95) -> pd.DataFrame:
    """Mean of n numbers with Student's t interval on n − 1 degrees of freedom.

    `values`: n numbers (missing ones are left out), or a frame, which gives one row a column. Returns one row
    of `value`, `lower`, `upper` in the unit of the values. With one value the limits are missing; with none
    everything is. For cost, whose few large values make it so, this interval is too narrow. Numbers of any
    kind may be averaged, so the limits are not held to a range: for a share use `proportion`.
    Raises ValueError for values that are no numbers, or a confidence that does not lie between 0 and 1.
    """
    from statsmodels.stats.weightstats import DescrStatsW

    check_confidence(confidence)
    if isinstance(values, pd.DataFrame):
        rows = [mean(values[column], confidence) for column in values.columns]
        return pd.concat(rows).set_axis(values.columns, axis=0)
    (column,), _ = columns(values=values)
    known = column[~np.isnan(column)]
    centre = known.mean() if len(known) else np.nan
    low, high = np.nan, np.nan
    if len(known) > 1 and known.min() == known.max():
        centre = low = high = known[0]  # values all alike have no spread; summing them could leave a rounding error
    elif len(known) > 1:
        low, high = DescrStatsW(known).tconfint_mean(1 - confidence)
    value, lower, upper = (np.array([one]) for one in (centre, low, high))
    return _frame(value, lower, upper, pd.RangeIndex(1), 1)


def _frame(value: Floats, lower: Floats, upper: Floats, index: pd.Index, per: float) -> pd.DataFrame:
    return pd.DataFrame({"value": value * per, "lower": lower * per, "upper": upper * per}, index=index)
