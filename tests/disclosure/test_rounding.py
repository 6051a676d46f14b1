"""Rounding, and what it leaves an outsider."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.disclosure import rounding


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15), (17, 15)])
def test_a_count_goes_to_the_nearest_five(count, shown):
    assert rounding.nearest([count], 5)[0] == shown


def test_a_tie_goes_up():
    assert rounding.nearest([5, 15, 25], 10).tolist() == [10, 20, 30]


def test_what_is_missing_stays_missing():
    assert np.isnan(rounding.nearest([np.nan], 5)[0])
    assert np.isnan(rounding.significant([np.nan], 2)[0])


@given(st.integers(0, 10_000), st.integers(1, 16))
def test_the_truth_lies_within_what_rounding_tells_and_no_further(count, base):
    shown = rounding.nearest([count], base)
    least, most = rounding.before_rounding(shown, base)
    assert least[0] <= count <= most[0]
    assert most[0] - least[0] == base - 1
    for outside in (least[0] - 1, most[0] + 1):
        assert rounding.nearest([outside], base)[0] != shown[0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(123, 120), (125, 130), (995, 1000), (99.4, 99), (0.0456, 0.046), (0, 0), (-125, -130), (7, 7), (34_120_740, 34_000_000)],
)  # fmt: skip
def test_an_amount_keeps_two_significant_figures(value, shown):
    assert rounding.significant([value], 2)[0] == pytest.approx(shown, rel=1e-12)


@given(st.integers(1, 10**12), st.integers(1, 4))
def test_significant_figures_agree_with_decimal_arithmetic(value, figures):
    exponent = max(len(str(value)) - figures, 0)
    wanted = Decimal(value).scaleb(-exponent).quantize(Decimal(1), ROUND_HALF_UP).scaleb(exponent)
    assert rounding.significant([value], figures)[0] == float(wanted)


def test_infinity_is_left_as_it_is():
    assert np.isinf(rounding.significant([np.inf], 2)[0])


def test_a_small_amount_is_not_shown_exactly():
    assert rounding.amount([23, 22, 123, 1_234], 2, 5).tolist() == [25, 20, 120, 1_200]
