"""What is planned: priorities under all weights, and how the pilot is meant to work."""

from __future__ import annotations

import pandas as pd

from commissioning.methods import priorities as by_weights
from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed, Text
from commissioning.sections import saying, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.sections.pictures import by_year

STEPS = ("Inputs", "Processes", "Outputs", "For a person", "For the service", "For the area")
PLACES = {"option": "Option", "rank": "Place", "best": "Best place", "worst": "Worst place"}


def ranking(page: Page) -> pd.DataFrame | None:
    """Each option's rank under the agreed weights, and its best and worst over all weights."""
    if len(page.pilot.priorities) < 2 or not page.pilot.weights:
        return None
    return ranked(pd.DataFrame({one.option: one.scores for one in page.pilot.priorities}).T, page.pilot.weights)


def ranked(scores: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """Options by rank with the weights given: option, rank, best, worst, first (% of all weights where it is first).

    `scores` has one row an option and one column a criterion.
    """
    order = by_weights.rank(scores, weights)
    held = by_weights.stability(scores).frame.reindex(order.index)
    return pd.DataFrame({
        "option": order.index.astype(str), "rank": order["place"].to_numpy(), "best": held["best_place"].to_numpy(),
        "worst": held["worst_place"].to_numpy(), "first": 100 * held["first"].to_numpy(float),
    })  # fmt: skip


@section
def priorities(page: Page) -> Shows:
    """Priorities with the weights agreed, and how far each one's place moves under all others."""
    frame = ranking(page)
    if frame is None:
        why = Note("Fewer than two options have been scored, so nothing is ranked.")
        return Told.of(by_year.in_place_of(page, why))  # a plan begins with where things stand
    first, often = frame.iloc[0], frame.sort_values("first", ascending=False, kind="stable").iloc[0]
    share = f"{words.number(often['first'], 1)}% of all weights"
    under = (
        f"and under {share}"
        if often["option"] == first["option"]
        else f"and “{often['option']}” more often than any other under all ({share})"
    )
    chart = Chart.stability(
        Computed(frame=frame, of=(Text(frame=frame[["option"]], source="pilot.toml"),), how="ranks over all weights"),
        columns=PLACES | {"first": Column(name="first", label="First in (% of weights)", decimals=1)},
        title=f"“{first['option']}” comes first with the weights agreed, {under}",
        alt=f"One line for each option, from its best to its worst place. {first['option']} is first with the weights agreed.",
        caption="Place 1 is first. A long line means that the order depends on whose weights are used.",
        source="What the council agreed",
        sources=(showing.agreed_in(page),),
        declared=(1,),
        id="priorities",
    )
    return Told.of(chart, found=priority_finding(page))


def priority_finding(page: Page) -> list[Finding]:
    """Which option comes first, and under how many of all weights; nothing where none is ranked."""
    frame = ranking(page)
    if frame is None:
        return []
    # Officers' scores and members' weights are what they told us: recorded, and no comparison of evidence.
    often = frame.sort_values("first", ascending=False, kind="stable").iloc[0]
    ends = frame[frame["option"].isin([frame["option"].iloc[0], often["option"]])]
    one = frame.iloc[0]
    same = often["option"] == one["option"]
    other = "" if same else f" “{often['option']}” comes first under {words.number(often['first'], 1)}%."
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
def theory(page: Page) -> Chart:
    """From input to outcome: for a person, for the service, for the area (4.8)."""
    of = page.pilot.theory
    parts = (of.inputs, of.processes, of.outputs, of.individual, of.service, of.strategic)
    frame = pd.DataFrame(
        [{"stage": step, "says": says} for step, part in zip(STEPS, parts, strict=True) for says in part]
    )
    return Chart.theory(
        Text(frame=frame, source="pilot.toml"),
        title="How the pilot is meant to work, from what is put in to what changes for people",
        alt="Boxes in order from inputs through processes and outputs to outcomes for a person, the service and the area.",
        caption="Read from what is put in to what changes for people (paragraph 4.8). An output is not an outcome.",
        source="The pilot's settings",
        id="theory-of-change",
    )
