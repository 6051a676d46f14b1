"""One worksheet's XML in a single pass of expat: stored values, which cells are formulas, what is hidden or merged.

openpyxl opens the workbook and says what its styles and shared strings mean; its own reader of cells builds
a tree of objects for each cell, in pure Python where defusedxml happens to be installed, and needs a second
pass for the formulas. This one gives the same values (a test holds them together), and refuses what that one
drops without a word: a row that stands out of its order. No entity is ever expanded.

Most rows of most workbooks are written in one plain way. Those are read by a pattern that admits nothing
else, four times as fast; every other piece of the document goes through expat, in its place.

Source: ECMA-376, *Office Open XML File Formats*, part 1, 18.3 (worksheets) and 18.18.11 (cell types).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHEET_MAIN_NS

from commissioning.evidence import limits
from commissioning.evidence.loaded import Refused

_CHUNK = 1 << 18
_LONGEST_ROW = 1 << 22  # bytes of XML: beyond it nothing is held back to look for a plain row
_SPACE = " "  # between a namespace and a name: no URI holds one
_MAIN = {f"{SHEET_MAIN_NS}{_SPACE}{name}": name for name in (
    "row", "c", "v", "f", "is", "t", "r", "rPh", "col", "mergeCell", "autoFilter", "filterColumn",
)}  # fmt: skip
_TRUE = ("1", "true")
_PLAIN_HEAD = re.compile(
    rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")?\s*\?>)?\s*'
    rb'<worksheet xmlns="' + re.escape(SHEET_MAIN_NS).encode() + rb'"'
)
_CELL = r'<c r="%s[0-9]+"(?: s="%s")?(?: t="%s")?(?:/>|>(?:<v>%s</v>)?</c>)'
_LETTERS, _DIGITS, _KINDS, _VALUE = "[A-Z]{1,3}", "[0-9]{1,9}", "(?:s|n|b|str|e)", "[^<&\x00-\x1f]*"
_PLAIN_CELL = re.compile(_CELL % tuple(f"({part})" for part in (_LETTERS, _DIGITS, _KINDS, _VALUE)))
_PLAIN_ROW = re.compile(
    r'<row r="([0-9]{1,9})"((?: [A-Za-z0-9:]+="[^"<&]*")*)>'
    rf"((?:{_CELL % (_LETTERS, _DIGITS, _KINDS, _VALUE)})*)</row>"
)
_PLAIN_HIDDEN = re.compile(r' hidden="(?:1|true)"')


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

    Raises expat.ExpatError, ValueError, IndexError or OverflowError where the XML is not a worksheet's.
    """
    reader = _Reader(meaning, about)
    held = source.read(_CHUNK)
    head = _PLAIN_HEAD.match(held)
    plain = head is not None
    seen = head.end() if head else 0  # the root's own namespace is no second one
    while True:
        cut = held.rfind(b"</row>") + len(b"</row>") if plain else len(held)
        if plain and cut > len(b"</row>"):
            part, held = held[:cut], held[cut:]
            # A comment or CDATA may look like a row, and another namespace gives a row another meaning.
            plain = not any(mark in part[seen:] for mark in (b"<!", b"<?", b" xmlns="))
            seen = 0
            if plain:
                yield from reader.mixed(part.decode("utf-8"))
            else:
                yield from reader.feed(part)
        elif not plain or len(held) > _LONGEST_ROW:
            plain = False
            yield from reader.feed(held)
            held = b""
        more = source.read(_CHUNK)
        if not more:
            yield from reader.feed(held)
            break
        held += more
    yield from reader.feed(b"", last=True)


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

    def feed(self, piece: bytes, *, last: bool = False) -> list[SheetRow]:
        """The rows that end in this piece of the document."""
        self.parser.Parse(piece, last)
        done, self.done = self.done, []
        return done

    def mixed(self, piece: str) -> Iterator[SheetRow]:
        """The rows of a piece that ends with a row: plain ones by pattern, and the rest by expat."""
        at = 0
        while at < len(piece):
            if found := _PLAIN_ROW.match(piece, at):
                yield self._plain(found)
                at = found.end()
            else:
                end = piece.index("</row>", at) + len("</row>")
                yield from self.feed(piece[at:end].encode())
                at = end

    def _plain(self, found: re.Match[str]) -> SheetRow:
        self._number(int(found[1]), hidden=bool(_PLAIN_HIDDEN.search(found[2])))
        row = SheetRow(number=self.last, values=[])
        for letters, style, kind, text in _PLAIN_CELL.findall(found[3]):
            self._put(row, _column(letters), int(style or 0), kind or "n", text or None)
        return row

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
            if len(self.about.merged) >= limits.MERGED:
                raise Refused(f"a sheet has over {limits.MERGED:,} merged cells: unmerge them", code="too large")
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
        self._number(number, hidden=attributes.get("hidden") in _TRUE)
        self.row = SheetRow(number=number, values=[])

    def _number(self, number: int, *, hidden: bool) -> None:
        if number <= self.last:
            raise ValueError("a row is out of order")
        self.about.hidden_rows += hidden
        self.last, self.at = number, 0

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
        kind = cell.get("t", "n")
        self._put(row, self.at, int(cell.get("s", 0)), kind, self.inlined if kind == "inlineStr" else self.value)
        if self.is_formula and self.at <= limits.COLUMNS:
            row.formulas += (self.at - 1,)

    def _put(self, row: SheetRow, column: int, style: int, kind: str, text: str | None) -> None:
        value: Any = text
        if text is None:
            pass
        elif kind == "s":
            value = self.meaning.shared[int(text)]
        elif kind == "n":
            value = float(text) if "." in text or "e" in text or "E" in text else int(text)
            if style in self.meaning.dates:
                value = self._dated(value, style)
            if style in self.meaning.foreign and isinstance(value, int | float):
                row.foreign += (column - 1,)
            if style in self.meaning.shares and isinstance(value, int | float):
                row.shares += (column - 1,)
        elif kind in _TYPED:
            value = _TYPED[kind](text)
        wide = len(row.values)
        if column > limits.COLUMNS:
            if text is None:
                return  # a cell that is only coloured
            raise Refused(
                f"row {row.number:,} of a sheet has a cell in column {column:,}; the limit is {limits.COLUMNS:,}: delete it",
                code="too large",
            )
        if column == wide + 1:
            row.values.append(value)
        else:
            row.values += [None] * (column - wide)
            row.values[column - 1] = value

    def _dated(self, number: int | float, style: int) -> Any:
        try:
            return from_excel(number, self.meaning.epoch, timedelta=style in self.meaning.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"


_TYPED: dict[str, Callable[[str], Any]] = {"b": lambda text: bool(int(text)), "d": from_ISO8601}


@cache
def _column(letters: str) -> int:
    if len(letters) > 5:  # "$XFD" is the last
        raise ValueError("a cell stands in no column")
    return column_index_from_string(letters.replace("$", ""))


def _no_entities(*_: object) -> None:
    raise ValueError("a worksheet declares no entities")
