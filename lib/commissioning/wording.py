"""How many of a thing, as a person would write it."""

from __future__ import annotations

from typing import Literal


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `1,204 rows`; `many` where the plural is not the word and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# What is said of checks and agreements, according to whether they were sealed before figures were seen. No other room
# words it: that something was set or agreed beforehand is a claim, and `seal` decides it.
Standing = Literal["sealed", "changed", "not sealed"]
NOT_SEALED = "The checks were not sealed before figures were seen."
CHANGED = "Changed after it was sealed:"
_CHECKED: dict[Standing, str] = {
    "sealed": "It passed checks set beforehand.",
    "changed": "It passed its checks, but what was agreed was changed after it was sealed.",
    "not sealed": f"It passed its checks. {NOT_SEALED}",
}
_AGREED: dict[Standing, str] = {
    "sealed": "agreed beforehand",
    "changed": "agreed (changed after it was sealed)",
    "not sealed": "agreed (not sealed beforehand)",
}


def checked(standing: Standing) -> str:
    """The sentence that ends an attributable claim."""
    return _CHECKED[standing]


def agreed(what: str, standing: Standing) -> str:
    """`the floor agreed beforehand`; without a seal, `the floor agreed (not sealed beforehand)`."""
    return f"{what} {_AGREED[standing]}"
