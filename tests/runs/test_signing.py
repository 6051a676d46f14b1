"""Who may sign what: the Easy Read group signs a report that has an Easy Read page, by either of its names."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from light import batch, notebook

from commissioning import clock
from commissioning.errors import UsageError
from commissioning.presentation import typed
from commissioning.runs import places, signing
from commissioning.wording import hashed

EASY = (
    "import os, pathlib\n"
    "out, name = pathlib.Path(os.environ['COMMISSIONING_OUT']), os.environ['COMMISSIONING_REPORT']\n"
    "(out / f'{name}.easy-read.html').write_text('<html><!--status:easy--><!--/status--></html>')"
)


@pytest.fixture
def where(house):
    declared = "{'files': [f'{name}.easy-read.html']}"
    house.write("own", notebook(EASY, declared=declared), pilot="alpha")
    assert batch(house, index="commissioning.runs.rendering:index").exit_code == 0
    return places.locate(house.root, house.data, house.out)


def test_the_easy_read_group_cannot_sign_a_report_without_an_easy_read_page(where):
    with pytest.raises(UsageError, match="'beta-analyse' has no Easy Read page: the Easy Read group signs alpha-own"):
        signing.sign(where, "beta-analyse", "easy_read_group", "Our group")


@pytest.mark.parametrize("name", ["alpha-own", "alpha-own.easy-read", "alpha-own.easy-read.html"])
def test_an_easy_read_page_is_signed_by_its_own_name_or_by_its_reports(where, name):
    assert signing.sign(where, name, "easy_read_group", "Our group").startswith("alpha-own: signed by Our group")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-15T23:30:00+00:00", "2026-06-16"),  # half past midnight in London
        ("2026-12-15T23:30:00+00:00", "2026-12-15"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25"),  # the night in which the clocks go back
    ],
)
def test_the_day_of_signing_is_the_day_in_london(where, monkeypatch, moment, day):
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(moment))
    assert f"on {day}" in signing.sign(where, "alpha-own", "analyst", "A. Analyst")


def test_nobody_signs_in_the_name_of_somebody_in_the_extracts_and_the_name_is_not_repeated(where):
    study = where.studies / "alpha-x"
    study.mkdir(parents=True, exist_ok=True)
    (study / typed.PEOPLE).write_text(json.dumps([hashed("Maureen Example"), hashed("P00017")]))
    for name in ("Maureen Example", "maureen  EXAMPLE", "M. Case for P00017"):
        with pytest.raises(UsageError, match="somebody in the extracts") as said:
            signing.sign(where, "alpha-own", "analyst", name)
        assert "maureen" not in str(said.value).casefold() and "P00017" not in str(said.value)
    assert "signed by" in signing.sign(where, "alpha-own", "analyst", "A. Analyst")
