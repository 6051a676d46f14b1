"""Faults that the catalogue does not list: full disks in mid-publish, damaged records, clocks, inputs that change."""

from __future__ import annotations

import errno
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import light
import pytest

from commissioning import pilot as pilots
from commissioning.cli import main
from commissioning.errors import CannotWrite, UsageError
from commissioning.runs import batch, publish, record

ROOT = Path(__file__).resolve().parents[2]


def served(house) -> dict[str, bytes]:
    return house.published()


@pytest.fixture
def made(house):
    """A house with one published run of light reports."""
    house.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
    assert light.batch(house, pool=light.QuickPool()).exit_code == 0
    return house


def changed(house) -> None:
    with (house.data / "people.csv").open("a") as more:
        more.write("3,yes\n")


@pytest.mark.parametrize("place", range(1, 9))
def test_a_disk_that_fills_in_mid_publish_keeps_the_site_and_leaves_nothing(made, monkeypatch, place):
    """The first file that cannot be placed, the second, …: one line, the old site or the new, no stage folder."""
    before = served(made)
    changed(made)
    calls = iter(range(1, 1000))
    for name in ("_place", "write_synced"):
        real = getattr(publish, name)

        def full(*given, real=real, **more):
            if next(calls) >= place:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*given, **more)

        monkeypatch.setattr(publish, name, full)
    try:
        outcome = light.batch(made, pool=light.QuickPool())
    except CannotWrite as error:
        assert "\n" not in str(error) and "the last good site is still served: the disk is full" in str(error)
        assert served(made) == before
    else:
        assert outcome.exit_code == 0 and place > 2
    monkeypatch.undo()
    assert not list((made.out / "staging").glob("*")) if (made.out / "staging").is_dir() else True
    assert light.batch(made, pool=light.QuickPool()).exit_code == 0, "the next run succeeds"
    assert served(made) != before


@pytest.mark.parametrize("damage", ["cut", "empty", "a folder", "a list"])
def test_a_damaged_record_of_the_run_before_stops_nothing(made, damage):
    path = made.out / record.RECORD
    text = path.read_text()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
        (path / "something").write_text("x")
    else:
        path.write_text({"cut": text[: len(text) // 2], "empty": "", "a list": "[1, 2]"}[damage])
    changed(made)
    before = served(made)
    if damage == "a folder":  # nobody but a person put it there: it is named and left alone
        with pytest.raises(CannotWrite, match=r"record\.json"):
            light.batch(made, pool=light.QuickPool())
        shutil.rmtree(path)
        assert served(made).keys() == before.keys()
        changed(made)
    outcome = light.batch(made, pool=light.QuickPool())
    assert outcome.exit_code == 0 and made.record["outcome"] == "done"


def test_a_folder_of_versions_that_is_a_file_is_named_and_nothing_is_published(made):
    index = (made.out / "index.html").read_bytes()
    kept = made.out / "versions"
    kept.rename(made.out / "elsewhere")
    kept.write_text("not a folder")
    changed(made)
    with pytest.raises(CannotWrite) as raised:
        light.batch(made, pool=light.QuickPool())
    assert "\n" not in str(raised.value)
    assert (made.out / "index.html").read_bytes() == index


@pytest.mark.parametrize("years", [-40, 200])
def test_a_clock_far_away_changes_no_name_no_period_and_no_page(made, monkeypatch, years):
    before = served(made)

    class Elsewhere(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone or UTC) + timedelta(days=365 * years)

    monkeypatch.setattr(batch, "datetime", Elsewhere)
    outcome = light.batch(made, pool=light.QuickPool())
    assert [one.outcome for one in outcome.record.reports] == ["unchanged"] * len(outcome.record.reports)
    assert outcome.record.seconds >= 0 and served(made) == before
    changed(made)
    outcome = light.batch(made, pool=light.QuickPool())
    assert outcome.exit_code == 0 and {one.outcome for one in outcome.record.reports} == {"executed"}
    monkeypatch.undo()
    assert light.batch(made, pool=light.QuickPool()).exit_code == 0


def test_an_extract_that_changes_while_its_study_is_prepared_is_seen_by_the_next_run(made):
    """The study is kept under the hash of what was there before it was read: the next run prepares it again."""

    class Meddling(light.QuickPool):
        def send(self, name, message):
            if message["do"] == "prepare":
                changed(made)
            super().send(name, message)

    changed(made)
    assert light.batch(made, pool=Meddling()).exit_code == 0
    again = light.batch(made, pool=light.QuickPool())
    assert {one.prepared for one in again.record.studies} == {"now"}
    last = light.batch(made, pool=light.QuickPool())
    assert {one.outcome for one in last.record.reports} == {"unchanged"}


@pytest.mark.parametrize("text", ['{"sha256": 3}', "[]", "null", '"x"', "", "{"])
def test_a_manifest_that_is_something_else_means_never_made(made, text):
    version = publish.current_version(made.out)
    manifest = made.out / "versions" / str(version) / publish.MANIFEST
    manifest.chmod(0o644)
    manifest.write_text(text)
    outcome = light.batch(made, pool=light.QuickPool())
    assert outcome.exit_code == 0 and {one.outcome for one in outcome.record.reports} == {"executed"}
    assert json.loads((made.out / record.RECORD).read_text())["outcome"] == "done"


HOSTILE = {
    "--period=2014-15; rm": 2,
    "--period=../2014-15": 2,
    "--area=../x": 2,
    "--area=E08000015\n": 2,
    "--level=provider=<script>alert(1)</script>": 2,
    "--level=ward=": 2,
    "--level=ward=Alderby\n": 2,
    "--period=2014-15\n": 2,
    "--workers=0": 2,
    "--workers=-1": 2,
    "--workers=10000": 2,
    "--workers=1e3": 2,
    "--out=/": 73,
    "--out=data/reports": 73,
    "--out=data": 73,
    "--out=.": 73,
    "--data=/dev/null": 65,
    "--cluster=file:///etc/passwd": 2,
    "../x": 2,
    "vcf_funding/../vcf_funding": 2,
    "": 2,
}


@pytest.mark.parametrize("given", sorted(HOSTILE))
def test_a_hostile_argument_is_one_clear_line_and_nothing_starts(given, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    # In a fresh checkout another test may make these two meanwhile; this one is refused before it makes anything.
    of_any_run = {"evidence", "results"}
    before = {one.name for one in (ROOT / "data").iterdir()} | of_any_run
    assert main(["run", given]) == HOSTILE[given]
    told = capsys.readouterr()
    lines = told.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("commissioning: "), told.err
    assert "Traceback" not in told.err and "fault of the program" not in told.err
    assert {one.name for one in (ROOT / "data").iterdir()} | of_any_run == before


@pytest.mark.parametrize(
    "body",
    [
        b'tables = "grants"', b"tables = [1, 2]", b"measures = 7", b"area = 12", b"\xff\xfe", b"floors = 3", b"[gates]\nx = 1",
        b"[[floors]]\nmeasure = 1", b"title = [", b'name = "another"', b'surprise = "x"', None,
    ],
)  # fmt: skip
def test_a_pilot_file_of_wrong_types_is_refused_by_file_and_field(tmp_path, body):
    folder = tmp_path / "pilots" / "vcf_funding"
    folder.mkdir(parents=True)
    file = folder / "pilot.toml"
    if body is None:
        file.mkdir()
    else:
        file.write_bytes(body)
    with pytest.raises(UsageError, match=r"pilots/vcf_funding/pilot\.toml") as raised:
        pilots.load("vcf_funding", tmp_path)
    assert "\n" not in str(raised.value)
