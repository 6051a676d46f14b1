"""Every measure, recomputed by plain loops: on random tables with every trap in them, and on the sample."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from commissioning.measures import Measure, catalogue
from commissioning.measures.calculate import results
from commissioning.measures.reading import group_column

HERE = Path(__file__).parent


def beside(name: str) -> ModuleType:
    """A helper file of this folder, whichever way pytest imports tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


naive, naive_tables, tables = (beside(name) for name in ("naive", "naive_tables", "tables"))
CATALOGUE = catalogue()
AREA = "E01"


def as_rows(frames: dict[str, pd.DataFrame]) -> dict[str, list[dict[str, object]]]:
    rows = {name: frame.astype(object).to_dict("records") for name, frame in frames.items()}
    for name, make in naive_tables.MADE.items():
        if all(part in rows for part in NEEDS[name]):
            rows[f"made {name}"] = make(rows)
    return rows


NEEDS = {
    "supported": ("supported", "returns"),
    "packages": ("packages", "people"),
    "access": ("people", "population"),
    "accrued_spend": ("payments", "grants", "returns", "supported"),
    "monitoring": ("monitoring", "grants"),
    "funded_organisations": ("grants",),
}


@cache
def random_case(seed: int) -> tuple[dict[str, pd.DataFrame], dict[str, list[dict[str, object]]], pd.DataFrame]:
    frames = tables.random_tables(seed)
    return frames, as_rows(frames), results(CATALOGUE, frames, pilot="random", area=AREA)


def compare(measure: Measure, figures: pd.DataFrame, rows: list[dict[str, object]]) -> int:
    how = naive.ROUTES[measure.id]
    compared = 0
    for figure in figures.to_dict("records"):
        kind = "quarter" if " Q" in figure["period"] else "year"
        group = None
        if figure["group_kind"] != "all":
            group = (group_column(measure, figure["group_kind"]), figure["group"])
        top, bottom, unknown, na, people = naive.count(how, rows, figure["period"], kind, group, AREA)
        where = f"{measure.id} {group} {figure['period']}"
        assert figure["unknown"] == unknown, where
        assert figure["not_applicable"] == na, where
        if figure["status"] == "known":
            assert figure["numerator"] == pytest.approx(top), where
            if how.plain_sum:
                assert pd.isna(figure["denominator"]), where
                assert figure["value"] == pytest.approx(top), where
            else:
                assert figure["denominator"] == pytest.approx(bottom), where
                assert figure["value"] == pytest.approx(how.per * top / bottom), where
        else:
            assert bottom == 0 or how.plain_sum, where
            assert pd.isna(figure["numerator"]) and pd.isna(figure["value"]), where
        assert (people is None and pd.isna(figure["people"])) or figure["people"] == people, where
        compared += 1
    return compared


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_loops_count_the_same_on_random_tables(measure_id: str, seed: int) -> None:
    measure = CATALOGUE[measure_id]
    _, rows, figures = random_case(seed)
    table = rows.get(f"made {measure.table}", rows.get(measure.table, []))
    mine = figures[figures["measure"] == measure_id]
    assert compare(measure, mine, table) > (2 if measure.groups else 1)  # the made-up agreements begin in two years


@pytest.mark.parametrize("measure_id", sorted(CATALOGUE))
def test_no_period_or_group_that_plain_loops_see_is_missing_from_the_results(measure_id: str) -> None:
    measure, how = CATALOGUE[measure_id], naive.ROUTES[measure_id]
    _, rows, figures = random_case(1)
    table = rows.get(f"made {measure.table}", rows.get(measure.table, []))
    mine = figures[figures["measure"] == measure_id]
    made = set(zip(mine["group_kind"], mine["group"], mine["period"], strict=True))
    for column in measure.groups:
        kind = naive_kind(column)
        for period in {naive.year_of(row[how.when]) for row in table} - {None}:
            for group in {row[column] for row in table if not naive.none(row[column])}:
                top, bottom, unknown, na, _ = naive.count(how, table, period, "year", (column, group), AREA)
                seen = bottom > 0 or unknown > 0 or na > 0 or (how.plain_sum and top > 0)
                assert not seen or (kind, group, period) in made


def naive_kind(column: str) -> str:
    return "organisation" if column in ("organisation_id", "recipient_id") else column


def test_every_measure_has_a_second_route() -> None:
    assert set(naive.ROUTES) == set(CATALOGUE)


@cache
def sample_case(pilot: str) -> tuple[dict[str, list[dict[str, object]]], pd.DataFrame]:
    if not (tables.SAMPLE / pilot).is_dir():
        pytest.skip("the sample data are not in this checkout")
    frames = tables.sample(pilot)
    mine = {id_: m for id_, m in catalogue(pilot).items() if "_control_" not in id_ and m.table != "indicators"}
    periods = ["2014-15", "2015-16", "2014-15 Q2"]
    kinds = {"ward", "department"} & {group for measure in mine.values() for group in measure.groups}
    return as_rows(frames), results(mine, frames, pilot=pilot, area="E08000015", periods=periods, group_kinds=kinds)


@pytest.mark.parametrize(
    "measure_id",
    sorted(id_ for id_, m in CATALOGUE.items() if "_control_" not in id_ and m.table != "indicators"),
)
def test_plain_loops_count_the_same_on_the_sample(measure_id: str) -> None:
    measure = CATALOGUE[measure_id]
    pilot = "vcf_funding" if measure_id.startswith("vcf_funding") else "learning_disability"
    rows, figures = sample_case(pilot)
    table = rows.get(f"made {measure.table}", rows.get(measure.table, []))
    table = [row for row in table if naive.year_of(row[naive.ROUTES[measure_id].when]) in ("2014-15", "2015-16")]
    mine = figures[(figures["measure"] == measure_id)]
    three = mine.groupby(["group_kind", "period"], sort=True).head(3)
    assert compare(measure, three, table) >= 2
    assert mine["status"].eq("known").any() or measure_id == "learning_disability_spend_not_tied"  # all is tied here
