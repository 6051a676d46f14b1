"""The answer at the head of each kind of page: the pilot's five lines, or the questions that its own stage asks, in the same form."""

from __future__ import annotations

from collections.abc import Callable

from commissioning.presentation import words
from commissioning.presentation.answer import MOST_WORDS, Answer, as_line
from commissioning.presentation.finding import Finding
from commissioning.reports import answer as pilots_answer
from commissioning.reports import answer_money, plan, services_budget
from commissioning.reports.answer_headline import Headline, headline_of, level_words
from commissioning.reports.answer_words import OUTCOMES, SPEND, Numbers, fit, line
from commissioning.sections import charting, evaluation, figures, findings, need
from commissioning.sections.page import Page, Told, section
from commissioning.sections.pictures import plans, variation
from commissioning.study.spend_lines import against_plan


@section
def answer(page: Page) -> Told:
    """The lines that stand first on a page of this stage."""
    if page.services and page.stage != "service_reviews":
        return pilots_answer.of_every_pilot(page)
    tell = STAGES.get(page.stage)
    if tell is None:
        return pilots_answer.of_pilot(page)
    lines = fit([one for one in tell(page) if one is not None], MOST_WORDS)
    return Told(displays=(Answer([pilots_answer.part(lines)], notice=pilots_answer.notice(page)),), found=tuple(lines))


def of_section(question: str, found: Finding) -> Finding:
    """A section's own finding as a line of the answer: the same sentence under the same numbers."""
    found.others = []  # type: ignore[attr-defined]
    return as_line(found, question)


def first_of(question: str, found: list[Finding]) -> Finding | None:
    return of_section(question, found[0]) if found else None


def levels_line(page: Page, question: str) -> Finding:
    """The first outcome's level beside an earlier year; nothing of what changed it."""
    first, said = headline_of(page), Numbers()
    if first is None:
        return pilots_answer.changed(page, first)
    alone = Headline(measure=first.measure)
    return line(
        page,
        question,
        [level_words(page, alone, said)],
        "described",
        said,
        OUTCOMES,
        measure=first.measure.id,
    )


def money_line(page: Page, question: str) -> Finding:
    """The whole spend beside an earlier year."""
    first = headline_of(page)
    return answer_money.whole_line(page, first.measure if first else None, question)


def analyse(page: Page) -> list[Finding | None]:
    return [
        _who_needs(page),
        levels_line(page, "What good it does now"),
        money_line(page, "What it costs"),
        first_of("Who provides it", findings.concentration(page)),
        first_of("Beside other councils", findings.compared_with_others(page)),
    ]


def _who_needs(page: Page) -> Finding:
    measure = need.supported_measure(page)
    said = need.finding(page, measure, "needs") if measure is not None and need.year_of(page, measure) else []
    if said:
        return of_section("Who needs it", said[0])
    why = "no estimate of everybody who may need it is held"
    holder = "the public health team holds an estimate for the area"
    return line(
        page,
        "Who needs it",
        [f"How many need this is not known, because {why}: {holder}."],
        "described",
        Numbers(),
        ("needs", *OUTCOMES),
    )


def plan_(page: Page) -> list[Finding | None]:
    return [
        first_of("What is wanted", plan.gap_finding(page)),
        first_of("What could be done first", plans.priority_finding(page)),
        _at_what_cost(page),
        first_of("What could be detected", evaluation.detectable_finding(page)),
        money_line(page, "What is spent now"),
    ]


def _at_what_cost(page: Page) -> Finding | None:
    """What each option with a business case would cost in a year, as it was written."""
    held = [one for one in page.pilot.business_cases if one.cost_gbp is not None]
    said = Numbers()
    if not held:
        return None
    each = [f"“{one.option}” {said.pounds(100 * one.cost_gbp)}" for one in held if one.cost_gbp is not None]
    names = tuple(one.option for one in held)
    says = f"By their business cases, a year of each option would cost: {'; '.join(each)}."
    return line(
        page, "At what cost", [says], "recorded", said, ("business-cases", "priorities", *SPEND), declared=names
    )


def do_(page: Page) -> list[Finding | None]:
    return [
        _steady(page),
        first_of("Whether anybody is out of line", variation.funnel_finding(page)),
        _on_plan(page),
    ]


def _steady(page: Page) -> Finding:
    """Where the first outcome stands beside an earlier year, and whether its quarters move more than chance does."""
    question, first = "Whether outcomes are changing", headline_of(page)
    drawn = charting.readings(page).get(first.measure.id) if first is not None else None
    if first is None or not isinstance(drawn, charting.Drawn):
        return levels_line(page, question)
    said = Numbers()
    level = level_words(page, Headline(measure=first.measure), said)
    moves = "as chance alone would have it" if drawn.reading.steady else "beyond what chance alone would do"
    says = f"{level[:-1]}; its quarters vary {moves}."
    anchors = (f"control-{words.slug(first.measure.id)}", *OUTCOMES)
    declared = tuple(drawn.numbers)
    return line(page, question, [says], "described", said, anchors,
                measure=first.measure.id, more=[f"By quarter: {drawn.says}"], declared=declared)  # fmt: skip


def _on_plan(page: Page) -> Finding:
    decision, question = page.pilot.decision, "Whether spend is on plan"
    beside = against_plan(figures.spend(page).frame, decision.planned_spend, decision.planned_line)
    if page.group or beside.empty:
        return money_line(page, question)
    said, row = Numbers(), beside.iloc[-1]
    spent, planned = int(row["spent_pence"]), int(row["planned_pence"])
    side = "within" if spent <= planned else "above"
    says = (
        f"Spend in {said.year(str(row['year']))} was {said.pounds(spent)}, {side} the plan of {said.pounds(planned)}."
    )
    return line(page, question, [says], "recorded", said, ("spend-against-plan", "against-plan", *SPEND))


def outcomes_and_spend(page: Page) -> list[Finding | None]:
    first = headline_of(page)
    return [
        levels_line(page, "What good was done"),
        money_line(page, "For what money"),
        answer_money.each(page, first.measure if first else None, pilots_answer.EACH),
        pilots_answer.sure(page, first),
    ]


def service_reviews(page: Page) -> list[Finding | None]:
    return [
        first_of("Which next, and how stable", services_budget.first_finding(page)),
        first_of("Where the money is", services_budget.largest_finding(page)),
        of_section("What is scored", services_budget.scored_finding(page)),
        of_section("What was never challenged", services_budget.rolled_finding(page)),
    ]


STAGES: dict[str, Callable[[Page], list[Finding | None]]] = {
    "analyse": analyse, "plan": plan_, "do": do_, "outcomes_and_spend": outcomes_and_spend, "service_reviews": service_reviews,
}  # fmt: skip
