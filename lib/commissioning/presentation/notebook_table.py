"""What a study shows in JupyterLab before anything stands on a page: text left, numbers right, in the colours of its theme."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from commissioning.presentation import words

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 40
FIRST = 30
# JupyterLab's own rules for tables put every cell to the right, share the room evenly and stripe rows in its theme's colours.
UNDONE = (
    "table{table-layout:auto!important;margin:0!important;border:0!important;font-size:inherit!important;color:inherit!important}"
    "tbody tr,tbody tr:nth-child(odd),tbody tr:hover,thead{background:none!important;border-color:inherit}"
    "th,td,caption{text-align:left!important;max-width:none;color:inherit!important}th.num,td.num{text-align:right!important}"
    ".num:not(.word),.year{white-space:nowrap!important}"
)
QUIET = "border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)!important"
STYLE = (
    "<style>@scope (.cm-frame){:scope{color:inherit;background:none;overflow-x:auto;font-size:13px;line-height:1.4}"
    f"table{{border-collapse:collapse}}th,td{{padding:.2em 1.1em .2em 0!important;vertical-align:top;border:0;{QUIET};white-space:nowrap!important}}"
    "td.long{white-space:normal!important;min-width:16em}th.num,td.num{font-variant-numeric:tabular-nums}p{margin:.3em 0}"
    f"{UNDONE}}}</style>"
)
DEFINED = (
    "<style>@scope (.cm-study){:scope{color:inherit;background:none;font-size:13px;line-height:1.5;max-width:62em}p{margin:0 0 .4em}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em;margin:0}dt{opacity:.75;font-weight:normal}dd{margin:0}"
    "code{color:inherit;background:color-mix(in srgb,currentColor 8%,transparent);padding:0 .25em}}</style>"
)


def plain_html(frame: pd.DataFrame, why: str = "") -> str:
    """A frame as a table, the first and last of many rows; where it is empty, why."""
    import pandas as pd

    if frame.empty:
        said = why or "There are no rows."
        return f'<div class="cm-frame">{STYLE}<p>{html.escape(said)}</p></div>'
    shown = pd.DataFrame(frame)
    if not isinstance(shown.index, pd.RangeIndex):
        named = [name for name in shown.index.names if name is not None]
        shown = shown.reset_index(drop=len(named) < shown.index.nlevels or any(name in shown.columns for name in named))
    cut = len(shown) > MOST_ROWS
    rows = pd.concat([shown.head(FIRST), shown.tail(MOST_ROWS - FIRST)]) if cut else shown
    numeric = [pd.api.types.is_numeric_dtype(shown.iloc[:, place]) and not pd.api.types.is_bool_dtype(shown.iloc[:, place])
               for place in range(shown.shape[1])]  # fmt: skip
    head = "".join(
        f'<th scope="col"{" class=num" if right else ""}>{html.escape(str(name))}</th>'
        for name, right in zip(shown.columns, numeric, strict=True)
    )
    places = [_places(shown.iloc[:, place]) if right else None for place, right in enumerate(numeric)]
    body = "".join(
        f"<tr>{''.join(_cell(cell, decimals) for cell, decimals in zip(row, places, strict=True))}</tr>"
        for row in rows.itertuples(index=False, name=None)
    )
    more = (
        f"<p>{len(shown):,} rows, of which the first {FIRST} and the last {MOST_ROWS - FIRST} are shown</p>"
        if cut
        else ""
    )
    return (
        f'<div class="cm-frame">{STYLE}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</div>'
    )


def _places(column: pd.Series) -> int:
    """How many decimals a column is shown with: none where all are whole, three where all are below one."""
    known = column.dropna().astype(float)
    if known.eq(known.round()).all():
        return 0
    return 1 if known.abs().max() >= 1 else 3


def _cell(cell: Any, decimals: int | None) -> str:
    """A cell of text (`decimals` None), or a number with commas."""
    if decimals is not None:
        return f'<td class="num">{"" if words.missing(cell) else f"{float(cell):,.{decimals}f}".replace("-", "−")}</td>'
    text = "" if words.missing(cell) else str(cell)
    kind = ' class="long"' if len(text) > 36 else ""
    return f"<td{kind}>{html.escape(text)}</td>"
