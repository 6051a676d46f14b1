"""People are counted once: whatever says "people" counts different people, and a pilot's one cost is of those people.

The planted truth of the sample is read from its truth.toml and worked out a second way, from the CSV files alone.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.measures import catalogue, describe
from commissioning.methods import pilot_value
from commissioning.reports import easy_read_words
from commissioning.study import estimates, judged, restricted, value_for_money, value_words
from commissioning.study.prepare import open_sample
from commissioning.study.prepared import Prepared

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample" / "learning_disability"
YEAR = "2015-16"
CATALOGUE = catalogue()
SAYS_PEOPLE = re.compile(r"\b(people|persons|adults)\b", re.IGNORECASE)

# Rows that are people by the way their table is made, and published figures, whose publisher counts people.
ONE_PERSON_A_ROW = {
    "access": "a person supported is one row a year, beside cells of the population",
    "indicators": "as published",
}


def counted_words(measure) -> dict[str, str]:
    """The texts that say what a figure is out of: its unit, its denominator, and the start of its title."""
    start = re.split(r"\b(?:at which|who|in|with|whose)\b", measure.title)[0]
    return {"unit": measure.unit, "title": start, "counted": measure.counted}


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_no_text_calls_the_denominator_of_a_measure_people_unless_each_is_counted_once(measure_id):
    measure = CATALOGUE[measure_id]
    if measure.counts_people or measure.table in ONE_PERSON_A_ROW:
        return
    words = counted_words(measure)
    if measure.amount is not None and measure.out_of is None:
        del words["title"]  # a sum of pounds or hours is out of nothing
    for where, text in words.items():
        assert not SAYS_PEOPLE.search(text), f"{measure_id}, {where}: {text!r}, and a row is {measure.one_row_is}"
    denominator = describe.denominator_words(measure)
    assert not re.search(r"\bpeople\b", denominator) or "person-weeks" in denominator, f"{measure_id}: {denominator}"


def test_a_measure_that_says_people_has_as_many_people_as_rows_in_every_figure():
    """Figures of the sample: the denominator of "people" is the number of different ids, once each in the period."""
    pilot = pilots.load("vcf_funding")
    for held in (open_sample(pilot), open_sample(pilots.load("learning_disability"))):
        figures = restricted.results(held).query("group_kind == 'all'")
        for key, rows in figures[figures["denominator"].gt(0)].groupby("measure"):
            measure = CATALOGUE[str(key)]
            if measure.counts_people and measure.out_of is None:
                assert (rows["denominator"] == rows["people"]).all(), key
    reviews = restricted.results(held).query(
        "measure == 'learning_disability_own_goal_met' and group_kind == 'all' and period == @YEAR"
    )
    assert (reviews["denominator"] > reviews["people"]).all(), (
        "reviews are more than people, so they are called reviews"
    )


def test_easy_read_draws_people_only_where_people_are_counted_once():
    assert easy_read_words.counted(CATALOGUE["learning_disability_own_goal_met"]) == "reviews"
    assert easy_read_words.counted(CATALOGUE["learning_disability_paid_work"]) == "people"
    assert easy_read_words.counted(CATALOGUE["learning_disability_ascof_1e"]) == "people"
    assert easy_read_words.counted(CATALOGUE["vcf_funding_target_met"]) == "agreements"


# --- the value of the sample, against its planted truth


@pytest.fixture(scope="module")
def truth():
    planted = tomllib.loads((ROOT / "data" / "sample" / "truth.toml").read_text(encoding="utf-8"))["planted"]
    return {one["measure"]: one["size"] for one in planted if one["kind"] == "effect"}


@pytest.fixture(scope="module")
def sample():
    pilot = pilots.load("learning_disability", sample=True)
    return pilot, open_sample(pilot)


def attributable(pilot, held, *ids):
    """Effects as the value takes them; whether they may be claimed is judged elsewhere, and is not asked here."""
    starts = estimates.starts_of(held, pilot)
    return [
        judged.Estimate(
            measure=CATALOGUE[one], effect=value_for_money.effect_of(estimates.panel(held, pilot, CATALOGUE[one], starts), pilot, CATALOGUE[one]), claim=None, why_not="",
            summary=None,  # type: ignore[arg-type]
        )
        for one in ids
    ]  # fmt: skip


GOAL, CONTROL = "learning_disability_own_goal_met", "learning_disability_control"
COST = CATALOGUE["learning_disability_weekly_cost"]


@pytest.fixture(scope="module")
def found(sample):
    pilot, held = sample
    return value_for_money.of(held, pilot, attributable(pilot, held, GOAL, CONTROL), COST, YEAR)


@pytest.fixture(scope="module")
def by_hand():
    """From the CSV files alone: person-weeks, and different people with a known goal, of wards that had started."""
    starts = pd.read_csv(SAMPLE / "starts.csv").query("started != 'never'").set_index("unit")["started"]
    packages, reviews = pd.read_csv(SAMPLE / "packages.csv"), pd.read_csv(SAMPLE / "reviews.csv")

    def of(rows: pd.DataFrame) -> pd.DataFrame:
        begun = rows["ward"].map(starts)
        return rows[rows["period"].str.startswith(YEAR) & begun.notna() & (rows["period"] >= begun)]

    goals = of(reviews).query("goal_in_own_words == 'yes' and goal_rewritten != 'yes' and goal_met in ('yes', 'no')")
    return {
        "weeks of everybody": float(of(packages)["weeks"].sum()),
        "reviews": len(goals),
        "people": goals["person_id"].nunique(),
    }


def test_people_in_places_that_started_are_different_people_and_not_reviews(found, by_hand):
    goal = found.outcomes[0]
    assert (goal.counted.rows, goal.counted.people) == (by_hand["reviews"], by_hand["people"]) == (1116, 723)


def test_the_printed_range_holds_the_planted_gain_in_people(found, by_hand, truth):
    planted = truth[GOAL] / 100 * by_hand["people"]
    shown = value_words.row(found.outcomes[0])
    assert shown["effect_lower"] <= planted <= shown["effect_upper"]
    assert planted == pytest.approx(57.84)


def test_the_printed_range_of_the_cost_holds_the_planted_pounds_a_person_week(found, by_hand, truth):
    planted = truth[COST.id] * by_hand["weeks of everybody"]
    assert planted == pytest.approx(800_920)  # £0.80m a year
    shown = value_words.cost_row(found)
    assert shown["cost_lower"] <= planted <= shown["cost_upper"]
    assert shown["cost_lower"] <= truth[COST.id] * found.cost.person_weeks <= shown["cost_upper"]
    assert found.cost.a_week.lower <= 100 * truth[COST.id] <= found.cost.a_week.upper


def test_gain_times_worth_less_cost_is_the_benefit_as_printed(found):
    shown, cost = value_words.row(found.outcomes[0]), value_words.cost_row(found)
    assert shown["benefit"] == shown["effect"] * shown["worth"] - cost["cost"]


def test_two_outcomes_carry_one_cost_which_is_said_to_be_shared(found):
    assert found.shared and len(found.outcomes) == 2
    said = " ".join(value_words.sentences(found, {}))
    pounds = f"£{value_words.cost_row(found)['cost']:,.0f}"
    assert said.count(f"{pounds} more in cash in {YEAR}") == 1 and "shared by these outcomes" in said


def test_a_third_of_the_last_quarters_reviews_missing_does_not_move_the_cost(sample, found, tmp_path):
    pilot, held = sample
    lost = tmp_path / "study"
    shutil.copytree(held.path, lost)
    reviews = restricted.table(held, "reviews")
    last = reviews[reviews["period"] == f"{YEAR} Q4"]
    gone = last.sample(frac=1 / 3, random_state=2011).index
    reviews.drop(gone).to_parquet(lost / "tables" / "reviews.parquet", index=False)
    fewer = Prepared(lost)
    again = value_for_money.of(fewer, pilot, attributable(pilot, fewer, GOAL), COST, YEAR)
    assert len(gone) > 100 and again.outcomes[0].counted.people < found.outcomes[0].counted.people
    assert found.cost.pence.lower <= again.cost.pence.estimate <= found.cost.pence.upper
    assert again.cost.pence.estimate == pytest.approx(found.cost.pence.estimate), "cost does not count reviews at all"


def test_a_report_of_an_earlier_year_counts_only_places_that_had_started_by_then(sample):
    pilot, held = sample
    starts = estimates.starts_of(held, pilot)
    early = value_for_money.people_started(held, pilot, CATALOGUE[GOAL], starts, "2013-14")[0]
    before = value_for_money.people_started(held, pilot, CATALOGUE[GOAL], starts, "2012-13")[0]
    late = value_for_money.people_started(held, pilot, CATALOGUE[GOAL], starts, YEAR)[0]
    assert before.people == 0 < early.people < late.people


def test_places_weigh_in_the_cost_by_the_support_their_people_have():
    """A start that costs £60 more a week in the one large place, and nothing in the small ones, is mostly £60 a person-week."""
    rows = []
    quarters = [f"{2011 + n // 4}-{12 + n // 4} Q{n % 4 + 1}" for n in range(12)]
    people = {"Large": 60, **{f"Small {n}": 5 for n in range(7)}, **{f"Other {n}": 20 for n in range(8)}}
    for place, many in people.items():
        first = None if place.startswith("Other") else "2013-14 Q1"
        for quarter in quarters:
            more = 60.0 if place == "Large" and quarter >= "2013-14 Q1" else 0.0
            wobble = (sum(map(ord, place + quarter)) % 7) - 3.0
            rows += [(place, quarter, f"{place} {i}", 13.0, 500 + more + wobble, first) for i in range(many)]
    frame = pd.DataFrame(rows, columns=["ward", "period", "person", "weeks", "value", "first"])
    pilot = pilots.load("learning_disability")
    found = value_for_money.effect_of(pilot_value.a_row_a_week(frame), pilot, COST)
    by_weeks = 60 * 60 / (60 + 7 * 5)
    assert found.estimate == pytest.approx(by_weeks, abs=3) and found.estimate > 4 * 60 / 8


def test_a_title_never_starts_with_people_when_the_measure_stops_counting_them_once():
    """The scan would find it: the same measure with a row a review is caught."""
    once = CATALOGUE["learning_disability_paid_work"]
    rows = dataclasses.replace(once, one_row_per=())
    assert once.counts_people and not rows.counts_people
    assert SAYS_PEOPLE.search(" ".join(counted_words(rows).values()))
