"""Money: real terms and discounting.

Amounts are whole pence. Prices are moved between years with HM Treasury's GDP deflators (December 2023, see
data/reference/README.md); amounts in one year's prices are then discounted by the rates of The Green Book (2022),
Annex 6. Deflate first, then discount: the rates are real, and do nothing about inflation.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commissioning.methods.inputs import check_whole

Rate = Literal["green_book", "health"]

# Year up to and including which a rate holds, and the rate. None: for ever after.
RATES: Mapping[str, tuple[tuple[int | None, str], ...]] = MappingProxyType(
    {
        "green_book": ((30, "0.035"), (75, "0.03"), (125, "0.025"), (200, "0.02"), (300, "0.015"), (None, "0.01")),
        "health": ((30, "0.015"), (75, "0.0129"), (None, "0.0107")),
    }
)

PANDEMIC_NOTE = (
    "The GDP deflator rose 5.45% in 2020-21 and fell 0.82% in 2021-22, because of how public services were measured "
    "in the pandemic. Real-terms figures to or from 2020-21 are not like those of the years around it."
)
FORECAST_NOTE = "Prices after 2022-23 are forecasts of November 2023, chained from yearly percentage changes."


@dataclass(frozen=True, kw_only=True)
class Deflator:
    """The price level of one financial year; the base year (2022-23 in the package's own table) is 100. Forecasts are chained."""

    year: str
    index: Fraction
    is_forecast: bool


@cache
def deflators() -> Mapping[str, Deflator]:
    """Financial year → price level, 1955-56 to 2028-29.

    Published years hold the index as published; forecast years the last published one, raised by each year's
    published percentage change in turn, unrounded.
    """
    table: dict[str, Deflator] = {}
    text = resources.files("commissioning.methods").joinpath("reference/gdp_deflators.csv").read_text("utf-8")
    level = Fraction(0)
    for row in csv.DictReader(text.splitlines()):
        forecast = row["is_forecast"] == "yes"
        level = level * (1 + Fraction(row["change_percent"]) / 100) if forecast else Fraction(row["index"])
        table[row["year"]] = Deflator(year=row["year"], index=level, is_forecast=forecast)
    return MappingProxyType(table)


Deflators = Mapping[str, Deflator]


def deflators_from(years: Sequence[str], index: Sequence[float], is_forecast: Sequence[bool]) -> Deflators:
    """Another edition's price levels, such as a council brought: financial year → price level. Its own base year is 100."""
    return MappingProxyType(
        {
            year: Deflator(year=year, index=Fraction(repr(float(level))), is_forecast=bool(forecast))
            for year, level, forecast in zip(years, index, is_forecast, strict=True)
        }
    )


def deflator(year: str, table: Deflators | None = None) -> Deflator:
    """The price level of a financial year such as "2014-15", in `table` or in the package's own. Raises ValueError for another."""
    table = deflators() if table is None else table
    if not isinstance(year, str) or year not in table:
        written = f"{year!r} is not a financial year written like '2014-15'"
        if isinstance(year, str) and re.fullmatch(r"\d{4}-\d{2}", year):
            written = f"there is no GDP deflator for {year}"
        raise ValueError(f"{written}; there are deflators from {min(table)} to {max(table)}")
    return table[year]


def real_terms(pence: Any, from_year: str, to_year: str, table: Deflators | None = None) -> Any:
    """Amounts of one year in the prices of another: pence × index of `to_year` ÷ index of `from_year`.

    `table`: the price levels of another edition (`deflators_from`); None is the package's own.

    `pence`: whole pence (one number, or a Series, array or list of n; missing stays missing). Returns whole
    pence, rounded half to even, in the same shape: an int, or a Series of Int64. Raises ValueError for years
    without a deflator and for amounts that are not whole pence.
    """
    if isinstance(pence, (pd.DataFrame, Mapping, set)):
        raise ValueError(f"pence: one amount or a column of them is needed, not {type(pence).__name__}")
    factor = deflator(to_year, table).index / deflator(from_year, table).index
    if isinstance(pence, pd.Series):
        return pd.Series([_times(p, factor) for p in pence], index=pence.index, name=pence.name, dtype="Int64")
    if isinstance(pence, (Sequence, np.ndarray)) and not isinstance(pence, str):
        return pd.Series([_times(p, factor) for p in pence], dtype="Int64")
    return _times(pence, factor)


def notes(from_year: str, to_year: str) -> tuple[str, ...]:
    """What must be said beside figures moved between these years; empty where nothing need be."""
    years = (from_year, to_year)
    forecast = any(deflator(year).is_forecast for year in years)
    pandemic = from_year != to_year and "2020-21" in years
    return (*((PANDEMIC_NOTE,) if pandemic else ()), *((FORECAST_NOTE,) if forecast else ()))


def _times(pence: Any, factor: Fraction) -> Any:
    if pence is None or pence is pd.NA or pence != pence:
        return pd.NA
    return round(Fraction(whole_pence(pence)) * factor)  # Python rounds a Fraction half to even


def whole_pence(pence: Any) -> int:
    """The amount as an int; ValueError where it is not a whole number of pence."""
    if isinstance(pence, (bool, np.bool_)):
        raise ValueError(f"{pence!r} is not an amount of pence")
    if isinstance(pence, Integral):
        return int(pence)
    if isinstance(pence, (Decimal, float, np.floating)) and pence == pence and pence % 1 == 0:
        return int(pence)
    raise ValueError(f"{pence!r} is not a whole number of pence; multiply pounds by 100, and round, first")


def _year(year: Any) -> int:
    try:
        return check_whole("year", year, 0)
    except ValueError as fault:
        raise ValueError(f"year {year!r}: count whole years from 0, the year of the decision") from fault


def factors(years: int, rate: Rate = "green_book") -> NDArray[np.float64]:
    """The discount factors of years 0 to `years` − 1. Raises ValueError for another rate, or fewer than no years."""
    years = check_whole("years", years, 0)
    if not isinstance(rate, str) or rate not in RATES:
        raise ValueError(f"rate {rate!r}: write 'green_book' for money, or 'health' for health and life effects only")
    yearly = np.ones(max(years, 1))
    start = 1
    for until, text in RATES[rate]:
        stop = years if until is None else min(until + 1, years)
        yearly[start:stop] = 1 / (1 + float(text))
        start = max(start, stop)
    return np.asarray(np.cumprod(yearly)[:years], dtype=np.float64)


class PresentValue(float):
    """A present value, with the plain sum beside it: a number in the unit of the flows.

    `undiscounted` is the sum of the flows, `factors` the discount factor of each, `rate` its name, and `pence`
    the present value of flows in pence to the nearest penny.
    """

    undiscounted: float
    factors: NDArray[np.float64]
    rate: str

    @property
    def pence(self) -> int:
        """To the nearest penny, for flows in pence."""
        return round(float(self))


def present_value(flows: Any, rate: Rate = "green_book") -> PresentValue:
    """What a row of yearly amounts is worth in year 0.

    `flows`: n amounts in one year's prices, the first in year 0 and not discounted; or a mapping of year (0, 1, …)
    → amount. `rate`: "green_book" for money; "health" for health or life effects only. Returns a PresentValue.
    Raises ValueError for an unknown rate, a missing or infinite amount, text, or years below 0.
    """
    if isinstance(flows, Mapping):
        years = [_year(year) for year in flows]
        amounts = np.zeros(max(years, default=-1) + 1)
        for year, amount in zip(years, flows.values(), strict=True):
            amounts[year] = _amount(amount)
    elif isinstance(flows, (str, pd.DataFrame)) or not isinstance(flows, Iterable):
        raise ValueError("flows: a row of yearly amounts is needed, the first in year 0")
    else:
        amounts = np.array([_amount(a) for a in flows], dtype=float)
    if np.isnan(amounts).any():
        missing = int(np.flatnonzero(np.isnan(amounts))[0])
        raise ValueError(f"flows: the amount of year {missing} is missing; missing is not nothing")
    if np.isinf(amounts).any():
        raise ValueError(f"flows: the amount of year {int(np.flatnonzero(np.isinf(amounts))[0])} is infinite")
    each = factors(len(amounts), rate)
    result = PresentValue(float(amounts @ each))
    result.undiscounted, result.factors, result.rate = float(amounts.sum()), each, rate
    return result


def _amount(amount: Any) -> float:
    if amount is None or amount is pd.NA:
        return float("nan")
    try:
        return float(amount)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"flows: {amount!r} is no amount") from fault
