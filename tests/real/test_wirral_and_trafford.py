"""The figures of the issue, on real public data: Wirral's and Trafford's, to the penny and the person.

Expected figures are as published by NHS Digital (ASCOF, PSS EX1, ASC-FR), Trafford Council
(360Giving register, payments over £500) and HM Treasury (GDP deflators).
"""

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.methods import intervals
from commissioning.reports import closing, easy_read, stages
from commissioning.sections import figures, showing
from commissioning.study import restricted
from commissioning.study.parameters import Parameters
from commissioning.study.prepared import pilot_of

pytestmark = pytest.mark.real_data
WIRRAL, TRAFFORD, ENGLAND = "E08000015", "E08000009", "E92000001"
PAID_WORK = {
    "2014-15": (25, 915), "2015-16": (34, 996), "2016-17": (24, 1029),
    "2017-18": (25, 1027), "2018-19": (19, 738), "2020-21": (31, 1015),
}  # fmt: skip
SETTLED_HOME = {
    "2014-15": (760, 915), "2015-16": (841, 996), "2016-17": (864, 1029),
    "2017-18": (866, 1027), "2018-19": (599, 738), "2020-21": (870, 1015),
}  # fmt: skip


def page_of(real, name, area):
    given = Parameters(pilot=name, area="" if area == pilots.load(name).area else area)
    study = real(name, area)
    return stages.page_of("pilot", given, pilot_of(study), study)


@pytest.fixture(scope="module")
def wirral(real):
    return page_of(real, "learning_disability", WIRRAL)


@pytest.fixture(scope="module")
def wirral_vcf(real):
    return page_of(real, "vcf_funding", WIRRAL)


@pytest.fixture(scope="module")
def trafford(real):
    return page_of(real, "learning_disability", TRAFFORD)


@pytest.fixture(scope="module")
def trafford_vcf(real):
    return page_of(real, "vcf_funding", TRAFFORD)


def machine_readable(page):
    return pd.DataFrame(closing.as_json(page)["figures"])


def spend_of(page, year, what, basis):
    rows = figures.spend(page).frame
    rows = rows[(rows["year"] == year) & (rows["what"] == what) & (rows["basis"] == basis)]
    assert len(rows) == 1, rows
    return rows.iloc[0]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("learning_disability_ascof_1e", PAID_WORK), ("learning_disability_ascof_1g", SETTLED_HOME)],
)
def test_wirrals_outcomes_are_as_published_each_with_a_wilson_interval(wirral, measure, expected):
    rows = machine_readable(wirral)
    rows = rows[(rows["measure"] == measure) & (rows["group_kind"] == "all")].set_index("period")
    assert set(rows.index) == set(expected)
    for year, (numerator, denominator) in expected.items():
        row = rows.loc[year]
        assert row["public"]
        assert (row["numerator"], row["denominator"]) == (numerator, denominator)
        wilson = intervals.proportion(numerator, denominator).iloc[0]
        assert row["value"] == pytest.approx(100 * numerator / denominator, abs=1e-4)
        assert row["lower"] == pytest.approx(100 * wilson["lower"], abs=1e-4)
        assert row["upper"] == pytest.approx(100 * wilson["upper"], abs=1e-4)


def test_england_stands_beside_wirral(wirral):
    rows = machine_readable(wirral)
    england = rows[
        (rows["measure"] == "learning_disability_ascof_1g") & (rows["group"] == ENGLAND) & (rows["period"] == "2017-18")
    ].iloc[0]
    assert (england["numerator"], england["denominator"]) == (101_599, 131_522)
    assert round(england["value"], 1) == 77.2


def test_similar_councils_leave_out_the_area_itself_and_the_absent_one_is_named(wirral):
    table = wirral.published_outcomes("learning_disability_ascof_1e").record
    names = [one["name"] for one in table["data"]["columns"]]
    counts = {row[0]: row[names.index("like")] for row in table["data"]["rows"]}
    assert {year: int(float(count)) for year, count in counts.items()} == {
        "2014-15": 14, "2015-16": 14, "2016-17": 14, "2017-18": 14, "2018-19": 14, "2020-21": 15,
    }  # fmt: skip
    assert "15 similar councils" in table["caption"]
    assert "Bournemouth, Christchurch and Poole (E06000058) has no figure in 2014-15" in table["caption"]
    assert WIRRAL not in table["caption"]


@pytest.mark.parametrize(
    ("year", "what", "basis", "pounds_thousands"),
    [
        ("2014-15", "Long-term support, ages 18 to 64", "gross current", 34_120.74),
        ("2014-15", "All support, all ages and terms", "gross current", 37_740.06),
        ("2014-15", "Long-term support, ages 18 to 64", "net current", 30_687.71),
        ("2016-17", "Long-term support, ages 18 to 64", "gross current", 39_227.59),
    ],
)
def test_wirrals_spend_is_as_published(wirral, year, what, basis, pounds_thousands):
    line = spend_of(wirral, year, what, basis)
    assert round(line["pence"] / 100_000, 2) == pounds_thousands
    assert line["scope"] == "shared"


def test_the_bridge_reads_from_total_to_net(wirral):
    bridge = figures.spend(wirral).bridge.set_index("line")["pence"] / 100_000
    assert figures.spend(wirral).bridge_year == "2014-15"
    assert bridge["total expenditure"] == 36_040.11
    assert bridge["other income"] == -458.53
    assert bridge["capital charges"] == -1_460.84
    assert bridge["gross current expenditure"] == 34_120.74
    assert bridge["client contributions"] == -3_433.03
    assert bridge["net current expenditure"] == 30_687.71


def test_gross_current_spend_in_the_prices_of_2022_23(wirral):
    line = spend_of(wirral, "2014-15", "Long-term support, ages 18 to 64", "gross current")
    assert round(line["real_pence"] / 100_000_000, 2) == 41.68


def test_shared_spend_is_never_divided_by_the_people_in_work(wirral):
    body = closing.as_json(wirral)
    assert all(row.get("spend_pence") is None for row in body["figures"])
    assert "never divided" in " ".join(wirral.spend_note().record["lines"]) or "Shared spend stands beside" in " ".join(
        wirral.spend_note().record["lines"]
    )


def test_the_fall_of_2018_19_is_a_break_and_no_change_is_claimed_across_it(wirral):
    found = " ".join(wirral.study.record["findings"])
    assert "-28% in 2018-19 (1,027 to 738)" in found
    trend = wirral.published_trend("learning_disability_ascof_1e").record
    assert "No claim of change is made across the break" in trend["caption"]


def test_no_finding_on_published_data_claims_more_than_compared(wirral):
    claims = {one["claim"] for one in wirral.answer().record["findings"]}
    assert claims <= {"described", "compared"}


def test_files_that_are_not_wirrals_are_left_aside_with_a_reason(wirral):
    aside = {one["file"]: one["reason"] for one in wirral.study.files if one["status"] == "left aside"}
    assert "Trafford Council" in aside["payments/spend_trafford_2024-25_learning_disability.csv"]
    assert "Newcastle" in next(reason for name, reason in aside.items() if "newcastle" in name)
    assert all(reason for reason in aside.values())


def test_traffords_payments_are_counted_once_and_split_by_age(trafford):
    counts = trafford.study.record["payments"]
    assert counts["rows"] == 21_515
    assert counts["pence"] == 2_694_764_755
    assert counts["negative_rows"] == 5_692
    assert counts["exact_duplicates"] == 6_338
    paid = "paid, net of credit notes"
    assert spend_of(trafford, "2024-25", "Payments, ages 18 to 64", paid)["pence"] == 2_495_063_649
    assert spend_of(trafford, "2024-25", "Payments, ages 65 and over", paid)["pence"] == 199_701_106


def test_the_years_of_traffords_payments_and_outcomes_differ_and_the_page_says_so(trafford):
    says = " ".join(trafford.spend_note().record["lines"])
    assert "The last outcomes are for 2020-21 and the last spend is for 2024-25" in says
    assert "no ratio" in says
    assert "6,338 rows equal another row" in says


def test_traffords_register_is_counted_once_from_two_files(trafford_vcf):
    table = trafford_vcf.register().record
    rows = {row[0]: row for row in table["data"]["rows"]}
    assert [int(one) for one in rows["all years"][1:]] == [555, 129_143_654]
    assert int(rows["2013"][2]) == 15_723_262
    assert int(rows["2024"][2]) == 8_333_000
    assert "289 grants to 215 recipients carry no charity or company number" in table["caption"]
    assert showing.sources_of(trafford_vcf, "grants") == ("grants/360g_trafford_council_vcs_grants.csv",), (
        "neither the file of which all was set aside nor the second form of the same register gave a figure"
    )


def test_thirteen_wholly_empty_columns_of_the_register_are_named(trafford_vcf):
    said = " ".join(
        one["reason"] for one in trafford_vcf.study.files if "trafford_council_vcs_grants.csv" in one["file"]
    )
    assert "13 columns wholly empty" in said


def test_traffords_outcomes_of_grants_are_unknown_and_the_page_says_so(trafford_vcf):
    assert "The spend is known, and the outcome is not" in " ".join(map(repr, trafford_vcf.told("spend_table").found))
    assert "What good was done is not known, because" in trafford_vcf.answer().lines[0].says


def test_without_an_area_traffords_money_appears_nowhere(wirral_vcf):
    body = str(closing.as_json(wirral_vcf)["spend"])
    assert "129143654" not in body
    assert restricted.table(wirral_vcf.study, "grants").empty
    others = restricted.table(wirral_vcf.study, "other_grants")
    assert not others["funder"].str.contains("Trafford").any()


def test_wirrals_grants_to_organisations_are_shown_by_the_funding_pilot(wirral_vcf):
    line = spend_of(
        wirral_vcf, "2014-15", "Grants to voluntary organisations, all adult social care", "gross total cost"
    )
    assert line["pence"] == 131_084_000
    line = spend_of(wirral_vcf, "2014-15", "Grants to voluntary organisations, learning disability", "gross total cost")
    assert line["pence"] == 17_630_000


def test_grants_that_belong_to_both_pilots_are_counted_once_in_the_cabinet_summary(real, wirral, wirral_vcf):
    studies = {"learning_disability": wirral.study, "vcf_funding": wirral_vcf.study}
    summary = stages.page_across("cabinet_summary", Parameters(), studies)
    frame = summary.spend_of_all().record["data"]
    names = [one["name"] for one in frame["columns"]]
    shared = [row for row in frame["rows"] if "learning disability" in str(row[names.index("what")]).lower()]
    assert len(shared) == 1
    assert shared[0][names.index("pilot")] == "Both pilots, counted once"
    assert "£176,300.00" in " ".join(summary.grants_once().record["lines"])


def test_easy_read_of_another_area_says_what_is_published_there_and_nothing_of_the_pilots_own(trafford):
    page = easy_read.make(trafford)
    said = " ".join(one for part in page.all_parts() for idea in part.ideas for one in idea.sentences)
    assert page.problems() == []
    assert "This booklet is about Trafford." in said and "Wirral" not in said
    assert "About 12 out of 100 people had a paid job." in said  # 54 of 453
    assert "how many people had a paid job" not in said
    assert "People paid some of this money themselves." not in said  # the charges held are of ten years before


def test_each_table_names_who_published_its_own_figures(trafford):
    assert trafford.outcomes_table().record["source"] == "NHS Digital"
    assert trafford.spend_table().record["source"] == "NHS Digital; Trafford Council"


def test_where_only_other_funders_grants_are_held_nothing_is_said_of_the_councils_own(wirral_vcf):
    for section in (wirral_vcf.register, wirral_vcf.paid_twice, wirral_vcf.innovation_portfolio):
        assert "needs the file “grants”" in section().record["lines"][0]
    assert "Power to Change Trust" in str(wirral_vcf.other_funders().record["data"])
