"""The cells of a worksheet: the values that openpyxl reads, by our own single pass, and what it drops refused."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from datetime import date, datetime, time, timedelta
from xml.etree.ElementTree import ParseError

import openpyxl
import pytest
from evidence_kit import OWN, accepted, check, pay, quarantined, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.evidence import sheet_xml, xlsx_reader
from commissioning.evidence.extract import open_extract
from commissioning.evidence.loaded import Refused

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MEANING = sheet_xml.Meaning(
    shared=["zero", "one"],
    dates=frozenset({1, 2}),
    durations=frozenset({2}),
    foreign=frozenset({3}),
    shares=frozenset(),
    epoch=datetime(1899, 12, 30),
)


def sheet(rows: str, before: str = "", after: str = "", root: str = f'<worksheet xmlns="{MAIN}">') -> str:
    return f"{HEAD}{before}{root}<sheetData>{rows}</sheetData>{after}</worksheet>"


def read(xml: str) -> tuple[dict[int, list], sheet_xml.About]:
    about = sheet_xml.About()
    rows = list(sheet_xml.rows(io.BytesIO(xml.encode()), MEANING, about))
    return {row.number: row.values for row in rows}, about


def put_sheet(xml: str, rows: int = 3) -> bytes:
    """A ledger whose first worksheet's XML is another."""
    book = openpyxl.Workbook()
    book.active.title = "Ledger"
    for row in [OWN, *pay(rows)]:
        book.active.append([float(c) if c == "10.00" else c for c in row.split(",")])
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, xml if name.endswith("sheet1.xml") else old.read(name))
    return out.getvalue()


def written(cells: list[list[str]], first: int = 1) -> str:
    return "".join(
        f'<row r="{n}">'
        + "".join(f'<c r="{chr(65 + at)}{n}" t="inlineStr"><is><t>{c}</t></is></c>' for at, c in enumerate(row))
        + "</row>"
        for n, row in enumerate(cells, first)
    )


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn")), max_size=12),
    st.datetimes(datetime(1950, 1, 1), datetime(2099, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    st.dates(date(1950, 1, 1), date(2099, 1, 1)),
    st.just(time(9, 30)),
    st.just(timedelta(hours=30)),
    st.sampled_from(["#N/A", "=1+1", "£", "a&b", "<b>", "_x000D_", " lead", "ﬁ"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELL, max_size=6), min_size=1, max_size=8), st.booleans())
def test_every_cell_is_the_value_that_openpyxl_reads(tmp_path_factory, rows, shifted):
    book = openpyxl.Workbook()
    if shifted:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in rows:
        book.active.append(row)
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    book.save(path)
    (ours,) = xlsx_reader.read(open_extract(path), typed=True).sheets
    theirs = [list(row) for row in openpyxl.load_workbook(path, data_only=True).active.iter_rows(values_only=True)]
    for number, values in enumerate(ours.values):
        their = theirs[number][: len(values)]
        assert list(values) == their, number
        assert [type(v) for v in values] == [type(v) for v in their]
        assert not any(theirs[number][len(values) :])
    assert not any(cell for row in theirs[len(ours.values) :] for cell in row)


PLAIN = st.lists(
    st.lists(
        st.one_of(
            st.integers(0, 9).map(lambda n: f't="n"><v>{n}</v></c>'),
            st.just('t="s"><v>1</v></c>'),
            st.just('s="1"><v>45385</v></c>'),
            st.just('s="3"><v>1.5E+2</v></c>'),
            st.just('t="b"><v>1</v></c>'),
            st.just('t="e"><v>#N/A</v></c>'),
            st.just('t="str"><v>word</v></c>'),
            st.just('s="0"/>'),
            st.just('t="str"><v>a &amp; b</v></c>'),
            st.just('t="inlineStr"><is><t>in line</t></is></c>'),
        ),
        max_size=5,
    ),
    max_size=6,
)


@given(PLAIN, st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_comment_before_a_sheet_and_hidden_rows_change_no_value(rows, hidden):
    body = "".join(
        f'<row r="{n}"{" hidden=" + chr(34) + "1" + chr(34) if hidden[n - 1] else ""}>'
        + "".join(f'<c r="{chr(66 + at)}{n}" {cell}' for at, cell in enumerate(row))
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    fast, slow = read(sheet(body)), read(sheet(body, before="<!-- of the program that wrote it -->"))
    assert fast == slow and len(fast[0]) == len(rows)
    assert fast[1].hidden_rows == sum(hidden[: len(rows)])


def test_a_row_inside_a_comment_or_cdata_is_no_row():
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    for odd in (f"<!-- {row} -->", f"<![CDATA[{row}]]>", f"<?page {row}?>"):
        assert read(sheet(odd + '<row r="2"><c r="A2"><v>2</v></c></row>'))[0] == {2: [2]}


def test_rows_of_another_namespace_are_not_rows_of_the_sheet():
    other = '<x xmlns="elsewhere"><row r="1"><c r="A1"><v>1</v></c></row></x>'
    assert read(sheet(other + '<row r="2"><c r="A2"><v>2</v></c></row>'))[0] == {2: [2]}
    prefixed = f'<m:worksheet xmlns:m="{MAIN}"><m:sheetData><m:row r="3"><m:c r="B3"><m:v>5</m:v></m:c></m:row>'
    assert read(f"{prefixed}</m:sheetData></m:worksheet>")[0] == {3: [None, 5]}


def test_a_long_sheet_is_read_the_same_whatever_the_pieces(monkeypatch):
    body = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="s"><v>1</v></c></row>' for n in range(1, 60))
    whole = read(sheet(body))[0]
    assert whole == {n: [n, "one"] for n in range(1, 60)}
    for size in (7, 64, 1_000):
        monkeypatch.setattr(sheet_xml, "_CHUNK", size)
        assert read(sheet(body))[0] == whole
        monkeypatch.undo()


def test_a_number_that_is_no_date_of_its_calendar_is_an_error_and_one_that_is_a_length_of_time_is_said():
    body = '<row r="1"><c r="A1" s="1"><v>99999999999</v></c><c r="B1" s="2"><v>1.25</v></c></row>'
    assert read(sheet(body))[0] == {1: ["#VALUE!", timedelta(days=1, hours=6)]}


def test_cells_and_rows_that_do_not_say_where_they_are_follow_the_one_before():
    body = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c r='D2'><v>4</v></c><c><v>5</v></c></row>"
    assert read(sheet(body))[0] == {1: [1, 2], 2: [None, None, None, 4, 5]}


def test_cells_out_of_order_stand_where_they_say():
    assert read(sheet('<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>'))[0] == {1: [1, None, 3]}


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("<is><t>plain</t></is>", "plain"),
        ("<is><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space='preserve'> and not</t></r></is>", "bold and not"),
        ("<is><t>東京</t><rPh sb='0' eb='1'><t>とうきょう</t></rPh></is>", "東京"),
        ("<is><t></t></is>", ""),
        ("<v>not read</v>", None),
    ],
)
def test_a_string_in_its_cell_is_its_text_without_its_looks_or_how_it_is_said(inside, value):
    assert read(sheet(f'<row r="1"><c r="A1" t="inlineStr">{inside}</c></row>'))[0] == {1: [value]}


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("<f>1+1</f>", True),
        ('<f t="shared" si="0"/>', True),
        ('<f t="array" ref="A1">SUM(B1:B2)</f>', True),
        ("<f/>", False),
    ],
)
def test_a_formula_is_known_by_its_own_element_not_by_its_text(formula, found):
    xml = sheet(f'<row r="1"><c r="A1">{formula}<v>2</v><v>3</v></c><c r="B1" t="str"><v>=text</v></c></row>')
    (row,) = sheet_xml.rows(io.BytesIO(xml.encode()), MEANING, sheet_xml.About())
    assert (row.values, row.formulas) == ([2, "=text"], (0,) if found else ())


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"></row><row r="1"></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1.5"></row>',
        '<row r="first"></row>',
        '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>twelve</v></c></row>',
    ],
)
def test_rows_that_would_be_lost_or_doubled_and_cells_that_mean_nothing_are_refused(tmp_path, rows):
    with pytest.raises((ValueError, IndexError)):
        read(sheet(rows))
    refused(check(tmp_path, put_sheet(sheet(rows)), "a.xlsx"), "damaged workbook")


def test_a_row_number_may_be_written_as_a_whole_decimal():
    assert read(sheet('<row r="3.0"><c><v>1</v></c></row>'))[0] == {3: [1]}


def test_a_worksheet_that_declares_entities_is_refused_before_they_grow(tmp_path):
    bomb = '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    xml = sheet('<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>', before=bomb)
    with pytest.raises(ValueError, match="entities"):
        read(xml)
    refused(check(tmp_path, put_sheet(xml), "a.xlsx"), "damaged workbook")


def test_entities_are_refused_in_whatever_pieces_and_encoding_they_come(monkeypatch):
    bomb = sheet("", before='<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa">]>')
    wide = bomb.replace("UTF-8", "UTF-16").encode("utf-16")
    for size in (3, 1 << 18):
        monkeypatch.setattr(sheet_xml, "_CHUNK", size)
        for body in (bomb.encode(), wide):
            with pytest.raises(ValueError, match="entities"):
                list(sheet_xml.rows(io.BytesIO(body), MEANING, sheet_xml.About()))


@pytest.mark.parametrize("xml", [sheet(f'<row r="1">{"<c/>" * 1_001}</row>'), sheet("", after="<x/>" * 1_001)])
def test_endless_empty_parts_in_a_row_or_beside_the_rows_are_refused(monkeypatch, xml):
    monkeypatch.setattr(sheet_xml, "_PARTS", 1_000)
    with pytest.raises(Refused, match="over 1,000 parts"):
        read(xml)


def test_rows_that_were_read_are_not_kept(monkeypatch):
    body = sheet("".join(f'<row r="{n}"><c/><c/><c/><c/><c/><c/><c/><c/></row>' for n in range(1, 10_001)))
    monkeypatch.setattr(sheet_xml, "_CHUNK", 4_096)
    tracemalloc.start()
    assert sum(1 for _ in sheet_xml.rows(io.BytesIO(body.encode()), MEANING, sheet_xml.About())) == 10_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000  # with its 80,000 cells it would be more than 8 MB


def test_a_worksheet_cut_short_or_packed_wrongly_is_refused(tmp_path):
    xml = sheet(written([OWN.split(",")]))
    with pytest.raises(ParseError):
        read(xml[: len(xml) // 2])
    with pytest.raises(ParseError):
        read(xml.removesuffix("</worksheet>"))
    refused(check(tmp_path, put_sheet(xml[:-20]), "a.xlsx"), "damaged workbook")


def test_a_row_beyond_the_last_that_a_worksheet_can_have_is_refused_without_filling_the_gap(tmp_path):
    xml = sheet(written([OWN.split(",")]) + '<row r="99999999"><c><v>1</v></c></row>')
    refused(check(tmp_path, put_sheet(xml), "a.xlsx"), "rows")


def test_rows_that_are_not_written_at_all_are_counted_as_blank(tmp_path):
    xml = sheet(written([OWN.split(",")]) + written([pay(1)[0].split(",")], first=5))
    entry = check(tmp_path, put_sheet(xml), "a.xlsx")
    accepted(entry, 1, 0, 3)


def test_hidden_columns_merged_cells_and_a_filter_are_found_wherever_the_sheet_says_them():
    about = read(
        sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row>',
            after='<autoFilter ref="A1:B2"><filterColumn colId="0"/></autoFilter>'
            '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
            root=f'<worksheet xmlns="{MAIN}"><cols><col min="1" max="1" hidden="1"/><col min="2" max="2"/></cols>',
        )
    )[1]
    assert (about.hidden_columns, about.merged, about.filtered) == (1, ["A1:B1"], True)
    assert not read(sheet("", after='<autoFilter ref="A1:B2"/><x><filterColumn/></x>'))[1].filtered


def test_only_numbers_in_a_style_of_another_currency_are_named():
    cells = ('<c r="A1" s="3"><v>5</v></c>', '<c r="B1" s="3" t="s"><v>0</v></c>', '<c r="C1"><v>5</v></c>')
    xml = sheet(f'<row r="1">{"".join(cells)}</row>')
    (row,) = sheet_xml.rows(io.BytesIO(xml.encode()), MEANING, sheet_xml.About())
    assert row.foreign == (0,)


def test_a_formula_without_a_value_at_the_end_of_a_row_keeps_its_cell(tmp_path):
    rows = (
        written([OWN.split(",")])
        + '<row r="2">'
        + re.sub(
            r"<c r=\"D2\".*?</c>", '<c r="D2"><f>1+1</f></c>', written([pay(1)[0].split(",")], first=2)
        ).removeprefix('<row r="2">')
    )
    quarantined(check(tmp_path, put_sheet(sheet(rows)), "a.xlsx"), "Ledger!2", "formula without a value", "amount")


def test_a_number_beyond_all_numbers_is_set_aside_and_not_taken_for_blank(tmp_path):
    endless = (
        '<row r="4"><c r="A4" t="inlineStr"><is><t>S</t></is></c><c r="B4" t="inlineStr"><is><t>Adults</t></is></c>'
        '<c r="C4" t="inlineStr"><is><t>13/04/2024</t></is></c><c r="D4"><v>1E999</v></c></row>'
    )
    rows = written([OWN.split(","), *(row.split(",") for row in pay(2))])
    entry = check(tmp_path, put_sheet(sheet(rows + endless)), "a.xlsx")
    accepted(entry, 2, 1)
    quarantined(entry, "Ledger!4", "not a number", "amount")


def test_a_carriage_return_that_a_workbook_writes_out_is_one_again():
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_\nb_x000D_c</t></is></c></row>'
    assert [xlsx_reader._text(value) for value in read(sheet(row))[0][1]] == ["a\nb\rc"]


def test_a_style_of_no_known_format_beside_one_of_another_currency_is_no_fault(tmp_path):
    """Formats 23 to 36 belong to other languages of Excel and have no text here."""
    book = openpyxl.Workbook()
    for line in [OWN, *pay(2)]:
        book.active.append([float(c) if c == "10.00" else c for c in line.split(",")])
    book.active["D2"].number_format = "[$€-2] #,##0.00"
    book.active["D3"].style = "Normal"
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("styles.xml"):
                text = text.replace(b'numFmtId="0"', b'numFmtId="27"')
            new.writestr(name, text)
    entry = check(tmp_path, out.getvalue(), "ledger.xlsx")
    quarantined(entry, "Sheet!2", "not pounds")
    assert entry["rows_accepted"] == 1


def test_a_percentage_is_no_number_of_a_councils_own_and_its_row_is_set_aside(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["grant_id", "organisation_id", "department", "period", "hours"])
    for number in range(3):
        book.active.append([f"G{number}", f"O{number}", "Adults", "2014-15 Q1", 0.5])
    book.active["E3"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    quarantined(check(tmp_path, out.getvalue(), "a.xlsx"), "Sheet!3", "a percentage", "hours")
