"""A figure being laid out from the top: words, keys and panels, each placed before it is drawn, in points.

    sheet = begin(frame, "phone")
    keys(sheet, [...]); heading(sheet, "% of people")
    panel = add_panel(sheet, left=40, right=10, height=240, across=(0, 4), up=(0, 100))
    return end(sheet)

Heights follow what there is to say, so a chart of ten rows is as tall as ten rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from commissioning.charts import drawn, house
from commissioning.charts.house import INK, LINE, SOFT, TEXT, WIDTHS, Size
from commissioning.charts.svg import svg_of

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """A function that draws a frame in the house's style. Of a frame without rows it gives a figure that says in words why there is
    nothing to draw, as `cm.show` does in its place."""

    @wraps(draw)
    def figure_of(*args: P.args, **kwargs: P.kwargs) -> Figure:
        frame: Any = args[0] if args else None
        given = [*args, *kwargs.values()]
        with house.look():
            if getattr(frame, "empty", False) is True:
                size: Any = kwargs.get("size", "wide")
                return _nothing(frame, size)
            figure: Any = draw(*args, **kwargs)
        said = [one for one in given if isinstance(one, str) and one not in figure.commissioning_data]
        return drawn.signed(figure, [one for one in given if hasattr(one, "columns")], said)

    return figure_of


def _nothing(frame: Any, size: Size) -> Figure:
    sheet = begin(frame, size)
    why = getattr(frame, "why", "") or "There are no rows."
    sheet.top = say_lines(sheet, 0, sheet.top, house.wrap(f"Nothing to draw. {why}", sheet.width), colour=SOFT)
    return end(sheet)


class HouseFigure(Figure):
    """A matplotlib figure that knows the frame it was drawn from, and shows itself in JupyterLab without pyplot."""

    commissioning_data: Any = None

    def _repr_svg_(self) -> str:
        return svg_of(self)


@dataclass
class Panel:
    """One set of axes and where it stands, in points from the figure's left and top."""

    axes: Any  # matplotlib's Axes; its stubs know no number that is missing
    left: float
    top: float
    width: float
    height: float

    def x(self, value: float) -> float:
        """Where a value across stands."""
        low, high = self.axes.get_xlim()
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        """Where a value up stands."""
        low, high = self.axes.get_ylim()
        return self.top + self.height - (value - low) / (high - low) * self.height

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width


@dataclass(frozen=True)
class Box:
    """Room that something takes: left, top, right, bottom in points."""

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
class Sheet:
    """A figure, how far down it is filled (`top`), its panels, and the boxes of the words placed so far."""

    figure: HouseFigure
    size: Size
    down: Affine2D
    top: float = 4.0
    panels: list[Panel] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    @property
    def width(self) -> float:
        """Its width in points."""
        return WIDTHS[self.size]

    @property
    def phone(self) -> bool:
        """True where it is as narrow as on a phone."""
        return self.size != "wide"

    @property
    def points(self) -> Any:
        """The transform of points from the top left corner."""
        return self.down + Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans


@dataclass(frozen=True)
class Key:
    """What a line, marker or bar means. `line` "" for no line, `marker` "" for none; `fill` for a bar, with its `hatch`."""

    words: str
    colour: str
    line: Any = "-"
    marker: Any = ""
    fill: str = ""
    hatch: str = ""
    width: float = 2.5
    hollow: bool = False


def begin(frame: Any, size: Size) -> Sheet:
    """An empty figure of a frame. Raises ValueError for a size other than wide and phone."""
    if size not in WIDTHS:
        raise ValueError(
            f"a chart is wide or for a phone, or half of a page (size='wide', size='phone', size='half'), not {size!r}"
        )
    figure = HouseFigure(figsize=(WIDTHS[size] / 72, 1))
    figure.commissioning_data = frame
    return Sheet(figure, size, Affine2D())


def end(sheet: Sheet, below: float = 8.0) -> Figure:
    """The finished figure: as tall as what was put into it."""
    height = sheet.top + below
    sheet.figure.set_size_inches(sheet.width / 72, height / 72)
    sheet.down.clear().scale(1, -1).translate(0, height)
    for one in sheet.panels:
        one.axes.set_position(
            (one.left / sheet.width, 1 - one.bottom / height, one.width / sheet.width, one.height / height)
        )
    return sheet.figure


def box_of(x: float, base: float, text: str, align: str = "left", bold: bool = False) -> Box:
    """The room of a line of text with its baseline at `base`."""
    wide = house.width(text, bold)
    left = x if align == "left" else x - wide if align == "right" else x - wide / 2
    return Box(left, base - 0.8 * TEXT, left + wide, base + 0.25 * TEXT)


def say(
    sheet: Sheet,
    x: float,
    base: float,
    text: str,
    *,
    align: str = "left",
    bold: bool = False,
    colour: str = INK,
    ground: bool = False,
) -> None:
    """A line of text with its baseline at `base`; `ground` keeps lines out of it by white behind it."""
    if not text:
        return
    sheet.taken.append(box_of(x, base, text, align, bold))
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5} if ground else None
    sheet.figure.text(
        x, base, text, transform=sheet.points, ha=align, va="baseline", color=colour, zorder=5,
        fontweight="bold" if bold else "normal", bbox=behind,
    )  # fmt: skip


def say_lines(sheet: Sheet, x: float, top: float, found: Sequence[str], **look: Any) -> float:
    """Lines of text one below the other; returns the y below the last."""
    for place, one in enumerate(found):
        say(sheet, x, top + 14 + place * LINE, one, **look)
    return top + len(found) * LINE


def stroke(
    sheet: Sheet,
    x: Sequence[float],
    y: Sequence[float],
    *,
    colour: str = INK,
    wide: float = 1.2,
    style: Any = "-",
    marker: Any = "",
    hollow: bool = False,
) -> None:
    """A line or a marker in points, outside the axes."""
    edge: dict[str, Any] = (
        {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 2.2} if hollow else {}
    )
    if marker and not isinstance(marker, str):  # a shape of our own is small within its square
        edge = {"markersize": 22}
    if marker == "x":
        edge = {"markeredgecolor": colour, "markeredgewidth": 2, "markersize": 8}
    sheet.figure.add_artist(
        Line2D(
            x,
            y,
            transform=sheet.points,
            color=colour,
            linewidth=wide,
            linestyle=style or "none",
            marker=marker or "none",
            **edge,
        )
    )


def heading(sheet: Sheet, words: str) -> None:
    """What an axis counts, in bold above it."""
    if words:
        sheet.top = say_lines(sheet, 0, sheet.top, house.wrap(words, sheet.width, bold=True), bold=True) + 8


def keys(sheet: Sheet, entries: Sequence[Key]) -> None:
    """What lines, markers and bars mean, in rows above the axes."""
    x, y, deep = 0.0, sheet.top, 0.0
    for entry in entries:
        found = house.wrap(entry.words, sheet.width - 46)
        wide = 42 + max(house.width(one) for one in found) + 20
        if x and x + wide - 20 > sheet.width:
            x, y, deep = 0.0, y + deep, 0.0
        _key(sheet, x, y + 9, entry)
        say_lines(sheet, x + 42, y, found)
        x, deep = x + wide, max(deep, len(found) * LINE + 4)
    if entries:
        sheet.top = y + deep + 4


def _key(sheet: Sheet, x: float, middle: float, entry: Key) -> None:
    if entry.fill:
        sheet.figure.add_artist(
            Rectangle((x + 2, middle - 7), 30, 14, transform=sheet.points, facecolor=entry.fill, edgecolor=entry.colour, hatch=entry.hatch or None, linewidth=1.5)
        )  # fmt: skip
        return
    if entry.line:
        stroke(sheet, [x, x + 34], [middle, middle], colour=entry.colour, wide=entry.width, style=entry.line)
    if entry.marker:
        stroke(sheet, [x + 17], [middle], colour=entry.colour, style="", marker=entry.marker, hollow=entry.hollow)


def add_panel(
    sheet: Sheet, *, left: float, right: float, height: float, across: tuple[float, float], up: tuple[float, float]
) -> Panel:
    """Axes from `left` to `right` points of the edges, below what there is; the sheet goes on under them."""
    axes = sheet.figure.add_axes((0, 0, 1, 1))
    axes.set_facecolor("none")
    axes.set_xlim(*across)
    axes.set_ylim(*up)
    axes.set_xticks([])
    axes.set_yticks([])
    made = Panel(axes, left, sheet.top, sheet.width - left - right, height)
    sheet.panels.append(made)
    sheet.top += height
    return made


def free(sheet: Sheet, box: Box, among: Sequence[Box] = ()) -> bool:
    """True where a box lies on the sheet and meets no words and none of `among`."""
    inside = box.left >= 0 and box.right <= sheet.width and box.top >= 0
    return inside and not any(box.meets(other) for other in [*sheet.taken, *among])


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float] | None:
    """Middles of labels as near as can be to those wanted, none meeting another, between `low` and `high`; None where
    they do not fit."""
    if sum(heights) > high - low:
        return None
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found, floor = [0.0] * len(wanted), low
    for i in order:
        found[i] = max(wanted[i], floor + heights[i] / 2)
        floor = found[i] + heights[i] / 2
    ceiling = high
    for i in reversed(order):
        found[i] = min(found[i], ceiling - heights[i] / 2)
        ceiling = found[i] - heights[i] / 2
    return found


def data_of(figure: Any) -> Any:
    """The frame that a figure of `cm.charts` was drawn from; None of any other figure."""
    return getattr(figure, "commissioning_data", None)


__all__ = [
    "SOFT", "Box", "HouseFigure", "Key", "Panel", "Sheet", "add_panel", "begin", "box_of", "data_of", "end", "free",
    "heading", "keys", "say", "say_lines", "spread", "stroke",
]  # fmt: skip
