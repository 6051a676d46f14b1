"""One file, from bytes to checked rows: the one path that every one-row-a-record format takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from commissioning.evidence import closing, header, json_reader, read_csv, strays, whole
from commissioning.evidence.batch import together
from commissioning.evidence.cells import Context
from commissioning.evidence.check import Checker
from commissioning.evidence.columns import TYPES, WORDED
from commissioning.evidence.contracts import Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import Extract
from commissioning.evidence.feed import Feeder, Sink
from commissioning.evidence.loaded import Loaded
from commissioning.evidence.quarantine import Quarantine
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Spill
from commissioning.wording import counted

if TYPE_CHECKING:  # with openpyxl a tenth of a second, which a folder without a workbook does not pay
    from commissioning.evidence.read_xlsx import Left

SPILL_BYTES = 64 * 1024**2

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
    left: list[Left] = []
    if extract.kind == "csv":
        parts, notes = read_csv.read(extract, contract, sink, progress)
    elif extract.kind == "xlsx":
        from commissioning.evidence import read_xlsx

        parts, notes, left = read_xlsx.rows(extract, contract, sink)
    else:
        parts, notes = _json(extract, contract, sink)
    return assemble(extract, contract, source, parts, notes, sink, left, finish)


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
    left: Sequence[Left] = (),
    finish: Finish | None = None,
) -> Loaded:
    """Checked parts (one for CSV, one a sheet for a workbook) and the sheets left as one `Loaded`."""
    checkers = [c for c, _ in parts]
    titles = [w for _, t in parts for w in t]
    quarantine = Quarantine()
    for checker in checkers:
        quarantine.take(checker.quarantine)
    spill = sink if isinstance(sink, Spill) else None
    if isinstance(sink, Spill):
        frame, extra = _spilled(sink, contract, quarantine)
    else:
        frame = to_frame(together(sink, contract), contract)
        frame, extra = whole.check(contract, frame, quarantine, extract.name)
        frame = _finished(frame, contract, source, finish, extract.name)
    aside = [one for one in left if one.set_aside]
    for one in aside:
        quarantine.add_all((w, one.column, "sheet without a column", one.note, "") for w in one.wheres)
    pence = {
        "accepted": sum(c.pence["accepted"] for c in checkers) - extra.pence,
        "quarantined": sum(c.pence["quarantined"] for c in checkers) + extra.pence + sum(o.pence or 0 for o in aside),
        "not_data": sum(o.pence or 0 for o in left if not o.set_aside),
    }
    elsewhere = [w for o in left if not o.set_aside for w in o.wheres]
    not_data = (*titles, *(w for c in checkers for w in c.not_data), *elsewhere)
    rows = {
        "accepted": sum(c.accepted for c in checkers) - extra.moved,
        "quarantined": sum(c.quarantined for c in checkers) + extra.moved + sum(len(o.wheres) for o in aside),
        "not_data": len(not_data),
    }
    # A council's extract may lack its column of money: then nothing is known of its pounds, and no sum is said.
    money = contract.control_amount is not None and (
        not checkers or any(contract.control_amount in c.bound.positions for c in checkers)
    )
    return Loaded(
        table=contract.table,
        frame=frame,
        quarantine=quarantine.frame(),
        unit=contract.unit,
        rows_in=sum(rows.values()),
        rows_accepted=rows["accepted"],
        rows_quarantined=rows["quarantined"],
        rows_not_data=rows["not_data"],
        pence_in=sum(pence.values()) if money else None,
        pence_accepted=pence["accepted"] if money else None,
        pence_quarantined=pence["quarantined"] if money else None,
        pence_not_data=pence["not_data"] if money else None,
        rounding_residue_pence=float(sum(c.residue for c in checkers)),
        control_totals=tuple(t for c in checkers for t in c.control_totals),
        notes=(*notes, *extra.notes),
        findings=extra.findings,
        sha256=extract.sha256,
        spill=spill,
        not_data=not_data,
        causes=quarantine.causes(),
        unread_amounts=sum(c.unread_amounts for c in checkers) + sum(o.unread for o in aside),
        comes_on=min((c.comes_on for c in checkers if c.comes_on is not None), default=None),
    )


def _spilled(spill: Spill, contract: Contract, quarantine: Quarantine) -> tuple[pd.DataFrame, whole.Extra]:
    """What the checks of the whole file find in rows that stand on disk: stray years and exact copies."""
    spill.close()
    frame = spill.empty if spill.empty is not None else pd.DataFrame()
    moved = pence = 0
    if (column := strays.column(contract)) is not None and "year" in frame:
        counts = spill.counts("year")
        far = strays.stray({int(y[:4]): n for y, n in counts.items()})
        if far:
            rows = spill.take_out("year", [y for y in counts if int(y[:4]) in far])
            fault = (column.heading, strays.CODE, strays.reason(column.heading))
            whole.set_aside(rows, [[fault]] * len(rows), quarantine)
            moved = len(rows)
            pence = int(rows[contract.control_amount].fillna(0).sum()) if contract.control_amount in rows else 0
    copies = spill.exact_copies(("source_file", "source_row"))
    said = (f"{counted(copies, 'exact duplicate')} kept: possibly legitimate",) if copies else ()
    return frame, whole.Extra(moved=moved, pence=pence, notes=said, findings=())


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
    if "paid_on" in frame and ("year" not in frame or frame["year"].hasnans):
        first = frame["paid_on"].dt.year - (frame["paid_on"].dt.month < 4)
        names = {y: f"{int(y)}-{(int(y) + 1) % 100:02d}" for y in first.dropna().unique()}
        year = first.map(names).astype("str")
        if "year" in frame:
            frame["year"] = frame["year"].fillna(year)
        else:
            frame.insert(list(frame.columns).index("paid_on") + 1, "year", year)
    return frame


def to_frame(table: pa.Table, contract: Contract) -> pd.DataFrame:
    """An Arrow table with the workbench's dtypes: text `str`, whole numbers and pence `Int64`."""
    types = {
        pa.int64(): pd.Int64Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.large_string(): pd.StringDtype(na_value=float("nan")),
    }
    return table.to_pandas(types_mapper=types.get)


def _json(extract: Extract, contract: Contract, sink: Sink) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    names, records = json_reader.as_records(json_reader.read(extract), extract.name)
    return _records(extract, contract, sink, names, records)


def load_rows(
    extract: Extract,
    contract: Contract,
    source: Source,
    names: list[str],
    records: list[Record],
    notes: Sequence[str] = (),
) -> Loaded:
    """Records that were made of a file (under `names`), checked as those of any file. Raises Refused."""
    sink: Sink = []
    parts, said = _records(extract, contract, sink, names, records)
    return assemble(extract, contract, source, parts, [*notes, *said], sink)


def _records(
    extract: Extract, contract: Contract, sink: Sink, names: list[str], records: list[Record]
) -> tuple[list[tuple[Checker, list[str]]], list[str]]:
    bound = header.bind(contract, [names], extract.name, "key")
    checker = Checker(contract, bound, extract.name, Context(), ", ")
    feeder = Feeder(checker, sink)
    feeder.add_all(records)
    ends = feeder.close()
    return [(checker, [])], [*bound.notes, *closing.close(checker), *ends]
