"""Negative controls: figures that no pilot can move, counted like any other measure.

Each comes from a date or an id alone. An analysis that finds an "effect" on these finds effects
where there are none, and the claim is worded down (claims use them as an empirical null).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from datetime import date

import pandas as pd

from commissioning.measures.definition import Measure, Process, Rule, Source


class _Once:
    """A number of each row, worked out once for each table: fourteen checks ask the same two columns twice each."""

    def __init__(self, work_out: Callable[[pd.DataFrame], pd.Series]) -> None:
        self.work_out = work_out
        self.of: weakref.ref[pd.DataFrame] | None = None
        self.found: pd.Series | None = None

    def __call__(self, rows: pd.DataFrame) -> pd.Series:
        if self.found is None or self.of is None or self.of() is not rows:
            self.found, self.of = self.work_out(rows), weakref.ref(rows, self._forget)
        return self.found

    def _forget(self, gone: object) -> None:
        if self.of is gone:
            self.found = None


_due = _Once(lambda rows: pd.to_datetime(rows["due_on"], errors="coerce"))


def _day(rows: pd.DataFrame) -> pd.Series:
    return _due(rows).dt.day.astype("float64")


def _weekday(rows: pd.DataFrame) -> pd.Series:
    return _due(rows).dt.day_of_week.astype("float64")


def _month(rows: pd.DataFrame) -> pd.Series:
    return _due(rows).dt.month.astype("float64")


def number_in(ids: pd.Series) -> pd.Series:
    """The number made of an id's digits, last nine at most (`P-0120` is 120); missing where it has none."""
    text = ids.astype("string").str.replace(r"[^0-9]", "", regex=True).str[-9:]
    return pd.to_numeric(text, errors="coerce").astype("float64")


def digit(ids: pd.Series, place: int) -> pd.Series:
    """The digit of `number_in` at a place: 1 the last, 10 the one before it, and so on."""
    return number_in(ids) // place % 10


def _digit_sum(number: pd.Series) -> pd.Series:
    return sum((number // 10**power % 10 for power in range(9)), start=number * 0)


Decides = Callable[[pd.DataFrame], pd.Series]
# what it is called, what it says, the number it reads (missing: unknown), which numbers count
BY_DATE: tuple[tuple[str, str, Decides, Callable[[pd.Series], pd.Series]], ...] = (
    ("even_day", "due on an even day of the month", _day, lambda n: n % 2 == 0),
    ("first_half_of_month", "due on the 1st to the 15th of the month", _day, lambda n: n <= 15),
    ("third_day", "due on a day of the month that 3 divides", _day, lambda n: n % 3 == 0),
    ("first_week", "due in the first 7 days of the month", _day, lambda n: n <= 7),
    ("early_in_week", "due on a Monday, Tuesday or Wednesday", _weekday, lambda n: n <= 2),
    ("first_month_of_quarter", "due in the first month of its quarter", _month, lambda n: n % 3 == 1),
)


def _by_id(column: str) -> tuple[tuple[str, str, Decides, Callable[[pd.Series], pd.Series]], ...]:
    number = _Once(lambda rows: number_in(rows[column]))

    def at(place: int) -> Decides:
        return lambda rows: number(rows) // place % 10

    return (
        ("id_even", "the last digit of the id is even", at(1), lambda n: n % 2 == 0),
        ("id_low", "the last digit of the id is 0 to 4", at(1), lambda n: n <= 4),
        ("id_last_third", "the last digit of the id is 0, 3, 6 or 9", at(1), lambda n: n % 3 == 0),
        ("id_tens_even", "the last digit but one of the id is even", at(10), lambda n: n % 2 == 0),
        ("id_tens_low", "the last digit but one of the id is 0 to 4", at(10), lambda n: n <= 4),
        ("id_hundreds_even", "the last digit but two of the id is even", at(100), lambda n: n % 2 == 0),
        (
            "id_digits_even",
            "the id's digits add up to an even number",
            _Once(lambda rows: _digit_sum(number(rows))),
            lambda n: n % 2 == 0,
        ),
        ("id_third", "3 divides the number in the id", number, lambda n: n % 3 == 0),
    )


def _control(
    pilot: str,
    name: str,
    says: str,
    number: Decides,
    counts: Callable[[pd.Series], pd.Series],
    *,
    table: str,
    one_row_is: str,
    rows: str,
    groups: tuple[str, ...],
    organisation: str | None,
    answers: tuple[str, ...],
) -> Measure:
    return Measure(
        id=f"{pilot}_control_{name}",
        title=f"Check that nothing can move: {rows}, {says}",
        kind=Process(control=True),
        answers=answers,
        table=table,
        one_row_is=one_row_is,
        one_row_per=(),
        several_rows="the latest",
        period_from="period",
        population=(),
        not_applicable=None,
        achieved=Rule(says=says, of=lambda r: counts(number(r)).fillna(False)),
        amount=None,
        out_of=None,
        unknown=Rule(says="no date or number to decide it by", of=lambda r: number(r).isna()),
        unknown_is="left out and counted",
        person="person_id",
        organisation=organisation,
        stands_behind="people",
        groups=groups,
        per=100,
        unit=f"% of {rows}",
        better="neutral",
        aim=None,
        spend_scope="none",
        primary=False,
        why="No pilot can change this. If the analysis finds that it changed, the analysis is at fault, and "
        "its other findings are worded down.",
        source=Source(
            title="Negative controls, chosen for this workbench before any result was seen",
            reference="Lipsitch, Tchetgen Tchetgen and Cohen, Epidemiology 2010; 21: 383-388",
            read_on=date(2026, 11, 21),
        ),
        caveats=("Says nothing about the service: it tests the method alone.",),
        in_force_from=date(2011, 10, 1),
    )


LEARNING_DISABILITY = tuple(
    _control(
        "learning_disability",
        *how,
        table="reviews",
        one_row_is="one review that fell due, whether done or not",
        rows="reviews",
        groups=("ward",),
        organisation="provider",
        answers=("4.1",),
    )
    for how in (*BY_DATE, *_by_id("review_id"))
)
VCF_FUNDING = tuple(
    _control(
        "vcf_funding",
        *how,
        table="supported",
        one_row_is="one record of help to a person under an agreement",
        rows="records of help",
        groups=("department",),
        organisation="organisation_id",
        answers=("4.1",),
    )
    for how in _by_id("person_id")
)

MEASURES = (*LEARNING_DISABILITY, *VCF_FUNDING)
