"""What a command reads from the terminal and says there. Light: nothing else of the house is loaded."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from commissioning.errors import UsageError

LONGEST_NAME = 255  # bytes, on every file system in use
LONGEST_PATH = 3_000  # bytes; the system allows 4,096, and files are written below it


def say(text: str, *, error: bool = False) -> None:
    """A line for people. One that cannot be written (a full disk, a closed terminal) stops nothing."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr if error else sys.stdout, flush=True)


def folder(text: str | None, default: Path) -> Path:
    """A folder option. Raises UsageError for text that no path can hold."""
    if text is None:
        return default
    if not text or "\x00" in text or "\n" in text:
        raise UsageError(f"{text!r} is not a folder name")
    if "://" in text:
        raise UsageError(f"{text!r} is an address, not a folder: mount it, and give the folder")
    if not is_utf8(text):
        raise UsageError(f"{text!r} is no UTF-8, so no page could name it: rename the folder")
    longest = max((len(os.fsencode(one)) for one in Path(text).parts), default=0)
    if longest > LONGEST_NAME or len(os.fsencode(text)) > LONGEST_PATH:
        raise UsageError(
            f"{text[:60]!r}… is too long for a folder name: each part may have {LONGEST_NAME} bytes, "
            f"and all of it {LONGEST_PATH:,}"
        )
    return Path(text)


def is_utf8(text: str) -> bool:
    """False for what Python reads from bytes that are no UTF-8: it can be neither hashed, printed nor published."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
