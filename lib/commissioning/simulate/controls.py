"""Negative controls: shares that no pilot can move, made from dates and numbers alone.

If a method finds that the pilot "moved" the share of reviews due on an even day of the month, the method is wrong,
not the calendar. Their estimates show how far off estimates are when nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class NegativeControl:
    """One share that cannot move: the rows of `table`, true where `take` says so of `column`.

    `id` takes the pilot's name as prefix. `says` is the share in words.
    """

    id: str
    pilot: str
    table: str
    column: str
    take: str
    says: str

    def of(self, table: pd.DataFrame) -> pd.Series:
        """True or false for each row of the table."""
        return TAKE[self.take](table[self.column])


def _day(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).dt.day


def _month(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).dt.month


def _digit(column: pd.Series, place: int) -> pd.Series:
    return column.astype(str).str[-place].astype(int)


def _digit_sum(column: pd.Series) -> pd.Series:
    ids = pd.Series(column.unique())  # an id stands in many rows
    digits = ids.astype(str).str.extract(r"(\d+)$")[0]
    return column.map(dict(zip(ids, digits.map(lambda one: sum(map(int, one))), strict=True)))


TAKE: dict[str, Callable[[pd.Series], pd.Series]] = {
    "day is even": lambda c: _day(c) % 2 == 0,
    "day is 15 or less": lambda c: _day(c) <= 15,
    "day is a multiple of three": lambda c: _day(c) % 3 == 0,
    "first month of the quarter": lambda c: _month(c) % 3 == 1,
    "Monday to Wednesday": lambda c: pd.to_datetime(c).dt.day_of_week <= 2,
    "last digit is even": lambda c: _digit(c, 1) % 2 == 0,
    "last digit is 5 or more": lambda c: _digit(c, 1) >= 5,
    "last digit but one is even": lambda c: _digit(c, 2) % 2 == 0,
    "last digit but one is 5 or more": lambda c: _digit(c, 2) >= 5,
    "last digit but two is even": lambda c: _digit(c, 3) % 2 == 0,
    "digits add up to an even number": lambda c: _digit_sum(c) % 2 == 0,
    "digits add up to a multiple of three": lambda c: _digit_sum(c) % 3 == 0,
}


def _made(pilot: str, rows: str, listed: list[tuple[str, str, list[str]]]) -> tuple[NegativeControl, ...]:
    return tuple(
        NegativeControl(
            id=f"{pilot}_control_{table}_{column}_{take.replace(' ', '_')}".lower(),
            pilot=pilot,
            table=table,
            column=column,
            take=take,
            says=f"{table} whose {column.replace('_', ' ')} has: {take} ({rows})",
        )
        for table, column, takes in listed
        for take in takes
    )


_NUMBERS = [take for take in TAKE if "digit" in take]
_DATES = [take for take in TAKE if "digit" not in take]

LEARNING_DISABILITY = _made(
    "learning_disability",
    "share of rows in each ward and quarter",
    [
        ("reviews", "due_on", _DATES),
        ("reviews", "review_id", _NUMBERS),
        ("packages", "package_id", _NUMBERS),
        ("people", "person_id", ["last digit is even", "last digit but one is even"]),
    ],
)
VCF_FUNDING = _made(
    "vcf_funding",
    "share of rows in each department and quarter",
    [
        ("payments", "paid_on", _DATES),
        ("payments", "transaction", _NUMBERS),
        ("returns", "return_id", _NUMBERS),
        ("supported", "person_id", _NUMBERS),
    ],
)


def share(control: NegativeControl, table: pd.DataFrame, unit: str, time: str = "period") -> pd.DataFrame:
    """The control as a panel: one row a `unit` and `time`, columns `numerator`, `denominator`, `value`.

    `table` holds the control's table; `unit` and `time` are columns of it.
    """
    true = control.of(table).to_numpy(dtype=float)
    sums = pd.DataFrame({unit: table[unit], time: table[time], "numerator": true, "denominator": np.ones(len(table))})
    panel = sums.groupby([unit, time], sort=True, as_index=False).sum()
    return panel.assign(value=panel["numerator"] / panel["denominator"])
