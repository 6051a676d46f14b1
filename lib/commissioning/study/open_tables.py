"""Which of a study's tables may be read as rows by a page, and under which names the rest is held apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from commissioning.evidence.intake import Intake
from commissioning.measures import Measure, derive
from commissioning.study import spend

PUBLISHED = "published"  # the folder of a study in which they lie
OPEN = frozenset(
    {"area_spend", "indicators", "deflators", "population", "area_population", "deprivation", "neighbours", "starts", "budget",
     "coverage", "other_councils_spend"}
)  # fmt: skip
"""Tables in which no person, agreement or organisation stands: published figures, plans, and where a pilot began."""
PARTLY_OPEN = {"providers": ("staff", "staff_left")}
"""Tables that are a public register save for some columns."""
OTHERS, NOT_TIED = "other_packages", "packages_not_tied"
HELD_APART = {"other_grants": "grants", "other_councils_spend": "area_spend", OTHERS: "packages", NOT_TIED: "packages"}
"""Tables that hold the part of an extract which is not the pilot's own: name → the extract's table."""
PACKAGES = ("packages", OTHERS, NOT_TIED)


def is_published(name: str, public: Collection[str]) -> bool:
    """Whether a page may read rows of a table, where the extracts `public` are public already."""
    return name in OPEN or name in PARTLY_OPEN or HELD_APART.get(name, name) in public


def write_published(
    folder: Path, tables: Mapping[str, pd.DataFrame], public: Collection[str], names: Mapping[str, str]
) -> None:
    """The tables in which nobody stands, or that everybody can read, apart from all others: all that a page may read as rows."""
    (folder / PUBLISHED).mkdir(exist_ok=True, mode=0o700)
    for name, frame in tables.items():
        if is_published(name, public):
            open_part(name, frame, names).to_parquet(folder / PUBLISHED / f"{name}.parquet", index=False)


def open_part(name: str, frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """What a page may read of a published table: no column that counts staff, and each row's file by the name shown (`names`)."""
    kept = frame.drop(columns=list(PARTLY_OPEN.get(name, ())), errors="ignore")
    if "source_file" not in kept:
        return kept
    return kept.assign(source_file=kept["source_file"].map(lambda one: names.get(str(one), one)))


def apart_of(public: Collection[str]) -> list[str]:
    """The tables held apart of extracts that are public."""
    return [name for name, extract in HELD_APART.items() if extract in public]


def by_whose(tables: dict[str, pd.DataFrame], reason: str) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables, with `packages` those of the people the pilot is for; the rest under names of their own.

    Every section, effect and value reads `packages`, so none can set other people's spend beside outcomes by oversight.
    """
    if "packages" not in tables:
        return tables, ""
    tied = spend.tie(tables["packages"], tables.get("people", pd.DataFrame()), reason)
    rest = {name: frame for name, frame in tables.items() if name != "packages"}
    parts = {"packages": tied.packages, OTHERS: tied.of_others, NOT_TIED: tied.not_tied}
    return rest | {name: frame for name, frame in parts.items() if len(frame)}, tied.why_not


def all_packages(
    tables: Mapping[str, pd.DataFrame], same: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, pd.DataFrame]:
    """The tables with everybody's packages in one again, as measures count them; where no row is gone, the frame of `same`."""
    if not any(one in tables for one in (OTHERS, NOT_TIED)):
        return dict(tables)
    parts = [tables[one] for one in PACKAGES if one in tables]
    return {**tables, "packages": same["packages"] if same is not None else pd.concat(parts, ignore_index=True)}


def public_held(intake: Intake) -> dict[str, set[bool]]:
    """For each table taken in: whether its files are public already, as `sources.toml` says."""
    held: dict[str, set[bool]] = {}
    for one in intake.files:
        if one.status == "accepted" and one.table:
            held.setdefault(one.table, set()).add(one.source.public)
    return held


def public_measures(measures: Mapping[str, Measure], held: Mapping[str, set[bool]]) -> list[str]:
    """Measures counted wholly from extracts that `sources.toml` says are public already. Never where rows are persons."""
    return [
        key
        for key, measure in measures.items()
        if measure.person is None
        and all(held.get(table) == {True} for table in derive.needs(measure.table) if table in held)
        and any(table in held for table in derive.needs(measure.table))
    ]
