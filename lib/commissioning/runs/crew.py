"""The workers of one run: opened when something is to be done, asked until the run is stopped or its deadline has passed."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from commissioning.errors import ReportFailed
from commissioning.runs import pool, publish
from commissioning.runs.pool import Pool

Answer = dict[str, Any] | None  # None: the worker died
Job = tuple[str, Any, Callable[[], dict[str, Any]]]  # its name, what it is about, how its message is made


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a batch is run. Functions are named `module:function`, because worker processes import them."""

    workers: int = 1
    engine: str = "warm"
    force: bool = False
    cluster: str | None = None
    cell_timeout: float = 600.0
    run_timeout: float = 6 * 3600.0
    grace: float = 60.0  # seconds after the deadline in which what runs may still end by itself
    keep_versions: int = publish.KEEP_VERSIONS
    preload: tuple[str, ...] | None = None  # what the warm engine imports; None: what the notebooks use
    output_limit: int = 20_000_000
    prepare: str = "commissioning.runs.studies:prepare"
    work_out: str = "commissioning.runs.studies:work_out"  # "" for studies of which nothing is to be worked out
    render: str = "commissioning.runs.rendering:render"
    index: str = publish.INDEX
    recheck: Callable[[], None] | None = None  # asked before publishing: is the code still the one that was reviewed?
    shown: dict[str, Any] = field(default_factory=dict)  # the options as the user gave them, for the record


@dataclass
class Stop:
    """Set by a signal handler; looked at by the run at least ten times a second."""

    name: str | None = None


class Stopped(Exception):
    """A signal arrived."""


class Crew:
    """A pool that is opened when it is first needed, the run's deadline, and its stop. `given`: a pool of somebody else's."""

    def __init__(self, options: Options, stop: Stop, given: Pool | None) -> None:
        self.options, self.stop, self.mine = options, stop, given is None
        self.held = given
        self.start = time.monotonic()

    def pool(self) -> Pool:
        if self.held is None:
            how = self.options
            self.held = pool.opened(how.workers, cluster=how.cluster, warm=how.engine == "warm", preload=how.preload)
        return self.held

    def close(self) -> None:
        if self.held is not None and self.mine:
            self.held.close()

    def seconds(self) -> float:
        return time.monotonic() - self.start

    def seconds_left(self) -> float:
        return self.options.run_timeout - self.seconds()

    def is_late(self) -> bool:
        """True where the deadline is long past. Workers and kernels keep it themselves, unless they are stuck."""
        return self.seconds_left() < -self.options.grace

    def stop_if_told(self) -> None:
        """Raises Stopped where a signal arrived."""
        if self.stop.name:
            raise Stopped

    def answer(self) -> tuple[str, Answer] | None:
        """The next answer by its name, or None after a tenth of a second. Raises Stopped."""
        self.stop_if_told()
        try:
            return self.pool().answers.get(timeout=0.1)
        except queue.Empty:
            return None

    def do(self, waiting: list[Job], meanwhile: str) -> Iterator[tuple[Any, Answer]]:
        """Hand out messages as there is room; each answer with what it is about.

        Raises Stopped, and ReportFailed where the deadline passed.
        """
        running: dict[str, Any] = {}
        while waiting or running:
            while waiting and self.pool().free():
                name, about, message = waiting.pop(0)
                running[name] = about
                self.pool().send(name, message())
            if arrived := self.answer():
                yield running.pop(arrived[0]), arrived[1]
            elif self.is_late():
                raise ReportFailed(f"the run's deadline passed while {meanwhile}: nothing was published")
