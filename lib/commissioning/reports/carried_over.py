"""What the stage before handed over (4.5), from the records kept beside the reports."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from commissioning import pilot as pilots
from commissioning.presentation.sections import Log, Note
from commissioning.reports import stage_records
from commissioning.reports.stage_records import StageRecord
from commissioning.reports.verdict_words import words_of
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import planned_cost
from commissioning.study.then import happened

RECORDS = "COMMISSIONING_RECORDS"


def record_folders(page: Page) -> tuple[Path, ...]:
    """Where earlier stages' records stand: this run's, else the sample's."""
    folders = [Path(one) for one in os.environ.get(RECORDS, "").split(os.pathsep) if one]
    # The sample of Client Level Data is of other people and years than those records are.
    if page.study.sample and not planned_cost.held(page.study):
        folders.append(pilots.home() / "data" / "sample" / "records")
    return tuple(folders)


def before(page: Page, stage: str) -> StageRecord | None:
    """The record of an earlier stage of this cycle."""
    return not_later(page, stage_records.read(stage, page.pilot.name, record_folders(page)))


def last_review(page: Page) -> StageRecord | None:
    """The review of the cycle before this one (4.5)."""
    return stage_records.last_review(page.pilot.name, record_folders(page), before=page.period)


def handed_to(page: Page, stage: str) -> StageRecord | None:
    """What a stage begins from: the record of the one before it, and where a cycle begins, of the last one's review.

    The sample holds one cycle: its own review stands for the one before.
    """
    earlier = stage_records.predecessor(stage)
    if earlier != "review":
        return before(page, earlier)
    return last_review(page) or (before(page, earlier) if page.study.sample else None)


def not_later(page: Page, record: StageRecord | None) -> StageRecord | None:
    """A record that rests on nothing after this report's period; None for one that does."""
    if record is None or page.given.period == "latest" or not record.period:
        return record
    return record if happened(pd.Series([record.period]), page.period).iloc[0] else None


@section
def informed_by(page: Page, into: str = "") -> Shows:  # a page of its own (pilot, cabinet) has no stage before it
    """What was handed over `into` a stage ("plan"; else the page's own) by the one before it (4.5)."""
    lacks: list[str] = []
    into = into or page.stage
    stage = stage_records.predecessor(into)
    record = handed_to(page, into)
    if broken := stage_records.damaged(page.pilot.name, record_folders(page)):
        lacks += [f"{', '.join(broken)}: the record cannot be read and was left aside; run that stage again."]
    if record is None:
        says = f"No record of the {stage} stage is here: it has not been run, or it failed. Nothing is carried over from it."
        return Told.of(showing.lacking(says), lacks=lacks)
    rows = [
        {"from": stage, "kind": "finding", "says": f"{one.sentence} {one.checks}".rstrip()} for one in record.findings
    ]
    if any(one.claim == "attributable" for one in record.findings) and page.sealed.changes:
        rows.append({"from": into, "kind": "changed since", "says": showing.sealed_caption(page)})
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
    if stage == "review" and record.period == page.period:
        title += "; the sample holds one cycle, whose own review stands in for the one before it"
    if record.level != page.given.level:
        title += f", which was about {record.level.replace('=', ' ') or 'the whole area'}"
    if not rows:
        return Told.of(Note(f"The {stage} stage handed nothing over."), lacks=lacks)
    return Told.of(Log(rows, title=title, columns=labels, id="carried-over"), lacks=lacks)
