"""The answer: at most five lines at the head of a page, each with a sign of its claim and a link to its evidence.

A line is a checked finding with a question, a grade where one is given, and what stands one tap below. Styled by the classes
`answer`, `answer-line`, `claim-sign` and `grade`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from commissioning.presentation import display, words
from commissioning.presentation.display import Context, Display, Kind
from commissioning.presentation.finding import CLAIM_WORDS, Finding, finding_problems, known_numbers, leads_to

MOST_WORDS = 150  # a pilot; a notice, signs and their labels are not counted
MOST_LINES = 5
Sign = Literal["recorded", "described", "compared", "attributable"]
Grade = Literal["", "strong", "moderate", "weak"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an answer.

    question   what it answers: "What changed"
    says       whole sentences, or "not known, because …"
    sign       how strongly it may be said, one of four steps
    grade      of the evidence: strong, moderate or weak; "" where none is given
    because    the weakest reason for the grade, as a sentence; "" without a grade
    more       further sentences, one tap below
    """

    question: str
    says: str
    sign: Sign
    grade: Grade = ""
    because: str = ""
    more: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words of it count towards the budget of a page."""
        return count_words(self.says) + count_words(self.because)


def count_words(text: str) -> int:
    """Words as a reader counts them; a sign such as a dash is none."""
    return sum(any(letter.isalnum() for letter in one) for one in text.split())


@dataclass(frozen=True, kw_only=True)
class Part:
    """The lines of one pilot: each a finding's record with the fields of its line. `title` "" where a page has one pilot."""

    title: str = ""
    lines: tuple[dict[str, Any], ...] = field(default_factory=tuple)


class Answer(Display):
    """The lines that stand first on a page. `notice`: a state that they share, such as a what-if; "" where there is none."""

    kind = "answer"

    def __init__(self, parts: Sequence[Part], *, notice: str = "", id: str = "answer"):
        found = [{**one, "of": part.title} for part in parts for one in part.lines]
        super().__init__({"id": id, "title": "The answer", "notice": notice, "findings": found})

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines, in order; of several pilots one after the other."""
        return tuple(
            Line(**{name: one[name] for name in ("question", "grade", "because")}, says=one["sentence"], sign=one["claim"],
                 more=tuple(one["more"]))
            for one in self.record["findings"]
        )  # fmt: skip


def as_line(
    found: Finding,
    question: str,
    *,
    grade: Grade = "",
    because: str = "",
    more: Sequence[str] = (),
    also: Sequence[str] = (),
    signed: bool = True,
) -> Finding:
    """A finding with what makes it a line. `also`: anchors that it may lead to besides its own; `signed`: whether its sign is shown."""
    found.record |= {
        "id": words.slug(f"answer {question}"), "question": question, "grade": grade, "because": because, "more": list(more),
        "also": list(also), "signed": signed,
    }  # fmt: skip
    return found


def parts_of(record: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The lines of a record by pilot: title → lines."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in record.get("findings", ()):
        found.setdefault(str(one.get("of", "")), []).append(one)
    return found


def _problems(record: Mapping[str, Any]) -> list[str]:
    found = [] if record.get("findings") else ["it has no line"]
    for title, lines in parts_of(record).items():
        said = f" of {title}" if title else ""
        if len(lines) > MOST_LINES:
            found.append(f"the answer{said} has {len(lines)} lines: at most {MOST_LINES} are read")
        if len({one["sentence"] for one in lines}) < len(lines):
            found.append("the same line stands twice")
    for one in record.get("findings", ()):
        found += [f"line {str(one.get('question', ''))!r}: {wrong}" for wrong in _line_problems(one)]
    return found


def _line_problems(one: Mapping[str, Any]) -> list[str]:
    found = finding_problems(one)
    if not str(one.get("question", "")).strip():
        found.append("it answers no question")
    if one.get("grade") and not one.get("because"):
        found.append("its grade has no reason")
    allowed = known_numbers(one)
    for text in (str(one.get("because", "")), *one.get("more", ())):
        found += [f"the number {wrong} in {text[:40]!r} is not in its data" for wrong in allowed.unmatched(text)]
        found += [f"it uses {hit}" for hit in words.banned(text)]
    return found


def _html(record: Mapping[str, Any], context: Context) -> str:
    notice = f'<p class="answer-notice">{html.escape(record["notice"])}</p>' if record.get("notice") else ""
    parts = [
        (f'<h3 class="answer-of">{html.escape(title)}</h3>' if title else "")
        + f'<ol class="answer">{"".join(_line_html(one, context, place == _sealed_at(lines)) for place, one in enumerate(lines))}</ol>'
        for title, lines in parts_of(record).items()
    ]
    return f'<div class="answers" id="{record["id"]}">{notice}{"".join(parts)}{_key(record)}</div>'


def _dots(claim: str) -> str:
    step = words.RUNGS.index(claim) + 1
    return "●" * step + "○" * (len(words.RUNGS) - step)


def _key(record: Mapping[str, Any]) -> str:
    """What the signs of these lines mean, firmest first: on paper nothing can be tapped."""
    used = {one["claim"] for one in record.get("findings", ()) if one.get("signed", True)}
    means = [
        f'<li><span aria-hidden="true">{_dots(one)}</span> {html.escape(CLAIM_WORDS[one])}.</li>'
        for one in reversed(words.RUNGS)
        if one in used
    ]
    return f'<ul class="answer-key">{"".join(means)}</ul>' if means else ""


def _sealed_at(lines: Sequence[Mapping[str, Any]]) -> int:
    """The line under which it stands when checks were sealed: once for all lines of a pilot."""
    return next((place for place, one in enumerate(lines) if one.get("checks")), -1)


def _line_html(one: Mapping[str, Any], context: Context, sealed: bool) -> str:
    esc = html.escape
    sign = (
        ""
        if not one.get("signed", True)
        else (
            f'<span class="claim-sign claim-{one["claim"]}" title="{esc(CLAIM_WORDS[one["claim"]])}">'
            f'<span aria-hidden="true">{_dots(one["claim"])}</span> {one["claim"].capitalize()}</span>'
        )
    )
    grade = (
        f'<p class="grade grade-{one["grade"]}"><strong>Evidence: {one["grade"]}.</strong> {esc(one["because"])}</p>'
        if one.get("grade")
        else ""
    )
    more = [*([one["checks"]] if sealed else []), *one["more"]]
    below = "".join(f"<li>{esc(says)}</li>" for says in more)
    below = f'<details class="more"><summary>More on this</summary><ul>{below}</ul></details>' if below else ""
    anchor = leads_to(one, context.labels)
    name = context.labels.get(anchor) or anchor.replace("-", " ")
    return (
        f'<li class="answer-line" id="{one["id"]}" data-kind="finding"><p class="question"><strong>{esc(one["question"])}</strong> '
        f'{sign}</p><p class="sentence">{esc(one["sentence"])}</p>{grade}'
        f'<p class="leads"><a href="{esc(context.elsewhere.get(anchor, f"#{anchor}"))}">Evidence: {esc(name)}</a></p>{below}</li>'
    )


def _plain(record: Mapping[str, Any]) -> str:
    said = [record["notice"]] if record.get("notice") else []
    for title, lines in parts_of(record).items():
        said += [title] if title else []
        for place, one in enumerate(lines, start=1):
            grade = f" Evidence: {one['grade']}. {one['because']}" if one.get("grade") else ""
            sign = f" ({one['claim']})" if one.get("signed", True) else ""
            said.append(f"{place}. {one['question']}. {one['sentence']}{grade}{sign}")
    return "\n".join(said)


display.register("answer", Kind(problems=_problems, html=_html, plain=_plain))
