"""Charts of what changed: effects by outcome, started beside not yet started, and a sum told in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from commissioning.charts import axis, by_row, house, over_time, sheet, values
from commissioning.charts.house import GRID, INK, LINE, SOFT, Size
from commissioning.charts.sheet import Key

CLAIMS = {
    "attributable": ("o", False, "Attributable: it passed its checks"),
    "compared": ("o", True, "Compared"),
    "described": ("s", True, "Described"),
    "recorded": ("D", True, "Recorded"),
}
"""The sign of each claim: marker, open or full, and its words."""


@sheet.styled
def effects(
    frame: Any, *, x: str = "title", y: str = "estimate", lower: str = "lower", upper: str = "upper", claim: str = "claim",
    withheld: str = "withheld", worthwhile: float | str | None = None, decimals: int = 1, unit: str = "points", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Changes by outcome, as `effects().tidy()` gives them: a point with its range, or an empty row that says why there is none.

    The sign of a point is its claim: full where the change may be put down to the pilot, open where it may not.
    `worthwhile` is the smallest change that would matter, one for all or a column of them: a band about no change.
    """
    page = sheet.begin(frame, size)
    values.once(frame, x)
    value, low, high = (values.numbers(frame, one) for one in (y, lower, upper))
    names, claims = values.texts(frame, x), values.texts(frame, claim)
    signs = [CLAIMS.get(one, CLAIMS["recorded"]) for one in claims]
    blue = house.colours()[0]
    held = {claims[i] for i, one in enumerate(value) if one is not None}
    entries = [
        Key(words, blue, "", marker, hollow=hollow) for key, (marker, hollow, words) in CLAIMS.items() if key in held
    ]
    small = values.numbers(frame, worthwhile) if isinstance(worthwhile, str) else [worthwhile] * len(names)
    bands = [abs(one) if one and value[i] is not None else 0.0 for i, one in enumerate(small)]
    if any(bands):
        entries.append(Key("Too small to matter", GRID, fill=GRID))
    sheet.keys(page, entries)
    sheet.heading(page, unit)
    ticks = values.ticks(
        [*values.known(value, low, high), 0.0, max(bands, default=0.0), -max(bands, default=0.0)],
        3 if page.phone else 5,
    )
    shown = [_signed(one, decimals) if one is not None else "" for one in value]
    right = max((house.width(one, bold=True) for one in shown), default=0) + 18
    left, _ = by_row.names_beside(page, names, ticks, False)
    reasons = [
        [] if value[i] is not None else house.wrap(one, page.width - left - 12, most=4)
        for i, one in enumerate(values.instead(frame, y, withheld))
    ]
    rows = by_row.lay_out(page, names, [max(by_row.THICK, len(some) * LINE) for some in reasons], ticks, right=right)
    panel = rows.panel
    by_row.line_across(rows, 0.0)
    for i, first in enumerate(rows.first):
        if value[i] is None:
            sheet.say_lines(page, left + 6, panel.top + first, reasons[i], colour=SOFT, ground=True)
            continue
        middle, end = first + by_row.THICK / 2, float(value[i] or 0.0)
        panel.axes.barh(
            middle, 2 * bands[i], left=-bands[i], height=by_row.THICK + 6, color=GRID, alpha=0.6, linewidth=0, zorder=0
        )
        if low[i] is not None and high[i] is not None:
            by_row.whisker(panel, middle, float(low[i] or 0.0), float(high[i] or 0.0), blue)
            end = max(end, float(high[i] or 0.0))
        marker, hollow, _ = signs[i]
        face = {"markerfacecolor": "white", "markeredgecolor": blue, "markeredgewidth": 2.4} if hollow else {}
        axis.points(panel, [value[i]], [middle], blue, marker, markersize=11, **face)
        sheet.say(page, panel.x(end) + 13, panel.top + middle + 5, shown[i], bold=True, ground=True)
    return by_row.finish(page, rows, ticks, False, 0.0, "No change")


def _signed(value: float, decimals: int) -> str:
    text = values.value_words(value, decimals, False)
    return text if value <= 0 or text.strip("0.") == "" else f"+{text}"


ARMS = ("started", "not started")


@sheet.styled
def started_and_not(
    trends: Any, event_study: Any = None, *, x: str = "period", y: str = "value", arm: str = "arm", lower: str | None = "lower",
    upper: str | None = "upper", start: str | None = None, start_words: str = "First start", marks: Sequence[tuple[str, str]] = (),
    unit: str = "", unit_of_change: str = "points", size: Size = "wide",
) -> Figure:  # fmt: skip
    """Those that started beside those that had not, over the periods; under it the change by periods since the start.

    `trends` is one measure of `effects().trends()`; `event_study` the same measure of `.event_study()`: its columns
    periods_since, estimate, lower and upper, before the start about nothing where the two ran alike. `marks`: periods in which more
    places started, each with its words, in place of `start`. The figure's frame is `trends`.
    """
    page = sheet.begin(trends, size)
    positions = sorted(set(values.texts(trends, x)))
    lines = over_time.lines_of(trends, positions, x=x, y=y, series=arm, lower=lower, upper=upper)
    begun = marks or ([(start, start_words)] if start else [])
    names = over_time.told(page, lines, unit)
    panel = over_time.time_panel(
        page, lines, positions, money=values.is_money(y), height=200 if page.phone else 240, right=names.beside,
        marking=([(positions.index(at) - 0.5, words) for at, words in begun if at in positions], []),
    )  # fmt: skip
    names.beside_panel(page, panel)
    axis.periods(page, panel, positions)
    if event_study is not None and values.length(event_study):
        page.top += 14
        _by_lag(page, event_study, panel.left, panel.right, unit_of_change)
    return sheet.end(page)


def _by_lag(page: sheet.Sheet, frame: Any, left: float, right: float, unit: str) -> None:
    """Estimates by periods since the start, nothing marked, those before it open."""
    values.once(frame, "periods_since")
    sheet.heading(page, f"Change beside those not yet started, {unit}, by periods since the start")
    lags = [int(one) for one in values.known(values.numbers(frame, "periods_since"))]
    order = list(range(min(lags), max(lags) + 1))
    value, low, high = (
        dict(zip(lags, values.numbers(frame, one), strict=True)) for one in ("estimate", "lower", "upper")
    )
    ticks = values.ticks([*values.known(value.values(), low.values(), high.values()), 0.0], 4)
    left = max(left, axis.room(ticks, False))
    panel = sheet.add_panel(
        page, left=left, right=page.width - right, height=170 if page.phone else 200,
        across=(order[0] - 0.5, order[-1] + 0.5), up=(ticks[0], ticks[-1]),
    )  # fmt: skip
    axis.up(panel, ticks)
    axis.level(panel, 0.0)
    panel.axes.axvline(-0.5, color=INK, linewidth=1.5, linestyle="--", zorder=1)
    for lag in lags:
        if value[lag] is None:
            continue
        colour = house.colours()[0] if lag >= 0 else SOFT
        if low[lag] is not None and high[lag] is not None:
            panel.axes.vlines([lag], low[lag], high[lag], color=colour, linewidth=1.8)
        face = {} if lag >= 0 else {"markerfacecolor": "white", "markeredgecolor": SOFT, "markeredgewidth": 2}
        axis.points(panel, [lag], [value[lag]], colour, "o", **face)
    every = max(1, -(-len(order) * 26 // int(panel.width)))
    shown = [one for one in order if one % every == 0]
    panel.axes.set_xticks(shown, labels=[f"{one:+d}" if one else "0" for one in shown])
    page.top += 30


@sheet.styled
def waterfall(
    frame: Any, *, x: str = "line", y: str = "real_pence", total: str | None = "total", decimals: int | None = None, unit: str = "",
    size: Size = "wide",
) -> Figure:  # fmt: skip
    """A sum told in steps, from the whole to what is left: each row adds or takes away; a row whose `total` is true stands
    from zero. The first row always does.
    """
    page = sheet.begin(frame, size)
    values.once(frame, x)
    money = values.is_money(y)
    value, names = values.numbers(frame, y), values.texts(frame, x)
    stands = (
        [str(one) in ("True", "yes") for one in values.cells(frame, total)]
        if total and total in frame
        else [False] * len(names)
    )
    decimals = values.decimals_of(values.known(value)) if decimals is None else decimals
    spans: list[tuple[float, float]] = []
    level = 0.0
    for i, one in enumerate(value):
        step = one or 0.0
        whole = i == 0 or stands[i]
        spans.append((0.0, step) if whole and one is not None else (level, level + step))
        level = spans[-1][1]
    sheet.heading(page, unit)
    ticks = values.ticks([end for span in spans for end in span], 3 if page.phone else 5, zero=True)
    missing = values.instead(frame, y)
    shown = [values.value_words(one, decimals, money) if one is not None else missing[i] for i, one in enumerate(value)]
    right = max((house.width(one, bold=True) for one in shown), default=0) + 18
    rows = by_row.lay_out(page, names, [by_row.THICK] * len(names), ticks, right=right, money=money)
    panel = rows.panel
    blue, _, _, orange = house.colours()[:4]
    panel.axes.axvline(0, color=INK, linewidth=1.2, zorder=2.2)
    for i, ((begins, ends), first) in enumerate(zip(spans, rows.first, strict=True)):
        middle = first + by_row.THICK / 2
        whole = i == 0 or stands[i]
        looks = (
            {"facecolor": blue, "edgecolor": blue}
            if whole
            else {"facecolor": "white", "edgecolor": orange if ends < begins else blue, "hatch": "//"}
        )
        panel.axes.barh(middle, ends - begins, left=begins, height=16, linewidth=1.5, zorder=1.5, **looks)
        if i + 1 < len(spans):
            panel.axes.vlines([ends], middle, rows.first[i + 1] + by_row.THICK / 2, color=SOFT, linewidth=1, zorder=1)
        sheet.say(page, panel.x(max(begins, ends)) + 7, panel.top + middle + 5, shown[i], bold=True, ground=True)
    return by_row.finish(page, rows, ticks, money)
