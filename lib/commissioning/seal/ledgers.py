"""Sealing, and noting which outcomes were read, in the council's ledger."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from commissioning import clock, council, ledger, names
from commissioning import pilot as pilots
from commissioning.errors import CannotWrite, UsageError
from commissioning.ledger import Draft, Entry, Held
from commissioning.pilot import Pilot
from commissioning.seal.values import digest, values
from commissioning.wording import differences


def folder_of(area: str, root: Path | None = None) -> Path:
    """Where the ledger of a council lies, as `council.toml` says for its own area."""
    try:
        held = council.load(root or pilots.home())
    except UsageError:
        held = None
    return held.ledger if held is not None and held.area == area else council.ledger_of(area)


def memory_of(root: Path) -> Path:
    """Where a checkout notes the last line that it saw of each ledger."""
    return root / "data" / "evidence" / "ledgers-seen.json"


def seal(pilot: Pilot, by: str, *, area: str, primary: Collection[str] = (), root: Path | None = None) -> Entry:
    """Write what is agreed into the council's ledger. Raises UsageError for a name, CannotWrite for the ledger."""
    by = names.person("--by", by)
    root = root or pilots.home()
    folder, memory = folder_of(area, root), memory_of(root)
    doubt = ledger.forgotten(folder, memory)
    sealed = values(pilot, primary)

    def lines(held: Held) -> list[Draft]:
        says = {"by": by, "values": sealed, "sha256": digest(sealed), "doubt": held.problem or doubt}
        return [Draft(kind="seal", area=area, pilot=pilot.name, says=says)]

    made = ledger.append(folder, lines).last
    ledger.remember(folder, memory, anew=True)
    assert made is not None
    return made


def reading(
    pilot: Pilot, area: str, periods: Collection[str], *, primary: Collection[str] = (), root: Path | None = None
) -> dict[str, Any]:
    """Note in the ledger that outcomes of these periods are read, and return what is sealed, as a study keeps it.

    Never raises: where the ledger cannot be written, nothing is sealed beforehand, and what was read is noted in the
    checkout until it can be.
    """
    root = root or pilots.home()
    folder, memory = folder_of(area, root), memory_of(root)
    waiting = memory.with_name("ledgers-waiting.json")
    now = values(pilot, primary)
    late = set(_waiting(waiting).get(f"{folder} {area} {pilot.name}", ()))
    problem = ledger.forgotten(folder, memory)

    def lines(held: Held) -> list[Draft]:
        mine = _of(held, area, pilot.name)
        known = {one for entry in mine if entry.kind == "read" for one in entry.says.get("periods", ())}
        made = []
        for says in ({"periods": sorted(late - known), "late": True}, {"periods": sorted({*periods} - known - late)}):
            if says["periods"]:
                made.append(Draft(kind="read", area=area, pilot=pilot.name, says=says))
        if fresh := _not_noted(mine, now):
            made.append(Draft(kind="changed", area=area, pilot=pilot.name, says={"values": fresh}))
        return made

    try:
        held = ledger.append(folder, lines)
        if late:
            _keep_waiting(waiting, f"{folder} {area} {pilot.name}", ())
        ledger.remember(folder, memory)
    except CannotWrite as error:
        _keep_waiting(waiting, f"{folder} {area} {pilot.name}", late | set(periods))
        held, problem = ledger.read(folder), str(error).partition(" in ")[0] + " cannot be written"
    return {"values": now, "illustrative": False, **_held(held, area, pilot.name, periods, problem)}


def state(pilot: str, area: str, root: Path) -> str:
    """A hash of what a study's seal depends on besides the study's own reading: it changes when somebody seals."""
    folder = folder_of(area, root)
    held = _held(ledger.read(folder), area, pilot, (), ledger.forgotten(folder, memory_of(root)))
    waits = (memory_of(root).with_name("ledgers-waiting.json")).is_file()
    return digest([held["seals"], held["problem"], waits])


def _of(held: Held, area: str, pilot: str) -> list[Entry]:
    """The lines of one pilot and area: a ledger that was copied from another area says nothing of this one."""
    return [one for one in held.entries if one.area == area and one.pilot == pilot]


def _not_noted(mine: list[Entry], now: Mapping[str, Any]) -> dict[str, Any]:
    """Values that differ from the last seal and were not noted since: place → value now."""
    known: dict[str, Any] | None = None
    for one in mine:
        if one.kind == "seal":
            known = dict(one.says.get("values", {}))
        elif one.kind == "changed" and known is not None:
            known |= one.says.get("values", {})
    if known is None:
        return {}
    return {place: new for place, _, new in differences({k: v for k, v in known.items() if v is not None}, now)}


def _held(held: Held, area: str, pilot: str, periods: Collection[str], problem: str) -> dict[str, Any]:
    read: dict[str, str] = {}
    seals: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    mine = _of(held, area, pilot)
    late = {one for entry in mine if entry.kind == "read" and entry.says.get("late") for one in entry.says["periods"]}
    latest = ""
    for entry in mine:
        says, day = entry.says, london(entry.at)
        latest = max(latest, day)  # a clock may have gone backwards
        if entry.kind == "read":
            for one in says.get("periods", ()):
                read.setdefault(str(one), day)
        elif entry.kind == "changed":
            changed.append({"values": dict(says.get("values", {})), "on": day, "after": len(seals)})
        elif entry.kind == "seal" and entry.whole and (entry.sound or says.get("doubt")):
            seals.append(
                {
                    "by": str(says.get("by", "")),
                    "on": day,
                    "sha256": str(says.get("sha256", "")),
                    "hash": entry.hash,
                    "values": dict(says.get("values", {})),
                    "read_before": sorted({*read, *late}),
                    # Where the ledger could not be relied on, only what had not begun then is known not to have been read.
                    "read_through": latest if says.get("doubt") else "",
                }
            )
    first = {one: read[one] for one in sorted(set(periods)) if one in read}
    return {"seals": seals, "changed": changed, "read": first, "problem": problem, "altered": held.problem}


def london(at: str) -> str:
    try:
        return clock.day_of(datetime.fromisoformat(at)).isoformat()
    except ValueError:
        return ""


def _waiting(path: Path) -> dict[str, list[str]]:
    try:
        return {str(name): [str(one) for one in found] for name, found in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep_waiting(path: Path, name: str, periods: Collection[str]) -> None:
    kept = {**_waiting(path), name: sorted(periods)}
    kept = {one: found for one, found in kept.items() if found}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if kept:
            path.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")
            path.chmod(0o600)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return  # neither the ledger nor the checkout can be written: the study itself says that nothing was sealed
