"""The figures that the real public files must give, each computed from the taken-in tables.

They run where the checkout's sibling `shared/data` is present, and say so where it is not.

Longer than other files: one fixture reads the files once for all their figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from published_kit import published_series, spend_by_age, without_number

from commissioning.evidence.intake import Intake
from commissioning.evidence.published import selections

DATA = Path(__file__).parents[3].parent / "shared" / "data"
WIRRAL, TRAFFORD, ENGLAND = "E08000015", "E08000009", "E92000001"
LONG_TERM_18_64 = {"age_band": "18 to 64", "term": "long term"}
REGISTER = "grants/360g_trafford_council_vcs_grants"
LD_PAYMENTS = "payments/spend_trafford_2024-25_learning_disability.csv"
GRANT_PAYMENTS = "payments/spend_trafford_2024-25_payments_to_360g_grant_recipients.csv"

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def intake(real_intake: Intake) -> Intake:
    return real_intake


@pytest.fixture(scope="module")
def tables(intake: Intake) -> Mapping[str, pd.DataFrame]:
    return intake.tables


def thousands(pence: int | None) -> Decimal:
    """Pence as £k to £0.01k."""
    assert pence is not None
    return (Decimal(int(pence)) / 100_000).quantize(Decimal("0.01"))


# -- every row and penny ------------------------------------------------------------------------------


def test_every_file_is_accepted_but_the_one_of_which_nothing_can_be(intake):
    assert [f.file for f in intake.files if f.status != "accepted"] == ["grants/360g_cloudesley_invalid_fixture.xlsx"]
    assert len(intake.files) == 20


def test_rows_in_are_accepted_or_quarantined_or_declared_not_data_in_every_file(intake):
    for file in intake.as_json()["files"]:
        parts = file["rows_accepted"] + file["rows_quarantined"] + file["rows_not_data"]
        assert file["rows_in"] == parts > 0, file["file"]


def test_pence_in_are_accepted_or_quarantined_or_declared_not_data_in_every_file(intake):
    for file in intake.as_json()["files"]:
        if file["pence_in"] is not None:
            parts = file["pence_accepted"] + file["pence_quarantined"] + file["pence_not_data"]
            assert file["pence_in"] == parts, file["file"]


@pytest.mark.parametrize(
    ("file", "unit", "rows", "pence"),
    [
        ("grants/360g_a001p00000zgyHZAAY.xlsx", "row", 783, 1_278_562_500),
        ("grants/360g_cloudesley_invalid_fixture.xlsx", "row", 125, None),
        (f"{REGISTER}.csv", "row", 555, 129_143_654),
        (f"{REGISTER}.json", "grant", 555, 129_143_654),
        ("grants/360g_wirral_postcode_recipients_lloyds_ptc.json", "grant", 27, 105_726_866),
        ("outcomes/ascof_2014-15_to_2018-19_ld_1E_1G.csv", "row", 20_922, None),
        ("outcomes/ascof_2020-21_open_data.xlsx", "row", 48_970, None),
        (LD_PAYMENTS, "row", 21_515, 2_694_764_755),
        (GRANT_PAYMENTS, "row", 1_628, None),
        ("payments/spend_newcastle_2017-2022_ld_monthly_by_cost_centre_AGGREGATED.csv", "row", 910, None),
        ("spend/ascfr_2016-17_totals_coded.csv", "row", 41_699, None),
        ("context/imd2019_england_ltla23.csv", "row", 296, None),
    ],
)
def test_a_file_is_counted_in_its_own_unit(intake, file, unit, rows, pence):
    entry = next(f for f in intake.as_json()["files"] if f["file"] == file)
    assert (entry["unit"], entry["rows_in"]) == (unit, rows)
    if pence is not None:
        assert entry["pence_in"] == pence


def test_the_one_bad_cell_of_pss_ex1_takes_no_council_with_it(intake):
    entry = next(f for f in intake.as_json()["files"] if "expenditure_wide" in f["file"])
    assert entry["unit"] == "cell"
    assert entry["quarantine"] == [
        {
            "where": "235",
            "column": "902 - Cornwall",
            "code": "not a number",
            "reason": entry["quarantine"][0]["reason"],
        }
    ]
    assert entry["rows_accepted"] + 1 == 2_674 * 152


def test_a_second_reading_of_the_csv_files_gives_the_same_money():
    """A naive route: the amounts of the plain files, summed with Decimal and nothing else."""
    if not DATA.is_dir():
        pytest.skip("the real public files are not here: put them beside the checkout, in shared/data")
    import csv

    for name, column, pence in (
        (LD_PAYMENTS, "Amount", 2_694_764_755),
        (f"{REGISTER}.csv", "Amount Awarded", 129_143_654),
    ):
        with (DATA / name).open(encoding="utf-8-sig", newline="") as f:
            assert sum(Decimal(row[column]) for row in csv.DictReader(f)) * 100 == pence


def test_each_intake_record_holds_the_hash_of_its_extract(intake):
    for file in intake.files:
        assert file.sha256 == hashlib.sha256((DATA / file.file).read_bytes()).hexdigest()


# -- outcomes -------------------------------------------------------------------------------------------

WIRRAL_1E = {
    "2014-15": (25, 915, 2.7), "2015-16": (34, 996, 3.4), "2016-17": (24, 1_029, 2.3),
    "2017-18": (25, 1_027, 2.4), "2018-19": (19, 738, 2.6), "2020-21": (31, 1_015, 3.1),
}  # fmt: skip
WIRRAL_1G = {
    "2014-15": (760, 915), "2015-16": (841, 996), "2016-17": (864, 1_029),
    "2017-18": (866, 1_027), "2018-19": (599, 738), "2020-21": (870, 1_015),
}  # fmt: skip


def test_wirral_paid_work_is_as_published_in_every_year(tables):
    series = published_series(tables["indicators"], area=WIRRAL, code="1E").set_index("year")
    found = {year: tuple(series.loc[year, ["numerator", "denominator", "value"]]) for year in series.index}
    assert found == {year: pytest.approx(value) for year, value in WIRRAL_1E.items()}


def test_wirral_settled_homes_are_as_published_in_every_year(tables):
    series = published_series(tables["indicators"], area=WIRRAL, code="1G").set_index("year")
    assert {year: tuple(series.loc[year, ["numerator", "denominator"]]) for year in series.index} == WIRRAL_1G


def test_england_is_found_by_its_ons_code_although_its_own_code_changed(tables):
    england = published_series(tables["indicators"], area=ENGLAND, code="1G").set_index("year")
    assert tuple(england.loc["2017-18", ["numerator", "denominator", "value"]]) == (
        101_599,
        131_522,
        pytest.approx(77.2),
    )
    assert len(england) == 6


def test_trafford_last_outcomes_are_of_2020_21(tables):
    assert published_series(tables["indicators"], area=TRAFFORD, code="1E")["year"].max() == "2020-21"


def test_suppressed_figures_are_never_zero_or_unknown(tables):
    rows = tables["indicators"]
    hidden = rows["numerator_status"].eq("suppressed")
    assert hidden.any()
    assert rows.loc[hidden, "numerator"].isna().all()


@pytest.mark.parametrize("year", ["2014-15", "2015-16", "2016-17", "2017-18", "2018-19"])
def test_fourteen_of_wirrals_neighbours_have_figures_before_2020_21_and_the_absent_one_is_named(tables, year):
    found = selections.comparators(tables["indicators"], tables["neighbours"], area=WIRRAL, code="1E", year=year)
    assert WIRRAL not in set(found["area_code"])
    assert len(found) == 15
    assert found["present"].sum() == 14
    absent = found[~found["present"]]
    assert absent[["area_code", "area"]].to_numpy().tolist() == [["E06000058", "Bournemouth, Christchurch and Poole"]]


def test_all_fifteen_neighbours_have_figures_in_2020_21(tables):
    found = selections.comparators(tables["indicators"], tables["neighbours"], area=WIRRAL, code="1G", year="2020-21")
    assert found["present"].all()
    assert len(found) == 15


def test_a_neighbour_of_trafford_is_in_no_year_and_keeps_its_code(tables):
    found = selections.comparators(tables["indicators"], tables["neighbours"], area=TRAFFORD, code="1E", year="2020-21")
    assert found.loc[~found["present"], "area"].tolist() == ["E06000061"]


def test_wirrals_denominator_falls_by_28_per_cent_in_2018_19(tables):
    series = published_series(tables["indicators"], area=WIRRAL, code="1E").set_index("year")["denominator"]
    assert round(100 * (series["2018-19"] / series["2017-18"] - 1)) == -28


# -- spend ------------------------------------------------------------------------------------------------


def test_wirral_gross_current_expenditure_for_learning_disability(tables):
    spend = tables["area_spend"]
    of = selections.gross_current
    assert thousands(of(spend, area=WIRRAL, year="2014-15", **LONG_TERM_18_64)) == Decimal("34120.74")
    assert thousands(of(spend, area=WIRRAL, year="2014-15")) == Decimal("37740.06")
    assert thousands(of(spend, area=WIRRAL, year="2016-17", **LONG_TERM_18_64)) == Decimal("39227.59")


def test_a_naive_sum_with_the_total_rows_is_a_multiple_of_the_truth(tables):
    rows = tables["area_spend"]
    rows = rows[
        rows["area_code"].eq(WIRRAL)
        & rows["publication"].eq("pssex1")
        & rows["support_reason"].eq("learning disability")
        & rows["category"].eq("gross current expenditure")
    ]
    truth = selections.gross_current(tables["area_spend"], area=WIRRAL, year="2014-15")
    salt = rows["term"].ne("non salt totals")
    assert rows.loc[~rows["is_total"], "amount_pence"].sum() == truth
    assert rows.loc[salt, "amount_pence"].sum() == 2 * truth
    assert rows["amount_pence"].sum() == 3 * truth


def test_aggregate_areas_are_marked_and_make_a_naive_sum_three_times_too_large(tables):
    rows = tables["area_spend"]
    rows = rows[rows["publication"].eq("ascfr") & ~rows["is_total"] & rows["category"].eq("gross current expenditure")]
    by_kind = rows.groupby("area_kind", observed=True)["amount_pence"].sum()
    assert set(by_kind.index) == {"council", "region", "england"}
    assert rows["amount_pence"].sum() / by_kind["council"] == pytest.approx(3, abs=0.01)


def test_the_bridge_from_total_to_net_reads_as_published(tables):
    found = selections.bridge(tables["area_spend"], area=WIRRAL, year="2014-15", **LONG_TERM_18_64)
    assert [(line, thousands(pence)) for line, pence in zip(found["line"], found["pence"], strict=True)] == [
        ("total expenditure", Decimal("36040.11")),
        ("joint arrangements", Decimal("0.00")),
        ("income from the NHS", Decimal("0.00")),
        ("other income", Decimal("-458.53")),
        ("capital charges", Decimal("-1460.84")),
        ("gross current expenditure", Decimal("34120.74")),
        ("client contributions", Decimal("-3433.03")),
        ("net current expenditure", Decimal("30687.71")),
    ]


def test_cash_growth_depends_on_the_basis(tables):
    def of(year: str, category: str) -> int:
        found = selections.spend(tables["area_spend"], area=WIRRAL, year=year, category=category, **LONG_TERM_18_64)
        assert found is not None
        return found

    growth = {
        name: round(100 * (of("2016-17", name) / of("2014-15", name) - 1), 1)
        for name in (selections.GROSS_CURRENT, selections.TOTAL, selections.NET_CURRENT)
    }
    assert growth == {selections.GROSS_CURRENT: 15.0, selections.TOTAL: 8.8, selections.NET_CURRENT: 5.4}


def test_in_2022_23_prices_the_gross_current_figure_is_41_68_million(tables):
    index = tables["deflators"].set_index("year")["index"]
    pence = selections.gross_current(tables["area_spend"], area=WIRRAL, year="2014-15", **LONG_TERM_18_64)
    assert pence is not None
    assert round(pence * index["2022-23"] / index["2014-15"] / 1e8, 2) == 41.68


def test_the_deflator_of_2020_21_stands_above_that_of_2021_22(tables):
    index = tables["deflators"].set_index("year")
    assert (index.loc["2020-21", "index"], index.loc["2021-22", "index"]) == (94.403, 93.629)
    assert index.loc["2024-25", "is_forecast"]
    assert index.loc["2024-25", "index"] == pytest.approx(100 * 1.061 * 1.0168)


def test_wirrals_grants_to_voluntary_organisations(tables):
    spend = tables["area_spend"]
    assert thousands(selections.grants_to_voluntary(spend, area=WIRRAL, year="2014-15")) == Decimal("1310.84")
    reason = "learning disability"
    assert thousands(
        selections.grants_to_voluntary(spend, area=WIRRAL, year="2014-15", support_reason=reason)
    ) == Decimal("176.30")


def test_every_council_of_pss_ex1_has_an_ons_code(tables):
    rows = tables["area_spend"]
    councils = rows[rows["publication"].eq("pssex1")].drop_duplicates("area")
    assert len(councils) == 152
    assert councils["area_code"].notna().all()


def test_wirrals_budget_and_population(tables):
    budget = tables["budget"].set_index("service")["amount_pence"]
    assert budget["adult social care"] == 14_977_400_000
    assert budget.sum() == 61_352_300_000
    people = tables["area_population"].set_index("area_code")["people"]
    assert people[WIRRAL] == 328_873


# -- grants -------------------------------------------------------------------------------------------------

BY_YEAR = {
    "2013": 15_723_262, "2014": 9_901_874, "2016": 7_445_551, "2017": 5_938_505, "2018": 8_038_862, "2019": 20_253_174,
    "2020": 18_073_233, "2021": 8_520_407, "2022": 12_199_882, "2023": 14_715_904, "2024": 8_333_000,
}  # fmt: skip


def test_traffords_register_is_counted_once_by_year_of_award(tables):
    register = tables["grants"]
    register = register[register["funder_id"].eq("GB-LAE-TRF")]
    assert len(register) == 555
    assert register.groupby("award_year")["amount_awarded_pence"].sum().to_dict() == BY_YEAR
    assert register["amount_awarded_pence"].sum() == 129_143_654


def test_the_two_forms_of_the_register_are_the_same_records(intake):
    frames = [f.loaded.frame for f in intake.files if f.file.startswith(REGISTER) and f.loaded is not None]
    assert len(frames) == 2
    assert set(frames[0]["record_key"]) == set(frames[1]["record_key"])
    counted = {f.file.rpartition(".")[2]: f.counted for f in intake.files if f.file.startswith(REGISTER)}
    assert sorted(counted.values()) == [0, 555]


def test_thirteen_wholly_empty_columns_are_named(intake):
    notes = next(f.loaded.notes for f in intake.files if f.file == f"{REGISTER}.csv" and f.loaded is not None)
    words = next(note for note in notes if "wholly empty" in note)
    assert words.startswith("13 columns wholly empty: Amount Applied For, Amount Disbursed, URL")
    assert words.count(",") == 12


def test_recipients_without_a_number_are_counted(tables):
    register = tables["grants"]
    assert without_number(register[register["funder_id"].eq("GB-LAE-TRF")]) == (289, 215)


def test_519_of_555_grants_are_under_five_thousand_pounds(tables):
    register = tables["grants"]
    register = register[register["funder_id"].eq("GB-LAE-TRF")]
    assert register["amount_awarded_pence"].lt(500_000).sum() == 519


def test_other_funders_are_kept_apart_by_their_identifier(tables):
    assert set(tables["grants"]["funder_id"]) >= {"GB-LAE-TRF", "GB-CHC-1000147", "GB-CHC-1159982"}


def test_grants_that_break_the_official_schema_are_those_in_quarantine_save_for_a_field_that_is_not_kept(intake):
    """A second route: the published schema itself, where the rules here were written out by hand."""
    import json

    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DATA / "grants/360-giving-schema.json").read_text(encoding="utf-8"))
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time")(lambda value: not isinstance(value, str) or "T" in value)
    official = jsonschema.Draft202012Validator(schema, format_checker=formats)
    for name in (f"{REGISTER}.json", "grants/360g_wirral_postcode_recipients_lloyds_ptc.json"):
        grants = json.loads((DATA / name).read_text(encoding="utf-8"))["grants"]
        without = [{key: value for key, value in grant.items() if key != "fromOpenCall"} for grant in grants]
        unsound = {f"grants[{at}]" for at, grant in enumerate(without) if not official.is_valid(grant)}
        loaded = next(f.loaded for f in intake.files if f.file == name)
        assert loaded is not None
        assert set(loaded.quarantine["where"]) == unsound
        # An optional field that is not kept holds no grant: it is left unknown, and the file says of how many.
        odd = sum(not official.is_valid(grant) for grant in grants) - len(unsound)
        assert odd == (21 if "wirral" in name else 0)
        assert not odd or any(
            f"{odd} accepted grants" in note and "From an open call?" in note for note in loaded.notes
        )


INJECTED = [
    ("2", "Recipient Org:Identifier", "bad identifier"),
    ("2", "Funding Org:Identifier", "bad identifier"),
    ("3", "Recipient Org:Identifier", "missing"),
    ("3", "Funding Org:Identifier", "bad identifier"),
    ("4", "Currency", "not pounds"),
    ("4", "Description", "missing"),
    ("6", "Recipient Org:Company Number", "odd number"),
    ("9", "Recipient Org:Company Number", "odd number"),
    ("11", "Amount Awarded", "not a number"),
    ("13", "Funding Org:Identifier", "bad identifier"),
    ("15", "Funding Org:Identifier", "funder named once"),
    ("18", "Recipient Org:Identifier", "bad identifier"),
    ("21", "Recipient Org:Identifier", "bad identifier"),
    ("25", "Identifier", "repeated id"),
    ("35", "Identifier", "repeated id"),
    ("26", "Title", "missing"),
    ("46", "Currency", "missing"),
    ("49", "Recipient Org:Identifier", "bad identifier"),
    ("61", "Identifier", "missing"),
    ("62", "Funding Org", "missing"),
    ("69", "Amount Awarded", "missing"),
    ("72", "Recipient Org:Name", "missing"),
    ("73", "Amount Awarded", "nothing awarded"),
    ("78", "Recipient Org:Name", "missing"),
    ("80", "Recipient Org:Identifier", "bad identifier"),
    ("102", "Award Date", "not a date"),
    ("111", "Planned Dates:Duration (months)", "below zero"),
    ("111", "Planned Dates:End Date", "dates out of order"),
    ("114", "Amount Awarded", "not a number"),
    ("114", "Award Date", "not a date"),
    ("123", "Amount Awarded", "not a number"),
    ("125", "Amount Awarded", "not a number"),
    ("125", "Award Date", "not a date"),
    ("126", "Title", "not text"),
    ("126", "Award Date", "missing"),
]


@pytest.mark.parametrize(("row", "column", "code"), INJECTED)
def test_each_injected_error_of_the_invalid_register_is_named(intake, row, column, code):
    entry = next(f for f in intake.as_json()["files"] if "cloudesley" in f["file"])
    assert (f"Sheet1!{row}", column, code) in {(q["where"], q["column"], q["code"]) for q in entry["quarantine"]}


def test_no_grant_of_the_invalid_register_has_a_funders_name_so_none_is_accepted(intake):
    entry = next(f for f in intake.as_json()["files"] if "cloudesley" in f["file"])
    assert (entry["rows_accepted"], entry["rows_quarantined"]) == (0, 125)
    assert "Funding Org:Name is missing in 123 of 124 grants" in entry["reason"]


# -- payments -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learning_disability(tables) -> pd.DataFrame:
    payments = tables["payments"]
    return payments[payments["source_file"].eq(LD_PAYMENTS)]


def test_traffords_payments_keep_their_credits_and_their_copies(learning_disability):
    assert len(learning_disability) == 21_515
    assert learning_disability["amount_pence"].sum() == 2_694_764_755
    assert learning_disability["amount_pence"].lt(0).sum() == 5_692
    assert learning_disability["is_copy"].sum() == 6_338


def test_copies_are_named_as_possibly_legitimate(intake):
    entry = next(f for f in intake.as_json()["files"] if f["file"] == LD_PAYMENTS)
    assert "6,338 exact duplicates kept" in entry["reason"]
    assert "possibly legitimate" in entry["reason"]


def test_payments_for_18_to_64_stand_apart_from_65_and_over(learning_disability):
    ages = spend_by_age(learning_disability).set_index(["year", "age_band"])["amount_pence"]
    assert ages.to_dict() == {("2024-25", "18 to 64"): 2_495_063_649, ("2024-25", "65 and over"): 199_701_106}


def test_the_overlap_of_the_two_payment_files_is_521_rows(tables, learning_disability):
    payments = tables["payments"]
    grantees = payments[payments["source_file"].eq(GRANT_PAYMENTS)]
    both = selections.overlap(learning_disability, grantees)
    assert (len(both), both["amount_pence"].sum()) == (521, 111_144_178)
    trafford = payments[payments["area"].eq(TRAFFORD)]
    assert len(trafford[~selections.held_twice(trafford)]) == 21_515 + 1_628 - 521


def test_newcastle_has_no_credit_notes_in_2018_19(tables):
    payments = tables["payments"]
    newcastle = payments[payments["area"].eq("E08000021")]
    credits = newcastle.groupby("year")["negative_payments"].sum()
    assert credits["2018-19"] == 0
    assert credits["2017-18"] == 198
    assert credits["2019-20"] == 461


def test_no_row_of_payments_lacks_its_council(tables):
    assert tables["payments"]["area"].notna().all()
