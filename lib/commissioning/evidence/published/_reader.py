"""Readers of published files whose shape is not one row a record, on the core's strict foundations.

`Reshaped` reads one row a record with the core's contract and then gathers or spreads the
checked rows; `RowsReader` hands physical rows to a parser of this room; `JsonReader` a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from commissioning.evidence import csv_reader, json_reader, text
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Contract
from commissioning.evidence.extract import IN_MEMORY_BYTES, Extract
from commissioning.evidence.loaded import Loaded, Match, Preview, Refused
from commissioning.evidence.published._parsed import Row, is_blank, number
from commissioning.evidence.published._parsed import text as cell_text
from commissioning.evidence.published._stated import Stated, stated
from commissioning.evidence.source import Source
from commissioning.wording import counted

Reshape = Callable[[pd.DataFrame, Stated], tuple[pd.DataFrame, tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Reshaped:
    """One row a record, checked by `rows`; then `reshape(frame, what the file states)` gives the table of `contract`."""

    rows: Contract
    contract: Contract
    reshape: Reshape

    def recognises(self, preview: Preview) -> Match:
        """As the core: how many of the contract's headers stand in one row near the top."""
        return ContractReader(contract=self.rows).recognises(preview)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The checked rows, reshaped; the reconciliation stays that of the file's own rows."""
        loaded = ContractReader(contract=self.rows).read(extract, source)
        frame, notes = self.reshape(loaded.frame, self._stated(extract, source))
        return replace(loaded, frame=_with_source(frame, extract), notes=(*loaded.notes, *notes))

    def _stated(self, extract: Extract, source: Source) -> Stated:
        """What stands above the header; titles and sheets are looked at in the first rows only."""
        from commissioning.evidence import header
        from commissioning.evidence.preview import preview

        seen = preview(extract)
        above: list[Sequence[str]] = []
        sheets: list[str] = []
        for name, rows in seen.sheets.items():
            at, found = header.find(self.rows, rows)
            if 2 * len(found) > len(self.rows.required):
                above += rows[:at]
                sheets += [name] if seen.kind == "xlsx" else []
        return stated(extract, source, above, sheets)


def physical_rows(extract: Extract, *, cp1252_allowed: bool = True) -> tuple[list[Row], list[str]]:
    """Every record of a CSV with its physical line, and load notes. Raises Refused.

    A record whose quotes are broken has a cell too many, so that no parser can take it for a row.
    """
    if extract.size > IN_MEMORY_BYTES:
        raise Refused(f"{extract.name} is far larger than any file of this kind: send one year", code="too large")
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=cp1252_allowed)
    lines = list(text.lines(extract.path, encoding))
    *before, last = lines or [""]
    cut = last.endswith("\r") and before and all(line.endswith("\n") for line in before) and before[0].endswith("\r\n")
    if lines and (cut or not lines[-1].endswith(("\n", "\r"))):
        raise Refused(
            f"{extract.name} does not end with a line end: it may be half-written; wait or export it again",
            code="half-written",
        )
    delimiter = max((",", ";", "\t", "|"), key=lambda d: sum(line.count(d) for line in lines[:200]))
    records = csv_reader.records(lines, delimiter, extract.name)
    return [(record.where, [*record.cells, record.code] if record.code else record.cells) for record in records], list(
        encoding.notes
    )


@dataclass(frozen=True, kw_only=True)
class RowsReader:
    """A CSV or worksheet whose rows only its own parser understands (councils as columns, tables side by side).

    `here(rows)` gives the position of the header, or None.
    """

    rows: Contract
    contract: Contract
    here: Callable[[Sequence[Row]], int | None]
    parse: Callable[[Sequence[Row], Stated], Loaded]

    def recognises(self, preview: Preview) -> Match:
        """Certain where the parser finds its place; else as the core judges the contract's headers."""
        for rows in preview.sheets.values():
            if self.here([(str(n), cells) for n, cells in enumerate(rows, 1)]) is not None:
                return Match(score=1.0, recognised=True, table=self.contract.table, says=self.contract.title)
        match = ContractReader(contract=self.rows).recognises(preview)
        return replace(match, recognised=False)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The parsed file. Raises Refused where it holds no data or cannot be read."""
        sheet, rows, notes = self._rows(extract)
        header = self.here(rows)
        if header is None:
            raise Refused(
                f"{extract.name} is not as {self.contract.title} should be: its header row is not near the top",
                code="missing column",
            )
        above = stated(extract, source, (cells for _, cells in rows[:header]), [sheet] if sheet else [])
        return of_file(self.parse(rows, above), self.contract, extract, notes)

    def _rows(self, extract: Extract) -> tuple[str, list[Row], list[str]]:
        """The rows of a CSV, or of the one worksheet that fits (each as wide as the widest), and its name."""
        if extract.kind != "xlsx":
            return "", *physical_rows(extract, cp1252_allowed=self.contract.cp1252_allowed)
        sheets = typed_sheets(extract)
        fitting = [name for name, (rows, _) in sheets.items() if self.here(rows) is not None]
        if len(fitting) > 1:
            raise Refused(
                f"{extract.name} has {len(fitting)} sheets that are {self.contract.title} ({', '.join(fitting)}): "
                "save each as a file of its own",
                code="several sheets",
            )
        if not fitting:
            return "", [], []
        rows, notes = sheets.pop(fitting[0])
        width = max((len(cells) for _, cells in rows), default=0)
        rows = [(where, [*cells, *[None] * (width - len(cells))]) for where, cells in rows]
        left = [f"sheet “{name}” is left out ({rows_and_pounds(other)})" for name, (other, _) in sheets.items()]
        return fitting[0], rows, [*notes, *left]


@dataclass(frozen=True, kw_only=True)
class JsonReader:
    """A JSON document of a published shape. `refuse(document, parsed)` gives a reason to refuse, or None."""

    contract: Contract
    here: Callable[[object], bool]
    parse: Callable[[Any], Loaded]
    refuse: Callable[[Any, Loaded], str | None] = lambda document, parsed: None

    def recognises(self, preview: Preview) -> Match:
        """Certain where the document has the shape; never otherwise."""
        found = preview.kind == "json" and self.here(preview.json)
        return Match(score=float(found), recognised=found, table=self.contract.table, says=self.contract.title)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The parsed document. Raises Refused where it holds no data or breaks its own totals."""
        document = json_reader.read(extract)
        parsed = self.parse(document)
        reason = self.refuse(document, parsed)
        if reason:
            raise Refused(f"{extract.name}: {reason}", code="total differs")
        return of_file(parsed, self.contract, extract, [])


def of_file(parsed: Loaded, contract: Contract, extract: Extract, notes: Sequence[str]) -> Loaded:
    """A parser's answer as intake wants it. Raises Refused where there is no data at all."""
    if not parsed.rows_accepted and not parsed.rows_quarantined and not contract.zero_rows_allowed:
        raise Refused(f"{extract.name} holds a header and no data: export it again", code="no rows")
    frame = _with_source(parsed.frame, extract)
    return replace(parsed, frame=frame, notes=(*notes, *parsed.notes), sha256=extract.sha256)


def _with_source(frame: pd.DataFrame, extract: Extract) -> pd.DataFrame:
    frame = frame.drop(columns="source_file", errors="ignore")
    return frame.assign(source_file=pd.Series(extract.name, index=frame.index, dtype="str"))


def typed_sheets(extract: Extract) -> dict[str, tuple[list[Row], list[str]]]:
    """Each worksheet's cells with their types (a date is a date), and the core's notes. Raises Refused.

    A formula whose value was never stored becomes `#VALUE!`, which no column accepts.
    """
    from commissioning.evidence import xlsx_reader

    book = xlsx_reader.read(extract, typed=True)
    found: dict[str, tuple[list[Row], list[str]]] = {}
    for sheet in book.sheets:
        rows: list[Row] = []
        for record, values in zip(sheet.records, sheet.values, strict=True):
            cells: list[object] = list(values)
            for at in record.faults:
                cells[at] = "#VALUE!"
            rows.append((record.where, cells))
        found[sheet.name] = rows, [*book.notes, *sheet.notes]
    return found


_AMOUNT = re.compile(r"amount|award|value|paid|payment|cost|total|spend|£|gbp", re.IGNORECASE)


def rows_and_pounds(rows: Sequence[Row]) -> str:
    """What a sheet that is left out holds, in words: its rows, and the sum of its first column of amounts, if it has one."""
    filled = [cells for _, cells in rows if not is_blank(cells)]
    for position, cells in enumerate(filled[:20]):
        for at, cell in enumerate(cells):
            amounts = [number(one[at]) for one in filled[position + 1 :] if at < len(one)]
            sums = [one for one in amounts if one is not None]
            if isinstance(cell, str) and _AMOUNT.search(cell) and len(sums) * 2 > len(amounts) > 0:
                return f"{counted(len(filled) - position - 1, 'row')}, £{sum(sums):,.2f} under “{cell_text(cell)}”"
    return counted(len(filled), "row")
