"""Issue 21, line 8: any council's spend file reads with every row and penny, or is refused with its cause; never a wrong total."""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import pytest

from commissioning.evidence.intake import take_in

sys.path.insert(0, str(Path(__file__).parent))
from spend_files_kit import LAYOUTS, Layout, plain, rows_of, second_route, slashed, write  # noqa: E402

SHARED = Path(__file__).parents[2].parent / "shared"
SOURCE = '[[source]]\nfiles = "*"\narea = "E08000015"\npublic = true\n'


def _read(folder: Path, more: str = ""):
    (folder / "sources.toml").write_text(SOURCE + more, encoding="utf-8")
    (record,) = take_in(folder).files
    return record


def _totals(record) -> tuple[int, int] | None:
    if record.loaded is None or record.status != "accepted":
        return None
    return record.loaded.rows_accepted, record.loaded.pence_accepted


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one.plain], ids=lambda one: one.name)
def test_every_row_and_penny_of_a_plain_layout_is_read_by_itself(layout: Layout, tmp_path: Path) -> None:
    rows = rows_of(7)
    path = write(layout, rows, tmp_path)
    record = _read(tmp_path)
    assert _totals(record) == second_route(path, layout, rows) == (len(rows), sum(r.pence for r in rows)), record.reason
    frame = record.loaded.frame
    assert list(frame["payee"]) and set(frame["year"]) == {"2023-24"}
    assert "was read as the amount" in record.reason and "smaller payments" in record.reason


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if not one.plain], ids=lambda one: one.name)
def test_what_cannot_be_told_is_refused_with_the_line_that_tells_it(layout: Layout, tmp_path: Path) -> None:
    rows = rows_of(7)
    path = write(layout, rows, tmp_path)
    refused = _read(tmp_path)
    assert refused.status == "refused"
    assert layout.mapping.partition(" =")[0] + " = " in refused.reason
    assert _totals(_read(tmp_path, layout.mapping)) == second_route(path, layout, rows)


FAULTS = {
    "a comma outside quotes in an amount": lambda line: line.replace("1234.56", "1,234.56"),
    "an amount in words": lambda line: line.replace("1234.56", "see note"),
    "another currency": lambda line: line.replace("1234.56", "€1234.56"),
    "an amount as on the continent": lambda line: line.replace("1234.56", "1234%"),
    "a quote that is never closed": lambda line: line.replace("Ashdown", '"Ashdown'),
    "a row that holds two": lambda line: line.rstrip("\r\n") + "," + line,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
@pytest.mark.parametrize(
    "heads", ["Supplier,Payment Date,Amount,Service,Purpose", "Service,Purpose,Amount,Supplier,Payment Date"]
)
def test_a_row_in_doubt_refuses_the_file_and_never_bends_its_total(heads: str, fault, tmp_path: Path) -> None:
    values = {
        "Supplier": "Ashdown Care",
        "Payment Date": "05/05/2023",
        "Amount": "1234.56",
        "Service": "Highways",
        "Purpose": "Salt",
    }
    good = ",".join(values[one] for one in heads.split(",")) + "\n"
    (tmp_path / "spend.csv").write_text(heads + "\n" + good * 8 + fault(good) + good * 8, encoding="utf-8")
    record = _read(tmp_path)
    assert record.status == "refused", (record.status, record.reason)


def test_a_file_cut_in_its_last_row_is_refused(tmp_path: Path) -> None:
    text = "Supplier,Payment Date,Amount,Service\n" + "Ashdown Care,05/05/2023,1234.56,Salt\n" * 4
    (tmp_path / "spend.csv").write_text(text.removesuffix(".56,Salt\n"), encoding="utf-8")
    assert _read(tmp_path).status == "refused"


TOTALS = {
    "a total that is not the sum": "Grand Total,,99.00,",
    "a second table below the payments": "Adult Services,,700.00,",
    "a bare amount that is no sum": ",,12.00,",
}


@pytest.mark.parametrize("line", TOTALS.values(), ids=list(TOTALS))
def test_a_total_is_checked_and_a_summary_is_never_added(line: str, tmp_path: Path) -> None:
    rows = "".join(f"Ashdown Care,{day:02d}/05/2023,100.00,Highways\n" for day in range(1, 8))
    (tmp_path / "spend.csv").write_text(f"Supplier,Payment Date,Amount,Service\n{rows}{line}\n", encoding="utf-8")
    record = _read(tmp_path)
    assert record.status == "refused" and "row 9" in record.reason


def test_what_a_spreadsheet_left_in_words_loses_no_payment(tmp_path: Path) -> None:
    rows = [
        '"Ashdown "The Care" Ltd",02/05/2023,7.00,#N/A',
        "Br\ufffdok,03/05/2023,Â£1.50,CafÃ©",
        "O\x92Hara,04/05/2023,-,Salt",
    ]
    text = "Supplier,Payment Date,Amount (Â£),Purpose\n" + "\n".join(rows * 3) + "\n"
    (tmp_path / "spend.csv").write_text(text, encoding="utf-8")
    record = _read(tmp_path)
    assert _totals(record) == (9, 2550), record.reason
    assert set(record.loaded.frame["purpose"].fillna("unknown")) == {"unknown", "Café", "Salt"}


def test_a_payment_above_the_header_is_never_lost(tmp_path: Path) -> None:
    text = "Ashdown Care,01/05/2023,5.00\nSupplier,Payment Date,Amount\n" + "Ashdown Care,02/05/2023,7.00\n" * 3
    (tmp_path / "spend.csv").write_text(text, encoding="utf-8")
    assert _read(tmp_path).status == "refused"
    (tmp_path / "spend.csv").write_text("Supplier,Payment Date,Amount\n" + text, encoding="utf-8")
    assert _totals(_read(tmp_path)) == (4, 2600)


def test_amounts_that_differ_under_two_headings_are_asked_for_and_net_is_taken_and_said(tmp_path: Path) -> None:
    def of(*heads: str) -> str:
        rows = "".join(f"Ashdown Care,{d:02d}/05/2023,120.00,100.00\n" for d in range(1, 6))
        (tmp_path / "spend.csv").write_text(f"Supplier,Date,{','.join(heads)}\n{rows}", encoding="utf-8")
        record = _read(tmp_path)
        return record.reason if record.loaded is None else f"£{record.loaded.pence_accepted / 100:.2f}; {record.reason}"

    assert of("Gross Amount", "Net Amount").startswith("£500.00; ") and "net of VAT" in of("Gross Amount", "Net Amount")
    for heads in (
        ("Amount", "Total"),
        ("Amount", "Net Amount"),
        ("Amount", "Gross Amount"),
        ("Amount", ""),
        ("Net Paid", "Net Amount"),
    ):
        assert "cannot be told" in of(*heads) or "without a heading" in of(*heads), heads


def _book(folder: Path, sheets: dict[str, list[list[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "spend.xlsx")


def test_a_workbook_with_a_sheet_a_month_is_read_whole_and_a_summary_left_out(tmp_path: Path) -> None:
    heads = ["Supplier Name", "Payment Date", "Amount (£)", "Directorate"]
    first, second = ([[r.payee, slashed(r), r.pence / 100, r.department] for r in rows_of(seed)] for seed in (1, 2))
    summary = [["Directorate", "Total"], ["Place", 12.5]]
    _book(tmp_path, {"May": [["Spend over £500"], heads, *first], "June": [heads, *second], "Summary": summary})
    record = _read(tmp_path)
    assert _totals(record) == (28, sum(r.pence for seed in (1, 2) for r in rows_of(seed)))
    assert "“Summary”" in record.reason


def test_a_sheet_of_all_rows_beside_the_months_is_not_counted_twice(tmp_path: Path) -> None:
    heads = ["Supplier Name", "Payment Date", "Amount", "Directorate"]
    rows = [[r.payee, slashed(r), plain(r.pence), r.department] for r in rows_of(3)]
    _book(tmp_path, {"All": [heads, *rows], "May": [heads, *rows[:7]], "June": [heads, *rows[7:]]})
    record = _read(tmp_path)
    assert record.status == "refused" and "keep one of them" in record.reason


def test_months_without_days_are_of_their_financial_year(tmp_path: Path) -> None:
    text = (
        "Supplier,Month,Amount,Directorate\n"
        + "Ashdown Care,Mar-24,10.00,Place\nAshdown Care,April 2024,5.00,Place\n" * 3
    )
    (tmp_path / "spend.csv").write_text(text, encoding="utf-8")
    frame = _read(tmp_path).loaded.frame
    assert list(frame["year"][:2]) == ["2023-24", "2024-25"] and list(frame["period"][:2]) == [
        "2023-24 Q4",
        "2024-25 Q1",
    ]


AMOUNTS = {
    "salford": 5,
    "calderdale": 5,
    "manchester": 5,
    "nt": 2,
    "rochdale": 5,
    "sheffield": 1,
    "wakefield": 12,
    "darlington": 5,
}


@pytest.mark.parametrize("name", AMOUNTS)
def test_files_that_councils_published_read_with_every_row_and_penny(name: str, tmp_path: Path) -> None:
    import csv
    from decimal import Decimal

    folder = SHARED / "cases" / "300-councils-spend-files"
    found = next(iter(folder.glob(f"*/{name}*.csv")), None) if folder.is_dir() else None
    if found is None:
        pytest.skip("the published files are not here")
    (tmp_path / "spend.csv").write_bytes(found.read_bytes())
    with found.open(encoding="utf-8", errors="replace", newline="") as file:
        cells = [row[AMOUNTS[name]].replace(",", "").strip() for row in csv.reader(file)]
    money = [Decimal(c) for c in cells if c.lstrip("-").replace(".", "").isdigit()]
    record = _read(tmp_path, 'month = "2014-04"' if name == "darlington" else "")
    assert _totals(record) == (len(money), int(sum(money) * 100)), record.reason
