"""Looks after one report from outside its kernel: how many processes it starts, how many files it writes."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

from commissioning.runs import processes
from commissioning.runs.task import Task
from commissioning.runs.warm_server import kernels_of


class Patrol(threading.Thread):
    """Watches the kernel's process group and stage folder while cells run, and ends what runs wild."""

    def __init__(self, task: Task, work: Path, watch: Any) -> None:
        super().__init__(daemon=True)
        self.task, self.work, self.watch = task, work, watch
        self.over = threading.Event()
        self.found: str | None = None

    def run(self) -> None:
        while not self.over.wait(0.25):
            pid = self.watch.kernel_pid
            if not pid:
                continue
            started = processes.of_kernel(pid, self._others)
            if len(started) > self.task.process_limit:
                self.found = "TOO_MANY_PROCESSES"
            elif sum(len(files) for _, _, files in os.walk(self.work)) > self.task.file_limit:
                self.found = "TOO_MANY_FILES"
            if self.found:
                processes.kill_group(pid)
                processes.kill_tree(pid)
                processes.kill_each(started)  # orphans too; what they start meanwhile goes when the kernel has ended
                return

    def _others(self) -> Collection[int]:
        """What the kernel's parent holds besides: other reports' kernels, or the worker's own processes."""
        if self.task.engine == "plain":
            return processes.STARTED_HERE
        return kernels_of(os.environ.get("COMMISSIONING_FORK_SERVER", ""))

    def stop(self) -> None:
        self.over.set()
        self.join(5)
