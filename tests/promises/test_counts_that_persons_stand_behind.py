"""Contacts, hours, money and every other figure that persons or organisations stand behind is hidden or rounded, also as a measure."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.disclosure import Released, keys, policy, release
from commissioning.disclosure.keys import SAMPLE_SECRET, record_keys
from commissioning.disclosure.rounding import amount, significant
from commissioning.measures import breakdowns, calculate, catalogue
from commissioning.sections import figures
from commissioning.study import broken_down, restricted
from commissioning.study.open_tables import public_measures

TABLES = Path(__file__).parents[1] / "measures" / "tables.py"
AREA = "E01"
POLICY = policy()
COUNTS = ("numerator", "denominator", "unknown", "not_applicable")


@cache
def _house(pilot: str, public: bool = False) -> tuple[pd.DataFrame, Released]:
    """Every measure and every breakdown of a pilot on a small house of random rows: results, and what is released of them."""
    spec = util.spec_from_file_location("random_house", TABLES)
    house = util.module_from_spec(spec)
    spec.loader.exec_module(house)
    tables = {**house.random_tables(5, n=400), "starts": house.sample(pilot)["starts"]}
    people = pd.concat([frame["person_id"] for frame in tables.values() if "person_id" in frame]).dropna()
    of = record_keys(people, SAMPLE_SECRET)
    measures = {key: one for key, one in catalogue(pilot).items() if "_control_" not in key}
    held = {name: {public} for name in tables if name not in ("people", "supported", "packages", "reviews")}
    results = calculate.results(measures, tables, pilot=pilot, area=AREA, keys=of)
    results["public"] |= results["measure"].isin(public_measures(measures, held))
    table_of = broken_down.of(pilots.load(pilot)).values()
    made = breakdowns.made(table_of, tables)
    behind = [made[one.id][one.behind] for one in table_of if one.people and one.id in made]
    of = pd.concat([of, record_keys(pd.concat([*behind, pd.Series(["?"])]).dropna(), SAMPLE_SECRET)])
    by_group = breakdowns.counted(
        table_of, tables, pilot=pilot, area=AREA, keys=of[~of.index.duplicated()],
        public=[name for name, said in held.items() if said == {True}],
    )  # fmt: skip
    codes = {}
    calculate.results(measures, tables, pilot=pilot, area=AREA, codes=codes, by=())
    left, _ = breakdowns.left_out(
        measures, codes, pilot=pilot, area=AREA, keys=of[~of.index.duplicated()], period="2015-16",
        public=results.loc[results["public"], "measure"],
    )  # fmt: skip
    results = pd.concat([results, by_group, left], ignore_index=True)
    return results, release(results)


def _joined(pilot: str, public: bool = False) -> pd.DataFrame:
    results, released = _house(pilot, public)
    key = ["measure", "pilot", "area", "group_kind", "group", "period"]
    return released.figures.merge(results, on=key, how="left", suffixes=("", "_true"))


@pytest.mark.parametrize("pilot", pilots.names())
def test_each_figure_that_is_not_public_is_hidden_or_rounded(pilot):
    figures = _joined(pilot)
    published = figures["measure"].str.removeprefix(f"{pilot}_breakdown_left_out_").str.removesuffix("__rows")
    assert published[figures["public"]].map(lambda key: catalogue()[key].table).isin(["indicators"]).all()
    figures = figures[~figures["public"]]
    assert figures["measure"].nunique() > 15 and {"count", "amount"} <= set(figures["kind"])
    of_amount = figures["kind"].eq("amount")
    for name in COUNTS:
        shown = figures[name].astype(float)
        assert np.nan_to_num(shown % POLICY.round_to).max() == 0, name
        assert not shown.between(1, POLICY.round_to - 1).any(), name
    money = figures.loc[of_amount, "numerator"].astype(float)
    assert money.notna().sum() > 5
    assert np.allclose(money, amount(money, POLICY.significant_figures, POLICY.round_to), equal_nan=True)
    # A value is worked out from what is shown, and of an amount no finer than it.
    worked = figures["numerator"].astype(float) / figures["denominator"].astype(float).where(
        ~of_amount | figures["denominator"].notna(), 1.0
    )
    worked = worked.where(~of_amount, significant(worked, POLICY.significant_figures))
    shown = figures["value"].astype(float)
    assert np.allclose(shown[shown.notna()], worked[shown.notna()])


@pytest.mark.parametrize("pilot", pilots.names())
def test_no_unrounded_number_of_the_results_stands_in_what_is_released(pilot):
    figures = _joined(pilot)
    figures = figures[~figures["public"]]
    for name in (*COUNTS, "value"):
        truth, shown = figures[f"{name}_true"].astype(float), figures[name].astype(float)
        base = POLICY.round_to if name != "value" else 1e-9
        uneven = truth.mod(POLICY.round_to).gt(1e-6) if name != "value" else figures["kind"].eq("amount") & (
            ~np.isclose(truth, significant(truth, POLICY.significant_figures))
        )  # fmt: skip
        assert uneven.sum() > 0 or name == "value", name
        same = uneven & shown.notna() & np.isclose(shown, truth, rtol=0, atol=base * 1e-6)
        assert not same.any(), figures.loc[same, ["measure", "group", "period"]]


@pytest.mark.parametrize("pilot", pilots.names())
def test_no_amount_is_shown_on_few_nor_where_two_make_nearly_all(pilot):
    """Known from the rows alone: who adds to each amount, counted by hand."""
    figures = _joined(pilot)
    shown = figures[figures["kind"].eq("amount") & ~figures["public"] & figures["numerator"].notna()]
    merged = shown["people"].isna()  # of providers shown together there is no one row of results
    shown = shown[~merged]
    assert len(shown) > 5
    # It is the number of people with its noise that must be enough: in a few figures the noise lifts it, and never by 20.
    of_people, nobody = shown["behind_are_people"], shown["people"].eq(0)
    assert (nobody | of_people | shown["people"].gt(POLICY.suppress_to)).all()
    assert (shown["people"] + keys.reach(POLICY.noise) >= POLICY.fewest_people_for_cost)[of_people & ~nobody].all()
    whole = shown["numerator_true"].astype(float).abs()
    two = shown["largest_two"].astype(float)[whole > 0] / whole[whole > 0]
    assert not two.ge(POLICY.two_make_nearly_all).any()


def test_what_is_wholly_from_public_files_is_printed_as_published():
    closed, opened = _joined("vcf_funding"), _joined("vcf_funding", public=True)
    for measure in ("award", "contacts", "volunteer_hours"):
        mine = opened[opened["measure"].eq(f"vcf_funding_{measure}") & opened["status"].eq("known")]
        assert len(mine) > 20 and mine["public"].all() and not mine["hidden"].any()
        assert np.allclose(mine["numerator"].astype(float), mine["numerator_true"].astype(float))
        assert (closed.loc[closed["measure"].eq(f"vcf_funding_{measure}"), "public"] == False).all()  # noqa: E712


# --- one register by hand


def _rows(amounts: dict[str, list[float]], measure: str = "vcf_funding_contacts", quarters: int = 1) -> pd.DataFrame:
    """Returns of one year: department → contacts that each of its organisations tells of, in each quarter."""
    rows = [
        {"return_id": f"{place} {at} {q}", "grant_id": f"{place} {at}", "organisation_id": f"{place} {at}", "department": place,
         "period": f"2014-15 Q{q + 1}", "asked": "yes", "received": "yes", "contacts": one}
        for place, told in amounts.items() for at, one in enumerate(told) for q in range(quarters)
    ]  # fmt: skip
    tables = {"returns": pd.DataFrame(rows)}
    return calculate.results(
        {measure: catalogue()[measure]}, tables, pilot="vcf_funding", area=AREA, group_kinds=["department"]
    )


def _shown(results: pd.DataFrame, period: str = "2014-15") -> dict[str, float]:
    figures = release(results).figures
    mine = figures[figures["period"].eq(period)]
    return {group: float(one) for group, one in zip(mine["group"], mine["numerator"].astype(float), strict=True)}


def test_contacts_are_rounded_and_those_of_seven_organisations_are_hidden_with_a_partner():
    found = _shown(_rows({"Adults": [11] * 20, "Children": [7] * 12, "Roads": [40] * 7, "Parks": [9] * 30}))
    assert found["all"] == 850 and found["Adults"] == 220 and found["Parks"] == 270
    assert np.isnan(found["Roads"]) and np.isnan(found["Children"])


def test_contacts_of_which_two_organisations_make_nearly_all_are_hidden_however_many_tell_of_some():
    few = [*[1.0] * 20, 200, 120]
    found = _shown(_rows({"Adults": few, "Children": [30] * 20, "Parks": [30] * 21}))
    assert np.isnan(found["Adults"]) and np.isnan(found["Children"]) and found["Parks"] == 630
    assert not np.isnan(found["all"])


def test_organisations_that_tell_of_none_do_not_stand_behind_an_amount():
    found = _shown(_rows({"Adults": [0] * 30 + [9] * 7, "Children": [9] * 20, "Parks": [9] * 21}))
    assert np.isnan(found["Adults"])
    assert _shown(_rows({"Adults": [0] * 30, "Children": [9] * 20}))["Adults"] == 0, "of nothing, everybody told"
    assert np.isnan(_shown(_rows({"Adults": [0] * 5, "Children": [9] * 20, "Parks": [9] * 30}))["Adults"])


def test_a_quarter_cannot_be_worked_back_from_its_year():
    results = _rows({"Adults": [10] * 12, "Children": [10] * 12}, quarters=4)
    few = results["period"].eq("2014-15 Q3") & results["group_kind"].eq("all")
    results.loc[few, "people"] = 5
    figures = release(results).figures
    quarters = figures[figures["group_kind"].eq("all") & figures["period"].str.contains("Q")]
    assert figures[figures["group_kind"].eq("all") & figures["period"].eq("2014-15")]["numerator"].notna().all()
    assert quarters["hidden"].sum() == 2, "one hidden quarter alone would be the year less the other three"


def test_an_amount_that_names_no_organisation_may_all_be_of_one():
    results = _rows({"Adults": [10] * 30})
    assert _shown(results)["all"] == 300
    tables = {"returns": pd.DataFrame({
        "return_id": [str(at) for at in range(30)], "organisation_id": None, "department": "Adults", "period": "2014-15 Q1",
        "asked": "yes", "received": "yes", "contacts": 10.0,
    })}  # fmt: skip
    key = "vcf_funding_contacts"
    unnamed = calculate.results({key: catalogue()[key]}, tables, pilot="vcf_funding", area=AREA, group_kinds=[])
    assert np.isnan(_shown(unnamed)["all"])


def test_every_measure_says_who_stands_behind_it_and_only_published_ones_say_nobody():
    said = {key: one.stands_behind for key, one in catalogue().items()}
    assert {key for key, word in said.items() if word == "nobody"} == {
        key for key, one in catalogue().items() if one.table == "indicators"
    }
    assert said["vcf_funding_contacts"] == said["vcf_funding_volunteer_hours"] == "people told of by organisations"
    assert {said[key] for key, one in catalogue().items() if one.person} == {"people"}


# --- what leaves: the words, tables and records of a page

SECTIONS = (
    "register", "other_funders", "spend_table", "spend_note", "reconciliation", "in_proportion", "paid_twice", "one_funder",
    "innovation_portfolio", "share_of_income", "outcomes_against_award", "resource_changes", "answer", "quality_log",
)  # fmt: skip


def _numbers(text: str) -> set[float]:
    return {float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def test_no_exact_sum_or_count_of_a_file_that_is_not_public_stands_on_a_page():
    report = reports.open("pilot", pilot="vcf_funding")
    study, exact = report.study, {}
    for name in (one for one in study.tables_held if one not in study.record["public_tables"]):
        rows = restricted.table(study, name)
        year = (
            rows["year"] if "year" in rows else rows["period"] if "period" in rows else pd.Series("", index=rows.index)
        )
        for when, part in [("all", rows), *rows.groupby(year.astype(str).str.slice(0, 7))]:
            exact[name, when, "rows"] = float(len(part))
            for column in part.columns[part.columns.str.endswith("_pence") | part.columns.isin(["hours", "contacts"])]:
                whole = float(part[column].astype(float).sum())
                exact[name, when, column] = whole
                exact[name, when, column.replace("pence", "pounds")] = whole / 100
    exact = {what: one for what, one in exact.items() if one >= 100 and one % POLICY.round_to}
    assert len(exact) > 40
    said = {name: json.dumps(getattr(report, name)().record, default=str) for name in SECTIONS}
    said |= {"notes of spend": " ".join(figures.spend(report).notes)}
    said |= {key: json.dumps(study.record[key]) for key in ("payments", "payments_whole", "grants_elsewhere", "files")}
    awarded = report.released.select(measure="vcf_funding_award", group_kind="all").figures["numerator"].max()
    assert float(awarded) in _numbers(said["register"]), "the scan sees what is shown"
    found = [(where, what) for where, text in said.items() for what, one in exact.items() if one in _numbers(text)]
    assert found == []
