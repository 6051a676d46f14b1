"""Whatever way a file is laid out, in = accepted + set aside + not data, and `in` is what the file holds.

Every contract is written in every layout here: other units and marks in its headings, other orders, a header again in
the middle, cells to the right that nothing names, a sheet a year. The rows and pence are worked out a second time from
what was written, and never from what was read.

Longer than 400 lines: every layout is made by the same few functions above it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from commissioning.evidence import intake, load
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.extract import open_extract
from commissioning.evidence.loaded import Loaded, Refused, Source
from commissioning.evidence.preview import preview
from commissioning.evidence.tables import CONTRACTS

ROWS = 6
UNITS = {"": 1, " (£)": 1, " £000": 1000, " (£'000)": 1000, " (£m)": 1_000_000, " (GBP)*": 1, " [note 2] (£)": 1}
MARKS = ("", "*", " [low]", " (1), (2)", "¹", " (note 3)", "\u202e", " ")


@dataclass(frozen=True)
class Written:
    """What was put into a file: rows of cells by column, and the pence of each as written."""

    contract: Contract
    rows: list[dict[str, str]]
    pence: list[int]


def heading(column: Column, unit: str = "", mark: str = "") -> str:
    return column.heading + mark + (unit if column.holds == "money" else "")


def written(contract: Contract, factor: int = 1, first: int = 0) -> Written:
    """Rows that the contract accepts, each with a key and an amount of its own, in units of `factor` pounds."""
    rows, pence = [], []
    for i in range(first, first + ROWS):
        row = {}
        for column in contract.columns:
            cell = column.example
            if column.name in contract.key and column.holds in ("id", "text") and not column.pattern:
                cell = f"{column.example} {i}" if column.holds == "text" else f"{column.example}{i}"
            elif column.holds == "money":
                pounds = (
                    Decimal(f"{100 + i}.{(10 + i) % 90 + 10}")
                    if column.name == contract.control_amount
                    else Decimal("0.50")
                )
                cell = format(pounds / factor, "f")
                if column.name == contract.control_amount:
                    pence.append(int(pounds * 100))
            row[column.name] = cell
        rows.append(row)
    return Written(contract=contract, rows=rows, pence=pence)


def table(made: Written, columns: list[Column], unit: str = "", mark: str = "") -> list[list[str]]:
    return [[heading(c, unit, mark) for c in columns], *[[row[c.name] for c in columns] for row in made.rows]]


def as_csv(lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue().encode("utf-8")


def as_book(**sheets: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(folder: Path, name: str, content: bytes) -> Loaded:
    """The file as intake takes it: recognised, and read by the reader that knows it."""
    path = folder / name
    path.write_bytes(content)
    got = open_extract(path, name)
    reader, match, _ = intake.choose(preview(got))
    assert reader is not None, f"{name}: no contract recognises it"
    return reader.read(got, Source())


def holds(loaded: Loaded, rows: int, pence: list[int], not_data: int = 0, aside: int = 0) -> None:
    """Rows and pence as written, whichever way they went."""
    assert (loaded.rows_accepted, loaded.rows_quarantined, loaded.rows_not_data) == (rows, aside, not_data), (
        loaded.causes
    )
    if loaded.pence_in is not None:
        assert loaded.pence_in == sum(pence), (loaded.notes, loaded.causes)
        assert loaded.pence_in == loaded.pence_accepted + loaded.pence_quarantined + loaded.pence_not_data


EVERY = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.table)


@EVERY
def test_units_and_marks_in_the_headings_are_read_and_never_change_a_penny(contract, tmp_path):
    units = UNITS if contract.control_amount else {"": 1}
    for n, (unit, factor) in enumerate(units.items()):
        mark = MARKS[n % len(MARKS)]
        made = written(contract, factor)
        loaded = read(tmp_path, f"{n}.csv", as_csv(table(made, list(contract.columns), unit, mark)))
        holds(loaded, ROWS, made.pence)
    for n, mark in enumerate(MARKS):
        made = written(contract)
        loaded = read(tmp_path, f"m{n}.csv", as_csv(table(made, list(contract.columns), mark=mark)))
        holds(loaded, ROWS, made.pence)


@EVERY
def test_the_order_of_columns_says_nothing_and_optional_ones_may_be_absent(contract, tmp_path):
    made = written(contract)
    for n, columns in enumerate(
        (list(reversed(contract.columns)), [*contract.columns[2:], *contract.columns[:2]], list(contract.required))
    ):
        holds(read(tmp_path, f"{n}.csv", as_csv(table(made, columns))), ROWS, made.pence)


@EVERY
def test_a_header_again_in_another_order_binds_the_rows_below_it(contract, tmp_path):
    above, below = written(contract), written(contract, first=ROWS)
    orders = (list(contract.columns), list(reversed(contract.columns)), list(contract.required))
    for n, order in enumerate(orders):
        lines = [*table(above, list(contract.columns)), *table(below, order)]
        for name, content in ((f"{n}.csv", as_csv(lines)), (f"{n}.xlsx", as_book(Sheet=lines))):
            loaded = read(tmp_path, name, content)
            holds(loaded, 2 * ROWS, above.pence + below.pence, not_data=1)
            for column in contract.required:
                if column.holds in ("id", "text"):
                    told = [row[column.name] for row in above.rows + below.rows]
                    got = list(loaded.frame[column.name])
                    assert got == told, (column.name, order)


@EVERY
def test_a_header_again_that_lacks_a_column_refuses_the_file_by_its_line(contract, tmp_path):
    if len(contract.required) < 4:
        pytest.skip("with three columns a header without one may be anything")
    made, lost = written(contract), contract.required[-1]
    lines = [*table(made, list(contract.columns)), [c.heading for c in contract.columns if c.name != lost.name]]
    lines += [[row[c.name] for c in contract.columns if c.name != lost.name] for row in made.rows]
    with pytest.raises(Refused) as refused:
        read(tmp_path, "a.csv", as_csv(lines))
    assert (refused.value.code, refused.value.where) == ("another header", f"line {ROWS + 2}")
    assert lost.heading in refused.value.reason


@EVERY
def test_cells_that_no_heading_names_lose_no_row(contract, tmp_path):
    made = written(contract)
    plain = table(made, list(contract.columns))
    ends: dict[str, Callable[[int], list[str]]] = {
        "blank": lambda i: [""],
        "word": lambda i: ["#N/A" if i % 2 else "Redacted"],
        "some blank": lambda i: [""] if i % 2 else [],
        "two": lambda i: ["", "x"],
    }
    for name, end in ends.items():
        lines = [plain[0], *[line + end(i) for i, line in enumerate(plain[1:])]]
        loaded = read(tmp_path, f"{name}.csv", as_csv(lines))
        holds(loaded, ROWS, made.pence)
        assert any("no heading" in note or "blank cells after" in note for note in loaded.notes)
        holds(read(tmp_path, f"{name}.xlsx", as_book(Sheet=lines)), ROWS, made.pence)
    shifted = [plain[0], *[["x", *line] for line in plain[1:]]]
    if contract.control_amount:
        with pytest.raises(Refused, match="columns have shifted"):
            read(tmp_path, "shifted.csv", as_csv(shifted))


COUNTED = [c for c in CONTRACTS if c.control_amount and any(o.holds in ("int", "number") for o in c.columns)]


@pytest.mark.parametrize("contract", COUNTED, ids=lambda c: c.table)
def test_a_number_beside_an_amount_is_never_taken_for_one_torn_amount(contract, tmp_path):
    made = written(contract)
    number = next(c for c in contract.columns if c.holds in ("int", "number"))
    amount = contract.column(contract.control_amount)
    others = [c for c in contract.columns if c not in (number, amount) and c.telling]
    words = [c for c in contract.columns if c not in (number, amount) and not c.telling]
    for i, row in enumerate(made.rows):
        row[number.name] = str(8 + i)
    columns = [*others, number, amount, *words]
    for end in (["", ""], ["seen"], [""]):
        lines = table(made, columns)
        lines = [lines[0], *[[*line, *end] for line in lines[1:]]]
        holds(read(tmp_path, "a.csv", as_csv(lines)), ROWS, made.pence)


@pytest.mark.parametrize("contract", [c for c in CONTRACTS if c.control_amount], ids=lambda c: c.table)
def test_an_amount_torn_by_its_own_comma_is_set_aside_with_its_pounds(contract, tmp_path):
    made = written(contract)
    columns = list(contract.columns)
    at = next(i for i, c in enumerate(columns) if c.name == contract.control_amount)
    lines = table(made, columns)
    lines[3] = [*lines[3][:at], "1", "234.50", *lines[3][at + 1 :]]
    loaded = read(tmp_path, "a.csv", as_csv(lines))
    holds(loaded, ROWS - 1, [p if i != 2 else 123_450 for i, p in enumerate(made.pence)], aside=1)


@EVERY
def test_every_sheet_that_fits_is_read_and_the_others_are_in_the_account(contract, tmp_path):
    first, second = written(contract), written(contract, first=ROWS)
    columns = list(contract.columns)
    fits = table(second, list(reversed(columns)))
    loaded = read(
        tmp_path, "a.xlsx", as_book(April=table(first, columns), May=fits, Guide=[["What to write"], ["words"]])
    )
    holds(loaded, 2 * ROWS, first.pence + second.pence)
    assert any("“Guide”" in note for note in loaded.notes)
    if contract.control_amount is None:
        return
    lost = next(c for c in contract.required if c.name != contract.control_amount)
    without = table(second, [c for c in columns if c.name != lost.name])
    loaded = read(tmp_path, "b.xlsx", as_book(April=table(first, columns), May=without))
    holds(loaded, ROWS, first.pence + second.pence, aside=ROWS)
    assert any(f"“May” has no column {lost.heading}" in note for note in loaded.notes)
    strange = [["Who", "When", "Value"], ["A", "B", "12.34"], ["C", "D", "1.00"], ["Total", "", "13.34"]]
    loaded = read(tmp_path, "c.xlsx", as_book(April=table(first, columns), Other=strange))
    holds(loaded, ROWS, [*first.pence, 1334], not_data=4)
    assert loaded.pence_not_data == 1334 and any("“Other”" in n and "£13.34" in n for n in loaded.notes)


MONEY = [c for c in CONTRACTS if c.control_amount]


@pytest.mark.parametrize("contract", MONEY, ids=lambda c: c.table)
@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("900000000000.00", 90_000_000_000_000),
        ("(250.00)", -25_000),
        ("250.00-", -25_000),
        ("-250.00", -25_000),
        ("250.00 CR", -25_000),
        ("1.2E+05", 12_000_000),
    ],
)
def test_money_that_can_be_read_is_counted_where_it_goes(contract, text, pence, tmp_path):
    made = written(contract)
    made.rows[2][contract.control_amount] = text
    loaded = read(tmp_path, "a.csv", as_csv(table(made, list(contract.columns))))
    assert loaded.pence_in == sum(made.pence) - made.pence[2] + pence
    assert loaded.pence_in == loaded.pence_accepted + loaded.pence_quarantined and loaded.unread_amounts == 0
    assert loaded.rows_accepted + loaded.rows_quarantined == ROWS


@pytest.mark.parametrize("contract", MONEY, ids=lambda c: c.table)
def test_a_row_set_aside_for_another_cell_or_for_its_width_keeps_its_pounds(contract, tmp_path):
    made = written(contract)
    lines = table(made, list(contract.columns))
    typed = next(i for i, c in enumerate(contract.columns) if c.holds in ("date", "year", "quarter"))
    lines[2][typed] = "no such day"
    lines[4] = [*lines[4], "stray"]
    loaded = read(tmp_path, "a.csv", as_csv(lines))
    holds(loaded, ROWS - 2, made.pence, aside=2)


def test_what_nobody_can_read_is_said_and_is_in_no_sum(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    made = written(contract)
    for i, text in enumerate(("about 40", "45%", "1.234,50")):
        made.rows[i]["amount_pence"] = text
    loaded = read(tmp_path, "a.csv", as_csv(table(made, list(contract.columns))))
    assert (loaded.rows_quarantined, loaded.unread_amounts, loaded.pence_in) == (3, 3, sum(made.pence[3:]))
    assert any("3 rows set aside whose amount cannot be read" in note for note in loaded.notes)


def test_a_percentage_in_a_workbook_is_never_money(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    made = written(contract)
    book = openpyxl.Workbook()
    for line in table(made, list(contract.columns)):
        book.active.append(line)
    at = [c.name for c in contract.columns].index("amount_pence") + 1
    for row, shown in ((2, "0%"), (3, "0.00%"), (4, '0.0" %"'), (5, "0.00")):
        cell = book.active.cell(row, at)
        cell.value, cell.number_format = 0.45, shown
    out = io.BytesIO()
    book.save(out)
    loaded = read(tmp_path, "a.xlsx", out.getvalue())
    assert (loaded.rows_quarantined, loaded.rows_accepted) == (2, ROWS - 2)
    assert {c.code for c in loaded.causes} == {"a percentage"} and loaded.pence_in == 90 + sum(made.pence[4:])


@pytest.mark.parametrize("digits", ["1234567890123456789", "9007199254740993001", "1234567890123450000"])
def test_an_id_of_19_digits_keeps_them_all_or_is_set_aside(digits, tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "organisations")
    made = written(contract)
    made.rows[1]["organisation_id"] = digits
    lines = table(made, list(contract.columns))
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for kind, value in (("text", digits), ("whole", int(digits)), ("float", float(digits))):
        book.active.cell(3, 1).value = value
        out = io.BytesIO()
        book.save(out)
        loaded = read(tmp_path, f"{kind}.xlsx", out.getvalue())
        kept = set(loaded.frame["organisation_id"])
        assert digits in kept or loaded.rows_quarantined == 1, kind
    assert digits in set(read(tmp_path, "a.csv", as_csv(lines)).frame["organisation_id"]) or digits.endswith("0000")


def test_a_unit_in_a_line_of_its_own_is_read_below_the_header_and_asked_for_above_it(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "budget")
    made = written(contract, 1000)
    lines = table(made, list(contract.columns))
    units = ["£000" if c.holds == "money" else "" for c in contract.columns]
    holds(read(tmp_path, "a.csv", as_csv([lines[0], units, *lines[1:]])), ROWS, made.pence, not_data=1)
    with pytest.raises(Refused, match="thousands or millions of pounds"):
        read(tmp_path, "b.csv", as_csv([["Budget, all figures in £000"], *lines]))


def test_rows_above_the_header_are_never_taken_for_titles(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    lines = table(written(contract), list(contract.columns))
    with pytest.raises(Refused, match="rows of data stand above the header"):
        read(tmp_path, "sorted.csv", as_csv([*lines[1:4], lines[0], *lines[4:]]))


def test_other_words_in_the_place_of_a_row_refuse_the_file_and_a_poor_row_does_not(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    columns = [c for c in contract.columns if c.required]
    lines = table(written(contract), columns)
    with pytest.raises(Refused, match="line 4 is another header") as refused:
        read(tmp_path, "a.csv", as_csv([*lines[:3], ["Vendor", "Service", "When", "Sum"], *lines[3:]]))
    assert "Vendor" not in refused.value.reason or "nearest" in refused.value.reason
    loaded = read(
        tmp_path, "b.csv", as_csv([*lines[:3], ["Somebody", "Adults", "not known", "to be agreed"], *lines[3:]])
    )
    assert loaded.rows_quarantined == 1


def test_a_missing_column_is_named_with_its_near_miss_and_nothing_absurd_is_near(tmp_path):
    (tmp_path / "a.csv").write_text("Payee,Directorate,Date,Amount (£ net)\nA,B,01/04/2014,1.00\n")
    (tmp_path / "b.csv").write_text("Colour,Size,Price\nred,4,1.00\n")
    near, none = (f.reason for f in intake.take_in(tmp_path).files)
    assert "payments" in near and "payee, department" in near
    assert "paid_on (nearest here: “Date”)" in near and "amount (nearest here: “Amount (£ net)”)" in near
    assert "none is near" in none and "payments" not in none


def test_marks_that_turn_or_hide_text_are_taken_out_and_counted(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    made = written(contract)
    for i, mark in enumerate("\u202e\u2066\u200b\u200f\u2060\U000e0041"):
        made.rows[i]["payee"] = f"Acme{mark} Friends"
    for name, content in (
        ("a.csv", as_csv(table(made, list(contract.columns)))),
        ("a.xlsx", as_book(**{"Pay\u202ements": table(made, list(contract.columns))})),
    ):
        loaded = read(tmp_path, name, content)
        assert set(loaded.frame["payee"]) == {"Acme Friends"}
        assert any("invisible characters" in note and "6 cells" in note for note in loaded.notes)
        assert not any(
            ord(c) in (0x202E, 0x2066) for text in (*loaded.frame["source_row"], *loaded.notes) for c in text
        )


def test_thirty_headers_in_turn_bind_each_its_own_rows(tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    lines, pence = [], []
    for n in range(30):
        made = written(contract, first=n * ROWS)
        order = list(contract.columns) if n % 2 else list(reversed(contract.columns))
        lines += table(made, order)
        pence += made.pence
    loaded = read(tmp_path, "a.csv", as_csv(lines))
    holds(loaded, 30 * ROWS, pence, not_data=29)


def test_a_batch_cut_anywhere_gives_the_same_account(tmp_path, monkeypatch):
    from commissioning.evidence import feed

    contract = next(c for c in CONTRACTS if c.table == "packages")
    above, below = written(contract), written(contract, first=ROWS)
    lines = [*table(above, list(contract.columns)), *table(below, list(reversed(contract.columns)))]
    whole = read(tmp_path, "a.csv", as_csv(lines))
    for size in (1, 2, 5):
        monkeypatch.setattr(feed, "BATCH", size)
        cut = load.load(open_extract(tmp_path / "a.csv"), contract, Source())
        assert cut.frame.equals(whole.frame) and cut.pence_in == whole.pence_in


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_file_cut_inside_its_last_line_end_or_before_it_is_half_written(end, tmp_path):
    contract = next(c for c in CONTRACTS if c.table == "payments")
    whole = as_csv(table(written(contract), list(contract.columns))).replace(b"\n", end.encode())
    holds(read(tmp_path, "whole.csv", whole), ROWS, written(contract).pence)
    for cut in range(1, 12):
        with pytest.raises(Refused) as refused:
            read(tmp_path, "cut.csv", whole[:-cut])
        assert refused.value.code == "half-written"
