"""A study: one pilot in one area, from extracts to released figures, prepared once.

Intake, measures and disclosure control run once, before any notebook starts, from one
snapshot of what was released before; notebooks only read. A study is restricted: its
folder is readable by its owner alone and stays under `data/`.

Longer than 400 lines: what a study holds and how it is prepared, until `prepare` has a room of its own.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import clock, sample_list, seal, states
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.disclosure import Policy, Released, costs, names_of_few, release, revisions
from commissioning.disclosure.cost import printable
from commissioning.disclosure.keys import SAMPLE_SECRET, record_keys
from commissioning.disclosure.policy import of_json
from commissioning.errors import CannotWrite, DataRefused, NotReleased, UsageError
from commissioning.evidence import persons, shown, store
from commissioning.evidence.intake import Intake, take_in
from commissioning.evidence.tables import bring, every, of_people
from commissioning.measures import (
    Measure,
    breakdowns,
    breakdowns_of_agreements,
    calculate,
    catalogue,
    derive,
    same_purpose,
)
from commissioning.measures.as_published import as_published
from commissioning.measures.breakdowns import Breakdown
from commissioning.measures.until import tables_until
from commissioning.pilot import Pilot
from commissioning.presentation import typed
from commissioning.presentation.showable import Computed
from commissioning.seal import home
from commissioning.study import (
    broken_down,
    by_hand,
    figure_states,
    own_table,
    protection,
    ready,
    spend,
    started,
    then,
    used,
)
from commissioning.study.then import Then
from commissioning.study.told_apart import by_funder, told_apart

RECORD = "study.json"
SEALED = "seal.json"
LEFT_OUT = "left_out.json"
ACCOUNT = "account.json"  # each row and penny of each file, and its SHA-256: for the staff, never for a page
OPEN = frozenset(
    {"area_spend", "indicators", "deflators", "population", "area_population", "deprivation", "neighbours", "starts", "budget",
     "coverage"}
)  # fmt: skip
"""Tables in which no person, agreement or organisation stands: published figures, plans, and where a pilot began."""
PARTLY_OPEN = {"providers": ("staff", "staff_left")}
"""Tables that are a public register save for some columns."""
SECRET, SECRET_SEAL = "secret", "secret.sha256"  # in the ledger, made by `commissioning setup`
RECORD_KEYS = "record_keys.parquet"
PUBLISHED = "published"


@dataclass(frozen=True)
class Prepared:
    """One prepared pilot and area, read from its folder. Tables and results are restricted.

    With `until`, a financial year or quarter, it is what was there at that period's end: nothing later is in any of it.
    """

    path: Path
    until: str = ""

    def at_the_end_of(self, period: str) -> Prepared:
        """The study of what had happened by the end of `period`; for "latest" everything that is held."""
        return self if period == "latest" else Prepared(self.path, period)

    @cached_property
    def _whole(self) -> dict[str, Any]:
        return json.loads((self.path / RECORD).read_text(encoding="utf-8"))

    @cached_property
    def record(self) -> dict[str, Any]:
        if not self.until:
            return self._whole
        if (kept := self._kept / RECORD).is_file():
            return dict(json.loads(kept.read_text(encoding="utf-8")))
        held = [one for one in self._whole["tables"] if len(self._tables[one])]
        return then.record_of(self._whole, self._then, self.until, held)

    @cached_property
    def _kept(self) -> Path:
        """Where what may be shown of it lies: beside the study for the end of a period, else the study itself."""
        return ready.folder(self.path, self.until) if self.until else self.path

    def keep_then(self, folder: Path) -> None:
        """Write what may be shown of a study at the end of a period to `folder`. Raises OSError where that cannot be done."""
        store.private_folder(folder.parent)
        stage = folder.with_name(f".{folder.name}.{os.getpid()}")
        store.private_folder(stage)
        _write_published(
            stage,
            {name: self._held(name) for name in self.record["tables"]},
            self._whole["public_tables"],
            self._names_shown,
        )
        self._then.released.write(stage / "released.json")
        (stage / LEFT_OUT).write_text(json.dumps(self._then.left_out, ensure_ascii=False), encoding="utf-8")
        (stage / RECORD).write_text(json.dumps(self.record, sort_keys=True, default=str), encoding="utf-8")
        for path in stage.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        folder.mkdir(exist_ok=True, mode=0o700)
        for path in sorted(
            stage.iterdir(), key=lambda one: one.name == RECORD
        ):  # the record last: with it, all is there
            target = folder / path.name
            if target.is_dir():
                shutil.rmtree(path)
            else:
                path.replace(target)
        stage.rmdir()

    @property
    def _then(self) -> Then:
        return _then_of(self.path, self.until, (self.path / RECORD).stat().st_mtime_ns)[1]

    @property
    def pilot(self) -> str:
        return str(self._whole["pilot"])

    @property
    def area(self) -> str:
        return str(self._whole["area"])

    @property
    def illustrative(self) -> bool:
        return bool(self._whole["illustrative"])

    @property
    def sample(self) -> bool:
        """True for the sample itself, known by its place or its bytes; other made-up extracts are illustrative only."""
        return bool(self._whole["sample"])

    @property
    def voice(self) -> pilots.Voice:
        """Who speaks on this study's pages."""
        return pilots.Voice(**self._whole["voice"])

    @property
    def fingerprint(self) -> str:
        return str(self._whole["fingerprint"])

    @property
    def files(self) -> list[dict[str, Any]]:
        """The account of files that a page may show, one dict a file: see `shown.account`."""
        return list(self._whole["files"])

    @cached_property
    def _names_shown(self) -> dict[str, str]:
        """What a page calls each file, by the name that restricted rows carry (`source_file`); closed to a notebook of a run."""
        path = self.path / ACCOUNT
        return dict(json.loads(path.read_text(encoding="utf-8"))["names"]) if path.is_file() else {}

    @cached_property
    def policy(self) -> Policy:
        """The disclosure policy that its figures were released under: the house's, or a stricter one; see `protection`."""
        return of_json(self._whole.get("policy", {}))

    @property
    def tables_held(self) -> tuple[str, ...]:
        return tuple(self.record["tables"])

    @cached_property
    def read(self) -> set[str]:
        """The parts of the study that were read so far: what a report depends on."""
        return {"released.json", SEALED, figure_states.FILE}

    @cached_property
    def sealed(self) -> dict[str, Any]:
        """What is sealed of its pilot, and what the pilot file says now: see `seal.status`. Empty where none says."""
        path = self.path / SEALED
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def published(self, name: str) -> pd.DataFrame:
        """A table in which nobody stands, or that is public already; an empty frame where no extract held it.

        Of providers' ratings without the columns that count their staff. Raises NotReleased for any other: its rows are
        restricted, and what may be shown of them is a measure or a breakdown.
        """
        if not _is_published(name, self._whole["public_tables"]):
            raise NotReleased(f"{name!r} holds rows of people or organisations: show a measure or a breakdown of it")
        self.read.add(name)
        if name not in self._published:
            path = self._kept / PUBLISHED / f"{name}.parquet"
            if path.parent.is_dir():
                self._published[name] = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
            else:
                self._published[name] = _open_part(name, self._held(name), self._names_shown)
        return self._published[name].copy(deep=False)

    @cached_property
    def _published(self) -> dict[str, pd.DataFrame]:
        """Published tables as read, each once a report."""
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """Restricted rows of one checked table, for an analyst at a keyboard. Raises NotReleased in a run and under papermill."""
        by_hand.allow(f"the rows of {name!r}")
        return self._held(name)

    def _held(self, name: str) -> pd.DataFrame:
        """One checked table; an empty frame where no extract held it. For this study and `restricted` alone."""
        self.read.add(name)
        if name not in self._tables:
            path = self.path / "tables" / f"{name}.parquet"
            self._tables[name] = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
        return self._tables[name].copy(deep=False)  # pandas copies on write: a reader's changes stay its own

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        """Tables as read, each once a report."""
        return dict(_then_of(self.path, self.until, (self.path / RECORD).stat().st_mtime_ns)[0]) if self.until else {}

    def left_out(self, measure: Measure) -> pd.DataFrame | None:
        """Who a measure left out, clause by clause, as released: says, part, rows, rows_hidden; None where there are no rows."""
        self.read.update(derive.needs(measure.table))
        lines, id = self._left_out.get(measure.id), breakdowns.LEFT_OUT + measure.id
        if lines is None:
            return None
        shown = broken_down.shown(self, id, ("clause",), period=broken_down.last(self, id)).set_index("clause")
        shown = shown.reindex([str(place) for place in range(len(lines))])
        rows, hidden = shown["rows"].astype("Int64"), shown["rows_hidden"].eq(True)
        frame = pd.DataFrame(lines, columns=["says", "part"])
        nobody = rows.isna() & ~hidden  # no row fell under that clause
        return frame.assign(rows=rows.mask(nobody, 0).to_numpy(), rows_hidden=hidden.to_numpy(dtype=bool))

    @cached_property
    def _left_out(self) -> dict[str, list[list[str]]]:
        """The clauses of each measure, in words."""
        path = self._kept / LEFT_OUT
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else self._then.left_out

    @cached_property
    def _codes(self) -> dict[str, calculate.Codes | None]:
        return {}

    def __reduce__(self) -> Any:
        """A study does not travel: a pickled one would carry its rows past the door."""
        raise NotReleased("a study cannot be pickled: open it where it is needed")

    def release(self, frame: pd.DataFrame, *, by: str | Sequence[str], behind: str = "", amount: str = "") -> Computed:
        """A cross-table of one's own, through the one door: for an analyst at a keyboard who opened rows with `table`.

        frame    rows, one a contribution; `by`: the columns to count by (crossed, where there are several)
        behind   the column that names the person (or agreement, or organisation) of each row; found by itself where it is called as the
                 study's tables call it. Where rows name people, it is people who stand behind every figure
        amount   a column of numbers (pence, hours) to sum as well

        Returns what may be shown, as `frame`: the columns of `by`; `number` (different people, agreements or organisations, all
        rows together), with the noise of people's record keys, threshold and rounding of every count; `number_hidden`, `noise`, `state`; and
        `<amount>`, `<amount>_hidden`. The same people give the same figure in each such table. A name that few rows hold is not shown.
        A report in whose session rows were opened does not close, and cannot enter a site.
        Raises NotReleased in a run and under papermill; UsageError for a column that is not there, or people of other extracts.
        """
        return own_table.cross_table(self, frame, by=by, behind=behind, amount=amount)

    def explain(self, measure: str) -> Computed:
        """How a measure was counted, as released, for all in each year: its files, each rule that left rows out, what counted, what is shown.

        `frame`: step, says, number, hidden. Raises UsageError for a measure that the study does not count. See `rows_behind`.
        """
        return own_table.explained(self, self._measure(measure))

    def rows_behind(
        self, measure: str, *, group: tuple[str, str] | None = None, period: str | None = None
    ) -> pd.DataFrame:
        """The restricted rows behind one figure (see `measures.rows.rows_behind`), for an analyst at a keyboard.

        Raises NotReleased in a run and under papermill.
        """
        by_hand.allow(f"the rows behind {measure!r}")
        found = self._measure(measure)
        held = calculate.table_for(found, {name: self._held(name) for name in derive.needs(found.table)})
        if held is None:
            raise UsageError(f"{measure}: no extract holds the rows that it is counted from")
        return calculate.rows_behind(found, held, group, period)

    def _measure(self, id: str) -> Measure:
        counted = measures_of(pilots.load(self.pilot, sample=self.sample))
        if id not in counted or id not in self.record["measures"]:
            near = difflib.get_close_matches(id, self.record["measures"], n=1)
            raise UsageError(
                f"this study counts no measure called {id!r}; {f'did you mean {near[0]}?' if near else 'see `commissioning measures`'}"
            )
        return counted[id]

    @property
    def results(self) -> pd.DataFrame:
        """Restricted results, for an analyst at a keyboard. Raises NotReleased in a run and under papermill."""
        by_hand.allow("results before disclosure control")
        return self._results

    @cached_property
    def _results(self) -> pd.DataFrame:
        if self.until:
            return self._then.results
        return pd.read_parquet(self.path / "results.parquet")

    @cached_property
    def states(self) -> dict[str, Any]:
        """What is final of its figures, what the data no longer support of it, and what was corrected: see `figure_states.write`."""
        return figure_states.read(self.path)

    @cached_property
    def record_keys(self) -> pd.Series:
        """Person → record key, as `disclosure.keys.record_keys` made them; for counting anew what passes the door again."""
        return pd.read_parquet(self.path / RECORD_KEYS)["key"]

    @cached_property
    def released(self) -> Released:
        """The released figures under the names that may be shown."""
        return self._every_released.select(measure=[one for one in self._ids if breakdowns.MARK not in one])

    @cached_property
    def broken_down(self) -> Released:
        """The released breakdowns: tables of people, packages, agreements and organisations by groups."""
        return self._every_released.select(measure=[one for one in self._ids if breakdowns.MARK in one])

    @cached_property
    def _every_released(self) -> Released:
        path = self._kept / "released.json"
        found = Released.read(path) if path.is_file() else self._then.released
        found, _ = found.with_states(revisions.frame_of(self.states["kept"]))
        return found.without_names_of_few(self._whole.get("known_names"), self._whole.get("names_of_few"))

    @property
    def everything_released(self) -> pd.DataFrame:
        """Every released figure, of measures and breakdowns: a copy."""
        return self._every_released.figures

    @cached_property
    def _ids(self) -> list[str]:
        return sorted(set(self._every_released.figures["measure"].astype(str)))


def _all_packages(
    tables: Mapping[str, pd.DataFrame], same: Mapping[str, pd.DataFrame] | None = None
) -> dict[str, pd.DataFrame]:
    """The tables with everybody's packages in one again, as measures count them; where no row is gone, the frame of `same`."""
    if not any(one in tables for one in (OTHERS, NOT_TIED)):
        return dict(tables)
    parts = [tables[one] for one in PACKAGES if one in tables]
    return {**tables, "packages": same["packages"] if same is not None else pd.concat(parts, ignore_index=True)}


@lru_cache(maxsize=2)
def _then_of(path: Path, until: str, _written: int) -> tuple[dict[str, pd.DataFrame], Then]:
    """The tables of a study as they were at the end of a period, and what follows from them; the last two are kept."""
    every = Prepared(path)
    before = {name: every._held(name) for name in every._whole["tables"]}
    tables = tables_until(before, until)
    found = then.work_out(
        until,
        results=every._results,
        by_group=pd.read_parquet(path / "breakdowns.parquet"),
        breakdowns_of=broken_down.of(pilots.load(every.pilot, sample=every.sample)),
        public=[*every._whole["public_tables"], *_apart_of(every._whole["public_tables"])],
        as_held={"before": before, "tables": tables},
        before=(whole := _all_packages(before)),
        tables=_all_packages(
            tables, whole if all(tables[one] is before[one] for one in PACKAGES if one in tables) else None
        ),
        measures=measures_of(pilots.load(every.pilot, sample=every.sample)),
        hierarchy=hierarchy_of(tables),
        keys=every.record_keys,
        policy=every.policy,
        open_from=every._whole.get("open_from", ""),
    )
    return tables, found


def measures_of(pilot: Pilot) -> dict[str, Measure]:
    """The pilot's measures: those it lists, or every one of its catalogue; and the published ones that it names.

    Raises UsageError where `pilot.toml` names a measure that does not exist, wherever in the file it does so.
    """
    known = catalogue(folder=pilot.folder)
    own = {one: known[one] for one in pilot.measures if one in known} or dict(
        catalogue(pilot.name, folder=pilot.folder)
    )
    own |= {one: known[one] for one in pilot.published_measures if one in known}  # pages set them beside other councils
    for place, name, must_count in named_measures(pilot):
        if name in own or (name in known and not must_count):
            continue
        near = difflib.get_close_matches(name, own if must_count else known, n=1)
        hint = f"did you mean {near[0]}?" if near else "see `commissioning measures`"
        says = "this pilot counts no measure called" if name in known else "no measure is called"
        raise UsageError(f"{pilots.file_saying(pilot, place, name)}, {place}: {says} {name!r}; {hint}")
    return own


EASY_OTHERS = ("about", "change")


def named_measures(pilot: Pilot) -> list[tuple[str, str, bool]]:
    """Every measure that a pilot file names: where, which, and whether the pilot must count it itself."""
    named = [("measures", one, False) for one in pilot.measures]
    if pilot.design is not None:
        named += [("design.outcomes", one, True) for one in pilot.design.outcomes]
    named += [(f"gates_for.{one}", one, True) for one in pilot.gates_for]
    named += [("floors", one.measure, True) for one in pilot.floors]
    named += [("published_measures", one, False) for one in pilot.published_measures]
    named += [(f"own_spend.{one}", one, False) for one in pilot.own_spend]
    named += [(f"easy_words.{one}", one, False) for one in pilot.easy_words if one not in EASY_OTHERS]
    named += [("benefits", one.measure, False) for one in pilot.benefits if one.measure]
    named += [("contributions", one.outcome, False) for one in pilot.contributions]
    named += [(f"corporate_plan.{one}", one, False) for one in pilot.corporate_plan]
    return named


def pilot_of(study: Prepared) -> Pilot:
    """The pilot of a study, in the words of whoever speaks on its pages."""
    return pilots.load(study.pilot, sample=study.sample).as_said_by(study.voice)


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
    persons = of_people()
    found: dict[str, set[str]] = {kind: set() for kind in kinds}
    for one in (one for contract in every() for one in contract.columns if one.name in found):
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


def secret_of(area: str) -> bytes:
    """The council's secret, which keys pseudonyms and noise, from its ledger; nothing where it has none yet.

    Raises DataRefused where the secret is gone from a ledger that had one, is another than was made there, or cannot be read.
    """
    council = councils.load()
    ledger = council.ledger if council is not None and council.area == area else councils.ledger_of(area)
    path, seal_of_it = ledger / SECRET, ledger / SECRET_SEAL
    held = home.kept(path)
    if seal_of_it.is_file() and home.kept(seal_of_it).strip() != hashlib.sha256(held).hexdigest().encode():
        what = "is another than the one that was made there" if held else "is missing"
        raise DataRefused(
            f"the council's secret {path} {what}: bring it back from a copy of the ledger. With another, every figure about people "
            "would come out otherwise, and the two could be compared to find one person"
        )
    return held.strip()


def _record_keys(tables: Mapping[str, pd.DataFrame], measures: Mapping[str, Measure], secret: bytes) -> pd.Series:
    """Person → record key, of everybody whom a measure may count. Raises DataRefused where there are people and no secret."""
    columns = {one.person for one in measures.values() if one.person}
    people = [frame[name] for frame in tables.values() for name in sorted(columns) if name in frame]
    everybody = pd.concat(people, ignore_index=True).dropna() if people else pd.Series(dtype=object)
    if len(everybody) and not secret:
        raise DataRefused(
            "these extracts hold people, and the council has no secret yet, from which the protection of their figures is made: run "
            "`commissioning setup` once"
        )
    return record_keys(everybody, secret) if len(everybody) else pd.Series(dtype="int64")


def _with_keys_of(
    made: Mapping[str, pd.DataFrame], table_of: Mapping[str, Breakdown], keys: pd.Series, secret: bytes
) -> pd.Series:
    """The record keys, with those of people whom only the rows of a breakdown name (a provider's staff)."""
    people = [rows[table_of[id].behind] for id, rows in made.items() if table_of[id].people and len(rows)]
    everybody = pd.concat(people, ignore_index=True).dropna() if people else pd.Series(dtype=object)
    new = everybody[~everybody.isin(keys.index)]
    return pd.concat([keys, record_keys(new, secret)]) if len(new) and secret else keys


def prepare(
    pilot: Pilot,
    data: Path,
    *,
    area: str = "",
    folder: Path,
    history: pd.DataFrame | None = None,
) -> Prepared:
    """Take extracts in, compute every measure, decide what may be released, and write it all to `folder`.

    Raises DataRefused where an extract breaks its contract, nothing in `data` is recognised, or the sample's folder holds other
    files than the sample's; a study of extracts of which every row was set aside is prepared, and holds nothing.
    """
    pilots.refuse_own_in_sample(data)
    council = councils.load()
    own = councils.owner(data, council, area=area)
    area = area or councils.area_of(pilot, data, council)
    if not area:
        raise UsageError(councils.UNNAMED)
    found = measures_of(pilot)
    bring(pilot.folder)
    intake = take_in(data, pilot.name, area, pilot.tables, own=own, secret=secret_of(area), for_log=True)
    try:
        intake.raise_if_refused(though_all_set_aside=True)  # whether such a study is published is for the run to say
    except DataRefused as refusal:
        said = [one.as_json() | one.account() for one in intake.files]
        raise DataRefused(shown.refusal(said, str(refusal))) from None
    pilots.refuse_own_in_sample(data, read={one.file: one.sha256 for one in intake.of("accepted")})
    sample = pilots.is_sample(data) or _copied_from_sample(intake, pilot)
    people = persons.known(intake)
    agreed = pilot if sample else councils.own_words(pilot)
    _refuse_typed(agreed, people)
    rules = protection.agreed(agreed)  # a looser rule is refused before anything is counted
    voice = councils.voice(pilot, area=area, sample=sample, council=council, tables=dict(intake.tables))
    pilot = pilot.model_copy(update=voice.model_dump(exclude={"own"}))
    told = told_apart(intake, pilot, area, policy=rules)
    tables, paid = told.tables, told.payments
    placed = started.Places()
    if pilot.design is not None and area == pilot.area:
        aside = sum(
            one.loaded.rows_quarantined for one in intake.of("accepted") if one.table == "starts" and one.loaded
        )
        placed = started.places(pilot, found, tables, set_aside=aside)
        # Refused here, before anything is counted.
        started.first_of(pilot.design, tables.get("starts"), (), placed.spelt)
    tables = started.respelt(tables, pilot.design.unit if pilot.design else "", placed)
    not_used = used.not_used(intake, pilot, area, found, tables)
    without = calculate.missing(found, tables)
    usable = {key: one for key, one in found.items() if key not in without}
    codes: dict[str, calculate.Codes | None] = {}
    secret = SAMPLE_SECRET if sample else secret_of(area)
    keys = _record_keys(tables, usable, secret)
    results = calculate.results(usable, tables, pilot=pilot.name, area=area, codes=codes, keys=keys)
    held = _public_held(intake)
    results["public"] = results["public"] | results["measure"].isin(_public_measures(usable, held))
    lies_in = hierarchy_of(tables)
    tables, not_tied = _by_whose(tables, pilot.support_reason)
    public = sorted(table for table, public in held.items() if public == {True})
    table_of = broken_down.of(pilot)
    made = breakdowns.made(table_of.values(), tables)
    keys = _with_keys_of(made, table_of, keys, secret)
    by_group = breakdowns.counted(
        table_of.values(),
        tables,
        pilot=pilot.name,
        area=area,
        public=[*public, *_apart_of(public)],
        keys=keys,
        rows=made,
    )
    left, clauses = breakdowns.left_out(
        usable,
        codes,
        pilot=pilot.name,
        area=area,
        keys=keys,
        period=max(results["period"].str.slice(0, 7), default=""),
        public=results.loc[results["public"], "measure"],
    )
    by_group = pd.concat([by_group, left], ignore_index=True)
    made_up = sample or intake.illustrative
    guarded = protection.policy_of(agreed, area, results, usable, noted=not made_up)
    open_from = "" if made_up else states.first_open(clock.today(), pilot.closes_after_months)
    # One release: a breakdown stands in the same system as the measures beside it, and has the same price.
    everything = as_published(pd.concat([results, by_group], ignore_index=True))
    everything["everybody"] = protection.counts_everybody(everything, usable, table_of.values(), pilot.name)
    released = release(
        everything,
        history,
        policy=guarded,
        hierarchy=broken_down.nested(by_group) | (lies_in or {}),
        open_from=open_from,
    )
    of_people = sorted(set(everything.loc[everything["key_all"].notna(), "measure"].astype(str)))
    released, of_states, for_run = figure_states.applied(released, pilot, area, found, ledger=not intake.illustrative)
    store.private_folder(folder)
    (folder / typed.PEOPLE).write_text(json.dumps(sorted(people)), encoding="utf-8")
    (folder / "tables").mkdir(exist_ok=True, mode=0o700)
    for name, frame in tables.items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    results.to_parquet(folder / "results.parquet", index=False)
    by_group.to_parquet(folder / "breakdowns.parquet", index=False)
    keys.rename("key").to_frame().to_parquet(folder / RECORD_KEYS)
    released.all_provisional().write(folder / "released.json")
    figure_states.write(folder, of_states)
    sealed = _sealed(agreed, area, intake, data, found, results)
    (folder / SEALED).write_text(json.dumps(sealed, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    (folder / LEFT_OUT).write_text(json.dumps(clauses, ensure_ascii=False), encoding="utf-8")
    files = [
        {**one.as_json(), **one.account(), "counted": one.counted, "not_used": not_used.get(one.file, "")}
        for one in intake.files
    ]
    hashes = {one.file: one.sha256 for one in intake.files}
    noted = {one.file: one.loaded.notes for one in intake.files if one.status == "accepted" and one.loaded}
    told_of = shown.account(files, hashes, findings=intake.findings, notes=noted, secret=secret)
    _write_published(folder, tables, public, told_of.names)
    exact = {
        "files": files,
        "hashes": hashes,
        "names": told_of.names,
        "notes": list(intake.notes),
        "findings": [one.says for one in intake.findings],
    }
    (folder / ACCOUNT).write_text(json.dumps(exact, indent=1, sort_keys=True, default=str), encoding="utf-8")
    held_apart = {name: frame for name, frame in tables.items() if name not in (OTHERS, NOT_TIED)}
    kinds = set(results["group_kind"]) | {column for one in table_of.values() for column in one.typed}
    names = known_names(held_apart, kinds - {"all"})
    names |= breakdowns.known_groups(table_of.values(), by_group, names)
    few = names_of_few(pd.concat([results, by_group], ignore_index=True), policy=guarded)
    record = {
        "pilot": pilot.name,
        "area": area,
        "illustrative": sample or intake.illustrative,
        "sample": sample,
        "voice": voice.model_dump(mode="json"),
        "fingerprint": shown.fingerprint(_fingerprint(pilot, area, files, hashes), secret or area.encode()),
        "files": told_of.files,
        "hashes": told_of.hashes,
        "publishers": {
            told_of.names[one.file]: one.source.publisher for one in intake.files if one.status == "accepted"
        },
        "tables": sorted(tables),
        "public_tables": public,
        "departments_recorded": "grants" in tables and same_purpose.departments_recorded(tables["grants"]),
        "linked_to_agreements": breakdowns_of_agreements.linked(tables.get("payments", pd.DataFrame())),
        "lies_in": [[*kinds, of] for kinds, of in (lies_in or {}).items()],
        "measures": sorted(usable),
        "levels": levels_of(results, released.without_names_of_few(names, few)),
        "periods": periods_of(results, tables),
        "measures_without_extract": sorted(without),
        "known_names": names,
        "names_of_few": few,
        "payments": None if paid is None else paid.counts(public="payments" in public, policy=guarded),
        "places": placed.as_record(),
        "grants_elsewhere": by_funder(told.elsewhere, public="grants" in public, policy=guarded),
        "packages_not_tied_because": not_tied,
        then.COUNTS: told.by_year,
        then.SERIES: then.series(results),
        "payments_whole": told.whole,
        "findings": [
            *told_of.findings,
            *(told_of.words(one) for one in (*told.findings, *_said_of(placed, pilot, released, names, few))),
        ],
        "notes": told_of.notes,
        "states": for_run,
        "of_people": of_people,
        "published_before": {} if made_up else protection.published_before(area, of_people),
        "policy": guarded.as_json(),
        "open_from": open_from,
        "cost_of_protection": printable(costs(everything, released)),
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True, default=str), encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return Prepared(folder)


def _is_published(name: str, public: Collection[str]) -> bool:
    return name in OPEN or name in PARTLY_OPEN or HELD_APART.get(name, name) in public


def _write_published(
    folder: Path, tables: Mapping[str, pd.DataFrame], public: Collection[str], names: Mapping[str, str]
) -> None:
    """The tables in which nobody stands, or that everybody can read, apart from all others: all that a page may read as rows."""
    (folder / PUBLISHED).mkdir(exist_ok=True, mode=0o700)
    for name, frame in tables.items():
        if _is_published(name, public):
            _open_part(name, frame, names).to_parquet(folder / PUBLISHED / f"{name}.parquet", index=False)


def _open_part(name: str, frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """What a page may read of a published table: no column that counts staff, and each row's file by the name shown (`names`)."""
    kept = frame.drop(columns=list(PARTLY_OPEN.get(name, ())), errors="ignore")
    if "source_file" not in kept:
        return kept
    return kept.assign(source_file=kept["source_file"].map(lambda one: names.get(str(one), one)))


def _refuse_typed(pilot: Pilot, people: set[str]) -> None:
    """Raise UsageError for what people typed in the files of a pilot that no page may say: by field, and never the words."""
    fields = pilot.model_dump(mode="json")
    found = [fault for where, text in typed.of_pilot(fields) for fault in typed.faults(where, text, people)]
    for path in sorted(pilot.folder.glob("*.md")):
        found += typed.faults(path.name, path.read_text(encoding="utf-8", errors="replace"), people)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UsageError(f"pilots/{pilot.name}, {found[0]}{more}")


def _copied_from_sample(intake: Intake, pilot: Pilot) -> bool:
    """True where every extract taken in is, byte for byte, one of the sample's: a copy of it lies somewhere else."""
    listed = set(sample_list.listed(pilots.sample_of(pilot.name)).values())
    accepted = intake.of("accepted")
    return bool(accepted) and all(one.sha256 in listed for one in accepted)


def _said_of(
    placed: started.Places,
    pilot: Pilot,
    released: Released,
    names: Mapping[str, list[str]],
    few: Mapping[str, list[str]],
) -> list[str]:
    """What the page says of places that are in no comparison; only names that may be shown are given."""
    if pilot.design is None or not pilot.design.unit:
        return []
    unit = pilot.design.unit
    figures = released.without_names_of_few(names, few).figures
    shown = {*names.get(unit, []), *figures.loc[figures["group_kind"] == unit, "group"].astype(str)}
    return placed.says(unit, shown)


OTHERS, NOT_TIED = "other_packages", "packages_not_tied"
HELD_APART = {"other_grants": "grants", OTHERS: "packages", NOT_TIED: "packages"}
"""Tables that hold the part of an extract which is not the pilot's own: name → the extract's table."""
PACKAGES = ("packages", OTHERS, NOT_TIED)


def _apart_of(public: Collection[str]) -> list[str]:
    """The tables held apart of extracts that are public."""
    return [name for name, extract in HELD_APART.items() if extract in public]


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


def _sealed(
    pilot: Pilot, area: str, intake: Intake, data: Path, measures: Mapping[str, Measure], results: pd.DataFrame
) -> dict[str, Any]:
    """What is sealed, and in the council's ledger that outcomes of these periods are read from here on."""
    if intake.illustrative:
        return seal.of_sample(pilot, area, data, sample_digest(intake), primary_of(measures))
    outcomes = results.loc[results["measure"].isin([key for key, one in measures.items() if one.is_outcome]), "period"]
    periods = sorted(set(outcomes.dropna().astype(str)))
    return seal.reading(pilot, area, periods, primary=primary_of(measures))


def primary_of(measures: Mapping[str, Measure]) -> tuple[str, ...]:
    """The outcomes whose change is estimated where a design names none."""
    return tuple(sorted(key for key, one in measures.items() if one.is_outcome and one.primary))


def sample_digest(intake: Intake) -> str:
    """One hash over the bytes of every extract that was taken in: what the sample's seal holds for."""
    return seal.digest(sorted([one.file, one.sha256] for one in intake.files if one.status == "accepted"))


def not_kept(folder: Path, error: OSError) -> CannotWrite:
    """What is said where checked tables cannot be kept."""
    return CannotWrite(
        f"cannot write in {folder}, where checked tables are kept ({error.strerror or 'output error'}): whoever runs this must own "
        "that folder"
    )


def open_sample(pilot: Pilot) -> Prepared:
    """The illustrative study of a pilot, prepared once for each state of the sample and kept under `data/evidence`."""
    root = pilots.home()
    sample = pilots.sample_of(pilot.name, root)
    pilots.refuse_own_in_sample(sample, root)
    state = hashlib.sha256()
    for path in sorted([*sample.rglob("*.csv"), *sample.rglob("*.toml"), *pilot.folder.rglob("*.toml")]):
        state.update(path.name.encode() + path.read_bytes())
    package = Path(__file__).parents[1]
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.toml")]):
        # Of the reports only this file: it writes what a study holds.
        if path == Path(__file__) or path.parent.name not in {"presentation", "runs", "reports"}:
            state.update(path.read_bytes())
    folder = root / "data" / "evidence" / "sample" / f"{pilot.name}-{state.hexdigest()[:16]}"
    if (folder / RECORD).is_file():
        return Prepared(folder)
    # Written beside and moved into place: two notebooks that start together never read half a study.
    stage = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        store.private_folder(folder.parent)
    except OSError as error:
        raise not_kept(folder.parents[1], error) from None
    prepare(pilot, sample, folder=stage)
    with contextlib.suppress(OSError):  # another process finished first: its study holds the same bytes
        stage.rename(folder)
    return Prepared(folder if (folder / RECORD).is_file() else stage)
