"""Intervals: published answers, what must always hold, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv, ndtri
from scipy.stats import binomtest
from scipy.stats import t as student

from commissioning.methods import intervals


def column(rows, name):
    return pd.Series([row.get(name) for row in rows], dtype="Float64")


@pytest.mark.parametrize(
    ("known", "of", "tolerance"),
    [("f01_phe_proportion", intervals.proportion, 1e-9), ("f02_phe_rate", intervals.rate, 1e-7)],
)
@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_proportions_and_rates_agree_with_public_health_england(fixture, known, of, tolerance, confidence, suffix):
    case = fixture(known)
    rows, expected = case["inputs"], case["expected"]
    got = of(column(rows, "Numerator"), column(rows, "Denominator"), confidence)
    per = column(rows, "multiplier").to_numpy(float)
    for mine, theirs in (("value", "value"), ("lower", f"lower{suffix}"), ("upper", f"upper{suffix}")):
        want = column(expected, theirs).to_numpy(float, na_value=np.nan)
        np.testing.assert_allclose(got[mine] * per, want, rtol=tolerance)


def test_byar_and_wilson_limits_agree_with_the_published_primitives(fixture):
    case = fixture("f03")
    for row, want in zip(case["inputs"], case["expected"], strict=True):
        confidence = float(row["confidence"].rstrip("%")) / 100
        if row["method"] == "Wilson":
            got = intervals.proportion(row["x"], row["n"], confidence)
            lower, upper = got["lower"].item(), got["upper"].item()
        else:
            pair = intervals.byar_limits(np.array([row["x"]]), ndtri((1 + confidence) / 2))
            lower, upper = (side.item() for side in pair)
        if want["lowercl"] is not None:
            assert lower == pytest.approx(want["lowercl"], rel=1e-9)
        assert upper == pytest.approx(want["uppercl"], rel=1e-9)


def test_means_agree_with_public_health_england(fixture):
    case = fixture("f07")
    values = pd.DataFrame(case["inputs"])
    for want in case["expected"]:
        chosen = values if want["area"] == "No grouping" else values[values["area"] == want["area"]]
        for confidence, suffix in ((0.95, "95_0cl"), (0.998, "99_8cl")):
            got = intervals.mean(chosen["values"], confidence).iloc[0]
            assert got["value"] == pytest.approx(want["value"], rel=1e-6)
            assert got["lower"] == pytest.approx(want[f"lower{suffix}"], rel=1e-6)
            assert got["upper"] == pytest.approx(want[f"upper{suffix}"], rel=1e-6)


def test_a_second_route_through_scipy_gives_the_same_limits():
    top = np.array([0, 1, 25, 34, 760, 915])
    got = intervals.proportion(top, 915)
    for one, lower, upper in zip(top, got["lower"], got["upper"], strict=True):
        assert (lower, upper) == pytest.approx(binomtest(int(one), 915).proportion_ci(method="wilson"), abs=1e-12)
    lower, upper = intervals.poisson_limits(np.arange(10.0))
    np.testing.assert_allclose(lower[1:], gammaincinv(np.arange(1, 10), 0.025), rtol=1e-12)
    np.testing.assert_allclose(upper, gammaincinv(np.arange(1, 11), 0.975), rtol=1e-12)
    values = np.array([3.0, 4.5, 9.0, 1.25])
    reach = student.ppf(0.975, 3) * values.std(ddof=1) / 2
    found = intervals.mean(values).iloc[0]
    assert (found["lower"], found["upper"]) == pytest.approx((values.mean() - reach, values.mean() + reach), rel=1e-12)


def test_none_and_all_stand_on_a_limit_exactly_however_many_there_are():
    for of in (1, 7, 40, 10**6, 10**12):
        got = intervals.proportion([0, of], of)
        assert got["lower"].iloc[0] == 0 and got["upper"].iloc[1] == 1
        assert got["upper"].iloc[0] > 0 and got["lower"].iloc[1] < 1


def test_a_missing_count_gives_a_missing_row_and_never_a_zero():
    got = intervals.proportion(pd.Series([3, pd.NA, 5], dtype="Int64"), pd.Series([10, 10, pd.NA], dtype="Int64"))
    assert got["value"].isna().tolist() == [False, True, True]
    assert got["lower"].isna().tolist() == [False, True, True]
    assert got["upper"].isna().tolist() == [False, True, True]


def test_nobody_of_nobody_is_missing_but_nobody_of_twelve_is_a_true_zero():
    got = intervals.proportion([0, 0], [0, 12])
    assert got.iloc[0].isna().all()
    assert got["value"].iloc[1] == 0 and got["lower"].iloc[1] == 0 and 0 < got["upper"].iloc[1] < 1
    assert intervals.rate(3, 0).iloc[0].isna().all()


@pytest.mark.parametrize(
    ("top", "bottom", "says"),
    [
        (11, 10, "above its denominator"),
        (-1, 10, "below zero"),
        (1, -10, "below zero"),
        (float("inf"), 10, "infinite"),
        ([1, 2], [3, 4, 5], "unequal lengths"),
        ("three", 10, "numbers are needed"),
    ],
)
def test_impossible_counts_are_refused_with_the_reason(top, bottom, says):
    with pytest.raises(ValueError, match=says):
        intervals.proportion(top, bottom)


def test_columns_on_different_indexes_are_refused_rather_than_joined_by_position():
    with pytest.raises(ValueError, match="different indexes"):
        intervals.proportion(pd.Series([1, 2], index=["a", "b"]), pd.Series([3, 4], index=["b", "a"]))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    for call in (lambda: intervals.proportion(1, 2, confidence), lambda: intervals.mean([1, 2], confidence)):
        with pytest.raises(ValueError, match="confidence"):
            call()


def test_the_index_of_the_councils_is_kept():
    got = intervals.rate(pd.Series([4, 40], index=["Wirral", "Sefton"]), 100.0, per=1000)
    assert list(got.index) == ["Wirral", "Sefton"]
    assert got.loc["Wirral", "value"] == 40


@given(bottom=st.integers(1, 10**7), data=st.data(), confidence=st.floats(0.5, 0.999))
def test_wilson_limits_stay_in_range_hold_the_value_and_mirror(bottom, data, confidence):
    top = data.draw(st.integers(0, bottom))
    here = intervals.proportion(top, bottom, confidence).iloc[0]
    there = intervals.proportion(bottom - top, bottom, confidence).iloc[0]
    assert 0 <= here["lower"] <= here["value"] <= here["upper"] <= 1
    assert here["lower"] == pytest.approx(1 - there["upper"], abs=1e-9)


@given(count=st.integers(0, 10**6), exposure=st.floats(0.1, 1e6))
def test_rate_limits_hold_the_value_rise_with_the_count_and_widen_with_confidence(count, exposure):
    one, more = (intervals.rate(c, exposure).iloc[0] for c in (count, count + 1))
    wide = intervals.rate(count, exposure, 0.998).iloc[0]
    assert 0 <= wide["lower"] <= one["lower"] <= one["value"] <= one["upper"] <= wide["upper"]
    assert one["upper"] < more["upper"] and one["lower"] <= more["lower"]


def test_one_cost_alone_has_a_mean_but_no_interval():
    got = intervals.mean([120.0]).iloc[0]
    assert got["value"] == 120 and np.isnan(got["lower"]) and np.isnan(got["upper"])
    assert intervals.mean([]).iloc[0].isna().all()


def test_nine_events_get_exact_limits_and_ten_get_byars():
    from scipy import stats

    nine = intervals.rate(9, 1).iloc[0]
    assert nine["lower"] == pytest.approx(stats.chi2.ppf(0.025, 18) / 2)
    assert nine["upper"] == pytest.approx(stats.chi2.ppf(0.975, 20) / 2)
    z = stats.norm.ppf(0.975)
    ten = intervals.rate(10, 1).iloc[0]
    assert ten["lower"] == pytest.approx(10 * (1 - 1 / 90 - z / (3 * np.sqrt(10))) ** 3)
    assert ten["upper"] == pytest.approx(11 * (1 - 1 / 99 + z / (3 * np.sqrt(11))) ** 3)


def test_a_frame_gives_a_mean_for_each_of_its_columns():
    got = intervals.mean(pd.DataFrame({"a": [1.0, 3.0], "b": [5.0, np.nan]}))
    assert got["value"].tolist() == [2, 5] and np.isnan(got.loc["b", "lower"])


def test_two_values_are_enough_for_students_interval_on_one_degree_of_freedom():
    got = intervals.mean([1.0, 3.0]).iloc[0]
    # The 97.5% point of t on one degree is 12.7062; the error of the mean of 1 and 3 is 1.
    assert (got["lower"], got["upper"]) == pytest.approx((2 - 12.7062047, 2 + 12.7062047))
