"""Value: only what may be put down to the pilot is set against cost: people once each, and one cost, counted once."""

from __future__ import annotations

import numpy as np
import pytest

from commissioning import pilot as pilots
from commissioning.disclosure import policy
from commissioning.measures import catalogue
from commissioning.methods.effects import Effect
from commissioning.methods.pilot_value import Amount, Counted, ExtraCost, printed, weigh
from commissioning.study import value_for_money, value_words
from commissioning.study.value_words import OutcomeValue, PilotValue

CATALOGUE = catalogue()
GOAL, CONTROL = CATALOGUE["learning_disability_own_goal_met"], CATALOGUE["learning_disability_control"]


def amount(centre: float, spread: float, seed: int = 1) -> Amount:
    draws = centre + spread * np.random.default_rng(seed).standard_normal(2000)
    return Amount(estimate=centre, lower=centre - 2 * spread, upper=centre + 2 * spread, draws=draws)


COST = ExtraCost(a_week=amount(2000, 200), pence=amount(78_000_000, 7_800_000), person_weeks=39_000.0, people=768)


def outcome(measure, gain: Amount | None, worth: float | None = None, cost: ExtraCost | None = COST, **more):
    held = cost is not None and gain is not None
    return OutcomeValue(
        measure=measure, counted=Counted(rows=1116, people=723), rows_are=measure.one_row_is, gain=gain, worth=worth,
        printed=printed(gain, cost.pence, worth, figures=2, fewest=20) if held else None,
        weighed=weigh(gain, cost.pence, 100 * worth) if held and worth else None, **more,
    )  # fmt: skip


TWO = PilotValue(
    period="2015-16", outcomes=(outcome(GOAL, amount(61, 12), 12_000.0), outcome(CONTROL, amount(52, 12))), cost=COST
)


def test_a_cost_shared_by_two_outcomes_is_said_once_and_said_to_be_shared():
    said = " ".join(value_words.sentences(TWO, {}))
    assert TWO.shared and said.count("£780,000 more") == 1
    assert "one cost, shared by these outcomes and counted once" in said and "never added up" in said
    assert value_words.cost_row(TWO)["shared"] == "yes"
    one = PilotValue(period="2015-16", outcomes=TWO.outcomes[:1], cost=COST)
    assert not one.shared and "shared" not in " ".join(value_words.sentences(one, {}))


def test_what_the_table_prints_can_be_worked_out_again_from_the_table():
    shown, cost = value_words.row(TWO.outcomes[0]), value_words.cost_row(TWO)
    assert shown["effect"] * shown["worth"] - cost["cost"] == shown["benefit"] == 61 * 12_000 - 780_000
    assert shown["people"] == 723, "people once each"


def test_the_unit_of_analysis_is_stated_where_it_is_not_a_person():
    said = value_words.sentences(TWO, {GOAL.id: "met their goal"})[0]
    assert "61 more people who met their goal (37 to 85), of 723 different people" in said
    assert f"each {GOAL.one_row_is}" in said


def test_without_a_worth_agreed_beforehand_nothing_is_weighed_and_the_verdict_is_told_so():
    bare = PilotValue(period="2015-16", outcomes=(outcome(CONTROL, amount(52, 12)),), cost=COST)
    assert "Nobody agreed" in value_words.sentences(bare, {})[-1]
    assert bare.worth.chance is None and "nobody agreed" in bare.worth.why_not and bare.worth.costs_more
    assert TWO.worth.chance == TWO.outcomes[0].weighed.chance


def test_where_no_cost_is_known_there_is_no_cost_for_each_and_it_says_why():
    found = PilotValue(
        period="2015-16", outcomes=(outcome(GOAL, amount(61, 12), 12_000.0, cost=None),), cost=None, why_no_cost="No cost here."
    )  # fmt: skip
    assert value_words.sentences(found, {})[-1] == "No cost here."
    assert "each" not in value_words.row(found.outcomes[0]) and found.worth.why_not == "No cost here."


def test_fewer_is_better_turns_a_fall_into_a_gain():
    fewer = outcome(GOAL, amount(30, 5))
    falls = OutcomeValue(
        **{
            **fewer.__dict__,
            "measure": CATALOGUE["learning_disability_own_goal_met"].__class__(**{**GOAL.__dict__, "better": "lower"}),
        }
    )
    assert "30 fewer people" in value_words._gain_words(falls, "were harmed")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"draws": None, "withheld_because": "tested by permutation", "lower": None, "upper": None}, "permutation"),
        ({"scale": "ratio"}, "ratio"),
    ],
)
def test_an_effect_that_is_no_number_of_people_carries_no_value(change, why):
    made = {
        "estimand": "x", "estimate": 0.1, "lower": 0.05, "upper": 0.15, "method": "permutation", "draws": np.ones(5), "diagnostics": {},
        "smallest_p_possible": 0.0,
    }  # fmt: skip
    found = Effect(**(made | change))
    assert why in value_for_money._no_gain(GOAL, found, Counted(rows=100, people=100), policy())
    assert "Fewer than 20 different people" in value_for_money._no_gain(
        GOAL, Effect(**made), Counted(rows=40, people=19), policy()
    )


def test_spend_that_is_of_no_persons_weeks_gives_no_extra_cost():
    pilot = pilots.load("vcf_funding")
    spend = CATALOGUE["vcf_funding_spend"]

    class Held:
        record: dict = {}

    made, why, *_ = value_for_money._extra_cost(Held(), pilot, spend, None, "2015-16")  # type: ignore[arg-type]
    assert made is None and "not held for each person and week" in why
    made, why, *_ = value_for_money._extra_cost(Held(), pilot, None, None, "2015-16")  # type: ignore[arg-type]
    assert made is None and "no spend here has the purpose" in why


def test_the_sign_of_a_sum_stands_before_the_pound():
    assert [value_words._pounds(one) for one in (-30000.0, 0.0, 37000.0)] == ["−£30,000", "£0", "£37,000"]
