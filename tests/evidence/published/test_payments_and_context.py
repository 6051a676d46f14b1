"""Councils' payments, deflators, deprivation, population and budget as published."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from published_kit import lines, only, spend_by_age, take

from commissioning.evidence.loaded import Source
from commissioning.evidence.published import council_payments, deflators, selections
from commissioning.evidence.published._stated import Stated

TRAFFORD = "EffectiveDate,OrganisationalUnit,BeneficiaryName,PaymentDate,TransactionNumber,Amount,Purpose,ProclassLabel"
SOURCES = '[[source]]\nfiles = "*"\npublisher = "Trafford Council"\narea = "E08000009"\npublic = true\n'
NEWCASTLE = "Directorate,Service Area,Group Description,Paid Date,Supplier Name,Internal Ref,Cap/Rev,Cost Centre,Cost Centre Name"
MONTHLY = "source_file_month,Cost Centre,Cost Centre Name,net_total,payments,negative_payments,unparsed"


def pay(
    amount: str = "10.00", unit: str = "LEARN DIS 18-64 LT", paid: str = "2025-03-31", effective: str = "2025-03-31"
) -> str:
    return f"{effective},{unit},Redacted,{paid},1901,{amount},DIRECT PAYMENTS,NA"


def payments(tmp_path, *rows: str, header: str = TRAFFORD) -> pd.DataFrame:
    return take(tmp_path, {"p.csv": lines(header, *rows), "sources.toml": SOURCES}).tables["payments"]


def test_credits_and_exact_copies_are_kept_and_marked(tmp_path):
    frame = payments(tmp_path, pay(), pay(), pay("-2.93"))
    assert frame["amount_pence"].tolist() == [1000, 1000, -293]
    assert frame["is_copy"].tolist() == [False, True, False]


def test_a_payment_takes_its_council_from_sources_toml(tmp_path):
    frame = payments(tmp_path, pay())
    assert frame.loc[0, ["area", "department"]].tolist() == ["E08000009", "unknown"]


@pytest.mark.parametrize(
    ("unit", "age", "term"),
    [
        ("LEARN DIS 18-64 LT", "18 to 64", "long term"),
        ("LEARN DIS 65-74 LT", "65 to 74", "long term"),
        ("PHYS SUPP 85+ LT", "85 and over", "long term"),
        ("MEM SUPP 75-84 ST", "75 to 84", "short term"),
        ("Early Years Service", "unknown", "unknown"),
    ],
)
def test_a_cost_centre_names_the_age_and_the_term(unit, age, term):
    assert council_payments.age_and_term(unit) == (age, term)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("LEARN DIS 18-64 LT", "learning disability"),
        ("Nursing Care LD", "unknown"),
        ("Learning Disability & Autism", "unknown"),
        ("MENT HLT 18-64 LT", "mental health"),
        ("Nursing Care OP", "unknown"),
    ],
)
def test_a_cost_centre_names_the_support_reason(unit, reason):
    assert council_payments.support_reason(unit) == reason


def test_the_month_of_account_decides_the_year(tmp_path):
    frame = payments(tmp_path, pay(paid="2025-04-03"), pay(effective="2025-04-30", paid="2025-04-03"))
    assert frame["year"].tolist() == ["2024-25", "2025-26"]
    assert frame["period"].tolist() == ["2024-25 Q4", "2025-26 Q1"]


@pytest.mark.parametrize("total", ["Total", "Total (excludes VAT)"])
def test_newcastles_invoices_are_read_under_either_header(tmp_path, total):
    frame = payments(
        tmp_path,
        "Adult and Culture,Social Services,Revenue Income,18-Jan-2017,A HOME,7124,Revenue,1MK20,Residential Care LD,-9.50",
        header=f"Newcastle City Council Invoices over £250 paid in January 2017,,,,,,,,,\n,,,,,,,,,\n{NEWCASTLE},{total}",
    )
    assert frame.loc[0, ["year", "department", "support_reason", "payee"]].tolist() == [
        "2016-17", "Adult and Culture", "unknown", "A HOME",
    ]  # fmt: skip
    assert frame.loc[0, "amount_pence"] == -950


def test_newcastles_monthly_sums_have_a_quarter_and_no_payee(tmp_path):
    frame = payments(tmp_path, "2017-01,1MK10,Nursing Care LD,71907.17,17,2,0", header=MONTHLY)
    assert frame.loc[0, ["period", "year", "payee"]].tolist() == ["2016-17 Q4", "2016-17", "not published"]
    assert frame.loc[0, ["amount_pence", "payments", "negative_payments"]].tolist() == [7_190_717, 17, 2]


def test_older_age_bands_stand_together_and_apart_from_18_to_64(tmp_path):
    frame = payments(
        tmp_path, pay("5"), pay("-1"), pay("3", "LEARN DIS 65-74 LT"), pay("4", "LEARN DIS 75-84 LT"), pay("9", "Early Years")
    )  # fmt: skip
    found = spend_by_age(frame).set_index("age_band")
    assert found["amount_pence"].to_dict() == {"18 to 64": 400, "65 and over": 700, "unknown": 900}
    assert found.loc["18 to 64", ["payments", "credits"]].tolist() == [2, 1]


def test_an_overlap_matches_copies_one_to_one(tmp_path):
    frame = payments(tmp_path, pay(), pay(), pay(), pay("7"))
    a, b = frame.iloc[:2], frame.iloc[[0, 1, 2, 3]]
    assert selections.overlap(a, b).index.tolist() == [0, 1]
    assert selections.overlap(a, b.iloc[:0]).empty


def test_money_in_two_files_is_counted_once_and_copies_in_one_file_stay(tmp_path):
    files = {"a.csv": lines(TRAFFORD, pay(), pay()), "b.csv": lines(TRAFFORD, pay(), pay("7")), "sources.toml": SOURCES}
    frame = take(tmp_path, files).tables["payments"]
    assert sorted(frame[~selections.held_twice(frame)]["amount_pence"]) == [700, 1000, 1000]
    assert selections.held_twice(frame.iloc[:0]).empty


# -- deflators ------------------------------------------------------------------------------------------------

HMT = (
    ',"GDP DEFLATORS",,,,',
    ",Financial year,2022-23 = 100,per cent change on previous year,,Calendar year",
    ",2021-22,93.629,-0.82,,2021",
    ",2022-23,100.000,6.80,,2022",
    ',"2023-24 (1), (2)",-,10.00,,2023',
    ',"2024-25 (1), (2)",-,50.00,,2024',
    ",Sources and footnotes:,,,,",
)


def deflator_file(tmp_path, *rows: str):
    intake = take(tmp_path, {"d.csv": b"\xef\xbb\xbf" + lines(*rows).encode()})
    return intake.tables.get("deflators"), only(intake)


def test_forecast_years_are_chained_from_the_published_changes(tmp_path):
    frame, file = deflator_file(tmp_path, *HMT)
    assert frame["year"].tolist() == ["2021-22", "2022-23", "2023-24", "2024-25"]
    assert frame["index"].tolist() == pytest.approx([93.629, 100, 110, 165])
    assert frame["is_forecast"].tolist() == [False, False, True, True]
    assert (file.loaded.rows_in, file.loaded.rows_not_data) == (7, 3)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (",2023-25,101,1,,", "not a financial year"),
        (",2022-23,101,1,,", "repeated key"),
        (",2023-24,-,-,,", "no index"),
        (",2023-24,high,1,,", "not a number"),
        (",2023-24,-5,1,,", "not a number"),
    ],
)
def test_a_faulty_year_is_quarantined(tmp_path, bad, code):
    frame, file = deflator_file(tmp_path, *HMT[:4], bad)
    assert file.loaded.quarantine["code"].tolist() == [code]
    assert len(frame) == 2


def test_other_rows_are_no_deflators():
    with pytest.raises(ValueError, match="deflators"):
        deflators.parse([("1", ["a"])], Stated(name="a.csv", source=Source()))


# -- context --------------------------------------------------------------------------------------------------


def test_deprivation_has_a_row_for_each_domain(tmp_path):
    intake = take(
        tmp_path, {"i.csv": lines("ltla23_code,Score,Proportion,Extent,Income_Score", "E08000015,29.6,0.2,0.4,0.17")}
    )
    frame = intake.tables["deprivation"].set_index("domain")["score"]
    assert frame.to_dict() == {"all": 29.6, "income": 0.17}


def test_populations_are_named_and_coded_where_the_name_is_a_council(tmp_path):
    document = {"year": 2024, "populations": {"wirral": 328873, "adur": 64889, "nowhere": -1, "half": 2.5, "yes": True}}
    intake = take(tmp_path, {"p.json": json.dumps(document)})
    frame = intake.tables["area_population"].set_index("area")
    assert frame.loc["wirral", ["area_code", "people"]].tolist() == ["E08000015", 328873]
    assert pd.isna(frame.loc["adur", "area_code"])
    assert only(intake).loaded.rows_quarantined == 3


def budget(total: float = 12.5, **more) -> dict:
    return {
        "onsCode": "E08000015", "taxBands": {"2024": 1.0, "2025": 2.0}, "taxCurrent": 2.0, "budgetTotal": total,
        "budgetCategories": [{"label": "Adult Social Care", "amount": 10.0}, {"label": "Culture", "amount": 2.5}],
    } | more  # fmt: skip


def test_a_budget_is_in_thousands_and_meets_its_total(tmp_path):
    intake = take(tmp_path, {"b.json": json.dumps(budget())})
    frame = intake.tables["budget"]
    assert frame["amount_pence"].tolist() == [1_000_000, 250_000]
    assert frame.loc[0, ["year", "service", "area"]].tolist() == ["2025-26", "adult social care", "E08000015"]


def test_a_budget_that_misses_its_total_is_refused_with_both_figures(tmp_path):
    file = only(take(tmp_path, {"b.json": json.dumps(budget(total=13.0))}))
    assert file.status == "refused"
    assert "£13,000.00" in file.reason
    assert "£12,500.00" in file.reason


def test_a_budget_whose_year_cannot_be_told_says_so(tmp_path):
    categories = [{"label": "Culture", "amount": 2.5}, {"label": "", "amount": 1}, "prose"]
    document = budget(taxBands=None, budgetTotal=None, budgetCategories=categories)
    file = only(take(tmp_path, {"b.json": json.dumps(document)}))
    assert any("does not say which financial year" in note for note in file.loaded.notes)
    assert file.loaded.rows_quarantined == 2


def test_another_councils_budget_is_left_aside(tmp_path):
    file = only(take(tmp_path, {"b.json": json.dumps(budget())}, area="E08000009"))
    assert file.status == "left aside"


def test_every_population_with_a_code_needs_no_note(tmp_path):
    file = only(take(tmp_path, {"p.json": json.dumps({"year": 2024, "populations": {"wirral": 5}})}))
    assert file.loaded.notes == ()


def test_an_index_without_its_changes_is_no_table_of_deflators():
    assert deflators.locate([("1", ["Financial year", "2022-23 = 100"])]) is None


@pytest.mark.parametrize("mark", ["\x00", "\x1f", "\ufffd"])
@pytest.mark.parametrize("column", [1, 2])
def test_a_damaged_year_or_index_is_set_aside_and_not_taken_for_a_note(tmp_path, mark, column):
    cells = HMT[3].split(",")
    cells[column] += mark
    frame, file = deflator_file(tmp_path, *HMT[:3], ",".join(cells))
    assert (file.loaded.rows_accepted, file.loaded.rows_quarantined) == (1, 1)
    assert frame["year"].tolist() == ["2021-22"]


def test_a_row_of_deflators_that_ends_too_soon_or_has_no_year_is_set_aside(tmp_path):
    frame, file = deflator_file(tmp_path, *HMT, ",1999-00", ",nineteen hundred,50.1,2.0")
    assert set(file.loaded.quarantine["code"]) == {"wrong number of fields", "not a financial year"}
    assert file.loaded.rows_quarantined == 2
