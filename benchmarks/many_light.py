"""Many light reports: 200 of which nothing changed, one extract changed, and 500 that may leak nothing. Prints one table.

    python benchmarks/many_light.py [--executed 500]

The notebooks import nothing heavy, so that the runner is measured and not the cells. The doubles are those of tests/runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOUBLES = str(ROOT / "tests" / "runs")
sys.path.insert(0, DOUBLES)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (DOUBLES, os.environ.get("PYTHONPATH", ""))))  # for workers
HEAVY = ("pandas", "statsmodels", "numpy", "matplotlib", "papermill")

AGAIN = """
import json, sys, time
start = time.perf_counter()
import light
from pathlib import Path
house = light.House.__new__(light.House)
house.root = Path(sys.argv[1]); house.data = house.root / "data" / "sample"; house.out = house.root / "reports"
outcome = light.batch(house, periods=tuple(sys.argv[2].split(",")))
print(json.dumps([
    time.perf_counter() - start, time.process_time(), sum(one.outcome != "unchanged" for one in outcome.record.reports),
    sorted({one.split(".")[0] for one in sys.modules}),
]))
"""


def years(number: int) -> tuple[str, ...]:
    return tuple(f"{year}-{(year + 1) % 100:02}" for year in range(1700, 1700 + number))


def unchanged(house: Any) -> tuple[float, float, int, list[str]]:
    """Seconds by the clock and of processor, reports executed, and heavy libraries imported, in a new process."""
    made = subprocess.run(
        [sys.executable, "-c", AGAIN, str(house.root), ",".join(years(100))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    clock, busy, executed, modules = json.loads(made.stdout)
    return clock, busy, executed, [one for one in HEAVY if one in modules]


def held(pids: list[int]) -> tuple[int, int]:
    """Open files and memory (kB, proportional) of some processes; zeros where the system does not tell."""
    files, memory = 0, 0
    for pid in pids:
        try:
            files += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            continue
        memory += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return files, memory


def main() -> None:
    import light

    from commissioning.runs.processes import descendants

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executed", type=int, default=500, help="light reports that are really executed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        house = light.House(Path(name) / "house")
        house.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
        light.batch(house, periods=years(100), pool=light.QuickPool())
        clock, busy, executed, heavy = min(unchanged(house) for _ in range(3))
        (house.data / "beta.csv").write_text("id,outcome\n1,yes\n")
        changed = light.batch(house, periods=years(100), pool=light.QuickPool())
        again = sum(one.outcome == "executed" for one in changed.record.reports)
        readers = sum(one.pilot == "beta" for one in changed.record.reports)

        pool = light.shared_pool()
        pool.warm_up()
        pids = [os.getpid(), *(one.process.pid for one in pool.workers), pool.server.process.pid]
        counts = []
        rounds = 5
        each = max(1, given.executed // (2 * rounds))
        seconds = 0.0
        for _ in range(rounds):
            outcome = light.batch(house, periods=years(each), force=True, keep_versions=2)
            seconds += outcome.record.seconds
            counts.append(held(pids))
        below = sum(len(descendants(one.process.pid)) for one in pool.workers)
        left = sum(1 for _ in (house.state / "work").iterdir())
        pool.close()
    total = 2 * rounds * each
    first, last = counts[0], counts[-1]
    print("Light reports, whose notebooks import nothing heavy\n\n| what | found | asked |\n|---|---|---|")
    print(
        f"| 200 reports, nothing changed, a new process | {clock:.2f} s by the clock, {busy:.2f} s of processor | under 3 s |"
    )
    print(f"| executed, and heavy libraries imported | {executed}, {', '.join(heavy) or 'none'} | 0, none |")
    print(f"| made again after one extract changed | {again} of 200 | the {readers} that read it |")
    print(f"| {total} executed, one worker | {seconds / total:.2f} s each | – |")
    print(f"| open files after {2 * each} and after {total} | {first[0]} and {last[0]} | no growth |")
    print(
        f"| memory after {2 * each} and after {total} | {first[1] / 1000:.0f} and {last[1] / 1000:.0f} MB | no growth |"
    )
    print(f"| processes and stage folders left | {below} and {left} | 0 and 0 |")


if __name__ == "__main__":
    main()
