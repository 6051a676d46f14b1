"""Paragraphs that are easily answered only in name: each section holds figures or words, or says what it would need."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from commissioning import reports
from commissioning.measures.breakdowns import MARK
from commissioning.pilot.agreed import BusinessCase, LogEntry, ResourceChange
from commissioning.presentation.columns import to_csv
from commissioning.reports import review
from commissioning.sections import provider_quality, registers


def rows_of(shown):
    record = shown.record
    return record["rows"] if record["kind"] == "log" else record["data"]["rows"]


def without(report, *ids):
    """The report of extracts that do not hold what these breakdowns are counted from."""
    held = report.study.broken_down
    kept = [one for one in set(held.figures["measure"]) if one.partition(MARK)[2].partition("__")[0] not in ids]
    report.study.__dict__["broken_down"] = held.select(measure=kept)


def with_pilot(report, **changes):
    report.pilot = report.pilot.model_copy(update=changes)
    return report


@pytest.fixture
def disability():
    return reports.open("pilot", pilot="learning_disability")


@pytest.fixture
def funding():
    return reports.open("pilot", pilot="vcf_funding")


# --- days to decide, to give notice and to pay (5.4)


def test_without_dates_the_section_names_the_columns_it_would_need(funding):
    without(funding, "waits")
    said = " ".join(funding.prompt().record["lines"])
    for word in ("“applications” with “applied_on” and “decided_on”", "“notice_on”", "“due_on”"):
        assert word in said


# --- quality of providers


def provider(name, year="2014-15", rating="good", staff=40, left=10):
    return {
        "provider": name, "year": year, "sector": "private", "cqc_rating": rating, "rated_on": pd.Timestamp("2014-06-01"),
        "staff": staff, "staff_left": left,
    }  # fmt: skip


def test_a_providers_last_year_up_to_the_period_is_shown_and_what_is_hidden_of_its_staff_stays_so():
    rows = pd.DataFrame(
        [provider("A", "2013-14", "inadequate"), provider("A"), provider("B", staff=6), provider("A", "2020-21")]
    )
    staff = pd.DataFrame(
        {"employer": ["A", "A", "B"], "year": ["2013-14", "2014-15", "2014-15"], "left": [5, 10, None],
         "left_hidden": [False, False, True], "left_of": [40, 40, None], "left_of_hidden": [False, False, True],
         "left_value": [12.5, 25, None], "left_value_hidden": [False, False, True]}
    )  # fmt: skip
    found = provider_quality.quality(rows, "2015-16", staff).set_index("provider")
    assert found.loc["A", ["year", "cqc_rating", "staff", "left"]].tolist() == ["2014-15", "good", 40, 10]
    assert found.loc["A", "share"] == 25
    assert pd.isna(found.loc["B", "staff"])
    assert found.loc["B", "staff_hidden"]
    assert pd.isna(found.loc["B", "share"])


def test_a_provider_rated_inadequate_comes_before_every_figure():
    report = reports.open("review", pilot="learning_disability")
    assert provider_quality.quality_flags(report) == ()
    report.study._published["providers"] = pd.DataFrame([provider("Bluegate", rating="inadequate")])
    assert review.recommendation(report).says == "adapt"
    assert "rates Bluegate inadequate" in review.recommendation(report).reasons[0]


# --- choice


@pytest.mark.parametrize(
    ("section", "breakdown", "table", "column"),
    [
        ("personal_budget", "budgets", "people", "personal budget"),
        ("information_and_advice", "answers", "reviews", "information found"),
    ],
)
def test_an_extract_without_the_column_is_named_with_it(disability, section, breakdown, table, column):
    without(disability, breakdown)
    said = " ".join(getattr(disability, section)().record["lines"])
    assert f"“{table}”" in said
    assert f"“{column}”" in said
    assert disability.lacks


def test_no_count_under_eight_is_shown_in_any_of_these_sections(disability, funding):
    shown = [disability.personal_budget(), disability.information_and_advice(), disability.who_provides()]
    shown += [funding.prompt(), funding.share_of_income(), funding.social_enterprises()]
    shares = {"value", "lower", "upper", "share"}
    for one in shown:
        assert "nan" not in to_csv(one.record["data"]).lower()
        names = [column["name"] for column in one.record["data"]["columns"]]
        for row in one.record["data"]["rows"]:
            for name, cell in zip(names, row, strict=True):
                if name not in shares and isinstance(cell, int | float):
                    assert not 1 <= cell <= 7, (one.record["title"], name, row)


# --- what people write down


def test_a_stage_at_which_nobody_was_asked_is_a_line_of_its_own(disability):
    asked = LogEntry(on=date(2012, 1, 1), who="board", said="more choice", changed="a measure", stage="do")
    lines = rows_of(with_pilot(disability, engagement=(asked,)).engagement())
    assert [row[0] for row in lines] == ["do", "analyse", "plan", "review"]
    assert lines[1][2] == "Nobody is recorded as asked"


def test_each_option_has_its_business_case_or_says_that_nobody_wrote_one(disability):
    case = BusinessCase(
        option="More paid work",
        provision="mixed",
        cost_gbp=1250,
        expects="e",
        evidence="v",
        written_by="A commissioner",
    )
    lines = {row[0]: row for row in rows_of(with_pilot(disability, business_cases=(case,)).business_cases())}
    assert set(lines) == {one.option for one in disability.pilot.priorities}
    assert "£1,250.00 a year" in lines["More paid work"]
    assert "nobody has written one" in lines["More choice of home"]


def test_a_reason_for_not_mapping_an_outcome_does_not_count_as_mapped(disability):
    key = next(iter(disability.outcome_measures))
    given = {key: "Not mapped: the plan is not here"}
    assert {row["priority"] for row in registers.plan_priorities(with_pilot(disability, corporate_plan=given))} == {
        registers.NOT_MAPPED
    }
    rows = registers.plan_priorities(
        with_pilot(disability, corporate_plan={key: "Your family: children and young people"})
    )
    assert [row["priority"] for row in rows].count(registers.NOT_MAPPED) == len(rows) - 1


def test_rules_money_and_staff_each_have_a_line_also_where_nothing_changed(disability):
    moved = ResourceChange(
        kind="virement", what="From X to Y", amount_gbp=50_000, on=date(2012, 4, 1), reported_to="Cabinet"
    )
    lines = rows_of(
        with_pilot(disability, resource_changes=(moved,), planning_and_community_safety="").resource_changes()
    )
    assert [row[1] for row in lines][:3] == ["None is recorded", "From X to Y", "None is recorded"]
    assert lines[1][2] == "£50,000.00"
    assert "nobody has answered" in lines[3][1]


def test_a_lawful_basis_still_to_be_confirmed_is_something_lacking_not_given():
    report = reports.open("cabinet_summary")
    line = next(row for row in rows_of(report.principles()) if "4.11c" in row[0])
    assert line[1] == "none yet"
    assert "0 of 2 entries" in line[2]
