"""The grade of the evidence behind an answer: five parts, each strong, moderate or weak with its reason; the weakest is said first.

Design, size, completeness, calibration and whether anything else confirms it. Strong evidence has no weak part and at most one
moderate; one weak part makes it moderate; two, or a weak design, make it weak.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from commissioning.pilot import Pilot
from commissioning.presentation.answer import Grade
from commissioning.reports.answer_words import Numbers, plain_reason
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.study.standing import RUNGS
from commissioning.study.worked_out import Shown

ORDER: dict[Grade, int] = {"weak": 0, "moderate": 1, "strong": 2}
FAR_TOO_LARGE = 2.0  # times the change worth having: what an evaluation that would miss most of them would notice
OF_QUALITY: dict[str, Grade] = {"red": "weak", "amber": "moderate", "green": "strong"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One part of the grade. `says` is a whole sentence."""

    part: str
    grade: Grade
    says: str
    more: str = ""


def of_effect(page: Page, effect: Shown, said: Numbers) -> tuple[Reason, ...]:
    """The five reasons of a change that was estimated."""
    checks = {name: passed for name, passed, _ in effect.summary.gates}
    return (_design(page, effect), _size(page, effect, said), _completeness(page, effect, said),
            _calibration(checks.get("calibrated")), ELSEWHERE)  # fmt: skip


def of_levels(page: Page, measure: str, why: str, said: Numbers) -> tuple[Reason, ...]:
    """The reasons where levels alone are known: nothing was compared, so only their completeness can be judged."""
    return (Reason(part="design", grade="weak", says=why), _known(figures.known_share(page, measure), said), ELSEWHERE)


ELSEWHERE = Reason(part="confirmation elsewhere", grade="weak", says="No other study recorded here confirms it.")


def grade(reasons: Iterable[Reason]) -> Grade:
    """One grade of all parts."""
    found = list(reasons)
    weak = sum(one.grade == "weak" for one in found)
    if weak > 1 or any(one.part == "design" and one.grade == "weak" for one in found):
        return "weak"
    return "strong" if not weak and sum(one.grade == "moderate" for one in found) <= 1 else "moderate"


def weakest(reasons: Iterable[Reason]) -> Reason:
    """The weakest part; of several the first in order."""
    return min(reasons, key=lambda one: ORDER[one.grade])


def as_sentences(reasons: Iterable[Reason]) -> list[str]:
    """Each part with its grade and its reason."""
    return [
        f"{one.part.capitalize()} is {one.grade}: {one.says[:1].lower()}{one.says[1:]} {one.more}".rstrip()
        for one in reasons
    ]


def _design(page: Page, effect: Shown) -> Reason:
    if effect.summary.withheld:
        why = plain_reason(effect.summary.withheld).removeprefix("because").lstrip(", ")
        return Reason(part="design", grade="weak", says=f"{_first(why)}.")
    rung = effect.claim.rung if effect.claim is not None else "described"
    if RUNGS.index(rung) < RUNGS.index("compared"):
        return Reason(part="design", grade="weak", says="Nobody was compared with anybody.")
    held = _riskiest(page.pilot)
    if held is not None:
        return held
    if rung == "compared":
        return Reason(part="design", grade="moderate", says="Other reasons for the difference are possible.")
    return Reason(part="design", grade="strong", says="Places were compared before and after they started.")


def _riskiest(pilot: Pilot) -> Reason | None:
    """The assumption on which the result hangs most and that is least sure; None where each of those is green."""
    held = [one for one in pilot.assumptions if one.impact == "red" and one.quality != "green"]
    if not held:
        return None
    found = min(held, key=lambda one: ORDER[OF_QUALITY[one.quality]])
    assumed = found.says.rstrip(".")
    says = f"It assumes (rated {found.quality}) that {assumed[:1].lower()}{assumed[1:]}."
    return Reason(part="design", grade=OF_QUALITY[found.quality], says=says)


def _size(page: Page, effect: Shown, said: Numbers) -> Reason:
    worthwhile = page.pilot.worthwhile_change_of(effect.measure.id)
    detects = effect.tried.get("detectable_effect")
    if detects is None or not worthwhile:
        return Reason(part="size", grade="weak", says="How small a change it would have noticed was not worked out.")
    points = effect.measure.per * float(detects)
    held: Grade = "strong" if points <= worthwhile else "moderate" if points <= FAR_TOO_LARGE * worthwhile else "weak"
    compared = "no more than" if points <= worthwhile else "more than"
    says = f"It would usually notice a change of {said.count(round(points, 1))} points, {compared} the {said.count(worthwhile)} agreed as worth having."
    return Reason(part="size", grade=held, says=says)


def _completeness(page: Page, effect: Shown, said: Numbers) -> Reason:
    checked = next((says for name, _, says in effect.summary.gates if name == "completeness"), "")
    found = re.search(r"about (\d+)%", checked)
    return _known(float(found[1]) if found else figures.known_share(page, effect.measure.id), said)


def _known(share: float | None, said: Numbers) -> Reason:
    if share is None:
        return Reason(part="completeness", grade="moderate", says="For how many the answer is known was not published.")
    held: Grade = "strong" if share >= figures.NEARLY_ALL else "moderate" if share >= figures.MOST else "weak"
    return Reason(
        part="completeness", grade=held, says=f"The answer is known for about {said.count(share)} in every 100."
    )


def _calibration(passed: bool | None) -> Reason:
    if passed:
        says = "On made-up pilots of this size the method told what was planted in them."
        return Reason(part="calibration", grade="strong", says=says)
    says = "The method misled too often on made-up pilots of this size." if passed is False else (
        "The method was not tried on made-up pilots of this size."
    )  # fmt: skip
    return Reason(part="calibration", grade="weak", says=says)


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
