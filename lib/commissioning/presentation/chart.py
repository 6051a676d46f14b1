"""Charts on a page, each drawn by `commissioning.charts` (wide, phone) from the table that stands beside it.

    Chart.line(released.select(measure="…"), x="period", y="value", lower="lower", upper="upper",
               title="…", alt="…", caption="…", source="…", unit="% of people", measures=("…",))

Every kind takes the same words: `title` (what it shows), `alt` (a sentence for those who do not
see it), `caption`, `source`, `unit`, and `measures` or `sources` (where its definition is found).
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from commissioning.presentation import display, drawing, grid, take_away
from commissioning.presentation.display import Context, Display, Kind

MOST_CATEGORIES = 4
SIGNALS = ("outside", "shift", "trend", "two_in_three")


class Chart(Display):
    """A chart of things that may be shown. Use the constructors by kind: `Chart.line`, `Chart.bars`, ….

    `data` is a Released, PublicFigures, EffectSummary, Text or Computed. Raises NotReleased for anything
    else, and ValueError, in a plain sentence, for a missing alternative text, caption or source, more than
    four categories, or a number in the words that is not in the data (or `declared` as a bound).
    """

    kind = "chart"

    @classmethod
    def of(
        cls, data: object, chart: str, *, options: Mapping[str, Any] | None = None, roles: Any = (), **words: Any
    ) -> Chart:
        """A chart by the name of its function in `commissioning.charts`; `roles`: its parameters that name columns → the columns,
        or those that have the parameter's own name."""
        named = dict(roles) if isinstance(roles, Mapping) else {one: one for one in roles}
        return cls(data, chart=chart, roles=named, options=options, **words)

    def __init__(
        self,
        data: object,
        *,
        chart: str,
        roles: Mapping[str, str | None],
        title: str,
        alt: str,
        caption: str,
        source: str,
        unit: str = "",
        subtitle: str = "",
        columns: Any = None,
        measures: tuple[str, ...] = (),
        sources: tuple[str, ...] = (),
        declared: tuple[float | int | str, ...] = (),
        options: Mapping[str, Any] | None = None,
        id: str | None = None,
    ):
        if chart not in drawing.DRAWN_BY:
            raise ValueError(f"there is no chart of kind {chart!r}; there are {', '.join(drawing.DRAWN_BY)}")
        record = display.base_record(
            data,
            id=id or f"figure-{title}",
            title=title,
            columns_=columns,
            sources=sources,
            keep=tuple(filter(None, roles.values())),
        )
        names = [column["name"] for column in record["data"]["columns"]]
        places = {}
        for role, name in roles.items():
            if name is None:
                continue
            if name not in names:
                raise ValueError(f"chart {title!r}: {role} is the column {name!r}, which its table does not show")
            places[role] = names.index(name)
        chosen = {key: value for key, value in (options or {}).items() if value is not None}
        super().__init__(
            record
            | {
                "chart": chart,
                "subtitle": subtitle,
                "alt": " ".join(str(alt or "").split()),
                "caption": caption,
                "source": source,
                "unit": unit,
                "measures": list(measures),
                "roles": places,
                "options": chosen,
                "numbers": {"declared": [*declared, *(chosen[k] for k in ("target", "centre") if k in chosen)]},
            }
        )

    def svg(self, phone: bool = False) -> str:
        """The drawing itself, wide or for a phone; "" of a theory of change, which is words."""
        return drawing.drawing(self.record, phone)

    def figure(self, phone: bool = False) -> Any:
        """The matplotlib figure. Raises ValueError of a theory of change, which is words."""
        if not drawing.DRAWN_BY[self.record["chart"]]:
            raise ValueError("a theory of change is words, not a figure")
        return drawing.figure_of(self.record, phone)

    @classmethod
    def line(
        cls,
        data: object,
        *,
        x: str = "period",
        y: str = "value",
        series: str | None = None,
        lower: str | None = None,
        upper: str | None = None,
        mark: str | None = None,
        mark_label: str | None = None,
        target: float | None = None,
        target_label: str | None = None,
        zero: bool = False,
        margin: float | None = None,
        **words: Any,
    ) -> Chart:
        """A line over time for up to four series, whiskers for the interval, `mark` the period something began.

        `margin` is the least room for the scale's labels, in pixels: charts of one margin and the same periods are aligned.
        """
        options = {
            "mark": mark,
            "mark_label": mark_label,
            "target": target,
            "target_label": target_label,
            "zero": zero or None,
            "margin": margin,
        }
        roles = {"x": x, "y": y, "series": series, "lower": lower, "upper": upper}
        return cls(data, chart="line", roles=roles, options=options, **words)

    @classmethod
    def bars(
        cls,
        data: object,
        *,
        x: str = "group",
        y: str = "value",
        series: str | None = None,
        lower: str | None = None,
        upper: str | None = None,
        target: float | None = None,
        target_label: str | None = None,
        **words: Any,
    ) -> Chart:
        """Bars from zero, one for each row of `x`, with whiskers for the interval."""
        roles = {"x": x, "y": y, "series": series, "lower": lower, "upper": upper}
        return cls(data, chart="bars", roles=roles, options={"target": target, "target_label": target_label}, **words)

    @classmethod
    def dots(
        cls,
        data: object,
        *,
        x: str = "group",
        y: str = "value",
        series: str | None = None,
        lower: str | None = None,
        upper: str | None = None,
        target: float | None = None,
        target_label: str | None = None,
        **words: Any,
    ) -> Chart:
        """A comparison by dots: one row for each `x`, a point with its interval for each of up to four series."""
        roles = {"x": x, "y": y, "series": series, "lower": lower, "upper": upper}
        return cls(data, chart="dots", roles=roles, options={"target": target, "target_label": target_label}, **words)

    @classmethod
    def control(
        cls,
        data: object,
        *,
        x: str = "period",
        y: str = "value",
        centre: str = "centre",
        lower: str = "lower",
        upper: str = "upper",
        improvement: str = "neutral",
        target: float | None = None,
        target_label: str | None = None,
        start: str | None = None,
        breaks: tuple[str, ...] = (),
        **words: Any,
    ) -> Chart:
        """A control chart; signals are the columns outside, shift, trend and two_in_three where the data hold them.

        `start` and `breaks` are periods at which the pilot started and counting changed: each is marked with its words.
        """
        from commissioning.presentation.showable import frame_of

        held = set(frame_of(data)[0].columns)
        roles = {"x": x, "y": y, "centre": centre, "lower": lower, "upper": upper}
        roles |= {rule: rule for rule in SIGNALS if rule in held}
        options = {"improvement": improvement, "target": target, "start": start, "breaks": list(breaks) or None}
        options |= {"target_label": target_label if target is not None else None}
        return cls(data, chart="control", roles=roles, options=options, **words)

    @classmethod
    def funnel(
        cls,
        data: object,
        *,
        x: str = "denominator",
        y: str = "value",
        name: str = "group",
        lower_95: str | None = None,
        upper_95: str | None = None,
        lower_998: str | None = None,
        upper_998: str | None = None,
        flag: str | None = None,
        centre: float | None = None,
        x_label: str = "",
        **words: Any,
    ) -> Chart:
        """Each unit's value against its size, with limits of chance; units whose `flag` is set are named."""
        roles = {
            "x": x,
            "y": y,
            "name": name,
            "flag": flag,
            "lower_95": lower_95,
            "upper_95": upper_95,
            "lower_998": lower_998,
            "upper_998": upper_998,
        }
        return cls(data, chart="funnel", roles=roles, options={"centre": centre, "x_label": x_label}, **words)

    @classmethod
    def plane(
        cls,
        data: object,
        *,
        x: str,
        y: str,
        name: str,
        x_lower: str | None = None,
        x_upper: str | None = None,
        lower: str | None = None,
        upper: str | None = None,
        series: str | None = None,
        x_label: str = "",
        **words: Any,
    ) -> Chart:
        """Outcomes up, spend across, each with its range: what was achieved for the money."""
        roles = {
            "x": x,
            "y": y,
            "name": name,
            "x_lower": x_lower,
            "x_upper": x_upper,
            "lower": lower,
            "upper": upper,
            "series": series,
        }
        return cls(data, chart="plane", roles=roles, options={"x_label": x_label}, **words)

    @classmethod
    def theory(cls, data: object, *, stage: str = "stage", says: str = "says", **words: Any) -> Chart:
        """A theory of change: rows of words, each under its stage (inputs, activities, outputs, outcomes)."""
        return cls(data, chart="theory", roles={"x": stage, "y": says}, **words)

    @classmethod
    def stability(
        cls,
        data: object,
        *,
        x: str = "option",
        y: str = "rank",
        lower: str | None = "best",
        upper: str | None = "worst",
        **words: Any,
    ) -> Chart:
        """How far each priority's place moves under other weights; place 1 is first."""
        return cls(data, chart="stability", roles={"x": x, "y": y, "lower": lower, "upper": upper}, **words)


def _problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record) + display.alt_problems(record) + display.lead_problems(record)
    for name in ("caption", "source"):
        if not str(record.get(name, "")).strip():
            found.append(f"it has no {name}")
    data = record.get("data")
    if not data or not data.get("columns"):
        return [*found, "it has no data table"]
    if not data["rows"]:
        found.append("it has no rows to draw; say so with a Note instead")
    place = record["roles"].get("series")
    if place is not None and len({str(row[place]) for row in data["rows"]}) > MOST_CATEGORIES:
        found.append(f"it has more than {MOST_CATEGORIES} categories; draw several charts, or a table")
    return found + display.text_problems(record, "alt", "caption")


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    name = display.label(context, "Figure")
    anchor = record["id"]
    subtitle = f'<span class="subtitle">{esc(record["subtitle"])}</span>' if record.get("subtitle") else ""
    table = grid.table_html(
        record["data"],
        f"Data for {name.lower() if context.label else 'this figure'}: {record['title']}",
        f"{anchor}-data",
    )
    what = name.lower() if context.label else record["title"]
    # A closing block sits outside the picture, so that phones and paper never lose the words.
    return (
        f'<figure class="chart" id="{anchor}" data-kind="chart"><figcaption><strong class="headline">{name}: {esc(record["title"])}</strong>'
        f'{subtitle}<span class="caption">{esc(record["caption"])}</span></figcaption>{drawing.picture(record, context.in_page)}'
        f'<p class="source">Source: {esc(record["source"])}</p>{display.leads(record, context)}'
        f'<details class="data"><summary>Show the data for {esc(what)} as a table</summary>{table}</details>'
        f"{take_away.line(record, context, what)}</figure>"
    )


display.register(
    "chart",
    Kind(problems=_problems, html=_html, plain=lambda r: f"Figure: {r['title']}. {r['alt']}"),
)
