"""Control charts: the published charts, each rule, and what must not change a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import control_chart
from commissioning.methods.control_chart import xmr

STEADY = [5.0, 7.0, 6.0, 5.0, 7.0, 6.0, 5.0, 7.0, 6.0, 5.0, 7.0, 6.0, 5.0, 7.0, 6.0]


@pytest.fixture(scope="module")
def nile():
    from statsmodels.datasets import nile as data

    table = data.load_pandas().data
    return pd.Series(table["volume"].to_numpy(), index=table["year"].astype(int))


def check_types(chart, expected):
    """The published type of a point names one of the rules that fired here, or none where none fired."""
    for i, published in enumerate(expected):
        row = chart.iloc[i]
        above = row["value"] > row["centre"]
        fired = {
            "Above UCL": row["outside"] and above,
            "Below LCL": row["outside"] and not above,
            "2 in 3 Above CL": row["two_in_three"] and above,
            "2 in 3 Below CL": row["two_in_three"] and not above,
            "7 Points Above CL": row["shift"] and above,
            "7 Points Below CL": row["shift"] and not above,
            "Common Cause": not row[["outside", "shift", "trend", "two_in_three"]].any(),
        }
        assert fired[published], (i, published, row.to_dict())


@pytest.mark.parametrize(("name", "screen"), [("screened", True), ("unscreened", False)])
def test_the_vignette_of_nhsr_plot_the_dots_with_and_without_screening(fixture, name, screen):
    case = fixture("f09")
    expected = case["expected"][name]
    chart = xmr(case["inputs"]["y"], screen=screen)
    for mine, theirs in (("centre", "mean"), ("lower", "lpl"), ("upper", "upl")):
        np.testing.assert_allclose(chart[mine], expected[theirs], atol=1e-6)
    check_types(chart, expected["special_cause_type"])
    if "point_type" in expected:
        assert chart["point_type"].tolist() == expected["point_type"]


def test_the_nile_with_all_its_values_with_a_baseline_of_twelve_and_rebased_at_the_dam(fixture, nile):
    expected = fixture("f11")["expected"]
    for chart, case in (
        (xmr(nile), expected["all"]),
        (xmr(nile, baseline=12), expected["fix_after_12"]),
    ):
        np.testing.assert_allclose(chart["centre"], case["mean"], atol=1e-5)
        np.testing.assert_allclose(chart["lower"], case["lpl"], atol=1e-5)
        np.testing.assert_allclose(chart["upper"], case["upl"], atol=1e-5)
        check_types(chart, case["special_cause_type"])
    rebased = xmr(nile, rebase=(1899,))
    for case in expected["rebase"]["limits"]:
        rows = rebased.frame[rebased["segment"] == case["rebase_group"]]
        np.testing.assert_allclose(rows["centre"], case["mean_col"], atol=1e-5)
        np.testing.assert_allclose(rows["lower"], case["lpl"], atol=1e-5)
        np.testing.assert_allclose(rows["upper"], case["upl"], atol=1e-5)
    check_types(rebased, expected["rebase"]["special_cause_type"])
    pd.testing.assert_frame_equal(rebased.frame, xmr(nile, rebase=(28,)).frame)
    assert xmr(nile, target=700).assurance == expected["assurance_target_700"]


def test_verdicts_come_from_the_latest_segment_and_not_from_before_the_rebase():
    values = [*STEADY, *(v + 50 for v in STEADY)]
    assert xmr(values).variation != "common_cause"
    chart = xmr(values, rebase=[15], target=40)
    assert chart.variation == "common_cause" and chart.assurance == "consistent_pass"
    assert xmr(values[:15], target=40).assurance == "consistent_fail"


@pytest.mark.parametrize(
    ("improvement", "variation", "assurance"),
    [
        ("increase", "special_cause_improvement", "consistent_pass"),
        ("decrease", "special_cause_concern", "consistent_fail"),
        ("neutral", "special_cause_neutral_high", None),
    ],
)
def test_the_direction_that_is_better_turns_both_verdicts(improvement, variation, assurance):
    chart = xmr([*STEADY, 20.0], improvement=improvement, target=-20)
    assert chart["outside"].iloc[-1] and chart.variation == variation and chart.assurance == assurance


def test_seven_rising_are_a_trend_and_six_are_not():
    base = [0.0, 10.0] * 8
    seven = xmr([*base, 2, 3, 4, 5, 6, 7, 8, 1], screen=False)
    assert seven["trend"].tolist() == [False] * 16 + [True] * 7 + [False]
    assert seven["rule"].iloc[17] == "seven rising"
    assert seven["point_type"].iloc[17] == "special_cause_improvement"  # rising, though still below the centre
    assert not xmr([*base, 2, 3, 4, 5, 6, 7, 1], screen=False)["trend"].any()


def test_seven_on_one_side_are_a_shift_and_six_are_not():
    mixed = [0.0, 10.0] * 10
    assert xmr([*mixed, 0.0, *[6.0, 7.0] * 3, 6.0, 0.0])["shift"].sum() == 7
    assert xmr([*mixed, 0.0, *[6.0, 7.0] * 3, 0.0])["shift"].sum() == 0


def test_a_value_on_the_centre_breaks_a_run():
    values = [-1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0]
    assert np.mean(values) == 0 and not xmr(values)["shift"].any()


def test_two_in_three_marks_only_values_near_the_limit():
    values = [*STEADY[:12], 9.0, 7.0, 9.0, *STEADY[:12]]
    chart = xmr(values, baseline=12)
    near = chart["two_in_three"].to_numpy()
    assert near.tolist() == [False] * 12 + [True, False, True] + [False] * 12 or near.sum() == 0
    limits = chart.iloc[0]
    inside = limits["centre"] + (limits["upper"] - limits["centre"]) * 0.8
    chart = xmr([*STEADY[:12], inside, limits["centre"] + 0.1, inside], baseline=12)
    assert chart["two_in_three"].tolist() == [False] * 12 + [True, False, True]


def test_a_missing_value_keeps_its_row_and_breaks_no_run():
    values = [*STEADY, *[8.0] * 3, np.nan, *[8.0] * 4]
    chart = xmr(values, baseline=15)
    assert np.isnan(chart["value"].iloc[18]) and not chart["shift"].iloc[18]
    assert chart["shift"].iloc[[15, 16, 17, 19, 20, 21, 22]].all()


def test_few_values_make_provisional_limits_and_the_chart_says_so():
    assert "provisional" in xmr(STEADY[:8]).notes[0]
    assert xmr(STEADY).notes == ()
    assert xmr([3.0]).assurance is None and np.isnan(xmr([3.0])["upper"].iloc[0])
    assert xmr([]).variation is None


def test_values_all_alike_are_steady():
    chart = xmr([4.0] * 20)
    assert chart.variation == "common_cause" and chart["lower"].iloc[0] == chart["upper"].iloc[0] == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"improvement": "up"}, "increase"),
        ({"baseline": 1}, "2 or more"),
        ({"baseline": "ten"}, "baseline 'ten'"),
        ({"baseline": float("inf")}, "baseline inf"),
        ({"rebase": [[1]]}, "neither a label"),
        ({"rebase": "2013-14"}, "rebase '2013-14' is neither"),
        ({"values": pd.DataFrame({"a": STEADY})}, "not a table"),
        ({"rebase": ("2013-14",)}, "neither a label"),
        ({"rebase": (99,)}, "neither a label"),
        ({"target": [1, 2]}, "one number or 15"),
        ({"values": 3.0}, "a run of numbers"),
        ({"values": ["a", "b"]}, "numbers are needed"),
    ],
)
def test_what_makes_no_chart_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        xmr(**({"values": STEADY} | change))


def test_targets_may_change_from_value_to_value():
    chart = xmr(STEADY, target=[*[0.0] * 14, 100.0])
    assert chart.assurance == "consistent_fail" and chart["target"].iloc[0] == 0


@settings(max_examples=20, deadline=None)  # each example draws five charts
@given(
    st.lists(st.integers(-1000, 1000), min_size=3, max_size=40),
    st.floats(0.1, 100),
    st.integers(-500, 500),
    st.booleans(),
)
def test_unit_and_origin_change_no_flag_and_mirroring_swaps_the_sides(values, unit, origin, screen):
    one = xmr([float(v) for v in values], screen=screen)
    two = xmr([v * 4.0 + origin * 4.0 for v in values], screen=screen)  # powers of two keep every digit
    flags = ["outside", "shift", "trend", "two_in_three"]
    if origin == 0:
        pd.testing.assert_frame_equal(one.frame[flags], two.frame[flags])
    mirrored = xmr([-float(v) for v in values], screen=screen)
    pd.testing.assert_frame_equal(one.frame[flags], mirrored.frame[flags])
    np.testing.assert_allclose(mirrored["upper"], -one["lower"])
    scaled = xmr([v * unit for v in values], screen=False)
    np.testing.assert_allclose(scaled["upper"], xmr(values, screen=False)["upper"] * unit, rtol=1e-9)
    assert (one["lower"] <= one["centre"]).all() and (one["centre"] <= one["upper"]).all()


def test_the_constants_are_those_of_the_handbook():
    assert pytest.approx(3 / 1.128, abs=0.001) == control_chart.PER_MOVING_RANGE
    assert len(xmr(STEADY)) == 15 and "upper" in xmr(STEADY) and "centre" in xmr(STEADY).columns


def test_a_moving_range_at_the_screen_is_left_out_and_one_below_it_is_not():
    # Twelve ranges of 1 and one of r have the mean (12 + r) / 13; r is screened out from 3.267 times that on.
    edge = 3.267 * 12 / (13 - 3.267)
    for r, screened in ((edge * 1.001, True), (edge * 0.999, False)):
        values = np.cumsum([0.0, *[1.0, -1.0] * 6, r])
        spread = (xmr(values)["upper"] - xmr(values)["centre"]).iloc[0] / 2.66
        assert (spread == pytest.approx(1)) == screened


def test_thirteen_values_are_enough_for_limits_and_twelve_are_provisional():
    assert xmr(STEADY[:13]).notes == () and len(xmr(STEADY[:12]).notes) == 1
    assert "12 values" in xmr(STEADY, baseline=12).notes[0]
    assert np.isfinite(xmr(STEADY, baseline=2)["upper"]).all()


def test_one_rebase_may_stand_without_a_list_and_none_means_none(nile):
    pd.testing.assert_frame_equal(xmr(nile, rebase=1899).frame, xmr(nile, rebase=[1899]).frame)
    quarters = pd.Series(STEADY, index=[f"2013-14 Q{i}" for i in range(15)])
    assert xmr(quarters, rebase="2013-14 Q8")["segment"].tolist() == [0] * 8 + [1] * 7
    pd.testing.assert_frame_equal(xmr(STEADY, rebase=None).frame, xmr(STEADY).frame)


def test_limits_of_shares_are_those_of_the_handbook_even_below_nothing():
    assert xmr([0.0, 0.2, 0.0, 0.1, 0.3])["lower"].iloc[0] < 0
