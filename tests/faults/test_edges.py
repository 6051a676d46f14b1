"""Faults at the edges of a run: the user's own files, unusual words, what may not be read, and who is told what."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import light
import pytest
from light import House, notebook

from commissioning import cli
from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.evidence import intake
from commissioning.runs import batch, commands, keys, lock, places, record, schedule, terminal
from commissioning.runs.log import Log
from commissioning.runs.plan import plan
from commissioning.runs.progress import Counting, Progress

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def found(tmp_path):
    """The places of a light house, made."""
    house = House(tmp_path / "house")
    made = places.locate(house.root, house.data, house.out)
    places.prepare_out(made)
    return made


# --- the user's own files -------------------------------------------------------------------------------------


def test_files_of_the_user_in_the_output_folder_are_left_alone(found):
    mine = (".backup-2024/precious.txt", ".cache-1/x", ".index.html-7/x", ".python-3.11", ".probe-2a", ".record.json-x")
    for name in (*mine, "versions/.trial-mine/x"):
        (found.out / name).parent.mkdir(exist_ok=True)
        (found.out / name).write_text("x")
    (found.out / ".record.json-9").symlink_to(found.out / ".python-3.11")
    ours = (".index.html-41", ".record.json-41", ".probe-41", "versions/.trial-41", ".staging/trial-41")
    for name in ours[:3]:
        (found.out / name).write_text("half")
    for name in ours[3:]:
        (found.out / name).mkdir()
    held = lock.SiteLock(found.out)
    held.clear_leftovers(found)
    held.close()
    assert all((found.out / name).read_text() == "x" for name in (*mine, ".record.json-9", "versions/.trial-mine/x"))
    assert not any((found.out / name).exists() for name in ours)


# --- unusual words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chosen",
    [{"levels": ("locality=\udcff",)}, {"periods": ("٢٠١٤-١٥",)}, {"extra": {"note": "\udcff"}}],
)
def test_a_plan_takes_no_text_that_could_not_be_written(tmp_path, chosen):
    house = House(tmp_path / "house")
    house.write("1_analyse", notebook("print(1)", stage="analyse"))
    with pytest.raises(UsageError):
        plan(house.root, house.pilots, illustrative=True, **chosen)
    with pytest.raises(UsageError):
        terminal.folder("x\udcff", tmp_path)


# --- where things lie -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "out", "says"),
    [
        ("www/incoming", "www", "lies inside the output folder"),
        ("extracts", "extracts/site", "lies inside the data folder"),
        ("extracts", "link/site", "lies inside the data folder"),
    ],
)
def test_extracts_and_site_do_not_lie_in_each_other(tmp_path, data, out, says):
    (tmp_path / data).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "extracts")
    made = places.locate(House(tmp_path / "house").root, tmp_path / data, tmp_path / out)
    with pytest.raises(CannotWrite, match=says):
        places.prepare_out(made)
    assert not made.versions.exists()


def test_records_of_runs_are_not_written_through_a_link_or_over_a_file(found, tmp_path):
    (found.out / "runs").symlink_to(tmp_path)
    with pytest.raises(CannotWrite, match=r"runs is a symbolic link"):
        places.prepare_out(found)
    (found.out / "runs").unlink()
    (found.out / "runs").write_text("x")
    with pytest.raises(CannotWrite, match=r"runs is a file"):
        places.prepare_out(found)


# --- what may not be read -------------------------------------------------------------------------------------


def test_a_folder_of_extracts_that_may_not_be_read_is_named_and_not_left_out(tmp_path, monkeypatch):
    for name in ("money/2014", ".hidden", "lost+found"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "money" / "2014" / "payments.csv").write_text("x\n")
    locked = {"2014", ".hidden", "lost+found"}
    access, scandir = os.access, os.scandir

    def refuse(path):
        if Path(path).name in locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name not in locked and access(path, mode))
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataRefused, match=r"folder money/2014 of the extracts may not be read"):
        places.check_data(tmp_path)
    with pytest.raises(DataRefused, match=r"folder money/2014 of the extracts cannot be read"):
        intake.walk(tmp_path)
    locked.remove("2014")
    places.check_data(tmp_path)
    assert [name for _, name in intake.walk(tmp_path)] == ["money/2014/payments.csv"]


def test_another_user_is_told_of_the_folder_that_only_its_owner_may_read(tmp_path):
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("only root may become another user")
    shared = Path(tempfile.mkdtemp(dir="/tmp"))  # the folders above tmp_path are closed to others
    try:
        (shared / "data" / "locked").mkdir(parents=True)
        shared.chmod(0o755)
        (shared / "data" / "locked").chmod(0)
        code = (
            "import os, sys; from pathlib import Path\n"
            "from commissioning.errors import DataRefused; from commissioning.evidence import intake\n"
            "from commissioning.runs import places\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "for what in (places.check_data, intake.walk):\n"
            "    try: what(Path(sys.argv[1]))\n"
            "    except DataRefused as error: print(error)\n"
        )
        said = subprocess.run(
            [sys.executable, "-c", code, str(shared / "data")], capture_output=True, text=True, check=True
        ).stdout
        assert said.count("folder locked of the extracts") == 2
    finally:
        shutil.rmtree(shared)


# --- what is said, and where it cannot be ---------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), ValueError("I/O operation on closed file")])
def test_a_run_whose_lines_cannot_be_written_publishes_all_the_same(tmp_path, monkeypatch, error):
    def refuse(*_):
        raise error

    house = House(tmp_path / "house")
    house.write("1_analyse", notebook("print(1)", stage="analyse"))
    monkeypatch.setattr(keys, "PACKAGE", house.root / "code")
    plans = plan(house.root, house.pilots, illustrative=True)
    made = places.locate(house.root, house.data, house.out)
    options = batch.Options(preload=(), **light.DOUBLES)
    full = SimpleNamespace(isatty=lambda: True, write=refuse, flush=refuse)
    shown = Progress(len(plans), stream=full)
    outcome = batch.run(made, plans, house.pilots, options, progress=shown, pool=light.QuickPool())
    shown.report("failed")
    Counting(stream=full).show("people.csv", 1, 2, 0)
    assert outcome.exit_code == 0 and house.record["outcome"] == "done" and house.published()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "log.jsonl").symlink_to("/dev/full")
    for path in (tmp_path / "log.jsonl", tmp_path, tmp_path / "not" / "there.jsonl"):
        Log(path, "run").write("started", reports=1)


SAID = """
import sys
from commissioning import cli
from commissioning.runs import commands
commands.run = lambda _: (cli.say("done"), cli.say("about it", error=True), 0)[-1]
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("words", "streams", "code"),
    [
        ("run", ">/dev/full 2>/dev/full", 0),
        ("run", ">&- 2>&-", 0),
        ("run --perod x", "2>/dev/full", 2),
        ("run --perod x", "2>&-", 2),
        ("schedule --every week", ">/dev/full", 73),
        ("schedule --every week", "| true", 0),
    ],
)
def test_the_exit_code_holds_where_nothing_can_be_said(words, streams, code, unbuffered):
    # What `schedule` prints is all that it makes; what a run prints is about what it made.
    line = f'set -o pipefail; "$0" -c "$1" {words} {streams}'
    ended = subprocess.run(
        ["bash", "-c", line, sys.executable, SAID], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert ended.returncode == code and ended.stdout == "" and "Traceback" not in ended.stderr
    if code == 73:
        assert "cannot write to standard output" in ended.stderr


@pytest.mark.parametrize(("ended", "said"), [("done", False), ("stopped", True)])
def test_a_run_that_had_published_when_the_signal_came_was_not_stopped(found, capsys, ended, said):
    ended_so = SimpleNamespace(reports=(), seconds=1.0, run="one", outcome=ended, version=None)
    outcome = batch.Outcome(exit_code=0, record=ended_so, lines=())
    commands._say(outcome, found, batch.Stop(name="SIGTERM"), SimpleNamespace(pdf=False))
    assert ("STOPPED by SIGTERM" in capsys.readouterr().err) is said


# --- schedules ------------------------------------------------------------------------------------------------


def test_two_schedules_have_units_of_their_own_and_a_run_that_hangs_is_ended(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    said = {}
    for words in ([], ["vcf_funding"], ["vcf_funding", "--period", "2014-15 Q2"]):
        assert cli.main(["schedule", "--every", "week", "--on-failure", "alarm", *words]) == 0
        said[len(words)] = capsys.readouterr().out
    for number, name in (
        (0, "commissioning"), (1, "commissioning-vcf_funding"), (3, "commissioning-vcf_funding-2014-15-q2"),
    ):  # fmt: skip
        text = said[number]
        files = re.findall(r"systemd/user/(\S+)", text)
        assert files == [f"{name}.service", f"{name}.timer", f"{name}-failed.service"]
        assert f"Unit={name}.service" in text and f"OnFailure={name}-failed.service" in text
        assert f"enable --now {name}.timer" in text
    hours, minutes = re.search(r"TimeoutStartSec=(\d+)h (\d+)min", said[0]).groups()
    assert batch.Options.run_timeout < int(hours) * 3600 + int(minutes) * 60 < batch.Options.run_timeout + 3600


def test_a_unit_of_many_pilots_has_a_name_that_a_file_can_have():
    names = {schedule.unit_name(tuple(f"pilot_{number}" for number in range(most)), "latest") for most in (100, 101)}
    assert len(names) == 2 and all(len(one) < 200 for one in names)


# --- what is said of earlier runs -----------------------------------------------------------------------------


def a_run(name, **fields):
    report = record.ReportRecord(
        id="alpha-own", pilot="alpha", stage="pilot", period="latest", area="", level="", parameters={},
        outcome=fields.pop("report", "executed"), published=True,
    )  # fmt: skip
    given = {
        "run": name, "started": "2026-01-05T05:30:00+00:00", "seconds": 1.0, "outcome": "done", "exit_code": 0,
        "engine": "warm", "workers": 1, "options": {}, "code_version": "1", "environment": {}, "version": "a",
        "version_before": "a", "studies": (), "reports": (report,), **fields,
    }  # fmt: skip
    return record.RunRecord(**given)


def test_two_runs_compared_say_how_each_ended_and_why():
    done = a_run("one")
    refused = a_run("two", outcome="refused", reports=(), refused=("people.csv: half-written", "money.csv: missing"))
    assert record.compare(done, refused) == [
        "outcome: done → refused",
        "run two was refused: people.csv: half-written",
        "run two was refused: money.csv: missing",
    ]
    assert record.compare(refused, refused) == ["nothing differs but the time"]
    stopped = a_run("three", outcome="stopped", report="stopped")
    assert record.compare(done, stopped) == ["outcome: done → stopped", "report alpha-own: executed → stopped"]


def test_of_runs_that_started_in_one_second_the_last_is_the_one_written_last(tmp_path):
    names = ["20260105T053000Z-ffff", "20260105T053000Z-0000", "20260105T053000Z-8888", "20260105T052959Z-aaaa"]
    for age, name in enumerate(names):
        path = tmp_path / record.RUNS / name / record.RECORD
        path.parent.mkdir(parents=True)
        path.write_text(record.write(a_run(name)))
        os.utime(path, (1000 + age, 1000 + age))
    assert [one.run for one in record.every(tmp_path)] == [names[3], *names[:3]]
    assert record.find(tmp_path, "last").run == names[2]
