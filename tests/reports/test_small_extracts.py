"""A council's first extracts are few and small: every cell of every stage has something true to say of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning.study.prepare import prepare

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
STAGES = ("1_analyse", "2_plan", "3_do", "4_review")
OWN = {"learning_disability": "implications", "vcf_funding": "funding"}
# Which pilot, which extracts, and of each every so many rows of how many periods.
SMALL = {
    "people and their reviews": ("learning_disability", ("people", "reviews"), 60, 4),
    "reviews of one quarter": ("learning_disability", ("reviews",), 10, 1),
    "everything, a little": (
        "learning_disability",
        ("people", "reviews", "packages", "starts", "providers", "sessions"),
        60,
        9,
    ),
    "people supported and their organisations": ("vcf_funding", ("supported", "organisations", "returns"), 25, 8),
    "grants and what came back": ("vcf_funding", ("grants", "returns", "monitoring", "starts"), 3, 6),
}

ALONE = {
    f"{extract} alone": (name, (extract,), 60, 4)
    for name in OWN
    for extract in sorted(path.stem for path in (SAMPLE / name).glob("*.csv"))
}
SMALL |= ALONE
IN_SHORT = ("people and their reviews", "grants and what came back", "packages alone")  # the others are for `make soak`
CASES = [one if one in IN_SHORT else pytest.param(one, marks=pytest.mark.soak) for one in SMALL]


def shorten(source: Path, target: Path, every: int, periods: int) -> None:
    """Every so many rows of the first few periods of an extract."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = sorted({row["period"] for row in rows if row.get("period")})[:periods]
    kept = [row for row in rows if "period" not in row or row["period"] in known]
    kept = kept if source.stem in ("starts", "providers") else kept[::every]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(kept)


@pytest.fixture(scope="module", params=CASES)
def small(request, tmp_path_factory):
    """(pilot, folder of its study) of a few small extracts."""
    name, extracts, every, periods = SMALL[request.param]
    data, made = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("study") / "study"
    for extract in extracts:
        shorten(SAMPLE / name / f"{extract}.csv", data / f"{extract}.csv", every, periods)
    area = pilots.load(name).area
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "{area}"\n')
    prepare(pilots.load(name), data, folder=made)
    return name, made


def test_every_cell_of_every_stage_has_something_true_to_say(small, shown_by, own_study):
    name, folder = small
    own_study(folder)
    notebooks = [ROOT / "notebooks" / f"{stage}.ipynb" for stage in STAGES]
    for notebook in (*notebooks, ROOT / "pilots" / name / f"{OWN[name]}.ipynb"):
        assert all(shown_by(notebook, pilot=name).values())
