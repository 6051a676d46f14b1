"""Checks of ordinary biases: would the effect be there without what services do to their own records, places and people?

A test of "nothing else moved" without power would pass everything, so most checks ask how much of the effect is left where one bias
could not have made it. Shares of pilots in which each is caught: docs/reference/quality.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .effects.inference import t_p_value
from .gates import Check, Gates

if TYPE_CHECKING:
    from .effects.effect import Effect

MOVED = {
    "counts": "who counts in the outcome",
    "asked": "who was asked",
    "known": "for how many the answer was recorded",
    "own answer": "who gave or scored the answer",
    "rows": "how many records there are",
    "age": "how old people are",
    "need": "how many have high needs",
}
MATERIAL = {"age": 2.0, "need": 0.05}  # years, and a share: a smaller move makes no effect worth a claim
RECORD_SHARE = 0.4  # of the change: what the record could have made of it, at its worst
# What everybody shares (a hard winter) falls there too, so a loss is not all held against the change.
WAITING_SHARE = 0.6
ENOUGH_POWER = 0.8
LEAST_OWN = 0.1  # a tenth of answers by people themselves is too few to carry the rest
LEAST_STAYED = 0.3  # of the rows after a start: where fewer are of people seen before it, the people are others


def bias_checks(effect: Effect, gates: Gates) -> list[Check]:
    """Every check of bias that the effect's diagnostics allow, in the order in which people read them."""
    d = effect.diagnostics
    if not is_clear(effect) or "bias_moved" not in d:
        return []
    return [*_record(effect, d, gates), *_people(effect, d, gates), *_places(effect, d, gates)]


def is_clear(effect: Effect) -> bool:
    """True where the range leaves out no change: only then is there anything that a bias could have made."""
    return (
        effect.lower is not None and effect.upper is not None and not effect.lower <= effect.no_effect <= effect.upper
    )


def _stayed(d: Mapping[str, Any]) -> bool:
    stay = d.get("bias_stayers")
    return stay is not None and stay[2] >= LEAST_STAYED


def ceiling(effect: Effect, gates: Gates) -> str:
    """Why the effect may be no more than compared, whatever passes: nobody independent says whether the outcome was reached; "" where
    somebody does."""
    if not gates.own_answers or "bias_judged_by" not in effect.diagnostics:
        return ""
    d = effect.diagnostics
    by, own = d["bias_judged_by"], d.get("bias_own_answer")
    if not (by == "a fact" or (by == "the person" and own is not None and own[2] >= LEAST_OWN)):
        return (
            "those who give the support say themselves whether the outcome was reached, so a kinder eye cannot be told from a "
            "better life"
        )
    return (
        ""
        if _stayed(d) or "bias_moved" not in d
        else "most people are others than before the start, so who came cannot be told from what they got"
    )


def notes(effect: Effect) -> tuple[str, ...]:
    """What to hold beside a change that is put down to the pilot: how much drift it bears, and how far a small evaluation overstates."""
    d, found = effect.diagnostics, []
    unit = d.get("bias_drift_unit")
    if unit and is_clear(effect):
        nearest = min(abs(effect.lower or 0.0), abs(effect.upper or 0.0))
        points = 100 * nearest / abs(unit)
        found.append(
            f"It holds unless those that started were drifting by more than {points:.1f} points a quarter beside the others."
        )
    tried = d.get("calibration")
    power = tried.get("power_with_checks") if isinstance(tried, Mapping) else None
    if power is not None and power < ENOUGH_POWER:
        times = tried["exaggeration"]  # type: ignore[index]
        found.append(
            f"An evaluation of this size finds the smallest change worth having in about {round(10 * power)} of 10 tries, and what "
            f"it then finds is on average {times:.1f} times the truth: read it with that in mind."
        )
    return tuple(found)


def _record(effect: Effect, d: Mapping[str, Any], gates: Gates) -> list[Check]:
    if gates.moved_p is None:
        return []
    needed = "a record kept alike before and after the start, or an effect larger than what was lost could make"
    reach = min(abs(effect.lower or 0.0), abs(effect.upper or 0.0))
    found = []
    for name, (change, error, most) in d["bias_moved"].items():
        if name in ("age", "need", "rows") and _stayed(d) != (name == "rows"):
            continue  # where the same people stayed, each is set beside themselves; where they did not, more rows are more people
        if abs(change) < MATERIAL.get(name, 0.0) or not _is_sure(change, error, gates.moved_p, int(d["clusters"])):
            continue
        if most < min(reach, RECORD_SHARE * abs(effect.estimate)):
            continue
        found.append(
            Check(
                name="record",
                passed=False,
                found=change,
                needed=needed,
                says=f"With the start {MOVED[name]} changed too, where it started and not elsewhere.",
            )
        )
    if not found:
        says = "The record itself did not change with the start: who counts, was asked and answered is as it was."
        found.append(Check(name="record", passed=True, found=None, needed=needed, says=says))
    return found


def _is_sure(change: float, error: float | None, p: float, clusters: int) -> bool:
    """Told from no change at this p; without an error (starts too few to leave one out), any change of size is."""
    if error is None or error == 0:
        return change != 0
    return t_p_value(change / error, max(clusters - 1, 1)) < p


def _people(effect: Effect, d: Mapping[str, Any], gates: Gates) -> list[Check]:
    found = []
    own = d.get("bias_own_answer")
    if own is not None and LEAST_OWN <= own[2] < 0.95:
        needed = "the change among answers that people gave or scored themselves"
        found.append(_again("own_answers", effect, own[:2], gates, "In what people said or scored themselves", needed))
    stay = d.get("bias_stayers")
    if stay is not None and _stayed(d):
        needed = "the change among people who were there before"
        found.append(_again("stayers", effect, stay[:2], gates, "Among people who were there before the start", needed))
    if (step := d.get("bias_step")) is not None:
        needed = "a step at the start, beside any line that those that started may have been on all along"
        found.append(
            _again("drift", effect, step, gates, "Beside a steady drift of those that started", needed, p=gates.drift_p)
        )
    odds = d.get("bias_log_odds")
    if odds is not None:
        needed = "the change on a scale without a ceiling"
        found.append(_again("ceiling", effect, odds, gates, "On a scale without a ceiling", needed))
    return [one for one in found if one is not None]


def _again(
    name: str,
    effect: Effect,
    again: tuple[float, float | None],
    gates: Gates,
    where: str,
    needed: str,
    *,
    p: float | None = math.nan,
) -> Check | None:
    """The effect once more: of the same direction, and told from no change at `p` (`again_p` where none is given); by its size where it has no error."""
    change, error = again
    asked = gates.again_p if p is not None and math.isnan(p) else p
    if asked is None or gates.bias_share is None:
        return None
    if not math.isfinite(change):
        passed = False
    elif error is None or name == "ceiling" and error == 0:
        passed = change * effect.estimate > 0 and (
            name == "ceiling" or change / effect.estimate >= 1 - gates.bias_share
        )
    else:
        passed = change * effect.estimate > 0 and _is_sure(change, error, asked, int(effect.diagnostics["clusters"]))
    says = f"{where} the change is there too." if passed else f"{where} the change cannot be told from chance."
    return Check(name=name, passed=passed, found=change, needed=needed, says=says)


def _places(effect: Effect, d: Mapping[str, Any], gates: Gates) -> list[Check]:
    if gates.bias_share is None:
        return []
    least = 1 - gates.bias_share
    found = []
    for part, left in d["bias_without"].items():
        passed = math.isfinite(left) and left >= least
        found.append(
            Check(
                name=f"without_{part}",
                passed=passed,
                found=left,
                needed=f"{least:.0%} or more of the change without any one {part}",
                says=f"No one {part} makes the change." if passed else f"Much of the change is one {part}'s alone.",
            )
        )
    dip = d.get("bias_without_dip")
    if dip is not None and math.isfinite(dip):
        passed = dip / effect.estimate >= least
        found.append(
            Check(
                name="dip",
                passed=passed,
                found=dip,
                needed=f"{least:.0%} or more of the change without the last quarters before the start",
                says="The last quarters before the start do not make the change."
                if passed
                else "Much of the change is a low point just before the start, from which things rise by themselves.",
            )
        )
    fell, error = d.get("bias_waiting", (math.nan, None))
    if math.isfinite(fell):
        loss = -fell if effect.estimate > 0 else fell
        passed = loss <= WAITING_SHARE * abs(effect.estimate) or (error is not None and loss < error)
        found.append(
            Check(
                name="waiting",
                passed=passed,
                found=fell,
                needed=f"a loss there of {WAITING_SHARE:.0%} of the change or less",
                says="Where it had not started, things did not get worse."
                if passed
                else "Much of the change is that things got worse where it had not started.",
            )
        )
    return found
