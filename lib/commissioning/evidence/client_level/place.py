"""Where submissions were taken in: the tables made of them stand in their place, and the events themselves go."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from commissioning.errors import DataRefused
from commissioning.evidence.client_level import MADE, PLACES, TABLE
from commissioning.evidence.loaded import Finding
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Tables
from commissioning.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from commissioning.evidence.taken import FileRecord

CODE = re.compile(r"[EWSNK]\d{8}")


def place(
    records: list[FileRecord], tables: Tables, secret: bytes, area: str | None, wanted: Collection[str] | None
) -> tuple[list[FileRecord], Tables, tuple[Finding, ...]]:
    """The records without the events of people, and the tables with those made of them.

    Raises DataRefused where another file holds one of these tables too: people would be counted twice.
    """
    look_up = tables.get(PLACES)
    if look_up is not None:
        records = [_emptied(one) if one.table == PLACES else one for one in records]
        tables = tables.but(PLACES, {})
    if TABLE not in tables:
        return records, tables, ()
    from commissioning.evidence.client_level.build import build

    mine = [one for one in records if one.status == "accepted" and one.table == TABLE]
    for one in records:
        if one.status == "accepted" and one.table in MADE:
            raise DataRefused(
                f"{one.file} and {mine[0].file} both hold {one.table}: people would be counted twice; keep one of them"
            )
    events = tables[TABLE]
    other = (
        events["council"].str.fullmatch(CODE) & events["council"].ne(area or "") if area else events["council"].isna()
    )
    findings: tuple[Finding, ...] = ()
    if other.any():
        says = f"{counted(int(other.sum()), 'row')} of another council than {area}: left out"
        findings = (Finding(code="another area", says=says, table=TABLE, file=mine[0].file),)
        events = events[~other].reset_index(drop=True)
    frames: dict[str, pd.DataFrame] = {}
    if len(events):
        made = build(events, Source(), secret, look_up)
        frames = {name: one for name, one in made.tables.items() if wanted is None or name in {*wanted, "coverage"}}
        findings += made.findings
    out = []
    for one in records:
        if one in mine and one.loaded is not None:
            codes = set(one.loaded.frame["council"].unique())
            one = _emptied(one)
            if area and codes and area not in codes and all(CODE.fullmatch(code) for code in codes):
                whose = f"it belongs to another area ({', '.join(sorted(codes))}), not {area}"
                one = replace(one, status="left aside", reason=whose, loaded=None, counted=0)
        out.append(one)
    return out, tables.but(TABLE, frames), findings


def _emptied(record: FileRecord) -> FileRecord:
    """The record without the rows that name people."""
    if record.loaded is None:
        return record
    return replace(record, loaded=replace(record.loaded, frame=record.loaded.frame.iloc[:0]))
