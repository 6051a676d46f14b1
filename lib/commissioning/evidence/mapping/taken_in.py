"""The mapped files of a folder, through the same door as every extract: contract, checks, quarantine and account."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from commissioning.evidence import account as saying
from commissioning.evidence import extract as extracts
from commissioning.evidence import load, tables
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Refused
from commissioning.evidence.mapping import codes, document, rows, services, sheets
from commissioning.evidence.source import Source
from commissioning.evidence.taken import FileRecord

MayBeRead = Callable[[FileRecord, str], FileRecord | None]
"""Of a record, and the name of its file: the record where it is not to be read, with why; None where it is. Raises Refused."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """The `mapping.toml` of a folder; without entries where there is none."""

    entries: Sequence[document.Entry] = ()

    def has(self, name: str) -> bool:
        """True where a file, by its path below the folder, is read by the mapping."""
        return any(one.of(name) for one in self.entries)


def of_folder(folder: Path) -> Mapping:
    """Raises DataRefused for a mapping that is wrong."""
    return Mapping(entries=document.read(folder / document.NAME))


def take(
    mapping: Mapping, found: Sequence[tuple[Path, str, Source]], secret: bytes, may_be_read: MayBeRead
) -> list[FileRecord]:
    """What becomes of mapped files (path, name, source): one record a table made of each.

    `secret` keys the pseudonyms of people; without one they are keyed by the files themselves, which nobody knows who
    has not got them. A table made of several sheets of one file keeps a record for each.
    """
    opened: list[tuple[Extract, list[rows.Sheet], Source]] = []
    records: list[FileRecord] = []
    for path, name, source in found:
        try:
            got = extracts.open_extract(path, name)
            read = sheets.read(got)
            opened.append((got, [rows.under(one, read, name) for one in mapping.entries if one.of(name)], source))
        except (Refused, extracts.NotAsNamed) as error:
            records.append(
                FileRecord(file=name, table=None, status="refused", reason=error.reason, code=error.code, source=source)
            )
        except OSError as error:
            why = f"{name} cannot be read ({error.strerror or 'input error'})"
            records.append(
                FileRecord(file=name, table=None, status="refused", reason=why, code="cannot be read", source=source)
            )
    secret = secret or hashlib.sha256("".join(sorted(got.sha256 for got, _, _ in opened)).encode()).digest()
    key = rows.keyed(secret)
    done = services.reviews_of((one for _, under, _ in opened for one in under), key)
    for got, under, source in opened:
        for sheet in under:
            try:
                made = (
                    services.tables_of(sheet, done, key)
                    if sheet.entry.shape == codes.SERVICES
                    else [rows.table_rows(sheet, key)]
                )
            except Refused as error:
                records.append(
                    FileRecord(
                        file=got.name, table=None, status="refused", reason=error.reason, code=error.code, source=source
                    )
                )
                continue
            records += [_record(got, sheet.entry, one, source, may_be_read) for one in made]
    return records


def _record(got: Extract, entry: document.Entry, made: rows.Rows, source: Source, may_be_read: MayBeRead) -> FileRecord:
    contract = tables.of(made.table)
    name = f"{got.name} ({'' if not entry.sheet else f'{entry.sheet}, '}{made.table})"
    how = json.dumps([made.table, entry.sheet, entry.shape, entry.covers, entry.columns, entry.words])
    record = FileRecord(
        file=name, table=made.table, status="refused", reason="", source=source, money=saying.money_of(contract),
        sha256=hashlib.sha256(f"{got.sha256}{how}".encode()).hexdigest(), contract=f"{contract.title}, version {contract.version}",
    )  # fmt: skip
    try:
        if (aside := may_be_read(record, got.name)) is not None:
            return aside
        called = replace(got, name=name, sha256=record.sha256)
        headings = [contract.column(one).heading for one in made.names]
        loaded = load.load_rows(called, contract, source, headings, made.records, made.said)
    except Refused as error:
        return replace(record, status="refused", reason=error.reason, code=error.code)
    if not loaded.rows_accepted:
        why = saying.nothing_words(loaded) if loaded.rows_quarantined else "nothing in it makes a row of this table"
        return replace(
            record, status="nothing accepted" if loaded.rows_quarantined else "left aside", reason=why, loaded=loaded
        )
    return replace(record, status="accepted", reason=saying.accepted_words(loaded), loaded=loaded)
