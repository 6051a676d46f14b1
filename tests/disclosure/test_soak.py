"""Whole cohorts, month after month: no hidden count can be worked back to within 5.

Each cohort is an area of its own, so that many go through one release: nothing is shared between areas.
"""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import disclosure

KEYS = ["measure", "area", "group_kind", "group", "period"]


def months_of(cohort, seeds, **shape):
    """Month by month the results of many cohorts, each as an area."""
    cohorts = [[month.assign(area=f"cohort {seed}") for month in cohort(seed, **shape)] for seed in seeds]
    return [pd.concat(month, ignore_index=True) for month in zip(*cohorts, strict=True)]


def assert_safe(months, hierarchy, programme):
    """Release all months, and attack them together."""
    released = disclosure.release(pd.concat(months, ignore_index=True), hierarchy=hierarchy)
    proved = disclosure.attack(released, programme=programme)
    narrow = proved[proved["width"] < 5]
    assert narrow.empty, narrow.to_string()
    # The outsider is sound: what they prove is true.
    truth = pd.concat(months, ignore_index=True)
    truth = truth.assign(complement=truth["denominator"] - truth["numerator"])
    counts = ["numerator", "complement", "denominator", "unknown"]
    truth = truth.melt(KEYS, counts, var_name="count", value_name="truth")
    both = proved.merge(truth, on=[*KEYS, "count"])
    assert both["truth"].between(both["lower"], both["upper"]).all()
    # And no small count is missing from the list of what they tried.
    small = truth[truth["truth"].between(1, 7)].merge(proved, on=[*KEYS, "count"], how="left")
    assert len(small) > 0
    assert small["width"].notna().all()


def test_no_hidden_count_is_provable_to_within_5_by_bounds(cohort, hierarchy):
    assert_safe(months_of(cohort, range(15)), hierarchy, programme=0)


def test_no_hidden_count_is_provable_to_within_5_by_programme(cohort, hierarchy):
    assert_safe(months_of(cohort, range(100, 103), months=4), hierarchy, programme=300)


@pytest.mark.soak
def test_a_thousand_cohorts_of_twelve_monthly_runs_hold_by_bounds(cohort, hierarchy):
    for first in range(10_000, 11_000, 100):
        assert_safe(months_of(cohort, range(first, first + 100)), hierarchy, programme=0)


@pytest.mark.soak
def test_fifty_cohorts_of_twelve_monthly_runs_hold_by_programme(cohort, hierarchy):
    for first in range(50_000, 50_050, 25):
        assert_safe(months_of(cohort, range(first, first + 25)), hierarchy, programme=1_000_000)
