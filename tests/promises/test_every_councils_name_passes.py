"""Any of England's councils, of today or before a reorganisation, may stand on a page: no check takes its name for prose."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.evidence import councils as listed
from commissioning.evidence.published._areas import COUNCILS
from commissioning.presentation import words
from commissioning.presentation.easy_read import EasyRead, Idea, Part, Reply
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import PublicFigures
from commissioning.runs import setting_up

TODAY = date(2026, 11, 30)
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
EVERY = listed.every()
UPPER = [one for one in EVERY if one.kind != listed.DISTRICT]
NOW = [one for one in UPPER if one.in_force(TODAY)]
# As people write them, and as nobody should have to change them.
ODD = ("St. Helens", "Bournemouth, Christchurch and Poole", "King's Lynn and West Norfolk", "Kingston upon Hull, City of",
       "Barking and Dagenham", "Council of the 3 Rivers", "Stockton-on-Tees", "A & B (North) Council", "BCP", "Failsworth Savers' Ward")  # fmt: skip


def easy_read_of(name: str, *, as_name: bool = True) -> EasyRead:
    part = Part(
        heading="About",
        ideas=(
            Idea(picture="house", sentences=(f"This page is about {name}.",)),
            Idea(picture="group", sentences=(f"People in {name} told us this.", f"We work for {name}.")),
        ),
    )
    return EasyRead(title="T", parts=(part,), reply=Reply(post="", phone=""), names=(name,) if as_name else (),
                    words={"support": "help that you get."})  # fmt: skip


def test_there_are_153_councils_with_adult_social_care_since_april_2023_and_152_before():
    assert len(NOW) == len({one.name for one in NOW}) == 153
    in_2022 = [one for one in UPPER if one.in_force(date(2022, 11, 30))]
    assert len(in_2022) == 152
    assert {one.name for one in NOW} - {one.name for one in in_2022} == {"Cumberland", "Westmorland and Furness"}
    assert len([one for one in EVERY if one.kind == listed.DISTRICT and one.in_force(TODAY)]) == 164


def test_every_council_that_a_published_return_names_is_in_the_list():
    assert len(COUNCILS) == 152
    for code, name in COUNCILS.values():
        assert listed.name_of(code), f"{code} {name}"


def test_on_every_day_a_code_stands_for_one_council_and_a_council_has_one_code():
    for day in (date(2012, 6, 1), date(2015, 3, 31), date(2019, 4, 1), date(2020, 4, 1), date(2021, 4, 1), TODAY):
        there = [one for one in EVERY if one.in_force(day)]
        assert len(there) == len({one.code for one in there}), day
        upper = [one.name for one in there if one.kind != listed.DISTRICT]
        assert len(upper) == len(set(upper)), day


def test_former_councils_are_known_by_their_last_day():
    last = {one.name: one.last for one in EVERY if one.last}
    assert last["Cumbria"] == date(2023, 3, 31) and last["Northamptonshire"] == date(2021, 3, 31)
    assert last["Poole"] == date(2019, 3, 31) and last["Aylesbury Vale"] == date(2020, 3, 31)
    assert listed.name_of("E08000038") == listed.name_of("E08000016") == "Barnsley"
    assert listed.name_of("E06009999") == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared public data are not here")
def test_every_council_of_the_shared_files_has_its_name():
    neighbours = json.loads((SHARED / "outcomes" / "oflog_nearest_neighbours.json").read_text(encoding="utf-8"))
    codes = {one for one in neighbours if one[:3] in ("E06", "E07", "E08", "E09", "E10")}
    assert len(codes) > 300 and all(listed.name_of(one) for one in codes)


def test_every_councils_name_passes_easy_read():
    refused = {one.name: easy_read_of(one.name).problems() for one in EVERY}
    assert {name: wrong for name, wrong in refused.items() if wrong} == {}


@pytest.mark.parametrize("name", ODD)
def test_a_name_however_it_is_written_is_one_word(name):
    assert easy_read_of(name).problems() == []
    assert easy_read_of(f"{name} Council").problems() == []


def test_only_what_was_given_as_a_name_is_a_name():
    assert any("hard word" in one for one in easy_read_of("Buckinghamshire", as_name=False).problems())
    assert any("two sentences" in one for one in easy_read_of("St. Helens", as_name=False).problems())
    part = Part(
        heading="H", ideas=(Idea(picture="house", sentences=("We live near Hartlepoolians and procurement.",)),)
    )
    page = EasyRead(
        title="T", parts=(part,), reply=Reply(post="", phone=""), names=("Hart",), words={"support": "help."}
    )
    assert any("hartlepoolians" in one for one in page.problems()), "a name inside another word is not that name"


def test_every_councils_name_passes_findings_and_anchors():
    import pandas as pd

    for one in EVERY:
        told = PublicFigures(frame=pd.DataFrame({"where": [one.name], "value": [61.0]}), source="S")
        made = Finding(f"In {one.name} the figure is 61.", "described", "medium", told, "figure")
        assert made.record["id"]
        assert not words.banned(one.name) and not words.overclaims(f"In {one.name}.", "recorded")


@pytest.mark.parametrize("one", NOW, ids=lambda one: one.code)
def test_every_council_can_be_set_up_and_speaks_on_its_pages(one, tmp_path, monkeypatch):
    monkeypatch.setenv(councils.PLACE, str(tmp_path / "council.toml"))
    monkeypatch.setenv(councils.LEDGER, str(tmp_path / "ledger"))
    name = f"{one.name} Council"
    setting_up.set_up(tmp_path, {"name": name, "area": one.code, "contact": "c", "address": "a", "telephone": "t"})
    voice = councils.voice(pilots.load("vcf_funding"), area=one.code, sample=False, council=councils.load())
    assert (voice.organisation, voice.area_name, voice.own) == (name, one.name, True)
