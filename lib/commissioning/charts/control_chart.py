"""A control chart: values, their average and the limits of usual variation, and what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure

from commissioning.charts import axis, house, over_time, sheet, values
from commissioning.charts.house import INK, SOFT, Size
from commissioning.charts.sheet import Key

SIGNALS = ("outside", "shift", "trend", "two_in_three")
_VERDICTS: dict[str, tuple[str, Any, str]] = {
    "usual": ("o", SOFT, "Usual variation"),
    "better": ("s", 0, "Unusual, better than expected"),
    "worse": ("^", 3, "Unusual, worse than expected"),
    "change": ("D", 2, "Unusual"),
}


@sheet.styled
def control(
    frame: Any,
    *,
    x: str = "period",
    y: str = "value",
    centre: str = "centre",
    lower: str = "lower",
    upper: str = "upper",
    improvement: str = "neutral",
    start: str | None = None,
    start_words: str = "Start",
    breaks: Sequence[str] = (),
    target: float | None = None,
    target_words: str = "Target",
    unit: str = "",
    size: Size = "wide",
) -> Figure:
    """A control chart as `methods.control_chart.xmr` works it out: values, average and limits, which may begin anew.

    `frame` has a row a period, in order; a signal is told by the columns outside, shift, trend and two_in_three, where it
    has them, and called better or worse by `improvement` ("increase", "decrease" or "neutral").
    """
    page = sheet.begin(frame, size)
    values.once(frame, x)
    positions = values.texts(frame, x)
    point, middle, low, high = (values.numbers(frame, one) for one in (y, centre, lower, upper))
    fired = [False] * len(positions)
    for rule in SIGNALS:
        if rule in frame:
            fired = [
                old or str(one) in ("yes", "True") for old, one in zip(fired, values.cells(frame, rule), strict=True)
            ]
    verdicts = [_verdict(*row, improvement) for row in zip(point, middle, fired, strict=True)]
    looks = {
        key: (marker, house.colours()[colour] if isinstance(colour, int) else colour, words)
        for key, (marker, colour, words) in _VERDICTS.items()
    }
    entries = [Key(words, colour, "", marker) for key, (marker, colour, words) in looks.items() if key in verdicts]
    entries += [Key("Average", INK, "-", width=1.8), Key("Limits of usual variation", SOFT, "--", width=1.6)]
    if target is not None:
        entries.append(Key(target_words, house.colours()[2], ":"))
    if any(one is None for one in point):
        entries.append(over_time.NOT_SHOWN)
    sheet.keys(page, entries)
    sheet.heading(page, unit)
    mine = over_time.Line(name="", at=list(range(len(positions))), value=point, lower=low, upper=high)
    every = values.known(point, low, high, middle, [target])
    if target is not None and target <= min(every):
        every.append(target - 0.02 * (max(every) - target))  # so that its line is no edge of the panel
    ticks = values.ticks(every, 4 if page.phone else 5)
    left = axis.room(ticks, values.is_money(y))
    side = axis.side(positions, page.width - left)
    found, cuts = over_time.marked(positions, start, start_words, breaks)
    left = max(left, side)
    standing = axis.strip(page, found, left, page.width - left - side, len(positions))
    panel = sheet.add_panel(
        page, left=left, right=side, height=230 if page.phone else 280,
        across=(-0.5, len(positions) - 0.5), up=(ticks[0], ticks[-1]),
    )  # fmt: skip
    axis.up(panel, ticks, values.is_money(y))
    axis.marks(page, panel, standing)
    for levels, colour, wide, style in ((middle, INK, 1.8, "-"), (low, SOFT, 1.6, "--"), (high, SOFT, 1.6, "--")):
        for first, last in _stretches(levels):
            panel.axes.plot(
                [first - 0.5, last + 0.5], [levels[first]] * 2, color=colour, linewidth=wide, linestyle=style, marker=""
            )
    if target is not None:
        axis.level(panel, target, colour=house.colours()[2])
    for run in over_time.runs(mine, cuts):
        panel.axes.plot(run, [point[j] for j in run], color=SOFT, linewidth=1.8, linestyle="-", marker="")
    for key, (marker, colour, _) in looks.items():
        at = [j for j, verdict in enumerate(verdicts) if verdict == key and point[j] is not None]
        panel.axes.plot(
            at, [point[j] for j in at], color=colour, linestyle="none", marker=marker, clip_on=False, zorder=3
        )
    over_time.crosses(panel, [j for j, one in enumerate(point) if one is None])
    axis.periods(page, panel, positions)
    return sheet.end(page)


def _verdict(value: float | None, centre: float | None, fired: bool, improvement: str) -> str:
    if value is None:
        return ""
    if not fired:
        return "usual"
    if improvement == "neutral" or centre is None:
        return "change"
    return "better" if (value >= centre) == (improvement == "increase") else "worse"


def _stretches(levels: Sequence[float | None]) -> list[tuple[int, int]]:
    """First and last place of each stretch of one level."""
    edges = [0, *(j for j, (one, two) in enumerate(pairwise(levels), start=1) if one != two), len(levels)]
    return [(first, last - 1) for first, last in pairwise(edges) if first < last and levels[first] is not None]
