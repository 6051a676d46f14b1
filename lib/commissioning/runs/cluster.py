"""The same plan on an existing Dask cluster: `--cluster tcp://host:8786`.

Workers must see the checkout, the restricted folder and the site under the same paths, and have the same packages. Only the runner
publishes: a worker moves a finished report into the `done` folder in one step, so one that two workers made is the same whole report.

A runner that is killed cannot tell its workers to stop. So it writes a new number into a file of its stage folder every few seconds,
and a worker that sees no new one for a while ends its report. Clocks of two machines differ: numbers are compared with each other only.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError
from commissioning.runs import processes
from commissioning.runs.pool import start_worker

RETRIES = 3
PATIENCE = 10  # seconds in which a scheduler must answer
BEAT = "runner-lives"  # beside the folders of the reports
BETWEEN = 2.0  # seconds between two beats
SILENCE = 30.0  # after so many seconds without one nobody waits for the report any more


def work(message: dict[str, Any]) -> dict[str, Any] | None:
    """Runs on the cluster: one report in its own worker process, which ends with it. None where its runner has gone.

    A process of its own, because a notebook's client needs a main thread and an event loop
    that Dask's worker already uses.
    """
    with start_worker() as process:
        assert process.stdin is not None and process.stdout is not None
        over, gone = threading.Event(), threading.Event()
        beat = Path(message["task"]["work"]).parent / BEAT if "task" in message else None
        threading.Thread(target=_watch, args=(process, beat, over, gone), daemon=True).start()
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            over.set()
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                processes.kill_tree(process.pid)
    if gone.is_set():
        return None  # no error: the scheduler would try again
    if not line:
        raise RuntimeError("the process of this report died")
    return dict(json.loads(line))


def _watch(process: Any, beat: Path | None, over: threading.Event, gone: threading.Event) -> None:
    """Until the report is over: let a process that its notebook stopped go on, and end it when the runner has gone."""
    said, since = b"", time.monotonic()
    while not over.wait(1):
        if hasattr(signal, "SIGCONT"):
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGCONT)
        if beat is None:
            continue
        try:
            now = beat.read_bytes()
        except OSError:  # not there yet, or no longer
            now = said
        if now != said:
            said, since = now, time.monotonic()
        elif time.monotonic() - since > SILENCE:
            gone.set()
            processes.kill_tree(process.pid)
            return


def check_address(address: str) -> None:
    """Raise UsageError for what is no address of a scheduler."""
    if not re.fullmatch(r"(tcp|tls|ws|wss|ucx)://[^\s/:]+:\d{1,5}/?|tcp://\[[0-9a-fA-F:]+\]:\d{1,5}", address):
        raise UsageError(f"--cluster {address!r}: write the scheduler's address, such as tcp://host:8786")


class DaskPool:
    """A pool whose workers are those of a Dask cluster."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise UsageError("--cluster needs Dask: install it with `pip install 'commissioning[cluster]'`") from None
        check_address(address)
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its lines are not for the log of a run
        try:
            self.client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(f"--cluster {address!r}: no scheduler answers there ({type(error).__name__})") from None
        self.answers: queue.Queue[tuple[str, dict[str, Any] | None]] = queue.Queue()
        self.waiting: dict[str, Any] = {}
        self.guard = threading.Lock()
        self.stages: set[Path] = set()
        self.over = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        """Tell the workers that the runner lives. Makes no folder: the runner removes them at its end."""
        number = 0
        while not self.over.wait(BETWEEN):
            number += 1
            for stage in tuple(self.stages):
                with contextlib.suppress(OSError):
                    (stage / BEAT).write_text(str(number), encoding="ascii")

    def free(self) -> int:
        """Twice the cluster's threads: the scheduler always has the next task in hand."""
        threads = sum(self.client.nthreads().values()) or 1
        return max(0, 2 * threads - len(self.waiting))

    def send(self, name: str, message: dict[str, Any]) -> None:
        if "task" in message:  # forking servers are per machine; a cluster's workers start ordinary kernels
            message = {**message, "task": {**message["task"], "engine": "plain"}}
            self.stages.add(Path(message["task"]["work"]).parent)
        future = self.client.submit(work, message, pure=False, retries=RETRIES)
        with self.guard:
            self.waiting[name] = future
        future.add_done_callback(lambda done, name=name: self._arrived(name, done))

    def _arrived(self, name: str, future: Any) -> None:
        with self.guard:
            self.waiting.pop(name, None)
        answer = future.result() if future.status == "finished" else None
        self.answers.put((name, answer))

    def close(self) -> None:
        self.over.set()
        with self.guard:
            futures = list(self.waiting.values())
        with contextlib.suppress(Exception):
            self.client.cancel(futures, force=True)
        self.client.close(timeout=3)
