"""The definition card: what a measure counts, out of whom, from which extract, and who was left out."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from commissioning.presentation import display, grid, showable, words
from commissioning.presentation.display import Context, Display, Kind


class Definition(Display):
    """A definition card, generated from the measure's own card so that its words are never retyped.

    `card` holds id, title, kind, numerator, denominator, and whatever else the measure says of itself
    (level, domain, population, unknown, unknown_is, unit, per, better, spend_scope, why, source, caveats,
    answers, in_force_from). `extracts` are the files it was counted from; their fingerprints stand in the
    page's list of sources. `left_out` is a released or computed frame with columns `why` and `rows`
    (or `people`): who was left out.
    """

    kind = "definition"

    def __init__(
        self,
        card: Mapping[str, Any],
        *,
        extracts: Sequence[str],
        left_out: object | None = None,
        no_extract: str = "",
    ):
        rows: list[list[str]] = []
        if left_out is not None:
            frame, _ = showable.frame_of(left_out)
            count = "people" if "people" in frame.columns else "rows"
            rows = [
                [
                    str(why),
                    "hidden or not known"
                    if words.missing(size)
                    else words.number(size)
                    if not isinstance(size, str)
                    else size,
                ]
                for why, size in zip(frame["why"], frame[count], strict=True)
            ]
        # Kept as words in order: a notebook on disk sorts the keys of its JSON.
        held = {key: in_words(value) for key, value in card.items()}
        shown = [(label, held[key]) for key, label in _ROWS if held.get(key)]
        known = {key for key, _ in _ROWS} | {"id", "title", "pilot", "table"}
        shown += [
            (key.replace("_", " ").capitalize(), held[key]) for key in sorted(held) if key not in known and held[key]
        ]
        super().__init__(
            {
                "id": "definition-" + words.slug(str(card.get("id", ""))),
                "title": str(card.get("title", "")),
                "measure": str(card.get("id", "")),
                "through": "text",
                "card": {key: held.get(key, "") for key in ("id", "title", "numerator", "denominator")},
                "rows": [list(pair) for pair in shown],
                "extracts": list(extracts),
                "no_extract": no_extract,
                "left_out": rows,
            }
        )


def _problems(record: Mapping[str, Any]) -> list[str]:
    card = record["card"]
    found = [f"its card has no {name}" for name in ("id", "title", "numerator", "denominator") if not card.get(name)]
    if not record["extracts"] and not record["no_extract"]:
        found.append("it names no extract; where there is none, say why in `no_extract`")
    return found


def in_words(value: Any) -> str:
    """A card's value as words: lists joined by semicolons, pairs as "key: value"; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and "title" in value:
        # A source: its title, where in it, and when somebody read it.
        where = ", ".join(in_words(value[key]) for key in ("title", "reference") if value.get(key))
        return where + (f" (read on {in_words(value['read_on'])})" if value.get("read_on") else "")
    if isinstance(value, Mapping):
        return "; ".join(
            f"{key.replace('_', ' ')}: {in_words(item)}" for key, item in value.items() if item not in ("", None)
        )
    if isinstance(value, (list, tuple)):
        items = [in_words(item) for item in value]
        return " ".join(items) if all(item.endswith(".") for item in items) else "; ".join(items)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


_ROWS = (
    ("kind", "Kind"),
    ("level", "Level"),
    ("domain", "Domain of outcomes"),
    ("one_row_is", "One row is"),
    ("population", "Who is counted"),
    ("numerator", "Numerator (what was reached)"),
    ("denominator", "Denominator (out of whom)"),
    ("unknown", "Not known"),
    ("unknown_is", "What is not known is"),
    ("not_applicable", "Does not apply to"),
    ("unit", "Unit"),
    ("per", "Per"),
    ("better", "Better when"),
    ("aim", "Aim"),
    ("spend_scope", "Spend set against it"),
    ("why", "Why it matters"),
    ("caveats", "Take care"),
    ("source", "Where the definition comes from"),
    ("answers", "Paragraphs of the 2011 report"),
    ("in_force_from", "In force from"),
)


_FIRST = ("Numerator (what was reached)", "Denominator (out of whom)")
"""What stands open. A page has some thirty definitions: the rest of each opens by keyboard, and on paper."""


def _extracts(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    if not record["extracts"]:
        return esc(record["no_extract"])
    found = []
    for name in record["extracts"]:
        digest = context.hashes.get(name)
        named = context.in_page and name in context.hashes
        link = (
            f'<a href="#source-{words.slug(name)}">{esc(words.file_words(name))}</a>'
            if named
            else esc(words.file_words(name))
        )
        tail = f", fingerprint <code>{esc(digest)}</code>" if digest else ""
        found.append(f"<li>{link}{tail}</li>")
    return f"<ul>{''.join(found)}</ul>"


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    first = [pair for pair in record["rows"] if pair[0] in _FIRST]
    rest = [pair for pair in record["rows"] if pair[0] not in _FIRST]
    rest.append(["Identifier", record["measure"]])
    lines, more = (
        "".join(f"<dt>{esc(label)}</dt><dd>{esc(says)}</dd>" for label, says in pairs) for pairs in (first, rest)
    )
    left = ""
    if record["left_out"]:
        body = "".join(
            f'<tr>{grid.row_head(why)}<td class="num{" word" if size[:1].isalpha() else ""}">{esc(size)}</td></tr>'
            for why, size in record["left_out"]
        )
        head = '<th scope="col">Why</th><th scope="col" class="num">How many</th>'
        caption = f"Who was left out of {record['title']}, and why"
        left = grid.boxed(record["id"] + "-left", caption, head, body, ("Why", "How many"), record["left_out"])
    return (
        f'<article class="definition" id="{record["id"]}" data-kind="definition" aria-labelledby="{record["id"]}-title">'
        f'<h3 id="{record["id"]}-title">{esc(record["title"])}</h3><dl>{lines}</dl>'
        f'<details class="more"><summary>Source, and who was left out, of {esc(record["title"])}</summary><dl>'
        f"<dt>Counted from</dt><dd>{_extracts(record, context)}</dd>{more}</dl>{left}</details></article>"
    )


def popover(record: Mapping[str, Any], context: Context) -> str:
    """The short card that opens over the page, by keyboard and without JavaScript; the whole stands on this page or in the annex."""
    esc = html.escape
    card, anchor = record["card"], words.slug(record["measure"])
    whole = context.definition(record["measure"], f"Whole definition of {esc(record['title'])}")
    return (
        f'<div popover id="short-{anchor}" class="popover" role="dialog" aria-labelledby="short-{anchor}-title">'
        f'<p id="short-{anchor}-title"><strong>{esc(record["title"])}</strong></p>'
        f"<dl><dt>Numerator</dt><dd>{esc(card['numerator'])}</dd>"
        f"<dt>Denominator</dt><dd>{esc(card['denominator'])}</dd>"
        f"<dt>Counted from</dt><dd>{_extracts(record, context)}</dd></dl>"
        f"<p>{whole}</p>"
        f'<p><button type="button" class="close" popovertarget="short-{anchor}" popovertargetaction="hide">Close</button></p></div>'
    )


display.register(
    "definition",
    Kind(problems=_problems, html=_html, plain=lambda r: f"Definition: {r['title']} ({r['measure']})"),
)
