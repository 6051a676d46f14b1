"""The runner's tests share a light house; worker processes must be able to import it too."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

LIGHT = str(Path(__file__).resolve().parents[1] / "runs")
if LIGHT not in sys.path:
    sys.path.insert(0, LIGHT)


@pytest.fixture(autouse=True)
def _importable_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in (LIGHT, before) if one))


@pytest.fixture
def house(tmp_path: Path):
    """A house with one stage and one pilot's own notebook."""
    from light import House, notebook

    made = House(tmp_path / "house")
    made.write("1_analyse", notebook("print('analysed', pilot, note)", stage="analyse"))
    made.write("own", notebook("print('own', pilot)"), pilot="alpha")
    return made
