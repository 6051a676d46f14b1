"""Raw exports of another council go to a prepared study by `commissioning map` and its decisions: no code is written by hand.

Figures are recomputed from the raw files by plain loops, with nothing of the library.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from commissioning import cli
from commissioning import pilot as pilots
from commissioning.evidence.intake import take_in
from commissioning.evidence.mapping import document
from commissioning.study import restricted
from commissioning.study.prepare import prepare

RAW = Path(__file__).parents[2].parent / "shared" / "cases" / "00-another-councils-exports"
AREA = "E08000033"
LD = "Learning Disability Support"
YEARS = {f"{y}-{y - 1999}": (date(y, 4, 1), date(y + 1, 3, 31)) for y in (2022, 2023, 2024)}
DECISIONS = {'"ended" = "?"': '"ended" = "no agreement"', '"… (tbc)" = "?"': '"… (tbc)" = "counts"'}
pytestmark = pytest.mark.skipif(not RAW.is_dir(), reason="the shared cases are not here")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The raw files, the mapping as `map` writes it, and a sources.toml."""
    folder = tmp_path_factory.mktemp("exports")
    for one in RAW.iterdir():
        if one.suffix in (".xlsx", ".csv"):
            shutil.copyfile(one, folder / one.name)
    assert cli.main(["map", *(str(one) for one in sorted(folder.iterdir()))]) == 0
    (folder / "sources.toml").write_text(
        f'[[source]]\nfiles = "*"\npublisher = "Example MBC"\narea = "{AREA}"\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def taken(folder):
    return take_in(folder, area=AREA)


def day(text: str | None) -> date | None:
    return date(*map(int, reversed(text.split("/")))) if text else None


@pytest.fixture(scope="module")
def services() -> list[dict[str, str]]:
    """The rows of the case system's report, read plainly."""
    rows = list(
        openpyxl.load_workbook(RAW / "AS114 Long Term Services 2022-25.xlsx")["Report"].iter_rows(values_only=True)
    )
    return [dict(zip(rows[4], one, strict=True)) for one in rows[5:] if one[10]]


@pytest.fixture(scope="module")
def reviews() -> list[dict[str, str]]:
    with (RAW / "Reviews export as at 31032025.csv").open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file))


def in_year(rows: list[dict[str, str]], year: str) -> list[dict[str, str]]:
    first, last = YEARS[year]
    return [
        one
        for one in rows
        if day(one["Service Start Date"]) <= last
        and (not one["Service End Date"] or day(one["Service End Date"]) >= first)
    ]


def spend(rows: list[dict[str, str]], year: str) -> float:
    """Pounds of a year: the weekly cost by the days of each service in it, both ends counted."""
    first, last = YEARS[year]
    pounds = 0.0
    for one in in_year(rows, year):
        begins, ends = max(day(one["Service Start Date"]), first), min(day(one["Service End Date"]) or last, last)
        pounds += float(re.sub("[£,]", "", one["Weekly Gross Cost"])) * ((ends - begins).days + 1) / 7
    return pounds


def met(review: dict[str, str], dropped_is_known: bool) -> str:
    """A review's outcomes by hand: fully only if all were; what is in doubt leaves it open unless it makes no difference."""
    said = [review[f"Outcome {n} Status"] for n in (1, 2, 3) if review[f"Outcome {n} Status"]]
    may = ["Fully Achieved", "Partially Achieved", "Not Achieved"]
    known = [one for one in said if one in may]
    answers = set()
    for guess in [None] if len(known) == len(said) or dropped_is_known else may:
        every = known + ([guess] if guess else [])
        if every:
            fully = all(one == may[0] for one in every)
            answers.add("fully met" if fully else "not met" if all(one == may[2] for one in every) else "partly met")
    return answers.pop() if len(answers) == 1 else "unknown"


def results(held, measure: str, year: str):
    rows = restricted.results(held).query("measure == @measure and group_kind == 'all' and period == @year")
    return rows.iloc[0]


@pytest.fixture(scope="module")
def study(folder, tmp_path_factory):
    return prepare(pilots.load("learning_disability"), folder, area=AREA, folder=tmp_path_factory.mktemp("study"))


def test_every_line_in_doubt_is_marked_and_only_those(folder):
    text = (folder / document.NAME).read_text(encoding="utf-8")
    assert re.findall(r'^(".*") = "\?', text, re.M) == ['"No longer relevant"', '"… (tbc)"', '"ended"']
    assert 'covers = "2022-04-01 to 2025-03-31"' in text


def test_people_of_each_year_are_those_of_the_raw_file(study, services):
    for year in YEARS:
        ours = {one["LAS Person ID"] for one in in_year(services, year) if one["Primary Support Reason"] == LD}
        held = restricted.table(study, "long_term_support")
        rows = held[held["period"].eq(year) & held["support_reason"].eq("learning disability")]
        assert len(rows) == len(ours) > 500, year


def test_spend_is_that_of_people_with_a_learning_disability_alone(study, services):
    for year in YEARS:
        ours = [one for one in services if one["Primary Support Reason"] == LD]
        others = [one for one in services if one["Primary Support Reason"] != LD]
        found = float(results(study, "learning_disability_weekly_cost", year)["numerator"]) / 100
        apart = float(results(study, "learning_disability_spend_on_other_people", year)["numerator"]) / 100
        assert found == pytest.approx(spend(ours, year), abs=5), year
        assert apart == pytest.approx(spend(others, year), abs=5), year
    assert found < 0.5 * (found + apart), "everybody's packages are never theirs"


def test_outcomes_met_at_planned_reviews_are_those_of_the_raw_files(study, services, reviews):
    for year, (first, last) in YEARS.items():
        ours = {one["LAS Person ID"] for one in in_year(services, year) if one["Primary Support Reason"] == LD}
        latest: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for one in reviews:
            done = day(one["Review Completed Date"])
            if (
                one["LAS Person ID"] in ours
                and one["Review Type"].startswith("Planned")
                and done
                and first <= done <= last
            ):
                latest[one["LAS Person ID"]].append((done, met(one, dropped_is_known=False)))
        told = [max(one)[1] for one in latest.values()]
        row = results(study, "learning_disability_outcomes_fully_met", year)
        assert row["numerator"] == told.count("fully met"), year
        assert row["denominator"] == len(told) - told.count("unknown"), year
        reviewed = results(study, "learning_disability_planned_review", year)
        assert (reviewed["numerator"], reviewed["denominator"]) == (len(told), len(ours)), year


def test_each_doubt_counts_as_unknown_and_is_said_as_lines_for_the_mapping(taken, reviews):
    said = {one.table: one.reason for one in taken.of("accepted")}
    cells = sum(one[f"Outcome {n} Status"] == "No longer relevant" for one in reviews for n in (1, 2, 3))
    assert f"outcome: 1 word unknown, {cells} cells" in said["reviews"]
    assert '"No longer relevant" = "?"' in said["reviews"]
    table = taken.tables["reviews"].set_index("source_row")["outcomes"]
    expected = {str(n): met(one, False) for n, one in enumerate(reviews, start=2) if one["Review Completed Date"]}
    wrong = {row: (table[row], told) for row, told in expected.items() if table[row] != told}
    assert wrong == {}


def test_a_decision_is_one_line_and_changes_the_figures(folder, reviews, tmp_path):
    for one in folder.iterdir():
        if "AS114" not in one.name:
            shutil.copyfile(one, tmp_path / one.name)
    text = (tmp_path / document.NAME).read_text(encoding="utf-8")
    for line, mean in {**DECISIONS, '"No longer relevant" = "?"': '"No longer relevant" = "left out"'}.items():
        assert text.count(line) == 1
        text = text.replace(line, mean)
    (tmp_path / document.NAME).write_text(text, encoding="utf-8")
    found = take_in(tmp_path, area=AREA).raise_if_refused().tables
    table = found["reviews"].set_index("source_row")["outcomes"]
    assert all(
        table[str(n)] == met(one, True) for n, one in enumerate(reviews, start=2) if one["Review Completed Date"]
    )
    rows = list(
        openpyxl.load_workbook(RAW / "VCS grants register MASTER v7 (DK).xlsx")["Grants"].iter_rows(values_only=True)
    )
    cells = [one for row in rows[3:-1] for one in row[4:7] if one not in (None, "ended")]
    pounds = [one if isinstance(one, int) else int(re.sub(r"\D", "", one)) for one in cells]
    grants = found["grants"]
    assert (len(grants), int(grants["amount_awarded_pence"].sum())) == (len(pounds), 100 * sum(pounds))
    assert grants["award_date"].isna().all(), "no date is invented"


def test_without_a_decision_no_agreement_is_made_of_an_amount_in_doubt(taken):
    record = next(one for one in taken.files if one.table == "grants")
    assert record.status == "accepted" and "11 amounts of a year unknown" in record.reason
    assert len(taken.tables["grants"]) == 27


def test_what_identifies_people_is_kept_nowhere(folder, taken, services):
    ids = {one["LAS Person ID"] for one in services}
    births = {one["Date of Birth"] for one in services}
    text = (folder / document.NAME).read_text(encoding="utf-8")
    assert not [one for one in (*ids, *births) if one in text]
    for name in taken.tables:
        frame = taken.tables[name]
        held = {str(one) for column in frame for one in frame[column].unique()}
        assert not held & ids and not held & births, name
        assert (
            not {str(day(one)) for one in births} & {one[:10] for one in held if "00:00:00" in one} or name == "reviews"
        )
    assert set(taken.tables["reviews"]["person_id"]) & set(taken.tables["people"]["person_id"]), (
        "one person is one pseudonym"
    )


def test_every_row_keeps_its_place_in_the_file_it_came_from(taken, services):
    packages = taken.tables["packages"]
    assert packages["source_file"].str.startswith("AS114 Long Term Services 2022-25.xlsx (Report").all()
    assert set(packages["source_row"]) <= {f"Report!{n}" for n in range(6, 6 + len(services))}
    one = packages[packages["source_row"].eq("Report!6")]
    assert set(one["weekly_cost_pence"]) == {309_042}


def test_run_again_on_the_next_file_only_what_is_new_is_said(folder, tmp_path, capsys):
    shutil.copyfile(folder / document.NAME, tmp_path / document.NAME)
    text = (folder / "Reviews export as at 31032025.csv").read_text(encoding="cp1252")
    text = text.replace("Views given by", "Views given by,Method").replace(
        ",Worker\n", ",Social care worker,By phone\n"
    )
    (tmp_path / "Reviews export as at 30062025.csv").write_text(text, encoding="cp1252")
    before = document.read(tmp_path / document.NAME)
    capsys.readouterr()
    out = str(tmp_path / document.NAME)
    assert cli.main(["map", str(tmp_path / "Reviews export as at 30062025.csv"), "--out", out]) == 0
    said = capsys.readouterr().out
    assert 'new heading: "Method" = "-"' in said and '"Social care worker" = "?' in said
    assert "Fully Achieved" not in said and "Review Type" not in said
    after = document.read(tmp_path / document.NAME)
    assert after[1].files == [*before[1].files, "Reviews export as at 30062025.csv"]
    assert after[0] == before[0] and before[1].words["outcome"] == after[1].words["outcome"]
    assert cli.main(["map", str(folder / "Reviews export as at 31032025.csv"), "--out", out]) == 0
    assert "heading no longer there: Method" in capsys.readouterr().out


@pytest.mark.soak
def test_one_report_is_made_of_them_by_the_command(folder, services, tmp_path):
    home = Path(__file__).parents[2]
    pilot = tmp_path / "pilots" / "learning_disability"
    pilot.mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reference").symlink_to(home / "data" / "reference")
    for path in (home / "pilots" / "learning_disability").iterdir():
        if path.suffix in (".toml", ".md") or path.stem == "outcomes_and_spend":
            shutil.copy(path, pilot)
    finished = subprocess.run(
        [sys.executable, "-m", "commissioning.cli", "run", "learning_disability", "--data", str(folder), "--area", AREA,
         "--out", str(tmp_path / "site"), "--workers", "1"],
        cwd=tmp_path, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    (page,) = tmp_path.glob("site/versions/*/learning_disability-outcomes_and_spend-e08000033.json")
    shown = json.loads(page.read_text(encoding="utf-8"))["figures"]
    values = {(one["measure"], one["period"]) for one in shown if not one["hidden"] and one["value"] is not None}
    assert {("learning_disability_outcomes_fully_met", year) for year in YEARS} <= values
    pages = "".join(one.read_text(encoding="utf-8") for one in tmp_path.glob("site/**/*.html"))
    assert not [one for one in {row["LAS Person ID"] for row in services} if re.search(rf"\b{one}\b", pages)]
