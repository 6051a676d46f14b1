"""A service brings a table of its own, as a contract in its folder: its rows are checked, counted and released as any other's."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small_pilot

from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.evidence import tables
from commissioning.study.prepare import prepare

PAGE = (small_pilot.ROOT / "docs" / "how-to" / "add-a-pilot.md").read_text(encoding="utf-8")
CONTRACT = textwrap.dedent(re.search(r"```toml [^\n]*appointments\.toml[^\n]*\n(.*?)\n *```", PAGE, re.S)[1]) + "\n"
MEASURES = """
from dataclasses import replace

from commissioning.measures import Rule, catalogue

MEASURES = (
    replace(
        catalogue()["learning_disability_control"],
        id="learning_disability_appointments_kept",
        title="Appointments that were kept",
        table="appointments",
        one_row_is="one appointment",
        population=(),
        achieved=Rule(says="the person came", of=lambda p: p["kept"].eq("yes")),
        not_applicable=None,
        groups=(),
        unknown=Rule(says="not recorded", of=lambda p: p["kept"].eq("unknown")),
    ),
)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tables, "_BROUGHT", {})
    root = small_pilot.checkout(tmp_path / "home", 'kind = "none"\n')
    folder = root / "pilots" / "learning_disability"
    text = (folder / "pilot.toml").read_text(encoding="utf-8")
    text = text.replace("\ntables = [", '\ntables = ["appointments", ', 1)
    text = re.sub(r"\nmeasures = \[", '\nmeasures = ["learning_disability_appointments_kept", ', text, count=1)
    (folder / "pilot.toml").write_text(text, encoding="utf-8")
    (folder / "measures.py").write_text(MEASURES, encoding="utf-8")
    (folder / "tables").mkdir()
    (folder / "tables" / "appointments.toml").write_text(CONTRACT, encoding="utf-8")
    return root


def data(folder: Path) -> Path:
    shares = {"North": [0.5] * len(small_pilot.QUARTERS)}
    small_pilot.extracts(folder, small_pilot.Reviews(shares), None)
    rows = [
        f"A{quarter[:4]}{quarter[-1]}{i:03d},P{i:05d},{quarter},{'' if i < 5 else 'yes' if i < 35 else 'no'}"
        for quarter in small_pilot.QUARTERS
        for i in range(65)
    ]
    (folder / "visits.csv").write_text("\n".join(["appointment_id,person_id,period,kept", *rows, ""]), encoding="utf-8")
    return folder


def test_a_measure_over_a_pilots_own_table_is_counted_from_its_extract(home: Path, tmp_path: Path) -> None:
    made = prepare(pilots.load("learning_disability", home), data(tmp_path / "data"), folder=tmp_path / "study")
    found = pd.read_parquet(made.path / "results.parquet")
    own = found[found["measure"].eq("learning_disability_appointments_kept") & found["period"].eq("2016-17")]
    whole = own[own["numerator"].eq(own["numerator"].max())].iloc[0]
    assert (whole["numerator"], whole["denominator"], whole["unknown"]) == (4 * 30, 4 * 60, 4 * 5)


def test_a_broken_contract_of_a_pilot_is_refused_by_file_column_and_key(home: Path, tmp_path: Path) -> None:
    path = home / "pilots" / "learning_disability" / "tables" / "appointments.toml"
    path.write_text(CONTRACT.replace('holds = "yes/no"', 'holds = "yes"'), encoding="utf-8")
    words = r"pilots/learning_disability/tables/appointments\.toml: column kept, holds: Input should be"
    with pytest.raises(UsageError, match=words):
        prepare(pilots.load("learning_disability", home), data(tmp_path / "data"), folder=tmp_path / "study")
