"""Worker processes of one machine, and the fork server that they share."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from commissioning.runs import processes


class Pool(Protocol):
    """What the batch asks of a pool, whether its workers are here or on other machines."""

    answers: queue.Queue[tuple[str, dict[str, Any] | None]]

    def free(self) -> int:
        """How many more messages can be worked on now."""

    def send(self, name: str, message: dict[str, Any]) -> None:
        """Hand one message to a free worker; its answer arrives in `answers` as (name, answer or None)."""

    def close(self) -> None:
        """End workers and kernels at once."""


def start_worker() -> subprocess.Popen[str]:
    """A worker process, which takes its messages on standard input: see `worker`."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "commissioning.runs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=processes.one_thread_each(dict(os.environ)),
        start_new_session=hasattr(os, "setsid"),
    )


@dataclass
class _Worker:
    process: subprocess.Popen[str]
    busy: str | None = None
    sent: float = field(default_factory=time.monotonic)


class LocalPool:
    """`size` worker processes, started when first needed. None is ever reused after it failed to answer."""

    def __init__(self, size: int, *, warm: bool, preload: tuple[str, ...] | None = None) -> None:
        self.size = max(1, size)
        self.answers: queue.Queue[tuple[str, dict[str, Any] | None]] = queue.Queue()
        self.workers: list[_Worker] = []
        self.server: Any = None
        self.warm = warm and hasattr(os, "fork")
        self.preload = preload
        self.closed = False
        threading.Thread(target=self._wake, daemon=True).start()

    def free(self) -> int:
        return self.size - sum(1 for one in self.workers if one.busy)

    def warm_up(self) -> None:
        """Start the imports now; they go on while the first worker prepares."""
        if self.warm and (self.server is None or not self.server.alive()):
            from commissioning.runs import warm_server

            if self.server is not None:
                self.server.close()
            modules = warm_server.PRELOAD if self.preload is None else self.preload
            self.server = warm_server.ForkServerProcess(modules)

    def send(self, name: str, message: dict[str, Any]) -> None:
        self.warm_up()
        worker = next((one for one in self.workers if not one.busy), None) or self._start()
        worker.busy, worker.sent = name, time.monotonic()
        if self.server is not None:  # told each time: a server that died was replaced by one at another address
            message = {**message, "fork_server": self.server.socket_path}
        assert worker.process.stdin is not None
        try:
            worker.process.stdin.write(json.dumps(message) + "\n")
            worker.process.stdin.flush()
        except OSError:
            self._lost(worker)

    def _wake(self) -> None:
        """A notebook may stop its parent (SIGSTOP), which would then never say that anything ended: let it go on."""
        number = getattr(signal, "SIGCONT", None)
        while number is not None and not self.closed:
            time.sleep(1)
            server = [] if self.server is None else [self.server.process]
            for process in (*server, *(one.process for one in list(self.workers))):
                with contextlib.suppress(OSError):
                    process.send_signal(number)  # nothing happens to one that runs

    def _start(self) -> _Worker:
        process = start_worker()
        processes.STARTED_HERE.add(process.pid)
        worker = _Worker(process)
        self.workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for line in worker.process.stdout:
                name, worker.busy = worker.busy, None
                if name is not None:
                    self.answers.put((name, json.loads(line)))
        self._lost(worker)

    def _lost(self, worker: _Worker) -> None:
        name, worker.busy = worker.busy, None
        if worker in self.workers:
            self.workers.remove(worker)
        if not self.closed:
            processes.kill_tree(worker.process.pid)
        if name is not None:
            self.answers.put((name, None))

    def close(self) -> None:
        """End workers, fork server and kernels: all are told at once, and what is still there after 2 s is killed."""
        self.closed = True
        workers = list(self.workers)
        for one in workers:
            with contextlib.suppress(OSError):
                assert one.process.stdin is not None
                one.process.stdin.close()  # the worker ends its kernels and leaves
        end = time.monotonic() + 2.0
        if self.server is not None:
            self.server.close(seconds=2.0)
        for one in workers:
            try:
                one.process.wait(max(0.05, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                processes.kill_tree(one.process.pid)
                one.process.wait()
            processes.STARTED_HERE.discard(one.process.pid)


def opened(workers: int, *, cluster: str | None, warm: bool, preload: tuple[str, ...] | None) -> Pool:
    """A pool of this machine, whose fork server is loading its libraries already, or that of a cluster."""
    if cluster:
        from commissioning.runs.cluster import DaskPool

        return DaskPool(cluster)
    local = LocalPool(workers, warm=warm, preload=preload)
    local.warm_up()
    return local
