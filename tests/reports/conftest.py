"""The cells of a notebook run one by one in this process, and what each of them showed."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commissioning.reports import estimates, parameters

ROOT = Path(__file__).parents[2]
SHORT = 160  # of a longer text its beginning is kept: enough to see what it is, and its digest tells any change


def cells_of(notebook: Path) -> list[str]:
    code = [one for one in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if one["cell_type"] == "code"]
    return ["".join(one["source"]) for one in code]


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def last_value(cell: str, space: dict[str, Any]) -> Any:
    """Run a cell; return what its last line gives, as a notebook shows it."""
    *before, last = ast.parse(cell).body
    if not isinstance(last, ast.Expr):
        exec(cell, space)  # noqa: S102 - the cells are the project's own
        return None
    exec(compile(ast.Module(before, []), "cell", "exec"), space)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space)


Shown = dict[str, list[str]]


@pytest.fixture
def shown_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Shown]:
    """shown_by(notebook, pilot=…, …) → what each cell showed: {"number cell": [digest of its record, text]}, and, last, of each
    file that the report hands to a run: {"file name": [digest]}."""
    monkeypatch.setattr(estimates, "DRAWS", 20)  # a card's figures do not matter here
    out = tmp_path / "out"
    out.mkdir()
    for name, value in (("OUT", str(out)), ("REPORT", "report"), ("NONCE", "said")):
        monkeypatch.setenv(f"COMMISSIONING_{name}", value)

    def run(notebook: Path, **given: str) -> Shown:
        space: dict[str, Any] = {}
        found: Shown = {}
        for number, cell in enumerate(cells_of(notebook), 1):
            try:
                value = last_value(cell, space)
            except Exception as fault:
                raise AssertionError(f"{notebook.name}, cell {number}: {cell!r}: {fault}") from fault
            if number == 1:
                space |= given
            record = getattr(value, "record", None)
            if record is not None:
                text = repr(value)
                found[f"{number} {cell.splitlines()[-1]}"] = [digest([record, text]), text[:SHORT]]
        for path in sorted(out.iterdir()):
            data = path.read_text(encoding="utf-8")
            found[path.name] = [digest(json.loads(data) if path.suffix == ".json" else data)]
        return found

    return run


@pytest.fixture
def own_study(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """own_study(folder): the reports of this test read that study, with restricted rows."""

    def use(folder: Path) -> None:
        monkeypatch.setenv(parameters.STUDY, str(folder))
        monkeypatch.setenv(parameters.RESTRICTED, "1")

    return use
