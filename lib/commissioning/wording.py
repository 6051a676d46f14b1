"""How many of a thing, as a person would write it."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `1,204 rows`; `many` where the plural is not the word and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# What is said of checks and agreements, according to whether they were sealed before figures were seen. No other room
# may word it: that something was set or agreed beforehand is a claim, and `seal` decides it.
CHECKED = "It passed checks set beforehand."
CHECKED_NOT_SEALED = "It passed its checks. The checks were not sealed before figures were seen."
NOT_SEALED = "The checks were not sealed before figures were seen."
CHANGED = "Changed after it was sealed:"


def checked(beforehand: bool) -> str:
    """The sentence that ends an attributable claim."""
    return CHECKED if beforehand else CHECKED_NOT_SEALED


def agreed(what: str, beforehand: bool) -> str:
    """`the floor agreed beforehand`; without a seal, `the floor agreed (not sealed beforehand)`."""
    return f"{what} agreed beforehand" if beforehand else f"{what} agreed (not sealed beforehand)"
