"""Outcomes set against cost, where both may be put down to the pilot (attributable outcomes alone).

The draws of effect and cost come from the same resample of the same wards or providers, so that what dear and good
places have in common is kept. Their centre and spread are those of the estimates already shown: one estimate, one
number everywhere. Amounts keep two significant figures, and no cost for each person stands on fewer than 20 people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure import policy
from commissioning.errors import DataRefused
from commissioning.measures import Measure
from commissioning.methods import effects, value
from commissioning.methods.effects import Effect
from commissioning.methods.value import Comparison
from commissioning.pilot import Pilot
from commissioning.reports import estimates
from commissioning.reports.estimates import Estimate
from commissioning.reports.study import Study
from commissioning.wording import Standing

STARTED, NOT_STARTED = "Started", "Not started"
WEEKS = 365.25 / 7
DRAWS = 2000
LABELS = {
    "cashable": "cashable only if a budget line falls",
    "non-cashable": "time, not money",
    "avoided": "avoided, which is not shown",
}


@dataclass(frozen=True, kw_only=True)
class Value:
    """One outcome set against cost. Money is in pounds a year for each person; effects are shares of people.

    `people` is the released number of people in places that started; `worth` the pounds agreed for one more
    person, or None. `withheld` says why there is no comparison, and is empty where there is one.
    """

    measure: Measure
    people: float
    worth: float | None
    comparison: Comparison | None
    withheld: str = ""


def significant(number: float, figures: int | None = None) -> float:
    """A number to the figures that the policy keeps (two): 12,345 → 12,000. Zero stays zero."""
    figures = figures or policy().significant_figures
    if number == 0 or not np.isfinite(number):
        return number
    digits = figures - 1 - int(np.floor(np.log10(abs(number))))
    return round(number, digits)


def changes(outcome: pd.DataFrame, cost: pd.DataFrame, unit: str, starts: pd.Series) -> pd.DataFrame:
    """One row a unit: `option` (Started, Not started), `effect` and `cost`, each the change from before to after.

    `outcome`, `cost`: unit × period with `period`, `numerator`, `denominator`. Units that never started are compared
    over the same dates, weighted as the dates of those that did. Units without both periods are left out. Raises
    ValueError where fewer than two units stand on either side.
    """
    dates = starts.dropna().value_counts()
    rows = []
    both = [_by_unit(table, unit) for table in (outcome, cost)]
    nothing = np.empty(0, dtype=object), np.empty((0, 2))
    for name, first in starts.items():
        when = {first: 1} if pd.notna(first) else dates.to_dict()
        pair = [_change(*table.get(name, nothing), when) for table in both]
        if all(np.isfinite(pair)):
            option = STARTED if pd.notna(first) else NOT_STARTED
            rows.append({unit: name, "option": option, "effect": pair[0], "cost": pair[1]})
    frame = pd.DataFrame(rows, columns=[unit, "option", "effect", "cost"])
    for option in (STARTED, NOT_STARTED):
        if int(frame["option"].eq(option).sum()) < 2:
            raise ValueError(f"fewer than two {unit}s are {option.lower()}, so their cost cannot be compared")
    return frame


def _by_unit(table: pd.DataFrame, unit: str) -> dict[Any, tuple[np.ndarray, np.ndarray]]:
    """Each unit's periods and its numerators and denominators, in the order of the table."""
    periods = table["period"].to_numpy(object)
    parts = table[["numerator", "denominator"]].to_numpy(float, na_value=np.nan)
    places = table.groupby(unit, observed=True).indices
    return {name: (periods[rows], parts[rows]) for name, rows in places.items()}


def _change(periods: np.ndarray, parts: np.ndarray, when: dict[Any, int]) -> float:
    """Mean after less mean before each date, weighted by how many units started then."""
    found, weight = 0.0, 0
    for first, count in when.items():
        after = periods >= first
        sums = [np.nansum(parts[side], axis=0) for side in (after, ~after)]
        if all(denominator > 0 for _, denominator in sums):
            (now, now_of), (then, then_of) = sums
            found, weight = found + count * (now / now_of - then / then_of), weight + count
    return found / weight if weight else float("nan")


def joint_draws(
    frame: pd.DataFrame, effect: Effect, cost: Effect, seed: int = 20110602
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of (effect, cost) from the same resample of the same units, with the centre and spread of the estimates.

    `frame` as `changes` gives it. Raises ValueError where either estimate has no draws.
    """
    if effect.draws is None or cost.draws is None:
        raise ValueError("an estimate without draws carries no value")
    costs, gains = value.paired_draws(frame, option="option", cost="cost", effect="effect", draws=DRAWS, seed=seed)
    made = []
    for pair, estimate in ((gains, effect), (costs, cost)):
        raw = (pair[STARTED] - pair[NOT_STARTED]).to_numpy(float)
        assert estimate.draws is not None
        spread = raw.std()
        scale = float(np.std(estimate.draws)) / spread if spread > 0 else 0.0
        made.append(estimate.estimate + (raw - raw.mean()) * scale)
    return made[0], made[1]


def compared(gain: np.ndarray, cost: np.ndarray, *, people: float, worth: float | None) -> Comparison:
    """Started beside not started. `gain` in shares of people, `cost` in pounds a year for each person.

    The increments, in all, are rounded as the policy asks, so that nothing finer is ever printed.
    """
    zero = np.zeros_like(gain)
    made = value.compare(
        costs=pd.DataFrame({NOT_STARTED: zero, STARTED: cost}),
        effects=pd.DataFrame({NOT_STARTED: zero, STARTED: gain}),
        thresholds=[worth if worth is not None else 0.0],
        reference=NOT_STARTED,
    )
    rounded = made.increments.copy()
    for column in ("cost", "cost_lower", "cost_upper"):
        rounded[column] = [significant(people * one) / people for one in rounded[column]]
    evpi = made.evpi.map(lambda one: significant(people * one) / people)
    return replace(made, increments=rounded, evpi=evpi)


def people_started(study: Study, measure: Measure, unit: str, starts: pd.Series, period: str) -> float:
    """Released number of people counted in the units that started, in one year. Hidden units add nothing."""
    rows = study.released.figures
    rows = rows[(rows["measure"] == measure.id) & (rows["group_kind"] == unit) & (rows["period"] == period)]
    rows = rows[rows["group"].isin(starts.dropna().index)]
    return float(pd.to_numeric(rows["denominator"], errors="coerce").sum())


def of(study: Study, pilot: Pilot, found: Estimate, cost: Measure, period: str) -> Value:
    """The value of one attributable outcome beside what its places cost. Never raises for what evidence lacks."""
    assert pilot.design is not None
    unit = pilot.design.unit
    worth = next((one.worth for one in pilot.floors if one.measure == found.measure.id), None)
    starts = estimates.starts_of(study, pilot)
    people = people_started(study, found.measure, unit, starts, period)

    def without(why: str) -> Value:
        return Value(measure=found.measure, people=people, worth=worth, comparison=None, withheld=why)

    if found.measure.spend_scope != "purpose":
        return without("The spend here has other purposes besides this outcome, so it is not divided by it.")
    assert found.effect is not None
    if found.effect.draws is None:
        return without(found.effect.value_withheld_because or "The method gives no draws.")
    if people < policy().fewest_people_for_cost:
        return without("Fewer than 20 people stand behind it, so no cost for each is given.")
    try:
        panels = [estimates.panel(study, pilot, one, starts, people=False) for one in (found.measure, cost)]
        cost_effect = effects.staggered(
            panels[1],
            outcome="value",
            unit=unit,
            time="period",
            first_treated="first",
            cluster=unit,
            method="imputation",
        )
        if cost_effect.draws is None:
            return without(cost_effect.value_withheld_because or "What it did to cost cannot be told.")
        frame = changes(panels[0], panels[1], unit, starts)
        gain, pence = joint_draws(frame, found.effect, cost_effect)
    except (DataRefused, ValueError) as error:
        return without(f"What it did to cost cannot be told: {error}.")
    weeks = WEEKS if "week" in cost.unit else 1.0
    comparison = compared(gain, pence * weeks / 100, people=people, worth=worth)
    return Value(measure=found.measure, people=people, worth=worth, comparison=comparison)


def row(one: Value) -> dict[str, Any]:
    """What the table shows of one outcome: people and pounds in all, a year, with ranges."""
    what: dict[str, Any] = {"what": one.measure.title, "people": one.people, "withheld": one.withheld}
    if one.comparison is None:
        return what
    made = one.comparison.increments.loc[STARTED]
    for name in ("effect", "effect_lower", "effect_upper"):
        what[name] = round(one.people * made[name])
    for name in ("cost", "cost_lower", "cost_upper"):
        what[name] = one.people * made[name]
    ratio = one.comparison.shown_icer(STARTED)
    if ratio is None:
        what["withheld"] = str(one.comparison.icer_withheld[STARTED])
    elif ratio < 0:
        what["withheld"] = "no cost for each: it does more and costs less, or does less and costs more"
    elif what["effect"] < policy().fewest_people_for_cost:
        what["withheld"] = "no cost for each: fewer than 20 people"
    else:
        what["each"] = significant(ratio)
    if one.worth is not None:
        what["worth"] = one.worth
        what["benefit"] = significant(one.people * float(one.comparison.incremental_benefit.iloc[0][STARTED]))
        what["likely"] = 100 * float(one.comparison.ceac.iloc[0][STARTED])
    return what


def sentence(one: Value, completes: str = "", *, standing: Standing = "not sealed") -> str:
    """The finding in plain words, `completes` what comes after "more people"; where no worth was agreed it says so, and nothing is weighed. `standing`: whether the worth was sealed before figures were seen."""
    if one.comparison is None:
        return f"{one.measure.title}: {one.withheld}"
    if one.worth is None:
        return (
            f"{one.measure.title}: nobody agreed what one more person is worth, so the gain is not weighed "
            "against the cost. Write `worth` beside its floor in pilot.toml, and seal it."
        )
    what = f"who {completes}" if completes else f"who reached the outcome “{one.measure.title}”"
    return value.sentence(
        one.comparison,
        option=STARTED,
        people=one.people,
        what=what,
        threshold=one.worth,
        rung="attributable",
        decisions=one.people,
        standing=standing,
    )
