"""What a prepared study holds, and how it is read: one pilot in one area, from extracts to released figures.

It is restricted: its folder is readable by its owner alone and stays under `data/`. See `prepare` for how it is made.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import pilot as pilots
from commissioning.disclosure import Policy, Released, revisions
from commissioning.disclosure.policy import of_json
from commissioning.errors import NotReleased, UsageError
from commissioning.evidence import store
from commissioning.measures import Measure, breakdowns, calculate, derive
from commissioning.measures.reading import group_column
from commissioning.measures.until import tables_until
from commissioning.pilot import Pilot
from commissioning.presentation.showable import Computed
from commissioning.study import (
    asked,
    broken_down,
    by_hand,
    figure_states,
    open_tables,
    own_measure,
    own_table,
    ready,
    then,
)
from commissioning.study.group_names import hierarchy_of
from commissioning.study.pilot_measures import measures_of
from commissioning.study.then import Then

EVERYBODY = ("all", "all")
"""The kind and the name of the group of all."""
SEE_MEASURES = "see `commissioning measures`"
RECORD = "study.json"
SEALED = "seal.json"
LEFT_OUT = "left_out.json"
ACCOUNT = "account.json"  # each row and penny of each file, and its SHA-256: for the staff, never for a page
RECORD_KEYS = "record_keys.parquet"


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
        open_tables.write_published(
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
        if not open_tables.is_published(name, self._whole["public_tables"]):
            raise NotReleased(f"{name!r} holds rows of people or organisations: show a measure or a breakdown of it")
        self.read.add(name)
        if name not in self._published:
            path = self._kept / open_tables.PUBLISHED / f"{name}.parquet"
            if path.parent.is_dir():
                self._published[name] = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
            else:
                self._published[name] = open_tables.open_part(name, self._held(name), self._names_shown)
        return self._published[name].copy(deep=False)

    @cached_property
    def _published(self) -> dict[str, pd.DataFrame]:
        """Published tables as read, each once a report."""
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """See `Study.table`."""
        asked.one_of("no file here holds a table called", name, self.tables_held)
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
        """See `Study.release`. The same people give the same figure in each such table; a name that few rows hold is not shown."""
        return own_table.cross_table(self, frame, by=by, behind=behind, amount=amount)

    def try_measure(self, measure: Measure) -> Released:
        """A measure that nobody agreed, counted from rows and released under the study's policy: see `own_measure.counted`."""
        return own_measure.counted(self, measure)

    def _as_counted(self) -> dict[str, pd.DataFrame]:
        """Every table as measures count it, everybody's packages in one again. For this study and `own_measure` alone."""
        return open_tables.all_packages({name: self._held(name) for name in self.tables_held})

    def explain(self, measure: str, group: tuple[str, str] = EVERYBODY) -> Computed:
        """See `Study.explain`: as released, for a group in each year; with a column `group` where one is asked for."""
        return own_table.explained(self, self._measure(measure, group), group)

    def rows_behind(
        self, measure: str, *, group: tuple[str, str] = EVERYBODY, period: str | None = None
    ) -> pd.DataFrame:
        """See `Study.rows_behind` and `measures.rows.rows_behind`."""
        return own_table.rows_behind(self, self._measure(measure, group, period), group, period)

    def rows_left_out(
        self, measure: str, *, group: tuple[str, str] = EVERYBODY, period: str | None = None
    ) -> pd.DataFrame:
        """See `Study.rows_left_out`."""
        return own_table.rows_left_out(self, self._measure(measure, group, period), group, period)

    def _measure(self, id: str, group: tuple[str, str] = EVERYBODY, period: str | None = None) -> Measure:
        """The measure, where the study counts it, of such a group and period. Raises UsageError, with the nearest that there is."""
        counted = measures_of(pilots.load(self.pilot, sample=self.sample))
        if isinstance(id, str) and id in counted and id not in self.record["measures"]:
            raise UsageError(f"{id}: {self.lacking(counted[id])}")
        found = counted[asked.one_of("this study counts no measure called", id, self.record["measures"], SEE_MEASURES)]
        if not (isinstance(group, tuple) and len(group) == 2 and all(isinstance(one, str) for one in group)):
            raise UsageError(f'group={group!r}: write the kind and the name of one, such as ("ward", "Alderby")')
        if group[0] != EVERYBODY[0]:
            group_column(found, group[0])
            if fault := asked.group_fault(*group, self.record["levels"]):
                raise UsageError(f"group={group!r}: {fault}")
        if period is not None and (fault := asked.period_fault(asked.a_period(period), self.record["periods"])):
            raise UsageError(fault)
        return found

    def lacking(self, measure: Measure) -> str:
        """What to bring, so that a measure is counted that no file here holds."""
        needed = [one for one in derive.needs(measure.table) if one not in self.tables_held]
        if needed:
            return f"“{measure.title}” is counted from {' and '.join(needed)}, and no file here holds that: bring it."
        return (
            f"“{measure.title}” reads a column of {measure.table} that no file here holds: see `commissioning check`."
        )

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
        public=[*every._whole["public_tables"], *open_tables.apart_of(every._whole["public_tables"])],
        as_held={"before": before, "tables": tables},
        before=(whole := open_tables.all_packages(before)),
        tables=open_tables.all_packages(
            tables, whole if all(tables[one] is before[one] for one in open_tables.PACKAGES if one in tables) else None
        ),
        measures=measures_of(pilots.load(every.pilot, sample=every.sample)),
        hierarchy=hierarchy_of(tables),
        keys=every.record_keys,
        policy=every.policy,
        open_from=every._whole.get("open_from", ""),
    )
    return tables, found


def pilot_of(study: Prepared) -> Pilot:
    """The pilot of a study, in the words of whoever speaks on its pages."""
    return pilots.load(study.pilot, sample=study.sample).as_said_by(study.voice)
