"""A reply to a page: the form that a reader fills in (as a letter, or as a small file), and how it is read back.

No script and no server: a page that somebody got by mail can be replied to as well.
"""

from __future__ import annotations

import base64
import email
import email.policy
import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commissioning.errors import DataRefused
from commissioning.presentation import take_away

if TYPE_CHECKING:
    from commissioning.presentation.page import PageInfo

QUESTIONS = {
    "said": "What does this report get right, get wrong or leave out?",
    "next": "Should the service go on, stop, or bring more evidence? Why?",
    "who": "Who are you? (a role or an organisation: please, no names of people)",
    "print": "May we print your words? (yes or no)",
}
LONGEST = 3_000
"""Letters of one answer."""
_REPORT = re.compile(r"^Report:[ \t]*([a-z0-9][a-z0-9_-]*)[ \t]*$", re.MULTILINE)
_RUN = re.compile(r"^Run:[ \t]*([0-9a-f]+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What somebody replied: the report and its run, their words, who they are, and whether the words may be printed."""

    report: str
    run: str
    said: str
    next: str
    who: str
    may_print: bool


def form(page: PageInfo) -> str:
    """The form as text, with an empty line under each question."""
    asked = "\n".join(f"{place}. {says}\n\n" for place, says in enumerate(QUESTIONS.values(), start=1))
    return f"Reply to: {page.title}, {page.period}\nReport: {page.file}\nRun: {page.run}\n\n{asked}"


def act(page: PageInfo, about: str = "", files: tuple[str, ...] = ()) -> str:
    """Links to take away, ask and reply, as an HTML list; `about` begins the form's first line, `files` are links before these."""
    esc, found = html.escape, list(files)
    text = about + form(page)
    if at := take_away.address(page.contact):
        found.append(f'<a href="{take_away.mail(at, f"Reply: {about}{page.title}", text)}">Reply by email</a>')
    saved = base64.b64encode(text.replace("\n", "\r\n").encode("utf-8")).decode()
    found.append(
        f'<a download="reply-{page.file}.txt" href="data:text/plain;charset=utf-8;base64,{saved}">Save the reply form (a small text file)</a>'
    )
    dates = "".join(f"<dt>{esc(what)}</dt><dd>{esc(when)}</dd>" for what, when in page.dates)
    listed = "".join(f"<li>{one}</li>" for one in found)
    return f'<ul class="act">{listed}</ul><p>Send replies and questions to {esc(page.contact)}.</p>' + (
        f'<dl class="facts" id="dates">{dates}</dl>' if dates else ""
    )


def block(page: PageInfo) -> str:
    """What a page says of taking it away, asking and replying, as HTML; "" of a page without files of its own."""
    if not page.file:
        return ""
    files = [
        f'<a download href="{page.file}.xlsx">All tables in one workbook (Excel)</a>',
        f'<a download href="zip/{page.file}.zip">This report and its annex in one file (ZIP)</a>',
    ]
    if page.site_href:
        files.append(f'<a href="../../{page.site_href}#earlier">Earlier versions of these reports</a>')
    providers = "".join(f'<li><a href="{href}">{html.escape(name)}</a></li>' for href, name in page.providers)
    return (
        act(page, files=tuple(files))
        + '<p class="no-paper">Under each figure and table: a link to it, its files, and a question about it. '
        "A reply that may be printed stands in the next version, with what was done about it.</p>"
        + (
            f'<details class="no-paper"><summary>A page for each provider, with its own figures ({len(page.providers)})</summary>'
            f'<ul class="names">{providers}</ul></details>'
            if providers
            else ""
        )
    )


def read(data: bytes, name: str) -> Reply:
    """A form that came back: a text file, or a letter as a mail program saves it (.eml). Raises DataRefused, naming the file
    and what to mend, and never repeating what it says."""
    text = _text(data, name)
    report, run = _REPORT.search(text), _RUN.search(text)
    if report is None or run is None:
        raise DataRefused(
            f"{name}: it has no line “Report: …” or “Run: …”: save the form from the page, and keep its first lines"
        )
    answers = _answers(text)
    if missing := [asked for key, asked in QUESTIONS.items() if key not in answers]:
        raise DataRefused(
            f"{name}: the question “{missing[0]}” is missing: keep the questions as they are, and answer below"
        )
    for key, asked in QUESTIONS.items():
        if len(answers[key]) > LONGEST:
            raise DataRefused(
                f"{name}: the answer to “{asked}” has {len(answers[key]):,} letters, and {LONGEST:,} are the most"
            )
    if not (answers["said"] or answers["next"]):
        raise DataRefused(f"{name}: it says nothing: the first two questions are empty")
    if not answers["who"]:
        raise DataRefused(f"{name}: it does not say who replies: a role or an organisation is enough")
    said = re.match(r"(yes|no)\b", answers["print"], re.IGNORECASE)
    if said is None:
        raise DataRefused(
            f"{name}: it does not say whether the words may be printed: write yes or no under the last question"
        )
    return Reply(
        report=report[1],
        run=run[1],
        said=answers["said"],
        next=answers["next"],
        who=answers["who"],
        may_print=said[1].lower() == "yes",
    )


def _text(data: bytes, name: str) -> str:
    if name.lower().endswith(".eml"):
        body = email.message_from_bytes(data, policy=email.policy.default).get_body(("plain",))
        if body is None:
            raise DataRefused(f"{name}: the letter holds no plain text: save its words as a text file")
        text = str(body.get_content())
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DataRefused(f"{name}: it is no text in UTF-8: save it as plain text") from None
    lines = [re.sub(r"^(?:> ?)+", "", line) for line in text.splitlines()]
    return "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines)


def _answers(text: str) -> dict[str, str]:
    """What stands under each question, in one line."""
    places = {}
    for place, (key, asked) in enumerate(QUESTIONS.items(), start=1):
        # A mail program may break a question's line.
        words = r"\s+".join(re.escape(word) for word in asked.split())
        if found := re.search(rf"^{place}\.\s+{words}", text, re.MULTILINE):
            places[key] = found.span()
    starts = sorted(start for start, _ in places.values())
    return {
        key: " ".join(text[end : next((one for one in starts if one >= end), len(text))].split())
        for key, (_, end) in places.items()
    }
