"""Nothing changed: nothing executed, nothing heavy imported, nothing left open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import light
import pytest

from commissioning.runs.processes import descendants

HEAVY = ("pandas", "numpy", "statsmodels", "scipy", "matplotlib", "pyarrow", "papermill", "nbformat", "nbconvert")
AGAIN = """
import json, sys, time
import light
from pathlib import Path
house = light.House.__new__(light.House)
house.root = Path(sys.argv[1]); house.data = house.root / "data" / "sample"; house.out = house.root / "reports"
start = time.process_time()
outcome = light.batch(house, periods=tuple(sys.argv[2].split(",")))
print(json.dumps([
    time.process_time() - start, outcome.record.seconds, [one.outcome for one in outcome.record.reports],
    sorted({one.split(".")[0] for one in sys.modules}),
]))
"""


def years(number: int) -> tuple[str, ...]:
    return tuple(f"{year}-{(year + 1) % 100:02}" for year in range(1900, 1900 + number))


@pytest.fixture
def many(tmp_path):
    """A house of 200 published reports: two pilots, a hundred years."""
    house = light.House(tmp_path / "house")
    house.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
    outcome = light.batch(house, periods=years(100), pool=light.QuickPool())
    assert len(outcome.record.reports) == 200 and outcome.exit_code == 0
    return house


def test_two_hundred_unchanged_reports_take_under_three_seconds_and_import_nothing_heavy(many):
    before, version = many.published(), many.record["version"]
    made = subprocess.run(
        [sys.executable, "-c", AGAIN, str(many.root), ",".join(years(100))], capture_output=True, text=True, check=True
    )
    busy, _, outcomes, modules = json.loads(made.stdout)
    assert outcomes == ["unchanged"] * 200
    assert many.published() == before and many.record["version"] == version
    assert not set(HEAVY) & set(modules)
    assert busy < 3, "seconds of processor time: other programs on the machine are not counted"


def test_one_changed_extract_makes_exactly_its_readers_again(many):
    (many.data / "beta.csv").write_text("id,outcome\n1,yes\n")
    pool = light.QuickPool()
    outcome = light.batch(many, periods=years(100), pool=pool)
    executed = {one.id for one in outcome.record.reports if one.outcome == "executed"}
    assert len(executed) == 100 and all(one.startswith("beta-") for one in executed)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_many_runs_leave_no_file_open_and_no_process(tmp_path):
    house = light.House(tmp_path / "house")
    house.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
    light.batch(house, pool=light.QuickPool())

    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(descendants(os.getpid()))  # noqa: PTH208

    files, processes = held()
    for number in range(20):
        (house.data / "people.csv").write_text("id,outcome\n" + "1,yes\n" * (3 + number))
        assert light.batch(house, pool=light.QuickPool()).exit_code == 0
    after = held()
    assert after[0] <= files + 1 and after[1] <= processes


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_executed_reports_leave_no_file_process_or_folder_in_the_worker(house):
    """Twelve executed reports: the worker and the fork server hold after the last what they held after the fourth."""
    pool = light.shared_pool()
    pool.warm_up()

    def held() -> list[int]:
        pids = [one.process.pid for one in pool.workers] + [pool.server.process.pid]
        return [len(os.listdir(f"/proc/{pid}/fd")) for pid in pids]  # noqa: PTH208

    counts = []
    for _ in range(4):
        assert light.batch(house, force=True).exit_code == 0
        counts.append(held())
    assert all(last <= first + 1 for first, last in zip(counts[1], counts[-1], strict=True)), counts
    below = [one for worker in pool.workers for one in descendants(worker.process.pid)]
    assert below == []
    assert not list((house.state / "work").iterdir())


def test_a_notebook_writes_no_calibration_card_for_effects_are_worked_out_before_it_starts(tmp_path):
    house = light.House(tmp_path / "house")
    kept = house.root / "data" / "evidence" / "calibration"
    kept.mkdir(parents=True, exist_ok=True)
    keep = f"import pathlib\nkept = pathlib.Path({str(kept)!r}, 'card.json')\nkept.write_text('drawn')"
    house.write("1_analyse", light.notebook(keep, stage="analyse"))
    assert light.batch(house).record.exit_code == 1
    assert not (kept / "card.json").exists()
