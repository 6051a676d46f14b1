"""Evidence at rest, and the templates that councils fill in."""

from __future__ import annotations

import json
import os
import shutil
from csv import reader as csv_reader

import pandas as pd
import pytest
from evidence_kit import OWN, PACKAGES, csv, package

from commissioning.errors import CannotWrite, DataRefused, UsageError
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


def test_evidence_reads_back_as_it_was_taken_in(tmp_path, folder):
    kept = store.open_or_take_in(folder, tmp_path / "evidence")
    for name, frame in take_in(folder).tables.items():
        back = kept.read(name)
        order = ["source_file", "source_row"]
        pd.testing.assert_frame_equal(
            back.sort_values(order, ignore_index=True), frame.sort_values(order, ignore_index=True)
        )


def test_reading_touches_only_the_periods_and_columns_asked_for(tmp_path, folder):
    kept = store.open_or_take_in(folder, tmp_path / "evidence")
    assert kept.periods("packages") == tuple(f"2014-15 Q{q}" for q in (1, 2, 3, 4))
    for part in kept.record["tables"]["packages"]["parts"]:
        if part["period"] != "2014-15 Q2":
            (kept.folder / part["file"]).write_bytes(b"gone")
    got = kept.read("packages", ["person_id", "weekly_cost_pence"], ["2014-15 Q2"])
    assert list(got.columns) == ["person_id", "weekly_cost_pence"]
    assert len(got) == 3
    assert kept.read("packages", periods=[]).empty
    with pytest.raises(store.Damaged):
        kept.read("packages", periods=["2014-15 Q1"])
    with pytest.raises(KeyError):
        kept.read("packages", ["name"])


def test_only_the_owner_may_read_evidence(tmp_path, folder):
    before = os.umask(0)
    try:
        kept = store.open_or_take_in(folder, tmp_path / "evidence")
    finally:
        os.umask(before)
    for path in (tmp_path / "evidence").rglob("*"):
        assert (path.stat().st_mode & 0o777) == (0o700 if path.is_dir() else 0o600)
    assert (kept.folder / "quarantine.csv").exists()


def test_the_intake_record_names_hashes_rows_pence_and_contract(tmp_path, folder):
    record = store.open_or_take_in(folder, tmp_path / "evidence").record
    entry = next(f for f in record["files"] if f["file"] == "packages.csv")
    assert len(entry["sha256"]) == 64
    assert (entry["rows_accepted"], entry["rows_quarantined"], entry["pence_in"]) == (12, 1, 120000)
    assert "version 1" in entry["contract"]


def test_a_formula_in_the_quarantine_file_is_inert(tmp_path, folder):
    (folder / "packages.csv").write_text(csv(PACKAGES, [package(1), "=cmd(),x"] + [package(2)]))
    kept = store.open_or_take_in(folder, tmp_path / "evidence")
    held = (kept.folder / "quarantine.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd()" in held
    heads, row = csv_reader(held.splitlines())
    assert heads == ["file", "where", "column", "code", "reason", "raw"]
    assert row[:4] == ["packages.csv", "3", "period", "too few cells"] and row[5] == "'=cmd(),x"


def test_stored_evidence_is_used_again_and_any_change_is_a_miss(tmp_path, folder):
    root = tmp_path / "evidence"
    first = store.open_or_take_in(folder, root)
    assert store.open_or_take_in(folder, root).folder == first.folder
    (folder / "sources.toml").write_text('[[source]]\nfiles = "*"\npublisher = "X"\n')
    assert store.open_or_take_in(folder, root).folder != first.folder
    assert store.open_or_take_in(folder, root, area=None, wanted_tables=["payments"]).tables == ("payments",)


def test_a_part_cut_anywhere_is_a_miss_and_is_built_again(tmp_path, folder):
    root = tmp_path / "evidence"
    kept = store.open_or_take_in(folder, root)
    name = kept.folder.name
    for path in (kept.folder / store.RECORD, kept.folder / kept.record["tables"]["payments"]["parts"][0]["file"]):
        whole = path.read_bytes()
        for cut in (*range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1):
            path.write_bytes(whole[:cut])
            with pytest.raises(store.Damaged):
                store.open_stored(root, name)
        path.write_bytes(whole)
        store.open_stored(root, name)
    shutil.rmtree(kept.folder / "payments")
    again = store.open_or_take_in(folder, root)
    assert len(again.read("payments")) == 2


def test_a_refused_folder_leaves_nothing_behind(tmp_path, folder):
    (folder / "bad.csv").write_bytes(b"")
    with pytest.raises(DataRefused):
        store.open_or_take_in(folder, tmp_path / "evidence")
    assert not (tmp_path / "evidence").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path, folder):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="cannot be written"):
        store.open_or_take_in(folder, tmp_path / "file")


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


def test_a_record_that_was_changed_is_damaged_though_it_still_reads(tmp_path, folder):
    kept = store.open_or_take_in(folder, tmp_path / "evidence")
    path = kept.folder / store.RECORD
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"illustrative": True}))
    with pytest.raises(store.Damaged, match="damaged"):
        store.open_stored(tmp_path / "evidence", kept.folder.name)


def test_evidence_that_a_full_disk_stops_leaves_nothing_behind_and_says_so(tmp_path, folder, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_private", full)
    with pytest.raises(CannotWrite, match="No space left"):
        store.open_or_take_in(folder, tmp_path / "evidence")
    assert list((tmp_path / "evidence").iterdir()) == []


def test_a_table_without_a_period_is_kept_whole(tmp_path):
    templates.write(tmp_path / "data", ["starts"])
    kept = store.open_or_take_in(tmp_path / "data", tmp_path / "evidence")
    assert kept.periods("starts") == (store.NO_PERIOD,)
    assert len(kept.read("starts")) == 1
