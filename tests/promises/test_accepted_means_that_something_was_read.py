"""Accepted means that something was read; what was read is kept under its own key; a quarantine has a size."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from commissioning import cli
from commissioning.errors import DataRefused
from commissioning.evidence import contract_reader, quarantine, shown, store
from commissioning.evidence.intake import take_in
from commissioning.presentation.sections import Reconciliation

ROOT = Path(__file__).resolve().parents[2]
OWN = "payee,department,paid_on,amount"
SOURCES = '[[source]]\nfiles = "*"\narea = "E08000015"\npublisher = "A council"\n'


def ledger(n: int = 3, day: str = "13/04/2014", amount: str = "10.00", who: str = "Supplier") -> str:
    return "\n".join([OWN, *(f"{who} {i},Adults,{day},{amount}" for i in range(n))]) + "\n"


def put(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def house(tmp_path, monkeypatch):
    for name in ("pilots", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "house" / name)
    put(tmp_path / "house" / "data" / "incoming", sources_toml=SOURCES)
    monkeypatch.chdir(tmp_path / "house")
    return tmp_path / "house" / "data" / "incoming"


def test_a_file_whose_every_row_is_set_aside_has_a_word_of_its_own(tmp_path):
    got = take_in(put(tmp_path, a_csv=ledger(4, day="05/12/24")))
    (one,) = got.files
    assert (one.status, one.loaded.rows_accepted, one.loaded.pence_quarantined) == ("nothing accepted", 0, 4_000)
    assert "paid_on: two-digit year (4 cells" in one.reason and "Supplier" not in one.reason
    assert list(got.tables) == []
    with pytest.raises(DataRefused, match="nothing was accepted"):
        got.raise_if_refused()


def test_the_exit_code_is_65_where_nothing_was_taken_and_0_where_something_was(house, capsys):
    put(house, a_csv=ledger(4, day="05/12/24"))
    assert cli.main(["check", "--data", "data/incoming"]) == 65
    said = capsys.readouterr()
    assert "nothing accepted a.csv" in said.out and "nothing was accepted" in said.err
    put(house, b_csv=ledger(2))
    assert cli.main(["check", "--data", "data/incoming"]) == 0


def test_causes_stand_before_cells_with_counts_and_without_a_word_of_a_row(house, capsys):
    put(house, a_csv=ledger(2) + "".join(f"Ann Person {i},Adults,tomorrow,x{i}\n" for i in range(300)))
    assert cli.main(["check", "--data", "data/incoming"]) == 0
    out = capsys.readouterr().out
    assert "paid_on: not a date, 300 cells" in out and "amount: not an amount, 300 cells" in out
    assert out.index("300 cells") < out.index("the first 10 of 600") and "Ann" not in out
    assert len(out[: out.index(" can be evaluated")]) < 2_000  # what can be evaluated, by name, stands after it
    assert cli.main(["check", "--data", "data/incoming", "--json"]) == 0
    causes = json.loads(capsys.readouterr().out)["causes"]
    assert {(c["column"], c["code"], c["count"]) for c in causes} == {
        ("paid_on", "not a date", 300),
        ("amount", "not an amount", 300),
    }


def test_the_account_is_by_table_and_kind_of_money(tmp_path):
    budget = "year,service,amount\n2014-15,Adults,500.00\n"
    put(tmp_path, a_csv=ledger(2), b_csv=ledger(3, who="Other"), c_csv=budget)
    got = take_in(tmp_path)
    tables = {t["table"]: t for t in got.as_json()["tables"]}
    assert (tables["payments"]["pence_in"], tables["payments"]["files"]) == (5_000, 2)
    assert tables["budget"]["pence_in"] == 50_000
    assert tables["payments"]["money"] != tables["budget"]["money"]
    files = [{**f.as_json(), **f.account()} for f in got.files]
    html = Reconciliation(shown.account(files, {}, secret=b"").files).html
    assert "£20" in html and "£30" in html and "£500" in html and "£550" not in html


def test_a_file_replaced_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = put(tmp_path, a_csv=ledger(3)) / "a.csv"
    real = contract_reader.ContractReader.read

    def replaced(self, extract, source, progress=None):
        found = real(self, extract, source, progress)
        path.write_text(ledger(3).replace("10.00", "99.00"))  # as many bytes
        return found

    monkeypatch.setattr(contract_reader.ContractReader, "read", replaced)
    (one,) = take_in(tmp_path).files
    assert (one.status, one.code) == ("refused", "changed")


def with_shared_text(rows: int, text: str) -> bytes:
    """A workbook of one sheet whose every row holds the same long text, which the file holds once, as Excel writes it."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    words = [*OWN.split(","), text, "Adults", "no day", "no amount"]
    shared = "".join(f"<si><t>{word}</t></si>" for word in words)
    lines = [range(4), *[range(4, 8)] * rows]
    cells = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{"ABCD"[at]}{r}" t="s"><v>{n}</v></c>' for at, n in enumerate(line))
        + "</row>"
        for r, line in enumerate(lines, start=1)
    )
    parts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    named = (
        b'<Override PartName="/xl/sharedStrings.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            part = parts[name].encode() if name in parts else old.read(name)
            new.writestr(name, part.replace(b"</Types>", named + b"</Types>"))
    return out.getvalue()


def test_a_small_workbook_cannot_make_a_large_quarantine(tmp_path):
    body = with_shared_text(3_000, "A" * 30_000)
    assert len(body) < 300_000
    got = take_in(put(tmp_path / "data", a_xlsx=body))
    kept = store.write_quarantine(got, tmp_path / "kept")
    assert got.files[0].loaded.rows_quarantined == 3_000
    assert got.files[0].as_json()["quarantine_codes"] == {"not a date": 3_000, "not an amount": 3_000}
    assert kept.stat().st_size < 2 * quarantine.KEPT_CHARACTERS
    assert "more were set aside and counted" in kept.read_text(encoding="utf-8-sig")


def test_the_count_is_exact_beyond_what_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(quarantine, "KEPT", 10)
    got = take_in(put(tmp_path, a_csv=ledger(2) + "A,B,x,y\n" * 50)).files[0]
    assert len(got.loaded.quarantine) == 10 and got.loaded.rows_quarantined == 50
    assert sum(got.as_json()["quarantine_codes"].values()) == 100


def test_memory_that_is_not_there_is_named_in_one_line(tmp_path, monkeypatch):
    def none(*_, **__):
        raise MemoryError

    monkeypatch.setattr(contract_reader.ContractReader, "read", none)
    (one,) = take_in(put(tmp_path, a_csv=ledger())).files
    assert (one.status, one.code) == ("refused", "memory") and "more memory than there is" in one.reason


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of addresses there")
@pytest.mark.parametrize("words", [["check"], ["run", "vcf_funding", "--out", "out"]])
def test_a_low_limit_of_memory_is_said_at_once_and_nothing_hangs(house, words):
    put(house, a_csv=ledger())
    limit = 400_000_000
    done = subprocess.run(
        [sys.executable, "-m", "commissioning.cli", *words, "--data", "data/incoming"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT / "lib")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == 1 and "there is not enough memory" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_another_holds_whole_is_in_no_sum(tmp_path):
    put(tmp_path, a_csv=ledger(3), b_csv=ledger(3), c_csv=ledger(3) + "\n")
    got = take_in(tmp_path)
    assert [f.status for f in got.files] == ["accepted", "left aside", "left aside"]
    assert all("counted once, from there" in f.reason for f in got.files[1:])
    (table,) = got.as_json()["tables"]
    assert (table["files"], table["rows_in"], table["pence_in"]) == (1, 3, 3_000)
    assert len(got.tables["payments"]) == 3
