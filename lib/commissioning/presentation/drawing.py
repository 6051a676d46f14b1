"""A chart's record as a drawing: the figure of matplotlib, its SVG, and the pictures that stand in a page."""

from __future__ import annotations

import base64
import html
import inspect
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Each kind's function in `commissioning.charts`; a theory of change is words, and stands in the page as words.
DRAWN_BY = {
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


def figure_of(record: Mapping[str, Any], phone: bool = False) -> Any:
    """The figure of a record: its columns by the parts they play, as rounded as its table shows them."""
    from commissioning import charts  # a page without a chart loads no matplotlib

    data, names, frame = record["data"], {}, {}
    for role, place in record["roles"].items():
        names[role] = f"{role}_pence" if data["columns"][place]["kind"] == "pence" else role
        frame[names[role]] = [row[place] for row in data["rows"]]
    draw = getattr(charts, DRAWN_BY[record["chart"]])
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
    if not DRAWN_BY[record["chart"]]:
        return ""
    parts = {name: record.get(name) for name in ("chart", "roles", "options", "unit", "data", "title", "alt", "half")}
    return _svg(json.dumps(parts, sort_keys=True), phone)


def as_link(svg: str) -> str:
    """A picture as a link that holds it, so that the page asks for nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def picture(record: Mapping[str, Any], in_page: bool) -> str:
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
    return f'<img{shape(wide)} src="{as_link(wide)}" alt="{alt}" {size}>{narrow}'


TALL = 1.5
"""A phone's drawing that is higher than this, of its width, is not for paper."""


HIGH = 0.66
"""A wide drawing that is higher than this, of its width, keeps its width on paper, with its words beside it: else nobody could read it."""


def shape(svg: str) -> str:
    """How a picture is marked whose drawing is high."""
    return ' class="high"' if _height(svg) > HIGH else ""


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
