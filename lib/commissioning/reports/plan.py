"""Plan (4.5): gaps, priorities, targets, the theory of change, and what this evaluation could detect."""

from __future__ import annotations

from typing import Any

import pandas as pd

from commissioning.methods import priorities
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed, Text
from commissioning.presentation.table import Table
from commissioning.reports.stage_records import Gap
from commissioning.sections import figures, saying, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import outcomes
from commissioning.study.spend_lines import against_plan

STEPS = ("Inputs", "Processes", "Outputs", "For a person", "For the service", "For the area")


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
    return [
        saying.finding(
            page,
            f"“{one['what']}” stood at {words.number(one['now'], 1)}% in {page.period}, {words.number(abs(one['gap']), 1)} points {side} the floor of "
            f"{words.number(one['floor'], 1)}%.",
            "described",
            Computed(frame=row.assign(apart=row["gap"].abs()), of=(page.released,), how="the widest gap"),
            "gaps",
            measure=str(one["measure"]),
            declared=(page.period,),
        )
    ]


def ranking(page: Page) -> pd.DataFrame | None:
    """Each option's rank under the agreed weights, and its best and worst over all weights."""
    if len(page.pilot.priorities) < 2 or not page.pilot.weights:
        return None
    scores = pd.DataFrame({one.option: one.scores for one in page.pilot.priorities}).T
    return ranked(scores, page.pilot.weights)


@section
def priorities_chart(page: Page) -> Shows:
    """Priorities with their weights, and how stable the order is."""
    frame = ranking(page)
    if frame is None:
        return Note(
            "Fewer than two options have been scored, so nothing is ranked: they are scored in the pilot's settings."
        )
    shown = Computed(
        frame=frame, of=(Text(frame=frame[["option"]], source="pilot.toml"),), how="ranks over all weights"
    )
    first = frame.iloc[0]
    said = priority_finding(page)
    return Told.of(Chart.stability(
        shown,
        columns={"option": "Option", "rank": "Place", "best": "Best place", "worst": "Worst place",
                 "first": Column(name="first", label="First in (% of weights)", decimals=1)},
        title="Priorities, and how firm their order is",
        alt=f"One line for each option, from its best to its worst place. {first['option']} is first with the weights agreed.",
        caption="Place 1 is first. A long line means that the order depends on whose weights are used.",
        source="What the council agreed",
        sources=(showing.agreed_in(page),),
        declared=(1,),
        id="priorities",
    ), found=said)  # fmt: skip


def _evidence_words(page: Page, evidence: str) -> str:
    """Measures that a score rests on, by their titles; other words as they were written."""
    titles = {key.removeprefix(f"{page.pilot.name}_"): one.title for key, one in page.measures.items()}
    return "; ".join(titles.get(one.strip(), showing.named_plainly(one.strip())) for one in evidence.split(","))


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


def priority_finding(page: Page) -> list[Finding]:
    frame = ranking(page)
    if frame is None:
        return []
    # Officers' scores and members' weights are what they told us: recorded, and no comparison of evidence.
    often = frame.sort_values("first", ascending=False, kind="stable").iloc[0]
    ends = frame[frame["option"].isin([frame["option"].iloc[0], often["option"]])]
    one = frame.iloc[0]
    other = (
        ""
        if often["option"] == one["option"]
        else f" “{often['option']}” comes first under {words.number(often['first'], 1)}%."
    )
    return [
        saying.finding(
            page,
            f"With the scores and weights given, “{one['option']}” comes first; it stays first under "
            f"{words.number(one['first'], 1)}% of all possible weights.{other}",
            "recorded",
            Computed(frame=ends, of=(Text(frame=ends[["option"]], source="pilot.toml"),), how="ranks over all weights"),
            "priorities",
            confidence="low" if page.study.sample else "medium",
        )
    ]


@section
def theory_of_change(page: Page) -> Chart:
    """From input to outcome: for a person, for the service, for the area (4.8)."""
    theory = page.pilot.theory
    parts = (theory.inputs, theory.processes, theory.outputs, theory.individual, theory.service, theory.strategic)
    frame = pd.DataFrame(
        [{"stage": step, "says": says} for step, part in zip(STEPS, parts, strict=True) for says in part]
    )
    return Chart.theory(
        Text(frame=frame, source="pilot.toml"),
        title="How the pilot is meant to work",
        alt="Boxes in order from inputs through processes and outputs to outcomes for a person, the service and the area.",
        caption="Read from what is put in to what changes for people (paragraph 4.8). An output is not an outcome.",
        source="The pilot's settings",
        id="theory-of-change",
    )


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
    order = ranking(page)
    return {"gaps": gaps, "priorities": () if order is None else tuple(order["option"])}


def ranked(scores: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """Options by rank with the weights given: option, rank, best, worst, first (% of all weights where it is first).

    `scores` has one row an option and one column a criterion.
    """
    order = priorities.rank(scores, weights)
    held = priorities.stability(scores).frame.reindex(order.index)
    return pd.DataFrame(
        {
            "option": order.index.astype(str),
            "rank": order["place"].to_numpy(),
            "best": held["best_place"].to_numpy(),
            "worst": held["worst_place"].to_numpy(),
            "first": 100 * held["first"].to_numpy(float),
        }
    )
