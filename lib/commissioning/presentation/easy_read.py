"""The Easy Read page, under rules that are enforced and not hoped for.

The rules follow the guidance that councils and the NHS use for people with a learning disability
(Department of Health, *Making written information easier to understand*, 2010; Change, *How to make
information accessible*): one idea a sentence, a picture left of each idea, short words, large type.
A page that breaks a rule is not made.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup

from commissioning.errors import ReportFailed
from commissioning.presentation import exporter, pictures, showable, signoff, words
from commissioning.presentation.pictures import People
from commissioning.presentation.signoff import Signature

MOST_WORDS = 15
MOST_PAGES = 12
_HARD = frozenset(
    [
        "outcome",
        "output",
        "commission",
        "commissioning",
        "commissioners",
        "decommission",
        "decommissioning",
        "evaluation",
        "evaluate",
        "baseline",
        "interval",
        "statistic",
        "evidence",
        "indicator",
        "numerator",
        "denominator",
        "pilot",
        "provision",
        "provider",
        "attributable",
        "advocacy",
        "advocate",
        "safeguarding",
        "procurement",
        "expenditure",
        "percentage",
        "average",
        "assessment",
        "locality",
        "strategy",
        "strategic",
        "framework",
        "implement",
        "implementation",
        "stakeholder",
        "budget",
        "grant",
    ]
)  # one of a thing; more of it are as hard
_MORE = re.compile(
    r"\b(more|fewer|less|better|worse|higher|lower|increased?|decreased?|improved?|rose|fell)\b", re.IGNORECASE
)
_CAUSE = re.compile(r"\b(because of the|made this happen|led to|caused|thanks to)\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(\d+) out of (?:every )?(\d+)\b")
_FORBIDDEN = (
    (re.compile(r"%|\bper cent\b|\bpercentage", re.IGNORECASE), "a percentage; say '8 out of 10 people'"),
    (re.compile(r"\d\.\d"), "a decimal"),
    (re.compile(r"[;()\[\]/&¶]|\b(?:e\.g|i\.e|etc)\b"), "a sign or an abbreviation that is hard to read"),
    (re.compile(r"\b(?!NHS\b)[A-Z]{2,}\b"), "capitals that stand for other words"),
    (
        re.compile(r"\b(?:which|whereas|however|therefore|although|moreover|furthermore)\b", re.IGNORECASE),
        "a second idea; make it two sentences",
    ),
    (re.compile(r"\b\w+n't\b|\b\w+n’t\b"), "a shortened word; write it in full"),
)


@dataclass(frozen=True, kw_only=True)
class Idea:
    """A picture and one to three short sentences. `claim` is the rung under it, where it compares.

    `picture` is a name of pictures.NAMES, or People. A hard word is written **so** and explained in `words`
    of the page. `lines` are an address or a number to copy, line by line: they are no sentences, and no rule
    for sentences holds for them.
    """

    picture: str | People
    sentences: tuple[str, ...]
    claim: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A heading and its ideas."""

    heading: str
    ideas: tuple[Idea, ...]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How people answer: on paper, and aloud. `by` is the last day, in words.

    `post` is an address, its lines apart by commas; empty where it is not given. `phone` is a number, or words that say
    whom to ring; empty where it is not given.
    """

    post: str
    phone: str
    by: str = ""


def people(figure: object, counted: str = "people") -> People:
    """The pictogram of one released share: of 10 people (or whatever is `counted`: reviews), or of 100 where the share is under 15% or over 85%.

    `figure` is a Released, PublicFigures or Computed of one row with numerator and denominator.
    Raises ValueError where it is not one row, or is hidden.
    """
    frame, _ = showable.frame_of(figure)
    if len(frame) != 1:
        raise ValueError(f"a picture of people is made from one figure, not {len(frame)}")
    row = frame.iloc[0]
    if (
        str(row.get("hidden")) == "True"
        or words.missing(row["numerator"])
        or words.missing(row["denominator"])
        or not row["denominator"]
    ):
        raise ValueError("this figure is hidden or not known: say 'we do not know yet' with the question picture")
    share = Decimal(str(row["numerator"])) / Decimal(str(row["denominator"]))
    of = 100 if share < Decimal("0.15") or share > Decimal("0.85") else 10
    return People(count=int(words.rounded(share * of, 0)), of=of, counted=counted)


def what_happens_to_my_support(*, charges: bool = True) -> Part:
    """The page that people look for first; `charges` False where nobody is asked to pay towards this support."""
    paying = Idea(picture="coins", sentences=("Some people pay towards their support.", "Ask us what you pay."))
    return Part(
        heading="What happens to my support?",
        ideas=(
            Idea(picture="support", sentences=("This report does not change your support.",)),
            Idea(
                picture="talk",
                sentences=(
                    "If we want to change your support, we will talk to you first.",
                    "You can bring someone with you.",
                ),
            ),
            *((paying,) if charges else ()),
        ),
    )


def we_do_not_know_yet(*sentences: str) -> Idea:
    """An honest answer where there is none."""
    return Idea(picture="question", sentences=("We do not know yet.", *sentences))


@dataclass(frozen=True, kw_only=True)
class EasyRead:
    """A whole Easy Read page. `words` explains each hard word in a short sentence.

    `names` are names of places and councils, as whoever speaks on the page gave them. However long or oddly written, a name
    is one word that nobody has to understand: no rule for words or sentences looks inside it.

    The parts on how to reply, on what happens to people's support, and on hard words are added by the
    page itself, so that they cannot be forgotten.
    """

    title: str
    parts: tuple[Part, ...]
    reply: Reply
    words: Mapping[str, str] = field(default_factory=dict)
    support: Part = field(default_factory=what_happens_to_my_support)
    names: tuple[str, ...] = ()

    def all_parts(self) -> tuple[Part, ...]:
        """Every part in order, those added by the page among them."""
        by = (f"Please tell us by {self.reply.by}.",) if self.reply.by else ()
        post = tuple(line for part in self.reply.post.split(",") if (line := part.strip()))
        phone = self.reply.phone.strip().rstrip(".")
        if re.search(r"\d", phone):
            aloud = Idea(
                picture="phone", sentences=("You can tell us aloud.", "Call us on this number:"), lines=(phone,)
            )
        elif phone:
            aloud = Idea(picture="phone", sentences=("You can tell us aloud.",), lines=(f"{phone}.",))
        else:
            aloud = Idea(picture="phone", sentences=("You can tell us aloud.", "Ask somebody to do this with you."))
        paper = (
            Idea(
                picture="letter",
                sentences=("You can write or draw on paper.", "Send it to this address:"),
                lines=post,
            )
            if post
            else Idea(
                picture="letter",
                sentences=(
                    "You can write or draw on paper.",
                    "The address is not given here.",
                    "Ask the person who gave you this page.",
                ),
            )
        )
        reply = Part(
            heading="Tell us what you think",
            ideas=(
                paper,
                aloud,
                Idea(picture="calendar" if by else "speech", sentences=(*by, "Someone can help you to reply.")),
            ),
        )
        found = (*self.parts, self.support, reply)
        if self.words:
            meanings = tuple(
                Idea(picture="report", sentences=(f"**{word[:1].upper() + word[1:]}**: {means}",))
                for word, means in sorted(self.words.items())
            )
            found = (*found, Part(heading="What the words mean", ideas=meanings))
        return found

    def problems(self) -> list[str]:
        """Every rule that the page breaks, in plain sentences; empty when it may be made."""
        found: list[str] = []
        if not self.parts:
            found.append("it has no parts")
        explained = {form for word in self.words for form in (word.lower(), word.lower() + "s")}
        for part in self.all_parts():
            if not part.ideas:
                found.append(f"the part {part.heading!r} has no ideas")
            for idea in part.ideas:
                found += _idea_problems(idea, explained, self.names)
        if (pages := self.pages()) > MOST_PAGES:
            found.append(f"it is about {pages} pages of A4; {MOST_PAGES} is the most")
        return found

    def pages(self) -> int:
        """About how many A4 pages it prints on: 257 mm of page, 45 mm an idea, 20 mm a heading."""
        parts = self.all_parts()
        return math.ceil((45 * sum(len(part.ideas) for part in parts) + 20 * len(parts) + 50) / 257)

    def render(
        self,
        *,
        organisation: str,
        report_href: str | None = None,
        illustrative: bool = False,
        provisional: bool = False,
        signoffs: tuple[Signature, ...] = (),
    ) -> str:
        """The page as HTML. Raises ReportFailed with every broken rule."""
        if problems := self.problems():
            raise ReportFailed("the Easy Read page was refused: " + " | ".join(dict.fromkeys(problems)))
        taken = {"main"}
        shown = [
            {
                "heading": part.heading,
                "id": exporter.unique(words.slug(part.heading), taken),
                "ideas": [
                    {
                        "picture": Markup(pictures.draw(idea.picture)),
                        "sentences": [Markup(_bold(s)) for s in idea.sentences],
                        "lines": list(idea.lines),
                    }
                    for idea in part.ideas
                ],
            }
            for part in self.all_parts()
        ]
        css, digest = exporter.style("easy_read.css")
        return exporter.template("easy_read.html.j2").render(
            title=self.title,
            parts=shown,
            organisation=organisation,
            report_href=report_href,
            illustrative=illustrative,
            status=Markup(signoff.easy_read_block(signoffs)),
            provisional=Markup(signoff.states_block(signoff.EASY_PROVISIONAL if provisional else "")),
            css=Markup(css),
            digest=digest,
        )


MAIN = '<main id="main" tabindex="-1">'
FORCED = (
    '<p class="illustrative" id="forced"><strong>Warning.</strong> A check of the facts said stop. '
    "This page was made anyway. The numbers here may be wrong.</p>"
)


def forced(html: str) -> str:
    """A rendered page with the warning that its run went on although a check of the data said stop (--force)."""
    return html.replace(MAIN, f"{MAIN}\n{FORCED}", 1)


def _bold(sentence: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(sentence))


def _idea_problems(idea: Idea, explained: set[str], names: tuple[str, ...] = ()) -> list[str]:
    found: list[str] = []
    first = idea.sentences[0][:50] if idea.sentences else "(nothing)"
    try:
        if not idea.picture:
            raise ValueError("an idea without a picture")
        pictures.draw(idea.picture)
    except (ValueError, TypeError) as error:
        found.append(f"{first!r}: {error}")
    if not 1 <= len(idea.sentences) <= 3:
        found.append(f"{first!r}: an idea has one to three sentences, not {len(idea.sentences)}")
    said = [(int(a), int(b)) for sentence in idea.sentences for a, b in _OUT_OF.findall(sentence)]
    if isinstance(idea.picture, People):
        if (idea.picture.count, idea.picture.of) not in said:
            found.append(f"{first!r}: the picture shows {idea.picture.words}, and the words do not say so")
        found += [
            f"{first!r}: says {a} out of {b}, and the picture shows {idea.picture.words}"
            for a, b in said
            if (a, b) != (idea.picture.count, idea.picture.of)
        ]
    elif said:
        found.append(f"{first!r}: says {said[0][0]} out of {said[0][1]} without the picture of people that shows it")
    for sentence in idea.sentences:
        found += [f"{sentence!r}: {wrong}" for wrong in _sentence_problems(sentence, idea.claim, explained, names)]
    return found


def _named(sentence: str, names: tuple[str, ...]) -> str:
    """A sentence with one plain word in the place of each name, the longest names first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "Here", sentence)
    return sentence


def _sentence_problems(sentence: str, claim: str | None, explained: set[str], names: tuple[str, ...] = ()) -> list[str]:
    plain = _named(sentence.replace("*", ""), names)
    found = []
    count = len(plain.split())
    if count > MOST_WORDS:
        found.append(f"has {count} words; {MOST_WORDS} is the most")
    if not plain.strip() or plain.strip()[-1] not in ".?!:":
        found.append("is not a whole sentence with its full stop")
    elif len(re.findall(r"[.?!](?=\s+[A-Z])", plain)) > 0:
        found.append("holds two sentences; give each its own line")
    if plain.count(",") > 1 or len(re.findall(r"\band\b|\bbut\b", plain)) > 2:
        found.append("holds more than one idea")
    found += [f"holds {what}" for pattern, what in _FORBIDDEN if pattern.search(plain)]
    found += [f"uses {hit}" for hit in words.banned(plain)]
    rungs = words.RUNGS.index(claim) if claim in words.RUNGS else -1
    if (
        rungs < words.RUNGS.index("compared")
        and (hit := _MORE.search(plain))
        and not re.search(r"\b(no more|more than) \d|find out more|tell us more", plain)
    ):
        found.append(f"says '{hit.group()}', and no claim under it allows that")
    if claim != "attributable" and (hit := _CAUSE.search(plain)) and not re.search(r"\b(not|if)\b", plain):
        found.append(f"says '{hit.group()}', and no claim under it allows that")
    for word in re.findall(r"[A-Za-z]+", plain):
        low = word.lower()
        hard = low in _HARD or low.removesuffix("s") in _HARD or len(low) >= 12
        if hard and low not in explained and low.rstrip("s") not in explained:
            found.append(
                f"uses the hard word '{low}' without explaining it; add it to `words`, or write it more simply"
            )
    return found


__all__ = ["EasyRead", "Idea", "Part", "People", "Reply", "people", "we_do_not_know_yet", "what_happens_to_my_support"]
