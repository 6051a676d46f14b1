"""Definitions in words: the list, the card and the reference page, all from the measures themselves.

Nothing is typed twice: a card's sentences are the `says` of the rules that do the counting.
`python -m commissioning.measures.describe [FILE]` writes the reference page (docs/reference/measures.md).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def formula_words(measure: Measure) -> str:
    """How the figure is made, in one sentence from the rules."""
    top = measure.achieved or measure.amount
    assert top is not None
    if measure.achieved is not None:
        return f"{measure.per} x rows where: {top.says}; divided by all rows that count"
    if measure.out_of is None:
        return f"the sum of: {top.says}"
    times = "" if measure.per == 1 else f"{measure.per} x "
    return f"{times}the sum of: {top.says}; divided by the sum of: {measure.out_of.says}"


def card_json(measure: Measure) -> dict[str, Any]:
    """The definition card as plain values (text, numbers, lists), for JSON and for pages."""
    return {
        "id": measure.id,
        "title": measure.title,
        "kind": measure.kind.word,
        "kind_in_words": kind_words(measure),
        "level": measure.kind.level if isinstance(measure.kind, Outcome) else None,
        "domain": measure.kind.domain if isinstance(measure.kind, Outcome) else None,
        "is_outcome": measure.is_outcome,
        "primary": measure.primary,
        "answers": list(measure.answers),
        "why": measure.why,
        "table": measure.table,
        "one_row_is": measure.one_row_is,
        "one_row_per": list(measure.one_row_per),
        "several_rows": SEVERAL[measure.several_rows] if measure.one_row_per else None,
        "period_from": measure.period_from,
        "population": [rule.says for rule in measure.population],
        "not_applicable": None if measure.not_applicable is None else measure.not_applicable.says,
        "achieved": None if measure.achieved is None else measure.achieved.says,
        "amount": None if measure.amount is None else measure.amount.says,
        "out_of": None if measure.out_of is None else measure.out_of.says,
        "formula": formula_words(measure),
        "unknown": None if measure.unknown is None else measure.unknown.says,
        "unknown_is": measure.unknown_is,
        "per": measure.per,
        "unit": measure.unit,
        "better": measure.better,
        "aim": measure.aim,
        "direction_in_words": direction_words(measure),
        "groups": [group_kind(column) for column in measure.groups],
        "spend_scope": measure.spend_scope,
        "spend_in_words": SPEND[measure.spend_scope],
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
    card = card_json(measure)
    lines = [
        ("What it is", card["kind_in_words"] + (", a main measure of its pilot" if measure.primary else "")),
        ("Why it is counted", card["why"]),
        ("Answers", _paragraphs(measure) + " of the 2011 report"),
        ("One row is", f"{card['one_row_is']} (table {card['table']})"),
    ]
    if card["several_rows"]:
        lines.append(("Of several rows", card["several_rows"]))
    lines += [("Counted", says) for says in card["population"]] or [("Counted", "every row")]
    if card["not_applicable"]:
        lines.append(("Not applicable", card["not_applicable"]))
    if card["unknown"]:
        lines.append(("Unknown", f"{card['unknown']} ({card['unknown_is']})"))
    lines += [
        ("Figure", card["formula"]),
        ("Unit", card["unit"]),
        ("Better", card["direction_in_words"]),
        ("Spend", card["spend_in_words"]),
        ("May be split by", ", ".join(card["groups"]).replace("_", " ") or "nothing"),
    ]
    lines += [("Beware", caveat) for caveat in card["caveats"]]
    lines += [
        ("Source", f"{measure.source.title}; {measure.source.reference} (read {day_words(measure)})"),
        ("In force from", card["in_force_from"]),
    ]
    return lines


def day_words(measure: Measure) -> str:
    """The day the source was read, as `21 November 2026`."""
    day = measure.source.read_on
    return f"{day.day} {day:%B %Y}"


def _paragraphs(measure: Measure) -> str:
    word = "paragraph " if len(measure.answers) == 1 else "paragraphs "
    return word + ", ".join(measure.answers)


def card_text(measure: Measure) -> str:
    """The definition card for a terminal: title, id, then one labelled line each."""
    lines = card_lines(measure)
    width = max(len(label) for label, _ in lines)
    body = [f"  {label:<{width}}  {words}" for label, words in lines]
    return "\n".join([measure.title, measure.id, "", *body]) + "\n"


def _by_kind(measures: Mapping[str, Measure]) -> list[tuple[str, list[Measure]]]:
    """Outcomes first and apart; then outputs, inputs, processes; negative controls last."""
    order = ("outcome", "output", "input", "process")
    parts: dict[str, list[Measure]] = {word: [] for word in (*order, "check that nothing can move")}
    for measure in sorted(measures.values(), key=lambda m: (not m.primary, m.id)):
        parts["check that nothing can move" if "_control_" in measure.id else measure.kind.word].append(measure)
    plural = {"process": "Processes", "check that nothing can move": "Checks that nothing can move"}
    return [(plural.get(word, word.capitalize() + "s"), found) for word, found in parts.items() if found]


def listing(measures: Mapping[str, Measure]) -> str:
    """Every measure on a line of its own, by kind: id, title, unit and direction."""
    if not measures:
        return "There are no measures here.\n"
    width = max(len(id_) for id_ in measures)
    lines: list[str] = []
    for heading, found in _by_kind(measures):
        lines += ["", heading]
        lines += [f"  {m.id:<{width}}  {m.title} ({m.unit}; {direction_words(m)})" for m in found]
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
    for heading, found in _by_kind(measures):
        out += ["", f"## {heading}"]
        for measure in found:
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
