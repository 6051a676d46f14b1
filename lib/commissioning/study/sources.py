"""Which extracts stand behind a figure, as a page's list of sources names them, and who published them."""

from __future__ import annotations

from collections.abc import Iterable

from commissioning.evidence import client_level
from commissioning.measures import Measure, derive
from commissioning.study.open_tables import HELD_APART
from commissioning.study.prepared import Prepared

OWN = "the council's own files"


def files_of(prepared: Prepared, *tables: str) -> tuple[str, ...]:
    """Extracts whose rows count in any of these tables.

    Not one of which all was set aside, or counted from another file; where that leaves none, all that were taken in. A table
    that a study tells apart from another (other funders' grants) is of the same extracts.
    """
    named = {HELD_APART.get(table, table) for table in tables}
    if named & {*client_level.MADE, "coverage"}:  # one submission of Client Level Data is the source of several tables
        named.add(client_level.TABLE)
    taken = [one for one in prepared.files if one["table"] in named and one["status"] == "accepted"]
    return tuple(one["file"] for one in [one for one in taken if one["counted"]] or taken)


def tables_of(measures: Iterable[Measure]) -> tuple[str, ...]:
    """The tables that these measures are counted from."""
    return tuple(dict.fromkeys(table for one in measures for table in derive.needs(one.table)))


def published_by(prepared: Prepared, files: Iterable[str]) -> str:
    """Who published these extracts, in one line."""
    of_file = prepared.record["publishers"]
    named = {of_file[file] for file in files if of_file.get(file)}
    return "; ".join(sorted(named)) or OWN
