"""Run every notebook on the sample, in the order of the cycle, and keep its outputs and stage records.

    python -m commissioning.reports.store_outputs

nbval then holds each notebook to the outputs stored here, and each stage finds the
record of the one before in `data/sample/records/`. Two rounds are run, because the first
stage of a cycle reads the last stage of the one before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from commissioning import pilot as pilots
from commissioning.reports.stage_records import ORDER

STAGES = tuple(f"{place}_{stage}" for place, stage in enumerate(ORDER, start=1))


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
    """Without what changes from run to run: timings, and the versions of the language."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def main() -> int:
    root = pilots.home()
    records = root / "data" / "sample" / "records"
    records.mkdir(parents=True, exist_ok=True)
    os.environ["COMMISSIONING_OUT"] = str(root / "data" / "evidence" / "stored")
    Path(os.environ["COMMISSIONING_OUT"]).mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        for name in pilots.names(root):
            for stage in STAGES:
                done = run(root / "notebooks" / f"{stage}.ipynb", root, {"pilot": name})
                made = Path(os.environ["COMMISSIONING_OUT"]) / f"{name}.{stage[2:]}.json"
                (records / made.name).write_bytes(made.read_bytes())
                del done
                print(f"{name} {stage}", flush=True)
    for path in sorted([*(root / "notebooks").glob("*.ipynb"), *(root / "pilots").glob("*/*.ipynb")]):
        nbformat.write(tidy(run(path, root)), path)
        print(path.relative_to(root), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
