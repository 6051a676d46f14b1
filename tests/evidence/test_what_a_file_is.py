"""A file is named for what its bytes are before a cell is read, and large ones are read in blocks without a gap."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from evidence_kit import OWN, PACKAGES, SESSIONS, accepted, check, csv, package, pay, refused
from openpyxl.chart import BarChart

from commissioning.errors import DataRefused
from commissioning.evidence import blocks, extract, feed, json_reader, load, read_csv, tables, text
from commissioning.evidence.cells import Context
from commissioning.evidence.columns import parse as parse_column
from commissioning.evidence.contracts import HEADER_ROWS, Column, Contract
from commissioning.evidence.extract import NotAsNamed, open_extract
from commissioning.evidence.intake import take_in
from commissioning.evidence.loaded import Refused, Source
from commissioning.evidence.whole import lost_zeros

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(*names: str, flag: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name in names:
            z.writestr(name, "x")
    data = bytearray(out.getvalue())
    if flag:  # the flag of encryption, in the local header and in the directory
        data[6] |= flag
        data[data.index(b"PK\x01\x02") + 8] |= flag
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped("word/document.xml"), "a Word document"),
        (zipped("ppt/slides/1.xml"), "a PowerPoint file"),
        (zipped("content.xml"), "an OpenDocument file"),
        (zipped("xl/workbook.bin"), "a binary Excel workbook"),
        (zipped("a.txt"), "a zip archive"),
        (zipped("a.txt", flag=1), "password"),
        (zipped(), "a zip archive"),
        (b"From: a\nSubject: payments\n\npayee,amount\n", "an e-mail message"),
        (b"Received: b\nTo: a\n\npayee,amount\n", "an e-mail message"),
        (b"MIME-Version: 1.0\nDate: today\n\npayee,amount\n", "an e-mail message"),
        (OLE + "WordDocument".encode("utf-16-le"), "an old Word document"),
        (OLE + "Workbook".encode("utf-16-le"), "an old Excel workbook"),
        (OLE + "__substg1.0_".encode("utf-16-le"), "an Outlook message"),
        (OLE + b"something else", "an old Office file"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected workbook"),
    ],
)
def test_a_csv_that_is_really_another_kind_of_file_is_refused_by_its_true_name(tmp_path, content, says):
    refused(check(tmp_path, content), says)


def test_a_workbook_that_unzips_to_far_more_than_its_size_is_refused_before_it_is_unzipped(tmp_path, monkeypatch):
    monkeypatch.setattr(extract, "MAX_WORKBOOK_BYTES", 0)
    refused(check(tmp_path, zipped("xl/workbook.xml"), "a.xlsx"), "unzips to far more")


def test_a_file_under_any_name_is_known_by_its_bytes(tmp_path):
    accepted(check(tmp_path, csv(OWN, pay(2)).encode("utf-16"), "ledger.dat"), 2)
    entry = check(tmp_path / "other", b"\x00\x01\x02", "ledger.bin")
    assert (entry["status"], entry["reason"]) == ("left aside", "it is no CSV, XLSX or JSON file")


def test_a_file_over_the_limits_is_refused_before_memory_is_spent(tmp_path, monkeypatch):
    from commissioning.evidence import xlsx_reader

    path = tmp_path / "a.csv"
    path.write_text(csv(OWN, pay(2)))
    got = open_extract(path)
    monkeypatch.setattr(extract, "MAX_BYTES", 10)
    with pytest.raises(NotAsNamed, match="split it by period"):
        open_extract(path)
    with pytest.raises(Refused, match="JSON is read up to"):
        json_reader.read(replace(got, size=json_reader.IN_MEMORY_BYTES + 1))
    with pytest.raises(Refused, match="too large for a workbook"):
        xlsx_reader.read(replace(got, size=xlsx_reader.IN_MEMORY_BYTES + 1))


def test_bytes_that_change_after_the_hash_was_taken_are_never_used(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[]")
    got = open_extract(path)
    path.write_text("{}")
    with pytest.raises(NotAsNamed, match="changed while it was read"):
        got.data()


def test_a_file_that_grows_while_its_cells_are_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(csv(OWN, pay(2)))
    whole = load.load

    def grows(*arguments, **more):
        answer = whole(*arguments, **more)
        path.write_text(csv(OWN, pay(3)))
        return answer

    monkeypatch.setattr(load, "load", grows)
    refused(take_in(tmp_path).as_json()["files"][0], "changed while it was read")


@pytest.mark.parametrize("document", ['{"a": 1}', "[1, 2]", '["a", {}]'])
def test_json_that_is_no_list_of_objects_is_no_table(document):
    import json

    with pytest.raises(Refused, match="list of objects"):
        json_reader.as_records(json.loads(document), "a.json")


def test_the_places_of_a_block_are_its_physical_lines():
    places = blocks.Lines(7, 3)
    assert (len(places), list(places), places[1:]) == (3, ["7", "8", "9"], ["8", "9"])
    assert places.as_arrow().to_pylist() == list(places)
    with pytest.raises(IndexError):
        places[3]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a,b\r\nc,d\n", "mixed line ends"),
        ("a,b\nc\rd,e\n", "a carriage return inside"),
        ("a,b\nc\n", "a missing delimiter"),
        ("a,b,c\nd\n", "as many delimiters as there should be, in the wrong rows"),
        ('a,"b\nc",d\n', "a quote"),
        ("a,b", "no line end"),
    ],
)
def test_a_block_that_is_not_plain_is_left_to_the_csv_module(tmp_path, body, reason):
    path = tmp_path / "a.csv"
    path.write_bytes(body.encode())
    some = blocks.Blocks(path, text.Encoding(codec="utf-8", skip=0, notes=()))
    assert some.plain(2, ",") is None, reason
    assert "".join(some.lines()) == body
    some.close()


def test_a_block_with_a_quote_goes_line_by_line_and_the_next_one_whole_again(tmp_path, monkeypatch):
    # After the first lines, among which the header is sought one by one.
    rows = [*pay(HEADER_ROWS + 40), '"A, of B",Adults,13/04/2024,10.00', *pay(40)]
    path = tmp_path / "a.csv"
    path.write_text(csv(OWN, rows))
    plain = take_in(tmp_path).tables["payments"]
    real = blocks.Blocks
    monkeypatch.setattr(read_csv, "Blocks", lambda where, encoding: real(where, encoding, block=200))
    monkeypatch.setattr(feed, "BATCH", 2)
    told = []
    cut = take_in(tmp_path, counted=lambda *so_far: told.append(so_far)).tables["payments"]
    assert cut.equals(plain) and len(told) > 5
    assert list(cut["source_row"]) == [str(n) for n in range(2, len(rows) + 2)]


def test_a_contract_that_asks_for_utf_8_refuses_cp1252_by_its_byte(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\ncaf\xe9\n")
    with pytest.raises(Refused, match="byte 0xE9 at offset 8"):
        text.decide(path, "a.csv", cp1252_allowed=False)
    path.write_bytes(b"\xef\xbb\xbfname\ncaf\xe9\n")
    with pytest.raises(Refused, match="has the mark of UTF-8"):
        text.decide(path, "a.csv", cp1252_allowed=True)


def test_a_line_that_begins_as_the_contract_says_is_a_comment_and_not_data(tmp_path):
    column = Column(name="payee", holds="text", says="who")
    other = Column(name="amount_pence", holds="money", says="pounds")
    declared = Contract(
        table="t", title="t", version="1", columns=(column, other), comment_prefix="#", control_amount="amount_pence"
    )
    path = tmp_path / "a.csv"
    path.write_text("payee,amount\n# made on Monday,\nA,1.00\n")
    loaded = load.load(open_extract(path), declared, Source())
    assert (loaded.rows_accepted, loaded.rows_not_data, loaded.pence_accepted) == (1, 1, 100)
    assert "1 comment line declared not data" in loaded.notes


def test_tables_can_be_counted_and_named(tmp_path):
    (tmp_path / "a.csv").write_text(csv(OWN, pay(2)))
    tables = take_in(tmp_path).tables
    assert (len(tables), list(tables)) == (1, ["payments"])


def test_spend_of_an_unknown_area_is_left_aside_where_an_area_is_asked_for(tmp_path):
    from evidence_kit import TRAFFORD

    row = "30/04/2024,LEARN DIS 18-64 LT,A,13/04/2024,1,10.00,Care,Care"
    (tmp_path / "a.csv").write_text(csv(TRAFFORD, [row]))
    entry = take_in(tmp_path, area="E08000015").as_json()["files"][0]
    assert entry["status"] == "left aside" and "area is unknown" in entry["reason"]


def test_records_that_a_published_file_holds_with_other_figures_are_counted_once_and_named(tmp_path):
    ascof = (
        "Return.Year,Geographical.Code,Geographical.Description,Geographical.Level,ONS.Area.Code,ASCOF.Measure.Code,"
        "Disaggregation.Level,Measure.Type,Measure.Value,Measure.Group"
    )
    row = "2017-18,102,Wirral,Council,E08000015,1E,Total,Outcome,{},1E"
    (tmp_path / "a.csv").write_text(csv(ascof, [row.format(3.1)]))
    (tmp_path / "b.csv").write_text(csv(ascof, [row.format(3.2)]))
    taken = take_in(tmp_path)
    assert [f.code for f in taken.findings] == ["two versions"]
    assert list(taken.tables["indicators"]["value"]) == [3.1]
    assert "with other figures: counted once" in taken.files[1].reason


# -- totals, limits and places that few files reach ----------------------------------------------------


def test_a_total_row_of_many_sums_is_checked_in_each_that_it_states(tmp_path):
    rows = [package(1), package(2)]
    blank = dict.fromkeys(("package_id", "person_id", "period", "provider", "locality", "funder"), "")
    rest = dict.fromkeys(("setting", "provision", "needs_band", "weeks"), "")
    total = {**blank, **rest, "ward": "Total", "weekly_cost": "200.00"}
    accepted(
        check(tmp_path, csv(PACKAGES, [*rows, package(**total, weekly_client="", weekly_nhs="not said")])), 2, 0, 1
    )
    refused(check(tmp_path, csv(PACKAGES, [*rows, package(**total, weekly_client="1.00", weekly_nhs="")])), "£1.00")
    accepted(check(tmp_path, csv(PACKAGES, [*rows, "Total,200.00"])), 2, 0, 1)
    refused(check(tmp_path, csv(PACKAGES, [*rows, "Total,201.00"])), "£201.00")


def test_a_total_of_numbers_that_are_no_money_is_checked_in_numbers(tmp_path):
    rows = ["2014-15 Q1,A,W,day centre,5", "2014-15 Q2,A,W,day centre,6"]
    accepted(check(tmp_path, csv(SESSIONS, [*rows, "Total,,,,11"])), 2, 0, 1)
    refused(check(tmp_path, csv(SESSIONS, [*rows, "Total,,,,12"])), "says 12, the rows sum to 11")


def test_a_file_of_a_mark_and_no_text_is_empty(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf")
    with pytest.raises(Refused, match="holds no text"):
        load.load(open_extract(path), tables.of("payments"), Source())


def test_a_last_row_that_ends_in_ctrl_z_is_a_row(tmp_path):
    body = csv(OWN, pay(2)).rstrip("\n") + "\x1a\n"
    refused(check(tmp_path, body), "line end")
    accepted(check(tmp_path, csv(OWN, pay(2)) + "\x1a\n"), 2, says="Ctrl-Z")


def test_what_stands_beside_the_table_in_a_workbook_is_no_missing_or_added_cell(tmp_path):
    book = openpyxl.Workbook()
    for row in [OWN, *pay(3)]:
        book.active.append(row.split(","))
    book.active["F3"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    accepted(check(tmp_path, out.getvalue(), "a.xlsx"), 3)


def test_chart_sheets_are_left_out_and_named_and_lengths_of_time_are_text(tmp_path):
    book = openpyxl.Workbook()
    for row in [OWN, *pay(2)]:
        book.active.append(row.split(","))
    book.active.append(["A", timedelta(hours=30), datetime(2024, 4, 13, 9, 30), 1.5])
    book.active.append(["B", time(9, 30), date(2024, 4, 13), 2])
    book.create_chartsheet("Picture").add_chart(BarChart())
    book.active.auto_filter.ref = "A1:D4"
    book.active.auto_filter.add_filter_column(0, ["A"])
    out = io.BytesIO()
    book.save(out)
    entry = check(tmp_path, out.getvalue(), "a.xlsx")
    accepted(entry, 4, says="chart sheets left out: Picture")
    assert "has a filter on" in entry["reason"]
    frame = take_in(tmp_path).tables["payments"]
    assert list(frame["department"])[2:] == ["1 day, 6:00:00", "09:30:00"]


def test_ids_of_a_declared_length_and_amounts_in_thousands_are_read_one_text_at_a_time():
    ids = parse_column(
        Column(name="i", holds="id", says="", length=3), pa.array([f"{n:03d}" for n in range(300)]), Context()
    )
    assert ids.values.to_pylist() == [f"{n:03d}" for n in range(300)] and not ids.faults
    money = parse_column(
        Column(name="m", holds="money", says="", multiplier=1000), pa.array([str(n) for n in range(300)]), Context()
    )
    assert money.values.to_pylist() == [n * 100_000 for n in range(300)]


def test_ids_are_short_of_zeros_only_where_their_fellows_agree_on_a_length():
    assert lost_zeros(pd.Series(["001", "002", "3"], dtype="str")) == [2]
    assert lost_zeros(pd.Series(["001", "002", "03"], dtype="str")) == []
    assert lost_zeros(pd.Series(["001", "2", "3", "4"], dtype="str")) == []
    assert lost_zeros(pd.Series(["001", "0002", "3"], dtype="str")) == []
    assert lost_zeros(pd.Series(["1", "22"], dtype="str")) == []


def test_no_amount_is_unusual_where_few_are_more_than_nothing(tmp_path):
    few = [*pay(25, "0.00"), "A,Adults,13/04/2024,100000.00"]
    (tmp_path / "a.csv").write_text(csv(OWN, few))
    assert not take_in(tmp_path).findings
    (tmp_path / "a.csv").write_text(csv(OWN, [*pay(25), "A,Adults,13/04/2024,100000.00"]))
    assert take_in(tmp_path).findings


def test_what_is_no_file_or_may_not_be_read_is_refused_by_that_reason(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(csv(OWN, pay(2)))
    os.mkfifo(tmp_path / "pipe.csv")
    entry = next(f for f in take_in(tmp_path).as_json()["files"] if f["file"] == "pipe.csv")
    refused(entry, "not a regular file")

    def locked(path, name):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(extract, "open_extract", locked)
    refused(take_in(tmp_path).as_json()["files"][0], "no permission")


def test_a_sources_file_that_cannot_be_read_stops_the_intake(tmp_path, monkeypatch):
    (tmp_path / "sources.toml").write_text("")

    def locked(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "read_bytes", locked)
    with pytest.raises(DataRefused, match="cannot be read: Permission denied"):
        take_in(tmp_path)
