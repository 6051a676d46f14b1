"""Value: only what may be put down to the pilot is set against cost, from the same places, and coarsely."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.methods.effects import Effect
from commissioning.reports import designs, estimates, study, value_for_money


def effect(centre: float, spread: float, seed: int = 1) -> Effect:
    draws = centre + spread * np.random.default_rng(seed).standard_normal(2000)
    return Effect(
        estimand="x", estimate=centre, lower=centre - 2 * spread, upper=centre + 2 * spread, method="m", draws=draws,
        diagnostics={}, smallest_p_possible=0.0,
    )  # fmt: skip


def rows(values: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Each unit's share before and after 2012-13 Q1, out of 100."""
    return pd.DataFrame(
        [
            {"ward": unit, "period": period, "numerator": 100 * share, "denominator": 100.0}
            for unit, pair in values.items()
            for period, share in zip(("2011-12 Q4", "2012-13 Q1"), pair, strict=True)
        ]
    )


STARTS = pd.Series({"A": "2012-13 Q1", "B": "2012-13 Q1", "C": None, "D": None})
OUTCOME = rows({"A": (0.5, 0.7), "B": (0.5, 0.6), "C": (0.5, 0.5), "D": (0.4, 0.5)})
COST = rows({"A": (10, 14), "B": (10, 12), "C": (10, 10), "D": (10, 12)})


def test_the_change_of_each_place_is_after_less_before():
    found = value_for_money.changes(OUTCOME, COST, "ward", STARTS).set_index("ward")
    assert found["effect"].round(9).to_dict() == {"A": 0.2, "B": 0.1, "C": 0.0, "D": 0.1}
    assert found["cost"].round(9).to_dict() == {"A": 4, "B": 2, "C": 0, "D": 2}
    assert found["option"].to_dict()["C"] == value_for_money.NOT_STARTED


def test_one_place_on_a_side_is_too_few_to_compare():
    with pytest.raises(ValueError, match="fewer than two wards are not started"):
        value_for_money.changes(OUTCOME, COST, "ward", STARTS.drop("D"))


def test_joint_draws_keep_the_estimates_shown_and_what_dear_and_good_places_share():
    frame = value_for_money.changes(OUTCOME, COST, "ward", STARTS)
    gain, cost = value_for_money.joint_draws(frame, effect(0.08, 0.02), effect(300.0, 50.0))
    assert gain.mean() == pytest.approx(0.08)
    assert cost.mean() == pytest.approx(300)
    assert gain.std() == pytest.approx(effect(0.08, 0.02).draws.std())
    assert np.corrcoef(gain, cost)[0, 1] > 0.9  # in these four places cost moves with outcome


def test_amounts_keep_two_significant_figures():
    assert value_for_money.significant(12_345) == 12_000
    assert value_for_money.significant(-987.6) == -990
    assert value_for_money.significant(0) == 0


def test_no_ratio_is_shown_where_the_range_of_the_gain_crosses_zero():
    random = np.random.default_rng(3)
    made = value_for_money.compared(
        random.normal(0.01, 0.05, 2000), random.normal(100, 5, 2000), people=900, worth=None
    )
    measure = next(iter(study.measures_of(pilots.load("learning_disability")).values()))
    found = value_for_money.row(value_for_money.Value(measure=measure, people=900, worth=None, comparison=made))
    assert "each" not in found
    assert "crosses zero" in found["withheld"]


def test_no_cost_for_each_stands_on_fewer_than_20_people():
    random = np.random.default_rng(3)
    made = value_for_money.compared(random.normal(0.1, 0.01, 2000), random.normal(100, 5, 2000), people=150, worth=None)
    measure = next(iter(study.measures_of(pilots.load("learning_disability")).values()))
    found = value_for_money.row(value_for_money.Value(measure=measure, people=150, worth=None, comparison=made))
    assert "each" not in found
    assert "fewer than 20" in found["withheld"]


@pytest.fixture(scope="module")
def sample():
    pilot = pilots.load("learning_disability")
    return pilot, study.open_sample(pilot)


def test_the_planted_cost_of_20_pounds_a_week_is_found_and_set_beside_the_goal(sample):
    pilot, held = sample
    starts = estimates.starts_of(held, pilot)
    measures = study.measures_of(pilot)
    goal, cost = measures["learning_disability_own_goal_met"], measures["learning_disability_weekly_cost"]
    made = designs.estimated(estimates.panel(held, pilot, goal, starts), pilot.design, goal)
    one = estimates.Estimate(measure=goal, effect=made, claim=None, why_not="", summary=None)  # type: ignore[arg-type]
    found = value_for_money.of(held, pilot, one, cost, "2015-16")
    assert found.withheld == ""
    assert found.comparison is not None
    row = found.comparison.increments.loc[value_for_money.STARTED]
    planted = 20 * value_for_money.WEEKS
    assert row["cost_lower"] <= planted <= row["cost_upper"]
    said = value_for_money.sentence(found, "met their goal")
    assert "12,000 a person" in said
    assert "more people who met their goal" in said


def test_an_effect_tested_by_permutation_carries_no_value(sample):
    pilot, held = sample
    measures = study.measures_of(pilot)
    bare = effect(0.1, 0.01).withheld("tested by permutation")
    one = estimates.Estimate(
        measure=measures["learning_disability_own_goal_met"],
        effect=bare,
        claim=None,
        why_not="",
        summary=None,  # type: ignore[arg-type]
    )
    found = value_for_money.of(held, pilot, one, measures["learning_disability_weekly_cost"], "2015-16")
    assert found.comparison is None
    assert "tested by permutation" in found.withheld


def test_without_a_worth_agreed_beforehand_nothing_is_weighed(sample):
    pilot, _ = sample
    measure = study.measures_of(pilot)["learning_disability_control"]
    made = value_for_money.compared(np.full(100, 0.1), np.linspace(1, 2, 100), people=900, worth=None)
    said = value_for_money.sentence(value_for_money.Value(measure=measure, people=900, worth=None, comparison=made))
    assert "nobody agreed beforehand" in said
    assert "£" not in said
