"""The fork server as its owner sees it: start it, wait for it, end it. Light to import."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from commissioning.runs import processes

# Imported before the first fork: what every report needs. The stages pull in everything that the notebooks call;
# `commissioning.reports` alone would not: it puts them off until a report is opened. `scipy.optimize` is asked for by every
# report that estimates an effect, a third of them; `commissioning.charts`, with matplotlib, by every report that draws.
# statsmodels and SciPy's statistics are left to the notebooks that ask for them.
PRELOAD = (
    "numpy",
    "pandas",
    "scipy.optimize",
    "commissioning.charts",
    "commissioning.reports.stages",
)


def kernels_of(socket_path: str) -> frozenset[int]:
    """The kernels that a fork server holds now, as it noted them beside its socket."""
    try:
        return frozenset(int(one) for one in kernels_file(socket_path).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return frozenset()


def kernels_file(socket_path: str) -> Path:
    """Where a fork server notes its kernels: a worker tells by it the processes of its own report from others'."""
    return Path(socket_path).with_name("kernels")


class ForkServerProcess:
    """A running fork server. `socket_path` is given to workers; `close()` ends it and its kernels."""

    def __init__(self, modules: tuple[str, ...] = PRELOAD, env: dict[str, str] | None = None) -> None:
        self.folder = tempfile.mkdtemp(prefix="cw")  # short: a socket's path holds at most 108 bytes
        self.socket_path = str(Path(self.folder) / "s")
        # A clean one: a kernel is a fork of this process and can read what it was started with.
        environment = processes.clean(dict(os.environ if env is None else env))
        # As an ordinary kernel's: a fork keeps the seed that its parent started with.
        environment["PYTHONHASHSEED"] = "0"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "commissioning.runs.fork_server", self.socket_path, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        processes.STARTED_HERE.add(self.process.pid)
        self.ready: dict[str, Any] | None = None

    def wait_ready(self) -> dict[str, Any]:
        """Block until the imports are done. Raises RuntimeError where the process left early."""
        if self.ready is None:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the fork server left before it was ready")
            self.ready = json.loads(line)
        return self.ready

    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self, *, seconds: float = 3.0) -> None:
        """End the server and every kernel it holds; killed if it has not left after `seconds`."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            processes.kill_tree(self.process.pid)
            self.process.wait()
        self.process.stdout.close()
        processes.STARTED_HERE.discard(self.process.pid)
        shutil.rmtree(self.folder, ignore_errors=True)
