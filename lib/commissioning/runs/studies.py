"""Studies: one for each pilot and area, prepared before any notebook starts, kept while its inputs are the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from commissioning import clock, seal, states
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.runs import soundness
from commissioning.runs.keys import FileHashes, digest, file_digest
from commissioning.runs.places import Places, write_whole
from commissioning.seal import figures as final_figures
from commissioning.wording import renamed

RELEASED = "released.json"
ACCOUNT = "account.json"
FINAL = "final.json"  # no partition: that figures became final makes no page anew, see `Batch._says_other_states`


class StudyCard(BaseModel):
    """What the runner knows of a study without opening it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str  # hash of its inputs
    data: str = ""  # the folder of extracts that it was prepared from
    history: str = ""  # hash of the figures released before, which it was prepared with; "" for none
    pilot: str
    area: str
    path: str
    fingerprint: str
    illustrative: bool
    sample: bool = False  # the sample, or a copy of it: its agreed words hold
    voice: dict[str, Any] = {}  # who speaks on its pages
    partitions: dict[str, str]  # name → hash: tables, results, released figures, what the intake said
    files: dict[str, str]  # of the study's folder, so that damage is seen
    extracts: tuple[dict[str, Any], ...]  # the exact account of the files: for the staff
    hashes: dict[str, str]  # extract → SHA-256
    notes: tuple[str, ...] = ()
    names: dict[str, str] = {}  # extract → the name shown
    shown: tuple[dict[str, Any], ...] = ()  # the account that pages may show
    shown_hashes: dict[str, str] = {}  # name shown → fingerprint
    shown_notes: tuple[str, ...] = ()
    levels: dict[str, dict[str, tuple[str, ...]]] = {}  # names of groups: restricted, like the card
    periods: tuple[str, ...] = ()
    states: dict[str, Any] = {}  # what was final then, and what the data no longer support: `figure_states`
    forced: tuple[dict[str, str], ...] = ()  # why it should have stopped, and went on by --force: `soundness.Fault`


def prepare(pilot: str, area: str, data: str, folder: str, history: str) -> dict[str, Any]:
    """Prepare one study in `folder` and describe it. Runs in a worker process: this is where pandas is imported.

    Raises DataRefused where an extract breaks its contract or nothing is recognised.
    """
    from commissioning.disclosure import Released
    from commissioning.study.prepare import prepare

    earlier = Released.read(history).history if history and Path(history).is_file() else None
    made = prepare(pilots.load(pilot), Path(data), area=area, folder=Path(folder), history=earlier)
    return describe(Path(folder), made.record)


def work_out(data: str, folder: str, period: str) -> dict[str, Any]:
    """Work out of a prepared study in `folder` what reports of a period read. Runs in a worker process, as `prepare` does."""
    from commissioning.reports import stages

    stages.work_out(Path(folder), period)
    return {}


def describe(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    """The parts of a study that reports depend on, as hashes, with both accounts of its files.

    The exact account is none of those parts: pages show the other.
    """
    files = {one.relative_to(folder).as_posix(): file_digest(one) for one in sorted(folder.rglob("*")) if one.is_file()}
    partitions = {
        name.removeprefix("tables/").removesuffix(".parquet"): value
        for name, value in files.items()
        if name not in ("study.json", ACCOUNT, FINAL)
    }
    said = [
        one if one.get("status") != "left aside" else [one.get("file"), one.get("reason")] for one in record["files"]
    ]
    partitions["intake"] = digest([said, record.get("findings"), record.get("notes")])
    path = folder / ACCOUNT
    exact = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else record
    of_the_record = ("fingerprint", "illustrative", "sample", "voice", "states", "levels", "periods")
    return {
        **{name: record[name] for name in of_the_record if name in record},
        "partitions": partitions,
        "files": files,
        "extracts": exact["files"],
        "hashes": exact.get("hashes", {}),
        "notes": exact.get("notes", []),
        "names": exact.get("names", {}),
        "shown": record["files"],
        "shown_hashes": record.get("hashes", {}),
        "shown_notes": record.get("notes", []),
    }


class Studies:
    """The studies of one run."""

    def __init__(self, places: Places, hashes: FileHashes, code: str, environment: dict[str, str]) -> None:
        self.places, self.hashes, self.code, self.environment = places, hashes, code, environment
        self.cards: dict[tuple[str, str], StudyCard] = {}
        self._data: dict[Path, dict[str, str]] = {}
        self._asked: dict[tuple[str, str], tuple[str, str]] = {}  # key and history when a study was asked for

    def key(self, pilot: str, area: str) -> str:
        """Hash of everything a study is prepared from. The history is not in it: what was released stays released."""
        data = self.data_of(pilot)
        if data not in self._data:
            self._data[data] = self.hashes.of_folder(data)
        folder = self.places.root / "pilots" / pilot
        own = self.hashes.of_folder(folder).items()
        settings = {name: value for name, value in own if name.endswith((".toml", ".py"))}
        who = self._council if self.kind() == "own" else {}
        sealed = seal.state(pilot, area, self.places.root) if self.kind() == "own" else ""
        final = final_figures.final(area, self.places.root).digest(pilot) if self.kind() == "own" else ""
        growing = self._first_open(pilot) if self.kind() == "own" else ""  # once a year has closed its groups are shown
        rests_on = [self._data[data], settings, who, sealed, final, growing, self.code, self.environment, pilot, area]
        return digest(rests_on)

    def _first_open(self, pilot: str) -> str:
        try:
            months = pilots.load(pilot, self.places.root, sample=False).closes_after_months
        except UsageError:  # a file half-written by an editor: preparing says what is wrong with it
            return ""
        return states.first_open(clock.today(), months)

    @cached_property
    def _council(self) -> dict[str, str]:
        """Hash of `council.toml`, whose words stand on every page of the council's own."""
        path = councils.place(self.places.root)
        return {councils.FILE: self.hashes.of(path)} if path.is_file() else {}

    def data_of(self, pilot: str) -> Path:
        """Where a pilot's extracts are read from: on the sample, a pilot with made-up extracts of its own reads those."""
        return pilots.sample_of(pilot, self.places.root) if self.kind() == "sample" else self.places.data

    def name(self, pilot: str, area: str) -> str:
        return f"{pilot}-{area.lower()}-{self.kind()}"

    def kind(self) -> str:
        """`sample` (or the name of another folder of made-up extracts) or `own`: figures of two are never held against each other."""
        return next((one for one in pilots.SAMPLES if self.places.data == self.places.root / "data" / one), "own")

    def kept(self, pilot: str, area: str) -> StudyCard | None:
        """The study prepared earlier from the same inputs, if its files are all there and whole."""
        card = self._card(pilot, area)
        if card is None or card.key != self.key(pilot, area):
            return None
        try:
            whole = all(self.hashes.of(Path(card.path) / name) == value for name, value in card.files.items())
        except OSError:
            return None
        if not whole or not self.fits_history(card) or self._has_come(card):
            return None
        self.cards[pilot, area] = card
        return card

    def _card(self, pilot: str, area: str) -> StudyCard | None:
        """What is known of the study prepared last; None where nothing can be read."""
        try:
            text = (self.places.studies / f"{self.name(pilot, area)}.json").read_text(encoding="utf-8")
            return StudyCard.model_validate_json(text)
        except (OSError, ValueError):
            return None

    @staticmethod
    def _has_come(card: StudyCard) -> bool:
        """True where a row that lay in the future when the study was prepared has come since."""
        if not any(one.get("comes_on") for one in card.extracts):
            return False
        from commissioning.evidence import store  # only where it matters: it loads pandas

        return store.has_come(card.extracts)

    def request(self, pilot: str, area: str, function: str, run: str) -> dict[str, Any]:
        """The message that asks a worker to prepare a study, in a folder of its own."""
        self._asked[pilot, area] = self.key(pilot, area), self._history_digest(pilot, area)
        folder = self.places.work / run / f"study-{self.name(pilot, area)}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        arguments = {
            "pilot": pilot,
            "area": area,
            "data": str(self.data_of(pilot)),
            "folder": str(folder),
            "history": str(self.history(pilot, area)),
        }
        return {"do": "prepare", "function": function, "arguments": arguments}

    def worked_out(self, study: tuple[str, str], period: str) -> bool:
        """True where what reports of a period read of a study was worked out from it by this code, and lies there."""
        return self._mark(study, period).is_file()

    def mark_worked_out(self, study: tuple[str, str], period: str) -> None:
        write_whole(self._mark(study, period), "", mode=0o600)

    def request_work(self, study: tuple[str, str], period: str, function: str) -> dict[str, Any]:
        """The message that asks a worker to work it out."""
        given = {"data": str(self.data_of(study[0])), "folder": self.cards[study].path, "period": period}
        return {"do": "prepare", "function": function, "arguments": given}

    def _mark(self, study: tuple[str, str], period: str) -> Path:
        card = self.cards[study]
        folder = Path(card.path) / "ready"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"done-{digest([card.key, self.code, self.environment, period])[:16]}"

    def gone(self, pilot: str, area: str, made: dict[str, Any]) -> dict[str, str]:
        """Tables that the same folder of extracts gave before and gives no more, each with the file that it came from."""
        before = self._card(pilot, area)
        if before is None or before.data != str(self.data_of(pilot)):
            return {}
        there = {one.get("table") for one in made["extracts"] if one.get("status") == "accepted"}
        return {
            str(one["table"]): str(one["file"])
            for one in before.extracts
            if one.get("status") == "accepted" and one.get("table") and one["table"] not in there
        }

    def faults(self, pilot: str, area: str, made: dict[str, Any]) -> list[soundness.Fault]:
        """Why what was prepared is not fit to be published: see `soundness`. In words for a log: files have the names shown."""
        gone = self.gone(pilot, area, made)
        before = self._rows_before(pilot, area)
        found = [soundness.gone(pilot, table, file) for table, file in gone.items()]
        found += soundness.faults(pilot, made["extracts"], before, set(gone))
        names = {file: f"The file of {table.replace('_', ' ')}" for table, files in before.items() for file in files}
        names |= {file: f"The file of {table.replace('_', ' ')}" for table, file in gone.items()}
        names |= made.get("names", {})
        return [replace(one, staff=renamed(one.staff, names)) for one in found]

    def _rows_before(self, pilot: str, area: str) -> dict[str, dict[str, int]]:
        """Rows of each table in the last run of this site that held it, by file: those of a table that was gone since, too."""
        try:
            kept = json.loads(self._rows(pilot, area).read_text(encoding="utf-8"))
            return {str(table): {str(file): int(rows) for file, rows in files.items()} for table, files in kept.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            card = self._card(pilot, area)
            return {} if card is None else soundness.rows_of(card.extracts)

    def _rows(self, pilot: str, area: str) -> Path:
        return self.places.state / "rows" / f"{self.name(pilot, area)}.json"

    def accept(
        self, pilot: str, area: str, made: dict[str, Any], run: str, forced: Sequence[soundness.Fault] = ()
    ) -> StudyCard:
        """Move a prepared study into place and remember it by its inputs; `forced`: what it went on in spite of."""
        rows = self._rows_before(pilot, area) | soundness.rows_of(made["extracts"])
        made = {**made, "forced": [one.as_json() for one in forced]}
        # As they were when it was asked for: what changed while it was prepared makes the next run prepare it again.
        key, history = self._asked[pilot, area]
        if not self._of_the_bytes_read(pilot, made):
            key = digest([key, "its extracts changed before they were read", made["hashes"]])
        name = self.name(pilot, area)
        source = self.places.work / run / f"study-{name}"
        target = self.places.studies / f"{name}-{digest(made['files'])[:16]}"
        if target.exists():  # the same study, which another run may be reading
            shutil.rmtree(source)
        else:
            source.rename(target)
        data = str(self.data_of(pilot))
        card = StudyCard(key=key, data=data, history=history, pilot=pilot, area=area, path=str(target), **made)
        write_whole(self.places.studies / f"{name}.json", card.model_dump_json(indent=1), mode=0o600)
        self._rows(pilot, area).parent.mkdir(exist_ok=True, mode=0o700)
        write_whole(self._rows(pilot, area), json.dumps(rows, sort_keys=True), mode=0o600)
        # A few are kept: another run of other reports may still be reading the one before.
        others = [one for one in self.places.studies.glob(f"{name}-*") if one.is_dir() and one != target]
        for other in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[3:]:
            shutil.rmtree(other, ignore_errors=True)
        self.cards[pilot, area] = card
        return card

    def _of_the_bytes_read(self, pilot: str, made: dict[str, Any]) -> bool:
        """True where the study was prepared from the very bytes that its key is made of, and they lie there still."""
        data = self.data_of(pilot)
        asked = self._data.get(data)
        now = self.hashes.of_folder(data)
        return asked == now and all(now.get(name) == value for name, value in made["hashes"].items() if value)

    def history(self, pilot: str, area: str) -> Path:
        """Released figures of everything published so far for this pilot and area."""
        return self.places.state / "history" / f"{self.name(pilot, area)}.json"

    def _history_digest(self, pilot: str, area: str) -> str:
        path = self.history(pilot, area)
        return file_digest(path) if path.is_file() else ""

    def fits_history(self, card: StudyCard) -> bool:
        """True where nothing was released for this pilot and area since the study was prepared, but the study's own figures.

        Figures that were worked out without those of another run may not be published beside them: the difference of
        the two could tell what either hides.
        """
        now = self._history_digest(card.pilot, card.area)
        return now in (card.history, card.files.get(RELEASED, ""))

    def remember_released(self, pilots: set[tuple[str, str]]) -> None:
        """What is released now is history for every later run. Written before anything is served: figures that are held
        to have been released and were not do no harm, the other way round the next run could release others.
        """
        for pilot, area in pilots:
            card = self.cards.get((pilot, area))
            source = Path(card.path) / RELEASED if card else None
            if source is not None and source.is_file():
                target = self.history(pilot, area)
                target.parent.mkdir(exist_ok=True, mode=0o700)
                write_whole(target, source.read_bytes(), mode=0o600)
