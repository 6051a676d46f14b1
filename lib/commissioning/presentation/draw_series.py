"""Drawings with time along the bottom: a line with its interval, and a control chart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from commissioning.presentation import drawing
from commissioning.presentation.drawing import COLOURS, DASHES, GRID, INK, MARKERS, SOFT, Canvas, Scale

WIDE, PHONE = 760.0, 358.0
SIGNALS = ("outside", "shift", "trend", "two_in_three")


def numeric(cell: Any) -> float | None:
    """The number in a cell, or None where words stand in its place."""
    return float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None


def column(record: Mapping[str, Any], role: str) -> list[Any] | None:
    """The cells playing a role in a chart ("x", "y", "lower", …), pence in pounds; None where nothing does."""
    place = record["roles"].get(role)
    if place is None:
        return None
    kind = record["data"]["columns"][place]["kind"]
    cells = [row[place] for row in record["data"]["rows"]]
    return [c / 100 if kind == "pence" and numeric(c) is not None else c for c in cells]


def is_money(record: Mapping[str, Any], role: str) -> bool:
    """True where the column playing a role is money."""
    place = record["roles"].get(role)
    return place is not None and record["data"]["columns"][place]["kind"] == "pence"


def _series(record: Mapping[str, Any]) -> tuple[list[str], dict[str, list[int]]]:
    """The positions along the bottom, and each series' rows."""
    x = [str(cell) for cell in column(record, "x") or []]
    names = [str(cell) for cell in column(record, "series") or [""] * len(x)]
    rows: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        rows.setdefault(name, []).append(place)
    return sorted(set(x)), rows


def frame(canvas: Canvas, y: Scale, left: float, right: float, top: float, bottom: float, money: bool) -> None:
    """Horizontal grid lines with their values, and the base line."""
    for tick in y.ticks:
        at = y(tick)
        canvas.line(left, at, right, at, colour=INK if tick == y.low else GRID, width=1.2 if tick == y.low else 1)
        canvas.text(left - 8, at + canvas.size * 0.35, y.words(tick, money), anchor="end", colour=SOFT)


def bottom_labels(canvas: Canvas, positions: list[str], at: Any, base: float, slot: float) -> float:
    """Period labels, thinned so that none meets another, a year above its quarter. Returns the y below."""
    split = [position.rsplit(" ", 1) if " " in position else [position] for position in positions]
    split = [
        [line for part in parts for line in drawing.wrap(part, canvas.size, max(70, slot * 3))][:3] for parts in split
    ]
    widest = max((drawing.text_width(line, canvas.size) for lines in split for line in lines), default=0)
    step = max(1, math.ceil((widest + 10) / slot))
    for place, lines in enumerate(split):
        canvas.line(at(place), base, at(place), base + 5, colour=SOFT)
        if (len(positions) - 1 - place) % step:
            continue
        for row, words in enumerate(lines):
            half = drawing.text_width(words, canvas.size) / 2
            x = min(max(at(place), half), canvas.width - half)
            canvas.text(x, base + 24 + row * canvas.line_height, words, anchor="middle")
    return base + 15 + max((len(lines) for lines in split), default=1) * canvas.line_height


def _spread(found: list[float | None]) -> list[float]:
    return [value for value in found if value is not None]


def line(record: Mapping[str, Any], phone: bool) -> str:
    """A line for each series, whiskers for its interval, an open space with a cross where nothing may be shown."""
    canvas = Canvas(PHONE if phone else WIDE)
    positions, rows = _series(record)
    values = [numeric(c) for c in column(record, "y") or []]
    lows = [numeric(c) for c in column(record, "lower") or [None] * len(values)]
    highs = [numeric(c) for c in column(record, "upper") or [None] * len(values)]
    x_of = {position: i for i, position in enumerate(positions)}
    xs = [x_of[str(c)] for c in column(record, "x") or []]
    options = record.get("options", {})
    entries = [(MARKERS[i], COLOURS[i], DASHES[i], name) for i, name in enumerate(rows) if name]
    gaps = any(value is None for value in values)
    if gaps:
        entries.append(("cross", SOFT, "none", "Not shown: see the table"))
    if options.get("target") is not None:
        entries.append(("", INK, "3 3", str(options.get("target_label") or "Target")))
    top = canvas.legend(entries, 4) if entries else 4.0
    canvas.text(0, top + 16, str(record.get("unit", "")), bold=True) if record.get("unit") else None
    top += 42 if options.get("mark") in x_of else 34
    money = is_money(record, "y")
    everything = _spread([*values, *lows, *highs, options.get("target")])
    height = 240 if phone else 290
    y = drawing.scale(everything, top + height, top, 4 if phone else 5, zero=bool(options.get("zero")))
    left = max(drawing.text_width(y.words(t, money), canvas.size) for t in y.ticks) + 12
    left = max(left, float(options.get("margin") or 0))
    right = canvas.width - 14
    frame(canvas, y, left, right, top, top + height, money)
    slot = (right - left) / max(1, len(positions))

    def at(place: float) -> float:
        return left + slot * (place + 0.5)

    if options.get("mark") in x_of:
        edge = at(x_of[options["mark"]] - 0.5)
        canvas.line(edge, top - 6, edge, top + height, colour=INK, width=1.5, dash="5 4")
        words = str(options.get("mark_label") or "Start")
        end = edge + drawing.text_width(words, canvas.size) + 6 > canvas.width
        canvas.text(edge + (-6 if end else 6), top - 4, words, anchor="end" if end else "start")
    if options.get("target") is not None:
        canvas.line(left, y(options["target"]), right, y(options["target"]), width=1.8, dash="3 3")
    for i, places in enumerate(rows.values()):
        nudge = (i - (len(rows) - 1) / 2) * min(9, slot / 6)
        ordered = sorted(places, key=lambda p: xs[p])
        run: list[tuple[float, float]] = []
        for place in ordered:
            value = values[place]
            here = at(xs[place]) + nudge
            if value is None:
                canvas.path(run, colour=COLOURS[i], dash=DASHES[i])
                run = []
                canvas.marker(here, top + height - 8, "cross", SOFT, r=4.5)
                continue
            low, high = lows[place], highs[place]
            if low is not None and high is not None:
                canvas.line(here, y(low), here, y(high), colour=COLOURS[i], width=1.6)
                for end_ in (low, high):
                    canvas.line(here - 4, y(end_), here + 4, y(end_), colour=COLOURS[i], width=1.6)
            run.append((here, y(value)))
        canvas.path(run, colour=COLOURS[i], dash=DASHES[i])
        for place in ordered:
            if values[place] is not None:
                canvas.marker(at(xs[place]) + nudge, y(values[place]), MARKERS[i], COLOURS[i])
    return canvas.svg(bottom_labels(canvas, positions, at, top + height, slot) + 6)


def control(record: Mapping[str, Any], phone: bool) -> str:
    """An XmR chart: values, average, limits, and a different marker for each signal that fired."""
    canvas = Canvas(PHONE if phone else WIDE)
    positions = [str(c) for c in column(record, "x") or []]
    values = [numeric(c) for c in column(record, "y") or []]
    centres = [numeric(c) for c in column(record, "centre") or []]
    lows = [numeric(c) for c in column(record, "lower") or []]
    highs = [numeric(c) for c in column(record, "upper") or []]
    fired = [
        any(str((column(record, rule) or ["no"] * len(values))[i]) == "yes" for rule in SIGNALS)
        for i in range(len(values))
    ]
    better = record.get("options", {}).get("improvement", "neutral")

    def shape(i: int) -> str:
        if not fired[i] or values[i] is None:
            return "usual"
        if better == "neutral" or centres[i] is None:
            return "change"
        up = (values[i] or 0.0) >= (centres[i] or 0.0)
        return "better" if up == (better == "increase") else "worse"

    looks = {
        "usual": ("circle", SOFT, "Usual variation"),
        "better": ("square", COLOURS[0], "Unusual, better than expected"),
        "worse": ("triangle", COLOURS[3], "Unusual, worse than expected"),
        "change": ("diamond", COLOURS[2], "Unusual"),
    }
    shapes = [shape(i) for i in range(len(values))]
    target = record.get("options", {}).get("target")
    entries = [(looks[k][0], looks[k][1], "none", looks[k][2]) for k in looks if k in shapes]
    entries += [("", INK, "", "Average"), ("", SOFT, "7 5", "Limits of usual variation")]
    if target is not None:
        entries.append(("", COLOURS[2], "2 4", "Target"))
    if any(v is None for v in values):
        entries.append(("cross", SOFT, "none", "Not shown: see the table"))
    top = canvas.legend(entries, 4)
    if record.get("unit"):
        canvas.text(0, top + 16, str(record["unit"]), bold=True)
    top += 34
    height = 240 if phone else 290
    y = drawing.scale(_spread([*values, *lows, *highs, target]), top + height, top, 4 if phone else 5)
    money = is_money(record, "y")
    left = max(drawing.text_width(y.words(t, money), canvas.size) for t in y.ticks) + 12
    right = canvas.width - 14
    slot = (right - left) / max(1, len(positions))
    frame(canvas, y, left, right, top, top + height, money)

    def at(place: float) -> float:
        return left + slot * (place + 0.5)

    for levels, colour, width, dash in ((centres, INK, 1.8, ""), (lows, SOFT, 1.6, "7 5"), (highs, SOFT, 1.6, "7 5")):
        start = 0
        for i in range(1, len(levels) + 1):
            if i == len(levels) or levels[i] != levels[start]:
                if levels and levels[start] is not None:
                    canvas.line(
                        at(start - 0.5),
                        y(levels[start]),
                        at(i - 0.5),
                        y(levels[start]),
                        colour=colour,
                        width=width,
                        dash=dash,
                    )
                start = i
    if target is not None:
        canvas.line(left, y(target), right, y(target), colour=COLOURS[2], width=2, dash="2 4")
    run: list[tuple[float, float]] = []
    for i, value in enumerate(values):
        if value is None:
            canvas.path(run, colour=SOFT, width=1.8)
            run = []
            canvas.marker(at(i), top + height - 8, "cross", SOFT, r=4.5)
        else:
            run.append((at(i), y(value)))
    canvas.path(run, colour=SOFT, width=1.8)
    for i, value in enumerate(values):
        if value is not None:
            canvas.marker(at(i), y(value), looks[shapes[i]][0], looks[shapes[i]][1], r=5 if phone else 5.5)
    return canvas.svg(bottom_labels(canvas, positions, at, top + height, slot) + 6)
