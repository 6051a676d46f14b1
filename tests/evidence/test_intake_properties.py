"""The three invariants of intake on random tables, and the fast routes against the slow ones."""

from __future__ import annotations

import csv as csv_module
import io
import tempfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissioning.evidence import blocks, cells, columns, csv_reader, load
from commissioning.evidence import tables as contracts
from commissioning.evidence.cells import Context
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Column
from commissioning.evidence.extract import open_extract
from commissioning.evidence.loaded import Loaded, Source

SLOW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
HEADER = ["payee", "department", "paid_on", "amount"]

good = st.tuples(
    st.sampled_from(["Acme Ltd", "O'Neill, Sons", 'The "Hub"', "Two\nlines", "Café", "NA", "Null"]),
    st.sampled_from(["Adults", "Children", ""]),
    st.sampled_from(["13/04/2024", "2024-04-13", "3 April 2024"]),
    st.integers(-(10**7), 10**7),
)
bad = st.sampled_from(
    [
        ["A", "B", "31/02/2024", "1.00"],
        ["A", "B", "13/04/2024", "1.234,50"],
        ["A", "B", "13/04/2024", ""],
        ["A\x01", "B", "13/04/2024", "5.00"],
        ["A", "B", "13/04/2024"],
        ["A", "B", "13/04/2024", "1.00", "extra"],
    ]
)
blank = st.sampled_from([["", "", "", ""], []])


@st.composite
def tables(draw):
    """Rows in any order, with the pence that each good one holds; ends in a good row, as whole files do."""
    rows = draw(st.lists(st.one_of(good, good, good, good, bad, blank), max_size=30))
    return [*draw(st.lists(good, min_size=8, max_size=8)), *rows, draw(good)]


def pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def as_cells(row):
    return [*row[:3], pounds(row[3])] if isinstance(row, tuple) else row


def as_text(rows, end: str = "\n") -> str:
    out = io.StringIO()
    writer = csv_module.writer(out, lineterminator=end)
    writer.writerows([HEADER, *rows])
    return out.getvalue()


def read(text: str) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(text.encode())
        return ContractReader(contract=contracts.of("payments")).read(open_extract(path), Source())


def readable_pence(rows) -> int:
    """A naive second route: every amount that is plainly a number and stands where the header says, of rows too wide as well."""
    total = Decimal(0)
    for row in map(as_cells, rows):
        if len(row) >= 4 and row[3] and "," not in row[3]:
            total += Decimal(row[3]) * 100
    return int(total)


@SLOW
@given(tables())
def test_rows_in_are_accepted_quarantined_and_not_data(rows):
    got = read(as_text(map(as_cells, rows)))
    assert got.rows_in == len(rows) == got.rows_accepted + got.rows_quarantined + got.rows_not_data
    assert got.rows_accepted == len(got.frame) == sum(isinstance(r, tuple) for r in rows)
    assert got.rows_not_data == sum(not any(r) for r in rows if not isinstance(r, tuple))
    assert got.rows_quarantined == got.quarantine["where"].nunique()


@SLOW
@given(tables())
def test_pence_in_are_the_same_three_and_equal_a_trailing_total(rows):
    total = readable_pence(rows)
    plain = read(as_text(map(as_cells, rows)))
    assert plain.pence_in == total == plain.pence_accepted + plain.pence_quarantined + plain.pence_not_data
    assert plain.pence_accepted == sum(r[3] for r in rows if isinstance(r, tuple))
    totalled = read(as_text([*map(as_cells, rows), ["Total", "", "", pounds(total)]]))
    assert (totalled.pence_in, totalled.control_totals) == (total, (("Total", total),))


@SLOW
@given(tables(), st.sampled_from(["\n", "\r\n"]))
def test_accepted_and_quarantined_rows_rebuild_the_original_text(rows, end):
    text = as_text(map(as_cells, rows), end)
    records = list(csv_reader.records(io.StringIO(text, newline=""), ",", "x"))
    assert "".join(r.raw for r in records) == text
    got = read(text)
    raw = {r.where: r.raw for r in records}
    aside = dict(zip(got.quarantine["where"], got.quarantine["raw"], strict=True))
    assert all(raw[where] == text for where, text in aside.items())
    fates = [*got.frame["source_row"], *aside, *got.not_data]
    assert sorted(fates, key=int) == [r.where for r in records[1:]]
    by_row = got.frame.set_index("source_row")
    for record in records[1:]:
        if record.where in by_row.index:
            row = by_row.loc[record.where]
            assert (row["payee"], pounds(row["amount_pence"])) == (record.cells[0], record.cells[3])


texts = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[ -~]{0,14}", fullmatch=True),
    st.from_regex(r"-?£?[0-9]{1,13}(\.[0-9]{0,3})?", fullmatch=True),
    st.from_regex(r"[0-9']{1,20}(E\+?[0-9]{1,3})?", fullmatch=True),
)


@SLOW
@given(st.lists(texts, min_size=1, max_size=40), st.sampled_from(["text", "id", "money", "int"]))
def test_the_vectorised_route_gives_each_cell_what_the_plain_one_does(some, holds):
    some = [t for t in some if not any("\ud800" <= c <= "\udfff" for c in t)] or ["1"]
    column = Column(name="x", holds=holds, says="", missing={"": "unknown", "na": "suppressed"}, upper=10_000_000)
    many = some * (1 + 256 // len(some))
    got = columns.parse(column, pa.array(many, pa.string()), Context())
    values = got.values.to_pylist()
    for i, text in enumerate(many):
        cell = cells.parse(column, text, Context())
        expected = cell.status if cell.value is None and not cell.code and holds == "text" else cell.value
        assert values[i] == expected, text
        assert (got.faults[i].code if i in got.faults else "") == cell.code, text


@SLOW
@given(tables(), st.integers(20, 200), st.booleans())
def test_a_file_read_in_blocks_gives_what_it_gives_whole(rows, size, quoted):
    rows = list(map(as_cells, rows))
    if not quoted:
        rows = [[c.replace("\n", " ").replace('"', "").replace(",", " ") for c in r] for r in rows]
    text = as_text(rows)
    before = blocks.BLOCK
    whole = read(text)
    original = blocks.Blocks.__init__

    def small(self, path, encoding, block=size):
        original(self, path, encoding, block)

    blocks.Blocks.__init__ = small
    try:
        cut = read(text)
    finally:
        blocks.Blocks.__init__ = original
    assert before == blocks.BLOCK
    assert cut.frame.equals(whole.frame)
    assert cut.quarantine[["where", "code"]].equals(whole.quarantine[["where", "code"]])
    assert (cut.not_data, cut.pence_in, cut.notes) == (whole.not_data, whole.pence_in, whole.notes)


def test_a_large_ledger_is_kept_on_disk_and_reads_back_the_same(tmp_path, monkeypatch):
    rows = [[f"S{i % 7}", "Adults", "13/04/2024", pounds(i % 50)] for i in range(700)] + [["A", "B", "31/02/2024", "1"]]
    text = as_text([*rows, ["A", "B", "13/04/2024", "1"]])
    whole = read(text)
    monkeypatch.setattr(load, "SPILL_BYTES", 100)
    (tmp_path / "x.csv").write_text(text)
    seen = []
    reader = ContractReader(contract=contracts.of("payments"))
    got = reader.read(open_extract(tmp_path / "x.csv"), Source(), lambda *said: seen.append(said))
    assert got.frame.empty and got.spill is not None
    assert got.spill.read().equals(whole.frame)
    assert (got.rows_in, got.pence_in, got.notes) == (whole.rows_in, whole.pence_in, whole.notes)
    assert any("exact duplicates" in n for n in got.notes)
    assert seen[-1][0] == pytest.approx(1.0)
    assert got.spill.path.stat().st_mode & 0o777 == 0o600

    from commissioning.evidence.intake import take_in

    (tmp_path / "copy.csv").write_text(text)
    taken = take_in(tmp_path)
    assert len(taken.tables["payments"]) == 701
    assert any("byte for byte" in f.reason for f in taken.files)
    assert taken.as_json()["files"][0]["rows_in"] == 702
    assert take_in(tmp_path, area="E08000015").files[0].status == "left aside"

    (tmp_path / "other.csv").write_text(as_text([["C", "Adults", "13/04/2024", pounds(i)] for i in range(40)]))
    assert len(take_in(tmp_path).tables["payments"]) == 741, "another large ledger counts beside the first"
