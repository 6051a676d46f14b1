"""What the sample's measures count, and what its reports find: kept beside this file as lines that anybody can read.

Counts are whole numbers before disclosure control and findings are sentences with their claims, so nothing here rests on rounding
noise or on the processor. A change that is meant is written by `make snapshots`, and read before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.presentation.display import MIME
from commissioning.study import restricted
from commissioning.study.prepare import open_sample

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RENEW = os.environ.get("RENEW") == "1"
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), *sorted((ROOT / "pilots").glob("*/*.ipynb"))]
PILOTS = ("learning_disability", "vcf_funding")


def same(name: str, found: str) -> None:
    """Fails where `found` is not what the file of that name keeps; `make snapshots` writes it."""
    path = HERE / name
    if RENEW:
        path.write_text(found, encoding="utf-8")
    assert found.splitlines() == path.read_text(encoding="utf-8").splitlines(), f"read the difference to {path.name}"


def shown(notebook: Path) -> list[dict]:
    """The display records that a notebook stores: nbval holds that a fresh run gives the same."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [one for cell in cells if cell["cell_type"] == "code" for one in cell["outputs"]]
    return [one["data"][MIME] for one in outputs if MIME in one.get("data", {})]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_report_of_the_sample_finds_what_it_found(notebook):
    lines = []
    for record in shown(notebook):
        pieces = record.get("pieces", [record])
        findings = [
            one for piece in pieces for one in piece.get("findings", [piece] if piece["kind"] == "finding" else [])
        ]
        lines += [f"{one['claim']:<12} | {one['sentence']}" for one in findings]
    same(f"{notebook.stem}.txt", "\n".join(lines) + "\n")


def counted(rows: pd.DataFrame) -> list[str]:
    """A line a measure: each year, numerator of denominator and what is not known; money in whole pounds."""
    lines = []
    for measure, years in rows.groupby("measure", sort=True):
        parts = []
        for _, one in years.sort_values("period").iterrows():
            top, bottom = (f"{one[name]:.0f}" if pd.notna(one[name]) else "-" for name in ("numerator", "denominator"))
            parts.append(f"{one['period']}: {top} of {bottom}, {one['unknown']:.0f} unknown")
        lines += [measure, *(f"    {part}" for part in parts)]
    return lines


@pytest.mark.parametrize("name", PILOTS)
def test_the_samples_measures_count_what_they_counted(name):
    results = restricted.results(open_sample(pilots.load(name)))  # kept by the bytes of the sample and of the code
    whole = results[(results["group_kind"] == "all") & results["period"].str.fullmatch(r"\d{4}-\d{2}")]
    same(f"{name}.txt", "\n".join(counted(whole)) + "\n")
