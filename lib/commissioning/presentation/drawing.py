"""A small drawing surface: SVG text written by hand, the same bytes every time.

Why not a plotting library: its import takes longer than a whole report, its text cannot be
measured before it is drawn, and its colours and sizes must be undone one by one. Here every label
is measured first, so that a phone drawing can be laid out without overlaps.

Colours are those of the Government Analysis Function (at most four categories, each at least 3:1
on white); markers, line styles and fills differ too, so that a page printed in black still reads.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from functools import lru_cache

INK = "#0b0c0c"
SOFT = "#484949"
GRID = "#d0d3d5"
COLOURS = ("#12436D", "#28A197", "#801650", "#F46A25")
DASHES = ("", "8 4", "2 4", "10 3 2 3")
MARKERS = ("circle", "square", "triangle", "diamond")
MOST_CATEGORIES = 4

# Widths of Helvetica's characters in thousandths of the size, from space to tilde (Adobe's published metrics).
_WIDTHS = [
    int(w)
    for w in [
        "278",
        "278",
        "355",
        "556",
        "556",
        "889",
        "667",
        "191",
        "333",
        "333",
        "389",
        "584",
        "278",
        "333",
        "278",
        "278",
        "556",
        "556",
        "556",
        "556",
        "556",
        "556",
        "556",
        "556",
        "556",
        "556",
        "278",
        "278",
        "584",
        "584",
        "584",
        "556",
        "1015",
        "667",
        "667",
        "722",
        "722",
        "667",
        "611",
        "778",
        "722",
        "278",
        "500",
        "667",
        "556",
        "833",
        "722",
        "778",
        "667",
        "778",
        "722",
        "667",
        "611",
        "722",
        "667",
        "944",
        "667",
        "667",
        "611",
        "278",
        "278",
        "278",
        "469",
        "556",
        "333",
        "556",
        "556",
        "500",
        "556",
        "556",
        "278",
        "556",
        "556",
        "222",
        "222",
        "500",
        "222",
        "833",
        "556",
        "556",
        "556",
        "556",
        "333",
        "500",
        "278",
        "556",
        "500",
        "722",
        "500",
        "500",
        "500",
        "334",
        "260",
        "334",
        "584",
    ]
]


@lru_cache(maxsize=4096)
def _units(text: str) -> int:
    """Width of a line in thousandths of its size. Kept: a table asks for the same words again and again."""
    return sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) <= 126 else 650 for c in text)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in pixels, a little generous, so that a near miss is not an overlap."""
    return _units(text) * size / 1000 * (1.1 if bold else 1.03)


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Lines no wider than `width`; a single word that is wider is cut with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold) <= width:
            lines[-1] += f" {word}"
            continue
        while text_width(word, size, bold) > width and len(word) > 2:
            word = word.rstrip("…")[:-1] + "…"
        lines.append(word)
    return lines or [""]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle that text takes up: left, top, right, bottom in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """True where the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass
class Canvas:
    """A picture being drawn: `width` pixels wide, its height settled at the end."""

    width: float
    size: float = 15.0
    parts: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    @property
    def line_height(self) -> float:
        """Distance between lines of text."""
        return round(self.size * 1.25, 1)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1.0, dash: str = ""
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}" stroke="{colour}" stroke-width="{n(width)}"{dashed}/>'
        )

    def path(self, points: list[tuple[float, float]], *, colour: str, width: float = 2.5, dash: str = "") -> None:
        """A line through points."""
        if len(points) < 2:
            return
        d = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{n(width)}"{dashed}/>')

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str,
        stroke: str = "none",
        rounded: float = 0,
        stroke_width: float = 2,
    ) -> None:
        """A rectangle."""
        corner = f' rx="{n(rounded)}"' if rounded else ""
        self.parts.append(
            f'<rect x="{n(x)}" y="{n(y)}" width="{n(max(0, width))}" height="{n(height)}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="{n(stroke_width)}"{corner}/>'
        )

    def marker(self, x: float, y: float, shape: str, colour: str, r: float = 5.5, hollow: bool = False) -> None:
        """A point: circle, square, triangle, diamond or cross, edged in white so that it stands off its line."""
        fill, edge = ("#fff", colour) if hollow else (colour, "#fff")
        style = f'fill="{fill}" stroke="{edge}" stroke-width="{2 if hollow else 1.2}"'
        if shape == "circle":
            self.parts.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" {style}/>')
            return
        if shape == "cross":
            d = f"M{n(x - r)} {n(y - r)}L{n(x + r)} {n(y + r)}M{n(x - r)} {n(y + r)}L{n(x + r)} {n(y - r)}"
            self.parts.append(f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
            return
        corners = {
            "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            "triangle": [(0, -1.15), (1.1, 0.9), (-1.1, 0.9)],
            "diamond": [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
        }[shape]
        d = "M" + "L".join(f"{n(x + a * r)} {n(y + b * r)}" for a, b in corners) + "Z"
        self.parts.append(f'<path d="{d}" {style}/>')

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False, colour: str = INK
    ) -> None:
        """A line of text with its baseline at y."""
        self.boxes.append(self.box(x, y, text, anchor, bold))
        weight = ' font-weight="700"' if bold else ""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        tint = "" if colour == INK else f' fill="{colour}"'
        self.parts.append(f'<text x="{n(x)}" y="{n(y)}"{at}{weight}{tint}>{html.escape(text)}</text>')

    def box(self, x: float, y: float, text: str, anchor: str = "start", bold: bool = False) -> Box:
        """Where a line of text would stand."""
        width = text_width(text, self.size, bold)
        left = x if anchor == "start" else x - width if anchor == "end" else x - width / 2
        return Box(left=left, top=y - self.size * 0.95, right=left + width, bottom=y + self.size * 0.28)

    def free(self, box: Box, among: list[Box] | None = None) -> bool:
        """True where a box lies inside the picture and meets no text yet drawn."""
        inside = box.left >= 0 and box.right <= self.width and box.top >= 0
        return inside and not any(box.meets(other) for other in [*self.boxes, *(among or [])])

    def legend(self, entries: list[tuple[str, str, str, str]], top: float) -> float:
        """Keys in rows: (marker, colour, dash or "none", words). Returns the y below the last row."""
        x, y = 0.0, top
        for shape, colour, dash, words in entries:
            lines = wrap(words, self.size, self.width - 44)
            wide = 44 + max(text_width(line, self.size) for line in lines) + 18
            if x and x + wide > self.width:
                x, y = 0.0, y + self.line_height + 4
            if dash != "none":
                self.line(x, y + 9, x + 34, y + 9, colour=colour, width=2.5, dash=dash)
            if shape == "band":
                self.rect(x + 2, y + 2, 30, 14, fill=colour)
            elif shape:
                self.marker(x + 17, y + 9, shape, colour)
            for row, line in enumerate(lines):
                self.text(x + 42, y + 14 + row * self.line_height, line)
            if len(lines) > 1:
                x, y = 0.0, y + len(lines) * self.line_height + 4
            else:
                x += wide
        return y + (self.line_height + 6 if x else 2)

    def svg(self, height: float) -> str:
        """The finished picture."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(self.width)}" height="{n(height)}" '
            f'viewBox="0 0 {n(self.width)} {n(height)}" font-family="Arial,\'Liberation Sans\',Helvetica,sans-serif" '
            f'font-size="{n(self.size)}" fill="{INK}"><rect width="100%" height="100%" fill="#fff"/>'
            f"{''.join(self.parts)}</svg>"
        )


def n(value: float) -> str:
    """A coordinate: one decimal, no trailing zero, never -0."""
    text = f"{value:.1f}"
    text = text[:-2] if text.endswith(".0") else text
    return "0" if text == "-0" else text


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A straight scale from values to pixels, with round ticks."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def __call__(self, value: float | None) -> float:
        if value is None:
            raise ValueError("a figure that is not known has no place on a scale")
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def words(self, tick: float, money: bool = False) -> str:
        """A tick's words, in the same form as its axis's largest: 0.8m beside 1.2m."""
        return tick_text(tick, money, largest=max(abs(one) for one in self.ticks))


def nice(low: float, high: float, about: int, whole: bool = False) -> tuple[float, ...]:
    """Round tick values that cover low to high, about `about` of them."""
    if high <= low:
        high = low + (abs(low) or 1)
    raw = (high - low) / max(1, about)
    power = 10 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * 0.999)
    if whole:
        step = max(1, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(i * step, 10) for i in range(first, last + 1))


def scale(
    values: list[float], start: float, end: float, about: int, *, zero: bool = False, whole: bool = False
) -> Scale:
    """A scale over values, from zero where `zero` says or where zero is near; `whole` is for places, which begin at 1."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero or (0 < low < 0.6 * high and not whole):
        low = min(low, 0.0)
        high = max(high, 0.0)
    ticks = nice(low, high, about, whole)
    return Scale(low=ticks[0], high=ticks[-1], start=start, end=end, ticks=ticks)


def tick_text(value: float, money: bool = False, *, largest: float = 0.0) -> str:
    """A tick's words: commas, no needless decimals; money in £, k and m. `largest` is the axis's, whose form it takes."""
    sign = "-" if value < 0 else ""
    pound = "£" if money else ""
    size = abs(value)
    for floor, letter in ((1e6, "m"), (1e3, "k")):
        if max(size, largest) >= floor and size and (money or letter == "m"):
            return f"{sign}{pound}{size / floor:g}{letter}"
    return f"{sign}{pound}{size:g}" if money else f"{sign}{size:,.10g}"


def ticks_across(canvas: Canvas, x: Scale, baseline: float, money: bool) -> None:
    """Tick labels along the bottom: kept inside the picture, and left out where two would meet."""
    last = -1e9
    for tick in x.ticks:
        text = x.words(tick, money)
        half = text_width(text, canvas.size) / 2
        at = min(max(x(tick), half), canvas.width - half)
        if at - half > last + 8:
            canvas.text(at, baseline, text, anchor="middle", colour=SOFT)
            last = at + half
