"""What the process of a notebook is told, and the home that it gets: its own, gone when the report is made."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from commissioning.runs import processes
from commissioning.runs.task import Task
from commissioning.study import ready


def kernel_environment(task: Task, work: Path, nonce: str) -> dict[str, str]:
    """The environment of the notebook's process: what it needs and nothing else, with a home of its own.

    Of the caller's only what `processes.clean` lets through, so no password, no start-up file, and no matplotlib backend
    set by somebody (`Agg` would silently drop every figure).
    """
    home = work / "home"
    for folder in (home, home / ".ipython", home / ".matplotlib"):
        folder.mkdir(mode=0o700, exist_ok=True)
    _lend_fonts(home / ".matplotlib")
    return processes.clean(dict(os.environ)) | {
        "COMMISSIONING_STUDY": os.pathsep.join(task.studies),
        "COMMISSIONING_RECORDS": str(work / "records"),
        "COMMISSIONING_OUT": str(work / "out"),
        "COMMISSIONING_REPORT": task.id,
        "COMMISSIONING_NONCE": nonce,
        "COMMISSIONING_PROTECT": os.pathsep.join(task.protect),
        "COMMISSIONING_ALLOW": os.pathsep.join((str(work), *task.allow)),
        "COMMISSIONING_READ": os.pathsep.join((*_shown(task.studies), *task.read)),
        "COMMISSIONING_FILE_LIMIT": str(task.file_size_limit),
        "COMMISSIONING_KERNEL_LOG": str(work / "kernel.log"),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "MPLCONFIGDIR": str(home / ".matplotlib"),
        "TMPDIR": str(work / "tmp"),
        "PYTHONHASHSEED": "0",
    }


def _shown(studies: tuple[str, ...]) -> list[str]:
    """What of these studies a notebook may read: no rows, no results before disclosure control and no record keys."""
    return [str(part) for one in studies for part in ready.shown_parts(Path(one))]


def _lend_fonts(target: Path) -> None:
    """The account's list of fonts, where matplotlib has made one: each kernel would look through the system's anew."""
    kept = os.environ.get("MPLCONFIGDIR") or str(
        Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "matplotlib"
    )
    with contextlib.suppress(OSError):
        for one in Path(kept).glob("fontlist-*.json"):
            shutil.copyfile(one, target / one.name)
