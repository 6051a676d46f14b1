"""The same report for a locality, a ward, a provider or a department: its own figures, and small areas protected."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import reports
from commissioning.errors import UsageError
from commissioning.reports import outcomes

LEVELS = [
    ("learning_disability", "locality=North"),
    ("learning_disability", "ward=Alderby"),
    ("learning_disability", "provider=Bluegate"),
    ("vcf_funding", "department=Public Health"),
]


@pytest.mark.parametrize(("pilot", "level"), LEVELS)
def test_the_outcomes_of_a_level_are_its_own_released_figures(pilot, level):
    report = reports.open("analyse", pilot=pilot, level=level)
    kind, _, group = level.partition("=")
    figures = report.released.figures
    mine = figures[(figures["group_kind"] == kind) & (figures["group"] == group) & (figures["period"] == report.period)]
    shown = report.outcome_frame().frame
    titles = {report.measures[key].title: key for key in mine["measure"] if key in report.outcome_measures}
    assert titles
    by_title = shown.set_index("what")
    for title, key in titles.items():
        one = mine[mine["measure"] == key].iloc[0]
        if pd.isna(one["denominator"]):
            assert pd.isna(by_title.loc[title, "value"])
        else:
            assert by_title.loc[title, "denominator"] == one["denominator"]
    assert group in report.outcomes_table().record["title"]


@pytest.mark.parametrize(("pilot", "level"), LEVELS)
def test_no_small_count_is_shown_for_any_part_of_an_area(pilot, level):
    report = reports.open("pilot", pilot=pilot, level=level)
    rows = pd.DataFrame(report.as_json()["figures"])
    # Counts of people or rows; an expected number or an amount of money is no count.
    counted = {key for key, one in report.measures.items() if one.amount is None and one.out_of is None}
    people = rows[~rows["public"].astype(bool) & rows["measure"].isin(counted)]
    assert len(people) > 100
    for name in ("numerator", "denominator", "unknown"):
        counts = pd.to_numeric(people[name], errors="coerce")
        assert not counts.between(1, 7).any(), name
    assert outcomes.main_rows(report.released, *level.split("=")).shape[0] > 0


def test_a_place_that_no_extract_names_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean North"):
        reports.open("analyse", pilot="learning_disability", level="locality=Norht")
    with pytest.raises(UsageError, match="nothing in these extracts is split by planet"):
        reports.open("analyse", pilot="learning_disability", level="planet=Mars")


def test_an_effect_is_said_to_be_of_the_whole_area():
    report = reports.open("review", pilot="learning_disability", level="ward=Alderby")
    sentences = [one.record["sentence"] for one in report.effect_findings(most=2)]
    assert sentences
    assert all("in the whole of Wirral" in one for one in sentences)


def test_money_of_a_ward_is_not_split_further():
    report = reports.open("pilot", pilot="learning_disability", level="ward=Alderby")
    assert report.packages_purse().record["kind"] == "note"
    assert report.need_and_cost().record["kind"] == "note"
    whole = reports.open("pilot", pilot="learning_disability", level="locality=North").packages_purse().record
    assert whole["kind"] == "table"
    assert "North" in whole["caption"]
