"""One worksheet's XML in a single pass of expat: stored values, which cells are formulas, what is hidden or merged.

openpyxl opens the workbook and says what its styles and shared strings mean; its own reader of cells builds
a tree of objects for each cell, in pure Python where defusedxml happens to be installed, and needs a second
pass for the formulas. This one gives the same values (a test holds them together), and refuses what that one
drops without a word: a row that stands out of its order. No entity is ever expanded.

Source: ECMA-376, *Office Open XML File Formats*, part 1, 18.3 (worksheets) and 18.18.11 (cell types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHEET_MAIN_NS

_CHUNK = 1 << 16
_SPACE = " "  # between a namespace and a name: no URI holds one
_MAIN = {f"{SHEET_MAIN_NS}{_SPACE}{name}": name for name in (
    "row", "c", "v", "f", "is", "t", "r", "rPh", "col", "mergeCell", "autoFilter", "filterColumn",
)}  # fmt: skip
_TRUE = ("1", "true")


@dataclass(kw_only=True, slots=True)
class SheetRow:
    """A row: its number, its values by position from the left (None where empty), the positions of its
    formulas and of its numbers in another currency."""

    number: int
    values: list[Any]
    formulas: tuple[int, ...] = ()
    foreign: tuple[int, ...] = ()


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
    epoch: Any


def rows(source: IO[bytes], meaning: Meaning, about: About) -> Iterator[SheetRow]:
    """Every row that the XML writes, in order; `about` is filled on the way.

    Raises expat.ExpatError, ValueError, IndexError or OverflowError where the XML is not a worksheet's.
    """
    reader = _Reader(meaning, about)
    while chunk := source.read(_CHUNK):
        reader.parser.Parse(chunk, False)
        yield from reader.done
        reader.done.clear()
    reader.parser.Parse(b"", True)
    yield from reader.done


class _Reader:
    """The handlers of one pass. Character data is gathered only inside the elements whose text is read."""

    def __init__(self, meaning: Meaning, about: About) -> None:
        self.meaning = meaning
        self.about = about
        self.done: list[SheetRow] = []
        self.last = 0  # number of the last row
        self.row: SheetRow | None = None
        self.at = 0  # column of the last cell, from 1
        self.cell: dict[str, str] | None = None
        self.value: str | None = None
        self.inlined: str | None = None  # an inline string: its own text, and that of its runs
        self.plain = ""
        self.runs: list[str] = []
        self.inline = self.run = self.phonetic = self.filter = False
        self.is_formula = False
        self.text: list[str] = []
        parser = expat.ParserCreate(namespace_separator=_SPACE)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = _no_entities
        self.parser = parser

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _MAIN.get(tag)
        if name == "c" and self.row is not None:
            self.cell, self.value, self.inlined, self.is_formula = attributes, None, None, False
        elif name in ("v", "f") and self.cell is not None:
            if name == "f":
                self.is_formula = self.is_formula or attributes.get("t") in ("shared", "array", "dataTable")
            self._gather()
        elif name == "row":
            self._begin_row(attributes)
        elif self.cell is not None:
            self._start_inline(name)
        elif name == "col":
            self.about.hidden_columns += attributes.get("hidden") in _TRUE
        elif name == "mergeCell" and "ref" in attributes:
            self.about.merged.append(attributes["ref"])
        elif name == "autoFilter":
            self.filter = True
        elif name == "filterColumn" and self.filter:
            self.about.filtered = True

    def _start_inline(self, name: str | None) -> None:
        if name == "is":
            self.inline, self.plain, self.runs = True, "", []
        elif name == "r":
            self.run = True
        elif name == "rPh":
            self.phonetic = True
        elif name == "t" and self.inline:
            self._gather()

    def _gather(self) -> None:
        self.text = []
        self.parser.CharacterDataHandler = self.text.append

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = self.last + 1
        if "r" in attributes:
            exact = float(attributes["r"])
            if not exact.is_integer():
                raise ValueError("a row's number is not whole")
            number = int(exact)
        if number <= self.last:
            raise ValueError("a row is out of order")
        self.about.hidden_rows += attributes.get("hidden") in _TRUE
        self.last, self.at = number, 0
        self.row = SheetRow(number=number, values=[])

    def _end(self, tag: str) -> None:
        name = _MAIN.get(tag)
        if name == "v" and self.cell is not None:
            if self.value is None:  # a second one is not read
                self.value = "".join(self.text) or None
            self.parser.CharacterDataHandler = None
        elif name == "c" and self.cell is not None and self.row is not None:
            self._end_cell(self.cell, self.row)
            self.cell = None
        elif name == "row" and self.row is not None:
            self.done.append(self.row)
            self.row = None
        elif name == "f" and self.cell is not None:
            self.is_formula = self.is_formula or bool(self.text)
            self.parser.CharacterDataHandler = None
        elif self.cell is not None:
            self._end_inline(name)
        elif name == "autoFilter":
            self.filter = False

    def _end_inline(self, name: str | None) -> None:
        if name == "is":
            self.inline, self.inlined = False, self.plain + "".join(self.runs)
        elif name == "r":
            self.run = False
        elif name == "rPh":
            self.phonetic = False
        elif name == "t" and self.inline:
            self.parser.CharacterDataHandler = None
            if self.phonetic:
                return  # how to pronounce it
            if self.run:
                self.runs.append("".join(self.text))
            else:
                self.plain = "".join(self.text)

    def _end_cell(self, cell: dict[str, str], row: SheetRow) -> None:
        place = cell.get("r")
        self.at = _column(place.rstrip("0123456789")) if place else self.at + 1
        position = self.at - 1
        style = int(cell.get("s", 0))
        value = self._value(cell.get("t", "n"), style)
        if position >= len(row.values):
            row.values += [None] * (position + 1 - len(row.values))
        row.values[position] = value
        if self.is_formula:
            row.formulas += (position,)
        if style in self.meaning.foreign and isinstance(value, int | float) and not isinstance(value, bool):
            row.foreign += (position,)

    def _value(self, kind: str, style: int) -> Any:
        if kind == "inlineStr":
            return self.inlined
        value = self.value
        if value is None:
            return None
        if kind == "s":
            return self.meaning.shared[int(value)]
        if kind == "n":
            number = float(value) if "." in value or "e" in value or "E" in value else int(value)
            return self._dated(number, style) if style in self.meaning.dates else number
        return _TYPED[kind](value) if kind in _TYPED else value

    def _dated(self, number: int | float, style: int) -> Any:
        try:
            return from_excel(number, self.meaning.epoch, timedelta=style in self.meaning.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"


_TYPED: dict[str, Callable[[str], Any]] = {"b": lambda text: bool(int(text)), "d": from_ISO8601}


@cache
def _column(letters: str) -> int:
    return column_index_from_string(letters.replace("$", ""))


def _no_entities(*_: object) -> None:
    raise ValueError("a worksheet declares no entities")
