"""Our own CSV reader, on the standard `csv` module: every physical line ends in exactly one record.

`pandas.read_csv` pads short rows, shifts columns and swallows rows without a word; this reader keeps
the raw text of every record, so that what is set aside can be put back.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from commissioning.evidence import limits
from commissioning.evidence.loaded import Refused


@dataclass(kw_only=True, slots=True)
class Record:
    """One record: where it stands (a physical line, `Sheet!row` or `[i]`), its cells, and its raw text.

    `code` is set where the record itself is broken; `faults` holds cells that are broken whatever
    they say (index → code, reason), such as a formula without a stored value.
    """

    where: str
    cells: list[str]
    raw: str
    code: str = ""
    reason: str = ""
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)


class _Tape:
    """Feeds lines to the csv module and remembers those of the present record."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._lines = iter(lines)
        self._name = name
        self.kept: list[str] = []
        self.count = 0

    def __iter__(self) -> _Tape:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if len(line) > limits.LINE:
            raise Refused(
                f"{self._name} line {self.count:,} has over {limits.LINE:,} characters: it is not a table of rows",
                code="too large",
                where=str(self.count),
            )
        self.kept.append(line)
        return line


def records(lines: Iterable[str], delimiter: str, name: str, start: int = 1) -> Iterator[Record]:
    """Every record of the lines, in order; the raw texts joined are the text that came in.

    Raises Refused for a quote that is never closed, and for a field that holds whole rows.
    `start` is the physical line number of the first line.
    """
    tape = _Tape(lines, name)
    reader = csv.reader(tape, delimiter=delimiter, strict=True)
    while True:
        tape.kept = []
        first = start + tape.count
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as e:
            yield _broken(e, tape.kept, first, delimiter, name)
            continue
        raw = "".join(tape.kept)
        if len(tape.kept) > 1:
            _refuse_swallowed(cells, tape.kept, first, delimiter, name)
        if len(cells) > limits.COLUMNS:
            raise Refused(
                f"{name} line {first:,} has {len(cells):,} columns; the limit is {limits.COLUMNS:,}",
                code="too large",
                where=str(first),
            )
        yield Record(where=str(first), cells=cells, raw=raw)


def _broken(error: csv.Error, kept: list[str], first: int, delimiter: str, name: str) -> Record:
    words = str(error)
    if "unexpected end of data" in words:
        raise Refused(
            f"{name} line {first:,} opens a quote that is never closed: every row after it would be lost; "
            "mend the quote",
            code="unclosed quote",
            where=str(first),
        )
    if "field larger than" in words:
        raise Refused(
            f"{name} line {first:,} holds a cell of over {csv.field_size_limit():,} characters, "
            "or a quote that is never closed",
            code="too large",
            where=str(first),
        )
    raw = "".join(kept)
    if len(kept) > 1:
        raise Refused(
            f"{name} line {first:,} opens a quote that swallows {len(kept) - 1:,} lines below it: mend the quotes",
            code="swallowed rows",
            where=str(first),
        )
    cells = [c.strip() for c in raw.rstrip("\r\n").split(delimiter)]
    return Record(
        where=str(first),
        cells=cells,
        raw=raw,
        code="broken quotes",
        reason="a quoted cell goes on after its closing quote: double the quotes inside it",
    )


def _refuse_swallowed(cells: list[str], kept: list[str], first: int, delimiter: str, name: str) -> None:
    """A field holding a line break followed by a whole record's shape is a row eaten by a lone quote."""
    full = len(cells) - 1
    if full < 1:
        # One field in all: a row of several was eaten whole if its lines have delimiters alike.
        full = max(1, min(line.count(delimiter) for line in kept))
    inner = [piece for cell in cells for piece in re.split(r"\r\n|\r|\n", cell)[1:-1]]
    whole = [line.count(delimiter) >= full for line in kept]
    if any(piece.count(delimiter) >= full for piece in inner) or (whole[0] and any(whole[1:])):
        raise Refused(
            f"{name} line {first:,}: a quote swallows {len(kept) - 1:,} lines that look like rows of their own; "
            "mend the quotes",
            code="swallowed rows",
            where=str(first),
        )
