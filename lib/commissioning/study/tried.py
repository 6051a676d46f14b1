"""The settings of a what-if: which may be tried, within which bounds, and how a page says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from commissioning import seal
from commissioning.errors import NotReleased, UsageError
from commissioning.measures import Measure
from commissioning.pilot import Pilot
from commissioning.pilot.agreed import Floor
from commissioning.seal import Sealed
from commissioning.study import by_hand, parameters, unagreed
from commissioning.study.parameters import Parameters
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepared import Prepared, pilot_of
from commissioning.study.then import pilot_at_the_end_of
from commissioning.wording import nearest

CHANGES = parameters.WHAT_IF
OF_FLOORS = CHANGES[:3]  # those that stand with an outcome's floor
SAYS = {
    "worth": "pounds for one more person",
    "worthwhile_change": "smallest change worth having",
    "floor": "floor",
    "chance_agreed": "least chance that the gain is worth its cost",
    "weights": "weight",
}
MOST_WORTH, MOST = 1e7, 1e9
"""The most pounds that one more person may be worth, and the most of what has no other bound."""
Change = tuple[str, str, float | None, float]
"""What is changed, of what (a measure, a criterion or ""), from what, to what."""


def refuse_in_a_run() -> None:
    """Raise NotReleased in a run: what nobody agreed is never published, so it is no part of a run."""
    if by_hand.in_a_run():
        raise NotReleased(
            "a what-if is never published, so no run makes one: look at it in JupyterLab or with papermill"
        )


def settings(study: Prepared, given: Parameters) -> Pilot:
    """What the pilot's files say at the end of the period asked for; under a what-if's parameters with these instead, and said so."""
    return _opened(study, given)[0]


def _opened(study: Prepared, given: Parameters) -> tuple[Pilot, list[Change]]:
    """The pilot as a study of these parameters has it, and each setting that they change: remembered, so that none is published."""
    agreed = pilot_at_the_end_of(pilot_of(study), given.period)
    if not given.what_if:
        return agreed, []
    refuse_in_a_run()
    new, made = changed(agreed, given.what_if)
    for line in words_of(made):
        unagreed.mark(line, unagreed.WHAT_IF)
    return new, made


def sealed(study: Prepared, given: Parameters, period: str) -> Sealed:
    """What may be said of its checks and agreements: whether they were sealed before figures were seen, or are tried here."""
    if not given.what_if:
        return seal.status(study.sealed, period)
    tried = tuple(_place(what, of) for what, of, was, now in _opened(study, given)[1] if was != now)
    return Sealed(why_not="A what-if: settings that nobody agreed.", tried=tried)


def _place(what: str, of: str) -> str:
    """Where a seal has it."""
    if what == "weights":
        return f"weights.{of}"
    if what == "chance_agreed":
        return "decision.chance_agreed"
    return f"floors.{of}.{what}" if of else "design.minimum_worthwhile_change"


def tell(study: Prepared, given: Parameters) -> None:
    """Say on the page, where the study is opened, which settings are tried. Raises UsageError for one that cannot be."""
    unagreed.tell(words_of(_opened(study, given)[1]) or ["every setting that is tried is as it was agreed"])


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
    """Each setting that is not as agreed, in a line: `pounds for one more person, learning_disability_own_goal_met: 12000 → 500`."""
    return [
        f"{SAYS[what]}{f', {of}' if of else ''}: {was_words(was)} → {now:g}"
        for what, of, was, now in made
        if was != now
    ]


def was_words(old: float | None) -> str:
    return "not agreed" if old is None or old != old else f"{old:g}"


def _not_changed(name: str) -> str:
    from commissioning.methods.gates import Gates

    if name in Gates.__dataclass_fields__ or name == "gates":
        return "a gate is agreed first and is not tried afterwards; what may be changed: " + ", ".join(CHANGES)
    return f"nothing is called {name!r}: {nearest(name, CHANGES, 'what may be changed is ' + ', '.join(CHANGES))}"


def _number(name: str, given: Any, most: float) -> float:
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(given, bool) or not 0 <= number <= most:
        each = "" if name == "chance_agreed" else f", or such a number for each {_EACH.get(name, 'measure')}"
        raise UsageError(f"what_if: {name} is a number from 0 to {most:,.0f}{each}, not {given!r}")
    return number


_EACH = {"weights": "criterion"}


def _named(name: str, given: Any, most: Mapping[str, float]) -> dict[str, float]:
    """A number for each of those known, up to its most: the one number for all of them, or those that a mapping names."""
    if not isinstance(given, Mapping):
        return {one: _number(name, given, highest) for one, highest in most.items()}
    each = _EACH.get(name, "measure")
    if not given:
        raise UsageError(f"what_if: {name}: name one {each} at least")
    for one in given:
        if one not in most:
            known = nearest(str(one), most, f"they are {', '.join(most) or 'none'}")
            raise UsageError(f"what_if: {name}: {one!r} is none of the {each}s with one agreed: {known}")
    return {one: _number(name, value, most[one]) for one, value in given.items()}


def _of_floors(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    measures = measures_of(pilot)
    most = {one.measure: MOST_WORTH if name == "worth" else _highest(measures.get(one.measure)) for one in pilot.floors}
    wanted, design = _named(name, given, most), pilot.design
    if name == "worthwhile_change" and not isinstance(given, Mapping) and design is not None and design.kind != "none":
        number = _number(name, given, 100)
        made.append((name, "", design.minimum_worthwhile_change, number))
        pilot = pilot.model_copy(update={"design": design.model_copy(update={"minimum_worthwhile_change": number})})
    elif not wanted:
        raise UsageError(f"what_if: {name}: no floor is agreed for any outcome of this pilot, and it stands with one")
    floors: list[Floor] = []
    for one in pilot.floors:
        if one.measure in wanted:
            made.append((name, one.measure, getattr(one, name), wanted[one.measure]))
            one = one.model_copy(update={name: wanted[one.measure]})
        floors.append(one)
    return pilot.model_copy(update={"floors": tuple(floors)})


def _highest(measure: Measure | None) -> float:
    """The most that a level or a change of a measure can be: of a share, all."""
    return float(measure.per) if measure is not None and measure.achieved is not None else MOST


def _chance(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    number = _number(name, given, 1)
    made.append((name, "", pilot.decision.chance_agreed, number))
    return pilot.model_copy(update={"decision": pilot.decision.model_copy(update={name: number})})


def _weights(pilot: Pilot, name: str, given: Any, made: list[Change]) -> Pilot:
    if not isinstance(given, Mapping):
        raise UsageError(
            f"what_if: weights are a number for each criterion: {', '.join(pilot.weights) or 'none is agreed here'}"
        )
    wanted = _named(name, given, dict.fromkeys(pilot.weights, MOST))
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
