"""Review (4.5): what changed, for whom, at what cost, and what the evidence supports. Members decide."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.measures.definition import Outcome
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Log, Note, Steps
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import carried_over, promised
from commissioning.reports.decision import Standing, recommend
from commissioning.reports.stage_records import Recommendation
from commissioning.reports.verdict_words import headline
from commissioning.sections import (
    figures,
    findings,
    out_of_line,
    provider_quality,
    showing,
    value_sections,
)
from commissioning.sections.page import Page, Shows, Told, once, section
from commissioning.study import groups, outcomes, value_words
from commissioning.study.spend_lines import against_plan
from commissioning.study.worked_out import NOT_ATTRIBUTABLE, Shown


@section
def equality(page: Page) -> Shows:
    """Outcomes by group: who was left behind? Small groups stay protected."""
    said: list[Finding] = []
    for measure in figures.primary(page).values():
        kinds = tuple(
            one for one in ("ethnicity", "age_band", "sex", "locality", "department") if one in measure.groups
        )
        if not kinds:
            continue
        rows = groups.split(page.released, measure, page.period, kinds=kinds)
        if rows.frame.empty:
            continue
        said += findings.apart(page, measure, rows.frame, "equality")
        return Told.of(
            Table(
                rows,
                title=f"{measure.title}, by group",
                caption=f"{page.period}. A group too small to show says so.{page.of_the_whole}",
                source=showing.source_words(page, measures=(measure.id,)),
                columns=groups.LABELS,
                measures=(measure.id,),
                declared=(page.period, measure.title),
                keys=2,
                id="equality",
            ),
            found=said,
        )
    return Told.of(showing.needs_extract(page, "people", "supported", for_what="Outcomes by group"), found=said)


def _kept(page: Page) -> dict[str, Measure]:
    """Outcomes looked at again later, of those that an extract here holds."""
    held = set(page.study.record["measures"])
    return {
        key: one
        for key, one in page.outcome_measures.items()
        if isinstance(one.kind, Outcome) and one.kind.again and key in held
    }


@section
def sustained(page: Page) -> Shows:
    """Did it last? Outcomes checked again after 6 or 12 months (4.1)."""
    held = _kept(page)
    if not held:
        return showing.needs_extract(page, "reviews", "supported", for_what="Whether outcomes lasted (4.1)")
    said = findings.headline_outcomes(page, most=1, measures=held, evidence="sustained")
    return Told.of(Table(
        figures.outcome_frame(page, held),
        title="Did it last?",
        caption=f"Checked again later, {page.period} (paragraph 4.1).",
        source=showing.source_words(page, measures=tuple(held)),
        columns={
            "what": "Outcome", "numerator": "Still held", "denominator": "Checked", "value": "Value",
            "lower": "Lower limit", "upper": "Upper limit", "unknown": "Unknown", "note": "Note",
        },
        measures=tuple(held),
        declared=(page.period, "4.1"),
        id="sustained",
    ), found=said)  # fmt: skip


@once
def standings(page: Page) -> tuple[Standing, ...]:
    """Each outcome that has a floor: its change, and its level now and before the start beside the floor."""
    before = _year_before_start(page)
    levels = {period: _levels(page, period) for period in {page.period, before} if period}
    effects = {one.measure.id: one for one in figures.effects(page).estimates}
    found = []
    for floor in page.pilot.floors:
        measure, effect = page.measures.get(floor.measure), effects.get(floor.measure)
        fewer = measure is not None and measure.better == "lower"
        lower, upper = levels.get(page.period, {}).get(floor.measure, (None, None))
        then_lower, then_upper = levels.get(before, {}).get(floor.measure, (None, None))
        found.append(
            Standing(
                measure=floor.measure,
                title=measure.title if measure is not None else floor.measure,
                lower=lower,
                upper=upper,
                floor=floor.floor,
                worthwhile_change=floor.worthwhile_change,
                **_change(effect, fewer=fewer) if effect is not None else {},
                before_lower=then_lower,
                before_upper=then_upper,
                before_year=before,
                out_of_line=out_of_line.found(page.released, measure, page.period, floor.floor)
                if measure is not None and not page.group
                else (),
                fewer_is_better=fewer,
                agreed=page.sealed.standing(f"floors.{floor.measure}.floor"),
            )
        )
    return tuple(found)


@once
def without_floor(page: Page) -> tuple[Standing, ...]:
    """Each outcome whose change was estimated and for which nobody agreed a floor: harm there is harm too."""
    agreed = {one.measure for one in page.pilot.floors}
    return tuple(
        Standing(
            measure=one.measure.id, title=one.measure.title, lower=None, upper=None, floor=None, worthwhile_change=0.0,
            **_change(one, fewer=one.measure.better == "lower"),
        )
        for one in figures.effects(page).estimates
        if one.measure.id not in agreed
    )  # fmt: skip


def _levels(page: Page, period: str) -> dict[str, tuple[float | None, float | None]]:
    """The released range of each measure in a period, where it may be shown."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = outcomes.scaled(rows[rows["period"] == period], page.measures).drop_duplicates("measure")
    rows = rows[rows["value"].notna()]
    return {row["measure"]: (float(row["lower"]), float(row["upper"])) for _, row in rows.iterrows()}


def _year_before_start(page: Page) -> str:
    """The last financial year that ended before the first place started; "" where none started or none is held."""
    first = figures.effects(page).ever_started
    years = sorted({one for one in page.released.figures["period"].astype(str) if not outcomes.is_quarter(one)})
    earlier = [one for one in years if len(first) and one < first[0][:7]]
    return earlier[-1] if earlier else ""


@once
def spend_within_plan(page: Page) -> bool | None:
    """True where the latest planned year's spend is at or below plan; None without a plan."""
    if page.group:
        return None  # the plan is of the whole area
    decision = page.pilot.decision
    beside = against_plan(figures.spend(page).frame, decision.planned_spend, decision.planned_line)
    return bool(beside["spent_pence"].iloc[-1] <= beside["planned_pence"].iloc[-1]) if len(beside) else None


@once
def recommendation(page: Page) -> Recommendation:
    earlier = carried_over.last_review(page)
    return recommend(
        standings(page),
        page.pilot.decision,
        spend_within_plan=spend_within_plan(page),
        worth=value_found(page).worth,
        whole_area=not page.group,
        earlier=earlier.recommendation if earlier else None,
        harm_flags=provider_quality.quality_flags(page),
        replies=len(page.pilot.replies),
        without_floor=without_floor(page),
    )


@section
def asked_first(page: Page) -> Any:
    """Duties, equality, replies and market come before any figure."""
    rows = [{"asked": key, "answer": answer} for key, answer in recommendation(page).asked_first.items()]
    return showing.log(
        page, rows, title="Asked first", columns={"asked": "Question", "answer": "Answer"}, id="asked-first"
    )


@section
def replies(page: Page) -> Log | Note:
    """What people who use the service and providers replied, and what was done about it (5.4)."""
    if not page.pilot.replies:
        return Note(f"No reply is recorded yet. Replies are open for {page.pilot.decision.replies_open_days} days.")
    labels = {"on": "Date", "who": "Who", "said": "What they said", "answered": "What was done about it"}
    rows = [one.model_dump(mode="json") for one in page.pilot.replies]
    return showing.log(page, rows, title="Replies", columns=labels, id="replies")


@section
def standings_table(page: Page) -> Table | Note:
    """Outcomes beside the floors agreed."""
    if not standings(page):
        return Note("No floor has been agreed for any outcome.")
    frame = pd.DataFrame(
        [
            {"what": one.title, "changed": one.changed, "before_lower": one.before_lower, "before_upper": one.before_upper,
             "lower": one.lower, "upper": one.upper, "floor": one.floor, "stands": one.stands}
            for one in standings(page)
        ]
    )  # fmt: skip
    for column in ("before_lower", "before_upper", "lower", "upper"):
        frame[column] = pd.to_numeric(frame[column])
    before = standings(page)[0].before_year
    return Table(
        Computed(frame=frame, of=(page.released,), how="released ranges beside the floors agreed"),
        title="Outcomes beside their floors",
        caption=f"{page.period or 'No period is known'}. A floor keeps people safe: it is met where the whole range stands on it, or "
        f"on its better side. {f'Before the start is {before}. ' if before else ''}A floor that was met before the start says nothing of the pilot. {showing.sealed_caption(page)}",
        source=showing.source_words(page, measures=tuple(one.measure for one in standings(page) if one.measure in page.measures)),
        columns={
            "what": "Outcome", "changed": "What the pilot changed",
            "before_lower": Column(name="before_lower", label="Before the start, lower limit", decimals=1),
            "before_upper": Column(name="before_upper", label="Before the start, upper limit", decimals=1),
            "lower": Column(name="lower", label="Lower limit now", decimals=1),
            "upper": Column(name="upper", label="Upper limit now", decimals=1),
            "floor": Column(name="floor", label=f"Floor {page.agreed_or_tried('floor')}", decimals=1), "stands": "How it stands",
        },
        measures=tuple(one.measure for one in standings(page) if one.measure in page.measures),
        declared=(page.period, before, *showing.sealed_numbers(page)),
        id="standings",
    )  # fmt: skip


@section
def what_the_evidence_supports(page: Page) -> Steps:
    """The recommendation, its reasons and what would change it. Members decide."""
    found = recommendation(page)
    steps = [
        headline(found),
        *[f"{one[:1].upper()}{one[1:].rstrip('.')}." for one in found.reasons],
        *[f"What would change this: {one}." for one in found.would_change],
        *[f"{one.rstrip('.')}." for one in found.to_gather],
    ]
    return Steps(steps, title="What the evidence supports", id="supports")


def value_found(page: Page) -> value_words.PilotValue:
    """The value of the attributable outcomes in the report's year, with their one extra cost, as it may be printed."""
    return figures.effects(page).value


@section
def value(page: Page) -> Shows:
    """Outcomes set against cost, for attributable outcomes alone: tables, and what may be said. `pictures.plane` draws it."""
    found = value_found(page)
    if not found.outcomes:
        return Note(f"{NOT_ATTRIBUTABLE} Spend stands beside outcomes instead.")
    says = value_words.sentences(
        found, page.pilot.easy_words, standing=lambda measure: page.sealed.standing(f"floors.{measure}.worth")
    )
    says += [showing.sealed_caption(page)] if page.sealed.changes else []
    if found.cost is not None:
        label = next((one.kind for one in page.pilot.benefits if one.measure == _cost_id(page)), "")
        kind = value_words.LABELS.get(label, "not labelled yet: cashable, non-cashable or avoided")
        says.append(f"Where it costs less, the difference is {kind}.")
    return *value_sections.displays(page, found, _cost_id(page)), Note(" ".join(says))


def _cost_id(page: Page) -> str:
    cost = groups.money_measure(page.measures, page.study.record["measures"])
    return cost.id if cost is not None else ""


@section
def lessons(page: Page) -> Any:
    """What was learnt, and what it applies to (3.4)."""
    rows = [one.model_dump() for one in page.pilot.lessons]
    labels = {"lesson": "Lesson", "learnt_from": "Learnt from", "applies_to": "Applies to"}
    return showing.log(page, rows, title="Lessons for other reviews (3.4)", columns=labels, id="lessons")


def extra_record(page: Page) -> dict[str, Any]:
    return {
        "recommendation": recommendation(page),
        "claims": {one.measure.id: one.claim.rung for one in figures.effects(page).estimates if one.claim},
        **_costs(page),
        "sustained": _what_lasted(page),
        "benefits": tuple(
            f"{one['benefit']}: expected {one['expected']}; realised so far: {one['realised']} {one['compared']}".rstrip()
            for one in promised.benefit_rows(page)
        ),
        "engagement": tuple(f"{one.stage or 'no stage'}, {one.who}: {one.said}" for one in page.pilot.engagement),
        "lessons": tuple(one.lesson for one in page.pilot.lessons),
    }


def _costs(page: Page) -> dict[str, dict[str, Any]]:
    """The cost for each more person that the review gives, or why it gives none, by measure."""
    found, each, why = value_found(page), {}, {}
    for one in found.outcomes:
        if one.printed is not None and one.printed.each is not None:
            each[one.measure.id] = one.printed.each
        else:
            said = one.printed.each_withheld if one.printed is not None else ""
            why[one.measure.id] = one.withheld or said or found.why_no_cost
    return {"cost_each": each, "cost_withheld": why}


def _what_lasted(page: Page) -> tuple[str, ...]:
    """Outcomes that were looked at again later, in words; those not known say so."""
    frame = figures.outcome_frame(page, held).frame if (held := _kept(page)) else pd.DataFrame()
    return tuple(
        f"{row['what']}: "
        + ("not known" if pd.isna(row["value"]) else f"{words.number(row['value'], 1)} {row['unit']}")
        for _, row in frame.iterrows()
    )


def _change(found: Shown, *, fewer: bool) -> dict[str, Any]:
    """The change for the better with its limits, as a verdict is told of them (see `Shown.sides`), and its claim."""
    if found.sides is None:
        return {"rung": found.summary.claim}
    change, lower, upper = found.sides
    ends = (-upper, -lower) if fewer else (lower, upper)
    return {
        "change": -change if fewer else change,
        "change_lower": ends[0],
        "change_upper": ends[1],
        "rung": found.summary.claim,
    }
