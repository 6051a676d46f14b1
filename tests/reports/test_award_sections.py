"""Outcomes beside award, what is bought, small organisations under the move, criteria of funding, and what was tried."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.measures import catalogue
from commissioning.measures.breakdowns_of_organisations import OTHERS, SMALL, STAGES
from commissioning.measures.catalogue import loaded
from commissioning.pilot.agreed import Innovation
from commissioning.presentation import columns
from commissioning.reports import analyse
from commissioning.sections import showing
from commissioning.study import outcomes, restricted

REACHED = catalogue("vcf_funding")["vcf_funding_outcome_reached"]

FOLDER = pilots.home() / "pilots" / "vcf_funding"
funding_sections = loaded(FOLDER / "sections_funding.py")
organisation_sections = loaded(FOLDER / "sections_organisations.py")


@pytest.fixture
def funding():
    return reports.open("pilot", pilot="vcf_funding")


def rows_of(shown):
    return shown.record["data"]["rows"]


def column_of(shown, name):
    at = [one["name"] for one in shown.record["data"]["columns"]].index(name)
    return [row[at] for row in rows_of(shown)]


# --- outcomes beside award


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
    held = [one for one in funding.study.record["tables"] if one not in ("supported", "payments", "returns")]
    funding.study.record["tables"] = held
    figures = funding.released.figures
    kept = set(figures["measure"]) - {REACHED.id}
    funding.study.__dict__["released"] = funding.released.select(measure=sorted(kept))
    funding.study.__dict__["broken_down"] = funding.study.broken_down.select(measure=[])
    assert set(column_of(funding.outcomes_against_award(), "says")) == {"award known, outcome unknown"}


# --- what is bought, how, and what it achieves


def test_what_is_bought_stands_beside_how_and_what_came_of_it_and_what_is_lacking_is_said(funding):
    shown = funding.bought_and_achieved()
    assert "advice and benefits" in column_of(shown, "what")
    assert {"paid for an activity", "agreed on outcomes"} <= set(column_of(shown, "how"))
    assert any(isinstance(one, (int, float)) for one in column_of(shown, "value"))
    assert any("contract" in one for one in funding.lacks)


# --- small and equality-led organisations, before and since the move (11.1)


def answers(*rows):
    names = ["who", "stage", "number", "number_of", "number_value", "number_lower", "number_upper"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(**{f"{name}_hidden": frame[name].isna() for name in names[2:]})


def test_where_every_stage_is_hidden_all_stand_together_and_never_both():
    before, since, never = STAGES
    rows = [
        (SMALL, before, None, 35, None, None, None), (SMALL, since, None, 30, None, None, None),
        (OTHERS, before, 40, 60, 67, 54, 77), (OTHERS, never, None, 60, None, None, None),
    ]  # fmt: skip
    together = answers((SMALL, "", 70, 85, 82, 73, 89), (OTHERS, "", 80, 120, 67, 58, 74))
    found = organisation_sections.may_be_shown(answers(*rows), together.drop(columns="stage"))
    mine = found[found["who"] == SMALL]
    assert mine["stage"].tolist() == [organisation_sections.EVERY_STAGE]
    assert mine[["number", "out_of"]].to_numpy().tolist() == [[70, 85]]
    assert found.loc[found["who"] == OTHERS, "stage"].tolist() == [before, never]


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
    report.study._published["grants"] = restricted.table(report.study, "grants")
    shown = report.tried_and_learnt().record
    assert shown["kind"] == "log"
    assert {row[1] for row in shown["rows"]} <= set(funding_sections.RESULTS)


def test_a_register_that_does_not_record_experiments_is_not_said_to_have_none(funding):
    funding.study.__dict__["broken_down"] = funding.study.broken_down.select(measure=[])
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
    report.study._published["area_population"] = people
    monkeypatch.setattr(showing, "sources_of", lambda page, *tables: ("people.csv",))
    assert column_of(analyse.area_profile(report), "figure") == ["328,873"]
