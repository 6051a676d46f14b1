"""Blank extracts to fill in: the contracts of the council's own tables as CSV or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from commissioning.errors import CannotWrite, UsageError
from commissioning.evidence import tables as house
from commissioning.evidence.contracts import Column, Contract


def write(folder: Path | str, tables: Iterable[str], kind: Literal["csv", "xlsx"] = "csv") -> list[Path]:
    """Write a template a table: the header and one made-up row, which intake accepts as it stands.

    A workbook has a second sheet, “What to write”, with each column's rule. Existing files are kept:
    CannotWrite names the first. UsageError for an unknown table or kind.
    """
    known = {c.table: c for c in house.every()}
    wanted = list(tables)
    for table in wanted:
        if table not in known:
            raise UsageError(f"there is no template for the table {table!r}: the tables are {', '.join(known)}")
    if kind not in ("csv", "xlsx"):
        raise UsageError(f"a template is csv or xlsx, not {kind!r}")
    into = Path(folder)
    out = []
    try:
        into.mkdir(parents=True, exist_ok=True)
        for table in wanted:
            path = into / f"{table}.{kind}"
            body = as_csv(known[table]).encode("utf-8-sig") if kind == "csv" else as_workbook(known[table])
            with path.open("xb") as f:
                f.write(body)
            out.append(path)
    except FileExistsError as e:
        raise CannotWrite(f"{e.filename} is there already: move it away, or write to another folder") from None
    except OSError as e:
        raise CannotWrite(f"templates cannot be written to {into}: {e.strerror}") from None
    return out


def as_csv(contract: Contract) -> str:
    """The header and the example row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([c.heading for c in contract.columns])
    writer.writerow([example(c) for c in contract.columns])
    return out.getvalue()


def as_workbook(contract: Contract) -> bytes:
    """The same as a workbook whose cells are text, with the rules on a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = contract.table
    sheet.append([c.heading for c in contract.columns])
    sheet.append([example(c) for c in contract.columns])
    for at in range(1, len(contract.columns) + 1):
        sheet.cell(1, at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 18
        for row in range(2, 202):
            sheet.cell(row, at).number_format = "@"  # text: no id loses its zeros
    sheet.freeze_panes = "A2"
    rules = book.create_sheet("What to write")
    rules.append(["Name of the column", "What it holds", "Must be there", "May be blank"])
    for column in contract.columns:
        rules.append([column.heading, rule(column), _yes(column.required), _yes("" in column.missing)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rule(column: Column) -> str:
    """One sentence on what a cell must hold."""
    kinds = {"money": "pounds, such as 1,234.50", "date": "day first, such as 03/04/2024"}
    return f"{column.says} ({kinds[column.holds]})" if column.holds in kinds else column.says


def example(column: Column) -> str:
    """A made-up cell that the contract accepts."""
    return column.example


def _yes(value: bool) -> str:
    return "yes" if value else "no"
