"""One cell at a time: what a column accepts, and the name and remedy of what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from commissioning.evidence.cells import Cell, Context, parse
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
    undeclared = parse(column("money"), text, CSV)
    assert (
        undeclared == Cell(value=pence)
        if text[-1] in "-)"
        else (undeclared.code, undeclared.pence) == ("ledger sign", pence)
    )


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
    told = column("date", pivot=50, ahead=None)
    assert parse(told, "01/02/49", CSV).value == date(2049, 2, 1)
    assert parse(told, "1 Feb 98", CSV).value == date(1998, 2, 1)


def test_a_declared_sentinel_is_its_status_and_an_undeclared_one_is_set_aside():
    open_ended = column("date", sentinels={date(9999, 12, 31): "not applicable"})
    assert parse(open_ended, "31/12/9999", CSV).status == "not applicable"
    assert parse(column("date"), "31/12/9999", CSV).code == "sentinel date"
    assert parse(column("date"), "01/01/1985", CSV).code == "implausible date"


# -- every spelling beside every kind ------------------------------------------------------------------

SPELLINGS = (
    "", " ", "-", "N/A", "n/k", "Yes", " y ", "TRUE", "no", "0", "1", "2", "-1", "+7", "007", "12", "12.0", "12.5", ".5", "-.5", "5.",
    "1,234", "1,23", "1.234", "1,234,567.89", "1 234", "1\u00a0234", "1'234", "£1,234.50", "£-5", "-£5", "(£5.00)", "(12)", "12-", "12 CR",
    "12 DR", "€5", "$5", "GBP 5", "£1.2k", "1.2m", "12%", "0.005", "1.005", "2.345,6", "1e3", "1.5E+3", "1E-400", "1" + "0" * 16, "9" * 15,
    "1/2", "½", "１２", "٣", "1\u200b2", "\u22125", "\u20135", "nan", "inf", "1_000", "0x10", "=1+1", "#REF!", "#N/A", "#DIV/0!", "####",
    "2014-15", "2014/15", "2014-2015", "2014/2015", "14/15", "FY2014-15", "FY 2014/15", "2014-16", "2014", "1989-90", "1990-91", "2098-99",
    "2099-00", "2099-2100", "1999-00", "1999-2000", "2014-15 Q1", "2014/15, quarter 3", "Q2 2014-15", "Qtr 4 of FY2014-15", "2014-15 Q5",
    "2014-15 Q0", "Q1", "2014-04", "2014-4", "2014/04/01", "2014-04-02", "2014-13", "2014-00", "1989-12", "1990-01", "2098-12", "2099-01",
    "4/2014", "13/2014", "April 2014", "Apr-2014", "SEPT 2014", "Foo 2014", "01/04/2014", "1/4/14", "31/12/89", "31/04/2014", "29/02/2023",
    "29/02/2024", "13/13/2014", "04/13/2014", "12/31/2014", "2014-02-30", "20140401", "1 April 2014", "1st April 2014", "Apr 1, 2014",
    "01-Apr-14", "01.04.2014", "1990-01-01", "1989-12-31", "2099-12-31", "2100-01-01", "9999-12-31", "1900-01-00", "41730", "41730.5", "60",
    "0.25", "2014-04-01T00:00:00", "2014-04-01T23:30:00Z", "2014-06-01 12:30", "01/04/2014 1:30 PM",
    "01/04/2014 12:10 am", "01/04/2014 13:00 PM", "01/04/2014 0:30 AM", "2014-06-30T23:30:00 BST", "2014-06-30T23:30:00 GMT",
    "2014-06-30 23:30:00+01:00", "2014-06-30 23:30 XYZ", "01/04/2014 00:00:00", "2014-04-01T25:00:00",
    "one", "Two", "two ", "T\u200bwo", "AB 12", "ab12", "AB-12", "123 456 7890", "943 476 5919", "9434765919", "9434765918", "QQ 12 34 56 C",
    "a" * 50, "a" * 300, "Ã©tude", "a\nb", "a\tb", "\ufffd", "<b>", "'007", "1.0E+05", "E07000001", "E8000015", "E08000015", "gb-chc-1234567",
)  # fmt: skip
KINDS: dict[str, Column] = {
    "text": column("text"),
    "text with a pattern": column(
        "text", pattern=r"[A-Z]{2}[ -]?\d+", missing={"n/k": "unknown", "": "not applicable"}
    ),
    "id": column("id"),
    "id of a length": column("id", length=9, pattern=r"[A-Z]\d{8}"),
    "category": column("category", categories={"one": "one", "two": "second"}, missing={"n/k": "unknown"}),
    "yes/no": column("yes/no", missing={"": "unknown"}),
    "int": column("int", lower=0, upper=1000),
    "int without limits": column("int", missing={"-": "suppressed"}),
    "number": column("number", lower=-5, upper=2000.5),
    "money": column("money"),
    "money of a ledger": column("money", ledger_signs=True, lower=-1e6, upper=1e6),
    "money in thousands": column("money", multiplier=1000, scientific=True, lower=-1e9),
    "date": column("date"),
    "date of birth": column("date", pivot=30, earliest=date(1900, 1, 1), latest=date(2026, 1, 1)),
    "open date": column("date", sentinels={date(9999, 12, 31): "not applicable"}),
    "year": column("year"),
    "quarter": column("quarter"),
    "month": column("month"),
}
WHERE = {
    "in a CSV": CSV,
    "in a workbook": BOOK,
    "in a workbook of 1904": Context(workbook=True, epoch=date(1904, 1, 1)),
    "under £000": Context(header="spend (£000)", multiplier=1000),
}
