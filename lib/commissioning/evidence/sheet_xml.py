"""One worksheet's XML in a single pass: stored values, which cells are formulas, what is hidden or merged.

openpyxl opens the workbook and says what its styles and shared strings mean; its own reader of cells needs a second pass for the
formulas, and drops without a word a row that stands out of its order. This one gives the same values (a test holds them together)
and refuses such a row. No entity is declared, and what was read is not kept.

Source: ECMA-376, *Office Open XML File Formats*, part 1, 18.3 (worksheets) and 18.18.11 (cell types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any
from xml.etree import ElementTree

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHEET_MAIN_NS

from commissioning.evidence import limits
from commissioning.evidence.loaded import Refused

_CHUNK = 1 << 18
_PARTS = 1_000_000  # elements of one row, or beside the rows
_HEAD = 1 << 22  # bytes in which the document must begin
_ROW, _CELL, _VALUE, _FORMULA, _INLINE, _TEXT, _RUN, _COL, _MERGED, _FILTER, _FILTERED = (
    f"{{{SHEET_MAIN_NS}}}{name}"
    for name in ("row", "c", "v", "f", "is", "t", "r", "col", "mergeCell", "autoFilter", "filterColumn")
)
_LOOKED_AT = (_COL, _MERGED, _FILTER)
_TRUE = ("1", "true")


@dataclass(kw_only=True, slots=True)
class SheetRow:
    """A row: its number, its values by position from the left (None where empty), the positions of its
    formulas, of its numbers in another currency and of its percentages."""

    number: int
    values: list[Any]
    formulas: tuple[int, ...] = ()
    foreign: tuple[int, ...] = ()
    shares: tuple[int, ...] = ()


@dataclass(kw_only=True)
class About:
    """What a worksheet says beside its values; whole once every row has been read."""

    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: list[str] = field(default_factory=list)
    filtered: bool = False


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a workbook's styles and shared strings make of its cells. The sets hold style numbers."""

    shared: list[str]
    dates: frozenset[int]
    durations: frozenset[int]
    foreign: frozenset[int]
    shares: frozenset[int]
    epoch: Any


def rows(source: IO[bytes], meaning: Meaning, about: About) -> Iterator[SheetRow]:
    """Every row that the XML writes, in order; `about` is filled on the way.

    Raises ElementTree.ParseError, ValueError, IndexError or OverflowError where the XML is not a worksheet's.
    """
    parser: Any = ElementTree.XMLPullParser(("end",))
    head, number, parts = b"", 0, 0
    while chunk := source.read(_CHUNK):
        if len(head) <= _HEAD and not number:
            head += chunk
            if b"<!DOCTYPE" in head.replace(b"\x00", b""):  # in whatever encoding
                raise ValueError("a worksheet declares no entities")
        parser.feed(chunk)
        for _, one in parser.read_events():
            parts += 1
            if one.tag == _ROW:
                number = _number(one, number)
                about.hidden_rows += one.get("hidden") in _TRUE
                yield _row(one, number, meaning)
                one.clear()
                parts = 0
            elif one.tag in _LOOKED_AT:
                _look(one, about)
            elif parts > _PARTS:
                raise Refused(
                    f"a sheet has over {_PARTS:,} parts in a row, or beside its rows: delete them", code="too large"
                )
    parser.close()


def _look(one: ElementTree.Element, about: About) -> None:
    """What an element outside the rows says of the sheet."""
    if one.tag == _COL:
        about.hidden_columns += one.get("hidden") in _TRUE
    elif one.tag == _FILTER:
        about.filtered |= any(inner.tag == _FILTERED for inner in one.iter())
    elif "ref" in one.attrib:
        if len(about.merged) >= limits.MERGED:
            raise Refused(f"a sheet has over {limits.MERGED:,} merged cells: unmerge them", code="too large")
        about.merged.append(one.attrib["ref"])


def _number(row: ElementTree.Element, last: int) -> int:
    exact = float(row.get("r", last + 1))
    if not exact.is_integer():
        raise ValueError("a row's number is not whole")
    if exact <= last:
        raise ValueError("a row is out of order")
    return int(exact)


def _row(element: ElementTree.Element, number: int, meaning: Meaning) -> SheetRow:
    row = SheetRow(number=number, values=[])
    at = 0
    for cell in element:
        if cell.tag != _CELL:
            continue
        get = cell.attrib.get
        at = _column(place.rstrip("0123456789")) if (place := get("r")) else at + 1
        kind = get("t", "n")
        text, formula = None, False
        for part in cell:
            tag = part.tag
            if tag == _VALUE and kind != "inlineStr":
                text = text or part.text  # a second one is not read
            elif tag == _FORMULA:
                formula = bool(part.text) or part.get("t") in ("shared", "array", "dataTable")
            elif tag == _INLINE and kind == "inlineStr":
                text = _inline(part)
        _put(row, at, int(get("s", 0)), kind, text, meaning)
        if formula and at <= limits.COLUMNS:
            row.formulas += (at - 1,)
    return row


def _inline(found: ElementTree.Element) -> str:
    """An inline string: its own text and that of its runs, without how it is pronounced."""
    return found.findtext(_TEXT, "") + "".join(run.findtext(_TEXT, "") for run in found.iterfind(_RUN))


def _put(row: SheetRow, column: int, style: int, kind: str, text: str | None, meaning: Meaning) -> None:
    value: Any = text
    if text is None:
        pass
    elif kind == "s":
        value = meaning.shared[int(text)]
    elif kind == "n":
        value = float(text) if "." in text or "e" in text or "E" in text else int(text)
        if style in meaning.dates:
            value = _dated(value, style, meaning)
        if style in meaning.foreign and isinstance(value, int | float):
            row.foreign += (column - 1,)
        if style in meaning.shares and isinstance(value, int | float):
            row.shares += (column - 1,)
    elif kind in _TYPED:
        value = _TYPED[kind](text)
    if column > limits.COLUMNS:
        if text is None:
            return  # a cell that is only coloured
        raise Refused(
            f"row {row.number:,} of a sheet has a cell in column {column:,}; the limit is {limits.COLUMNS:,}: delete it",
            code="too large",
        )
    if column == len(row.values) + 1:
        row.values.append(value)
    else:
        row.values += [None] * (column - len(row.values))
        row.values[column - 1] = value


def _dated(number: int | float, style: int, meaning: Meaning) -> Any:
    try:
        return from_excel(number, meaning.epoch, timedelta=style in meaning.durations)
    except (OverflowError, ValueError):
        return "#VALUE!"


_TYPED: dict[str, Callable[[str], Any]] = {"b": lambda text: bool(int(text)), "d": from_ISO8601}


@cache
def _column(letters: str) -> int:
    if len(letters) > 5:  # "$XFD" is the last
        raise ValueError("a cell stands in no column")
    return column_index_from_string(letters.replace("$", ""))
