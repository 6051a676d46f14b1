"""Nothing in a notebook depends on which cell ran before, save that `open` did: run alone, twice or in order, a cell says the same."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from commissioning import reports
from commissioning.errors import UsageError
from commissioning.presentation.display import Display

ROOT = Path(__file__).parents[2]
SHARED = {"analyse": "1_analyse", "plan": "2_plan", "do": "3_do", "review": "4_review"}
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}
ACROSS = ("cabinet_summary", "service_reviews")
CASES = {
    **{f"{name} of {pilot}": (stage, pilot, f"notebooks/{name}") for stage, name in SHARED.items() for pilot in OWN},
    **{f"{name} of {pilot}": ("pilot", pilot, f"pilots/{pilot}/{name}") for pilot, name in OWN.items()},
    **{name: (name, "learning_disability", f"notebooks/{name}") for name in ACROSS},
}
IN_SHORT = ("3_do of vcf_funding",)  # the others are for `make soak`


def cells_of(notebook: str) -> list[str]:
    """The calls of a notebook after `open`, in order."""
    cells = json.loads((ROOT / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    return [one for one in sources if one.startswith("report.")]


@pytest.fixture
def said(monkeypatch, worked_out_once):
    """said(report, cell) → the records that a cell shows, as text."""
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", lambda *things, **_: shown.extend(things))

    def run(report: object, cell: str) -> str:
        shown.clear()
        last = eval(cell, {"report": report})  # a cell of the project's own notebooks
        found = [*shown, last]
        return json.dumps([one.record for one in found if isinstance(one, Display)], sort_keys=True, default=str)

    return run


@pytest.mark.parametrize(
    "case", [one if one in IN_SHORT else pytest.param(one, marks=pytest.mark.soak) for one in CASES]
)
def test_every_cell_says_the_same_in_order_twice_and_alone(case, said):
    stage, pilot, notebook = CASES[case]
    report = reports.open(stage, pilot=pilot)
    cells = cells_of(notebook)
    assert len(cells) > 15
    in_order = {cell: said(report, cell) for cell in cells}
    counted = dict(report.shown)
    for cell in cells:
        assert said(report, cell) == in_order[cell], f"run twice: {cell}"
        assert said(reports.open(stage, pilot=pilot), cell) == in_order[cell], f"run alone: {cell}"
    assert dict(report.shown) == counted, "what is shown again is counted once"
    found = [said(report, one) for one in cells if one.startswith("report.found_here(")]
    assert sum('"kind": "finding"' in one for one in found) >= 1, "the cells compared do say something"


@cache
def review():
    return reports.open("do", pilot="vcf_funding")


def test_found_here_names_the_sections_that_it_is_of():
    with pytest.raises(UsageError, match="name the sections whose findings stand here"):
        review().found_here()
    with pytest.raises(UsageError, match="no section is called 'monitorin': did you mean monitoring?"):
        review().found_here("monitorin")
    with pytest.raises(UsageError, match="no section is called '_keep'"):
        review().found_here("_keep")


def test_asking_what_a_section_found_shows_and_counts_nothing_of_it(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *things: shown.extend(things))
    report = reports.open("do", pilot="vcf_funding")
    shown.append(report.found_here("outcomes_table", "spend_table"))
    assert {one.kind for one in shown} == {"finding"} and set(report.shown) == {"finding"}
    assert not report.lacks and {one.sentence for one in report.findings_shown} == {
        one.record["sentence"] for one in shown
    }
