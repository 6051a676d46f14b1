"""That something was set or agreed beforehand is a claim: one place words it, and a seal decides it."""

from __future__ import annotations

import ast
import json
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CLAIMS = re.compile(r"beforehand|before (?:the )?figures (?:were|are|have been) seen|before the data are seen", re.I)
MAY_SAY = {"wording.py", "status.py", "scaffold.py", "cli.py", "decision.py", "assurance.py", "seals.toml"}


def texts(path: Path) -> list[str]:
    """Texts of a Python file that may reach a page: every string but docstrings."""
    with tokenize.open(path) as file:
        tree = ast.parse(file.read())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def test_no_other_room_says_that_something_was_set_beforehand():
    found = {
        f"{path.relative_to(ROOT)}: {text[:80]}"
        for path in [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pilots").glob("*/*.py")]
        if path.name not in MAY_SAY
        for text in texts(path)
        if CLAIMS.search(text)
    }
    assert not found, found


@pytest.mark.parametrize("path", sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("pilots/*/*.ipynb")]))
def test_no_notebook_says_so_in_its_own_words(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(one["source"]) for one in cells]
    assert not [one for one in sources if re.search("beforehand", one)]
