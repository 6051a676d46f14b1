"""What stands in a drawing: whether a chart is as it was drawn from its frame, and which words somebody wrote into it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FormatStrFormatter, FuncFormatter, StrMethodFormatter

_WRITES = (StrCategoryFormatter, FixedFormatter, FuncFormatter, FormatStrFormatter, StrMethodFormatter)
"""Formatters that write at a mark whatever they are told to."""
_BARE = re.compile(r"[\s$£\d.,%+−-]*(?:[kmb]|bn)?[\s$]*", re.IGNORECASE)


def signed(figure: Any, frames: list[Any], words: list[str]) -> Any:
    """A figure that knows how it was drawn: from which frames, with which words of the caller, and all that stands in it."""
    figure.commissioning_drawn = (figure.commissioning_data, frames, words, _digest(figure))
    return figure


def as_drawn(figure: Any) -> tuple[list[Any], list[str]] | None:
    """The frames and words that a chart was drawn from; None of a figure that is no chart of ours, or was changed since."""
    frame, frames, words, digest = getattr(figure, "commissioning_drawn", (None, [], [], ""))
    ours = frame is not None and frame is figure.commissioning_data and digest == _digest(figure)
    return (frames, words) if ours else None


def _digest(figure: Any) -> str:
    found = hashlib.sha256()
    for one in _all(figure):
        found.update(repr(_said(one)).encode())
    return found.hexdigest()


def _all(thing: Any) -> Iterator[Any]:
    """Everything drawn in a figure, and of each axis what its marks say."""
    for one in thing.get_children():
        if isinstance(one, Spine) or one is getattr(thing, "patch", None):
            continue
        yield one
        if not isinstance(one, Axis):
            yield from _all(one)
            yield from (
                text for text in vars(one).values() if isinstance(text, Text)
            )  # a cell of a table is no child of it


def _said(one: Any) -> tuple[Any, ...]:
    if isinstance(one, Text):
        return ("words", one.get_text(), one.get_position()) if one.get_text() else ()
    if isinstance(one, Line2D):
        return ("line", _bytes(one.get_xydata()))
    if isinstance(one, Patch):
        return ("shape", _bytes(one.get_path().vertices), _bytes(one.get_patch_transform().get_matrix()))
    if isinstance(one, Collection):
        return ("shapes", *(_bytes(each.vertices) for each in one.get_paths()), _bytes(one.get_offsets()))
    if isinstance(one, Axis):
        writers = (one.get_major_formatter(), one.get_minor_formatter())
        return (
            *((type(each).__name__, getattr(each, "func", getattr(each, "seq", ""))) for each in writers),
            one.get_label_text(),
        )
    return (type(one).__name__,)


def _bytes(places: Any) -> bytes:
    return np.asarray(places, dtype=float).tobytes()


def words_in(figure: Any) -> list[str]:
    """Every word in a figure, wherever it stands, save the marks of an axis that only say where they are. Draws the figure."""
    figure.draw_without_rendering()
    marks: dict[int, float] = {}
    for axis in figure.findobj(Axis):
        marks |= {id(axis.offsetText): float("nan")} | _marks(axis)
    written = {id(one): one for one in (*figure.findobj(Text), *_all(figure)) if isinstance(one, Text)}
    found = [one for one in written.values() if one.get_visible() and one.get_text().strip()]
    return [one.get_text() for one in found if not _says_where(one, marks)]


def _marks(axis: Any) -> dict[int, float]:
    """The words at the marks of an axis, each with where it stands; NaN of those that matplotlib writes by itself."""
    return {
        id(label): tick.get_loc() if _by_hand(formatter) else float("nan")
        for formatter, ticks in (
            (axis.get_major_formatter(), axis.get_major_ticks()),
            (axis.get_minor_formatter(), axis.get_minor_ticks()),
        )
        for tick in ticks
        for label in (tick.label1, tick.label2)
    }


def _by_hand(formatter: Any) -> bool:
    return isinstance(formatter, _WRITES) or not type(formatter).__module__.startswith("matplotlib.")


def _says_where(one: Text, marks: dict[int, float]) -> bool:
    """True for a mark of an axis that says no more than its place on it: matplotlib's own, or its number, as £2m at 2,000,000."""
    place = marks.get(id(one))
    if place is None or place != place:
        return place is not None
    bare = _BARE.fullmatch(one.get_text())
    digits = re.sub(r"[^\d.]", "", one.get_text()).strip(".")
    return (
        bool(bare)
        and bool(digits)
        and any(abs(abs(place) / scale - float(digits)) < 0.051 for scale in (1, 0.01, 1e3, 1e6, 1e9, 1e2))
    )
