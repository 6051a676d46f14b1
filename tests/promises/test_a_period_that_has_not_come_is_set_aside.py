"""What lies after today, outside its row's period, or years from every other row is set aside and never followed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from commissioning.evidence import store, strays
from commissioning.evidence.days import span
from commissioning.evidence.intake import take_in
from commissioning.evidence.tables import CONTRACTS

TODAY = date(2016, 2, 10)
REVIEW = (
    "review_id,person_id,period,due_on,done_on,kind,ward,locality,provider,goal_in_own_words,goal_rewritten,goal_met,"
    "goal_baseline,goal_achieved,goal_set_by,goal_scored_by,goal_kept,home_chosen,leisure_chosen,control,answered_by"
)


def review(i: int, period: str = "2014-15 Q1", due: str = "30/06/2014", done: str = "25/06/2014") -> str:
    return f"R{i},P{i},{period},{due},{done},annual,W,N,A,yes,no,yes,0,0,person,person,yes,yes,yes,yes,self"


def taken(folder, rows: list[str], header: str = REVIEW, today: date = TODAY):
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text("\n".join([header, *rows]) + "\n")
    return take_in(folder, today=today)


def codes(folder, *rows: str, **more) -> dict[str, int]:
    (one,) = taken(folder, [review(1), *rows], **more).files
    assert one.loaded.rows_accepted == 1 + len(rows) - one.loaded.rows_quarantined
    return one.as_json()["quarantine_codes"]


def test_a_date_after_today_is_set_aside_and_todays_is_not(tmp_path):
    late = review(2, "2015-16 Q4", "11/02/2016", "")
    assert codes(tmp_path, late) == {"not come yet": 1}
    assert codes(tmp_path, late, today=TODAY + timedelta(days=1)) == {}


def test_a_period_may_have_begun_and_not_lie_wholly_ahead(tmp_path):
    assert codes(tmp_path, review(2, "2015-16 Q4", "05/01/2016", "")) == {}
    assert codes(tmp_path, review(2, "2016-17 Q1", "05/04/2016", "")) == {"not come yet": 2}
    assert codes(tmp_path, review(2, "2052-53 Q4", "05/01/2053", "")) == {"not come yet": 2}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (review(2, due="30/06/2098", done="25/06/2098"), "not come yet"),
        (review(2, due="01/07/2014"), "outside its period"),
        (review(2, due="31/03/2014"), "outside its period"),
        (review(2, done="25/06/2009"), "outside its period"),
    ],
)
def test_a_date_that_its_period_contradicts_is_set_aside(tmp_path, row, code):
    assert code in codes(tmp_path, row)


def test_every_contract_says_which_of_its_dates_and_parts_belong_together():
    """The relations that a contract could declare and does not are named here, so that a new one is thought of."""
    said = {
        f"{c.table}.{name}"
        for c in CONTRACTS
        for name in (*(w.column for w in c.within), *(n for pair in c.in_order for n in pair))
    }
    dates = {f"{c.table}.{column.name}" for c in CONTRACTS for column in c.columns if column.holds == "date"}
    assert dates - said == {"grants.notice_on", "payments.due_on"}
    wholes = {f"{c.table}.{w.whole}" for c in CONTRACTS for w in c.wholes}
    assert wholes == {"packages.weekly_cost_pence", "population.people", "returns.supported", "returns.kept_due"}
    ahead = {f"{c.table}.{column.name}" for c in CONTRACTS for column in c.columns if column.ahead != 0}
    assert {
        one for one in ahead if one.split(".")[0] in ("people", "reviews", "packages", "returns", "supported")
    } == set()


PACKAGE = (
    "package_id,person_id,period,provider,ward,locality,funder,setting,provision,needs_band,weeks,weekly_cost,"
    "weekly_client,weekly_nhs"
)
RETURN = (
    "return_id,grant_id,organisation_id,department,period,domain,asked,received,target_met,supported,reached,"
    "evidence_grade,kept_due,kept,contacts"
)


@pytest.mark.parametrize(
    ("header", "row", "columns", "aside"),
    [
        (PACKAGE, "K{i},P{i},2014-15 Q1,A,W,N,council,day,direct,low,13,100.00,{a},{b}", ("100.00", "0.00"), False),
        (PACKAGE, "K{i},P{i},2014-15 Q1,A,W,N,council,day,direct,low,13,100.00,{a},{b}", ("900.00", "0.00"), True),
        (PACKAGE, "K{i},P{i},2014-15 Q1,A,W,N,council,day,direct,low,13,100.00,{a},{b}", ("60.00", "60.00"), True),
        (RETURN, "T{i},G,O,D,2014-15 Q1,health,yes,yes,yes,{a},{b},b,0,0,0", ("40", "40"), False),
        (RETURN, "T{i},G,O,D,2014-15 Q1,health,yes,yes,yes,{a},{b},b,0,0,0", ("40", "41"), True),
        (RETURN, "T{i},G,O,D,2014-15 Q1,health,yes,yes,yes,40,{b},b,0,0,0", ("", "unknown"), False),
        (RETURN, "T{i},G,O,D,2014-15 Q1,health,yes,yes,yes,40,0,b,{a},{b},0", ("3", "4"), True),
    ],
)
def test_a_part_larger_than_its_whole_is_set_aside(tmp_path, header, row, columns, aside):
    a, b = columns
    got = taken(tmp_path, [row.format(i=1, a=a, b=b)], header)
    assert got.files[0].status == ("nothing accepted" if aside else "accepted"), got.files[0].reason
    assert got.files[0].as_json()["quarantine_codes"] == ({"part exceeds its whole": 1} if aside else {})


def test_one_stray_period_in_many_rows_is_set_aside_and_not_followed(tmp_path):
    day = {"due": "15/01/2016", "done": ""}
    rows = [
        review(i, f"200{y}-0{y + 1} Q1", f"30/06/200{y}", "") for y in (5, 6, 7) for i in range(y * 100, y * 100 + 40)
    ]
    got = taken(tmp_path, [*rows, review(1, "2015-16 Q4", **day)])
    assert got.files[0].as_json()["quarantine_codes"] == {strays.CODE: 1}
    assert got.tables["reviews"]["period"].max() == "2007-08 Q1"
    near = taken(tmp_path, [*rows, review(1, "2010-11 Q1", "30/06/2010", "")])
    assert near.files[0].loaded.rows_quarantined == 0


@pytest.mark.parametrize(
    ("counts", "far"),
    [
        ({2013: 9_000, 2014: 10_999, 2052: 1}, {2052}),
        ({2013: 9_000, 2014: 10_000, 2051: 1, 2052: 2}, {2051, 2052}),
        ({2013: 50, 2014: 50, 2017: 1}, set()),
        ({2013: 50, 2014: 50, 2018: 1}, {2018}),
        ({2013: 50, 2014: 50, 2018: 2}, set()),
        ({1998: 1, 2009: 50, 2010: 50}, {1998}),
        ({1999: 1, 2009: 50, 2010: 50}, set()),
        ({2013: 9, 2014: 9, 2030: 1}, set()),
        ({2014: 100}, set()),
        ({}, set()),
    ],
)
def test_the_rule_for_strays_as_it_is_written(counts, far):
    assert strays.stray(counts) == far


def test_the_day_on_which_a_row_comes_makes_kept_evidence_old(tmp_path):
    data = tmp_path / "data"
    got = taken(data, [review(1), review(2, "2015-16 Q4", "12/02/2016", "")])
    files = [one.account() for one in got.files]
    assert files[0]["comes_on"] == "2016-02-12"
    assert not store.has_come(files, date(2016, 2, 11)) and store.has_come(files, date(2016, 2, 12))


@pytest.mark.parametrize(
    ("period", "holds", "first", "last"),
    [
        ("2014-15", "year", date(2014, 4, 1), date(2015, 3, 31)),
        ("2014-15 Q1", "quarter", date(2014, 4, 1), date(2014, 6, 30)),
        ("2014-15 Q4", "quarter", date(2015, 1, 1), date(2015, 3, 31)),
        ("2014-12", "month", date(2014, 12, 1), date(2014, 12, 31)),
        ("2009-10", "month", date(2009, 10, 1), date(2009, 10, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(period, holds, first, last):
    assert span(period, holds) == (first, last)
