"""Drawings with a number along each side: a funnel, and outcomes against spend."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from commissioning.presentation import drawing
from commissioning.presentation.draw_series import PHONE, WIDE, column, frame, is_money, numeric
from commissioning.presentation.drawing import COLOURS, INK, MARKERS, SOFT, Box, Canvas, Scale


def _across(canvas: Canvas, x: Scale, base: float, money: bool, words: str) -> float:
    for tick in x.ticks:
        canvas.line(x(tick), base, x(tick), base + 5, colour=SOFT)
    drawing.ticks_across(canvas, x, base + 24, money)
    lines = drawing.wrap(words, canvas.size, canvas.width, bold=True) if words else []
    for row, line in enumerate(lines):
        canvas.text(canvas.width, base + 47 + row * canvas.line_height, line, anchor="end", bold=True)
    return base + 37 + len(lines) * canvas.line_height


def _key(place: int) -> str:
    """A, B, … Z, AA: the letter by which a point is found in the list below."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _name_points(canvas: Canvas, points: list[tuple[float, float, str]], names: list[str], bottom: float) -> float:
    """A letter beside each named point, and the letters' meanings below. Returns the y below."""
    marks = [Box(left=x - 8, top=y - 8, right=x + 8, bottom=y + 8) for x, y, _ in points]
    for (x, y, key), own in zip(points, marks, strict=True):
        others = [mark for mark in marks if mark is not own]
        for dx, dy, anchor in (
            (10, -6, "start"),
            (10, 16, "start"),
            (-10, -6, "end"),
            (-10, 16, "end"),
            (0, -12, "middle"),
            (0, 24, "middle"),
            (20, 5, "start"),
            (-20, 5, "end"),
        ):
            box = canvas.box(x + dx, y + dy, key, anchor, True)
            if canvas.free(box, others) and box.bottom < bottom:
                canvas.text(x + dx, y + dy, key, anchor=anchor, bold=True)
                break
    y = bottom
    for (_, _, key), name in zip(points, names, strict=True):
        lines = drawing.wrap(name, canvas.size, canvas.width - 34)
        canvas.text(0, y + 16, key, bold=True)
        for row, line in enumerate(lines):
            canvas.text(32, y + 16 + row * canvas.line_height, line)
        y += len(lines) * canvas.line_height + 3
    return y


_STEPS = 16


def _curve(known: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Limits between the sizes that have one: chance narrows with the square root of the size, so a limit is a straight
    line in 1/√size and a curve in size. Drawn as straight lines, they would stand wide of the truth between few units."""
    found = known[:1]
    for (size, limit), (next_size, next_limit) in pairwise(known):
        if 0 < size < next_size:
            far, near = size**-0.5, next_size**-0.5
            for step in range(1, _STEPS):
                between = size * (next_size / size) ** (step / _STEPS)
                share = (between**-0.5 - far) / (near - far)
                found.append((between, limit + (next_limit - limit) * share))
        found.append((next_size, next_limit))
    return found


def funnel(record: Mapping[str, Any], phone: bool) -> str:
    """Each unit against its size, with the limits of chance; units outside are lettered and named."""
    canvas = Canvas(PHONE if phone else WIDE)
    xs = [numeric(c) for c in column(record, "x") or []]
    ys = [numeric(c) for c in column(record, "y") or []]
    names = [str(c) for c in column(record, "name") or []]
    flags = [
        str(c) not in ("", "no", "none", "not known", "within limits") for c in column(record, "flag") or [""] * len(xs)
    ]
    limits = {
        role: [numeric(c) for c in column(record, role) or []]
        for role in ("lower_95", "upper_95", "lower_998", "upper_998")
    }
    centre = record.get("options", {}).get("centre")
    entries = [("circle", COLOURS[0], "none", "Within the limits")] if not all(flags) else []
    if any(flags):
        entries.append(("diamond", COLOURS[3], "none", "Outside the limits"))
    if any(limits["lower_95"]):
        entries.append(("", SOFT, "6 4", "95% limits"))
    entries.append(("", SOFT, "", "99.8% limits"))
    if centre is not None:
        entries.append(("", INK, "2 3", "Average"))
    top = canvas.legend(entries, 4)
    if record.get("unit"):
        canvas.text(0, top + 16, str(record["unit"]), bold=True)
    top += 34
    height = 260 if phone else 310
    everything = [v for v in [*ys, centre, *(v for vs in limits.values() for v in vs)] if v is not None]
    y = drawing.scale(everything, top + height, top, 4 if phone else 5)
    left = max(drawing.text_width(y.words(t), canvas.size) for t in y.ticks) + 12
    frame(canvas, y, left, canvas.width - 14, top, top + height, False)
    x = drawing.scale([v for v in xs if v is not None], left + 6, canvas.width - 20, 3 if phone else 6, zero=True)
    order = sorted((i for i, v in enumerate(xs) if v is not None), key=lambda i: xs[i] or 0.0)
    for role, dash in (("lower_95", "6 4"), ("upper_95", "6 4"), ("lower_998", ""), ("upper_998", "")):
        cells = limits[role]
        if cells:
            known = [(xs[i] or 0.0, cells[i] or 0.0) for i in order if cells[i] is not None]
            line = [(x(size), y(limit)) for size, limit in _curve(known)]
            canvas.path(line, colour=SOFT, width=1.6, dash=dash)
    if centre is not None:
        canvas.line(left, y(centre), canvas.width - 14, y(centre), width=1.5, dash="2 3")
    named: list[tuple[float, float, str]] = []
    meanings = []
    for i in order:
        if ys[i] is None:
            continue
        at = (x(xs[i]), y(ys[i]))
        if flags[i]:
            canvas.marker(*at, "diamond", COLOURS[3], r=6)
            named.append((*at, _key(len(named))))
            meanings.append(names[i])
        else:
            canvas.marker(*at, "circle", COLOURS[0], r=5)
    bottom = _across(canvas, x, top + height, False, str(record.get("options", {}).get("x_label", "")))
    return canvas.svg(_name_points(canvas, named, meanings, bottom + 4) + 8)


def plane(record: Mapping[str, Any], phone: bool) -> str:
    """Outcomes (up) against spend (across), each with its range; every point lettered and named below."""
    canvas = Canvas(PHONE if phone else WIDE)
    rows = len(record["data"]["rows"])

    def cells(role: str) -> list[float | None]:
        found = column(record, role)
        return [numeric(c) for c in found] if found else [None] * rows

    xs, ys = cells("x"), cells("y")
    x_low, x_high, y_low, y_high = cells("x_lower"), cells("x_upper"), cells("lower"), cells("upper")
    names = [str(c) for c in column(record, "name") or []]
    groups = [str(c) for c in column(record, "series") or [""] * rows]
    kinds = list(dict.fromkeys(groups))
    top = 4.0
    entries = [(MARKERS[i], COLOURS[i], "none", kind) for i, kind in enumerate(kinds) if kind]
    if entries:
        top = canvas.legend(entries, top)
    if record.get("unit"):
        canvas.text(0, top + 16, str(record["unit"]), bold=True)
    top += 34
    height = 260 if phone else 310
    money = is_money(record, "x")
    y = drawing.scale([v for v in [*ys, *y_low, *y_high] if v is not None], top + height, top, 4 if phone else 5)
    left = max(drawing.text_width(y.words(t), canvas.size) for t in y.ticks) + 12
    frame(canvas, y, left, canvas.width - 14, top, top + height, False)
    x = drawing.scale(
        [v for v in [*xs, *x_low, *x_high] if v is not None], left + 8, canvas.width - 22, 3 if phone else 6
    )
    points: list[tuple[float, float, str]] = []
    meanings: list[str] = []
    for i in range(rows):
        if xs[i] is None or ys[i] is None:
            continue
        colour = COLOURS[kinds.index(groups[i])]
        at = (x(xs[i]), y(ys[i]))
        if y_low[i] is not None and y_high[i] is not None:
            canvas.line(at[0], y(y_low[i]), at[0], y(y_high[i]), colour=colour, width=1.8)
        if x_low[i] is not None and x_high[i] is not None:
            canvas.line(x(x_low[i]), at[1], x(x_high[i]), at[1], colour=colour, width=1.8)
        canvas.marker(*at, MARKERS[kinds.index(groups[i])], colour, r=6.5)
        points.append((*at, _key(len(points))))
        meanings.append(names[i] if names else "")
    bottom = _across(canvas, x, top + height, money, str(record.get("options", {}).get("x_label", "")))
    unknown = [names[i] for i in range(rows) if names and (xs[i] is None or ys[i] is None)]
    bottom = _name_points(canvas, points, meanings, bottom + 4)
    if unknown:
        for line in drawing.wrap(
            "Not placed, because a figure is hidden or not known: " + ", ".join(unknown), canvas.size, canvas.width
        ):
            canvas.text(0, bottom + 16, line)
            bottom += canvas.line_height
    return canvas.svg(bottom + 8)
