"""Money: real terms, discounting, the bridge, and kinds of saving."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.methods import money

YEARS = sorted(money.deflators())


def test_wirrals_gross_current_spend_of_2014_15_is_41_68_million_in_2022_23_prices():
    assert round(money.real_terms(3_412_074_000, "2014-15", "2022-23") / 1e8, 2) == 41.68


def test_published_years_hold_the_index_as_published_and_forecast_years_are_chained():
    assert float(money.deflator("2014-15").index) == 81.870
    assert not money.deflator("2022-23").is_forecast and money.deflator("2023-24").is_forecast
    assert float(money.deflator("2024-25").index) == pytest.approx(100 * 1.061 * 1.0168)
    assert (YEARS[0], YEARS[-1], len(YEARS)) == ("1955-56", "2028-29", 74)


@pytest.mark.real_data
def test_the_packaged_deflators_are_those_of_the_treasurys_file(fixture):
    import csv

    folder = fixture("f25")["folder"].parent / "data" / "context"
    file = folder / "hmt_gdp_deflators_dec2023.csv"
    if not file.exists():
        pytest.skip("the Treasury's file is not beside this checkout (../shared/data)")
    seen = 0
    for row in csv.reader(file.open(encoding="utf-8-sig")):
        if len(row) > 3 and row[1][:7] in money.deflators() and row[2] != "-":
            assert float(money.deflator(row[1][:7]).index) == float(row[2])
            seen += 1
    assert seen == 68


def test_the_odd_year_2020_21_and_forecasts_are_noted():
    assert money.notes("2014-15", "2022-23") == ()
    assert money.notes("2020-21", "2022-23") == (money.PANDEMIC_NOTE,)
    assert money.notes("2014-15", "2024-25") == (money.FORECAST_NOTE,)


def test_a_series_keeps_its_index_and_its_missing_amounts():
    pence = pd.Series([100, pd.NA], index=["a", "b"], dtype="Int64")
    got = money.real_terms(pence, "2014-15", "2022-23")
    assert list(got.index) == ["a", "b"] and got["a"] == 122 and got.isna().tolist() == [False, True]
    assert money.real_terms([100, 200], "2014-15", "2014-15").tolist() == [100, 200]


@pytest.mark.parametrize("year", ["2014", "2014-15 Q1", "1900-01", 2014, "2014/15", None])
def test_a_year_without_a_deflator_is_refused_with_the_years_there_are(year):
    with pytest.raises(ValueError, match="1955-56 to 2028-29"):
        money.real_terms(100, year, "2022-23")


@pytest.mark.parametrize("amount", [0.5, "100", True, Decimal("1.5"), float("inf")])
def test_amounts_that_are_not_whole_pence_are_refused(amount):
    with pytest.raises(ValueError, match="pence"):
        money.real_terms(amount, "2014-15", "2022-23")


@given(st.integers(-(10**12), 10**12), st.sampled_from(YEARS), st.sampled_from(YEARS))
def test_there_and_back_again_loses_no_more_than_rounding(pence, there, here):
    moved = money.real_terms(pence, here, there)
    factor = money.deflator(here).index / money.deflator(there).index
    assert abs(money.real_terms(moved, there, here) - pence) <= factor / 2 + 1
    assert money.real_terms(pence, here, here) == pence
    assert money.real_terms(-pence, here, there) == -moved


def test_discount_factors_are_those_of_the_green_book(fixture):
    case = fixture("f25")
    for year, expected in case["expected"]["standard_factor"].items():
        assert money.factors(int(year) + 1)[-1] == pytest.approx(expected, abs=1e-6)
    for year, expected in case["expected"]["health_factor"].items():
        assert money.factors(int(year) + 1, "health")[-1] == pytest.approx(expected, abs=1e-6)


def test_a_thousand_a_year_for_five_years_is_worth_4673_and_its_plain_sum_stands_beside_it():
    got = money.present_value([1000] * 5)
    assert got == pytest.approx(4673.0792, abs=1e-4)
    assert got.undiscounted == 5000 and got.pence == 4673 and got.rate == "green_book"
    assert money.present_value({0: 1000, 4: 1000}) == pytest.approx(1000 + 871.442, abs=1e-3)
    assert money.present_value([]) == 0


def test_the_lower_rate_is_for_health_alone_and_no_other_rate_is_taken():
    assert money.present_value([0, 1000], rate="health") == pytest.approx(985.222, abs=1e-3)
    for rate in ("money", 0.035, None):
        with pytest.raises(ValueError, match="health"):
            money.present_value([1], rate=rate)


def test_a_missing_flow_is_refused_rather_than_taken_as_nothing():
    with pytest.raises(ValueError, match="year 1 is missing"):
        money.present_value([100, np.nan, 100])
    with pytest.raises(ValueError, match="whole years from 0"):
        money.present_value({-1: 100})


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=120), st.integers(1, 100))
def test_present_value_never_exceeds_the_sum_and_scales_with_the_unit(flows, unit):
    got = money.present_value(flows)
    assert got <= got.undiscounted * (1 + 1e-12)
    assert money.present_value([unit * f for f in flows]) == pytest.approx(unit * got, rel=1e-9)
    assert (np.diff(money.factors(400)) < 0).all()


@pytest.mark.parametrize(
    ("rate", "year", "falls_by"),
    [
        ("green_book", 30, 1.035), ("green_book", 31, 1.03), ("green_book", 75, 1.03), ("green_book", 76, 1.025),
        ("green_book", 125, 1.025), ("green_book", 126, 1.02), ("green_book", 201, 1.015), ("green_book", 301, 1.01),
        ("health", 30, 1.015), ("health", 31, 1.0129), ("health", 76, 1.0107), ("health", 400, 1.0107),
    ],
)  # fmt: skip
def test_each_rate_begins_in_its_own_year(rate, year, falls_by):
    before, here = money.factors(year + 1, rate)[-2:]
    assert before / here == pytest.approx(falls_by, rel=1e-12)
