"""Who was compared: how many places and people an effect rests on, when they started, and who was left out.

Counts of people are released as any count of people is, before they are said; places are named only where their names may be
shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure import Policy, policy
from commissioning.disclosure.estimates import key_of, released_count
from commissioning.pilot.design import Design
from commissioning.study.started import WHOLE, Places, kind, named


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one estimate rests on. Quarters are text, "2013-14 Q1"; "" where nothing started.

    `started` and `not_started` count places with rows on both sides of a start (their own; for those that did not
    start, the first). `people_…` count different people, or rows where rows name nobody (`of`). `left_out` are places of
    the design that are in no comparison: reason → names. `known`: share of rows whose place is known to have started or
    not. `later`: places that start after the years looked at, and count as not started. `keys`: what is counted → the key (0 to
    255) of those people, which fixes the noise of their number. `rules`: the disclosure policy that their numbers follow.
    """

    unit: str
    kind: str
    started: int
    not_started: int
    first_start: str
    last_start: str
    people_started: int
    people_not_started: int
    of: str
    first_period: str
    last_period: str
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    later: int = 0
    known: float = 1.0
    keys: Mapping[str, int] = field(default_factory=dict)
    rules: Policy = field(default_factory=policy)

    @property
    def years(self) -> str:
        """The quarters that the estimate rests on."""
        return f"{self.first_period} to {self.last_period}" if self.first_period else ""

    @property
    def matched_no_rows(self) -> int:
        """How many places of `starts` no row names."""
        return len(dict(self.left_out).get(NO_ROWS, ()))

    @property
    def without_start(self) -> int:
        """How many places have rows, and nothing says whether they started."""
        return len(dict(self.left_out).get(NO_START, ()))

    def sentence(self, shown: Collection[str] = ()) -> str:
        """Who was compared, and who was left out, in plain words. `shown`: names of places that may be given."""
        when = (
            self.first_start
            if self.first_start == self.last_start
            else f"between {self.first_start} and {self.last_start}"
        )
        when = when if when.startswith("between") else f"in {when}"
        counted = "different people" if self.of == "people" else self.of
        people = f"where {self._people('people_started')} {counted} are counted in all"
        if self.unit == WHOLE:
            says = f"Compared with its own level and trend before: one series that started {when}, {people}."
        elif self.kind == "interrupted":
            who = f"{self._places('started', self.started)} that started {when}, taken together, {people}"
            says = f"Compared with their own level and trend before: {who}."
        else:
            says = f"{self._places('started', self.started)} that started {when}"
            says += "" if self.unit in PEOPLE else f", {people}"
            says += f"; {self._others()}."
            says = says[:1].upper() + says[1:]
        if self.later:
            later = self._places("later", self.later)
            says += f" {later} that started later {'counts' if self.later == 1 else 'count'} as not started."
        for why, names in self.left_out:
            says += f" Not in the comparison: {self._places(why, len(names))} {why}{named(names, shown)}."
        return f"{says.removesuffix('.')}, over {self.years}."

    def _others(self) -> str:
        if self.not_started:
            return f"{self._told('not_started', self.not_started)} that had not"
        if self.kind == "staggered":
            return "none that never did, so those that started later stand in until they start"
        return "nobody to compare with"

    @property
    def numbers(self) -> tuple[int | str, ...]:
        """The counts and quarters that `sentence` may give, as it gives them."""
        record = self.as_record()
        told = [one for one in (*record.values(), *record["left_out"].values()) if isinstance(one, int)]
        quarters = (self.first_start, self.last_start, self.first_period, self.last_period)
        return (*told, self.rules.suppress_to + 1, *(one for one in quarters if one))

    def shown(self, what: str, count: int) -> int | None:
        """How many of something there are, as it may be shown: people with noise, places as they are; None where too few."""
        if self.unit not in PEOPLE and what not in ("people_started", "people_not_started"):
            return count
        return released_count(count, self.keys.get(what), self.rules)

    def as_record(self) -> dict[str, Any]:
        """For the machine-readable result: counts of people as they may be shown."""
        return {
            "unit": self.unit,
            "started": self.shown("started", self.started),
            "not_started": self.shown("not_started", self.not_started),
            "first_start": self.first_start,
            "last_start": self.last_start,
            "counted": self.of,
            "people_started": self.shown("people_started", self.people_started),
            "people_not_started": self.shown("people_not_started", self.people_not_started),
            "years": self.years,
            "started_later": self.shown("later", self.later),
            "starts_without_rows": self.shown(NO_ROWS, self.matched_no_rows),
            "rows_without_start": self.shown(NO_START, self.without_start),
            "left_out": {why: self.shown(why, len(names)) for why, names in self.left_out},
        }

    def _people(self, what: str) -> str:
        return self._number(self.shown(what, getattr(self, what)))

    def _told(self, what: str, count: int) -> str:
        shown = self.shown(what, count)
        return self._number(shown) if self.unit in PEOPLE else f"{shown:,}"

    def _number(self, told: int | None) -> str:
        return f"fewer than {self.rules.suppress_to + 1}" if told is None else f"about {told:,}" if told else "0"

    def _places(self, what: str, count: int) -> str:
        return f"{self._told(what, count)} {kind(self.unit, count)}"


PEOPLE = ("person", "person_id")
NO_ROWS = "named in `starts` and by no row"
NO_START = "with rows, of which `starts` says nothing"
NONE_AFTER = "that started and have no rows after their start"
NONE_BEFORE = "that started and have no rows before their start"
GAPS = "without rows in every quarter"


def of(
    rows: pd.DataFrame,
    everything: pd.DataFrame,
    design: Design,
    starts: pd.Series,
    found: Places,
    *,
    end: str = "",
    keys: pd.Series | None = None,
    rules: Policy | None = None,
) -> Compared:
    """Who an estimate on `rows` compares. `rows` (unit, period, value, first, person, key) are those of the comparison,
    `everything` all that count, whatever their place; `starts` the first quarter of each place, before `end` or not.
    `keys`: person → record key, for designs whose places are people.
    """
    unit = design.unit or WHOLE
    first, period = rows["first"].astype(object), rows["period"].astype(str)
    begun = first.notna().to_numpy()
    place = rows[unit].astype(object)
    after = begun & (period.to_numpy() >= first.fillna("9999").astype(str).to_numpy())
    start = str(first[begun].astype(str).min()) if begun.any() else ""
    late = np.where(begun, after, period.to_numpy() >= start) if start else np.zeros(len(rows), dtype=bool)
    seen_after, seen_before = set(place[late]), set(place[~late])
    ever = set(place[begun])
    both = seen_after & seen_before
    dates = first[begun & place.isin(both).to_numpy()].astype(str)
    inside = place.isin(both).to_numpy()

    def people(which: np.ndarray) -> int:
        named_ = rows["person"].to_numpy()[which]
        return len(set(named_[named_ >= 0])) if (named_ >= 0).any() else int(which.sum())

    def key(which: np.ndarray) -> dict[str, int]:
        mine = rows.loc[which & rows["person"].ge(0).to_numpy(), ["person", "key"]].drop_duplicates("person")["key"]
        return {"key": key_of(mine, ())} if len(mine) else {}

    waiting = starts[starts.notna() & starts.gt(end)] if end else starts.iloc[:0]
    lost = {
        NO_ROWS: found.no_rows,
        NO_START: found.no_start,
        NONE_AFTER: tuple(sorted(map(str, ever & seen_before - seen_after))),
        NONE_BEFORE: tuple(sorted(map(str, ever & seen_after - seen_before))),
        GAPS: tuple(sorted(map(str, rows.attrs.get("gaps", ())))),
    }
    known = 1.0
    if found.no_start and len(everything):
        known = float((~everything[unit].astype(object).isin(found.no_start)).mean())
    sides = {"people_started": key(begun & inside), "people_not_started": key(~begun & inside)}
    keyed = {what: one["key"] for what, one in sides.items() if one}
    if unit in PEOPLE:
        units = {"started": ever & both, "not_started": both - ever, **lost, "later": set(waiting.index)}
        known_keys = pd.Series(dtype="int64") if keys is None else keys
        keyed |= {what: key_of(known_keys.reindex(list(names)).dropna(), ()) for what, names in units.items() if names}
    return Compared(
        unit=unit,
        kind=design.kind,
        started=len(ever & both),
        not_started=len(both - ever),
        first_start=dates.min() if len(dates) else start,
        last_start=dates.max() if len(dates) else start,
        people_started=people(begun & inside),
        people_not_started=people(~begun & inside),
        of="people" if (rows["person"].to_numpy() >= 0).any() else "records",
        first_period=str(period.min()) if len(period) else "",
        last_period=str(period.max()) if len(period) else "",
        left_out=tuple((why, names) for why, names in lost.items() if names),
        later=len(set(waiting.index) & (set(place) | set(found.no_rows))) if len(waiting) else 0,
        known=known,
        keys=keyed,
        rules=rules or policy(),
    )
