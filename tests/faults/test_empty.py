"""A group of which nobody is left after a measure's rules: the report says so, and divides nothing by nothing."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning.reports import closing, stages
from commissioning.sections import assurance
from commissioning.study.parameters import Parameters
from commissioning.study.prepare import prepare

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "learning_disability" / "reviews.csv"
EMPTY = "learning_disability_own_goal_met"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Four hundred real-looking reviews, not one of which has a goal in the person's own words."""
    folder = tmp_path_factory.mktemp("nobody")
    (folder / "data").mkdir()
    with SAMPLE.open(newline="", encoding="utf-8") as read:
        rows = csv.DictReader(read)
        kept = [row | {"goal_in_own_words": "no"} for _, row in zip(range(400), rows, strict=False)]
        names = list(rows.fieldnames or ())
    with (folder / "data" / "reviews.csv").open("w", newline="", encoding="utf-8") as write:
        out = csv.DictWriter(write, names)
        out.writeheader()
        out.writerows(kept)
    pilot = pilots.load("learning_disability")
    study = prepare(pilot, folder / "data", folder=folder / "study")
    return stages.page_of("analyse", Parameters(pilot=pilot.name), pilot, study)


def test_43_an_empty_cohort_is_said_to_be_none_recorded_out_of_none(report):
    table = report.outcomes_table()
    row = next(one for one in table.record["data"]["rows"] if one[0] == report.measures[EMPTY].title)
    assert row[1] == "none recorded" and row[2] == 0
    assert row[3:6] == ["none recorded"] * 3
    others = [one for one in table.record["data"]["rows"] if isinstance(one[3], float)]
    assert others, "the outcomes that somebody is counted in are still shown"


def test_43_an_empty_cohort_has_no_share_no_limits_and_no_zero(report):
    figures = report.released.figures
    mine = figures[(figures["measure"] == EMPTY) & (figures["group_kind"] == "all")]
    assert len(mine) and set(mine["status"]) == {"unknown"}
    for name in ("value", "lower", "upper", "numerator"):
        assert all(math.isnan(one) for one in mine[name])
    assert list(mine["denominator"].unique()) == [0]


def test_43_every_section_of_the_report_stands_and_none_prints_a_division_by_nothing(report):
    shown = [
        report.answer(),
        report.outcomes_and_spend(),
        report.outcomes_table(),
        report.spend_table(),
        assurance.definition(report, report.measures[EMPTY]),
        report.cannot_tell(),
    ]
    for one in shown:
        text = one.html.casefold()
        assert "nan" not in text.split() and ">nan<" not in text and "inf%" not in text
    card = shown[4].html
    assert "the goal is written in the person" in card, "who was left out is said"
    json.dumps(closing.as_json(report), allow_nan=False)
