"""A council adds a look-up to its Client Level Data: wards and localities follow, and what it names is nowhere kept."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from commissioning.evidence.intake import take_in
from commissioning.measures import calculate, catalogue
from commissioning.simulate import client_level

YEAR = (date(2024, 4, 1), date(2025, 3, 31))


def folder(path: Path, heading: str) -> list[client_level.Person]:
    """A submission, and a look-up by one of the three keys."""
    world = client_level.invented(5, 160)
    (path / "cld.csv").write_bytes(client_level.csv_of(client_level.rows(world, *YEAR), 2))
    with (path / "wards.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([heading, "Ward", "Locality"])
        of = {person.says["LA Person Unique Identifier"]: person.says[heading] for person in world}
        seen = set()
        for own, ward, locality in client_level.places(world):
            if of[own] and of[own] not in seen:
                seen.add(of[own])
                writer.writerow([of[own], ward, locality])
    return world


@pytest.mark.parametrize("heading", ["LA Person Unique Identifier", "NHS Number", "Postcode"])
def test_people_stand_in_the_ward_that_the_look_up_says(tmp_path, heading):
    world = folder(tmp_path, heading)
    rows = list(csv.DictReader((tmp_path / "wards.csv").open(encoding="utf-8")))
    ward = {row[heading]: row["Ward"] for row in rows}
    made = take_in(tmp_path, area="E08000015").raise_if_refused()
    people = made.tables["long_term_support"]
    assert set(people["ward"]) - {"unknown"} == set(ward.values())
    # By a count that needs no pseudonym: people of each ward among everybody with long term support in the year.
    sent = {
        (row["NHS Number"] or row["LA Person Unique Identifier"])
        for row in csv.DictReader((tmp_path / "cld.csv").open(encoding="utf-8"))
    }
    possible = Counter(
        ward.get(person.says[heading], "unknown")
        for person in world
        if {person.says["NHS Number"], person.says["LA Person Unique Identifier"]} & sent
    )
    for name, held in people["ward"].value_counts().items():
        assert held <= possible[name], name
    assert people["ward"].ne("unknown").mean() > 0.9
    assert set(made.tables["packages"]["ward"]) == set(people["ward"])


def test_outcomes_are_counted_by_ward_and_locality(tmp_path):
    folder(tmp_path, "LA Person Unique Identifier")
    tables = take_in(tmp_path, area="E08000015").raise_if_refused().tables
    measure = catalogue("learning_disability")["learning_disability_ascof_2e"]
    made = calculate.results(
        {measure.id: measure},
        tables,
        pilot="learning_disability",
        area="E08000015",
        by=("year",),
        group_kinds=("ward", "locality"),
    )
    parts = made.groupby("group_kind")["denominator"].sum()
    assert parts["ward"] == parts["locality"] == parts["all"] > 30


def test_without_a_look_up_wards_are_unknown_and_nothing_is_said_of_one(tmp_path):
    folder(tmp_path, "LA Person Unique Identifier")
    (tmp_path / "wards.csv").unlink()
    made = take_in(tmp_path, area="E08000015").raise_if_refused()
    assert set(made.tables["long_term_support"]["ward"]) == {"unknown"}
    assert not any("look-up" in one.says for one in made.findings)


def test_two_columns_are_enough(tmp_path):
    folder(tmp_path, "Postcode")
    rows = list(csv.reader((tmp_path / "wards.csv").open(encoding="utf-8")))
    with (tmp_path / "wards.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row[:2] for row in rows)
    people = take_in(tmp_path, area="E08000015").raise_if_refused().tables["long_term_support"]
    assert people["ward"].ne("unknown").mean() > 0.9 and set(people["locality"]) == {"unknown"}


def test_people_whom_the_look_up_does_not_hold_are_counted(tmp_path):
    folder(tmp_path, "LA Person Unique Identifier")
    said = [one.says for one in take_in(tmp_path, area="E08000015").findings]
    assert any("in no row of the look-up of wards" in one for one in said)


@pytest.mark.parametrize("heading", ["LA Person Unique Identifier", "NHS Number", "Postcode"])
def test_no_identifier_postcode_name_or_birth_date_is_in_any_table_or_message(tmp_path, heading):
    world = folder(tmp_path, heading)
    with (tmp_path / "wards.csv").open("a", encoding="utf-8") as file:  # a row that is set aside
        file.write(f"{next(one.says[heading] for one in world if one.says[heading])},Ashmoor,North\n")
    made = take_in(tmp_path, area="E08000015").raise_if_refused()
    assert "client_level" not in made.tables and "client_level_places" not in made.tables
    text = "\n".join([
        *(made.tables[name].to_csv() for name in made.tables), *(one.says for one in made.findings), *made.notes,
        *(one.loaded.frame.to_csv() + one.loaded.quarantine.to_csv() for one in made.files if one.loaded is not None),
        str(made.as_json()),
    ])  # fmt: skip
    assert len(text) > 10_000
    words = {piece for line in text.splitlines() for piece in line.split(",")}
    planted = ("NHS Number", "LA Person Unique Identifier", "Postcode", "First Name", "Date of Birth")
    for person in world:
        for name in planted:
            value = person.says[name]
            forms = {value, value.replace(" ", ""), "-".join(reversed(value.split("/")))} - {""}
            assert not forms & words, name
            assert name == "Date of Birth" or not any(one in text for one in forms), name


def test_a_look_up_alone_leaves_nothing_behind(tmp_path):
    folder(tmp_path, "Postcode")
    (tmp_path / "cld.csv").unlink()
    made = take_in(tmp_path, area="E08000015")
    assert "client_level_places" not in set(made.tables)
    assert all(one.loaded is None or one.loaded.frame.empty for one in made.files)
