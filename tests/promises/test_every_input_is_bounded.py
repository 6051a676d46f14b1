"""Issue 18, item 13: the time and the size of every input are bounded; past a limit there is one line that says the limit."""

from __future__ import annotations

import io
import json
import re
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from commissioning import toml
from commissioning.errors import DataRefused
from commissioning.evidence import cells, contracts, header, limits, recognise
from commissioning.evidence.intake import take_in
from commissioning.evidence.registry import readers
from commissioning.evidence.tables import CONTRACTS

sys.path.insert(0, str(Path(__file__).parent))

from pattern_kit import BUDGET, LIBRARY, patterns, spent, too_slow  # noqa: E402

QUICK = 10.0  # s of processor time; each took minutes, or the machine's memory, before it was bounded


# --- patterns ---------------------------------------------------------------------------------------------------------


def test_every_pattern_that_meets_a_file_takes_a_time_in_proportion_to_its_length():
    found = patterns()
    assert len(found) > 100
    slow = {name: fault for name, (pattern, ways) in found.items() if (fault := too_slow(pattern, ways))}
    assert slow == {}


@pytest.mark.parametrize("pattern", [r"(?:a+)*b", r"\s*x$", r"(.+?)\s*,?\s*Q", r"(a|a)*b", r"Count\s*[ ]*\s*[0-9]+$"])
def test_the_search_for_slow_patterns_would_find_one(pattern):
    assert too_slow(re.compile(pattern), {"search"})


@pytest.mark.parametrize(
    "column", {c.holds: c for one in CONTRACTS for c in one.columns}.values(), ids=lambda c: c.holds
)
def test_a_cell_of_any_kind_is_parsed_in_a_time_in_proportion_to_its_length_or_set_aside(column):
    context = cells.Context(header=column.heading)
    for unit in (" ", "1", "- ", "1,", "9", "Q", "E", "(", "2014-15 ", "a ", "£"):
        for length in (200, 300, 3_000, 100_000):
            text = "1" + (unit * length)[:length] + "x"
            assert spent(lambda one: cells.parse(column, one, context), text) < 4 * BUDGET * max(1, length / 3_000)
    longest = limits.CELL if column.holds == "text" and column.pattern is None else limits.VALUE
    assert cells.parse(column, "7" * (longest + 1), context).code == "too long"


# --- files ------------------------------------------------------------------------------------------------------------


def workbook(
    sheets: int = 1, rows: str = "", shared: str = "", more: str = "", parts: int = 0, whole: str = ""
) -> bytes:
    """A workbook written by hand: so many sheets, each with these rows."""
    main, doc = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    )
    package, kind = (
        "http://schemas.openxmlformats.org/package/2006",
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
    )
    named = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>' for i in named
    )
    links = "".join(f'<Relationship Id="r{i}" Type="{doc}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in named)
    if shared:
        types += f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>'
        links += f'<Relationship Id="s" Type="{doc}/sharedStrings" Target="sharedStrings.xml"/>'
    listed = "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="r{i}"/>' for i in named)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{types}</Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{doc}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml", whole or f'<workbook xmlns="{main}" xmlns:r="{doc}"><sheets>{listed}</sheets></workbook>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{links}</Relationships>'
        )
        if shared:
            book.writestr("xl/sharedStrings.xml", shared)
        for i in named:
            book.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{more}</worksheet>',
            )
        for i in range(parts):
            book.writestr(f"xl/media/{i}", b"")
    return out.getvalue()


def cell(place: str, value: str = "<v>1</v>") -> str:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{place}">{value}</c></row>'


def ten(i: int) -> str:
    return f"&l{i - 1};" * 10 if i else "lol"


LAUGHS = "".join(f'<!ENTITY l{i} "{ten(i)}">' for i in range(10))
LAUGHING = f'<?xml version="1.0"?><!DOCTYPE x [{LAUGHS}]>'
LEDGER = "paid_on,payee,department,amount\n"
FILES = {
    "20,000 sheets": ("a.xlsx", lambda: workbook(sheets=limits.SHEETS + 1), f"{limits.SHEETS + 1} sheets; the limit is {limits.SHEETS}"),
    "many parts": ("a.xlsx", lambda: workbook(parts=limits.PARTS), "parts; the limit is 5,000"),
    "a cell in the last column": ("a.xlsx", lambda: workbook(rows=cell("XFD1")), "a cell in column 16,384; the limit is 2,000"),
    "a column that is none": ("a.xlsx", lambda: workbook(rows=cell("A" * 50_000 + "1")), "damaged workbook"),
    "merged cells": (
        "a.xlsx", lambda: workbook(rows=cell("A1"), more="<mergeCells>" + '<mergeCell ref="A1:B1"/>' * (limits.MERGED + 1) + "</mergeCells>"),
        "over 10,000 merged cells"),
    "entities in a sheet's words": ("a.xlsx", lambda: workbook(shared=f"{LAUGHING}<sst><si><t>&l9;</t></si></sst>", rows=cell("A1")), "damaged workbook"),
    "entities in the workbook": ("a.xlsx", lambda: workbook(whole=f"{LAUGHING}<workbook>&l9;</workbook>"), "damaged workbook"),
    "a number of 5,000 digits": ("a.xlsx", lambda: workbook(rows=cell("A1", f"<v>{'9' * 5_000}</v>")), "damaged workbook"),
    "unzips to far more": ("a.xlsx", lambda: workbook(rows=cell("A1", f"<v>{' ' * 60_000_000}</v>")), "unzips to far more"),
    "JSON within JSON": ("a.json", lambda: "[" * 50_000 + "]" * 50_000, "nested too deeply"),
    "objects within objects": ("a.json", lambda: '[{"a":' * 40 + "1" + "}]" * 40, "more than 60 deep"),
    "keys of an object": ("a.json", lambda: json.dumps([{f"k{i}": 1 for i in range(200_000)}]), "200,000 keys; the limit is 2,000"),
    "a key twice among many": ("a.json", lambda: "[{" + ",".join(f'"k{i}":1' for i in range(1_999)) + ',"k7":2}]', "the key “k7” twice"),
    "a number of a million digits": ("a.json", lambda: '[{"person_id":' + "9" * 1_000_000 + "}]", "more than 400 digits"),
    "a huge exponent": ("a.json", lambda: '[{"person_id":1E99999999}]', "more than 400 digits"),
    "a tiny exponent": ("a.json", lambda: '[{"person_id":1E-99999999}]', "more than 400 digits"),
    "one giant line of JSON": ("a.json", lambda: '{"person_id":"' + "x" * 5_000_000 + '"}\n{"person_id":"b"}\n', "too long"),
    "one giant line": ("a.csv", lambda: LEDGER + "x" * 9_000_000 + "\n", "over 4,194,304 characters"),
    "a million columns": ("a.csv", lambda: LEDGER + "," * 1_000_000 + "\n", "columns; the limit is 2,000"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "made", "says"), FILES.values(), ids=FILES)
def test_a_hostile_file_is_refused_soon_in_one_line_that_says_the_limit(tmp_path, name, made, says):
    body = made()
    (tmp_path / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    begun = time.process_time()
    (one,) = take_in(tmp_path).files
    assert time.process_time() - begun < QUICK
    assert one.status == "refused" and says in one.reason, one.reason
    assert len(one.reason) < 400 and "\n" not in one.reason and "Traceback" not in one.reason


HARMLESS = {
    "a header of a million spaces": ("a.csv", lambda: "paid_on," + " " * 1_000_000 + "\n1,2\n"),
    "a header of a million brackets": ("a.csv", lambda: "paid_on," + "a(" * 500_000 + "\n1,2\n"),
    "a header of digits": ("a.csv", lambda: LEDGER[:-1] + "," + "9" * 100_000 + "\n"),
    "forty headers of 1,900 columns": ("a.csv", lambda: (",".join(f"Column {i} (£)" for i in range(1_900)) + ",paid_on,payee\n") * 40),
    "half a million quotes": ("a.csv", lambda: '"' * 500_000),
    "a million blank lines": ("a.csv", lambda: "\n" * 1_000_000),
    "a coloured cell in the last column of each row": (
        "a.xlsx", lambda: workbook(rows="".join(cell(f"XFD{i}", "") for i in range(1, 20_001)))),
    "a cell in the last row": ("a.xlsx", lambda: workbook(rows=cell("A1048576"))),
}  # fmt: skip


@pytest.mark.parametrize(("name", "made"), HARMLESS.values(), ids=HARMLESS)
def test_an_odd_file_that_no_limit_names_is_looked_at_soon(tmp_path, name, made):
    body = made()
    (tmp_path / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    begun = time.process_time()
    (one,) = take_in(tmp_path).files
    assert time.process_time() - begun < QUICK
    assert one.status in ("left aside", "refused", "nothing accepted") and len(one.reason) < 1_000


def test_amounts_of_a_hundred_thousand_digits_are_set_aside(tmp_path):
    (tmp_path / "a.csv").write_text(LEDGER + "".join(f"01/04/2015,X,Adults,{'9' * 100_000}\n" for _ in range(20)))
    (one,) = take_in(tmp_path).files
    assert one.loaded.rows_quarantined == 20 and {c.code for c in one.loaded.causes} == {"too long"}


def test_rows_below_a_gap_of_a_million_are_refused_by_the_sheet_that_is_read(tmp_path):
    top = (
        '<row r="1">'
        + "".join(
            f'<c r="{"ABCD"[i]}1" t="inlineStr"><is><t>{h}</t></is></c>'
            for i, h in enumerate(LEDGER.strip().split(","))
        )
        + "</row>"
    )
    (tmp_path / "a.xlsx").write_bytes(workbook(rows=top + cell("A1048576")))
    (one,) = take_in(tmp_path).files
    assert one.status == "refused" and "empty rows above row 1,048,576" in one.reason


# --- TOML -------------------------------------------------------------------------------------------------------------

TOMLS = {
    "brackets": "a = " + "[" * 100_000 + "]" * 100_000,
    "tables": "a = " + "{b = " * 1_000 + "1" + "}" * 1_000,
    "a long key": "a" + ".a" * 100_000 + " = 1",
    "many lines": "".join(f"a{i} = 1\n" for i in range(60_000)),
    "a long text": 'a = "' + "x" * 3_000_000 + '"',
}


@pytest.mark.parametrize("text", TOMLS.values(), ids=TOMLS)
def test_a_toml_file_past_a_limit_is_refused_soon(tmp_path, text):
    begun = time.process_time()
    with pytest.raises(tomllib.TOMLDecodeError):
        toml.loads(text)
    (tmp_path / "sources.toml").write_text(text)
    with pytest.raises(DataRefused, match=r"sources.toml is not valid TOML: (it|a key) "):
        take_in(tmp_path)
    assert time.process_time() - begun < QUICK


def test_every_toml_file_that_people_write_is_read_within_the_limits():
    found = [
        one.relative_to(LIBRARY).as_posix()
        for one in LIBRARY.rglob("*.py")
        if "tomllib.load" in one.read_text(encoding="utf-8")
    ]
    assert found == ["toml.py"]
    for path in (*LIBRARY.parents[1].glob("pilots/*/*.toml"), *LIBRARY.parents[1].glob("data/sample/**/*.toml")):
        assert toml.loads(path.read_text(encoding="utf-8")) == tomllib.loads(path.read_text(encoding="utf-8"))


def test_a_file_of_sources_names_no_more_than_so_many_files_each_by_a_short_glob(tmp_path):
    entry = '[[source]]\nfiles = "{}"\npublisher = "x"\narea = "E08000015"\n'
    (tmp_path / "sources.toml").write_text(entry.format("*.csv") * 2_001)
    with pytest.raises(DataRefused, match="2,001 .* the limit is 2,000"):
        take_in(tmp_path)
    (tmp_path / "sources.toml").write_text(entry.format("*a" * 200))
    with pytest.raises(DataRefused, match="400 characters; the limit is 300"):
        take_in(tmp_path)


# --- recognising ------------------------------------------------------------------------------------------------------


def test_the_headings_that_are_compared_with_those_missing_are_counted(monkeypatch):
    """Every row of a wide file once held a known heading: each other heading was then compared with each missing one."""
    compared = []
    monkeypatch.setattr(header, "_alike", lambda a, b: compared.append(1) or 0.0)
    cells_ = ("period", *(f"heading {i}" for i in range(500)))
    seen = recognise.Preview(kind="csv", sheets={",": (cells_,) * limits.ROWS_SEEN})
    recognise.nearest(seen, readers())
    most = max(len(c.keys) for one in CONTRACTS for c in one.columns if isinstance(one, contracts.Contract))
    assert len(compared) < 60 * 40 * limits.HEADINGS_COMPARED * most
