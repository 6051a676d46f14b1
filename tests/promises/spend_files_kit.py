"""Spend files as English councils lay them out, imitated small with invented rows; and a second route to their rows and pence.

Headings, preambles and totals follow what councils publish. Each layout says which column holds the amount and how many
of its lines are payments, so that the second route needs no reader: the csv module and `Decimal`.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

PAYEES = (
    "Ashdown Care Ltd", "Total Lighting Ltd", "Brook & Son, Builders", "REDACTED PERSONAL DATA", "Café Müller",
    "Dunmore Homes 24/7", "O'Hara Transport", "St Anne's Trust", "1st Choice Fencing", "Net Solutions plc",
)  # fmt: skip
CENTRES = (
    ("Adult Services", "Learning Disability 18-64", "Residential care"),
    ("Adult Services", "Older People", "Nursing care"),
    ("Place", "Highways", "Street lighting"),
    ("Children", "Schools, Admissions", "Catering"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One invented payment."""

    year: int
    month: int
    day: int
    payee: str
    department: str
    service: str
    purpose: str
    reference: int
    pence: int


def rows_of(seed: int, many: int = 14) -> list[Row]:
    """Invented payments of one month, in order of day, credits among them."""
    draw = random.Random(seed)
    made = []
    for at in range(many):
        department, service, purpose = draw.choice(CENTRES)
        pence = draw.choice((1, 1, 1, -1)) * draw.randrange(1, 4_000_000)
        made.append(
            Row(
                year=2023, month=4 + seed % 6, day=1 + at * 2 % 28, payee=draw.choice(PAYEES), department=department,
                service=service, purpose=purpose, reference=5_100_000 + at, pence=pence,
            )
        )  # fmt: skip
    return made


def plain(pence: int) -> str:
    return f"{Decimal(pence) / 100:.2f}"


def grouped(pence: int) -> str:
    return f"{Decimal(pence) / 100:,.2f}"


def pounds(pence: int) -> str:
    return f"-£{grouped(-pence)}" if pence < 0 else f"£{grouped(pence)}"


def bracketed(pence: int) -> str:
    return f"({grouped(-pence)})" if pence < 0 else f" {grouped(pence)} "


def trailing(pence: int) -> str:
    return f"{grouped(-pence)}-" if pence < 0 else grouped(pence)


def credit(pence: int) -> str:
    return f"{grouped(-pence)} CR" if pence < 0 else grouped(pence)


def slashed(row: Row) -> str:
    return f"{row.day:02d}/{row.month:02d}/{row.year}"


def iso(row: Row) -> str:
    return f"{row.year}-{row.month:02d}-{row.day:02d}"


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def worded(row: Row) -> str:
    return f"{row.day:02d}-{MONTHS[row.month - 1]}-{row.year % 100}"


def serial(row: Row) -> str:
    from datetime import date

    return str((date(row.year, row.month, row.day) - date(1899, 12, 30)).days)


Cells = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one council lays out its file. `lines` gives every line, `data` which of them are payments (by index)."""

    name: str
    lines: Callable[[list[Row]], Cells]
    amount: int  # the column of the amount, from 0
    encoding: str = "utf-8"
    delimiter: str = ","
    end: str = "\r\n"
    last_end: bool = True
    plain: bool = True  # must be read without a line of mapping; False: refused with a cause and the line to write
    mapping: str = ""  # what then makes it readable


def _table(
    heads: list[str], cells: Callable[[Row], list[str]], above: Cells | None = None
) -> Callable[[list[Row]], Cells]:
    return lambda rows: [*(above or []), heads, *(cells(r) for r in rows)]


def _sub_totals(rows: list[Row]) -> Cells:
    """Rows sorted by department, each followed by its sub-total, and a grand total."""
    out: Cells = [["Directorate", "Supplier", "Paid Date", "Amount (£)"]]
    for department in sorted({r.department for r in rows}):
        mine = [r for r in rows if r.department == department]
        out += [[department, r.payee, slashed(r), grouped(r.pence)] for r in mine]
        out += [[f"{department} Total", "", "", grouped(sum(r.pence for r in mine))]]
    return [*out, ["Grand Total", "", "", grouped(sum(r.pence for r in rows))]]


def _again(rows: list[Row]) -> Cells:
    heads = ["Supplier Name", "Payment Date", "Net Amount", "Expense Description"]
    made = [[r.payee, slashed(r), plain(r.pence), r.purpose] for r in rows]
    return [heads, *made[:6], heads, *made[6:]]


def _blank_tail(rows: list[Row]) -> Cells:
    heads = ["Vendor Name", "Doc. Date", "Amount in LC", "Text", "", ""]
    return [heads, *([r.payee, slashed(r), trailing(r.pence), r.purpose, "", ""] for r in rows), *[[""] * 6] * 5]


def _unlabelled_total(rows: list[Row]) -> Cells:
    made = [[r.department, slashed(r), str(r.reference), pounds(r.pence), r.payee] for r in rows]
    heads = ["Service Area", "Date of Payment", "Transaction Ref", "Amount", "Supplier"]
    return [heads, *made, ["", "", "", pounds(sum(r.pence for r in rows)), ""]]


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="camden", amount=4,
        lines=_table(
            ["beneficiary_name", "organisational_unit", "payment_date", "purpose", "amount_gbp", "irrecoverable_vat_amount_gbp",
             "unique_identifier"],
            lambda r: [r.payee, r.department, iso(r) + " 00:00:00", r.purpose, plain(r.pence), "0.00", str(r.reference)],
        ),
    ),
    Layout(
        name="barnet", amount=3, encoding="utf-8-sig",
        lines=_table(
            ["Directorate", "Department", "Expenditure Type", "Expenditure over £500 (exc VAT)", "Vendor Name", "Payment Date", "Ref.Doc.1"],
            lambda r: [r.department, r.service, r.purpose, grouped(r.pence), r.payee, slashed(r), str(r.reference)],
        ),
    ),
    Layout(
        name="bexley with a title and a pound for a heading", amount=4, encoding="cp1252",
        lines=_table(
            ["Directorate", "Service area", "Supplier", "Payment Date", "£", "Non Recoverable VAT £", "Transcation Number"],
            lambda r: [r.department, r.service, r.payee, slashed(r), grouped(r.pence), "", str(r.reference)],
            above=[["Payments to suppliers over £500", "", "", "", "", "", ""], [""] * 7],
        ),
    ),
    Layout(
        name="brent", amount=3,
        lines=_table(
            ["Cost Centre Description", "Subjective desctiption", "Vendor Name 2", "Amount", "Payment Date", "Non Recoverable VAT"],
            lambda r: [r.service, r.purpose, r.payee, plain(r.pence), slashed(r), "0"],
        ),
    ),
    Layout(
        name="islington", amount=5,
        lines=_table(
            ["Department", "Service", "Nominal Description", "Supplier Name", "Entry Date", "Net Amount"],
            lambda r: [r.department, r.service, r.purpose, r.payee, worded(r), plain(r.pence)],
        ),
    ),
    Layout(
        name="lambeth warehouse", amount=4,
        lines=_table(
            ["Invoice_Payment_Date", "Supplier_Name", "Org_Level_2_Desc", "Nominal_Desc", "Invoice_Line_Net_Amount"],
            lambda r: [iso(r), r.payee, r.department, r.purpose, plain(r.pence)],
        ),
    ),
    Layout(
        name="lewisham", amount=4, end="\n", last_end=False,
        lines=_table(
            ["DEPARTMENT", "SERVICE", "SUPPLIER", "PAYMENT DATE", "£ SPEND (EXCLUDING VAT", "DESCRIPTION"],
            lambda r: [r.department, r.service, r.payee, slashed(r), pounds(r.pence), r.purpose],
            above=[["London Borough, spend over £250"], []],
        ),
    ),
    Layout(
        name="redbridge", amount=5,
        lines=_table(
            ["Transaction Date", "Directorate", "Service", "Supplier description", "Account description", "Amount", "Transaction No"],
            lambda r: [slashed(r), r.department, r.service, r.payee, r.purpose, credit(r.pence), str(r.reference)],
        ),
    ),
    Layout(
        name="westminster, two names of a supplier", amount=4,
        lines=_table(
            ["Posting date", "Department", "Supplier name", "FINAL Supplier name", "Amount", "Expense type"],
            lambda r: [slashed(r), r.department, r.payee, r.payee.title(), plain(r.pence), r.purpose],
        ),
    ),
    Layout(
        name="a district on Unit4, codes beside words", amount=7,
        lines=_table(
            ["Body Name", "Service", "Service(T)", "Account", "Account(T)", "Supplier", "Supplier(T)", "Amount", "Pay date", "TransNo"],
            lambda r: ["Example District Council", "S10", r.service, "4100", r.purpose, "10233", r.payee, plain(r.pence), slashed(r),
                       str(r.reference)],
        ),
    ),
    Layout(
        name="a county on SAP", amount=2, delimiter=";",
        lines=_table(
            ["Vendor Name", "Doc. Date", "Amount in LC", "LCurr", "Cost Ctr", "Cost Centre Name", "G/L Account", "G/L Account Name"],
            lambda r: [r.payee, f"{r.day:02d}.{r.month:02d}.{r.year}", trailing(r.pence), "GBP", "10442", r.service, "551000", r.purpose],
        ),
    ),
    Layout(
        name="tabs and a blank end", amount=3, delimiter="\t",
        lines=_table(
            ["Merchant Category", "Beneficiary", "Date Paid", "Payment Amount (£)", "Directorate"],
            lambda r: [r.purpose, r.payee, slashed(r), bracketed(r.pence), r.department],
        ),
    ),
    Layout(name="sub-totals by department", amount=3, lines=_sub_totals),
    Layout(name="a header said again", amount=2, lines=_again),
    Layout(name="blank rows and columns at the end", amount=2, lines=_blank_tail),
    Layout(name="a total without a word", amount=3, lines=_unlabelled_total),
    Layout(
        name="an unnamed last column", amount=3,
        lines=lambda rows: [
            ["Supplier", "Service Area", "Payment Date", "Net Amount"],
            *([r.payee, r.service, slashed(r), plain(r.pence), "Y"] for r in rows),
        ],
    ),
    Layout(
        name="days as Excel numbers", amount=3,
        lines=_table(
            ["Authority", "Supplier", "Payment Date", "Amount excl. VAT", "Summary of Purpose"],
            lambda r: ["Example Council", r.payee, serial(r), plain(r.pence), r.purpose],
        ),
    ),
    Layout(
        name="a month instead of a day", amount=3,
        lines=_table(
            ["Directorate", "Supplier Name", "Period", "Total Amount", "Narrative"],
            lambda r: [r.department, r.payee, f"{MONTHS[r.month - 1]}-{r.year % 100}", grouped(r.pence), r.purpose],
        ),
    ),
    Layout(
        name="gross, VAT and net", amount=5,
        lines=_table(
            ["Payee Name", "Date", "Reference", "Gross Amount", "VAT Amount", "Net Amount", "Cost Centre"],
            lambda r: [r.payee, slashed(r), str(r.reference), plain(r.pence + r.pence // 5), plain(r.pence // 5), plain(r.pence), r.service],
        ),
    ),
    Layout(
        name="two rows of headings", amount=5,
        lines=lambda rows: [
            ["Authority Name", "Date of Payment", "SAP Document Number", "Amount", "", "", "Supplier Name", "Directorate"],
            ["", "", "", "Gross", "VAT", "Net", "", ""],
            *(["Example", slashed(r), str(r.reference), plain(r.pence + 20), "0.20", plain(r.pence), r.payee, r.department] for r in rows),
        ],
    ),
    Layout(
        name="Oracle", amount=4,
        lines=_table(
            ["Operating Unit", "Vendor Name", "Invoice Num", "Payment Date", "Invoice Line Amount", "Cost Centre Description",
             "Subjective Description", "Company Number", "Charity Number"],
            lambda r: ["Example", r.payee, f"INV{r.reference}", worded(r), plain(r.pence), r.service, r.purpose, "01234567", ""],
        ),
    ),
    Layout(
        name="the amount of the line and of the invoice", amount=3, plain=False,
        mapping='columns = { amount = "Line Amount" }',
        lines=_table(
            ["Supplier", "Payment Date", "Invoice Amount", "Line Amount", "Service"],
            lambda r: [r.payee, slashed(r), plain(r.pence * 2), plain(r.pence), r.service],
        ),
    ),
    Layout(
        name="no day and no month", amount=3, plain=False, mapping='month = "2023-05"',
        lines=_table(
            ["Directorate", "Service", "Supplier", "Invoice Line Value (net of VAT)", "Account"],
            lambda r: [r.department, r.service, r.payee, plain(r.pence), r.purpose],
        ),
    ),
)  # fmt: skip


def write(layout: Layout, rows: list[Row], folder: Path) -> Path:
    """The layout's file, with its own bytes."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=layout.delimiter, lineterminator=layout.end).writerows(layout.lines(rows))
    whole = text.getvalue()
    if not layout.last_end:
        whole = whole.removesuffix(layout.end)
    path = folder / f"{layout.name.replace(' ', '_').replace(',', '')}.csv"
    path.write_bytes(whole.encode(layout.encoding))
    return path


def second_route(path: Path, layout: Layout, rows: list[Row]) -> tuple[int, int]:
    """Rows and pence by the csv module alone: the lines that hold one of the payees, and their amounts."""
    names = {r.payee for r in rows}
    found, pence = 0, Decimal(0)
    with path.open(encoding=layout.encoding, newline="") as file:
        for cells in csv.reader(file, delimiter=layout.delimiter):
            if names.isdisjoint(cells):
                continue
            text = cells[layout.amount].replace("£", "").replace(",", "").strip()
            minus = text.startswith("(") or text.endswith(("-", "CR"))
            value = Decimal(text.strip("()").removesuffix("CR").rstrip("- ").strip())
            found, pence = found + 1, pence + (-value if minus else value) * 100
    return found, int(pence)
