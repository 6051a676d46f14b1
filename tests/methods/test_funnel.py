"""Funnels: published limits, overdispersion, and what must always hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import funnel

NAMES = {
    "rr": "value", "Uzscore": "z",
    "LCL95": "lower_95", "UCL95": "upper_95", "LCL99": "lower_99_8", "UCL99": "upper_99_8",
    "OD95LCL": "overdispersed_lower_95", "OD95UCL": "overdispersed_upper_95",
    "OD99LCL": "overdispersed_lower_99_8", "OD99UCL": "overdispersed_upper_99_8",
}  # fmt: skip
LIMITS = [name for name in NAMES.values() if "er_" in name]


def units(rows):
    table = pd.DataFrame(rows).set_index("group")
    return table["num"], table["denom"]


def check_table(got, expected):
    for row in expected:
        for theirs, mine in NAMES.items():
            # 1.959964 and 3.090232 are rounded upstream: agreement to 1e-6.
            assert got.loc[row["group"], mine] == pytest.approx(row[theirs], rel=2e-6), (row["group"], mine)


def test_standardised_ratios_agree_with_funnelplotr_by_the_shmi_method(fixture):
    case = fixture("f12")
    got = funnel.ratio(*units(case["inputs"]["sr"]), method="shmi")
    expected = case["expected"]["SR_SHMI"]
    assert got.phi == pytest.approx(expected["phi"], rel=1e-6)
    assert got.tau2 == pytest.approx(expected["tau2"], rel=1e-6)
    check_table(got, expected["table"])
    b = got.loc["b"]
    assert b["outside_99_8"] and not b["overdispersed_outside_99_8"]


def test_the_cqc_method_gives_its_own_dispersion(fixture):
    case = fixture("f12")
    got = funnel.ratio(*units(case["inputs"]["sr"]), method="cqc")
    assert got.phi == pytest.approx(case["expected"]["SR_CQC"]["phi"], rel=1e-6)
    assert got.tau2 == pytest.approx(case["expected"]["SR_CQC"]["tau2"], rel=1e-6)
    spread = np.sqrt(1 / (4 * 108) + got.tau2)
    assert got.loc["a", "overdispersed_upper_95"] == pytest.approx((1 + 1.959964 * spread) ** 2, rel=1e-6)


def test_proportions_agree_with_funnelplotr(fixture):
    case = fixture("f12")
    got = funnel.proportion(*units(case["inputs"]["pr"]))
    expected = case["expected"]["PR"]
    assert got.phi == pytest.approx(expected["phi"], rel=1e-6)
    assert got.tau2 == pytest.approx(expected["tau2"], rel=1e-6)
    assert got["centre"].iloc[0] == pytest.approx(expected["target"], rel=1e-9)
    check_table(got, expected["table"])


def test_plain_limits_of_ratios_are_exact_poisson_limits(fixture):
    expected = fixture("f12")["expected"]["poisson_limits"]
    size = expected["number_seq"]
    got = funnel.ratio(size, size)
    for mine, theirs in (
        ("lower_95", "ll95"), ("upper_95", "ul95"), ("lower_99_8", "ll998"), ("upper_99_8", "ul998"),
    ):  # fmt: skip
        np.testing.assert_allclose(got[mine], expected[theirs], rtol=1e-6)


def test_units_that_vary_no_more_than_chance_have_no_wider_limits():
    got = funnel.ratio([100, 101, 99, 100], [100, 100, 100, 100])
    assert got.tau2 == 0 and got.phi < 1
    assert (got["overdispersed_upper_95"] == got["upper_95"]).all()


def test_a_missing_unit_keeps_its_row_and_counts_for_nothing():
    index = ["a", "b", "c", "d"]
    got = funnel.proportion(pd.Series([10, pd.NA, 20, 0], index, dtype="Int64"), pd.Series([20, 30, 50, 0], index))
    assert got.loc[["b", "d"], "value"].isna().all() and not got.loc[["b", "d"], "outside_95"].any()
    assert got.loc["a", "centre"] == pytest.approx(30 / 70)


def test_nobody_observed_is_a_value_and_not_a_crash():
    got = funnel.ratio([0, 12, 15, 9, 20], [14.0, 12.0, 15.0, 9.0, 18.0])
    assert got["value"].iloc[0] == 0 and got["outside_99_8"].iloc[0] and np.isfinite(got.phi)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: funnel.proportion([1, 3], [2, 2]), "^numerator, row 1: 3 is above its denominator; check which"),
        (lambda: funnel.proportion([-1], [2]), "^numerator, row 0: -1 is below zero; a count of people cannot be$"),
        (lambda: funnel.proportion([1], [-2]), "^denominator, row 0: -2 is below zero; a count of people cannot be$"),
        (lambda: funnel.proportion([1], [2], target=40), "from 0 to 1"),
        (lambda: funnel.ratio([1], [2], method="SHMI"), "shmi"),
        (lambda: funnel.ratio([1], [-2]), "^expected, row 0: -2 is below zero$"),
        (lambda: funnel.ratio([-1], [2]), "^observed, row 0: -1 is below zero$"),
        (lambda: funnel.ratio([1, 2], [1, 2, 3]), "unequal lengths"),
    ],
)
def test_impossible_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@st.composite
def counts(draw):
    bottoms = draw(st.lists(st.integers(1, 500), min_size=2, max_size=25))
    return [draw(st.integers(0, n)) for n in bottoms], bottoms


@settings(max_examples=30, deadline=None)  # each example draws two funnels
@given(counts(), st.randoms())
def test_limits_stay_possible_nest_hold_the_centre_and_do_not_heed_the_order_of_rows(given_, random):
    top, bottom = given_
    got = funnel.proportion(top, bottom)
    f = got.frame
    assert f[LIMITS].min().min() >= 0 and f[LIMITS].max().max() <= 1
    for prefix in ("", "overdispersed_"):
        order = [f"{prefix}lower_99_8", f"{prefix}lower_95", "centre", f"{prefix}upper_95", f"{prefix}upper_99_8"]
        assert (np.diff(f[order].to_numpy(), axis=1) >= -1e-12).all()
    assert (f["overdispersed_lower_95"] <= f["lower_95"] + 1e-12).all()
    assert (f["overdispersed_upper_95"] >= f["upper_95"] - 1e-12).all()
    places = list(range(len(top)))
    random.shuffle(places)
    shuffled = funnel.proportion([top[i] for i in places], [bottom[i] for i in places])
    assert shuffled.tau2 == pytest.approx(got.tau2, abs=1e-12)
    np.testing.assert_allclose(shuffled[LIMITS], f[LIMITS].iloc[places], atol=1e-9)


@pytest.mark.parametrize("method", ["shmi", "cqc"])
def test_limits_narrow_as_size_grows_and_never_fall_below_zero(method):
    size = np.array([1.0, 5, 20, 100, 1000, 10_000])
    got = funnel.ratio(size * np.array([3, 0.2, 1.5, 0.7, 1.3, 0.9]), size, method=method)
    assert got.tau2 > 0
    for prefix in ("", "overdispersed_"):
        assert (np.diff(got[f"{prefix}upper_95"]) < 0).all() and (got[f"{prefix}lower_99_8"] >= 0).all()
    assert (np.diff(got["lower_95"]) > 0).all()
