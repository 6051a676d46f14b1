"""Whether what was taken in is fit to publish: nothing accepted, most rows set aside, or most of the last run's rows gone.

A site that stands is worth more than a page of rubbish: the run stops (exit 65) and says why in a line a table, until the
extract is mended or somebody goes on with `--force`. The limits are data, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commissioning.wording import counted

READ = ("accepted", "nothing accepted")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Up to which share something may be so, and from how many rows on it is asked at all; `because` says why there."""

    share: float
    at_least: int
    because: str


SET_ASIDE = Limit(
    share=0.5,
    at_least=1,
    because="an extract of which most rows are set aside was not understood: what is left over is no picture of anything, "
    "however few its rows are",
)
GONE = Limit(
    share=0.5,
    at_least=5,
    because="no service loses most of its rows between two runs, and an extract that was cut short does; fewer than five rows "
    "may be a correction of a small table",
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a study should not be published. `staff` names rows and files, `page` neither; `table` what it is about."""

    table: str
    staff: str
    page: str
    mend: str = "mend it and run again, or run with --force if it is meant so"

    @property
    def line(self) -> str:
        """What the command says: what was found, and what to do."""
        return f"{self.staff}: {self.mend}"

    def as_json(self) -> dict[str, str]:
        return {"table": self.table, "staff": self.staff, "page": self.page}


def rows_of(extracts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Rows that reached each table, by file: table → file → rows. A file whose rows are not known is left out."""
    found: dict[str, dict[str, int]] = {}
    for one in extracts:
        rows = one.get("counted") if one.get("counted") is not None else one.get("rows_accepted")
        if one.get("status") == "accepted" and one.get("table") and rows is not None:
            found.setdefault(str(one["table"]), {})[str(one["file"])] = int(rows)
    return found


def faults(
    pilot: str, extracts: Sequence[Mapping[str, Any]], before: Mapping[str, Mapping[str, int]], told: Iterable[str] = ()
) -> list[Fault]:
    """What says stop, a fault a table or file. `before` is `rows_of` of the last runs that held each table; of the tables in
    `told` it is said already that they are gone."""
    now = rows_of(extracts)
    nothing = any(one.get("status") == "nothing accepted" for one in extracts)
    if (now or nothing) and not any(rows for files in now.values() for rows in files.values()):
        says = f"pilot {pilot}: no row of any extract was accepted"
        return [Fault(table="", staff=says, page="No row of any extract could be used.")]
    # A publisher's file of which nothing can be read is named; it is no reason to stop where others give its table.
    spared = [one for one in extracts if one.get("public") and one.get("table") in now and not one.get("rows_accepted")]
    found = [fault for one in extracts if one not in spared and (fault := _set_aside(pilot, one))]
    for table in sorted(set(before) - set(told)):
        found += _gone(pilot, table, before[table], now.get(table, {}))
    return found


def gone(pilot: str, table: str, file: str) -> Fault:
    """A table that the run before had from this file, and that no file gives now."""
    return Fault(
        table=table,
        staff=f"pilot {pilot}: {file}, which gave the table {table!r} in the run before, is not in the extracts and no other file "
        "gives it",
        mend="put it back, or run with --force if it is meant to be gone",
        page=f"The extract of {table} of the run before is not in this one.",
    )


def _set_aside(pilot: str, one: Mapping[str, Any]) -> Fault | None:
    if one.get("status") not in READ or one.get("rows_in") is None or one.get("rows_quarantined") is None:
        return None
    held = int(one["rows_in"]) - int(one.get("rows_not_data") or 0)
    aside = int(one["rows_quarantined"])
    if held < SET_ASIDE.at_least or aside <= SET_ASIDE.share * held:
        return None
    codes = one.get("quarantine_codes") or {}
    why = ", ".join(sorted(codes, key=lambda code: -codes[code])[:3])
    table, unit = str(one.get("table") or "its table"), str(one.get("unit") or "row")
    says = (
        f"pilot {pilot}, {table}: {aside:,} of {counted(held, unit)} of {one['file']} were set aside"
        f"{f' ({why})' if why else ''}"
    )
    return Fault(table=table, staff=says, page=f"Of the extract of {table}, most rows could not be used.")


def _gone(pilot: str, table: str, before: Mapping[str, int], now: Mapping[str, int]) -> list[Fault]:
    page = f"Of {table}, most rows of the run before are not in this one."
    was, is_ = sum(before.values()), sum(now.values())
    if _lost(was, is_):
        files = ", ".join(sorted(now)) or f"no file gives it; {', '.join(sorted(before))} did"
        says = f"pilot {pilot}, {table}: {counted(is_, 'row')}, where the last run that held it had {was:,} ({files})"
        return [Fault(table=table, staff=says, page=page)]
    found = []
    for file in sorted(set(before) & set(now)):
        # Rows that only moved to another file are not lost: the table must have lost them too.
        if _lost(before[file], now[file]) and was - is_ > (before[file] - now[file]) / 2:
            says = f"pilot {pilot}, {table}: {counted(now[file], 'row')} in {file}, where the last run had {before[file]:,}"
            found.append(Fault(table=table, staff=says, page=page))
    return found


def _lost(was: int, is_: int) -> bool:
    return was - is_ >= GONE.at_least and was - is_ > GONE.share * was
