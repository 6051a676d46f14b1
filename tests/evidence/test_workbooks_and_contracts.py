"""Workbooks as they arrive, and what a contract may not say."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from evidence_kit import OWN, accepted, check, csv, pay, quarantined, refused

from commissioning.evidence import units
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.intake import take_in
from commissioning.evidence.loaded import Loaded, quarantine_frame


def save(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ledger(rows=3):
    book = openpyxl.Workbook()
    book.active.title = "Ledger"
    for row in [OWN, *pay(rows)]:
        book.active.append([float(c) if c == "10.00" else c for c in row.split(",")])
    return book


def test_a_workbook_is_read_like_a_csv_and_rows_are_named_by_sheet(tmp_path):
    book = ledger()
    book.active["D3"] = "n/a"
    entry = check(tmp_path, save(book), "a.xlsx")
    accepted(entry, 2, 1)
    quarantined(entry, "Ledger!3", "not an amount", "amount")


def test_a_formula_without_a_stored_value_is_set_aside_and_one_with_a_value_is_noted(tmp_path):
    book = ledger()
    book.active["D4"] = "=5+5"
    entry = check(tmp_path, save(book), "a.xlsx")
    quarantined(entry, "Ledger!4", "formula without a value", "amount")
    assert "stored value" not in str(entry)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(save(book))) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.namelist():
            body = old.read(item)
            if item.endswith("sheet1.xml"):
                body = body.replace(b"<f>5+5</f><v></v>", b"<f>5+5</f><v>10</v>").replace(
                    b"<f>5+5</f><v />", b"<f>5+5</f><v>10</v>"
                )
            new.writestr(item, body)
    accepted(check(tmp_path, out.getvalue(), "a.xlsx"), 3, says="1 formula read by stored value")


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_cell_is_set_aside(tmp_path, error):
    book = ledger()
    book.active["D4"] = error
    book.active["D4"].data_type = "e"
    quarantined(check(tmp_path, save(book), "a.xlsx"), "Ledger!4", "error value", "amount")


def test_hidden_rows_columns_and_sheets_are_read_and_named(tmp_path):
    book = ledger()
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("Notes").append(["nothing here"])
    more = book.create_sheet("Older")
    for row in [OWN, *pay(2)]:
        more.append(row.split(","))
    more.sheet_state = "hidden"
    entry = check(tmp_path, save(book), "a.xlsx")
    accepted(entry, 5)
    for words in (
        "1 hidden row read",
        "1 hidden group of columns read",
        "“Older” is hidden",
        "“Notes” does not follow",
    ):
        assert words in entry["reason"]
    assert take_in(tmp_path).tables["payments"]["source_row"].str.startswith("Older!").sum() == 2


def test_title_rows_blank_rows_and_totals_of_a_workbook_are_declared_not_data(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Report"], [], OWN.split(","), *[r.split(",") for r in pay(2)], [], ["Total", None, None, 20], [None]]:
        book.active.append(row)
    book.active.merge_cells("A1:D1")
    accepted(check(tmp_path, save(book), "a.xlsx"), 2, 0, 4, says="merged cells at A1:D1")


def test_a_workbook_total_that_disagrees_is_refused(tmp_path):
    book = ledger()
    book.active.append(["Total", None, None, 31])
    refused(check(tmp_path, save(book), "a.xlsx"), "£31.00")


def test_a_damaged_workbook_is_refused(tmp_path):
    whole = save(ledger())
    refused(check(tmp_path, whole[: len(whole) // 2], "a.xlsx"), "damaged")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("xl/workbook.xml", "<broken")
    refused(check(tmp_path, out.getvalue(), "a.xlsx"), "damaged workbook")


def test_an_id_that_is_a_decimal_number_in_a_workbook_is_set_aside(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*OWN.split(","), "grant_id"])
    for value in (12345, 12345.5, True):
        book.active.append(["A", "Adults", "13/04/2024", 1, value])
    entry = check(tmp_path, save(book), "a.xlsx")
    accepted(entry, 2, 1)
    quarantined(entry, "Sheet!3", "id is a number", "grant_id")


def test_a_contract_that_contradicts_itself_cannot_be_written():
    a = Column(name="a", holds="text", says="")
    keys = {"table": "t", "title": "t", "version": "1"}
    with pytest.raises(ValueError, match="named twice"):
        Contract(columns=(a, a), **keys)
    with pytest.raises(ValueError, match="not one of its columns"):
        Contract(columns=(a,), key=("b",), **keys)
    with pytest.raises(ValueError, match="one header means"):
        Contract(columns=(a, Column(name="b", holds="text", says="", aliases=("A",))), **keys)


def test_a_file_that_does_not_reconcile_cannot_be_loaded():
    import pandas as pd

    keys = {"table": "t", "frame": pd.DataFrame(), "quarantine": quarantine_frame([]), "unit": "row"}
    counts = {"rows_in": 2, "rows_accepted": 1, "rows_quarantined": 1, "rows_not_data": 0}
    Loaded(**keys, **counts)
    with pytest.raises(ValueError, match="rows do not reconcile"):
        Loaded(**keys, **{**counts, "rows_in": 3})
    with pytest.raises(ValueError, match="pence do not reconcile"):
        Loaded(**keys, **counts, pence_in=2, pence_accepted=1)
    with pytest.raises(ValueError, match="without pence_in"):
        Loaded(**keys, **counts, pence_accepted=1)


@pytest.mark.parametrize(
    ("header", "key", "multiplier"),
    [
        ("Weekly cost (£)", "weeklycost", None),
        ("Weekly cost £000", "weeklycost", 1000),
        ("Cost (£m)", "cost", 1_000_000),
        ("Amount", "amount", None),
        ("Period 2000", "period2000", None),
        ("Week", "week", None),
        ("Risk", "risk", None),
    ],
)
def test_a_header_says_its_own_units(header, key, multiplier):
    read = units.read(header)
    assert (read.key, read.multiplier) == (key, multiplier)


def test_a_total_row_that_cannot_be_read_or_checked_is_said(tmp_path):
    refused(check(tmp_path, csv(OWN, [*pay(2), "Total,,,tbc"])), "cannot be read")
    rows = [*pay(2), "A,Adults,13/04/2024,tbc", "Total,,,25.00"]
    accepted(check(tmp_path, csv(OWN, rows)), 2, 1, 1, says="could not be checked")
    accepted(check(tmp_path, csv(OWN, [*pay(2), "Total,20.00"])), 2, 0, 1)
    accepted(check(tmp_path, csv(OWN, [*pay(2, "0.005"), "Total,,,0.01"])), 2, 0, 1)


def test_ctrl_z_in_the_middle_means_two_files_joined(tmp_path):
    refused(check(tmp_path, csv(OWN, [*pay(2), "\x1a", *pay(2)])), "two files were joined")
