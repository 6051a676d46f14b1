"""Do (4.5): control charts, provider funnels, spend in year, the work of monitoring, early warnings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import funnel
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.sections import charting, figures, findings, saying, showing, together
from commissioning.sections.page import Page, Shows, Told, once, section
from commissioning.study import groups, outcomes
from commissioning.study.breaks import series_break
from commissioning.study.spend_lines import against_plan

FUNNEL_KINDS = ("provider", "organisation", "ward", "department")


@section
def control_charts(page: Page) -> Shows:
    """One control chart a primary outcome, or the reason why there is none."""
    readings = charting.readings(page)
    if not readings:
        return showing.needs_extract(page, "reviews", "returns", for_what="A control chart (at least 12 quarters)")
    charts = [
        Note(f"{page.measures[key].title}: no control chart is drawn, because {found}.")
        if isinstance(found, str)
        else control(page, key)
        for key, found in readings.items()
    ]
    return Told.of(charts, found=together.found(page))


def control(page: Page, key: str) -> Chart:
    """The control chart of one outcome, and what its points show."""
    measure, drawn = page.measures[key], charting.charts(page)[key]
    last = drawn.frame.iloc[-1]
    shown = ["period", "value", "centre", "lower", "upper", "outside", "shift", "trend", "two_in_three", "rule"]
    return Chart.control(
        Computed(frame=drawn.frame[shown], of=(page.released,), how="XmR limits, before the start and since"),
        improvement=charting.IMPROVEMENT[measure.better],
        title=measure.title,
        alt=f"Quarterly points around an average of {words.number(last['centre'], 1)}{unit_of(measure)} in the last stretch of time. The last, "
        f"{last['period']}, is {words.number(last['value'], 1)}{unit_of(measure)}.",
        caption=f"{drawn.says} {drawn.stretches}".strip(),
        source=showing.source_words(page, measures=(key,)),
        unit=measure.unit.split(" of ")[0] if measure.unit.startswith("%") else measure.unit,
        measures=(key,),
        declared=(*drawn.frame["period"], measure.title, *drawn.numbers),
        id=f"control-{key.replace('_', '-')}",
    )


@once
def funnel_rows(page: Page) -> tuple[Measure, pd.DataFrame] | None:
    """Providers (else places) of the first primary outcome with at least five to compare, with funnel limits."""
    for measure in charting.wanted(page).values():
        for kind in FUNNEL_KINDS:
            rows = groups.split(page.released, measure, page.period, kinds=(kind,)).frame
            rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0)].reset_index(drop=True)
            if len(rows) >= 5:
                result = funnel.proportion(rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float))
                limits = result.frame.reset_index(drop=True).drop(columns=["value", "size"])
                return measure, pd.concat([rows, limits], axis=1)
    return None


@section
def funnel_chart(page: Page) -> Shows:
    """Are providers further apart than chance? Small ones swing most."""
    found = funnel_rows(page)
    if found is None:
        return Note("Fewer than five providers or places can be shown, so no funnel is drawn.")
    measure, frame = found
    said = funnel_finding(page)
    outer, inner = _outside(frame)
    says = funnel_words(outer, inner, len(frame))
    limits = [f"overdispersed_{side}_{level}" for level in ("95", "99_8") for side in ("lower", "upper")]
    frame = frame.assign(**{one: 100 * frame[one] for one in limits})
    shown = {
        "group": "Name", "denominator": "Out of", "value": "Value (%)",
        **{one: Column(name=one, label=_limit_words(one), decimals=1) for one in limits},
    }  # fmt: skip
    return Told.of(
        Chart.funnel(
            Computed(
                frame=frame.assign(outside=_flag(frame).map({True: "yes", False: "no"})),
                of=(page.released,),
                how="funnel limits from released counts",
            ),
            flag="outside",
            columns=shown | {"outside": "Outside the outer limits"},
            lower_95="overdispersed_lower_95",
            upper_95="overdispersed_upper_95",
            lower_998="overdispersed_lower_99_8",
            upper_998="overdispersed_upper_99_8",
            x_label="How many were counted",
            title=f"{measure.title}, by {frame['split'].iloc[0]}",
            alt=f"Points against their size inside funnel-shaped limits. {says}",
            caption=f"{page.period}. Being outside asks a question; it does not answer it.{page.of_the_whole}",
            source=showing.source_words(page, measures=(measure.id,)),
            unit="%",
            measures=(measure.id,),
            declared=(outer, inner, len(frame), page.period, 95, "99.8", measure.title),
            id="funnel",
        ),
        found=said,
    )


def _flag(frame: pd.DataFrame) -> pd.Series:
    """Outside the 99.8 limits, overdispersion allowed for where that was worked out."""
    return frame["overdispersed_outside_99_8"].fillna(False).astype(bool)


def _outside(frame: pd.DataFrame) -> tuple[int, int]:
    """How many lie outside the outer (99.8%) limits, and how many outside the inner (95%) ones: those that are drawn."""
    rate = frame["value"].astype(float).round(1)  # as drawn: in percent, to one decimal
    low, high = ((100 * frame[f"overdispersed_{side}_95"].astype(float)).round(1) for side in ("lower", "upper"))
    return int(_flag(frame).sum()), int(((rate < low) | (rate > high) | _flag(frame)).sum())


def funnel_finding(page: Page) -> list[Finding]:
    found = funnel_rows(page)
    if found is None:
        return []
    measure, frame = found
    outer, inner = _outside(frame)
    counts = pd.DataFrame({"outer": [outer], "inner": [inner], "compared": [len(frame)]})
    return [
        saying.finding(
            page,
            f"Of “{measure.title}”{f' in the whole of {page.area_name}' if page.group else ''}, {funnel_words(outer, inner, len(frame))} Other "
            "reasons are possible.",
            "compared",
            Computed(frame=counts, of=(page.released,), how="groups outside the outer funnel limits"),
            "funnel",
            measure=measure.id,
            declared=(95, "99.8"),
        )
    ]


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


def funnel_words(outer: int, inner: int, groups: int) -> str:
    """How many of a funnel's groups lie outside its limits: both pairs of lines that are drawn, each by name."""
    lie = "lies" if outer == 1 else "lie"
    by_chance = " Chance alone puts some there." if inner else ""
    return f"{outer} of {groups} groups {lie} outside the outer limits (99.8%), and {inner} outside the inner ones (95%).{by_chance}"


def unit_of(measure: Measure) -> str:
    """The unit as it stands after a number: "%", or in words."""
    return "%" if measure.unit.startswith("%") else f" {measure.unit}"


def _limit_words(name: str) -> str:
    """ "overdispersed_lower_99_8" → "Lower 99.8% limit"."""
    _, side, level = name.split("_", 2)
    return f"{side.capitalize()} {level.replace('_', '.')}% limit"
