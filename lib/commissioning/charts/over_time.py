"""Charts over time: lines with their ranges, and outcomes over spend on the same years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from commissioning.charts import axis, house, sheet, values
from commissioning.charts.house import INK, LINE, MOST_SERIES, SOFT, Size
from commissioning.charts.sheet import Key, Panel, Sheet

NOT_SHOWN = Key("Not shown: see the table", SOFT, "", "x")
CHANGED = "Counted anew"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series over the places across: a value and its range at each, None where it is not known."""

    name: str
    at: list[int]
    value: list[float | None]
    lower: list[float | None]
    upper: list[float | None]

    @property
    def gaps(self) -> bool:
        """True where a value is not shown."""
        return any(one is None for one in self.value)


def lines_of(
    frame: Any, positions: Sequence[str], *, x: str, y: str, series: str | None, lower: str | None, upper: str | None
) -> list[Line]:
    """The series of a frame, each in the order of the positions. Raises ValueError for more than four, or several rows a place."""
    place = {one: i for i, one in enumerate(positions)}
    at = [place[one] for one in values.texts(frame, x)]
    names = values.texts(frame, series)
    found = list(dict.fromkeys(names))
    if len(found) > MOST_SERIES:
        raise ValueError(f"a chart has at most {MOST_SERIES} lines, not {len(found)}: draw several, or a table")
    values.once(frame, x, series)
    told = list(zip(at, *(values.numbers(frame, one) for one in (y, lower, upper)), strict=True))
    lines = []
    for name in found:
        mine = sorted((row for row, own in zip(told, names, strict=True) if own == name), key=lambda row: row[0])
        parts = [list(part) for part in zip(*mine, strict=True)]
        lines.append(Line(name=name, at=parts[0], value=parts[1], lower=parts[2], upper=parts[3]))
    return lines


def draw(panel: Panel, lines: Sequence[Line], breaks: Sequence[float] = ()) -> None:
    """Each series with its line, markers and ranges; no line is drawn across a gap or a break."""
    left, right = panel.axes.get_xlim()
    slot = panel.width / (right - left)
    for i, (line, colour, style, marker) in enumerate(
        zip(lines, house.colours(), house.lines(), house.markers(), strict=False)
    ):
        nudge = (i - (len(lines) - 1) / 2) * min(9.0, slot / 6) / slot
        shown = [(at + nudge, v) for at, v in zip(line.at, line.value, strict=True) if v is not None]
        for run in runs(line, breaks):
            panel.axes.plot(
                [line.at[j] + nudge for j in run],
                [line.value[j] for j in run],
                color=colour,
                linestyle=style,
                marker="",
            )
        ranges = [
            (at + nudge, low, high)
            for at, v, low, high in zip(line.at, line.value, line.lower, line.upper, strict=True)
            if v is not None and low is not None and high is not None
        ]
        if ranges:
            places, lows, highs = zip(*ranges, strict=True)
            panel.axes.vlines(places, lows, highs, color=colour, linewidth=1.6, linestyle="-")
            for ends in (lows, highs):
                panel.axes.plot(
                    places,
                    ends,
                    color=colour,
                    linestyle="none",
                    marker="_",
                    markeredgecolor=colour,
                    markersize=8,
                    markeredgewidth=1.6,
                )
        if shown:
            axis.points(panel, [at for at, _ in shown], [v for _, v in shown], colour, marker)
        crosses(panel, [at + nudge for at, v in zip(line.at, line.value, strict=True) if v is None])


def runs(line: Line, breaks: Sequence[float]) -> list[list[int]]:
    """Stretches of a series with neither gap nor break in them."""
    found: list[list[int]] = []
    for j, value in enumerate(line.value):
        if value is None:
            found.append([])
            continue
        cut = j and any(line.at[j - 1] < at < line.at[j] for at in breaks)
        if not found or cut:
            found.append([])
        found[-1].append(j)
    return [run for run in found if len(run) > 1]


def crosses(panel: Panel, at: Sequence[float]) -> None:
    """A cross at the foot of the panel where nothing may be shown."""
    low, high = panel.axes.get_ylim()
    foot = low + (high - low) * 9 / panel.height
    panel.axes.plot(
        at,
        [foot] * len(at),
        color=SOFT,
        linestyle="none",
        marker="x",
        markersize=8,
        markeredgecolor=SOFT,
        markeredgewidth=2,
    )


def marked(
    positions: Sequence[str], start: str | None, start_words: str, breaks: Sequence[str]
) -> tuple[list[tuple[float, str]], list[float]]:
    """Where the start and the breaks stand between the positions, with their words; and the breaks alone."""
    place = {one: i for i, one in enumerate(positions)}
    cuts = [place[one] - 0.5 for one in breaks if one in place]
    found = [(at, CHANGED) for at in cuts]
    if start in place:
        found.insert(0, (place[str(start)] - 0.5, start_words))
    return found, cuts


@dataclass(frozen=True, kw_only=True)
class Told:
    """Lines whose names are told: beside their ends where there is room (`beside` points), else in keys above."""

    lines: list[Line]
    labels: list[list[str]]
    beside: float

    def beside_panel(self, page: Sheet, panel: Panel) -> None:
        """Names beside the last values, none meeting another."""
        if not self.beside:
            return
        wanted = [
            next((panel.y(v) for v in reversed(line.value) if v is not None), panel.bottom) for line in self.lines
        ]
        heights = [len(one) * LINE + 6 for one in self.labels]
        low = min(panel.top - 6, panel.bottom + 6 - sum(heights))
        middles = sheet.spread(wanted, heights, low, panel.bottom + 6) or wanted
        looks = zip(middles, self.labels, house.colours(), house.lines(), house.markers(), strict=False)
        for middle, found, colour, style, marker in looks:
            sheet.stroke(page, [panel.right + 6, panel.right + 28], [middle] * 2, colour=colour, wide=2.5, style=style)
            sheet.stroke(page, [panel.right + 17], [middle], colour=colour, style="", marker=marker)
            sheet.say_lines(page, panel.right + 34, middle - len(found) * LINE / 2, found)


def told(page: Sheet, lines: list[Line], unit: str, *more: Key, above: bool = False) -> Told:
    """Say above the panel what its lines mean: keys where names do not fit beside them, what is counted in bold."""
    named = [line for line in lines if line.name]
    labels = [house.wrap(line.name, 150) for line in named]
    direct = not (page.phone or above) and len(named) > 1 and sum(len(one) * LINE + 6 for one in labels) < 200
    entries = []
    if named and not direct:
        looks = zip(lines, house.colours(), house.lines(), house.markers(), strict=False)
        entries = [Key(line.name, colour, style, marker) for line, colour, style, marker in looks]
    if any(line.gaps for line in lines):
        entries.append(NOT_SHOWN)
    sheet.keys(page, [*entries, *more])
    sheet.heading(page, unit)
    beside = max(house.width(one) for found in labels for one in found) + 40 if direct else 0.0
    return Told(lines=lines, labels=labels, beside=beside)


@sheet.styled
def over_time(
    frame: Any,
    *,
    x: str = "period",
    y: str = "value",
    series: str | None = None,
    lower: str | None = None,
    upper: str | None = None,
    start: str | None = None,
    start_words: str = "Start",
    breaks: Sequence[str] = (),
    target: float | None = None,
    target_words: str = "Target",
    from_zero: bool = False,
    margin: float = 0.0,
    unit: str = "",
    size: Size = "wide",
) -> Figure:
    """Lines over periods for up to four series, whiskers for the range, a cross where a value may not be shown.

    `frame` has a row a period and series. `start` and `breaks` are periods: no line crosses a break. `margin` is the least
    room for the numbers at the left: charts of one margin and the same periods are aligned. A column that ends in `_pence`
    is shown in pounds. Raises ValueError for a column that is not there and for more than four series.
    """
    page = sheet.begin(frame, size)
    positions = sorted(set(values.texts(frame, x)))
    lines = lines_of(frame, positions, x=x, y=y, series=series, lower=lower, upper=upper)
    names = told(page, lines, unit, *([Key(target_words, INK, ":")] if target is not None else []), above=margin > 0)
    panel = time_panel(
        page, lines, positions, money=values.is_money(y), height=230, target=target,
        from_zero=from_zero, margin=margin, right=names.beside, marking=marked(positions, start, start_words, breaks),
    )  # fmt: skip
    names.beside_panel(page, panel)
    axis.periods(page, panel, positions)
    return sheet.end(page)


def time_panel(
    page: Sheet,
    lines: Sequence[Line],
    positions: Sequence[str],
    *,
    money: bool,
    height: float,
    marking: tuple[list[tuple[float, str]], list[float]] = ([], []),
    target: float | None = None,
    from_zero: bool = False,
    margin: float = 0.0,
    right: float = 0.0,
    about: int = 5,
) -> Panel:
    """A panel over periods with its lines drawn; the words under it are the caller's."""
    every = values.known(*(part for line in lines for part in (line.value, line.lower, line.upper)), [target])
    ticks = values.ticks(every, min(about, 4) if page.phone else about, zero=from_zero)
    left = max(axis.room(ticks, money), margin)
    side = axis.side(positions, page.width - left - right)
    left, right = max(left, side), max(right, side)
    found, cuts = marking
    page.top += 0 if found else 8
    standing = axis.strip(page, found, left, page.width - left - right, len(positions))
    panel = sheet.add_panel(
        page, left=left, right=right, height=height, across=(-0.5, len(positions) - 0.5), up=(ticks[0], ticks[-1])
    )
    axis.up(panel, ticks, money)
    axis.marks(page, panel, standing)
    if target is not None:
        axis.level(panel, target)
    draw(panel, lines, cuts)
    return panel


_HEIGHTS = {"wide": (230.0, 130.0), "phone": (200.0, 110.0), "half": (108.0, 58.0)}
"""Of the outcome's panel and of that of spend."""


@sheet.styled
def outcomes_and_spend(
    frame: Any,
    *,
    x: str = "period",
    y: str = "value",
    series: str | None = "title",
    lower: str | None = "lower",
    upper: str | None = "upper",
    spend: str = "real_pence",
    start: str | None = None,
    start_words: str = "Start",
    breaks: Sequence[str] = (),
    spend_breaks: Sequence[str] = (),
    unit: str = "% of people",
    spend_unit: str = "Spend in real terms",
    size: Size = "wide",
) -> Figure:
    """Outcomes above, the real spend of the same people below, on the same years: two panels, never two axes in one.

    `frame` is `study.outcomes_against_spend()`: a row a period and outcome. Spend is the period's own, so it is told once for
    each period, the largest where the rows of a period differ. `breaks` cut the lines of outcomes, `spend_breaks` that of spend.
    """
    page = sheet.begin(frame, size)
    periods = values.texts(frame, x)
    positions = sorted(set(periods))
    lines = lines_of(frame, positions, x=x, y=y, series=series, lower=lower, upper=upper)
    paid: list[float | None] = []
    for one in positions:
        mine = values.known(v for own, v in zip(periods, values.numbers(frame, spend), strict=True) if own == one)
        paid.append(max(mine) if mine else None)
    nothing: list[float | None] = [None] * len(paid)
    money = Line(name="", at=list(range(len(paid))), value=paid, lower=nothing, upper=nothing)
    gaps = money.gaps and not any(line.gaps for line in lines)
    names = told(page, lines, unit, *([NOT_SHOWN] if gaps else []))
    marking = marked(positions, start, start_words, breaks)
    margin = axis.room(values.ticks(values.known(paid), 3, zero=True), values.is_money(spend))
    panel = time_panel(
        page, lines, positions, money=values.is_money(y), height=_HEIGHTS[page.size][0], margin=margin,
        right=names.beside, marking=marking,
    )  # fmt: skip
    names.beside_panel(page, panel)
    axis.periods(page, panel, positions, words=False)
    page.top += 16
    sheet.heading(page, spend_unit)
    under = time_panel(
        page, [money], positions, money=values.is_money(spend), height=_HEIGHTS[page.size][1], from_zero=True, about=3,
        margin=panel.left, right=page.width - panel.right, marking=marked(positions, None, "", spend_breaks),
    )  # fmt: skip
    for at, _ in marking[0][: len(marking[0]) - len(marking[1])]:
        under.axes.axvline(at, color=INK, linewidth=1.5, linestyle="--", zorder=1)
    axis.periods(page, under, positions)
    return sheet.end(page)
