"""Final figures in the council's ledger: signed off, corrected by name and reason, and read back by whoever prints them.

Three kinds of lines. `final`: the figures that a sign-off made final, as they were released. `correct`: a named person lets
final figures of a pilot change in its next run, once. `corrected`: what that run changed, old and new. Whatever site,
checkout or pilot a figure is printed from, these lines say what is final; pilots that count the same people by the same
measure share them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning import ledger, states
from commissioning.errors import DataRefused, UsageError
from commissioning.ledger import Draft, Entry, Held
from commissioning.seal.ledgers import folder_of, london, memory_of
from commissioning.seal.values import digest

FINAL, CORRECT, CORRECTED = "final", "correct", "corrected"
KINDS = (FINAL, CORRECT, CORRECTED)
SIGNED = (*states.KEY, *states.COUNTS, *states.LIMITS, "status", "hidden", "why_hidden", "public")
"""What a line keeps of a figure, as `<report>.json` has it: value and limits times the measure's `per`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Final:
    """The final figures of an area. `figures`: rows of `states.KEPT` with `public` and `printed` (True: value and limits are
    as pages print them, times the measure's `per`); `open`: the correction that a pilot's next run makes, by pilot;
    `revisions`: every change, oldest first."""

    area: str
    figures: tuple[dict[str, Any], ...]
    open: Mapping[str, Entry]
    revisions: tuple[dict[str, Any], ...]
    problem: str = ""

    def digest(self, pilot: str, measures: Collection[str] | None = None) -> str:
        """A hash of what is final of these measures (None: of all) and of whether `pilot` is to be corrected."""
        asked = None if measures is None else set(measures)
        mine = sorted((one for one in self.figures if asked is None or one["measure"] in asked), key=_key)
        return digest([mine, self.open[pilot].hash if pilot in self.open else ""])


def final(area: str, root: Path | None = None) -> Final:
    """What is final in an area. Raises DataRefused where a line that says so was altered, or the ledger cannot be read."""
    folder = folder_of(area, root)
    held = ledger.read(folder)
    problem = held.problem or ("" if root is None else ledger.forgotten(folder, memory_of(root)))
    return _final(held, area, folder, problem)


def _final(held: Held, area: str, folder: Path, problem: str = "") -> Final:
    if held.problem and not held.entries:
        raise DataRefused(f"{held.problem}: {folder} says which figures are final; make it readable, or bring it back")
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    waiting: dict[str, Entry] = {}
    revisions: list[dict[str, Any]] = []
    for entry in held.entries:
        if entry.area != area or entry.kind not in KINDS:
            continue
        if not entry.whole:
            raise DataRefused(
                f"line {entry.number} of {folder / ledger.FILE} says which figures are final, and was altered after it was "
                "written: bring the file back from a copy of the ledger"
            )
        if entry.kind == CORRECT:
            waiting[entry.pilot] = entry
        elif entry.kind == FINAL:
            for one in entry.says["figures"]:
                row = dict(zip(SIGNED, one, strict=True))
                rows.setdefault(_key(row), {**row, "state": states.FINAL, "was": None, "printed": True})
        else:
            waiting.pop(entry.pilot, None)
            told = {"by": entry.says["by"], "why": entry.says["reason"], "on": london(entry.at)}
            for one in entry.says["changed"]:
                new = dict(one["new"])
                rows[_key(new)] = new
                revisions.append({**{name: new[name] for name in states.KEY}, "old": one["old"], "new": new, **told})
    found = tuple({"public": False, "printed": False, **one} for one in rows.values())
    return Final(area=area, figures=found, open=waiting, revisions=tuple(revisions), problem=problem)


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in states.KEY)


def make_final(
    report: str, pilot: str, area: str, by: str, figures: Sequence[Mapping[str, Any]], root: Path | None = None
) -> int:
    """Write the figures that a sign-off makes final; returns how many. What is final already is left as it is.

    Raises UsageError where one of them is final already and another than the one that is signed, CannotWrite for the ledger.
    """
    folder = folder_of(area, root)
    # A name that is not shown has no number of its own that stays: such a figure, which is hidden, is never final.
    rows = [one for one in figures if not states.NAMELESS.match(str(one["group"]))]
    made = 0

    def lines(held: Held) -> list[Draft]:
        nonlocal made
        known = {_key(one): one for one in _final(held, area, folder).figures}
        for one in rows:
            if (old := known.get(_key(one))) is not None and not _same(old, one):
                raise UsageError(
                    f"{report}: {one['measure']}, {one['group']}, {one['period']} was signed off elsewhere with another figure: "
                    "run it again, then sign it"
                )
        new = [[one.get(name) for name in SIGNED] for one in rows if _key(one) not in known]
        made = len(new)
        says = {"report": report, "by": by, "figures": new}
        return [Draft(kind=FINAL, area=area, pilot=pilot, says=says)] if new else []

    ledger.append(folder, lines)
    if root is not None:
        ledger.remember(folder, memory_of(root))
    return made


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if bool(old["hidden"]) != bool(new.get("hidden")):
        return False
    for name in states.COUNTS:
        was, now = old[name], new.get(name)
        if was is None or now is None:
            if was is not now:
                return False
        elif abs(was - now) > states.NEAR * max(1.0, abs(was)):
            return False
    return True


def let_change(pilot: str, area: str, by: str, reason: str, root: Path | None = None) -> Entry:
    """Let the final figures of a pilot change in its next run. An earlier permission that was not used is replaced."""
    folder = folder_of(area, root)
    says = {"by": by, "reason": reason}
    made = ledger.append(folder, lambda held: [Draft(kind=CORRECT, area=area, pilot=pilot, says=says)]).last
    if root is not None:
        ledger.remember(folder, memory_of(root))
    assert made is not None
    return made


def changed(
    pilot: str,
    area: str,
    prepared: Mapping[str, Any],
    root: Path | None = None,
) -> bool:
    """Before figures are published: whether the ledger still says what they were prepared with. Where a correction was
    waiting, what it changed is written and the permission is used up.

    `prepared` is `states.json` of the study: `digest`, `measures`, `open`, `told`. Raises CannotWrite.
    """
    folder = folder_of(area, root)
    fits = True

    def lines(held: Held) -> list[Draft]:
        nonlocal fits
        now = _final(held, area, folder)
        fits = now.digest(pilot, prepared["measures"]) == prepared["digest"]
        if not fits or pilot not in now.open:
            return []
        says = {**{name: now.open[pilot].says[name] for name in ("by", "reason")}, "of": now.open[pilot].hash}
        told = [one for one in prepared["told"] if one["corrected"] and not one["public"]]
        says["changed"] = [{"old": one["old"], "new": one["new"]} for one in told]
        return [Draft(kind=CORRECTED, area=area, pilot=pilot, says=says)]

    if not prepared.get("open"):  # nothing to write: the ledger need not be writable
        return _final(ledger.read(folder), area, folder).digest(pilot, prepared["measures"]) == prepared["digest"]
    ledger.append(folder, lines)
    if root is not None and fits:
        ledger.remember(folder, memory_of(root))
    return fits
