"""A frame as a page holds it: columns with words, cells rounded once, the same in table, chart and CSV.

Rounding happens here and nowhere else, so that a chart's coordinates, its table and its
download can never disagree, and nothing finer than the table can be read off a picture.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

from commissioning.presentation import words
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
    """How one column is shown. `decimals` is the declared rounding; pence are shown in pounds, and without it
    in pounds and pence where any of them has pence.

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
            decimals = _pence(frame[column.name]) if kind == "pence" else 0 if _whole(frame[column.name]) else 1
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


def _pence(series: pd.Series) -> int:
    """Two decimals, and none in a column of whole pounds: ".00" of a rounded sum would promise more than is known."""
    return (
        0
        if all(
            int(float(cell)) % 100 == 0
            for cell in series
            if isinstance(cell, (Real, Decimal)) and not words.missing(cell)
        )
        else 2
    )


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
        return words.number(Decimal(int(cell)) / 100, column["decimals"])
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
