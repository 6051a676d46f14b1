"""Which outcome an answer tells first, and its level beside an earlier year."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.measures import Measure
from commissioning.reports import review
from commissioning.reports.answer_words import Numbers, compared_year
from commissioning.sections import charting, figures, levels, together
from commissioning.sections.page import Page
from commissioning.study import outcomes
from commissioning.study.worked_out import Shown

NOT_HELD = "the year before is not held"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The outcome that an answer tells first, and its change where one may be told. `effect` None: levels alone are known."""

    measure: Measure
    effect: Shown | None = None
    harmed: bool = False

    @property
    def told(self) -> bool:
        return self.effect is not None and self.effect.summary.estimate is not None


def headline_of(page: Page) -> Headline | None:
    """Harm first, then what may be put down to the pilot, then what was compared; else the first outcome whose level is known."""
    shown = () if page.group else figures.effects(page).estimates
    harm = {one.measure for one in (*review.standings(page), *review.without_floor(page)) if one.harmed}
    told = [one for one in shown if one.summary.estimate is not None and one.claim is not None]
    told.sort(key=lambda one: (one.measure.id not in harm, one.claim.rung != "attributable" if one.claim else True))
    if told:
        return Headline(measure=told[0].measure, effect=told[0], harmed=told[0].measure.id in harm)
    withheld = {one.measure.id: one for one in shown}
    for key, measure in _in_order(page).items():
        if level_of(page, measure) is not None:
            return Headline(measure=measure, effect=withheld.get(key))
    return None


def _in_order(page: Page) -> dict[str, Measure]:
    """Outcomes that the page holds: the pilot's first ones, the others, and what is published for every council last."""
    first = figures.primary(page)
    held = {key: one for key, one in page.outcome_measures.items() if key in set(page.study.record["measures"])}
    own = {key: one for key, one in {**first, **held}.items() if key not in page.pilot.published_measures}
    return own | {key: one for key, one in held.items() if key in page.pilot.published_measures}


def level_of(page: Page, measure: Measure) -> together.Level | None:
    """The level now, and of the year before the start; where none started, of the year before. None where it is not known.

    A published figure is of its own latest year, which may be earlier than the report's.
    """
    known = _series(page, measure)
    period = page.period if page.period in known else ""
    if not period and measure.id in page.pilot.published_measures and known:
        period = max(known)
    if not period:
        return None
    wanted = compared_year(page, period)
    before = wanted if wanted in known and wanted < period else ""
    if not before and measure.id in page.pilot.published_measures:  # not every year is published
        before = max((one for one in known if one < period), default="")
    return together.Level(now=known[period], period=period, before=known.get(before), before_period=before)


def _series(page: Page, measure: Measure) -> dict[str, float]:
    groups = [page.group] if page.group else None
    frame = outcomes.trend(page.released, measure, group_kind=page.group_kind, groups=groups).frame
    frame = frame[frame["value"].notna()]
    return dict(zip(frame["period"].astype(str), frame["value"].astype(float), strict=True))


def counts_of(page: Page, measure: Measure, said: Numbers) -> str:
    """How many of how many a level is, and its range; "" where it is no share or may not be shown."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    level = level_of(page, measure)
    rows = rows[
        rows["measure"].eq(measure.id) & rows["period"].eq(level.period if level else "") & rows["numerator"].notna()
    ]
    if rows.empty or not outcomes.is_share(measure):
        return ""
    row = outcomes.scaled(rows, {measure.id: measure}).iloc[0]
    said.declared.append(measure.unit)  # "12-month checks due" is a name
    ends = f", range {said.percent(row['lower'])} to {said.percent(row['upper'])}" if pd.notna(row["lower"]) else ""
    return (
        f"That is {said.count(row['numerator'])} of {said.count(row['denominator'])} {measure.unit.removeprefix('% of ')} in "
        f"{said.year(str(row['period']))}{ends}."
    )


def level_words(page: Page, first: Headline, said: Numbers) -> str:
    """ "Across Wirral it was 63.7% in 2015-16 and 58.0% in 2012-13, before the start." """
    level = level_of(page, first.measure)
    if level is None:
        return f"Its level in {said.year(page.period)} may not be shown."
    share = first.measure.unit.startswith("%")
    said.declared += [first.measure.unit, levels.clause(first.measure, "")]
    now = said.percent(level.now) if share else f"{said.count(round(level.now, 1))} {first.measure.unit}"
    if first.told and level.before is not None:
        then = said.percent(level.before) if share else said.count(round(level.before, 1))
        return f"Across {page.place} it was {then} in {said.year(level.before_period)} and {now} in {said.year(level.period)}."
    if first.told:
        what = f"Across {page.place} it was {now}"
    else:
        # Reviews and agreements are not people: the measure's own words say what the level is a share of.
        what = f"In {page.place}, {levels.clause(first.measure, now)}"
    what += f" in {said.year(level.period)}"
    if level.before is None:
        return f"{what}; {NOT_HELD}."
    then = said.percent(level.before) if share else said.count(round(level.before, 1))
    started = charting.start_of(page)
    ends = ", before the start" if started and level.before_period < started[:7] <= level.period[:7] else ""
    return f"{what}, and {levels.again(first.measure, then)} in {said.year(level.before_period)}{ends}."
