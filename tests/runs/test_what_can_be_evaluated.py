"""`commissioning check` ends with what can be evaluated, what holds the rest back, and what would add most."""

from __future__ import annotations

import pandas as pd

from commissioning import pilot as pilots
from commissioning.evidence import load, tables
from commissioning.evidence.source import Source
from commissioning.runs import evaluable
from commissioning.study.pilot_measures import measures_of


def said(tables):
    pilot = pilots.load("learning_disability")
    return evaluable.lines(pilot.name, measures_of(pilot), tables, pilot.levels)


def support(**own):
    row = {"period": "2024-25", "person_id": "P1", "age": 40, "support_reason": "learning disability", "employment": "not in work",
           "settled_home": "yes", "prison_only": "unknown", "reviewed": "yes", "outcomes": "fully met", "source_file": "a", "source_row": "1"}  # fmt: skip
    return load.complete(pd.DataFrame([row | own]), tables.of("long_term_support"), Source())


def test_measures_years_and_what_would_add_most_are_named():
    lines = said({"long_term_support": support()})
    assert "learning_disability_outcomes_fully_met" in lines[0] and "learning_disability_ascof_2e" in lines[0]
    assert "years 2024-25; by no level below the council" in lines[1]
    assert any("there is no reviews: it holds back" in one and "learning_disability_control" in one for one in lines)
    assert "a file of reviews would add most" in lines[-1]


def test_a_column_that_says_nothing_holds_back_only_the_measures_that_it_decides():
    lines = said({"long_term_support": support(outcomes="unknown")})
    assert "learning_disability_outcomes_fully_met" not in lines[0] and "learning_disability_ascof_2e" in lines[0]
    assert any(
        one.endswith("nothing is known in long_term_support.outcomes: it holds back learning_disability_outcomes_fully_met, "
                     "learning_disability_outcomes_partly_met")
        for one in lines
    )  # fmt: skip


def test_nothing_at_all_is_said_to_be_nothing():
    lines = said({})
    assert "0 of" in lines[0] and "none" in lines[0] and "would add most" in lines[-1]


def test_a_column_by_which_nobody_is_left_holds_a_measure_back_too():
    review = {"period": "2024-25 Q1", "person_id": "P1", "review_id": "R1", "due_on": pd.Timestamp("2024-05-01"),
              "done_on": pd.Timestamp("2024-04-30"), "kind": "unknown", "control": "yes", "answered_by": "self"}  # fmt: skip
    table = load.complete(pd.DataFrame([review | {"source_row": "2"}]), tables.of("reviews"), Source())
    lines = said({"reviews": table})
    assert "learning_disability_control" in lines[0] and "learning_disability_review_in_time" not in lines[0]
    assert any(
        "nothing is known in reviews.kind" in one and "learning_disability_review_in_time" in one for one in lines
    )
