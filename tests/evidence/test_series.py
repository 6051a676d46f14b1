"""What is odd about a table over time is said before any claim of change."""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.series import findings


def indicator(year, denominator, value=3.0, part="total", area="E08000015"):
    return {
        "area_code": area, "year": year, "code": "1E", "disaggregation": part, "denominator": denominator, "value": value
    }  # fmt: skip


def codes(table, rows, **keys):
    return [f.code for f in findings(table, pd.DataFrame(rows), **keys)]


def test_a_denominator_that_falls_by_28_percent_is_a_break_and_a_small_move_is_not():
    rows = [indicator("2016-17", 1029), indicator("2017-18", 1027), indicator("2018-19", 738)]
    found = findings("indicators", pd.DataFrame(rows))
    assert [f.where for f in found] == ["E08000015 1E total 2018-19"]
    assert "-28%" in found[0].says


def test_years_that_are_not_neighbours_and_small_or_missing_denominators_are_not_compared():
    assert codes("indicators", [indicator("2014-15", 1000), indicator("2018-19", 500)]) == []
    assert codes("indicators", [indicator("2014-15", 20), indicator("2015-16", 10)]) == []
    assert codes("indicators", [indicator("2014-15", None), indicator("2015-16", None)]) == []


def test_only_the_area_asked_for_is_looked_at():
    rows = [indicator("2014-15", 1000, area="X"), indicator("2015-16", 500, area="X")]
    assert codes("indicators", rows, area="E08000015") == []
    assert codes("indicators", rows, area="X") == ["denominator jumps"]


def test_a_total_outside_its_own_parts_is_named():
    parts = [indicator("2014-15", 100, 2.0, "female"), indicator("2014-15", 100, 4.0, "male")]
    assert codes("indicators", [*parts, indicator("2014-15", 200, 3.0)]) == []
    assert codes("indicators", [*parts, indicator("2014-15", 200, 5.0)]) == ["total outside its parts"]
    assert codes("indicators", [indicator("2014-15", 200, 5.0)]) == []
    assert codes("indicators", [{k: v for k, v in indicator("2014-15", 200).items() if k != "value"}]) == []


def payments(year, credits, rows=30):
    return [{"amount_pence": -100 if i < credits else 100, "year": year} for i in range(rows)]


def test_a_year_without_credit_notes_among_years_that_hold_them_is_named():
    assert codes("payments", payments("2017-18", 3) + payments("2018-19", 0)) == ["no credit notes"]
    assert codes("payments", payments("2017-18", 3) + payments("2018-19", 2)) == []
    assert codes("payments", payments("2017-18", 0) + payments("2018-19", 0)) == []


def test_credit_notes_counted_by_the_publisher_are_used_where_the_rows_are_sums():
    rows = [
        {"amount_pence": 5, "year": y, "negative_payments": n, "source_file": "a"}
        for y, n in (("2017-18", 1), ("2018-19", 0))
        for _ in range(30)
    ]
    found = findings("payments", pd.DataFrame(rows))
    assert [(f.code, f.file, f.where) for f in found] == [("no credit notes", "a", "2018-19")]


def test_a_department_that_ends_where_another_begins_may_have_been_renamed():
    def grants(department, year, n=10):
        return [{"department": department, "year": year, "recipient_id": f"R{i}"} for i in range(n)]

    rows = grants("Old", "2018-19") + grants("Old", "2019-20") + grants("New", "2020-21")
    assert codes("grants", rows) == ["name changes"]
    assert codes("grants", grants("Old", "2018-19") + grants("New", "2018-19")) == []
    assert codes("grants", grants("Old", "2018-19", 2) + grants("New", "2019-20", 2)) == []
    assert codes("grants", [{"department": "A", "year": "2018-19"}]) == []


def test_a_code_that_changes_its_meaning_is_named_once():
    rows = [{"code": "1E", "year": y, "label": w} for y, w in (("2022-23", "paid work"), ("2023-24", "something else"))]
    assert codes("labels", [*rows, {"code": "1G", "year": "2022-23", "label": "home"}]) == ["code changes meaning"]


def test_an_id_whose_sex_changes_may_have_been_reused():
    rows = [
        {"person_id": "P1", "period": q, "sex": s, "ethnicity": "white"} for q, s in (("Q1", "male"), ("Q2", "female"))
    ]
    assert codes("people", rows) == ["id reused"]
    assert codes("people", rows[:1]) == []


def test_support_within_a_quarter_is_no_overlap_and_an_empty_table_has_no_findings():
    row = {"person_id": "P1", "period": "2014-15 Q1", "setting": "day", "weeks": 13.0}
    assert codes("packages", [row]) == []
    assert findings("packages", pd.DataFrame()) == ()


def test_council_types_without_a_code_are_series_of_their_own():
    def kind(year, denominator, area):
        return {**indicator(year, denominator, area=None), "area": area}

    rows = [kind("2014-15", 1000, "Shire county"), kind("2014-15", 200, "Inner London")]
    rows += [kind("2015-16", 1010, "Shire county"), kind("2015-16", 100, "Inner London")]
    assert [f.where for f in findings("indicators", pd.DataFrame(rows))] == ["Inner London 1E total 2015-16"]


def test_an_area_that_is_renamed_keeps_its_series_by_its_code():
    rows = [{**indicator("2014-15", 1000), "area": "Wirral"}, {**indicator("2015-16", 500), "area": "Wirral MBC"}]
    assert codes("indicators", rows) == ["denominator jumps"]
