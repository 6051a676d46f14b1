"""Which measures a pilot counts, and every one that its file names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.measures import Measure, catalogue
from commissioning.pilot import Pilot

EASY_OTHERS = ("about", "before", "change")


def measures_of(pilot: Pilot) -> dict[str, Measure]:
    """The pilot's measures: those it lists, or every one of its catalogue; and the published ones that it names.

    Raises UsageError where `pilot.toml` names a measure that does not exist, wherever in the file it does so.
    """
    known = catalogue(folder=pilot.folder)
    own = {one: known[one] for one in pilot.measures if one in known} or dict(
        catalogue(pilot.name, folder=pilot.folder)
    )
    own |= {one: known[one] for one in pilot.published_measures if one in known}  # pages set them beside other councils
    for place, name, must_count in named_measures(pilot):
        if name in own or (name in known and not must_count):
            continue
        near = difflib.get_close_matches(name, own if must_count else known, n=1)
        hint = f"did you mean {near[0]}?" if near else "see `commissioning measures`"
        says = "this pilot counts no measure called" if name in known else "no measure is called"
        raise UsageError(f"{pilots.file_saying(pilot, place, name)}, {place}: {says} {name!r}; {hint}")
    return own


def named_measures(pilot: Pilot) -> list[tuple[str, str, bool]]:
    """Every measure that a pilot file names: where, which, and whether the pilot must count it itself."""
    named = [("measures", one, False) for one in pilot.measures]
    if pilot.design is not None:
        named += [("design.outcomes", one, True) for one in pilot.design.outcomes]
    named += [(f"gates_for.{one}", one, True) for one in pilot.gates_for]
    named += [("floors", one.measure, True) for one in pilot.floors]
    named += [("published_measures", one, False) for one in pilot.published_measures]
    named += [(f"own_spend.{one}", one, False) for one in pilot.own_spend]
    named += [(f"easy_words.{one}", one, False) for one in pilot.easy_words if one not in EASY_OTHERS]
    named += [("benefits", one.measure, False) for one in pilot.benefits if one.measure]
    named += [("contributions", one.outcome, False) for one in pilot.contributions]
    named += [(f"corporate_plan.{one}", one, False) for one in pilot.corporate_plan]
    return named


def primary_of(measures: Mapping[str, Measure]) -> tuple[str, ...]:
    """The outcomes whose change is estimated where a design names none."""
    return tuple(sorted(key for key, one in measures.items() if one.is_outcome and one.primary))
