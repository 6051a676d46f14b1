"""What one stage of the cycle hands to the next (2011 report, 4.5): typed, JSON, documented.

Each stage is "informed by the previous stage and driving subsequent stages" (Appendix 2,
2.1). A record holds released figures, findings and decisions only, so that it may be
published beside the report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from commissioning.sections.finding_record import ORDER, FindingRecord, Strict

Verdict = Literal["continue", "adapt", "prepare to stop", "gather more evidence", "members choose"]


class Gap(Strict):
    """What is wanted beside what there is, for one measure."""

    measure: str
    period: str
    now: float | None
    wanted: float | None
    gap: float | None


class Recommendation(Strict):
    """What the evidence supports; members decide."""

    says: Verdict
    in_words: str = Field(default="", description="the verdict with what is still open, as every page carries it")
    open_duties: tuple[str, ...] = Field(default=(), description="what must be done before members decide")
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    asked_first: dict[str, str]
    to_gather: tuple[str, ...] = Field(
        default=(), description="at what cost, who and by when, where more evidence is asked for"
    )
    gathered_running: int = Field(default=0, description="reviews running, this one too, that asked for more evidence")
    below_worthwhile: tuple[str, ...] = Field(
        default=(), description="measures whose change is surely below the worthwhile one, at compared or higher"
    )


class StageRecord(Strict):
    """The machine-readable result of one stage."""

    schema_version: Literal[1] = 1
    stage: Literal["analyse", "plan", "do", "review"]
    pilot: str
    area: str
    period: str
    level: str = ""
    illustrative: bool
    findings: tuple[FindingRecord, ...] = ()
    gaps: tuple[Gap, ...] = ()
    priorities: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    recommendation: Recommendation | None = None
    claims: dict[str, Literal["recorded", "described", "compared", "attributable"]] = Field(
        default_factory=dict, description="what may be said of the change in each measure that was estimated"
    )
    cost_each: dict[str, float] = Field(
        default_factory=dict, description="pounds for each more person, of measures whose review gives such a cost"
    )
    cost_withheld: dict[str, str] = Field(
        default_factory=dict,
        description="why the review gives no cost for each more person, of measures put down to the pilot",
    )
    lessons: tuple[str, ...] = ()
    sustained: tuple[str, ...] = Field(default=(), description="outcomes looked at again later: what lasted (4.1)")
    benefits: tuple[str, ...] = Field(default=(), description="benefits expected beside those realised (4.15)")
    engagement: tuple[str, ...] = Field(default=(), description="who was asked and what they said (7.1, 8.1)")
    lacks: tuple[str, ...] = Field(default=(), description="what this stage would have read and did not find")


def name(stage: str, pilot: str) -> str:
    """File name of a stage's record: `<pilot>.<stage>.json`."""
    return f"{pilot}.{stage}.json"


def write(record: StageRecord, folder: Path) -> Path:
    """Write a record, keys in order, so that the same record has the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name(record.stage, record.pilot)
    body: dict[str, Any] = record.model_dump(mode="json")
    path.write_text(json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(stage: str, pilot: str, folders: tuple[Path, ...]) -> StageRecord | None:
    """The record of a stage from the first folder that holds a whole one; None where the stage has not been run.

    One that cannot be read counts as not there (`damaged` names it): a report is not lost for what another left behind.
    """
    for folder in folders:
        found = _whole(folder / name(stage, pilot))
        if found is not None:
            return found
    return None


def damaged(pilot: str, folders: tuple[Path, ...]) -> list[str]:
    """Names of the records of a pilot that are there and cannot be read, each once."""
    files = [path for folder in folders for path in sorted(folder.glob(f"{pilot}.*.json"))]
    return sorted({path.name for path in files if path.is_file() and _whole(path) is None})


def _whole(path: Path) -> StageRecord | None:
    try:
        return StageRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # ValueError: no JSON, no text, or no record (pydantic's error is one)
        return None


def last_review(pilot: str, folders: tuple[Path, ...], *, before: str) -> StageRecord | None:
    """The latest review of an earlier cycle than the period `before`, of those kept from run to run; None if none is.

    They are named `<pilot>.review.<period>.json`. One that cannot be read counts as not there.
    """
    read_ = [_whole(path) for folder in folders for path in sorted(folder.glob(f"{pilot}.review.*.json"))]
    found = [one for one in read_ if one is not None]
    earlier = [one for one in found if before and _quarters(one.period)[1] < _quarters(before)[0]]
    return max(earlier, key=lambda one: _quarters(one.period)[1], default=None)


def _quarters(period: str) -> tuple[str, str]:
    """The first and the last quarter of a period: a year ends with its fourth, after each quarter of its own."""
    return (period, period) if " Q" in period else (f"{period} Q1", f"{period} Q4")


def predecessor(stage: str) -> str:
    """The stage before this one; the one before *analyse* is the last cycle's *review*."""
    return ORDER[ORDER.index(stage) - 1]
