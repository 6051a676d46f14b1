"""The run's log: one line of JSON an event, holding names, counts and times, never a row or a message."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LARGEST = 10_000_000
WORDS = 300


class Log:
    """Appends lines to a file that its owner alone may read; the file before it is kept as `.1`."""

    def __init__(self, path: Path, run: str) -> None:
        self.path, self.run = path, run
        with contextlib.suppress(OSError):
            if path.is_file() and path.stat().st_size > LARGEST:
                path.replace(path.with_suffix(".jsonl.1"))

    def write(self, event: str, **fields: Any) -> None:
        """One line. Values are names, numbers and our own words; a line is written in one call.

        A line that cannot be written stops no run: the run's record says the same and more.
        """
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "run": self.run, "event": event}
        line |= {key: value[:WORDS] if isinstance(value, str) else value for key, value in fields.items()}
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, (json.dumps(line, ensure_ascii=True) + "\n").encode())
            finally:
                os.close(descriptor)
