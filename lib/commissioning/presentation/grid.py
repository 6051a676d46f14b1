"""A table as HTML: cards on a phone, scrolling on a small desk, and on paper upright, turned or as lines."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from commissioning.presentation.columns import shown
from commissioning.presentation.text_width import text_width


def table_html(data: Mapping[str, Any], caption: str, table_id: str, keys: int = 1) -> str:
    """An accessible table: caption, scoped headers, numbers right, and a cue where it scrolls.

    `keys` is the number of leading columns that name the row.
    """
    esc = html.escape
    head = "".join(
        f'<th scope="col"{"" if column["kind"] == "text" else " class=num"}>{esc(column["label"])}</th>'
        for column in data["columns"]
    )
    cells_as_shown = [
        [shown(cell, column) for cell, column in zip(row, data["columns"], strict=True)] for row in data["rows"]
    ]
    labels = [column["label"] for column in data["columns"]]
    told = width_needed(labels, cells_as_shown, keys) > PHONE
    body = []
    for row, texts_ in zip(data["rows"], cells_as_shown, strict=True):
        cells = []
        for place, (cell, text, column) in enumerate(zip(row, texts_, data["columns"], strict=True)):
            if place < keys:
                cells.append(row_head(text))
                continue
            if column["kind"] == "text":
                kinds = ["long" if len(text) > LONG_TEXT else "year" if is_period(text) else ""]
            else:
                kinds = ["num word" if isinstance(cell, str) else "num"]
            kinds += ["first"] if told and _is_first(column) else []
            cells.append(data_cell(esc(text), " ".join(filter(None, kinds)), column["label"] if told else ""))
        body.append(f"<tr>{''.join(cells)}</tr>")
    if not body:
        body = [f'<tr><td colspan="{len(data["columns"])}">There are no rows.</td></tr>']
    return boxed(table_id, caption, head, "".join(body), labels, cells_as_shown, keys)


AGAIN = "-again"
"""How the id of a table ends that shows another's rows in another order."""
ROWS_WORTH_ORDERING = 6


def worth_ordering(data: Mapping[str, Any], keys: int) -> int | None:
    """The place of the column by which a table has a second useful order: its value or money, where each row is one thing of many,
    no row a period, and all of one unit. None where there is none."""
    rows = data["rows"]
    names = [tuple(row[:keys]) for row in rows]
    if len(rows) < ROWS_WORTH_ORDERING or len(set(names)) < len(rows):
        return None
    if any(is_period(str(cell)) for row in names for cell in row):
        return None
    units = [place for place, column in enumerate(data["columns"]) if column["name"] == "unit"]
    if any(len({row[place] for row in rows}) > 1 for place in units):
        return None
    for place, column in enumerate(data["columns"]):
        if place >= keys and _is_first(column):
            known = [row[place] for row in rows if not isinstance(row[place], str)]
            return (
                place if len(set(known)) >= ROWS_WORTH_ORDERING - 1 and known != sorted(known, reverse=True) else None
            )
    return None


def data_cell(inner: str, kind: str = "", label: str = "") -> str:
    """A cell of ready-made HTML. `label` names its column where a phone shows each row as a card."""
    mark = f' class="{kind}"' if kind else ""
    said = f' data-label="{html.escape(label)}"' if label else ""
    return f"<td{mark}{said}>{inner}</td>"


def _is_first(column: Mapping[str, Any]) -> bool:
    """True of what a phone shows first of a row: the value, and money."""
    return column["kind"] == "pence" or column["name"] in ("value", "estimate") or "£" in column["label"]


def row_head(text: str, inner: str | None = None) -> str:
    """The cell that names a row; `inner` is its HTML where that is more than the escaped text."""
    kind = "year" if is_period(text) else "head" if len(text) > LONG_HEAD else ""
    mark = f' class="{kind}"' if kind else ""
    shown_ = html.escape(text) if inner is None else inner
    return f'<th scope="row"{mark}>{shown_ or "not recorded"}</th>'


def is_period(text: str) -> bool:
    """True for a year, a quarter or a day, which no line may end within (`.year` in components.css)."""
    return _PERIOD.fullmatch(text) is not None


_NUMBER = re.compile(r"^(Table \d+: )")
"""How a caption begins; paper, which leaves closed tables out, does not count those that are left."""


def boxed(
    table_id: str,
    caption: str,
    head: str,
    body: str,
    labels: Sequence[str],
    rows: Sequence[Sequence[str]],
    keys: int = 1,
) -> str:
    """A table in its box: on a phone each row of a wide one is a card, where a desk scrolls it says so, and what is too wide for
    paper upright is turned, or printed as lines.

    `labels` and `rows` are the words of `head` and `body`, from which the room they need is worked out.
    """
    need, paper = width_needed(labels, rows, keys), paper_needed(labels, rows, keys)
    cue = ""
    if need > _PAGE:
        cue = '<p class="cue" aria-hidden="true">Scroll the table sideways to see every column</p>'
    turned = " cards" if need > PHONE else ""
    if paper > _UPRIGHT:
        turned += " wide" if len(rows) > FEW and paper <= _TURNED else " lines"
    said = _NUMBER.sub(r'<em class="nth">\1</em>', html.escape(caption))
    return (
        f'{cue}<div class="scroll{turned}" role="region" aria-labelledby="{table_id}-caption" tabindex="0"><table id="{table_id}">'
        f'<caption id="{table_id}-caption"><span>{said}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


# The room for a table on a phone of 390 px, and beyond which some desk must scroll it.
PHONE, _PAGE = 358, 660
# The room on A4 between its margins, upright and turned on its side. What is too wide upright is turned where it has many
# rows; else, and where even that is too narrow, each row is printed as a line of words: a side for each would waste paper.
_UPRIGHT, _TURNED, FEW = 688, 1016, 20


_PERIOD = re.compile(r"\d{4}-\d{2}(?:-\d{2}| Q[1-4])?")
LONG_TEXT = 40
"""A cell of more letters than this gets room for a few words a line (`td.long` in components.css)."""
LONG_HEAD = 16
"""The same for the cell that names a row (`th.head`)."""


def width_needed(labels: Sequence[str], rows: Sequence[Sequence[str]], keys: int = 1) -> float:
    """The least width in pixels that a table's longest words need, at 16 px with its padding."""
    return _needed(labels, rows, keys, size=16, head=144, long=160, padding=12)


def paper_needed(labels: Sequence[str], rows: Sequence[Sequence[str]], keys: int = 1) -> float:
    """The same on paper, at 14.7 px (11 point)."""
    return _needed(labels, rows, keys, size=14.7, head=150, long=150, padding=8)


def _needed(
    labels: Sequence[str],
    rows: Sequence[Sequence[str]],
    keys: int,
    *,
    size: float,
    head: float,
    long: float,
    padding: float,
) -> float:
    total = 0.0
    for place, label in enumerate(labels):
        longest = max((text_width(word, size, True) for word in label.split()), default=0.0)
        for row in rows:
            cell = row[place]
            whole = is_period(cell) or not any(letter.isalpha() for letter in cell)
            words_ = [cell] if whole else cell.replace("-", "- ").split()
            longest = max([longest, *(text_width(word, size) for word in words_)])
            if place < keys and not whole and len(cell) > LONG_HEAD:
                longest = max(longest, head)
            elif place >= keys and len(cell) > LONG_TEXT:
                longest = max(longest, long)
        total += longest + padding
    return total
