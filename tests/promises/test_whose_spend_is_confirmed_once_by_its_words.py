"""Issue 21, line 8: which spend is the pilot's, by words that a person confirms once; where a file cannot tell, it says so."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.study import spend_words
from commissioning.study.payments import payments_of

# Ten small imitations: how a council names what it buys, the pounds of each, and whether it is for adults with a learning
# disability ("y"), for somebody or something else ("n"). Columns: department, unit, service, purpose.
FILES = {
    "groups as cost centres": [
        ("Adults", "LEARN DIS 18-64 LT", "", "Res care", 900, "y"), ("Adults", "LEARN DIS 65+ LT", "", "Res care", 90, "y"),
        ("Adults", "MEM SUPP 65+ LT", "", "Res care", 700, "n"), ("Place", "Highways Mtce", "", "Salt", 500, "n"),
    ],
    "initials at the end": [
        ("Adult Social Care", "Nursing Care LD", "", "Fees", 400, "y"), ("Adult Social Care", "Residential Care LD", "", "Fees", 800, "y"),
        ("Adult Social Care", "Learning Disability & Autism", "", "Fees", 300, "y"), ("Adult Social Care", "Nursing Care OP", "", "Fees", 900, "n"),
        ("Place", "LDF Local Plan", "", "Consultants", 60, "n"), ("Resources", "Learning & Development", "", "Courses", 50, "n"),
    ],
    "a service with adults in its name": [
        ("People", "1044", "Adults with Learning Disabilities", "Supported living", 700, "y"), ("People", "1045", "Older People", "Homecare", 800, "n"),
        ("People", "1046", "Adult Learning", "Tutors", 90, "n"), ("People", "1047", "Adult Learning Disability Day Services", "Transport", 60, "y"),
    ],
    "initials in front": [
        ("Adults, Children and Health", "LD Supported Living", "", "Contract", 650, "y"), ("Adults, Children and Health", "LD Respite", "", "Contract", 150, "y"),
        ("Adults, Children and Health", "MH Supported Living", "", "Contract", 600, "n"), ("Adults, Children and Health", "PD Equipment", "", "Aids", 100, "n"),
    ],
    "older words": [
        ("Social Services", "Learning Difficulties Day Centre", "", "Food", 500, "y"), ("Social Services", "Physical Disability Day Centre", "", "Food", 400, "n"),
    ],
    "only the purpose tells": [
        ("Adult Social Care", "External care", "", "Learning Disability - Residential", 900, "y"), ("Adult Social Care", "External care", "", "Older People - Residential", 900, "n"),
        ("Adult Social Care", "External care", "", "Learning Disability - Homecare", 80, "y"),
    ],
    "of one letter case": [
        ("ASC", "LEARNING DISABILITIES RESIDENTIAL", "", "PRIVATE CONTRACTORS", 900, "y"), ("ASC", "MENTAL HEALTH RESIDENTIAL", "", "PRIVATE CONTRACTORS", 500, "n"),
        ("CHILDREN", "SCHOOLS LEARNING SUPPORT", "", "AGENCY", 300, "n"),
    ],
    "a team and its budget": [
        ("Community", "Complex Needs", "Learning Disability Commissioning", "Placement", 950, "y"), ("Community", "Complex Needs", "Older People Commissioning", "Placement", 900, "n"),
    ],
    "children beside adults": [
        ("Adult Services", "Learning Disability Placements", "", "Fees", 900, "y"), ("Children", "Childrens Learning Disability Short Breaks", "", "Fees", 300, "n"),
    ],
    "nothing but directorates": [
        ("Adult Services", "", "", "Third party payments", 900, "y"), ("Adult Services", "", "", "Third party payments", 800, "n"), ("Place", "", "", "Salt", 90, "n"),
    ],
}  # fmt: skip
CANNOT = {"nothing but directorates"}


def _frame(rows: list[tuple]) -> pd.DataFrame:
    names = ("department", "unit", "service", "purpose", "pounds", "label")
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.assign(
        amount_pence=frame.pop("pounds") * 100,
        source_file="spend.csv",
        year="2023-24",
        payee="Ashdown Care",
        paid_on="2023-05-01",
    )
    return frame.replace({"unit": {"": "unknown"}, "service": {"": "unknown"}})


@pytest.fixture(scope="module")
def pilot():
    return pilots.load("learning_disability")


@pytest.mark.parametrize("name", FILES)
def test_the_line_proposed_finds_the_pilots_pounds_and_not_those_of_others(name: str, pilot) -> None:
    frame = _frame(FILES[name])
    line = spend_words.line_for(pilot.name, spend_words.propose(frame, pilot.support_reason))
    if name in CANNOT:
        assert line == ""
        told = payments_of(frame.drop(columns="label"), pilot)
        assert told.rows == 0 and told.untold_rows == len(frame)
        return
    rules = {"spend.csv": tuple(tomllib.loads(line)["cost_centres"][pilot.name])}
    found = payments_of(frame, pilot, rules=rules).frame
    mine, others = (
        frame[frame["label"] == "y"]["amount_pence"].sum(),
        frame[frame["label"] == "n"]["amount_pence"].sum(),
    )
    by = found.groupby("label")["amount_pence"].sum()
    assert by.get("y", 0) >= 0.9 * mine and by.get("n", 0) <= 0.05 * others, (line, by.to_dict())


def test_what_names_two_groups_or_only_initials_away_from_care_is_left_to_a_person(pilot) -> None:
    rows = [
        ("Adults", "LD & MH Joint Team", "", "Fees", 100, "n"), ("Place", "LD Drainage Board", "", "Levy", 100, "n"),
        ("Children", "Learning Disability Nursery", "", "Fees", 100, "n"), ("Adults", "LD Residential", "", "Fees", 100, "y"),
    ]  # fmt: skip
    found = spend_words.propose(_frame(rows), pilot.support_reason)
    assert {one.value for one in found if one.sure} == {"LD Residential"}
    assert len(found) == 4


def test_a_pattern_is_of_one_column_and_whole_where_it_says_so(pilot) -> None:
    rows = [("Adults", "LD Day", "", "Fees", 1, "y"), ("Adults", "LD Day Boats", "", "LD Day", 2, "n")]
    for pattern, pence in (("LD Day$", 100), ("LD Day", 300), ("purpose: LD*", 200), ("LD", 300)):
        assert payments_of(_frame(rows), pilot, rules={"spend.csv": (pattern,)}).pence == pence


def test_a_payee_is_matched_by_number_and_then_by_name_and_the_match_is_said() -> None:
    frame = _frame([("Communities", "Grants", "", "Lunch club", 5, "y")] * 3).assign(
        payee=["Old Name Ltd", "The Ashdown Friends", "Somebody Else"], charity_number=["1123456", "unknown", "unknown"]
    )
    found = payments_of(
        frame, pilots.load("vcf_funding"), pd.Series(["Ashdown Friends", "New Name"]), numbers={"01123456"}
    )
    assert (
        list(found.frame["payee"]) == ["Old Name Ltd", "The Ashdown Friends"]
        and "number, else its name" in found.found_by
    )
