"""One effect, judged: what is decided on the data, and the numbers of it that may be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commissioning.disclosure import Policy
from commissioning.disclosure.estimates import (
    FEWEST_DEGREES,
    FEWEST_PEOPLE,
    Behind,
    ReleasedEstimate,
    decimals_of,
    released_estimate,
)
from commissioning.measures import Measure
from commissioning.methods import claims
from commissioning.methods.claims import Check, Claim
from commissioning.methods.effects import Effect
from commissioning.presentation.showable import EffectSummary
from commissioning.study.compared import Compared
from commissioning.study.prepared import Prepared


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One measure's effect and what may be said of it. `effect` is None where nothing could be estimated.

    `effect` is as estimated: restricted. `claim` is decided on it; its words and `summary` hold the numbers that may be printed.
    `compared` says who was compared, and over which quarters; None where no rows could be told apart by place. `behind`: who
    stands behind the estimate. `sides`: what a verdict is told of the estimate and its limits, which is decided on the data and on what is printed: three
    numbers that stand where those do beside no change and the smallest change worth having, and say no more. `held_back`: the
    estimate and its range, in words, where a check of bias keeps it from being told: for a notebook and the annex.
    """

    measure: Measure
    effect: Effect | None
    claim: Claim | None
    why_not: str
    summary: EffectSummary
    compared: Compared | None = None
    behind: Behind | None = None
    sides: tuple[float, float, float] | None = None
    held_back: str = ""


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """All effects of a study, the calibration card behind them, and why there are none where there are none."""

    estimates: tuple[Estimate, ...]
    card: pd.DataFrame
    why_none: str


def _names(study: Prepared, unit: str) -> frozenset[str]:
    """Names of places that may be given: those that tell of nobody (as `starts` does), and those of released figures."""
    known = (study.record.get("known_names") or {}).get(unit, [])
    begun = study.published("starts")
    known = [*known, *(begun.loc[begun["unit_kind"] == unit, "unit"] if len(begun) else ())]
    return frozenset([*known, *study.record.get("levels", {}).get(unit, {}).get("shown", [])])


def none(measure: Measure, why: str, study: Prepared, compared: Compared | None) -> Estimate:
    why = why.removeprefix(f"{measure.id}: ")  # an id is for whoever mends an extract, not for a page
    summary = EffectSummary(
        measure=measure.title, period=compared.years if compared else "", design="", estimand="", estimate=None,
        lower=None, upper=None, unit=measure.unit, claim="described",
        wording="What the change led to cannot be said.", withheld=why, compared=_who(study, compared),
    )  # fmt: skip
    return Estimate(measure=measure, effect=None, claim=None, why_not=why, summary=summary, compared=compared)


def _who(study: Prepared, compared: Compared | None) -> str:
    return "" if compared is None or not compared.first_start else compared.sentence(_names(study, compared.unit))


def _scaled(value: float | None, measure: Measure) -> float | None:
    return None if value is None else value * measure.per


def judged(
    measure: Measure,
    effect: Effect,
    claim: Claim,
    study: Prepared,
    compared: Compared,
    behind: Behind,
    words: dict[str, Any],
    worthwhile: float,
) -> Estimate:
    printed = printed_of(effect, measure, behind, study.policy)
    if printed.withheld:
        needed = f"{FEWEST_PEOPLE} people or more on each side, and {FEWEST_DEGREES} degrees of freedom"
        check = Check(name="people_behind", passed=False, says=printed.withheld, found=None, needed=needed)
        claim = claims.withheld(claim, check)
    elif not claim.hidden:
        assert printed.estimate is not None
        lower, upper = (None if one is None else one / measure.per for one in (printed.lower, printed.upper))
        shown = (printed.estimate / measure.per, lower, upper)
        claim = claims.as_printed(claim, effect, shown, decimals=decimals_of(printed.step), **words)
    held_back = "" if printed.withheld or not claim.failed or not claim.hidden else _in_words(printed, measure)
    numbers = (None, None, None) if claim.hidden else (printed.estimate, printed.lower, printed.upper)
    why = " ".join(one.says for one in claim.failed) or ("below the strength agreed" if claim.hidden else "")
    summary = EffectSummary(
        measure=measure.title,
        period=compared.years,
        design=effect.method,
        estimand=effect.estimand,
        estimate=numbers[0],
        lower=numbers[1],
        upper=numbers[2],
        unit=measure.unit,
        claim=claim.rung,
        wording=claim.wording,
        withheld=why if claim.hidden else None,
        gates=tuple((one.name, one.passed, one.says) for one in (*claim.passed, *claim.failed)),
        compared=_who(study, compared),
    )
    return Estimate(
        measure=measure,
        effect=effect,
        claim=claim,
        why_not=why if claim.hidden else "",
        summary=summary,
        compared=compared,
        behind=behind,
        sides=None if claim.hidden else _sides(effect, measure, worthwhile, printed),
        held_back=held_back,
    )


def _in_words(printed: ReleasedEstimate, measure: Measure) -> str:
    assert printed.estimate is not None
    places = decimals_of(printed.step)
    told = [
        f"{one:+,.{places}f}".replace("-", "−")
        for one in (printed.estimate, printed.lower, printed.upper)
        if one is not None
    ]
    unit = f" in each {measure.per}" if measure.per > 1 else ""
    return f"{told[0]}{unit}" + (f" ({told[1]} to {told[2]})" if len(told) > 1 else "")


def _sides(
    effect: Effect, measure: Measure, worthwhile: float, printed: ReleasedEstimate
) -> tuple[float, float, float] | None:
    """Sides of the change and its limits: the wider of the limits as estimated and as printed, so that a verdict says nothing that a
    reader of the printed range would not."""
    if effect.lower is None or effect.upper is None or printed.lower is None or printed.upper is None:
        return None
    marks = sorted({-abs(worthwhile), 0.0, abs(worthwhile)})
    lower, upper = min(effect.lower * measure.per, printed.lower), max(effect.upper * measure.per, printed.upper)
    change = effect.estimate * measure.per
    return side_of(change, marks), side_of(lower, marks), side_of(upper, marks)


def side_of(value: float, marks: Sequence[float]) -> float:
    """A number that is above, below or at each of these marks (in order) where `value` is, and says no more of it."""
    if value in marks:
        return value
    below, above = [one for one in marks if one < value], [one for one in marks if one > value]
    if not below:
        return above[0] - 1.0
    return below[-1] + 1.0 if not above else (below[-1] + above[0]) / 2


def printed_of(effect: Effect, measure: Measure, behind: Behind, rules: Policy | None = None) -> ReleasedEstimate:
    """What may be printed of an effect, in the measure's unit."""
    lower, upper = _scaled(effect.lower, measure), _scaled(effect.upper, measure)
    return released_estimate(
        effect.estimate * measure.per,
        lower,
        upper,
        standard_error=_scaled(effect.diagnostics.get("standard_error"), measure),
        behind=behind,
        no_change=effect.no_effect * measure.per,
        rules=rules,
    )
