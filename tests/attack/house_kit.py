"""A small council's whole study for the joint attack: everybody's rows go in, every figure that leaves comes out.

With `council_kit` the only file of the room that knows disclosure control. A study is prepared once; a world in which one person's
rows are others is counted anew from the checked tables, and only where those are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from commissioning import disclosure, simulate
from commissioning import pilot as pilots
from commissioning.measures import Measure, breakdowns, calculate, derive
from commissioning.simulate.budget import budget
from commissioning.simulate.write import SOURCES
from commissioning.study import broken_down
from commissioning.study.group_names import hierarchy_of
from commissioning.study.open_tables import PACKAGES, all_packages
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepare import prepare as make_study

Tables = dict[str, pd.DataFrame]
CELL = ["measure", "group_kind", "group", "period"]


def write_extracts(folder: Path, seed: int, *, people: int = 150, years: int = 2) -> Path:
    """Extracts of both pilots about so many made-up people over so many years, as CSV."""
    disability = replace(
        simulate.LearningDisabilityShape(), people=people, wards=8, localities=2, never=3, years=years, waves=(3, 4, 5)
    )
    funding = replace(simulate.VcfShape(), organisations=40, grants=80, people=4 * people, years=years, waves=(2, 3, 4))
    made = {
        "learning_disability": simulate.learning_disability(seed, disability, simulate.LearningDisabilityEffects()),
        "vcf_funding": simulate.vcf_funding(seed, funding, simulate.VcfEffects()),
        "council": {"budget": budget()},
    }
    for pilot, tables in made.items():
        (folder / pilot).mkdir(parents=True)
        for name, table in tables.items():
            simulate.extract(table).to_csv(folder / pilot / f"{name}.csv", index=False, lineterminator="\n")
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return folder


@dataclass(frozen=True, kw_only=True)
class House:
    """One prepared study: its checked tables, its people's keys, what was counted, what adds up to what, and what was let out."""

    pilot: str
    area: str
    tables: Tables
    keys: pd.Series
    measures: Mapping[str, Measure]
    breakdowns: Mapping[str, breakdowns.Breakdown]
    results: pd.DataFrame
    hierarchy: dict[tuple[str, str], dict[str, str]]
    figures: pd.DataFrame
    policy: disclosure.Policy


def leaves(measure: str) -> bool:
    """Negative controls stand on no page and in no file: see `reports.base`, `printed`."""
    return re.search("_control_(?!_)", measure) is None


def prepare(data: Path, folder: Path, pilot: str) -> House:
    """The whole route, as a report goes it."""
    held = pilots.load(pilot)
    made = make_study(held, data, folder=folder)
    tables = {name: made._held(name) for name in made.tables_held}
    by_group = pd.read_parquet(folder / "breakdowns.parquet")
    released = made._every_released
    results = pd.concat([made._results.assign(behind_are_people=True), by_group], ignore_index=True)
    return House(
        pilot=pilot, area=made.area, tables=tables, keys=made.record_keys,
        measures={key: one for key, one in measures_of(held).items() if key in made.record["measures"] and leaves(key)},
        breakdowns=broken_down.of(held),
        results=results[results["measure"].map(leaves)].reset_index(drop=True),
        hierarchy=broken_down.nested(by_group) | (hierarchy_of(tables) or {}),
        policy=made.policy,
        figures=released._figures[released._figures["measure"].map(leaves)].reset_index(drop=True),
    )  # fmt: skip


def counted(house: House, tables: Tables, keys: pd.Series | None = None, *, column: str | None = None) -> pd.DataFrame:
    """What is counted of other tables: the measures and breakdowns that read a table which differs, anew; the others as they are.

    `column`: the one column that differs, so that measures whose rules do not read it are left as they are.
    """

    def reads(one: Measure) -> bool:
        whole = column is None or one.table in derive.DERIVED
        return whole or column in columns_of(one, house.tables[one.table])

    keys = house.keys if keys is None else keys
    tables = {name: tables[name] for name in house.tables}
    other = {name for name in house.tables if tables.get(name) is not house.tables[name]}
    other |= {"packages"} if other & set(PACKAGES) else set()
    again = {key: one for key, one in house.measures.items() if other & set(derive.needs(one.table)) and reads(one)}
    broken = {key: one for key, one in house.breakdowns.items() if other & set(one.reads)}
    codes: dict[str, calculate.Codes | None] = {}
    whole, said = all_packages(tables), {"pilot": house.pilot, "area": house.area, "keys": keys}
    new = calculate.results(again, whole, codes=codes, **said).assign(behind_are_people=True)
    rows = breakdowns.made(broken.values(), tables)
    by_group = breakdowns.counted(broken.values(), tables, rows=rows, **said)
    last = house.results.loc[~breakdowns.is_breakdown(house.results["measure"]), "period"].str.slice(0, 7).max()
    left, _ = breakdowns.left_out(again, codes, period=last, **said)
    found = pd.concat([new, by_group, left], ignore_index=True)
    public = house.results.drop_duplicates("measure").set_index("measure")["public"]
    found["public"] = found["measure"].map(public).fillna(False).astype(bool)
    gone = set(again) | {
        breakdowns.measure_id(house.pilot, one.id, f.name) for one in broken.values() for f in one.figures
    }
    gone |= {breakdowns.measure_id(house.pilot, breakdowns.LEFT_OUT + one, "rows") for one in again}
    kept = house.results[~house.results["measure"].isin(gone)]
    return pd.concat([kept, found], ignore_index=True)[house.results.columns]


class _Watched(pd.DataFrame):
    """Rows that remember which of their columns were read."""

    _metadata = ["seen"]  # noqa: RUF012

    def __getitem__(self, key):
        self.seen.add(key) if isinstance(key, str) else None
        return super().__getitem__(key)


def columns_of(measure: Measure, table: pd.DataFrame) -> set[str]:
    """The columns that any rule of a measure reads."""
    watched = _Watched(table.head(2))
    watched.seen = set()
    clauses = (
        *measure.population,
        measure.not_applicable,
        measure.achieved,
        measure.amount,
        measure.out_of,
        measure.unknown,
    )
    for one in (one for one in clauses if one is not None):
        one.of(watched)
    return watched.seen


def let_out(house: House, results: pd.DataFrame, policy: disclosure.Policy | None = None) -> pd.DataFrame:
    """Every figure that leaves, under the house's policy where no other is given: a pilot so small that noise costs too much has none."""
    return disclosure.release(results, hierarchy=house.hierarchy, policy=policy)._figures


KEY_SUMS = ["key_all", "key_numerator", "key_denominator", "key_unknown", "key_not_applicable"]


def under_a_fresh_secret(results: pd.DataFrame, number: int) -> pd.DataFrame:
    """The same results as another secret would have them.

    Record keys enter noise only as the sum over a set of people, so a fresh secret gives each different set another sum at random. Nothing
    is counted again. The trial is a pilot of its own, so that many can be released in one call and share nothing.
    """
    sums = results[KEY_SUMS].to_numpy(dtype=float)
    codes, different = pd.factorize(np.where(np.isfinite(sums), sums, -1.0).ravel())
    drawn = np.random.default_rng([20261130, number]).integers(1, 2**44, size=len(different)).astype(float)
    drawn = np.where(different == -1.0, np.nan, np.where(different == 0.0, 0.0, drawn))
    made = results.assign(pilot=f"trial {number}")
    made[KEY_SUMS] = drawn[codes].reshape(sums.shape)
    return made


def around(results: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The rows that must be released together with some cells: all of their measures, and of those that hold the same answers, in
    their years and quarters."""
    measures = results["measure"].isin(cells["measure"])
    answers = set(results.loc[measures, "answer"]) - {""}
    return results[(measures | results["answer"].isin(answers)) & results["period"].isin(cells["period"])]


ALWAYS = float("inf")
SAME_ANSWER = (
    # what any reader of two definitions knows: the first counts at least what the second does; or both the same people
    ("learning_disability_paid_work", "learning_disability_paid_work_16_hours", "numerator", ALWAYS),
    ("learning_disability_paid_work_as_published", "learning_disability_paid_work", "denominator", ALWAYS),
    ("learning_disability_paid_work_as_published", "learning_disability_paid_work", "numerator", 0.0),
)


def relations(house: House, figures: pd.DataFrame) -> list[tuple[list[tuple[int, str, float]], float]]:
    """What the definitions say of the figures of one or more versions (columns of released figures, and `version`, from 0 on).

    Parts and totals, years and quarters, measures that hold the same answer, and that from a version to the next one person at most
    was added. Each is a list of (row, count, times), whose sum lies between 0 and a number.
    """
    where = {tuple(row): at for at, row in enumerate(figures[["version", *CELL]].itertuples(index=False))}
    every: list[tuple[list[tuple[int, str, float]], float]] = []
    counts = ("numerator", "complement", "denominator", "unknown", "not_applicable")
    kinds = figures.reset_index().groupby(["version", "measure", "period", "group_kind"])["index"].agg(list)
    for (version, id, period, kind), rows in kinds.items():
        measure, whole = house.measures.get(id), where.get((version, id, "all", "all", period))
        if measure is None or kind == "all" or whole is None or measure.person is None:
            continue
        if measure.several_rows == "the latest" or not measure.one_row_per:
            rows = [
                one for one in rows if not str(figures.at[one, "group"]).startswith("smaller ")
            ]  # its members stand beside it
            every += [([(whole, name, 1.0), *((one, name, -1.0) for one in rows)], ALWAYS) for name in counts]
        elif measure.several_rows == "one that achieved":
            every += [([(whole, "numerator", 1.0), (one, "numerator", -1.0)], ALWAYS) for one in rows]
    for (version, id, kind, group, period), year in where.items():
        measure = house.measures.get(id)
        quarters = [where.get((version, id, kind, group, f"{period} Q{one}")) for one in (1, 2, 3, 4)]
        rows_add_up = measure is not None and (measure.several_rows == "the latest" or not measure.one_row_per)
        if rows_add_up and measure.person is not None and None not in quarters:
            more = ALWAYS if measure.one_row_per else 0.0
            every += [([(year, name, -1.0), *((one, name, 1.0) for one in quarters)], more) for name in counts]
        for more_than, less, name, most in SAME_ANSWER:
            if id == more_than and (version, less, kind, group, period) in where:
                every.append(([(year, name, 1.0), (where[version, less, kind, group, period], name, -1.0)], most))
        before = where.get((version - 1, id, kind, group, period))
        if before is not None and measure is not None and measure.counts_people:
            every += [([(year, name, 1.0), (before, name, -1.0)], 1.0) for name in ("numerator", "complement")]
    return every
