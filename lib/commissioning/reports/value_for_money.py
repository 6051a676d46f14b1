"""Outcomes set against cost, where both may be put down to the pilot (attributable outcomes alone).

The sums stand in `methods.pilot_value`. Here their rows are found: different people of places that had started, and the
support of the people whom the pilot is for. A pilot has one extra cost, worked out once; every outcome is set against the
whole of it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure import policy
from commissioning.disclosure.rounding import nearest
from commissioning.errors import DataRefused
from commissioning.measures import Measure, calculate, derive
from commissioning.measures.reading import COUNTED
from commissioning.methods import pilot_value
from commissioning.methods.effects import Effect
from commissioning.methods.pilot_value import Amount, Counted, ExtraCost, Printed, Weighed
from commissioning.pilot import Pilot
from commissioning.reports import designs, estimates, restricted
from commissioning.reports.decision import Worth
from commissioning.reports.estimates import Estimate
from commissioning.reports.started import WHOLE
from commissioning.reports.study import OTHERS, Study
from commissioning.wording import Standing, agreed

LABELS = {
    "cashable": "cashable only if a budget line falls",
    "non-cashable": "time, not money",
    "avoided": "avoided, which is not shown",
}
NO_COST = "No extra cost can be worked out"


@dataclass(frozen=True, kw_only=True)
class OutcomeValue:
    """One outcome's gain. `gain` in people for the better, or None where `withheld` says why there is none.

    `counted`: rows and different people of places that had started, in the period; `rows_are`: what a row of the effect is.
    `worth`: pounds agreed for one more person, or None; `weighed` needs it, and the cost.
    """

    measure: Measure
    counted: Counted
    rows_are: str
    gain: Amount | None
    worth: float | None
    weighed: Weighed | None = None
    printed: Printed | None = None
    withheld: str = ""


@dataclass(frozen=True, kw_only=True)
class PilotValue:
    """What the pilot's attributable outcomes are worth beside its one extra cost, in one period.

    `cost` is None where `why_no_cost` says why. `shared`: several outcomes carry the same cost.
    """

    period: str
    outcomes: tuple[OutcomeValue, ...]
    cost: ExtraCost | None
    why_no_cost: str = ""

    @property
    def shared(self) -> bool:
        return self.cost is not None and sum(one.gain is not None for one in self.outcomes) > 1

    @cached_property
    def worth(self) -> Worth:
        """What the verdict needs: the best chance that one outcome alone is worth the whole cost, and the cost's range."""
        chances = [one.weighed.chance for one in self.outcomes if one.weighed is not None]
        cost = None if self.cost is None else self.cost.pence
        return Worth(
            chance=max(chances, default=None),
            cost_lower=None if cost is None else cost.lower,
            cost_upper=None if cost is None else cost.upper,
            why_not="" if chances else self._why_no_chance(),
        )

    def _why_no_chance(self) -> str:
        if self.why_no_cost:
            return self.why_no_cost
        gained = [one for one in self.outcomes if one.gain is not None]
        if gained and all(one.worth is None for one in gained):
            return "nobody agreed what one more person is worth"
        return next((one.withheld for one in self.outcomes if one.withheld), "no outcome may be put down to the pilot")


def of(study: Study, pilot: Pilot, attributable: list[Estimate], cost: Measure | None, period: str) -> PilotValue:
    """The value of a pilot's attributable outcomes in one period (a year or a quarter). Never raises for what evidence lacks."""
    starts = estimates.starts_of(study, pilot, period)
    extra, why = _extra_cost(study, pilot, cost, starts, period)
    found = tuple(_outcome(study, pilot, one, starts, period, extra) for one in attributable)
    return PilotValue(period=period, outcomes=found, cost=extra, why_no_cost=why)


# --- people and their gain


def _outcome(
    study: Study, pilot: Pilot, found: Estimate, starts: pd.Series, period: str, cost: ExtraCost | None
) -> OutcomeValue:
    measure, effect = found.measure, found.effect
    worth = next((one.worth for one in pilot.floors if one.measure == measure.id), None)
    counted = people_started(study, pilot, measure, starts, period)
    bare = OutcomeValue(measure=measure, counted=counted, rows_are=_rows_are(measure), gain=None, worth=worth)
    if why := _no_gain(measure, effect, counted):
        return replace(bare, withheld=why)
    assert effect is not None
    gain = _amount(effect).times(counted.people * (-1 if measure.better == "lower" else 1))
    bare = replace(bare, gain=gain)
    if measure.spend_scope != "purpose":
        return replace(
            bare, withheld="The spend here has other purposes besides this outcome, so it is not divided by it."
        )
    if cost is None:
        return bare
    shown = pilot_value.printed(
        gain, cost.pence, worth, figures=policy().significant_figures, fewest=policy().fewest_people_for_cost
    )
    weighed = None if worth is None else pilot_value.weigh(gain, cost.pence, 100 * worth)
    return replace(bare, weighed=weighed, printed=shown)


def _no_gain(measure: Measure, effect: Effect | None, counted: Counted) -> str:
    """Why a gain in people cannot be given; empty where it can."""
    if effect is None or effect.draws is None:
        return (effect.value_withheld_because if effect is not None else None) or "The method gives no draws."
    if effect.scale != "difference" or effect.lower is None or effect.upper is None:
        return "The change is a ratio or has no range, so it is no number of people."
    if measure.person is None or measure.achieved is None:
        return "Its rows name nobody, so different people cannot be counted."
    if counted.people < policy().fewest_people_for_cost:
        return f"Fewer than {policy().fewest_people_for_cost} different people stand behind it, so no number of people and no cost for each is given."
    return ""


def _amount(effect: Effect) -> Amount:
    assert effect.lower is not None and effect.upper is not None and effect.draws is not None
    return Amount(estimate=effect.estimate, lower=effect.lower, upper=effect.upper, draws=np.asarray(effect.draws))


def _rows_are(measure: Measure) -> str:
    return "people" if measure.person in measure.one_row_per else measure.one_row_is


def _periods(study: Study, period: str) -> list[str]:
    """The quarters that a period covers: itself, or the four of a year."""
    return [period] if " Q" in period else [f"{period} Q{n}" for n in (1, 2, 3, 4)]


def people_started(study: Study, pilot: Pilot, measure: Measure, starts: pd.Series, period: str) -> Counted:
    """Rows with a known outcome, and different people, in places that had started, in one period."""
    assert pilot.design is not None
    unit, codes = pilot.design.unit, restricted.codes_for(study, measure)
    if codes is None or (unit and unit not in codes.table) or measure.person is None:
        return Counted(rows=0, people=0)
    try:
        rows = calculate.cells(measure, codes.table, [unit] if unit else [], people=True, codes=codes)
    except DataRefused:
        return Counted(rows=0, people=0)
    if not unit:  # one series: everybody is in it
        unit, rows = WHOLE, rows.assign(**{WHOLE: WHOLE})
    return pilot_value.people_once(rows, starts, unit=unit, person="person", periods=_periods(study, period))


# --- the one extra cost


def _extra_cost(
    study: Study, pilot: Pilot, cost: Measure | None, starts: pd.Series, period: str
) -> tuple[ExtraCost | None, str]:
    """What the support of people in started places cost more, or why that cannot be told."""
    if not_tied := study.record.get("packages_not_tied_because"):
        return None, f"{NO_COST}: packages are here, and {not_tied}."
    if cost is None or cost.spend_scope != "purpose":
        return None, f"{NO_COST}: no spend here has the purpose of these outcomes."
    if cost.out_of is None or cost.person is None or "week" not in cost.unit:
        return None, f"{NO_COST}: spend is not held for each person and week of support."
    assert pilot.design is not None
    try:
        rows = rows_of_cost(study, pilot, cost, starts, period)
        mine = rows[rows["counts"]]
        if mine["person"].nunique() < policy().fewest_people_for_cost:
            return None, f"{NO_COST}: the support is of fewer than {policy().fewest_people_for_cost} people."
        effect = effect_of(pilot_value.a_row_a_week(rows), pilot, cost)
        if effect.diagnostics.get("comparator") is False:
            return None, f"{NO_COST}: there is nobody to compare the cost of support with."
        if effect.draws is None or effect.scale != "difference":
            return None, effect.value_withheld_because or f"{NO_COST}: the method gives no draws."
        made = pilot_value.extra_cost(
            _amount(effect), mine, starts, unit=pilot.design.unit or WHOLE, periods=_periods(study, period)
        )
    except (DataRefused, ValueError) as error:
        return None, f"{NO_COST}: {str(error).rstrip('.')}."
    if made.people < policy().fewest_people_for_cost:
        return None, f"{NO_COST}: the support is of fewer than {policy().fewest_people_for_cost} people."
    return made, ""


def effect_of(rows: pd.DataFrame, pilot: Pilot, cost: Measure) -> Effect:
    """The effect on cost, by the same design and estimator as the outcomes."""
    assert pilot.design is not None
    # Nobody was picked by what their support costs, so nothing of a change in cost is taken off for that.
    design = pilot.design.model_copy(update={"picked": "no", "chosen_share": None, "population_mean": {}})
    return designs.estimated(rows, design, replace(cost, per=1))


def rows_of_cost(study: Study, pilot: Pilot, cost: Measure, starts: pd.Series, period: str) -> pd.DataFrame:
    """One row a package until the end of the period: the design's unit, `first`, `period`, `person`, `weeks`, `value`, `counts`.

    `value` is pence a person-week and `weeks` the package's person-weeks. `counts` is False for packages of a period in
    which the person was recorded with another reason for support: the pilot was for them at another time, so they stay in
    the comparison of weekly costs (a year in which the recording changed must not change who is compared), and their
    weeks are in no total. People whom the pilot was never for are in neither.
    """
    assert pilot.design is not None
    unit = pilot.design.unit or WHOLE
    own, others = restricted.table(study, cost.table), restricted.table(study, OTHERS)
    if own.empty:
        raise DataRefused(f"{cost.id}: no row of {cost.table} is of the people whom the pilot is for")
    parts = [own.assign(counts=True)]
    if cost.table == "packages" and len(others):
        parts.append(others[others[cost.person].isin(own[cost.person])].assign(counts=False))
    table = derive.table_for(cost.table, {cost.table: pd.concat(parts, ignore_index=True)})
    if table is not None and not pilot.design.unit:  # one series: everybody is in it
        table = table.assign(**{WHOLE: WHOLE})
    if table is None or unit not in table:
        raise DataRefused(f"no row of {cost.table} names a {unit}, so its start cannot be told")
    codes = calculate.Codes(table, cost.table)
    reading = codes.reading(replace(cost, population=()))  # whose they are is settled above
    when, labels = codes.period(cost.period_from, "quarter")
    kept = np.flatnonzero((reading.part == COUNTED) & (reading.denominator > 0) & (when >= 0))
    rows = pd.DataFrame(
        {
            unit: table[unit].to_numpy(object)[kept],
            "period": labels[when[kept]],
            "person": table[cost.person].to_numpy(object)[kept],
            "weeks": reading.denominator[kept],
            "value": reading.numerator[kept] / reading.denominator[kept],
            "counts": table["counts"].to_numpy(bool)[kept],
        }
    )
    rows = rows[rows[unit].isin(starts.index) & rows["period"].le(_periods(study, period)[-1])]
    return rows.assign(first=rows[unit].map(starts)).reset_index(drop=True)


# --- in words and rows


def shown_people(count: int) -> int:
    """A count of people as the policy of release lets it stand."""
    return int(nearest([count], policy().round_to)[0])


def row(one: OutcomeValue) -> dict[str, Any]:
    """What the table shows of one outcome: people once each, more people, and its worth beside the whole cost."""
    what: dict[str, Any] = {"what": one.measure.title, "worth": one.worth, "withheld": one.withheld}
    if one.gain is None:
        return what
    what |= {"people": shown_people(one.counted.people), "effect": round(one.gain.estimate)}
    what |= {"effect_lower": round(one.gain.lower), "effect_upper": round(one.gain.upper)}
    if one.printed is not None:
        what |= {"each": one.printed.each, "benefit": one.printed.benefit}
        what["withheld"] = one.printed.each_withheld
    if one.weighed is not None:
        what["likely"] = 100 * one.weighed.chance
    return what


def cost_row(found: PilotValue) -> dict[str, Any]:
    """The one extra cost as the table shows it: pounds in the period, a person-week, the weeks and people behind it."""
    assert found.cost is not None
    figures = policy().significant_figures
    pence, week = found.cost.pence, found.cost.a_week
    return {
        "what": "Support of the people the pilot is for, in places that had started",
        **{
            name: pilot_value.significant(one / 100, figures)
            for name, one in (
                ("cost", pence.estimate), ("cost_lower", pence.lower), ("cost_upper", pence.upper),
                ("week", week.estimate), ("week_lower", week.lower), ("week_upper", week.upper),
            )
        },
        "weeks": pilot_value.significant(found.cost.person_weeks, figures),
        "people": shown_people(found.cost.people),
        "shared": "yes" if found.shared else "no",
    }  # fmt: skip


def _pounds(amount: float) -> str:
    """Whole pounds, with the sign before them: −30000 → "−£30,000"."""
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.0f}"


def sentences(
    found: PilotValue, easy_words: dict[str, str], standing: Callable[[str], Standing] = lambda measure: "not sealed"
) -> list[str]:
    """What may be said: the gain of each outcome, then the one extra cost, said once, and what each gain is worth beside it.

    `standing`: measure id → whether its worth was sealed before figures were seen.
    """
    says = [_gain_words(one, easy_words.get(one.measure.id, "")) for one in found.outcomes]
    if found.cost is None:
        told = any(one.withheld == found.why_no_cost for one in found.outcomes)  # the same reason is given once
        return says if told else [*says, found.why_no_cost]
    shown = cost_row(found)
    more = "more" if shown["cost"] >= 0 else "less"
    ends = sorted((shown["cost_lower"], shown["cost_upper"]))
    says.append(
        f"The support of the people the pilot is for, in places that had started, cost about £{abs(shown['cost']):,.0f} {more} in "
        f"{found.period} than it would have without the start (from {_pounds(ends[0])} to {_pounds(ends[1])}; below zero is less)."
    )
    if found.shared:
        says.append(
            "That is one cost, shared by these outcomes and counted once: each is set against the whole of it, so what each cost "
            "and what each is worth are never added up."
        )
    return says + [
        _worth_words(one, found.period, standing(one.measure.id)) for one in found.outcomes if one.printed is not None
    ]


def _gain_words(one: OutcomeValue, completes: str) -> str:
    if one.gain is None:
        return f"{one.measure.title}: {one.withheld}"
    what = f"who {completes}" if completes else f"of whom it is true: “{one.measure.title}”"
    middle, low, high = (round(x) for x in (one.gain.estimate, one.gain.lower, one.gain.upper))
    direction = "more" if (middle >= 0) == (one.measure.better != "lower") else "fewer"
    ends = sorted((low, high)) if middle >= 0 else sorted((-low, -high))
    measured = "" if one.rows_are == "people" else f" The change is measured on rows, each {one.rows_are}."
    return (
        f"The change probably led to about {abs(middle):,} {direction} people {what} ({ends[0]:,} to {ends[1]:,}), of "
        f"{shown_people(one.counted.people):,} different people in places that had started.{measured}"
    )


def _worth_words(one: OutcomeValue, period: str, standing: Standing) -> str:
    assert one.printed is not None
    each = "" if one.printed.each is None else f" That is £{one.printed.each:,.0f} for each more person."
    if one.worth is None or one.printed.benefit is None or one.weighed is None:
        return (
            f"{one.measure.title}:{each} Nobody agreed what one more person is worth, so the gain is not weighed "
            "against the cost."
        )
    knowing = pilot_value.significant(one.weighed.most_for_knowing_pence / 100, policy().significant_figures)
    return (
        f"{one.measure.title}:{each} At £{one.worth:,.0f} a person, {agreed('', standing).strip()}, {_beside_cost(one.printed)} "
        f"£{abs(one.printed.benefit):,.0f} (people and cost as rounded here). Finding out more is worth at most £{knowing:,.0f} for "
        f"{period} alone."
    )


def _beside_cost(shown: Printed) -> str:
    """The gain, or the loss, beside the cost, up to the amount between them."""
    assert shown.benefit is not None
    if shown.more >= 0:
        return f"the gain is worth {'more' if shown.benefit >= 0 else 'less'} than the cost by"
    if shown.cost >= 0:
        return "the loss and the cost together come to"
    return f"the loss is worth {'less' if shown.benefit >= 0 else 'more'} than the lower cost by"
