"""The file every council has, and the file it publishes, go by command and by plain papermill to one page of two sides."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from types import ModuleType

import nbformat
import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.disclosure import Released
from commissioning.evidence.intake import take_in
from commissioning.measures import calculate, catalogue

ROOT = Path(__file__).parents[2]
REPORT = "learning_disability-outcomes_and_spend"
YEARS = {"2023-24": (date(2023, 4, 1), date(2024, 3, 31)), "2024-25": (date(2024, 4, 1), date(2025, 3, 31))}


def beside(name: str) -> ModuleType:
    """A helper file of this folder, whichever way pytest imports tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


kit = beside("client_level_kit")
LD = "learning_disability_"


def spend_file(path: Path) -> dict[str, int]:
    """An invented council's payments over £500, and their sums in pence by year, added up here."""
    r = random.Random(5)
    sums: dict[str, int] = defaultdict(int)
    heads = (
        "EffectiveDate,OrganisationalUnit,BeneficiaryName,PaymentDate,TransactionNumber,Amount,Purpose,ProclassLabel"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads.split(","))
        for number in range(240):
            day = date(2023, 4, 1) + (date(2025, 3, 31) - date(2023, 4, 1)) * r.random()
            pence = r.randrange(50_000, 9_000_000)
            sums["2023-24" if day < date(2024, 4, 1) else "2024-25"] += pence
            writer.writerow([day.strftime("%d/%m/%Y"), r.choice(["ADULTS LD SUPPORT", "HIGHWAYS"]), f"Supplier {number % 9} Ltd",
                             day.strftime("%d/%m/%Y"), f"T{number:05d}", f"{pence / 100:.2f}", "Care", "Care"])  # fmt: skip
    return dict(sums)


@pytest.fixture(scope="session")
def council(once) -> tuple[Path, dict[str, int]]:
    """A checkout with the one page, and an invented council's two submissions and spend file in its folder `own`."""

    def make(folder: Path) -> None:
        pilot = folder / "pilots" / "learning_disability"
        pilot.mkdir(parents=True)
        (folder / "notebooks").mkdir()
        (folder / "data").mkdir()
        (folder / "data" / "reference").symlink_to(ROOT / "data" / "reference")
        for path in (ROOT / "pilots" / "learning_disability").iterdir():
            if path.suffix in (".toml", ".md") or path.stem == "outcomes_and_spend":
                shutil.copy(path, pilot)
        own = folder / "own"
        own.mkdir()
        world = kit.World(people=600)
        for year, (first, last) in YEARS.items():
            world.submission(own / f"CLD {year}.csv", first, last)
        (folder / "sums.json").write_text(json.dumps(spend_file(own / "spend over 500.csv")))
        (own / "sources.toml").write_text(
            '[[source]]\nfiles = "*.csv"\npublisher = "An invented council"\narea = "E08000015"\n'
        )

    folder = once("client-level-council", make)
    return folder, json.loads((folder / "sums.json").read_text())


def submissions(council: Path) -> list[Path]:
    return sorted((council / "own").glob("CLD*.csv"))


def counted(data: Path, area: str = "E08000015") -> pd.DataFrame:
    """Results by measure and year, before any disclosure control."""
    tables = take_in(data, area=area).raise_if_refused().tables
    found = {key: one for key, one in catalogue("learning_disability").items() if "_control_" not in key}
    lacking = calculate.missing(found, tables)
    usable = {key: one for key, one in found.items() if key not in lacking}
    results = calculate.results(usable, tables, pilot="learning_disability", area=area, by=("year",), group_kinds=())
    return results.set_index(["measure", "period"])


@pytest.fixture(scope="session")
def figures(council) -> pd.DataFrame:
    return counted(council[0] / "own")


EXPECTED = {
    "ascof_2e": ("settled", "working age"),
    "paid_work_published_form": ("paid", "not only prison"),
    "planned_review": ("reviewed", "supported"),
}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("measure", EXPECTED)
def test_each_share_is_what_plain_loops_over_the_rows_count(council, figures, measure, year):
    second = kit.second_route(submissions(council[0]), int(year[:4]))
    got, (top, bottom) = figures.loc[(LD + measure, year)], EXPECTED[measure]
    assert second[bottom] > 20
    assert (got["numerator"], got["denominator"]) == (second[top], second[bottom])


@pytest.mark.parametrize("year", YEARS)
def test_outcomes_agreed_at_reviews_are_what_plain_loops_count(council, figures, year):
    second = kit.second_route(submissions(council[0]), int(year[:4]))
    for measure, words in (
        ("outcomes_fully_met", "outcome Fully met"),
        ("outcomes_partly_met", "outcome Partially met"),
    ):
        got = figures.loc[(LD + measure, year)]
        known = sum(second.get(f"outcome {one}", 0) for one in ("Fully met", "Partially met", "Not met"))
        assert (got["numerator"], got["denominator"]) == (second[words], known)
        assert (got["unknown"], got["not_applicable"]) == (
            second["outcome Unknown"],
            second["supported"] - second["reviewed"],
        )


@pytest.mark.parametrize("year", YEARS)
def test_planned_cost_is_of_people_with_a_learning_disability_and_is_what_plain_loops_add_up(council, figures, year):
    second = kit.second_route(submissions(council[0]), int(year[:4]))
    got = figures.loc[(f"{LD}weekly_cost", year)]
    assert got["numerator"] == pytest.approx(second["pence"])
    assert got["denominator"] == pytest.approx(second["person-weeks"])


def test_both_releases_and_both_ways_of_writing_headers_count_alike(tmp_path):
    world, found = kit.World(seed=3, people=80), []
    for release, underscores in ((2, False), (1, True)):
        folder = tmp_path / str(release)
        folder.mkdir()
        world.submission(folder / "cld.csv", *YEARS["2024-25"], release=release, underscores=underscores)
        found.append(counted(folder))
    assert found[0]["numerator"].gt(5).any()
    pd.testing.assert_frame_equal(*found)


def test_submissions_that_overlap_count_nobody_twice(tmp_path):
    """Files of January to December and of April to March hold nine months in common."""
    world = kit.World(seed=4, people=80)
    alone, both = tmp_path / "alone", tmp_path / "both"
    for folder in (alone, both):
        folder.mkdir()
        world.submission(folder / "b.csv", *YEARS["2024-25"])
    world.submission(both / "a.csv", date(2024, 1, 1), date(2024, 12, 31))
    one, two = (counted(folder).loc[(slice(None), "2024-25"), :] for folder in (alone, both))
    for measure in ("ascof_2e", "planned_review", "weekly_cost"):
        assert two.loc[(LD + measure, "2024-25"), "denominator"] == one.loc[(LD + measure, "2024-25"), "denominator"]
    shutil.copy(alone / "b.csv", alone / "the same again.csv")
    pd.testing.assert_frame_equal(counted(alone).loc[(slice(None), "2024-25"), :], one)


def test_every_row_is_accepted_or_set_aside_with_a_reason_that_tells_of_nobody(council):
    made = take_in(council[0] / "own", area="E08000015")
    for one in made.of("accepted"):
        loaded = one.loaded
        assert loaded is not None
        assert loaded.rows_in == loaded.rows_accepted + loaded.rows_quarantined + loaded.rows_not_data
        if one.table == "client_level":
            assert set(loaded.quarantine["code"]) == {"ends before it starts", "no identifier", "the same event twice"}
            assert len(loaded.quarantine) == loaded.rows_quarantined
            assert loaded.frame.empty  # the events themselves are gone
    assert any("“Houseboat on the canal”" in note for note in made.notes)


def test_the_same_person_has_another_pseudonym_under_another_secret(tmp_path):
    kit.World(people=20).submission(tmp_path / "cld.csv", *YEARS["2024-25"])
    ids = [
        set(take_in(tmp_path, area="E08000015", secret=secret).tables["people"]["person_id"])
        for secret in (b"one", b"one", b"two")
    ]
    assert ids[0] == ids[1] and not ids[0] & ids[2]


def test_people_in_a_template_and_in_client_level_data_are_refused_together(tmp_path):
    kit.World(people=20).submission(tmp_path / "cld.csv", *YEARS["2024-25"])
    shutil.copy(ROOT / "data" / "sample" / "learning_disability" / "people.csv", tmp_path)
    with pytest.raises(Exception, match="people would be counted twice"):
        take_in(tmp_path, area="E08000015")


def test_a_file_that_names_nobody_is_refused_by_name(tmp_path):
    path = kit.World(people=20).submission(tmp_path / "cld.csv", *YEARS["2024-25"])
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kit.HEADERS)
        writer.writeheader()
        writer.writerows({**row, "NHS Number": "", "LA Person Unique Identifier": ""} for row in rows)
    (record,) = take_in(tmp_path, area="E08000015").files
    assert record.status == "refused" and "names nobody" in record.reason


def test_a_submission_of_another_council_is_left_aside_by_name(tmp_path):
    kit.World(people=20, code="E06000001").submission(tmp_path / "cld.csv", *YEARS["2024-25"])
    made = take_in(tmp_path, area="E08000015")
    assert [one.status for one in made.files] == ["left aside"] and "E06000001" in made.files[0].reason
    assert not set(made.tables)


# --- from command and papermill to the page --------------------------------------------------------------------


@pytest.fixture(scope="session")
def published(council, once) -> Path:
    """The site that `commissioning run` makes of the folder."""

    def make(folder: Path) -> None:
        finished = subprocess.run(
            [sys.executable, "-m", "commissioning.cli", "run", "learning_disability", "--data", str(council[0] / "own"),
             "--out", str(folder / "site"), "--workers", "1"],
            cwd=council[0], capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        (folder / "said.txt").write_text(finished.stdout + finished.stderr)
        assert finished.returncode == 0, finished.stderr[-3000:]

    return once("client-level-site", make)


def page_of(site: Path) -> Path:
    (page,) = site.glob(f"site/versions/*/{REPORT}.html")
    return page


def test_the_page_shows_outcomes_and_spend_of_both_years(council, published):
    report = json.loads(page_of(published).with_suffix(".json").read_text(encoding="utf-8"))
    shown = {
        (one["measure"], one["period"]) for one in report["figures"] if not one["hidden"] and one["value"] is not None
    }
    for year in YEARS:
        assert {(f"{LD}ascof_2e", year), (f"{LD}outcomes_fully_met", year)} <= shown
    text = page_of(published).read_text(encoding="utf-8")
    table = text[text.index('id="outcomes"') :].split("</table>")[0]
    assert "whatever for (£, cash)" in table
    for year, pence in council[1].items():
        rounded = float(f"{pence / 100:.1e}")  # the whole of the spend file, which is not public: two figures
        (row,) = re.findall(rf'<tr><th scope="row"[^>]*>{year}</th>.*?</tr>', table, re.DOTALL)
        assert re.search(rf'data-label="All payments [^"]*\(£, cash\)">{rounded:,.0f}(?:\.00)?<', row), year
        assert f"{pence // 100:,}" not in text, year
    assert "which of them are for this service is not said" in text


def test_plain_papermill_shows_the_same_figures_as_the_command(council, published, tmp_path):
    out = tmp_path / "executed.ipynb"
    finished = subprocess.run(
        [sys.executable, "-m", "papermill", "pilots/learning_disability/outcomes_and_spend.ipynb", str(out),
         "-r", "data", str(council[0] / "own"), "-k", "python3", "--no-progress-bar"],
        cwd=council[0], env={**os.environ, "COMMISSIONING_RESTRICTED": "1"}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    records = [
        record
        for cell in nbformat.read(out, as_version=4).cells
        for output in cell.get("outputs", ())
        for name, record in output.get("data", {}).items()
        if name.endswith("+json")
    ]
    (table,) = [one for one in records if one.get("id") == "outcomes"]
    page = page_of(published).read_text(encoding="utf-8")
    inside = page[page.index('id="outcomes"') :]
    numbers = re.findall(r"[\d,]+\.\d", re.sub(r"<[^>]+>", " ", inside[: inside.index("</table>")]))
    for row in table["data"]["rows"]:
        for cell in row[1:4]:
            assert f"{cell:.1f}" in numbers


def test_no_name_number_postcode_or_birth_date_is_anywhere_but_in_the_folder(council, published):
    people = kit.World(people=600).people
    sought = {person.nhs for person in people} | {person.own for person in people}
    sought |= {person.fixed["Date of Birth"] for person in people}
    shapes = re.compile(
        r"(?<!\d)\d{10}(?!\d)|\bL\d{5}\b|\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|Zebedee|Quillfeather|QZ\d\d 4XY"
    )
    sought |= {"Zebedee", "Quillfeather"} | {person.fixed["Postcode"] for person in people}
    sought |= {"-".join(reversed(one.split("/"))) for one in sought if "/" in one}
    sought -= {one.isoformat() for span in YEARS.values() for one in span}  # days of the periods themselves
    places = [published, *(one for one in council[0].iterdir() if one.is_dir() and one.name != "own")]
    files = [one for place in places for one in place.rglob("*") if one.is_file() and "reference" not in one.parts]
    assert len(files) > 10
    for path in files:
        body = (
            pd.read_parquet(path).to_csv()
            if path.suffix == ".parquet"
            else path.read_text(encoding="utf-8", errors="replace")
        )
        assert not set(shapes.findall(body)) & sought, path.name


@pytest.mark.browser
def test_the_page_prints_on_two_sides(published, tmp_path):
    from commissioning.presentation import pdf

    if not pdf.available():
        pytest.skip("Chromium or playwright is not installed here")
    target = tmp_path / "page.pdf"
    pdf.write([(page_of(published), target)])
    sides = len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes()))
    assert 1 <= sides <= 2


def test_the_page_is_released_figures_alone(council, published):
    """Every share in the table is a released one: rounded, and none of the raw counts' own."""
    studies = list((council[0] / "data" / "results").rglob("released.json"))
    released = Released.read(max(studies, key=lambda one: one.stat().st_mtime)).figures
    mine = released[released["measure"].eq(f"{LD}ascof_2e") & released["group_kind"].eq("all")]
    assert len(mine) == 2 and (mine["numerator"] % 5 == 0).all() and (mine["denominator"] % 5 == 0).all()


def test_the_pilot_takes_client_level_data():
    assert {"client_level", "long_term_support"} <= set(pilots.load("learning_disability").tables)
