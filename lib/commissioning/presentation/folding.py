"""What a report keeps one click away: displays that are closed, and sections of which nothing is here."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from commissioning.presentation.display import KINDS, Context
from commissioning.presentation.page import BEHIND

_END = "</details><!--closed-->"
_PAIRED = "</div><!--pair-->"
_PROSE = re.compile(r'(?s)\s*(<p>.*</p>|<div class="screen-only">.*</div>)?\s*')
_OWN_WORDS = {
    "area_spend": "published returns of spend",
    "indicators": "published outcomes",
    "client_level": "Client Level Data",
    "client_level_places": "the look-up of wards for Client Level Data",
    "supported": "people supported",
}


def add(parts: list[str], record: Mapping[str, Any], context: Context) -> None:
    """Add a display to the parts of a section. Closed ones that follow each other stand under one line that names them."""
    drawn = KINDS[record["kind"]].html(record, context)
    if record.get("half"):  # two pictures side by side, where there is room
        start = parts.pop().removesuffix(_PAIRED) if parts and parts[-1].endswith(_PAIRED) else '<div class="pair">'
        parts.append(f"{start}{drawn}{_PAIRED}")
        return
    if not record.get("closed"):
        parts.append(drawn)
        return
    title = "notes" if record["kind"] == "note" else str(record["title"])
    name = ": ".join(one for one in (context.label, title) if one)
    if parts and re.fullmatch(r"(?s)\s*<p>.*</p>\s*", parts[-1]):  # words that lead to nothing on paper
        parts[-1] = f'<div class="screen-only">{parts[-1]}</div>'
    if parts and parts[-1].endswith(_END):
        start, rest = parts[-1].split("</summary>", 1)
        parts[-1] = f"{start}; {html.escape(name)}</summary>{rest.removesuffix(_END)}{drawn}{_END}"
        return
    parts.append(f'<details class="more closed"><summary>Show {html.escape(name)}</summary>{drawn}{_END}')


def is_closed(section: Mapping[str, Any]) -> bool:
    """True where a section shows nothing that is open: on paper it would be a heading over nothing."""
    shown = [part for part in section["parts"] if not _PROSE.fullmatch(part)]
    return bool(shown) and all(part.endswith(_END) for part in shown)


def hidden_figures(records: Sequence[Mapping[str, Any]]) -> str:
    """How many figures of a page's tables and pictures are hidden, once and in plain words; "" where none is."""
    many = 0
    for data in (record["data"] for record in records if isinstance(record.get("data"), Mapping)):
        figures = [place for place, column in enumerate(data["columns"]) if column["kind"] != "text"]
        many += sum(str(row[place]).startswith("hidden") for row in data["rows"] for place in figures)
    if not many:
        return ""
    says = "one figure says" if many == 1 else f"{many:,} figures say"
    return f"<p>In the tables of this page, which open on the screen, {says} “hidden”, so that nobody can be recognised.</p>"


def not_here(
    built: list[dict[str, Any]],
    held: Mapping[str, Sequence[Mapping[str, Any]]],
    lacking: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Take out the sections of which nothing is here, and name what is lacking in one line of the last block of the page.

    `held`, `lacking`: by a section's title, what it shows, and the notes of what it lacks.
    """
    empty = [title for title in lacking if title and not held.get(title)]
    built[:] = [one for one in built if one["title"] not in empty]
    last = next((one for one in built if one["title"] == BEHIND), None)
    says = {
        line: title for title, notes in lacking.items() for note in notes if note["lacks"] for line in note["lines"]
    }
    if last is None or not (empty or says):
        return
    esc, tables = html.escape, sorted({one for notes in lacking.values() for note in notes for one in note["lacks"]})
    named = [_OWN_WORDS.get(one, one.replace("_", " ")) for one in tables]
    parts = [f"part of “{title}”" for title in dict.fromkeys(says.values()) if title not in empty]
    line = f"<strong>Not here:</strong> {esc('; '.join([*empty, *parts]))}."
    line += f" What would fill this: the council's {esc(', '.join(named))}." if named else ""
    why = "".join(f"<li>{esc(title)}: {esc(one)}</li>" for one, title in says.items())
    last["parts"].append(
        f'<div class="note plain" id="not-here"><p>{line}</p>'
        + (f'<details class="more"><summary>Why each is not here</summary><ul>{why}</ul></details>' if why else "")
        + "</div>"
    )
