"""Judging an executed notebook: success is our own sentinel and everything that was declared, found."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from commissioning.runs.task import Failed, Task

LEAVING = ("SystemExit", "LeftEarly")
OWN_MIME = "application/vnd.commissioning.display+json"
LOST = {
    "figures": ("LOST_FIGURE", "figures"),
    "tables": ("LOST_TABLE", "tables"),
    "findings": ("LOST_FINDINGS", "answers"),
    "definitions": ("LOST_DEFINITION", "definitions"),
}
"""What is counted, and the reason and words for fewer than the report declared."""
KINDS = {
    "chart": "figures",
    "picture": "figures",
    "table": "tables",
    "answer": "findings",
    "definition": "definitions",
}


def judge(task: Task, work: Path, nonce: str, nb: Any, watch: Any) -> dict[str, Any]:
    """The report's own JSON, once everything it declared was found. Raises Failed."""
    out = work / "out"
    if watch.failed_as is not None:  # papermill counts sys.exit(0) as success
        raise Failed("INCOMPLETE" if watch.failed_as in LEAVING else "RAISED", cell=watch.failed_cell)
    for place, cell in enumerate(nb.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if any(one.output_type == "error" for one in cell.outputs):
            raise Failed("RAISED", cell=place)
        if cell.execution_count is None:
            raise Failed("INCOMPLETE", cell=place)
    try:
        said = (out / "sentinel").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        said = ""
    if said != nonce:
        raise Failed("INCOMPLETE", detail="the notebook's last cell did not close the report")
    try:
        declared = json.loads((out / f"{task.id}.json").read_text(encoding="utf-8"))
        if not isinstance(declared, dict):
            raise ValueError
    except (OSError, ValueError):
        raise Failed("MISSING_OUTPUT", detail=f"{task.id}.json is missing or cut short") from None
    wanted = declared_of(declared)
    found = count_displays(nb)
    for what, (reason, words) in LOST.items():
        if found[what] < wanted[what]:
            raise Failed(reason, detail=f"{found[what]} of {wanted[what]} {words}")
    for name in wanted["files"]:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or (out / name).is_symlink():
            raise Failed("MISSING_OUTPUT", detail="a declared file has an unsafe name")
        if not (out / name).is_file():
            raise Failed("MISSING_OUTPUT", detail=name)
    return declared


def declared_of(report: dict[str, Any]) -> dict[str, Any]:
    """Counts and files the report says it holds: `declared`, or the display objects it counted (`shown`)."""
    declared = report.get("declared") or {}
    shown = report.get("shown") or {}
    return {
        "figures": int(declared.get("figures", int(shown.get("chart", 0)) + int(shown.get("picture", 0)))),
        "tables": int(declared.get("tables", shown.get("table", 0))),
        "findings": int(shown.get("answer", 0)),
        "definitions": int(shown.get("definition", 0)),
        "files": [str(one) for one in declared.get("files", ())],
    }


def count_displays(nb: Any) -> dict[str, int]:
    """Displays of each kind of `LOST` among a notebook's outputs: our own records, pictures, and HTML tables."""
    found = dict.fromkeys(LOST, 0)
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            record = data.get(OWN_MIME)
            if isinstance(record, dict):
                if record.get("kind") in KINDS:
                    found[KINDS[record["kind"]]] += 1
            elif any(name.startswith("image/") for name in data):
                found["figures"] += 1
            else:
                found["tables"] += "".join(data.get("text/html", "")).count("<table")
    return found
