"""The answer of a pilot: what changed, for what money, what each cost, how sure, and what the evidence supports.

Every line is worked out from what the page shows and nothing else, so that a number has one value on the page. Where something is
not known, the line says why, and who in a council holds what would tell. Lines of one year say so: a level is of its year.
"""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.answer import MOST_WORDS, Answer, Part
from commissioning.presentation.finding import Finding
from commissioning.reports import answer_grade, answer_money, review
from commissioning.reports.answer_headline import Headline, counts_of, headline_of, level_of, level_words
from commissioning.reports.answer_words import (
    EFFECTS,
    OUTCOMES,
    Numbers,
    fit,
    line,
    listed,
    not_known,
    of_people,
    plain_reason,
    small,
)
from commissioning.reports.verdict_words import headline
from commissioning.sections import charting, figures, together
from commissioning.sections.page import Page, Told
from commissioning.study import comparing
from commissioning.study.started import kind
from commissioning.study.worked_out import Shown
from commissioning.wording import counted

CHANGED, MONEY, EACH = "What changed", "For what money", "What each cost"
SURE, SUPPORTS = "Compared with what, and how sure", "What the evidence supports; members decide"
NAMED_NEIGHBOURS = 5
WHAT_IF = "What if: these lines rest on settings that nobody agreed."


def of_pilot(page: Page) -> Told:
    """The five lines of one pilot."""
    lines = five(page)
    return Told(displays=(Answer([part(lines)], notice=notice(page)),), found=tuple(lines))


def of_every_pilot(page: Page) -> Told:
    """The five lines of each pilot, for a page across pilots."""
    each = {service.pilot.title: five(service) for service in page.services.values()}
    made = Answer([part(lines, title) for title, lines in each.items()])
    return Told(displays=(made,), found=tuple(one for lines in each.values() for one in lines))


def part(lines: list[Finding], title: str = "") -> Part:
    return Part(title=title, lines=tuple(one.record for one in lines))


def notice(page: Page) -> str:
    return WHAT_IF if page.given.what_if else ""


def five(page: Page) -> list[Finding]:
    first = headline_of(page)
    lines = [
        changed(page, first),
        answer_money.money(page, first.measure if first else None, MONEY),
        answer_money.each(page, first.measure if first else None, EACH),
        sure(page, first),
        supports(page),
    ]
    return fit(lines, MOST_WORDS)


# --- 1. what changed


def changed(page: Page, first: Headline | None) -> Finding:
    said = Numbers()
    if first is None:
        return line(page, CHANGED, [_no_outcome(page)], "described", said, OUTCOMES)
    level = level_words(page, first, said)
    if not first.told:
        says, counts = [level], counts_of(page, first.measure, said)
        if first.effect is not None:
            why = plain_reason(first.effect.summary.withheld or first.effect.why_not)
            says = [f"{level[:-1]}; what the pilot changed is not known, {why}."]
        return line(page, CHANGED, says, "described", said, OUTCOMES, measure=first.measure.id, more=[counts, *_others(page, first, said)],
                    declared=_reasons(page))  # fmt: skip
    assert first.effect is not None and first.effect.claim is not None
    rung = first.effect.claim.rung
    says = [_change_words(page, first, said), level, _how_many(page)]
    claim = first.effect.claim
    more = [_reconciled(page, first), *claim.notes, *map(_capped, claim.caps), *_others(page, first, said)]
    return line(page, CHANGED, says, rung, said, EFFECTS, measure=first.measure.id, more=more, of=(first.effect.summary,),
                declared=(*_reasons(page), *claim.notes, *claim.caps), checked=bool(page.sealed.changed(first.measure.id)))  # fmt: skip


def _capped(why: str) -> str:
    return f"It is not put down to the pilot, because {why}."


def _no_outcome(page: Page) -> str:
    return not_known("What good was done", "no file with outcomes of this period is held", "outcomes", page)


def _change_words(page: Page, first: Headline, said: Numbers) -> str:
    effect = first.effect
    assert effect is not None and effect.claim is not None
    shown = effect.summary
    assert shown.estimate is not None and shown.lower is not None and shown.upper is not None
    where, size = _where(page, effect, said), said.count(shown.estimate)
    begins = f"{where[:1].upper()}{where[1:]}"
    completes = of_people(page, first.measure)
    each = f"in every {said.count(first.measure.per)}" if first.measure.per > 1 else f"({first.measure.unit})"
    said.declared.append(first.measure.unit)
    if shown.lower <= 0 <= shown.upper:
        low, high = said.count(shown.lower), said.count(shown.upper)
        ends = f"({low} fewer to {high} more {each})" if shown.lower < 0 else f"(none to {high} more {each})"
        what = f"how many people {completes}" if completes else f"“{first.measure.title}”"
        return f"{begins}, no change in {what} could be told apart from chance {ends}."
    low, high = (said.count(one) for one in sorted((shown.lower, shown.upper), key=abs))
    more = "more" if shown.estimate > 0 else "fewer"
    if completes:
        told = f"about {size} {more} people {each} {completes}"
    else:
        told = f"“{first.measure.title}” came out about {size} {'higher' if shown.estimate > 0 else 'lower'} {each}"
    worse = " That is worse for people." if first.harmed else ""
    told = f"{told[:1].upper()}{told[1:]}"
    if effect.claim.rung == "attributable":
        return f"{told} than would have without the pilot ({low} to {high}), {where}.{worse}"
    return f"{told} than the others' course suggests ({low} to {high}), {where}; other reasons are possible.{worse}"


def _where(page: Page, effect: Shown, said: Numbers) -> str:
    design, compared = page.pilot.design, effect.compared or {}
    many = compared.get("started")
    if design is None or not design.unit or many is None:
        return "since the start"
    return f"in the {said.count(many)} {kind(design.unit, many)} that started"


def _how_many(page: Page) -> str:
    """How the outcomes that were looked at came out, so that the best is not told alone."""
    better = worse = same = untold = 0
    for one in figures.effects(page).estimates:
        shown = one.summary
        if shown.estimate is None or shown.lower is None or shown.upper is None:
            untold += 1
        elif shown.lower <= 0 <= shown.upper:
            same += 1
        elif (shown.lower > 0) == (one.measure.better != "lower"):
            better += 1
        else:
            worse += 1
    told = [(better, "better"), (worse, "worse"), (same, "no different")]
    parts = [f"{small(many)} {'is' if many == 1 else 'are'} {how}" for many, how in told if many]
    parts += [f"{small(untold)} cannot be judged"] if untold else []
    total = better + worse + same + untold
    return f"Of {small(total)} outcomes, {listed(parts)}." if 1 < total <= 10 else ""


def _reconciled(page: Page, first: Headline) -> str:
    """Why one outcome's level, chart and change differ, in a sentence; "" where a reader would see no contradiction."""
    level = level_of(page, first.measure)
    if level is None or level.before is None or first.effect is None:
        return ""
    drawn = charting.readings(page).get(first.measure.id)
    moved = round(level.now, 1) - round(level.before, 1)
    return together.WHY_APART if together.apart(moved, drawn, first.effect.summary) else ""


def _others(page: Page, first: Headline, said: Numbers) -> list[str]:
    """What is said of the other outcomes, one sentence each."""
    found = []
    for one in figures.effects(page).estimates if not page.group else ():
        shown = one.summary
        if one.measure.id == first.measure.id:
            continue
        what = f"“{one.measure.title}”"
        if shown.estimate is None or shown.lower is None or shown.upper is None:
            why = plain_reason(shown.withheld or one.why_not)
            found.append(f"{what}: whether it changed cannot be judged, {why}.")
            continue
        each = f" in every {said.count(one.measure.per)}" if one.measure.per > 1 else ""
        if shown.lower <= 0 <= shown.upper:
            found.append(f"{what}: no change could be told apart from chance.")
            continue
        more = "more" if shown.estimate > 0 else "fewer"
        low, high = (said.count(each_) for each_ in sorted((shown.lower, shown.upper), key=abs))
        found.append(f"{what}: the change is about {said.count(shown.estimate)} {more}{each} ({low} to {high}).")
    return found


def _reasons(page: Page) -> tuple[str, ...]:
    """The name of each outcome, and why its change may not be told, as the page of effects says it: their numbers may be repeated."""
    if page.group:
        return ()
    estimates = figures.effects(page).estimates
    return tuple(text for one in estimates for text in (one.measure.title, one.summary.withheld or one.why_not))


# --- 4. compared with what, and how sure


def sure(page: Page, first: Headline | None) -> Finding:
    said = Numbers(declared=["100"])
    if first is not None and first.effect is not None and first.effect.claim is not None and not page.group:
        return _sure_of_effect(page, first.effect, said)
    why = _why_not_compared(page)
    beside = _beside_others(page, said) if not page.group else ""
    measure = first.measure.id if first else ""
    reasons = answer_grade.of_levels(page, measure, "Levels alone do not say why.", said)
    says = [beside, why] if beside else [why]
    held = answer_grade.weakest(reasons)
    anchors = tuple(f"comparison-{one.replace('_', '-')}" for one in page.pilot.published_measures)
    anchors = (*anchors, *EFFECTS) if beside else EFFECTS
    return line(page, SURE, says, "compared" if beside else "described", said, anchors, grade=answer_grade.grade(reasons),
                because=held.says, more=answer_grade.as_sentences(reasons))  # fmt: skip


def _sure_of_effect(page: Page, effect: Shown, said: Numbers) -> Finding:
    reasons = answer_grade.of_effect(page, effect, said)
    assert effect.claim is not None
    compared, design = effect.compared or {}, page.pilot.design
    started, waiting = compared.get("started"), compared.get("not_started")
    first, last = str(compared.get("first_start", ""))[:7], str(compared.get("last_start", ""))[:7]
    when = f"in {said.year(first)}" if first == last else f"between {said.year(first)} and {said.year(last)}"
    if design is not None and design.unit and started is not None and design.kind != "interrupted":
        places = f"The {said.count(started)} {kind(design.unit, started)} that started {when}"
        if waiting:
            says = f"{places} are compared with {said.count(waiting)} that had not."
        else:
            says = f"{places} are compared with each other, before and after each began."
    else:
        says = f"What followed the start {when} is compared with its own course before."
    declared = (*effect.numbers, *(one.says for one in page.pilot.assumptions), *_reasons(page))
    return line(page, SURE, [says], effect.claim.rung, said, EFFECTS, grade=answer_grade.grade(reasons),
                because=answer_grade.weakest(reasons).says, more=[*answer_grade.as_sentences(reasons), effect.summary.compared],
                declared=declared, of=(effect.summary,))  # fmt: skip


def _why_not_compared(page: Page) -> str:
    if page.group:
        return f"{page.place[:1].upper()}{page.place[1:]} is not compared on its own: what the pilot changed is worked out for the whole of {page.area_name} alone."
    why = figures.effects(page).why_none or "no outcome could be compared"
    design = page.pilot.design
    if why.startswith("Nothing says when") and design is not None:
        place = kind(design.unit, 1) if design.unit else "place"
        return (
            f"What changed is not compared, because no list says when {'each ' if design.unit else 'the '}{place} started; "
            "the manager of the pilot holds it."
        )
    return f"What changed is not compared: {why[:1].lower()}{why[1:].split(', so ')[0].rstrip('.')}."


def _beside_others(page: Page, said: Numbers) -> str:
    """The first published outcome beside England and the nearest neighbours, by name; "" where none is held."""
    for key in page.pilot.published_measures:
        rows = figures.comparison_rows(page, key)
        if rows is None or pd.isna(rows["value"].iloc[0]):
            continue
        year = str(rows["period"].iloc[0])
        here, england = float(rows["value"].iloc[0]), float(rows["value"].iloc[1])
        near = [
            f"{name} {said.percent(value)}"
            for name, value in comparing.nearest(page.study, page.pilot, page.measures[key], year)[:NAMED_NEIGHBOURS]
        ]
        completes = page.pilot.easy_words.get(key, "")
        of = f" of people who {completes}" if completes else f" in “{page.measures[key].title}”"
        told = f"The {said.percent(here)}{of} in {page.area_name} in {said.year(year)} stand beside England's {said.percent(england)}"
        return f"{told} and, of its neighbours, {listed(near)}." if near else f"{told}."
    return ""


# --- 5. what the evidence supports


def supports(page: Page) -> Finding:
    """The verdict, with what bars a decision by name; reasons, and what would change it, stand below."""
    found = review.recommendation(page)
    said = Numbers()
    below = [*found.reasons, *(f"What would change it: {one}" for one in found.would_change)]
    below += [f"{asked} {answer.rstrip('.')}" for asked, answer in found.asked_first.items()]
    for_more = [plain_words(one) for one in below]
    says = [
        headline(found).removesuffix(" Members decide."),
        f"{counted(len(found.reasons), 'reason for this is', 'reasons for this are')} one tap away on the screen.",
    ]
    said.held["reasons"] = float(len(found.reasons))
    first = headline_of(page)
    sign = (
        first.effect.claim.rung
        if first is not None and first.told and first.effect and first.effect.claim
        else "described"
    )
    return line(
        page, SUPPORTS, says, sign, said, ("supports", *EFFECTS), more=for_more, declared=tuple(below), signed=False
    )


def plain_words(text: str) -> str:
    """A reason of the verdict as a sentence."""
    return f"{text.rstrip('.')}."
