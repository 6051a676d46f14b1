"""Standard output and error of a forked kernel, without empty waits."""

from __future__ import annotations

from ipykernel.iostream import OutStream


class PromptStream(OutStream):
    """Flushes only where something was written since the last time.

    A kernel flushes both streams twice a cell, and each flush waits for another thread, also when there is nothing to send:
    a quarter of what an empty cell takes.
    """

    _written = False

    def write(self, string: str) -> int:
        self._written = True  # also by the thread that reads what other processes print
        return int(super().write(string) or 0)

    def flush(self) -> None:
        if self._written:
            self._written = False
            super().flush()
