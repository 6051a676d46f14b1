"""Plan (4.5): gaps, priorities, targets, the theory of change, and what this evaluation could detect."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.presentation.table import Table
from commissioning.reports.stage_records import Gap
from commissioning.sections import figures, levels, saying, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import plans
from commissioning.study import outcomes
from commissioning.study.spend_lines import against_plan


def gap_frame(page: Page) -> pd.DataFrame:
    """What is wanted (the floor agreed) beside what there is, one row a floor."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = outcomes.scaled(rows[rows["period"] == page.period], page.measures).drop_duplicates("measure")
    now = rows.set_index("measure")["value"]
    out = []
    for floor in page.pilot.floors:
        value = now.get(floor.measure)
        known = value is not None and not pd.isna(value)
        out.append(
            {
                "measure": floor.measure,
                "what": page.measures[floor.measure].title if floor.measure in page.measures else floor.measure,
                "now": float(value) if known else None,
                "floor": floor.floor,
                "gap": float(value) - floor.floor if known else None,
                "worthwhile": floor.worthwhile_change,
                "agreed_with": floor.agreed_with,
            }
        )
    columns = ["measure", "what", "now", "floor", "gap", "worthwhile", "agreed_with"]
    frame = pd.DataFrame(out, columns=columns)
    for column in ("now", "gap"):
        frame[column] = pd.to_numeric(frame[column])
    return frame


@section
def gaps(page: Page) -> Shows:
    """Gaps between what is wanted and what there is."""
    frame = gap_frame(page)
    if frame.empty:
        return Note(
            "No floor has been agreed for any outcome, so no gap can be shown: agree them with people who use the service."
        )
    known = [key for key in frame["measure"] if key in page.measures]
    said = gap_finding(page)
    return Told.of(Table(
        Computed(frame=frame, of=(page.released,), how="released value less the floor agreed"),
        title="What is wanted, and what there is",
        caption=f"{page.period}. {showing.sealed_caption(page)}",
        source=showing.source_words(page, measures=tuple(known)),
        columns={
            "what": "Outcome", "now": Column(name="now", label="Now", decimals=1),
            "floor": Column(name="floor", label="Floor agreed", decimals=1),
            "gap": Column(name="gap", label="Above or below the floor", decimals=1),
            "worthwhile": Column(name="worthwhile", label="Smallest change worth having", decimals=1),
            "agreed_with": "Agreed with",
        },
        measures=tuple(known),
        declared=(page.period, *showing.sealed_numbers(page)),
        id="gaps",
    ), found=said)  # fmt: skip


@section
def wanted_needed_affordable(page: Page) -> Any:
    """What is wanted, what is needed and what can be afforded, side by side (4.5): each with who said so."""
    rows = [
        {
            "kind": "Wanted",
            "what": one["what"],
            "gap": "not known"
            if pd.isna(one["gap"])
            else f"{words.number(abs(one['gap']), 1)} {'above' if one['gap'] >= 0 else 'below'} the floor agreed",
            "by": one["agreed_with"],
        }
        for _, one in gap_frame(page).iterrows()
    ]
    rows += [
        {"kind": "Needed", "what": one.need, "gap": "people not counted" if one.people is None else f"{one.people:,} people",
         "by": one.identified_by}
        for one in page.pilot.needs
    ]  # fmt: skip
    decision = page.pilot.decision
    beside = against_plan(figures.spend(page).frame, decision.planned_spend, decision.planned_line)
    if len(beside) and not page.group:
        last = beside.iloc[-1]
        over = int(last["spent_pence"] - last["planned_pence"])
        gap = f"{words.money_rounded(abs(over))} {'above' if over > 0 else 'within'} the plan of {last['year']}"
        rows.append({"kind": "Affordable", "what": last["what"], "gap": gap, "by": "The spending plan"})
    else:
        rows.append(
            {"kind": "Affordable", "what": "Spend", "gap": "not judged: no plan of it is here", "by": "nobody yet"}
        )
    if not page.pilot.needs:
        rows.append({"kind": "Needed", "what": "No need is written down apart from who uses the service", "gap": "not known", "by": "nobody yet"})  # fmt: skip
    labels = {"kind": "Gap", "what": "What", "gap": "How far", "by": "Who said so"}
    return showing.log(page, rows, title="Wanted, needed and affordable", columns=labels, id="wanted-needed-affordable")


def gap_finding(page: Page) -> list[Finding]:
    frame = gap_frame(page).dropna(subset=["gap"])
    if frame.empty:
        return []
    row = frame.sort_values("gap").iloc[[0]]
    one = row.iloc[0]
    side = "below" if one["gap"] < 0 else "above"
    measure, level = page.measures[str(one["measure"])], f"{words.number(one['now'], 1)}%"
    return [
        saying.finding(
            page,
            f"In {page.period}, {levels.clause(measure, level)}, {words.number(abs(one['gap']), 1)} points {side} the floor of "
            f"{words.number(one['floor'], 1)}%.",
            "described",
            Computed(frame=row.assign(apart=row["gap"].abs()), of=(page.released,), how="the widest gap"),
            "gaps",
            measure=str(one["measure"]),
            declared=(page.period, levels.clause(measure, "")),
        )
    ]


def _evidence_words(page: Page, evidence: str) -> str:
    """Measures that a score rests on, by their titles; other words as they were written."""
    said = []
    for name in (one.strip() for one in evidence.split(",")):
        measure = page.measures.get(f"{page.pilot.name}_{name}") or page.measures.get(name)
        said.append(measure.title if measure else showing.named_plainly(name))
    return "; ".join(said)


@section
def priority_scores(page: Page) -> Any:
    """Who scored each option, and on what evidence."""
    rows = [
        {"option": one.option, "scores": "; ".join(f"{k} {v:g}" for k, v in one.scores.items()),
         "scored_by": one.scored_by, "evidence": _evidence_words(page, one.evidence)}
        for one in page.pilot.priorities
    ]  # fmt: skip
    labels = {"option": "Option", "scores": "Scores (0 to 5)", "scored_by": "Scored by", "evidence": "Evidence"}
    return showing.log(page, rows, title="How each option was scored", columns=labels, id="priority-scores")


@section
def targets(page: Page) -> Any:
    """Expected benefits with their owners and dates (4.15)."""
    rows = [
        {"benefit": page.measures[one.measure].title if one.measure in page.measures else one.measure, "kind": "floor",
         "expected": f"the whole range at {one.floor:g} or {'below' if _fewer(page, one.measure) else 'above'}",
         "owner": one.agreed_with, "due": f"each period, agreed {one.agreed_on}"}
        for one in page.pilot.floors
    ]  # fmt: skip
    rows += [one.model_dump() for one in page.pilot.benefits]
    labels = {"benefit": "Benefit or floor", "kind": "Kind", "expected": "Expected", "owner": "Owner", "due": "Due"}
    return showing.log(
        page, rows, title="Floors agreed and benefits expected (4.15)", columns=labels, id="benefits-expected"
    )


def _fewer(page: Page, measure: str) -> bool:
    return measure in page.measures and page.measures[measure].better == "lower"


def extra_record(page: Page) -> dict[str, Any]:
    frame = gap_frame(page)
    gaps = tuple(
        Gap(
            measure=row.measure,
            period=page.period,
            now=None if pd.isna(row.now) else round(float(row.now), 4),
            wanted=float(row.floor),
            gap=None if pd.isna(row.gap) else round(float(row.gap), 4),
        )
        for row in frame.itertuples()
    )
    order = plans.ranking(page)
    return {"gaps": gaps, "priorities": () if order is None else tuple(order["option"])}
