"""Axes of a panel: numbers up, periods or numbers across, and the days on which something began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.markers import TICKDOWN

from commissioning.charts import house, values
from commissioning.charts.house import GRID, INK, LINE, SOFT
from commissioning.charts.sheet import Panel, Sheet, say, stroke


def room(ticks: Sequence[float], money: bool) -> float:
    """The room that an axis's numbers need beside it."""
    return max(house.width(one) for one in values.tick_words(ticks, money)) + 10


def up(panel: Panel, ticks: Sequence[float], money: bool = False) -> None:
    """Numbers beside the panel, with a light line across for each."""
    panel.axes.set_yticks(ticks, labels=values.tick_words(ticks, money))
    panel.axes.hlines(ticks[1:], *panel.axes.get_xlim(), color=GRID, linewidth=1, zorder=0)


def across(sheet: Sheet, panel: Panel, ticks: Sequence[float], money: bool = False, words: str = "") -> None:
    """Numbers under the panel, left out where two would meet, and what they are in bold below."""
    said = dict(zip(ticks, values.tick_words(ticks, money), strict=True))
    shown, last = [], -math.inf
    for tick, text in said.items():
        half = house.width(text) / 2
        if panel.x(tick) - half > last + 8 and panel.x(tick) + half <= sheet.width and panel.x(tick) >= half:
            shown.append(tick)
            last = panel.x(tick) + half
    panel.axes.set_xticks(shown, labels=[said[one] for one in shown])
    panel.axes.tick_params(axis="x", pad=9)  # below the lowest number beside the panel
    sheet.top += 33
    for line in house.wrap(words, sheet.width, bold=True) if words else ():
        say(sheet, sheet.width, sheet.top + 14, line, align="right", bold=True)
        sheet.top += LINE


def _lines(positions: Sequence[str], slot: float) -> list[list[str]]:
    """Each position's words, a year above its quarter."""
    parts = [one.rsplit(" ", 1) if " " in one else [one] for one in positions]
    return [[line for part in some for line in house.wrap(part, max(70, slot * 3))][:3] for some in parts]


def side(positions: Sequence[str], room_across: float) -> float:
    """The room that the first and last words under a panel need beyond its edges."""
    slot = room_across / max(1, len(positions))
    widest = max((house.width(line) for some in _lines(positions, slot) for line in some), default=0)
    return max(8.0, (widest - slot) / 2 + 3)


def notches(panel: Panel, count: int) -> None:
    """A short mark under the panel at each place: one line for all, where matplotlib's own ticks are an object each."""
    foot = [panel.axes.get_ylim()[0]] * count
    panel.axes.plot(
        range(count), foot, linestyle="none", marker=TICKDOWN, markersize=4, markeredgecolor=SOFT, markeredgewidth=0.8,
        clip_on=False, zorder=1,
    )  # fmt: skip


def periods(sheet: Sheet, panel: Panel, positions: Sequence[str], *, words: bool = True) -> None:
    """Periods under a panel whose places across are 0, 1, 2 …; thinned so that none meets another, the last one kept."""
    slot = panel.width / max(1, len(positions))
    said = _lines(positions, slot)
    widest = max((house.width(line) for some in said for line in some), default=0)
    step = max(1, math.ceil((widest + 8) / slot))
    shown = [place for place in range(len(positions)) if (len(positions) - 1 - place) % step == 0]
    notches(panel, len(positions))
    for place in shown if words else ():  # a line of text each: SVG would not centre two lines of one
        for row, line in enumerate(said[place]):
            say(sheet, panel.x(place), panel.bottom + 23 + row * LINE, line, align="center")
    if words:
        sheet.top += 15 + max((len(said[i]) for i in shown), default=1) * LINE


def strip(
    sheet: Sheet, found: Sequence[tuple[float, str]], left: float, width: float, count: int
) -> list[tuple[float, float, float]]:
    """The words of what began or changed, in as many rows as they need, above a panel to come whose `count` places across
    are 0, 1, 2 …. Returns for `marks`, of each: its place, where it stands in points, and the foot of its words."""
    waiting = sorted((left + (at + 0.5) / count * width, at, text) for at, text in found)
    rows: list[tuple[int, float, float, str]] = []  # row, where it stands, where its words begin, the words
    top = len(waiting) - 1
    places = [(at, x) for x, at, _ in waiting]
    while waiting:
        x, _, text = waiting.pop()
        for row in range(top + 1):
            wide = house.width(text)
            start = min(x + 4, sheet.width - wide)
            meets = any(
                r == row and start < begins + house.width(t) + 6 and begins < start + wide + 6
                for r, _, begins, t in rows
            )
            crossed = any(r >= row and start < other < start + wide for r, other, _, _ in rows)
            over = any(start < other < start + wide for other, _, _ in waiting)
            if not meets and not crossed and (row == top or not over):
                rows.append((row, x, start, text))
                top -= over
                break
    deepest = max((row for row, *_ in rows), default=-1)
    feet = {}
    for row, x, start, text in rows:
        base = sheet.top + 14 + (deepest - row) * LINE
        feet[x] = base + 4
        say(sheet, start, base, text)
    sheet.top += (deepest + 1) * LINE + (6 if rows else 0)
    return [(at, x, feet.get(x, sheet.top)) for at, x in places]


def marks(sheet: Sheet, panel: Panel, found: Sequence[tuple[float, float, float]]) -> None:
    """Dashed lines where something began or changed, up to the words that `strip` placed."""
    for at, x, foot in found:
        panel.axes.axvline(at, color=INK, linewidth=1.5, linestyle="--", zorder=1)
        stroke(sheet, [x, x], [foot, panel.top], wide=1.5, style="--")


def points(panel: Panel, xs: Sequence[Any], ys: Sequence[Any], colour: str, marker: str, **more: Any) -> None:
    """Points alone, in front of every line; `more` as matplotlib's `plot` takes it."""
    panel.axes.plot(xs, ys, color=colour, marker=marker, linestyle="none", clip_on=False, zorder=3, **more)


def level(panel: Panel, at: float, style: str = ":", colour: str = INK) -> None:
    """A line across at a value: a target, a floor, no change."""
    panel.axes.axhline(at, color=colour, linewidth=1.8, linestyle=style, zorder=1.5)
