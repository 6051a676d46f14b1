"""Nothing in a notebook depends on which cell ran before, save that `open` did: run alone, twice or in order, a cell says the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import commissioning as cm
from commissioning import reports
from commissioning.errors import UsageError
from commissioning.sections import beside_spend, saying
from commissioning.sections.page import page_of

ROOT = Path(__file__).parents[2]
SHARED = {"analyse": "1_analyse", "plan": "2_plan", "do": "3_do", "review": "4_review"}
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}
ACROSS = ("cabinet_summary", "service_reviews")
CASES = {
    **{f"{name} of {pilot}": (f"notebooks/{name}", {"pilot": pilot}) for name in SHARED.values() for pilot in OWN},
    **{f"{name} of {pilot}": (f"pilots/{pilot}/{name}", {}) for pilot, name in OWN.items()},
    "outcomes_and_spend of learning_disability": ("pilots/learning_disability/outcomes_and_spend", {}),
    **{name: (f"notebooks/{name}", {}) for name in ACROSS},
}
IN_SHORT = ("3_do of vcf_funding",)  # the others are for `make soak`


@pytest.mark.parametrize(
    "case", [one if one in IN_SHORT else pytest.param(one, marks=pytest.mark.soak) for one in CASES]
)
def test_every_cell_says_the_same_in_order_twice_and_alone(case, run_cell, opened, worked_out_once):
    name, given = CASES[case]
    notebook = ROOT / f"{name}.ipynb"
    space, cells = opened(notebook, **given)
    assert len(cells) >= 6
    in_order = [run_cell(cell, space) for cell in cells]
    page = page_of(space.get("studies") or space["study"])
    counted = dict(page.shown)
    for cell, said in zip(cells, in_order, strict=True):
        assert run_cell(cell, space) == said, f"run twice: {cell}"
        alone, _ = opened(notebook, **given)
        assert run_cell(cell, alone) == said, f"run alone: {cell}"
    assert dict(page.shown) == counted, "what is shown again is counted once"
    kinds = [one["kind"] for said in in_order for one in said]
    assert "finding" in kinds and "table" in kinds, "the cells compared do say something"


def test_findings_may_be_asked_for_before_anything_is_shown_and_count_as_the_findings_alone(run_cell):
    study = cm.open("vcf_funding")
    space = {"study": study, "saying": saying, "beside_spend": beside_spend}
    shown = run_cell("saying.found_in(beside_spend.outcomes_table(study), beside_spend.spend_table(study))", space)
    assert {one["kind"] for one in shown} == {"finding"} and set(page_of(study).shown) == {"finding"}
    assert [one["sentence"] for one in shown] == [one.sentence for one in page_of(study).findings_shown]


def test_a_section_is_given_the_study_and_says_so_of_anything_else():
    with pytest.raises(UsageError, match=r"outcomes_table: give it the study that cm.open opened, not str"):
        beside_spend.outcomes_table("vcf_funding")
    with pytest.raises(UsageError, match="found_in: give what sections told"):
        saying.found_in()
    with pytest.raises(UsageError, match="found_in: give what sections told"):
        saying.found_in("outcomes_table")


@cache
def review():
    return reports.open("do", pilot="vcf_funding")


def test_a_section_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="no section is called 'monitorin': did you mean monitoring?"):
        review().told("monitorin")
    with pytest.raises(UsageError, match="no section is called '_keep'"):
        review().told("_keep")
