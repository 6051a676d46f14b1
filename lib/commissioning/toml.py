"""TOML files that people write: read within limits, so that none takes a machine's memory or its day."""

from __future__ import annotations

import re
import tomllib
from typing import Any

SIZE = 2 * 1024**2  # characters: the longest file of a pilot known here has 60,000
NESTING = 30  # brackets and braces within each other, and dots of a key
LINES = 50_000

_OPENS_OR_CLOSES = re.compile(r"[\[\]{}]")
_DOTTED = re.compile(r"^[^=#\n]*", re.M)


def loads(text: str) -> dict[str, Any]:
    """A TOML document as `tomllib.loads` reads it. Raises tomllib.TOMLDecodeError also for one past the limits.

    Brackets inside quoted words count too: no file of ours comes near the limit.
    """
    if len(text) > SIZE:
        raise tomllib.TOMLDecodeError(f"it has {len(text):,} characters; the limit is {SIZE:,}")
    if text.count("\n") > LINES:
        raise tomllib.TOMLDecodeError(f"it has {text.count(chr(10)):,} lines; the limit is {LINES:,}")
    depth = 0
    for found in _OPENS_OR_CLOSES.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(0, depth - 1)
        if depth > NESTING:
            raise tomllib.TOMLDecodeError(f"it is nested more than {NESTING} deep")
    if any(key.group().count(".") > NESTING for key in _DOTTED.finditer(text)):
        raise tomllib.TOMLDecodeError(f"a key has more than {NESTING} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(f"it is nested more than {NESTING} deep") from None
