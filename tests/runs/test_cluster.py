"""A run on a Dask cluster: a real scheduler and two worker processes on loopback, one of which is killed in mid-run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import light
import pytest
from light import House, notebook

from commissioning.errors import UsageError
from commissioning.runs import cluster

pytest.importorskip("distributed", reason="Dask is an option: pip install 'commissioning[cluster]'")
ROOT = Path(__file__).resolve().parents[2]


def wait_until(true, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def dask(tmp_path):
    """The scheduler's address and two worker processes."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    program = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    at = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    made = [subprocess.Popen([*program, *at, "--scheduler-file", str(file)], **quiet)]
    try:
        program = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
        how = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        for number in range(2):
            folder = str(tmp_path / f"dask-{number}")
            made.append(subprocess.Popen([*program, *how, "--local-directory", folder, "--name", str(number)], **quiet))
        wait_until(lambda: file.is_file() and file.read_text().rstrip().endswith("}"))
        yield json.loads(file.read_text())["address"], made[1:]
    finally:
        for one in reversed(made):
            one.kill()
            one.wait()


def test_a_worker_killed_in_mid_run_changes_nothing_in_the_site(tmp_path, dask):
    address, workers = dask
    # Long enough to be killed in the middle; a notebook of a run may write no sign for the test to wait for.
    cell = "import time\ntime.sleep(6)\nprint('own', pilot)"
    alone = House(tmp_path / "alone")
    alone.write("1_analyse", notebook("print('analysed', pilot)", stage="analyse"))
    alone.write("own", notebook(cell), pilot="beta")
    many = light.copy_house(alone, tmp_path / "many")
    assert light.batch(alone).exit_code == 0

    runner = subprocess.Popen(
        [sys.executable, str(Path(light.__file__)), str(many.root), "--cluster", address],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        working: set[int] = set()
        wait_until(lambda: working.update(_parents_of_kernel(many)) or working & {one.pid for one in workers}, 120)
        doomed = next(one for one in workers if one.pid in working)
        doomed.kill()
        doomed.wait()
        said = runner.communicate(timeout=150)[1]
    finally:
        runner.kill()
        runner.wait()
    assert runner.returncode == 0, said
    assert many.published() == alone.published()
    assert {one["outcome"] for one in many.record["reports"]} == {"executed"}
    assert not list((many.state / "work").iterdir())


def _message(folder: Path, seconds: float) -> dict:
    """A report as a runner sends it, whose notebook takes its time."""
    from commissioning.runs.task import Task

    (folder / "study").mkdir(parents=True)
    (folder / "study" / "tables.json").write_text(json.dumps({"rows": 2}))
    (folder / "own.ipynb").write_text(json.dumps(notebook(f"import time; time.sleep({seconds})")))
    task = Task(
        id="alpha-own", key="k", stage="", notebook=str(folder / "own.ipynb"), parameters={"pilot": "alpha"},
        engine="plain", cwd=str(folder), work=str(folder / "stage" / "alpha-own"), done=str(folder / "done"),
        executed=str(folder / "executed.ipynb"), studies=(str(folder / "study"),), render="light:render",
        page={"title": "A report"}, cell_timeout=60.0, seconds_left=90.0,
    )  # fmt: skip
    return {"do": "report", "task": task.model_dump(mode="json")}


def test_a_report_whose_runner_has_gone_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "SILENCE", 5.0)
    start = time.monotonic()
    assert cluster.work(_message(tmp_path, 60)) is None
    assert time.monotonic() - start < 30
    assert not [one for one in Path("/proc").glob("[0-9]*") if str(tmp_path).encode() in _environment(one)]


def test_a_report_goes_on_as_long_as_its_runner_says_that_it_lives(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "SILENCE", 4.0)
    monkeypatch.setattr(cluster, "BETWEEN", 0.5)
    pool = cluster.DaskPool.__new__(cluster.DaskPool)
    pool.over, pool.stages = threading.Event(), {tmp_path / "stage"}
    threading.Thread(target=pool._beat, daemon=True).start()
    try:
        answer = cluster.work(_message(tmp_path, 7))
    finally:
        pool.over.set()
    assert answer is not None and answer["result"]["ok"]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def _parents_of_kernel(house: House) -> set[int]:
    """Processes above the kernel that executes beta's own report."""
    from commissioning.runs.processes import _parents

    parents = _parents()
    found: set[int] = set()
    for pid in parents:
        try:
            environ = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        if b"COMMISSIONING_REPORT=beta-own\0" in environ and str(house.root).encode() in environ:
            while pid in parents:
                pid = parents[pid]
                found.add(pid)
    return found


@pytest.mark.parametrize("address", ["", "nonsense", "http://x:1", "tcp://", "tcp://x", "tcp://a b:1", "x:8786"])
def test_what_is_no_address_is_refused_at_once(address):
    with pytest.raises(UsageError, match="tcp://host:8786"):
        cluster.check_address(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "tls://head:8786", "tcp://[::1]:8786"])
def test_addresses_of_schedulers_are_taken(address):
    cluster.check_address(address)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(UsageError, match="no scheduler answers there"):
        cluster.DaskPool("tcp://127.0.0.1:9")
