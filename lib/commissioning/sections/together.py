"""One outcome told three ways, in one sentence: its level, its control chart and its effect.

They differ because they compare different things. The level and the chart hold every place, started or not, beside its own past;
the effect holds the places that started beside those that had not. Left side by side unsaid, they contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed, EffectSummary
from commissioning.sections import charting, figures, saying
from commissioning.sections.charting import Drawn
from commissioning.sections.page import Page
from commissioning.study import outcomes

COMPARED = ("compared", "attributable")
NOT_WHY = "This does not say why."
WHY_APART = (
    "The figures differ because they compare different things. The level and the quarters are of every place, started or "
    "not, beside its own past. The change is of the places that started alone, beside the others at the same time."
)


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level in a period, and in the year before the start where one is known. Values in the measure's unit."""

    now: float
    period: str
    before: float | None = None
    before_period: str = ""


def sentence(
    title: str, level: Level, chart: Drawn | str | None, effect: EffectSummary | None, *, unit: str = "%"
) -> str:
    """One outcome's level, chart and effect, and how they go together.

    `chart`: what its points show, or why there is none. `effect`: what may be said of the change; its numbers are missing
    while it is withheld. What is not there is left out, and nothing is set against it.
    """
    told = f"{title}: {words.number(level.now, 1)}{unit} in {level.period}"
    moved = None if level.before is None else round(level.now, 1) - round(level.before, 1)
    if level.before is not None and moved is not None:
        sign = "+" if round(moved, 1) > 0 else "−" if round(moved, 1) < 0 else ""
        told += f", and {words.number(level.before, 1)}{unit} in {level.before_period}, the year before the start"
        told += f" ({sign}{words.number(abs(moved), 1)})"
    parts = [f"{told}."]
    if isinstance(chart, Drawn):
        parts.append(f"By quarter: {chart.says[0].lower()}{chart.says[1:]}")
    if effect is None:
        return " ".join([*parts, NOT_WHY])
    if effect.estimate is None or effect.lower is None or effect.upper is None:
        parts.append("What the pilot changed cannot be said, because its checks were not all passed.")
        return " ".join(parts)
    points = " points" if unit == "%" else unit
    change = f"{words.number(effect.estimate, 1)}{points} ({words.number(effect.lower, 1)} to {words.number(effect.upper, 1)})"
    parts.append(f"In the places that started, set beside those that had not, the change is {change}.")
    if moved is not None and apart(moved, chart, effect):
        parts.append(WHY_APART)
    return " ".join(parts)


def apart(moved: float, chart: Drawn | str | None, effect: EffectSummary) -> bool:
    """True where a reader would see a contradiction: a level outside the effect's range, or a steady chart beside an effect."""
    assert effect.lower is not None and effect.upper is not None
    steady = isinstance(chart, Drawn) and chart.reading.steady
    return not effect.lower <= moved <= effect.upper or (steady and not effect.lower <= 0 <= effect.upper)


def level_of(page: Page, measure: Measure, start: str) -> Level | None:
    """The released level of the report's place in its period, and in the year before the start; None where it is not known."""
    groups = [page.group] if page.group else None
    frame = outcomes.trend(page.released, measure, group_kind=page.group_kind, groups=groups).frame
    known = frame[frame["value"].notna()].set_index("period")["value"].astype(float)
    if page.period not in known.index:
        return None
    first = int(start[:4]) - 1 if start else 0
    year = f"{first:04d}-{(first + 1) % 100:02d}"
    if not start or year not in known.index or year >= page.period:
        return Level(now=known[page.period], period=page.period)
    return Level(now=known[page.period], period=page.period, before=known[year], before_period=year)


def effects_of(page: Page) -> dict[str, EffectSummary]:
    """What may be said of each change; of a part of the area nothing is estimated."""
    made = figures.effects(page).estimates
    return {} if page.group else {one.measure.id: one.summary for one in made}


def found(page: Page, *, most: int = 3, evidence: str = "") -> list[Finding]:
    """The first outcomes whose level is known and that have a chart or an effect, each in its one sentence."""
    effects, start, said = effects_of(page), charting.start_of(page), []
    for key, measure in charting.wanted(page).items():
        chart, effect = charting.readings(page).get(key), effects.get(key)
        level = level_of(page, measure, start)
        if level is None or (not isinstance(chart, Drawn) and effect is None):
            continue
        unit = "%" if measure.unit.startswith("%") else f" {measure.unit}"
        where = evidence or (f"control-{key.replace('_', '-')}" if isinstance(chart, Drawn) else "")
        if not where:
            continue
        said.append(
            saying.finding(
                page,
                sentence(measure.title, level, chart, effect, unit=unit),
                "compared"
                if effect is not None and effect.estimate is not None and effect.claim in COMPARED
                else "described",
                Computed(
                    frame=_numbers(level, effect),
                    of=(page.released, *([effect] if effect is not None else [])),
                    how="the level, the chart and the effect of one outcome",
                ),
                where,
                measure=key,
                declared=(level.period, level.before_period, *(chart.numbers if isinstance(chart, Drawn) else ())),
            )
        )
    return said[:most]


def _numbers(level: Level, effect: EffectSummary | None) -> pd.DataFrame:
    moved = None if level.before is None else round(level.now, 1) - round(level.before, 1)
    row = {"now": level.now, "before": level.before, "moved": moved}
    if effect is not None:
        row |= {"estimate": effect.estimate, "lower": effect.lower, "upper": effect.upper}
    return pd.DataFrame([{name: value for name, value in row.items() if value is not None}])
