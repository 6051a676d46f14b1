"""What a page shows is made by plain functions: no class inherits to borrow, no modules import one another in a circle, no id is read by its words."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "lib" / "commissioning"
ROOMS = ("sections", "reports")
RECORDS = {"BaseModel", "Strict", "Part", "list[Any]"}
"""Bases of what is only data: models of pydantic, and the list that holds each thing once."""


def files() -> list[Path]:
    return [
        *(path for room in ROOMS for path in sorted((LIBRARY / room).glob("*.py"))),
        *sorted((ROOT / "pilots").glob("*/*.py")),
    ]


def bases(text: str) -> set[str]:
    return {
        ast.unparse(base) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef) for base in node.bases
    }


def imports(room: str) -> dict[str, set[str]]:
    """Each module of a room with the modules of that room that it imports, wherever in the file."""
    found: dict[str, set[str]] = {}
    names = {path.stem for path in (LIBRARY / room).glob("*.py")} - {"__init__"}
    for name in names:
        tree = ast.parse((LIBRARY / room / f"{name}.py").read_text(encoding="utf-8"))
        mine = found.setdefault(name, set())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                if node.module == f"commissioning.{room}":
                    mine |= {one.name for one in node.names} & names
                elif node.module.startswith(f"commissioning.{room}."):
                    mine.add(node.module.rpartition(".")[2])
    return found


def test_no_class_of_a_page_inherits_from_another():
    assert len(files()) > 40
    borrowed = {path.name: bases(path.read_text(encoding="utf-8")) - RECORDS for path in files()}
    assert {name: found for name, found in borrowed.items() if found} == {}
    assert bases("class A(B):\n    pass") - RECORDS == {"B"}, "the scan finds one that does"


@pytest.mark.parametrize("room", ROOMS)
def test_no_modules_of_a_room_import_one_another_in_a_circle(room):
    found = imports(room)
    assert sum(map(len, found.values())) > 20
    list(TopologicalSorter(found).static_order())


def test_the_scan_finds_a_circle():
    with pytest.raises(CycleError):
        list(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())


def test_no_id_of_a_measure_is_read_by_its_words():
    """Whether it is a check, or was looked at again, is a field of the measure."""
    told = {
        path.relative_to(ROOT).as_posix()
        for path in [*LIBRARY.rglob("*.py"), *files()]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(one, ast.Constant) and one.value == "_control_" for one in [node.left, *node.comparators])
    }
    assert told == set()
    ends = [
        f"{path.name}:{node.lineno}"
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("endswith", "removeprefix")
        and ast.unparse(node.func.value).rpartition(".")[2] in ("key", "id", "measure", "str")
    ]
    assert ends == []
