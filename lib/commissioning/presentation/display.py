"""What every display object is: a checked record, and the one way of drawing it.

An object is made from things that may be shown, and keeps a record in JSON's own types. The
record is drawn by the same function in JupyterLab and on the page; the exporter reads records
only, checks them again, and never copies HTML out of a notebook.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from commissioning.presentation import columns, directions, numbers, showable, stored, words
from commissioning.presentation.notebook_table import UNDONE

MIME = "application/vnd.commissioning.display+json"
SCHEMA = 1
_PICTURE = "image|picture|photo|chart|graph|figure|plot|table|diagram|infographic|visuali[sz]ation|drawing|alt(?:ernative)? text"
_KIND = (
    "line|bar|column|pie|dot|scatter|control|run|funnel|flow|area|box|stacked|grouped|simple|small|untitled|placeholder"
)
_FILLERS = re.compile(
    rf"^(?:(?:here is |this is )?(?:an?|the|this|these)\s+)?(?:(?:{_KIND})\s+)*(?:{_PICTURE})s?\b(?!\s+\w+\s+(?:rises|falls|shows))"
    r"|^(?:no description|untitled)\b|\blorem ipsum\b|\b(?:todo|tbc|tbd|fixme)\b|\bxxx+\b"
    r"|^(?:please )?see (?:the )?(?:caption|title|table|figure|chart|text|data)\b|\bwrite (?:the |an? )?alt(?:ernative)? text\b",
    re.IGNORECASE,
)
_EMPTY_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "these",
        "of",
        "in",
        "for",
        "and",
        "by",
        "with",
        "line",
        "bar",
        "column",
        "chart",
        "graph",
        "plot",
        "figure",
        "picture",
        "image",
        "diagram",
        "infographic",
        "showing",
        "shows",
        "shown",
        "show",
    ]
)
_FILE_NAME = re.compile(r"\S+\.(?:png|svg|jpe?g|gif|pdf|csv|xlsx?)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the page knows when it draws a record: the figure's number, and the words of each definition.

    In JupyterLab there is no page: `label` is then "Figure" or "Table" without a number. `defined`: where the whole definition of
    a measure stands ("" on this page, else the annex's file); `annexes`: title and file of each annex of this page; `elsewhere`: the file of evidence that stands in an annex.
    """

    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    in_page: bool = False
    file: str = ""  # the report's name, with which the files beside its page begin
    ask: str = ""  # a mail address
    about: str = ""  # what a letter about a figure is of: title, period, run
    defined: Mapping[str, str] = field(default_factory=dict)
    annexes: tuple[tuple[str, str], ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def definition(self, measure: str, words_: str) -> str:
        """The link to the whole definition of a measure; nothing where no page holds it."""
        if self.in_page and measure not in self.defined:
            return ""
        return f'<a href="{html.escape(self.defined.get(measure, ""))}#definition-{words.slug(measure)}">{words_}</a>'


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of record is checked and drawn. `problems` returns plain sentences, empty when sound."""

    problems: Callable[[Mapping[str, Any]], list[str]]
    html: Callable[[Mapping[str, Any], Context], str]
    plain: Callable[[Mapping[str, Any]], str]


KINDS: dict[str, Kind] = {}
"""Filled once, when the modules of the room are imported; read by the exporter."""


def register(name: str, kind: Kind) -> None:
    """Add a kind of record. Called at import by the module that draws it."""
    KINDS[name] = kind


class Display:
    """Base of every display object. Subclasses build `record`; a broken one is refused at construction."""

    kind: ClassVar[str]

    def __init__(self, record: dict[str, Any]):
        self.record = {"schema": SCHEMA, "kind": self.kind, **record}
        if problems := KINDS[self.kind].problems(self.record):
            raise ValueError(f"{self.kind} {self.record.get('id', '')!r}: {'; '.join(problems)}")

    @property
    def id(self) -> str:
        """The anchor of this object in the page."""
        return str(self.record["id"])

    @property
    def html(self) -> str:
        """The HTML that the page will hold, without its number."""
        return KINDS[self.kind].html(self.record, Context())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        plain = KINDS[self.kind].plain(self.record)
        if stored.text_only():
            return {"text/plain": plain, MIME: stored.undrawn(self.record)}
        return {"text/html": in_notebook(self.html), "text/plain": plain, MIME: self.record}

    def __repr__(self) -> str:
        return KINDS[self.kind].plain(self.record)


_STYLE = Path(__file__).parent / "templates" / "components.css"


_IN_NOTEBOOK = (
    ":scope{color:inherit;background:none;padding:.5rem 0;font:100%/1.5 Arial,'Liberation Sans',Helvetica,sans-serif;max-width:48rem;"
    "--ink:currentColor;--paper:transparent;--link:var(--jp-content-link-color,#1a5a96);--brand:var(--jp-brand-color1,#12436d);"
    "--soft:color-mix(in srgb,currentColor 75%,transparent);--line:color-mix(in srgb,currentColor 28%,transparent);"
    "--card:color-mix(in srgb,currentColor 5%,transparent);--green:color-mix(in srgb,#00703c 60%,currentColor);"
    "--amber:color-mix(in srgb,#8a5a00 60%,currentColor);--red:color-mix(in srgb,#942514 60%,currentColor)}"
    "figure.chart img{padding:.5rem;border-radius:4px}"
)
"""JupyterLab's own colours, light or dark; a drawing stands on white."""


def in_notebook(inner: str) -> str:
    """An object as JupyterLab shows it: the page's own style, kept to this one output, in the colours of its theme."""
    style = _STYLE.read_text(encoding="utf-8")
    return f'<div class="commissioning"><style>@scope (.commissioning){{{_IN_NOTEBOOK}{style}{UNDONE}}}</style>{inner}</div>'


def base_record(
    thing: object,
    *,
    id: str | None,
    title: str,
    columns_: Any = None,
    sources: tuple[str, ...] = (),
    keep: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The part of a record that every shown frame has: id, title, data, how it was allowed, its sources."""
    frame, through = showable.frame_of(thing)
    parts = thing if isinstance(thing, (list, tuple)) else (thing,)
    named = [part.extract for part in parts if isinstance(part, showable.PublicFigures) and part.extract]
    return {
        "id": words.slug(id or title),
        "title": title,
        "through": through,
        "data": columns.payload(frame, columns_, keep),
        "sources": list(dict.fromkeys([*sources, *named])),
    }


def known(record: Mapping[str, Any]) -> numbers.Known:
    """The numbers that the words of a record may use: of its data, declared, and the years of its source."""
    data = record["data"]
    declared = list(record.get("numbers", {}).get("declared", ()))
    return numbers.Known(
        columns.values(data), [*columns.texts(data), *numbers.years(str(record.get("source", "")))], declared
    )


def common_problems(record: Mapping[str, Any]) -> list[str]:
    """What is wrong with the part that every shown frame has."""
    found = []
    if record.get("through") not in showable.THROUGH:
        found.append("its figures did not come through disclosure control")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", str(record.get("id", ""))):
        found.append("its id must be lower-case words joined by hyphens")
    if not str(record.get("title", "")).strip():
        found.append("it has no title")
    data = record.get("data")
    if data is not None:
        names = {str(column["name"]).lower() for column in data["columns"]}
        if names & showable.PERSON_COLUMNS:
            found.append("it holds rows of persons")
    return found


def text_problems(record: Mapping[str, Any], *fields: str) -> list[str]:
    """Numbers that are not in the data, and banned words, in the named texts of a record."""
    found = []
    allowed = known(record)
    for name in ("title", "subtitle", *fields):
        text = str(record.get(name, ""))
        if name == "caption":  # which names the columns of whoever shows it
            for column in (record.get("data") or {}).get("columns", ()):
                text = text.replace(column["label"], "") if column.get("own") else text
        wrongs = numbers.unmatched_in_title(text, allowed) if name == "title" else allowed.unmatched(text)
        for wrong in dict.fromkeys(wrongs):
            found.append(f"the number {wrong} in its {_WORDS.get(name, name)} is not in its data: write one that is")
        found += [f"its {_WORDS.get(name, name)} uses {hit}" for hit in words.banned(text)]
        found += [
            f"of its {_WORDS.get(name, name)}: {wrong}" for wrong in directions.problems(text, record.get("data"))
        ]
    return found


_WORDS = {"alt": "alternative text", "caption": "caption", "title": "title", "sentence": "sentence", "says": "words"}


def alt_problems(record: Mapping[str, Any]) -> list[str]:
    """What is wrong with an alternative text: missing, a filler, a file name, or the title or caption again."""
    alt = " ".join(str(record.get("alt") or "").split())
    if not alt:
        return ["it has no alternative text: say in a sentence what the picture shows"]
    said = _plain_words(alt)
    if _FILE_NAME.search(alt):
        return ["its alternative text is a file name: say in a sentence what the picture shows"]
    telling = set(said) - _EMPTY_WORDS
    if telling and telling <= set(_plain_words(record.get("title"))):
        return ["its alternative text only repeats the title: say what the picture shows"]
    if said == _plain_words(record.get("caption")):
        return ["its alternative text only repeats the caption: say what the picture shows"]
    if _FILLERS.search(alt) or len(said) < 6 or len(set(said)) < _DISTINCT_WORDS:
        return ["its alternative text is a filler: say in a sentence what the picture shows"]
    return []


_DISTINCT_WORDS = 4


def _plain_words(text: object) -> list[str]:
    return re.sub(r"\W+", " ", str(text or "")).lower().split()


def leads(record: Mapping[str, Any], context: Context) -> str:
    """The links from a figure to its definitions (numerator, denominator) and its sources (extract, hash)."""
    esc = html.escape
    counted = []
    for measure in record.get("measures", ()):
        title = esc(context.titles.get(measure, measure.replace("_", " ")))
        anchor = words.slug(measure)
        counted.append(
            f'<span class="lead"><button type="button" class="term" popovertarget="short-{anchor}">What is counted: {title}</button>'
            + context.definition(measure, f'Definition and source<span class="unseen">: {title}</span>')
            + "</span>"
        )
    sources = [
        f'<span class="lead"><a href="#source-{words.slug(source)}">{esc(words.file_words(source))}</a></span>'
        for source in record.get("sources", ())
    ]
    text = f'<p class="leads">{" ".join(counted)}</p>' if counted else ""
    if len(counted) > _MOST_LEADS:
        # A long list of links would bury the figure that they belong to.
        says = f"What is counted: definitions of these {len(counted)} measures"
        text = f'<details class="more"><summary>{says}</summary>{"".join(counted)}</details>'
    return text + (f'<p class="leads">From: {" ".join(sources)}</p>' if sources else "")


_MOST_LEADS = 2


def lead_problems(record: Mapping[str, Any]) -> list[str]:
    """A figure that leads nowhere: it names neither a measure nor an extract."""
    if not record.get("measures") and not record.get("sources") and record.get("through") != "text":
        return ["it leads to no definition: name its measures, or the extracts it is from"]
    return []


def label(context: Context, word: str) -> str:
    """ "Figure 3" in a page, "Figure" in a notebook."""
    return context.label or word
