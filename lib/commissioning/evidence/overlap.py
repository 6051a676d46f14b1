"""The same records in two files, counted once and named; and rows of another area, left out and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import NOT_SAID, SOURCE_COLUMNS, Finding, Loaded
from commissioning.evidence.registry import readers
from commissioning.evidence.spill import Spill, Tables
from commissioning.wording import counted

if TYPE_CHECKING:
    from commissioning.evidence.taken import FileRecord


def combine(records: list[FileRecord], area: str | None) -> tuple[list[FileRecord], Tables, tuple[Finding, ...]]:
    """The records with what was found across files, the tables of distinct records, and findings."""
    out = list(records)
    contracts = {f"{c.title}, version {c.version}": c for c in (r.contract for r in readers())}
    held: dict[str, list[tuple[int, pd.DataFrame]]] = {}
    parts: dict[str, list[pd.DataFrame | Spill]] = {}
    findings: list[Finding] = []
    for i, record in enumerate(records):
        if record.status != "accepted" or record.loaded is None:
            continue
        contract = contracts[record.contract]
        spill = record.loaded.spill
        if spill is not None and area is None:
            same = next((o for o in out[:i] if o.status == "accepted" and o.sha256 == record.sha256), None)
            if same is not None:
                out[i] = _aside(record, f"a copy of {same.file}, byte for byte: counted once, from there")
            else:
                out[i] = replace(record, counted=spill.rows)
                parts.setdefault(record.loaded.table, []).append(spill)
            continue
        frame, out[i] = _of_area(record, contract, area)
        if out[i].status != "accepted":
            continue
        earlier = held.setdefault(record.loaded.table, [])
        for j, other in earlier:
            if frame.empty:
                break
            frame, out[i], more = _against(out[i], contract, frame, out[j], other)
            findings += more
            if out[i].status != "accepted":
                break
        if out[i].status == "accepted":
            out[i] = replace(out[i], counted=len(frame))
            earlier.append((i, frame))
            parts.setdefault(record.loaded.table, []).append(frame)
    return out, Tables(parts), tuple(findings)


def _of_area(record: FileRecord, contract: Contract, area: str | None) -> tuple[pd.DataFrame, FileRecord]:
    """The rows of the area asked for, where the table's own `area` column says so and its area matters."""
    loaded = record.loaded
    assert loaded is not None
    frame = loaded.spill.read() if loaded.spill is not None else loaded.frame
    if area is None or not contract.area_needed or "area" not in frame:
        return frame, record
    whose = frame["area"].where(frame["area"] != "unknown").fillna(record.source.area or "")
    mine = whose == area
    if mine.all():
        return frame, record
    no_code = whose == NOT_SAID
    kinds = (
        (~mine & (whose != "") & ~no_code, "row", f"of another area than {area}"),
        (whose == "", "row", "of an unknown area (say in sources.toml whose)"),
        (no_code, "grant", "of other funders whose place no code of theirs says"),
    )
    words = [
        f"{counted(int(of.sum()), unit)} {which}{_pounds(frame[of], contract)}" for of, unit, which in kinds if of.any()
    ]
    said = " and ".join(words)
    if contract.places_apart and record.source.area == area:
        return frame, _note(record, f"{said}: named, and never counted as local")
    if not mine.any():
        return frame, replace(
            record, status="left aside", reason=f"{said}: spend of another or unknown area is never counted"
        )
    return frame[mine].reset_index(drop=True), _note(record, f"{said}: left out of the figures")


def _against(
    record: FileRecord, contract: Contract, frame: pd.DataFrame, other: FileRecord, earlier: pd.DataFrame
) -> tuple[pd.DataFrame, FileRecord, list[Finding]]:
    """The rows of a file that an earlier file of the same table does not hold."""
    if record.sha256 == other.sha256:
        words = f"a copy of {other.file}, byte for byte: its {counted(len(frame), 'record')} counted once, from there"
        return frame.iloc[:0], _aside(record, words), []
    if contract.overlaps:
        return frame, record, []
    key = [k for k in contract.key if k in frame and k in earlier]
    if not key:
        return _without_key(record, frame, other, earlier)
    mine, theirs = pd.MultiIndex.from_frame(frame[key]), pd.MultiIndex.from_frame(earlier[key])
    both = mine.isin(theirs)
    if not both.any():
        return frame, record, []
    columns = [contract.control_amount, contract.period_column] if contract.control_amount else list(contract.names)
    compared = [c for c in columns if c and c in frame and c in earlier and c not in key]
    left = frame[both].drop_duplicates(key).set_index(key)[compared].sort_index()
    right = earlier[theirs.isin(mine)].drop_duplicates(key).set_index(key)[compared].sort_index()
    unlike = ~((left == right).fillna(False) | (left.isna() & right.isna())).astype(bool).all(axis=1)
    if compared and unlike.any() and not contract.own_extract:
        says = (
            f"{counted(int(unlike.sum()), 'record')} in {other.file} too, with other figures: counted once, from there"
        )
        finding = Finding(code="two versions", says=says, table=contract.table, file=record.file)
        return frame[~both].reset_index(drop=True), _note(_repeated(record, contract, frame[both]), says), [finding]
    if compared and unlike.any():
        words = (
            f"{record.file} holds {counted(int(unlike.sum()), 'record')} that {other.file} holds too, with other content: "
            "keep the file that is right"
        )
        return frame, replace(record, status="refused", reason=words, code="two versions"), []
    words = f"{counted(int(both.sum()), 'record')} in {other.file} too: counted once, from there"
    return frame[~both].reset_index(drop=True), _note(_repeated(record, contract, frame[both]), words), []


def _without_key(
    record: FileRecord, frame: pd.DataFrame, other: FileRecord, earlier: pd.DataFrame
) -> tuple[pd.DataFrame, FileRecord, list[Finding]]:
    columns = [c for c in frame.columns if c in earlier.columns and c not in SOURCE_COLUMNS]
    mine = pd.util.hash_pandas_object(frame[columns].astype("str"), index=False)
    theirs = pd.util.hash_pandas_object(earlier[columns].astype("str"), index=False)
    if len(mine) == len(theirs) and sorted(mine) == sorted(theirs):
        words = f"the same {counted(len(frame), 'row')} as {other.file}: counted once, from there"
        return frame.iloc[:0], _aside(record, words), []
    same = int(mine.isin(set(theirs)).sum())
    if not same:
        return frame, record, []
    says = f"{counted(same, 'row')} of {record.file} alike in {other.file}: kept, and possibly the same payments"
    finding = Finding(code="rows in two files", says=says, table=record.table or "", file=record.file)
    return frame, _note(record, says), [finding]


def _pounds(rows: pd.DataFrame, contract: Contract) -> str:
    """The money of rows, for a sentence: " (£1,234.50)"; empty where the table holds none."""
    control = contract.control_amount
    if control is None or control not in rows:
        return ""
    pence = int(rows[control].fillna(0).sum())
    return f" ({'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f})"


def _repeated(record: FileRecord, contract: Contract, rows: pd.DataFrame) -> FileRecord:
    """The record with the rows that an earlier file holds too, and their pence where the table holds money."""
    control = contract.control_amount
    pence = int(rows[control].fillna(0).sum()) if control in rows else 0
    return replace(record, rows_repeated=record.rows_repeated + len(rows), pence_repeated=record.pence_repeated + pence)


def _aside(record: FileRecord, words: str) -> FileRecord:
    """A file of which another holds every row: its rows and pence are in no sum."""
    return replace(record, status="left aside", reason=words)


def _note(record: FileRecord, words: str) -> FileRecord:
    loaded = record.loaded
    assert isinstance(loaded, Loaded)
    reason = f"{record.reason}; {words}" if record.reason else words
    return replace(record, reason=reason, loaded=replace(loaded, notes=(*loaded.notes, words)))
