"""What a review shows of value: the one extra cost, and the gain of each outcome beside it. `pictures.plane` draws both."""

from __future__ import annotations

import pandas as pd

from commissioning.presentation.columns import Column
from commissioning.presentation.display import Display
from commissioning.presentation.showable import Computed, EffectSummary
from commissioning.presentation.table import Table
from commissioning.sections import figures, showing
from commissioning.sections.extra_cost import reconciled
from commissioning.sections.page import Page
from commissioning.study import value_words
from commissioning.study.value_words import PilotValue

MISSING = {
    "worth": "not agreed",
    "benefit": "not worked out",
    "likely": "not worked out",
    "each": "not worked out",
    "each_lower": "not worked out",
    "each_upper": "not worked out",
}


def displays(page: Page, found: PilotValue, cost: str) -> list[Display]:
    """The tables in order; one of which nothing is known is left out. `cost`: the measure of cost, or ""."""
    made = (extra_cost(page, found, cost), gains(page, found, cost))
    return [one for one in made if one is not None]


def _summaries(page: Page, found: PilotValue) -> tuple[EffectSummary, ...]:
    ids = [one.measure.id for one in found.outcomes]
    return tuple(one.summary for one in figures.effects(page).estimates if one.measure.id in ids)


def extra_cost(page: Page, found: PilotValue, cost: str) -> Table | None:
    """The one extra cost of the support of people in places that started; None where it is not known."""
    if found.cost is None:
        return None
    frame = pd.DataFrame([value_words.cost_row(found)])
    labels = {
        "cost": "Cost more in the year (£, cash)", "cost_lower": "Lower limit (£, cash)", "cost_upper": "Upper limit (£, cash)",
        "week": "Cost more a person-week (£, cash)", "week_lower": "Lower limit a week (£, cash)", "week_upper": "Upper limit a week (£, cash)",
        "weeks": "Person-weeks", "people": "Different people",
    }  # fmt: skip
    same, numbers = reconciled(page, found)
    shared = "One cost, shared by the outcomes below and counted once." if found.shared else "One cost, of one outcome."
    return Table(
        Computed(
            frame=frame,
            of=(page.released, *_summaries(page, found)),
            how="effect on the cost of a person-week, times person-weeks",
        ),
        title="What the support of those people cost more",
        caption=f"{found.period}. {shared} The effect on the cost of a week of support for a person, places weighed by their "
        f"person-weeks, times the person-weeks of people in places that had started.{same}{page.of_the_whole}",
        source=showing.source_words(page, measures=(cost,)),
        columns={"what": "What"}
        | {key: Column(name=key, label=label, decimals=0) for key, label in labels.items()}
        | {"shared": "Shared by several outcomes"},
        measures=(cost,),
        declared=(found.period, *numbers),
        id="extra-cost",
    )


def gains(page: Page, found: PilotValue, cost: str) -> Table:
    """Different people and what their gain is worth beside the whole cost, by the one rule of rounding."""
    names = [
        "what",
        "people",
        "effect",
        "effect_lower",
        "effect_upper",
        "each",
        "each_lower",
        "each_upper",
        "worth",
        "benefit",
        "likely",
        "withheld",
    ]
    frame = pd.DataFrame([value_words.row(one) for one in found.outcomes]).reindex(columns=names)
    for name in names[1:-1]:
        frame[name] = pd.to_numeric(frame[name])
    ids = [one.measure.id for one in found.outcomes]
    labels = {
        "what": "Outcome", "people": "Different people in places that had started", "effect": "More people, for the better",
        "effect_lower": "Lower limit", "effect_upper": "Upper limit", "each": "Whole cost for each more person (£, cash)",
        "each_lower": "Lower limit of that cost (£)", "each_upper": "Upper limit of that cost (£)",
        "worth": f"Worth {page.agreed_or_tried('worth')} for each (£, cash)", "benefit": "Worth less the whole cost (£, cash)",
        "likely": "Chance that it is worth it (%)", "withheld": "What may not be told, and why",
    }  # fmt: skip
    return Table(
        Computed(
            frame=frame,
            of=(page.released, *_summaries(page, found)),
            how="effects times different people, and the one extra cost",
        ),
        title="What was gained, and what it is worth beside its cost",
        caption=f"{found.period}. For outcomes that may be put down to the pilot. People are counted once each. "
        f"{'Each outcome is set against the whole of the one cost above, so these are never added up. ' if found.shared else ''}"
        "More people are whole people and costs keep two significant figures; worth less cost is worked out from the figures "
        f"as printed.{page.of_the_whole}",
        source=showing.source_words(page, measures=(*ids, *([cost] if cost else []))),
        columns={
            key: label
            if key in ("what", "withheld")
            else Column(name=key, label=label, decimals=0, missing=MISSING.get(key, ""))
            for key, label in labels.items()
        },
        measures=tuple(ids),
        declared=(found.period,),
        id="value",
    )
