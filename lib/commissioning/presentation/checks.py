"""The page is read once more before it is let go: what a browser or a screen reader would stumble over."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_LOADS = {
    "src": ("img", "script", "iframe", "audio", "video", "embed", "source", "track", "input"),
    "srcset": ("img", "source"),
    "href": ("link", "base"),
    "data": ("object",),
    "poster": ("video",),
    "action": ("form",),
}


class _Reader(HTMLParser):
    """Walks a page and keeps what the checks need."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.headings: list[int] = []
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._table: list[dict[str, bool]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.counts[tag] += 1
        if tag not in _VOID:
            self._open.append(tag)
        if "id" in held:
            self.ids[held["id"]] += 1
        if kind := held.get("data-kind"):
            self.counts[f"kind:{kind}"] += 1
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if tag == "a" and held.get("href", "").startswith("#"):
            self.links.append(held["href"][1:])
        for name in ("aria-labelledby", "popovertarget"):
            self.links += held.get(name, "").split()
        if tag == "img" and not held.get("alt", "").strip():
            self.problems.append("a picture has no alternative text")
        if tag == "script" or any(name.startswith("on") for name in held):
            self.problems.append(f"a <{tag}> runs a script")
        for name, tags in _LOADS.items():
            if tag in tags and name in held and not held[name].startswith("data:"):
                self.problems.append(f"a <{tag}> asks for something outside the page")
        if tag == "table":
            self._table.append({"caption": False, "head": False})
        elif self._table and tag == "caption":
            self._table[-1]["caption"] = True
        elif self._table and tag == "th":
            self._table[-1]["head"] = True
            if held.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                self.problems.append("a table has a header without a scope")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        if tag == "table" and self._table:
            held = self._table.pop()
            if not held["caption"]:
                self.problems.append("a table has no caption")
            if not held["head"]:
                self.problems.append("a table has no headers")


def page_problems(page: str, expected: dict[str, int]) -> list[str]:
    """Plain sentences on what is wrong with a finished page; empty when sound.

    `expected` counts the charts, tables, findings and definitions of the notebook, by kind.
    """
    reader = _Reader()
    reader.feed(page)
    found = list(dict.fromkeys(reader.problems))
    found += [f"the id {name!r} stands {times} times" for name, times in reader.ids.items() if times > 1]
    found += [
        f"a link leads to #{name}, which is not on the page"
        for name in dict.fromkeys(reader.links)
        if name not in reader.ids
    ]
    ones = reader.headings.count(1)
    if ones != 1:
        found.append(f"there are {ones} headings of the first level, not one")
    for before, after in zip(reader.headings, reader.headings[1:], strict=False):
        if after > before + 1:
            found.append(f"a heading jumps from level {before} to level {after}")
    if reader.counts["main"] != 1:
        found.append(f"there are {reader.counts['main']} main parts, not one")
    for kind, wanted in expected.items():
        if (held := reader.counts[f"kind:{kind}"]) < wanted:
            found.append(f"the notebook has {wanted} of kind {kind}, and the page only {held}")
    return found
