"""Opening own extracts by hand keeps one copy a content, found again by the next opening, and cleared by one command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import commissioning as cm
from commissioning import pilot as pilots
from commissioning.cli import main
from commissioning.errors import DataRefused
from commissioning.study import by_hand, copies, prepare, prepared

ROOT = Path(__file__).resolve().parents[2]
SOURCES = """
[[source]]
files = "*.csv"
publisher = "A council"
area = "E08000015"
public = false
licence = "none"
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A checkout of its own with one pilot, and a folder of extracts that are not the sample's: a line of the sample's is gone."""
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(ROOT / "pilots" / "vcf_funding", tmp_path / "pilots" / "vcf_funding")
    data = tmp_path / "data" / "incoming" / "mine"
    data.mkdir(parents=True)
    lines = (
        (ROOT / "data" / "sample" / "vcf_funding" / "grants.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    )
    (data / "grants.csv").write_text("".join(lines[:40]), encoding="utf-8")
    (data / "sources.toml").write_text(SOURCES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    for name in by_hand.RUN:
        monkeypatch.delenv(name, raising=False)
    return data


def opened():
    return cm.open("vcf_funding", data="data/incoming/mine").prepared.path


def test_the_same_content_is_one_copy_and_another_content_another(own, monkeypatch, capsys):
    first = opened()
    made = []
    prepared_by = prepare.prepare
    monkeypatch.setattr(prepare, "prepare", lambda *words, **named: made.append(1) or prepared_by(*words, **named))
    assert opened() == first and not made, "found again: nothing is prepared twice"
    assert [one.name for one in copies.home().iterdir()] == [first.name]
    assert first.stat().st_mode & 0o077 == 0, "for its owner alone"

    grants = own / "grants.csv"
    whole = grants.read_text(encoding="utf-8")
    grants.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    second = opened()
    assert second != first and made == [1], "another content"
    grants.write_text(whole, encoding="utf-8")
    assert opened() == first and made == [1], "as it was before"

    assert main(["prune"]) == 2 and "--opened" in capsys.readouterr().err
    assert main(["prune", "--opened"]) == 0
    assert "2 copies of opened extracts deleted" in capsys.readouterr().out and not list(copies.home().iterdir())
    assert not copies.clear()[0], "none is left"


def test_what_a_copy_rests_on_besides_the_extracts_makes_another(own, monkeypatch):
    made = []

    def light(pilot, data, *, area, folder):  # what is asked here is when it is called
        folder.mkdir()
        (folder / prepared.RECORD).write_text(f'{{"made": {len(made)}}}')
        made.append(folder)

    monkeypatch.setattr(prepare, "prepare", light)
    pilot, data = pilots.load("vcf_funding"), Path("data/incoming/mine")
    first = copies.opened(pilot, data, "").path
    assert copies.opened(pilot, data, "").path == first and len(made) == 1
    monkeypatch.setattr(copies, "_has_come", lambda folder: len(made) == 1)
    assert copies.opened(pilot, data, "").path == first and len(made) == 2, "a row that had not come has come since"
    file = Path("pilots/vcf_funding/pilot.toml")
    file.write_text(file.read_text(encoding="utf-8") + "\n# read again\n", encoding="utf-8")
    assert copies.opened(pilot, data, "").path != first, "the pilot's own file is another"
    assert copies.opened(pilot, data, "E08000001").path != first, "another area"


def test_extracts_that_are_refused_leave_no_copy_behind(own):
    (own / "grants.csv").write_bytes(b"\xff\xfe\x00 nonsense")
    with pytest.raises(DataRefused):
        opened()
    assert not [one for one in copies.home().glob("*") if one.is_dir()]
