"""What people said of their own lives, in a sentence beside the answer: a change in it, none, or why none can be judged."""

from __future__ import annotations

from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.reports.answer_headline import headline_of
from commissioning.reports.answer_words import EFFECTS, Numbers, listed, of_people
from commissioning.sections import figures, saying
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study.worked_out import Shown

NOTHING = "No change is worked out of what people said for themselves, besides what the answer tells."


@section
def in_their_own_words(page: Page) -> Shows:
    """Of every outcome in which people speak for themselves, but the one that the answer tells: what came of it where the pilot started."""
    found = [
        one for service in page.services.values() or (page,) if (one := _said(service, bool(page.services))) is not None
    ]
    return Told(displays=tuple(found), found=tuple(found)) if found else Note(NOTHING, lacks=())


def _said(page: Page, named: bool) -> Finding | None:
    own, first = figures.own_word_measures(page), headline_of(page)
    told = [
        one
        for one in (() if page.group else figures.effects(page).estimates)
        if one.measure.id in own
        and of_people(page, one.measure)
        and (first is None or one.measure.id != first.measure.id)
    ]
    known = [one for one in told if one.summary.estimate is not None and one.summary.lower is not None]
    if not known:
        return None
    said = Numbers(declared=["100", page.period, page.pilot.title, *page.pilot.easy_words.values()])
    parts = [_change(page, one, said) for one in known]
    untold = [of_people(page, one.measure) for one in told if one not in known]
    parts += [f"Whether more people {listed(untold)} cannot be judged."] if untold else []
    whose = f"{page.pilot.title}: here is what" if named else "Here is what"
    says = f"{whose} people said for themselves where the pilot started, beside the others. {' '.join(parts)}"
    numbers = Computed(
        frame=said.frame(), of=(page.released, *(one.summary for one in known)), how="the changes of these outcomes"
    )
    made = saying.finding(page, says, "compared", numbers, EFFECTS[0], declared=tuple(said.declared))
    made.record["also"] = list(EFFECTS[1:])  # where the report stands without its annex, which holds the effects
    return made


def _change(page: Page, one: Shown, said: Numbers) -> str:
    shown = one.summary
    assert shown.estimate is not None and shown.lower is not None and shown.upper is not None
    low, high = said.count(shown.lower), said.count(shown.upper)
    people = of_people(page, one.measure)
    if shown.lower <= 0 <= shown.upper:
        return f"No change beyond chance shows in how many {people} ({low} fewer to {high} more in every 100)."
    ends = " to ".join((low, high) if shown.estimate > 0 else (high, low))
    return f"About {said.count(shown.estimate)} {'more' if shown.estimate > 0 else 'fewer'} people in every 100 {people} ({ends})."
