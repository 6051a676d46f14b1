"""How a report says what it found: key findings at its head, and those that each section ends in."""

from __future__ import annotations

import difflib
from typing import Any

from commissioning.errors import UsageError
from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.sections import showing
from commissioning.sections.finding_record import FindingRecord
from commissioning.sections.page import Once, Page, section


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
    """A finding of this report, kept for its record. `checked`: its claim rests on the pilot's checks, so what is sealed
    of them stands beside it; so it does beside every attributable one."""
    checks = page.sealed.says(measure) if checked or claim == "attributable" else ""
    declared = (*declared, page.pilot.area_name)  # a name with a number in it is a name
    if measure in page.measures:  # a title such as "in the last 4 weeks" holds numbers of its own
        declared = (*declared, page.measures[measure].title)
    sure: Any = confidence
    made = Finding(sentence, claim, sure, numbers, evidence, why_confidence=why, declared=declared, checks=checks)
    told = FindingRecord(
        sentence=sentence,
        claim=claim,  # type: ignore[arg-type]
        confidence=confidence,
        measure=measure,
        checks=checks,
        numbers=tuple(made.known.behind(sentence)),
        periods=tuple(made.known.periods(sentence)),
    )
    page.findings_shown.append(told)
    return made


def say(page: Page, *found: Finding) -> None:
    """Findings of the section that is being shown, for `found_here`."""
    said = {one.record["sentence"] for one in page.to_say}
    page.to_say += [one for one in found if one.record["sentence"] not in said]


@section
def found_here(page: Page, *sections: str | tuple[str, ...]) -> Note | None:
    """The findings of the sections named, each with its claim; where there is none, that nothing more is claimed.

    A section is named as its cell calls it: "outcomes_table", or ("answers", "4.6"). Its findings are worked out from it
    anew, so that this cell says the same run alone, twice or after others. Raises UsageError for a section that is not there.
    """
    from IPython.display import display

    if not sections:
        raise UsageError(
            'found_here: name the sections whose findings stand here, such as found_here("outcomes_table")'
        )
    found = {one.record["sentence"]: one for section in sections for one in _findings_of(page, section)}
    if not found:
        return showing.note(page, "No finding is claimed here: what would carry one is not known, or may not be shown.")
    for place, one in enumerate(found.values(), start=1):
        one.record["id"] = words.slug(f"found-{place}-{one.record['evidence']}")
        display(showing.keep(page, one))
    return None


def _findings_of(page: Page, section: str | tuple[str, ...]) -> list[Finding]:
    """What a section says it found, without showing it or counting it as shown."""
    import IPython.display as notebook

    name, *given = (section,) if isinstance(section, str) else section
    show = page.kind.sections.get(name)
    if show is None:
        near = difflib.get_close_matches(name, page.kind.sections, n=1)
        raise UsageError(f"found_here: no section is called {name!r}" + (f": did you mean {near[0]}?" if near else ""))
    before = page.to_say, page.kept, page.lacks, notebook.display
    page.to_say, page.kept, page.lacks = [], {}, Once()
    notebook.display = lambda *_, **__: None  # a section of several figures shows them itself
    try:
        show(page, *given)
        return page.to_say
    finally:
        page.to_say, page.kept, page.lacks, notebook.display = before
