"""One cell at a time: what a column accepts, and the name and remedy of what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from commissioning.evidence.cells import Context, parse
from commissioning.evidence.contracts import Column

CSV, BOOK = Context(), Context(workbook=True)


def column(holds: str, **more) -> Column:
    return Column(name="cell", holds=holds, says="as declared", **more)


@pytest.mark.parametrize(
    ("holds", "text", "value"),
    [
        ("quarter", "2014-15 Q1", "2014-15 Q1"),
        ("quarter", "2014/15, quarter 3", "2014-15 Q3"),
        ("quarter", "Q2 2014-15", "2014-15 Q2"),
        ("quarter", "Qtr 4 of FY2014-15", "2014-15 Q4"),
        ("month", "2014-4", "2014-04"),
        ("month", "2014/04/01", "2014-04"),
        ("month", "4/2014", "2014-04"),
        ("month", "April 2014", "2014-04"),
        ("month", "Apr-2014", "2014-04"),
        ("month", "SEPT 2014", "2014-09"),
        ("int", "1,234", 1234),
        ("int", "12.0", 12),
        ("number", "1.5E+3", 1500.0),
        ("number", "-.5", None),
        ("money", "-12.345", -1234),
    ],
)
def test_a_figure_or_period_in_a_declared_spelling_has_one_meaning(holds, text, value):
    cell = parse(column(holds, lower=-1e9) if holds in ("number", "money") else column(holds), text, CSV)
    assert not cell.code or value is None
    assert value is None or cell.value == value


@pytest.mark.parametrize(
    ("holds", "text", "code"),
    [
        ("text", "#REF!", "error value"),
        ("id", "#N/A", "error value"),
        ("number", "#DIV/0!", "error value"),
        ("number", "nan", "not a number"),
        ("number", "2.345,6", "continental number"),
        ("number", "twelve", "not a number"),
        ("number", "1" + "0" * 16, "implausible"),
        ("int", "1E3", "scientific notation"),
        ("int", "1.5", "not a whole number"),
        ("int", "1.234", "continental number"),
        ("int", "-1", "implausible"),
        ("date", "#REF!", "error value"),
        ("date", "29/02/2023", "no such date"),
        ("date", "1 Smarch 2024", "not a date"),
        ("date", "01/02/24", "two-digit year"),
        ("date", "1 March 24", "two-digit year"),
        ("date", "01/02/2024 25:00", "not a date"),
        ("date", "01/02/2024 13:00 pm", "not a date"),
        ("quarter", "the first quarter", "not a quarter"),
        ("quarter", "1980-81 Q1", "not a quarter"),
        ("quarter", "2014-16 Q1", "not a quarter"),
        ("quarter", "Q5 2014-15", "not a quarter"),
        ("month", "2014-13", "not a month"),
        ("month", "1989-12", "not a month"),
        ("month", "Smarch 2014", "not a month"),
        ("month", "April", "not a month"),
        ("text", "half \ud83d pair", "lone surrogate"),
        ("text", "lost \ufffd here", "lost character"),
        ("text", "Â£5", "decoded twice"),
        ("id", "\u200b", "blank"),
        ("id", "１２３", "full-width digits"),
    ],
)
def test_a_cell_that_is_not_as_declared_is_named_with_a_remedy(holds, text, code):
    cell = parse(column(holds), text, CSV)
    assert (cell.code, cell.value) == (code, None)
    assert len(cell.reason) > 20 and text not in cell.reason


def test_a_quarter_of_a_single_year_takes_the_whole_file_for_it_may_be_of_either_calendar():
    assert parse(column("quarter"), "2014 Q1", CSV).refuses
    assert not parse(column("quarter"), "no quarter", CSV).refuses


@pytest.mark.parametrize(
    ("text", "pence"),
    [("5.00 CR", -500), ("DR 5.00", 500), ("5.00-", -500), ("(5.00)", -500), ("£(5.00)", -500), ("(£5.00)", -500)],
)
def test_a_ledger_that_declares_its_signs_may_write_them_its_own_way(text, pence):
    assert parse(column("money", ledger_signs=True), text, CSV).value == pence
    assert parse(column("money"), text, CSV).code == "ledger sign"


def test_an_amount_with_two_signs_or_below_the_contracts_limit_is_set_aside():
    assert parse(column("money", ledger_signs=True), "-5.00 CR", CSV).code == "ledger sign"
    assert parse(column("money", lower=0), "-5.00", CSV).code == "implausible"
    assert parse(column("money", upper=4), "-5.00", CSV).code == "implausible"
    assert parse(column("money", lower=-5), "-5.00", CSV).value == -500


def test_a_text_or_id_must_fit_its_declared_pattern_and_length():
    assert parse(column("text", pattern=r"[EWSN]\d{8}"), "E08000015", CSV).value == "E08000015"
    assert parse(column("text", pattern=r"[EWSN]\d{8}"), "E0800001", CSV).code == "not as declared"
    assert parse(column("id", pattern=r"P\d+"), "Q1", CSV).code == "not as declared"
    assert parse(column("id", length=5), "123", CSV).code == "id length"
    assert parse(column("id"), "'00123", CSV).value == "00123"
    assert (
        parse(column("id"), "12.5", CSV).value == "12.5" and parse(column("id"), "12.5", BOOK).code == "id is a number"
    )


def test_two_digit_years_are_read_by_the_declared_pivot():
    told = column("date", pivot=50)
    assert parse(told, "01/02/49", CSV).value == date(2049, 2, 1)
    assert parse(told, "1 Feb 98", CSV).value == date(1998, 2, 1)


def test_a_declared_sentinel_is_its_status_and_an_undeclared_one_is_set_aside():
    open_ended = column("date", sentinels={date(9999, 12, 31): "not applicable"})
    assert parse(open_ended, "31/12/9999", CSV).status == "not applicable"
    assert parse(column("date"), "31/12/9999", CSV).code == "sentinel date"
    assert parse(column("date"), "01/01/1985", CSV).code == "implausible date"
