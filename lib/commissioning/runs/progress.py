"""Live progress: one line that is rewritten on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TextIO


def in_words(seconds: float) -> str:
    """Seconds as people say them: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def _say(stream: TextIO, text: str) -> None:
    """Write at once. What cannot be said (a full disk, a closed terminal) stops no report."""
    with contextlib.suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()


class _Line:
    """A line that is rewritten on a terminal; nothing elsewhere."""

    def __init__(self, stream: TextIO | None, every: float) -> None:
        self.stream, self.every = stream or sys.stderr, every
        self.live = hasattr(self.stream, "isatty") and self.stream.isatty()
        self.last, self.width = 0.0, 0

    def rewrite(self, text: str, *, now: bool = False) -> None:
        if self.live and (now or time.monotonic() - self.last >= self.every):
            self.last = time.monotonic()
            _say(self.stream, "\r" + text.ljust(self.width))
            self.width = len(text)

    def clear(self) -> None:
        if self.live and self.width:
            _say(self.stream, "\r" + " " * self.width + "\r")
            self.width = 0


class Progress(_Line):
    """Counts of reports done, running and failed, and the time left by the pace so far."""

    def __init__(self, total: int, *, stream: TextIO | None = None, every: float = 0.2) -> None:
        super().__init__(stream, every)
        self.total, self.start = total, time.monotonic()

    def line(self, *, done: int, running: int, failed: int, executed: int) -> str:
        """The words of the line; time left is by the pace of executed reports, once there is one."""
        text = f"{done} of {self.total} reports done, {running} running, {failed} failed"
        left = self.total - done
        if executed and left:
            text += f", about {in_words((time.monotonic() - self.start) / executed * left)} left"
        return text

    def show(self, *, force: bool = False, **counts: int) -> None:
        """On a terminal: rewrite the line. Elsewhere: nothing, because `report` prints a line a report."""
        self.rewrite(self.line(**counts), now=force)

    def report(self, text: str) -> None:
        """One plain line about one report."""
        self.clear()
        _say(self.stream, text + "\n")


class Counting(_Line):
    """Rows and pounds so far while extracts are checked."""

    def __init__(self, *, stream: TextIO | None = None, every: float = 0.2) -> None:
        super().__init__(stream, every)
        self.rows, self.pence = 0, 0  # of the files that are read whole

    def show(self, file: str, share: float, rows: int, pence: int) -> None:
        """Told while a file is read (`share` of it, its rows and pence so far) and, with a share of 1, at its end."""
        text = self.line(file, share, rows, pence)
        if share >= 1:
            self.rows, self.pence = self.rows + rows, self.pence + pence
        self.rewrite(text, now=share >= 1)

    def line(self, file: str, share: float, rows: int, pence: int) -> str:
        """The words of the line, with a bar of twenty for the file."""
        full = int(20 * min(max(share, 0.0), 1.0))
        pounds = (self.pence + pence) / 100
        return f"[{'#' * full}{'.' * (20 - full)}] {self.rows + rows:,} rows, £{pounds:,.2f} so far: {file}"
