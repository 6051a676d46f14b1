"""The same records in two files, counted once and named; and rows of another area, left out and counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from commissioning.evidence import newest
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import NOT_SAID, SOURCE_COLUMNS, Finding, Loaded
from commissioning.evidence.registry import readers
from commissioning.evidence.spill import Spill, Tables
from commissioning.wording import counted

if TYPE_CHECKING:
    from commissioning.evidence.taken import FileRecord


@dataclass(kw_only=True)
class _Held:
    """A file's rows while files are held against each other."""

    record: FileRecord
    contract: Contract
    frame: pd.DataFrame
    shared: np.ndarray = field(
        default_factory=lambda: np.empty(0, np.uint64)
    )  # hashes of its keys: most pairs of files share none

    @property
    def key(self) -> list[str]:
        return [k for k in self.contract.key if k in self.frame]


def combine(records: list[FileRecord], area: str | None) -> tuple[list[FileRecord], Tables, tuple[Finding, ...]]:
    """The records with what was found across files, the tables of distinct records, and findings."""
    out = list(records)
    contracts = {f"{c.title}, version {c.version}": c for c in (r.contract for r in readers())}
    held: dict[str, dict[int, _Held]] = {}
    parts: dict[str, dict[int, pd.DataFrame | Spill]] = {}
    for i, record in enumerate(records):
        if record.status != "accepted" or record.loaded is None:
            continue
        same = next(
            (o for o in out[:i] if o.status == "accepted" and (o.sha256, o.table) == (record.sha256, record.table)),
            None,
        )
        spill = record.loaded.spill
        if spill is not None and area is None:
            if same is not None:
                out[i] = _aside(record, f"a copy of {same.file}, byte for byte: counted once, from there")
            else:
                out[i] = replace(record, counted=spill.rows)
                parts.setdefault(record.loaded.table, {})[i] = spill
            continue
        frame, out[i] = _of_area(record, contracts[record.contract], area)
        if out[i].status == "accepted" and same is not None and len(frame):
            words = (
                f"a copy of {same.file}, byte for byte: its {counted(len(frame), 'record')} counted once, from there"
            )
            out[i] = _aside(out[i], words)
        if out[i].status == "accepted":
            one = _Held(record=out[i], contract=contracts[record.contract], frame=frame)
            held.setdefault(record.loaded.table, {})[i] = one
    findings: list[Finding] = []
    for table, files in held.items():
        findings += _told_apart(files)
        for i, one in files.items():
            out[i] = one.record
            if one.record.status == "accepted":
                out[i] = replace(one.record, counted=len(one.frame))
                parts.setdefault(table, {})[i] = one.frame
    return out, Tables({table: [of[i] for i in sorted(of)] for table, of in parts.items()}), tuple(findings)


def _told_apart(files: dict[int, _Held]) -> list[Finding]:
    """Leave out of each file of a table the rows that another holds. The later export's stand; else the first's by name."""
    pairs = [(i, j) for i, j in combinations(files, 2) if _share(files[i], files[j])]
    unlike = [(i, j) for i, j in pairs if _differ(files[j], files[i]).any()]
    exports = {i: _export(files[i]) for pair in unlike for i in pair}
    place = {i: (0, n) for n, i in enumerate(files)}  # by name
    decided: set[int] = set()
    for group, order in enumerate(newest.orders(exports, unlike), start=1):
        if order.undecided is None:
            decided.update(order.files)
            place.update({i: (group, n) for n, i in enumerate(order.files)})
        elif any(files[i].contract.own_extract for i in order.undecided):
            a, b = order.undecided
            records = counted(int(_differ(files[b], files[a]).sum()), "record")
            words = newest.ask(
                files[b].record.file, files[a].record.file, records, [files[i].record.file for i in order.ask_of]
            )
            files[b].record = replace(files[b].record, status="refused", reason=words, code="two versions")
    found: list[Finding] = []
    standing: list[int] = []
    for i in sorted(files, key=place.__getitem__):
        for j in standing:
            if files[i].record.status == "accepted" and len(files[i].frame):
                why = exports[j].words if {i, j} <= decided else ""
                found += _against(files[i], files[j], why)
        if files[i].record.status == "accepted":
            standing.append(i)
    return found


def _export(one: _Held) -> newest.Export:
    period = one.contract.period_column or "year"
    last = one.frame[period].dropna().max() if period in one.frame and one.frame[period].notna().any() else ""
    return newest.of(one.record.file, one.record.source.exported, str(last))


def _share(one: _Held, other: _Held) -> bool:
    """Whether two files of a table may hold the same records, told by their keys."""
    key = [k for k in other.key if k in one.frame]
    if not key or one.contract.overlaps or not (len(one.frame) and len(other.frame)):
        return False
    if not key == one.key == other.key:
        return True  # two formats of one table
    for of in (one, other):
        if not len(of.shared):
            of.shared = np.unique(pd.util.hash_pandas_object(of.frame[key].astype("str"), index=False))
    return bool(np.isin(one.shared, other.shared, assume_unique=True).any())


def _differ(one: _Held, other: _Held) -> np.ndarray:
    """Which rows are of records that another file holds too, with other content (n booleans, n rows of `one`).

    A council's own records are compared in every column. Of published ones the money is, where the table holds any.
    """
    key = [k for k in one.key if k in other.frame]
    control = one.contract.control_amount
    columns = [n for name in one.contract.names for n in (name, f"{name}_status")]
    if control and not one.contract.own_extract:
        columns = [control, one.contract.period_column or control]
    compared = [c for c in dict.fromkeys(columns) if c in one.frame and c in other.frame and c not in key]
    mine, theirs = pd.MultiIndex.from_frame(one.frame[key]), pd.MultiIndex.from_frame(other.frame[key])
    both = mine.isin(theirs)
    if not both.any() or not compared:
        return np.zeros(len(mine), dtype=bool)
    left = one.frame[both].drop_duplicates(key).set_index(key)[compared].sort_index()
    right = other.frame[theirs.isin(mine)].drop_duplicates(key).set_index(key)[compared].sort_index()
    unlike = ~((left == right).fillna(False) | (left.isna() & right.isna())).astype(bool).all(axis=1)
    return both & mine.isin(left.index[unlike])


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


def _against(one: _Held, other: _Held, why: str) -> list[Finding]:
    """Leave out of a file the rows that another holds; `why` that other is the later export ("" where nothing tells)."""
    if one.contract.overlaps:
        return []
    key = [k for k in one.key if k in other.frame]
    if not key:
        one.frame, one.record, found = _without_key(one.record, one.frame, other.record, other.frame)
        return found
    both = pd.MultiIndex.from_frame(one.frame[key]).isin(pd.MultiIndex.from_frame(other.frame[key]))
    if not both.any():
        return []
    unlike = _differ(one, other)
    file, table, found = other.record.file, one.contract.table, []
    for rows, replaced in ((both & ~unlike, False), (unlike, True)):
        if not rows.any():
            continue
        n = counted(int(rows.sum()), "record")
        words = f"{n} in {file} too: counted once, from there"
        if replaced:
            words = f"{n} in {file} too, with other figures: counted once, from there"
            if why:
                words = f"{n} replaced by a later export, {file} ({why})"
            code = "replaced by a later export" if why else "two versions"
            found.append(Finding(code=code, says=words, table=table, file=one.record.file))
        one.record = _note(_left_out(one.record, one.contract, one.frame[rows], replaced=replaced and bool(why)), words)
    one.frame = one.frame[~both].reset_index(drop=True)
    return found


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


def _left_out(record: FileRecord, contract: Contract, rows: pd.DataFrame, *, replaced: bool) -> FileRecord:
    """The record with rows that another file holds too, and their pence where the table holds money."""
    control = contract.control_amount
    pence = int(rows[control].fillna(0).sum()) if control in rows else 0
    if replaced:
        return replace(
            record, rows_replaced=record.rows_replaced + len(rows), pence_replaced=record.pence_replaced + pence
        )
    return replace(record, rows_repeated=record.rows_repeated + len(rows), pence_repeated=record.pence_repeated + pence)


def _aside(record: FileRecord, words: str) -> FileRecord:
    """A file of which another holds every row: its rows and pence are in no sum."""
    return replace(record, status="left aside", reason=words)


def _note(record: FileRecord, words: str) -> FileRecord:
    loaded = record.loaded
    assert isinstance(loaded, Loaded)
    reason = f"{record.reason}; {words}" if record.reason else words
    return replace(record, reason=reason, loaded=replace(loaded, notes=(*loaded.notes, words)))
