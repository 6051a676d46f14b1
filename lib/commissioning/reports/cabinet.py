"""Cabinet summary: every pilot on a page, the seven principles, and what other reviews can learn.

Unlike outcomes are never added. Money that belongs to two pilots is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from commissioning.disclosure import Released
from commissioning.evidence.published import selections
from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports import carried_over, closing, seven_principles, stage_records
from commissioning.reports.verdict_words import words_of
from commissioning.sections import figures, findings, pictures, registers, saying, showing, together
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import figure_states, spend_lines
from commissioning.study.spend_lines import PROMISED

NOT_REVIEWED = "not reviewed yet"


def of_all(page: Page) -> tuple[Released, ...]:
    """Released figures of every pilot, for tables that show them side by side."""
    return tuple(one.released for one in page.services.values())


def _review(page: Page, name: str) -> stage_records.StageRecord | None:
    """The record of a pilot's review; None where it has not been run."""
    return carried_over.not_later(page, stage_records.read("review", name, carried_over.record_folders(page)))


def _put_down(page: Page, name: str) -> list[stage_records.FindingRecord]:
    """The changes that a pilot's review puts down to it, as it says them."""
    record = _review(page, name)
    told = [one for one in record.findings if one.claim == "attributable" and one.measure] if record else []
    return list({one.measure: one for one in reversed(told)}.values())[::-1]


@section
def outcomes_and_spend(page: Page) -> Shows:
    """An outcome and what was spent, year by year, of every pilot: unlike ones, each on its own."""
    return saying.side_by_side(Told.of([Told.of(pictures.outcomes_and_spend(one)) for one in page.services.values()]))


@section
def side_by_side(page: Page) -> Shows:
    """Primary outcomes of every pilot, each in its own unit, with its claim."""
    said: list[Finding] = []
    for one in findings.known_outcomes(page):
        one.record["evidence"] = "side-by-side"
        said += [one]
    for service in page.services.values():
        said += together.found(service, most=1, evidence="side-by-side")
    rows = []
    for name, service in page.services.items():
        record = _review(page, name)
        claims = record.claims if record else {}
        frame = figures.outcome_frame(service, figures.primary(service) or service.outcome_measures).frame
        ids = list(figures.primary(service) or service.outcome_measures)
        for key, (_, row) in zip(ids, frame.iterrows(), strict=True):
            rows.append(
                {"pilot": service.pilot.title, "what": row["what"], "period": service.period,
                 **{one: row[one] for one in ("value", "lower", "upper", "unit", "note")},
                 "claim": claims.get(key, "no change estimated" if record else "not reviewed yet")}
            )  # fmt: skip
    shown = [
        key for service in page.services.values() for key in (figures.primary(service) or service.outcome_measures)
    ]
    return Told.of(Table(
        Computed(frame=pd.DataFrame(rows), of=of_all(page), how="primary outcomes of every pilot"),
        title="Outcomes of every pilot, side by side",
        caption="Unlike outcomes stand in one table and are never added. Each value is described; a claim is made on a change alone.",
        source=showing.source_words(page, measures=tuple(shown)),
        columns={
            "pilot": "Pilot", "what": "Outcome", "period": "Period", "value": "Value", "lower": "Lower limit",
            "upper": "Upper limit", "unit": "Unit", "claim": "Claim on its change", "note": "Note",
        },
        measures=tuple(shown),
        keys=2,
        id="side-by-side",
    ), found=said)  # fmt: skip


@section
def spend_of_all(page: Page) -> Shows:
    """Spend of every pilot; a line that belongs to two is counted once and says so."""
    parts = [
        figures.spend(one).frame.assign(pilot=one.pilot.title)
        for one in page.services.values()
        if len(figures.spend(one).frame)
    ]
    if not parts:
        return showing.needs_extract(page, "area_spend", "payments", for_what="Spend of every pilot")
    frame = pd.concat(parts, ignore_index=True)
    twice = frame.groupby(["year", "what", "basis"])["pilot"].transform("size") > 1
    frame["pilot"] = frame["pilot"].where(~twice, "Both pilots, counted once")
    frame = frame.drop_duplicates(["year", "what", "basis", "pilot"], ignore_index=True)
    base = page.pilot.price_base
    return Table(
        Computed(frame=frame, of=of_all(page), how="spend lines of every pilot"),
        title="Spend of every pilot",
        caption=f"Lines differ in basis and perspective, so there is no total. Real terms in {base} prices.",
        source=showing.source_words(page, 'area_spend', 'payments', 'packages', 'grants'),
        columns={
            "pilot": "Pilot", "year": "Year", "what": "What", "basis": "Basis", "perspective": "Whose money",
            "pence": Column(name="pence", label="Cash (£)", kind="pence"),
            "real_pence": Column(name="real_pence", label=f"{base} prices (£)", kind="pence"),
        },
        sources=showing.sources_of(page, "area_spend", "payments", "packages", "grants"),
        declared=(base,),
        keys=3,
        id="spend-of-all",
    )  # fmt: skip


@section
def grants_once(page: Page) -> Shows:
    """Grants to voluntary organisations within adult social care belong to both pilots: counted once here."""
    for service in page.services.values():
        spend = service.study.published("area_spend")
        if spend.empty:
            continue
        for year in sorted(spend["year"].dropna().unique()):
            whole = selections.grants_to_voluntary(spend, area=service.study.area, year=year)
            part = selections.grants_to_voluntary(
                spend, area=service.study.area, year=year, support_reason="learning disability"
            )
            if whole is not None and part is not None:
                return Note(
                    f"In {year} the council gave {words.money(whole)} in grants to voluntary organisations within adult "
                    f"social care, {words.money(part)} of it for learning disability. That part belongs to both pilots and "
                    "is counted once here."
                )
    return showing.needs_extract(page, "area_spend", for_what="Which grants belong to both pilots")


@section
def supports(page: Page) -> Log | Note:
    """What the evidence supports for each pilot, from its review, with what bars a decision. Members decide."""
    rows = [
        {
            "pilot": service.pilot.title,
            "says": words_of(record.recommendation) if record.recommendation else NOT_REVIEWED,
        }
        if (record := _review(page, name))
        else {"pilot": service.pilot.title, "says": NOT_REVIEWED}
        for name, service in page.services.items()
    ]
    labels = {"pilot": "Pilot", "says": "The evidence supports"}
    return showing.log(page, rows, title="What the evidence supports; members decide", columns=labels, id="supports")


@section
def reasons(page: Page) -> Log | Note:
    """What changed in each pilot, why the evidence supports what it does, and what would change that."""
    rows = []
    for name, service in page.services.items():
        record = _review(page, name)
        found = record.recommendation if record else None
        rows.append(
            {"pilot": service.pilot.title, "changed": with_checks_once(_put_down(page, name)) or "No change may be put down to it",
             "because": " ".join(f"{one}." for one in found.reasons), "change": " ".join(f"{one}." for one in found.would_change)}
            if found
            else {"pilot": service.pilot.title, "because": NOT_REVIEWED}
        )  # fmt: skip
    labels = {"pilot": "Pilot", "changed": "What changed", "because": "Because", "change": "What would change it"}
    return showing.log(page, rows, title="Why the evidence supports it", columns=labels, id="reasons")


@section
def balance(page: Page) -> Log:
    """Value for money and public value side by side, and how they were weighed (Appendix 2, 2.2b)."""
    rows = []
    for name, service in page.services.items():
        record = _review(page, name)
        own_words = figures.own_words(service)
        known = int(own_words["value"].notna().sum())
        weighed = [f"{one.says} ({one.by}, {one.on})" for one in service.pilot.balance]
        rows.append(
            {
                "pilot": service.pilot.title,
                "money": _cost_words(page, record, service),
                "public": f"{known} of {len(own_words)} outcomes in which people speak for themselves are known"
                if len(own_words)
                else "No outcome in which people speak for themselves is held",
                "balance": "; ".join(weighed) or "Nobody has written how the two were weighed",
            }
        )
    labels = {
        "pilot": "Pilot",
        "money": "Value for money",
        "public": "Public value: what people said",
        "balance": "How they were weighed",
    }
    return Log(rows, title="Value for money and public value (Appendix 2, 2.2b)", columns=labels, id="balance")


def _cost_words(page: Page, record: stage_records.StageRecord | None, service: Page) -> str:
    """What the review says each more person cost, or why it says nothing; never more than the review."""
    if record is None:
        return "Not reviewed yet"

    def title(key: str) -> str:
        return service.measures[key].title if key in service.measures else key

    parts = [
        f"{title(key)}: about £{pounds:,.0f} in cash for each more person" for key, pounds in record.cost_each.items()
    ]
    if len(record.cost_each) > 1:
        parts.append("each is set against the whole of one shared cost, so these are never added up")
    parts += [f"{title(key)}: {why.rstrip('.')}" for key, why in record.cost_withheld.items()]
    return "; ".join(parts) or "No change may be put down to it, so no cost for each outcome is worked out"


@section
def investment(page: Page) -> Table | Note:
    """Each pilot's own spend of its last year as an investment: what it is meant as, and its result (2.2c)."""
    parts = []
    for name, service in page.services.items():
        lines = figures.spend(service).frame
        of_own = {one.called: one for one in service.pilot.own_spend.values()}
        lines = spend_lines.beside_outcomes(lines)
        lines = lines[lines["what"].isin(list(of_own)) & (lines["table"] != PROMISED)]
        if lines.empty:
            continue
        lines = lines[lines["year"] == lines["year"].max()]
        put_down = with_checks_once(_put_down(page, name))
        parts.append(
            lines.assign(
                pilot=service.pilot.title,
                meant_as=[of_own[one].meant_as for one in lines["what"]],
                said_by=[of_own[one].said_by or "nobody yet" for one in lines["what"]],
                result=put_down or "No change may be put down to it: spend known, outcome described only",
            )
        )
    if not parts:
        return Note("No pilot's settings say what its own spend is meant as, so none is told apart.")
    frame = pd.concat(parts, ignore_index=True)
    return Table(
        Computed(frame=frame, of=of_all(page), how="own spend of every pilot, with what it is meant as"),
        title="Spend as an investment (Appendix 2, 2.2c)",
        caption="Prevention is told apart from the consequence of what was not prevented. Results stand beside spend, and no "
        "return is worked out.",
        source=showing.source_words(page, "payments", "packages", "grants"),
        columns={
            "pilot": "Pilot", "year": "Year", "what": "Spend", "pence": Column(name="pence", label="Cash (£)", kind="pence"),
            "meant_as": "Meant as", "said_by": "Who says so", "result": "Result",
        },
        sources=showing.sources_of(page, "payments", "packages", "grants"),
        declared=("2.2",),
        keys=3,
        id="investment",
    )  # fmt: skip


@section
def principles(page: Page) -> Log | Note:
    """The seven principles (4.11 a to g), each with the evidence that the pilots give or lack."""
    rows = seven_principles.rows(list(page.services.values()))
    labels = {"principle": "Principle", "gives": "Evidence that the pilots give", "lacks": "Evidence that they lack"}
    return showing.log(page, rows, title="The seven principles", columns=labels, id="principles")


@section
def corporate_plan(page: Page) -> Shows:
    """Each outcome of each pilot under a Corporate Plan priority, or that nobody has mapped it (4.11g)."""
    rows = [
        {"pilot": one.pilot.title, **row} for one in page.services.values() for row in registers.plan_priorities(one)
    ]
    lacks = registers.unmapped(rows)
    labels = {"pilot": "Pilot", "outcome": "Outcome", "priority": "Corporate Plan priority"}
    return Told.of(
        showing.log(page, rows, title="Outcomes under the Corporate Plan (4.11g)", columns=labels, id="corporate-plan"),
        lacks=lacks,
    )


@section
def collaborations(page: Page) -> Log | Note:
    """What each pilot tried with others, and who carries the risk (4.11e)."""
    rows = [
        {"pilot": service.pilot.title, **one.model_dump(mode="json")}
        for service in page.services.values()
        for one in service.pilot.collaboration
    ]
    labels = {"pilot": "Pilot", **registers.COLLABORATION}
    return showing.log(page, rows, title="Working with others (4.11e)", columns=labels, id="collaboration")


@section
def resource_changes(page: Page) -> Log | Note:
    """Changes of rules, money and staff that any pilot brought (9.1, 9.2, 13.1)."""
    rows = [
        {"pilot": service.pilot.title, **row}
        for service in page.services.values()
        for row in registers.resource_rows(service)
    ]
    labels = {"pilot": "Pilot", **registers.RESOURCE_LABELS}
    return showing.log(
        page, rows, title="Rules, money and staff (9.1, 9.2, 13.1)", columns=labels, id="resource-changes"
    )


@section
def lessons(page: Page) -> Log | Note:
    """Lessons of every pilot for other reviews (3.4)."""
    rows = [
        {"pilot": service.pilot.title, **one.model_dump()}
        for service in page.services.values()
        for one in service.pilot.lessons
    ]
    labels = {"pilot": "Pilot", "lesson": "Lesson", "learnt_from": "Learnt from", "applies_to": "Applies to"}
    return showing.log(page, rows, title="Lessons for other reviews (3.4)", columns=labels, id="lessons")


def of_every_pilot(page: Page, whole: dict[str, Any]) -> dict[str, Any]:
    """The machine-readable result, with what every pilot's own says."""
    whole["pilot"] = ""
    each = {name: closing.as_json(one) for name, one in page.services.items()}
    named = ("area", "period", "illustrative", "fingerprint")
    whole["pilots"] = {name: {key: one[key] for key in named} for name, one in each.items()}
    whole["figures"] = [row for one in each.values() for row in one["figures"] if row["group_kind"] == "all"]
    whole["states"] = figure_states.of_parts([one.study.states for one in page.services.values()], whole["figures"])
    whole["published_versions"] = {
        name: held for one in each.values() for name, held in one["published_versions"].items()
    }
    whole["spend"] = [row for one in each.values() for row in one["spend"]]
    whole["partitions_read"] = sorted({part for one in each.values() for part in one["partitions_read"]})
    return whole


def with_checks_once(found: Iterable[stage_records.FindingRecord]) -> str:
    """Sentences one after another, and what stands beside their checks (sealed or not) once for all that share it."""
    found = list(found)
    return " ".join(dict.fromkeys([*(one.sentence for one in found), *(one.checks for one in found if one.checks)]))
