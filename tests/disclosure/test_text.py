"""Cells that no spreadsheet runs, and markers that show a leak."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.disclosure.text import Markers, find, plant
from commissioning.spreadsheet import inert


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+44 151 666", "-A1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "\ufeff=1", "＝1", "|cmd", "--1", "-", "-1e5x", "=-4", "+4", "-1,234.56", "-12%", "+0%"],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_made_inert(cell):
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-4", "-4.5", "4", "", "a=b", "Wirral", "12-13", "'=1"])
def test_numbers_and_plain_words_stay_as_they_are(cell):
    assert inert(cell) == cell


@pytest.mark.parametrize("cell", [-4, -4.5, None, True])
def test_what_is_no_text_stays_what_it_is(cell):
    assert inert(cell) is cell


@given(st.text())
def test_no_text_begins_as_a_formula_afterwards_unless_it_is_a_number(cell):
    out = inert(cell)
    assert out in (cell, "'" + cell)
    if out[:1] in ("=", "+", "@", "\t", "\r"):
        pytest.fail(f"{out!r} would run")
    if out[:1] == "-":
        float(out)


@given(st.text())
def test_making_a_cell_inert_twice_changes_nothing_more(cell):
    assert inert(inert(cell)) == inert(cell)


@pytest.fixture
def people():
    return pd.DataFrame(
        {
            "person_id": [f"P{i}" for i in range(30)],
            "age": range(30),
            "hours": [1.5] * 30,
            "tiny": pd.array([1] * 30, dtype="int8"),
            "missing_allowed": pd.array([1] * 30, dtype="Int64"),
            "at_home": [True] * 30,
            "due_on": pd.to_datetime(["2014-04-01"] * 30),
            "employment": pd.Categorical(["unknown"] * 30),
        }
    )


def test_every_text_and_number_column_gets_a_marker(people):
    planted, markers = plant(people, seed=1)
    columns = set(markers.all.values())
    assert columns == {"person_id", "age", "hours", "missing_allowed", "employment"}
    assert len(markers.texts) == 2 * 2
    for marker, column in markers.all.items():
        assert planted[column].map(str).str.contains(marker).sum() == 1, column


def test_each_text_column_gets_a_name_and_an_nhs_number(people):
    _, markers = plant(people[["person_id"]], seed=1)
    nhs, name = sorted(markers.texts)
    assert nhs.isdigit()
    assert len(nhs) == 10
    assert name.startswith("Zebedee Quillfeather")


def test_planting_leaves_the_frame_given_as_it_was(people):
    before = people.copy()
    plant(people, seed=1)
    pd.testing.assert_frame_equal(people, before)


def test_the_same_seed_gives_the_same_markers_and_another_seed_others(people):
    assert plant(people, seed=1)[1] == plant(people, seed=1)[1]
    assert set(plant(people, seed=1)[1].all).isdisjoint(plant(people, seed=2)[1].all)


def test_rows_and_columns_stay_in_number(people):
    planted, _ = plant(people, seed=3)
    assert planted.shape == people.shape
    assert list(planted.columns) == list(people.columns)


def test_a_frame_without_rows_cannot_be_planted():
    with pytest.raises(ValueError, match="no rows to plant"):
        plant(pd.DataFrame({"a": []}), seed=1)


MARKERS = Markers(texts={"Zebedee Quillfeather12345": "name", "9991234567": "nhs"}, numbers={"712345678": "cost"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing here", []),
        ("row of Zebedee Quillfeather12345", ["text: name"]),
        ("999 123 4567", ["text: nhs"]),
        ("9991234567", ["text: nhs"]),
        ("£712,345,678", ["text: cost"]),
        ("712345678 and 9991234567", ["text: cost", "text: nhs"]),
        ("712345678 twice 712345678", ["text: cost"]),
    ],
)
def test_markers_are_found_in_text_however_they_are_written(text, found):
    assert find(text, MARKERS) == found


def test_markers_are_found_in_files_and_file_names_below_a_folder(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "report.json").write_text(json.dumps({"cell": 712345678}))
    (tmp_path / "picture.bin").write_bytes(b"\x00\xff9991234567\x00")
    (tmp_path / "9991234567.txt").write_text("")
    (tmp_path / "clean.txt").write_text("nothing")
    assert find(tmp_path, MARKERS) == [
        "9991234567.txt (its name): nhs", "picture.bin: nhs", "site/report.json: cost",
    ]  # fmt: skip
    assert find(tmp_path / "picture.bin", MARKERS) == ["picture.bin: nhs"]
    assert find(tmp_path / "clean.txt", MARKERS) == []
