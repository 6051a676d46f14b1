"""The record of a run: what was asked, read, executed and published, or why not. Documented in
`docs/reference/records.md`. It holds names, hashes, counts, times and released figures; never a row. It is kept twice: exact,
for the staff, below the restricted folder; and beside the site, with the account of files that a page may show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commissioning.errors import DataRefused, UsageError
from commissioning.wording import differences, nearest

Ended = Literal["done", "failed", "stopped", "refused"]

RUNS = "runs"
RECORD = "record.json"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportRecord(Strict):
    """What happened to one report."""

    id: str
    pilot: str
    stage: str
    period: str
    area: str
    level: str
    parameters: dict[str, Any]
    outcome: Literal["executed", "unchanged", "resumed", "failed", "stopped"]
    published: bool
    why_not_published: str = ""
    why_executed: tuple[str, ...] = Field(default=(), description="what differs from the version before")
    key: str = ""
    reason: str = ""
    cell: str = ""
    error: str = ""
    detail: str = ""
    partial_notebook: str = Field(default="", description="file name below the restricted folder")
    seconds: float = 0.0
    render_seconds: float = 0.0
    cells: tuple[dict[str, Any], ...] = ()
    files: dict[str, str] = Field(default_factory=dict, description="file → SHA-256")
    warnings: tuple[str, ...] = ()
    summary: dict[str, Any] = Field(default_factory=dict)


class StudyRecord(Strict):
    """What a run read for one pilot and area."""

    pilot: str
    area: str
    fingerprint: str
    illustrative: bool
    prepared: Literal["now", "kept"]
    extracts: tuple[dict[str, Any], ...]
    hashes: dict[str, str]
    notes: tuple[str, ...] = ()
    rows: dict[str, int] = Field(default_factory=dict, description="rows that reached each table")
    corrections_due: tuple[dict[str, Any], ...] = Field(
        default=(), description="final figures that the data no longer support: measure, group, period, final, data"
    )
    corrected: tuple[dict[str, Any], ...] = Field(
        default=(), description="final figures that this run changed: final, data"
    )
    forced: tuple[str, ...] = Field(default=(), description="why the run should have stopped, and went on by --force")


class RunRecord(Strict):
    """One run."""

    schema_version: Literal[1] = 1
    run: str
    started: str
    seconds: float
    outcome: Ended
    exit_code: int
    engine: str
    workers: int
    options: dict[str, Any]
    code_version: str
    environment: dict[str, str]
    review: dict[str, str] = Field(
        default_factory=dict, description="the record of reviews that the run went by: place, sha256"
    )
    version: str | None = Field(description="the published version that is served after the run")
    version_before: str | None
    studies: tuple[StudyRecord, ...]
    reports: tuple[ReportRecord, ...]
    leftovers_cleared: int = 0
    refused: tuple[str, ...] = Field(default=(), description="why nothing was started: the lines that the command said")


REFUSED = "The extracts were refused. The staff who hold them have the reasons."


def exact_place(state: Path, run: str) -> Path:
    """Where the exact record of a run lies, below a site's restricted folder."""
    return state / "records" / f"{run}.json"


def shown(made: RunRecord, studies: tuple[StudyRecord, ...]) -> RunRecord:
    """The record that lies beside the site: `studies` hold the account of files that a page may show."""
    refused = (REFUSED,) if made.refused and made.exit_code == DataRefused.exit_code else made.refused
    return made.model_copy(update={"studies": studies, "refused": refused})


def exact(found: RunRecord, state: Path) -> RunRecord:
    """The exact record of a run where this machine keeps it, else the one found beside the site."""
    path = exact_place(state, found.run)
    return read(path) if path.is_file() else found


def write(record: RunRecord) -> str:
    """The record as text, keys in order."""
    return json.dumps(record.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(path: Path) -> RunRecord:
    """Read one record. Raises UsageError where it is missing or broken."""
    try:
        return RunRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"there is no run record {path.parent.name}") from None
    except (ValidationError, UnicodeDecodeError, ValueError):
        raise UsageError(f"the record of run {path.parent.name} is broken: it is not read") from None


def _paths(out: Path) -> list[Path]:
    """The records of a site, oldest first: a run's name begins with the second in which it started; what follows is
    chance, so within one second the record that was written first comes first."""
    found = [
        (path.parent.name.partition("-")[0], path.stat().st_mtime_ns, path) for path in (out / RUNS).glob(f"*/{RECORD}")
    ]
    return [path for _, _, path in sorted(found)]


def every(out: Path) -> list[RunRecord]:
    """Records of all runs of a site, oldest first; broken ones are passed over."""
    found = []
    for path in _paths(out):
        try:
            found.append(read(path))
        except UsageError:
            continue
    return found


def find(out: Path, name: str) -> RunRecord:
    """The run of that name, or of the only name that begins so, or `last`. Raises UsageError."""
    known = [path.parent.name for path in _paths(out)]
    if name == "last" and known:
        return read(out / RUNS / known[-1] / RECORD)
    fitting = [one for one in known if one == name] or [one for one in known if one.startswith(name)]
    if len(fitting) != 1:
        hint = nearest(name, known, f"there are {len(known)} runs: `commissioning runs` lists them")
        what = "no run is" if not fitting else f"{len(fitting)} runs are"
        raise UsageError(f"{what} called {name!r}: {hint}")
    return read(out / RUNS / fitting[0] / RECORD)


def listing(records: list[RunRecord]) -> str:
    """One line a run: name, start, outcome, counts, version."""
    lines = [f"{'run':<24} {'started':<20} {'outcome':<8} executed unchanged failed  version"]
    for one in records:
        count = {what: sum(r.outcome == what for r in one.reports) for what in ("executed", "resumed", "unchanged")}
        failed = sum(r.outcome in ("failed", "stopped") for r in one.reports)
        lines.append(
            f"{one.run:<24} {one.started[:19]:<20} {one.outcome:<8} {count['executed'] + count['resumed']:>8} "
            f"{count['unchanged']:>9} {failed:>6}  {one.version or 'none'}"
        )
    return "\n".join(lines)


def compare(a: RunRecord, b: RunRecord, out: Path | None = None) -> list[str]:
    """What differs between two runs, in plain lines, causes first: how they ended, code, extracts, rows and pence, reports,
    their files; and, where the site `out` still keeps the versions of both, every number of each report, a line a measure.
    """
    held = [
        {"outcome": one.outcome, "code": one.code_version, "engine": one.engine, "served version": one.version}
        for one in (a, b)
    ]
    changed = [(name, held[0][name], held[1][name]) for name in held[0] if held[0][name] != held[1][name]]
    changed += differences(a.environment, b.environment)
    lines = [f"{name}: {before} → {after}" for name, before, after in changed]
    if a.refused or b.refused:  # such a run has neither studies nor reports to compare
        different = [one for one in (a, b) if a.refused != b.refused]
        lines += [f"run {one.run} was refused: {reason}" for one in different for reason in one.refused]
        return lines or ["nothing differs but the time"]
    lines += _compare_studies(a, b)
    reports = [{one.id: one for one in run.reports} for run in (a, b)]
    for name in sorted({*reports[0], *reports[1]}):
        old, new = (one.get(name) for one in reports)
        if old is None or new is None:
            lines.append(f"report {name}: only in {b.run if old is None else a.run}")
            continue
        if old.parameters != new.parameters:
            lines.append(f"report {name}: parameters {old.parameters} → {new.parameters}")
        if old.files and new.files and old.files != new.files:
            other = [one for one in new.files if old.files.get(one) != new.files[one]]
            lines.append(f"report {name}: {', '.join(other)} changed ({'; '.join(new.why_executed) or 'no reason'})")
            if out is not None and f"{name}.json" in other:
                lines += numbers(out, a, b, name)
        if old.outcome != new.outcome and {"failed", "stopped"} & {old.outcome, new.outcome}:
            lines.append(f"report {name}: {old.outcome} → {new.outcome} {new.reason} {new.cell}".rstrip())
    return lines or ["nothing differs but the time"]


COMPARED = ("status", "rows_in", "rows_accepted", "rows_quarantined", "pence_in", "pence_accepted", "rows", "pounds")


def numbers(out: Path, a: RunRecord, b: RunRecord, report: str) -> list[str]:
    """Every number of a report that differs between the versions of two runs, and what was agreed; a line a measure."""
    from commissioning.presentation import changes

    held = []
    for run in (a, b):
        folder = out / "versions" / str(run.version)
        try:
            result = json.loads((folder / f"{report}.json").read_text(encoding="utf-8"))
            said = folder / f"{report}.changes.json"
            printed = json.loads(said.read_text(encoding="utf-8")).get("printed") if said.is_file() else None
            held.append((dict(result), printed))
        except (OSError, ValueError, TypeError):
            return [f"report {report}: the version of run {run.run} is not kept, so its numbers cannot be compared"]
    (before, was), (after, now) = held
    found = changes.compare(before, after, printed_before=was, printed=now).record
    told = [f"report {report}: {one}" for kind in ("methods", "definitions", "providers") for one in found[kind]]
    return told + [
        f"report {report}: {name} ({count} different): {which}"
        for name, count, which in changes.lines(found["numbers_changed"], most=None)
    ]


def _compare_studies(a: RunRecord, b: RunRecord) -> list[str]:
    lines = []
    before = {(one.pilot, one.area): one for one in a.studies}
    for study in b.studies:
        old = before.get((study.pilot, study.area))
        if old is None:
            lines.append(f"study {study.pilot} {study.area}: not in {a.run}")
            continue
        for name, was, now in differences(old.hashes, study.hashes):
            lines.append(f"extract {name} {'is new' if was is None else 'is gone' if now is None else 'changed'}")
        counts = {one["file"]: one for one in old.extracts}
        for one in study.extracts:
            earlier = counts.get(one["file"], one)
            lines += [
                f"extract {one['file']}: {field} {earlier.get(field)} → {one.get(field)}"
                for field in COMPARED
                if earlier.get(field) != one.get(field)
            ]
    return lines
