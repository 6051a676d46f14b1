"""Nothing in methods/ is there that no design, page or promise reaches."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from commissioning.runs.notebooks import parsed

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "lib" / "commissioning"
METHODS = LIB / "methods"

# The names promised to notebooks (docs/reference/api.md), which nobody in the house need call.
PROMISED = {
    "effects": {"staggered", "interrupted", "before_after", "synthetic"},
    "claims": {"judge"},
    "intervals": {"proportion", "rate", "mean"},
    "standardise": {"direct", "indirect"},
    "inequality": {"slope_index"},
    "control_chart": {"xmr"},
    "funnel": {"proportion", "ratio"},
    "value": {"frontier", "compare"},
    "money": {"real_terms", "present_value"},
    "attainment": {"t_score"},
    "priorities": {"rank"},
}
ASKED_BY_PYTHON = {"columns", "index", "loc", "iloc"}  # a result that is read as a frame


def _defined(path: Path) -> list[ast.FunctionDef | ast.ClassDef]:
    """Functions, classes and methods of a file; those that Python itself calls (`__len__`) are left out."""
    tree = parsed(path.read_text(encoding="utf-8"))
    return [
        one
        for one in ast.walk(tree)
        if isinstance(one, (ast.FunctionDef, ast.ClassDef))
        and not (one.name.startswith("__") and one.name.endswith("__"))
    ]


def _used(tree: ast.AST) -> Counter[str]:
    """Every name and attribute that is read; an import is no use."""
    return Counter(
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(tree)
        if isinstance(one, (ast.Name, ast.Attribute)) and isinstance(one.ctx, ast.Load)
    )


def unreached(files: list[Path], house: list[Path], promised: set[str]) -> list[str]:
    """Definitions of `files` that nothing in `house` reads outside of themselves."""
    everywhere: Counter[str] = Counter()
    for path in house:
        everywhere += _used(parsed(path.read_text(encoding="utf-8")))
    found = []
    for path in files:
        for one in _defined(path):
            if one.name not in promised and everywhere[one.name] <= _used(one)[one.name]:
                found.append(f"{path.stem}.{one.name}")
    return found


def test_no_function_of_the_methods_is_out_of_reach():
    promised = set().union(*PROMISED.values()) | ASKED_BY_PYTHON
    house = [*LIB.rglob("*.py"), *(ROOT / "pilots").rglob("*.py")]
    assert unreached(sorted(METHODS.rglob("*.py")), house, promised) == []


def test_what_nobody_reads_is_found(tmp_path):
    (tmp_path / "one.py").write_text("def used():\n    return 1\n\ndef alone():\n    return alone()\n")
    (tmp_path / "two.py").write_text("from one import used, alone\n\nprint(used())\n")
    files = [tmp_path / "one.py", tmp_path / "two.py"]
    assert unreached(files, files, set()) == ["one.alone"]


def test_every_kind_of_design_has_an_estimator_and_every_estimator_a_kind():
    from typing import get_args

    from commissioning.methods import effects
    from commissioning.pilot.design import Design
    from commissioning.study import designs

    kinds = set(get_args(Design.model_fields["kind"].annotation)) - {"none"}
    assert (
        kinds
        == set(designs._KINDS)
        == set(designs.TRIED)
        == {one for one in PROMISED["effects"] if hasattr(effects, one)}
    )
