"""What publishers write in place of a number, or beside one, is read as they mean it; so are their days, years and long preambles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from commissioning.evidence import cells, shorthand
from commissioning.evidence.cell import Context
from commissioning.evidence.contracts import HEADER_ROWS, Column
from commissioning.evidence.intake import FileRecord, take_in
from commissioning.evidence.tables import CONTRACTS

ASCOF = "Return.Year,Geographical.Code,Geographical.Description,Geographical.Level,ONS.Area.Code,ASCOF.Measure.Code,Disaggregation.Level,Measure.Type,Measure.Value,Measure.Group"
SAID = {
    "[c]": "suppressed", "c": "suppressed", "*": "suppressed", "[low]": "suppressed", "[LOW]": "suppressed",
    "[x]": "unknown", "x": "unknown", ":": "unknown", "..": "unknown", "": "unknown", "[w]": "unknown",
    "[z]": "not applicable", "z": "not applicable",
}  # fmt: skip
BESIDE = ("45.2 [r]", "45.2 [p]", "45.2[e]", "45.2 [note 3]", "45.2 [u]", "45.2 [r] [note 12]", "45.2 [low]")
YEARS = (
    "{0} (f)", "{0} (F)", "{0} [f]", "{0} (1), (2)", "{0} (1), (f)", "{0} forecast", "{0}*", "{0} †", "{0} [note 2]", "{0}¹",
    "{0} (provisional)", "{0} (p)", "{0}(r)",
)  # fmt: skip
TODAY = dt.date(2026, 11, 30)


def put(folder: Path, name: str, *lines: str) -> FileRecord:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (found,) = take_in(folder, today=TODAY).files
    return found


def ascof(*figures: str) -> list[str]:
    start = "2017-18,319,Wirral,Council,E08000015"
    return [ASCOF, *(f"{start},1E{n},Total,Numerator,{one},1E" for n, one in enumerate(figures))]


@pytest.mark.parametrize("mark", SAID)
def test_a_mark_in_place_of_a_number_is_read_as_what_it_says(mark, tmp_path):
    found = put(tmp_path, "ascof.csv", *ascof(mark, "12"))
    assert (found.status, found.loaded.rows_accepted, found.loaded.rows_quarantined) == ("accepted", 2, 0), found.reason
    first = found.loaded.frame.iloc[0]
    assert first["numerator_status"] == SAID[mark] and first.isna()["numerator"]


@pytest.mark.parametrize("text", BESIDE)
def test_a_mark_beside_a_number_is_a_note_and_the_number_stands(text, tmp_path):
    found = put(tmp_path, "ascof.csv", *ascof(text))
    assert found.loaded.frame["numerator"].tolist() == [45.2]
    assert shorthand.NOTE in found.reason


def test_a_mark_never_turns_a_sum_below_zero_into_one_above():
    money = Column(name="a_pence", holds="money", says="", header="a")
    for text, pence in (("(5)", -500), ("£(5.00)", -500), ("12.00 [r]", 1200), ("(5) [p]", -500)):
        assert cells.parse(money, text, Context()).value == pence
    for text in ("5 (6)", "[c]", "[5]"):
        assert cells.parse(money, text, Context()).code


@pytest.mark.parametrize("table", [c.table for c in CONTRACTS if any(o.with_status for o in c.columns)])
def test_a_councils_own_tables_take_the_marks_that_nothing_else_can_be_taken_for(table):
    contract = next(c for c in CONTRACTS if c.table == table)
    for column in contract.columns:
        if column.with_status and column.holds in ("int", "number", "money"):
            for mark, status in shorthand.BRACKETED.items():
                cell = cells.parse(column, mark, Context())
                assert (cell.value, cell.status, cell.code) == (None, status, ""), (column.name, mark)


@pytest.mark.parametrize("as_written", YEARS)
def test_a_year_with_marks_is_that_year(as_written, tmp_path):
    rows = ["2023-24,100.0,6.1", "2024-25,104.0,4.0"]
    last = as_written.format("2025-26")
    rows.append(f'"{last}",-,2.5')
    found = put(tmp_path, "gdp.csv", "Financial year,2023-24 = 100,per cent change on previous year", *rows)
    assert found.loaded.frame["year"].tolist() == ["2023-24", "2024-25", "2025-26"], found.loaded.causes
    assert found.loaded.frame["index"].tolist()[-1] == pytest.approx(106.6)
    assert found.loaded.frame["is_forecast"].tolist() == [False, False, True]
    own = Column(name="period", holds="year", says="", ahead=None)
    assert cells.parse(own, last, Context()).value == "2025-26"


def test_a_forecast_that_states_its_index_is_a_forecast_all_the_same(tmp_path):
    found = put(
        tmp_path,
        "gdp.csv",
        "Financial year,2023-24 = 100,per cent change on previous year",
        "2023-24,100.0,6.1",
        "2024/25,104.0 [r],4.0",
        "2025–26 (f),106.6,2.5",
    )
    assert found.loaded.frame["index"].tolist() == [100.0, 104.0, 106.6]
    assert found.loaded.frame["is_forecast"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05-Dec-24", (2024, 12, 5)), ("5 December 24", (2024, 12, 5)), ("31-Mar-99", (1999, 3, 31)), ("01 Apr 00", (2000, 4, 1)),
        ("05-DEC-2024", (2024, 12, 5)),
    ],
)  # fmt: skip
def test_a_day_whose_month_is_in_words_may_have_a_year_of_two_digits(text, day):
    column = Column(name="paid_on", holds="date", says="")
    assert cells.parse(column, text, Context(today=TODAY)).value == dt.date(*day)


def test_a_month_in_words_may_have_a_year_of_two_digits():
    column = Column(name="m", holds="month", says="")
    assert cells.parse(column, "Dec-24", Context(today=TODAY)).value == "2024-12"
    near = Column(name="m", holds="month", says="", ahead=0)
    assert cells.parse(near, "Mar-99", Context(today=TODAY)).value == "1999-03", (
        "of the century in which it may be, as a day is"
    )


@pytest.mark.parametrize("above", [0, 21, 45, HEADER_ROWS - 1])
@pytest.mark.parametrize("kind", ["own", "ascof", "deflators"])
def test_a_header_may_stand_below_a_long_preamble(above, kind, tmp_path):
    lines = {
        "own": ["department,payee,paid_on,amount", "Adults,A,05-Dec-24,10.00", "Adults,B,06-Dec-24,5.00"],
        "ascof": ascof("1", "2"),
        "deflators": [
            "Financial year,2023-24 = 100,per cent change on previous year",
            "2023-24,100,1",
            "2024-25,101,1",
        ],
    }[kind]
    notes = [f'"Note {n}: read this first, and then the rest"' for n in range(above)]
    found = put(tmp_path, "a.csv", *notes, *lines)
    assert (found.status, found.loaded.rows_accepted) == ("accepted", 2), found.reason
