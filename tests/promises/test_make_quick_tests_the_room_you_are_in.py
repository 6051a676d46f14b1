"""`make quick` finds the tests of a room, of those that were changed where none is named, and leaves out what is slow."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def quick():
    spec = importlib.util.spec_from_file_location("quick_tests", TESTS / "quick.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_room_has_tests(quick):
    rooms = quick.rooms()
    assert {"evidence", "methods", "cli", "clock", "study"} <= set(rooms)
    assert [one for one in rooms if not quick.tests_of(one)] == []
    assert quick.tests_of("evidence") == ["tests/evidence"]
    assert "tests/runs/test_signing.py" in quick.tests_of("clock"), (
        "it has no folder of its own: who imports it tests it"
    )


def test_the_rooms_of_changed_files_are_those_they_lie_in(quick):
    files = [
        "lib/commissioning/evidence/published/grants.py",
        "lib/commissioning/clock.py",
        "docs/index.md",
        "tests/quick.py",
    ]
    assert quick.rooms_of(files) == ["clock", "evidence"]
    assert quick.rooms_of(["README.md"]) == []


def test_a_room_that_is_not_there_is_refused_by_name_with_those_that_are(quick, capsys):
    assert quick.main(["evidnce"]) == 2
    said = capsys.readouterr().err
    assert "'evidnce'" in said and "evidence" in said


def test_what_is_listed_as_slow_is_there(quick):
    lines = [one for one in (TESTS / "slow.txt").read_text(encoding="utf-8").splitlines() if one and one[0] != "#"]
    assert len(lines) > 10
    for line in lines:
        path, _, name = line.partition("::")
        found = TESTS.parent / path
        assert found.exists(), line
        assert not name or f"def {name}" in found.read_text(encoding="utf-8"), line


@pytest.mark.parametrize("path", ["evidence", "methods", "promises"])
def test_a_test_marked_slow_is_not_the_whole_of_a_room(path):
    lines = (TESTS / "slow.txt").read_text(encoding="utf-8").splitlines()
    left = [
        one for one in (TESTS / path).rglob("test_*.py") if f"tests/{one.relative_to(TESTS).as_posix()}" not in lines
    ]
    assert f"tests/{path}/" not in lines and len(left) > 10
