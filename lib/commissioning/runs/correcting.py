"""Correcting final figures: `commissioning correct`, and what a run says and records of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commissioning import council, names, states
from commissioning.errors import UsageError
from commissioning.pilot import Pilot
from commissioning.seal import figures as final_figures

LONGEST_REASON = 300


def correct(pilot: Pilot, reason: str, by: str, area: str, root: Path) -> list[str]:
    """Let the final figures of a pilot change in its next run, once; returns what to print.

    Raises UsageError for a reason or name that cannot stand on a page, and where nothing of the pilot is final; CannotWrite.
    """
    from commissioning.presentation import typed
    from commissioning.study.pilot_measures import measures_of

    own = council.load(root)
    area = area or (own.area if own is not None else pilot.area)
    if not re.fullmatch(r"[A-Z][0-9]{8}", area):
        raise UsageError(f"--area {area!r}: write an ONS code such as E08000015")
    by, reason = names.person("--by", by), " ".join(reason.split())
    if sum(one.isalpha() for one in reason) < 3 or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise UsageError(
            f"--reason: write in up to {LONGEST_REASON} letters why the figures change: it stands on the page"
        )
    people = typed.people_of((root / "data" / "results" / "runs").glob("*/studies/*"))
    if found := [*typed.faults("--reason", reason, people), *typed.faults("--by", by, people)]:
        raise UsageError(found[0])
    held = final_figures.final(area, root)
    measures = measures_of(pilot)
    mine = [one for one in held.figures if one["measure"] in measures]
    if not mine:
        raise UsageError(
            f"no figure of {pilot.name} is final in {area}: there is nothing to correct, and the next run prints what the data say"
        )
    final_figures.let_change(pilot.name, area, by, reason, root)
    replaced = ["the permission given before was not used, and is replaced"] if pilot.name in held.open else []
    return [
        f"{pilot.name}, {area}: {len(mine):,} figures are final; the next run of it changes those that the data no longer support, once",
        f"the list of revisions will say: {reason} ({by})",
        *replaced,
    ]


def lines(pilot: str, run: Mapping[str, Any], most: int = 10) -> list[str]:
    """What staff are told of final figures at every run, a line each."""
    if not run:
        return []
    found = [f"pilot {pilot}: {run['problem']}: figures that were final may be missing"] if run["problem"] else []
    due = [one for one in run["told"] if not one["corrected"]]
    made = [one for one in run["told"] if one["corrected"]]
    found += [
        f"pilot {pilot}: correction due: {one['what']}: the final figure is {one['old_words']}, the data now give {one['new_words']}"
        for one in due[:most]
    ]
    if len(due) > most:
        found.append(
            f"pilot {pilot}: correction due: {len(due) - most:,} more figures; the run's record lists them all"
        )
    if due:
        found.append(
            f"pilot {pilot}: final figures stay until `commissioning correct {pilot} --reason R --by NAME` and another run"
        )
    found += [
        f"pilot {pilot}: corrected: {one['what']}: {one['old_words']} → {one['new_words']}" for one in made[:most]
    ]
    if len(made) > most:
        found.append(f"pilot {pilot}: corrected: {len(made) - most:,} more figures; the run's record lists them all")
    if run["used_up"]:
        found.append(
            f"pilot {pilot}: a correction was waiting, and no final figure differs from the data: it is used up"
        )
    return found


def recorded(held: Mapping[str, Any], *, corrected: bool) -> tuple[dict[str, Any], ...]:
    """Final figures that the data no longer support, with both values: those that changed now, or those that stayed."""
    return tuple(
        {name: one[name] for name in ("measure", "group_kind", "group", "period")}
        | {"final": one["old_words"], "data": one["new_words"]}
        for one in held.get("told", ())
        if one["corrected"] is corrected
    )


def says_otherwise(report_json: str | None, held: final_figures.Final) -> bool:
    """True where a served report's figures of an area are in other states than the ledger says: made final elsewhere since."""
    if report_json is None:
        return False
    report = json.loads(Path(report_json).read_bytes())
    final = {tuple(str(one[name]) for name in states.KEY): one for one in held.figures}
    if report.get("illustrative") or "states" not in report:
        return False
    for one in report.get("figures") or ():
        key = tuple(str(one.get(name)) for name in states.KEY)
        if key[1] == held.area and (key in final) != (one.get("state") != states.PROVISIONAL):
            return True
    return False
