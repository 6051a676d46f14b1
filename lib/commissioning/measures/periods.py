"""Financial years and quarters, from dates or from their own text.

A year is `2014-15` (April to March), a quarter `2014-15 Q1` (April to June). Both sort as text.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

YEAR = re.compile(r"^(\d{4})-(\d{2})$")
QUARTER = re.compile(r"^(\d{4})-(\d{2}) Q([1-4])$")


def year_text(first: int) -> str:
    """2014 -> `2014-15`."""
    return f"{first:04d}-{(first + 1) % 100:02d}"


def is_period(text: object) -> bool:
    """True for a financial year or a financial quarter whose two halves agree."""
    found = YEAR.fullmatch(str(text)) or QUARTER.fullmatch(str(text))
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2])


def _unique_map(values: pd.Series, change) -> pd.Series:  # type: ignore[no-untyped-def]
    codes, unique = pd.factorize(values, use_na_sentinel=True)
    changed = np.array([*[change(value) for value in unique], None], dtype=object)
    return pd.Series(changed[codes], index=values.index, dtype=object)


def _of_date(moment: pd.Timestamp, *, quarter: bool) -> str:
    first = moment.year if moment.month >= 4 else moment.year - 1
    return year_text(first) + (f" Q{(moment.month - 4) % 12 // 3 + 1}" if quarter else "")


def _label(value: object, *, quarter: bool) -> str | None:
    if isinstance(value, str):
        if QUARTER.match(value) and is_period(value):
            return value if quarter else value[:7]
        if YEAR.match(value) and is_period(value):
            return None if quarter else value
        if not re.match(r"^\d{4}-\d{2}-\d{2}", value):
            return None
    moment = pd.to_datetime(value, errors="coerce")
    return None if moment is pd.NaT else _of_date(moment, quarter=quarter)


def year_of(values: pd.Series) -> pd.Series:
    """The financial year of dates, quarters or years (n values) as text; None where there is none."""
    return _unique_map(values, lambda value: _label(value, quarter=False))


def quarter_of(values: pd.Series) -> pd.Series:
    """The financial quarter of dates or quarters; None for a value that only names a year."""
    return _unique_map(values, lambda value: _label(value, quarter=True))


def months_since_0(dates: pd.Series) -> pd.Series:
    """Calendar months since January of year 0 (float; missing where the date is)."""
    moments = pd.to_datetime(dates, errors="coerce")
    return (moments.dt.year * 12 + moments.dt.month - 1).astype("float64")


def quarter_of_month(months: np.ndarray) -> np.ndarray:
    """Quarter texts of months counted from January of year 0."""
    unique, codes = np.unique(months, return_inverse=True)
    shifted = [divmod(int(month) - 3, 12) for month in unique]
    return np.array([f"{year_text(y)} Q{m // 3 + 1}" for y, m in shifted], dtype=object)[codes]


def last_day(period: str) -> pd.Timestamp:
    """The last day of a financial year or quarter: "2014-15" -> 31 March 2015, "2014-15 Q1" -> 30 June 2014."""
    quarter = int(period[-1]) if QUARTER.match(period) else 4
    year, month = (int(period[:4]), 3 + 3 * quarter) if quarter < 4 else (int(period[:4]) + 1, 3)
    return pd.Timestamp(year=year, month=month, day=1) + pd.offsets.MonthEnd(0)


def first_day(period: str) -> pd.Timestamp:
    """The first day of a financial year or quarter: "2014-15" -> 1 April 2014, "2014-15 Q4" -> 1 January 2015."""
    return last_day(period) - pd.DateOffset(months=3 if QUARTER.match(period) else 12) + pd.offsets.MonthBegin(1)


def last_year(*dates: pd.Series) -> str:
    """The last financial year of any of these dates: the period under which all years together stand; "" where there is none."""
    years = [year for one in dates for year in year_of(one).dropna()]
    return max(years, default="")
