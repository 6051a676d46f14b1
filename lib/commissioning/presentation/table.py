"""Tables: caption, scoped headers, numbers to the right, a download that equals them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from commissioning.presentation import columns, display, grid, take_away
from commissioning.presentation.display import Context, Display, Kind


class Table(Display):
    """A table of things that may be shown.

    `data` is a Released, PublicFigures, EffectSummary, Text or Computed. `columns` maps each column to its
    label (or to a Column with its rounding). `measures` are ids of the definitions it leads to,
    `sources` the extracts. `caption` says what the table holds; `declared` lists numbers in the caption
    that are bounds and not data. Raises NotReleased for a bare frame, ValueError for a broken rule.
    """

    kind = "table"

    def __init__(
        self,
        data: object,
        *,
        title: str,
        caption: str,
        source: str,
        columns: Any = None,
        measures: tuple[str, ...] = (),
        sources: tuple[str, ...] = (),
        keys: int = 1,
        declared: tuple[float | int | str, ...] = (),
        id: str | None = None,
    ):
        record = display.base_record(data, id=id or f"table-{title}", title=title, columns_=columns, sources=sources)
        super().__init__(
            record
            | {
                "caption": caption,
                "source": source,
                "measures": list(measures),
                "keys": keys,
                "numbers": {"declared": list(declared)},
            }
        )


def _problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record) + display.lead_problems(record)
    if not str(record.get("caption", "")).strip():
        found.append("it has no caption")
    if not str(record.get("source", "")).strip():
        found.append("it has no source")
    if not record["data"]["columns"]:
        found.append("it has no columns")
    return found + display.text_problems(record, "caption")


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    name = display.label(context, "Table")
    data = record["data"]
    ends = "" if record["title"].endswith(("?", "!", ".")) else "."
    words = f"{name}: {record['title']}{ends} {record['caption']}"
    return (
        f'<div class="tablebox" id="{record["id"]}" data-kind="table">'
        f"{_orders(record, words) if context.in_page else _one(record, data, words)}"
        f'<p class="source">Source: {esc(record["source"])}</p>{display.leads(record, context)}'
        f"{take_away.line(record, context, name.lower() if context.label else record['title'])}</div>"
    )


def _one(record: Mapping[str, Any], data: Mapping[str, Any], words: str, again: str = "") -> str:
    return grid.table_html(data, words, f"{record['id']}-data{again}", record["keys"])


def _orders(record: Mapping[str, Any], words: str) -> str:
    """A table in its own order, and, where that is useful, by its value: a reader chooses, without a script."""
    data, name = record["data"], html.escape(record["id"])
    place = grid.worth_ordering(data, record["keys"])
    if place is None:
        return _one(record, data, words)
    label = html.escape(data["columns"][place]["label"])
    sorted_ = {**data, "rows": sorted(data["rows"], key=lambda row: (isinstance(row[place], str), _down(row[place])))}
    return (
        f'<div class="ordered"><fieldset class="orders"><legend>Order</legend>'
        f'<label><input type="radio" name="order-{name}" checked>as listed</label>'
        f'<label><input class="by-2" type="radio" name="order-{name}">{label}, highest first</label></fieldset>'
        f'<div class="order-1">{_one(record, data, words)}</div>'
        f'<div class="order-2">{_one(record, sorted_, f"{words} Highest first by {label}.", grid.AGAIN)}</div></div>'
    )


def _down(cell: Any) -> Any:
    return 0 if isinstance(cell, str) else -cell


def _plain(record: Mapping[str, Any]) -> str:
    return f"Table: {record['title']}\n{columns.to_csv(record['data'])}"


display.register("table", Kind(problems=_problems, html=_html, plain=_plain))
