"""Proportion, the same purpose twice, one funder, experiments; whose money it is, and similar need at different cost."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import reports
from commissioning.measures import derive, same_purpose
from commissioning.sections import answering, figures


def grants(*rows: dict[str, object]) -> pd.DataFrame:
    base = {"charity_number": None, "company_number": None, "recipient_id": None, "recipient": "Friends", "purpose": "lunch",
            "start_on": "2014-04-01", "end_on": "2015-03-31", "award_date": "2014-04-01", "amount_awarded_pence": 100_000}  # fmt: skip
    frame = pd.DataFrame([base | {"grant_id": f"g{place}", "months": None} | row for place, row in enumerate(rows)])
    for name in ("start_on", "end_on", "award_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def test_two_departments_need_the_same_purpose_and_a_month_in_common():
    same = grants({"department": "A", "charity_number": "1"}, {"department": "B", "charity_number": "1"})
    assert same_purpose.shared_purpose(same)["match"].tolist() == ["charity number"]
    later = same.assign(start_on=[same["start_on"][0], pd.Timestamp("2016-04-01")], end_on=[same["end_on"][0], pd.Timestamp("2017-03-31")])  # fmt: skip
    assert same_purpose.shared_purpose(later).empty  # a department renamed is not two at once
    assert same_purpose.shared_purpose(same.assign(purpose=["lunch", "transport"])).empty
    assert same_purpose.shared_purpose(same.assign(department="A")).empty


def test_a_match_by_name_is_shown_as_such_and_never_merged():
    rows = grants(
        {"department": "A", "charity_number": "1", "recipient": "Friends  of All"},
        {"department": "B", "charity_number": "2", "recipient": "friends of all"},
    )
    assert same_purpose.shared_purpose(rows)["match"].tolist() == [same_purpose.DIFFERENT]
    without = rows.assign(charity_number=["1", None])
    assert same_purpose.shared_purpose(without)["match"].tolist() == [same_purpose.NAME_ONLY]
    assert derive.organisation_key(rows).nunique() == derive.organisation_key(without).nunique() + 1 == 2


def test_months_without_an_end_date_are_months_in_which_two_departments_may_both_pay():
    rows = grants({"department": "A", "charity_number": "1"}, {"department": "B", "charity_number": "1"})
    register = rows.assign(
        start_on=None, end_on=None, months=12, award_date=pd.to_datetime(["2019-06-01", "2020-05-31"])
    )
    assert len(same_purpose.shared_purpose(register)) == 1, "June to May, and May to April"
    assert same_purpose.shared_purpose(register.assign(months=11)).empty
    assert same_purpose.overlaps(register)[0]["no_months"].sum() == 2, (
        "the first day is taken from the award, and the page says so"
    )


def test_agreements_that_share_any_number_are_of_one_organisation_also_through_a_third():
    rows = grants(
        {"department": "A", "charity_number": "1", "company_number": "01234567"},
        {"department": "B", "company_number": "1234567"},
        {"department": "C", "charity_number": "1"},
    )
    assert derive.organisation_key(rows).tolist() == ["charity 1"] * 3
    found = same_purpose.shared_purpose(rows)
    assert found["match"].tolist() == ["company number", "charity number", same_purpose.THROUGH_ANOTHER]
    assert same_purpose.overlaps(rows)[1]["joined"].sum() == 1
    assert derive.organisation_key(rows.iloc[1:]).nunique() == 2, "without the first nothing says that they are one"


def test_a_number_of_noughts_is_no_number():
    rows = grants({"department": "A", "charity_number": "0"}, {"department": "B", "charity_number": "0"})
    assert derive.organisation_key(rows).isna().all()


def test_the_page_says_how_many_purposes_no_other_agreement_repeats():
    rows = grants(
        {"department": "A", "charity_number": "1", "purpose": "a lunch club"},
        {"department": "B", "charity_number": "1", "purpose": "lunches for older people"},
        {"department": "B", "charity_number": "2", "purpose": "unknown"},
    )
    assert same_purpose.shared_purpose(rows).empty


def test_the_page_says_of_an_unpublished_register_that_its_counts_are_rounded():
    shown = reports.open("pilot", pilot="vcf_funding").paid_twice().record
    assert "recorded purpose" in shown["caption"] and "Counts are rounded." in shown["caption"]


SECTIONS = [
    ("vcf_funding", ("in_proportion", "paid_twice", "one_funder", "innovation_portfolio")),
    ("learning_disability", ("packages_purse", "need_and_cost")),
]


@pytest.mark.parametrize(("pilot", "sections"), SECTIONS)
def test_each_section_shows_a_table_of_the_sample_with_no_name_and_no_small_count(pilot, sections):
    report = reports.open("pilot", pilot=pilot)
    for name in sections:
        record = getattr(report, name)().record
        assert record["kind"] == "table"
        assert record["data"]["rows"], name
        labels = [column["name"] for column in record["data"]["columns"]]
        assert "recipient" not in labels
        for count in ("agreements", "people", "organisations", "pairs", "due", "met"):
            if count in labels:
                at = labels.index(count)
                shown = [row[at] for row in record["data"]["rows"] if isinstance(row[at], (int, float))]
                assert not [one for one in shown if 1 <= one <= 7]


def test_without_an_agreed_range_nobody_is_said_to_be_asked_too_much():
    report = reports.open("pilot", pilot="vcf_funding")
    report.pilot = report.pilot.model_copy(update={"hours_in_proportion": {}})
    assert report.in_proportion().record["kind"] == "note"


def test_money_in_a_table_of_unlike_measures_is_in_pounds():
    report = reports.open("pilot", pilot="learning_disability")
    frame = figures.outcome_frame(report, answering._answering(report, "4.14a")).frame.set_index("what")
    cost = frame.loc[report.measures["learning_disability_weekly_cost"].title]
    assert cost["unit"] == "£ a person-week"
    assert 300 < cost["value"] < 3_000, "the middle of a council's weekly costs, in pounds"
    assert cost["value"] == pytest.approx(cost["numerator"] / cost["denominator"], rel=0.02)


def test_no_year_is_counted_after_the_last_in_which_an_agreement_began():
    rows = grants({"department": "A", "charity_number": "1"}, {"department": "B", "charity_number": "2"})
    rows = rows.assign(start_on=None, end_on=None, months=12, award_date=pd.to_datetime(["2013-06-01", "2014-12-01"]))
    years = derive.funded_organisations({"grants": rows}).groupby("organisation_id")["year"].agg(list).to_dict()
    assert years == {"charity 1": ["2013-14", "2014-15"], "charity 2": ["2014-15"]}, (
        "the second runs on to November 2015"
    )
