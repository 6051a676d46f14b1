"""One file, from bytes to checked rows: the one path that every one-row-a-record format takes.

Longer than other files: CSV, workbook and JSON stand beside one another, for they must account for rows alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from commissioning.evidence import csv_reader, header, json_reader, text, whole
from commissioning.evidence.blocks import Blocks
from commissioning.evidence.cells import Context
from commissioning.evidence.check import Batch, Checker
from commissioning.evidence.columns import TYPES, WORDED
from commissioning.evidence.contracts import Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Refused, Source, quarantine_frame
from commissioning.evidence.spill import Spill
from commissioning.wording import counted

if TYPE_CHECKING:  # with openpyxl a tenth of a second, which a folder without a workbook does not pay
    from commissioning.evidence import xlsx_reader

BATCH = 50_000

SPILL_BYTES = 64 * 1024**2

Sink = list[pa.Table] | Spill
Progress = Callable[[float, int, int], None]
Finish = Callable[[pd.DataFrame, Source], pd.DataFrame]


def load(
    extract: Extract,
    contract: Contract,
    source: Source,
    finish: Finish | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Read and check a file against a contract of one row a record. Raises Refused.

    A CSV of over `SPILL_BYTES` without a key is kept on disk: `Loaded.frame` is then empty and
    `Loaded.spill` holds the rows. `progress` is told the share read, the rows and the pence so far.
    """
    shape = partial(_shape, contract=contract, source=source, finish=finish, name=extract.name)
    large = extract.kind == "csv" and extract.size > SPILL_BYTES and not contract.key
    sink: Sink = Spill(shape) if large else []
    if extract.kind == "csv":
        parts, notes = _csv(extract, contract, sink, progress)
    elif extract.kind == "xlsx":
        parts, notes = _xlsx(extract, contract, sink)
    else:
        parts, notes = _json(extract, contract, sink)
    return assemble(extract, contract, source, parts, notes, sink, finish)


def _shape(table: pa.Table, contract: Contract, source: Source, finish: Finish | None, name: str) -> pd.DataFrame:
    return _finished(to_frame(table, contract), contract, source, finish, name)


def _finished(
    frame: pd.DataFrame, contract: Contract, source: Source, finish: Finish | None, name: str
) -> pd.DataFrame:
    frame = complete(frame, contract, source)
    frame.insert(len(frame.columns) - 1, "source_file", pd.Series(name, index=frame.index, dtype="str"))
    return finish(frame, source) if finish is not None else frame


def assemble(
    extract: Extract,
    contract: Contract,
    source: Source,
    parts: list[tuple[Checker, list[str]]],
    notes: list[str],
    sink: Sink,
    finish: Finish | None = None,
) -> Loaded:
    """Checked parts (one for CSV, one a sheet for a workbook) as one `Loaded`."""
    checkers = [c for c, _ in parts]
    titles = [w for _, t in parts for w in t]
    quarantine = quarantine_frame([q for c in checkers for q in c.quarantine])
    spill = sink if isinstance(sink, Spill) else None
    if spill is not None:
        spill.close()
        copies = spill.exact_copies(("source_file", "source_row"))
        said = (f"{counted(copies, 'exact duplicate')} kept: possibly legitimate",) if copies else ()
        extra = whole.Extra(moved=0, pence=0, notes=said, findings=())
        frame = spill.empty if spill.empty is not None else pd.DataFrame()
    else:
        frame = to_frame(pa.concat_tables(sink, promote_options="default"), contract)
        frame, quarantine, extra = whole.check(contract, frame, quarantine, extract.name)
        frame = _finished(frame, contract, source, finish, extract.name)
    moved = extra.moved
    control = contract.control_amount
    money = control is not None
    accepted = sum(c.pence["accepted"] for c in checkers) - extra.pence
    set_aside = sum(c.pence["quarantined"] for c in checkers) + extra.pence
    not_data = sum(len(c.not_data) for c in checkers) + len(titles)
    rows_accepted = sum(c.accepted for c in checkers) - moved
    rows_quarantined = sum(c.quarantined for c in checkers) + moved
    return Loaded(
        table=contract.table,
        frame=frame,
        quarantine=quarantine,
        unit=contract.unit,
        rows_in=rows_accepted + rows_quarantined + not_data,
        rows_accepted=rows_accepted,
        rows_quarantined=rows_quarantined,
        rows_not_data=not_data,
        pence_in=accepted + set_aside if money else None,
        pence_accepted=accepted if money else None,
        pence_quarantined=set_aside if money else None,
        pence_not_data=0 if money else None,
        rounding_residue_pence=float(sum(c.residue for c in checkers)),
        control_totals=tuple(t for c in checkers for t in c.control_totals),
        notes=(*notes, *extra.notes),
        findings=extra.findings,
        sha256=extract.sha256,
        spill=spill,
        not_data=(*titles, *(w for c in checkers for w in c.not_data)),
    )


def complete(frame: pd.DataFrame, contract: Contract, source: Source) -> pd.DataFrame:
    """Optional columns that the file leaves out, as unknown; `year` from the date paid; `area` from the source."""
    for column in contract.columns:
        if column.name in frame or (column.name == "year" and "paid_on" in frame):
            continue
        kind = TYPES[column.holds]
        value = "unknown" if column.holds in WORDED else None
        filled = pa.table({column.name: pa.array([value] * len(frame), kind)})
        frame.insert(len(frame.columns) - 1, column.name, to_frame(filled, contract)[column.name].array)
        if column.with_status:
            frame.insert(
                len(frame.columns) - 1, f"{column.name}_status", pd.Series("unknown", index=frame.index, dtype="str")
            )
    if "area" in frame and source.area:
        frame["area"] = frame["area"].fillna(source.area)
    if "paid_on" in frame and "year" not in frame:
        first = frame["paid_on"].dt.year - (frame["paid_on"].dt.month < 4)
        names = {y: f"{int(y)}-{(int(y) + 1) % 100:02d}" for y in first.dropna().unique()}
        frame.insert(list(frame.columns).index("paid_on") + 1, "year", first.map(names).astype("str"))
    return frame


def to_frame(table: pa.Table, contract: Contract) -> pd.DataFrame:
    """An Arrow table with the workbench's dtypes: text `str`, whole numbers and pence `Int64`."""
    types = {
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.large_string(): pd.StringDtype(na_value=float("nan")),
    }
    return table.to_pandas(types_mapper=types.get)


# -- CSV ---------------------------------------------------------------------------------------------


def _csv(
    extract: Extract, contract: Contract, sink: Sink, progress: Progress | None
) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=contract.cp1252_allowed)
    notes = list(encoding.notes)
    delimiter, words = choose_delimiter(extract, encoding, contract)
    notes += words
    blocks = Blocks(extract.path, encoding)
    stream = _Stream(blocks.lines(), extract.name)
    lines = iter(stream)
    try:
        rows = csv_reader.records(lines, delimiter, extract.name)
        first = list(islice(rows, contract.header_search_rows + 1))
        if not first:
            raise Refused(f"{extract.name} holds no text: export it again", code="empty file")
        bound = header.bind(contract, [r.cells for r in first], extract.name)
        notes += bound.notes
        titles = [r.where for r in first[: bound.row] if contract.header_rows == 1 or r is not first[bound.row - 1]]
        if titles:
            notes.append(f"{counted(len(titles), 'title row')} above the header declared not data")
        checker = Checker(contract, bound, extract.name, Context(), delimiter)
        feeder = Feeder(checker, sink)
        feeder.add_all(first[bound.row + 1 :])
        _feed_blocks(feeder, blocks, stream, lines, delimiter, extract, progress)
        feeder.close()
    except UnicodeDecodeError:  # pragma: no cover - `decide` has decoded every byte
        raise Refused(f"{extract.name} changed while it was read", code="changed") from None
    finally:
        blocks.close()
    notes += stream.close(checker)
    if delimiter != "," and checker.misfits:
        raise Refused(
            f"{extract.name}: {counted(checker.misfits, 'row')} not explained by its delimiter "
            f"({_WORDS[delimiter]}): export it with commas",
            code="mixed delimiters",
        )
    notes += checker.close()
    return [(checker, titles)], notes


_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


class _Stream:
    """Physical lines, with a Ctrl-Z at the end stripped and the line ends remembered."""

    def __init__(self, lines: Iterable[str], name: str) -> None:
        self._lines = lines
        self.name = name
        self.ends: set[str] = set()
        self.ctrl_z = False
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if self.ctrl_z and line.strip("\x1a\r\n") != "":
                raise Refused(
                    f"{self.name} holds Ctrl-Z (the old end-of-file mark) before its end: two files were joined",
                    code="control character",
                )
            inner = line.rstrip("\r\n")
            if inner.endswith("\x1a"):
                self.ctrl_z = True
                line = inner.rstrip("\x1a")
                if not line:
                    continue
            body = line.rstrip("\r\n")
            self.ends.add(line[len(body) :])
            self.last = line
            yield line

    def close(self, checker: Checker) -> list[str]:
        """Notes on the line ends; raises Refused where the last line is cut."""
        whole_line = self.last.endswith(("\n", "\r"))
        if not whole_line and not checker.ended_on_footer:
            raise Refused(
                f"{self.name} does not end with a line end: it may be half-written; wait or export it again "
                "(if it is whole, add an empty line)",
                code="half-written",
            )
        kinds = self.ends - {""}
        notes = []
        if self.ctrl_z:
            notes.append("Ctrl-Z at the end of the file stripped")
        if len(kinds) > 1:
            notes.append("mixed line endings")
        return notes


def choose_delimiter(extract: Extract, encoding: text.Encoding, contract: Contract) -> tuple[str, list[str]]:
    """The delimiter under which most of the contract's headers stand in one row."""
    sample = list(islice(text.lines(extract.path, encoding), 200))
    best, score = ",", -1
    for delimiter in contract.delimiters:
        rows = tolerant_rows(sample, delimiter, contract.header_search_rows)
        found = len(header.find(contract, rows)[1])
        if found > score:
            best, score = delimiter, found
    return best, [] if best == "," else [f"delimited by {_WORDS[best]}s, not commas"]


def tolerant_rows(lines: Iterable[str], delimiter: str, limit: int) -> list[list[str]]:
    """The first records of some lines, for recognising only: broken ones are split plainly."""
    rows: list[list[str]] = []
    try:
        for record in csv_reader.records(lines, delimiter, ""):
            rows.append(record.cells)
            if len(rows) >= limit:
                break
    except Refused:
        pass
    return rows


class Feeder:
    """Feeds records in file order, in batches of those of the header's width; accepted tables go to the sink."""

    def __init__(self, checker: Checker, sink: Sink) -> None:
        self.checker = checker
        self.sink = sink
        self._held: list[Record] = []
        self._last_short = ""
        self._fed = False

    def add_all(self, records: Iterable[Record]) -> None:
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        self._last_short = ""
        if not record.code and len(record.cells) == self.checker.bound.width:
            self._held.append(record)
            if len(self._held) >= BATCH:
                self.flush()
            return
        self.flush()
        before = self.checker.misfits
        self.checker.misfit(record)
        if self.checker.misfits > before and not record.code and len(record.cells) < self.checker.bound.width:
            self._last_short = record.where

    def flush(self) -> None:
        if self._held:
            self.add_batch(to_batch(self._held))
            self._held = []

    def add_batch(self, batch: Batch) -> None:
        self._last_short = ""
        self._fed = True
        self.sink.append(self.checker.feed(batch))

    def close(self) -> None:
        """The last batch. Raises Refused where the last row is cut short."""
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


def _feed_blocks(
    feeder: Feeder,
    blocks: Blocks,
    stream: _Stream,
    lines: Iterator[str],
    delimiter: str,
    extract: Extract,
    progress: Progress | None,
) -> None:
    """The rest of the file: plain blocks whole, others record by record until a block's end."""
    checker = feeder.checker
    while True:
        plain = None if stream.ctrl_z else blocks.plain(checker.bound.width, delimiter)
        if plain is not None:
            feeder.flush()
            stream.ends.add(plain[1])
            stream.last = plain[1]
            feeder.add_batch(plain[0])
        else:
            started, any_left = blocks.filled, False
            for record in csv_reader.records(lines, delimiter, extract.name, start=blocks.line + 1):
                any_left = True
                feeder.add(record)
                if blocks.filled > started and blocks.at_boundary:
                    break
            else:
                any_left = False
            if not any_left:
                return
        if progress is not None:
            progress(blocks.bytes / extract.size, checker.accepted + checker.quarantined, checker.pence["accepted"])


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
    return Batch(where=[r.where for r in records], texts=texts, raw=[r.raw for r in records], faults=faults)


# -- XLSX and JSON -------------------------------------------------------------------------------------


def _xlsx(extract: Extract, contract: Contract, sink: Sink) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    from commissioning.evidence import xlsx_reader

    book = xlsx_reader.read(extract)
    notes = list(book.notes)
    parts = []
    scored = [
        (len(header.find(contract, [r.cells for r in s.records[: contract.header_search_rows]])[1]), s)
        for s in book.sheets
    ]
    best = max((n for n, _ in scored), default=0)
    chosen = [s for n, s in scored if n == best and n > 0] or [s for _, s in scored[:1]]
    for sheet in book.sheets:
        if all(sheet is not s for s in chosen):
            notes.append(f"sheet “{sheet.name}” does not follow the contract: left out")
    if len(chosen) > 1:
        _no_copied_sheet(chosen, extract.name)
        notes.append(f"{len(chosen)} sheets follow the contract and were read: {', '.join(s.name for s in chosen)}")
    for sheet in chosen:
        first = [r.cells for r in sheet.records[: contract.header_search_rows]]
        bound = header.bind(contract, first, extract.name, f"sheet “{sheet.name}” row")
        _no_merged_header(sheet, bound, extract.name)
        notes += [*bound.notes, *sheet.notes]
        titles = [r.where for r in sheet.records[: bound.row]]
        checker = Checker(
            contract, bound, extract.name, Context(workbook=True, epoch=book.epoch or date(1899, 12, 30)), " | "
        )
        rows = [_to_width(r, bound.width) for r in sheet.records[bound.row + 1 :]]
        feeder = Feeder(checker, sink)
        feeder.add_all(rows)
        feeder.close()
        notes += checker.close()
        if titles:
            notes.append(f"{counted(len(titles), 'title row')} above the header declared not data")
        parts.append((checker, titles))
    return parts, notes


def _no_copied_sheet(sheets: list[xlsx_reader.Sheet], name: str) -> None:
    """Two sheets with the same rows are one sheet and its copy: counting both would double the figures."""
    seen: dict[tuple[str, ...], str] = {}
    for sheet in sheets:
        rows = tuple(sorted(r.raw for r in sheet.records if r.raw.strip()))
        if len(rows) > 1 and rows in seen:
            raise Refused(
                f"{name} holds the same rows on the sheets “{seen[rows]}” and “{sheet.name}”: keep one of them",
                code="copied sheet",
                where=f"{sheet.name}!1",
            )
        seen[rows] = sheet.name


def _no_merged_header(sheet: xlsx_reader.Sheet, bound: header.Bound, name: str) -> None:
    row = int(sheet.records[bound.row].where.rpartition("!")[2])
    for first, last, cells in sheet.merged:
        if first <= row <= last:
            raise Refused(
                f"{name} sheet “{sheet.name}” row {row} has a merged header ({cells}): write one header row "
                "without merged cells",
                code="two-row header",
                where=f"{sheet.name}!{row}",
            )


def _to_width(record: Record, width: int) -> Record:
    """A worksheet's rows end at their last filled cell: blanks to the right are not missing cells."""
    cells = record.cells
    while len(cells) > width and cells[-1] == "":
        cells = cells[:-1]
    record.cells = cells + [""] * (width - len(cells))
    return record


def _json(extract: Extract, contract: Contract, sink: Sink) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    names, records = json_reader.as_records(json_reader.read(extract), extract.name)
    bound = header.bind(contract, [names], extract.name, "key")
    checker = Checker(contract, bound, extract.name, Context(), ", ")
    feeder = Feeder(checker, sink)
    feeder.add_all(records)
    feeder.close()
    return [(checker, [])], [*bound.notes, *checker.close()]
