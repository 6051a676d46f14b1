"""The smaller objects of a page: notes, the reconciliation, steps, logs, parameters, the glossary."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from commissioning.presentation import display, grid, words
from commissioning.presentation.display import Context, Display, Kind

RATINGS = {"green": "Green: sound", "amber": "Amber: take care", "red": "Red: could change the answer"}
_SHAPES = {"green": "●", "amber": "▲", "red": "■"}


def _esc(text: object) -> str:
    return html.escape(str(text))


def _grid(
    record: Mapping[str, Any],
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: int = 99,
    screen_only: Collection[int] = (),
) -> str:
    """A table of ready-made cells (already escaped); columns from `numeric` on are numbers, rows at the places in
    `screen_only` are not printed."""
    anchor = record["id"]
    head = "".join(
        f'<th scope="col"{" class=num" if i >= numeric else ""}>{_esc(name)}</th>' for i, name in enumerate(heads)
    )
    bare = [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in rows]
    told = heads if grid.width_needed(heads, bare) > grid.PHONE else [""] * len(heads)
    body = "".join(
        f"<tr{' class=screen-only' if place in screen_only else ''}>"
        + "".join(
            grid.row_head(bare[place][0], cell)
            if i == 0
            else grid.data_cell(cell, _mark(bare[place][i], i >= numeric), told[i])
            for i, cell in enumerate(row)
        )
        + "</tr>"
        for place, row in enumerate(rows)
    )
    return grid.boxed(f"{anchor}-table", caption, head, body, heads, bare)


def _mark(text: str, numeric: bool) -> str:
    return "num" if numeric else "year" if grid.is_period(text) else "long" if len(text) > grid.LONG_TEXT else ""


class Note(Display):
    """A few plain sentences from code. `weight` is "plain", "important" or "warning"; the word is written too.

    `lacks`: the tables that would fill what it says is not here. A report gathers such notes in one line at its end.
    """

    kind = "note"

    def __init__(
        self,
        text: str | Sequence[str],
        *,
        title: str = "Note",
        weight: Literal["plain", "important", "warning"] = "plain",
        lacks: Sequence[str] | None = None,
        id: str | None = None,
    ):
        lines = [text] if isinstance(text, str) else list(text)
        super().__init__(
            {
                "id": words.slug(id or f"note-{title}-{lines[0] if lines else ''}"),
                "title": title,
                "through": "text",
                "lines": [str(line) for line in lines],
                "weight": weight,
                **({} if lacks is None else {"lacks": list(lacks)}),
            }
        )


def _note_problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record)
    if not any(line.strip() for line in record["lines"]):
        found.append("it says nothing")
    if record["weight"] not in ("plain", "important", "warning"):
        found.append("its weight is plain, important or warning")
    return found


def _note_html(record: Mapping[str, Any], context: Context) -> str:
    lines = "".join(f"<p>{_esc(line)}</p>" for line in record["lines"])
    word = {"plain": "", "important": "Important: ", "warning": "Warning: "}[record["weight"]]
    # A note that was given no title needs no heading that only says "Note".
    title = "" if record["title"] == "Note" and not word else f"<p><strong>{word}{_esc(record['title'])}</strong></p>"
    return f'<div class="note {record["weight"]}" id="{record["id"]}">{title}{lines}</div>'


class Heading(Display):
    """A heading of the second level with a sentence under it, where code shows what stands behind a page.

    `folded`: its section opens by keyboard and stays off paper."""

    kind = "heading"

    def __init__(self, title: str, says: str, *, folded: bool = False):
        super().__init__({"id": words.slug(title), "title": title, "through": "text", "says": says, "folded": folded})


def pieces(record: Mapping[str, Any]) -> list[Any]:
    """A record as the exporter arranges it: a heading begins a section of the page, as one that was typed does."""
    if record["kind"] != "heading":
        return [record]
    return [("h", 2, record["title"], record["folded"]), f"<p>{_esc(record['says'])}</p>\n"]


class Reconciliation(Display):
    """What was read of each extract, in round figures.

    The exact reconciliation (each row and penny in = accepted + quarantined + not data) is for the staff who hold the files: of a
    file with people, a page shows nothing from which one person more or less could be told. `files` are mappings with file,
    table, unit, people (yes or no), rows and pounds (rounded; None where not told), used (a share in words) and money.
    Raises ValueError where a file with people brings pounds.
    """

    kind = "reconciliation"

    def __init__(
        self,
        files: Sequence[Mapping[str, Any]],
        *,
        title: str = "What was read, in round figures",
        id: str = "reconciliation",
    ):
        kept = [
            {
                "file": str(item["file"]),
                "table": str(item.get("table") or ""),
                "unit": str(item.get("unit") or "row"),
                "money": str(item.get("money") or ""),
                "people": bool(item.get("people")),
                "rows": _count(item.get("rows")),
                "used": str(item.get("used") or ""),
                "pounds": _count(item.get("pounds")),
            }
            for item in files
        ]
        super().__init__({"id": id, "title": title, "through": "text", "files": kept})


def _count(value: Any) -> int | None:
    return None if value is None or str(value) in ("<NA>", "nan") else int(value)


def _reconciliation_problems(record: Mapping[str, Any]) -> list[str]:
    found = [] if record["files"] else ["it names no file"]
    return found + [
        f"{row['file']}: its rows are people, so no page tells their pounds"
        for row in record["files"]
        if row["people"] and row["pounds"] is not None
    ]


def _reconciliation_html(record: Mapping[str, Any], context: Context) -> str:
    rows, money = [], []
    for row in record["files"]:
        name = _esc(words.file_words(row["file"]))
        if context.in_page and row["file"] in context.hashes:
            name = f'<a href="#source-{words.slug(row["file"])}">{name}</a>'
        rows.append([name, _esc(row["unit"]), _rows_words(row), _esc(row["used"] or "not told")])
        if row["pounds"] is not None:
            money.append([name, _esc(str(row["money"]).replace("_", " ")), f"£{row['pounds']:,}"])
    text = f'<div class="reconciliation" id="{record["id"]}">'
    heads: tuple[str, ...] = ("File", "Counted in", "Rows, about", "Of them used")
    text += _grid({"id": record["id"] + "-rows"}, f"{record['title']}: rows", heads, rows, 2)
    if money:
        heads = ("File", "What its money is", "About")
        text += _grid({"id": record["id"] + "-money"}, f"{record['title']}: money used", heads, money, 2)
    return (
        text
        + "<p>Rows and pounds are rounded. Every row and penny is accounted for in the account that the staff who hold the files have; of files whose rows are people it is for them alone. Money is the sum of a file's own column of amounts as it stands: where that is the cost of a week, it is no year's spend.</p></div>"
    )


def _rows_words(row: Mapping[str, Any]) -> str:
    if row["rows"] is None:
        return "not told"
    return "fewer than 100" if row["people"] and not row["rows"] else f"{row['rows']:,}"


class Steps(Display):
    """Numbered steps, each a sentence: how a figure was reached, or what happens next."""

    kind = "steps"

    def __init__(self, steps: Sequence[str], *, title: str, id: str | None = None):
        super().__init__(
            {
                "id": words.slug(id or f"steps-{title}"),
                "title": title,
                "through": "text",
                "steps": [str(s) for s in steps],
            }
        )


class Log(Display):
    """A log that people keep: assumptions, decisions, or quality assurance.

    `rows` are mappings of words with the same keys. A key named rating, quality or impact holds red, amber
    or green, and is shown with its words and a shape, never by colour alone.
    """

    kind = "log"

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        title: str,
        columns: Mapping[str, str] | None = None,
        id: str | None = None,
    ):
        names = dict(columns) if columns else {key: key.replace("_", " ").capitalize() for row in rows for key in row}
        kept = [[str(row.get(key, "") if row.get(key) is not None else "") for key in names] for row in rows]
        super().__init__(
            {
                "id": words.slug(id or f"log-{title}"),
                "title": title,
                "through": "text",
                "keys": list(names),
                "heads": list(names.values()),
                "rows": kept,
            }
        )


_RATED = ("rating", "quality", "impact", "rag", "data_rating")


LONG_LOG = 15
"""A log of more rows than this opens by keyboard, and on paper: read through, it would hide what comes after it."""

PASSED = "passed"
"""A cell of a long log that says so takes its row off the paper, where pages of it would bury what did not pass."""


def _log_problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record)
    for key, place in ((key, i) for i, key in enumerate(record["keys"]) if key in _RATED):
        wrong = sorted({row[place] for row in record["rows"] if row[place].lower() not in RATINGS})
        if wrong:
            found.append(f"{key} is red, amber or green, not {wrong[0]!r}")
    return found


def _log_html(record: Mapping[str, Any], context: Context) -> str:
    rows = []
    for row in record["rows"]:
        cells = []
        for key, cell in zip(record["keys"], row, strict=True):
            rating = cell.lower()
            if key in _RATED:
                cells.append(
                    f'<span class="rating {rating}"><span aria-hidden="true">{_SHAPES[rating]}</span> {RATINGS[rating]}</span>'
                )
            else:
                cells.append(_esc(cell))
        rows.append(cells)
    if not rows:
        return f'<div class="log" id="{record["id"]}"><p><strong>{_esc(record["title"])}.</strong> Nothing has been entered.</p></div>'
    passed = [place for place, row in enumerate(record["rows"]) if len(rows) > LONG_LOG and PASSED in row]
    grid = _grid(record, record["title"], record["heads"], rows, screen_only=passed)
    if passed:
        judged = [
            row for row in record["rows"] if PASSED in row or f"not {PASSED}" in row
        ]  # the line on the seal is no check
        grid += (
            f'<p class="paper-only">{len(passed)} of these {len(judged)} checks passed. They are listed on the screen, '
            f"and on paper the {len(judged) - len(passed)} that did not pass.</p>"
        )
    if len(rows) > LONG_LOG:
        grid = f"<details><summary>{_esc(record['title'])}: show all {len(rows)} rows</summary>{grid}</details>"
    return f'<div class="log" id="{record["id"]}">{grid}</div>'


class Parameters(Display):
    """What this report was asked for: names and values, in words."""

    kind = "parameters"

    def __init__(
        self, parameters: Mapping[str, Any], *, title: str = "Parameters of this report", id: str = "parameters"
    ):
        kept = [
            [str(name).replace("_", " "), "not given" if value in (None, "") else str(value)]
            for name, value in parameters.items()
        ]
        super().__init__({"id": id, "title": title, "through": "text", "rows": kept})


class Glossary(Display):
    """Words and what they mean, in the alphabet's order."""

    kind = "glossary"

    def __init__(self, terms: Mapping[str, str], *, title: str = "What the words mean", id: str = "glossary-terms"):
        kept = sorted(([str(term), str(means)] for term, means in terms.items()), key=lambda pair: pair[0].lower())
        super().__init__({"id": id, "title": title, "through": "text", "rows": kept})


class Terms(Display):
    """Words and their values side by side: a calibration card, gates, any short list of facts in words."""

    kind = "terms"

    def __init__(self, facts: Mapping[str, Any], *, title: str, id: str | None = None):
        kept = [[str(name), str(value)] for name, value in facts.items()]
        super().__init__({"id": words.slug(id or f"terms-{title}"), "title": title, "through": "text", "rows": kept})


class SignOff(Display):
    """Marks where the page shows who has signed; the exporter fills it from beside the report."""

    kind = "signoff"

    def __init__(self, id: str = "sign-off-place"):
        super().__init__({"id": id, "title": "Sign-off", "through": "text"})


def _list_html(record: Mapping[str, Any], context: Context) -> str:
    items = "".join(f"<dt>{_esc(term)}</dt><dd>{_esc(means)}</dd>" for term, means in record["rows"])
    return (
        f'<div class="terms" id="{record["id"]}"><p><strong>{_esc(record["title"])}</strong></p><dl>{items}</dl></div>'
    )


def _list_problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record)
    if not record["rows"]:
        found.append("it is empty")
    return found


def _steps_html(record: Mapping[str, Any], context: Context) -> str:
    items = "".join(f"<li>{_esc(step)}</li>" for step in record["steps"])
    return (
        f'<div class="steps" id="{record["id"]}"><p><strong>{_esc(record["title"])}</strong></p><ol>{items}</ol></div>'
    )


def _plain(record: Mapping[str, Any]) -> str:
    return f"{record['kind'].capitalize()}: {record['title']}"


display.register(
    "note", Kind(problems=_note_problems, html=_note_html, plain=lambda r: f"{r['title']}: {' '.join(r['lines'])}")
)
display.register(
    "heading",
    Kind(
        problems=lambda r: display.common_problems(r) + ([] if r["says"].strip() else ["no sentence stands under it"]),
        html=lambda r, c: f'<h2 id="{r["id"]}">{_esc(r["title"])}</h2><p>{_esc(r["says"])}</p>',
        plain=lambda r: f"{r['title']}: {r['says']}",
    ),
)
display.register("reconciliation", Kind(problems=_reconciliation_problems, html=_reconciliation_html, plain=_plain))
display.register(
    "steps",
    Kind(
        problems=lambda r: display.common_problems(r) + ([] if r["steps"] else ["it has no steps"]),
        html=_steps_html,
        plain=lambda r: "\n".join([r["title"], *(f"{i}. {step}" for i, step in enumerate(r["steps"], 1))]),
    ),
)
display.register("log", Kind(problems=_log_problems, html=_log_html, plain=_plain))
for _kind in ("parameters", "glossary", "terms"):
    display.register(_kind, Kind(problems=_list_problems, html=_list_html, plain=_plain))
display.register(
    "signoff",
    Kind(
        problems=display.common_problems,
        html=lambda r, c: "" if c.in_page else f'<p id="{r["id"]}">The page shows here who has signed this report.</p>',
        plain=_plain,
    ),
)
