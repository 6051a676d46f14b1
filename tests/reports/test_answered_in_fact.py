"""Paragraphs that are easily answered only in name: each section holds figures or words, or says what it would need."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from commissioning import reports
from commissioning.pilot import BusinessCase, LogEntry, ResourceChange
from commissioning.presentation.columns import to_csv
from commissioning.reports import choice_sections, organisation_sections, protecting, quality_sections, registers


def rows_of(shown):
    record = shown.record
    return record["rows"] if record["kind"] == "log" else record["data"]["rows"]


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


def dated(first, last, *pairs):
    frame = pd.DataFrame(pairs, columns=[first, last])
    return frame.apply(pd.to_datetime)


def test_days_are_counted_from_the_first_date_and_only_in_its_own_financial_year():
    applications = dated(
        "applied_on", "decided_on",
        ("2014-04-01", "2014-05-01"), ("2015-03-31", "2015-06-30"), ("2015-04-01", "2015-04-02"), ("2014-06-01", None),
    )  # fmt: skip
    found = organisation_sections.days({"applications": applications}, "2014-15", {"decide": 56})
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["counted"], row["middle"], row["kept"]) == (2, (30 + 91) / 2, 1)


def test_notice_is_kept_where_it_is_at_least_the_days_promised():
    grants = dated("notice_on", "end_on", ("2014-04-01", "2014-06-30"), ("2014-06-01", "2014-06-30"))
    row = organisation_sections.days({"grants": grants}, "2014-15", {"notice": 90}).iloc[0]
    assert (row["counted"], row["kept"]) == (2, 1)


def test_without_dates_the_section_names_the_columns_it_would_need(funding):
    for name, gone in (("applications", "decided_on"), ("grants", "notice_on"), ("payments", "due_on")):
        funding.study._tables[name] = funding.study.table(name).drop(columns=gone)
    said = " ".join(funding.prompt().record["lines"])
    for word in ("“applications” with “applied_on” and “decided_on”", "“notice_on”", "“due_on”"):
        assert word in said


# --- whole income, social enterprises


def test_the_councils_share_is_what_it_paid_in_the_year_of_the_accounts():
    organisations = pd.DataFrame(
        {"organisation_id": ["a", "b", "c"], "income_pence": pd.array([10_000, 10_000, None], dtype="Int64"),
         "income_year": ["2014-15", "2014-15", None]}
    )  # fmt: skip
    grants = pd.DataFrame({"grant_id": ["g", "h"], "recipient_id": ["a", "b"]})
    payments = pd.DataFrame(
        {"grant_id": ["g", "g", "h"], "year": ["2014-15", "2013-14", "2014-15"], "amount_pence": [8_000, 9_000, 500]}
    )
    found = organisation_sections.income_shares(organisations, payments, grants).set_index("band")
    assert found.loc["three quarters or more", ["organisations", "pounds"]].tolist() == [1, 80.0]
    assert found.loc["under a tenth", ["organisations", "pounds"]].tolist() == [1, 5.0]
    assert found["organisations"].sum() == 2


def test_a_mutual_is_counted_once_and_never_as_a_social_enterprise_too():
    organisations = pd.DataFrame(
        {
            "organisation_id": ["a", "b", "c"],
            "social_enterprise": ["yes", "yes", "unknown"],
            "mutual": ["yes", "no", "no"],
        }
    )
    grants = pd.DataFrame({"recipient_id": ["a", "b", "b"], "amount_awarded_pence": [100, 200, 300]})
    applications = pd.DataFrame({"organisation_id": ["b", "b"], "successful": ["yes", "no"]})
    found = organisation_sections.who_they_are(organisations, grants, applications).set_index("kind")
    assert found["organisations"].to_dict() == {"Co-operatives and mutuals": 1, "Not known": 1, "Social enterprises": 1}
    assert found["pounds"].sum() == 6.0
    assert found.loc["Social enterprises", ["applied", "successful"]].tolist() == [2, 1]


# --- quality of providers


def provider(name, year="2014-15", rating="good", staff=40, left=10):
    return {
        "provider": name, "year": year, "sector": "private", "cqc_rating": rating, "rated_on": pd.Timestamp("2014-06-01"),
        "staff": staff, "staff_left": left,
    }  # fmt: skip


def test_a_providers_last_year_up_to_the_period_is_shown_and_small_staffs_are_hidden():
    rows = pd.DataFrame(
        [provider("A", "2013-14", "inadequate"), provider("A"), provider("B", staff=6), provider("A", "2020-21")]
    )
    found = quality_sections.quality(rows, "2015-16").set_index("provider")
    assert found.loc["A", ["year", "cqc_rating", "staff", "left"]].tolist() == ["2014-15", "good", 40, 10]
    assert found.loc["A", "share"] == 25
    assert pd.isna(found.loc["B", "staff"])
    assert found.loc["B", "staff_hidden"]
    assert pd.isna(found.loc["B", "share"])


def test_a_provider_rated_inadequate_comes_before_every_figure():
    report = reports.open("review", pilot="learning_disability")
    assert report.quality_flags() == ()
    report.study._tables["providers"] = pd.DataFrame([provider("Bluegate", rating="inadequate")])
    assert report.recommendation.says == "adapt"
    assert "rates Bluegate inadequate" in report.recommendation.reasons[0]


# --- choice


def test_a_count_is_hidden_where_the_rest_of_its_whole_is_small_and_says_so():
    frame = pd.DataFrame({"yes": [97, 60], "of": [100, 100]})
    found = protecting.shares(frame, "yes", "of")
    assert found["yes_hidden"].tolist() == [True, False]
    assert pd.isna(found.loc[0, "value"])
    assert found.loc[1, "value"] == 60
    assert found.loc[1, "lower"] < 60 < found.loc[1, "upper"]


def test_the_total_never_tells_the_one_count_that_is_hidden():
    alone = protecting.hidden_in_pairs(pd.Series([3, 40, 90], dtype="Int64"))
    assert alone.isna().tolist() == [False, True, False]
    assert protecting.hidden_in_pairs(pd.Series([3, 4, 90], dtype="Int64")).notna().all()


def test_personal_budgets_are_those_of_the_last_quarter_one_row_a_person():
    people = pd.DataFrame(
        {"period": ["2014-15 Q1", "2014-15 Q2", "2014-15 Q2", "2014-15 Q2"], "person_id": ["a", "a", "b", "c"],
         "support_reason": ["learning disability"] * 3 + ["other"], "personal_budget": ["none", "direct payment", "unknown", "none"]}
    )  # fmt: skip
    found = choice_sections.personal_budgets(people).set_index("held")
    assert found["people"].to_dict() == {"direct payment": 1, "unknown": 1}
    assert found.loc["direct payment", "of"] == 1
    assert pd.isna(found.loc["unknown", "of"])


def test_what_a_council_pays_is_split_without_gain_or_loss(disability):
    found = choice_sections.provision(disability._mine("packages"), disability.study.table("providers"))
    by_split = found.groupby("split")["pounds"].sum()
    assert by_split.iloc[0] == pytest.approx(by_split.iloc[1])


@pytest.mark.parametrize(
    ("section", "table", "column"),
    [("personal_budget", "people", "personal_budget"), ("information_and_advice", "reviews", "information_found")],
)
def test_an_extract_without_the_column_is_named_with_it(disability, section, table, column):
    disability.study._tables[table] = disability.study.table(table).drop(columns=column)
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
    assert {row["priority"] for row in with_pilot(disability, corporate_plan=given).plan_priorities()} == {
        registers.NOT_MAPPED
    }
    rows = with_pilot(disability, corporate_plan={key: "Your family: children and young people"}).plan_priorities()
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
