"""Every figure of Client Level Data is what plain loops over the files count: of the sample, and of submissions nobody has seen."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from commissioning.evidence.intake import take_in
from commissioning.measures import calculate, catalogue
from commissioning.simulate import client_level

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample_cld"
LD = "learning_disability_"
MEASURES = (
    "ascof_2e", "paid_work", "paid_work_published_form", "planned_review", "outcomes_fully_met", "outcomes_partly_met",
    "direct_payment", "self_directed", "weekly_cost",
)  # fmt: skip
GROUPS = ("setting", "age_band", "ethnicity")
# Calendar years, gaps between submissions, one file alone, quarterly files that overlap by nine months.
SHAPES = {
    "one file alone": ((date(2024, 4, 1), date(2025, 3, 31), 2),),
    "calendar years": ((date(2023, 1, 1), date(2023, 12, 31), 1), (date(2024, 1, 1), date(2024, 12, 31), 2)),
    "every quarter": tuple(
        (date(y, m, 1), last, 2)
        for (y, m), last in (
            ((2023, 4), date(2024, 3, 31)), ((2023, 7), date(2024, 6, 30)), ((2023, 10), date(2024, 9, 30)),
            ((2024, 1), date(2024, 12, 31)), ((2024, 4), date(2025, 3, 31)),
        )
    ),
    "a year missing": ((date(2022, 4, 1), date(2023, 3, 31), 1), (date(2024, 4, 1), date(2025, 3, 31), 2)),
}  # fmt: skip


def plain() -> ModuleType:
    if "client_level_plain" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "client_level_plain", Path(__file__).parent / "client_level_plain.py"
        )
        assert spec is not None and spec.loader is not None
        sys.modules["client_level_plain"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["client_level_plain"])
    return sys.modules["client_level_plain"]


def figures(folder: Path) -> pd.DataFrame:
    """What the library counts of a folder, before anything is hidden."""
    tables = take_in(folder, area="E08000015").raise_if_refused().tables
    every = catalogue("learning_disability")
    found = {LD + name: every[LD + name] for name in MEASURES}
    return calculate.results(
        found, tables, pilot="learning_disability", area="E08000015", by=("year", "quarter"), group_kinds=GROUPS
    )


def hold_against_loops(folder: Path) -> int:
    """Assert that every figure agrees, one way and the other; how many were compared."""
    second, _ = plain().count(sorted(folder.glob("*.csv")))
    made, compared = figures(folder), 0
    first = {}
    for row in made.itertuples():
        if pd.isna(row.denominator) or not row.denominator:
            continue
        name = row.measure.removeprefix(LD)
        if row.group_kind == "all":
            if "Q" not in row.period or name == "weekly_cost":
                first[name, row.period] = (row.numerator, row.denominator)
        elif row.group_kind in GROUPS and name not in ("paid_work", "weekly_cost"):
            first[name, row.period, row.group_kind, row.group] = (row.numerator, row.denominator)
    for key in {*first, *second}:
        assert first.get(key) == pytest.approx(tuple(second.get(key, (0, 0)))), key
        compared += 1
    return compared


def test_every_figure_of_the_sample_is_what_plain_loops_count():
    assert hold_against_loops(SAMPLE) > 100


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [11, *(pytest.param(one, marks=pytest.mark.soak) for one in range(12, 20))])
def test_every_figure_of_other_submissions_is_what_plain_loops_count(tmp_path, shape, seed):
    world = client_level.invented(seed, 110)
    for place, (first, last, release) in enumerate(SHAPES[shape]):
        (tmp_path / f"{place}.csv").write_bytes(client_level.csv_of(client_level.rows(world, first, last), release))
    assert hold_against_loops(tmp_path) > 30
