"""The framework table says what stands: each section is in its notebook, each measure in the catalogue, no drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commissioning import framework
from commissioning.measures import catalogue
from commissioning.reports import annexes, framework_table

ROOT = Path(__file__).resolve().parents[2]
# Paragraphs that the house promised to answer, or to say why not (domain words).
ASKED = (
    *(f"4.{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15)),
    *(f"4.11{letter}" for letter in "abcdefg"),
    *(f"4.13{letter}" for letter in "abcdef"),
    *(f"4.14{letter}" for letter in "abcde"),
    "5.2", "5.3", "5.4", "7.1", "8.1", "9.1", "9.2", "10.1", "11.1", "12.1", "13.1",
    "App. 1", "App. 2 1.2", "App. 2 2.1", *(f"App. 2 2.2{letter}" for letter in "abcde"), "App. 2 2.2f-k",
)  # fmt: skip


def headings(notebook: str) -> set[str]:
    cells = json.loads((ROOT / notebook).read_text(encoding="utf-8"))["cells"]
    lines = [line for one in cells if one["cell_type"] == "markdown" for line in "".join(one["source"]).splitlines()]
    stage = Path(notebook).stem
    chapters = {one.title for one in annexes.of(stage)}  # a notebook shows them in one call
    return chapters | {line.removeprefix("## ").strip() for line in lines if line.startswith("## ")}


@pytest.mark.parametrize("answer", framework_table.ANSWERS, ids=lambda one: one.paragraph)
def test_each_section_named_stands_in_its_notebook(answer):
    for notebook, section in answer.sections:
        assert section in headings(notebook), f"{answer.paragraph}: {notebook} has no section {section!r}"


def test_every_paragraph_that_asks_for_something_has_a_row_and_only_one():
    rows = [one.paragraph for one in framework_table.ANSWERS]
    assert len(set(rows)) == len(rows)
    assert set(ASKED) <= set(rows)
    clauses = (*framework.PRINCIPLES, *framework.CRITERIA, *framework.IMPLICATIONS)
    assert {one.paragraph for one in clauses} <= set(rows)


def test_every_paragraph_that_a_measure_answers_has_a_row():
    rows = {one.paragraph for one in framework_table.ANSWERS}
    for key, one in catalogue().items():
        for paragraph in one.answers:
            assert paragraph in rows or paragraph.rstrip("abcdefgh") in rows or paragraph == "4.14", (key, paragraph)


def test_the_five_implications_and_proportion_each_have_a_measure():
    known = catalogue()
    for paragraph in (*(f"4.14{letter}" for letter in "abcde"), "4.1", "4.6", "4.7", "4.9", "4.11f", "4.13e", "11.1"):
        assert framework_table.measures_for(paragraph, known), paragraph


def test_the_page_is_what_the_code_says():
    page = (ROOT / "docs" / "reference" / "framework.md").read_text(encoding="utf-8")
    assert page == framework_table.page(), (
        "run python -m commissioning.reports.framework_table docs/reference/framework.md"
    )
