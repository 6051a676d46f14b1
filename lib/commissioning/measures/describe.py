"""Definitions in words: the list, the card and the reference page, all from the measures themselves.

Nothing is typed twice: a card's sentences are the `says` of the rules that do the counting.
`python -m commissioning.measures.describe [FILE]` writes the reference page (docs/reference/measures.md).
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError
from commissioning.measures.catalogue import catalogue as every_measure
from commissioning.measures.definition import Measure, Outcome
from commissioning.measures.reading import group_kind

BETTER = {"higher": "higher is better", "lower": "lower is better", "neutral": "neither direction is better"}
AIM = {"parity": "the aim is parity", "range": "the aim is a range"}
SPEND = {
    "purpose": "spend with this purpose may be divided by it",
    "shared": "spend on the whole service stands beside it, and is never divided by it",
    "none": "no spend is set against it",
}
SEVERAL = {
    "the latest": "the latest in the period counts",
    "the latest that applies": "the latest to which the measure applies counts, once in each group and once in totals",
    "one that achieved": "one that achieved counts before the others, once in each group and once in totals",
}


def kind_words(measure: Measure) -> str:
    """`individual outcome (economic)`, `output`, `input` or `process`."""
    if isinstance(measure.kind, Outcome):
        return f"{measure.kind.level} outcome ({measure.kind.domain})"
    return measure.kind.word


def direction_words(measure: Measure) -> str:
    """Which way is better; an aim, where there is one, in place of a direction."""
    return AIM[measure.aim] if measure.aim is not None else BETTER[measure.better]


def numerator_words(measure: Measure) -> str:
    """What is summed above the line: a condition, or an amount."""
    top = measure.achieved or measure.amount
    assert top is not None
    return top.says


def denominator_words(measure: Measure) -> str:
    """What it is out of; a plain sum is out of nothing, and says so."""
    if measure.out_of is not None:
        return measure.out_of.says
    if measure.amount is not None:
        return "none: this is a sum"
    return "everybody or everything that counts, whose answer is known"


def found(measure: Measure | str, measures: Mapping[str, Measure] | None = None) -> Measure:
    """The measure itself, or the one with this id; UsageError with the nearest id where there is none."""
    if isinstance(measure, Measure):
        return measure
    known = every_measure() if measures is None else measures
    if measure in known:
        return known[measure]
    near = difflib.get_close_matches(measure, known, n=1, cutoff=0.3)
    hint = f"; the nearest is {near[0]}" if near else "; `commissioning measures` lists them all"
    raise UsageError(f"there is no measure {measure!r}{hint}")


def card_json(measure: Measure | str) -> dict[str, Any]:
    """The definition card of a measure (or of the id of one) as plain text, numbers and lists.

    Raises UsageError for an id that no measure has.
    """
    measure = found(measure)
    return {
        "id": measure.id,
        "title": measure.title,
        "kind": measure.kind.word,
        "level": measure.kind.level if isinstance(measure.kind, Outcome) else None,
        "domain": measure.kind.domain if isinstance(measure.kind, Outcome) else None,
        "primary": measure.primary,
        "why": measure.why,
        "answers": list(measure.answers),
        "table": measure.table,
        "one_row_is": measure.one_row_is,
        "several_rows": SEVERAL[measure.several_rows] if measure.one_row_per else None,
        "population": [rule.says for rule in measure.population] or ["every row"],
        "not_applicable": None if measure.not_applicable is None else measure.not_applicable.says,
        "unknown": None if measure.unknown is None else measure.unknown.says,
        "unknown_is": measure.unknown_is if measure.unknown is not None else None,
        "numerator": numerator_words(measure),
        "denominator": denominator_words(measure),
        "per": measure.per,
        "unit": measure.unit,
        "better": measure.better,
        "aim": measure.aim,
        "groups": [group_kind(column) for column in measure.groups],
        "spend_scope": measure.spend_scope,
        "caveats": list(measure.caveats),
        "source": {
            "title": measure.source.title,
            "reference": measure.source.reference,
            "read_on": measure.source.read_on.isoformat(),
        },
        "in_force_from": measure.in_force_from.isoformat(),
    }


def card_lines(measure: Measure) -> list[tuple[str, str]]:
    """The card as (label, words) in reading order; labels repeat where there are several."""
    main = ", a main measure of its pilot" if measure.primary else ""
    lines = [
        ("What it is", kind_words(measure) + main),
        ("Why it is counted", measure.why),
        ("Answers", _paragraphs(measure) + " of the 2011 report"),
        ("One row is", f"{measure.one_row_is} (table {measure.table})"),
    ]
    if measure.one_row_per:
        lines.append(("Of several rows", SEVERAL[measure.several_rows]))
    lines += [("Who is counted", rule.says) for rule in measure.population] or [("Who is counted", "every row")]
    if measure.not_applicable is not None:
        lines.append(("Not applicable", measure.not_applicable.says))
    if measure.unknown is not None:
        lines.append(("Unknown", f"{measure.unknown.says} ({measure.unknown_is})"))
    lines += [
        ("Numerator", numerator_words(measure)),
        ("Denominator", denominator_words(measure)),
        ("Unit", measure.unit),
        ("Better", direction_words(measure)),
        ("Spend", SPEND[measure.spend_scope]),
        ("May be split by", ", ".join(group_kind(c).replace("_", " ") for c in measure.groups) or "nothing"),
    ]
    lines += [("Beware", caveat) for caveat in measure.caveats]
    lines += [
        ("Source", f"{measure.source.title}; {measure.source.reference} (read {day_words(measure)})"),
        ("In force from", measure.in_force_from.isoformat()),
    ]
    return lines


def day_words(measure: Measure) -> str:
    """The day the source was read, as `21 November 2026`."""
    day = measure.source.read_on
    return f"{day.day} {day:%B %Y}"


def _paragraphs(measure: Measure) -> str:
    word = "paragraph " if len(measure.answers) == 1 else "paragraphs "
    return word + ", ".join(measure.answers)


def card_text(measure: Measure | str) -> str:
    """The definition card for a terminal: title, id, then one labelled line each. Takes a measure or its id."""
    measure = found(measure)
    lines = card_lines(measure)
    width = max(len(label) for label, _ in lines)
    body = [f"  {label:<{width}}  {words}" for label, words in lines]
    return "\n".join([measure.title, measure.id, "", *body]) + "\n"


def _by_kind(measures: Mapping[str, Measure]) -> list[tuple[str, list[Measure]]]:
    """Outcomes first and apart; then outputs, inputs, processes; negative controls last."""
    order = ("outcome", "output", "input", "process")
    parts: dict[str, list[Measure]] = {word: [] for word in (*order, "check that nothing can move")}
    for measure in sorted(measures.values(), key=lambda m: (not m.primary, m.id)):
        parts["check that nothing can move" if measure.is_control else measure.kind.word].append(measure)
    plural = {"process": "Processes", "check that nothing can move": "Checks that nothing can move"}
    return [(plural.get(word, word.capitalize() + "s"), together) for word, together in parts.items() if together]


def listing_json(measures: Mapping[str, Measure] | None = None) -> list[dict[str, Any]]:
    """Every card, outcomes first, for `commissioning measures --json`."""
    measures = every_measure() if measures is None else measures
    return [card_json(measure) for _, together in _by_kind(measures) for measure in together]


def listing(measures: Mapping[str, Measure] | None = None) -> str:
    """Every measure (of `measures`, or all) on a line of its own, by kind: id, title, unit and direction."""
    measures = every_measure() if measures is None else measures
    if not measures:
        return "There are no measures here.\n"
    width = max(len(id_) for id_ in measures)
    lines: list[str] = []
    for heading, together in _by_kind(measures):
        lines += ["", heading]
        lines += [f"  {m.id:<{width}}  {m.title} ({m.unit}; {direction_words(m)})" for m in together]
    return "\n".join(lines[1:]) + "\n"


def reference_page(measures: Mapping[str, Measure]) -> str:
    """docs/reference/measures.md as text: made from the measures, never edited by hand."""
    out = [
        "# Measures",
        "",
        "This page is made from the definitions by `python -m commissioning.measures.describe`. Do not edit it:",
        "edit the measure. Outcomes answer 'what good did you achieve?' (paragraph 4.6 of the 2011 report). Outputs,",
        "inputs and processes are shown beside them and never as outcomes (4.8).",
        "",
        "Each measure has a worked example of about ten rows, with reasons, in",
        "`lib/commissioning/measures/worked_examples/`.",
    ]
    for heading, together in _by_kind(measures):
        out += ["", f"## {heading}"]
        for measure in together:
            out += ["", f"### {measure.title}", "", f"`{measure.id}`", ""]
            out += [f"- **{label}**: {words}" for label, words in card_lines(measure)]
    return "\n".join(out) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the reference page to the file named, or to docs/reference/measures.md."""
    path = Path(arguments[0]) if arguments else Path("docs") / "reference" / "measures.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(reference_page(every_measure()), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
