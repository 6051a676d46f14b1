"""Charts with one row for each thing: bars, points with their ranges, and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from commissioning.charts import axis, house, sheet, values
from commissioning.charts.house import GRID, INK, LINE, MOST_SERIES, SOFT, Size
from commissioning.charts.sheet import Key, Panel, Sheet

THICK = 22.0
"""The height of one bar or point with the room about it."""


@dataclass(frozen=True)
class Rows:
    """Rows laid out: the panel, whose height is counted in points from its top, and where the body of each row begins."""

    panel: Panel
    first: list[float]


def names_beside(
    page: Sheet, names: Sequence[str], ticks: Sequence[float], money: bool
) -> tuple[float, list[list[str]]]:
    """The left edge of the panel and each name's lines; on a phone the names stand above their rows."""
    if page.phone:
        first = house.width(values.tick_words(ticks, money)[0])
        return max(4.0, first / 2 + 1), [house.wrap(name, page.width - 8, bold=True) for name in names]
    found = [house.wrap(name, 210) for name in names]
    return max((house.width(line) for some in found for line in some), default=0) + 14, found


def lay_out(
    page: Sheet,
    names: Sequence[str],
    bodies: Sequence[float],
    ticks: Sequence[float],
    *,
    right: float,
    money: bool = False,
) -> Rows:
    """The panel with its names and light lines; its numbers stand below it (`finish`)."""
    left, wrapped = names_beside(page, names, ticks, money)
    heights = [
        len(some) * LINE + 4 + body + 12 if page.phone else max(body, len(some) * LINE) + 14
        for some, body in zip(wrapped, bodies, strict=True)
    ]
    whole = sum(heights) + 4
    panel = sheet.add_panel(page, left=left, right=right, height=whole, across=(ticks[0], ticks[-1]), up=(whole, 0))
    panel.axes.spines["bottom"].set_visible(False)
    panel.axes.vlines(ticks, 0, whole, color=GRID, linewidth=1, zorder=0)
    at, first = 0.0, []
    for some, body, height in zip(wrapped, bodies, heights, strict=True):
        if page.phone:
            sheet.say_lines(page, 4, panel.top + at + 2, some, bold=True, ground=True)
            first.append(at + len(some) * LINE + 6)
        else:
            sheet.say_lines(page, 0, panel.top + at + (height - len(some) * LINE) / 2, some)
            first.append(at + (height - body) / 2)
        at += height
    return Rows(panel, first)


def finish(
    page: Sheet, rows: Rows, ticks: Sequence[float], money: bool, target: float | None = None, words: str = ""
) -> Figure:
    """The numbers below the rows, and the words of a line across them all."""
    rows.panel.axes.tick_params(axis="x", which="both", length=0)
    axis.across(page, rows.panel, ticks, money)
    if target is not None:
        wide = house.width(words, bold=True)
        x = min(max(rows.panel.x(target) - wide / 2, 0), page.width - wide)
        sheet.say(page, x, page.top + 12, words, bold=True)
        page.top += LINE
    return sheet.end(page, below=4)


def line_across(rows: Rows, at: float) -> None:
    """A dotted line through every row at a value."""
    rows.panel.axes.axvline(at, color=INK, linewidth=1.8, linestyle=":", zorder=1)


def whisker(panel: Panel, y: float, low: float, high: float, colour: str) -> None:
    """A range with its two ends, on white so that it is seen on a bar."""
    for wide, shade in ((5.0, "white"), (2.0, colour)):
        panel.axes.plot(
            [low, high], [y, y], color=shade, linewidth=wide, linestyle="-", marker="", solid_capstyle="butt"
        )
    panel.axes.vlines([low, high], y - 5, y + 5, color=colour, linewidth=2, zorder=2.1)


@sheet.styled
def bars(
    frame: Any, *, x: str = "group", y: str = "value", series: str | None = None, lower: str | None = None, upper: str | None = None,
    target: float | None = None, target_words: str = "Target", decimals: int | None = None, unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Bars from zero, one for each `x` and series, with its range and its value at the end."""
    return _draw(frame, x, y, series, lower, upper, target, target_words, decimals, unit, size, kind="bars")


@sheet.styled
def dots(
    frame: Any, *, x: str = "group", y: str = "value", series: str | None = None, lower: str | None = None, upper: str | None = None,
    target: float | None = None, target_words: str = "Target", decimals: int | None = None, unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """A row for each `x`, with a point, its range and its value for each of up to four series; words where it is hidden."""
    return _draw(frame, x, y, series, lower, upper, target, target_words, decimals, unit, size, kind="dots")


@sheet.styled
def places(
    frame: Any, *, x: str = "option", y: str = "rank", lower: str | None = "best", upper: str | None = "worst",
    unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """How far each priority's place moves under all weights: 1 is first, the line goes from its best to its worst."""
    return _draw(frame, x, y, None, lower, upper, None, "", 0, unit, size, kind="places")


def _hatches() -> list[tuple[str, str, str]]:
    """Face, edge and hatch of each series of bars: full, open, striped, dotted."""
    one, two, three, four = house.colours()[:4]
    return [(one, one, ""), ("white", two, ""), ("white", three, "//"), ("white", four, "..")]


def _draw(
    frame: Any, x: str, y: str, series: str | None, lower: str | None, upper: str | None, target: float | None, target_words: str,
    decimals: int | None, unit: str, size: Size, kind: str,
) -> Figure:  # fmt: skip
    page = sheet.begin(frame, size)
    values.once(frame, x, series)
    money, bar = values.is_money(y), kind == "bars"
    value, low, high = (values.numbers(frame, one) for one in (y, lower, upper))
    said, each, groups = values.instead(frame, y), values.texts(frame, x), values.texts(frame, series)
    names, kinds = list(dict.fromkeys(each)), list(dict.fromkeys(groups))
    if len(kinds) > MOST_SERIES:
        raise ValueError(f"a chart has at most {MOST_SERIES} series, not {len(kinds)}: draw several, or a table")
    decimals = values.decimals_of(values.known(value)) if decimals is None else decimals
    looks = _hatches()
    if any(kinds):
        fills = [Key(one, looks[i][1], fill=looks[i][0], hatch=looks[i][2]) for i, one in enumerate(kinds)]
        points = [Key(one, house.colours()[i], "", house.markers()[i]) for i, one in enumerate(kinds)]
        sheet.keys(page, fills if bar else points)
    sheet.heading(page, unit)
    every = values.known(value, low, high, [target])
    ticks = values.ticks(every, 3 if page.phone else 5, zero=bar, whole=kind == "places")
    shown = [values.value_words(one, decimals, money) if one is not None else "" for one in value]
    right = max((house.width(one, bold=True) for one in shown), default=0) + 18
    left, _ = names_beside(page, names, ticks, money)
    thick = 20.0 if bar else THICK
    rows = lay_out(page, names, [thick * len(kinds)] * len(names), ticks, right=right, money=money)
    panel = rows.panel
    if bar:
        panel.axes.axvline(0, color=INK, linewidth=1.2, zorder=2.2)
    if target is not None:
        line_across(rows, target)
    for (name, group), i in {pair: i for i, pair in enumerate(zip(each, groups, strict=True))}.items():
        k = kinds.index(group)
        middle = rows.first[names.index(name)] + thick * (k + 0.5)
        if value[i] is None:
            text = house.wrap(said[i], page.width - left - 12, most=1)[0]
            sheet.say(page, left + 6, panel.top + middle + 5, text, colour=SOFT, ground=True)
            continue
        end = float(value[i] or 0.0)
        if bar:
            face, edge, hatch = looks[k]
            panel.axes.barh(
                middle, end, height=15, facecolor=face, edgecolor=edge, hatch=hatch or None, linewidth=1.5, zorder=1.5
            )
        if low[i] is not None and high[i] is not None:
            whisker(panel, middle, float(low[i] or 0.0), float(high[i] or 0.0), INK if bar else house.colours()[k])
            end = max(end, float(high[i] or 0.0))
        if not bar:
            axis.points(panel, [value[i]], [middle], house.colours()[k], house.markers()[k], markersize=11)
        beside = max(panel.x(end), panel.x(0) if bar else 0.0) + (7 if bar else 13)
        sheet.say(page, beside, panel.top + middle + 5, shown[i], bold=True, ground=True)
    return finish(page, rows, ticks, money, target, target_words)
