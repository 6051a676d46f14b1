"""What every report holds: the sections common to all stages, each from what may be shown.

A notebook opens a report and displays one section a cell. Nothing here computes a new
figure: it arranges released ones, published ones and words from files.

Longer than 400 lines: what every report has in common; it goes when sections become plain functions.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

import commissioning
from commissioning import pilot as pilots
from commissioning import seal
from commissioning.disclosure import Released
from commissioning.errors import NotReleased
from commissioning.evidence import client_level
from commissioning.measures import Measure, derive, describe
from commissioning.pilot import Pilot
from commissioning.presentation import signoff
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.sections import Log, Note
from commissioning.presentation.showable import PublicFigures
from commissioning.reports import charting, stage_records, versions
from commissioning.reports.saying import Once, Saying
from commissioning.reports.stage_records import FindingRecord, StageRecord
from commissioning.reports.verdict_words import words_of
from commissioning.seal import Sealed
from commissioning.states import KEY
from commissioning.study import broken_down, by_hand, figure_states, outcomes, spend_lines, unagreed
from commissioning.study.breaks import break_years
from commissioning.study.open_tables import HELD_APART
from commissioning.study.parameters import Parameters
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared
from commissioning.study.then import happened
from commissioning.wording import CHANGED

OUT = "COMMISSIONING_OUT"
NONCE = "COMMISSIONING_NONCE"
REPORT = "COMMISSIONING_REPORT"
RECORDS = "COMMISSIONING_RECORDS"
SENTINEL = "sentinel"

Shown = TypeVar("Shown", bound=Display)


def _definition(measure: Measure) -> dict[str, str]:
    """A definition in the words that do its counting, so that the next version can tell whether it changed."""
    return {
        "title": measure.title,
        "unit": measure.unit,
        "numerator": describe.numerator_words(measure),
        "denominator": describe.denominator_words(measure),
        "counted": "; ".join(one.says for one in measure.population),
        "in_force_from": measure.in_force_from.isoformat(),
    }


class Base(Saying):
    """One report while its notebook runs."""

    stage: str = ""

    def __init__(self, stage: str, parameters: Parameters, pilot: Pilot, study: Prepared) -> None:
        self.stage = stage
        self.given = parameters
        self.pilot = pilot
        self.study = study
        self.kept: dict[str, str] = {}  # what was shown: anchor → kind
        self.findings_shown: list[FindingRecord] = Once()
        self.lacks: list[str] = Once()
        self.to_say: list[Finding] = []
        self.key_said: tuple[FindingRecord, ...] = ()  # the key findings, whose claims stand beside figures in the JSON

    @cached_property
    def measures(self) -> dict[str, Measure]:
        return measures_of(self.pilot)

    @cached_property
    def sealed(self) -> Sealed:
        """What may be said of the pilot's checks and agreements in a report of this period."""
        return unagreed.SEALED if self.given.what_if else seal.status(self.study.sealed, self.period)

    @cached_property
    def sealed_caption(self) -> str:
        """What is sealed, for a caption: when and by whom, or why not; each change since, old → new, when."""
        changed = "; ".join(one.says for one in self.sealed.changes)
        return self.sealed.sealed_words + (f" {CHANGED} {changed}." if changed else "")

    @property
    def sealed_numbers(self) -> tuple[str, ...]:
        """The numbers of `sealed_caption`: days, and values of the pilot file."""
        return tuple(re.findall(r"\d{4}-\d{2}|\d[\d,]*(?:\.\d+)?", self.sealed_caption))

    @cached_property
    def outcome_measures(self) -> dict[str, Measure]:
        return outcomes.of_kind(self.measures, "outcome")

    @property
    def released(self) -> Released:
        return self.study.released

    @cached_property
    def period(self) -> str:
        if self.given.period != "latest":
            return self.given.period
        return outcomes.latest_year(self._people_figures) or outcomes.latest_year(self.released)

    @cached_property
    def _people_figures(self) -> Released:
        """The area's own figures; spend and published comparisons do not decide which year is the latest."""
        held = [key for key in self.outcome_measures if key in set(self.study.record["measures"])]
        return self.released.select(measure=held) if held else self.released

    @property
    def parts(self) -> tuple[Base, ...]:
        """The pilots whose figures this page shows, each as a report: this one alone, save on a page across pilots."""
        return (self,)

    def of_pilot(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of a log, with the pilot that it is of."""
        return {"pilot": self.pilot.title, **row}

    def with_pilot(self, labels: dict[str, str]) -> dict[str, str]:
        """Columns of a log: the pilot stands first where the page shows more than one."""
        return {"pilot": "Pilot", **labels} if len(self.parts) > 1 else labels

    @property
    def all_files(self) -> list[dict[str, Any]]:
        """Every file of every part, each once; one that any part took in counts as taken in."""
        found: dict[str, dict[str, Any]] = {}
        for part in self.parts:
            for one in part.study.files:
                if one["file"] not in found or one["status"] == "accepted":
                    found[one["file"]] = one
        return list(found.values())

    @property
    def files_read(self) -> list[dict[str, Any]]:
        """Files whose rows are accounted for: those taken in, and those of which every row was set aside."""
        return [one for one in self.all_files if one["read"]]

    @property
    def group_kind(self) -> str:
        return self.given.level.partition("=")[0] if self.given.level else "all"

    @property
    def group(self) -> str | None:
        return self.given.level.partition("=")[2] if self.given.level else None

    @property
    def place(self) -> str:
        """The words for what the report is about: the whole area, or its level."""
        return f"{self.group_kind} {self.group}" if self.group else self.area_name

    @property
    def area_name(self) -> str:
        """The name of the report's area, as it stands on its page."""
        return self.pilot.area_name

    @property
    def agreed_in(self) -> str:
        """The file in which a council, or the sample, wrote what it agreed, as a page's list of sources names it."""
        root = pilots.home()
        beside = pilots.agreed_for(self.pilot.name, root, sample=self.study.sample)
        return beside.relative_to(root).as_posix() if beside.is_file() else f"{self.pilot.name}/pilot.toml"

    def sources_of(self, *tables: str) -> tuple[str, ...]:
        """Extracts whose rows count in any of these tables, as named below the data folder.

        Not one of which all was set aside, or counted from another file; where that leaves none, all that were taken in. A table
        that a study tells apart from another (other funders' grants) is of the same extracts.
        """
        named = {HELD_APART.get(table, table) for table in tables}
        if named & {
            *client_level.MADE,
            "coverage",
        }:  # one submission of Client Level Data is the source of several tables
            named.add(client_level.TABLE)
        taken = [one for one in self.study.files if one["table"] in named and one["status"] == "accepted"]
        return tuple(one["file"] for one in [one for one in taken if one["counted"]] or taken)

    @property
    def every_source(self) -> tuple[str, ...]:
        """Every extract that was looked at: what a table about the reading itself rests on, also where no row of any counts."""
        return tuple(one["file"] for one in self.all_files)

    def holds(self, *tables: str) -> bool:
        return all(table in self.study.tables_held for table in tables)

    @cached_property
    def spend(self) -> spend_lines.SpendLines:
        """Every spend line the study holds for its area and pilot; on the page of a level, those of the level alone."""
        return spend_lines.lines(self.study, self.pilot, self.group_kind, self.group)

    @cached_property
    def readings(self) -> dict[str, charting.Drawn | str]:
        """Of each primary outcome and each with a floor: its control chart, or why there is none."""
        return charting.readings(self)

    @property
    def charts(self) -> dict[str, charting.Drawn]:
        """The control charts that may be drawn."""
        return {key: one for key, one in self.readings.items() if not isinstance(one, str)}

    @property
    def of_the_whole(self) -> str:
        """What a caption adds where the page is about a part of the area and a section is not; else nothing."""
        return f" For the whole area, and not only for {self.place}." if self.group else ""

    def broken_down(
        self, id: str, *by: str, where: Mapping[str, str | None] | None = None, period: str = ""
    ) -> pd.DataFrame:
        """A released breakdown of the report's year by groups: see `broken_down.shown`."""
        return broken_down.shown(self.study, id, by, period=period or self.period[:7], where=where)

    def in_all(self, id: str, *by: str) -> pd.DataFrame:
        """A released breakdown of all years together, by groups."""
        return broken_down.shown(self.study, id, by, period=broken_down.last(self.study, id))

    def _keep(self, display: Shown) -> Shown:
        self.kept[display.id] = display.kind
        return display

    @property
    def shown(self) -> Counter[str]:
        """How many displays of each kind were shown; one shown again counts once."""
        return Counter(self.kept.values())

    def note(self, text: str) -> Note:
        return self._keep(Note(text))

    def needs_extract(self, *tables: str, for_what: str) -> Note:
        """Says which extract would be needed, and remembers it for the stage record."""
        not_tied = self.study.record.get("packages_not_tied_because", "")
        if "packages" in tables and not_tied:
            says = f"{for_what} is not shown: packages are here, and {not_tied}."
            self.lacks.append(says)
            return self.note(says)
        # A table worked out from several extracts is named by those: nobody can hand in the other.
        named = list(dict.fromkeys(extract for one in tables for extract in derive.needs(one)))
        named = [one for one in named if one in self.pilot.tables] or named  # those that this pilot takes in
        missing = [one for one in named if one not in self.study.tables_held] or named
        quoted = [f"“{one}”" for one in missing]
        if len(quoted) == 1:
            says = f"{for_what} needs the extract {quoted[0]}, which is not here."
        else:
            says = f"{for_what} needs the extracts {', '.join(quoted[:-1])} and {quoted[-1]}, which are not here."
        self.lacks.append(says)
        return self.note(says)

    def needs_columns(self, table: str, *columns: str, for_what: str) -> Note:
        """Says which columns of which extract would be needed, and remembers it for the stage record."""
        named = " and ".join(f"“{one}”" for one in columns)
        where = f"the extract “{table}”" + ("" if table in self.study.tables_held else ", which is not here,")
        says = f"{for_what} needs {where} with its column{'s' if len(columns) > 1 else ''} {named}."
        self.lacks.append(says)
        return self.note(says)

    def source_words(self, *tables: str, measures: Iterable[str] = ()) -> str:
        """Who published the extracts behind these tables and measures, in one line; with neither, behind the report."""
        needed = {*tables, *(table for key in measures for table in derive.needs(self.measures[key].table))}
        publishers = self.publishers
        files = set(self.sources_of(*needed)) if needed else set(publishers)
        if not files:
            return "no extract here holds it"
        named = {one for file, one in publishers.items() if file in files and one}
        return "; ".join(sorted(named)) or "the council's own extracts"

    @property
    def publishers(self) -> dict[str, str]:
        """Who published each extract that was taken in, by its file."""
        return dict(self.study.record["publishers"])

    def public(self, frame: pd.DataFrame, *tables: str, source: str) -> PublicFigures:
        """Published figures, with the extract they came from."""
        extracts = self.sources_of(*tables)
        first = extracts[0] if extracts else None
        return PublicFigures(frame=frame, source=source, extract=first)

    def record_folders(self) -> tuple[Path, ...]:
        """Where earlier stages' records stand: this run's, else the sample's."""
        folders = [Path(one) for one in os.environ.get(RECORDS, "").split(os.pathsep) if one]
        if self.study.sample:
            folders.append(pilots.home() / "data" / "sample" / "records")
        return tuple(folders)

    def before(self, stage: str) -> StageRecord | None:
        """The record of an earlier stage: of this cycle, save that a cycle begins from the last one's review (4.5)."""
        folders = self.record_folders()
        if stage == "review" and self.stage in ("analyse", "review"):
            last = stage_records.last_review(self.pilot.name, folders, before=self.period)
            # The sample holds one cycle: its own review stands for the one before, where a cycle begins.
            sample = self.stage == "analyse" and self.study.sample
            return last or (self.not_later(stage_records.read(stage, self.pilot.name, folders)) if sample else None)
        return self.not_later(stage_records.read(stage, self.pilot.name, folders))

    def not_later(self, record: StageRecord | None) -> StageRecord | None:
        """A record that rests on nothing after this report's period; None for one that does."""
        if record is None or self.given.period == "latest" or not record.period:
            return record
        return record if happened(pd.Series([record.period]), self.period).iloc[0] else None

    def informed_by(self) -> Any:  # a page of its own (pilot, cabinet) has no stage before it
        """What the stage before this one handed over (4.5)."""
        stage = stage_records.predecessor(self.stage)
        record = self.before(stage)
        if broken := stage_records.damaged(self.pilot.name, self.record_folders()):
            self.lacks.append(
                f"{', '.join(broken)}: the record cannot be read and was left aside; run that stage again."
            )
        if record is None:
            says = f"No record of the {stage} stage is here: it has not been run, or it failed. Nothing is carried over from it."
            self.lacks.append(says)
            return self.note(says)
        rows = [
            {"from": stage, "kind": "finding", "says": f"{one.sentence} {one.checks}".rstrip()}
            for one in record.findings
        ]
        if any(one.claim == "attributable" for one in record.findings) and self.sealed.changes:
            rows.append({"from": self.stage, "kind": "changed since", "says": self.sealed_caption})
        rows += [{"from": stage, "kind": "priority", "says": one} for one in record.priorities]
        rows += [{"from": stage, "kind": "warning", "says": one} for one in record.warnings]
        rows += [{"from": stage, "kind": "lasted", "says": one} for one in record.sustained]
        rows += [{"from": stage, "kind": "benefit", "says": one} for one in record.benefits]
        rows += [{"from": stage, "kind": "people said", "says": one} for one in record.engagement]
        rows += [{"from": stage, "kind": "lesson", "says": one} for one in record.lessons]
        if record.recommendation:
            rows.append({"from": stage, "kind": "what the evidence supported", "says": words_of(record.recommendation)})
        labels = {"from": "Stage", "kind": "What", "says": "What it said"}
        title = f"Carried over from the stage before ({stage}, {record.period or 'no period'})"
        if stage == "review" and record.period == self.period:
            title += "; the sample holds one cycle, whose own review stands in for the one before it"
        if record.level != self.given.level:
            title += f", which was about {record.level.replace('=', ' ') or 'the whole area'}"
        if not rows:
            return self.note(f"The {stage} stage handed nothing over.")
        return self._keep(Log(rows, title=title, columns=labels, id="carried-over"))

    def extra_record(self) -> dict[str, Any]:
        """What this stage adds to its record; stages override it."""
        return {}

    def stage_record(self) -> StageRecord | None:
        if self.stage not in stage_records.ORDER:
            return None
        return StageRecord(
            stage=self.stage,  # type: ignore[arg-type]
            pilot=self.pilot.name,
            area=self.study.area,
            period=self.period,
            level=self.given.level,
            illustrative=self.study.illustrative,
            findings=tuple(self.findings_shown),
            lacks=tuple(self.lacks),
            **self.extra_record(),
        )

    def methods_used(self) -> dict[str, str]:
        """Measure id → method of its estimate. Reports that estimate override it."""
        return {}

    def extra_files(self, folder: Path, name: str) -> list[str]:
        """Files that this report writes beside its JSON; returns their names. The pilot's own report overrides it."""
        return []

    @cached_property
    def printed(self) -> pd.DataFrame:
        """The released figures of the machine-readable result, value and limits as pages print them."""
        figures = self.released.figures
        yearly = ~outcomes.quarterly(figures["period"])
        # Negative controls say nothing of the service, and quarters by group are in no table: both stay out.
        shown = figures[
            (yearly | (figures["group_kind"] == "all")) & ~figures["measure"].str.contains("_control_", regex=False)
        ]
        columns = [
            "measure", "area", "group_kind", "group", "period", "numerator", "denominator", "value", "lower", "upper",
            "unknown", "not_applicable", "status", "hidden", "why_hidden", "public", "spend_pence", "state", "was",
        ]  # fmt: skip
        return outcomes.scaled(shown, self.measures).reindex(columns=columns)

    @cached_property
    def states(self) -> dict[str, Any]:
        """What the page says of the states of its figures: see `figure_states.of_page`."""
        return figure_states.of_page(self.study.states, self.printed[["state", *KEY]].to_dict("records"))

    def as_json(self) -> dict[str, Any]:
        """The machine-readable result: released figures, spend, findings, and what the page must hold."""
        rows = self.printed.copy()
        claim = {one.measure: one.claim for one in self.key_said if one.measure}
        primary = [key for key, one in self.outcome_measures.items() if one.primary]
        codes, ids = pd.factorize(rows["measure"])
        rows["claim"] = np.array([claim.get(one, "described") for one in ids], dtype=object)[codes]
        return {
            "schema_version": 1,
            "pilot": self.pilot.name,
            "stage": self.stage,
            "area": self.study.area,
            "area_name": self.area_name,
            "period": self.period,
            "level": self.given.level,
            "illustrative": self.study.illustrative,
            "fingerprint": self.study.fingerprint,
            "code_version": commissioning.__version__,
            "figures": json.loads(rows.to_json(orient="records", double_precision=6)),
            "states": self.states,
            "published_versions": {self.pilot.name: versions.of_study(self.study)},
            "spend": json.loads(self.spend.frame.to_json(orient="records")),
            "bridge": [] if self.spend.bridge is None else json.loads(self.spend.bridge.to_json(orient="records")),
            "findings": [one.model_dump(mode="json") for one in self.findings_shown],
            "seal": self.sealed.as_json(),
            "settings": self.study.sealed.get("values", {}),
            "definitions": {key: _definition(one) for key, one in self.measures.items() if "_control_" not in key},
            "methods": self.methods_used(),
            "primary": primary,
            "series_breaks": {key: found for key in primary if (found := break_years(self.study, key))},
            "reconciliation": self.study.files,
            "data_findings": self.study.record["findings"],
            "partitions_read": sorted(self.study.read | {"intake"}),
            **({unagreed.KEY: unagreed.words()} if unagreed.found else {}),
            "shown": dict(sorted(self.shown.items())),
        }

    def close(self) -> Note:
        """The last cell: under `run`, write the results, the stage record and the sentinel that says all was done."""
        if by_hand.opened:
            raise NotReleased("restricted rows were opened in this session: run the report afresh, without them")
        unagreed.refuse_in_a_report()
        last = self.note("End of report.")
        out = os.environ.get(OUT)
        if out:
            folder = Path(out)
            record = self.stage_record()
            if record is not None:
                stage_records.write(record, folder)
            name = os.environ.get(REPORT, f"{self.pilot.name}.{self.stage}")
            files = self.extra_files(folder, name)  # first: what it reads, the report depends on
            found = self.as_json()
            found["declared"] = {
                "figures": self.shown["chart"],
                "tables": self.shown["table"],
                "files": files,
                "period": found["period"],
            }
            (folder / f"{name}.json").write_text(signoff.as_text(found), encoding="utf-8")
            (folder / SENTINEL).write_text(os.environ.get(NONCE, ""), encoding="utf-8")
        return last
