"""Charts with a number along each side: a funnel, gain against cost, and spend against outcome for councils."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from commissioning.charts import axis, house, sheet, values
from commissioning.charts.house import INK, LINE, MOST_SERIES, SOFT, Size
from commissioning.charts.sheet import Box, Key, Panel, Sheet

_STEPS = 16


def curve(known: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Limits between the sizes that have one: chance narrows with the square root of the size, so a limit is a straight
    line in 1/√size and a curve in size. Drawn as straight lines, they would stand wide of the truth between few units."""
    found = list(known[:1])
    for (size, limit), (next_size, next_limit) in pairwise(known):
        if 0 < size < next_size:
            far, near = size**-0.5, next_size**-0.5
            for step in range(1, _STEPS):
                between = size * (next_size / size) ** (step / _STEPS)
                share = (between**-0.5 - far) / (near - far)
                found.append((between, limit + (next_limit - limit) * share))
        found.append((next_size, next_limit))
    return found


def letter(place: int) -> str:
    """A, B, … Z, AA: by which a point is found in the list below."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_AROUND = (
    (11, 5, "left"), (-11, 5, "right"), (9, -8, "left"), (9, 19, "left"), (-9, -8, "right"), (-9, 19, "right"),
    (0, -13, "center"), (0, 25, "center"), (22, 5, "left"), (-22, 5, "right"), (16, -20, "left"), (-16, -20, "right"),
)  # fmt: skip


def _beside(
    page: Sheet,
    panel: Panel,
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    busy: Sequence[Box],
    bold: bool = False,
) -> list[tuple[float, float, str, str]] | None:
    """Where each name may stand beside its point without meeting words or points; None where one may not."""
    found: list[tuple[float, float, str, str]] = []
    mine: list[Box] = []
    for (x, y), name in zip(points, names, strict=True):
        own = Box(x - 7, y - 7, x + 7, y + 7)
        others = [one for one in busy if not (one.meets(own) and one.right - one.left == one.bottom - one.top)]
        for right, down, align in _AROUND:
            box = sheet.box_of(x + right, y + down, name, align, bold)
            inside = box.left >= panel.left and box.bottom < panel.bottom and box.top > panel.top - 8
            if inside and sheet.free(page, box, [*others, *mine]):
                mine.append(box)
                found.append((x + right, y + down, name, align))
                break
        else:
            return None
    return found


def name_points(
    page: Sheet, panel: Panel, points: Sequence[tuple[float, float]], names: Sequence[str], every: Sequence[tuple[float, float]],
    strokes: Sequence[Box] = (),
) -> list[tuple[str, str]]:  # fmt: skip
    """Names beside their points where all fit; else letters there. Returns the letters' meanings, for `meanings`.

    `every` are all the points, `strokes` the room of the lines that no name should stand on.
    """
    busy = [*(Box(x - 8, y - 8, x + 8, y + 8) for x, y in every), *strokes]
    placed = _beside(page, panel, points, names, busy)
    for x, y, text, align in placed or ():
        sheet.say(page, x, y, text, align=align)
    if placed is not None:
        return []
    keys = [letter(i) for i in range(len(points))]
    for point, key in zip(points, keys, strict=True):
        # In a crowd a letter stands on other points, on white, rather than nowhere.
        for x, y, text, align in (
            _beside(page, panel, [point], [key], busy, True) or _beside(page, panel, [point], [key], [], True) or ()
        ):
            sheet.say(page, x, y, text, align=align, bold=True, ground=True)
    return list(zip(keys, names, strict=True))


def name_where_free(
    page: Sheet, panel: Panel, point: tuple[float, float], name: str, every: Sequence[tuple[float, float]]
) -> None:
    """A name beside its point where it meets no words and no other point; else none: the table has it."""
    busy = [Box(x - 8, y - 8, x + 8, y + 8) for x, y in every]
    for x, y, text, align in _beside(page, panel, [point], [name], busy) or ():
        sheet.say(page, x, y, text, align=align, colour=SOFT, ground=True)


def meanings(page: Sheet, said: Sequence[tuple[str, str]]) -> None:
    """What the letters mean, below the axes."""
    for key, name in said:
        sheet.say(page, 0, page.top + 14, key, bold=True)
        page.top = sheet.say_lines(page, 34, page.top, house.wrap(name, page.width - 36)) + 3


def _panel(
    page: Sheet, xs: Sequence[float], ys: Sequence[float], *, money: tuple[bool, bool], zero: bool = False
) -> tuple[Panel, list[float]]:
    """Axes over two sets of numbers, with their light lines; the numbers across stand below (`axis.across`)."""
    up = values.ticks(ys, 4 if page.phone else 5, fit=True)
    across = values.ticks(xs, 3 if page.phone else 6, zero=zero, fit=True)
    right = max(14.0, house.width(values.tick_words(across, money[0])[-1]) / 2 + 1)
    panel = sheet.add_panel(
        page, left=axis.room(up, money[1]), right=right, height=260 if page.phone else 310,
        across=(across[0], across[-1]), up=(up[0], up[-1]),
    )  # fmt: skip
    axis.up(panel, up, money[1])
    return panel, across


def _set(cell: Any) -> bool:
    """True of a flag that is raised."""
    return str(cell) not in ("", "no", "none", "not known", "within limits", "False", "None", "<NA>", "nan")


def _stroke(panel: Panel, x1: Any, y1: Any, x2: Any, y2: Any) -> Box:
    """The room of a short or straight line between two values."""
    (left, right), (top, bottom) = sorted((panel.x(x1), panel.x(x2))), sorted((panel.y(y1), panel.y(y2)))
    return Box(left - 1, top - 1, right + 1.1, bottom + 1)


@sheet.styled
def funnel(
    frame: Any, *, x: str = "denominator", y: str = "value", name: str = "group", lower_95: str | None = None, upper_95: str | None = None,
    lower_998: str | None = None, upper_998: str | None = None, flag: str | None = None, centre: float | None = None, x_label: str = "",
    unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Each unit's value against its size with the limits of chance, on the range of the data; units whose `flag` is set are always
    named, the others where there is room."""
    page = sheet.begin(frame, size)
    values.once(frame, name)
    xs, ys, names = values.numbers(frame, x), values.numbers(frame, y), values.texts(frame, name)
    flags = [_set(one) for one in values.cells(frame, flag)]
    roles = ((lower_95, "--"), (upper_95, "--"), (lower_998, "-"), (upper_998, "-"))
    limits = [(values.numbers(frame, role), style) for role, style in roles if role]
    blue, orange = house.colours()[0], house.colours()[3]
    entries = [] if all(flags) else [Key("Within the limits", blue, "", "o")]
    entries += [Key("Outside the limits", orange, "", "D")] if any(flags) else []
    entries += [Key("95% limits", SOFT, "--", width=1.6)] if lower_95 or upper_95 else []
    entries += [Key("99.8% limits", SOFT, "-", width=1.6)] if lower_998 or upper_998 else []
    entries += [Key("Average", INK, ":", width=1.5)] if centre is not None else []
    sheet.keys(page, entries)
    sheet.heading(page, unit)
    every = values.known(ys, [centre], *(found for found, _ in limits))
    money = (values.is_money(x), values.is_money(y))
    panel, across = _panel(page, values.known(xs), every, money=money)
    order = sorted((i for i, one in enumerate(xs) if one is not None), key=lambda i: float(xs[i] or 0.0))
    strokes: list[Box] = []
    for found, style in limits:
        line = curve([(float(xs[i] or 0.0), float(found[i] or 0.0)) for i in order if found[i] is not None])
        panel.axes.plot(
            *(zip(*line, strict=True) if line else ([], [])), color=SOFT, linewidth=1.6, linestyle=style, marker=""
        )
        strokes += [_stroke(panel, *one, *two) for one, two in pairwise(line)]
    if centre is not None:
        axis.level(panel, centre)
    placed = {i: (panel.x(float(xs[i] or 0.0)), panel.y(float(ys[i] or 0.0))) for i in order if ys[i] is not None}
    for raised, colour, marker in ((False, blue, "o"), (True, orange, "D")):
        at = [i for i in placed if flags[i] is raised]
        panel.axes.plot(
            [xs[i] for i in at],
            [ys[i] for i in at],
            color=colour,
            marker=marker,
            linestyle="none",
            clip_on=False,
            zorder=3,
        )
    outside = [i for i in placed if flags[i]]
    said = name_points(
        page, panel, [placed[i] for i in outside], [names[i] for i in outside], list(placed.values()), strokes
    )
    for i in placed:
        if not flags[i]:
            name_where_free(page, panel, placed[i], names[i], list(placed.values()))
    axis.across(page, panel, across, money[0], x_label)
    meanings(page, said)
    return sheet.end(page)


@sheet.styled
def plane(
    frame: Any, *, x: str, y: str, name: str, x_lower: str | None = None, x_upper: str | None = None, lower: str | None = None,
    upper: str | None = None, series: str | None = None, worth: float | None = None, worth_words: str = "", x_label: str = "",
    unit: str = "", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Gain up, cost across, each with its range, and every point named.

    `worth` is what one more is worth, in the units across: the line through nothing on which gain and cost are even; left
    of it and above, the gain is worth its cost. A point with a figure missing is named below as not placed.
    """
    page = sheet.begin(frame, size)
    values.once(frame, name, series)
    _refuse_turned(x, y)
    xs, ys, x_low, x_high, y_low, y_high = (
        values.numbers(frame, one) for one in (x, y, x_lower, x_upper, lower, upper)
    )
    names, groups = values.texts(frame, name), values.texts(frame, series)
    kinds = list(dict.fromkeys(groups))
    if len(kinds) > MOST_SERIES:
        raise ValueError(
            f"a chart has at most {MOST_SERIES} groups of points, not {len(kinds)}: draw several, or a table"
        )
    looks = dict(zip(kinds, zip(house.colours(), house.markers(), strict=True), strict=False))
    entries = [Key(kind, colour, "", marker) for kind, (colour, marker) in looks.items() if kind]
    if worth:
        entries.append(Key(worth_words or "Worth its cost: on this line or above it", INK, "-.", width=1.8))
    sheet.keys(page, entries)
    sheet.heading(page, unit)
    nothing = [0.0] if worth else []
    money = (values.is_money(x), values.is_money(y))
    panel, across = _panel(
        page, values.known(xs, x_low, x_high, nothing), values.known(ys, y_low, y_high, nothing), money=money
    )
    strokes = _even(panel, worth)
    points: list[tuple[float, float]] = []
    shown = [i for i in range(len(names)) if xs[i] is not None and ys[i] is not None]
    for i in shown:
        colour, marker = looks[groups[i]]
        if y_low[i] is not None and y_high[i] is not None:
            panel.axes.vlines([xs[i]], y_low[i], y_high[i], color=colour, linewidth=1.8)
            strokes.append(_stroke(panel, xs[i], y_low[i], xs[i], y_high[i]))
        if x_low[i] is not None and x_high[i] is not None:
            panel.axes.hlines([ys[i]], x_low[i], x_high[i], color=colour, linewidth=1.8)
            strokes.append(_stroke(panel, x_low[i], ys[i], x_high[i], ys[i]))
        panel.axes.plot(
            [xs[i]], [ys[i]], color=colour, marker=marker, linestyle="none", markersize=11, clip_on=False, zorder=3
        )
        points.append((panel.x(float(xs[i] or 0.0)), panel.y(float(ys[i] or 0.0))))
    said = name_points(page, panel, points, [names[i] for i in shown], points, strokes)
    axis.across(page, panel, across, money[0], x_label)
    meanings(page, said)
    lacking = [names[i] for i in range(len(names)) if i not in shown]
    if lacking:
        text = f"Not placed, because a figure is hidden or not known: {', '.join(lacking)}"
        page.top = sheet.say_lines(page, 0, page.top, house.wrap(text, page.width))
    return sheet.end(page)


_COST = re.compile(r"(^|_)(cost|spend|pence|price|paid)(_|$)")


def _refuse_turned(x: str, y: str) -> None:
    """Raise ValueError where cost stands up and gain across: every line and word of the plane would be wrong."""
    if _COST.search(y) and not _COST.search(x):
        raise ValueError(f"a plane has gain up and cost across: write x={y!r} and y={x!r}")


def _even(panel: Panel, worth: float | None) -> list[Box]:
    """The lines of no cost and no gain where they are within the axes, and the line on which gain and cost are even, whose
    room is returned."""
    (left, right), (low, high) = panel.axes.get_xlim(), panel.axes.get_ylim()
    if left < 0 < right:
        panel.axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
    if low < 0 < high:
        panel.axes.axhline(0, color=INK, linewidth=1.2, zorder=1)
    if not worth:
        return []
    panel.axes.plot(
        [left, right],
        [left / worth, right / worth],
        color=INK,
        linewidth=1.8,
        linestyle="-.",
        marker="",
        scalex=False,
        scaley=False,
    )
    steps = [left + (right - left) * i / 60 for i in range(61)]
    return [_stroke(panel, one, one / worth, two, two / worth) for one, two in pairwise(steps)]


@sheet.styled
def spend_against_outcome(
    frame: Any, *, x: str = "spend_a_person_pence", y: str = "value", name: str = "council", this: str = "this_one",
    neighbour: str | None = None, named: str | None = None, lower: str | None = None, upper: str | None = None,
    x_lower: str | None = None, x_upper: str | None = None, better: str = "higher", x_label: str = "Spend a person", unit: str = "", this_words: str = "This council", neighbour_words: str = "Neighbours",
    others_words: str = "Others", middle_words: str = "The middle council", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Spend a person against outcome, a point a council, as `study.compare()` gives them; this one and its neighbours named.

    The lines stand at the middle council's spend and outcome, and each corner says what it means. `named`: which neighbours stand
    with their names, all where no column says. Of providers it is drawn
    with ranges (`lower`, `upper`; across `x_lower`, `x_upper`) and other words. It does not estimate value for money.
    """
    page = sheet.begin(frame, size)
    values.once(frame, name)
    xs, ys, names = values.numbers(frame, x), values.numbers(frame, y), values.texts(frame, name)
    shown = [i for i in range(len(names)) if xs[i] is not None and ys[i] is not None]
    mine = [_set(one) for one in values.cells(frame, this)]
    near = [_set(one) for one in values.cells(frame, neighbour)] if neighbour else [False] * len(names)
    blue, orange = house.colours()[0], house.colours()[3]
    entries = [Key(this_words, orange, "", "D")] if any(mine) else []
    entries += [Key(neighbour_words, blue, "", "o")] if any(near) else []
    entries += (
        [Key(others_words, SOFT, "", "o", hollow=True)]
        if not all(a or b for a, b in zip(mine, near, strict=True))
        else []
    )
    entries.append(Key(middle_words, INK, ":", width=1.5))
    sheet.keys(page, entries)
    sheet.heading(page, unit)
    top, foot = ("better", "worse") if better == "higher" else ("worse", "better")
    _corners(page, [f"Lower spend, {top} outcome", f"Higher spend, {top} outcome"])
    money = (values.is_money(x), values.is_money(y))
    known_x, known_y = [float(xs[i] or 0.0) for i in shown], [float(ys[i] or 0.0) for i in shown]
    low, high = values.numbers(frame, lower), values.numbers(frame, upper)
    left, right = values.numbers(frame, x_lower), values.numbers(frame, x_upper)
    panel, across = _panel(
        page,
        values.known(known_x, [left[i] for i in shown], [right[i] for i in shown]),
        values.known(known_y, [low[i] for i in shown], [high[i] for i in shown]),
        money=money,
    )
    for i in shown:
        if left[i] is not None and right[i] is not None:
            panel.axes.hlines([ys[i]], left[i], right[i], color=SOFT, linewidth=1, zorder=1.8)
    if shown:
        axis.level(panel, median(known_y))
        panel.axes.axvline(median(known_x), color=INK, linewidth=1.8, linestyle=":", zorder=1.5)
    for i in shown:
        if low[i] is not None and high[i] is not None:
            colour = orange if mine[i] else blue if near[i] else SOFT
            panel.axes.vlines(
                [xs[i]], low[i], high[i], color=colour, linewidth=2 if mine[i] or near[i] else 1, zorder=2
            )
    kinds = ((lambda i: not mine[i] and not near[i], SOFT, "o", True), (lambda i: near[i] and not mine[i], blue, "o", False), (lambda i: mine[i], orange, "D", False))  # fmt: skip
    for chosen, colour, marker, hollow in kinds:
        at = [i for i in shown if chosen(i)]
        face = {"markerfacecolor": "white", "markeredgecolor": colour, "markersize": 7} if hollow else {}
        panel.axes.plot(
            [xs[i] for i in at],
            [ys[i] for i in at],
            color=colour,
            marker=marker,
            linestyle="none",
            clip_on=False,
            zorder=3,
            **face,
        )
    every = {i: (panel.x(float(xs[i] or 0.0)), panel.y(float(ys[i] or 0.0))) for i in shown}
    asked = [_set(one) for one in values.cells(frame, named)] if named else near
    with_names = [i for i in shown if mine[i]] + [i for i in shown if near[i] and asked[i] and not mine[i]]
    said = name_points(
        page, panel, [every[i] for i in with_names], [names[i] for i in with_names], list(every.values())
    )
    axis.across(page, panel, across, money[0], x_label)
    page.top += 4
    _corners(page, [f"Lower spend, {foot} outcome", f"Higher spend, {foot} outcome"])
    meanings(page, said)
    return sheet.end(page)


def _corners(page: Sheet, words: Sequence[str]) -> None:
    """What the left and the right of a strip mean, in grey, beside each other."""
    half = page.width / 2 - 10
    left, right = (house.wrap(one, half) for one in words)
    for place, one in enumerate(left):
        sheet.say(page, 0, page.top + 14 + place * LINE, one, colour=SOFT)
    for place, one in enumerate(right):
        sheet.say(page, page.width, page.top + 14 + place * LINE, one, align="right", colour=SOFT)
    page.top += max(len(left), len(right)) * LINE + 8
