"""A picture drawn by matplotlib, as a page holds it: with its caption, its data as a table, and all of it to take away."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from commissioning.presentation import columns, display, drawing, grid, take_away
from commissioning.presentation.display import Context, Display, Kind

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
DRAWN = frozenset(
    ["svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "use", "clipPath", "image", "title", "desc", "style", "pattern", "linearGradient", "stop"]
)  # fmt: skip
MOST = 2_000_000  # letters of one picture
_ALLOWED_LINK = re.compile(r"#[\w.-]+|data:image/png;base64,[A-Za-z0-9+/=\s]+")


class Picture(Display):
    """A figure of matplotlib, drawn already, with the frame that it was drawn from.

    `svg` and `png` are the drawing; `data`, `columns`, `measures`, `sources` and `declared` are as of a Table; `says` the words that
    were written into it by hand, whose numbers must be in the data. Raises NotReleased for a bare frame, ValueError for a missing
    alternative text, caption or source, for a number that its data do not hold, and for a drawing that asks for anything.
    """

    kind = "picture"

    def __init__(
        self,
        data: object,
        *,
        svg: str,
        png: bytes,
        title: str,
        alt: str,
        caption: str,
        source: str,
        columns: Any = None,
        measures: tuple[str, ...] = (),
        sources: tuple[str, ...] = (),
        declared: tuple[float | int | str, ...] = (),
        says: tuple[str, ...] = (),
        id: str | None = None,
    ):
        record = display.base_record(data, id=id or f"figure-{title}", title=title, columns_=columns, sources=sources)
        super().__init__(
            record
            | {
                "svg": svg,
                "png": base64.b64encode(png).decode("ascii"),
                "alt": " ".join(str(alt or "").split()),
                "caption": caption,
                "source": source,
                "measures": list(measures),
                "says": " ".join(says),
                "numbers": {"declared": list(declared)},
            }
        )


def _problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record) + display.alt_problems(record) + display.lead_problems(record)
    for name in ("caption", "source"):
        if not str(record.get(name, "")).strip():
            found.append(f"it has no {name}")
    data = record.get("data")
    if not data or not data.get("columns") or not data["rows"]:
        return [*found, "it has no data table: give the frame that it was drawn from as `data=`"]
    return found + _drawing_problems(str(record["svg"])) + display.text_problems(record, "alt", "caption", "says")


def _drawing_problems(svg: str) -> list[str]:
    """What a drawing holds besides lines and words: anything that runs, or that is fetched."""
    if len(svg) > MOST:
        return [f"its drawing is too large ({len(svg):,} letters, and {MOST:,} are the most): draw fewer points"]
    if "<!DOCTYPE" in svg or "<!ENTITY" in svg:
        return ["its drawing holds a document type, which no drawing of matplotlib here does"]
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return ["its drawing is no SVG"]
    for one in root.iter():
        name = str(one.tag).removeprefix(SVG)
        if name not in DRAWN or any(key.lower().startswith("on") for key in one.attrib):
            return [f"its drawing holds <{name}>, which is neither a line nor a word"]
        links = [one.attrib[key] for key in (XLINK, "href") if key in one.attrib]
        if any(not _ALLOWED_LINK.fullmatch(link) for link in links):
            return ["its drawing asks for something outside itself"]
    return []


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    name, anchor = display.label(context, "Figure"), record["id"]
    what = name.lower() if context.label else record["title"]
    svg = "data:image/svg+xml;base64," + base64.b64encode(record["svg"].encode("utf-8")).decode("ascii")
    table = grid.table_html(
        record["data"],
        f"Data for {name.lower() if context.label else 'this figure'}: {record['title']}",
        f"{anchor}-data",
    )
    return (
        f'<figure class="chart" id="{anchor}" data-kind="picture"><figcaption><strong class="headline">{name}: {esc(record["title"])}'
        f'</strong><span class="caption">{esc(record["caption"])}</span></figcaption>'
        f'<img{drawing.shape(record["svg"])} src="{svg}" alt="{esc(record["alt"])}">'
        f'<p class="source">Source: {esc(record["source"])}</p>{display.leads(record, context)}'
        f'<details class="data"><summary>Show the data for {esc(what)} as a table</summary>{table}</details>'
        f"{take_away.line(record, context, what)}</figure>"
    )


display.register(
    "picture",
    Kind(
        problems=_problems,
        html=_html,
        plain=lambda r: f"Figure: {r['title']}. {r['alt']}\n{columns.to_csv(r['data'])}",
    ),
)
