"""Charts of many small ones, of two moments, and of a hundred people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure
from matplotlib.path import Path

from commissioning.charts import axis, house, sheet, values
from commissioning.charts.house import LINE, SOFT, Size
from commissioning.charts.sheet import Key, Panel, Sheet

_GAP = 26.0


@sheet.styled
def small_multiples(
    frame: Any, *, name: str = "organisation", x: str = "period", y: str = "value", lower: str | None = None, upper: str | None = None,
    from_zero: bool = False, decimals: int | None = None, unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """A small chart for each provider or programme over the same periods, on one scale, in the frame's order.

    Each has its range as a band and its last value; they stand in an order that is given, and are not ranked.
    """
    page = sheet.begin(frame, size)
    values.once(frame, name, x)
    positions = sorted(set(values.texts(frame, x)))
    place = {one: i for i, one in enumerate(positions)}
    told = list(zip(values.texts(frame, x), *(values.numbers(frame, one) for one in (y, lower, upper)), strict=True))
    rows: dict[str, list[tuple[str, float | None, float | None, float | None]]] = {}
    for one, row in zip(values.texts(frame, name), told, strict=True):
        rows.setdefault(one, []).append(row)
    sheet.heading(page, unit)
    every = values.known(*(values.numbers(frame, one) for one in (y, lower, upper)))
    ticks, money = values.ticks(every, 2, zero=from_zero, fit=True), values.is_money(y)
    decimals = values.decimals_of(values.known(values.numbers(frame, y))) if decimals is None else decimals
    columns = 2 if page.phone else 3
    left = axis.room(ticks, money)
    wide = (page.width - left - 10 - _GAP * (columns - 1)) / columns
    names = list(rows)
    for begins in range(0, len(names), columns):
        some = names[begins : begins + columns]
        heads = [house.wrap(one, wide, bold=True, most=3) for one in some]
        top, deep = page.top, max(len(one) for one in heads) * LINE
        for k, (one, head) in enumerate(zip(some, heads, strict=True)):
            at = left + k * (wide + _GAP)
            sheet.say_lines(page, at, top, head, bold=True)
            page.top = top + deep + LINE + 2
            panel = sheet.add_panel(
                page,
                left=at,
                right=page.width - at - wide,
                height=84,
                across=(-0.5, len(positions) - 0.5),
                up=(ticks[0], ticks[-1]),
            )
            axis.up(panel, ticks, money)
            if k:
                panel.axes.set_yticks([])
            _one(page, panel, sorted((place[p], v, lo, hi) for p, v, lo, hi in rows[one]), decimals, money, top + deep)
            _two_ends(page, panel, positions)
        page.top += 34
    return sheet.end(page)


def _one(
    page: Sheet,
    panel: Panel,
    rows: Sequence[tuple[int, float | None, float | None, float | None]],
    decimals: int,
    money: bool,
    top: float,
) -> None:
    """One line with its band, and its last value in the strip over the panel."""
    blue, nothing = house.colours()[0], float("nan")
    # Every place of the panel, so that neither line nor band runs across a period that is missing.
    held = {row[0]: row[1:] for row in rows}
    low, high = panel.axes.get_xlim()
    at = range(round(low + 0.5), round(high + 0.5))
    line, below, above = (
        [nothing if place not in held or held[place][part] is None else held[place][part] for place in at]
        for part in range(3)
    )
    panel.axes.fill_between(at, below, above, where=[one == one for one in line], color=blue, alpha=0.18, linewidth=0)
    alone = [
        i
        for i in at
        if line[i] == line[i] and all(not 0 <= j < len(line) or line[j] != line[j] for j in (i - 1, i + 1))
    ]
    panel.axes.vlines(alone, [below[i] for i in alone], [above[i] for i in alone], color=blue, alpha=0.35, linewidth=3)
    panel.axes.plot(at, line, color=blue, marker="o", markersize=6, linewidth=2, linestyle="-", clip_on=False)
    last = next(((one[0], one[1]) for one in reversed(rows) if one[1] is not None), None)
    words = values.value_words(float(last[1] or 0.0), decimals, money) if last else values.NEITHER
    sheet.say(page, panel.right, top + 14, words, align="right", colour=SOFT if not last else house.INK)


def _two_ends(page: Sheet, panel: Panel, positions: Sequence[str]) -> None:
    """The first and the last period under a small panel; the last alone where both would meet."""
    axis.notches(panel, len(positions))
    first, last = (house.wrap(one, panel.width, most=1)[0] for one in (positions[0], positions[-1]))
    sheet.say(page, panel.right + 6, panel.bottom + 20, last, align="right")
    if len(positions) > 1 and house.width(first) + house.width(last) + 8 <= panel.width + 12:
        sheet.say(page, panel.left - 6, panel.bottom + 20, first)


@sheet.styled
def spark(frame: Any, *, x: str = "period", y: str = "value", breaks: Sequence[str] = ()) -> Figure:
    """A line of 160 by 56 points without words, wide enough to see its direction; none is drawn into a period that breaks it."""
    figure = sheet.HouseFigure(figsize=(160 / 72, 56 / 72))
    figure.commissioning_data = frame
    axes = figure.add_axes((8 / 160, 8 / 56, 144 / 160, 40 / 56))
    periods = values.texts(frame, x)
    line = [float("nan") if one is None else one for one in values.numbers(frame, y)]
    low, high = (min(values.known(line)), max(values.known(line))) if line else (0.0, 1.0)
    if high <= low:
        low, high = low - 1, high + 1
    axes.set(
        xlim=(-0.3, max(1, len(line) - 1) + 0.3),
        ylim=(low - 0.1 * (high - low), high + 0.1 * (high - low)),
        xticks=[],
        yticks=[],
    )
    axes.set_facecolor("none")
    axes.spines["bottom"].set(color=house.GRID)
    blue = house.colours()[0]
    cuts = [0, *(i for i, one in enumerate(periods) if i and one in breaks), len(line)]
    for first, last in pairwise(cuts):
        if last - first > 1:
            axes.plot(range(first, last), line[first:last], color=blue, linestyle="-", marker="", clip_on=False)
        elif last < len(line):  # a stretch of one point; the last one is drawn below
            axes.plot([first], [line[first]], color=blue, linestyle="none", marker="o", markersize=6, clip_on=False)
    axes.plot([len(line) - 1], line[-1:], color=blue, marker="o", linestyle="none", markersize=9, clip_on=False)
    return figure


@sheet.styled
def slopes(
    frame: Any, *, name: str = "group", x: str = "period", y: str = "value", this: str | None = None, ends: Sequence[str] = (),
    decimals: int | None = None, unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """The first and the last period of each row (or the two `ends` named), joined: who moved, and how far; those with `this` set
    stand out.

    Values and names stand at both ends, each joined to its own line where it had to move; where many do not fit, those in the
    middle go without words, and the table has them.
    """
    page = sheet.begin(frame, size)
    values.once(frame, name, x)
    money = values.is_money(y)
    told = list(zip(values.texts(frame, name), values.texts(frame, x), values.numbers(frame, y), strict=True))
    found = list(ends) or sorted({at for _, at, _ in told})
    two = [found[0], found[-1]] if found else ["", ""]
    flags = zip(values.texts(frame, name), values.cells(frame, this), strict=True)
    chosen = {one for one, flag in flags if str(flag) in ("True", "yes")}
    pairs = {one: [next((v for n, at, v in told if n == one and at == end), None) for end in two] for one, _, _ in told}
    pairs = {one: pair for one, pair in pairs.items() if None not in pair}
    every = values.known(*pairs.values())
    decimals = values.decimals_of(every) if decimals is None else decimals
    numbers = {one: [values.value_words(float(v or 0.0), decimals, money) for v in pair] for one, pair in pairs.items()}
    sheet.heading(page, unit)
    ticks = values.ticks(every, 5)
    most = max((house.width(one) for pair in numbers.values() for one in pair), default=20)
    left = most + _LEADER + 8
    room = min((0.34 if page.phone else 0.42) * page.width, max((house.width(one) for one in pairs), default=20) + 1)
    names = {one: house.wrap(one, room, most=3) for one in pairs}
    beside = most + _LEADER + 18 + max((house.width(line) for some in names.values() for line in some), default=20)
    heads = [house.wrap(one, (page.width - 10) / 2, bold=True) for one in two]
    for at, lines, align in ((0.0, heads[0], "left"), (page.width, heads[1], "right")):
        sheet.say_lines(page, at, page.top, lines, align=align, bold=True)
    page.top += max(len(one) for one in heads) * LINE + 10
    panel = sheet.add_panel(
        page, left=left, right=beside, height=300 if page.phone else 340, across=(0, 1), up=(ticks[0], ticks[-1])
    )
    panel.axes.spines["bottom"].set_visible(False)
    order = sorted(pairs, key=lambda one: (one not in chosen, one))
    blue = house.colours()[0]
    for one in reversed(order):
        mine = one in chosen or not chosen
        panel.axes.plot(
            [0, 1],
            pairs[one],
            color=blue if mine else SOFT,
            linewidth=2.6 if mine else 1.4,
            linestyle="-",
            marker="o",
            markersize=8 if mine else 6,
            clip_on=False,
            zorder=3 if mine else 2,
        )
    for side, edge, way in ((0, panel.left, -1), (1, panel.right, 1)):
        tall = {one: (len(names[one]) if side else 1) * LINE for one in order}
        for one, middle in _fitting(panel, order, chosen, pairs, side, tall).items():
            at = edge + way * (_LEADER + 4)
            stands = panel.y(float(pairs[one][side] or 0.0))
            top = middle - tall[one] / 2
            first = top + LINE / 2
            if abs(first - stands) > 2:
                sheet.stroke(page, [edge + way * 8, at - way * 2], [stands, first], colour=SOFT, wide=1)
            align = "left" if side else "right"
            sheet.say(page, at, top + 14, numbers[one][side], align=align, bold=one in chosen)
            if side:
                sheet.say_lines(page, at + most + 8, top, names[one])
    page.top += 6
    return sheet.end(page)


_LEADER = 26.0
"""The room in which a label that had to move is joined to its line."""
_FURTHEST = 60.0
"""How far a label may stand from its line."""


def _fitting(
    panel: Panel,
    order: Sequence[str],
    chosen: set[str],
    pairs: dict[str, list[float | None]],
    side: int,
    tall: dict[str, float],
) -> dict[str, float]:
    """As many labels of one side as stand near their lines: the chosen, then those at the ends, then the rest; each with its
    middle."""
    by_value = sorted(order, key=lambda one: float(pairs[one][side] or 0.0))
    outward = sorted(range(len(by_value)), key=lambda at: min(at, len(by_value) - 1 - at))
    wanted = sorted((by_value[at] for at in outward), key=lambda one: one not in chosen)
    kept: dict[str, float] = {}
    for one in wanted:
        some = [*kept, one]
        stands = [panel.y(float(pairs[each][side] or 0.0)) for each in some]
        found = sheet.spread(stands, [tall[each] for each in some], panel.top - 8, panel.bottom + 8)
        if found is not None and all(abs(a - b) <= _FURTHEST for a, b in zip(found, stands, strict=True)):
            kept = dict(zip(some, found, strict=True))
    return kept


_PERSON = Path(
    [(-0.5, -0.55), (-0.5, 0.35), (0.5, 0.35), (0.5, -0.55), (-0.5, -0.55),
     (-0.28, 0.72), (-0.28, 1.1), (0.28, 1.1), (0.28, 0.72), (0.28, 0.34), (-0.28, 0.34), (-0.28, 0.72)],
    [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY,
     Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CURVE4],
)  # fmt: skip
"""Head and shoulders."""


@sheet.styled
def hundred_people(
    frame: Any,
    *,
    name: str = "group",
    count: str = "count",
    words: str = "",
    more_words: str = "More than without",
    size: Size = "wide",
) -> Figure:
    """A hundred people for each row, `count` of them filled in: without the pilot, and with it.

    Of the second row and later ones, those beyond the first row's are filled in another colour. `words` say what a filled
    person is. Raises ValueError for a count that is not a whole number from 0 to 100.
    """
    page = sheet.begin(frame, size)
    names, counts = values.texts(frame, name), values.numbers(frame, count)
    if any(one is None or one != int(one) or not 0 <= one <= 100 for one in counts):
        raise ValueError("a picture of a hundred people shows a whole number of them, from 0 to 100")
    whole = [int(one or 0) for one in counts]
    blue, _, _, orange = house.colours()[:4]
    entries = [Key(words, blue, "", _PERSON)] if words else []
    if any(one > whole[0] for one in whole[1:]):
        entries.append(Key(more_words, orange, "", _PERSON))
    sheet.keys(page, entries)
    columns = 1 if page.phone else min(2, len(names))
    wide = (page.width - 40 * (columns - 1)) / columns
    for begins in range(0, len(names), columns):
        top = page.top
        heads = [
            house.wrap(f"{name}: {number} in every 100", wide, bold=True)
            for name, number in zip(names[begins : begins + columns], whole[begins : begins + columns], strict=True)
        ]
        deep = max(len(one) for one in heads) * LINE + 6
        for k, head in enumerate(heads):
            at = k * (wide + 40)
            sheet.say_lines(page, at, top, head, bold=True)
            page.top = top + deep
            panel = sheet.add_panel(page, left=at, right=page.width - at - wide, height=250, across=(0, 10), up=(10, 0))
            panel.axes.set_axis_off()
            _hundred(panel, whole[begins + k], whole[0], blue, orange)
        page.top += 12
    return sheet.end(page)


def _hundred(panel: Panel, count: int, usual: int, blue: str, orange: str) -> None:
    """A hundred heads and shoulders in rows of ten."""
    for chosen, face, edge in (
        (range(min(count, usual)), blue, blue), (range(min(count, usual), count), orange, orange), (range(count, 100), "white", SOFT),
    ):  # fmt: skip
        panel.axes.plot(
            [i % 10 + 0.5 for i in chosen], [i // 10 + 0.5 for i in chosen], linestyle="none", marker=_PERSON, markersize=24,
            color=face, markeredgecolor=edge, markeredgewidth=1.2,
        )  # fmt: skip
