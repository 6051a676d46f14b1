"""Run every notebook on the sample, in the order of the cycle, and keep its outputs and stage records.

    python -m commissioning.reports.store_outputs

nbval then holds each notebook to the outputs stored here, and each stage finds the
record of the one before in `data/sample/records/`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from commissioning import pilot as pilots
from commissioning.presentation import stored
from commissioning.reports.stage_records import ORDER
from commissioning.study.parameters import Parameters

STAGES = {stage: f"{place}_{stage}.ipynb" for place, stage in enumerate(ORDER, start=1)}


def run(path: Path, root: Path, parameters: dict[str, str] | None = None) -> nbformat.NotebookNode:
    """A notebook executed on the sample from the root of the checkout, its outputs inside."""
    notebook = nbformat.read(path, as_version=4)
    if parameters:
        at = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
        text = "# Parameters\n" + "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
        notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(text))
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(root)}}).execute()
    return notebook


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without what changes from run to run or is drawn anew, and with the mark by which its outputs are known: see `stored`."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    stored.remember(notebook)
    return notebook


def keep_record(root: Path, pilot: str, stage: str, made: Path) -> None:
    """The stage record that a run has just written, kept in the sample."""
    name = f"{pilot}.{stage}.json"
    (root / "data" / "sample" / "records" / name).write_bytes((made / name).read_bytes())
    print(f"{pilot} {stage}", flush=True)


def main() -> int:
    root = pilots.home()
    (root / "data" / "sample" / "records").mkdir(parents=True, exist_ok=True)
    default, *others = (Parameters().pilot, *(one for one in pilots.names(root) if one != Parameters().pilot))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        os.environ |= {
            stored.TEXT_ONLY: "1",
            "COMMISSIONING_OUT": folder,
            "COMMISSIONING_REPORT": "report-of-the-sample",
        }
        # The first stage of a cycle reads the last of the one before: so the reviews are run first, and again in turn.
        for name in (default, *others):
            run(root / "notebooks" / "4_review.ipynb", root, {"pilot": name})
            keep_record(root, name, "review", made)
        for name in others:
            for stage, notebook in STAGES.items():
                run(root / "notebooks" / notebook, root, {"pilot": name})
                keep_record(root, name, stage, made)
        every = [*(root / "notebooks" / one for one in STAGES.values())]
        every += sorted({*(root / "notebooks").glob("*.ipynb"), *(root / "pilots").glob("*/*.ipynb")} - {*every})
        for path in every:
            nbformat.write(tidy(run(path, root)), path)
            print(path.relative_to(root), flush=True)
            for stage, notebook in STAGES.items():
                if path.name == notebook:
                    keep_record(root, default, stage, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
