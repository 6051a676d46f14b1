"""What a report costs beyond its own cells, by engine. Prints one table; changes nothing in the checkout.

    python benchmarks/engine.py [--notebooks 4] [--stage 1_analyse]

Each line is measured in this run, one after the other: the `papermill` command in a loop, the
plain engine and the warm engine inside one process, and the same cells in a warm process without
any notebook (the floor). Overhead is the time of a report less the floor. Rendering is not in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLOOR = """
import json, sys, time, os
os.environ["MPLBACKEND"] = "Agg"
import builtins
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
cells = ["".join(c["source"]) for c in json.load(open(sys.argv[1]))["cells"] if c["cell_type"] == "code"]
times = []
for turn in range(int(sys.argv[2]) + 1):
    shell.reset()
    start = time.perf_counter()
    for cell in cells:
        shell.run_cell(cell, silent=True).raise_error()
    times.append(time.perf_counter() - start)
print(json.dumps(times[1:]), file=sys.stderr)
"""


def floor(notebook: Path, turns: int) -> float:
    """Seconds of the cells alone in a process that has run them once before."""
    made = subprocess.run(
        [sys.executable, "-c", FLOOR, str(notebook), str(turns)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    times = json.loads(made.stderr.strip().splitlines()[-1])
    return sum(times) / len(times)


def command(notebook: Path, turns: int, folder: Path) -> float:
    """Seconds a notebook by the papermill command in a loop."""
    start = time.perf_counter()
    for turn in range(turns):
        subprocess.run(
            [str(Path(sys.executable).with_name("papermill")), str(notebook), str(folder / f"{turn}.ipynb")],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    return (time.perf_counter() - start) / turns


def engine(notebook: Path, turns: int, folder: Path, name: str) -> float:
    """Seconds a notebook inside one process, after the first."""
    import papermill
    from papermill.engines import papermill_engines

    from commissioning.runs.warm_engine import PlainEngine, WarmEngine

    papermill_engines.register("plain", PlainEngine)
    papermill_engines.register("warm", WarmEngine)
    times = []
    for _ in range(turns + 1):
        start = time.perf_counter()
        papermill.execute_notebook(
            str(notebook), str(folder / "out.ipynb"), engine_name=name, cwd=str(ROOT), progress_bar=False
        )
        times.append(time.perf_counter() - start)
    return sum(times[1:]) / turns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notebooks", type=int, default=4, help="reports of each kind (20 for the page)")
    parser.add_argument("--stage", default="1_analyse", help="which shared notebook")
    given = parser.parse_args()
    notebook = ROOT / "notebooks" / f"{given.stage}.ipynb"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = floor(notebook, given.notebooks)
        rows = [
            ("papermill command in a loop", command(notebook, given.notebooks, folder)),
            ("plain engine, one process", engine(notebook, given.notebooks, folder, "plain")),
            ("warm engine", engine(notebook, given.notebooks, folder, "warm")),
        ]
    print(f"{given.notebooks} × {given.stage}, sample data, one worker, seconds a report\n")
    print("| engine | seconds | overhead | times the cells alone |\n|---|---|---|---|")
    for words, seconds in rows:
        print(f"| {words} | {seconds:.2f} | {seconds - alone:.2f} | {seconds / alone:.1f} |")
    print(f"| the same cells, warm, no notebook | {alone:.2f} | – | 1 |")
    ratio = (rows[0][1] - alone) / max(rows[2][1] - alone, 1e-9)
    print(f"\nThe warm engine's overhead is 1/{ratio:.1f} of the command's (asked: 1/15 or less).")


if __name__ == "__main__":
    main()
