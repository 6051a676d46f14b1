"""A light house for tests of the runner and of its faults; worker processes must be able to import it too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from light import House, notebook

HERE = str(Path(__file__).resolve().parent)


@pytest.fixture(autouse=True)
def importable_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in (HERE, before) if one))


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with one stage and one pilot's own notebook."""
    made = House(tmp_path / "house")
    made.write("1_analyse", notebook("print('analysed', pilot, note)", stage="analyse"))
    made.write("own", notebook("print('own', pilot)"), pilot="alpha")
    return made
