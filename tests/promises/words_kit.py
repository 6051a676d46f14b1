"""The visible words of a page as its reader meets them, and what pages.md forbids in them.

Prose is what stands in paragraphs and lists; labels, heads, captions, table cells and names are fragments by their nature,
and are read for words of the program and for impossible counts alone.
"""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

BLOCKS = frozenset(
    [
        "p",
        "li",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "caption",
        "figcaption",
        "summary",
        "dt",
        "dd",
        "div",
        "section",
        "nav",
        "header",
        "footer",
        "main",
        "a",
        "button",
        "label",
    ]
) - {"a"}
PROSE = frozenset(("p", "li", "dd"))
UNREAD = frozenset(("style", "script", "svg", "head"))
FRAGMENTS = frozenset(
    ("byline", "organisation", "lead", "source", "sources", "take", "no-paper", "ways", "stages", "contents", "lines", "illustrative",
     "claim", "unseen", "skip", "annex", "act", "caption", "print-banner", "year", "site", "steps", "theory", "term", "download")
)  # fmt: skip
"""Classes whose text is a label, a list of names or links, or a sign, and not a paragraph."""
VOID = frozenset(
    ("br", "img", "meta", "link", "input", "hr", "col", "wbr", "source", "path", "circle", "ellipse", "rect")
)

PROGRAM = re.compile(
    r"\w+\.(?:toml|py|ipynb|json)\b|\[\[?\w+(?:\.\w+)*\]\]?|`|\b[a-z]+_[a-z_]+\b|\bextracts?\b|\bgates?\b|\bwithh(?:eld|olds?|olding)\b|jackknife|"
    r"callaway|\bSHA-256\b|\bcommissioning\.\w+|\b[Nn]one\b(?=\))|\bNaN\b|\bnan\b|\bTrue\b|\bFalse\b"
)
COUNT = re.compile(r"(?<![\d.,£/-])(\d[\d,]*) (?:out )?of (?:every )?(\d[\d,]*)(?![\d.,]*\d|[-/]\d)")
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|am|has|have|had|do|does|did|done|can|could|may|might|must|shall|should|will|would|cannot|"
    r"say|says|said|show|shows|tell|tells|told|see|sees|saw|know|knows|knew|known|mean|means|meant|make|makes|made|give|gives|gave|given|"
    r"take|takes|took|come|comes|came|go|goes|went|get|gets|got|stand|stands|stood|hold|holds|held|rose|rise|rises|fell|fall|falls|"
    r"keep|keeps|kept|put|puts|cost|costs|spend|spends|spent|read|reads|find|finds|found|begin|begins|began|leave|leaves|left|let|lets|"
    r"meet|meets|met|pay|pays|paid|rest|rests|count|counts|use|uses|ask|asks|answer|answers|differ|differs|differed|start|starts|look|looks|"
    r"choose|chooses|chose|bring|brings|brought|weigh|weighs|win|wins|won|include|includes|change|changes|add|adds|need|needs|want|wants|"
    r"work|works|help|helps|call|calls|send|write|draw|agree|agrees|open|opens|lie|lies|lay|set|sets|buy|buys|bought|send|sends|sent|"
    r"serve|serves|fill|fills|decide|decides|overlap|overlaps|vote|votes|lead|leads|led|share|shares|speak|speaks|carry|carries|reach|reaches|provide|provides|depend|depends|allow|allows|compare|compares|follow|follows|live|lives|score|scores|lose|loses|lost|"
    r"\w{2,}ed|isn't|aren't)\b",
    re.IGNORECASE,
)
LABELLED = re.compile(r", \d{4}-\d{2}(?: Q\d)?: (?:£?[\d,]+)")
"""What a measure's title and a year lead to with a colon: "Reviews at which …, 2015-16: 1,055 of 1,655"."""
ANSWERS = re.compile(r"(?:Yes|No)\b[\w ]{0,20}\.")
MOST_WORDS = 35
MOST_TIMES = 2
SHORT = 6


class Words(HTMLParser):
    """Blocks of a page: (text, whether it is prose, whether a label leads it). Popovers and closed details are read too; pictures have their own test."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, bool, bool]] = []
        self._led = False  # a block that begins in bold is led by a label
        self._open: list[tuple[str, bool, bool]] = []  # tag, unread, a fragment
        self._text: list[str] = []
        self.feed(source)
        self.close()
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._end()
        if tag == "br":
            self._text.append(" ")
        if tag in VOID:
            return
        if tag == "strong" and not "".join(self._text).strip():
            self._led = True
        classes = set((dict(attrs).get("class") or "").split())
        above = self._open[-1] if self._open else ("", False, False)
        unread = above[1] or tag in UNREAD
        fragment = above[2] or tag == "table" or tag == "nav" or bool(classes & FRAGMENTS)
        self._open.append((tag, unread, fragment))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag in BLOCKS:
            self._end()
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._open or not self._open[-1][1]:
            self._text.append(data)

    def _end(self) -> None:
        text = re.sub(r"\s+", " ", "".join(self._text)).strip()
        self._text = []
        if text:
            inside = [tag for tag, _, _ in self._open]
            prose = bool(PROSE & set(inside)) and not (self._open and self._open[-1][2])
            self.blocks.append((text, prose, self._led))
        self._led = False


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph. What ends without a stop is a label, and no sentence."""
    parts = re.split(r"(?<=[.?!])[”\"')]?\s+(?=[A-Z“\"(£\d])", text)
    return [part.strip() for part in parts if re.search(r"[.?!][”\"')]*$", part.strip())]


def faults(source: str) -> list[str]:
    """What a page says that a reader's page may not, one line each; empty for a page that keeps the rules."""
    found: list[str] = []
    said: Counter[str] = Counter()
    for text, prose, led in Words(source).blocks:
        if hits := sorted({hit.group() for hit in PROGRAM.finditer(text)}):
            found.append(f"a word of the program, {', '.join(hits)}: {text[:200]}")
        for hit in COUNT.finditer(text):
            part, whole = (int(one.replace(",", "")) for one in hit.groups())
            if part > whole:
                found.append(f"more than there are, {hit.group()}: {text[:200]}")
        if not prose:
            continue
        for place, one in enumerate(sentences(text)):
            many = len(one.split())
            said[one] += many >= SHORT
            if many > MOST_WORDS:
                found.append(f"{many} words: {one}")
            if not (led and place == 0) and not ANSWERS.fullmatch(one) and not VERB.search(one):
                found.append(f"no verb: {one}")
            if LABELLED.search(one):
                found.append(f"a label and a figure, and no sentence: {one}")
    found += [f"said {times} times: {one}" for one, times in said.items() if times > MOST_TIMES]
    return found
