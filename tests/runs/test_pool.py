"""The pool of workers: what one report does to the processes that all share is over with that report."""

from __future__ import annotations

import os
import signal
import time

import light
import pytest
from light import notebook

from commissioning.runs.pool import LocalPool

SLOW = "import time, pathlib, os\npathlib.Path(os.environ['COMMISSIONING_OUT'], 'going').touch()\ntime.sleep(60)"


@pytest.fixture
def pool():
    made = LocalPool(1, warm=True, preload=())
    yield made
    made.close()


def outcomes(house) -> dict[str, tuple[str, str | None]]:
    return {one["id"]: (one["outcome"], one["reason"]) for one in house.record["reports"]}


def hit_the_server(pool, house, number: int) -> None:
    """Send a signal to the fork server as soon as alpha's own report is going. Runs beside the batch."""
    end = time.monotonic() + 60
    while not list(house.root.glob("data/results/runs/*/work/*/alpha-own/out/going")):
        if time.monotonic() > end:
            return
        time.sleep(0.02)
    os.kill(pool.server.process.pid, number)


def test_a_fork_server_that_dies_costs_one_report_and_not_the_run(house, pool):
    import threading

    house.write("own", notebook(SLOW), pilot="alpha")
    house.write("own", notebook("print('own', pilot)"), pilot="beta")
    threading.Thread(target=hit_the_server, args=(pool, house, signal.SIGKILL), daemon=True).start()
    start = time.monotonic()
    light.batch(house, pool=pool)
    found = outcomes(house)
    assert found.pop("alpha-own") == ("failed", "KERNEL_DIED")
    assert {one for one, _ in found.values()} == {"executed"}, found
    assert time.monotonic() - start < 45


STOP = "import os, signal; os.kill(os.getppid(), signal.SIGSTOP)"


@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_a_notebook_that_stops_its_parent_does_not_hold_up_the_run(house, pool, engine):
    house.write("own", notebook(STOP), pilot="alpha")
    house.write("own", notebook("print('own', pilot)"), pilot="beta")
    start = time.monotonic()
    light.batch(house, pool=pool, engine=engine)
    found = outcomes(house)
    found.pop("alpha-own")  # made, or refused: either is right
    assert {one for one, _ in found.values()} == {"executed"}, found
    assert time.monotonic() - start < 45
