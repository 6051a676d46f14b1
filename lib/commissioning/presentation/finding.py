"""Findings: plain sentences, each no stronger than its evidence."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from commissioning.presentation import columns, directions, display, numbers, showable, words
from commissioning.presentation.display import Context, Display, Kind

Confidence = Literal["high", "medium", "low"]

CLAIM_WORDS = {
    "recorded": "Recorded: providers or the council's own records told us, and we have not checked it",
    "described": "Described: this says what is, and does not say why",
    "compared": "Compared: other reasons are possible",
    "attributable": "Attributable: it passed its checks",
}

GRADES = {"high": "strong", "medium": "moderate", "low": "weak"}
"""A grade is shown with its reason, and not without one."""


class Finding(Display):
    """One sentence for evaluators.

    `claim` is a rung (recorded, described, compared, attributable) or an object with a `.rung`; `confidence`
    is how far the data under it can be trusted (high, medium, low), kept apart from the claim.
    `numbers` is the released thing the sentence's numbers come from; `evidence` the anchor of the
    figure or table it leads to; `declared` the bounds it may name besides; `checks` what stands beside the claim of its
    checks: when they were sealed, or that they were not, and each that was changed since.
    Raises NotReleased, and ValueError for a number not in the data, a banned word or a claim too strong.
    """

    kind = "finding"
    told: Any = None  # as the record of a stage keeps it

    def __init__(
        self,
        sentence: str,
        claim: Any,
        confidence: Confidence,
        numbers: object,
        evidence: str,
        *,
        why_confidence: str = "",
        declared: Sequence[float | int | str] = (),
        checks: str = "",
        id: str | None = None,
    ):
        frame, through = showable.frame_of(numbers)
        super().__init__(
            {
                "id": words.slug(id or f"finding-{sentence}"),
                "title": "Finding",
                "sentence": sentence,
                "claim": str(getattr(claim, "rung", claim)),
                "confidence": confidence,
                "why_confidence": why_confidence,
                "evidence": evidence.removeprefix("#"),
                "through": through,
                "data": columns.payload(frame),
                "numbers": {"declared": list(declared)},
                **({"checks": checks} if checks else {}),
            }
        )

    @property
    def known(self) -> numbers.Known:
        """The numbers that its sentence may use."""
        return known_numbers(self.record)


def known_numbers(record: Mapping[str, Any]) -> numbers.Known:
    """The numbers that a finding may use. Its own name is no data: only the frame, and what was declared, count."""
    declared = record.get("numbers", {}).get("declared", ())
    return numbers.Known(columns.values(record["data"]), columns.texts(record["data"]), declared)


def finding_problems(record: Mapping[str, Any]) -> list[str]:
    """What is wrong with the record of a finding; empty when sound."""
    found = display.common_problems(record)
    sentence = str(record.get("sentence", "")).strip()
    if not sentence or sentence[-1] not in ".!?":
        found.append("write one whole sentence, with its full stop")
    if record["claim"] not in words.RUNGS:
        found.append(f"the claim is one of {', '.join(words.RUNGS)}, not {record['claim']!r}")
    if record["confidence"] not in ("high", "medium", "low"):
        found.append(f"confidence in the data is high, medium or low, not {record['confidence']!r}")
    if not record.get("evidence"):
        found.append("it leads to no evidence: give the anchor of its figure or table")
    found += words.overclaims(sentence, record["claim"])
    found += [f"its sentence uses {hit}" for hit in words.banned(sentence)]
    found += directions.problems(sentence, record.get("data"))
    allowed = known_numbers(record)
    for text, name in ((sentence, "sentence"), (str(record.get("why_confidence", "")), "reason for confidence")):
        found += [f"the number {wrong} in its {name} is not in its data" for wrong in allowed.unmatched(text)]
    return found


def leads_to(one: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    """The anchor that a finding leads to: the first of those that it may lead to which the page holds."""
    return next((anchor for anchor in (one["evidence"], *one.get("also", ())) if anchor in held), str(one["evidence"]))


def _finding_html(record: Mapping[str, Any], context: Context) -> str:
    esc = html.escape
    anchor = leads_to(record, context.labels)
    name = context.labels.get(anchor) or anchor.replace("-", " ")
    checks = f" {esc(record['checks'])}" if record.get("checks") else ""
    why = record.get("why_confidence", "")
    grade = f'<p class="claim"><strong>Evidence: {GRADES[record["confidence"]]}.</strong> {esc(why)}</p>' if why else ""
    return (
        f'<div class="finding" id="{record["id"]}" data-kind="finding"><p class="sentence">{esc(record["sentence"])}</p>'
        f'<p class="claim"><strong>Claim.</strong> {CLAIM_WORDS[record["claim"]]}.{checks}</p>'
        f"{grade}"
        f'<p class="claim"><a href="{esc(context.elsewhere.get(anchor, "#" + anchor))}">Evidence: {esc(name)}</a></p></div>'
    )


display.register(
    "finding",
    Kind(problems=finding_problems, html=_finding_html, plain=lambda r: f"{r['sentence']} ({r['claim']})"),
)
