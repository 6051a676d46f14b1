"""Issue 20, lines 2 and 7: nothing that a page could show is lost. Each section stands in a notebook or in a chapter of an annex."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning import reports, sections
from commissioning.reports import annexes, own_sections

ROOT = Path(__file__).resolve().parents[2]
BY_CALLS = {"closing.close", "stage_answers.answer"}
"""What the two calls of a page, `cm.answer` and `cm.annex`, show by themselves, and what takes other sections."""


def of_the_house() -> dict[str, object]:
    """Module and name of each section of `sections` and `reports` → the function."""
    found = {}
    for package in (sections, reports):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name, one in vars(module).items():
                if getattr(one, "is_section", False) and one.__module__ == module.__name__:
                    found[f"{info.name.rpartition('.')[2]}.{name}"] = one
    return found


def called() -> set[str]:
    """Everything that a cell of any notebook calls, as it is written: `review.value`, `own.register`."""
    names = set()
    for path in (*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("pilots/*/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                tree = ast.parse("".join(cell["source"]))
                names |= {ast.unparse(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    return names


def in_chapters() -> set[object]:
    chapters = [*annexes.ANNEX, *(one for found in annexes.ACROSS.values() for one in found)]
    return {one for chapter in chapters for one in chapter.sections}


@pytest.mark.parametrize("section", sorted(set(of_the_house()) - BY_CALLS))
def test_each_section_stands_in_a_notebook_or_a_chapter(section):
    function = of_the_house()[section]
    name = section.rpartition(".")[2]
    pictured = {f"pictures.{name}"} if "pictures" in function.__module__ else set()
    assert function in in_chapters() or called() & {section, *pictured}, f"{section} can be reached from no page"


@pytest.mark.parametrize("pilot", sorted(pilots.names(ROOT)))
def test_each_section_of_a_pilots_own_stands_in_its_notebook(pilot):
    brought = own_sections.of_pilot(ROOT / "pilots" / pilot)
    assert {f"own.{one}" for one in brought} <= called()


def test_no_chapter_shows_a_section_twice():
    for chapters in (annexes.ANNEX, *annexes.ACROSS.values()):
        shown = [one for chapter in chapters for one in chapter.sections]
        assert len(shown) == len(set(shown))
