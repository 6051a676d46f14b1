"""People once each, one extra cost, and one rule of rounding: sums that anybody can do with a pencil."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.methods import pilot_value
from commissioning.methods.pilot_value import Amount

FIRST = pd.Series({"A": "2013-14 Q1", "B": "2014-15 Q3", "C": None})
YEAR = [f"2014-15 Q{n}" for n in (1, 2, 3, 4)]
ROWS = pd.DataFrame(
    [
        ("A", "2014-15 Q1", "P1", 13.0, 100.0), ("A", "2014-15 Q3", "P1", 13.0, 100.0),  # twice, one person
        ("A", "2014-15 Q2", "P2", 4.0, 200.0),
        ("A", "2013-14 Q2", "P3", 13.0, 100.0),  # another year
        ("B", "2014-15 Q2", "P4", 13.0, 100.0),  # before its own start
        ("B", "2014-15 Q3", "P5", 6.0, 100.0),
        ("C", "2014-15 Q1", "P6", 13.0, 100.0),  # never started
    ],
    columns=["ward", "period", "person", "weeks", "value"],
)  # fmt: skip


def amount(estimate: float, spread: float = 1.0, seed: int = 3) -> Amount:
    draws = estimate + spread * np.random.default_rng(seed).standard_normal(4000)
    return Amount(estimate=estimate, lower=estimate - 2 * spread, upper=estimate + 2 * spread, draws=draws)


def test_a_person_with_two_reviews_is_one_person_and_a_place_counts_from_its_own_start():
    found = pilot_value.people_once(ROWS, FIRST, unit="ward", person="person", periods=YEAR)
    assert (found.rows, found.people) == (4, 3)


def test_where_nothing_started_nobody_is_counted():
    nowhere = pd.Series({"A": None, "B": None}, dtype=object)
    assert pilot_value.people_once(ROWS, nowhere, unit="ward", person="person", periods=YEAR).people == 0
    with pytest.raises(ValueError, match="no week of support"):
        pilot_value.extra_cost(amount(2000), ROWS, nowhere, unit="ward", periods=YEAR)


def test_the_extra_cost_is_the_effect_on_a_week_times_the_weeks_of_people_in_started_places():
    found = pilot_value.extra_cost(amount(2000.0, 100.0), ROWS, FIRST, unit="ward", periods=YEAR)
    assert (found.person_weeks, found.people) == (36.0, 3)
    assert (found.pence.estimate, found.pence.lower, found.pence.upper) == (72_000, 64_800, 79_200)


def test_a_mean_over_rows_a_week_weighs_places_by_their_person_weeks():
    weekly = pilot_value.a_row_a_week(ROWS)
    assert len(weekly) == ROWS["weeks"].sum()
    by_hand = (ROWS["value"] * ROWS["weeks"]).sum() / ROWS["weeks"].sum()
    assert weekly["value"].mean() == pytest.approx(by_hand)


def test_less_cost_turns_the_limits_round_and_keeps_them_in_order():
    turned = amount(5.0).times(-2)
    assert (turned.estimate, turned.lower, turned.upper) == (-10, -14, -6)


def test_the_chance_is_the_share_of_draws_in_which_the_gain_is_worth_its_cost():
    gain, cost = amount(60, 12, seed=1), amount(70_000_000, 6_000_000, seed=2)
    found = pilot_value.weigh(gain, cost, 1_200_000)
    assert found.chance == pytest.approx(float((gain.draws * 1_200_000 > cost.draws).mean()))
    assert found.benefit_pence == 60 * 1_200_000 - 70_000_000
    assert found.most_for_knowing_pence >= 0
    with pytest.raises(ValueError, match="without draws"):
        pilot_value.weigh(Amount(estimate=1, lower=0, upper=2), cost, 1)


MONEY = st.floats(-5e8, 5e8)


@given(more=st.floats(-500, 500), cost=MONEY, worth=st.integers(1, 100_000), spread=st.floats(0.1, 300))
def test_gain_times_worth_less_cost_is_the_benefit_printed_whatever_the_figures(more, cost, worth, spread):
    shown = pilot_value.printed(amount(more, spread), amount(cost, 1e7), float(worth), figures=2, fewest=20)
    assert shown.benefit == pytest.approx(shown.more * worth - shown.cost)
    assert shown.more_lower <= shown.more <= shown.more_upper
    assert shown.cost_lower <= shown.cost <= shown.cost_upper
    assert (shown.each is None) == bool(shown.each_withheld)


@pytest.mark.parametrize(
    ("gain", "cost", "why"),
    [
        (amount(10, 8), amount(1e7), "holds zero"), (amount(-40, 3), amount(1e7), "fewer people gained"),
        (amount(60, 3), amount(-1e7), "costs no more"), (amount(12, 2), amount(1e7), "fewer than 20"),
    ],
)  # fmt: skip
def test_no_cost_for_each_is_given_where_it_would_mean_nothing(gain, cost, why):
    shown = pilot_value.printed(gain, cost, None, figures=2, fewest=20)
    assert shown.each is None and why in shown.each_withheld and shown.benefit is None


def test_amounts_keep_two_significant_figures():
    assert [pilot_value.significant(one, 2) for one in (12_345, -987.6, 0, float("inf"))] == [
        12_000,
        -990,
        0,
        float("inf"),
    ]


@pytest.mark.parametrize("together", [-0.5, 0.0, 0.7])
def test_the_range_of_a_cost_for_each_is_that_of_the_ratio_of_what_was_drawn(together):
    rng = np.random.default_rng(11)
    drawn = rng.multivariate_normal([0, 0], [[1, together], [together, 1]], size=200_000)
    gain, cost = 90 + 15 * drawn[:, 0], 71e6 + 2e7 * drawn[:, 1]
    low, high = pilot_value.each_range(reach(90, 15), reach(71e6, 2e7), together)
    assert np.quantile(cost / gain, [0.025, 0.975]) == pytest.approx([low, high], rel=0.02)


def test_a_ratio_to_a_gain_that_may_be_nothing_has_no_ends():
    assert pilot_value.each_range(reach(10, 6), reach(1e7, 1e6), 0.0) is None


@given(more=st.floats(-500, 500), cost=MONEY, spread=st.floats(0.1, 300), together=st.floats(-1, 1))
def test_the_cost_for_each_lies_within_its_range(more, cost, spread, together):
    shown = pilot_value.printed(amount(more, spread), amount(cost, 1e7), None, figures=2, fewest=20, together=together)
    if shown.each_lower is not None:
        assert shown.each is not None
        slack = 0.06 * abs(shown.each)  # each of the three keeps two significant figures
        assert shown.each_lower - slack <= shown.each <= shown.each_upper + slack


def reach(estimate, error):
    return Amount(estimate=estimate, lower=estimate - 1.96 * error, upper=estimate + 1.96 * error)
