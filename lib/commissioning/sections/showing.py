"""How a section shows something: what is kept of it, what it needs, which extracts it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from commissioning import pilot as pilots
from commissioning.evidence import client_level
from commissioning.measures import derive
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import Computed, PublicFigures
from commissioning.presentation.table import Table
from commissioning.sections.page import Page, Told, once
from commissioning.study import broken_down as breakdowns
from commissioning.study.open_tables import HELD_APART
from commissioning.wording import CHANGED


@once
def sealed_caption(page: Page) -> str:
    """What is sealed, for a caption: when and by whom, or why not; each change since, old → new, when."""
    changed = "; ".join(one.says for one in page.sealed.changes)
    return page.sealed.sealed_words + (f" {CHANGED} {changed}." if changed else "")


def sealed_numbers(page: Page) -> tuple[str, ...]:
    """The numbers of `sealed_caption`: days, and values of the pilot file."""
    return tuple(re.findall(r"\d{4}-\d{2}|\d[\d,]*(?:\.\d+)?", sealed_caption(page)))


def of_pilot(page: Page, row: dict[str, Any]) -> dict[str, Any]:
    """A row of a log, with the pilot that it is of."""
    return {"pilot": page.pilot.title, **row}


def with_pilot(page: Page, labels: dict[str, str]) -> dict[str, str]:
    """Columns of a log: the pilot stands first where the page shows more than one."""
    return {"pilot": "Pilot", **labels} if len(page.parts) > 1 else labels


def all_files(page: Page) -> list[dict[str, Any]]:
    """Every file of every part, each once; one that any part took in counts as taken in."""
    found: dict[str, dict[str, Any]] = {}
    for part in page.parts:
        for one in part.study.files:
            if one["file"] not in found or one["status"] == "accepted":
                found[one["file"]] = one
    return list(found.values())


def files_read(page: Page) -> list[dict[str, Any]]:
    """Files whose rows are accounted for: those taken in, and those of which every row was set aside."""
    return [one for one in all_files(page) if one["read"]]


def agreed_in(page: Page) -> str:
    """The file in which a council, or the sample, wrote what it agreed, as a page's list of sources names it."""
    root = pilots.home()
    beside = pilots.agreed_for(page.pilot.name, root, sample=page.study.sample)
    return beside.relative_to(root).as_posix() if beside.is_file() else f"{page.pilot.name}/pilot.toml"


def sources_of(page: Page, *tables: str) -> tuple[str, ...]:
    """Extracts whose rows count in any of these tables, as named below the data folder.

    Not one of which all was set aside, or counted from another file; where that leaves none, all that were taken in. A table
    that a study tells apart from another (other funders' grants) is of the same extracts.
    """
    named = {HELD_APART.get(table, table) for table in tables}
    if named & {*client_level.MADE, "coverage"}:  # one submission of Client Level Data is the source of several tables
        named.add(client_level.TABLE)
    found: list[str] = []
    for part in page.parts:
        taken = [one for one in part.study.files if one["table"] in named and one["status"] == "accepted"]
        found += [one["file"] for one in [one for one in taken if one["counted"]] or taken]
    return tuple(dict.fromkeys(found))


def every_source(page: Page) -> tuple[str, ...]:
    """Every extract that was looked at: what a table about the reading itself rests on, also where no row of any counts."""
    return tuple(one["file"] for one in all_files(page))


def holds(page: Page, *tables: str) -> bool:
    return all(table in page.study.tables_held for table in tables)


def broken_down(
    page: Page, id: str, *by: str, where: Mapping[str, str | None] | None = None, period: str = ""
) -> pd.DataFrame:
    """A released breakdown of the report's year by groups: see `study.broken_down.shown`."""
    return breakdowns.shown(page.study, id, by, period=period or page.period[:7], where=where)


def in_all(page: Page, id: str, *by: str) -> pd.DataFrame:
    """A released breakdown of all years together, by groups."""
    return breakdowns.shown(page.study, id, by, period=breakdowns.last(page.study, id))


def lacking(says: str, *tables: str) -> Told:
    """A note of what is lacking and of the tables that would fill it, remembered for the record of the stage."""
    return Told(displays=(Note(says, lacks=tables),), lacks=(says,))


def named_plainly(name: str) -> str:
    """The name of a table, column or measure as a reader meets it: "area_spend" → "area spend"."""
    return name.replace("_", " ")


def needs_extract(page: Page, *tables: str, for_what: str) -> Told:
    """Says which extract would be needed, and remembers it for the stage record."""
    not_tied = page.study.record.get("packages_not_tied_because", "")
    if "packages" in tables and not_tied:
        says = f"{for_what} is not shown: packages are here, and {not_tied}."
        return lacking(says, *tables)
    # A table worked out from several extracts is named by those: nobody can hand in the other.
    named = list(dict.fromkeys(extract for one in tables for extract in derive.needs(one)))
    named = [one for one in named if one in page.pilot.tables] or named  # those that this pilot takes in
    missing = [one for one in named if one not in page.study.tables_held] or named
    quoted = [f"“{named_plainly(one)}”" for one in missing]
    if len(quoted) == 1:
        says = f"{for_what} needs the file {quoted[0]}, which is not here."
    else:
        says = f"{for_what} needs the files {', '.join(quoted[:-1])} and {quoted[-1]}, which are not here."
    return lacking(says, *missing)


def needs_columns(page: Page, table: str, *columns: str, for_what: str) -> Told:
    """Says which columns of which extract would be needed, and remembers it for the stage record."""
    named = " and ".join(f"“{named_plainly(one)}”" for one in columns)
    where = f"the file “{named_plainly(table)}”" + ("" if table in page.study.tables_held else ", which is not here,")
    says = f"{for_what} needs {where} with its column{'s' if len(columns) > 1 else ''} {named}."
    return lacking(says, table)


def source_words(page: Page, *tables: str, measures: Iterable[str] = ()) -> str:
    """Who published the extracts behind these tables and measures, in one line; with neither, behind the report."""
    needed = {*tables, *(table for key in measures for table in derive.needs(page.measures[key].table))}
    by_file = publishers(page)
    files = set(sources_of(page, *needed)) if needed else set(by_file)
    if not files:
        return "no file here holds it"
    named = {one for file, one in by_file.items() if file in files and one}
    return "; ".join(sorted(named)) or "the council's own files"


def publishers(page: Page) -> dict[str, str]:
    """Who published each extract that was taken in, by its file."""
    return {file: one for part in page.parts for file, one in part.study.record["publishers"].items()}


def public(page: Page, frame: pd.DataFrame, *tables: str, source: str) -> PublicFigures:
    """Published figures, with the extract they came from."""
    extracts = sources_of(page, *tables)
    first = extracts[0] if extracts else None
    return PublicFigures(frame=frame, source=source, extract=first)


def log(
    page: Page, rows: Sequence[Mapping[str, Any]], *, title: str, columns: Mapping[str, str], id: str
) -> Log | Note:
    """A log in words; says so where nothing is recorded."""
    if not rows:
        return Note(f"{title}: nothing is recorded.")
    return Log(rows, title=title, columns=columns, id=id)


def table_of(page: Page, frame: pd.DataFrame, how: str, *sources: str, **words: Any) -> Table:
    """A table of released figures from these extracts; on the page of a part its caption says so where it is of the whole."""
    if page.group and page.place not in words["caption"]:
        words["caption"] += page.of_the_whole
    return Table(
        Computed(frame=frame, of=(page.released,), how=how),
        source=source_words(page, *sources),
        **({"sources": sources_of(page, *sources)} | words),
    )


def locality_of(page: Page) -> dict[str, str | None]:
    """The locality that the report is about; no condition where it is about the whole area."""
    return {"locality": page.group if page.group_kind == "locality" else None}
