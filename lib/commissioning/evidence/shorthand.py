"""Shorthand of official statistics: what a mark in place of a number means, and marks that stand beside one.

Source: Government Analysis Function, *Symbols in tables: definitions and help* ([c], [low], [x], [z] in place of a number;
[e], [f], [p], [r], [u], [b], [note 1] beside one), and what was written before it (`:`, `..`, `*`, `c`, (p), (r)).
"""

from __future__ import annotations

import re

from commissioning.evidence.contracts import Status

IN_PLACE: dict[str, Status] = {
    "": "unknown", "x": "unknown", "[x]": "unknown", ":": "unknown", "..": "unknown", "[w]": "unknown", "[u]": "unknown",
    "c": "suppressed", "[c]": "suppressed", "*": "suppressed", "[low]": "suppressed", "[s]": "suppressed", "[k]": "suppressed",
    "z": "not applicable", "[z]": "not applicable",
}  # fmt: skip
"""A mark in place of a number (lower case) → what it says. A small number kept back ([low]) is neither nought nor known."""

BRACKETED: dict[str, Status] = {mark: status for mark, status in IN_PLACE.items() if mark.startswith("[")}
"""Those that no other writing can be taken for."""

_BESIDE = (
    r"(?:low|note \d+|notes? [\d, ]+|[a-z]|\d{1,2}|forecasts?|provisional|revised|estimated?|outturn|actual|budget)"
)
_WORD = r"\s+(?:forecasts?|provisional|revised|estimated?|outturn|actual)"
# One mark at the end of a text. Taken off one by one, from the last: a pattern of many would begin anew at each of them.
_MARK = re.compile(
    rf"(?<!\s)(?:\s*(?:,\s*)?(?:\({_BESIDE}\)|\[{_BESIDE}\])|\s*[*†‡§¹²³⁴⁵⁶⁷⁸⁹]|{_WORD})$", re.IGNORECASE
)
_SQUARE = re.compile(rf"(?<!\s)\s*\[{_BESIDE}\]$", re.IGNORECASE)
LONGEST_MARK = 60
_FORECAST = re.compile(r"[(\[]\s*f\s*[)\]]|\bforecasts?\b", re.IGNORECASE)
NOTE = "marks of official statistics beside a figure, such as [r] or (p), were taken for notes"


def _without(mark: re.Pattern[str], text: str) -> str:
    left = text
    while found := mark.search(left.rstrip()[-LONGEST_MARK:]):
        left = left.rstrip().removesuffix(found.group())
    return left.rstrip() or text if left != text else text


def without_marks(text: str) -> str:
    """A period or a published figure without the notes to its right: "2025-26 (1), (f)" → "2025-26", "45.2 [r]" → "45.2"."""
    return _without(_MARK, text)


def without_square_marks(text: str) -> str:
    """An amount without the notes in square brackets to its right: in round ones stands a sum below zero."""
    return _without(_SQUARE, text)


def is_forecast(text: str) -> bool:
    """True where a mark says that a figure or a year is a forecast."""
    return bool(_FORECAST.search(text))
