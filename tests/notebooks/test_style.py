"""Notebooks stay thin: they call the library, arrange, and explain."""

import ast
import re

import nbformat
import pytest

from commissioning import pilot as pilots

ROOT = pilots.home()
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("pilots/*/*.ipynb")])
LINES = 12


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(params=NOTEBOOKS, ids=name)
def cells(request):
    return nbformat.read(request.param, as_version=4).cells


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def parameters(cells):
    return [cell for cell in code(cells) if "parameters" in cell.metadata.get("tags", [])]


def is_annex(cells):
    return cells[0].source.startswith("# Annex: ")


def headings(cells):
    """(level, text) of each heading of the prose, code blocks aside."""
    prose = "\n".join(re.sub(r"```.*?```", "", c.source, flags=re.S) for c in cells if c.cell_type == "markdown")
    return [(len(marks), text) for marks, text in re.findall(r"^(#+) (.+)$", prose, re.M)]


def test_there_are_notebooks_for_the_four_stages_the_cabinet_and_both_pilots():
    assert {name(one) for one in NOTEBOOKS} >= {
        "notebooks/1_analyse.ipynb",
        "notebooks/2_plan.ipynb",
        "notebooks/3_do.ipynb",
        "notebooks/4_review.ipynb",
        "notebooks/annex.ipynb",
        "notebooks/cabinet_summary.ipynb",
        "pilots/learning_disability/implications.ipynb",
        "pilots/vcf_funding/funding.ipynb",
    }


def test_a_notebook_has_one_title_and_begins_with_it(cells):
    assert [text for level, text in headings(cells) if level == 1] == [
        cells[0].source.splitlines()[0].removeprefix("# ")
    ]


def test_a_notebook_opens_with_what_it_answers_and_for_whom(cells):
    assert cells[0].cell_type == "markdown"
    assert re.search(r"^\*\*Answers:\*\* \S.{20,}", cells[0].source, re.M)
    assert re.search(r"^\*\*For:\*\* \S.{10,}", cells[0].source, re.M)


def test_headings_go_down_one_level_at_a_time(cells):
    levels = [level for level, _ in headings(cells)]
    assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False))


def test_there_is_one_cell_of_parameters_before_any_other_code(cells):
    assert parameters(cells) == code(cells)[:1]


def test_each_parameter_has_a_type_a_plain_value_and_a_comment(cells):
    (cell,) = parameters(cells)
    for line in cell.source.splitlines():
        if line.startswith("#"):
            continue
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.AnnAssign), line
        assert isinstance(statement.value, ast.Constant), f"derived in the library, never here: {line}"
        assert re.search(r"  # \S.{10,}$", line), line


def test_no_notebook_defines_a_function_or_a_class(cells):
    for cell in code(cells):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)), cell.source


def test_no_cell_is_longer_than_twelve_lines(cells):
    assert max(len(cell.source.splitlines()) for cell in code(cells)) <= LINES


def test_prose_stands_between_each_heading_and_the_first_thing_shown_below_it(cells):
    for above, below in zip(cells, cells[1:], strict=False):
        if (
            above.cell_type == "markdown"
            and below.cell_type == "code"
            and "parameters" not in below.metadata.get("tags", [])
        ):
            prose = [line for line in above.source.splitlines() if line.strip() and not line.startswith("#")]
            assert prose, f"only a heading stands before: {below.source}"


FOUND = "saying.found_in("
IN_SHORT = "saying.in_short("  # findings, and what they rest on one click away
ANSWER, ANNEX = "cm.answer(", "cm.annex("


def test_nothing_is_shown_twice(cells):
    # Sections may each end in their own findings.
    sources = [cell.source for cell in code(cells) if not cell.source.startswith(FOUND)]
    assert len(sources) == len(set(sources))


IN_WORDS = (
    "For scrutiny", "Is it changing", "The answer", "Carried over", "Quality of providers", "Has the need", "A business case", "How it is meant to work", "Several services",
    "Targets", "Who was asked", "What was done", "Early warnings", "Value", "What the evidence supports", "Benefits, engagement",
    "Rules, money and staff", "Spend as an investment", "The seven principles", "Outcomes under the Corporate Plan", "Working with others",
    "Lessons", "Ten years", "Options", "What is shared", "Data quality", "What this cannot tell", "Methods", "Quality assurance",
    "Definitions", "Glossary", "About this report",
)  # fmt: skip
"""Sections of registers and words, and those whose display says its findings itself."""


def test_each_section_with_figures_ends_in_its_findings(cells):
    sections: dict[str, list[str]] = {}
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = cell.source.splitlines()[0][3:]
            sections[heading] = []
        elif cell.cell_type == "code" and sections and not cell.source.startswith(ANNEX):
            sections[heading].append(cell.source)
    figures = {name: held for name, held in sections.items() if not name.startswith(IN_WORDS)}
    assert figures or is_annex(cells)
    pictured = ("pictures.", "cabinet.outcomes_and_spend(")  # a title that says what happened is the finding
    without = [
        name for name, held in figures.items() if not any(one.startswith((FOUND, IN_SHORT, *pictured)) for one in held)
    ]
    assert without == []


def test_the_findings_at_the_end_of_a_section_are_of_sections_shown_above(cells):
    shown = set()
    for cell in code(cells):
        last = ast.parse(cell.source).body[-1]
        if not isinstance(last, ast.Expr):
            continue
        if cell.source.startswith(f"{FOUND}own_words."):
            continue  # what people said for themselves is sentences alone, beside the answer
        if cell.source.startswith(FOUND):
            named = {ast.unparse(one) for one in last.value.args}
            assert named and named <= shown, cell.source
        else:
            shown.add(ast.unparse(last.value))


def test_each_cell_that_shows_something_has_prose_before_it(cells):
    # Findings are sentences themselves, and the annex brings its own headings.
    for above, below in zip(cells, cells[1:], strict=False):
        if below.cell_type == "code" and not below.source.startswith(
            (FOUND, ANNEX, "# What this report is told", "import")
        ):
            assert above.cell_type == "markdown", below.source


def test_a_notebook_imports_nothing_but_the_library(cells):
    for cell in code(cells):
        for node in ast.walk(ast.parse(cell.source)):
            found = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(one.split(".")[0] == "commissioning" for one in found), cell.source


def test_a_notebook_opens_a_study_answers_first_and_ends_with_the_annex_of_the_same_stage(cells):
    if is_annex(cells):
        assert code(cells)[-1].source == 'cm.annex(study, stage="annex")'
        return
    _, opened, first, *_, last = code(cells)
    assert re.search(r"^(study = cm\.open|studies = cm\.open_all)\(", opened.source, re.M)
    assert first.source.startswith(ANSWER)
    assert last.source == first.source.replace(ANSWER, ANNEX)
