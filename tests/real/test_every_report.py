"""Every cell of every report has something to show of Wirral's and Trafford's public data."""

from __future__ import annotations

from pathlib import Path

import pytest

from commissioning.study import parameters

pytestmark = pytest.mark.real_data
ROOT = Path(__file__).parents[2]
WIRRAL, TRAFFORD = "E08000015", "E08000009"
STAGES = [ROOT / "notebooks" / f"{stage}.ipynb" for stage in ("1_analyse", "2_plan", "3_do", "4_review")]
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}


@pytest.mark.parametrize(
    ("pilot", "area"),
    [
        pytest.param("learning_disability", TRAFFORD, id="learning_disability-Trafford"),
        pytest.param("vcf_funding", "", id="vcf_funding-Wirral"),
        pytest.param("learning_disability", "", id="learning_disability-Wirral", marks=pytest.mark.soak),
        pytest.param("vcf_funding", TRAFFORD, id="vcf_funding-Trafford", marks=pytest.mark.soak),
    ],
)
def test_every_report_shows_something_of_real_data(pilot, area, real, shown_by, monkeypatch):
    monkeypatch.setenv(parameters.STUDY, str(real(pilot, area or WIRRAL).path))
    for notebook in (*STAGES, ROOT / "pilots" / pilot / f"{OWN[pilot]}.ipynb"):
        assert all(shown_by(notebook, pilot=pilot, area=area).values())
