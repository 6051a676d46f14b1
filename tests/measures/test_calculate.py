"""Counting: what is unknown, what does not apply, who is counted once, and the way back to the rows.

Longer than other files: each way of counting is tried on the same people and periods.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from commissioning.errors import DataRefused, UsageError
from commissioning.measures import catalogue
from commissioning.measures.calculate import (
    COLUMNS,
    Codes,
    card,
    cells,
    counted_rows,
    left_out,
    missing,
    results,
    rows_behind,
    table_for,
)

CATALOGUE = catalogue()


def beside(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


tables = beside("tables")
FRAMES = tables.random_tables(7)
FIGURES = results(CATALOGUE, FRAMES, pilot="random", area="E01")


def figure(frame: pd.DataFrame, **keys: object) -> pd.Series:
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def returns(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    names = ["grant_id", "period", "asked", "received", "target_met"]
    frame = pd.DataFrame(list(rows), columns=names, dtype=object)
    return frame.assign(organisation_id="O1", department="Adults", domain="health", contacts=1)


def count(measure_id: str, frames: dict[str, pd.DataFrame], **keys: object) -> pd.Series:
    frame = results([CATALOGUE[measure_id]], frames, pilot="p", area="E01", by=("year",))
    return figure(frame, **{"group_kind": "all", "period": "2014-15", **keys})


def test_a_return_that_was_not_asked_for_is_not_applicable_never_unknown() -> None:
    frame = returns(
        ("G1", "2014-15 Q1", "no", "no", "not applicable"),
        ("G2", "2014-15 Q1", "yes", "no", "unknown"),
        ("G3", "2014-15 Q1", "yes", "yes", "yes"),
    )
    row = count("vcf_funding_target_met", {"returns": frame})
    assert (row["numerator"], row["denominator"], row["unknown"], row["not_applicable"]) == (1, 1, 1, 1)


def helped(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        list(rows), columns=["person_id", "grant_id", "department", "outcome_reached", "evidence_grade"]
    )
    return frame.assign(period="2014-15 Q1", organisation_id=frame["grant_id"], domain="economic")


def test_one_person_helped_by_two_funders_counts_on_each_page_and_once_in_totals() -> None:
    frame = helped(("V1", "G1", "Adults", "yes", "a"), ("V1", "G2", "Children", "no", "a"))
    frames = {"supported": frame}
    assert count("vcf_funding_people_supported", frames)["value"] == 1
    row = count("vcf_funding_outcome_reached", frames)
    assert (row["numerator"], row["denominator"], row["people"]) == (1, 1, 1)
    adults = count("vcf_funding_outcome_reached", frames, group_kind="department", group="Adults")
    children = count("vcf_funding_outcome_reached", frames, group_kind="department", group="Children")
    assert (adults["numerator"], adults["denominator"]) == (1, 1)
    assert (children["numerator"], children["denominator"]) == (0, 1)


def test_a_result_said_to_be_reached_without_evidence_is_unknown_and_not_a_no() -> None:
    frame = helped(("V1", "G1", "Adults", "yes", "none"), ("V2", "G1", "Adults", "no", "none"))
    row = count("vcf_funding_outcome_reached", {"supported": frame})
    assert (row["numerator"], row["denominator"], row["unknown"]) == (0, 1, 1)


def test_evidence_is_looked_up_in_the_agreements_return_for_the_same_quarter() -> None:
    frame = helped(("V1", "G1", "Adults", "yes", ""), ("V2", "G2", "Adults", "yes", ""))
    frame = frame.drop(columns=["evidence_grade", "domain"])
    given = returns(("G1", "2014-15 Q1", "yes", "yes", "yes"), ("G2", "2014-15 Q2", "yes", "yes", "yes"))
    row = count("vcf_funding_outcome_reached", {"supported": frame, "returns": given.assign(evidence_grade="b")})
    assert (row["numerator"], row["denominator"], row["unknown"]) == (1, 1, 1)


def test_suppressed_unknown_and_zero_stay_apart_in_published_figures() -> None:
    base = {"year": "2014-15", "code": "1E", "disaggregation": "total"}
    frame = pd.DataFrame(
        [
            {**base, "area_code": "E01", "numerator": 0, "numerator_status": "known", "denominator": 40},
            {**base, "area_code": "E02", "numerator": None, "numerator_status": "suppressed", "denominator": 40},
            {**base, "area_code": "E03", "numerator": None, "numerator_status": "unknown", "denominator": 40},
        ]
    ).assign(denominator_status="known")
    frame = frame.astype({"numerator": "Float64"})
    made = results([CATALOGUE["learning_disability_ascof_1e"]], {"indicators": frame}, pilot="p", area="E01")
    zero = figure(made, group_kind="all")
    assert (zero["numerator"], zero["denominator"], zero["value"], zero["status"]) == (0, 40, 0, "known")
    assert bool(zero["public"]) is True
    hidden = figure(made, group_kind="area_code", group="E02")
    assert hidden["status"] == "suppressed"
    assert hidden["numerator"] is pd.NA and hidden["denominator"] is pd.NA
    assert figure(made, group_kind="area_code", group="E03")["status"] == "unknown"


def test_a_missing_extract_gives_unknown_for_each_period_asked_and_never_a_zero() -> None:
    made = results([CATALOGUE["vcf_funding_target_met"]], {}, pilot="p", area="E01", periods=["2014-15", "2015-16"])
    assert list(made["period"]) == ["2014-15", "2015-16"]
    assert set(made["status"]) == {"unknown"}
    assert made["numerator"].isna().all() and made["value"].isna().all()
    assert missing([CATALOGUE["vcf_funding_target_met"]], {}) == {
        "vcf_funding_target_met": "there is no extract of returns"
    }
    empty = {"returns": FRAMES["returns"].head(0)}
    assert "holds no rows" in missing([CATALOGUE["vcf_funding_target_met"]], empty)["vcf_funding_target_met"]


def test_a_population_of_nobody_is_unknown_and_not_zero_per_cent() -> None:
    frame = FRAMES["people"].assign(support_reason="other")
    row = count("learning_disability_paid_work", {"people": frame})
    assert row["status"] == "unknown"
    assert row["numerator"] is pd.NA and row["value"] is pd.NA
    assert row["people"] == 0


def test_an_empty_table_is_refused_where_rows_are_asked_for() -> None:
    measure = CATALOGUE["learning_disability_paid_work"]
    nobody = FRAMES["people"].head(0)
    for ask in (left_out, rows_behind):
        with pytest.raises(DataRefused, match="holds no rows"):
            ask(measure, nobody)
    with pytest.raises(DataRefused, match="holds no rows"):
        cells(measure, nobody, ["ward"])
    with pytest.raises(DataRefused, match="no row of people counts"):
        cells(measure, FRAMES["people"].assign(support_reason="other"), ["ward"])


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_the_order_of_rows_in_a_file_never_changes_a_total(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    # A checked extract of people has one row for a person and quarter.
    frames = {**FRAMES, "people": FRAMES["people"].drop_duplicates(["person_id", "period"])}
    mixed = {name: frame.sample(frac=1, random_state=3).reset_index(drop=True) for name, frame in frames.items()}
    made = [results([measure], one, pilot="random", area="E01", group_kinds=[]) for one in (frames, mixed)]
    assert len(made[0]) > 0
    pd.testing.assert_frame_equal(made[0], made[1])


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_every_figure_is_the_sum_of_the_rows_behind_it(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    table = table_for(measure, FRAMES)
    assert table is not None
    mine = FIGURES[(FIGURES["measure"] == measure_id) & (FIGURES["group_kind"] != "area_code")]
    mine = mine[mine["status"].eq("known")]
    if measure.table == "indicators":
        return  # "all" is the area's own row there: see the published figures above
    for one in mine.groupby(["group_kind", "period"]).head(1).to_dict("records"):
        group = None if one["group_kind"] == "all" else (one["group_kind"], one["group"])
        rows = rows_behind(measure, table, group, one["period"])
        assert rows["numerator"].sum() == pytest.approx(one["numerator"])
        assert (rows["part"] == "unknown").sum() == one["unknown"]
        assert (rows["part"] == "not applicable").sum() == one["not_applicable"]
        if not pd.isna(one["denominator"]):
            assert rows["denominator"].sum() == pytest.approx(one["denominator"])
        assert rows["source_file"].notna().all() and rows["source_row"].notna().all()


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_who_was_left_out_adds_up_to_every_row_of_the_table(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    table = table_for(measure, FRAMES)
    assert table is not None
    lines = left_out(measure, table)
    assert list(lines.columns) == ["says", "rows", "part"]
    assert lines["rows"].sum() == len(table)
    words = set(lines["says"])
    assert {f"not: {rule.says}" for rule in measure.population} <= words


def test_who_was_left_out_of_each_group_adds_up_to_the_rows_of_that_group() -> None:
    measure = next(one for one in CATALOGUE.values() if "ward" in one.groups and one.table == "people")
    table = table_for(measure, FRAMES)
    assert table is not None
    wards = table["ward"].dropna().unique()
    sizes = [int(left_out(measure, table, group=("ward", ward))["rows"].sum()) for ward in wards]
    assert sizes == [int((table["ward"] == ward).sum()) for ward in wards] and len(sizes) > 1


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_a_panel_by_unit_and_quarter_equals_the_results(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    table = table_for(measure, FRAMES)
    assert table is not None
    time_kind = (
        "year" if measure.table in ("access", "indicators", "funded_organisations", "long_term_support") else "quarter"
    )
    if measure.table in ("organisations", "applications") or measure.id == "vcf_funding_award":
        time_kind = "year"
    if not measure.groups:
        return
    column = measure.groups[0]
    panel = cells(measure, table, [column], time=time_kind)
    kind = {"organisation_id": "organisation", "recipient_id": "organisation"}.get(column, column)
    mine = FIGURES[(FIGURES["measure"] == measure_id) & (FIGURES["group_kind"] == kind)]
    known = mine[mine["status"].eq("known") & mine["period"].str.contains("Q").eq(time_kind == "quarter")]
    both = panel.merge(known, left_on=[column, "period"], right_on=["group", "period"], suffixes=("", "_results"))
    assert len(both) == len(known) > 0
    assert both["numerator"].to_list() == pytest.approx(both["numerator_results"].astype(float).to_list())
    assert both["value"].dropna().to_list() == pytest.approx(both["value_results"].dropna().astype(float).to_list())
    people = cells(measure, table, [column], time=time_kind, people=True)
    assert len(people) == panel["rows"].sum()
    if measure.achieved is not None:
        assert set(people["numerator"]) <= {0.0, 1.0}


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_the_rows_an_estimator_takes_are_those_of_the_panel_in_its_order(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    table = table_for(measure, FRAMES)
    if not measure.groups or table is None:
        return
    column = measure.groups[0]
    try:
        panel = cells(measure, table, [column], people=True).dropna(subset=[column, "period"])
    except DataRefused:  # a table of years alone has no quarters
        return
    rows = counted_rows(measure, table, column, Codes(table, measure.table))
    assert rows["value"].tolist() == pytest.approx(panel["value"].tolist(), rel=0, abs=0, nan_ok=True)
    for name in (column, "period"):
        assert rows[name].astype(object).tolist() == panel[name].tolist()


def test_each_person_is_counted_once_where_the_measure_counts_persons() -> None:
    for measure in CATALOGUE.values():
        if measure.person is None or measure.one_row_per != (measure.person,):
            continue
        mine = FIGURES[(FIGURES["measure"] == measure.id) & FIGURES["status"].eq("known")]
        counted = mine["denominator"].fillna(mine["numerator"])
        assert (counted == mine["people"]).all(), measure.id


def test_wards_add_up_to_the_total_where_a_person_is_a_state_in_one_ward() -> None:
    mine = FIGURES[(FIGURES["measure"] == "learning_disability_paid_work") & (FIGURES["period"] == "2014-15")]
    wards = mine[mine["group_kind"] == "ward"]
    total = figure(mine, group_kind="all")
    assert wards["denominator"].sum() == total["denominator"]
    assert wards["unknown"].sum() == total["unknown"]


def test_results_have_the_columns_and_types_that_other_rooms_are_promised() -> None:
    assert list(FIGURES.columns) == COLUMNS
    assert {"measure", "pilot", "area", "group_kind", "group", "period", "status", "public"} <= set(COLUMNS)
    assert str(FIGURES["numerator"].dtype) == "Float64"
    assert all(str(FIGURES[name].dtype) == "Int64" for name in ("unknown", "not_applicable", "people"))
    assert set(FIGURES["status"]) <= {"known", "suppressed", "unknown", "not applicable"}
    assert set(FIGURES["kind"]) == {"count", "amount"}
    assert not FIGURES.duplicated(["measure", "group_kind", "group", "period"]).any()


def test_only_the_periods_and_groups_asked_for_come_back() -> None:
    measure = CATALOGUE["learning_disability_own_goal_met"]
    made = results([measure], FRAMES, pilot="p", area="E01", periods=["2014-15 Q2"], group_kinds=["ward"])
    assert set(made["period"]) == {"2014-15 Q2"}
    assert set(made["group_kind"]) == {"all", "ward"}


def test_a_misspelt_group_or_kind_of_period_is_refused_by_name() -> None:
    measure = CATALOGUE["learning_disability_own_goal_met"]
    with pytest.raises(UsageError, match="'wards'"):
        results([measure], FRAMES, pilot="p", area="E01", group_kinds=["wards"])
    with pytest.raises(UsageError, match="'month'"):
        results([measure], FRAMES, pilot="p", area="E01", by=("month",))
    with pytest.raises(UsageError, match="has no column 'wards'"):
        cells(measure, FRAMES["reviews"], ["wards"])
    with pytest.raises(UsageError, match="is no group of it"):
        rows_behind(measure, FRAMES["reviews"], ("wards", "Alder"))


def test_a_column_that_a_rule_reads_and_the_extract_lacks_is_named() -> None:
    frame = FRAMES["reviews"].drop(columns="goal_met")
    with pytest.raises(UsageError, match="'goal_met'"):
        results([CATALOGUE["learning_disability_own_goal_met"]], {"reviews": frame}, pilot="p", area="E01")


def test_what_was_paid_is_accrued_to_the_penny() -> None:
    spend = table_for(CATALOGUE["vcf_funding_spend"], FRAMES)
    assert spend is not None
    assert spend["accrued_pence"].sum() == FRAMES["payments"]["amount_pence"].sum()
    grants = pd.DataFrame(
        {
            "grant_id": ["G1"],
            "start_on": pd.to_datetime(["2014-05-01"]),
            "end_on": pd.to_datetime(["2014-08-31"]),
            "months": pd.array([4], dtype="Int64"),
            "recipient_id": ["O1"],
        }
    )
    paid = pd.DataFrame({"grant_id": ["G1"], "department": ["A"], "period": ["2014-15 Q1"], "amount_pence": [100001]})
    made = table_for(CATALOGUE["vcf_funding_spend"], {"payments": paid, "grants": grants})
    assert made is not None
    # May and June, then July and August: two of four months each, the odd penny where it falls due.
    assert list(zip(made["period"], made["accrued_pence"], strict=True)) == [
        ("2014-15 Q1", 50000),
        ("2014-15 Q2", 50001),
    ]


def register(*rows: tuple[str, str, str, str, str, int]) -> pd.DataFrame:
    names = ["grant_id", "charity_number", "department", "purpose", "start_on", "months"]
    frame = pd.DataFrame(list(rows), columns=names)
    start = pd.to_datetime(frame["start_on"])
    return frame.assign(
        start_on=start, award_date=start, end_on=pd.NaT, company_number=None, recipient_id=frame["grant_id"],
        source_file="g.csv", source_row=range(2, len(frame) + 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "numerator"),
    [
        (("G2", "1", "Children", "advice", "2014-07-01", 3), 1),
        (("G2", "1", "Children", "lunch", "2014-07-01", 3), 0),
        (("G2", "1", "Adults and Health", "advice", "2014-10-01", 3), 0),
        (("G2", "1", "Adults", "advice", "2014-07-01", 3), 0),
        (("G2", "2", "Children", "advice", "2014-07-01", 3), 0),
    ],
    ids=["both", "another purpose", "a department renamed: no month in common", "one department", "two organisations"],
)
def test_double_funding_needs_the_same_purpose_and_a_month_in_common(
    second: tuple[str, str, str, str, str, int], numerator: int
) -> None:
    grants = register(("G1", "1", "Adults", "advice", "2014-04-01", 6), second)
    assert count("vcf_funding_same_purpose", {"grants": grants})["numerator"] == numerator


def test_whether_two_departments_pay_cannot_be_told_where_none_is_recorded() -> None:
    grants = register(
        ("G1", "1", "unknown", "advice", "2014-04-01", 6),
        ("G2", "1", "unknown", "advice", "2014-07-01", 3),
        ("G3", "2", "unknown", "advice", "2014-07-01", 3),  # one agreement is of one department, whichever it is
    )
    found = count("vcf_funding_same_purpose", {"grants": grants})
    assert (found["numerator"], found["unknown"]) == (0, 1)


def test_two_packages_in_the_same_weeks_are_one_persons_weeks() -> None:
    frame = pd.DataFrame(
        {
            "package_id": ["K1", "K2"], "person_id": "P1", "period": "2014-15 Q1", "needs_band": "low", "ward": "A",
            "locality": "N", "weeks": [13, 13], "weekly_cost_pence": pd.array([50000, 10000], dtype="Int64"),
            "support_reason": "learning disability",
        }
    )  # fmt: skip
    row = count("learning_disability_weekly_cost", {"packages": frame})
    assert (row["denominator"], row["value"], row["people"]) == (13, 60000, 1)


def test_support_is_set_beside_the_population_and_never_beside_itself() -> None:
    people = pd.DataFrame(
        {
            "person_id": [f"P{i}" for i in range(20)], "period": "2014-15 Q4", "ward": "A", "locality": "N",
            "age": [70] * 5 + [40] * 15, "ethnicity": "white", "support_reason": "learning disability",
        }
    )  # fmt: skip
    population = pd.DataFrame(
        {
            "year": "2014-15", "ward": "A", "locality": "N", "age_band": ["65 and over", "18 to 64"],
            "ethnicity": "white", "with_learning_disability": [25, 75],
        }
    )  # fmt: skip
    row = count("learning_disability_access_gap", {"people": people, "population": population})
    assert (row["numerator"], row["denominator"], row["value"]) == (5, 25, 20)
    everybody = count("learning_disability_supported", {"people": people, "population": population})
    assert (everybody["numerator"], everybody["people"]) == (20, 20)


def test_a_card_holds_the_measures_own_words() -> None:
    measure = CATALOGUE["vcf_funding_target_met"]
    made = card(measure)
    assert made["numerator"] == measure.achieved.says  # type: ignore[union-attr]
    assert made["caveats"] == list(measure.caveats)


@pytest.mark.parametrize("pilot", ["learning_disability", "vcf_funding"])
def test_every_measure_of_a_pilot_of_real_size_is_counted_within_seconds(pilot: str) -> None:
    if not (tables.SAMPLE / pilot).is_dir():
        pytest.skip("the sample data are not in this checkout")
    frames = tables.sample(pilot)
    start = time.process_time()
    made = results(catalogue(pilot), frames, pilot=pilot, area="E08000015")
    took = time.process_time() - start
    assert len(made) > 1000
    assert took < 6  # about 1.5 s on one core; the margin is for a busy machine
