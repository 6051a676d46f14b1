"""Inequality: published slopes, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commissioning.methods.inequality import slope_index

KINDS = {"normal": "number", "quintiles": "number", "rate": "rate", "proportion": "proportion"}


def test_slopes_and_ratios_agree_with_public_health_england(fixture):
    case = fixture("f06")
    checked = 0
    for given_, expected in zip(case["inputs"], case["expected"], strict=True):
        rows = pd.DataFrame(given_["rows"])
        for want in expected["rows"]:
            area = rows[rows["Area"] == want["Area"]].sort_values("Quantile")
            got = slope_index(
                area["Value"].to_numpy(),
                area["StandardError"].to_numpy(),
                area["Population"].to_numpy(),
                kind=next(kind for word, kind in KINDS.items() if given_["case"].startswith(word)),
                transform="transform=TRUE" in given_["case"],
            )
            assert got.sii == pytest.approx(want["sii"], rel=1e-6), given_["case"]
            assert got.rii == pytest.approx(want["rii"], rel=1e-6)
            if want["Intercept"] is not None:
                assert got.intercept == pytest.approx(want["Intercept"], rel=1e-6)
            for name in ("sii", "rii"):
                for side in ("lower", "upper"):
                    published = want[f"{name}_{side}cl_1"]
                    if published is not None:  # simulated upstream: agreement to 5%
                        assert got[f"{name}_{side}"] == pytest.approx(published, rel=0.05)
            checked += 1
    assert checked == 14


def test_groups_alike_have_no_slope_and_a_ratio_of_one():
    got = slope_index([50.0] * 5, [1.0] * 5, [100] * 5)
    assert got.sii == pytest.approx(0, abs=1e-9) and got.rii == pytest.approx(1)
    assert got.sii_lower < 0 < got.sii_upper and got.rii_lower < 1 < got.rii_upper


def test_without_standard_errors_the_index_stands_and_its_limits_are_missing():
    got = slope_index([1.0, 2.0, 3.0], [0.1, np.nan, 0.1], [10, 10, 10])
    assert got.sii > 0 and np.isnan(got.sii_lower) and np.isnan(got.rii_upper)
    assert got.frame["sii"].item() == got["sii"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": [1.0, 2.0]}, "unequal lengths"),
        ({"value": [1.0, np.nan, 2.0]}, "missing"),
        ({"population": [1, 0, 1]}, "not above zero"),
        ({"standard_error": [1, -1, 1]}, "below zero"),
        ({"kind": "share"}, "proportion"),
        ({"kind": "proportion"}, "between 0 and 1"),
        ({"kind": "rate", "value": [0.0, 1.0, 2.0]}, "above zero"),
        ({"confidence": 95}, "between 0 and 1"),
    ],
)
def test_what_makes_no_ranking_is_refused(change, says):
    call = {"value": [1.0, 2.0, 3.0], "standard_error": [0.1, 0.1, 0.1], "population": [5, 5, 5]} | change
    with pytest.raises(ValueError, match=says):
        slope_index(**call)
    with pytest.raises(ValueError, match="three or more"):
        slope_index([1.0, 2.0], [0.1, 0.1], [5, 5])


GROUPS = st.lists(st.tuples(st.floats(1, 100), st.floats(0.1, 5), st.integers(1, 5000)), min_size=3, max_size=12)


@settings(max_examples=50, deadline=None)
@given(GROUPS, st.floats(0.01, 100), st.integers(1, 50))
def test_units_and_the_size_of_the_population_change_nothing_and_turning_the_ranking_flips_it(groups, unit, size):
    value, error, people = (np.array(column, dtype=float) for column in zip(*groups, strict=True))
    got = slope_index(value, error, people, draws=500)
    assert got.sii_lower <= got.sii <= got.sii_upper
    assume(min(abs(got.intercept), abs(got.intercept + got.sii)) > 0.1)  # a ratio to nothing has no digits to compare
    scaled = slope_index(value * unit, error * unit, people * size, draws=500)
    assert scaled.sii == pytest.approx(got.sii * unit, rel=1e-6, abs=1e-9 * unit)
    assert scaled.sii_upper == pytest.approx(got.sii_upper * unit, rel=1e-6, abs=1e-9 * unit)
    assert scaled.rii == pytest.approx(got.rii, rel=1e-5, nan_ok=True)
    turned = slope_index(value[::-1], error[::-1], people[::-1], draws=500)
    assert turned.sii == pytest.approx(-got.sii, rel=1e-6, abs=1e-8)
    assert turned.rii == pytest.approx(1 / got.rii, rel=1e-5, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=10))
def test_a_line_of_log_odds_never_leaves_the_possible_range(shares):
    got = slope_index(shares, [0.1] * len(shares), [10] * len(shares), kind="proportion", transform=True, draws=200)
    assert 0 < got.intercept < 1 and 0 < got.intercept + got.sii < 1
    assert -1 < got.sii_lower <= got.sii_upper < 1


def test_a_straight_line_through_shares_never_makes_a_difference_of_more_than_one():
    # The line runs from −0.36 to 0.97: a difference of 1.335, which no two shares have.
    got = slope_index([0.01, 0.01, 0.9], [0.1] * 3, [5] * 3, kind="proportion")
    assert got.intercept == pytest.approx(-0.36083, abs=1e-5)
    assert (got.sii, got.sii_lower, got.sii_upper) == (1, 1, 1)
    kept = slope_index([0.01, 0.01, 0.9], [0.1] * 3, [5] * 3, kind="proportion", transform=True)
    assert kept.sii == pytest.approx(0.94006, abs=1e-5) and kept.rii > 1


def test_a_ratio_of_ends_on_either_side_of_nothing_is_missing_and_not_negative():
    got = slope_index([-1.0, 2.0, 3.0], [0.1] * 3, [5] * 3)
    assert got.sii == pytest.approx(6) and np.isnan([got.rii, got.rii_lower, got.rii_upper]).all()
    both_below = slope_index([-3.0, -2.0, -1.5], [0.01] * 3, [5] * 3)
    assert 0 < both_below.rii_lower < both_below.rii < both_below.rii_upper < 1


def test_a_ratio_has_no_limits_where_the_foot_of_the_line_may_be_below_zero():
    sure, unsure = (slope_index([1.0, 2.0, 3.0], [error] * 3, [5] * 3) for error in (0.1, 1.0))
    assert sure.rii == unsure.rii == pytest.approx(7)
    assert 1 < sure.rii_lower < 7 < sure.rii_upper
    assert np.isnan(unsure.rii_lower) and np.isnan(unsure.rii_upper) and unsure.sii_lower < 3 < unsure.sii_upper
    nothing = slope_index([0.0] * 3, [0.0] * 3, [5] * 3)
    assert nothing.sii == 0 and np.isnan(nothing.rii) and np.isnan(nothing.rii_upper)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=8), st.floats(0, 3), st.booleans())
def test_differences_and_ratios_of_shares_never_leave_the_possible_range(shares, error, transform):
    got = slope_index(
        shares, [error] * len(shares), [10] * len(shares), kind="proportion", transform=transform, draws=99
    )
    assert -1 <= got.sii_lower <= got.sii_upper <= 1 and -1 <= got.sii <= 1
    for ratio in (got.rii, got.rii_lower, got.rii_upper):
        assert np.isnan(ratio) or ratio >= 0
