"""What a report costs beyond its own cells, under each engine, and what its page costs. Prints two tables.

    python benchmarks/engine.py [--reports 20] [--commands 6]

The real notebooks on the sample, one after the other, in this run: the same cells in forks of a warm process
without any notebook (the floor), the warm engine and the plain engine inside one process, and the
`papermill` command. Overhead is a report's time less its floor; medians over reports. Rendering is counted apart:
the pages of the executed notebooks through our exporter, beside nbconvert's `lab` template on the same notebooks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PILOTS = ("learning_disability", "vcf_funding")
STAGES = ("1_analyse", "2_plan", "3_do", "4_review")
ASKED = 15  # the engine's overhead is to be this many times smaller than the command's

FLOOR = """
import gc, json, os, sys, time
from commissioning.runs import fork_server, warm_server
fork_server.preload(warm_server.PRELOAD)
gc.collect(); gc.freeze()
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
for notebook, pilot in json.loads(sys.argv[1]):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        shell = InteractiveShell.instance()
        cells = [one for one in json.load(open(notebook))["cells"] if one["cell_type"] == "code"]
        took = 0.0
        for cell in cells:
            text = "".join(cell["source"])
            if pilot and "parameters" in cell["metadata"].get("tags", []):
                text += f"\\npilot = {pilot!r}"
            start = time.perf_counter()
            with capture_output():
                done = shell.run_cell(text, store_history=True)
            took += time.perf_counter() - start
            done.raise_error()
        os.write(write, str(took).encode())
        os._exit(0)
    os.close(write)
    print(float(os.read(read, 64) or "nan"), flush=True)
    os.waitpid(child, 0)
os._exit(0)
"""


def reports() -> list[tuple[str, str]]:
    """Notebook and pilot of every report of the sample; "" where a notebook is not told its pilot."""
    found = [(str(ROOT / "notebooks" / f"{stage}.ipynb"), pilot) for stage in STAGES for pilot in PILOTS]
    found += [(str(one), "") for one in sorted((ROOT / "pilots").glob("*/*.ipynb"))]
    return found + [(str(ROOT / "notebooks" / f"{name}.ipynb"), "") for name in ("cabinet_summary", "service_reviews")]


def floor(chosen: list[tuple[str, str]]) -> list[float]:
    """Seconds of the cells alone, each report in a fork of a process that holds the libraries."""
    made = subprocess.run(
        [sys.executable, "-c", FLOOR, json.dumps(chosen)],
        cwd=ROOT, capture_output=True, text=True, check=True, env=one_thread(),
    )  # fmt: skip
    return [float(one) for one in made.stdout.split()]


def one_thread() -> dict[str, str]:
    """The environment with one thread for sums, as every worker has it, and no backend of somebody else's."""
    from commissioning.runs.processes import one_thread_each

    env = one_thread_each(dict(os.environ))
    env.pop("MPLBACKEND", None)
    return env


def command(chosen: list[tuple[str, str]], folder: Path) -> list[float]:
    """Seconds of each report by the papermill command."""
    took = []
    for notebook, pilot in chosen:
        start = time.perf_counter()
        subprocess.run(
            [
                str(Path(sys.executable).with_name("papermill")), notebook, str(folder / "command.ipynb"),
                *(["-p", "pilot", pilot] if pilot else []),
            ],
            cwd=ROOT, capture_output=True, check=True, env=one_thread(),
        )  # fmt: skip
        took.append(time.perf_counter() - start)
    return took


def engine(chosen: list[tuple[str, str]], folder: Path, name: str) -> list[float]:
    """Seconds of each report inside one process, after one that is not counted."""
    import papermill
    from papermill.engines import papermill_engines

    from commissioning.runs.warm_engine import PlainEngine, WarmEngine

    papermill_engines.register("plain", PlainEngine)
    papermill_engines.register("warm", WarmEngine)
    took = []
    for number, (notebook, pilot) in enumerate([chosen[0], *chosen]):
        start = time.perf_counter()
        papermill.execute_notebook(
            notebook, str(folder / f"{name}-{max(number - 1, 0)}.ipynb"), engine_name=name, cwd=str(ROOT),
            parameters={"pilot": pilot} if pilot else {}, progress_bar=False,
        )  # fmt: skip
        took.append(time.perf_counter() - start)
    return took[1:]


def pages(folder: Path, number: int) -> tuple[list[float], list[float], int]:
    """Seconds of each page through our exporter and through nbconvert's lab template, and the most charts on a page."""
    import nbformat
    from nbconvert import HTMLExporter

    from commissioning.presentation.display import MIME
    from commissioning.presentation.exporter import render
    from commissioning.presentation.page import PageInfo, SourceFile

    words = dict.fromkeys(
        ("title", "pilot", "stage", "period", "level", "area", "run", "organisation", "contact", "code_version"),
        "bench",
    )

    sample = ROOT / "data" / "sample"
    files = sorted(one.relative_to(sample).as_posix() for one in sample.rglob("*.*"))
    files += sorted(one.relative_to(ROOT / "pilots").as_posix() for one in (ROOT / "pilots").glob("*/pilot.toml"))
    files += [one.relative_to(ROOT).as_posix() for one in sorted(ROOT.glob("data/*/service_reviews.toml"))]
    sources = tuple(SourceFile(name=one, sha256="0" * 64) for one in files)
    lab, ours, theirs, most = HTMLExporter(template_name="lab"), [], [], 0
    for place in range(number):
        notebook: Any = nbformat.read(folder / f"warm-{place}.ipynb", as_version=4)
        made = sum(
            output.get("data", {}).get(MIME, {}).get("kind") == "chart"
            for cell in notebook.cells
            for output in cell.get("outputs", ())
        )
        most = max(most, made)
        for turn in range(2):  # the first fills caches of templates and styles
            start = time.perf_counter()
            render(notebook, page=PageInfo(**words, data_fingerprint="0" * 64, illustrative=True, sources=sources))
            half = time.perf_counter()
            lab.from_notebook_node(notebook)
            if turn:
                ours.append(half - start)
                theirs.append(time.perf_counter() - half)
    return ours, theirs, most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=20, help="reports under the warm engine and at the floor")
    parser.add_argument("--commands", type=int, default=6, help="reports by the papermill command and the plain engine")
    given = parser.parse_args()
    chosen = list(islice(cycle(reports()), given.reports))
    few = min(given.commands, len(chosen))
    step = max(1, len(reports()) // few)
    some = list(range(0, len(chosen), step))[:few]
    os.environ.update(one_thread())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor(chosen[: len(reports())])  # the sample is prepared and the calibration cards are drawn
        alone = floor(chosen)
        warm = engine(chosen, folder, "warm")
        plain = engine([chosen[one] for one in some], folder, "plain")
        slow = command([chosen[one] for one in some], folder)
        ours, theirs, charts = pages(folder, min(len(chosen), len(reports())))
    over_warm = median(one - cells for one, cells in zip(warm, alone, strict=True))
    over_plain = median(one - alone[place] for one, place in zip(plain, some, strict=True))
    over_slow = median(one - alone[place] for one, place in zip(slow, some, strict=True))
    of_some = sum(alone[one] for one in some)
    print(f"{len(chosen)} real reports on the sample ({len(some)} by the command), one worker, rendering apart\n")
    print("| engine | seconds a report (median) | overhead (median) | all, beside the cells alone |\n|---|---|---|---|")
    print(f"| papermill command | {median(slow):.2f} | {over_slow:.2f} | {sum(slow) / of_some:.1f} |")
    print(f"| plain engine, one process | {median(plain):.2f} | {over_plain:.2f} | {sum(plain) / of_some:.1f} |")
    print(f"| warm engine | {median(warm):.2f} | {over_warm:.2f} | {sum(warm) / sum(alone):.2f} |")
    print(f"| the same cells, warm, no notebook | {median(alone):.2f} | – | 1 |")
    print(
        f"\nThe warm engine's overhead is 1/{over_slow / max(over_warm, 1e-9):.1f} of the command's (asked: 1/{ASKED} or less)."
    )
    print(f"All of the same reports: warm engine 1, command {sum(slow) / sum(warm[one] for one in some):.1f}.")
    print(
        "Cells alone, seconds, slowest first: "
        + ", ".join(f"{one:.2f}" for one in sorted(alone[: len(reports())], reverse=True))
    )
    print(
        f"\nPages of {len(ours)} reports (up to {charts} charts): ours {sum(ours):.2f} s, nbconvert's lab template "
        f"{sum(theirs):.2f} s: {sum(ours) / sum(theirs):.2f} times (asked: 1.5 or less)."
    )


if __name__ == "__main__":
    main()
