"""Tables: caption, scoped headers, numbers to the right, a download that equals them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from commissioning.presentation import columns, display, take_away
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
        f"{columns.table_html(data, words, record['id'] + '-data', record['keys'])}"
        f'<p class="source">Source: {esc(record["source"])}</p>{display.leads(record, context)}'
        f"{take_away.line(record, context, name.lower() if context.label else record['title'])}</div>"
    )


def _plain(record: Mapping[str, Any]) -> str:
    return f"Table: {record['title']}\n{columns.to_csv(record['data'])}"


display.register("table", Kind(problems=_problems, html=_html, plain=_plain))
