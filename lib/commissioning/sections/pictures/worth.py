"""Gain and cost on one plane, with the line of what the gain was agreed to be worth."""

from __future__ import annotations

import pandas as pd

from commissioning.presentation import words
from commissioning.presentation.chart import Chart
from commissioning.presentation.columns import Column
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Computed
from commissioning.sections import figures, showing
from commissioning.sections.extra_cost import reconciled
from commissioning.sections.page import Page, Shows, section
from commissioning.study import value_words
from commissioning.study.value_words import OutcomeValue


@section
def plane(page: Page) -> Shows:
    """More people up, cost across, each with its range; the line on which gain and cost are even; the chance that it is worth it."""
    found = figures.effects(page).value
    gained = [one for one in found.outcomes if one.gain is not None]
    if found.cost is None or not gained:
        why = found.why_no_cost or found.worth.why_not or "no gain may be put down to the pilot"
        return Note(f"Gain and cost are not set against each other: {why.rstrip('.')}.")
    extra = value_words.cost_row(found)
    same, numbers = reconciled(page, found)
    frame = pd.DataFrame([value_words.row(one) for one in gained]).reindex(
        columns=["what", "people", "effect", "effect_lower", "effect_upper", "each", "worth", "benefit", "likely"]
    )
    frame = frame.assign(**{name: extra[name] for name in ("cost", "cost_lower", "cost_upper")})
    for name in ("each", "worth", "benefit", "likely"):
        frame[name] = pd.to_numeric(frame[name])
    ids = tuple(one.measure.id for one in gained)
    worths = sorted({one.worth for one in gained if one.worth})
    first = next((one for one in gained if one.worth), gained[0])
    estimates = tuple(one.summary for one in figures.effects(page).estimates if one.measure.id in ids)
    labels = (
        ("cost", "Cost more in the year (£, cash)"), ("cost_lower", "Cost, lower limit (£, cash)"), ("cost_upper", "Cost, upper limit (£, cash)"),
        ("effect", "More people"), ("effect_lower", "More people, lower limit"), ("effect_upper", "More people, upper limit"),
        ("people", "Different people in places that had started"), ("each", "Whole cost for each more person (£, cash)"),
        ("worth", "Worth agreed for each (£, cash)"), ("benefit", "Worth less the whole cost (£, cash)"), ("likely", "Chance that it is worth it (%)"),
    )  # fmt: skip
    missing = {"worth": "not agreed", "benefit": "not worked out", "likely": "not worked out", "each": "not worked out"}
    return Chart.of(
        Computed(frame=frame, of=(page.released, *estimates), how="effects times different people, and the one extra cost"),
        "plane",
        roles={"x": "cost", "y": "effect", "name": "what", "x_lower": "cost_lower", "x_upper": "cost_upper",
               "lower": "effect_lower", "upper": "effect_upper"},
        options={"x_label": "Cost more in the year (£, cash)", "worth": worths[0] if len(worths) == 1 else None,
                 "worth_words": f"Worth £{worths[0]:,.0f} for each: even on this line, worth it above" if len(worths) == 1 else ""},
        columns={"what": "Outcome"}
        | {key: Column(name=key, label=label, decimals=0, missing=missing.get(key, "")) for key, label in labels},
        title=_title(first, extra, found.period),
        alt=f"A point for each outcome, with its ranges. {'; '.join(_point(one) for one in gained)}. All cost {_pounds(extra['cost'])} more "
        f"in cash in the year ({_pounds(extra['cost_lower'])} to {_pounds(extra['cost_upper'])}).",
        caption=f"{found.period}. To the right costs more; higher up does more for people. Where a range crosses the line, which side is open."
        f"{' The cost is one and the same for every point, so nothing here is added up.' if found.shared else ''}{same}{page.of_the_whole}",
        source=showing.source_words(page, measures=ids), unit="More people", measures=ids,
        declared=(found.period, *numbers, page.pilot.area_name, *(one.measure.title for one in gained)), id="value-plane",
    )  # fmt: skip


def _title(one: OutcomeValue, extra: dict[str, float], period: str) -> str:
    shown = value_words.row(one)
    more = "more" if shown["effect"] >= 0 else "fewer"
    cost = f"{_pounds(abs(extra['cost']))} {'more' if extra['cost'] >= 0 else 'less'}"
    says = f"{one.measure.title}: about {abs(shown['effect']):,} {more} people, for {cost} in cash in {period[:7]}"
    if shown.get("each") is not None and not pd.isna(shown["each"]):
        says += f", {_pounds(shown['each'])} for each"
    if shown.get("likely") is not None and shown.get("worth"):
        says += f"; at {_pounds(shown['worth'])} agreed for each, a {words.number(shown['likely'])}% chance that it is worth it"
    return says


def _point(one: OutcomeValue) -> str:
    shown = value_words.row(one)
    return f"{one.measure.title}: {shown['effect']:,} people ({shown['effect_lower']:,} to {shown['effect_upper']:,})"


def _pounds(amount: float) -> str:
    return f"£{amount:,.0f}"
