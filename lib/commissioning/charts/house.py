"""The look of every chart: its style sheet, its sizes, its colours, and the width of words before they are drawn.

Words are measured in DejaVu Sans, which matplotlib brings, and shown in the page's Arial, which is narrower in every
word: what does not overlap where it was made overlaps nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import matplotlib
from matplotlib.font_manager import FontProperties, findfont, get_font

Size = Literal["wide", "phone", "half"]
"""`half`: a phone's width and less height, for two pictures side by side on paper."""
WIDTHS: dict[str, float] = {"wide": 640.0, "phone": 358.0, "half": 358.0}
TEXT = 15.0
LINE = 18.5
"""The distance between two lines of text."""
INK, SOFT, GRID = "#0b0c0c", "#484949", "#d0d3d5"
MOST_SERIES = 4
STYLE = str(resources.files("commissioning.charts") / "house.mplstyle")
"""The style sheet, for figures of one's own: `matplotlib.pyplot.style.use(commissioning.charts.STYLE)`."""

_NOT_OURS = (
    "backend",
    "interactive",
    "timezone",
    "webagg",
    "tk.",
    "toolbar",
    "savefig.directory",
    "keymap",
    "docstring",
)


@lru_cache(maxsize=1)
def settings() -> Any:
    """matplotlib's own defaults and the style sheet over them: no file of the account's changes a chart."""
    standard: dict[Any, Any] = {
        name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith(_NOT_OURS)
    }
    return standard | dict(matplotlib.rc_params_from_file(Path(STYLE), use_default_template=False))


@contextmanager
def look() -> Iterator[None]:
    """Draw, or save, in the house's style; afterwards matplotlib's settings are the caller's again."""
    with matplotlib.rc_context(settings()):
        yield


def colours() -> list[str]:
    """The palette, in the order of the style sheet."""
    return [f"#{one.lstrip('#')}" for one in settings()["axes.prop_cycle"].by_key()["color"]]


def lines() -> list[str]:
    """The line styles that go with the colours."""
    return list(settings()["axes.prop_cycle"].by_key()["linestyle"])


def markers() -> list[str]:
    """The markers that go with the colours."""
    return list(settings()["axes.prop_cycle"].by_key()["marker"])


@lru_cache(maxsize=2)
def _font(bold: bool) -> Any:
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))


@lru_cache(maxsize=8192)
def width(text: str, bold: bool = False, size: float = TEXT) -> float:
    """Width of a line of text in points, as it is drawn."""
    font = _font(bold)
    font.set_size(size, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64.0


def wrap(text: str, room: float, bold: bool = False, most: int = 0) -> list[str]:
    """Lines no wider than `room`; a single word that is wider, and what comes after `most` lines, is cut with an ellipsis."""
    found: list[str] = []
    for word in text.split():
        if found and width(f"{found[-1]} {word}", bold) <= room:
            found[-1] += f" {word}"
            continue
        while width(word, bold) > room and len(word) > 2:
            word = word.rstrip("…")[:-1] + "…"
        found.append(word)
    if most and len(found) > most:
        last = found[most - 1]
        while last and width(f"{last}…", bold) > room:
            last = last[:-1]
        found = [*found[: most - 1], f"{last.rstrip()}…"]
    return found or [""]
