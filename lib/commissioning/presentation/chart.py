"""Charts on a page, each drawn by `commissioning.charts` (wide, phone) from the table that stands beside it.

    Chart.line(released.select(measure="…"), x="period", y="value", lower="lower", upper="upper",
               title="…", alt="…", caption="…", source="…", unit="% of people", measures=("…",))

Every kind takes the same words: `title` (what it shows), `alt` (a sentence for those who do not
see it), `caption`, `source`, `unit`, and `measures` or `sources` (where its definition is found).
"""

from __future__ import annotations

import base64
import html
import inspect
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from commissioning.presentation import columns, display, take_away
from commissioning.presentation.display import Context, Display, Kind

MOST_CATEGORIES = 4
SIGNALS = ("outside", "shift", "trend", "two_in_three")
# Each kind's function in `commissioning.charts`; a theory of change is words, and stands in the page as words.
_DRAWN_BY = {
    "line": "over_time",
    "control": "control",
    "bars": "bars",
    "dots": "dots",
    "stability": "places",
    "theory": "",
    "funnel": "funnel",
    "plane": "plane",
    "outcomes_and_spend": "outcomes_and_spend",
    "started_and_not": "started_and_not",
    "effects": "effects",
    "spend_against_outcome": "spend_against_outcome",
    "small_multiples": "small_multiples",
    "tiles": "tiles",
    "slopes": "slopes",
    "waterfall": "waterfall",
    "hundred_people": "hundred_people",
}
_OPTIONS = {"mark": "start", "mark_label": "start_words", "target_label": "target_words", "zero": "from_zero"}
SINCE = "since"
"""The part of a chart of places that started which holds the change by years since the start; its other rows hold levels by year."""


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
        if chart not in _DRAWN_BY:
            raise ValueError(f"there is no chart of kind {chart!r}; there are {', '.join(_DRAWN_BY)}")
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
        return drawing(self.record, phone)

    def figure(self, phone: bool = False) -> Any:
        """The matplotlib figure. Raises ValueError of a theory of change, which is words."""
        if not _DRAWN_BY[self.record["chart"]]:
            raise ValueError("a theory of change is words, not a figure")
        return figure_of(self.record, phone)

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


def figure_of(record: Mapping[str, Any], phone: bool = False) -> Any:
    """The figure of a record: its columns by the parts they play, as rounded as its table shows them."""
    from commissioning import charts  # a page without a chart loads no matplotlib

    data, names, frame = record["data"], {}, {}
    for role, place in record["roles"].items():
        names[role] = f"{role}_pence" if data["columns"][place]["kind"] == "pence" else role
        frame[names[role]] = [row[place] for row in data["rows"]]
    draw = getattr(charts, _DRAWN_BY[record["chart"]])
    takes = inspect.signature(draw).parameters
    given = {_OPTIONS.get(name, name): value for name, value in record["options"].items()}
    given |= {role: names.get(role) for role in ("lower", "upper", "series") if role in takes}
    given |= {role: name for role, name in names.items() if role in takes}
    if "decimals" in takes and "y" in names:
        given["decimals"] = data["columns"][record["roles"]["y"]]["decimals"]
    if "unit" in takes:
        given["unit"] = record.get("unit", "")
    parts = _by_since(frame) if SINCE in record["roles"] else (frame,)
    size = "half" if record.get("half") else "phone" if phone else "wide"
    return draw(*parts, size=size, **given)


def _by_since(frame: Mapping[str, list[Any]]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The levels by year, and the changes by years since the start, which one table holds."""
    since = [str(one).strip() not in ("", "not known") for one in frame[SINCE]]
    levels = {name: [one for one, late in zip(cells, since, strict=True) if not late] for name, cells in frame.items()}
    held = {name: [one for one, late in zip(cells, since, strict=True) if late] for name, cells in frame.items()}
    changes = {"periods_since": [int(one) for one in held[SINCE]], "estimate": held["y"]}
    return levels, {**changes, "lower": held["lower"], "upper": held["upper"]}


@lru_cache(maxsize=128)
def _svg(record: str, phone: bool) -> str:
    from commissioning import charts

    one = json.loads(record)
    return charts.svg_of(figure_of(one, phone), alt=one["alt"], title=one["title"])


def drawing(record: Mapping[str, Any], phone: bool) -> str:
    """A record's chart as SVG, drawn once however often a page is checked; "" of a theory of change."""
    if not _DRAWN_BY[record["chart"]]:
        return ""
    parts = {name: record.get(name) for name in ("chart", "roles", "options", "unit", "data", "title", "alt", "half")}
    return _svg(json.dumps(parts, sort_keys=True), phone)


def as_link(svg: str) -> str:
    """A picture as a link that holds it, so that the page asks for nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _picture(record: Mapping[str, Any], in_page: bool) -> str:
    """The drawing with its alternative text; a phone's, too, on a page."""
    esc = html.escape
    if record["chart"] == "theory":
        return _theory(record)
    alt = esc(record["alt"])
    wide = drawing(record, False)
    size = wide[wide.index('width="') : wide.index(" viewBox")]
    if record.get("half"):  # half the width of a page: as on a phone
        return f'<img src="{as_link(drawing(record, True))}" alt="{alt}">'
    # Two pictures, of which one is shown: paper would not choose among the sources of one.
    narrow = ""
    if in_page:
        phone = drawing(record, True)
        kind = "narrow tall" if _height(phone) > TALL else "narrow"
        narrow = f'<img class="{kind}" src="{as_link(phone)}" alt="{alt}">'
    return f'<img src="{as_link(wide)}" alt="{alt}" {size}>{narrow}'


TALL = 1.5
"""A phone's drawing that is higher than this, of its width, is not for paper."""


def _height(svg: str) -> float:
    """How high a drawing is beside its width."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return float(found[2]) / float(found[1]) if found else 1.0


def _theory(record: Mapping[str, Any]) -> str:
    """A theory of change as a list of stages, each with what belongs to it."""
    stages: dict[str, list[str]] = {}
    roles, esc = record["roles"], html.escape
    for row in record["data"]["rows"]:
        stages.setdefault(str(row[roles["x"]]), []).append(str(row[roles["y"]]))
    steps = "".join(
        f"<li><strong>{esc(stage)}</strong><ul>{''.join(f'<li>{esc(one)}</li>' for one in said)}</ul></li>"
        for stage, said in stages.items()
    )
    return f'<ol class="theory" aria-label="{esc(record["alt"])}">{steps}</ol>'


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    name = display.label(context, "Figure")
    anchor = record["id"]
    subtitle = f'<span class="subtitle">{esc(record["subtitle"])}</span>' if record.get("subtitle") else ""
    table = columns.table_html(
        record["data"],
        f"Data for {name.lower() if context.label else 'this figure'}: {record['title']}",
        f"{anchor}-data",
    )
    what = name.lower() if context.label else record["title"]
    # A closing block sits outside the picture, so that phones and paper never lose the words.
    return (
        f'<figure class="chart" id="{anchor}" data-kind="chart"><figcaption><strong class="headline">{name}: {esc(record["title"])}</strong>'
        f'{subtitle}<span class="caption">{esc(record["caption"])}</span></figcaption>{_picture(record, context.in_page)}'
        f'<p class="source">Source: {esc(record["source"])}</p>{display.leads(record, context)}'
        f'<details class="data"><summary>Show the data for {esc(what)} as a table</summary>{table}</details>'
        f"{take_away.line(record, context, what)}</figure>"
    )


display.register(
    "chart",
    Kind(problems=_problems, html=_html, plain=lambda r: f"Figure: {r['title']}. {r['alt']}"),
)
