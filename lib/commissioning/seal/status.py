"""What may be said of a pilot's checks and agreements, from what its study keeps of the seals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commissioning.seal.values import called, day, is_newer_gate, touches
from commissioning.wording import CHANGED, NOT_SEALED, Standing, differences, written

PERIOD = re.compile(r"\d{4}-\d{2}( Q[1-4])?")


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
        """`gate units, 10 → 4 (in use since 3 May 2026)`."""
        back = " and back" if self.back else ""
        when = f" ({'was in use from' if self.back else 'in use since'} {day(self.seen)})" if self.seen else ""
        return f"{called(self.place)}, {written(self.old)} → {written(self.new)}{back}{when}"

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "measure": self.measure, "says": self.says}


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
    period: str = ""  # of the report, where an earlier one had been read
    tried: tuple[str, ...] = ()  # places of what a what-if changed

    def changed(self, measure: str) -> tuple[Change, ...]:
        """The changes that touch the claim of a measure; those of every claim too."""
        return tuple(one for one in self.changes if one.measure in ("", measure))

    def of_claim(self, measure: str) -> Standing:
        """What may be said of all that a measure's claim rests on."""
        tried = self._tried("design.", f"floors.{measure}.worthwhile_change")
        return "tried" if tried else self._standing(self.changed(measure))

    def standing(self, *places: str) -> Standing:
        """What may be said of values alone, by how their places begin: `floors.<measure>.worth`."""
        if self._tried(*places):
            return "tried"
        return self._standing(tuple(one for one in self.changes if one.place.startswith(places)))

    def _tried(self, *places: str) -> bool:
        return any(one.startswith(places) for one in self.tried)

    def _standing(self, changes: tuple[Change, ...]) -> Standing:
        if not self.beforehand:
            return "not sealed"
        return "changed" if any(not one.back for one in changes) else "sealed"

    def says(self, measure: str = "") -> str:
        """What stands beside a claim: sealed when and by whom, or why not; each change that touches it, old → new, when."""
        touched = self.changed(measure)
        changed = f" {CHANGED} {'; '.join(one.says for one in touched)}." if touched else ""
        return self.sealed_words + changed

    @property
    def sealed_words(self) -> str:
        """`Sealed on 3 May 2026 by …`, or why it was not beforehand."""
        if not self.beforehand:
            return self.why_not
        if not self.seen_before:
            return f"Sealed on {day(self.on)} by {self.by}, before figures were seen."
        return (
            f"Sealed on {day(self.on)} by {self.by}, before figures of {self.period} were seen. Figures up to {self.seen_before} "
            "had been seen then."
        )

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
    dated = (
        PERIOD.fullmatch(period) is not None
    )  # a report of no year, or of words in its place, has seen whatever was read
    before = [] if held["problem"] or not dated else [one for one in held["seals"] if not _was_read(one, period)]
    last = (before or held["seals"])[-1]
    changes = _changes(held, last)
    facts = {"by": last["by"], "on": last["on"], "sha256": last["sha256"], "changes": changes}
    if before:
        earlier = max((one for one in last["read_before"] if one[:7] < period[:7]), default="")
        return Sealed(beforehand=True, why_not="", seen_before=earlier, period=period, **facts)
    if held["problem"]:
        return Sealed(why_not=f"{NOT_SEALED[:-1]}: {problem}.", **facts)
    first = min((on for one, on in held["read"].items() if _within(one, period) or not dated), default="")
    when = f" (first on {day(first)})" if first else ""
    why = f"{NOT_SEALED} They were sealed on {day(last['on'])} by {last['by']}; figures of {period if dated else 'the period'} had been read{when}."
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
    """What differs from a seal now, and what did for a while, each with the day since when, as far as it is known."""
    sealed, now = last["values"], held["values"]
    later = [(one["values"], one["on"]) for one in held["seals"][held["seals"].index(last) + 1 :]]
    later += [(one["values"], one["on"]) for one in held["changed"] if one.get("after", 1) > held["seals"].index(last)]
    used: dict[str, list[tuple[Any, str]]] = {}
    for values, on in later:
        for place, value in values.items():
            if value != sealed.get(place) and not is_newer_gate(place, sealed):
                used.setdefault(place, []).append((value, on))
    found = []
    for place, old, new in differences(sealed, now):
        if is_newer_gate(place, sealed):
            continue
        since = min((on for value, on in used.pop(place, []) if value == new), default="")
        found.append(Change(place=place, old=old, new=new, seen=since))
    for place, others in used.items():
        value, on = min(others, key=lambda one: one[1])
        found.append(Change(place=place, old=sealed.get(place), new=value, seen=on, back=True))
    return tuple(found)
