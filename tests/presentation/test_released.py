"""Figures that really came through disclosure control, shown as charts, tables and pictures."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.errors import NotReleased
from commissioning.presentation import columns
from commissioning.presentation.chart import Chart
from commissioning.presentation.easy_read import people
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed, frame_of
from commissioning.presentation.table import Table

COLUMNS = [
    "measure", "pilot", "area", "group_kind", "group", "period", "numerator", "denominator", "unknown", "not_applicable",
    "people", "status", "public",
]  # fmt: skip


@pytest.fixture(scope="module")
def results():
    parts = {"ward a": (40, 100), "ward b": (3, 60), "ward c": (52, 90), "ward d": (33, 80)}
    rows = [("all", "all", sum(n for n, _ in parts.values()), sum(d for _, d in parts.values()))]
    rows += [("ward", name, n, d) for name, (n, d) in parts.items()]
    return pd.DataFrame(
        [
            ("made_up_goal_met", "made_up", "E08000015", k, g, "2014-15", n, d, 0, 0, d, "known", False)
            for k, g, n, d in rows
        ],
        columns=COLUMNS,
    )


@pytest.fixture(scope="module")
def released(results):
    return disclosure.release(results, None)


WORDS = {
    "title": "Goals met by ward", "alt": "Wards differ in the share of goals met, and one ward is not shown.",
    "caption": "Share of goals met.", "source": "Council extract", "measures": ("made_up_goal_met",),
}  # fmt: skip


def test_results_that_were_not_released_are_refused(results):
    with pytest.raises(NotReleased):
        Table(results, title="T", caption="C", source="S")
    with pytest.raises(NotReleased):
        Computed(frame=results, of=(results,), how="x")


def test_released_figures_are_let_in_as_released(released):
    assert frame_of(released)[1] == "released"
    wards = released.select(group_kind="ward")
    assert Chart.bars(wards, lower="lower", upper="upper", **WORDS).record["through"] == "released"
    assert Table(wards, title="T", caption="Goals met.", source="S", measures=("made_up_goal_met",))


def test_a_suppressed_cell_is_never_shown_as_zero(released):
    wards = released.select(group_kind="ward")
    figures = wards.figures
    assert figures["hidden"].any(), "this example must hide something"
    chart = Chart.bars(wards, **WORDS)
    places = [column["name"] for column in chart.record["data"]["columns"]]
    for row, hidden in zip(chart.record["data"]["rows"], figures["hidden"], strict=True):
        value = row[places.index("value")]
        assert isinstance(value, str) and value.startswith("hidden") if hidden else isinstance(value, (int, float))
    assert "hidden" in columns.to_csv(chart.record["data"]) and "hidden" in chart.svg(True)


def test_a_finding_may_use_a_released_number_and_not_the_number_behind_it(released, results):
    total = released.select(group_kind="all")
    row = total.figures.iloc[0]
    assert Finding(
        f"{int(row['numerator'])} of {int(row['denominator'])} reviews met the goal.", "described", "high", total, "f"
    )
    behind = int(results.iloc[0]["numerator"])
    if behind != int(row["numerator"]):
        with pytest.raises(ValueError, match=str(behind)):
            Finding(f"{behind} reviews met the goal.", "described", "high", total, "f")


def test_a_pictogram_is_made_from_the_released_counts(released):
    row = released.select(group_kind="all").figures.iloc[0]
    made = people(released.select(group_kind="all"))
    assert made.count == round(int(row["numerator"]) / int(row["denominator"]) * made.of)


def test_columns_that_only_disclosure_needs_stand_in_no_table(released):
    shown = {
        column["name"]
        for column in Table(released, title="T", caption="C.", source="S", measures=("m_x",)).record["data"]["columns"]
    }
    assert shown.isdisjoint({"hidden", "why_hidden", "rounded", "adds_up", "pilot", "public"})
