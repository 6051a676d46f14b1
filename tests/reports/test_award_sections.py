"""Outcomes beside award, what is bought, small organisations under the move, criteria of funding, and what was tried."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from commissioning import reports
from commissioning.measures import catalogue
from commissioning.pilot import Innovation
from commissioning.presentation import columns
from commissioning.reports import award_sections, funding_sections, organisation_sections, outcomes

REACHED = catalogue("vcf_funding")["vcf_funding_outcome_reached"]


@pytest.fixture
def funding():
    return reports.open("pilot", pilot="vcf_funding")


def rows_of(shown):
    return shown.record["data"]["rows"]


def column_of(shown, name):
    at = [one["name"] for one in shown.record["data"]["columns"]].index(name)
    return [row[at] for row in rows_of(shown)]


# --- outcomes beside award


def supported(*rows):
    names = ["person_id", "grant_id", "outcome_reached", "period"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(department="A", organisation_id="O", domain="health", evidence_grade="a")


def test_a_person_with_two_agreements_of_one_programme_counts_once_in_it_and_in_each_programme_that_helped():
    rows = supported(
        ("p1", "g1", "no", "2014-15 Q1"), ("p1", "g2", "yes", "2014-15 Q2"), ("p1", "g3", "no", "2014-15 Q2"),
        ("p2", "g1", "unknown", "2014-15 Q1"),
    )  # fmt: skip
    programmes = pd.Series({"g1": "small", "g2": "small", "g3": "large"})
    found = award_sections.people_by(REACHED, {"supported": rows}, "programme", "2014-15", programmes).set_index(
        "group"
    )
    assert found.loc["small", ["reached", "known", "unknown"]].tolist() == [1, 1, 1]
    assert found.loc["large", ["reached", "known", "unknown"]].tolist() == [0, 1, 0]


def test_all_years_together_count_a_person_once():
    rows = supported(("p1", "g1", "yes", "2013-14 Q1"), ("p1", "g1", "no", "2014-15 Q1"))
    found = award_sections.people_by(REACHED, {"supported": rows}, "programme", "", pd.Series({"g1": "small"}))
    assert found[["reached", "known"]].to_numpy().tolist() == [[1, 1]]


def test_spend_is_told_apart_by_whether_the_outcome_of_its_agreement_is_known():
    accrued = pd.DataFrame(
        {"grant_id": ["g1", "g1", "g2"], "accrued_pence": [100, 200, 400], "outcome": ["known", "known", "unknown"]}
    )
    row = award_sections.spend_by(accrued, pd.Series(["A", "A", "A"])).iloc[0]
    assert (row["agreements"], row["pounds"], row["agreements_known"], row["pounds_known"]) == (2, 7.0, 1, 3.0)


def test_one_hidden_row_hides_the_smallest_other_because_the_total_would_tell_it():
    frame = pd.DataFrame({"n": [None, 40, 25], "n_hidden": [True, False, False]})
    assert award_sections.no_lone_gap(frame, "n")["n_hidden"].tolist() == [True, False, True]
    two = pd.DataFrame({"n": [None, None, 25], "n_hidden": [True, True, False]})
    assert award_sections.no_lone_gap(two, "n")["n_hidden"].tolist() == [True, True, False]


def test_each_programme_and_department_shows_its_award_spend_and_outcomes_with_their_range(funding):
    shown = funding.outcomes_against_award()
    assert set(column_of(shown, "split")) == {"Programme", "Department"}
    assert len(rows_of(shown)) == 2 + 5
    for reached, known, lower, value, upper in zip(
        *(column_of(shown, name) for name in ("reached", "known", "lower", "value", "upper")), strict=True
    ):
        assert reached < known
        assert lower < value < upper
        assert value == pytest.approx(100 * reached / known, abs=0.51)
    labels = [one["label"] for one in shown.record["data"]["columns"]]
    assert not [one for one in labels if "for each" in one or "a person" in one], "nothing is divided"


def test_the_departments_show_the_same_people_as_the_rest_of_the_page(funding):
    shown = funding.outcomes_against_award()
    figures = funding.released.figures
    mine = figures[
        (figures["measure"] == REACHED.id) & (figures["period"] == "2015-16") & (figures["group_kind"] == "department")
    ]
    released = dict(zip(mine["group"], mine["denominator"], strict=True))
    here = {group: known for split, group, known in zip(column_of(shown, "split"), column_of(shown, "group"), column_of(shown, "known"), strict=True) if split == "Department"}  # fmt: skip
    assert here == {group: int(count) for group, count in released.items()}


def test_where_nobody_is_counted_the_table_says_award_known_outcome_unknown(funding):
    for name in ("supported", "payments", "returns"):
        funding.study._tables[name] = pd.DataFrame()
    held = [one for one in funding.study.record["tables"] if one not in ("supported", "payments", "returns")]
    funding.study.record["tables"] = held
    figures = funding.released.figures
    kept = set(figures["measure"]) - {REACHED.id}
    funding.study.__dict__["released"] = funding.released.select(measure=sorted(kept))
    assert set(column_of(funding.outcomes_against_award(), "says")) == {"award known, outcome unknown"}


# --- what is bought, how, and what it achieves


def test_agreements_are_told_apart_by_what_they_are_for_and_how_they_are_agreed():
    grants = pd.DataFrame(
        {"grant_id": ["a", "b", "c"], "purpose": ["lunch", "lunch", None], "agreement": ["activity", "outcome", "unknown"],
         "amount_awarded_pence": [100, 200, 300]}
    )  # fmt: skip
    found = award_sections.bought(grants, "purpose")
    assert found[["what", "how"]].to_numpy().tolist() == [
        ["lunch", "paid for an activity"], ["lunch", "agreed on outcomes"], ["unknown", "not recorded"],
    ]  # fmt: skip


def test_what_is_bought_stands_beside_how_and_what_came_of_it_and_what_is_lacking_is_said(funding):
    shown = funding.bought_and_achieved()
    assert "advice and benefits" in column_of(shown, "what")
    assert {"paid for an activity", "agreed on outcomes"} <= set(column_of(shown, "how"))
    assert any(isinstance(one, (int, float)) for one in column_of(shown, "value"))
    assert any("contract" in one for one in funding.lacks)


# --- small and equality-led organisations, before and since the move (11.1)

STARTS = pd.DataFrame({"unit_kind": "department", "unit": ["A", "B"], "started": ["2013-14 Q3", "never"]})


def test_a_department_has_moved_from_the_year_in_which_it_began():
    years = pd.Series(["2012-13", "2013-14", "2014-15", "2014-15", "2014-15", "unknown"])
    departments = pd.Series(["A", "A", "A", "B", "C", "A"])
    stages = organisation_sections.stage_of(departments, years, STARTS)
    before, since, never = organisation_sections.STAGES
    assert stages.tolist()[:4] == [before, since, since, never]
    assert stages.isna().tolist()[4:] == [True, True], "a department without a start, and a year not known"


def test_success_counts_applications_with_a_decision_by_who_made_them():
    applications = pd.DataFrame(
        {"small_or_equality_led": ["yes", "yes", "yes", "no", "unknown"], "successful": ["yes", "no", "unknown", "yes", "yes"],
         "department": "A", "period": "2012-13"}
    )  # fmt: skip
    found = organisation_sections.success(applications, STARTS).set_index("who")
    assert found.loc[organisation_sections.SMALL, ["out_of", "number"]].tolist() == [2, 1]
    assert found.loc[organisation_sections.OTHERS, ["out_of", "number"]].tolist() == [1, 1]


def test_survival_pools_every_year_of_first_funding():
    organisations = pd.DataFrame(
        {"small": ["yes", "no", "no", "no"], "equality_led": ["no", "yes", "no", "unknown"], "department": "B",
         "first_funded": ["2012-13", "2014-15", "2013-14", "2013-14"], "operating_at_12_months": ["yes", "no", "yes", "yes"]}
    )  # fmt: skip
    found = organisation_sections.survival(organisations, STARTS).set_index("who")
    assert found.loc[organisation_sections.SMALL, ["out_of", "number"]].tolist() == [2, 1]
    assert found.loc[organisation_sections.OTHERS, ["out_of", "number"]].tolist() == [1, 1]


def test_where_every_stage_would_be_hidden_all_stand_together_and_never_both():
    before, since, never = organisation_sections.STAGES
    small, others = organisation_sections.SMALL, organisation_sections.OTHERS
    rows = [
        (small, before, 35, 30),
        (small, since, 30, 26),
        (small, never, 20, 15),
        (others, before, 60, 40),
        (others, never, 60, 40),
    ]
    found = organisation_sections.may_be_shown(pd.DataFrame(rows, columns=["who", "stage", "out_of", "number"]))
    mine = found[found["who"] == small]
    assert mine["stage"].tolist() == [organisation_sections.EVERY_STAGE]
    assert mine[["number", "out_of"]].to_numpy().tolist() == [[70, 85]], "71 of 85, rounded"
    assert len(found[found["who"] == others]) == 2


def test_the_page_shows_success_and_survival_and_says_how_many_rows_are_hidden(funding):
    shown = funding.small_under_the_move()
    assert {"Applications that succeeded", "Still operating 12 months after first funding"} == set(
        column_of(shown, "what")
    )
    hidden = sum(one == "hidden" for one in column_of(shown, "number"))
    assert f"{hidden} of {len(rows_of(shown))} rows hide their number" in shown.record["caption"]
    assert "learning_disability/starts.csv" not in shown.record["sources"], "only the starts of departments are read"


# --- carbon and social value (12.1, 4.11d)


def test_each_criterion_stands_with_the_paragraph_it_is_from(funding):
    shown = funding.criteria()
    assert column_of(shown, "criterion") == ["Carbon", "Social value"]
    assert [one.rpartition(", ")[2] for one in column_of(shown, "origin")] == ["12.1", "4.11d"]


def test_without_an_extract_carbon_and_social_value_are_not_scored(funding):
    funding.study.record["measures"] = []
    assert "not scored" in str(funding.criteria().record)


# --- what was tried (4.11f)


def with_innovation(report, *entries):
    report.pilot = report.pilot.model_copy(update={"innovation": entries})
    return report


def test_what_did_not_work_is_shown_with_what_was_learnt_and_all_are_judged_together(funding):
    shown = with_innovation(
        funding,
        Innovation(tried="a", on=date(2014, 1, 1), result="worked", learnt="x"),
        Innovation(tried="b", result="did not work", learnt="y"),
        Innovation(tried="c", result="not known yet"),
    ).tried_and_learnt()
    assert shown.record["title"].endswith("3 tried, 1 worked, 1 did not work, 1 not known yet; a lesson written from 2")
    assert [row[2] for row in shown.record["rows"]] == ["x", "y", "No lesson is written yet"]


def test_where_nobody_wrote_down_what_was_tried_the_page_says_what_it_needs(funding):
    shown = with_innovation(funding).tried_and_learnt()
    assert shown.record["kind"] == "note"
    assert "[[innovation]]" in str(shown.record)


def test_experiments_of_a_register_are_named_only_where_it_is_public(funding):
    report = with_innovation(funding)
    assert report.tried_and_learnt().record["kind"] == "note"
    report.study.record["public_tables"] = ["grants"]
    shown = report.tried_and_learnt().record
    assert shown["kind"] == "log"
    assert {row[1] for row in shown["rows"]} <= set(funding_sections.RESULTS)


def test_a_register_that_does_not_record_experiments_is_not_said_to_have_none(funding):
    grants = funding.study.table("grants")
    funding.study._tables["grants"] = grants.assign(experiment="unknown")
    assert "does not say so of any" in str(funding.innovation_portfolio().record)


# --- words and numbers


def test_a_sum_of_counts_has_no_value_besides_its_number_and_no_decimals(funding):
    keys = ("vcf_funding_people_supported", "vcf_funding_contacts")
    found = outcomes.table(funding.released, {key: funding.measures[key] for key in keys}, "2015-16").frame
    assert found["numerator"].gt(0).all()
    assert found["value"].isna().all()
    data = columns.payload(found[["what", "numerator", "value", "value_status"]])
    assert {row[2] for row in data["rows"]} == {"the number itself"}


def test_the_page_does_not_say_that_it_cannot_tell_what_it_shows(funding):
    funding.one_funder()
    assert funding.share_of_income().record["kind"] == "table"
    assert "whole income" not in str(funding.cannot_tell().record)


def test_people_living_in_an_area_are_whole_people(monkeypatch):
    report = reports.open("analyse", pilot="vcf_funding")
    people = pd.DataFrame({"area_code": [report.study.area], "year": ["2020"], "people": [328_873.0]})
    report.study._tables["area_population"] = people
    monkeypatch.setattr(report, "sources_of", lambda *tables: ("people.csv",))
    assert column_of(report.area_profile(), "figure") == ["328,873"]
