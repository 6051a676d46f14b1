"""A study is made in five steps, each of which says what it leaves to the next: take in, tell apart, count, let out, keep."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning.errors import DataRefused
from commissioning.measures import breakdowns
from commissioning.study import keep, steps
from commissioning.study.prepared import ACCOUNT, RECORD, Prepared

sys.path.insert(0, str(Path(__file__).parents[1] / "promises"))

import small_pilot as kit  # noqa: E402

WARDS = ("Ash", "Beech", "Cedar")
SHARES = {name: [0.5] * 4 for name in WARDS}
STARTS = {"Ash": "2017-18 Q1", "Beech": "never", "Cedar": "never"}
STAGGERED = 'kind = "staggered"\nunit = "ward"\nminimum_worthwhile_change = 5.0\noutcomes = ["learning_disability_own_goal_met"]'


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A pilot of its own and its extracts: reviews of three wards over a year, and where each started."""
    root = tmp_path_factory.mktemp("steps")
    reviews = kit.Reviews(SHARES, quarters=tuple(kit.QUARTERS[4:8]))
    data = kit.extracts(root / "data", reviews, STARTS)
    return pilots.load("learning_disability", kit.checkout(root / "home", STAGGERED)), data


@pytest.fixture(scope="module")
def taken(place):
    return steps.take_extracts_in(*place, "")


@pytest.fixture(scope="module")
def apart(taken):
    return steps.tell_apart(taken)


@pytest.fixture(scope="module")
def counted(taken, apart):
    return steps.count(taken, apart)


@pytest.fixture(scope="module")
def out(taken, apart, counted):
    return steps.let_out(taken, apart, counted, None)


def test_what_is_taken_in_is_a_councils_own_and_has_its_secret(taken):
    assert taken.area == "E08000015" and not taken.sample and not taken.made_up
    assert taken.secret and set(taken.measures) >= set(kit.MEASURES)
    assert {one.table for one in taken.intake.of("accepted")} == {"reviews", "starts"}


def test_extracts_that_nothing_recognises_stop_the_first_step(place, tmp_path):
    kit.extracts(tmp_path, [{"review_id": "R1", "person_id": "P1"}], None)
    with pytest.raises(DataRefused, match="recognised"):
        steps.take_extracts_in(place[0], tmp_path, "")


def test_a_start_that_no_place_answers_to_is_known_before_anything_is_counted(place, apart, tmp_path):
    assert apart.placed.says("ward", set(WARDS)) == []
    reviews = kit.Reviews(SHARES, quarters=tuple(kit.QUARTERS[4:8]))
    data = kit.extracts(tmp_path, reviews, {**STARTS, "Elsewhere": "2017-18 Q1"})
    said = steps.tell_apart(steps.take_extracts_in(place[0], data, "")).placed.says("ward", {*WARDS, "Elsewhere"})
    assert len(said) == 1 and "Elsewhere" in said[0]


def test_every_measure_is_counted_or_is_without_an_extract(taken, counted):
    assert set(counted.usable) | set(counted.without) == set(taken.measures)
    assert set(counted.results["measure"]) == set(counted.usable)
    assert set(counted.clauses) <= set(counted.usable) and counted.public == []


def test_everybody_who_may_be_counted_has_a_record_key_of_their_own(apart, counted):
    people = set(apart.tables["reviews"]["person_id"])
    assert set(counted.keys.index) == people and counted.keys.index.is_unique


def test_what_is_let_out_is_all_that_was_counted_and_nothing_else(counted, out):
    figures = out.released.figures
    assert set(figures["measure"]) <= set(out.everything["measure"])
    assert {one for one in figures["measure"] if breakdowns.MARK not in one} == set(counted.usable)
    assert set(kit.MEASURES) & set(counted.usable) <= set(out.of_people)


def test_what_is_kept_is_its_owners_alone_and_its_record_holds_no_exact_number_of_a_file(
    taken, apart, counted, out, tmp_path
):
    folder = tmp_path / "study"
    keep.keep(folder, taken, apart, counted, out)
    assert all(one.stat().st_mode & 0o077 == 0 for one in folder.rglob("*"))
    study = Prepared(folder)
    assert study.record["measures"] == sorted(counted.usable) and study.record["measures_without_extract"] == list(
        counted.without
    )
    exact = json.loads((folder / ACCOUNT).read_text(encoding="utf-8"))
    said = (folder / RECORD).read_text(encoding="utf-8")
    assert exact["hashes"] and not any(one in said for one in exact["hashes"].values())
    shown = study.everything_released[["measure", "period", "group"]]
    assert len(shown) == len(out.released.figures) and set(shown["measure"]) == set(out.released.figures["measure"])
