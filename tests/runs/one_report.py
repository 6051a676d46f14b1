"""One report of a notebook, run as a worker runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from commissioning.runs.execute import Result, Task, run_report


def one_report(folder: Path, made: dict[str, Any], **more: Any) -> Result:
    """Execute, judge and render one notebook in `folder`; the page is the double's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study").mkdir(exist_ok=True)
    (folder / "study" / "tables.json").write_text(json.dumps({"rows": 2}))
    path = folder / "notebook.ipynb"
    path.write_text(json.dumps(made))
    given: dict[str, Any] = {
        "id": "alpha-analyse",
        "key": "k",
        "stage": "",
        "notebook": str(path),
        "parameters": {"pilot": "alpha"},
        "engine": "plain",
        "cwd": str(folder),
        "work": str(folder / "work"),
        "done": str(folder / "done" / "alpha-analyse"),
        "executed": str(folder / "executed.ipynb"),
        "studies": (str(folder / "study"),),
        "render": "light:render",
        "page": {"title": "A report", "pilot": "alpha"},
        "cell_timeout": 30.0,
        "seconds_left": 60.0,
        **more,
    }
    return run_report(Task(**given))
