"""Any English council's first page without a file of its own: real outcomes, spend, England and neighbours, from data/reference.

The second route reads the CSV files of data/reference row by row with the standard library alone.
"""

from __future__ import annotations

import csv
import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.reports import stages
from commissioning.sections import figures
from commissioning.study import parameters
from commissioning.study.parameters import Parameters
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared, pilot_of

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "data" / "reference"
SHARED = ROOT.parent / "shared" / "data"
AREAS = {"E08000033": "Calderdale", "E08000003": "Manchester", "E10000012": "Essex", "E09000001": "City of London"}
PILOT = "learning_disability"


@pytest.fixture(scope="module")
def study_of(once):
    """study_of(area) → the study of the national tables for that council."""

    def made(area: str) -> Prepared:
        known = pilots.load(PILOT)
        return Prepared(once(f"reference-{area}", lambda folder: prepare(known, REFERENCE, area=area, folder=folder)))

    return made


def page_of(prepared, area):
    return stages.page_of("pilot", Parameters(pilot=PILOT, area=area), pilot_of(prepared), prepared)


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def paid_work(area: str) -> float:
    """The published share in 2020-21."""
    (found,) = (
        one["Measure Value"]
        for one in table("ascof_2020-21_open_data.csv")
        if (one["ONS Code"], one["Measure Group"], one["Measure Type"]) == (area, "1E", "Outcome")
    )
    return float(found)


def gross(area: str) -> float:
    """Gross current expenditure of long term support of people aged 18 to 64 in 2016-17, in pounds."""
    return 1000 * sum(
        float(one["GROSSCURRENTEXPENDITURE"] or 0)
        for one in table("ascfr_2016-17_totals_coded.csv")
        if (one["GEOGRAPHY_CODE"], one["CareType_KEY"], one["AgeBand_KEY"]) == (area, "2", "1")
    )


@pytest.mark.parametrize("area", AREAS)
def test_the_answer_of_a_council_without_a_file_is_what_was_published(study_of, area):
    lines = page_of(study_of(area), area).answer().lines
    assert not [
        one.says for one in lines if one.says.startswith(("What changed is not known", "What was spent is not"))
    ]
    assert lines[0].says.startswith(
        f"In {AREAS[area]}, {paid_work(area):.1f}% of adults with a learning disability had paid work"
    )
    assert "England" in lines[3].says and all(one.sign != "attributable" for one in lines)


@pytest.mark.parametrize("area", AREAS)
def test_spend_is_the_sum_of_the_rows_that_were_published(study_of, area):
    spend = figures.spend(page_of(study_of(area), area)).frame.query("year == '2016-17' and basis == 'gross current'")
    long_term = spend[spend["what"].eq("Long-term support, ages 18 to 64")]["pence"]
    assert len(long_term) == 1 and float(long_term.iloc[0]) / 100 == pytest.approx(gross(area), abs=1)


def test_every_cell_of_its_pages_has_something_to_show(study_of, shown_by, monkeypatch):
    monkeypatch.setenv(parameters.STUDY, str(study_of("E08000033").path))
    for name in ("outcomes_and_spend", "implications"):
        assert all(shown_by(ROOT / "pilots" / PILOT / f"{name}.ipynb", pilot=PILOT, area="E08000033").values())


def test_a_title_over_years_tells_no_year_that_its_chart_leaves_out(study_of):
    from commissioning.reports import outcomes_and_spend

    page = page_of(study_of("E08000033"), "E08000033")
    shown = outcomes_and_spend.outcomes_by_year(page)
    assert set(re.findall(r"\d{4}-\d\d", shown.record["title"])) <= set(outcomes_and_spend.years(page))


def test_without_a_folder_another_councils_area_reads_the_national_tables_and_the_pilots_own_area_the_sample():
    own = ["E08000015", "E08000015"]
    assert pilots.read_by_default(ROOT, [], own) == ROOT / "data" / "sample"
    assert pilots.read_by_default(ROOT, ["E08000015"], own) == ROOT / "data" / "sample"
    assert pilots.read_by_default(ROOT, ["E08000033"], own) == REFERENCE
    assert pilots.read_by_default(ROOT, ["E08000015", "E08000033"], own) == REFERENCE


def test_the_tables_are_rows_of_the_publications_and_no_figure_is_changed(tmp_path, monkeypatch):
    if not SHARED.is_dir():
        pytest.skip("the publications (../shared/data) are not beside this checkout")
    spec = importlib.util.spec_from_file_location("reference_tables", ROOT / "docs" / "reference_tables.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setattr(made, "HERE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["reference_tables.py", str(SHARED)])
    assert made.main() == 0
    written = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert len(written) == 7 and written == {name: (REFERENCE / name).read_bytes() for name in written}


def test_a_published_line_is_told_by_its_name_and_is_not_called_the_whole(study_of):
    lines = page_of(study_of("E08000033"), "E08000033").answer().lines
    assert lines[1].says.startswith("Long-term support, ages 18 to 64, came to ") and "whole" not in lines[1].says


@pytest.mark.parametrize(
    ("outcomes", "spend", "shown"),
    [
        (["2014-15", "2020-21"], ["2016-17"], ("2015-16", "2020-21")),
        (["2024-25"], ["2014-15", "2016-17"], ("2016-17", "2024-25")),
        (["2014-15"], ["2023-24", "2024-25"], ("2014-15", "2024-25")),
        (["2000-01"], ["2024-25"], ("2013-14", "2024-25")),
        (["2019-20"], [], ("2019-20", "2019-20")),
        ([], [], ()),
    ],
)
def test_the_years_shown_hold_the_last_year_known_of_outcomes_and_of_spend(monkeypatch, outcomes, spend, shown):
    from commissioning.reports import outcomes_and_spend as brief

    monkeypatch.setattr(brief, "by_year", lambda page: pd.DataFrame({"period": outcomes}))
    monkeypatch.setattr(brief, "spend_by_year", lambda page: pd.DataFrame({"year": spend}))
    found = brief.years.__wrapped__(None)
    assert (found[:1] + found[-1:]) == list(shown) and len(found) <= brief.MOST_YEARS


LATER = """Geographical code,Geographical description,Geographical level,ONS code,ASCOF measure code,Disaggregation level,Measure type,Measure value,Measure group,Measure group description
216,Calderdale,Council,E08000033,2E,Total,Outcome,81.2,2E,{home}
216,Calderdale,Council,E08000033,2E,Total,Numerator,446,2E,{home}
216,Calderdale,Council,E08000033,2E,Total,Denominator,549,2E,{home}
216,Calderdale,Council,E08000033,1E,Total,Outcome,45.2,1E,The quality of life of carers
"""
HOME = '"The proportion of adults with a learning disability aged 18 to 64 who live in their own home or with family"'


def test_the_next_publication_is_dropped_beside_the_tables_and_every_cell_still_shows_something(
    tmp_path, shown_by, monkeypatch
):
    """In the layout of December 2025, in which codes have new meanings: words and year say what is meant."""
    data = tmp_path / "data"
    shutil.copytree(REFERENCE, data)
    (data / "ascof-2024-25-open-data.csv").write_text(LATER.format(home=HOME), encoding="utf-8")
    made = prepare(pilots.load(PILOT), data, area="E08000033", folder=tmp_path / "study")
    rows = page_of(made, "E08000033").released.figures.query("period == '2024-25' and group_kind == 'all'")
    known = rows[rows["value"].notna()].set_index("measure")["value"]
    assert (
        round(float(known["learning_disability_ascof_1g"]), 1) == 81.2 and "learning_disability_ascof_1e" not in known
    )
    monkeypatch.setenv(parameters.STUDY, str(made.path))
    for name in ("outcomes_and_spend", "implications"):
        assert all(shown_by(ROOT / "pilots" / PILOT / f"{name}.ipynb", pilot=PILOT, area="E08000033").values())
