"""The rows in quarantine at rest, and the templates that councils fill in."""

from __future__ import annotations

import os
from csv import reader as csv_reader

import pytest
from evidence_kit import OWN, PACKAGES, csv, package

from commissioning.errors import CannotWrite, UsageError
from commissioning.evidence import store, templates
from commissioning.evidence.intake import take_in
from commissioning.evidence.tables import CONTRACTS


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    rows = [package(i, period=f"2014-15 Q{i % 4 + 1}") for i in range(12)]
    (data / "packages.csv").write_text(csv(PACKAGES, [*rows, package(13, weekly_cost="=1")]))
    (data / "pay.csv").write_text(csv(OWN, ["A,Adults,13/04/2024,1.00", "A,Adults,13/04/2023,-2.00"]))
    return data


def test_only_the_owner_may_read_the_rows_in_quarantine(tmp_path, folder):
    before = os.umask(0)
    try:
        kept = store.write_quarantine(take_in(folder), tmp_path / "evidence" / "quarantine")
    finally:
        os.umask(before)
    assert kept.is_file()
    for path in (tmp_path / "evidence", *(tmp_path / "evidence").rglob("*")):
        assert (path.stat().st_mode & 0o777) == (0o700 if path.is_dir() else 0o600)


def test_the_intake_record_names_hashes_rows_pence_and_contract(folder):
    file = next(f for f in take_in(folder).files if f.file == "packages.csv")
    entry = file.as_json()
    assert len(file.sha256) == 64
    assert (entry["rows_accepted"], entry["rows_quarantined"], entry["pence_in"]) == (12, 1, 120000)
    assert "version 1" in file.contract


def test_a_formula_in_the_quarantine_file_is_inert(tmp_path, folder):
    (folder / "packages.csv").write_text(csv(PACKAGES, [package(1), "=cmd(),x"] + [package(2)]))
    held = store.write_quarantine(take_in(folder), tmp_path / "kept").read_text(encoding="utf-8-sig")
    assert "'=cmd()" in held
    heads, row = csv_reader(held.splitlines())
    assert heads == ["file", "where", "column", "code", "reason", "raw"]
    assert row[:4] == ["packages.csv", "3", "period", "too few cells"] and row[5] == "'=cmd(),x"


def test_a_folder_with_nothing_in_quarantine_leaves_nothing_behind(tmp_path, folder):
    (folder / "packages.csv").unlink()
    assert store.write_quarantine(take_in(folder), tmp_path / "kept") is None
    assert not (tmp_path / "kept").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path, folder):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="cannot be written"):
        store.write_quarantine(take_in(folder), tmp_path / "file")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_template_is_accepted_as_it_stands(tmp_path, kind):
    templates.write(tmp_path, [c.table for c in CONTRACTS], kind)
    taken = take_in(tmp_path)
    assert {f.table: f.status for f in taken.files} == {c.table: "accepted" for c in CONTRACTS}, [
        (f.file, f.reason, f.loaded and f.loaded.quarantine) for f in taken.files
    ]
    assert all(f.loaded.rows_accepted == f.loaded.rows_in == 1 for f in taken.files)


def test_templates_never_overwrite_and_unknown_ones_are_named(tmp_path):
    templates.write(tmp_path, ["people"])
    with pytest.raises(CannotWrite, match=r"people\.csv is there already"):
        templates.write(tmp_path, ["people"])
    with pytest.raises(UsageError, match="no template"):
        templates.write(tmp_path, ["poeple"])
    with pytest.raises(UsageError, match="csv or xlsx"):
        templates.write(tmp_path, ["people"], "ods")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite):
        templates.write(tmp_path / "file" / "below", ["people"])


def test_a_quarantine_that_a_full_disk_stops_leaves_nothing_behind_and_says_so(tmp_path, folder, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        store.write_quarantine(take_in(folder), tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
