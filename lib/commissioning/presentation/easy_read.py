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
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup

from commissioning.errors import ReportFailed
from commissioning.presentation import exporter, pictures, showable, signoff, words
from commissioning.presentation.easy_read_rules import NOT_YET, broken
from commissioning.presentation.pictures import Change, People
from commissioning.presentation.signoff import Signature

MOST_PAGES = 12
MOST_TIMES = 2
ADVOCATE = "a person who helps you to speak up."
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Idea:
    """A picture and one to three short sentences. `claim` is the rung under it, where it compares.

    `picture` is a name of pictures.NAMES, or People. A hard word is written **so** and explained in `words`
    of the page. `lines` are an address or a number to copy, line by line: they are no sentences, and no rule
    for sentences holds for them.
    """

    picture: str | People | Change
    sentences: tuple[str, ...]
    claim: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A heading and its ideas. `pictured` False: a list of words and what they mean, which no picture makes plainer."""

    heading: str
    ideas: tuple[Idea, ...]
    pictured: bool = True


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How people answer: on paper, by email, and aloud. `by` is the last day, in words; `days` how long there is where none is set.

    `post` is an address, its lines apart by commas; `phone` a number, or words that say whom to ring; `email` an address.
    What is empty is said on the page not to be given.
    """

    post: str
    phone: str
    by: str = ""
    email: str = ""
    days: int = 0


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
    paying = (
        Idea(picture="pound", sentences=("Some people pay towards their support.",)),
        Idea(picture="talk", sentences=("Ask us what you pay.",)),
    )
    return Part(
        heading="What happens to my support?",
        ideas=(
            Idea(picture="support", sentences=("This booklet does not change your support.",)),
            Idea(picture="talk", sentences=("If we want to change your support, we will talk to you first.",)),
            Idea(picture="friends", sentences=("You can bring someone with you.",)),
            *(paying if charges else ()),
        ),
    )


def we_do_not_know_yet(*asked: str) -> Idea:
    """An honest answer where there is none, after what was asked."""
    return Idea(picture="question", sentences=(*asked, NOT_YET))


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
        found = (*self.parts, self.support, _reply(self.reply))
        meanings = tuple(
            Idea(picture="", sentences=(f"**{word[:1].upper() + word[1:]}**: {means}",))
            for word, means in sorted(self.all_words().items())
        )
        return (*found, Part(heading="What the words mean", ideas=meanings, pictured=False))

    def all_words(self) -> dict[str, str]:
        """The hard words of the page with those of the parts that it adds by itself."""
        return {"advocate": ADVOCATE, **self.words}

    def problems(self) -> list[str]:
        """Every rule that the page breaks, in plain sentences; empty when it may be made."""
        found: list[str] = []
        if not self.parts:
            found.append("it has no parts")
        explained = {form for word in self.all_words() for form in (word.lower(), word.lower() + "s")}
        for part in self.all_parts():
            if not part.ideas:
                found.append(f"the part {part.heading!r} has no ideas")
            for idea in part.ideas:
                found += broken(idea, explained, self.names, part.pictured)
        # Two outcomes may come to the same number: a sentence that holds a count is no refrain.
        everything = (one for part in self.all_parts() for idea in part.ideas for one in idea.sentences)
        said = [one for one in everything if not re.search(r"\d", one)]
        often = {one: count for one, count in Counter(said).items() if count > MOST_TIMES}
        found += [f"{one!r}: is said {count} times; {MOST_TIMES} is the most" for one, count in often.items()]
        if (pages := self.pages()) > MOST_PAGES:
            found.append(f"it is about {pages} pages of A4; {MOST_PAGES} is the most")
        return found

    def pages(self) -> int:
        """About how many A4 pages it prints on: 259 mm of page of which some stay empty, 21 mm a heading, and its ideas as drawn."""
        parts = self.all_parts()
        tall = sum(_height(idea) if part.pictured else 11 for part in parts for idea in part.ideas)
        return math.ceil((tall + 21 * len(parts) + 90) / 250)

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
                        "picture": Markup(pictures.draw(idea.picture)) if part.pictured else "",
                        "shape": _shape(idea.picture),
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


def _shape(picture: str | People | Change) -> str:
    """How large a picture stands: a hundred in one are not seen in a small one."""
    if isinstance(picture, Change):
        return "widest"
    return "wide" if isinstance(picture, People) and picture.of == 100 else ""


def _height(idea: Idea) -> int:
    """About how many millimetres an idea takes on paper: its picture beside its words, or above them."""
    words_tall = sum(9 * math.ceil(len(one) / 46) + 4 for one in idea.sentences) + 9 * len(idea.lines)
    shape = _shape(idea.picture)
    return 5 + (98 + words_tall if shape == "widest" else max(53 if shape else 26, words_tall))


def _reply(reply: Reply) -> Part:
    """How people answer, by when, who may help, and which way of answering was not given."""
    post = tuple(line for part in reply.post.split(",") if (line := part.strip()))
    phone, number = reply.phone.strip().rstrip("."), re.search(r"\d", reply.phone)
    lacking = [
        says
        for says, held in (
            ("an address", post),
            ("a postcode", not post or _POSTCODE.search(reply.post)),
            ("an email address", reply.email),
            ("a phone number", number),
        )
        if not held
    ]
    ideas = []
    if reply.by:
        ideas.append(Idea(picture="calendar", sentences=(f"Please tell us by {reply.by}.",)))
    elif reply.days:
        ideas.append(
            Idea(picture="calendar", sentences=(f"Please tell us within {reply.days} days of getting this booklet.",))
        )
    written = "You can write or draw on paper."
    ideas.append(
        Idea(picture="letter", sentences=(written, *(("Send it to this address:",) if post else ())), lines=post)
    )
    if reply.email:
        ideas.append(Idea(picture="email", sentences=("You can send us an email:",), lines=(reply.email,)))
    told = ("You can phone us or talk to us.", *(("Call us on this number:",) if number else ()))
    ideas.append(Idea(picture="phone", sentences=told, lines=((phone if number else f"{phone}.",) if phone else ())))
    if lacking:
        *most, last = lacking
        without = f"{', '.join(most)} or {last}" if most else last
        ideas.append(
            Idea(
                picture="question",
                sentences=(f"This booklet does not give {without}.", "Ask the person who gave you this booklet."),
            )
        )
    ideas.append(
        Idea(picture="together", sentences=("Your family, a supporter or an advocate can help you to reply.",))
    )
    return Part(heading="Tell us what you think", ideas=tuple(ideas))


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


__all__ = [
    "Change",
    "EasyRead",
    "Idea",
    "Part",
    "People",
    "Reply",
    "people",
    "we_do_not_know_yet",
    "what_happens_to_my_support",
]
