"""The disclosure policy of one pilot: the house's, made stricter by its pilot file, and fitted to its own size.

The size is noted in the council's ledger, so it is the same in every run, site and checkout until it is left for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from commissioning import ledger
from commissioning import pilot as pilots
from commissioning.disclosure import fitted, fitting, policy, release
from commissioning.disclosure.policy import Policy
from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.ledger import Draft, Held
from commissioning.measures import Measure, breakdowns
from commissioning.measures.breakdowns import Breakdown
from commissioning.pilot import Pilot
from commissioning.seal.ledgers import folder_of, memory_of
from commissioning.seal.published import Record

SIZE = "protection"  # the kind of a ledger's line: how many people a pilot's outcomes count, as a coarse step


def agreed(pilot: Pilot) -> Policy:
    """The house's policy with what the pilot file makes stricter. Raises DataRefused naming file, field, value and least."""
    house, made = policy(), policy()
    for field, value in pilot.disclosure.asked().items():
        where = f"{pilots.file_saying(pilot, 'disclosure', field)}, disclosure.{field}"
        if house.loosens(field, value):
            raise DataRefused(
                f"{where}: {value!r} protects less than every pilot must, which is {getattr(house, field)!r}: {LEAST[field]}"
            )
        try:
            made = made.stricter(**{field: value})
        except UsageError as error:
            raise DataRefused(f"{where}: {str(error).removeprefix('disclosure policy: ')}") from None
    return made


LEAST = (
    dict.fromkeys(
        ("suppress_to", "fewest_people_for_cost", "narrowest_interval", "merge_below", "versions"), "write that or more"
    )
    | dict.fromkeys(
        ("significant_figures", "surest_guess", "cells_of_one_person", "two_make_nearly_all"), "write that or less"
    )
    | {
        "round_to": "write a multiple of it",
        "merge_kinds": "write these and more",
        "zeros": 'write that, or "of anything"',
    }
)


def counts_everybody(
    results: pd.DataFrame, measures: Mapping[str, Measure], tables: Iterable[Breakdown], pilot: str
) -> pd.Series:
    """True for rows of results whose measure or breakdown counts all of whom it speaks, by its definition: none and all are no answer there."""
    ids = {key for key, one in measures.items() if one.achieved is not None and one.achieved.says == EVERYBODY}
    ids |= {
        breakdowns.measure_id(pilot, one.id, figure.name)
        for one in tables
        for figure in one.figures
        if figure.of is None and figure.amount is None and figure.like is None
    }
    left_out = results["measure"].str.contains(breakdowns.MARK + breakdowns.LEFT_OUT, regex=False)
    return results["measure"].isin(ids) | left_out


EVERYBODY = "everybody who is counted"  # what the rule of such a measure says


def worthwhile(pilot: Pilot, measures: Mapping[str, Measure]) -> tuple[float, list[str]]:
    """The smallest worthwhile change of a pilot's outcomes in points of a percentage, and those outcomes; 0 where none was agreed."""
    shares = [key for key, one in measures.items() if one.is_outcome and one.per == 100 and one.person]
    design = pilot.design
    if design is not None and design.minimum_worthwhile_change > 0:
        return design.minimum_worthwhile_change, [one for one in design.outcomes or shares if one in shares]
    floors = {one.measure: one.worthwhile_change for one in pilot.floors if one.measure in shares}
    return min(floors.values(), default=0.0), sorted(floors)


def people(results: pd.DataFrame, outcomes: list[str], used: Policy) -> float:
    """How many people these outcomes count in the fullest year of the whole pilot (the middle one of them), as it would be released."""
    rows = results[
        results["measure"].isin(outcomes)
        & results["group_kind"].eq("all")
        & results["period"].astype(str).str.fullmatch(r"\d{4}-\d{2}")
        & results["key_all"].notna()
    ]
    if rows.empty:
        return float("nan")
    figures = release(rows, policy=used).figures
    by_year = figures["denominator"].fillna(0.0).groupby(figures["period"]).median()
    return float(by_year.max())


def policy_of(
    pilot: Pilot,
    area: str,
    results: pd.DataFrame,
    measures: Mapping[str, Measure],
    *,
    noted: bool,
    root: Path | None = None,
) -> Policy:
    """The policy of a pilot's figures. `noted`: its size is kept in the council's ledger (not where extracts are made up).

    Raises DataRefused where the pilot file asks for less protection than the house's.
    """
    used = agreed(pilot)
    change, outcomes = worthwhile(pilot, measures)
    count = people(results, outcomes, used) if change > 0 else float("nan")
    if count != count:
        return used
    root = root or pilots.home()
    return fitted(used, _kept(pilot.name, area, count, root) if noted else fitting.size(count), change)


def noted_size(name: str, area: str, root: Path) -> int | None:
    """The step that the council's ledger holds for a pilot; None where it holds none."""
    return _last(ledger.read(folder_of(area, root)), name, area)


def _last(held: Held, name: str, area: str) -> int | None:
    mine = [one for one in held.entries if (one.kind, one.area, one.pilot) == (SIZE, area, name) and one.whole]
    step = mine[-1].says.get("people") if mine else None
    return step if step in fitting.STEPS else None


def _kept(name: str, area: str, count: float, root: Path) -> int:
    """The step of this many people, held against the one in the ledger, and noted there where it is another."""
    folder = folder_of(area, root)
    before = _last(ledger.read(folder), name, area)
    if before is not None and fitting.size(count, before) == before:
        return before
    step = 0

    def lines(held: Held) -> list[Draft]:
        nonlocal step
        before = _last(held, name, area)
        step = fitting.size(count, before)
        return [] if step == before else [Draft(kind=SIZE, area=area, pilot=name, says={"people": step})]

    try:
        ledger.append(folder, lines)
        ledger.remember(folder, memory_of(root))
    except CannotWrite:  # read by whoever may not write: the next who may notes it
        step = fitting.size(count, before)
    return step


def published_before(area: str, measures: list[str]) -> dict[str, int]:
    """How many versions of each year's figures were published so far, as the council's ledger says."""
    return Record(ledger.read(folder_of(area, pilots.home())), area).versions(measures)


def in_words(pilot: Pilot, measures: Mapping[str, Measure], area: str, root: Path | None) -> list[str]:
    """What `commissioning check` says of a pilot's protection, in lines. Raises DataRefused as `agreed` does."""
    used = agreed(pilot)
    told = []
    if written := pilot.disclosure.asked():
        told.append(f"{pilot.name}: stricter than the house's disclosure policy in {', '.join(sorted(written))}")
    change, outcomes = worthwhile(pilot, measures)
    if change <= 0 or not outcomes:
        return told
    some, every = fitting.least_sizes(used, change)
    step = noted_size(pilot.name, area, root) if root is not None and area else None
    if step is None:
        told.append(
            f"{pilot.name}: with a smallest worthwhile change of {change:g} points, counts have noise where outcomes count about {some:,} "
            f"people a year or more, and all tables are shown from {every:,} on; below, threshold, rounding and hiding guard them alone"
        )
    else:
        made = fitted(used, step, change)
        told.append(
            f"{pilot.name}: {fitting.in_words(made) or f'counts have noise (standard deviation {made.noise:.1f} people), at about {step:,} people a year'}"
        )
    return told
