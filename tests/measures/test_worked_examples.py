"""Every measure counts the ten or so hand-written rows beside it as their author said it should."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import commissioning.measures as package
from commissioning.measures import Measure, Output, catalogue
from commissioning.measures.calculate import rows_behind

FOLDER = Path(package.__file__).parent / "worked_examples"
CATALOGUE = catalogue()
EXPECTED = ("counted", "achieved", "amount", "out_of", "because")
NUMBERS = (
    *("age", "numerator", "denominator", "supported", "expected", "sessions", "weeks", "weekly_cost_pence"),
    *("person_weeks", "contacts", "accrued_pence", "amount_awarded_pence", "hours", "award_share_pence"),
)


def lines(measure_id: str) -> list[dict[str, str]]:
    with (FOLDER / f"{measure_id}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_table(rows: list[dict[str, str]]) -> pd.DataFrame:
    """The rows as evidence would hold them: numbers with <NA>, text, and where each row stands."""
    frame = pd.DataFrame([{k: v for k, v in row.items() if k not in EXPECTED} for row in rows])
    for column in frame:
        if column in NUMBERS:
            frame[column] = pd.to_numeric(frame[column].replace("", None)).astype("Float64")
        else:
            frame[column] = frame[column].replace("", None).astype(object)
    return frame.assign(source_file="example.csv", source_row=[str(n) for n in range(2, len(rows) + 2)])


def worked(measure: Measure) -> dict[str, pd.Series]:
    """What the library makes of each line that speaks in its own year, by its physical line number."""
    shown = rows_behind(measure, as_table(lines(measure.id)))
    return {row["source_row"]: row for _, row in shown.iterrows()}


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_a_measure_counts_its_worked_example_as_written(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    made = worked(measure)
    for number, line in enumerate(lines(measure_id), start=2):
        where = f"{measure_id}.csv line {number}: {line['because']}"
        got = made.get(str(number))
        part = "no" if got is None else {"counted": "yes"}.get(got["part"], got["part"])
        assert part == line["counted"], where
        if part != "yes":
            assert not line.get("achieved") and not line.get("amount"), where
            continue
        assert got is not None
        if measure.achieved is not None:
            assert ("yes" if got["numerator"] else "no") == line["achieved"], where
        else:
            assert got["numerator"] == pytest.approx(float(line["amount"])), where
            if measure.out_of is not None:
                assert got["denominator"] == pytest.approx(float(line["out_of"])), where


def test_every_worked_example_belongs_to_a_measure_and_every_measure_has_one() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(CATALOGUE)


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_a_worked_example_has_about_ten_rows_each_with_a_reason(measure_id: str) -> None:
    rows = lines(measure_id)
    assert 9 <= len(rows) <= 15
    assert all(row["because"].strip() for row in rows)
    assert any(row["counted"] == "yes" for row in rows)


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_every_rule_of_a_measure_decides_some_row_of_its_worked_example(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    rows = lines(measure_id)
    said = {row["counted"] for row in rows}
    if measure.population:
        assert "no" in said
    if measure.not_applicable is not None:
        assert "not applicable" in said
    if measure.unknown is not None:
        assert "unknown" in said
    if measure.achieved is not None:
        # An output that counts everybody in its population has nobody who misses it.
        everybody = isinstance(measure.kind, Output) and measure.per == 1
        wanted = {"yes"} if everybody else {"yes", "no"}
        assert {row["achieved"] for row in rows if row["counted"] == "yes"} == wanted
