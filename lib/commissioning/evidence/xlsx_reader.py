"""XLSX through openpyxl: stored values only, with formulas, errors, hidden parts and merged cells named.

A number becomes its shortest exact decimal text and a date ISO text, so that the same column checks
serve workbooks and CSV; the context says which it was.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import IN_MEMORY_BYTES, Extract
from commissioning.evidence.loaded import Refused

MAX_ROWS = 1_048_576
ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
FORMULA_EMPTY = (
    "formula without a value",
    "the cell is a formula whose value was never stored: open, save, send again",
)
NOT_POUNDS = ("not pounds", "the cell is formatted as another currency: give the amount in pounds")
# A format of the workbook's own; Excel's built-in "$" is the reader's own currency and says nothing.
_FOREIGN_FORMAT = re.compile(r"\[\$[^\]£-]*[$€¥₹]|\"[^\"£]*[$€¥₹]|\\[$€¥₹]|[€¥₹]|\[\$(?:USD|EUR)")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One worksheet: a record for every row up to the last with a value, and what its notes must say."""

    name: str
    records: tuple[Record, ...]
    notes: tuple[str, ...]
    merged: tuple[tuple[int, int, str], ...]  # first row, last row, range


@dataclass(frozen=True, kw_only=True)
class Book:
    sheets: tuple[Sheet, ...]
    epoch: date | None
    notes: tuple[str, ...]


def read(extract: Extract, rows: int | None = None) -> Book:
    """Every worksheet (its first `rows` rows where given). Raises Refused for a damaged workbook."""
    if extract.size > IN_MEMORY_BYTES:
        raise Refused(f"{extract.name} is too large for a workbook: save it as CSV", code="too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that we do not read
            return _read(extract, rows)
    except Refused:
        raise
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ParseError,
        ValueError,
        OSError,
        EOFError,
        TypeError,
        AttributeError,
        IndexError,
    ) as e:
        raise Refused(
            f"{extract.name} is a damaged workbook ({type(e).__name__}): open it, save it again and send that",
            code="damaged workbook",
        ) from None


def _read(extract: Extract, limit: int | None) -> Book:
    values = openpyxl.load_workbook(extract.path, read_only=True, data_only=True)
    formulas = None
    try:
        parts = _parts(extract, values)
        shifted = values.epoch.year == 1904
        foreign = any(_FOREIGN_FORMAT.search(one) for one in values._number_formats)
        notes = ["dates count from 1904, as the workbook says"] if shifted else []
        sheets = []
        for sheet in values.worksheets:
            about = parts.get(sheet.title, _About())
            if about.formulas and formulas is None:
                formulas = openpyxl.load_workbook(extract.path, read_only=True, data_only=False)
            twin = formulas[sheet.title] if formulas is not None and about.formulas else None
            sheets.append(_sheet(sheet, twin, about, limit, foreign))
        chart = [s.title for s in values._sheets if s not in values.worksheets]
        if chart:
            notes.append(f"chart sheets left out: {', '.join(chart)}")
        epoch = date(1904, 1, 1) if shifted else date(1899, 12, 30)
        return Book(sheets=tuple(sheets), epoch=epoch, notes=tuple(notes))
    finally:
        values.close()
        if formulas is not None:
            formulas.close()


@dataclass(frozen=True, kw_only=True)
class _About:
    """What a worksheet's own XML says that the values do not."""

    formulas: bool = False
    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: tuple[str, ...] = ()
    filtered: bool = False


_TRUE = rb'hidden="(?:1|true)"'


def _parts(extract: Extract, book: Any) -> dict[str, _About]:
    out = {}
    with zipfile.ZipFile(extract.path) as z:
        for sheet in book.worksheets:
            xml = z.read(sheet._worksheet_path)
            out[sheet.title] = _About(
                formulas=bool(re.search(rb"<(?:\w+:)?f[ />]", xml)),
                hidden_rows=len(re.findall(rb"<(?:\w+:)?row [^>]*" + _TRUE, xml)),
                hidden_columns=len(re.findall(rb"<(?:\w+:)?col [^>]*" + _TRUE, xml)),
                merged=tuple(m.decode() for m in re.findall(rb"<(?:\w+:)?mergeCell [^>]*ref=\"([A-Z0-9:$]+)\"", xml)),
                filtered=bool(re.search(rb"<(?:\w+:)?autoFilter[^>]*>\s*<(?:\w+:)?filterColumn", xml)),
            )
    return out


def _sheet(sheet: Any, twin: Any, about: _About, limit: int | None, foreign: bool) -> Sheet:
    sheet.reset_dimensions()
    if twin is not None:
        twin.reset_dimensions()
    records: list[Record] = []
    pairs = twin.iter_rows(max_row=limit, values_only=True) if twin is not None else None
    formula_cells = 0
    for number, found in enumerate(sheet.iter_rows(max_row=limit, values_only=not foreign), start=1):
        row = [cell.value for cell in found] if foreign else found
        if number > MAX_ROWS:  # pragma: no cover - a worksheet cannot hold more
            raise Refused(f"sheet “{sheet.title}” has over {MAX_ROWS:,} rows", code="too large")
        faults: dict[int, tuple[str, str]] = {}
        if foreign:
            faults = {at: NOT_POUNDS for at, cell in enumerate(found) if _in_another_currency(cell)}
        cells = [_text(v) for v in row]
        if pairs is not None:
            made = next(pairs, ())
            for at, formula in enumerate(made):
                if _is_formula(formula):
                    formula_cells += 1
                    if at < len(row) and row[at] is None:
                        faults[at] = FORMULA_EMPTY
        while cells and cells[-1] == "" and (len(cells) - 1) not in faults:
            cells.pop()
        raw = "\t".join(cells)
        records.append(Record(where=f"{sheet.title}!{number}", cells=cells, raw=raw, faults=faults))
    while records and not records[-1].cells and not records[-1].faults:
        records.pop()
    return Sheet(
        name=sheet.title,
        records=tuple(records),
        notes=tuple(_notes(sheet, about, formula_cells)),
        merged=tuple((b[1], b[3], m) for m in about.merged if (b := range_boundaries(m))),
    )


def _in_another_currency(cell: Any) -> bool:
    number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    return number and bool(_FOREIGN_FORMAT.search(cell.number_format or ""))


def _is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=") and len(value) > 1) or type(value).__name__ in (
        "ArrayFormula",
        "DataTableFormula",
    )


def _notes(sheet: Any, about: _About, formula_cells: int) -> list[str]:
    name = f"sheet “{sheet.title}”"
    notes = []
    if sheet.sheet_state != "visible":
        notes.append(f"{name} is hidden and was read")
    if about.hidden_rows:
        notes.append(f"{name}: {about.hidden_rows:,} hidden rows were read")
    if about.hidden_columns:
        notes.append(f"{name}: {about.hidden_columns:,} hidden column groups were read")
    if about.filtered:
        notes.append(f"{name} has a filter on: rows it hides were read")
    if about.merged:
        notes.append(f"{name}: merged cells at {', '.join(about.merged[:10])}")
    if formula_cells:
        notes.append(f"{name}: {formula_cells:,} formulas, read by their stored values")
    return notes


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value.replace("_x000D_\n", "\n").replace("_x000D_", "\r")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        plain = Decimal(repr(value)) if value == value and abs(value) != float("inf") else None
        if plain is None:
            return "NaN"
        if plain == plain.to_integral_value():
            return format(plain.to_integral_value(), "f")
        return format(plain, "f")
    if isinstance(value, datetime):
        if value.time() == time(0):
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def place(where: str, column: int) -> str:
    """A cell's address, `Sheet!C7`."""
    sheet, _, row = where.rpartition("!")
    return f"{sheet}!{get_column_letter(column + 1)}{row}"
