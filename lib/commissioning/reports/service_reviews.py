"""Which services to review next (2011 report, 4.13), with who scored what, and how firm the order is.

Members decide. Whatever nobody has scored is shown as not scored, never as a middle score or as nothing.

Longer than 400 lines, because it is one report with a method for each section; what it works out stands in
`review_scores`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning import framework
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Log, Note, Parameters, Steps
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import review_scores, services_budget
from commissioning.reports.review_scores import CRITERIA
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import figure_states


@section
def budget_table(page: Page) -> Shows:
    """The council's budget by service, and each one's share."""
    if services_budget.budget(page).empty:
        return services_budget.missing(page, "The council's budget by service")
    said = services_budget.largest_finding(page)
    return Told.of(Table(
        services_budget.budget_figures(page, services_budget.budget(page)),
        title="The council's budget by service",
        caption=f"{services_budget.when(page)} A large budget is one reason to review, and no more than one.",
        source=showing.source_words(page, 'budget'),
        columns={
            "service": "Service", "amount_pence": Column(name="amount_pence", label="Budget (£)", kind="pence"),
            "share": Column(name="share", label="Share of the budget (%)", decimals=1),
        },
        sources=showing.sources_of(page, "budget"),
        declared=(services_budget.year(page),) if services_budget.year(page) else (),
        id="budget",
    ), found=said)  # fmt: skip


@section
def criteria(page: Page) -> Shows:
    """The six criteria, what answers each, and the weight that members gave it."""
    said = [services_budget.scored_finding(page)]
    total = sum(services_budget.scores(page).weight.values())
    scored = services_budget.table_of_scores(page).notna().sum()
    rows = [
        {
            "criterion": f"({key}) {clause.name}",
            "asks": clause.says,
            "answered": "From the budget: its share of the whole" if key == review_scores.FROM_BUDGET
            else f"{int(scored[key])} of {len(services_budget.budget(page))} services scored by a named role",
            "weight": f"{words.number(100 * services_budget.scores(page).weight[key] / total, 1)}%",
        }
        for key, clause in zip(CRITERIA, framework.CRITERIA, strict=True)
    ]  # fmt: skip
    labels = {"criterion": "Criterion", "asks": "It asks", "answered": "Answered by", "weight": "Weight"}
    return Told.of(Log(rows, title="The six criteria (4.13)", columns=labels, id="criteria"), found=said)


@section
def which_next(page: Page) -> Shows:
    """Every service with its scores, its place, and the places it could still take."""
    if services_budget.budget(page).empty:
        return services_budget.missing(page, "Which service to review next")
    said = services_budget.first_finding(page)
    labels = {key: f"({key}) {one.name}" for key, one in zip(CRITERIA, framework.CRITERIA, strict=True)}
    return Told.of(Table(
        Computed(frame=services_budget.order(page), of=(services_budget.budget_figures(page, services_budget.budget(page)),), how="weighted mean of the scores"),
        title=f"{services_budget.ILLUSTRATIVE}: which to review next" if services_budget.scores(page).illustrative else "Which to review next",
        caption=(
            f"{services_budget.mark(page)}Scores run from 0 to 5; an empty cell is not scored. A service has a place only when all "
            "six are scored. The last two columns hold whatever the missing scores turn out to be."
        ),
        source=f"{showing.source_words(page, 'budget')}; the scores of services",
        columns={
            "service": "Service", **{key: Column(name=key, label=label, decimals=0, missing="not scored") for key, label in labels.items()},
            "score": Column(name="score", label="Score", decimals=2, missing="not scored"),
            "place": Column(name="place", label="Place", missing="not scored"),
            "best": "Best place it could take", "worst": "Worst place it could take",
        },
        sources=(*showing.sources_of(page, "budget"), *services_budget.scored_in(page)),
        declared=(0, 5),
        id="which-next",
    ), found=said)  # fmt: skip


@section
def stability(page: Page) -> Chart | Note:
    """How far the order would move under other weights."""
    held = services_budget.held(page)
    if held is None:
        return Note(
            "Fewer than two services are scored on all six criteria, so no order can be tested against other weights."
        )
    first = held.iloc[0]
    given = "On illustrative scores" if services_budget.scores(page).illustrative else "With the weights given"
    return Chart.stability(
        Computed(frame=held.head(12), of=(services_budget.budget_figures(page, services_budget.budget(page)),), how="places over all weights"),
        columns={"option": "Service", "rank": "Place", "best": "Best place", "worst": "Worst place",
                 "first": Column(name="first", label="First in (% of weights)", decimals=0)},
        title=f"{given}, {first['option']} comes first for review, and under {words.number(first['first'])}% of all weights",
        alt=f"One line for each service, from its best to its worst place. {first['option']} is first with the weights given.",
        caption=f"{services_budget.mark(page)}Place 1 is first. A long line means that the order depends on whose weights are used.",
        source=f"{showing.source_words(page, 'budget')}; the scores of services",
        sources=(*showing.sources_of(page, "budget"), *services_budget.scored_in(page)),
        declared=(1,),
        id="stability",
    )  # fmt: skip


@section
def who_scored(page: Page) -> Shows:
    """Each score with the role that gave it, and its evidence."""
    rows = [one.model_dump() | {"score": f"{one.score:g}"} for one in services_budget.scores(page).scores]
    if not rows:
        says = (
            "Nobody has scored criteria (a), (c), (d), (e) or (f). A named role writes each score, with its evidence, "
            "in the scores of services."
        )
        return showing.lacking(says)
    title = (
        f"{services_budget.ILLUSTRATIVE}: who scored what"
        if services_budget.scores(page).illustrative
        else "Who scored what, on what evidence"
    )
    labels = {"service": "Service", "criterion": "Criterion", "score": "Score", "scored_by": "Scored by", "evidence": "Evidence"}  # fmt: skip
    return Log(rows, title=title, columns=labels, id="who-scored")


@section
def rolled_over(page: Page) -> Shows:
    """Share of spend rolled over unchallenged (Appendix 2, 2.1)."""
    if services_budget.budget(page).empty:
        return services_budget.missing(page, "The share of spend rolled over unchallenged")
    said = [services_budget.rolled_finding(page)]
    years = services_budget.scores(page).unchallenged_after_years
    return Told.of(Table(
        services_budget.budget_figures(page, services_budget.rolled(page)),
        title="Rolled over, or challenged as a whole",
        caption=(
            f"{services_budget.mark(page)}Challenged means the whole budget, not only the change in it, within {years} years. "
            "The years stand beside the scores."
        ),
        source=f"{showing.source_words(page, 'budget')}; the scores of services",
        columns={
            "state": "State", "services": "Services", "amount_pence": Column(name="amount_pence", label="Budget (£)", kind="pence"),
            "share": Column(name="share", label="Share of the budget (%)", decimals=1),
        },
        sources=(*showing.sources_of(page, "budget"), *services_budget.scored_in(page)),
        declared=(years,),
        id="rolled-over",
    ), found=said)  # fmt: skip


@section
def ten_years(page: Page) -> Shows:
    """Ten-year demand and cost (Appendix 2, 1.2), where somebody has forecast it."""
    pence = {
        review_scores.plain(row.service): int(row.amount_pence) for row in services_budget.budget(page).itertuples()
    }
    rows = [
        {**one.model_dump(exclude={"cost_growth"}), "cost_growth": one.cost_growth,
         "now_pence": pence[review_scores.plain(one.service)],
         "then_pence": review_scores.in_ten_years(pence[review_scores.plain(one.service)], one)}
        for one in services_budget.scores(page).demand if review_scores.plain(one.service) in pence
    ]  # fmt: skip
    if not rows:
        says = (
            "Ten years of demand and cost need, for each service, people now, people in ten years and the growth of cost "
            "for each person, with who forecast them: none is given in the scores of services."
        )
        return showing.lacking(says)
    frame = pd.DataFrame(rows).astype({"now_pence": "Int64", "then_pence": "Int64"})
    return Table(
        Computed(frame=frame, of=(services_budget.budget_figures(page, services_budget.budget(page)),), how="budget times people times growth of cost"),
        title="Demand and cost, now and in ten years",
        caption=(
            f"{services_budget.mark(page)}A forecast, in today's prices, if nothing is changed. It is not a budget. Of {len(services_budget.budget(page))} "
            f"services, {len(services_budget.budget(page)) - len(rows)} have no forecast."
        ),
        source=f"{showing.source_words(page, 'budget')}; the scores of services",
        columns={
            "service": "Service", "people_now": "People now", "people_in_ten_years": "People in ten years",
            "cost_growth": Column(name="cost_growth", label="Growth of cost for each (% a year above inflation)", decimals=1),
            "now_pence": Column(name="now_pence", label="Budget now (£)", kind="pence"),
            "then_pence": Column(name="then_pence", label="In ten years (£)", kind="pence"),
            "by": "Forecast by", "evidence": "Evidence",
        },
        sources=(*showing.sources_of(page, "budget"), *services_budget.scored_in(page)),
        declared=(len(services_budget.budget(page)), len(services_budget.budget(page)) - len(rows)),
        id="ten-years",
    )  # fmt: skip


@section
def options(page: Page) -> Shows:
    """Options for applying the framework (recommendation 2.2) side by side: cost, capability and risk."""
    given = services_budget.scores(page).options
    if not given:
        says = (
            "Options for applying the framework (recommendation 2.2) stand side by side once somebody writes them, with "
            "cost, capability and risk, in the scores of services."
        )
        return showing.lacking(says)
    rows = [
        {
            "option": one.option,
            "style": one.style,
            "cost": "not costed" if one.cost_gbp is None else words.money_short(one.cost_gbp * 100) + " a year",
            "capability": "not scored" if one.capability is None else f"{one.capability:g} of 5",
            "risk": "not scored" if one.risk is None else f"{one.risk:g} of 5",
            "scored_by": one.scored_by or "nobody yet",
            "evidence": one.evidence or "none yet",
        }
        for one in given
    ]
    title = "Options for applying the framework (2.2)"
    labels = {
        "option": "Option", "style": "Style", "cost": "Cost", "capability": "Capability", "risk": "Risk (5 is highest)",
        "scored_by": "Scored by", "evidence": "Evidence",
    }  # fmt: skip
    title = (
        f"{services_budget.ILLUSTRATIVE}: options for applying the framework (2.2)"
        if services_budget.scores(page).illustrative
        else title
    )
    return Log(rows, title=title, columns=labels, id="options")


@section
def cannot_tell(page: Page) -> Steps:
    """What this page cannot tell: judgement stays with people."""
    says = [
        "Whether a service does good: that needs outcomes, and a pilot or a review of its own.",
        "Whether a large budget is too large.",
        *([f"Which services come first: {services_budget.NEEDS}."] if services_budget.budget(page).empty else []),
    ]
    return Steps(list(dict.fromkeys(says)), title="What it cannot tell", id="cannot-tell")


@section
def methods(page: Page) -> Note:
    """How the order is made, in three sentences."""
    return Note(
        "Each service has six scores, and its place follows from their weighted mean. Weights stand beside the scores, where members "
        "may change them; the order is tried under all other weights too. Criterion (b) "
        "is read from the budget: 5 for a fifth of it or more, then 4 from a tenth, 3 from a twentieth, 2 from a fiftieth, else 1."
    )


@section
def assumptions(page: Page) -> Log | Note:
    """What the order rests on, each rated, as written beside the scores."""
    rows = [one.model_dump() for one in services_budget.scores(page).assumptions]
    if not rows:
        return Note("No assumption is written in the scores of services: nobody has rated what the order rests on.")
    labels = {"says": "Assumption", "quality": "Quality", "impact": "Impact", "owner": "Owner"}
    return showing.log(page, rows, title="Assumptions", columns=labels, id="assumptions")


@section
def decisions_log(page: Page) -> Log | Note:
    """Decisions on reviews so far, as written beside the scores."""
    rows = [one.model_dump(mode="json") for one in services_budget.scores(page).decisions_log]
    if not rows:
        return Note(f"No decision on reviews is written in {services_budget.scores_path(page).name} yet.")
    labels = {"on": "Date", "who": "Who", "said": "What was decided", "changed": "What changed"}
    return showing.log(page, rows, title="Decisions so far", columns=labels, id="decisions-log")


@section
def hidden(page: Page) -> Note:  # type: ignore[override]
    """What protection hid here: nothing, because a budget by service is about no person."""
    return Note("Nothing is hidden here: a budget by service, scores and years of challenge are about no person.")


@section
def definitions(page: Page) -> Shows:
    """What each figure of this page counts, out of what, from where, and what is left out."""
    file = "The scores of services"
    rows = [
        {"what": "Budget of a service", "counts": "Whole pence of the latest year in the file, or of the year asked for",
         "source": "The file “budget”", "left_out": "Lines of nothing or less, such as reserves and grants received"},
        {"what": "Share", "counts": "A service's budget out of all the services shown", "source": "The file “budget”",
         "left_out": "As for the budget"},
        {"what": "Score on a criterion", "counts": "0 (no reason to review) to 5 (a strong one), given by a named role; (b) follows "
         "from the share", "source": file, "left_out": "Criteria that nobody scored: shown as not scored"},
        {"what": "Place", "counts": "The weighted mean of the six scores, set in order", "source": file,
         "left_out": "Nothing: where a score is missing, the best and the worst place are given"},
        {"what": "Rolled over unchallenged", "counts": f"Budget of services not challenged as a whole within "
         f"{services_budget.scores(page).unchallenged_after_years} years", "source": file,
         "left_out": "Services of which nobody wrote when they were last challenged: not known"},
        {"what": "Demand and cost in ten years", "counts": "People and cost for each, as somebody forecast them", "source": file,
         "left_out": "Services without a forecast"},
    ]  # fmt: skip
    labels = {"what": "Figure", "counts": "What it counts", "source": "From", "left_out": "Who or what is left out"}
    return showing.log(page, rows, title="What each figure counts", columns=labels, id="figures-defined")


@section
def parameters(page: Page) -> Parameters:
    """What this report was told."""
    told = {
        "period": page.period,
        "area": page.study.area,
        "scores": words.file_words(services_budget.scores_path(page).name),
    }
    return Parameters(told)


def of_services(page: Page, whole: dict[str, Any]) -> dict[str, Any]:
    """The machine-readable result of the order of services: no pilot's figures stand on this page."""
    order = services_budget.order(page) if not services_budget.budget(page).empty else pd.DataFrame()
    return whole | {
        "pilot": "",
        "figures": [],
        "states": figure_states.of_parts([], []),
        "published_versions": {},
        "spend": [
            {"year": services_budget.year(page), "what": row.service, "pence": int(row.amount_pence)}
            for row in services_budget.budget(page).itertuples()
        ],
        "bridge": [],
        "definitions": {},
        "services": [] if order.empty else _records(order),
        "illustrative_scores": services_budget.scores(page).illustrative,
        "partitions_read": sorted({*whole["partitions_read"], "budget"}),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {key: None if pd.isna(value) or value == "" else value for key, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
