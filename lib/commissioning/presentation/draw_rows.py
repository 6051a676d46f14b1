"""Drawings with one row for each thing: bars, dots, the stability of priorities, a theory of change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commissioning.presentation import drawing, words
from commissioning.presentation.draw_series import PHONE, WIDE, column, is_money, numeric
from commissioning.presentation.drawing import COLOURS, GRID, INK, MARKERS, SOFT, Canvas


def _rows(record: Mapping[str, Any]) -> tuple[list[str], list[str], dict[tuple[str, str], int]]:
    names = [str(c) for c in column(record, "x") or []]
    series = [str(c) for c in column(record, "series") or [""] * len(names)]
    places = {(name, one): i for i, (name, one) in enumerate(zip(names, series, strict=True))}
    return list(dict.fromkeys(names)), list(dict.fromkeys(series)), places


def _pattern(i: int) -> tuple[str, str, str]:
    """A fill, an edge and a pattern's definition for bar series i: solid, open, striped, dotted."""
    colour = COLOURS[i]
    if i == 0:
        return colour, colour, ""
    if i == 1:
        return "#fff", colour, ""
    inner = (
        f'<path d="M0 8L8 0" stroke="{colour}" stroke-width="2.5"/>'
        if i == 2
        else f'<circle cx="4" cy="4" r="2" fill="{colour}"/>'
    )
    define = f'<pattern id="fill{i}" width="8" height="8" patternUnits="userSpaceOnUse">{inner}</pattern>'
    return f"url(#fill{i})", colour, define


def _layout(canvas: Canvas, names: list[str], phone: bool) -> tuple[float, list[list[str]]]:
    """The left edge of the plot and each name's lines; on a phone the names stand above their rows."""
    if phone:
        return 4.0, [drawing.wrap(name, canvas.size, canvas.width - 8, bold=True) for name in names]
    lines = [drawing.wrap(name, canvas.size, 220) for name in names]
    widest = max((drawing.text_width(line, canvas.size) for ls in lines for line in ls), default=0)
    return widest + 16, lines


def _draw(record: Mapping[str, Any], phone: bool, *, bars: bool, ranks: bool = False) -> str:
    canvas = Canvas(PHONE if phone else WIDE)
    names, series, places = _rows(record)
    values = [numeric(c) for c in column(record, "y") or []]
    lows = [numeric(c) for c in column(record, "lower") or [None] * len(values)]
    highs = [numeric(c) for c in column(record, "upper") or [None] * len(values)]
    money = is_money(record, "y")
    options = record.get("options", {})
    decimals = record["data"]["columns"][record["roles"]["y"]]["decimals"]
    entries = []
    for i, one in enumerate(series):
        if one:
            entries.append(("band" if bars else MARKERS[i], _pattern(i)[0] if bars else COLOURS[i], "none", one))
    defines = "".join(_pattern(i)[2] for i in range(len(series))) if bars else ""
    if defines:
        canvas.parts.append(f"<defs>{defines}</defs>")
    top = 4.0
    if bars and any(series):
        top = _bar_legend(canvas, series, top)
    elif entries:
        top = canvas.legend(entries, top)
    if record.get("unit"):
        lines = drawing.wrap(str(record["unit"]), canvas.size, canvas.width, bold=True)
        for row, line in enumerate(lines):
            canvas.text(0, top + 16 + row * canvas.line_height, line, bold=True)
        top += 8 + len(lines) * canvas.line_height
    left, wrapped = _layout(canvas, names, phone)
    everything = [v for v in [*values, *lows, *highs, options.get("target")] if v is not None]
    # Room at the right for the value written after the longest whisker.
    shown = [_value(values[i], decimals, money) for i in places.values()]
    room = max((drawing.text_width(text, canvas.size, True) for text in shown), default=0) + 14
    x = drawing.scale(
        everything, left + (10 if ranks else 0), canvas.width - room - 6, 3 if phone else 5, zero=bars, whole=ranks
    )
    thick = 20.0 if bars else 22.0
    body = thick * len(series)
    heights = [
        (len(ls) * canvas.line_height + 4 + body + 12) if phone else max(body, len(ls) * canvas.line_height) + 16
        for ls in wrapped
    ]
    bottom = top + sum(heights) + 4
    for tick in x.ticks:
        canvas.line(x(tick), top, x(tick), bottom, colour=GRID)
    drawing.ticks_across(canvas, x, bottom + 19, money)
    if bars:
        canvas.line(x(0), top, x(0), bottom, colour=INK, width=1.2)
    if options.get("target") is not None:  # before the words, whose white ground then keeps it out of them
        at = x(options["target"])
        canvas.line(at, top, at, bottom, width=1.8, dash="3 3")
    y = top
    for name, lines, height in zip(names, wrapped, heights, strict=True):
        first = y + (len(lines) * canvas.line_height + 6 if phone else (height - body) / 2)
        for row, line in enumerate(lines):
            base = y + 17 if phone else y + (height - len(lines) * canvas.line_height) / 2 + 14
            if phone:
                _ground(canvas, 4, base + row * canvas.line_height, line)
            canvas.text(4 if phone else 0, base + row * canvas.line_height, line, bold=phone)
        for i, one in enumerate(series):
            place = places.get((name, one))
            if place is None:
                continue
            middle = first + thick * (i + 0.5)
            _one(canvas, record, values[place], lows[place], highs[place], x, middle, i, bars, decimals, money, place)
        y += height
    if options.get("target") is not None:
        words_ = str(options.get("target_label") or "Target")
        canvas.text(x(options["target"]), bottom + 19 + canvas.line_height, words_, anchor="middle", bold=True)
        bottom += canvas.line_height
    return canvas.svg(bottom + 28)


def _bar_legend(canvas: Canvas, series: list[str], top: float) -> float:
    x, y = 0.0, top
    for i, one in enumerate(series):
        wide = 44 + drawing.text_width(one, canvas.size) + 18
        if x and x + wide > canvas.width:
            x, y = 0.0, y + canvas.line_height + 4
        fill, edge, _ = _pattern(i)
        canvas.rect(x + 2, y + 2, 30, 14, fill=fill, stroke=edge)
        canvas.text(x + 40, y + 14, one)
        x += wide
    return y + canvas.line_height + 6


def _ground(canvas: Canvas, x: float, base: float, text: str) -> None:
    """A white ground that keeps lines out of the words drawn next."""
    wide = drawing.text_width(text, canvas.size, True)
    canvas.rect(x - 4, base - 14, wide + 8, canvas.line_height, fill="#fff")


def _value(value: float | None, decimals: int, money: bool) -> str:
    if value is None:
        return ""
    return words.money_rounded(round(value * 100)) if money else words.number(value, decimals)


def _one(
    canvas: Canvas,
    record: Mapping[str, Any],
    value: float | None,
    low: float | None,
    high: float | None,
    x: drawing.Scale,
    middle: float,
    i: int,
    bars: bool,
    decimals: int,
    money: bool,
    place: int,
) -> None:
    if value is None:
        cell = record["data"]["rows"][place][record["roles"]["y"]]
        text = drawing.wrap(str(cell or "not known"), canvas.size, canvas.width - x.start - 10)[0]
        _ground(canvas, x.start + 6, middle + 5, text)
        canvas.text(x.start + 6, middle + 5, text, colour=SOFT)
        return
    if bars:
        fill, edge, _ = _pattern(i)
        canvas.rect(min(x(0), x(value)), middle - 8, abs(x(value) - x(0)), 16, fill=fill, stroke=edge)
    end = x(value)
    if low is not None and high is not None:
        colour = INK if bars else COLOURS[i]
        if bars:
            canvas.line(x(low), middle, x(high), middle, colour="#fff", width=5)
        canvas.line(x(low), middle, x(high), middle, colour=colour, width=2)
        for at in (low, high):
            canvas.line(x(at), middle - 5, x(at), middle + 5, colour=colour, width=2)
        end = max(end, x(high))
    if not bars:
        canvas.marker(x(value), middle, MARKERS[i], COLOURS[i], r=6.5)
        end += 5
    _ground(canvas, max(end, x.start) + 8, middle + 5, _value(value, decimals, money))
    canvas.text(max(end, x.start) + 8, middle + 5, _value(value, decimals, money), bold=True)


def bars(record: Mapping[str, Any], phone: bool) -> str:
    """Bars from zero, whiskers for the interval, the value at the end of each."""
    return _draw(record, phone, bars=True)


def dots(record: Mapping[str, Any], phone: bool) -> str:
    """One row for each thing, a point for each series with its interval."""
    return _draw(record, phone, bars=False)


def stability(record: Mapping[str, Any], phone: bool) -> str:
    """How far each priority's place moves when the weights change: 1 is first."""
    return _draw(record, phone, bars=False, ranks=True)


def theory(record: Mapping[str, Any], phone: bool) -> str:
    """A theory of change: stages from left to right, or from top to bottom on a phone."""
    canvas = Canvas(PHONE if phone else WIDE)
    stages: dict[str, list[str]] = {}
    for stage, text in zip(column(record, "x") or [], column(record, "y") or [], strict=True):
        stages.setdefault(str(stage), []).append(str(text))
    if phone:
        return _theory_down(canvas, stages)
    gap = 28.0
    wide = (canvas.width - gap * (len(stages) - 1)) / max(1, len(stages))
    columns: list[tuple[list[str], list[list[str]]]] = []
    for stage, items in stages.items():
        head = drawing.wrap(stage, canvas.size, wide - 16, bold=True)
        columns.append((head, [drawing.wrap(item, canvas.size, wide - 20) for item in items]))
    head_high = max(len(head) for head, _ in columns) * canvas.line_height + 14
    tallest = max(sum(len(ls) * canvas.line_height + 26 for ls in items) for _, items in columns)
    height = 4 + head_high + 10 + tallest
    for i, (head, boxes) in enumerate(columns):
        x = i * (wide + gap)
        canvas.rect(x + 1, 4, wide - 2, head_high, fill=COLOURS[0], stroke=COLOURS[0], rounded=4)
        for row, line in enumerate(head):
            canvas.text(x + wide / 2, 24 + row * canvas.line_height, line, anchor="middle", bold=True, colour="#fff")
        y = 4 + head_high + 10
        for lines in boxes:
            high = len(lines) * canvas.line_height + 16
            canvas.rect(x + 1, y, wide - 2, high, fill="#fff", stroke=COLOURS[0], rounded=4)
            for row, line in enumerate(lines):
                canvas.text(x + 10, y + 21 + row * canvas.line_height, line)
            y += high + 10
        if i:
            _arrow(canvas, x - gap + 4, 4 + head_high / 2, x - 4, 4 + head_high / 2)
    return canvas.svg(height)


def _theory_down(canvas: Canvas, stages: Mapping[str, list[str]]) -> str:
    y = 4.0
    for i, (stage, items) in enumerate(stages.items()):
        if i:
            _arrow(canvas, canvas.width / 2, y + 2, canvas.width / 2, y + 24)
            y += 30
        head = drawing.wrap(stage, canvas.size, canvas.width - 20, bold=True)
        high = len(head) * canvas.line_height + 12
        canvas.rect(1, y, canvas.width - 2, high, fill=COLOURS[0], stroke=COLOURS[0], rounded=4)
        for row, line in enumerate(head):
            canvas.text(12, y + 20 + row * canvas.line_height, line, bold=True, colour="#fff")
        y += high + 6
        for item in items:
            lines = drawing.wrap(item, canvas.size, canvas.width - 24)
            high = len(lines) * canvas.line_height + 14
            canvas.rect(1, y, canvas.width - 2, high, fill="#fff", stroke=COLOURS[0], rounded=4)
            for row, line in enumerate(lines):
                canvas.text(12, y + 20 + row * canvas.line_height, line)
            y += high + 6
    return canvas.svg(y + 4)


def _arrow(canvas: Canvas, x1: float, y1: float, x2: float, y2: float) -> None:
    canvas.line(x1, y1, x2, y2, colour=INK, width=2.5)
    back = 6
    if y1 == y2:
        canvas.path([(x2 - back, y2 - back), (x2, y2), (x2 - back, y2 + back)], colour=INK)
    else:
        canvas.path([(x2 - back, y2 - back), (x2, y2), (x2 + back, y2 - back)], colour=INK)
