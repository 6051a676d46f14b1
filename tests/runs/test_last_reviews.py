"""A cycle begins where the last one ended: its analyse and its review read the reviews of earlier cycles."""

from __future__ import annotations

import json
import stat

import light
import pytest
from light import notebook

from commissioning.reports import stage_records
from commissioning.reports.stage_records import StageRecord

LIST = "import os\nEXTRA_KEPT = sorted(os.listdir(os.environ['COMMISSIONING_RECORDS']))"


def reads(house, report):
    return json.loads(house.published()[f"{report}.json"])["kept"]


def test_the_next_cycle_reads_the_last_review_and_never_another_pilots(house):
    house.write("1_analyse", notebook(LIST, stage="analyse", extra="{'kept': EXTRA_KEPT}"))
    house.write("4_review", notebook("pass", stage="review"))
    assert light.batch(house, asked=("alpha",), periods=("2014-15",), stages=("analyse", "review")).exit_code == 0
    assert reads(house, "alpha-analyse-2014-15") == []
    assert light.batch(house, periods=("2015-16",), stages=("analyse", "review")).exit_code == 0
    assert reads(house, "alpha-analyse-2015-16") == ["alpha.review.2014-15.json"]
    assert reads(house, "beta-analyse-2015-16") == []
    kept = [house.state / "reviews", *(house.state / "reviews").rglob("*")]
    assert len(kept) > 3 and not [one for one in kept if stat.S_IMODE(one.stat().st_mode) & 0o077]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("2015-16", "2014-15"),
        ("2014-15", "2013-14"),
        ("2013-14", None),
        ("", None),
        ("2015-16 Q1", "2014-15"),
        ("2014-15 Q3", "2013-14"),
        ("2016-17 Q1", "2015-16"),
    ],
)
def test_the_last_review_is_the_latest_of_an_earlier_cycle(tmp_path, before, found):
    for period in ("2013-14", "2014-15", "2015-16"):
        made = StageRecord(stage="review", pilot="alpha", area="E08000015", period=period, illustrative=True)
        (tmp_path / f"alpha.review.{period}.json").write_text(made.model_dump_json())
    (tmp_path / "alpha.review.json").write_text("this cycle's own, which is not read")
    last = stage_records.last_review("alpha", (tmp_path,), before=before)
    assert (last.period if last else None) == found
