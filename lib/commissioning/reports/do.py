"""Do (4.5): control charts, provider funnels, spend in year, the work of monitoring, early warnings."""

from __future__ import annotations

from typing import Any

from commissioning.presentation import words
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import charting, figures, findings, saying, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import outcomes
from commissioning.study.breaks import series_break
from commissioning.study.spend_lines import against_plan


@section
def spend_against_plan(page: Page) -> Shows:
    """Spend beside the plan of the same year."""
    decision = page.pilot.decision
    if not decision.planned_spend:
        return Note("No spending plan is written in the pilot's settings, so spend is not judged against one.")
    if page.group:
        return Note("The plan is of the whole area, so spend of a part of it is not judged against one.")
    beside = against_plan(figures.spend(page).frame, decision.planned_spend, decision.planned_line)
    if beside.empty and decision.planned_line:
        return Note(
            f"The plan is of the line “{decision.planned_line}”, and no spend of that name is here in a year of the plan."
        )
    if beside.empty:
        return Note(
            "No spend of this service's own is here in a year of the plan, or several kinds are, and the pilot's settings "
            "do not say which is planned: spend is judged only against a plan of the same spend."
        )
    last = beside.iloc[[-1]]
    one = last.iloc[0]
    side = "within" if one["spent_pence"] <= one["planned_pence"] else "above"
    said = [
        saying.finding(
            page,
            f"{one['what']}, came to {words.money_rounded(int(one['spent_pence']))} in {one['year']}, {side} the plan of "
            f"{words.money_rounded(int(one['planned_pence']))}.",
            "recorded",
            Computed(frame=last, of=(page.released,), how="one year beside its plan"),
            "spend-against-plan",
            declared=(one["year"],),
        )
    ]
    return Told.of(Table(
        Computed(frame=beside, of=(page.released,), how="released spend beside the plan"),
        title="Spend against plan",
        caption="One spend line of each year beside what was planned. An award is a promise, and is never judged as spend.",
        source=showing.source_words(page, *figures.spend(page).tables),
        columns={
            "year": "Year", "what": "Spend line", "planned_pence": "Planned (£)", "spent_pence": "Spent (£)",
        },
        sources=showing.sources_of(page, *figures.spend(page).tables),
        keys=2,
        id="spend-against-plan",
    ), found=said)  # fmt: skip


@section
def monitoring(page: Page) -> Shows:
    """The hours that monitoring asks of providers (4.7, 5.3): a process, and no outcome."""
    asked = {key: one for key, one in page.measures.items() if not one.is_control and "4.7" in one.answers}
    if not asked:
        return Note("No measure of this pilot counts the work that monitoring asks of providers (4.7).")
    held = {key: one for key, one in asked.items() if key in set(page.study.record["measures"])}
    if not held:
        return showing.needs_extract(
            page, *sorted({one.table for one in asked.values()}), for_what="The work of monitoring (4.7)"
        )
    said = findings.headline_outcomes(page, most=1, measures=held, evidence="monitoring")
    return Told.of(Table(
        figures.outcome_frame(page, held),
        title="The work of monitoring",
        caption=f"{page.period}. Whether it is in proportion to award and risk stands in the pilot's own report.",
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "what": "What", "numerator": "Number", "denominator": outcomes.whole_label(held.values()),
            "value": "Value", "unit": "Unit",
            "note": "Note",
        },
        measures=tuple(held),
        declared=(page.period,),
        id="monitoring",
    ), found=said)  # fmt: skip


@section
def processes(page: Page) -> Table | Note:
    """Outputs and processes, kept apart from outcomes: what was done, never what good it did."""
    kinds = outcomes.of_kind(page.measures, "output", "process")
    held = {key: one for key, one in kinds.items() if key in set(page.study.record["measures"])}
    if not held:
        return Note("No output or process of this pilot is in these files.")
    return Table(
        figures.outcome_frame(page, held),
        title="What was done (outputs and processes)",
        caption=f"{page.period}. These do not say what good was done (paragraphs 4.6 and 4.8).",
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "what": "What", "numerator": "Number", "denominator": outcomes.whole_label(held.values()), "value": "Value",
            "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "note": "Note",
        },
        measures=tuple(held),
        declared=(page.period,),
        id="processes",
    )  # fmt: skip


@section
def warnings(page: Page) -> Any:
    """Early warnings: signals in the charts, told apart from sudden changes in the data."""
    rows = [
        {
            "kind": "data",
            "what": measure.title,
            "says": f"{where}: look at recording first{'; in the whole area' if page.group else ''}",
        }
        for key, measure in page.outcome_measures.items()
        if (where := series_break(page.study, key))
    ]
    for key, drawn in charting.charts(page).items():
        if drawn.reading.last_rule:
            says = f"the last quarter: {drawn.reading.last_rule}, {verdict(drawn.reading.variation)}"
            rows.append({"kind": "signal", "what": page.measures[key].title, "says": says})
    if not rows and not charting.charts(page):
        return Note("No early warning can be given either way: no control chart could be drawn from these files.")
    if not rows:
        return Note("No early warning: no chart shows a signal in its last quarter, and no series breaks.")
    labels = {"kind": "Data or signal", "what": "Measure", "says": "What was seen"}
    return showing.log(page, rows, title="Early warnings", columns=labels, id="warnings")


def extra_record(page: Page) -> dict[str, Any]:
    says = [
        f"{page.measures[key].title}: {verdict(drawn.reading.variation)}"
        for key, drawn in charting.charts(page).items()
        if "concern" in drawn.reading.variation
    ]
    return {"warnings": tuple(says)}


def verdict(variation: object) -> str:
    """A control chart's verdict in words."""
    return str(variation).replace("_", " ").lower()
