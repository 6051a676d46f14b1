"""The new way on an Easy Read page: what it is, when it started, and what it changed as far as that may be said."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.measures import Measure
from commissioning.presentation.easy_read import Change, Idea, Part
from commissioning.reports import answer, easy_read_money
from commissioning.reports.easy_read_words import counted, did_it_change, fits, phrase_of, picture_for, sentences_of
from commissioning.sections import figures
from commissioning.sections.page import Page
from commissioning.sections.pictures import changed
from commissioning.study.worked_out import Shown

CHANGE, BEFORE = "change", "before"
"""Keys of `easy_words` that are no measures: what the pilot does differently, and how it was before."""


def started(page: Page) -> bool:
    """Whether a new way is tried here, and started: of one part of the area nothing is said of it."""
    design = page.pilot.design
    return not page.group and design is not None and design.kind != "none" and bool(figures.effects(page).started)


def new_way(page: Page) -> Part | None:
    """What the new way is, step by step, how it was before, and when it started; None where none did."""
    if not started(page):
        return None
    own = page.pilot.easy_words
    steps = sentences_of(own.get(CHANGE, "Some places started a new way of working."))
    told = [steps[0], "We call this the new way.", *steps[1:]]
    told += sentences_of(own[BEFORE]) if BEFORE in own else []
    if (when := easy_read_money.period_words(min(figures.effects(page).started))) is not None:
        told.append(f"The first places started {when.replace('from', 'between', 1).replace(' to ', ' and ', 1)}.")
    if any(one.summary.compared for one in figures.effects(page).estimates) and page.pilot.design.kind != "interrupted":  # type: ignore[union-attr]
        told.append("We looked at places with and without the new way.")
    pictured = {
        "We call this the new way.": "sign",
        told[0]: "map",
        "We looked at places with and without the new way.": "look",
    }
    ideas = tuple(Idea(picture=pictured.get(one) or picture_for(one, "support"), sentences=(one,)) for one in told)
    return Part(heading="The new way", ideas=ideas)


def part_of(page: Page, chosen: Mapping[str, Measure]) -> tuple[Part, list[str]]:
    """What the new way changed, and the questions to which nobody knows the answer: "more" and "fewer" only where the claim allows."""
    design = page.pilot.design
    if design is None or design.kind == "none":
        return _said("unsure", "We do not know why the numbers are what they are."), []
    if page.group:  # an effect is estimated for the whole area, and would mislead beside one part of it
        return _said("report", "The booklet for the whole area says what changed."), []
    if not started(page):
        return _said("unsure", "We do not know where a new way of working started."), []
    first = answer.headline_of(page)
    better: list[Idea] = []
    other: list[Idea] = []
    apart: list[Idea] = []
    seen: list[Shown] = []
    unknown: list[str] = []
    for one in figures.effects(page).estimates:
        if one.measure.id not in chosen:
            continue
        phrase = phrase_of(page, one.measure)
        drawn = hundred(page, one) if first is not None and one.measure.id == first.measure.id else None
        if told := effect(one, phrase, drawn):
            (better if for_the_better(one) else other).extend(told)
        elif told := beside(one, phrase):
            apart.extend(told)
        elif looked(one):
            seen.append(one)
        else:
            unknown.append(did_it_change(one.measure, phrase))
    if other:
        other.append(
            Idea(picture="together", sentences=("We think this came from the new way.",), claim="attributable")
        )
    if better:
        helped = "We think the new way helped."
        better.append(Idea(picture="support", sentences=(helped,), claim="attributable"))
    if better or other:
        other.append(Idea(picture="unsure", sentences=("We are not certain.",)))
    if apart:
        apart.append(Idea(picture="unsure", sentences=("We do not know if the new way did this.",)))
    ideas = [*better, *other, *apart, *_could_not_see(page, seen, bool(better or other or apart))]
    if not ideas:
        ideas = [Idea(picture="unsure", sentences=("We cannot say yet what the new way changed.",))]
    return Part(heading="What did the new way change?", ideas=tuple(ideas)), unknown


def _said(picture: str, sentence: str) -> Part:
    return Part(heading="What changed?", ideas=(Idea(picture=picture, sentences=(sentence,)),))


def _could_not_see(page: Page, seen: list[Shown], also: bool) -> list[Idea]:
    """Outcomes whose change was looked for and not seen: an answer, given once for all of them."""
    if not seen:
        return []
    ideas = [Idea(picture="look", sentences=(f"We {'also ' if also else ''}looked for a change in this:",))]
    for one in seen:
        phrase = phrase_of(page, one.measure)
        asked = f"How {'many' if counted(one.measure) == 'people' else 'often'} people {phrase}."
        ideas.append(Idea(picture=picture_for(phrase, "together"), sentences=(asked,)))
    return [*ideas, Idea(picture="same", sentences=("We could not see a change.",))]


def hundred(page: Page, one: Shown) -> Change | None:
    """A change as a hundred without the new way and with it, where it started; None where that level is not known."""
    found = changed.of_a_hundred(page, one)
    if found is None or one.summary.estimate is None or found[1] - found[0] != round(one.summary.estimate):
        return None  # a level that stops at nought or a hundred would show another change than the words
    return Change(without=found[0], with_it=found[1], counted=counted(one.measure))


def looked(one: Shown) -> bool:
    """True where a change was estimated and passed its checks, and none could be told apart from chance."""
    shown = one.summary
    known = shown.lower is not None and shown.upper is not None
    return known and shown.claim in ("compared", "attributable") and shown.lower <= 0 <= shown.upper  # type: ignore[operator]


def effect(one: Shown, phrase: str, drawn: Change | None = None) -> list[Idea]:
    """A change that may be called one, in each 100 of what was counted; empty where it may not."""
    shown = one.summary
    if shown.claim != "attributable" or shown.estimate is None or shown.lower is None or shown.upper is None:
        return []
    if shown.lower <= 0 <= shown.upper:
        return []
    up, noun = shown.estimate > 0, counted(one.measure)
    more = "more" if up else "fewer"
    if noun == "people":
        says = fits(f"With the new way, {more} people {phrase}.", f"{more.capitalize()} people {phrase}.")
    else:  # a change measured on reviews is one of how often: a person may have had two
        often = "more often" if up else "less often"
        says = fits(f"With the new way, people {often} {phrase}.", f"{often.capitalize()}, people {phrase}.")
    low, middle, high = sorted(abs(round(number)) for number in (shown.lower, shown.estimate, shown.upper))
    about = (
        f"That is about {middle} {more} in each 100 {noun}." if middle else f"That is less than 1 in each 100 {noun}."
    )
    reach = f"It could be from {low} to {high} {more} in each 100 {noun}."
    worse = () if one.measure.better == "neutral" or for_the_better(one) else ("This is worse for people.",)
    ideas = [
        Idea(picture=drawn, sentences=(says, about), claim="attributable")
        if drawn is not None
        else Idea(picture=more, sentences=(says, about), claim="attributable"),
        Idea(picture="unsure", sentences=(reach,), claim="attributable"),
    ]
    return ideas + [Idea(picture="fewer", sentences=(one_,), claim="attributable") for one_ in worse]


def beside(one: Shown, phrase: str) -> list[Idea]:
    """A change that is clear beside other places, and that nobody may put down to the new way; empty where there is none."""
    shown = one.summary
    if shown.claim != "compared" or shown.estimate is None or shown.lower is None or shown.upper is None:
        return []
    if shown.lower <= 0 <= shown.upper:
        return []
    more, noun = "more" if shown.estimate > 0 else "fewer", counted(one.measure)
    people = f"{more} people" if noun == "people" else f"people {'more' if shown.estimate > 0 else 'less'} often"
    says = fits(f"Where the new way started, {people} {phrase}.", f"{people.capitalize()} {phrase}.")
    about = f"That is about {abs(round(shown.estimate))} {more} in each 100 {noun}, beside other places."
    return [Idea(picture=more, sentences=(says, about), claim="compared")]


def for_the_better(one: Shown) -> bool:
    return one.measure.better != "neutral" and ((one.summary.estimate or 0) > 0) == (one.measure.better != "lower")


def not_known(asked: list[str]) -> Part | None:
    """What nobody knows yet: each question, and one answer after them all."""
    if not asked:
        return None
    ideas = [Idea(picture=picture_for(one, "question"), sentences=(one,)) for one in asked]
    ideas += [
        Idea(picture="question", sentences=(f"We do not know the answer{'s' if len(asked) > 1 else ''} yet.",)),
        Idea(picture="look", sentences=("We will keep counting.",)),
    ]
    return Part(heading="What we do not know yet", ideas=tuple(ideas))
