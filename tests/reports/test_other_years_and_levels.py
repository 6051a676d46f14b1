"""Every report has something to show in another year and on a level, which no notebook shows as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = [ROOT / "notebooks" / f"{stage}.ipynb" for stage in ("1_analyse", "2_plan", "3_do", "4_review")]
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}
ACROSS = [ROOT / "notebooks" / f"{name}.ipynb" for name in ("cabinet_summary", "service_reviews")]
PARTS = {"learning_disability": "locality=North", "vcf_funding": "department=Adult Social Services"}
OF_A_PILOT = [
    (path, {"pilot": name}) for name in OWN for path in (*STAGES, ROOT / "pilots" / name / f"{OWN[name]}.ipynb")
]
CASES = [
    (path, given | more)
    for path, given in (*OF_A_PILOT, *((path, {}) for path in ACROSS))
    for more in ({}, {"period": "2013-14"}, *([{"level": PARTS[given["pilot"]]}] if given else []))
]
# Every fourth, so that each kind of question is asked of some notebook; the others are for `make soak`.
IN_TURN = [case if i % 4 == 1 else pytest.param(*case, marks=pytest.mark.soak) for i, case in enumerate(CASES)]


@pytest.mark.parametrize(("notebook", "given"), IN_TURN, ids=lambda one: one.stem if isinstance(one, Path) else None)
def test_every_report_shows_something_in_another_year_and_on_a_level(notebook, given, shown_by):
    shown = shown_by(notebook, **given)
    assert all(shown.values())
    # Each cell after the study is opened shows something; what `cm.show` shows goes straight to the notebook.
    given_back = [one.splitlines()[-1] for one in cells_after_opening(notebook) if "cm.show(" not in one]
    assert given_back and [name.partition(" ")[2] for name in shown] == given_back


def cells_after_opening(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(one["source"]) for one in cells if one["cell_type"] == "code"][2:]
