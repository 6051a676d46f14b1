"""A contract is a TOML file that a person can read; a pilot may bring its own in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from commissioning.errors import UsageError
from commissioning.evidence import shown, tables
from commissioning.evidence.contract_files import read
from commissioning.evidence.intake import take_in
from commissioning.evidence.templates import write

VISITS = """
table = "home_visits"
title = "home visits (one visit)"
version = "1"
persons = true
key = ["visit_id"]
period_column = "period"
within = [{ column = "made_on", period = "period", after = "any" }]

[columns.visit_id]
holds = "id"
says = "the visit"
example = "V1"

[columns.period]
holds = "quarter"
says = "the financial quarter"
example = "2014-15 Q1"

[columns.made_on]
holds = "date"
says = "the day of the visit"
ahead = "any"
blank = "unknown"
example = "14/04/2014"

[columns.mood]
holds = "category"
says = "good, bad or unknown"
words = ["good", "bad", "unknown"]
also = { fine = "good" }
unknown = ["", "not said"]
marks = "bracketed"
example = "good"
"""


@pytest.fixture
def pilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tables, "_BROUGHT", {})
    return brings(tmp_path / "pilots" / "visiting", VISITS)


def brings(folder: Path, text: str, name: str = "home_visits.toml") -> Path:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables" / name).write_text(text, encoding="utf-8")
    return folder


def test_an_extract_of_a_pilots_own_table_is_recognised_and_checked_as_any_other(pilot: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = "V1,2014-15 Q1,14/04/2014,fine\nV2,2014-15 Q1,01/07/2030,[c]\nV3,2014-15 Q1,30/03/2014,bad\n"
    (data / "visits.csv").write_text(f"visit_id,period,made_on,mood\n{rows}", encoding="utf-8")
    (before,) = take_in(data).files
    assert before.status == "left aside"
    tables.bring(pilot)
    taken = take_in(data)
    (file,) = taken.files
    assert (file.status, file.table, file.loaded.rows_quarantined) == ("accepted", "home_visits", 1)
    assert list(taken.tables["home_visits"]["mood"]) == ["good", "suppressed"]
    assert file.loaded.causes[0].code == "outside its period"
    assert (
        write(tmp_path, ["home_visits"])[0].read_text(encoding="utf-8").splitlines()[1]
        == "V1,2014-15 Q1,14/04/2014,good"
    )


def test_a_pilots_own_table_of_people_is_shown_to_nobody_by_name(pilot: Path) -> None:
    tables.bring(pilot)
    exact = {"file": "visits.csv", "table": "home_visits", "status": "accepted", "public": True, "rows_in": 3}
    assert shown.account([exact], {}, secret=b"").files[0]["file"] == "The file of home visits"


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('holds = "date"', 'holds = "day"', "column made_on, holds: Input should be 'text'"),
        ('says = "the visit"', 'said = "the visit"', "column visit_id: said is not a key here: did you mean says?"),
        ('says = "the visit"\n', "", "column visit_id, says is missing: write it"),
        ('key = ["visit_id"]', 'key = ["visit"]', "contract home_visits: visit is not one of its columns"),
        ("persons = true", 'person = "yes"', "person is not a key here: did you mean persons?"),
        ('words = ["good", "bad", "unknown"]', 'words = "good"', "words must be a list of words in quotes"),
        ('marks = "bracketed"', 'marks = "stars"', "marks must be one of: bracketed, in place; not 'stars'"),
        ('also = { fine = "good" }', 'also = { fine = 1 }', "column mood, fine: Input should be a valid string"),
        ('blank = "unknown"', 'blank = "nothing"', "column made_on, blank: Input should be 'known'"),
        ("[columns.mood]", '[columns."Mood of it"]', "“Mood of it” is no name for a table or column"),
        ('table = "home_visits"', 'table = "people"', "the workbench has a table people already"),
        ('table = "home_visits"', 'table = "deflators"', "the workbench has a table deflators already"),
        ('table = "home_visits"', 'table = "calls"', "so the file must be calls.toml"),
        ("[columns.mood]", "[columns.mood", "is not valid TOML"),
        (VISITS, 'table = "home_visits"', "has no columns: write [columns.<name>] for each"),
    ],
)  # fmt: skip
def test_a_broken_contract_is_refused_by_file_column_and_key(pilot: Path, was: str, now: str, says: str) -> None:
    assert was in VISITS
    brings(pilot, VISITS.replace(was, now))
    with pytest.raises(UsageError) as refused:
        tables.bring(pilot)
    assert str(refused.value).startswith("pilots/visiting/tables/home_visits.toml") and says in str(refused.value)


def test_two_pilots_may_not_bring_one_table(pilot: Path) -> None:
    tables.bring(pilot)
    tables.bring(pilot)  # again is no second one
    with pytest.raises(UsageError, match="pilots/visiting has a table home_visits already"):
        tables.bring(brings(pilot.parent / "other", VISITS))


def test_every_contract_of_the_house_is_read_from_its_file() -> None:
    folder = Path(str(tables.__file__)).parent
    assert {one.table for one in tables.CONTRACTS} == {path.stem for path in folder.glob("*.toml")}
    assert tables.of("starts") == read(folder / "starts.toml", "starts.toml").__class__(
        **{**vars(read(folder / "starts.toml")), "own_extract": True}
    )
