"""What is asked for is held against what the extracts hold, before any notebook starts."""

import pytest

from commissioning.study import asked

LEVELS = {"locality": {"held": ["North", "South", "Tiny"], "shown": ["North", "South"]}, "street": {"held": ["A"], "shown": []}}  # fmt: skip
PERIODS = ["2013-14", "2015-16", "2015-16 Q1", "2015-16 Q2"]


def test_a_name_that_the_results_hold_is_no_fault_even_where_it_may_not_be_shown():
    assert [asked.level_fault(f"locality={one}", LEVELS) for one in ("North", "Tiny")] == ["", ""]
    assert asked.level_fault("", LEVELS) == ""


def test_an_unknown_name_is_named_with_the_nearest_that_may_be_shown():
    assert "did you mean North?" in asked.level_fault("locality=Norht", LEVELS)
    assert "Tiny" not in asked.level_fault("locality=Tny", LEVELS)
    assert "there are North, South" in asked.level_fault("locality=Elsewhere", LEVELS)


@pytest.mark.parametrize("level", ["planet=Mars", "street=B"])
def test_a_kind_that_nothing_is_split_by_or_may_be_shown_by_is_said(level):
    assert "nothing in these extracts is split by" in asked.level_fault(level, LEVELS)


@pytest.mark.parametrize("period", ["latest", "2013-14", "2015-16", "2015-16 Q2"])
def test_a_period_that_an_extract_holds_is_no_fault(period):
    assert asked.period_fault(period, PERIODS) == ""


@pytest.mark.parametrize("period", ["2012-13", "1999-00", "2014-15", "2016-17"])
def test_a_year_that_no_extract_holds_is_a_fault_that_names_what_is_held(period):
    assert f"{period!r}: no extract here holds it; they hold 2013-14 and 2015-16" in asked.period_fault(period, PERIODS)


@pytest.mark.parametrize("period", ["2014-15 Q4", "2016-17 Q1", "2015-16 Q3"])
def test_a_quarter_that_no_extract_holds_names_the_quarters_that_are(period):
    assert "they hold 2015-16 Q1 to 2015-16 Q2" in asked.period_fault(period, PERIODS)
    assert "years and no quarters" in asked.period_fault(period, ["2014-15"])


def test_where_nothing_is_held_at_all_the_report_says_so_itself():
    assert asked.period_fault("2014-15", []) == ""
