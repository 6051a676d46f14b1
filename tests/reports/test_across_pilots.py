"""A page across pilots speaks of every pilot: its files, what was hidden, what is assumed, and what changed."""

from __future__ import annotations

import re

import pytest

from commissioning import reports
from commissioning.pilot.agreed import Balance
from commissioning.reports import closing, services_budget
from commissioning.sections import showing


@pytest.fixture(scope="module")
def cabinet():
    """The page across pilots, opened once; a test that changes it opens its own."""
    return reports.open("cabinet_summary")


def rows_of(shown):
    record = shown.record
    return record["rows"] if record["kind"] == "log" else record["data"]["rows"]


def test_every_pilots_assumptions_and_decisions_stand_on_it(cabinet):
    for shown, name in ((cabinet.assumptions(), "assumptions"), (cabinet.decisions_log(), "decisions_log")):
        expected = sum(len(getattr(one.pilot, name)) for one in cabinet.services.values())
        assert len(rows_of(shown)) == expected
        assert {row[0] for row in rows_of(shown)} == {one.pilot.title for one in cabinet.services.values()}


def test_what_was_hidden_is_counted_over_every_pilot(cabinet):
    by_label = {row[0]: row[1] for row in rows_of(cabinet.hidden())}
    each = [{row[0]: row[1] for row in rows_of(one.hidden())} for one in cabinet.services.values()]
    assert all(by_label[label] == sum(one[label] for one in each) for label in by_label)


def test_no_file_is_both_reconciled_and_left_aside(cabinet):
    taken = {one["file"] for one in showing.all_files(cabinet) if one["status"] == "accepted"}
    every = {one["file"] for service in cabinet.services.values() for one in service.study.files}
    for service in cabinet.services.values():
        own = {one["file"] for one in service.study.files if one["status"] == "accepted"}
        assert own and own <= taken
    aside = cabinet.left_aside().record
    named = {row[0] for row in aside["rows"]} if aside["kind"] == "log" else set()
    assert named == every - taken


def test_findings_about_the_data_are_those_of_every_pilot(cabinet):
    found = {row[1] for row in rows_of(cabinet.data_findings())}
    for service in cabinet.services.values():
        shown = service.data_findings().record
        assert {row[1] for row in shown.get("rows", ())} <= found


def test_a_change_put_down_to_a_pilot_is_in_the_answer_and_stands_among_the_reasons_of_what_the_evidence_supports(
    cabinet,
):
    told = [one for one in cabinet.answer().lines if one.sign == "attributable" and one.question == "What changed"]
    assert len(told) == 1  # funding's change is compared: its outcomes are told by those who are funded
    text = " ".join(str(cell) for row in rows_of(cabinet.reasons()) for cell in row)
    for one in told:
        change = re.search(r"\d+", one.says)
        assert change and f"about {change.group()}" in text.lower()


def test_the_claim_beside_an_outcome_is_the_one_made_on_its_change(cabinet):
    table = cabinet.side_by_side().record
    names = [column["name"] for column in table["data"]["columns"]]
    claims = {row[names.index("what")]: row[names.index("claim")] for row in table["data"]["rows"]}
    assert claims["Reviews at which the person had met the main goal they set themselves"] == "attributable"


def test_how_the_two_values_were_weighed_is_said_or_that_nobody_wrote_it():
    cabinet = reports.open("cabinet_summary")
    assert all("scrutiny committee" in row[3] for row in rows_of(cabinet.balance()))
    service = next(iter(cabinet.services.values()))
    service.pilot = service.pilot.model_copy(update={"balance": ()})
    assert "Nobody has written" in rows_of(cabinet.balance())[0][3]
    written = Balance(says="Control came first", by="Cabinet", on="2012-03-20")
    service.pilot = service.pilot.model_copy(update={"balance": (written,)})
    assert rows_of(cabinet.balance())[0][3] == "Control came first (Cabinet, 2012-03-20)"


def test_spend_as_an_investment_tells_prevention_from_consequence_and_is_no_award(cabinet):
    table = cabinet.investment().record
    names = [column["name"] for column in table["data"]["columns"]]
    found = {row[names.index("what")]: row[names.index("meant_as")] for row in table["data"]["rows"]}
    assert found == {
        "Support in packages of people with a learning disability, gross": "consequence",
        "Spend on agreements whose outcome is known, in the months they covered": "prevention",
    }


def test_what_is_assumed_and_decided_stands_beside_the_scores_of_service_reviews():
    report = reports.open("service_reviews")
    assert "from one role means as much" in str(report.assumptions().record)
    assert "Cabinet" in str(report.decisions_log().record)
    report.worked_out[services_budget.scores] = services_budget.scores(report).model_copy(
        update={"assumptions": (), "decisions_log": ()}
    )
    assert "No assumption is written in the scores of services" in str(report.assumptions().record)
    assert "No decision on reviews" in str(report.decisions_log().record)
    for shown in (report.which_next(), report.stability(), report.rolled_over(), report.ten_years()):
        assert "data/sample/service_reviews.toml" in shown.record["sources"]


def test_a_figure_is_claimed_as_its_key_finding_says_and_not_as_the_last_section_that_names_it():
    report = reports.open("review", pilot="learning_disability")
    key = {one["sentence"]: one["claim"] for one in report.answer().record["findings"]}
    before = {row["measure"]: row["claim"] for row in closing.as_json(report)["figures"]}
    report.effects_table()
    report.equality()
    assert {row["measure"]: row["claim"] for row in closing.as_json(report)["figures"]} == before
    assert set(before.values()) <= {"described", *key.values()}


@pytest.mark.parametrize("year", ["2012-13", pytest.param("2013-14", marks=pytest.mark.soak), "2014-15"])
def test_sections_that_end_in_a_finding_can_say_it_in_every_year(year):
    said = []
    for stage, pilot, sections in (
        ("analyse", "learning_disability", ("needs", "how_provided", "bought_and_achieved", "market")),
        ("pilot", "learning_disability", ("need_and_cost", "packages_purse", "personal_budget", "who_provides")),
        (
            "pilot",
            "vcf_funding",
            ("outcomes_against_award", "bought_and_achieved", "in_proportion", "prompt", "criteria"),
        ),
    ):
        report = reports.open(stage, pilot=pilot, period=year)
        for name in sections:
            said += report.told(name).found
    assert said
