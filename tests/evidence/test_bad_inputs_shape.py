"""Bad extracts: file shape, delimiters, quoting and headers."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from evidence_kit import OWN, SESSIONS, accepted, check, csv, pay, quarantined, refused

from commissioning.errors import DataRefused
from commissioning.evidence import extract
from commissioning.evidence.intake import take_in
from commissioning.evidence.loaded import Refused
from commissioning.evidence.published._reader import physical_rows

BODY = csv(OWN, pay(5))


def workbook(rows, **sheets) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_17_an_empty_file_is_refused_and_never_no_people(tmp_path):
    refused(check(tmp_path, b""), "empty file")


@pytest.mark.parametrize("content", [b"\n", b"\n\n\n", b"   \n", b"\xef\xbb\xbf"])
def test_17_a_file_of_blanks_is_never_accepted(tmp_path, content):
    assert check(tmp_path, content)["status"] != "accepted"


def test_18_a_header_alone_is_refused(tmp_path):
    refused(check(tmp_path, OWN + "\n"), "no rows")
    refused(check(tmp_path, OWN + "\n,,,\n\n"), "no rows")


def test_19_a_missing_folder_or_a_file_for_a_folder_is_refused(tmp_path):
    with pytest.raises(DataRefused, match="missing"):
        take_in(tmp_path / "nowhere")
    (tmp_path / "a.csv").write_text(BODY)
    with pytest.raises(DataRefused, match="not a folder"):
        take_in(tmp_path / "a.csv")


def test_19_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataRefused, match="nothing in"):
        take_in(tmp_path).raise_if_refused()


def test_20_an_extract_older_than_the_period_asked_for_is_refused(tmp_path):
    (tmp_path / "s.csv").write_text(csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5"]))
    assert take_in(tmp_path, period="2014-15").files[0].status == "accepted"
    assert take_in(tmp_path, period="2014-15 Q1").files[0].status == "accepted"
    for period in ("2014-15 Q2", "2015-16"):
        refused(take_in(tmp_path, period=period).as_json()["files"][0], "older file")


def test_21_a_half_written_file_is_refused(tmp_path):
    refused(check(tmp_path, BODY[:-1]), "half-written")
    refused(check(tmp_path, BODY[:-8]), "half-written")
    refused(check(tmp_path, BODY + "Supplier 9,Adu\n"), "half-written")


def test_21_a_file_cut_at_any_byte_is_never_accepted_whole(tmp_path):
    for cut in range(1, len(BODY)):
        entry = check(tmp_path, BODY[:cut])
        whole = BODY[:cut].endswith("\n") and BODY[:cut].count("\n") >= 2
        assert (entry["status"] == "accepted") == whole, (cut, entry)


def test_23_a_line_of_many_columns_or_a_huge_cell_is_refused(tmp_path):
    refused(check(tmp_path, csv(OWN, [*pay(2), "x," * 6000])), "columns")
    refused(check(tmp_path, csv(OWN, [*pay(2), f"{'x' * 200_000},A,13/04/2024,1.00"])), "characters")
    refused(check(tmp_path, csv(OWN, [*pay(2), f"{'x' * 5_000_000},A,13/04/2024,1.00"])), "characters")


def test_23_a_zip_bomb_is_refused_before_memory_is_spent(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", "x")
        z.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024**2))
    refused(check(tmp_path, out.getvalue(), "bomb.xlsx"), "unzips to far more")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (workbook([["a"]]), "Excel workbook"),
        (b"<!DOCTYPE html><html><title>Login</title>", "web page"),
        (b"\n  <html><body>Sign in", "web page"),
        (b"<table><tr><td>1</td></tr></table>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + "__substg1.0_".encode("utf-16-le"), "Outlook message"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + "Workbook".encode("utf-16-le"), "old Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"From: a\nTo: b\nSubject: c\n\nhello\n", "e-mail"),
        (b"PAR1xxxx", "Parquet"),
        (b"\x1f\x8b\x08abc", "gzip"),
        (b'[{"a": 1}]', "JSON"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"{\\rtf1 hello}", "rich text"),
    ],
)
def test_24_a_csv_that_is_something_else_is_refused_by_what_it_is(tmp_path, content, what):
    refused(check(tmp_path, content), what)


def test_24_a_workbook_that_is_text_is_refused(tmp_path):
    refused(check(tmp_path, BODY, "a.xlsx"), "not what its name says")
    refused(check(tmp_path, BODY, "a.json"), "not what its name says")


@pytest.mark.parametrize("mark", ["EncryptedPackage", "EncryptionInfo"])
def test_26_a_protected_workbook_is_refused_as_protected(tmp_path, mark):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + mark.encode("utf-16-le")
    refused(check(tmp_path, content, "a.xlsx"), "protected workbook")
    refused(check(tmp_path, content, "a.csv"), "protected workbook")


def test_29_a_csv_of_exactly_65536_lines_warns_of_an_old_excel_cut(tmp_path):
    accepted(check(tmp_path, csv(OWN, pay(65_535))), 65_535, says="possible old-Excel cut")


@pytest.mark.parametrize("ends", [("\r\n", "\n"), ("\r", "\n"), ("\r\n", "\r")])
def test_30_mixed_line_endings_are_accepted(tmp_path, ends):
    body = OWN + ends[0] + "".join(r + ends[i % 2] for i, r in enumerate(pay(4)))
    accepted(check(tmp_path, body), 4, says="mixed line endings")


@pytest.mark.parametrize(
    ("whole", "rows"), [(b"a,b\r\n1,2\r3,4\r\n5,6\r", 4), (b"a,b\r1,2\r", 2), (b"a,b\n1,2\r\n", 2)]
)
def test_30_a_publication_of_mixed_line_ends_is_whole_and_one_cut_inside_its_last_is_not(tmp_path, whole, rows):
    path = tmp_path / "a.csv"
    path.write_bytes(whole)
    assert len(physical_rows(extract.open_extract(path, "a.csv"))[0]) == rows
    path.write_bytes(b"a,b\r\n1,2\r")
    with pytest.raises(Refused) as refused:
        physical_rows(extract.open_extract(path, "a.csv"))
    assert refused.value.code == "half-written"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_30_other_line_endings_are_accepted(tmp_path, end):
    accepted(check(tmp_path, csv(OWN, pay(4), end)), 4)


@pytest.mark.parametrize("tail", ["\x1a", "\x1a\n", "\x1a\r\n", "\x1a\x1a"])
def test_32_ctrl_z_at_the_end_is_stripped_and_noted(tmp_path, tail):
    accepted(check(tmp_path, BODY + tail), 5, says="Ctrl-Z")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_33_another_delimiter_that_explains_every_row_is_accepted(tmp_path, delimiter):
    accepted(check(tmp_path, BODY.replace(",", delimiter)), 5, says="delimited by")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_33_another_delimiter_that_does_not_explain_every_row_is_refused(tmp_path, delimiter):
    refused(
        check(
            tmp_path,
            BODY.replace(",", delimiter)
            + f"a{delimiter}b\n"
            + f"c{delimiter}d,e\n" * 0
            + pay(1)[0].replace(",", delimiter)
            + "\n",
        ),
        "not explained",
    )


def test_34_a_row_with_another_delimiter_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(2), "A;Adults;13/04/2024;1.00", *pay(2)]))
    accepted(entry, 4, 1)
    quarantined(entry, "4", "too few cells")


def test_35_one_more_cell_in_every_row_is_left_out_at_the_end_and_refused_at_the_beginning(tmp_path):
    accepted(check(tmp_path, csv(OWN, [r + ",x" for r in pay(5)])), 5, says="the 5th has no heading and is left out")
    accepted(check(tmp_path, csv(OWN, [r + "," for r in pay(5)])), 5, says="the 5th has no heading")
    refused(check(tmp_path, csv(OWN, ["x," + r for r in pay(5)])), "columns have shifted")


def test_37_one_row_with_an_extra_cell_is_set_aside_by_its_line(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), "Acme, Ltd,Adults,13/04/2024,1.00", *pay(3)]))
    accepted(entry, 6, 1)
    quarantined(entry, "5", "too many cells")


def test_38_a_short_row_in_the_middle_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), "Acme,Adults", *pay(3)]))
    accepted(entry, 6, 1)
    quarantined(entry, "5", "too few cells", "paid_on")


@pytest.mark.parametrize("gap", [1, 2, 10])
def test_40_rows_swallowed_between_two_lone_quotes_refuse_the_file(tmp_path, gap):
    rows = pay(15)
    rows[2] = rows[2].replace("Supplier 2", '"Supplier 2')
    rows[2 + gap] = rows[2 + gap].replace("10.00", '10.00"')
    refused(check(tmp_path, csv(OWN, rows)), "quote")


def test_40_a_lone_quote_in_two_inner_cells_refuses_the_file(tmp_path):
    rows = pay(15)
    rows[2] = 'S,"Adults,13/04/2024,10.00'
    rows[8] = 'S,Adults",13/04/2024,10.00'
    refused(check(tmp_path, csv(OWN, rows)), "quote")


def test_40_an_address_over_three_lines_is_no_swallowed_row(tmp_path):
    rows = [*pay(3), '"Acme\nThe Yard, Wirral\nCH41",Adults,13/04/2024,1.00', *pay(2)]
    entry = check(tmp_path, csv(OWN, [*rows, "Short,row", *pay(1)]))
    accepted(entry, 7, 1)
    quarantined(entry, "10", "too few cells")


def test_41_a_quote_never_closed_refuses_the_file(tmp_path):
    refused(check(tmp_path, csv(OWN, [*pay(3), '"Acme,Adults,13/04/2024,1.00', *pay(3)])), "never closed")


def test_41_text_after_a_closing_quote_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), '"Acme" Ltd,Adults,13/04/2024,1.00', *pay(3)]))
    accepted(entry, 6, 1)
    quarantined(entry, "5", "broken quotes")


@pytest.mark.parametrize("header", ["PAYEE,Department,Paid On,Amount", " payee ,department , paid-on,AMOUNT (£)"])
def test_43_headers_that_differ_by_case_and_space_are_accepted(tmp_path, header):
    accepted(check(tmp_path, csv(header, pay(3))), 3)


def test_43_two_columns_for_one_are_refused(tmp_path):
    refused(check(tmp_path, csv("payee,Payee ,department,paid_on,amount", ["a," + r for r in pay(3)])), "two columns")
    refused(check(tmp_path, csv("payee,supplier,department,paid_on,amount", ["a," + r for r in pay(3)])), "two columns")


def test_44_a_missing_column_is_refused_with_the_nearest_name(tmp_path):
    entry = check(tmp_path, csv("payee,department,paid_on,amuont", pay(3)))
    refused(entry, "no column amount (nearest here: “amuont”)")
    assert "payee, department, paid_on" in entry["reason"]


def test_45_an_unknown_column_is_left_out_and_listed(tmp_path):
    body = csv(OWN + ",NHS Number", [r + ",9434765919" for r in pay(3)])
    accepted(check(tmp_path, body), 3, says="left out: NHS Number")
    assert "9434765919" not in take_in(tmp_path).tables["payments"].to_csv()


def test_46_columns_in_another_order_are_read_by_name(tmp_path):
    body = csv("amount,paid_on,payee,department", ["10.00,13/04/2024,A,Adults"] * 3)
    accepted(check(tmp_path, body), 3)
    assert take_in(tmp_path).tables["payments"]["amount_pence"].sum() == 3000


@pytest.mark.parametrize("titles", [["Report run 01/04/2024"], ["Report", "", "By: me"], ["Report,,,", ",,,"]])
def test_47_title_rows_above_the_header_are_declared_not_data(tmp_path, titles):
    entry = check(tmp_path, "\n".join([*titles, OWN, *list(pay(3))]) + "\n")
    accepted(entry, 3, 0, len(titles), says="title row")


def test_47_a_header_far_below_is_not_found(tmp_path):
    assert check(tmp_path, "title\n" * 60 + BODY)["status"] != "accepted"


def test_48_a_two_row_header_is_read_to_the_penny_or_refused(tmp_path):
    body = "paid,,paid,\npayee,department,on,amount\n" + "\n".join(pay(3)) + "\n"
    read = check(tmp_path, body)
    assert (read["rows_accepted"], read["pence_accepted"]) == (3, 3000) and "“paid on” was read as the day" in read[
        "reason"
    ]
    body = "pa,depart,paid,am\nyee,ment,on,ount\n" + "\n".join(pay(3)) + "\n"
    refused(check(tmp_path, body), "header of two rows")


def test_48_a_merged_header_in_a_workbook_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*OWN.split(","), "note", None])
    for row in pay(3):
        book.active.append([*row.split(","), "", ""])
    book.active.merge_cells("E1:F1")
    out = io.BytesIO()
    book.save(out)
    refused(check(tmp_path, out.getvalue(), "a.xlsx"), "merged header")


@pytest.mark.parametrize("blank", ["", ",,,", " , ,\t,\u00a0", '"","","",""'])
def test_50_blank_rows_are_declared_not_data_and_counted(tmp_path, blank):
    rows = pay(4)
    accepted(check(tmp_path, csv(OWN, [*rows[:2], blank, *rows[2:], blank])), 4, 0, 2)


@pytest.mark.parametrize(
    "footer",
    [
        "End of report",
        "Records: 4",
        "Records: 4,,,",
        "Record count,4",
        "4 records",
        "Number of records: 4",
        '"Rows: 4"',
        "*** End of file ***",
        "Source: finance ledger",
    ],
)
def test_51_footer_lines_are_declared_not_data(tmp_path, footer):
    accepted(check(tmp_path, csv(OWN, [*pay(4), footer])), 4, 0, 1)


@pytest.mark.parametrize("footer", ["Records: 1,204", "Record count,3", "5 rows", "Total records: 7"])
def test_51_a_stated_count_that_is_wrong_refuses_the_file(tmp_path, footer):
    refused(check(tmp_path, csv(OWN, [*pay(4), footer])), "records")


@pytest.mark.parametrize("label", ["Total", "Grand Total", "TOTAL:", "Totals", "Total (excl VAT)", "Report total"])
@pytest.mark.parametrize("amount", ["40.00", "£40.00"])
def test_52_a_total_row_is_a_control_total_and_no_payment(tmp_path, label, amount):
    entry = check(tmp_path, csv(OWN, [*pay(4), f"{label},,,{amount}"]))
    accepted(entry, 4, 0, 1)
    assert entry["pence_in"] == entry["pence_accepted"] == 4000


def test_52_sub_totals_and_a_grand_total_are_each_checked(tmp_path):
    rows = [*pay(2), "Sub-total,,,20.00", *pay(3), "Subtotal,,,30.00", "Grand Total,,,50.00"]
    accepted(check(tmp_path, csv(OWN, rows)), 5, 0, 3)
    rows[2] = "Sub-total,,,21.00"
    refused(check(tmp_path, csv(OWN, rows)), "difference of £1.00")


def test_52_a_total_that_does_not_agree_is_refused_with_both_figures(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(4), "Total,,,41.50"]))
    refused(entry, "£41.50")
    refused(entry, "£40.00")
    refused(entry, "£1.50")


def test_52_a_provider_whose_name_begins_with_total_is_a_provider(tmp_path):
    accepted(check(tmp_path, csv(OWN, [*pay(2), "Total Care Ltd,Adults,13/04/2024,10.00"])), 3)
    accepted(check(tmp_path, csv(OWN, [*pay(2), "Total,Adults,13/04/2024,10.00"])), 3)


@pytest.mark.parametrize("name", ["Total Care Ltd", "Totally Local CIC", "TotalEnergies"])
def test_52_a_row_of_such_a_provider_that_lacks_its_date_is_set_aside_as_data(tmp_path, name):
    accepted(check(tmp_path, csv(OWN, [*pay(2), f"{name},Adults,,10.00"])), 2, 1)


@pytest.mark.parametrize(
    "label", ["Adults total", "Total for Adults", "Sub total - Adults", "Totals 2024-25", "Net total"]
)
def test_52_a_label_with_more_words_is_still_a_total(tmp_path, label):
    accepted(check(tmp_path, csv(OWN, [*pay(2), f"{label},,,20.00"])), 2, 0, 1)


def test_52_a_total_counts_the_rows_set_aside_too(tmp_path):
    rows = [*pay(3), "X,Adults,31/02/2024,5.00", "Total,,,35.00"]
    entry = check(tmp_path, csv(OWN, rows))
    accepted(entry, 3, 1, 1)
    assert (entry["pence_in"], entry["pence_quarantined"]) == (3500, 500)


def test_54_comment_lines_are_data_unless_declared(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(2), "#X,Adults,13/04/2024,10.00", "# a remark", *pay(1)]))
    assert entry["rows_in"] == 5
    assert entry["rows_not_data"] == 0


def test_55_a_transposed_sheet_is_refused_with_a_hint(tmp_path):
    body = "payee,A,B,C\ndepartment,X,X,X\npaid_on,13/04/2024,13/04/2024,13/04/2024\namount,1,2,3\n"
    refused(check(tmp_path, body), "on its side")


def test_a_header_repeated_in_the_middle_is_declared_not_data(tmp_path):
    accepted(check(tmp_path, csv(OWN, [*pay(2), OWN, *pay(2)])), 4, 0, 1, says="1 repeated header declared")
