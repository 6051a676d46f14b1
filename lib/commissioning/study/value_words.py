"""The value of a pilot's outcomes beside its one extra cost, as results, table rows and sentences.

They are worked out in `value_for_money`, from rows; what a page shows of them is `released` there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from commissioning.disclosure.estimates import Behind, ReleasedEstimate
from commissioning.measures import Measure
from commissioning.methods import pilot_value
from commissioning.methods.pilot_value import Amount, Counted, ExtraCost, Printed, Weighed
from commissioning.wording import Standing, agreed

LABELS = {
    "cashable": "cashable only if a budget line falls",
    "non-cashable": "time, not money",
    "avoided": "avoided, which is not shown",
}


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What the gain is worth beside its cost. `chance` (0 to 1): that the gain of one outcome is worth the whole extra cost,
    the best of the outcomes with a worth agreed; None where it cannot be worked out, and then `why_not` says why.
    `cost_lower`, `cost_upper`: the range of the extra cost, in any unit; None where it is not known.
    """

    chance: float | None = None
    cost_lower: float | None = None
    cost_upper: float | None = None
    why_not: str = ""

    @property
    def costs_no_more(self) -> bool:
        return self.cost_upper is not None and self.cost_upper <= 0

    @property
    def costs_more(self) -> bool:
        return self.cost_lower is not None and self.cost_lower > 0


@dataclass(frozen=True, kw_only=True)
class OutcomeValue:
    """One outcome's gain. `gain` in people for the better, or None where `withheld` says why there is none.

    `counted`: rows and different people of places that had started, in the period; `rows_are`: what a row of the effect is.
    `worth`: pounds agreed for one more person, or None; `weighed` needs it, and the cost. `key`: of the people counted (0 to 255);
    `effect`: the change for one person as it may be printed, in the measure's unit. `together`: how gain and cost move together over
    their draws (a correlation, to one decimal), from which their chance at another worth follows.
    """

    measure: Measure
    counted: Counted
    rows_are: str
    gain: Amount | None
    worth: float | None
    weighed: Weighed | None = None
    printed: Printed | None = None
    withheld: str = ""
    key: int | None = None
    effect: ReleasedEstimate | None = None
    together: float | None = None


@dataclass(frozen=True, kw_only=True)
class PilotValue:
    """What the pilot's attributable outcomes are worth beside its one extra cost, in one period.

    `cost` is None where `why_no_cost` says why. `shared`: several outcomes carry the same cost. `behind`: who stands behind the
    cost of a week, and `most_weeks` of one person among them. `told`: what a verdict is told of it, where the numbers here are
    those that may be printed: it is decided on the data. `figures`: in how many significant figures amounts are printed.
    """

    period: str
    outcomes: tuple[OutcomeValue, ...]
    cost: ExtraCost | None
    why_no_cost: str = ""
    behind: Behind | None = None
    most_weeks: float = 0.0
    told: Worth | None = None
    figures: int = 2

    @property
    def shared(self) -> bool:
        return self.cost is not None and sum(one.gain is not None for one in self.outcomes) > 1

    @cached_property
    def worth(self) -> Worth:
        """What the verdict needs: the best chance that one outcome alone is worth the whole cost, and the cost's range."""
        if self.told is not None:
            return self.told
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


def row(one: OutcomeValue) -> dict[str, Any]:
    """What the table shows of one outcome: people once each, more people, and its worth beside the whole cost."""
    what: dict[str, Any] = {"what": one.measure.title, "worth": one.worth, "withheld": one.withheld}
    if one.gain is None:
        return what
    what |= {"people": one.counted.people, "effect": round(one.gain.estimate)}
    what |= {"effect_lower": round(one.gain.lower), "effect_upper": round(one.gain.upper)}
    if one.printed is not None:
        what |= {"each": one.printed.each, "each_lower": one.printed.each_lower, "each_upper": one.printed.each_upper}
        what |= {"benefit": one.printed.benefit}
        what["withheld"] = one.printed.each_withheld
    if one.weighed is not None:
        what["likely"] = 5.0 * round(20 * one.weighed.chance)
    return what


def cost_row(found: PilotValue) -> dict[str, Any]:
    """The one extra cost as the table shows it: pounds in the period, a person-week, the weeks and people behind it."""
    assert found.cost is not None
    figures = found.figures
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
        "people": found.cost.people,
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
        f"The support of the people the pilot is for, in places that had started, cost about £{abs(shown['cost']):,.0f} {more} in cash in "
        f"{found.period} than without the start (from {_pounds(ends[0])} to {_pounds(ends[1])}; below zero is less)."
    )
    if found.shared:
        says.append(
            "That is one cost, shared by these outcomes and counted once: each is set against the whole of it, so what each cost "
            "and what each is worth are never added up."
        )
    return says + [
        _worth_words(one, found.period, standing(one.measure.id), found.figures)
        for one in found.outcomes
        if one.printed is not None
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
        f"{one.counted.people:,} different people in places that had started.{measured}"
    )


def _worth_words(one: OutcomeValue, period: str, standing: Standing, figures: int) -> str:
    assert one.printed is not None
    each = "" if one.printed.each is None else f" That is £{one.printed.each:,.0f} for each more person."
    if one.worth is None or one.printed.benefit is None or one.weighed is None:
        return (
            f"{one.measure.title}:{each} Nobody agreed what one more person is worth, so the gain is not weighed "
            "against the cost."
        )
    knowing = pilot_value.significant(one.weighed.most_for_knowing_pence / 100, figures)
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
