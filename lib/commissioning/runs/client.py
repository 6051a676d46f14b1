"""Runs the cells of one notebook: papermill's client, with limits, without its fixed waits.

What it adds: a deadline for each cell and for the whole run, a cap on outputs, the time of
each cell by a monotonic clock, the kernel's exit status, and the notebook saved at the
start, on failure and at the end only (papermill writes it twice a cell).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.log import logger

from commissioning.runs import processes
from commissioning.runs.kernels import ForkManager, PromptManager

OUTPUT_LIMIT = 20_000_000  # characters of output a notebook may hold


class Ended(Exception):
    """We ended the notebook ourselves, for a reason of `task.REASONS`."""

    reason = ""


class OutputTooBig(Ended):
    """The notebook printed or displayed more than the limit."""

    reason = "OUTPUT_TOO_BIG"


class LeftEarly(Ended):
    """A cell called `quit()` or `exit()`: the kernel was asked to leave, and no error is raised there."""

    reason = "INCOMPLETE"


class RunTimeout(Ended):
    """The whole run's deadline passed."""

    reason = "RUN_TIMEOUT"


@dataclass
class Watch:
    """What was seen while a notebook ran. Filled by the client, judged by `execute`."""

    cell_seconds: dict[int, float] = field(default_factory=dict)
    code_cells: set[int] = field(default_factory=set)
    failed_cell: int | None = None
    failed_as: str | None = None  # the class name of the error: never its message
    exit_status: int | None = None  # of the kernel: negative for a signal
    kernel_pid: int | None = None
    output_characters: int = 0


def _characters(value: Any) -> int:
    """Characters of all texts in a message, names included; a number counts as it is written."""
    if isinstance(value, dict):
        return sum(len(name) + _characters(one) for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return sum(_characters(one) + 1 for one in value)
    return len(value) if isinstance(value, str) else len(str(value))


class Client(PapermillNotebookClient):
    """papermill's client with deadlines, a cap on outputs and monotonic timings."""

    watch: Watch
    kernel_env: dict[str, str] | None = None
    run_deadline: float | None = None  # on time.monotonic()
    cell_timeout: float | None = None
    output_limit: int = OUTPUT_LIMIT

    def execute(self, **options: Any) -> Any:
        if self.kernel_env is not None:
            options["env"] = self.kernel_env
        self.timeout_func = lambda _cell: self._seconds_left()
        self.on_cell_executed = self._look_for_leaving
        return super().execute(**options)

    def _seconds_left(self) -> float | None:
        limits = [one for one in (self.cell_timeout,) if one]
        if self.run_deadline is not None:
            limits.append(max(self.run_deadline - time.monotonic(), 0.01))
        return min(limits) if limits else None

    @staticmethod
    def _look_for_leaving(cell: Any, cell_index: int, execute_reply: Any) -> None:
        payload = (execute_reply or {}).get("content", {}).get("payload") or ()
        if any(one.get("source") == "ask_exit" for one in payload):
            raise LeftEarly

    def papermill_execute_cells(self) -> None:
        manager = self.km
        self.watch.kernel_pid = getattr(getattr(manager, "provisioner", None), "pid", None)
        for index, cell in enumerate(self.nb.cells):
            start = time.monotonic()
            if cell.cell_type == "code":
                self.watch.code_cells.add(index)
            if self.run_deadline is not None and start >= self.run_deadline:
                self._failed(index, RunTimeout())
                raise RunTimeout
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.watch.failed_cell, self.watch.failed_as = index, error.ename
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            except CellTimeoutError as error:
                late = self.run_deadline is not None and time.monotonic() >= self.run_deadline
                self._failed(index, RunTimeout() if late else error)
                raise
            except (DeadKernelError, OutputTooBig, LeftEarly) as error:
                self._failed(index, error)
                raise
            finally:
                self.watch.cell_seconds[index] = time.monotonic() - start
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)

    def _failed(self, index: int, error: Exception) -> None:
        self.watch.failed_cell, self.watch.failed_as = index, type(error).__name__
        if self.km is not None:
            self.km.kill_at_once = True  # type: ignore[attr-defined]

    def process_message(self, msg: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        """As papermill's, with every message counted that may become part of the notebook, updates and widgets included."""
        if msg["msg_type"] not in ("status", "execute_input"):
            self.watch.output_characters += _characters(msg["content"])
        if self.watch.output_characters > self.output_limit:
            raise OutputTooBig(f"more than {self.output_limit} characters of output")
        return super().process_message(msg, *arguments, **options)

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """As nbclient's, but an output over the cap ends the cell at once instead of waiting for its reply."""
        try:
            await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        except OutputTooBig:
            self._too_big = True
            if self.km is not None:
                self.km.kill_at_once = True  # type: ignore[attr-defined]
                await self.km._async_signal_kernel(9)
            if self.task_poll_for_reply is not None:
                self.task_poll_for_reply.cancel()
            raise

    async def async_execute_cell(self, *arguments: Any, **options: Any) -> Any:
        self._too_big = False
        try:
            return await super().async_execute_cell(*arguments, **options)
        except DeadKernelError:
            if self._too_big:
                raise OutputTooBig from None
            raise

    execute_cell = run_sync(async_execute_cell)  # as nbclient makes its own of its own


def execute(
    nb: Any,
    kernel_name: str,
    *,
    output_path: str | None = None,
    warm: bool,
    watch: Watch | None = None,
    kernel_env: dict[str, str] | None = None,
    run_deadline: float | None = None,
    cell_timeout: float | None = None,
    output_limit: int = OUTPUT_LIMIT,
    progress_bar: Any = False,
    log_output: bool = False,
    start_timeout: int = 60,
    execution_timeout: float | None = None,
    stdout_file: Any = None,
    stderr_file: Any = None,
    autosave_cell_every: int = 0,
    **_: Any,
) -> Any:
    """Execute the cells of `nb` and return it, as papermill's engines do.

    Raises what nbclient raises for a dead kernel or a timeout, `OutputTooBig`, `RunTimeout`;
    a cell that raised is marked in the notebook and papermill raises for it afterwards.
    """
    watch = watch if watch is not None else Watch()
    manager = NotebookExecutionManager(
        nb, output_path=output_path, progress_bar=progress_bar, log_output=log_output, autosave_cell_every=0
    )
    manager.notebook_start()
    manager.save = lambda **_: None  # type: ignore[method-assign]
    whole = False
    try:
        client = Client(
            manager,
            kernel_manager_class=ForkManager if warm else PromptManager,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            ipython_hist_file=":memory:",
        )
        client.watch = watch
        client.kernel_env = kernel_env
        client.run_deadline = run_deadline
        client.cell_timeout = cell_timeout or execution_timeout
        client.output_limit = output_limit
        kernels = client.create_kernel_manager()
        # Inside a run the kernel has nothing left to do once its cells are done: every output is
        # checked afterwards, and its temporary folder is the run's own. Asking it to leave can take a second.
        kernels.kill_at_once = kernel_env is not None  # type: ignore[attr-defined]
        client.owns_km = True
        try:
            client.execute()
            whole = True
        finally:
            watch.exit_status = getattr(kernels.provisioner, "status", None)
            if watch.kernel_pid:
                processes.kill_group(watch.kernel_pid)
    finally:
        if not whole:  # papermill writes what it is handed back, cells that raised included, but nothing after this
            del manager.save  # back to the real one, for the last save
        manager.cleanup_pbar()
        manager.notebook_complete()
    return manager.nb
