"""Service reviews: a budget answers one criterion of six, and what nobody scored has no place."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.errors import UsageError
from commissioning.methods import priorities
from commissioning.reports import review_scores, services_budget
from commissioning.reports.review_scores import Demand, Score, Scores

BUDGET = pd.DataFrame({"service": ["Schools", "Care", "Parks"], "share": [60.0, 39.0, 1.0]})
ONE = '[[scores]]\nservice = "Care"\ncriterion = "a"\nscore = 4\nscored_by = "Head of law"\nevidence = "register"\n'


def score(service: str, criterion: str, value: float) -> Score:
    return Score(service=service, criterion=criterion, score=value, scored_by="Head of law", evidence="the register")


def test_a_budget_answers_criterion_b_and_no_other():
    found = review_scores.table(BUDGET, Scores())
    assert found["b"].tolist() == [5.0, 5.0, 1.0]
    assert found.drop(columns="b").isna().all(axis=None)


def test_a_score_is_joined_by_name_whatever_its_case():
    found = review_scores.table(BUDGET, Scores(scores=(score("  cARE ", "a", 4),)))
    assert found.loc["Care", "a"] == 4
    assert found["a"].isna().sum() == 2


def test_possible_places_hold_every_place_that_missing_scores_could_give():
    weight = {"a": 2.0, "b": 1.0}
    scores = pd.DataFrame({"a": [5.0, None, 0.0], "b": [None, 4.0, 1.0]}, index=["x", "y", "z"])
    found = review_scores.possible_places(scores, weight)
    seen: dict[str, set[int]] = {name: set() for name in scores.index}
    for xb, ya in itertools.product(range(6), range(6)):
        total = {"x": 10 + xb, "y": 2 * ya + 4, "z": 1}
        for name in total:
            seen[name].add(1 + sum(other > total[name] for other in total.values()))
    for name in scores.index:
        assert found.loc[name, "best"] == min(seen[name])
        assert found.loc[name, "worst"] == max(seen[name])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ONE.replace("Head of law", ""), r"scores\.0\.scored_by"),
        (ONE.replace('"a"', '"b"'), "criterion"),
        (ONE + ONE.replace("Care", "care"), "twice"),
        ("[weights]\ng = 1.0\n", "weights"),
        ("scroes = 1\n", "scroes"),
    ],
)
def test_a_score_without_a_name_scored_twice_or_of_the_budget_is_refused(tmp_path: Path, text: str, says: str):
    path = tmp_path / "service_reviews.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        review_scores.read(path)


def test_ten_years_multiply_people_by_the_growth_of_cost():
    one = Demand(service="x", people_now=100, people_in_ten_years=150, cost_growth=0.0, by="x", evidence="x")
    assert review_scores.in_ten_years(200_000_000, one) == 300_000_000


@pytest.fixture(scope="module")
def sample():
    return reports.open("service_reviews")


def test_the_sample_ranks_the_scored_services_and_says_that_its_scores_are_illustrative(sample):
    assert "Illustrative scores" in sample.which_next().record["title"]
    order = services_budget.order(sample)
    assert order.loc[order["missing"] == "", "place"].notna().all()
    assert order.loc[order["missing"] != "", "place"].isna().all()
    assert "Illustrative scores" in sample.stability().record["caption"]


def test_the_head_of_the_page_leads_only_to_what_the_page_holds(sample):
    anchors = {one.id for one in (sample.budget_table(), sample.criteria(), sample.stability(), sample.rolled_over())}
    assert {one["evidence"] for one in sample.answer().record["findings"]} <= anchors


def test_members_weights_change_the_order(sample):
    scores = services_budget.table_of_scores(sample).dropna()
    only_scope = {key: float(key == "d") for key in "abcdef"}
    assert priorities.rank(scores, only_scope).index[0] == scores["d"].idxmax()
    assert priorities.rank(scores, services_budget.scores(sample).weight).index[0] != scores["d"].idxmax()


@pytest.mark.real_data
def test_a_real_budget_ranks_nothing_and_takes_no_sample_score(tmp_path: Path, monkeypatch):
    profile = pilots.home().parent / "shared" / "data" / "context" / "wirral_council_budget_profile.json"
    if not profile.is_file():
        pytest.skip("the real budget profile is not beside this checkout")
    (tmp_path / profile.name).write_bytes(profile.read_bytes())
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    report = reports.open("service_reviews", data=str(tmp_path))
    assert len(services_budget.budget(report)) == 11
    assert int(services_budget.budget(report)["amount_pence"].sum()) == 61_352_300_000
    assert services_budget.held(report) is None
    assert services_budget.order(report)["place"].isna().all()
    assert not services_budget.scores(report).scores
    assert len(report.answer().record["findings"]) >= 3
