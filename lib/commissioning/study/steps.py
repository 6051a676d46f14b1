"""The steps by which a study is made, each with a result of its own: take in, tell apart, count, release.

`prepare` takes them in order, and `keep` writes what came out of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import clock, states
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.disclosure import Policy, Released, release
from commissioning.disclosure.keys import SAMPLE_SECRET
from commissioning.errors import DataRefused, UsageError
from commissioning.evidence import persons, shown
from commissioning.evidence.intake import Intake, take_in
from commissioning.evidence.tables import bring
from commissioning.measures import Measure, breakdowns, calculate
from commissioning.measures.as_published import as_published
from commissioning.measures.breakdowns import Breakdown
from commissioning.pilot import Pilot, Voice
from commissioning.presentation import typed
from commissioning.study import broken_down, figure_states, open_tables, protection, secret, started, told_apart, used
from commissioning.study.fingerprint import copied_from_sample
from commissioning.study.group_names import hierarchy_of
from commissioning.study.pilot_measures import measures_of
from commissioning.study.told_apart import ToldApart

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True, eq=False)
class TakenIn:
    """Extracts that kept their contracts, and what the study of them is to count.

    `pilot` speaks in this council's `voice`; `agreed` is the file as its council wrote it, under whose `rules` figures are
    released. `people`: the names that no page may hold. `sample`: these are the sample's own bytes.
    """

    pilot: Pilot
    agreed: Pilot
    voice: Voice
    rules: Policy
    area: str
    data: Path
    intake: Intake
    measures: dict[str, Measure]
    people: set[str]
    sample: bool
    secret: bytes

    @property
    def made_up(self) -> bool:
        return self.sample or self.intake.illustrative


@dataclass(frozen=True, kw_only=True, eq=False)
class Apart:
    """The tables of an intake, each with what is the pilot's and the area's own.

    `tables` has everybody's packages, as measures count them; in `held` the packages of the people the pilot is for stand by
    themselves, and `not_tied` says why some could not be told. `not_used`: why a file was not, by its name.
    """

    tables: Tables
    held: Tables
    not_tied: str
    told: ToldApart
    placed: started.Places
    not_used: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Counted:
    """Every measure and breakdown as counted: restricted. `clauses`: those by which a measure left rows out, in words."""

    usable: dict[str, Measure]
    without: tuple[str, ...]
    results: pd.DataFrame
    by_group: pd.DataFrame
    clauses: dict[str, list[list[str]]]
    keys: pd.Series
    table_of: dict[str, Breakdown]
    public: list[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class LetOut:
    """What disclosure control let out, under which policy. `everything` is what it was asked of."""

    released: Released
    everything: pd.DataFrame
    policy: Policy
    open_from: str
    states: dict[str, Any]
    for_run: dict[str, Any]
    of_people: list[str]


def take_extracts_in(pilot: Pilot, data: Path, area: str) -> TakenIn:
    """Check extracts and the pilot's words, before anything is counted; see `prepare` for what it raises."""
    pilots.refuse_own_in_sample(data)
    council = councils.load()
    own = councils.owner(data, council, area=area)
    area = area or councils.area_of(pilot, data, council)
    if not area:
        raise UsageError(councils.UNNAMED)
    # The sample's key, everywhere: its figures are the same on every machine, whoever's ledger lies there.
    measures, kept = measures_of(pilot), SAMPLE_SECRET if pilots.is_sample(data) else secret.secret_of(area)
    bring(pilot.folder)
    intake = take_in(data, pilot.name, area, pilot.tables, own=own, secret=kept, for_log=True)
    try:
        intake.raise_if_refused(though_all_set_aside=True)  # whether such a study is published is for the run to say
    except DataRefused as refusal:
        said = [one.as_json() | one.account() for one in intake.files]
        raise DataRefused(shown.refusal(said, str(refusal))) from None
    pilots.refuse_own_in_sample(data, read={one.file: one.sha256 for one in intake.of("accepted")})
    sample = pilots.is_sample(data) or copied_from_sample(intake, pilot)
    people = persons.known(intake)
    agreed = pilot if sample else councils.own_words(pilot)
    refuse_typed(agreed, people)
    rules = protection.agreed(agreed)
    voice = councils.voice(pilot, area=area, sample=sample, council=council, tables=dict(intake.tables))
    return TakenIn(
        pilot=pilot.model_copy(update=voice.model_dump(exclude={"own", "author", "logo"})),
        agreed=agreed,
        voice=voice,
        rules=rules,
        area=area,
        data=data,
        intake=intake,
        measures=measures,
        people=people,
        sample=sample,
        secret=SAMPLE_SECRET if sample else kept,
    )


def refuse_typed(pilot: Pilot, people: set[str]) -> None:
    """Raise UsageError for what people typed in the files of a pilot that no page may say: by field, and never the words."""
    fields = pilot.model_dump(mode="json")
    found = [fault for where, text in typed.of_pilot(fields) for fault in typed.faults(where, text, people)]
    for path in sorted(pilot.folder.glob("*.md")):
        found += typed.faults(path.name, path.read_text(encoding="utf-8", errors="replace"), people)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UsageError(f"pilots/{pilot.name}, {found[0]}{more}")


def tell_apart(taken: TakenIn) -> Apart:
    """What is the pilot's own in each table, and where it started. Raises DataRefused for starts that fit no place."""
    pilot, intake = taken.pilot, taken.intake
    told = told_apart.told_apart(intake, pilot, taken.area, policy=taken.rules)
    placed = started.Places()
    if pilot.design is not None and taken.area == pilot.area:
        aside = sum(
            one.loaded.rows_quarantined for one in intake.of("accepted") if one.table == "starts" and one.loaded
        )
        placed = started.places(pilot, taken.measures, told.tables, set_aside=aside)
        # Refused here, before anything is counted.
        started.first_of(pilot.design, told.tables.get("starts"), (), placed.spelt)
    tables = started.respelt(told.tables, pilot.design.unit if pilot.design else "", placed)
    held, not_tied = open_tables.by_whose(tables, pilot.support_reason)
    not_used = used.not_used(intake, pilot, taken.area, taken.measures, tables)
    return Apart(tables=tables, held=held, not_tied=not_tied, told=told, placed=placed, not_used=not_used)


def count(taken: TakenIn, apart: Apart) -> Counted:
    """Every measure and breakdown that the tables can be asked. Raises DataRefused where there are people and no secret."""
    said = {"pilot": taken.pilot.name, "area": taken.area}
    without = calculate.missing(taken.measures, apart.tables)
    usable = {key: one for key, one in taken.measures.items() if key not in without}
    codes: dict[str, calculate.Codes | None] = {}
    keys = secret.keys_of_everybody(apart.tables, usable, taken.secret)
    results = calculate.results(usable, apart.tables, codes=codes, keys=keys, **said)
    open_extracts = open_tables.public_held(taken.intake)
    results["public"] |= results["measure"].isin(open_tables.public_measures(usable, open_extracts))
    public = sorted(table for table, held in open_extracts.items() if held == {True})
    table_of = broken_down.of(taken.pilot)
    made = breakdowns.made(table_of.values(), apart.held)
    keys = secret.with_keys_of(made, table_of, keys, taken.secret)
    by_group = breakdowns.counted(
        table_of.values(),
        apart.held,
        public=[*public, *open_tables.apart_of(public)],
        keys=keys,
        rows=made,
        **said,
    )
    left, clauses = breakdowns.left_out(
        usable,
        codes,
        keys=keys,
        period=max(results["period"].str.slice(0, 7), default=""),
        public=results.loc[results["public"], "measure"],
        **said,
    )
    return Counted(
        usable=usable,
        without=tuple(sorted(without)),
        results=results,
        by_group=pd.concat([by_group, left], ignore_index=True),
        clauses=clauses,
        keys=keys,
        table_of=table_of,
        public=public,
    )


def let_out(taken: TakenIn, apart: Apart, counted: Counted, history: pd.DataFrame | None) -> LetOut:
    """Everything that was counted through disclosure control, at once, and the state of each figure."""
    pilot, area = taken.pilot, taken.area
    policy = protection.policy_of(taken.agreed, area, counted.results, counted.usable, noted=not taken.made_up)
    open_from = "" if taken.made_up else states.first_open(clock.today(), pilot.closes_after_months)
    # One release: a breakdown stands in the same system as the measures beside it, and has the same price.
    everything = as_published(pd.concat([counted.results, counted.by_group], ignore_index=True))
    everything["everybody"] = protection.counts_everybody(
        everything, counted.usable, counted.table_of.values(), pilot.name
    )
    released = release(
        everything,
        history,
        policy=policy,
        hierarchy=broken_down.nested(counted.by_group) | (hierarchy_of(apart.tables) or {}),
        open_from=open_from,
    )
    of_people = sorted(set(everything.loc[everything["key_all"].notna(), "measure"].astype(str)))
    ledger = not taken.intake.illustrative
    released, of_states, for_run = figure_states.applied(released, pilot, area, taken.measures, ledger=ledger)
    return LetOut(
        released=released,
        everything=everything,
        policy=policy,
        open_from=open_from,
        states=of_states,
        for_run=for_run,
        of_people=of_people,
    )
