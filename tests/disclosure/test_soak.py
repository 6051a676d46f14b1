"""Whole cohorts, month after month: no hidden count can be worked back to within 5."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure


def last_release(months, hierarchy):
    """Release month after month, as twelve runs would; what the outsider holds at the end."""
    history, released = None, None
    for results in months:
        released = disclosure.release(results, history, hierarchy=hierarchy)
        history = released.history
    return released


def truth_of(months):
    truth = pd.concat(months, ignore_index=True)
    return truth.assign(complement=truth["denominator"] - truth["numerator"])


def assert_safe(months, hierarchy, programme):
    released = last_release(months, hierarchy)
    proved = disclosure.attack(released, programme=programme)
    narrow = proved[proved["width"] < 5]
    assert narrow.empty, narrow.to_string()
    # The outsider is sound: what they prove is true.
    keys = ["measure", "group_kind", "group", "period"]
    truth = truth_of(months).melt(
        keys, ["numerator", "complement", "denominator", "unknown"], var_name="count", value_name="truth"
    )
    both = proved.merge(truth, on=[*keys, "count"])
    assert both["truth"].between(both["lower"], both["upper"]).all()
    # And none of the small counts is missing from the list of what they tried.
    small = truth[truth["truth"].between(1, 7)].merge(proved, on=[*keys, "count"], how="left")
    small = small[~small["group_kind"].eq("provider")]
    assert small["width"].notna().all()
    return released


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_count_is_provable_to_within_5_by_bounds(cohort, hierarchy, seed):
    assert_safe(cohort(seed), hierarchy, programme=0)


@pytest.mark.parametrize("seed", [100, 101])
def test_no_hidden_count_is_provable_to_within_5_by_programme(cohort, hierarchy, seed):
    assert_safe(cohort(seed, months=3), hierarchy, programme=60)


@pytest.mark.soak
def test_a_thousand_cohorts_of_twelve_monthly_runs_hold_by_bounds(cohort, hierarchy):
    for seed in range(1_000):
        assert_safe(cohort(10_000 + seed), hierarchy, programme=0)


@pytest.mark.soak
def test_fifty_cohorts_of_twelve_monthly_runs_hold_by_programme(cohort, hierarchy):
    for seed in range(50):
        assert_safe(cohort(50_000 + seed), hierarchy, programme=100_000)
