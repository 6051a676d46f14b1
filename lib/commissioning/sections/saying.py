"""How a report says what it found: the answer at its head, and those that each section ends in."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from commissioning.errors import UsageError
from commissioning.presentation import words
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.sections import figures
from commissioning.sections.finding_record import FindingRecord
from commissioning.sections.page import Page, Told


def finding(
    page: Page,
    sentence: str,
    claim: str,
    numbers: object,
    evidence: str,
    *,
    measure: str = "",
    confidence: str = "medium",
    why: str = "",
    declared: tuple[float | int | str, ...] = (),
    checked: bool = False,
) -> Finding:
    """A finding of this report, with what its record keeps. `checked`: its claim rests on the pilot's checks, so what is sealed
    of them stands beside it; so it does beside every attributable one."""
    checks = page.sealed.says(measure) if checked or claim == "attributable" else ""
    declared = (*declared, page.pilot.area_name)  # a name with a number in it is a name
    share = figures.known_share(page, measure) if measure and not why and claim == "described" else None
    if share is not None:
        confidence = "high" if share >= figures.NEARLY_ALL else "medium" if share >= figures.MOST else "low"
        why, declared = f"The answer is known for about {share:.0f} in every 100.", (*declared, share, 100)
    if measure in page.measures:  # a title such as "in the last 4 weeks" holds numbers of its own
        declared = (*declared, page.measures[measure].title)
    sure: Any = confidence
    made = Finding(sentence, claim, sure, numbers, evidence, why_confidence=why, declared=declared, checks=checks)
    made.told = FindingRecord(
        sentence=sentence,
        claim=claim,  # type: ignore[arg-type]
        confidence=confidence,
        measure=measure,
        checks=checks,
        numbers=tuple(made.known.behind(sentence)),
        periods=tuple(made.known.periods(sentence)),
    )
    return made


def found_in(*told: Told) -> Told:
    """What sections found, for the end of what they show: each finding with its claim, or that nothing more is claimed.

        saying.found_in(beside_spend.outcomes_table(study), beside_spend.spend_table(study))

    Raises UsageError where nothing is given, or something that no section told.
    """
    page = _page_of("found_in", told)
    found = {one.record["sentence"]: one for part in told for one in part.found}
    if not found:
        says = "No finding is claimed here: what would carry one is not known, or may not be shown."
        nothing = Note(says, lacks=())
        return Told(displays=(nothing,), page=page)
    for place, one in enumerate(found.values(), start=1):
        one.record["id"] = words.slug(f"found-{place}-{one.record['evidence']}")
    return Told(displays=tuple(found.values()), found=tuple(found.values()), page=page)


def in_short(*told: Told) -> Told:
    """What sections found as sentences, and what they show closed under them: one click away on the screen, and off paper.

        saying.in_short(answering.answers(study, "4.14a"), answering.split_by(study, "weekly_cost"))

    A section that lacks its data says so as it does elsewhere. Raises UsageError as `found_in` does.
    """
    page = _page_of("in_short", told)
    found = found_in(*told) if any(part.found for part in told) else Told(displays=())
    shown = [one if one.record.get("lacks") is not None else _closed(one) for part in told for one in part.displays]
    lacks = tuple(dict.fromkeys(says for part in told for says in part.lacks))
    return Told(displays=(*found.displays, *shown), found=found.found, lacks=lacks, page=page)


def closed(*told: Told) -> Told:
    """What sections show, closed, where what they found stands beside them already, in a picture's title or the answer."""
    page = _page_of("closed", told)
    shown = [one if one.record.get("lacks") is not None else _closed(one) for part in told for one in part.displays]
    found, lacks = tuple(one for part in told for one in part.found), tuple(one for part in told for one in part.lacks)
    return Told(displays=tuple(shown), found=found, lacks=lacks, page=page)


def _closed(shown: Display) -> Display:
    """The same display, which a report shows closed."""
    return marked(shown, closed=True)


def side_by_side(told: Told) -> Told:
    """The same pictures at half the width of a page, next to each other where there is room."""
    return replace(
        told, displays=tuple(marked(one, half=True) if one.kind == "chart" else one for one in told.displays)
    )


def marked(shown: Display, **marks: bool) -> Display:
    """The same display with a mark on how a report places it."""
    made = copy(shown)
    made.record = {**shown.record, **marks}
    return made


def _page_of(name: str, told: tuple[Told, ...]) -> Page | None:
    if not told or not all(isinstance(one, Told) for one in told):
        raise UsageError(f"{name}: give what sections told, such as {name}(beside_spend.outcomes_table(study))")
    return told[0].page
