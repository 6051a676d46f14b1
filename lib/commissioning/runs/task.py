"""What a report is asked (`Task`), how it ended (`Result`), and the reasons for which one fails."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

REASONS: dict[str, str] = {
    "KERNEL_DIED": "the notebook's process died",
    "CELL_TIMEOUT": "a cell took longer than its limit",
    "RUN_TIMEOUT": "the run's deadline passed",
    "RELEASED_MEANWHILE": "another run published figures of this pilot meanwhile: run it again",
    "LEDGER_CHANGED": "figures became final or were corrected meanwhile: run it again",
    "STOPPED": "the run was told to stop",
    "INCOMPLETE": "the notebook ended before its last cell",
    "OUTPUT_TOO_BIG": "the notebook printed or displayed more than the limit",
    "TOO_MANY_PROCESSES": "the notebook started more processes than the limit",
    "TOO_MANY_FILES": "the notebook wrote more files than the limit",
    "INPUT_ASKED": "a cell waits for somebody to type; nobody is there",
    "LOST_FIGURE": "fewer figures are on the page than the notebook declared",
    "LOST_TABLE": "fewer tables are on the page than the notebook declared",
    "LOST_FINDINGS": "the notebook's answer is not on the page",
    "LOST_DEFINITION": "fewer definitions are on the page than the notebook declared",
    "MISSING_OUTPUT": "a file that the notebook declared is not there",
    "RAISED": "a cell raised an error",
    "PAGE_REFUSED": "the page was refused by the exporter",
    "PAGE_TOO_BIG": "the page is over 1 MB",
    "CANNOT_WRITE": "the report could not be written",
    "NOT_STARTED": "the notebook's process could not be started",
    "WORKER_DIED": "the worker process died",
    "NOTEBOOK_CHANGED": "the notebook was changed while the run was going on: run again",
    "NOT_FINISHED": "the report could not be finished from what its notebook left",
}


class Task(BaseModel):
    """All that one report needs. Paths are absolute; with a cluster they lie on a path all workers share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    key: str
    stage: str
    notebook: str
    sha256: str = ""  # what the plan read: the notebook that was reviewed, and no later one
    parameters: dict[str, Any]
    engine: Literal["warm", "plain"]
    cwd: str
    work: str  # the report's stage folder; made anew
    done: str  # where the finished report is put
    executed: str  # where the executed notebook is kept (restricted)
    studies: tuple[str, ...]
    records: dict[str, str] = Field(default_factory=dict)  # file name → path of an earlier stage's record
    signoff: str | None = None  # signatures of the version before
    before: str | None = None  # JSON of the version published before, and what had changed then
    changes_before: str | None = None
    protect: tuple[str, ...] = ()  # folders that it stands for to keep whole; none: no guard
    allow: tuple[str, ...] = ()  # where the notebook may write besides its own folder: caches named by their content
    read: tuple[str, ...] = ()  # what it may read besides its own folder, the studies, Python and system libraries
    render: str  # module:function that makes the page
    page: dict[str, Any]
    cell_timeout: float
    seconds_left: float
    output_limit: int = 20_000_000
    process_limit: int = 64
    file_limit: int = 10_000
    file_size_limit: int = 500_000_000


class Result(BaseModel):
    """How one report ended. Holds no message of an exception: those may quote rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    key: str
    ok: bool
    reason: str | None = None  # one of REASONS
    cell: str | None = None
    error: str | None = None  # class name
    detail: str | None = None  # our own words only
    partial: str | None = None  # where the partial notebook is kept
    seconds: float = 0.0
    render_seconds: float = 0.0
    cells: tuple[dict[str, Any], ...] = ()
    files: dict[str, str] = Field(default_factory=dict)
    summary: dict[str, Any] = Field(default_factory=dict)
    partitions_read: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()


def load_function(name: str) -> Callable[..., Any]:
    """The function that `module:function` names."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def place_of(error: Exception) -> str:
    """Where a bug happened: file and line of our own code, never the message."""
    import traceback

    frames = [one for one in traceback.extract_tb(error.__traceback__) if "commissioning" in one.filename]
    return f"in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


class Failed(Exception):
    """A report failed for one of REASONS. Raises KeyError for any other."""

    def __init__(self, reason: str, *, cell: int | None = None, error: str | None = None, detail: str | None = None):
        super().__init__(REASONS[reason])
        self.reason, self.cell, self.error, self.detail = reason, cell, error, detail
