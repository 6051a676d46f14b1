"""What if other weights, worths or thresholds had been agreed? The same answers, old beside new; marked so, and never published.

Everything is worked out from what may be shown: the printed effects, gains and cost. So asking a hundred times tells no more than the page.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.errors import NotReleased, UsageError
from commissioning.methods import pilot_value, priorities
from commissioning.pilot import Pilot
from commissioning.pilot.agreed import Floor
from commissioning.study import by_hand, explaining, frames, outcomes, parameters, unagreed, worked_out
from commissioning.study.frames import Frame
from commissioning.study.parameters import Parameters
from commissioning.study.prepared import Prepared, pilot_of
from commissioning.study.standing import Standing
from commissioning.study.then import pilot_at_the_end_of
from commissioning.study.value_words import OutcomeValue, PilotValue

if TYPE_CHECKING:
    from commissioning.study.opened import Study

CHANGES = parameters.WHAT_IF
OF_FLOORS = CHANGES[:3]  # those that stand with an outcome's floor
SAYS = {
    "worth": "pounds for one more person",
    "worthwhile_change": "smallest change worth having",
    "floor": "floor",
    "chance_agreed": "least chance that the gain is worth its cost",
    "weights": "weight",
}
Change = tuple[str, str, float | None, float]
"""What is changed, of what (a measure, a criterion or ""), from what, to what."""


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """Answers under other settings, beside those under the agreed ones. Every frame is marked "what-if" and is never published.

    changes      one row a setting: what, of, old, new
    value        one row an outcome: measure, title, more_people, cost_more_pence, and worth_pence, benefit_pence, chance (%), each old and new
    effects      one row an outcome: measure, title, estimate, lower, upper, unit, claim, and worthwhile_change and stands, each old and new
    priorities   one row an option: option, and score and place, each old and new; empty where fewer than two were scored
    verdict      one row a question that the verdict asks: about, old, new
    """

    changes: Frame
    value: Frame
    effects: Frame
    priorities: Frame
    verdict: Frame

    def tidy(self) -> Frame:
        """The answers one below the other: frame, what, figure, old, new."""
        return _tidy(self)


def what_if(study: Study, **changes: Any) -> WhatIf:
    """See `Study.what_if`."""
    refuse_in_a_run()
    old = study.settings
    new, made = changed(old, changes)
    for line in words_of(made):
        unagreed.mark(line, unagreed.WHAT_IF)
    found = worked_out.of(study.prepared, old, study.period, study.sealed)
    effects = _effects(found, old, new)
    value = _value(found.value, old, new, "worth" in changes)
    settings = pd.DataFrame(
        [{"what": SAYS[what], "of": of, "old": was, "new": now} for what, of, was, now in made],
        columns=["what", "of", "old", "new"],
    )
    rests_on = explaining.of_tables(study, "a what-if: " + "; ".join(words_of(made)), agreed=False)
    rests_on = replace(
        rests_on,
        states=(unagreed.WHAT_IF,),
        measures=tuple(one.measure.id for one in found.estimates),
        titles=tuple((one.measure.id, one.measure.title) for one in found.estimates),
    )

    def made_of(frame: pd.DataFrame, why: str = "") -> Frame:
        return frames.made(frame.assign(state=unagreed.WHAT_IF), rests_on, why)

    return WhatIf(
        changes=made_of(settings),
        value=made_of(value, found.value.why_no_cost),
        effects=made_of(effects, found.why_none),
        priorities=made_of(
            _priorities(old, new), "Fewer than two options have been scored, or no weights were agreed."
        ),
        verdict=made_of(_verdict(study, old, new, effects, value)),
    )


def refuse_in_a_run() -> None:
    """Raise NotReleased in a run: what nobody agreed is never published, so it is no part of a run."""
    if by_hand.in_a_run():
        raise NotReleased(
            "a what-if is never published, so no run makes one: look at it in JupyterLab or with papermill"
        )


# --- the settings


def settings(study: Prepared, given: Parameters) -> Pilot:
    """What the pilot's files say at the end of the period asked for; under a what-if's parameters with these instead, and said so."""
    agreed = pilot_at_the_end_of(pilot_of(study), given.period)
    if not given.what_if:
        return agreed
    refuse_in_a_run()
    new, made = changed(agreed, given.what_if)
    for line in words_of(made):
        unagreed.mark(line, unagreed.WHAT_IF)
    return new


def changed(pilot: Pilot, changes: Mapping[str, Any]) -> tuple[Pilot, list[Change]]:
    """The pilot under other settings, and each change. Raises UsageError naming a change that cannot be made, with the nearest that can."""
    if not changes:
        raise UsageError(f"what_if: say what is changed: {', '.join(CHANGES)}")
    made: list[Change] = []
    for name, given in changes.items():
        if name not in CHANGES:
            raise UsageError(f"what_if: {_not_changed(name)}")
        pilot = _CHANGE[name](pilot, name, given, made)
    return pilot, made


def words_of(made: list[Change]) -> list[str]:
    """Each change in a line: `pounds for one more person, learning_disability_own_goal_met: 12000 → 500`."""
    return [
        f"{SAYS[what]}{f', {of}' if of else ''}: {'not agreed' if was is None else f'{was:g}'} → {now:g}"
        for what, of, was, now in made
    ]


def _not_changed(name: str) -> str:
    from commissioning.methods.gates import Gates

    if name in Gates.__dataclass_fields__ or name == "gates":
        return "a gate is agreed first and is not tried afterwards; what may be changed: " + ", ".join(CHANGES)
    near = difflib.get_close_matches(name, CHANGES, n=1)
    return f"nothing is called {name!r}" + (
        f": did you mean {near[0]}?" if near else f": what may be changed is {', '.join(CHANGES)}"
    )


def _number(name: str, given: Any, least: float = 0.0, most: float = float("inf")) -> float:
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(given, bool) or not least <= number <= most:
        upto = f" from {least:g} to {most:g}" if most < float("inf") else f" of {least:g} or more"
        raise UsageError(
            f"what_if: {name} is a number{upto}, or such a number for each {_EACH.get(name, 'measure')}, not {given!r}"
        )
    return number


_EACH = {"weights": "criterion"}


def _named(name: str, given: Any, known: list[str]) -> dict[str, float]:
    """A number for each of those known: the one number for all of them, or those that a mapping names."""
    if not isinstance(given, Mapping):
        number = _number(name, given)
        return dict.fromkeys(known, number)
    for one in given:
        if one not in known:
            near = difflib.get_close_matches(str(one), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"they are {', '.join(known) or 'none'}"
            raise UsageError(
                f"what_if: {name}: {one!r} is none of the {_EACH.get(name, 'measure')}s with one agreed: {hint}"
            )
    return {one: _number(name, value) for one, value in given.items()}


def _of_floors(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    field = name
    wanted = _named(name, given, [one.measure for one in pilot.floors])
    design = pilot.design
    if name == "worthwhile_change" and not isinstance(given, Mapping) and design is not None and design.kind != "none":
        number = _number(name, given)
        made.append((name, "", design.minimum_worthwhile_change, number))
        pilot = pilot.model_copy(update={"design": design.model_copy(update={"minimum_worthwhile_change": number})})
    elif not wanted:
        raise UsageError(f"what_if: {name}: no floor is agreed for any outcome of this pilot, and it stands with one")
    floors: list[Floor] = []
    for one in pilot.floors:
        if one.measure in wanted:
            made.append((name, one.measure, getattr(one, field), wanted[one.measure]))
            one = one.model_copy(update={field: wanted[one.measure]})
        floors.append(one)
    return pilot.model_copy(update={"floors": tuple(floors)})


def _chance(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    number = _number(name, given, most=1.0)
    made.append((name, "", pilot.decision.chance_agreed, number))
    return pilot.model_copy(update={"decision": pilot.decision.model_copy(update={name: number})})


def _weights(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    if not isinstance(given, Mapping):
        raise UsageError(
            f"what_if: weights are a number for each criterion: {', '.join(pilot.weights) or 'none is agreed here'}"
        )
    wanted = _named(name, given, list(pilot.weights))
    made += [(name, one, pilot.weights[one], number) for one, number in wanted.items()]
    weights = {**pilot.weights, **wanted}
    if weights and not any(weights.values()):
        raise UsageError("what_if: weights: one at least is more than 0")
    return pilot.model_copy(update={"weights": weights})


_CHANGE: dict[str, Callable[[Pilot, str, Any, list[Change]], Pilot]] = {
    **dict.fromkeys(OF_FLOORS, _of_floors),
    "chance_agreed": _chance,
    "weights": _weights,
}


# --- the answers


def _worthwhile(pilot: Pilot, measure: str) -> float:
    floors = {one.measure: one.worthwhile_change for one in pilot.floors}
    return floors.get(measure, pilot.design.minimum_worthwhile_change if pilot.design else 0.0)


def _effects(found: worked_out.Effects, old: Pilot, new: Pilot) -> pd.DataFrame:
    rows = []
    for one in found.estimates:
        was, now = (_worthwhile(pilot, one.measure.id) for pilot in (old, new))
        before = _standing(one, was, one.sides)
        # Printed numbers beside another change: what the page's own verdict rests on would tell more, asked often enough.
        after = before if now == was else _standing(one, now, _printed(one))
        rows.append(
            {
                "measure": one.measure.id,
                "title": one.measure.title,
                "estimate": one.summary.estimate,
                "lower": one.summary.lower,
                "upper": one.summary.upper,
                "unit": one.measure.unit,
                "claim": one.summary.claim,
                "worthwhile_change_old": was,
                "worthwhile_change_new": now,
                "stands_old": before.changed,
                "stands_new": after.changed,
            }
        )
    columns = ["measure", "title", "estimate", "lower", "upper", "unit", "claim"]
    pairs = ["worthwhile_change_old", "worthwhile_change_new", "stands_old", "stands_new"]
    return pd.DataFrame(rows, columns=[*columns, *pairs])


def _printed(one: worked_out.Shown) -> tuple[float, float, float] | None:
    found = (one.summary.estimate, one.summary.lower, one.summary.upper)
    return None if None in found else found  # type: ignore[return-value]


def _standing(one: worked_out.Shown, worthwhile: float, change: tuple[float, float, float] | None) -> Standing:
    middle, lower, upper = change or (None, None, None)
    if change is not None and one.measure.better == "lower":
        middle, lower, upper = -change[0], -change[2], -change[1]
    return Standing(
        measure=one.measure.id, title=one.measure.title, lower=None, upper=None, floor=None, worthwhile_change=worthwhile,
        change=middle, change_lower=lower, change_upper=upper, rung=one.summary.claim,
    )  # fmt: skip


def _value(found: PilotValue, old: Pilot, new: Pilot, asked: bool) -> pd.DataFrame:
    worths = {one.measure: one.worth for one in new.floors}
    rows = []
    for one in found.outcomes:
        was, now = one.worth, worths.get(one.measure.id) if asked else one.worth
        before, after = _weighed(found, one, was, kept=True), _weighed(found, one, now, kept=now == was)
        rows.append(
            {
                "measure": one.measure.id,
                "title": one.measure.title,
                "more_people": None if one.gain is None else round(one.gain.estimate),
                "cost_more_pence": None
                if found.cost is None
                else 100 * pilot_value.significant(found.cost.pence.estimate / 100, found.figures),
                **{
                    f"{name}_{when}": value
                    for when, part in (("old", before), ("new", after))
                    for name, value in part.items()
                },
                "withheld": one.withheld,
            }
        )
    pairs = [f"{name}_{when}" for name in ("worth_pence", "benefit_pence", "chance") for when in ("old", "new")]
    frame = pd.DataFrame(rows, columns=["measure", "title", "more_people", "cost_more_pence", *pairs, "withheld"])
    for name in ["more_people", "cost_more_pence", *pairs]:
        frame[name] = pd.to_numeric(frame[name]).astype("Float64").round().astype("Int64")
    return frame


def _weighed(found: PilotValue, one: OutcomeValue, worth: float | None, *, kept: bool) -> dict[str, float | None]:
    """Worth and benefit in pence, by the one rule of rounding, and the chance to the nearest 5%: the page's own, where it is kept."""
    none: dict[str, float | None] = {
        "worth_pence": None if worth is None else 100 * worth,
        "benefit_pence": None,
        "chance": None,
    }
    if worth is None or one.gain is None or one.printed is None or found.cost is None:
        return none
    gain, cost = one.gain, found.cost.pence
    likely = one.weighed.chance if kept and one.weighed is not None else None
    if likely is None and one.together is not None:
        likely = pilot_value.chance(gain, cost, 100 * worth, one.together)
    benefit = 100 * (one.printed.more * worth - one.printed.cost)
    return {**none, "benefit_pence": benefit, "chance": None if likely is None else 5.0 * round(20 * likely)}


def _priorities(old: Pilot, new: Pilot) -> pd.DataFrame:
    columns = ["option", "score_old", "score_new", "place_old", "place_new"]
    if len(old.priorities) < 2 or not old.weights:
        return pd.DataFrame(columns=columns)
    scores = pd.DataFrame({one.option: one.scores for one in old.priorities}).T
    before, after = (priorities.rank(scores, pilot.weights) for pilot in (old, new))
    both = after.add_suffix("_new").join(before.add_suffix("_old")).round({"score_old": 2, "score_new": 2})
    return both.rename_axis("option").reset_index()[columns]


def _verdict(study: Study, old: Pilot, new: Pilot, effects: pd.DataFrame, value: pd.DataFrame) -> pd.DataFrame:
    """What the verdict's rules ask of each outcome, in words: the change, the floor, and whether the gain is worth its cost."""
    rows = [
        {"about": f"What changed: {one.title}", "old": one.stands_old, "new": one.stands_new}
        for one in effects.itertuples()
    ]
    levels = _levels(study)
    for before, after in zip(old.floors, new.floors, strict=True):
        measure = study.measures.get(before.measure)
        lower, upper = levels.get(before.measure, (None, None))
        said = [
            Standing(
                measure=one.measure, title="", lower=lower, upper=upper, floor=one.floor, worthwhile_change=one.worthwhile_change,
                fewer_is_better=measure is not None and measure.better == "lower",
            ).stands
            for one in (before, after)
        ]  # fmt: skip
        rows.append(
            {
                "about": f"Level beside its floor: {measure.title if measure else before.measure}",
                "old": said[0],
                "new": said[1],
            }
        )
    told = [_worth_it(value[f"chance_{when}"], pilot) for when, pilot in (("old", old), ("new", new))]
    rows.append({"about": "Whether the gain is worth its cost", "old": told[0], "new": told[1]})
    return pd.DataFrame(rows, columns=["about", "old", "new"])


def _levels(study: Study) -> dict[str, tuple[float, float]]:
    """The released range of each measure in the study's period, where it may be shown."""
    kind, _, name = study.level.partition("=")
    rows = outcomes.main_rows(study.prepared.released, kind or "all", name or None)
    rows = outcomes.scaled(rows[rows["period"].eq(study.period)], study.measures)
    rows = rows[rows["value"].notna() & rows["lower"].notna()].drop_duplicates("measure")
    return {str(one.measure): (float(one.lower), float(one.upper)) for one in rows.itertuples()}


def _worth_it(chances: pd.Series, pilot: Pilot) -> str:
    known = chances.dropna()
    if known.empty:
        return "not known"
    asked = 100 * pilot.decision.chance_agreed
    enough = "enough" if known.max() >= asked else "too little"
    return f"a chance of {known.max():.0f}%, which is {enough}: at least {asked:.0f}% is asked"


def _tidy(found: WhatIf) -> Frame:
    parts = []
    for name, key in (("value", "title"), ("effects", "title"), ("priorities", "option")):
        frame = getattr(found, name)
        for figure in [one.removesuffix("_old") for one in frame if one.endswith("_old")]:
            parts.append(
                pd.DataFrame(
                    {"frame": name, "what": frame[key], "figure": figure, "old": frame[f"{figure}_old"].astype(object),
                     "new": frame[f"{figure}_new"].astype(object), "state": unagreed.WHAT_IF}
                )
            )  # fmt: skip
    said = found.verdict.rename(columns={"about": "what"}).assign(frame="verdict", figure="stands")
    whole = pd.concat([*parts, said], ignore_index=True)[["frame", "what", "figure", "old", "new", "state"]]
    assert found.changes.provenance is not None
    return frames.made(whole, found.changes.provenance)
