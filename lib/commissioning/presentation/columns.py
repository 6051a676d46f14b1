"""A frame as a page holds it: columns with words, cells rounded once, the same in table, chart and CSV.

Rounding happens here and nowhere else, so that a chart's coordinates, its table and its
download can never disagree, and nothing finer than the table can be read off a picture.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

from commissioning.presentation import words
from commissioning.presentation.text_width import text_width
from commissioning.spreadsheet import inert

if TYPE_CHECKING:  # a page is drawn from a finished notebook in a process that never loads pandas
    import pandas as pd

Kind = Literal["text", "number", "pence"]

_LABELS = {
    "period": "Period",
    "year": "Year",
    "group": "Group",
    "area": "Area",
    "measure": "Measure",
    "numerator": "Number",
    "denominator": "Out of",
    "value": "Value",
    "lower": "Lower limit",
    "upper": "Upper limit",
    "centre": "Average",
}
_NOT_SHOWN = {
    "hidden",
    "why_hidden",
    "public",
    "status",
    "pilot",
    "area",
    "group_kind",
    "kind",
    "adds_up",
    "gaps_add_up",
    "within",
    "rounded",
    "year_is_sum",
    "denominator_hidden",
    "unknown_hidden",
    "not_applicable_hidden",
    "source_file",
    "source_row",
}
_HIDEABLE = {"number", "numerator", "denominator", "value", "lower", "upper", "cost_each_pence"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """How one column is shown. `decimals` is the declared rounding; pence are shown in pounds and pence.

    `missing` are the words for a number that is missing for a reason of this column's own, such as "not agreed". `own`: it is worked
    out by whoever shows it, so a number in its words is no evidence of another.
    """

    name: str
    label: str
    kind: Kind | None = None
    decimals: int | None = None
    missing: str = ""
    own: bool = False


def payload(
    frame: pd.DataFrame,
    columns: Mapping[str, str | Column] | Sequence[str | Column] | None = None,
    keep: Sequence[str] = (),
) -> dict[str, Any]:
    """`{"columns": [...], "rows": [...]}`: the frame rounded, in JSON's own types.

    A missing number becomes words: what `why_hidden` or `status` says, else what the column says of a missing one, else
    "not told" where the row's column `withheld` says why, else "not known"; never zero.
    `keep` names columns to show even where no row has a value. Raises ValueError for a column that is not in the frame.
    """
    chosen = _columns(frame, columns, keep)
    built, cells = [], []
    for column in chosen:
        kind = column.kind or _kind(frame[column.name], column.name)
        decimals = column.decimals
        if decimals is None:
            decimals = 2 if kind == "pence" else 0 if _whole(frame[column.name]) else 1
        own = {"own": True} if column.own else {}
        built.append({"name": column.name, "label": column.label, "kind": kind, "decimals": decimals, **own})
        cells.append(_cells(frame, column, kind, decimals))
    if len({column["label"] for column in built}) < len(built):
        raise ValueError("two columns of a table have the same label: give each its own")
    return {"columns": built, "rows": [list(row) for row in zip(*cells, strict=True)] if cells else []}


def _columns(
    frame: pd.DataFrame, columns: Mapping[str, str | Column] | Sequence[str | Column] | None, keep: Sequence[str]
) -> list[Column]:
    if columns is None:
        names: list[Any] = [name for name in frame.columns if str(name) not in _NOT_SHOWN]
        # A column in which no row says anything is left out of a table that was not asked for it; but a
        # figure that is hidden in every row is shown as hidden.
        always = {"numerator", "denominator", "value", *keep}
        names = [name for name in names if name in always or not all(words.missing(cell) for cell in frame[name])]
        wanted: list[tuple[str, Any]] = [(str(name), None) for name in names]
    elif isinstance(columns, Mapping):
        wanted = [(str(name), label) for name, label in columns.items()]
    else:
        wanted = [(item.name, item) if isinstance(item, Column) else (str(item), None) for item in columns]
    found = []
    for name, label in wanted:
        if name not in frame.columns:
            raise ValueError(f"there is no column {name!r} to show; there are {', '.join(map(str, frame.columns))}")
        if isinstance(label, Column):
            found.append(label)
        else:
            found.append(Column(name=name, label=label or _label(name)))
    return found


def _label(name: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    if name.endswith("_pence"):
        return name.removesuffix("_pence").replace("_", " ").capitalize() + " (£)"
    return name.replace("_", " ").capitalize()


def _kind(series: pd.Series, name: str) -> Kind:
    import pandas as pd

    if pd.api.types.is_bool_dtype(series):
        return "text"
    if name.endswith("_pence"):
        return "pence"
    if pd.api.types.is_numeric_dtype(series):
        return "number"
    filled = [cell for cell in series if not words.missing(cell)]
    if filled and all(isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool) for cell in filled):
        return "number"
    return "text"


def _whole(series: pd.Series) -> bool:
    return all(
        float(cell) == int(float(cell))
        for cell in series
        if isinstance(cell, (Real, Decimal)) and not words.missing(cell)
    )


def _cells(frame: pd.DataFrame, column: Column, kind: Kind, decimals: int) -> list[Any]:
    cells: list[Any] = []
    said = _reasons(frame, column.name) if kind == "text" else instead(frame, column)
    for cell, reason in zip(frame[column.name], said, strict=True):
        if words.missing(cell):
            cells.append(reason)
        elif kind == "text":
            cells.append(("yes" if cell else "no") if isinstance(cell, bool) else str(cell))
        elif isinstance(cell, str):
            cells.append(cell)
        elif kind == "pence":
            cells.append(int(cell))
        else:
            value = words.rounded(Decimal(str(cell)), decimals)
            cells.append(int(value) if decimals == 0 else float(value))
    return cells


def instead(frame: pd.DataFrame, column: Column) -> list[str]:
    """What stands in each row of a column where its number is missing."""
    withheld = frame["withheld"] if "withheld" in frame.columns else [""] * len(frame)
    return [
        reason or column.missing or ("not told" if not words.missing(why) and str(why).strip() else "not known")
        for reason, why in zip(_reasons(frame, column.name), withheld, strict=True)
    ]


def _reasons(frame: pd.DataFrame, name: str) -> list[str]:
    """What each row says of a missing number (suppressed, unknown and not applicable stay apart); else nothing."""
    reasons = [""] * len(frame)
    for status in (f"{name}_status", "status"):
        if status in frame.columns:
            reasons = [
                str(cell) if not words.missing(cell) and str(cell) not in ("known", "") else old
                for cell, old in zip(frame[status], reasons, strict=True)
            ]
            break
    flag = f"{name}_hidden" if f"{name}_hidden" in frame.columns else "hidden"
    if (name in _HIDEABLE or flag != "hidden") and flag in frame.columns:
        whys = frame["why_hidden"] if "why_hidden" in frame.columns else [""] * len(frame)
        reasons = [
            (f"hidden: {why}" if not words.missing(why) and str(why).strip() else "hidden")
            if bool(hidden) is True
            else old
            for hidden, why, old in zip(frame[flag].fillna(False), whys, reasons, strict=True)
        ]
    return reasons


def shown(cell: Any, column: Mapping[str, Any]) -> str:
    """A cell as the table shows it: commas, the declared decimals, pounds without the sign (it is in the header)."""
    if isinstance(cell, str) or column["kind"] == "text":
        return str(cell)
    if column["kind"] == "pence":
        return words.money(int(cell)).replace("£", "").replace("−", "-")
    return words.number(cell, column["decimals"])


def values(data: Mapping[str, Any]) -> list[Decimal]:
    """Every number in a payload, in pounds where it is money."""
    found = []
    for row in data["rows"]:
        for cell, column in zip(row, data["columns"], strict=True):
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                size = Decimal(str(cell))
                found.append(size / 100 if column["kind"] == "pence" else size)
    return found


def texts(data: Mapping[str, Any]) -> list[str]:
    """Every piece of text in a payload that may be evidence: labels and text cells, save of columns worked out by whoever shows it."""
    found = [column["label"] for column in data["columns"] if not column.get("own")]
    return found + [
        cell
        for row in data["rows"]
        for cell, column in zip(row, data["columns"], strict=True)
        if isinstance(cell, str) and not column.get("own")
    ]


def to_csv(data: Mapping[str, Any]) -> str:
    """The payload as CSV text: one header line, plain numbers at the declared rounding, text made inert."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([str(inert(column["label"])) for column in data["columns"]])
    for row in data["rows"]:
        cells = []
        for cell, column in zip(row, data["columns"], strict=True):
            if isinstance(cell, str) or column["kind"] == "text":
                cells.append(str(inert(str(cell))))
            else:
                cells.append(shown(cell, column).replace(",", ""))
        writer.writerow(cells)
    return out.getvalue()


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
    return (
        f'{cue}<div class="scroll{turned}" role="region" aria-labelledby="{table_id}-caption" tabindex="0"><table id="{table_id}">'
        f'<caption id="{table_id}-caption"><span>{html.escape(caption)}</span></caption>'
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
