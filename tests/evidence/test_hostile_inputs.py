"""Inputs of the catalogue's kinds that it does not list, each tried on intake by somebody who wished it ill."""

from __future__ import annotations

import datetime
import io
import json

import openpyxl
import pytest
from evidence_kit import OWN, SESSIONS, accepted, check, csv, pay, quarantined, refused

from commissioning.evidence import tables, templates

DAY = datetime.datetime(2024, 4, 13)
HEAD = OWN.split(",")


def book(*rows, cell_format: str = "", copy: tuple = ()) -> bytes:
    """A workbook of one sheet (and a second, where `copy` gives its rows); `cell_format` is that of D2."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    if cell_format:
        sheet["D2"].number_format = cell_format
    if copy:
        second = made.create_sheet("Second")
        for row in copy:
            second.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


# -- units that the header says ---------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Amount (pence)", "amount_pence", "Amount in pence", "Amount (p)"])
def test_amounts_whose_header_says_pence_are_not_read_as_pounds(tmp_path, header):
    entry = check(tmp_path, csv(OWN.replace("amount", header), pay(3, amount="1000")))
    accepted(entry, 3, says="is in pence, as its header says")
    assert entry["pence_in"] == 3_000


def test_parts_of_a_pound_under_a_header_of_pence_are_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN.replace("amount", "Amount (pence)"), [*pay(3, amount="1000"), *pay(1)]))
    quarantined(entry, "5", "pence with decimals", "Amount (pence)")


@pytest.mark.parametrize("header", ["Amount ($)", "€ Amount", "Amount (€)"])
def test_another_currency_in_a_header_refuses_the_file(tmp_path, header):
    refused(check(tmp_path, csv(OWN.replace("amount", header), pay(3))), "another currency")


@pytest.mark.parametrize("shown", ["[$$-409]#,##0.00", "[$€-2] #,##0.00", '"$"#,##0'])
def test_a_workbooks_cell_in_another_currency_is_set_aside(tmp_path, shown):
    content = book(HEAD, ["A", "B", DAY, 5000], ["A", "B", DAY, 1], cell_format=shown)
    entry = check(tmp_path, content, "x.xlsx")
    quarantined(entry, "Sheet!2", "not pounds", "amount")
    assert entry["pence_accepted"] == 100


@pytest.mark.parametrize("shown", ["[$£-809]#,##0.00", "£#,##0", "0.00"])
def test_a_workbooks_cell_in_pounds_is_a_plain_amount(tmp_path, shown):
    accepted(check(tmp_path, book(HEAD, ["A", "B", DAY, 5000], cell_format=shown), "x.xlsx"), 1)


# -- numbers that two countries read in two ways ------------------------------------------------------------


def test_a_count_with_a_point_before_three_digits_is_set_aside_and_not_read_as_one(tmp_path):
    rows = ["2014-15 Q1,A,W,day centre,1.000", "2014-15 Q1,B,W,day centre,10.0"]
    entry = check(tmp_path, csv(SESSIONS, rows))
    quarantined(entry, "2", "continental number", "sessions")


def test_thousands_beside_continental_amounts_are_accepted_with_a_warning(tmp_path):
    rows = ["A;Adults;13/04/2024;1.234,50", "B;Adults;13/04/2024;10,000"]
    entry = check(tmp_path, csv(OWN.replace(",", ";"), rows))
    accepted(entry, 1, 1, says="WARNING: 1 amount such as 1,000 under amount, beside")


@pytest.mark.parametrize(
    "amount",
    ["£ 1 234.50", "1'234.50", "$10.00", "10p", "£10k", "1.5m", "--5", "-(10.00)", "1,23,456.00", "1_000", "0x10",
     "10/2", "=5+5", "½", "~10", "10*", "TRUE", "nil", "—", "1,234,50"],
)  # fmt: skip
def test_what_only_looks_like_an_amount_is_set_aside_with_its_row(tmp_path, amount):
    entry = check(tmp_path, csv(OWN, [f'A,Adults,13/04/2024,"{amount}"', *pay(3)]))
    assert (entry["rows_accepted"], entry["rows_quarantined"], entry["pence_accepted"]) == (3, 1, 3_000), entry


# -- totals and footers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", ["Total,,13/04/2024,30.00", "Acme,TOTAL,13/04/2024,30.00", "Grand total,x,13/04/2024,30"]
)
def test_a_total_row_with_every_cell_filled_is_known_by_its_sum_and_counts_no_money(tmp_path, row):
    entry = check(tmp_path, csv(OWN, [*pay(3), row]))
    accepted(entry, 3, not_data=1)
    assert entry["pence_in"] == 3_000


def test_a_supplier_called_total_is_a_supplier_where_its_amount_is_no_sum(tmp_path):
    accepted(check(tmp_path, csv(OWN, [*pay(3), "TOTAL,Adults,13/04/2024,31.00"])), 4)


def test_a_first_row_called_total_is_no_sum_of_nothing(tmp_path):
    accepted(check(tmp_path, csv(OWN, ["Total,Adults,13/04/2024,0.00", *pay(1)])), 2)


@pytest.mark.parametrize("words", ["Sum,,,30.00", "Average,,,10.00", "Balance carried forward,,,30.00", ",,,30.00"])
def test_a_sum_under_another_word_is_never_counted_as_a_payment(tmp_path, words):
    accepted(check(tmp_path, csv(OWN, [*pay(3), words])), 3, 1)


def test_the_footer_of_a_database_states_a_count_that_is_held(tmp_path):
    accepted(check(tmp_path, csv(OWN, [*pay(3), "", "(3 rows affected)"])), 3, not_data=2)
    refused(check(tmp_path, csv(OWN, [*pay(3), "", "(4 rows affected)"])), "states 4 records")


@pytest.mark.parametrize("last", ["... 200 more rows not shown", "ORA-01555: snapshot too old"])
def test_a_last_line_that_says_the_export_broke_off_refuses_the_file(tmp_path, last):
    refused(check(tmp_path, csv(OWN, [*pay(3), last])), "half-written")


# -- shapes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [",", ",,"])
def test_delimiters_on_the_rows_that_the_header_lacks_are_said_and_lose_nothing(tmp_path, end):
    accepted(check(tmp_path, csv(OWN, [row + end for row in pay(3)])), 3, says="no heading and")


def test_rows_quoted_whole_are_not_one_column(tmp_path):
    refused(check(tmp_path, csv(OWN, [f'"{row}"' for row in pay(3)])), "columns have shifted")


def test_two_files_joined_count_the_second_header_as_no_row(tmp_path):
    joined = csv(OWN, pay(3)).encode("utf-8-sig") + csv(OWN, pay(2, date="14/04/2024")).encode("utf-8-sig")
    accepted(check(tmp_path, joined), 5, not_data=1)


def test_excels_own_line_about_the_delimiter_is_a_title(tmp_path):
    accepted(check(tmp_path, "sep=;\n" + csv(OWN, pay(3)).replace(",", ";")), 3, not_data=1)


def test_a_workbook_with_a_sheet_and_its_copy_is_refused(tmp_path):
    rows = (HEAD, ["A", "B", DAY, 1])
    refused(check(tmp_path, book(*rows, copy=rows), "x.xlsx"), "same rows on the sheets “Sheet” and “Second”")


def test_two_sheets_that_differ_are_both_read_and_named(tmp_path):
    entry = check(tmp_path, book(HEAD, ["A", "B", DAY, 1], copy=(HEAD, ["Z", "B", DAY, 2])), "x.xlsx")
    accepted(entry, 2, says="2 sheets follow the contract and were read: Sheet, Second")


@pytest.mark.parametrize("value", [True, datetime.time(10, 30), datetime.timedelta(days=2), DAY])
def test_what_is_no_number_in_a_workbooks_amount_is_set_aside(tmp_path, value):
    quarantined(check(tmp_path, book(HEAD, ["A", "B", DAY, value]), "x.xlsx"), "Sheet!2", "not an amount", "amount")


@pytest.mark.parametrize(
    "date", ["1712966400000", "April 2024", "2024-04", "29/02/2023", "13/04/2024 24:00", "2024-13-04"]
)
def test_what_is_no_day_is_set_aside(tmp_path, date):
    entry = check(tmp_path, csv(OWN, [*pay(3), *pay(1, date=date)]))
    assert (entry["rows_accepted"], entry["rows_quarantined"]) == (3, 1), entry


def test_json_with_a_doubled_key_or_nan_is_refused(tmp_path):
    one = {"payee": "A", "department": "B", "paid_on": "13/04/2024", "amount": 1}
    text = json.dumps([one])
    refused(check(tmp_path, text.replace('"amount": 1', '"amount": 1, "amount": 9'), "x.json"), "twice")
    refused(check(tmp_path, text.replace('"amount": 1', '"amount": NaN'), "x.json"), "NaN")


def test_lines_of_json_are_a_list_and_a_line_that_is_none_is_named(tmp_path):
    one = json.dumps({"payee": "A", "department": "B", "paid_on": "13/04/2024", "amount": 1})
    two = one.replace('"A"', '"C"')
    accepted(check(tmp_path, f"{one}\n\n{two}\n", "x.jsonl"), 2)
    refused(check(tmp_path, f'{one}\n{two}\n{{"payee": ]}}\n{one}\n', "x.jsonl"), "not valid JSON at line 3")


def test_json_that_is_true_or_nested_where_an_amount_should_be_is_set_aside(tmp_path):
    one = {"payee": "A", "department": "B", "paid_on": "13/04/2024"}
    entry = check(tmp_path, json.dumps([{**one, "amount": True}, {**one, "amount": {"v": 1}}, one]), "x.json")
    assert (entry["rows_accepted"], entry["rows_quarantined"], entry["pence_in"]) == (0, 3, 0), entry


@pytest.mark.parametrize("fault", [{"age": "1E1"}, {"age": "20y"}, {"sex": "1"}, {"period": "30/06/2014"}])
def test_a_person_whose_cell_cannot_be_read_is_set_aside_alone(tmp_path, fault):
    sound = {column.name: templates.example(column) for column in tables.of("people").columns}
    rows = [{**sound, "person_id": f"P000{i}", **(fault if i == 2 else {})} for i in range(4)]
    entry = check(tmp_path, csv(",".join(sound), [",".join(row.values()) for row in rows]))
    assert (entry["table"], entry["rows_accepted"], entry["rows_quarantined"]) == ("people", 3, 1), entry
    (item,) = entry["quarantine"]
    assert (item["where"], item["column"]) == ("4", next(iter(fault)))
