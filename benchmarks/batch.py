"""A whole `commissioning run`: two workers beside one, the first report of a cold run, and memory. Prints one table.

    python benchmarks/batch.py

The real notebooks on the sample, on a site of its own that is removed afterwards: two years of both pilots (24 reports),
and all five (60), because what a run spends once, at its start and end, weighs less the longer it is. The studies are
prepared by a run that is not counted. Memory is the proportional set size of the run and everything
below it, looked at five times a second (Linux; elsewhere no figure).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PERIODS = ("2013-14", "2014-15")
ALL_PERIODS = ("2011-12", "2012-13", *PERIODS, "2015-16")
ASKED_WORKERS, ASKED_COLD = 1.7, 1.5

RUN = """
import json, sys, time
start = time.perf_counter()
from pathlib import Path
from commissioning import pilot as pilots
from commissioning.runs import batch, places
from commissioning.runs.plan import plan
from commissioning.runs.progress import Progress
root, out = Path(sys.argv[1]), Path(sys.argv[2])
workers, periods, stages = int(sys.argv[3]), tuple(sys.argv[4].split(",")), tuple(filter(None, sys.argv[5].split(",")))
known = {name: pilots.load(name, root) for name in pilots.names(root)}
asked = tuple(filter(None, sys.argv[6].split(",")))
plans = plan(root, known, periods=periods, stages=stages, asked=asked, illustrative=True)
progress = Progress(len(plans), stream=open("/dev/null", "w"))
first = []
told = progress.report
def report(line):
    if line.startswith("done") and not first:
        first.append(time.perf_counter() - start)
    told(line)
progress.report = report
found = places.locate(root, root / "data" / "sample", out)
made = batch.Options(workers=workers, engine="warm", force=True)
outcome = batch.run(found, plans, known, made, progress=progress)
record = outcome.record
print(json.dumps({
    "seconds": time.perf_counter() - start, "first": first[0] if first else None, "exit": outcome.exit_code,
    "reports": [[one.seconds, one.render_seconds, sum(cell["seconds"] for cell in one.cells)] for one in record.reports],
    "state": str(found.state),
}))
"""
IMPORTS = """
import time
start = time.perf_counter()
import importlib
from commissioning.runs.warm_server import PRELOAD
for name in PRELOAD:
    importlib.import_module(name)
print(time.perf_counter() - start)
import os; os._exit(0)
"""


class Memory(threading.Thread):
    """The most memory that a process and all below it held together, in bytes; 0 where the system does not tell."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0, threading.Event()

    def run(self) -> None:
        from commissioning.runs.processes import descendants

        while not self.over.wait(0.2):
            self.most = max(self.most, sum(held(one) for one in (self.pid, *descendants(self.pid))))


def held(pid: int) -> int:
    """Proportional set size of one process in bytes: memory shared by n processes counts an nth in each."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def run(
    out: Path, *, workers: int, periods: tuple[str, ...] = PERIODS, stages: str = "", asked: str = ""
) -> dict[str, Any]:
    """One run in a process of its own, with the most memory it held."""
    told = out.with_suffix(".txt")
    with told.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(ROOT), str(out), str(workers), ",".join(periods), stages, asked],
            cwd=ROOT, stdout=stream, env={**os.environ, "MPLBACKEND": ""} | one_thread(),
        )  # fmt: skip
        memory = Memory(process.pid)
        memory.start()
        code = process.wait()
        memory.over.set()
        memory.join()
    if code:
        raise SystemExit(f"the run of the bench ended with {code}")
    found = json.loads(told.read_text().splitlines()[-1])
    if found["exit"]:
        raise SystemExit("a report of the bench failed: see its record")
    return found | {"memory": memory.most}


def one_thread() -> dict[str, str]:
    from commissioning.runs.processes import one_thread_each

    return one_thread_each({})


def cells_of(found: dict[str, Any]) -> float:
    return sum(cells for _, _, cells in found["reports"])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "site"
        prepared = run(out, workers=2)  # not counted: studies and calibration cards are made here
        one, two = run(out, workers=1), run(out, workers=2)
        many, many_by_two = (run(out, workers=workers, periods=ALL_PERIODS) for workers in (1, 2))
        few = run(out, workers=1, periods=PERIODS[1:])
        cold = run(out, workers=1, periods=PERIODS[1:], stages="analyse", asked="vcf_funding")
        imports = min(
            float(
                subprocess.run(
                    [sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True
                ).stdout
            )
            for _ in range(2)
        )
        import shutil

        shutil.rmtree(prepared["state"], ignore_errors=True)
    floor = imports + cells_of(cold)
    print("`commissioning run --force`, real reports on the sample, pages included\n")
    print("| what | found | asked |\n|---|---|---|")
    for alone, by_two in ((one, two), (many, many_by_two)):
        rendering, reports = sum(render for _, render, _ in alone["reports"]), len(alone["reports"])
        faster = alone["seconds"] / by_two["seconds"]
        print(f"| one worker, {reports} reports | {alone['seconds']:.1f} s, of which pages {rendering:.1f} s | – |")
        print(f"| beside their cells alone, one worker | {alone['seconds'] / cells_of(alone):.2f} times | – |")
        print(f"| two workers beside one, {reports} reports | {faster:.2f} times as fast | {ASKED_WORKERS} |")
    print(
        f"| first report of a cold run, beside imports and its cells | {cold['first'] / floor:.2f} times | {ASKED_COLD} |"
    )
    for found in (few, many):
        asked = "the same" if found is many else "–"
        print(
            f"| peak memory, one worker, {len(found['reports'])} reports | {found['memory'] / 1e6:,.0f} MB | {asked} |"
        )
    print(
        f"| peak memory, two workers, {len(many_by_two['reports'])} reports | {many_by_two['memory'] / 1e6:,.0f} MB | – |"
    )


if __name__ == "__main__":
    main()
