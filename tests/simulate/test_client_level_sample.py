"""The sample of Client Level Data: its files are what the seed makes, and every trap it promises is in them."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from commissioning.simulate import client_level

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample_cld"


@pytest.fixture(scope="module")
def files() -> dict[str, list[dict[str, str]]]:
    """The rows of each submission, their headers without underscores or punctuation."""
    found = {}
    for path in sorted(SAMPLE.glob("cld_*.csv")):
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        found[path.name] = [
            {"".join(filter(str.isalnum, name)): value for name, value in row.items()} for row in reader
        ]
    return found


def test_the_files_are_what_the_seed_makes_byte_for_byte():
    made = client_level.contents()
    for name, content in made.items():
        assert (SAMPLE / name).read_bytes() == content, name
    assert {path.name for path in SAMPLE.iterdir()} == {*made, "README.md"}


def test_it_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 2_000_000


def test_another_seed_makes_other_people():
    assert client_level.contents(1, 20) != client_level.contents(2, 20)


def test_every_trap_that_the_readme_promises_is_in_every_submission(files):
    for name, rows in files.items():
        services = [row for row in rows if row["EventType"] == "Service"]
        day = {row["EventStartDate"]: row["EventStartDate"].split("/")[::-1] for row in rows}
        day |= {row["EventEndDate"]: row["EventEndDate"].split("/")[::-1] for row in rows}
        says = Counter(value for row in rows for value in row.values())
        assert says["Unpaid carer"] + says["Carer"] > 0, name
        assert any("hort" in row["ServiceType"] for row in services), name
        assert any(row["EventEndDate"] and day[row["EventEndDate"]] < day[row["EventStartDate"]] for row in services), (
            name
        )
        assert any(row["DateofDeath"] for row in rows), name
        assert says["Unknown"] > 0 and says["Canal boat"] > 0, name
        assert {"Hourly", "One-off", "Quarterly", ""} <= {row["CostFrequencyUnitType"] for row in services}, name
        assert any(row["UnitCost"].startswith("-") for row in services), name
        assert any(row["UnitCost"] in ("0.00", "-0.00") for row in services), name
        assert any(not row["NHSNumber"] and not row["LAPersonUniqueIdentifier"] for row in rows), name
        numbers = defaultdict(set)
        for row in rows:
            numbers[row["LAPersonUniqueIdentifier"]].add(row["NHSNumber"])
        assert any(len(held) == 2 and "" in held for held in numbers.values()), name
        assert max(Counter(tuple(row.items()) for row in rows).values()) > 1, name


def test_prices_are_uplifted_from_one_year_to_the_next(files):
    first, last = files["cld_2024-03.csv"], files["cld_2025-03.csv"]
    key = ("LAPersonUniqueIdentifier", "EventReference")
    before = {tuple(row[one] for one in key): row["UnitCost"] for row in first if row["UnitCost"] not in ("", "0.00")}
    pairs = [(before[at], row["UnitCost"]) for row in last if (at := tuple(row[one] for one in key)) in before]
    assert len(pairs) > 50
    for old, new in pairs:
        assert float(new) == pytest.approx(float(old) * client_level.UPLIFT, abs=0.02)


def test_a_service_open_in_one_submission_ends_in_another(files):
    key = ("LAPersonUniqueIdentifier", "EventReference")
    still = {
        tuple(row[one] for one in key)
        for row in files["cld_2024-03.csv"]
        if row["EventType"] == "Service" and not row["EventEndDate"]
    }
    ended = {
        tuple(row[one] for one in key)
        for row in files["cld_2025-03.csv"]
        if row["EventType"] == "Service" and row["EventEndDate"]
    }
    assert still & ended


def test_no_number_of_a_real_person_can_be_in_it(files):
    numbers = {row["NHSNumber"] for rows in files.values() for row in rows} - {""}
    assert len(numbers) > 200 and all(one.startswith("999") and len(one) == 10 for one in numbers)
