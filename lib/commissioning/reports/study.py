"""A study: one pilot in one area, from extracts to released figures, prepared once.

Intake, measures and disclosure control run once, before any notebook starts, from one
snapshot of what was released before; notebooks only read. A study is restricted: its
folder is readable by its owner alone and stays under `data/`.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import pilot as pilots
from commissioning.disclosure import Released, release
from commissioning.errors import UsageError
from commissioning.evidence import store
from commissioning.evidence.intake import Intake, take_in
from commissioning.evidence.tables import CONTRACTS
from commissioning.measures import Measure, calculate, catalogue, derive
from commissioning.pilot import Pilot
from commissioning.reports import spend, used
from commissioning.reports.told_apart import by_funder, told_apart

RECORD = "study.json"
LEFT_OUT = "left_out.json"


@dataclass(frozen=True)
class Study:
    """One prepared pilot and area, read from its folder. Tables and results are restricted."""

    path: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        return json.loads((self.path / RECORD).read_text(encoding="utf-8"))

    @property
    def pilot(self) -> str:
        return str(self.record["pilot"])

    @property
    def area(self) -> str:
        return str(self.record["area"])

    @property
    def illustrative(self) -> bool:
        return bool(self.record["illustrative"])

    @property
    def fingerprint(self) -> str:
        return str(self.record["fingerprint"])

    @property
    def files(self) -> list[dict[str, Any]]:
        """The intake's reconciliation, one dict a file, as `commissioning check --json` prints it."""
        return list(self.record["files"])

    @property
    def tables_held(self) -> tuple[str, ...]:
        return tuple(self.record["tables"])

    @cached_property
    def read(self) -> set[str]:
        """The parts of the study that were read so far: what a report depends on."""
        return {"released.json"}

    def table(self, name: str) -> pd.DataFrame:
        """One checked table; an empty frame where no extract held it."""
        self.read.add(name)
        if name not in self._tables:
            path = self.path / "tables" / f"{name}.parquet"
            self._tables[name] = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
        return self._tables[name].copy(deep=False)  # pandas copies on write: a reader's changes stay its own

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        """Tables as read, each once a report."""
        return {}

    def codes_for(self, measure: Measure) -> calculate.Codes | None:
        """The rows the measure's rules read, with their columns as codes, made once a report; None where there are none."""
        needed = {name: self.table(name) for name in derive.needs(measure.table)}
        if measure.table not in self._codes:
            made = calculate.table_for(measure, needed)
            self._codes[measure.table] = None if made is None else calculate.Codes(made, measure.table)
        return self._codes[measure.table]

    def left_out(self, measure: Measure) -> pd.DataFrame | None:
        """Who a measure left out, as `calculate.left_out` says; None where there are no rows. Counts are restricted."""
        self.read.update(derive.needs(measure.table))
        lines = self._left_out.get(measure.id)
        return None if lines is None else pd.DataFrame(lines, columns=["says", "rows", "part"])

    @cached_property
    def _left_out(self) -> dict[str, list[list[Any]]]:
        return json.loads((self.path / LEFT_OUT).read_text(encoding="utf-8"))

    @cached_property
    def _codes(self) -> dict[str, calculate.Codes | None]:
        return {}

    @cached_property
    def results(self) -> pd.DataFrame:
        return pd.read_parquet(self.path / "results.parquet")

    @cached_property
    def released(self) -> Released:
        """The released figures under the names that may be shown."""
        return Released.read(self.path / "released.json").without_names_of_few(self.record.get("known_names"))


def measures_of(pilot: Pilot) -> dict[str, Measure]:
    """The pilot's measures: those it lists, or every one of its catalogue."""
    if not pilot.measures:
        return dict(catalogue(pilot.name, folder=pilot.folder))
    found = catalogue(folder=pilot.folder)
    strange = [one for one in pilot.measures if one not in found]
    if strange:
        near = difflib.get_close_matches(strange[0], found, n=1)
        hint = f"did you mean {near[0]}?" if near else "see `commissioning measures`"
        raise UsageError(f"pilots/{pilot.name}/pilot.toml, measures: no measure is called {strange[0]!r}; {hint}")
    return {one: found[one] for one in pilot.measures}


def _fingerprint(pilot: Pilot, area: str, files: list[dict[str, Any]], hashes: Mapping[str, str]) -> str:
    """One hash over what the study read: the pilot file, the area, and each extract's own hash."""
    text = json.dumps(
        [pilot.model_dump(mode="json", exclude={"folder"}), area, sorted(hashes.items()), len(files)], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def hierarchy_of(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], dict[str, str]] | None:
    """Which ward lies in which locality, as anybody could read off a map; None where no table says.

    A ward that stands in two localities is left out: it adds up to neither.
    """
    found = [
        frame[["ward", "locality"]].dropna().drop_duplicates()
        for frame in tables.values()
        if {"ward", "locality"} <= set(frame.columns)
    ]
    if not found:
        return None
    pairs = pd.concat(found).drop_duplicates()
    once = pairs[~pairs["ward"].duplicated(keep=False)]
    return {("ward", "locality"): dict(zip(once["ward"], once["locality"], strict=True))}


def known_names(tables: Mapping[str, pd.DataFrame], kinds: Collection[str]) -> dict[str, list[str]]:
    """Names of groups (kind → names) that tell of nobody: a contract's own words, and those in tables without persons."""
    persons = {one.table for one in CONTRACTS if one.persons}
    found: dict[str, set[str]] = {kind: set() for kind in kinds}
    for one in (one for contract in CONTRACTS for one in contract.columns if one.name in found):
        found[one.name] |= set(one.categories.values())
    for kind in kinds:
        for name, frame in tables.items():
            for named in (kind, f"{kind}_id", *(["recipient_id"] if kind == "organisation" else [])):
                if name not in persons and named in frame:
                    found[kind] |= set(frame[named].dropna().astype(str))
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def _public_held(intake: Intake) -> dict[str, set[bool]]:
    """For each table taken in: whether its files are public already, as `sources.toml` says."""
    held: dict[str, set[bool]] = {}
    for one in intake.files:
        if one.status == "accepted" and one.table:
            held.setdefault(one.table, set()).add(one.source.public)
    return held


def _public_measures(measures: Mapping[str, Measure], held: Mapping[str, set[bool]]) -> list[str]:
    """Measures counted wholly from extracts that `sources.toml` says are public already. Never where rows are persons."""
    return [
        key
        for key, measure in measures.items()
        if measure.person is None
        and all(held.get(table) == {True} for table in derive.needs(measure.table) if table in held)
        and any(table in held for table in derive.needs(measure.table))
    ]


def levels_of(results: pd.DataFrame, released: Released) -> dict[str, dict[str, list[str]]]:
    """For each kind of group: the names that the results hold, and those that may be shown."""
    shown = released.figures
    return {
        str(kind): {
            "held": sorted(set(groups.astype(str))),
            "shown": sorted(set(shown.loc[shown["group_kind"] == kind, "group"].astype(str))),
        }
        for kind, groups in results.groupby("group_kind")["group"]
        if kind != "all"
    }


def periods_of(results: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Every year and quarter of which something is counted or spent."""
    found = set(results["period"].dropna().astype(str))
    for name in ("area_spend", "payments", "grants"):
        if name in tables and "year" in tables[name]:
            found |= set(tables[name]["year"].dropna().astype(str))
    return sorted(found)


def prepare(
    pilot: Pilot,
    data: Path,
    *,
    area: str = "",
    folder: Path,
    history: pd.DataFrame | None = None,
) -> Study:
    """Take extracts in, compute every measure, decide what may be released, and write it all to `folder`.

    Raises DataRefused where an extract breaks its contract or nothing in `data` is recognised; a study of extracts of which every row
    was set aside is prepared, and holds nothing.
    """
    area = area or pilot.area
    intake = take_in(data, pilot.name, area, pilot.tables)
    intake.raise_if_refused(though_all_set_aside=True)  # whether such a study is published is for the run to say
    told = told_apart(intake, pilot, area)
    tables, paid = told.tables, told.payments
    not_used = used.not_used(intake, pilot, area, measures_of(pilot), tables)
    found = measures_of(pilot)
    without = calculate.missing(found, tables)
    usable = {key: one for key, one in found.items() if key not in without}
    codes: dict[str, calculate.Codes | None] = {}
    results = calculate.results(usable, tables, pilot=pilot.name, area=area, codes=codes)
    held = _public_held(intake)
    results["public"] = results["public"] | results["measure"].isin(_public_measures(usable, held))
    released = release(results, history, hierarchy=hierarchy_of(tables))
    tables, not_tied = _by_whose(tables, pilot.support_reason)
    store.private_folder(folder)
    (folder / "tables").mkdir(exist_ok=True, mode=0o700)
    for name, frame in tables.items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    results.to_parquet(folder / "results.parquet", index=False)
    released.write(folder / "released.json")
    (folder / LEFT_OUT).write_text(json.dumps(_left_out(usable, codes), ensure_ascii=False), encoding="utf-8")
    files = [{**one.as_json(), "counted": one.counted, "not_used": not_used.get(one.file, "")} for one in intake.files]
    hashes = {one.file: one.sha256 for one in intake.files}
    held_apart = {name: frame for name, frame in tables.items() if name not in (OTHERS, NOT_TIED)}
    names = known_names(held_apart, set(results["group_kind"]) - {"all"})
    record = {
        "pilot": pilot.name,
        "area": area,
        "illustrative": intake.illustrative,
        "fingerprint": _fingerprint(pilot, area, files, hashes),
        "files": files,
        "hashes": hashes,
        "publishers": {one.file: one.source.publisher for one in intake.files if one.status == "accepted"},
        "tables": sorted(tables),
        "public_tables": sorted(table for table, public in held.items() if public == {True}),
        "measures": sorted(usable),
        "levels": levels_of(results, released.without_names_of_few(names)),
        "periods": periods_of(results, tables),
        "measures_without_extract": sorted(without),
        "known_names": names,
        "payments": None if paid is None else paid.counts(),
        "grants_elsewhere": by_funder(told.elsewhere),
        "packages_not_tied_because": not_tied,
        "findings": [*(one.says for one in intake.findings), *told.findings],
        "notes": [str(one) for one in intake.notes],
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True, default=str), encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return Study(folder)


OTHERS, NOT_TIED = "other_packages", "packages_not_tied"
HELD_APART = {"other_grants": "grants", OTHERS: "packages", NOT_TIED: "packages"}
"""Tables that hold the part of an extract which is not the pilot's own: name → the extract's table."""


def _by_whose(tables: dict[str, pd.DataFrame], reason: str) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables, with `packages` those of the people the pilot is for; the rest under names of their own.

    Every section, effect and value reads `packages`, so none can set other people's spend beside outcomes by oversight.
    """
    if "packages" not in tables:
        return tables, ""
    tied = spend.tie(tables["packages"], tables.get("people", pd.DataFrame()), reason)
    rest = {name: frame for name, frame in tables.items() if name != "packages"}
    parts = {"packages": tied.packages, OTHERS: tied.of_others, NOT_TIED: tied.not_tied}
    return rest | {name: frame for name, frame in parts.items() if len(frame)}, tied.why_not


def _left_out(
    measures: Mapping[str, Measure], codes: Mapping[str, calculate.Codes | None]
) -> dict[str, list[list[Any]]]:
    """Who each measure left out, counted here once: every report's definition cards show it."""
    found = {}
    for key, measure in measures.items():
        rows = codes.get(measure.table)
        if rows is not None:
            found[key] = calculate.left_out(measure, rows.table, codes=rows).to_numpy(object).tolist()
    return found


def open_sample(pilot: Pilot) -> Study:
    """The illustrative study of a pilot, prepared once for each state of the sample and kept under `data/evidence`."""
    root = pilots.home()
    sample = pilots.sample_of(pilot.name, root)
    state = hashlib.sha256()
    for path in sorted([*sample.rglob("*.csv"), *sample.glob("sources.toml"), pilot.folder / "pilot.toml"]):
        state.update(path.name.encode() + path.read_bytes())
    for path in sorted((Path(__file__).parents[1]).rglob("*.py")):
        # Of the reports only this file: it writes what a study holds.
        if path == Path(__file__) or path.parent.name not in {"presentation", "runs", "reports"}:
            state.update(path.read_bytes())
    folder = root / "data" / "evidence" / "sample" / f"{pilot.name}-{state.hexdigest()[:16]}"
    if (folder / RECORD).is_file():
        return Study(folder)
    # Written beside and moved into place: two notebooks that start together never read half a study.
    stage = folder.with_name(f"{folder.name}.{os.getpid()}")
    prepare(pilot, sample, folder=stage)
    with contextlib.suppress(OSError):  # another process finished first: its study holds the same bytes
        stage.rename(folder)
    return Study(folder if (folder / RECORD).is_file() else stage)
