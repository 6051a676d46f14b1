"""`commissioning run learning_disability --data data/sample_cld` works from a fresh clone, and keeps nothing that names anybody."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import commissioning as cm
from commissioning import pilot as pilots
from commissioning.errors import DataRefused
from commissioning.simulate import client_level

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample_cld"
LD = "learning_disability_"


@pytest.mark.soak
def test_it_opens_without_a_council_a_secret_or_leave_as_the_first_sample_does():
    study = cm.open("learning_disability", data=str(SAMPLE))
    found = study.outcomes()
    shown = found[found["value"].notna()]
    for name in ("ascof_2e", "paid_work", "outcomes_fully_met"):
        assert {"2023-24", "2024-25"} <= set(shown.loc[shown["measure"].eq(LD + name), "period"].str[:7]), name
    assert study.prepared.sample and study.prepared.illustrative


def test_no_other_file_is_read_from_its_folder(tmp_path):
    root = tmp_path / "checkout"
    shutil.copytree(SAMPLE, root / "data" / "sample_cld")
    pilots.refuse_own_in_sample(root / "data" / "sample_cld", root)
    shutil.copy(SAMPLE / "cld_2025-03.csv", root / "data" / "sample_cld" / "mine.csv")
    with pytest.raises(DataRefused, match="put your own in data/incoming"):
        pilots.refuse_own_in_sample(root / "data" / "sample_cld", root)


@pytest.mark.soak
def test_a_fresh_clone_makes_every_report_and_names_nobody(tmp_path):
    clone = tmp_path / "clone"
    for name in ("lib", "notebooks", "pilots", "data/sample", "data/sample_cld", "data/reference"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    finished = subprocess.run(
        [sys.executable, "-m", "commissioning.cli", "run", "learning_disability", "--data", "data/sample_cld", "--out",
         str(tmp_path / "site")],
        cwd=clone, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    (page,) = (tmp_path / "site").glob("versions/*/learning_disability-outcomes_and_spend.html")
    shown = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert any(one["measure"] == f"{LD}ascof_2e" and one["value"] is not None for one in shown["figures"])
    text = re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))
    assert "Planned cost of support was" in text and "whole spend was" not in text
    sought = {
        person.says[name]
        for person in client_level.invented(client_level.SEED, client_level.PEOPLE)
        for name in ("NHS Number", "LA Person Unique Identifier", "First Name", "Postcode")
    } - {""}
    shapes = re.compile(r"\b999\d{7}\b|\bMADEUP\d{4}\b|\bIllustrative\d+\b|\bZZ\d\d 9ZZ\b")
    written = [one for one in (tmp_path / "site").rglob("*") if one.is_file()]
    written += [one for name in ("evidence", "results") for one in (clone / "data" / name).rglob("*") if one.is_file()]
    assert len(written) > 20
    for path in written:
        body = (
            pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text("utf-8", errors="replace")
        )
        assert not set(shapes.findall(body)) & sought, path.name
