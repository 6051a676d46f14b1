"""Seals: what was agreed about a pilot, recorded before its figures were seen, and what was changed since.

`commissioning seal PILOT --by NAME` writes the values of a pilot file that could move a claim into the council's ledger.
Preparing a study writes there which periods' outcomes were read. A claim's checks were *set beforehand* where a seal stands
in the ledger before the line that says that outcomes of the report's period were read, and where the values are still
those that were sealed. Order is that of the ledger's lines, never of a clock.

The sample needs no ledger: beside it lies a seal that holds for its very bytes alone (`SAMPLE`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from commissioning import clock, council, ledger
from commissioning import pilot as pilots
from commissioning.errors import CannotWrite, UsageError
from commissioning.ledger import Draft, Entry, Held
from commissioning.pilot import Pilot
from commissioning.wording import CHANGED, NOT_SEALED

SAMPLE = "seals.toml"
LONGEST_NAME = 120
WORDS = "words for people: no claim rests on them"
STATE = "the state of things, which is meant to change as it does"
REGISTER = "a register that is kept while the pilot runs"
NOT_SEALED_FIELDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "name", "title", "question", "easy_title", "easy_words", "organisation", "department", "contact", "reply_by_post",
            "reply_by_phone", "area_name", "perspective", "includes_overheads", "planning_and_community_safety", "theory",
            "corporate_plan", "own_spend", "illustrative", "folder", "quality", "floors.agreed_with", "people_pay_charges", "levels",
            "area",
        ),
        WORDS,
    ),
    **dict.fromkeys(
        (
            "assumptions", "decisions_log", "engagement", "benefits", "sharing", "needs", "business_cases", "contributions",
            "collaboration", "innovation", "resource_changes", "lessons", "replies", "balance", "priorities",
        ),
        REGISTER,
    ),
    **dict.fromkeys(
        (
            "decision.confirmed", "decision.statutory_duty", "decision.equality_impact_assessment", "decision.alternative",
            "decision.market_impact", "decision.harm_flags", "decision.more_evidence",
        ),
        STATE,
    ),
}  # fmt: skip
"""Fields of a pilot file that no seal holds, each with the reason. Whatever else the file says is sealed, so that a field
added to it is sealed too."""
WEIGHED = (
    "decision",
    "weights",
    "hours_in_proportion",
    "days_promised",
    "price_base",
    "spend_age_band",
    "payment_units",
    "published_measures",
)  # fmt: skip - they move spend and what is weighed, and no estimate
OF_ONE_MEASURE = ("floors", "gates_for")


# --- what is sealed ------------------------------------------------------------------------------------------


def values(pilot: Pilot, primary: Collection[str] = ()) -> dict[str, Any]:
    """Every value of a pilot file that could move a claim, by its place: `gates.units`, `floors.<measure>.worth`.

    `primary`: the measures whose change is estimated where the design names none.
    """
    found: dict[str, Any] = {}
    for name, value in pilot.model_dump(mode="json").items():
        if name not in NOT_SEALED_FIELDS:
            _flatten(name, value, found)
    if primary and not found.get("design.outcomes"):
        found["design.outcomes"] = sorted(primary)
    return dict(sorted(found.items()))


def _flatten(place: str, value: Any, found: dict[str, Any]) -> None:
    if ".".join(part for part in place.split(".") if part) in NOT_SEALED_FIELDS or _left_out(place):
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            _flatten(f"{place}.{name}", one, found)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, start=1):
            name = next((str(one[key]) for key in ("measure", "outcome", "id", "name") if one.get(key)), str(number))
            _flatten(f"{place}.{name}", {key: held for key, held in one.items() if held != name}, found)
    elif value not in (None, [], ""):
        found[place] = float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _left_out(place: str) -> bool:
    """True for a field of a list's entries that no seal holds: `floors.<measure>.agreed_with`."""
    parts = place.split(".")
    return len(parts) > 2 and f"{parts[0]}.{parts[-1]}" in NOT_SEALED_FIELDS


def digest(of: Any) -> str:
    """SHA-256 of values as JSON, keys in order."""
    return hashlib.sha256(json.dumps(of, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def touches(place: str) -> str | None:
    """The measure whose claim a value moves; "" for every claim, None for none (it moves what is weighed)."""
    parts = place.split(".")
    if parts[0] in OF_ONE_MEASURE and len(parts) > 2:
        return parts[1]
    return None if parts[0] in WEIGHED else ""


def called(place: str) -> str:
    """A value's name in words: `gates.pre_trend_p` is "gate pre trend p"."""
    parts = place.split(".")
    first = {"gates": "gate", "gates_for": "gate", "floors": "", "design": "design:", "decision": ""}.get(
        parts[0], parts[0]
    )
    rest = parts[2:] if parts[0] in OF_ONE_MEASURE else parts[1:]
    return " ".join(f"{first} {' '.join(rest)}".replace("_", " ").split())


def written(value: Any) -> str:
    """A value as people read it; what is not there is said."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A sealed value that is no longer what was sealed. `seen`: the day on which figures were first read with it."""

    place: str
    old: Any
    new: Any
    seen: str = ""
    back: bool = False  # it was another, and is as sealed again

    @property
    def measure(self) -> str | None:
        return touches(self.place)

    @property
    def says(self) -> str:
        """`gate units, 10 → 4 (figures first read with it on 3 May 2026)`."""
        when = f"figures first read with it on {_day(self.seen)}" if self.seen else "after it was sealed"
        if self.back:
            return f"{called(self.place)}, {written(self.old)} → {written(self.new)} and back ({when})"
        return f"{called(self.place)}, {written(self.old)} → {written(self.new)} ({when})"

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "measure": self.measure, "says": self.says}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each place where two sets of values differ: place, old, new; None where one has none."""
    return [(one, old.get(one), new.get(one)) for one in sorted({*old, *new}) if old.get(one) != new.get(one)]


# --- sealing and reading -------------------------------------------------------------------------------------


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
    by = " ".join(by.split())
    if not any(one.isalpha() for one in by) or len(by) > LONGEST_NAME or not by.isprintable():
        raise UsageError(f"--by: write the name of the person who seals it, in up to {LONGEST_NAME} letters")
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
    for entry in mine:
        says, day = entry.says, _london(entry.at)
        if entry.kind == "read":
            for one in says.get("periods", ()):
                read.setdefault(str(one), day)
        elif entry.kind == "changed":
            changed.append({"values": dict(says.get("values", {})), "on": day})
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
                    "read_through": day if says.get("doubt") else "",
                }
            )
            changed = []
    first = {one: read[one] for one in sorted(set(periods)) if one in read}
    return {"seals": seals, "changed": changed, "read": first, "problem": problem, "altered": held.problem}


def _london(at: str) -> str:
    try:
        return clock.day_of(datetime.fromisoformat(at)).isoformat()
    except ValueError:
        return ""


def _day(iso: str) -> str:
    try:
        return clock.in_words(date.fromisoformat(iso))
    except ValueError:
        return "a day that is not known"


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


# --- the sample ----------------------------------------------------------------------------------------------


def of_sample(pilot: Pilot, area: str, sample: Path, data: str, primary: Collection[str] = ()) -> dict[str, Any]:
    """What is sealed of illustrative extracts: the seal beside the sample, for its very bytes (`data`) and area alone."""
    now = values(pilot, primary)
    seals = []
    try:
        held = tomllib.loads((sample / SAMPLE).read_text(encoding="utf-8")).get(pilot.name, {})
    except (OSError, ValueError):
        held = {}
    if held and held.get("data") == data and held.get("area") == area and digest(held["values"]) == held["sha256"]:
        one = {"hash": held["sha256"], "read_before": [], "read_through": ""}
        seals.append({name: held[name] for name in ("by", "on", "sha256", "values")} | one)
    return {
        "values": now,
        "illustrative": True,
        "seals": seals,
        "changed": [],
        "read": {},
        "problem": "",
        "altered": "",
    }


def sample_entry(pilot: Pilot, by: str, on: str, area: str, data: str, primary: Collection[str]) -> str:
    """The lines of `SAMPLE` for one pilot."""
    sealed = values(pilot, primary)
    facts = {"by": by, "on": on, "area": area, "data": data, "sha256": digest(sealed)}
    lines = [f"[{pilot.name}]", *(f"{name} = {json.dumps(value)}" for name, value in facts.items())]
    lines += [
        "",
        f"[{pilot.name}.values]",
        *(f"{json.dumps(place)} = {json.dumps(one)}" for place, one in sealed.items()),
    ]
    return "\n".join(lines) + "\n"


# --- what may be said ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What may be said of a pilot's checks in a report of one period."""

    beforehand: bool = False  # sealed before outcomes of the period were first read
    why_not: str = NOT_SEALED
    by: str = ""
    on: str = ""
    sha256: str = ""
    changes: tuple[Change, ...] = ()
    seen_before: str = ""  # the last earlier period that had been read when it was sealed

    def changed(self, measure: str) -> tuple[Change, ...]:
        """The changes that touch the claim of a measure; those of every claim too."""
        return tuple(one for one in self.changes if one.measure in ("", measure))

    def holds(self, measure: str = "") -> bool:
        """True where what a measure's claim rests on was set beforehand and is as it was sealed."""
        return self.beforehand and not any(not one.back for one in self.changed(measure))

    @property
    def plan_holds(self) -> bool:
        """True where plans, weights and promises were set beforehand and are as they were sealed."""
        return self.beforehand and not any(one.measure is None and not one.back for one in self.changes)

    def says(self, measure: str = "") -> str:
        """What stands beside a claim: sealed when and by whom, or why not; each change that touches it, old → new, when."""
        touched = self.changed(measure)
        parts = [] if self.beforehand and any(not one.back for one in touched) else [self.sealed_words]
        if touched:
            parts.append(f"{CHANGED} {'; '.join(one.says for one in touched)}.")
        return " ".join(parts)

    @property
    def sealed_words(self) -> str:
        """`Sealed on 3 May 2026 by …`, or why it was not beforehand."""
        if not self.beforehand:
            return self.why_not
        earlier = f" Figures up to {self.seen_before} had been seen then." if self.seen_before else ""
        return f"Sealed on {_day(self.on)} by {self.by}, before figures were seen.{earlier}"

    def as_json(self) -> dict[str, Any]:
        return {
            "beforehand": self.beforehand,
            "says": self.sealed_words,
            "by": self.by,
            "on": self.on,
            "sha256": self.sha256,
            "changes": [one.as_json() for one in self.changes],
        }


def status(held: Mapping[str, Any] | None, period: str) -> Sealed:
    """What may be said in a report of `period`, from what its study keeps (`reading`, `of_sample`)."""
    problem = str((held or {}).get("problem") or (held or {}).get("altered") or "")
    if not held or not held.get("seals"):
        return Sealed(why_not=f"{NOT_SEALED[:-1]}: {problem}." if problem else NOT_SEALED)
    before = [] if held["problem"] or not period else [one for one in held["seals"] if not _was_read(one, period)]
    last = (before or held["seals"])[-1]
    changes = _changes(held, last)
    facts = {"by": last["by"], "on": last["on"], "sha256": last["sha256"], "changes": changes}
    if before:
        earlier = max((one for one in last["read_before"] if one[:7] < period[:7]), default="")
        return Sealed(beforehand=True, why_not="", seen_before=earlier, **facts)
    if held["problem"]:
        return Sealed(why_not=f"{NOT_SEALED[:-1]}: {problem}.", **facts)
    first = min((day for one, day in held["read"].items() if _within(one, period)), default="")
    when = f" (first on {_day(first)})" if first else ""
    why = f"{NOT_SEALED} They were sealed on {_day(last['on'])} by {last['by']}; figures of {period or 'the period'} had been read{when}."
    return Sealed(why_not=why, **facts)


def _within(one: str, period: str) -> bool:
    return one == period or (" " not in period and one.startswith(f"{period} "))


def _was_read(sealed: Mapping[str, Any], period: str) -> bool:
    """True where outcomes of a period, or of a part of it, had or may have been read when it was sealed."""
    begins = f"{period[:4]}-{(4, 7, 10, 1)[int(period[-1]) - 1]:02d}-01" if " Q" in period else f"{period[:4]}-04-01"
    if period.endswith("Q4"):
        begins = f"{int(period[:4]) + 1}-01-01"
    return any(_within(one, period) for one in sealed["read_before"]) or begins <= sealed["read_through"]


def _changes(held: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[Change, ...]:
    """What differs from a seal now, and what did for a while, each with the day on which figures were first read with it."""
    noted: dict[str, tuple[Any, str]] = {}
    if held["seals"] and last is held["seals"][-1]:
        for one in held["changed"]:
            for place, value in one["values"].items():
                if value != last["values"].get(place):
                    noted[place] = (value, one["on"])
    found = []
    now = differences(last["values"], held["values"])
    for place, old, new in now:
        seen = noted.get(place, (None, ""))
        found.append(Change(place=place, old=old, new=new, seen=seen[1] if seen[0] == new else ""))
    there = {place for place, _, _ in now}
    for place, (value, day) in noted.items():
        if place not in there:
            found.append(Change(place=place, old=last["values"].get(place), new=value, seen=day, back=True))
    return tuple(found)
