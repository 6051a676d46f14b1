"""What a pilot's gain is worth beside what it cost more: people once each, one extra cost, one rule of rounding.

Only attributable effects belong here; the caller answers for that. The effect is measured on the rows of its measure (reviews, say),
and is taken as the change for each different person of places that had started. A pilot has one extra cost: where several outcomes
came of it, each is set against the whole of it, and their benefits are never added up. The benefit is worked out from printed parts,
so that a reader with a pencil finds the same.

Source: Drummond et al. (2015), Methods for the Economic Evaluation of Health Care Programmes, 4th edition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from commissioning.methods.value import Floats, compare

NOT_STARTED, STARTED = "Not started", "Started"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Rows of places that had started, in one period: how many rows, and how many different people they are of."""

    rows: int
    people: int


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An estimate with its limits, all in one unit; `draws` (n,) from the same resample as other amounts, or None."""

    estimate: float
    lower: float
    upper: float
    draws: Floats | None = None

    def times(self, factor: float) -> Amount:
        """The same of `factor` people, weeks or pence. A factor below zero turns the limits round."""
        ends = sorted((self.lower * factor, self.upper * factor))
        draws = None if self.draws is None else self.draws * factor
        return Amount(estimate=self.estimate * factor, lower=ends[0], upper=ends[1], draws=draws)


@dataclass(frozen=True, kw_only=True)
class ExtraCost:
    """What the support of people in places that started cost more in the period, because of the start.

    `a_week` in pence a person-week; `pence` in all; `person_weeks` those of people in started places; `people` how many
    different people they are.
    """

    a_week: Amount
    pence: Amount
    person_weeks: float
    people: int


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A gain set against the whole extra cost, unrounded. Money in pence.

    `benefit_pence` gain × worth − cost. `chance` (0 to 1): share of draws in which the gain is worth its cost.
    `most_for_knowing_pence`: the most that knowing everything could be worth, for this one period.
    """

    benefit_pence: float
    chance: float
    most_for_knowing_pence: float


@dataclass(frozen=True, kw_only=True)
class Printed:
    """The same as it is printed: whole people, pounds to the figures kept, and the benefit from these parts."""

    more: int
    more_lower: int
    more_upper: int
    cost: float
    cost_lower: float
    cost_upper: float
    each: float | None
    each_lower: float | None
    each_upper: float | None
    each_withheld: str
    worth: float | None
    benefit: float | None


def people_once(rows: pd.DataFrame, first: pd.Series, *, unit: str, person: str, periods: Collection[str]) -> Counted:
    """Rows and different people of places that had started, in these periods.

    `rows`: one row a known answer, with `unit`, `period` and `person`; `first`: unit → its first period, missing where
    it never started. A row of a place before its own start does not count. Rows that name nobody count as rows alone.
    """
    mine = rows[started(rows, first, unit=unit, periods=periods)]
    return Counted(rows=len(mine), people=int(mine[person].nunique()))


def started(rows: pd.DataFrame, first: pd.Series, *, unit: str, periods: Collection[str]) -> pd.Series:
    """True for each row (n) in these periods whose place had started by then."""
    begins = rows[unit].astype(object).map(first.astype(object)).astype(object)
    period = rows["period"].astype(object)
    known = begins.notna()
    after = pd.Series(False, index=rows.index)
    after[known] = period[known].astype(str) >= begins[known].astype(str)
    return after & period.isin(list(periods))


def extra_cost(
    a_week: Amount, rows: pd.DataFrame, first: pd.Series, *, unit: str, periods: Collection[str]
) -> ExtraCost:
    """The extra cost of people in places that had started: the effect a person-week times their person-weeks.

    `rows`: one row a package, with `unit`, `period`, `person` and `weeks` (its person-weeks). Raises ValueError where no
    week of support was given there.
    """
    mine = rows[started(rows, first, unit=unit, periods=periods)]
    weeks = float(mine["weeks"].sum())
    if not weeks > 0:
        raise ValueError("no week of support is recorded in places that had started")
    return ExtraCost(a_week=a_week, pence=a_week.times(weeks), person_weeks=weeks, people=int(mine["person"].nunique()))


def a_row_a_week(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows repeated for each whole week of support (one at least), so that a mean over rows is one over person-weeks.

    An outcome is a mean over its rows, one a person or review; its cost must weigh places alike, by the support that
    people there had. `rows` has `weeks`; a part of a week is rounded.
    """
    times = np.maximum(np.rint(rows["weeks"].to_numpy(dtype=float)), 1).astype(int)
    return rows.loc[rows.index.repeat(times)]


def weigh(gain: Amount, cost_pence: Amount, worth_pence: float) -> Weighed:
    """The gain of one outcome against the whole extra cost. Raises ValueError where either has no draws.

    `gain` in people for the better; draws of both come from one resample and are of one length, else the shorter.
    """
    if gain.draws is None or cost_pence.draws is None:
        raise ValueError("an estimate without draws carries no chance")
    n = min(len(gain.draws), len(cost_pence.draws))
    nothing = np.zeros(n)
    made = compare(
        costs=pd.DataFrame({NOT_STARTED: nothing, STARTED: cost_pence.draws[:n]}),
        effects=pd.DataFrame({NOT_STARTED: nothing, STARTED: gain.draws[:n]}),
        thresholds=[worth_pence],
        reference=NOT_STARTED,
    )
    return Weighed(
        benefit_pence=gain.estimate * worth_pence - cost_pence.estimate,
        chance=float(made.ceac.iloc[0][STARTED]),
        most_for_knowing_pence=float(made.evpi.iloc[0]),
    )


def together(gain: Amount, cost_pence: Amount) -> float | None:
    """How a gain and a cost move together over the draws of one resample: their correlation, to one decimal; None without draws."""
    if gain.draws is None or cost_pence.draws is None:
        return None
    n = min(len(gain.draws), len(cost_pence.draws))
    found = float(np.corrcoef(gain.draws[:n], cost_pence.draws[:n])[0, 1]) if n > 1 else 0.0
    return round(found, 1) if np.isfinite(found) else 0.0


def chance(gain: Amount, cost_pence: Amount, worth_pence: float, together: float) -> float:
    """The chance (0 to 1) that a gain is worth its cost, from both with their 95% limits alone, taken as normal.

    `together`: their correlation. It is what `weigh` finds from draws, where those are not kept: within five points of a hundred
    where neither is far from normal. Where nothing is uncertain, 0 or 1.
    """
    reach = float(norm.ppf(0.975))
    errors = [(one.upper - one.lower) / 2 / reach for one in (gain.times(worth_pence), cost_pence)]
    spread = float(np.sqrt(max(errors[0] ** 2 + errors[1] ** 2 - 2 * together * errors[0] * errors[1], 0.0)))
    over = gain.estimate * worth_pence - cost_pence.estimate
    return float(norm.cdf(over / spread)) if spread > 0 else float(over >= 0)


def each_range(gain: Amount, cost_pence: Amount, together: float) -> tuple[float, float] | None:
    """The 95% limits of a cost for each (pence for each person), from both with their limits alone; None where it has no ends.

    Both are taken as normal, `together` as their correlation. A range of ratios has ends only where the gain is told apart
    from nothing. Source: Fieller (1954), Some problems in interval estimation, JRSS B 16; Drummond et al. (2015), chapter 11.
    """
    g, c = gain.estimate, cost_pence.estimate
    reach = [(one.upper - one.lower) / 2 for one in (gain, cost_pence)]
    a, b = g**2 - reach[0] ** 2, g * c - together * reach[0] * reach[1]
    inside = b**2 - a * (c**2 - reach[1] ** 2)
    if a <= 0 or inside < 0:
        return None
    half = float(np.sqrt(inside))
    return (b - half) / a, (b + half) / a


def significant(number: float, figures: int) -> float:
    """A number to so many significant figures: 12,345 → 12,000 for two. Zero, and what is not finite, stays as it is."""
    if number == 0 or not np.isfinite(number):
        return number
    digits = figures - 1 - int(np.floor(np.log10(abs(number))))
    return round(number, digits)


def printed(
    gain: Amount, cost_pence: Amount, worth: float | None, *, figures: int, fewest: int, together: float | None = None
) -> Printed:
    """What may be printed of a gain and its cost, by the one rule of rounding (see above). `worth` in pounds a person.

    `gain` in people for the better. No cost for each is given where the range of the gain holds zero, where fewer than
    `fewest` people gained, or where it costs less (then nothing is paid for each). It has a range where it is known how
    both move `together` (`each_range`).
    """
    more, low, high = (round(one) for one in (gain.estimate, gain.lower, gain.upper))
    cost, cost_low, cost_high = (
        significant(one / 100, figures) for one in (cost_pence.estimate, cost_pence.lower, cost_pence.upper)
    )
    why = ""
    if gain.lower <= 0 <= gain.upper:
        why = "no cost for each: the range of the gain holds zero, and a ratio to nothing means nothing"
    elif more <= 0:
        why = "no cost for each: fewer people gained, and not more"
    elif cost <= 0:
        why = "no cost for each: it does more and costs no more"
    elif more < fewest:
        why = f"no cost for each: fewer than {fewest} people"
    ends = None if why or together is None else each_range(gain, cost_pence, together)
    each_low, each_high = (None, None) if ends is None else (significant(one / 100, figures) for one in ends)
    return Printed(
        more=more,
        more_lower=low,
        more_upper=high,
        cost=cost,
        cost_lower=cost_low,
        cost_upper=cost_high,
        each=None if why else significant(cost / more, figures),
        each_lower=each_low,
        each_upper=each_high,
        each_withheld=why,
        worth=worth,
        benefit=None if worth is None else more * worth - cost,
    )
