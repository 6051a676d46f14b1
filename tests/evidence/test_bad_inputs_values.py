"""Bad extracts: money, dates and periods, identifiers and categories.

Longer than other files: each bad value stands beside the others of its kind, as a reader would look for it.
"""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pandas as pd
import pytest
from evidence_kit import OWN, PACKAGES, SESSIONS, TRAFFORD, accepted, check, csv, package, pay, quarantined, refused

from commissioning.evidence import cells
from commissioning.evidence.cells import Context
from commissioning.evidence.contracts import Column
from commissioning.evidence.intake import take_in
from commissioning.evidence.series import findings as series_findings

PEOPLE = (
    "period,person_id,age,sex,ethnicity,ward,locality,support_reason,needs_band,employment,home,"
    "home_reregistered,provider,advocacy_entitled,advocacy_wanted,advocacy_provided,chosen_for_high_needs"
)


def money(folder, text, header=OWN):
    quoted = '"' + text.replace('"', '""') + '"'
    return check(folder, csv(header, [*pay(3), f"A,Adults,13/04/2024,{quoted}"]))


def trafford(folder, amount):
    row = "2025-03-31,LEARN DIS 18-64 LT,Acme,2025-03-31,1901687689,{},Care,SOCIAL CARE"
    return check(folder, csv(TRAFFORD, [row.format("10.00"), row.format("20.00"), row.format(f'"{amount}"')]))


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,234.50", 123450),
        ("1234.5", 123450),
        ("£ 12", 1200),
        ("-£5.00", -500),
        ("£-5.00", -500),
        ("- 5.00", -500),
        ("+5.00", 500),
        (".50", 50),
        ("1,234,567.89", 123456789),
        ("0", 0),
        ("0.005", 0),
        ("0.015", 2),
        ("−5.00", -500),
        ("123.45-", -12345),
        ("123.45 CR", -12345),
        ("DR 123.45", 12345),
        ("(123.45)", -12345),
        ("£123.45CR", -12345),
    ],
)
def test_56_to_60_amounts_become_whole_pence_by_declared_rules(tmp_path, text, pence):
    entry = money(tmp_path, text)
    accepted(entry, 4)
    assert entry["pence_accepted"] == 3000 + pence


@pytest.mark.parametrize("text", ["123.45-", "(123.45)", "£(123.45)", "(£123.45)", "123.45 -"])
def test_58_brackets_and_a_trailing_minus_are_negative_in_every_ledger(tmp_path, text):
    entry = trafford(tmp_path, text)
    accepted(entry, 3)
    assert entry["pence_accepted"] == 3000 - 12345


@pytest.mark.parametrize("text", ["123.45 CR", "DR 123.45", "5CR", "CR5", "5 DR"])
def test_58_ledger_signs_that_are_not_declared_are_set_aside(tmp_path, text):
    quarantined(trafford(tmp_path, text), "4", "ledger sign", "Amount")


@pytest.mark.parametrize(
    "text",
    [
        "1.234,50",
        "1234,50",
        "1.234.567",
        "€ 12",
        "$12",
        "1,23",
        "12,34.50",
        "1 234.50",
        "12.5.0",
        "--5",
        "-£-5",
        "twelve",
        "12p",
        "5 CR -",
        "1,234.",
        "£",
        "-",
        "n/a",
        "N/A",
        "tbc",
        "?",
    ],
)
def test_61_amounts_written_otherwise_are_set_aside_and_never_guessed(tmp_path, text):
    entry = trafford(tmp_path, text)
    accepted(entry, 2, 1)
    assert entry["pence_accepted"] == 3000
    assert entry["quarantine"][0]["column"] == "Amount"


@pytest.mark.parametrize("text", ["1.2E+05", "1e3", "1E5", "-2.20E-14"])
def test_63_scientific_notation_in_money_text_is_set_aside(tmp_path, text):
    quarantined(money(tmp_path, text), "5", "scientific notation", "amount")


def test_63_a_true_number_in_a_workbook_is_an_amount(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(OWN.split(","))
    book.active.append(["A", "Adults", dt.date(2024, 4, 13), 1.2e5])
    book.active.append(["A", "Adults", dt.datetime(2024, 4, 13), 0.1])
    out = io.BytesIO()
    book.save(out)
    entry = check(tmp_path, out.getvalue(), "a.xlsx")
    accepted(entry, 2)
    assert entry["pence_in"] == 12_000_010


@pytest.mark.parametrize("text", ["", " ", "-", "n/a"])
def test_64_blank_dash_and_na_are_never_a_zero(tmp_path, text):
    entry = money(tmp_path, text)
    accepted(entry, 3, 1)
    assert entry["pence_in"] == 3000


def test_64_the_four_states_stay_apart(tmp_path):
    header = "return_id,grant_id,organisation_id,department,period,domain,asked,received,target_met,supported,reached,evidence_grade,kept_due,kept,contacts"
    row = "T{},G,O,D,2014-15 Q1,health,yes,yes,yes,10,{},a,1,1,1"
    words = ["0", "suppressed", "unknown", "not applicable", "", "-"]
    entry = check(tmp_path, csv(header, [row.format(i, w) for i, w in enumerate(words)]))
    accepted(entry, 5, 1)
    got = take_in(tmp_path).tables["returns"]
    assert list(got["reached_status"]) == ["known", "suppressed", "unknown", "not applicable", "unknown"]
    assert got["reached"].tolist()[0] == 0
    assert got["reached"].isna().tolist() == [False, True, True, True, True]


@pytest.mark.parametrize("header", ["weekly_cost (£000)", "Weekly cost £k", "weekly_cost £'000", "weekly_cost (£000s)"])
def test_65_thousands_declared_by_the_header_are_multiplied(tmp_path, header):
    entry = check(tmp_path, csv(PACKAGES.replace("weekly_cost", header), [package(1, weekly_cost="1.5")]))
    accepted(entry, 1, says="£1,000")
    assert entry["pence_in"] == 150_000


def test_65_a_total_a_thousand_times_off_is_refused_with_that_hint(tmp_path):
    refused(check(tmp_path, csv(OWN, [*pay(4, "10000.00"), "Total,,,40.00"])), "£000")


def test_66_net_and_vat_stand_in_columns_of_their_own(tmp_path):
    body = csv(OWN + ",VAT,Gross amount", [r + ",2.00,12.00" for r in pay(3)])
    entry = check(tmp_path, body)
    accepted(entry, 3, says="left out: VAT, Gross amount")
    assert entry["pence_in"] == 3000


def test_67_credit_lines_are_kept_in_the_sum(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), "A,Adults,13/04/2024,-25.00"]))
    accepted(entry, 4)
    assert entry["pence_in"] == 500


def test_68_an_amount_above_the_limit_is_set_aside_and_an_unusual_one_listed(tmp_path):
    quarantined(money(tmp_path, "100,000,000.01"), "5", "implausible", "amount")
    entry = check(tmp_path, csv(OWN, [*pay(60), 'A,Adults,13/04/2024,"100,000.00"']))
    accepted(entry, 61, says="unusual amount")
    assert take_in(tmp_path).findings[0].where == "62"


@pytest.mark.parametrize(
    "text",
    ["NaN", "nan", "inf", "-Infinity", "#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#####"],
)
def test_69_nan_infinity_and_spreadsheet_errors_are_set_aside(tmp_path, text):
    entry = money(tmp_path, text)
    accepted(entry, 3, 1)
    assert entry["quarantine"][0]["column"] == "amount"


def dated(folder, *texts, name="extract.csv"):
    return check(folder, csv(OWN, [f'A,Adults,"{t}",10.00' for t in texts]), name)


def days(folder):
    return [d.date() for d in take_in(folder).tables["payments"]["paid_on"]]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/2024", (2024, 4, 3)),
        ("3/4/2024", (2024, 4, 3)),
        ("03-04-2024", (2024, 4, 3)),
        ("03.04.2024", (2024, 4, 3)),
        ("2024-04-03", (2024, 4, 3)),
        ("2024/04/03", (2024, 4, 3)),
        ("3 April 2024", (2024, 4, 3)),
        ("03-Apr-2024", (2024, 4, 3)),
        ("Wed 3rd Apr 2024", (2024, 4, 3)),
        ("20240403", (2024, 4, 3)),
        ("29/02/2024", (2024, 2, 29)),
        ("2024-03-31T23:00Z", (2024, 4, 1)),
        ("2024-03-31T23:30:00.000+00:00", (2024, 4, 1)),
        ("2024-01-31T23:00Z", (2024, 1, 31)),
        ("2024-04-03 00:00:00", (2024, 4, 3)),
        ("03/04/2024 23:59", (2024, 4, 3)),
        ("03/04/2024 11:59 pm", (2024, 4, 3)),
    ],
)
def test_71_and_78_dates_are_day_first_and_in_london(tmp_path, text, day):
    accepted(dated(tmp_path, text), 1)
    assert days(tmp_path) == [dt.date(*day)]


def test_72_a_us_date_is_set_aside_and_the_file_says_so(tmp_path):
    entry = dated(tmp_path, "13/04/2024", "04/25/2024")
    accepted(entry, 1, 1, says="a US date found")
    quarantined(entry, "3", "us date", "paid_on")


def test_73_an_order_that_the_data_cannot_prove_is_noted(tmp_path):
    accepted(dated(tmp_path, "03/04/2024", "05/06/2024"), 2, says="order not provable from data")
    assert "not provable" not in dated(tmp_path, "03/04/2024", "13/06/2024")["reason"]


def test_74_an_excel_day_number_is_a_date_only_in_a_workbook(tmp_path):
    quarantined(dated(tmp_path, "45385", "13/04/2024"), "2", "excel serial", "paid_on")
    for mac, day in ((False, dt.date(2024, 4, 3)), (True, dt.date(2024, 4, 4))):
        book = openpyxl.Workbook()
        if mac:
            book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active.append(OWN.split(","))
        book.active.append(["A", "Adults", 43924 if mac else 45385, 1])
        out = io.BytesIO()
        book.save(out)
        folder = tmp_path / str(mac)
        accepted(check(folder, out.getvalue(), "a.xlsx"), 1)
        assert days(folder) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2024",
        "00/00/0000",
        "01/01/1900",
        "31/12/9999",
        "29/02/2023",
        "32/01/2024",
        "1900-01-01",
        "0000-00-00",
        "30/12/1899",
        "13/13/2024",
        "01/01/0001",
        "01/01/2524",
    ],
)
def test_76_days_that_do_not_exist_or_stand_for_no_date_are_set_aside(tmp_path, text):
    entry = dated(tmp_path, "13/04/2024", text)
    accepted(entry, 1, 1)
    assert entry["quarantine"][0]["column"] == "paid_on"


def test_76_a_declared_sentinel_means_open(tmp_path):
    header = "grant_id,title,year,award_date,amount_awarded,department,recipient_id,recipient,start_on,end_on,purpose,agreement,risk,experiment,closed,lesson_written"
    row = "G{},T,2014-15,01/04/2014,100,D,O,R,13/04/2014,{},P,outcome,low,no,no,not applicable"
    accepted(check(tmp_path, csv(header, [row.format(1, "31/12/9999"), row.format(2, "")])), 2)
    assert take_in(tmp_path).tables["grants"]["end_on"].isna().all()


@pytest.mark.parametrize("text", ["13/04/24", "13.04.24"])
def test_77_two_digit_years_are_set_aside(tmp_path, text):
    quarantined(dated(tmp_path, "13/04/2024", text), "3", "two-digit year", "paid_on")


@pytest.mark.parametrize("text", ["13-Apr-24", "13 April 24"])
def test_77_beside_a_month_in_words_two_digits_can_only_be_the_year(tmp_path, text):
    accepted(dated(tmp_path, "13/04/2024", text), 2)
    assert set(take_in(tmp_path).tables["payments"]["paid_on"].dt.date) == {dt.date(2024, 4, 13)}


def test_77_a_declared_pivot_reads_two_digit_years():
    column = Column(name="d", holds="date", says="", pivot=50)
    assert cells.parse(column, "13/04/24", Context()).value == dt.date(2024, 4, 13)
    column = Column(name="d", holds="date", says="", pivot=20, earliest=dt.date(1900, 1, 2))
    assert cells.parse(column, "13/04/24", Context()).value == dt.date(1924, 4, 13)


@pytest.mark.parametrize(
    "text", ["25:00", "2024-04-03T25:00Z", "13/04/2024 14:00 pm", "tomorrow", "13/04", "April 2024", "13//04//2024"]
)
def test_78_what_is_no_date_is_set_aside(tmp_path, text):
    accepted(dated(tmp_path, "13/04/2024", text), 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2010/11",
        "2010-11",
        "FY11",
        "FY2010-11",
        "10/11",
        "2010_11",
        "2010–11",
        "2010-2011",
        "FY 2010/11",
        "FY2011",
        "2010 / 11",
    ],
)
def test_80_every_spelling_of_a_declared_financial_year_is_one_period(tmp_path, text):
    body = csv(
        "year,ward,locality,age_band,ethnicity,people,with_learning_disability", [f"{text},W,N,18-64,white,100,2"]
    )
    accepted(check(tmp_path, body), 1)
    assert list(take_in(tmp_path).tables["population"]["year"]) == ["2010-11"]


@pytest.mark.parametrize("text", ["2010-12", "2010", "2011/10", "2010-11-01", "November 2010", "201011", "1850-51"])
def test_80_what_is_no_financial_year_is_set_aside(tmp_path, text):
    row = "{},W,N,18-64,white,100,2"
    body = csv(
        "year,ward,locality,age_band,ethnicity,people,with_learning_disability",
        [row.format("2012-13"), row.format(text)],
    )
    accepted(check(tmp_path, body), 1, 1)


@pytest.mark.parametrize(
    "text",
    ["2014-15 Q1", "Q1 2014/15", "2014/15 q1", "FY2014-15 Quarter 1", "2014-15-Q1", "Q1 of 2014-15", "2014–15 Q1"],
)
def test_82_a_quarter_of_a_financial_year_is_read_as_declared(tmp_path, text):
    accepted(check(tmp_path, csv(SESSIONS, [f"{text},A,W,day centre,5"])), 1)
    assert list(take_in(tmp_path).tables["sessions"]["period"]) == ["2014-15 Q1"]


@pytest.mark.parametrize("text", ["2014 Q1", "Q1 2014", "Q1 14"])
def test_82_a_quarter_of_a_single_year_refuses_the_file(tmp_path, text):
    refused(check(tmp_path, csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5", f"{text},A,X,day centre,5"])), "calendar")


@pytest.mark.parametrize("text", ["2014-15", "Q5 2014-15", "Q1", "2014-16 Q1"])
def test_82_what_is_no_quarter_is_set_aside(tmp_path, text):
    accepted(check(tmp_path, csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5", f"{text},A,X,day centre,5"])), 1, 1)


def test_83_overlapping_support_of_one_person_is_reported():
    frame = pd.DataFrame(
        {"person_id": ["P1", "P1", "P2"], "period": "2014-15 Q1", "setting": "residential", "weeks": [13.0, 6.0, 13.0]}
    )
    found = series_findings("packages", frame)
    assert [f.code for f in found] == ["overlapping support"]
    assert "6.0 person-weeks" in found[0].says


def nhs(folder, *ids):
    rows = [package(i, person_id=p) for i, p in enumerate(ids)]
    return check(folder, csv(PACKAGES.replace("person_id", "NHS Number"), rows))


def test_85_nhs_numbers_are_normalised_or_set_aside(tmp_path):
    entry = nhs(tmp_path, "943 476 5919", "'9434765919", "943-476-5919", "943476591", "9434765918", "ABC")
    accepted(entry, 3, 3)
    assert entry["quarantine_codes"] == {"nhs number": 3}
    assert "9434765918" not in json.dumps(entry)


def test_86_an_id_that_lost_its_leading_zeros_is_set_aside(tmp_path):
    rows = [package(i, person_id=f"{i:05d}") for i in range(90, 120)] + [package(200, person_id="123")]
    entry = check(tmp_path, csv(PACKAGES, rows))
    accepted(entry, 30, 1)
    quarantined(entry, "32", "leading zeros lost", "person_id")
    assert "00090" in set(take_in(tmp_path).tables["packages"]["person_id"])


def test_86_a_declared_length_is_held():
    column = Column(name="x", holds="id", says="", length=5)
    assert cells.parse(column, "00123", Context()).value == "00123"
    assert cells.parse(column, "123", Context()).code == "id length"


@pytest.mark.parametrize("text", ["1234567890123450000", "1.23457E+18", "1.23E18", "1E+15"])
def test_87_an_id_that_a_spreadsheet_rounded_is_set_aside(tmp_path, text):
    entry = check(tmp_path, csv(PACKAGES, [package(1), package(2, person_id=text)]))
    quarantined(entry, "3", "id lost digits", "person_id")


@pytest.mark.parametrize("text", ["12E5", "1E5", "00123", "TRUE", "NA", "2024-01", "3/4"])
def test_88_ids_that_look_like_something_else_stay_text(tmp_path, text):
    accepted(check(tmp_path, csv(PACKAGES, [package(1), package(2, person_id=text)])), 2)
    assert take_in(tmp_path).tables["packages"]["person_id"][1] == text


def test_90_a_doubled_key_is_set_aside_and_never_merged(tmp_path):
    rows = [package(1), package(2), package(2), package(3), package(3, weekly_cost="7.00")]
    entry = check(tmp_path, csv(PACKAGES, rows))
    accepted(entry, 2, 3)
    assert entry["quarantine_codes"] == {"duplicate record": 1, "duplicate key": 2}
    assert entry["pence_quarantined"] == 10000 + 10000 + 700


@pytest.mark.parametrize("name", ["Null", "NA", "None", "nan", "N/A", "NULL", "-", "0", "TRUE"])
def test_91_names_that_look_missing_are_kept(tmp_path, name):
    accepted(check(tmp_path, csv(OWN, [*pay(2), f"{name},Adults,13/04/2024,1.00"])), 3)
    assert take_in(tmp_path).tables["payments"]["payee"][2] == name


def test_93_an_unknown_category_is_set_aside_with_the_nearest_word(tmp_path):
    entry = check(
        tmp_path, csv(PACKAGES, [package(1), package(2, setting="Supported Livng"), package(3, setting="other")])
    )
    accepted(entry, 1, 2)
    assert "supported living" in entry["quarantine"][0]["reason"]
    assert entry["quarantine"][0]["column"] == "setting"


@pytest.mark.parametrize(
    "text", ["Supported Living", "supported living ", "SUPPORTED  LIVING", "supported-living", "supported\u00a0living"]
)
def test_93_case_and_space_variants_are_declared_alike(tmp_path, text):
    accepted(check(tmp_path, csv(PACKAGES, [package(1, setting=text)])), 1)
    assert take_in(tmp_path).tables["packages"]["setting"][0] == "supported living"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Y", "yes"),
        ("Yes", "yes"),
        ("1", "yes"),
        ("TRUE", "yes"),
        ("achieved", "yes"),
        ("✓", "yes"),
        ("N", "no"),
        ("0", "no"),
        ("false", "no"),
        ("", "unknown"),
        ("unknown", "unknown"),
    ],
)
def test_94_outcomes_are_read_by_a_declared_map(tmp_path, text, means):
    header = "person_id,grant_id,organisation_id,department,period,outcome_reached,outcome_kept,made_difference,lawfully_linked,long_term_care_at_12_months"
    accepted(check(tmp_path, csv(header, [f"P,G,O,D,2014-15 Q1,{text},not applicable,not asked,yes,unknown"])), 1)
    assert take_in(tmp_path).tables["supported"]["outcome_reached"][0] == means


@pytest.mark.parametrize("text", ["maybe", "2", "x", "partly", "?", "-"])
def test_94_an_outcome_outside_the_map_is_set_aside(tmp_path, text):
    header = "person_id,grant_id,organisation_id,department,period,outcome_reached,outcome_kept,made_difference,lawfully_linked,long_term_care_at_12_months"
    row = "P{},G,O,D,2014-15 Q1,{},not applicable,not asked,yes,unknown"
    entry = check(tmp_path, csv(header, [row.format(1, "yes"), row.format(2, text)]))
    quarantined(entry, "3", "unknown category", "outcome_reached")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</td>",
        "[x](javascript:1)",
        "$x^2$",
        "=1+1",
        "@SUM(A1)",
    ],
)
def test_96_markup_and_formulas_in_a_name_are_kept_as_text(tmp_path, text):
    accepted(check(tmp_path, csv(OWN, [*pay(2), f'"{text}",Adults,13/04/2024,1.00'])), 3)
    assert take_in(tmp_path).tables["payments"]["payee"][2] == text


def test_no_message_holds_a_persons_data(tmp_path):
    rows = [
        package(1),
        package(2, person_id="MARKER é\x01", weekly_cost="MARKER"),
        package(3, setting="MARKER", period="MARKER", weeks="MARKER"),
        package(4) + ",MARKER",
        "MARKER",
        package(5),
    ]
    entry = check(tmp_path, csv(PACKAGES, rows))
    assert entry["rows_quarantined"] == 4
    assert "MARKER" not in json.dumps(entry)
    raw = take_in(tmp_path).files[0].loaded.quarantine["raw"]
    assert raw.str.contains("MARKER").all()


def test_an_id_of_a_soft_hyphen_alone_is_blank(tmp_path):
    entry = check(tmp_path, csv(PACKAGES, [package(1), package(2, person_id="\u00ad")]))
    accepted(entry, 1, 1)
    quarantined(entry, "3", "blank", "person_id")


def test_a_number_above_what_its_contract_allows_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(PACKAGES, [package(1), package(2, weeks="15")]))
    accepted(entry, 1, 1)
    quarantined(entry, "3", "implausible", "weeks")
