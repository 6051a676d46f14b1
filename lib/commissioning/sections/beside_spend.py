"""Outcomes beside spend: what good was done, for the money, each with its range."""

from __future__ import annotations

from commissioning.measures import Measure
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.table import Table
from commissioning.sections import figures, findings, showing
from commissioning.sections.page import Page, Shows, Told, section
from commissioning.study import outcomes


@section
def outcomes_table(page: Page) -> Shows:
    """Every outcome that an extract holds, with its range; how many are held by none stands in the caption.

    Where no extract holds any, all are listed as not known: unknown, and never zero.
    """
    held = {key: one for key, one in page.outcome_measures.items() if key in page.study.record["measures"]}
    shown = held or page.outcome_measures
    lacking = len(page.outcome_measures) - len(held)
    caption = f"Each outcome in {page.period or 'the period'}. {_how_shown(page, shown)}"
    said = findings.headline_outcomes(page, most=1, measures=figures.primary(page))
    if lacking:
        caption += f" {lacking} {'outcome is' if lacking == 1 else 'outcomes are'} in no file here: see “What this cannot tell you”."
    return Told.of(Table(
        figures.outcome_frame(page, shown),
        title=f"Outcomes for {page.place}",
        caption=caption,
        source=showing.source_words(page, measures=tuple(shown)),
        columns={
            "what": "Outcome", "numerator": "Number", "denominator": outcomes.whole_label(shown.values()), "value": "Value",
            "lower": "Lower limit", "upper": "Upper limit", "unit": "Unit", "unknown": "Unknown", "note": "Note",
        },
        measures=tuple(shown),
        declared=(page.period, lacking),
        id="outcomes",
    ), found=said)  # fmt: skip


def _how_shown(page: Page, measures: dict[str, Measure]) -> str:
    figures = page.released.figures
    mine = figures[figures["measure"].isin(list(measures)) & (figures["period"] == page.period)]
    if mine.empty:
        return "None is known."
    return "As published." if mine["public"].all() else "Rounded, so that nobody can be recognised."


@section
def spend_table(page: Page) -> Shows:
    """Spend line by line: year, what, basis, perspective, cash and real terms."""
    empty, notes = figures.spend(page).frame.empty, figures.spend(page).notes
    if empty and page.group:
        return Note(f"No spend that may be shown is split by {page.group_kind}: see the report of the whole area.")
    if empty and notes:  # what is here cannot be told to be of this service
        return Told.of(Note(" ".join(["No spend of this service is known here.", *notes])), lacks=notes)
    if empty:
        return showing.needs_extract(page, "packages", "area_spend", "payments", for_what="Spend")
    base = page.pilot.price_base
    said = findings.headline_spend(page)
    return Told.of(Table(
        figures.spend(page).showable(page.released, showing.source_words(page)),
        title="Spend, in cash and in real terms",
        caption=f"Real terms are in {base} prices, by {figures.spend(page).prices}.",
        source=showing.source_words(page, *figures.spend(page).tables),
        columns={
            "year": "Year", "what": "What", "basis": "Basis", "perspective": "Whose money", "scope": "Scope",
            "pence": Column(name="pence", label="Cash (£)", kind="pence"), "real_pence": Column(name="real_pence", label=f"{base} prices (£)", kind="pence"),
        },
        sources=showing.sources_of(page, *figures.spend(page).tables, "deflators"),
        keys=2,
        declared=(base, figures.spend(page).prices),
        id="spend",
    ), found=said)  # fmt: skip


@section
def bridge_table(page: Page) -> Table | Note:
    """From total to net, for the last published year that has every line."""
    bridge = figures.spend(page).bridge
    if bridge is None and page.group:
        return Note("The bridge from total to net spend is published for the whole area only.")
    if bridge is None:
        if "area_spend" in page.study.tables_held:
            return Note(
                "The bridge from total to net spend is of long-term support, which is not what this service pays for: "
                "its grants and payments stand above as they were recorded."
            )
        return Note("The bridge from total to net spend needs the published return PSS EX1, which is not here.")
    return Table(
        showing.public(page, bridge, "area_spend", source="PSS EX1, NHS Digital"),
        title="From total to net spend",
        caption=figures.spend(page).bridge_words,
        source="PSS EX1, NHS Digital",
        columns={"line": "Line", "pence": Column(name="pence", label="Cash (£)", kind="pence")},
        sources=showing.sources_of(page, "area_spend"),
        declared=(figures.spend(page).bridge_year, 18, 64),
        id="bridge",
    )


@section
def spend_note(page: Page) -> Note:
    """What the spend includes, and why it is not divided by outcomes."""
    text = (
        f"Perspective: {page.pilot.perspective.rstrip('.')}. {page.pilot.includes_overheads.rstrip('.')}. "
        "Only spend with a measure's own purpose is ever divided by an outcome. Shared spend stands beside outcomes."
    )
    return Note(" ".join([text, *figures.spend(page).notes, *_years_apart(page)]))


def _years_apart(page: Page) -> list[str]:
    """Says where the last year of spend is not the last year of outcomes: then nothing may be divided."""
    spent = sorted(figures.spend(page).frame["year"].unique()) if len(figures.spend(page).frame) else []
    if not spent or not figures.primary(page) or not page.period:
        return []
    if spent[-1] == page.period[:7]:
        return []
    return [
        f"The last outcomes are for {page.period} and the last spend is for {spent[-1]}: they stand side by side by year, "
        "and no ratio is made of them."
    ]
