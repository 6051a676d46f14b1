"""A whole `commissioning run`: two workers beside one, the first report of a cold run, and memory. Prints one table.

    python benchmarks/batch.py

The real notebooks on the sample, on a site of its own that is removed afterwards: two years of both pilots (24 reports),
and all five (60), because what a run spends once, at its start and end, weighs less the longer it is. The studies are
prepared by a run that is not counted. What two workers can gain at most is measured beside them: the cells alone, in one
process and in two at once, on the same cores. Ratios are of one round; the median of the rounds counts. Memory is the proportional set size of the run and everything
below it, looked at five times a second (Linux; elsewhere no figure).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from typing import Any

import engine

ROOT = Path(__file__).resolve().parents[1]
PERIODS = ("2013-14", "2014-15")
ALL_PERIODS = ("2011-12", "2012-13", *PERIODS, "2015-16")
ASKED_WORKERS, ASKED_COLD = 1.7, 1.5
ROUNDS, COLD_ROUNDS = 3, 5

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


def seconds_of_imports() -> float:
    """Seconds in which a new process loads the libraries that the fork server holds."""
    made = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(made.stdout)


def cells_at_once(processes: int) -> float:
    """Seconds of the cells of every report, in as many processes at once, each with all of them: the slowest."""
    chosen = json.dumps(engine.reports())
    started = [
        subprocess.Popen(
            [sys.executable, "-c", engine.FLOOR, chosen], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env=engine.one_thread(),
        )
        for _ in range(processes)
    ]  # fmt: skip
    return max(sum(float(one) for one in process.communicate()[0].split()) for process in started)


def row(what: str, found: str, asked: object = "–") -> None:
    print(f"| {what} | {found} | {asked} |")


def spread(values: list[float]) -> str:
    return f"**{median(values):.2f}** ({', '.join(f'{one:.2f}' for one in values)})"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "site"
        state = run(out, workers=2)["state"]  # not counted: studies and calibration cards are made here
        cells_at_once(1)  # nor is this
        rounds = [(run(out, workers=1), run(out, workers=2), cells_at_once(1), cells_at_once(2)) for _ in range(ROUNDS)]
        colds = [
            (run(out, workers=1, periods=PERIODS[1:], stages="analyse", asked="vcf_funding"), seconds_of_imports())
            for _ in range(COLD_ROUNDS)
        ]
        few = run(out, workers=1, periods=PERIODS[1:])
        many, many_by_two = (run(out, workers=workers, periods=ALL_PERIODS) for workers in (1, 2))
        shutil.rmtree(state, ignore_errors=True)
    print(f"`commissioning run --force`, {len(rounds[0][0]['reports'])} real reports on the sample, pages included\n")
    print("| what | found | asked |\n|---|---|---|")
    row("one worker", f"{median(one['seconds'] for one, *_ in rounds):.1f} s")
    row("beside their cells alone, one worker", spread([one["seconds"] / cells_of(one) for one, *_ in rounds]))
    row("two workers beside one", spread([one["seconds"] / two["seconds"] for one, two, *_ in rounds]), ASKED_WORKERS)
    row("cells alone, two processes beside one", spread([2 * one / two for *_, one, two in rounds]))
    row(f"two workers beside one, {len(many['reports'])} reports", f"{many['seconds'] / many_by_two['seconds']:.2f}")
    row(
        "first report of a cold run, beside imports and its cells",
        spread([cold["first"] / (imports + cells_of(cold)) for cold, imports in colds]),
        ASKED_COLD,
    )
    for found, workers, asked in (
        (few, "one worker", "–"),
        (many, "one worker", "the same"),
        (many_by_two, "two", "–"),
    ):
        row(f"peak memory, {workers}, {len(found['reports'])} reports", f"{found['memory'] / 1e6:,.0f} MB", asked)


if __name__ == "__main__":
    main()
