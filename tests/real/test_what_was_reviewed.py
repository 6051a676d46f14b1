"""What every cell of every report shows of Wirral's and Trafford's public data is what was reviewed (see the test of that name
in `tests/reports`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from commissioning.reports import parameters

pytestmark = pytest.mark.real_data
ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "kept_reports.json"
WIRRAL, TRAFFORD = "E08000015", "E08000009"
STAGES = [ROOT / "notebooks" / f"{stage}.ipynb" for stage in ("1_analyse", "2_plan", "3_do", "4_review")]
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}


@pytest.mark.parametrize("area", ["", TRAFFORD], ids=["Wirral", "Trafford"])
@pytest.mark.parametrize("pilot", OWN)
def test_what_reports_show_of_real_data_is_what_was_reviewed(pilot, area, real, shown_by, kept, monkeypatch):
    monkeypatch.setenv(parameters.STUDY, str(real(pilot, area or WIRRAL).path))
    for notebook in (*STAGES, ROOT / "pilots" / pilot / f"{OWN[pilot]}.ipynb"):
        name = f"{notebook.stem} {pilot} {area or WIRRAL}"
        kept(KEPT).same(name, shown_by(notebook, pilot=pilot, area=area))
