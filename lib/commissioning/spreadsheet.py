"""What a spreadsheet does to text that leaves: it runs some of it as formulas, unless it is made inert."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# Full-width forms and leading space are read as the plain sign by some spreadsheets.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|")


def inert(cell: object) -> object:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula.

    Text that begins with = + - @ tab or carriage return (also after spaces) is made inert; numbers, and text that is
    just a negative number ("-4.5"), stay as they are. Anything that is not text is returned unchanged.
    Source: OWASP, CSV Injection.
    """
    if not isinstance(cell, str):
        return cell
    bare = cell.lstrip(" \u00a0\ufeff")
    if not bare.startswith(_STARTS) or _NUMBER.fullmatch(cell):
        return cell
    return "'" + cell
