"""Records in file order to the checker, in batches of the header's width."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from commissioning.evidence.batch import Batch
from commissioning.evidence.check import Checker
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.loaded import Refused
from commissioning.evidence.spill import Spill
from commissioning.wording import counted

BATCH = 50_000

Sink = list[pa.Table] | Spill


class Feeder:
    """Feeds records in file order, in batches of those of the header's width; accepted tables go to the sink.

    `by_address` says that a cell's place is its own and not its turn, as in a worksheet: a row that ends early has
    blanks to the right, and what stands beyond the header belongs to no column.
    """

    def __init__(self, checker: Checker, sink: Sink, *, by_address: bool = False) -> None:
        self.checker = checker
        self.sink = sink
        self.by_address = by_address
        self.beyond = 0  # rows with cells to the right of the header's, in a worksheet
        self.blank_ends = 0  # rows with blank cells to the right of the header's
        self._held: list[Record] = []
        self._last_short = ""
        self._fed = False

    def add_all(self, records: Iterable[Record]) -> None:
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        self._last_short = ""
        if not record.code and self._fitted(record):
            self._held.append(record)
            if len(self._held) >= BATCH:
                self.flush()
            return
        self.flush()
        before = self.checker.misfits
        self.checker.misfit(record)
        if self.checker.misfits > before and not record.code and len(record.cells) < self.checker.bound.width:
            self._last_short = record.where

    def _fitted(self, record: Record) -> bool:
        """True where the record has the header's width, or can be given it without moving or losing a cell."""
        bound = self.checker.bound
        n, width = len(record.cells), bound.width
        if n == width:
            return True
        over = any(c.strip() for c in record.cells[width:])
        if n > width and over and self.by_address and not self.checker.says_headings(record.cells):
            self.beyond += 1
        elif n > width and over or n < bound.needed and not self.by_address:
            return False
        elif n > width:
            self.blank_ends += not self.by_address
        record.cells = [*record.cells[:width], *[""] * (width - n)]
        return True

    def flush(self) -> None:
        if self._held:
            self.add_batch(to_batch(self._held))
            self._held = []

    def add_batch(self, batch: Batch) -> None:
        self._last_short = ""
        self._fed = True
        self.sink.append(self.checker.feed(batch))

    def close(self) -> list[str]:
        """The last batch, and notes on cells outside the header. Raises Refused where the last row is cut short."""
        self.flush()
        if not self._fed:
            self.sink.append(self.checker.feed(to_batch([], self.checker.bound.width)))
        if self._last_short and self.checker.accepted:
            raise Refused(
                f"{self.checker.name} line {self._last_short}, the last, has fewer cells than the header: "
                "the file is half-written; export it again",
                code="half-written",
                where=self._last_short,
            )
        notes = []
        if self.blank_ends:
            notes.append(f"{counted(self.blank_ends, 'row')} with blank cells after the last column: read without them")
        if self.beyond:
            notes.append(
                f"{counted(self.beyond, 'row')} with cells to the right of the last column, which no heading names: left out"
            )
        return notes


def to_batch(records: list[Record], width: int | None = None) -> Batch:
    """Records of one width as columns of text."""
    width = len(records[0].cells) if records else (width or 0)
    faults = {i: dict(r.faults) for i, r in enumerate(records) if r.faults}
    columns = list(zip(*(r.cells for r in records), strict=True)) if records else [()] * width
    texts = []
    for at, column in enumerate(columns):
        try:
            texts.append(pa.array(column, pa.string()))
        except UnicodeEncodeError:
            clean = []
            for i, cell in enumerate(column):
                if any("\ud800" <= c <= "\udfff" for c in cell):
                    faults.setdefault(i, {})[at] = (
                        "lone surrogate",
                        "the cell holds half of a surrogate pair: export the row again",
                    )
                    cell = ""
                clean.append(cell)
            texts.append(pa.array(clean, pa.string()))
    return Batch(where=[r.where for r in records], texts=texts, raw=_raw(records), faults=faults)


def _raw(records: list[Record]) -> list[str] | None:
    """The raw texts; None where they are made from the cells, as for a worksheet."""
    return [r.raw for r in records] if any(r.raw for r in records) else None
