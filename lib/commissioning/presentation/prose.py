"""A notebook's Markdown as a page holds it: headings apart, links that stay on the site, and no HTML of its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken

_LINK = re.compile(r"#[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+\.html(?:#[A-Za-z0-9_.-]*)?|https://\S+")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def pieces(source: str, maths: bool, label: str, problems: list[str]) -> list[Any]:
    """Headings as tokens ("h", level, words), everything else as HTML text between them."""
    parser = _parser()
    tokens = parser.parse(source)
    pieces: list[Any] = []
    run: list[MarkdownToken] = []

    def flush() -> None:
        if run:
            text = parser.renderer.render(run, parser.options, {})
            pieces.append(_maths(text) if maths else text)
            run.clear()

    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "heading_open" and token.level == 0:
            flush()
            inline = tokens[place + 1]
            problems += [f"{label}: {one}" for one in _heading_problems(inline)]
            pieces.append(("h", int(token.tag[1]), _words(inline)))
            place += 3
            continue
        if token.type == "heading_open":
            problems.append(f"{label}: a heading inside a list or a quotation; write it on a line of its own")
        if token.type == "table_open":
            problems.append(f"{label}: a table without caption or scoped headers, in Markdown; show a Table")
        problems += [f"{label}: {one}" for one in _inline_problems(token)]
        run.append(token)
        place += 1
    flush()
    return pieces


def _heading_problems(inline: MarkdownToken) -> list[str]:
    found = _inline_problems(inline)
    return found if _words(inline).strip() else [*found, "a heading without words"]


def _inline_problems(token: MarkdownToken) -> list[str]:
    """Pictures, and links that would lead out of the published site to nowhere, in one block of Markdown."""
    found = []
    for child in token.children or ():
        if child.type == "image":
            found.append("a picture in Markdown, without caption, source or data table; show a Chart")
        href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
        if child.type == "link_open" and not _LINK.fullmatch(href):
            found.append(
                f"a link to {href[:60]!r}; link to a part of the page (#…), to a page of the site (name.html) or to https://…"
            )
    return found


def _words(inline: MarkdownToken) -> str:
    return "".join(child.content for child in inline.children or () if child.type != "image")


def _maths(text: str) -> str:
    """Declared formulas, kept as they are written: $…$ between code marks."""
    parts = text.split("$")
    if len(parts) % 2 == 0:
        return text
    return "".join(f'<code class="maths">{part}</code>' if i % 2 else part for i, part in enumerate(parts))
