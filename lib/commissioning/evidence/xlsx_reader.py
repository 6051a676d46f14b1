"""XLSX through openpyxl (cells: `sheet_xml`): stored values only, with formulas, errors, hidden parts and merged cells named.

A number becomes its shortest exact decimal text and a date ISO text, so that the same column checks
serve workbooks and CSV; the context says which it was.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from commissioning.evidence import header, limits, sheet_xml
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import IN_MEMORY_BYTES, Extract
from commissioning.evidence.loaded import Refused
from commissioning.evidence.sheet_xml import About, Meaning
from commissioning.wording import counted

ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
FORMULA_EMPTY = (
    "formula without a value",
    "the cell is a formula whose value was never stored: open, save, send again",
)
NOT_POUNDS = ("not pounds", "the cell is formatted as another currency: give the amount in pounds")
A_SHARE = ("a percentage", "the cell is a percentage (45% is stored as 0.45): write the amount or the number itself")
# A format of the workbook's own; Excel's built-in "$" is the reader's own currency and says nothing.
_FOREIGN_FORMAT = re.compile(r"\[\$[^\]£-]*[$€¥₹]|\"[^\"£]*[$€¥₹]|\\[$€¥₹]|[€¥₹]|\[\$(?:USD|EUR)")
_QUOTED = re.compile(r'"[^"]*"|\\.')  # what a number format only writes beside the number


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One worksheet: a record (without raw text) for every row up to the last with a value, and what its notes must say."""

    name: str
    records: tuple[Record, ...]
    notes: tuple[str, ...]
    merged: tuple[tuple[int, int, str], ...]  # first row, last row, range
    values: tuple[tuple[Any, ...], ...] = ()  # of each record, with their types, where they were asked for


@dataclass(frozen=True, kw_only=True)
class Book:
    sheets: tuple[Sheet, ...]
    epoch: date | None
    notes: tuple[str, ...]


def read(extract: Extract, rows: int | None = None, *, typed: bool = False) -> Book:
    """Every worksheet (its first `rows` rows where given; `typed`: with the values). Raises Refused where damaged."""
    if extract.size > IN_MEMORY_BYTES:
        raise Refused(f"{extract.name} is too large for a workbook: save it as CSV", code="too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that we do not read
            return _read(extract, rows, typed)
    except Refused:
        raise
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ParseError,
        ExpatError,
        zlib.error,
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


def _read(extract: Extract, limit: int | None, typed: bool) -> Book:
    _few_enough(extract)
    book = openpyxl.load_workbook(extract.path, read_only=True, data_only=True)
    try:
        shifted = book.epoch.year == 1904
        foreign, shares = _odd_styles(book)
        meaning = Meaning(
            shared=book.worksheets[0]._shared_strings if book.worksheets else [],
            dates=frozenset(book._date_formats),
            durations=frozenset(book._timedelta_formats),
            foreign=foreign,
            shares=shares,
            epoch=book.epoch,
        )
        notes = ["dates count from 1904, as the workbook says"] if shifted else []
        sheets = tuple(_sheet(sheet, meaning, limit, typed) for sheet in book.worksheets)
        chart = [s.title for s in book._sheets if s not in book.worksheets]
        if chart:
            notes.append(f"chart sheets left out: {', '.join(chart)}")
        epoch = date(1904, 1, 1) if shifted else date(1899, 12, 30)
        return Book(sheets=sheets, epoch=epoch, notes=tuple(notes))
    finally:
        book.close()


def _few_enough(extract: Extract) -> None:
    """Raise Refused for too many sheets or parts: asked of the zip's own list, before any of them is opened."""
    with zipfile.ZipFile(extract.path) as parts:
        names = parts.namelist()
    sheets = sum(
        one.casefold().startswith(("xl/worksheets/", "/xl/worksheets/")) and one.endswith(".xml") for one in names
    )
    for number, what, limit in ((sheets, "sheets", limits.SHEETS), (len(names), "parts", limits.PARTS)):
        if number > limit:
            raise Refused(
                f"{extract.name} has {number:,} {what}; the limit is {limit:,}: send only the sheets that hold the rows",
                code="too large",
            )


def _odd_styles(book: Any) -> tuple[frozenset[int], frozenset[int]]:
    """The styles that show a number in another currency, and those that show it as a percentage."""
    own = book._number_formats
    shown = [
        BUILTIN_FORMATS.get(style.numFmtId, "General")
        if style.numFmtId < BUILTIN_FORMATS_MAX_SIZE
        else own[style.numFmtId - BUILTIN_FORMATS_MAX_SIZE]
        for style in book._cell_styles
    ]
    foreign = {at for at, one in enumerate(shown) if one in own and _FOREIGN_FORMAT.search(one[:255])}
    shares = {at for at, one in enumerate(shown) if "%" in _QUOTED.sub("", one[:255])}
    return frozenset(foreign), frozenset(shares)


def _sheet(sheet: Any, meaning: Meaning, limit: int | None, typed: bool) -> Sheet:
    records: list[Record] = []
    values: list[tuple[Any, ...]] = []
    about = About()
    formulas = 0
    title = header.tidy(sheet.title)  # it stands in notes, which reach pages

    def add(cells: list[str], found: list[Any], faults: dict[int, tuple[str, str]]) -> None:
        records.append(Record(where=f"{title}!{len(records) + 1}", cells=cells, raw="", faults=faults))
        if typed:
            values.append(tuple(found[: len(cells)]))

    with sheet._get_source() as source:
        for row in sheet_xml.rows(source, meaning, about):
            if row.number > limits.ROWS:
                raise Refused(f"sheet “{title}” has over {limits.ROWS:,} rows", code="too large")
            if limit is not None and row.number > limit:
                break
            if row.number - len(records) > limits.GAP:
                raise Refused(
                    f"sheet “{title}” has over {limits.GAP:,} empty rows above row {row.number:,}: delete them, or what stands below",
                    code="too large",
                )
            while len(records) < row.number - 1:
                add([], [], {})
            faults = dict.fromkeys(row.shares, A_SHARE) | dict.fromkeys(row.foreign, NOT_POUNDS)
            faults |= {at: FORMULA_EMPTY for at in row.formulas if row.values[at] is None}
            formulas += sum(row.values[at] is not None for at in row.formulas)
            cells = [_text(v) for v in row.values]
            while cells and cells[-1] == "" and (len(cells) - 1) not in faults:
                cells.pop()
            add(cells, row.values, faults)
    while records and not records[-1].cells and not records[-1].faults:
        records.pop()
    return Sheet(
        name=title,
        records=tuple(records),
        notes=tuple(_notes(sheet, about, formulas)),
        merged=tuple((b[1], b[3], m) for m in about.merged if (b := range_boundaries(m))),
        values=tuple(values[: len(records)]),
    )


def _notes(sheet: Any, about: About, formula_cells: int) -> list[str]:
    name = f"sheet “{header.tidy(sheet.title)}”"
    notes = []
    if sheet.sheet_state != "visible":
        notes.append(f"{name} is hidden and was read")
    if about.hidden_rows:
        notes.append(f"{name}: {counted(about.hidden_rows, 'hidden row')} read")
    if about.hidden_columns:
        notes.append(
            f"{name}: {counted(about.hidden_columns, 'hidden group of columns', 'hidden groups of columns')} read"
        )
    if about.filtered:
        notes.append(f"{name} has a filter on: rows it hides were read")
    if about.merged:
        notes.append(f"{name}: merged cells at {', '.join(about.merged[:10])}")
    if formula_cells:
        notes.append(f"{name}: {counted(formula_cells, 'formula')} read by stored value")
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
        if "e+" in repr(value):  # 1e16 and more: digits may be missing, and an id must see that
            return repr(value)
        if plain == plain.to_integral_value():
            return format(plain.to_integral_value(), "f")
        return format(plain, "f")
    if isinstance(value, datetime):
        if value.time() == time(0):
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)  # a length of time
