"""What was promised, what came of it, and what the evidence asks: benefits, what is overdue, and the box for scrutiny."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from commissioning import clock
from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.sections import Log, Note, Terms
from commissioning.presentation.showable import EffectSummary
from commissioning.reports import carried_over, stage_records
from commissioning.reports.verdict_words import open_duties, words_of
from commissioning.sections import figures, registers, showing
from commissioning.sections.finding_record import ORDER
from commissioning.sections.page import Page, Shows, section
from commissioning.study import groups

REACHED, SHORT, OPEN = "reached", "not reached", "not settled"
UNKNOWN = "not known"
NO_TARGET = "nothing was agreed to compare it with"
NOBODY = "nobody is named"
MOST_QUESTIONS = 3


def verdict(expected: str, change: EffectSummary | None, *, fewer: bool = False) -> str:
    """Whether a benefit was reached: the first number of what was expected beside the range of the change, for the better.

    >>> verdict("4 more in each 100", None)
    'not known'
    """
    wanted = _target(expected)
    if change is None or change.lower is None or change.upper is None:
        return UNKNOWN
    if wanted is None:
        return NO_TARGET
    least = float(wanted[0].replace(",", ""))
    lower, upper = (-change.upper, -change.lower) if fewer else (change.lower, change.upper)
    if lower >= least:
        return REACHED
    return SHORT if upper < least else f"{OPEN}: what was expected lies within the range"


def benefit_rows(page: Page) -> list[dict[str, Any]]:
    """Each benefit expected beside what was measured of it, whether it was reached, and when it was due."""
    rows = []
    by_id = {one.measure.id: one.summary for one in figures.effects(page).estimates}
    for one in page.pilot.benefits:
        summary, measure = by_id.get(one.measure), page.measures.get(one.measure)
        realised = UNKNOWN
        if summary is not None:
            realised = summary.wording if summary.withheld is None else "may not be told: see the checks"
        found = verdict(one.expected, summary, fewer=measure is not None and measure.better == "lower")
        compared = summary.compared if summary is not None and summary.withheld is None else ""
        late = _late(one.due, page.period) if found != REACHED and _target(one.expected) else ""
        rows.append(
            one.model_dump()
            | {"realised": realised, "compared": compared, "verdict": found, "due": f"{one.due}{late}", "late": late}
        )
    return rows


def _target(expected: str) -> re.Match[str] | None:
    """The first number of what was expected; None where none was agreed, so that nothing can be reached or overdue."""
    return re.search(r"\d[\d,]*(?:\.\d+)?", expected)


def _late(due: str, period: str) -> str:
    """What is added to a day by which something was due, as of the report's period; nothing where it is no financial year."""
    if not re.fullmatch(r"\d{4}-\d{2}", due) or not period or due > period[:7]:
        return ""
    return ": overdue" if due < period[:7] else ": due now"


@section
def benefits(page: Page) -> Log | Note:
    """Benefits expected beside benefits realised, compared by the measure's own change (4.15)."""
    labels = {
        "benefit": "Benefit", "kind": "Kind", "expected": "Expected", "realised": "Measured so far", "verdict": "Reached?",
        "owner": "Owner", "due": "Due",
    }  # fmt: skip
    return showing.log(page, benefit_rows(page), title="Benefits register (4.15)", columns=labels, id="benefits")


@section
def overdue(page: Page) -> Shows:
    """What is overdue in the registers of a pilot, and by whom."""
    pilot = page.pilot
    rows = [
        {"what": one["benefit"], "why": f"benefit, due {one['due']}", "who": one["owner"]}
        for one in benefit_rows(page)
        if one["late"]
    ]
    asked = {one.stage for one in pilot.engagement}
    rows += [
        {"what": f"Engagement at the stage {one}", "why": "nobody is recorded as asked", "who": NOBODY}
        for one in ORDER
        if pilot.engagement and one not in asked
    ]
    rows += [
        {"what": f"Reply of {one.who}", "why": "no answer is written", "who": NOBODY}
        for one in pilot.replies
        if not registers.is_settled(one.answered)
    ]
    rows += [
        {"what": says, "why": "before members decide", "who": pilot.decision.confirmed.by or NOBODY}
        for says in open_duties(pilot.decision, replies=len(pilot.replies))
    ]
    labels = {"what": "What", "why": "Why it is open", "who": "By whom"}
    if not rows:
        return Note("Nothing in the registers is overdue.")
    return Log(rows, title="What is overdue, and by whom", columns=labels, id="overdue")


@section
def for_scrutiny(page: Page) -> Shows:
    """The box for scrutiny: of each pilot what was promised and what came of it, what was told last time, what the evidence asks."""
    return [_box(page, service) for service in page.parts]


def _box(page: Page, service: Page) -> Terms:
    rows = benefit_rows(service)
    promised = [
        f"{one['benefit']}: {one['expected']}, by {one['due']}{_to_whom(one['promised_to'])}. {_capital(one['verdict'])}"
        for one in rows
    ]
    found = {
        "What was promised, to whom, by when": promised or ["No benefit is written down"],
        "Told last time": [_last_time(page, service)],
        "What the evidence asks": questions(service) or ["It raises no question that it has a figure for"],
        "Who answers, and when": [_answers(service, [one["owner"] for one in rows])],
    }
    facts = {asked: " ".join(_sentence(one) for one in says) for asked, says in found.items()}
    return Terms(facts, title=service.pilot.title, id=f"scrutiny-{service.pilot.name}")


def _to_whom(promised_to: str) -> str:
    return f", promised to {promised_to}" if promised_to else ""


def _answers(service: Page, owners: Iterable[str]) -> str:
    """Who answers for what was promised, and the day entered for it: of the decision, or until which replies are open."""
    who = " and ".join(dict.fromkeys(owners))
    says = f"{who} {'answer' if ' and ' in who else 'answers'}" if who else f"{_capital(NOBODY)} as the one who answers"
    dates = service.pilot.dates
    if dates.decision_on is not None:
        return f"{says} at the decision on {clock.in_words(dates.decision_on)}"
    if dates.replies_until is not None:
        return f"{says} once replies close on {clock.in_words(dates.replies_until)}"
    return f"{says}; no day is entered for it yet"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".?!" else f"{text}."


def _last_time(page: Page, service: Page) -> str:
    """What the last cycle's review supported, and whether this one's is another."""
    before = carried_over.last_review(service)
    now = carried_over.not_later(
        page, stage_records.read("review", service.pilot.name, carried_over.record_folders(page))
    )
    if before is None or before.recommendation is None:
        return "No review of an earlier cycle is kept, so nothing was told before"
    told = f"In {before.period} the evidence supported: {words_of(before.recommendation)}"
    if now is None or now.recommendation is None:
        return f"{told}. This cycle has not been reviewed yet"
    same = now.recommendation.says == before.recommendation.says
    return f"{told}. {'It supports the same now' if same else f'Now it supports: {words_of(now.recommendation)}'}"


def questions(page: Page) -> tuple[str, ...]:
    """The first questions that the evidence of one pilot raises, each with its figure; none where it has no figure."""
    found = [*_below_floor(page), *_apart(page), *_not_kept(page), *_cost(page), *_withheld(page)]
    return tuple(found[:MOST_QUESTIONS])


def _now(page: Page) -> pd.DataFrame:
    """Outcomes of the period that may be shown: what, value, lower, upper, by measure."""
    frame = figures.outcome_frame(page).frame.assign(measure=list(page.outcome_measures))
    for name in ("value", "lower", "upper"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return frame[frame["value"].notna()].set_index("measure")


def _below_floor(page: Page) -> Iterable[str]:
    known = _now(page)
    for floor in page.pilot.floors:
        measure = page.measures.get(floor.measure)
        if measure is None or floor.measure not in known.index:
            continue
        row = known.loc[floor.measure]
        fewer = measure.better == "lower"
        if (row["lower"] > floor.floor) if fewer else (row["upper"] < floor.floor):
            side = "above" if fewer else "below"
            yield (
                f"{measure.title}: {_level(measure, row['value'])} in {page.period}, {side} the floor of "
                f"{_level(measure, floor.floor)} that was agreed: why?"
            )


def _apart(page: Page) -> Iterable[str]:
    """The first primary outcome of which two groups lie further apart than their ranges."""
    for measure in figures.primary(page).values():
        kinds = tuple(one for one in ("locality", "ethnicity", "age_band", "department") if one in measure.groups)
        rows = groups.split(page.released, measure, page.period, kinds=kinds).frame if kinds else pd.DataFrame()
        if rows.empty or not {"value", "lower", "upper"} <= set(rows.columns):
            continue
        known = rows.dropna(subset=["value", "lower", "upper"])
        for kind in dict.fromkeys(known["split"]):
            ends = known[known["split"] == kind].sort_values("value").iloc[[0, -1]]
            low, high = ends.iloc[0], ends.iloc[-1]
            if float(low["upper"]) < float(high["lower"]):
                yield (
                    f"{measure.title}: {_level(measure, low['value'])} in {low['group']} and "
                    f"{_level(measure, high['value'])} in {high['group']}, further apart than their ranges: why?"
                )
                return


def _not_kept(page: Page) -> Iterable[str]:
    known = _now(page)
    for key, measure in page.outcome_measures.items():
        if getattr(measure.kind, "again", False) and key in known.index and measure.unit.startswith("%"):
            lost = 100 - float(known.loc[key, "value"])
            yield f"{measure.title}: {_level(measure, known.loc[key, 'value'])}. Why did {words.number(lost, 1)}% not last?"
            return


def _cost(page: Page) -> Iterable[str]:
    for one in figures.effects(page).value.outcomes:
        if one.printed is not None and one.printed.each is not None:
            worth = f", where £{one.worth:,.0f} was agreed" if one.worth is not None else ", and no worth was agreed"
            yield f"{one.measure.title}: about £{one.printed.each:,.0f} in cash for each more person{worth}. Is it worth that?"
            return


def _withheld(page: Page) -> Iterable[str]:
    made = figures.effects(page).estimates
    if gone := [one for one in made if one.summary.withheld is not None]:
        first, others = gone[0].measure.title, len(gone) - 1
        more = f" and {others} more" if others else ""
        yield f"Why can no change be judged in “{first}”{more} of {len(made)} outcomes?"


def _level(measure: Measure, value: object) -> str:
    number = words.number(float(str(value)), 1)
    return f"{number}%" if measure.unit.startswith("%") else f"{number} {measure.unit}"
