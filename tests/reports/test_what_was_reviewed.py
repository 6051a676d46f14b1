"""What every report shows in a year, on a level and to a run that no notebook shows by itself is what was reviewed.

The notebooks hold what they show as they stand. Here each is asked for another year and for a part of the area, and for the files
that it hands to a run; a digest of every record, and the beginning of its text, is kept in `kept_reports.json`. Whoever changes what
a report says renews it with `make kept` and reads what changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "kept_reports.json"
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


@pytest.mark.parametrize(("notebook", "given"), CASES, ids=lambda one: one.stem if isinstance(one, Path) else None)
def test_what_a_report_shows_and_hands_over_is_what_was_reviewed(notebook, given, shown_by, kept):
    name = " ".join([notebook.stem, *given.values()])
    kept(KEPT).same(name, shown_by(notebook, **given))
