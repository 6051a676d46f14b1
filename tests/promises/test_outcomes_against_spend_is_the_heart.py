"""Issue 20, line 4: outcomes against spend by year, by provider or programme, by locality and beside neighbours, each with its finding."""

from __future__ import annotations

import pandas as pd
import pytest

import commissioning as cm
from commissioning.presentation.chart import Chart
from commissioning.sections import pictures
from commissioning.sections.pictures import councils, telling


@pytest.fixture(scope="module")
def people():
    return cm.open("learning_disability")


@pytest.fixture(scope="module")
def funding():
    return cm.open("vcf_funding")


def sentences(told) -> str:
    return " ".join(one.record["sentence"] for one in told.found)


def test_the_organisation_with_the_most_and_a_low_outcome_is_named_with_what_its_range_allows(funding):
    says = sentences(pictures.providers(funding))
    assert "ORG-75007 helped the most of the people whose result is known among those that may be named (65)" in says
    assert "There 46% (21 to 72) of people reached the outcome agreed with the organisation" in says
    assert "where over all it is 61%: its range reaches that of all, so chance is not ruled out" in says
    assert "What one organisation was paid may not be shown" in says


def test_the_provider_that_lies_wholly_lower_is_named_and_is_called_dearer_only_where_noise_leaves_no_doubt(people):
    told = pictures.providers(people)
    scatter = next(
        one.record for one in told.displays if isinstance(one, Chart) and one.record["chart"] == "spend_against_outcome"
    )
    names = [one["label"] for one in scatter["data"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in scatter["data"]["rows"]]
    known = [
        one
        for one in rows
        if isinstance(one["Spend a person (£, cash)"], (int, float)) and isinstance(one["Outcome (%)"], (int, float))
    ]
    middle = pd.Series([one["Spend a person (£, cash)"] for one in known]).median()
    whole = people.outcomes(periods="latest").query("measure == 'learning_disability_own_goal_met'").iloc[0]
    lower = [one for one in known if one["Upper limit"] < round(whole["lower"])]
    dearer = [one["Provider"] for one in lower if one["Spend a person, from (£)"] > middle]
    assert [one["Provider"] for one in lower] == ["Pathways"] and dearer == []
    assert [one["Provider"] for one in rows if one["Spends more and whole range is worse"] == "yes"] == dearer
    assert "the outcome of Pathways" in sentences(told) and "Its whole range lies on the worse side" in sentences(told)
    assert "What it spends a person is not told apart from the middle" in sentences(told)
    assert "rank" not in scatter["title"] and "Ranges, not ranks" in scatter["caption"]


def test_small_multiples_stand_in_the_order_of_names_and_hold_every_year_of_each(people):
    made = next(
        one.record
        for one in pictures.providers(people).displays
        if isinstance(one, Chart) and one.record["chart"] == "small_multiples"
    )
    names = list(dict.fromkeys(row[0] for row in made["data"]["rows"]))
    assert names == sorted(names) and len(names) > 10


def test_what_is_spent_a_person_is_spend_over_people_counted_once(people):
    frame = people.outcomes_against_spend().query("measure == 'learning_disability_own_goal_met'")
    chart = next(one.record for one in pictures.outcomes_and_spend(people).displays if isinstance(one, Chart))
    labels = [one["label"] for one in chart["data"]["columns"]]
    at = next(i for i, one in enumerate(labels) if one.startswith("Spend a person"))
    for row, (_, one) in zip(chart["data"]["rows"], frame.iterrows(), strict=True):
        exact = one["real_pence"] / one["people"] / 100
        assert row[at] / 100 == pytest.approx(exact, rel=0.05) and float(f"{exact:.2g}") == row[at] / 100


def test_each_locality_has_its_outcome_its_range_and_its_spend(people):
    told = pictures.localities(people)
    chart = told.displays[0].record
    assert [row[0] for row in chart["data"]["rows"]] == ["East", "North", "South", "West"]
    assert "is told apart from the whole" in sentences(told) or "clearly" in sentences(told)
    assert "Spend a person is not told apart between them" in sentences(told)


COUNCILS = pd.DataFrame({
    "council": ["Here", "Ayton", "Beeford", "Ceeham", "Deeley", "Eaton", "England"], "period": "2014-15",
    "value": [4.0, 6.0, 5.0, 7.0, 9.0, 8.0, 6.0], "people": [400.0] * 7, "spend_a_person_pence": pd.array([500_00, 400_00, 300_00, 450_00, 200_00, 350_00, 390_00], dtype="Int64"),
    "this_one": [True, False, False, False, False, False, False],
})  # fmt: skip


@pytest.mark.parametrize(("value", "pence", "says"), [
    (4.0, 500_00, "Here spends more a person than the middle of 6 councils (£500 beside £375) and its outcome is lower (4.0% beside 6.5%)"),
    (9.5, 100_00, "Here spends less a person than the middle of 6 councils (£100 beside £325) and its outcome is higher (9.5% beside 7.5%)"),
])  # fmt: skip
def test_beside_other_councils_the_words_follow_the_figures(people, monkeypatch, value, pence, says):
    frame = COUNCILS.copy()
    frame.loc[0, ["value", "spend_a_person_pence"]] = [value, pence]

    class Published:
        def compare(self, outcome, with_):
            return frame if with_ == "all" else frame[frame["council"].isin(["Here", "Ayton", "Deeley", "England"])]

    monkeypatch.setattr(councils.telling, "study_of", lambda page: Published())
    told = pictures.peers(people, "learning_disability_ascof_1e")
    chart = told.displays[0].record
    assert says in chart["title"] and says in sentences(told)
    held = {row[0]: row for row in chart["data"]["rows"]}
    assert "England" not in held and held["Ayton"][-1] == "yes" and held["Beeford"][-1] == "no"


def test_where_no_other_council_is_published_one_line_says_so(funding):
    (only,) = pictures.peers(funding).displays
    assert not isinstance(only, Chart) and len(only.record["lines"]) == 1


def test_a_cost_for_each_stands_where_it_may_be_divided_and_nowhere_else(people):
    plane = pictures.plane(people).displays[0].record
    value = people.value().query("withheld == ''")
    assert f"£{value['cost_each_pence'].iloc[0] // 100:,} for each" in plane["title"]
    shared = people.outcomes_against_spend().query("measure == 'learning_disability_by_proxy_control'")
    assert shared["spend_pence"].isna().all()
    assert telling.each(pd.NA, 100) is None and telling.each(100, 0) is None


def test_whose_money_it_is_adds_up_step_by_step(people):
    chart = pictures.waterfall(people).displays[0].record
    level = 0
    for _, pence, total in chart["data"]["rows"]:
        level = pence if total == "yes" and not level else level if total == "yes" else level + pence
        assert total != "yes" or level == pence
