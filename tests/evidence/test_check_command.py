"""`commissioning check`: its exit codes, its reconciliation, and where the quarantine lies."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
from pathlib import Path

import pytest
from evidence_kit import OWN, csv, pay

from commissioning import cli
from commissioning.runs.progress import Counting

ROOT = Path(__file__).resolve().parents[2]
SOURCES = '[[source]]\nfiles = "*"\narea = "E08000015"\npublisher = "A council"\n'


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A checkout of its own, so that nothing is written into this one."""
    for name in ("pilots", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "house" / name)
    data = tmp_path / "house" / "data" / "incoming"
    data.mkdir(parents=True)
    (data / "sources.toml").write_text(SOURCES)
    monkeypatch.chdir(tmp_path / "house")
    return tmp_path / "house"


def check(*words: str) -> int:
    return cli.main(["check", "--data", "data/incoming", *words])


def put(house: Path, name: str, content: str | bytes) -> Path:
    path = house / "data" / "incoming" / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_whole_ledger_is_accepted_with_exit_code_0_and_every_penny(house, capsys):
    put(house, "pay.csv", csv(OWN, [*pay(3), "Total,,,30.00"]))
    assert check("--json") == 0
    said = capsys.readouterr()
    (entry,) = json.loads(said.out)["files"]
    assert (entry["rows_in"], entry["rows_accepted"], entry["rows_not_data"], entry["pence_in"]) == (4, 3, 1, 3_000)
    assert said.err == "" and not (house / "data" / "evidence").exists()


def test_the_reconciliation_is_printed_in_rows_pounds_and_pence(house, capsys):
    put(house, "pay.csv", csv(OWN, [*pay(3), "A,Adults,no day,5.25"]))
    assert check() == 0
    said = capsys.readouterr().out
    assert "rows: 4 in = 3 accepted + 1 quarantined + 0 not data" in said
    assert "money: £35.25 in = £30.00 accepted + £5.25 quarantined + £0.00 not data" in said


def test_the_quarantine_lies_where_only_its_owner_may_read_and_no_row_is_printed(house, capsys):
    put(house, "pay.csv", csv(OWN, [*pay(3), "=Zebedee Quillfeather,Adults,no day,5.25"]))
    before = os.umask(0)
    try:
        assert check("--json") == 0
    finally:
        os.umask(before)
    said = capsys.readouterr()
    kept = Path(said.err.strip().rpartition(" in ")[2])
    assert kept.is_relative_to(house / "data" / "evidence" / "quarantine")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    text = kept.read_text(encoding="utf-8-sig")
    assert (
        "\n'=Zebedee" not in text
        and ",\"'=Zebedee Quillfeather,Adults,no day,5.25" in text
        and "paid_on,not a date" in text
    )
    assert "Zebedee" not in said.out + said.err
    assert check("--json") == 0 and len(list(kept.parent.iterdir())) == 1


def test_a_quarantine_that_cannot_be_written_is_exit_code_73(house, capsys):
    put(house, "pay.csv", csv(OWN, [*pay(3), "A,Adults,no day,5.25"]))
    (house / "data" / "evidence").write_text("a file where the folder should be")
    assert check() == 73
    assert "the quarantine cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("pay.csv", b"", "empty file"),
        ("pay.csv", csv(OWN, []), "no rows"),
        ("pay.csv", b"<html>Login</html>", "web page"),
        ("pay.csv", csv(OWN, [*pay(3), "Total,,,31.00"]), "difference of £1.00"),
        ("other.csv", csv("a,b", ["1,2"]), "nothing in incoming was recognised"),
    ],
)
def test_data_that_are_refused_are_exit_code_65_and_one_plain_line(house, capsys, name, content, says):
    put(house, name, content)
    assert check("--json") == 65
    said = capsys.readouterr()
    assert says in said.err and said.err.count("\n") == 1 and "Traceback" not in said.err
    assert json.loads(said.out)["files"][0]["status"] in ("refused", "left aside")


def test_a_folder_that_is_missing_or_a_file_is_exit_code_65(house, capsys):
    shutil.rmtree(house / "data" / "incoming")
    assert check() == 65
    (house / "data" / "incoming").write_text("x")
    assert check() == 65
    assert capsys.readouterr().err.count("\n") == 2


def test_the_line_of_progress_says_rows_and_pounds_so_far_and_is_cleared():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    counting = Counting(stream=screen, every=0)
    counting.show("a.csv", 0.5, 1_000, 123_456)
    counting.show("a.csv", 1.0, 2_000, 250_000)
    counting.show("b.csv", 0.1, 5, 100)
    counting.clear()
    lines = screen.getvalue().split("\r")
    assert lines[1] == "[##########..........] 1,000 rows, £1,234.56 so far: a.csv"
    assert lines[3].startswith("[##..................] 2,005 rows, £2,501.00 so far: b.csv")
    assert lines[-1] == "" and lines[-2].strip() == ""
    quiet = io.StringIO()
    Counting(stream=quiet).show("a.csv", 1.0, 1, 1)
    assert quiet.getvalue() == ""


@pytest.mark.soak  # the same sums are held over the intake itself in `test_intake.py`
@pytest.mark.real_data
def test_the_real_data_are_accounted_for_by_the_command(house, capsys):
    data = ROOT.parent / "shared" / "data"
    if not data.exists():
        pytest.skip("the real public data (../shared/data) are not here")
    assert cli.main(["check", "--data", str(data), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert len(files) >= 18 and not [f for f in files if f["status"] == "refused"]
    for one in files:
        if one["status"] == "accepted":
            assert one["rows_in"] == one["rows_accepted"] + one["rows_quarantined"] + one["rows_not_data"], one["file"]
            if one["pence_in"] is not None:
                parts = one["pence_accepted"] + one["pence_quarantined"] + one["pence_not_data"]
                assert one["pence_in"] == parts, one["file"]
        else:
            assert one["reason"], one["file"]
