"""`commissioning check`: takes extracts in and prints the account of every row and penny; no report is made."""

from __future__ import annotations

import argparse
import contextlib
import json
from typing import Any

from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import UsageError, WorkbenchError
from commissioning.evidence import intake, sources, store
from commissioning.evidence import tables as contracts
from commissioning.runs import evaluable, places
from commissioning.runs.given import extracts, known_pilots, with_areas
from commissioning.runs.progress import Counting
from commissioning.runs.terminal import say
from commissioning.study import protection, started, told_apart, used
from commissioning.study.pilot_measures import measures_of


def check(given: argparse.Namespace) -> int:
    """`commissioning check`."""
    root = pilots.home()
    known = known_pilots(given.pilot, root)
    chosen = given.pilot or list(known)
    # A pilot with made-up extracts of its own is checked on those; several together on the workbench's sample.
    made_up = pilots.sample_of(chosen[0], root) if len(chosen) == 1 else root / "data" / "sample"
    if given.area and given.area not in {known[name].area for name in chosen}:
        made_up = pilots.read_by_default(root, [given.area], [])
    data = extracts(given.data, made_up, root)
    places.check_data(data)
    pilots.refuse_own_in_sample(data, root)
    tables = tuple(dict.fromkeys(table for name in chosen for table in known[name].tables))
    own = councils.owner(data, councils.load(root), area=given.area or "")
    known = with_areas(known, data, [given.area] if given.area else [], root)
    areas = {given.area or known[name].area for name in chosen}
    if len(areas) > 1:
        raise UsageError("these pilots have different areas: check them one at a time, or name one with --area")
    protected: list[str] = []
    for name in chosen:
        contracts.bring(known[name].folder)
        measures = measures_of(known[name])  # one that is named and does not exist is refused here too
        area = given.area or known[name].area
        if pilots.is_sample(data, root):
            protected += protection.in_words(known[name], measures, area, None)
        else:
            protected += protection.in_words(councils.own_words(known[name]), measures, area, root)
    counting = Counting()
    made = intake.take_in(data, wanted_tables=tables, area=areas.pop(), counted=counting.show, own=own)
    counting.clear()
    found = made.as_json()
    _say_what_is_not_used(found["files"], made, [known[name] for name in chosen], given.area)
    if given.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _print_check(found)
        for line in [*protected, *_can_be_evaluated(made, [known[name] for name in chosen], given.area)]:
            say(line)
    # Whole rows, for whoever mends them: never printed, kept where only their owner may read.
    quarantine = root / "data" / "evidence" / "quarantine"
    try:
        kept = store.write_quarantine(made, quarantine)
    except OSError as error:
        kept = None
        say(f"commissioning: cannot write in {quarantine}: {places.reason(error)}; the rows are not kept", error=True)
    if kept is not None:
        say(f"commissioning: the rows in quarantine lie in {kept}", error=True)
    if made.idle:
        say(f"commissioning: sources.toml: {sources.said(made.idle)} matches nothing in the folder", error=True)
    try:
        made.raise_if_refused()
        for line in _places(made, [known[name] for name in chosen], given.area):
            say(f"commissioning: {line}", error=True)
    except WorkbenchError as error:
        for line in str(error).splitlines():
            say(f"commissioning: {line}", error=True)
        return error.exit_code
    return 0


def _places(made: Any, chosen: list[Any], area: str | None) -> list[str]:
    """What `starts` and the rows say differently of the places of each pilot's design, by name: for staff alone.

    Raises DataRefused where a place would drop out of the comparison by its spelling.
    """
    if "starts" not in made.tables and not any(one.design and one.design.started for one in chosen):
        return []
    aside = sum(one.loaded.rows_quarantined for one in made.of("accepted") if one.table == "starts" and one.loaded)
    lines = []
    for pilot in chosen:
        if pilot.design is None or (area and pilot.area and area != pilot.area):
            continue
        held = {name: made.tables[name] for name in made.tables if name in pilot.tables}
        found = started.places(pilot, measures_of(pilot), held, set_aside=aside)
        started.first_of(pilot.design, held.get("starts"), (), found.spelt)
        # Names that the council wrote itself; what stands in rows of people is never repeated.
        starts = held.get("starts")
        own = set() if starts is None else set(starts["unit"].astype(str))
        own |= set(pilot.design.started) if isinstance(pilot.design.started, tuple) else set()
        lines += [f"{pilot.name}: {one}" for one in found.says(pilot.design.unit, own)]
    return lines


def _say_what_is_not_used(files: list[dict[str, Any]], made: Any, chosen: list[Any], area: str) -> None:
    """Add to the reason of each accepted file that no figure of any of these pilots rests on it, where that is so."""
    said = []
    for pilot in chosen:
        of = area or pilot.area
        try:
            tables = told_apart.told_apart(made, pilot, of).tables
            said.append((pilot, used.not_used(made, pilot, of, measures_of(pilot), tables)))
        except UsageError:  # a measure that does not exist: `run` says so
            continue
    for one in files:
        wanting = [found.get(one["file"]) for pilot, found in said if one["table"] in pilot.tables]
        if one["status"] == "accepted" and wanting and all(wanting):
            words = f"no figure rests on it: {wanting[0]}"
            one["reason"] = f"{one['reason']}; {words}" if one["reason"] else words


def _can_be_evaluated(made: Any, chosen: list[Any], area: str) -> list[str]:
    """What can be evaluated from these extracts, pilot by pilot; nothing where a file is refused or none is accepted."""
    if made.refusal():
        return []
    out: list[str] = []
    for pilot in chosen:
        with contextlib.suppress(UsageError):
            tables = told_apart.told_apart(made, pilot, area or pilot.area).tables
            out += evaluable.lines(pilot.name, measures_of(pilot), tables, pilot.levels)
    return out


def _print_check(found: dict[str, Any]) -> None:
    for one in found["files"]:
        print(f"{one['status']:<11} {one['file']}  {one.get('table') or ''}  {one.get('reason') or ''}".rstrip())
        if one["rows_in"] is None:
            continue
        _print_account(one, one.get("unit", "row"))
        # Causes first: thousands of cells are set aside for a handful of reasons.
        causes = [cause for cause in found["causes"] if cause["file"] == one["file"]]
        for cause in causes:
            cells = "1 cell" if cause["count"] == 1 else f"{cause['count']:,} cells"
            print(
                f"{_INDENT}{cause['column']}: {cause['code']}, {cells}: {cause['reason']}{_REMEDY.get(cause['code'], '')}"
            )
        places = one["quarantine"][:10]
        if places:
            print(f"{_INDENT}the first {len(places)} of {sum(cause['count'] for cause in causes):,}:")
        for item in places:
            print(f"{_INDENT}{item['where']}, {item['column']}: {item['code']}")
    for table in found["tables"]:
        if table["files"] > 1:
            money = f", {table['money']}" if table["money"] else ""
            print(f"in all      {table['table']} ({table['files']} files{money})")
            _print_account(table, table["unit"])
            for part, words in _TWICE.items():
                if table[f"rows_{part}"]:
                    money = f" and £{table[f'pence_{part}'] / 100:,.2f}" if table["money"] else ""
                    print(f"{_INDENT}of the accepted {table[f'rows_{part}']:,} {table['unit']}s{money} {words}")


_TWICE = {
    "repeated": "stand in two files: counted once",
    "replaced": "were replaced by a later export: the later one's are counted",
}
_INDENT = " " * 12
_REMEDY = {
    "unknown category": "; `commissioning map` on this file writes its words as lines for mapping.toml, where one line decides each"
}


def _print_account(one: dict[str, Any], unit: str) -> None:
    print(
        f"{_INDENT}{unit}s: {one['rows_in']} in = {one['rows_accepted']} accepted + "
        f"{one['rows_quarantined']} quarantined + {one['rows_not_data']} not data"
    )
    if one.get("pence_in") is not None:
        pounds = [f"{'-' if one[name] < 0 else ''}£{abs(one[name]) / 100:,.2f}" for name in _PENCE]
        print(f"{_INDENT}money: {pounds[0]} in = {pounds[1]} accepted + {pounds[2]} quarantined + {pounds[3]} not data")


_PENCE = ("pence_in", "pence_accepted", "pence_quarantined", "pence_not_data")
