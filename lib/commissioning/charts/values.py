"""What a chart reads of a frame, and how an axis writes its numbers. A frame is pandas', or columns by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from commissioning.wording import missing, money_rounded, number


def is_money(name: str | None) -> bool:
    """True for a column of pence, which a chart shows in pounds."""
    return bool(name) and str(name).endswith("_pence")


def cells(frame: Any, name: str | None) -> list[Any]:
    """The cells of a column as they are; of no column, as many empty ones."""
    if name is None:
        return [None] * length(frame)
    if name not in frame:
        raise ValueError(f"there is no column {name!r} to draw; there are {', '.join(map(str, frame))}")
    return list(frame[name])


def length(frame: Any) -> int:
    """How many rows a frame has."""
    first = next(iter(frame), None)
    return 0 if first is None else len(frame[first])


def numbers(frame: Any, name: str | None) -> list[float | None]:
    """The numbers of a column, pence in pounds; None where one is missing or words stand in its place."""
    by = 100.0 if is_money(name) else 1.0
    return [None if missing(one) or isinstance(one, (str, bool)) else float(one) / by for one in cells(frame, name)]


def texts(frame: Any, name: str | None) -> list[str]:
    """The words of a column; "" where there are none."""
    return ["" if missing(one) else str(one) for one in cells(frame, name)]


HIDDEN, NEITHER = "hidden", "hidden or not known"


def instead(frame: Any, name: str, why: str | None = None) -> list[str]:
    """What stands in a row whose number is missing: what `why` says, the words in its place, what the frame's own marks say of it
    (`status`, `<name>_hidden`, `hidden`), else that it is hidden or not known."""
    reasons = texts(frame, why) if why else [""] * length(frame)
    written = [one if isinstance(one, str) else "" for one in cells(frame, name)]
    marks = _marks(frame, name)
    return [reason or own or mark or NEITHER for reason, own, mark in zip(reasons, written, marks, strict=True)]


def _marks(frame: Any, name: str) -> list[str]:
    """What a frame says of each cell of a column that it does not give: "" where it says nothing."""
    found = [""] * length(frame)
    for column in (f"{name}_status", "status"):
        if column in frame:
            found = [
                own or (one if one != "known" else "") for own, one in zip(found, texts(frame, column), strict=True)
            ]
    for column in (f"{name}_hidden", "hidden"):
        if column in frame:
            marked = [str(one) in ("True", "yes") for one in cells(frame, column)]
            found = [own or (HIDDEN if one else "") for own, one in zip(found, marked, strict=True)]
    return found


def once(frame: Any, *keys: str | None) -> None:
    """Refuse a frame that holds several rows for one place of a chart: the last would stand, or a line would run in zigzags.

    Raises ValueError that says which place, and what to write.
    """
    named = [texts(frame, one) for one in keys if one is not None]
    seen: set[tuple[str, ...]] = set()
    for place in zip(*named, strict=True):
        if place in seen:
            says = ", ".join(one for one in place if one) or "one place"
            several = (
                "filter one measure"
                if "measure" in frame and len(set(texts(frame, "measure"))) > 1
                else "filter one of them"
            )
            raise ValueError(f"several rows of {says}: {several}, or name `series` (the column that tells them apart)")
        seen.add(place)


def known(*columns: Iterable[float | None]) -> list[float]:
    """Every number of several columns."""
    return [value for column in columns for value in column if value is not None]


def ticks(
    values: Sequence[float], about: int, *, zero: bool = False, fit: bool = False, whole: bool = False
) -> list[float]:
    """Round values that cover all of `values`, about as many; from zero where `zero` says, or where zero is near and `fit`
    does not keep to the values."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero or (0 < low < 0.6 * high and not whole and not fit):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-12):
        room = abs(low) / 2 or 1.0
        low, high = (low, low + 2 * room) if low == 0 else (low - room, low + room)
    step = MaxNLocator(nbins=max(1, about), steps=[1, 2, 2.5, 5, 10], integer=whole, min_n_ticks=2)
    found = [float(f"{one:.10g}") for one in step.tick_values(low, high)]
    while len(found) > 2 and found[1] <= low:
        found = found[1:]
    while len(found) > 2 and found[-2] >= high:
        found = found[:-1]
    return found


def tick_words(values: Sequence[float], money: bool = False) -> list[str]:
    """An axis's numbers in one form: 0.8m beside 1.2m; commas, and no decimal that is not needed."""
    largest = max((abs(one) for one in values), default=0.0)
    scale, letter = 1.0, ""
    if largest >= 1e6:
        scale, letter = 1e6, "m"
    elif largest >= 1e3 and money:
        scale, letter = 1e3, "k"
    pound = "£" if money else ""
    found = []
    for value in values:
        sign = "-" if value < 0 else ""
        found.append(f"{sign}{pound}{abs(value) / scale:,.10g}{letter}" if value else f"{pound}0")
    return found


def value_words(value: float, decimals: int, money: bool) -> str:
    """A value as the page writes it: £4.17m, 1,015, 7.3."""
    return money_rounded(round(value * 100)) if money else number(value, decimals)


def decimals_of(values: Sequence[float]) -> int:
    """The decimals that a column is written with: none where all its numbers are whole."""
    return 0 if all(one == int(one) for one in values) else 1
