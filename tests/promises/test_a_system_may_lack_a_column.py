"""A council's extract may lack any column but those that tell its rows apart: the measures that need it are lost, and no others.

For every table of the workbench and every column of it, one at a time.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.evidence import load, tables
from commissioning.evidence.contracts import Contract
from commissioning.evidence.intake import take_in
from commissioning.evidence.loaded import SOURCE_COLUMNS
from commissioning.evidence.source import Source
from commissioning.measures import breakdowns_of_agreements, breakdowns_of_people, calculate, derive, reading
from commissioning.runs import evaluable
from commissioning.study.pilot_measures import measures_of

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
OWN = {
    one.table: one
    for one in tables.CONTRACTS
    if not one.overlaps and one.table not in ("client_level_places", "long_term_support")
}
ROWS = 60
# What each table may not lack beside its keys and its period: what a row is about, or what it counts.
COUNTS = {
    "reviews": {"person_id", "done_on"}, "enquiries": {"person_id"}, "sessions": {"sessions"}, "packages": {"person_id"},
    "population": {"people"}, "starts": {"started"}, "grants": {"recipient_id", "amount_awarded_pence"}, "returns": {"grant_id"},
    "supported": {"lawfully_linked"}, "payments": {"payee", "paid_on", "amount_pence"}, "monitoring": {"hours"},
    "volunteering": {"hours"}, "budget": {"amount_pence"},
}  # fmt: skip


@cache
def sample(table: str) -> tuple[list[str], list[dict[str, str]]]:
    path = next(one for one in sorted(SAMPLE.glob("*/*.csv")) if one.stem == table)
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        return list(read.fieldnames or []), [row for _, row in zip(range(ROWS), read, strict=False)]


def without(folder: Path, contract: Contract, name: str):
    column, (headings, rows) = contract.column(name), sample(contract.table)
    kept = [one for one in headings if one not in column.headers]
    assert len(kept) == len(headings) - 1
    with (folder / "x.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, kept, extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)
    return take_in(folder).files[0]


def columns() -> list[tuple[str, str]]:
    return [
        (table, one.name)
        for table, contract in OWN.items()
        for one in contract.columns
        if any(heading in one.headers for heading in sample(table)[0])
    ]


@pytest.mark.parametrize(("table", "name"), columns())
def test_a_file_is_refused_for_a_missing_column_only_where_it_says_nothing_without(tmp_path, table, name):
    contract = OWN[table]
    got = without(tmp_path, contract, name)
    must = {*contract.key, contract.period_column, *COUNTS.get(table, ())}
    assert {one.name for one in contract.must} == {one.name for one in contract.required if one.name in must}
    if name in must and contract.column(name).required:
        # An agreement without its reference is read as any council's list of grants: its rows have numbers of their own.
        assert got.status == "refused" or (table == "grants" and got.table == "grants"), got.reason
        return
    assert (got.status, got.table) == ("accepted", table), got.reason
    assert got.loaded.rows_accepted == len(sample(table)[1])
    frame = got.loaded.frame
    derived = {"year", "area"}  # from the day paid, or from sources.toml
    assert name in frame and (name in derived or not evaluable._known(frame[name]))
    if contract.column(name).required:
        assert f"no column {contract.column(name).heading}" in got.reason and "unknown in every row" in got.reason
    if contract.control_amount == name:
        assert got.loaded.pence_in is None  # nothing is known of its pounds: they are not £0.00


@pytest.fixture(scope="module")
def whole():
    made = {}
    for name in ("learning_disability", "vcf_funding"):
        taken = take_in(SAMPLE, name, "E08000015", pilots.load(name).tables)
        held = {one: taken.tables[one] for one in taken.tables}
        # One person in ten, with all that is recorded of each: a smaller council.
        made[name] = {
            one: frame[frame["person_id"].str.endswith("7")].reset_index(drop=True) if "person_id" in frame else frame
            for one, frame in held.items()
        }
    return made


def counted(measures, held):
    """The measures with a row that counts, by reading each over its table: the second route."""
    found = set()
    for key, one in measures.items():
        frame = calculate.table_for(one, held) if not calculate.missing({key: one}, held) else None
        if frame is not None and (reading.read(one, frame).part == reading.COUNTED).any():
            found.add(key)
    return found


def lacking(frame: pd.DataFrame, contract: Contract, name: str) -> pd.DataFrame:
    """The table as intake makes it of a file without that column."""
    gone = frame.drop(columns=[one for one in (name, f"{name}_status") if one in frame])
    sources = [one for one in reversed(SOURCE_COLUMNS) if one in gone]
    made = load.complete(gone[[*[one for one in gone if one not in sources], *sources]].copy(), contract, Source())
    return made[[one for one in frame if one in made]]


@pytest.mark.parametrize("pilot", ["learning_disability", "vcf_funding"])
def test_check_names_the_measures_that_a_missing_column_costs_and_no_others(whole, pilot):
    measures = {key: one for key, one in measures_of(pilots.load(pilot)).items() if not one.is_control}
    held = whole[pilot]
    before = counted(measures, held)
    wrong = {}
    for table, name in columns():
        contract = OWN[table]
        if table not in held or name in {one.name for one in contract.must} or name in ("year", "area"):
            continue
        now = held | {table: lacking(held[table], contract, name)}
        touched = {key: one for key, one in measures.items() if table in derive.needs(one.table)}
        lost = (before & touched.keys()) - counted(touched, now)
        said = set()
        for line in evaluable.lines(pilot, touched, now, ("ward",)):
            found = re.fullmatch(
                rf"{pilot}: (?:nothing is known in .*|there is no .*|.*no row in it .*): it holds back (.*)", line
            )
            said |= set(found[1].split(", ")) & before if found else set()
        if lost - said or (said - lost):
            wrong[f"{table}.{name}"] = {"not said": sorted(lost - said), "said though counted": sorted(said - lost)}
    assert wrong == {}


def test_who_pays_is_not_told_where_nobody_wrote_what_people_or_the_nhs_pay(whole):
    packages = whole["learning_disability"]["packages"]
    for name in ("weekly_client_pence", "weekly_nhs_pence"):
        rows = breakdowns_of_people.purse({"packages": lacking(packages, OWN["packages"], name)})
        assert set(rows["whose"]) == {breakdowns_of_people.UNSAID}
        assert rows["pence"].sum() == pytest.approx((packages["weekly_cost_pence"] * packages["weeks"]).sum())


def test_hours_of_monitoring_are_in_proportion_to_no_award_that_is_not_known(whole):
    held = whole["vcf_funding"]
    made = breakdowns_of_agreements.monitoring({"low": (0.1, 0.2), "medium": (0.1, 0.2), "high": (0.1, 0.2)})
    assert {"over", "under", "within"} & set(made(held)["place"])
    for name in ("award_pence", "risk"):
        rows = made(held | {"monitoring": lacking(held["monitoring"], OWN["monitoring"], name)})
        assert set(rows["place"]) <= {"not known"}
