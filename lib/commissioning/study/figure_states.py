"""The states of a study's figures: what is final stays, and staff are told of every final figure that the data no longer support.

Worked out when a study is prepared, from the figures as released and from the council's ledger. The sample has no ledger: its
figures are provisional until its report is signed off.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import clock, states
from commissioning import pilot as pilots
from commissioning.disclosure import Released, revisions
from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.seal import figures as final_figures

FILE = "states.json"
KEPT = "final.json"  # apart: that a figure became final makes no page anew but those that say otherwise (`runs.batch`)
PUBLISHER = "its publisher"


def applied(
    released: Released, pilot: Pilot, area: str, measures: Mapping[str, Measure], *, ledger: bool
) -> tuple[Released, dict[str, Any], dict[str, Any]]:
    """Released figures in their states; what pages say of them (see `write`); and what the run must know.

    `ledger` False: nothing was ever final. What the run must know: `digest`, `measures` and `open`, with which `seal.figures`
    sees that the ledger is still the same; `told`, the final figures that the data no longer support, each with both
    values, `corrected` where they change now; `problem`, why the ledger may have lost some; `used_up` where a correction
    changes nothing.
    """
    page: dict[str, Any] = {"closes_after_months": pilot.closes_after_months, "kept": [], "due": [], "revisions": []}
    if not ledger:
        return released, page, {}
    held = final_figures.final(area, pilots.home())
    counted = set(released.figures["measure"].astype(str))
    mine = sorted(counted)
    kept = _as_released([one for one in held.figures if one["measure"] in counted], measures)
    permission = held.open.get(pilot.name)
    made, told = released.with_states(kept, correct=permission is not None)
    told.sort(
        key=lambda one: (one["group_kind"] != "all", len(one["period"]), one["measure"], one["group"], one["period"])
    )
    now = revisions.folded(kept, told).sort_values(list(states.KEY), kind="stable")
    changes = [one for one in held.revisions if one["measure"] in mine]
    who = {} if permission is None else {"by": permission.says["by"], "why": permission.says["reason"]}
    for one in told:
        if one["corrected"]:
            says = {"by": PUBLISHER, "why": "published anew", "on": ""} if one["public"] else {**who, "on": _today()}
            changes.append({**{name: one[name] for name in (*states.KEY, "old", "new")}, **says})
    page["kept"] = json.loads(now[list(states.KEPT)].to_json(orient="records", double_precision=15))
    page["due"] = [one for one in told if not one["corrected"]]
    page["revisions"] = changes
    for one in (*told, *changes):
        measure = measures.get(one["measure"])
        one["what"] = f"{measure.title if measure else one['measure']}, {_where(one)}{one['period']}"
        one["old_words"], one["new_words"] = (in_words(one[name], measure) for name in ("old", "new"))
    run = {
        "digest": held.digest(pilot.name, mine),
        "measures": mine,
        "open": permission is not None,
        "told": told,
        "problem": held.problem,
        "used_up": permission is not None and not any(one["corrected"] and not one["public"] for one in told),
    }
    return made, page, run


def _today() -> str:
    return clock.today().isoformat()


def _where(one: Mapping[str, Any]) -> str:
    return "" if one["group_kind"] == "all" else f"{one['group']}, "


def _as_released(kept: Sequence[Mapping[str, Any]], measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Final figures with value and limits as `Released.figures` has them; as pages print them they are times the measure's `per`."""
    rows = []
    for one in kept:
        per = float(measures[one["measure"]].per) if one["printed"] and one["measure"] in measures else 1.0
        by = {"value": 1.0 if one["public"] else per, "lower": per, "upper": per}
        rows.append({**one, **{name: None if one[name] is None else one[name] / by[name] for name in states.LIMITS}})
    return revisions.frame_of(rows)


def in_words(row: Mapping[str, Any], measure: Measure | None) -> str:
    """A figure as staff and the list of revisions read it: `530 of 840, 63.1%`, `£1,300`, `hidden`."""
    if row["hidden"]:
        return "hidden"
    value, top, bottom = row["value"], row["numerator"], row["denominator"]
    number = top if value is None else value
    if number is None:
        return "not known"
    unit = measure.unit if measure else ""
    if unit.startswith("pence"):
        return f"£{number / 100:,.0f}{unit.removeprefix('pence')}"
    if value is not None and top is not None and bottom is not None and measure is not None and measure.per == 100:
        return f"{top:,.0f} of {bottom:,.0f}, {100 * value:.1f}%"
    return f"{number:,.6g} {unit}".rstrip()


def write(folder: Path, page: Mapping[str, Any]) -> None:
    """Keep in a study what its pages say of states: `kept` (the final figures), `due`, `revisions`, `closes_after_months`."""
    said = {name: held for name, held in page.items() if name != "kept"}
    for file, held in ((FILE, said), (KEPT, {"kept": page["kept"]})):
        (folder / file).write_text(json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What `write` kept; nothing final where there is no such file."""
    found: dict[str, Any] = {"closes_after_months": states.MONTHS_OPEN, "kept": [], "due": [], "revisions": []}
    for path in (folder / FILE, folder / KEPT):
        if path.is_file():
            found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def of_page(held: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a report's JSON says of the states of its figures (`rows`): the sentence at its top, how many corrections are due, and
    the list of revisions of figures that it holds."""
    keys = {tuple(str(one.get(name)) for name in states.KEY) for one in rows}

    def here(listed: Collection[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [one for one in listed if tuple(str(one[name]) for name in states.KEY) in keys]

    months = int(held["closes_after_months"])
    return {
        "closes_after_months": months,
        "says": states.says(rows, months, clock.today()),
        "due": len(here(held["due"])),
        "revisions": [
            {
                "what": one["what"], "old": one["old_words"], "new": one["new_words"], "why": one["why"], "who": one["by"],
                "when": one["on"],
            }
            for one in here(held["revisions"])
        ],
    }  # fmt: skip


def of_parts(parts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a page across pilots says of states: that of all of them, of the figures (`rows`) that it holds."""
    together: dict[str, Any] = {"closes_after_months": states.MONTHS_OPEN, "due": [], "revisions": []}
    for one in parts:
        together["closes_after_months"] = max(together["closes_after_months"], int(one["closes_after_months"]))
        for name in ("due", "revisions"):
            together[name] += [held for held in one[name] if held not in together[name]]
    return of_page(together, rows)
