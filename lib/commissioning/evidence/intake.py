"""A folder of extracts in, checked tables out: each file accepted, refused or left aside, and named.

`evidence` knows no pilots: which tables and which area a pilot wants come as arguments.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from commissioning import sample_list
from commissioning.errors import DataRefused
from commissioning.evidence import account as saying
from commissioning.evidence import extract as extracts
from commissioning.evidence import overlap, recognise, register, series, shown, sources, successions
from commissioning.evidence import tables as tables_by_name
from commissioning.evidence import today as days
from commissioning.evidence.client_level import place as client_level
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import Loaded, Match, Preview, Reader, Refused
from commissioning.evidence.mapping import taken_in
from commissioning.evidence.preview import preview
from commissioning.evidence.registry import readers
from commissioning.evidence.source import Source
from commissioning.evidence.taken import OTHER_AREA, FileRecord, Intake
from commissioning.wording import renamed

Counted = Callable[[str, float, int, int], None]
NONE_NEAR = "none is near: the nearest shares too few of its columns to be named"
VERSION = "6"  # of what intake makes of the same bytes: part of every cache key


def take_in(
    data_dir: Path | str,
    pilot: str | None = None,
    area: str | None = None,
    wanted_tables: Collection[str] | None = None,
    *,
    period: str | None = None,
    today: date | None = None,
    progress: Callable[[str], None] | None = None,
    counted: Counted | None = None,
    own: Source | None = None,
    secret: bytes = b"",
    for_log: bool = False,
) -> Intake:
    """Read every extract below a folder. `today` (default: the day in London) is the day that nothing may lie after.

    `pilot` only words the reason where a file is left aside. `area` (an ONS code) leaves aside spend and
    extracts of other or unknown areas; None takes every area. `wanted_tables` leaves the other tables
    aside; None takes all. `period` ("2014-15" or "2014-15 Q1") refuses a council's own extract that ends
    before it. `progress` is told each file's name; `counted` is told, while a file is read and when it has been,
    its name, the share of it read (0 to 1), and its rows and pence so far (0 pence where it holds no money). `own` is what
    holds of every file where the folder has no `sources.toml`. `secret` keys the pseudonyms of people whom a file names
    (Client Level Data). `for_log`: what is raised may end in a log, so it calls files as a page does (`shown.names_of`).
    Raises DataRefused where the folder is missing, where
    `sources.toml` is wrong, or where sample and real data are mixed; single files are refused in the result.
    """
    folder = Path(data_dir)
    if not folder.exists():
        raise DataRefused(f"the data folder {folder} is missing: put extracts (CSV, XLSX, JSON) there, or give --data")
    if not folder.is_dir():
        raise DataRefused(f"{folder} is not a folder: --data takes the folder that holds the extracts")
    said = sources.read(folder, own)
    found = list(walk(folder))
    with _called(for_log, lambda: [(name, None, said.of(name)) for _, name in found]):
        idle = said.idle([name for _, name in found])
    records: list[FileRecord] = []
    mapped = taken_in.of_folder(folder)
    with days.fixed(today):
        theirs = [
            (path, name, said.of(name)) for path, name in found if mapped.has(name) and not _not_a_file(path, folder)
        ]
        held = {name for _, name, _ in theirs}
        for path, name in found:
            if name in held:
                continue
            if progress is not None:
                progress(name)
            record = _one(path, name, folder, said, pilot, area, wanted_tables, period, counted)
            if record is not None:
                records.append(record)
                if counted is not None and record.loaded is not None:
                    counted(name, 1.0, record.loaded.rows_in, record.loaded.pence_in or 0)

        def may_be_read(record: FileRecord, name: str) -> FileRecord | None:
            return _aside(record, name, tables_by_name.of(record.table or ""), said, pilot, area, wanted_tables)

        records += taken_in.take(mapped, theirs, secret, may_be_read)
    with _called(for_log, lambda: [(one.file, one.table, one.source) for one in records]):
        _unmixed(records)
        records, tables, findings = overlap.combine(records, area)
        records, tables, made = client_level.place(records, tables, secret, area, wanted_tables)
    findings += made
    tables, made = register.joined(tables)
    findings += made
    if area is not None:
        tables, made = successions.joined_of(tables, area)
        findings += made
    for table in tables:
        if tables.spilled(table):
            continue  # a table of millions of rows is looked at where it is used
        frame = tables[table]
        # Over every area of a published table a break somewhere is no news: look where an area is asked for.
        if area is not None or "area_code" not in frame:
            findings += series.findings(table, frame, area)
    files = tuple(records)
    notes = tuple(f"{r.file}: {n}" for r in files if r.status == "accepted" and r.loaded for n in r.loaded.notes)
    return Intake(
        folder=folder,
        files=files,
        tables=tables,
        notes=notes,
        findings=(*(f for r in files if r.loaded for f in r.loaded.findings), *findings),
        fingerprint=fingerprint(files, area, wanted_tables, period),
        illustrative=any(r.status == "accepted" and r.source.illustrative for r in files),
        idle=idle,
    )


@contextmanager
def _called(for_log: bool, files: Callable[[], list[tuple[str, str | None, Source]]]) -> Iterator[None]:
    """What is refused within, with the names of `files` (name, table, source) as a page shows them where it is `for_log`."""
    try:
        yield
    except DataRefused as refusal:
        if not for_log:
            raise
        known = [{"file": name, "table": table, "public": source.public} for name, table, source in files()]
        raise DataRefused(renamed(str(refusal), shown.names_of(known))) from None


def fingerprint(
    files: tuple[FileRecord, ...],
    area: str | None,
    wanted_tables: Collection[str] | None,
    period: str | None,
) -> str:
    """A hash of what the tables depend on: the code's version, each file's bytes and source, and what was asked."""
    parts = [
        [
            r.file,
            r.sha256,
            r.status,
            r.table,
            r.contract,
            r.source.area,
            r.source.publisher,
            r.source.public,
            r.source.year,
            sorted(r.source.cost_centres.items()),
            [sorted(r.source.columns.items()), r.source.month, r.source.exported],
        ]
        for r in files
    ]
    text = json.dumps([VERSION, parts, area, sorted(wanted_tables) if wanted_tables is not None else None, period])
    return hashlib.sha256(text.encode()).hexdigest()


# -- the files of a folder -------------------------------------------------------------------------------


def walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder that may be an extract, with its name below it, in order of name.

    Raises DataRefused for a folder that cannot be listed: without its extracts every figure would be too small.
    """

    def unreadable(error: OSError) -> None:
        name = os.path.relpath(error.filename, folder) if error.filename else "."
        what = f"folder {name} of the extracts" if name != "." else f"the data folder {folder}"
        raise DataRefused(f"{what} cannot be read ({error.strerror or 'input error'}): ask for read permission")

    found = []
    for root, dirs, names in os.walk(folder, followlinks=False, onerror=unreadable):
        dirs[:] = sorted(d for d in dirs if not d.startswith(".") and d != "lost+found")  # a disk's own
        linked = [d for d in dirs if (Path(root) / d).is_symlink()]
        for name in [*names, *linked]:
            path = Path(root) / name
            if not _passed_over(name):
                found.append((path, path.relative_to(folder).as_posix()))
    return iter(sorted(found, key=lambda p: p[1]))


def _passed_over(name: str) -> bool:
    low = name.casefold()
    return (
        low.startswith((".", "~$"))
        or low in ("thumbs.db", "desktop.ini", sample_list.LIST.casefold())
        or low.endswith((".toml", ".md"))
        or (low.endswith(".json") and low.removesuffix(".json").endswith(("schema", ".schema")))
    )


def _one(
    path: Path,
    name: str,
    folder: Path,
    said: sources.Sources,
    pilot: str | None,
    area: str | None,
    wanted: Collection[str] | None,
    period: str | None,
    counted: Counted | None = None,
) -> FileRecord | None:
    """What becomes of one file; None for a JSON schema or a stage record."""
    source = said.of(name)
    record = FileRecord(file=name, table=None, status="refused", reason="", source=source)
    try:
        if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in name):  # a line break, a direction mark, no UTF-8
            return replace(record, reason="its name holds characters that cannot be printed: rename it", code="name")
        fault = _not_a_file(path, folder)
        if fault:
            return replace(record, reason=fault, code="not a file")
        got = extracts.open_extract(path, name)
        record = replace(record, sha256=got.sha256)
        if got.kind == "other":
            return replace(record, status="left aside", reason="it is no CSV, XLSX or JSON file")
        seen = preview(got)
        if _is_schema(seen.json) or _is_stage_record(seen.json):
            return None
        reader, match, nearest = choose(seen)
        if reader is None:
            hint = f"; the nearest is {nearest.says}" if nearest else f"; {NONE_NEAR}"
            return replace(
                record, status="left aside", reason=f"no contract recognises it{hint}; try `commissioning map`"
            )
        contract = reader.contract
        title = f"{contract.title}, version {contract.version}"
        record = replace(record, table=match.table, contract=title, money=saying.money_of(contract))
        if (aside := _aside(record, name, contract, said, pilot, area, wanted)) is not None:
            return aside
        if counted is not None and isinstance(reader, ContractReader):
            # A share of 1 is said once, when the file's rows are all accounted for.
            loaded = reader.read(got, source, progress=lambda share, *so_far: counted(name, min(share, 0.99), *so_far))
        else:
            loaded = reader.read(got, source)
        extracts.same_bytes(got)
        if not isinstance(reader, ContractReader):
            loaded = saying.cleaned(loaded)
        _period(contract, loaded, name, period)
        if not loaded.rows_accepted and loaded.rows_quarantined:
            return replace(record, status="nothing accepted", reason=saying.nothing_words(loaded), loaded=loaded)
        reason = saying.accepted_words(loaded)
        if said.silent_on(name):
            reason = "; ".join(one for one in (reason, f"no [[source]] of {sources.NAME} says whose it is") if one)
        return replace(record, status="accepted", reason=reason, loaded=loaded)
    except (Refused, extracts.NotAsNamed) as e:
        return replace(record, status="refused", reason=e.reason, code=e.code)
    except (MemoryError, pa.ArrowMemoryError):
        return replace(
            record,
            reason=f"{name} needs more memory than there is: close other programs, or send it in parts (by year, as CSV)",
            code="memory",
        )
    except UnicodeError:
        return replace(record, reason="it holds text that cannot be decoded: export it as UTF-8", code="encoding")
    except PermissionError:
        return replace(record, reason=f"{name} cannot be read: no permission; ask its owner", code="no permission")
    except OSError as e:
        return replace(record, reason=f"{name} cannot be read ({e.strerror or 'input error'})", code="cannot be read")


def _aside(
    record: FileRecord,
    name: str,
    contract: Contract,
    said: sources.Sources,
    pilot: str | None,
    area: str | None,
    wanted: Collection[str] | None,
) -> FileRecord | None:
    """The record of a file that is not to be read, with why; None where it is. Raises Refused where nobody says whose it is."""
    if wanted is not None and record.table not in wanted:
        words = f"its table, {record.table}, belongs to another pilot" + (f" than {pilot}" if pilot else "")
        return replace(record, status="left aside", reason=words)
    if contract.persons and record.source.public:
        raise Refused(
            f"sources.toml says that {name} is public, but its rows are people: take `public` away",
            code="persons are never public",
        )
    if contract.persons and said.silent_on(name):
        raise Refused(
            f"its rows are people, and no [[source]] of {sources.NAME} says whose: add one whose `files` matches "
            f"{name}, or mend the one that was meant",
            code="nobody's people",
        )
    if words := _another_area(contract, record.source, area):
        return replace(record, status="left aside", reason=words)
    return None


def _not_a_file(path: Path, folder: Path) -> str:
    if path.is_symlink():
        target = path.resolve()
        if not target.exists():
            return "it is a link to a file that does not exist"
        if folder.resolve() not in target.parents:
            return "it is a link to a place outside the data folder: copy the file in"
        if target.is_dir():
            return "it is a link to a folder: copy the folder in, or take the link away"
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        return "it is not a regular file"
    return ""


def _is_schema(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and "$schema" in document
        and bool({"properties", "$defs", "definitions"} & set(document))
    )


def _is_stage_record(document: Any) -> bool:
    """What one stage of the cycle handed to the next: a result of the workbench, and no extract."""
    return isinstance(document, dict) and {"schema_version", "stage", "pilot", "illustrative"} <= set(document)


def choose(seen: Preview) -> tuple[Reader | None, Match, Match | None]:
    """The reader that knows a file best and its match; where none does, what comes nearest, or None."""
    matches = [(r, r.recognises(seen)) for r in readers()]
    known = [(r, m) for r, m in matches if m.recognised]
    whole = [(r, m) for r, m in known if m.complete]
    reader, match = max(whole or known or matches, key=lambda p: p[1].score)
    for other, found in known:
        if getattr(other, "any_layout", False) and (not whole or _read_better(reader.contract, match, found)):
            reader, match = other, found
    return (reader, match, None) if known else (None, match, recognise.nearest(seen, readers()))


def _read_better(contract: Contract, match: Match, found: Match) -> bool:
    """Whether a layout found by itself comes before a contract met whole: one of the same table that is not met exactly, or our own."""
    same = found.table == match.table
    return same and (found.score > match.score or (contract.own_extract and found.score == match.score))


def _another_area(contract: Contract, source: Source, area: str | None) -> str:
    """Why a file is left aside for its area; empty where its area is the one asked for, or rows will say."""
    if area is None or "area_code" in contract.names:
        return ""
    if source.area and source.area != area:
        return f"{OTHER_AREA} ({source.area}, {source.publisher or 'publisher not said'}), not {area}"
    if contract.area_needed and not source.area and "area" not in contract.names:
        return "its area is unknown: say in sources.toml whose it is; spend of an unknown area is never counted"
    return ""


def _period(contract: Contract, loaded: Loaded, name: str, period: str | None) -> None:
    column = contract.period_column
    if period is None or column is None or not contract.own_extract or loaded.frame.empty:
        return
    latest = str(loaded.frame[column].dropna().max())
    if latest[: len(period)] < period[: len(latest)]:
        raise Refused(
            f"{name} ends at {latest}, before the period asked for ({period}): it is an older file; send the new one",
            code="stale",
            column=column,
        )


def _unmixed(records: list[FileRecord]) -> None:
    accepted = [r for r in records if r.status == "accepted"]
    sample = [r.file for r in accepted if r.source.illustrative]
    real = [r.file for r in accepted if not r.source.illustrative]
    if sample and real:
        raise DataRefused(
            f"sample and real data are mixed: {sample[0]} is illustrative and {real[0]} is not; keep one of them"
        )
