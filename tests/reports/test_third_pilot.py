"""A third service: a scaffold, a handful of CSV files and one measures file, and every stage of the cycle is there."""

from __future__ import annotations

import csv
import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest

from commissioning import cli
from commissioning import pilot as pilots
from commissioning.reports import closing, face
from commissioning.runs import scaffold
from commissioning.sections import figures
from commissioning.simulate import service

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("1_analyse", "2_plan", "3_do", "4_review")
PAGE = (ROOT / "docs" / "how-to" / "add-a-pilot.md").read_text(encoding="utf-8")
MEASURES = textwrap.dedent(re.search(r"```python [^\n]*measures\.py[^\n]*\n(.*?)\n *```", PAGE, re.S)[1]) + "\n"


def template(folder: Path, table: str) -> dict[str, str]:
    with (folder / "templates" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def scaffolded(root: Path) -> Path:
    """A checkout with the shared notebooks and one pilot, as `commissioning new` leaves it."""
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "pilots").mkdir()
    scaffold.make(root, "drug_and_alcohol")
    return root


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout of its own with one pilot, made by the scaffold, and four small extracts."""
    root = scaffolded(tmp_path_factory.mktemp("third"))
    folder = root / "pilots" / "drug_and_alcohol"
    (folder / "measures.py").write_text(MEASURES)
    settings = (folder / "pilot.toml").read_text()
    (folder / "pilot.toml").write_text(
        settings.replace("measures = [", 'measures = [\n    "drug_and_alcohol_still_well",', 1)
    )
    data = root / "extracts"
    data.mkdir()
    (data / "sources.toml").write_text('[[source]]\nfiles = "*.csv"\npublisher = "The council"\narea = "E08000015"\n')
    quarters = [f"{year}-{(year + 1) % 100:02d} Q{q}" for year in (2013, 2014) for q in (1, 2, 3, 4)]
    people, grant = template(folder, "supported"), template(folder, "grants")
    supported = [
        people
        | {"person_id": f"S{i:05d}", "period": quarters[i % 8], "outcome_reached": "no" if i % 3 == 0 else "yes",
           "outcome_kept": "yes" if i % 5 else "no"}
        for i in range(800)
    ]  # fmt: skip
    write(data / "people helped.csv", supported)
    write(data / "agreements.csv", [grant])
    returned = template(folder, "returns")
    write(data / "returns.csv", [returned | {"return_id": f"R{i}", "period": one} for i, one in enumerate(quarters)])
    write(data / "hours.csv", [template(folder, "monitoring") | {"period": one} for one in quarters])
    return root


@pytest.mark.parametrize("stage", STAGES)
def test_every_cell_of_every_stage_runs_on_the_new_services_own_extracts(checkout, stage, monkeypatch):
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    assert pilots.home() == checkout
    monkeypatch.setattr("IPython.display.display", lambda *shown: None)
    notebook = json.loads((checkout / "notebooks" / f"{stage}.ipynb").read_text())
    told = {"pilot": "drug_and_alcohol", "data": str(checkout / "extracts")}
    kept: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), kept)  # the notebook's own cells, in order
            if "parameters" in cell["metadata"].get("tags", []):
                kept |= told
    report = face.stage_page(kept["study"], stage[2:])
    assert report.period == "2014-15"
    figures = {row["measure"] for row in closing.as_json(report)["figures"]}
    assert {"vcf_funding_outcome_reached", "drug_and_alcohol_still_well"} <= figures


def test_a_measure_of_ones_own_is_described_by_the_command(checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    assert cli.main(["measures", "drug_and_alcohol_still_well"]) == 0
    said = capsys.readouterr().out
    assert "People who reached their outcome and still held it six months later" in said
    assert "no 6-month check was due" in said, "who is left out stays as in the measure it was made from"
    assert cli.main(["measures", "drug_and_alcohol_still_wel"]) == 2
    assert "drug_and_alcohol_still_well" in capsys.readouterr().err
    assert cli.main(["measures"]) == 0
    assert "drug_and_alcohol_still_well" in capsys.readouterr().out


@pytest.fixture(scope="module")
def new_house(tmp_path_factory):
    """A checkout as `commissioning new` leaves it: nobody has sent an extract yet."""
    return scaffolded(tmp_path_factory.mktemp("new"))


@pytest.mark.parametrize("stage", STAGES)
def test_every_cell_of_every_stage_runs_at_once_on_made_up_extracts_of_its_own(new_house, stage, monkeypatch):
    monkeypatch.chdir(new_house)
    monkeypatch.setattr("IPython.display.display", lambda *shown: None)
    kept: dict[str, object] = {}
    for cell in json.loads((new_house / "notebooks" / f"{stage}.ipynb").read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), kept)
            if "parameters" in cell["metadata"].get("tags", []):
                kept |= {"pilot": "drug_and_alcohol"}
    report = face.stage_page(kept["study"], stage[2:])
    assert report.study.illustrative
    known = figures.outcome_frame(report).frame["value"].notna()
    assert known.sum() >= 3
    read = [one["table"] for one in report.study.files if one["status"] == "accepted"]
    assert sorted(read) == sorted(service.TABLES)


def test_the_made_up_extracts_speak_of_the_service_and_are_the_same_for_the_same_name():
    made = service.service("drug_and_alcohol", "Drug and alcohol")
    assert made["grants"]["title"].str.startswith("Drug and alcohol: ").all()
    assert service.contents("drug_and_alcohol", "Drug and alcohol") == service.contents(
        "drug_and_alcohol", "Drug and alcohol"
    )
    other = service.service("home_library", "Home library")
    assert set(other["grants"]["grant_id"]) != set(made["grants"]["grant_id"])


def test_a_pilot_with_a_sample_of_its_own_reads_no_other_and_no_other_reads_it(new_house):
    assert pilots.sample_of("drug_and_alcohol", new_house) == new_house / "pilots" / "drug_and_alcohol" / "sample"
    assert pilots.sample_of("vcf_funding", ROOT) == ROOT / "data" / "sample"


def test_the_new_service_tells_its_outcome_with_its_range(checkout, monkeypatch):
    from commissioning import reports

    monkeypatch.chdir(checkout)
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    report = reports.open("review", pilot="drug_and_alcohol", data=str(checkout / "extracts"))
    rows = figures.outcome_frame(report).frame.set_index("what")
    kept = rows.loc["People who reached their outcome and still held it six months later"]
    assert kept["denominator"] == pytest.approx(400, abs=19 + 2.5)  # the noise of a count, and its rounding to 5
    assert kept["value"] == pytest.approx(53.3, abs=6)
    assert kept["lower"] < kept["value"] < kept["upper"]


def test_a_name_that_is_taken_or_unsafe_makes_no_folder(checkout):
    from commissioning.errors import UsageError

    for name in ("drug_and_alcohol", "../elsewhere", "Drug", "x"):
        with pytest.raises(UsageError):
            scaffold.make(checkout, name)
    assert [one.name for one in (checkout / "pilots").iterdir()] == ["drug_and_alcohol"]
