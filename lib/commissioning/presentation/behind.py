"""What stands behind a page, in one block at its end: what it rests on, what it cannot tell, and the way to the annex."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from commissioning.presentation import definition, display, words
from commissioning.presentation.display import Context, Display, Kind


class Behind(Display):
    """The block that closes a page.

    `rests`: label → words, such as the period and who published the figures. `cannot`: a sentence or two on what the page cannot
    tell. `chapters`: the titles of the annex's chapters. `cards`: a short definition of each measure that the page may lead to:
    pilot, measure, title, numerator, denominator, extracts, no_extract.
    """

    kind = "behind"

    def __init__(
        self,
        *,
        rests: Mapping[str, str],
        cannot: Sequence[str],
        chapters: Sequence[str],
        cards: Sequence[Mapping[str, Any]],
    ):
        super().__init__(
            {
                "id": "behind",
                "title": "What this page rests on",
                "through": "text",
                "rests": [[str(label), str(says)] for label, says in rests.items()],
                "cannot": [str(one) for one in cannot],
                "chapters": [str(one) for one in chapters],
                "cards": [dict(one) for one in cards],
            }
        )


def _problems(record: Mapping[str, Any]) -> list[str]:
    found = display.common_problems(record)
    found += [] if record["rests"] else ["it does not say what the page rests on"]
    return found + ([] if record["cannot"] else ["it does not say what the page cannot tell"])


def _html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    facts = " ".join(f"<strong>{esc(label)}:</strong> {esc(says.rstrip('.'))}." for label, says in record["rests"])
    limits = " ".join(esc(one) for one in record["cannot"])
    links = "".join(
        f'<p class="annex"><a href="{esc(href)}">{esc(title)}: definitions, methods and data</a></p>'
        f'<details class="more"><summary>Chapters of the annex: {esc(title)}</summary><ul>'
        + "".join(f'<li><a href="{esc(href)}#{words.slug(one)}">{esc(one)}</a></li>' for one in record["chapters"])
        + "</ul></details>"
        for title, href in context.annexes
    )
    return (
        f'<div class="behind" id="{record["id"]}" data-kind="behind"><p>{facts}</p>'
        f"<p><strong>What this page cannot tell you.</strong> {limits}</p>{links}</div>"
    )


def cards(records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The short definitions that a page brings of measures whose whole definition stands in the annex."""
    return [card for record in records if record["kind"] == "behind" for card in record["cards"]]


def popovers(records: Sequence[Mapping[str, Any]], context: Mapping[str, Context]) -> list[str]:
    """A short definition for each measure that the page defines, or leads to."""
    found: dict[str, tuple[Mapping[str, Any], Context]] = {}
    led_to = {measure for record in records for measure in record.get("measures", ())}
    for record in records:
        if record["kind"] == "behind":
            short = {card["measure"]: {**card, "card": card} for card in record["cards"]}
            found |= {key: (one, context[record["id"]]) for key, one in short.items() if key in led_to}
    found |= {one["measure"]: (one, context[one["id"]]) for one in records if one["kind"] == "definition"}
    return [definition.popover(*one) for one in found.values()]


display.register(
    "behind",
    Kind(
        problems=_problems,
        html=_html,
        plain=lambda r: "\n".join([*(f"{label}: {says}" for label, says in r["rests"]), *r["cannot"]]),
    ),
)
