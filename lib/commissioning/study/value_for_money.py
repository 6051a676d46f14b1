"""Outcomes set against cost, where both may be put down to the pilot (attributable outcomes alone).

The sums stand in `methods.pilot_value`. Here their rows are found: different people of places that had started, and the
support of the people whom the pilot is for. A pilot has one extra cost, worked out once; every outcome is set against the
whole of it, and says so.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from commissioning.disclosure import Policy, policy
from commissioning.disclosure.estimates import Behind, key_of, moved, released_count, released_estimate
from commissioning.errors import DataRefused
from commissioning.measures import Measure, calculate, derive
from commissioning.measures.reading import COUNTED
from commissioning.methods import pilot_value
from commissioning.methods.effects import Effect
from commissioning.methods.pilot_value import Amount, Counted, ExtraCost
from commissioning.pilot import Pilot
from commissioning.study import designs, estimates, judged, planned_cost, restricted
from commissioning.study.judged import Estimate
from commissioning.study.open_tables import OTHERS
from commissioning.study.prepared import Prepared
from commissioning.study.started import WHOLE
from commissioning.study.value_words import OutcomeValue, PilotValue

NO_COST = "No extra cost can be worked out"
REACH = 1.959964  # standard errors in half a 95% range


def of(study: Prepared, pilot: Pilot, attributable: list[Estimate], cost: Measure | None, period: str) -> PilotValue:
    """The value of a pilot's attributable outcomes in one period (a year or a quarter). Never raises for what evidence lacks."""
    starts = estimates.starts_of(study, pilot, period)
    extra, why, behind, most = _extra_cost(study, pilot, cost, starts, period)
    found = tuple(_outcome(study, pilot, one, starts, period, extra) for one in attributable)
    return PilotValue(period=period, outcomes=found, cost=extra, why_no_cost=why, behind=behind, most_weeks=most)


# --- what may be printed


def released(found: PilotValue, chance_agreed: float = 0.5, rules: Policy | None = None) -> PilotValue:
    """The same in numbers that may be printed: people and weeks with the noise of counts, the effect and the cost of a week with
    that of estimates, and all else worked out from these. What a verdict is told of it is decided on the data (`found`). `rules`: the
    pilot's disclosure policy; the house's where None.
    """
    rules = rules or policy()
    cost, why = _released_cost(found, rules)
    outcomes = tuple(_released_outcome(one, cost, rules) for one in found.outcomes)
    made = replace(
        found,
        outcomes=outcomes,
        cost=cost,
        why_no_cost=why,
        behind=None,
        most_weeks=0.0,
        figures=rules.significant_figures,
    )
    exact, shown = found.worth, made.worth
    chance = None
    if exact.chance is not None and (shown.chance is not None or not outcomes):
        chance = _on_the_side(shown.chance or 0.0, exact.chance >= chance_agreed, chance_agreed)
    ends = (None if one is None else float(np.sign(one)) for one in (exact.cost_lower, exact.cost_upper))
    lower, upper = ends
    return replace(made, told=replace(shown, chance=chance, cost_lower=lower, cost_upper=upper))


def _on_the_side(chance: float, enough: bool, agreed: float) -> float:
    """A chance to the nearest 5%, on the side of what was agreed on which it is."""
    told = round(20 * chance) / 20
    while enough and told < agreed:
        told += 0.05
    while not enough and told >= agreed:
        told -= 0.05
    return round(min(max(told, 0.0), 1.0), 2)


def _released_cost(found: PilotValue, rules: Policy) -> tuple[ExtraCost | None, str]:
    if found.cost is None or found.behind is None:
        return None, found.why_no_cost
    exact, behind = found.cost, found.behind
    week = exact.a_week
    error = None if week.draws is None else float(np.std(week.draws))
    shown = released_estimate(week.estimate, week.lower, week.upper, standard_error=error, behind=behind, rules=rules)
    people = released_count(exact.people, behind.key, rules)
    if shown.estimate is None:
        return None, f"{NO_COST}: {shown.withheld[:1].lower()}{shown.withheld[1:]}"
    if people is None or people < rules.fewest_people_for_cost:
        return None, f"{NO_COST}: the support is of fewer than {rules.fewest_people_for_cost} people."
    noise = 0.0 if behind.key is None else moved(behind.key) * rules.noise * found.most_weeks
    weeks = pilot_value.significant(max(exact.person_weeks + noise, 0.0), rules.significant_figures)
    a_week = _printed_amount(week, shown.estimate, shown.lower, shown.upper, shown.noise)
    return ExtraCost(a_week=a_week, pence=a_week.times(weeks), person_weeks=weeks, people=people), ""


def _released_outcome(one: OutcomeValue, cost: ExtraCost | None, rules: Policy) -> OutcomeValue:
    people = released_count(one.counted.people, one.key, rules)
    bare = replace(one, counted=Counted(rows=0, people=people or 0), gain=None, weighed=None, printed=None, key=None)
    if one.gain is None:
        return bare
    if one.effect is None or one.effect.estimate is None or people is None or people < rules.fewest_people_for_cost:
        return replace(bare, withheld=_few(rules))
    per = one.measure.per
    lower, upper = (None if end is None else end / per for end in (one.effect.lower, one.effect.upper))
    each = one.gain.times((-1 if one.measure.better == "lower" else 1) / one.counted.people)
    effect = _printed_amount(each, one.effect.estimate / per, lower, upper, one.effect.noise / per)
    gain = effect.times(people * (-1 if one.measure.better == "lower" else 1))
    if one.withheld or cost is None:
        return replace(bare, gain=gain)
    figures, fewest = rules.significant_figures, rules.fewest_people_for_cost
    together = pilot_value.together(gain, cost.pence)
    return replace(
        bare,
        gain=gain,
        printed=pilot_value.printed(gain, cost.pence, one.worth, figures=figures, fewest=fewest, together=together),
        weighed=None if one.worth is None else pilot_value.weigh(gain, cost.pence, 100 * one.worth),
        together=together,
    )


def _printed_amount(exact: Amount, estimate: float, lower: float | None, upper: float | None, noise: float) -> Amount:
    """An amount in printed numbers; its draws lie about the printed estimate, as far apart as the printed range."""
    assert lower is not None and upper is not None
    draws = exact.draws
    if draws is not None:
        half = (exact.upper - exact.lower) / 2
        wider = np.hypot(half, REACH * noise) / half if half > 0 else 1.0
        draws = estimate + (draws - exact.estimate) * wider
    return Amount(estimate=estimate, lower=lower, upper=upper, draws=draws)


# --- people and their gain


def _outcome(
    study: Prepared, pilot: Pilot, found: Estimate, starts: pd.Series, period: str, cost: ExtraCost | None
) -> OutcomeValue:
    measure, effect = found.measure, found.effect
    worth = next((one.worth for one in pilot.floors if one.measure == measure.id), None)
    counted, key = people_started(study, pilot, measure, starts, period)
    printed = None
    if effect is not None and found.behind is not None:
        printed = judged.printed_of(effect, measure, found.behind, study.policy)
    bare = OutcomeValue(
        measure=measure, counted=counted, rows_are=_rows_are(measure), gain=None, worth=worth, key=key, effect=printed
    )
    if why := _no_gain(measure, effect, counted, study.policy):
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
        gain, cost.pence, worth, figures=study.policy.significant_figures, fewest=study.policy.fewest_people_for_cost
    )
    weighed = None if worth is None else pilot_value.weigh(gain, cost.pence, 100 * worth)
    return replace(bare, weighed=weighed, printed=shown)


def _no_gain(measure: Measure, effect: Effect | None, counted: Counted, rules: Policy) -> str:
    """Why a gain in people cannot be given; empty where it can."""
    if effect is None or effect.draws is None:
        return (effect.value_withheld_because if effect is not None else None) or "The method gives no draws."
    if effect.scale != "difference" or effect.lower is None or effect.upper is None:
        return "The change is a ratio or has no range, so it is no number of people."
    if measure.person is None or measure.achieved is None:
        return "Its rows name nobody, so different people cannot be counted."
    if counted.people < rules.fewest_people_for_cost:
        return _few(rules)
    return ""


def _few(rules: Policy) -> str:
    return f"Fewer than {rules.fewest_people_for_cost} different people stand behind it, so no number of people and no cost for each is given."


def _amount(effect: Effect) -> Amount:
    assert effect.lower is not None and effect.upper is not None and effect.draws is not None
    return Amount(estimate=effect.estimate, lower=effect.lower, upper=effect.upper, draws=np.asarray(effect.draws))


def _rows_are(measure: Measure) -> str:
    return "people" if measure.person in measure.one_row_per else measure.one_row_is


def _periods(period: str) -> list[str]:
    """The quarters that a period covers: itself, or the four of a year."""
    return [period] if " Q" in period else [f"{period} Q{n}" for n in (1, 2, 3, 4)]


def people_started(
    study: Prepared, pilot: Pilot, measure: Measure, starts: pd.Series, period: str
) -> tuple[Counted, int | None]:
    """Rows with a known outcome, and different people, in places that had started, in one period; and the key (0 to 255) of those
    people, None where nobody is counted."""
    assert pilot.design is not None
    unit, codes = pilot.design.unit, restricted.codes_for(study, measure)
    if codes is None or (unit and unit not in codes.table) or measure.person is None:
        return Counted(rows=0, people=0), None
    try:
        rows = calculate.cells(measure, codes.table, [unit] if unit else [], people=True, codes=codes)
    except DataRefused:
        return Counted(rows=0, people=0), None
    if not unit:  # one series: everybody is in it
        unit, rows = WHOLE, rows.assign(**{WHOLE: WHOLE})
    periods = _periods(period)
    counted = pilot_value.people_once(rows, starts, unit=unit, person="person", periods=periods)
    mine = rows[pilot_value.started(rows, starts, unit=unit, periods=periods)]
    keys = restricted.keys_of(study).reindex(mine["person"].dropna().unique()).dropna()
    return counted, key_of(keys, ()) if len(keys) else None


# --- the one extra cost


def _extra_cost(
    study: Prepared, pilot: Pilot, cost: Measure | None, starts: pd.Series, period: str
) -> tuple[ExtraCost | None, str, Behind | None, float]:
    """What the support of people in started places cost more, or why that cannot be told; who stands behind it, and the most
    weeks of one person."""
    if not_tied := study.record.get("packages_not_tied_because"):
        return _no(f"packages are here, and {not_tied}.")
    if cost is None or cost.spend_scope != "purpose":
        return _no("no spend here has the purpose of these outcomes.")
    if cost.out_of is None or cost.person is None or "week" not in cost.unit:
        return _no("spend is not held for each person and week of support.")
    if why := planned_cost.no_effect(study, period):
        return _no(why)
    assert pilot.design is not None
    fewest = study.policy.fewest_people_for_cost
    few = f"the support is of fewer than {fewest} people."
    try:
        rows = rows_of_cost(study, pilot, cost, starts, period)
        mine = rows[rows["counts"]]
        if mine["person"].nunique() < fewest:
            return _no(few)
        weekly = pilot_value.a_row_a_week(rows)
        effect = effect_of(weekly, pilot, cost)
        if effect.diagnostics.get("comparator") is False:
            return _no("there is nobody to compare the cost of support with.")
        if effect.draws is None or effect.scale != "difference":
            return None, effect.value_withheld_because or f"{NO_COST}: the method gives no draws.", None, 0.0
        made = pilot_value.extra_cost(
            _amount(effect), mine, starts, unit=pilot.design.unit or WHOLE, periods=_periods(period)
        )
    except (DataRefused, ValueError) as error:
        return _no(f"{str(error).rstrip('.')}.")
    if made.people < fewest:
        return _no(few)
    own = mine[pilot_value.started(mine, starts, unit=pilot.design.unit or WHOLE, periods=_periods(period))]
    return made, "", _behind(study, pilot, cost, weekly, effect), float(own.groupby("person")["weeks"].sum().max())


def _no(why: str) -> tuple[None, str, None, float]:
    return None, f"{NO_COST}: {why}", None, 0.0


def _behind(study: Prepared, pilot: Pilot, cost: Measure, weekly: pd.DataFrame, effect: Effect) -> Behind:
    """Who stands behind the cost of a week; `weekly`: one row a person-week."""
    assert pilot.design is not None
    begun = weekly["first"].notna()
    sides = [weekly.loc[one, "person"].nunique() for one in (begun, ~begun)]
    numbered = weekly.assign(person=pd.factorize(weekly["person"])[0])
    known = restricted.keys_of(study).reindex(weekly["person"].unique()).dropna()
    return Behind(
        people=tuple(sides[:1] if pilot.design.kind == "interrupted" else sides),
        degrees=designs.degrees(numbered, pilot.design, effect),
        influence=designs.one_person(numbered, pilot.design, None),
        key=key_of(known, (), round(float(weekly["value"].sum()))) if len(known) else None,
        public=restricted.is_public(study, cost.id),
    )


def effect_of(rows: pd.DataFrame, pilot: Pilot, cost: Measure) -> Effect:
    """The effect on cost, by the same design and estimator as the outcomes."""
    assert pilot.design is not None
    # Nobody was picked by what their support costs, so nothing of a change in cost is taken off for that.
    design = pilot.design.model_copy(update={"picked": "no", "chosen_share": None, "population_mean": {}})
    return designs.estimated(rows, design, replace(cost, per=1))


def rows_of_cost(study: Prepared, pilot: Pilot, cost: Measure, starts: pd.Series, period: str) -> pd.DataFrame:
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
    rows = rows[rows[unit].isin(starts.index) & rows["period"].le(_periods(period)[-1])]
    return rows.assign(first=rows[unit].map(starts)).reset_index(drop=True)
