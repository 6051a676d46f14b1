"""The same report for a locality, a ward, a provider or a department: its own figures, and small areas protected."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import reports
from commissioning.errors import UsageError
from commissioning.reports import closing, review
from commissioning.sections import evaluation, figures
from commissioning.study import outcomes

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
    rows = report.released.figures
    mine = rows[(rows["group_kind"] == kind) & (rows["group"] == group) & (rows["period"] == report.period)]
    shown = figures.outcome_frame(report).frame
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
    rows = pd.DataFrame(closing.as_json(report)["figures"])
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
    sentences = [one.record["sentence"] for one in evaluation.effect_findings(report, most=2)]
    assert sentences
    assert all("in the whole of Wirral" in one for one in sentences)


def test_money_of_a_ward_is_not_split_further():
    report = reports.open("pilot", pilot="learning_disability", level="ward=Alderby")
    assert report.packages_purse().record["kind"] == "note"
    assert report.need_and_cost().record["kind"] == "note"
    whole = reports.open("pilot", pilot="learning_disability", level="locality=North").packages_purse().record
    assert whole["kind"] == "table"
    assert "North" in whole["caption"]


def test_spend_on_the_page_of_a_level_is_the_levels_own():
    whole = figures.spend(reports.open("pilot", pilot="vcf_funding")).frame
    part = reports.open("pilot", pilot="vcf_funding", level="department=Public Health")
    key = ["year", "what"]
    both = whole.merge(figures.spend(part).frame, on=key, suffixes=("", "_part"))
    assert len(both) == len(figures.spend(part).frame) > 0
    assert (both["pence_part"] < both["pence"]).all()
    rows = part.released.figures
    mine = rows[(rows["group_kind"] == "department") & (rows["group"] == "Public Health")]
    assert set(figures.spend(part).frame["pence"].astype(float)) <= set(mine["numerator"].dropna().astype(float))
    assert "whole area" in part.bridge_table().record["lines"][0]


def test_where_no_spend_is_split_by_a_level_the_page_says_so_and_judges_no_plan():
    report = reports.open("review", pilot="learning_disability", level="provider=Bluegate")
    assert "No spend that may be shown is split by provider" in report.spend_table().record["lines"][0]
    assert review.spend_within_plan(report) is None


def test_a_section_about_the_whole_area_says_so_on_the_page_of_a_part():
    analyse = reports.open("analyse", pilot="learning_disability", level="locality=North")
    review = reports.open("review", pilot="learning_disability", level="locality=North")
    for shown in (
        analyse.needs(),
        analyse.resources(),
        analyse.market(),
        analyse.provider_quality(),
        review.equality(),
    ):
        assert "For the whole area, and not only for locality North." in shown.record["caption"]
    assert "For the whole area" not in reports.open("analyse", pilot="learning_disability").needs().record["caption"]
    (finding,) = [one for one in _sentences(analyse) if "as the largest" in one]
    assert finding.endswith("in the whole of Wirral.")


def _sentences(report):
    report.answer()
    return [one.sentence for one in report.findings_shown]


def test_what_is_not_known_of_a_level_is_not_said_to_lack_its_extract():
    report = reports.open("pilot", pilot="vcf_funding", level="department=Public Health")
    table = report.outcomes_table().record["data"]
    notes = {row[0]: str(row[-1]) for row in table["rows"]}
    lasting = next(one for what, one in notes.items() if what.startswith("Small or equality-led"))
    assert lasting == "no record in 2015-16"


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ([("all", "2015-16")], "not known by department: see the report of the whole area"),
        ([("all", "2014-15"), ("department", "2014-15")], "no record in 2015-16"),
        ([], "no rows: needs the file `supported` and `returns`"),
    ],
)
def test_why_a_measure_has_no_row(held, says):
    measure = reports.open("pilot", pilot="vcf_funding").measures["vcf_funding_outcome_reached"]
    frame = pd.DataFrame(held, columns=["group_kind", "period"])
    assert outcomes._why_no_row(frame, measure, "department", "2015-16") == says
