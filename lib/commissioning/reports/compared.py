"""Who was compared: how many places and people an effect rests on, when they started, and who was left out.

Counts of people pass the policy of release before they are said; places are named only where their names may be shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure import policy
from commissioning.disclosure.rounding import nearest
from commissioning.pilot import Design
from commissioning.reports.started import WHOLE, Places, kind, named


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one estimate rests on. Quarters are text, "2013-14 Q1"; "" where nothing started.

    `started` and `not_started` count places with rows on both sides of a start (their own; for those that did not
    start, the first). `people_…` count different people, or rows where rows name nobody (`of`). `left_out` are places of
    the design that are in no comparison: reason → names. `known`: share of rows whose place is known to have started or
    not. `later`: places that start after the years looked at, and count as not started.
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
        people = f"where {_number(self.people_started)} {self.of} are counted"
        if self.unit == WHOLE:
            says = f"Compared with its own level and trend before: one series that started {when}, {people}."
        elif self.kind == "interrupted":
            who = f"{_places(self.started, self.unit)} that started {when}, taken together, {people}"
            says = f"Compared with their own level and trend before: {who}."
        else:
            says = f"{_places(self.started, self.unit)} that started {when}"
            says += "" if self.unit in PEOPLE else f", {people}"
            says += f"; {self._others()}."
            says = says[:1].upper() + says[1:]
        if self.later:
            says += f" {_places(self.later, self.unit)} that started later {'counts' if self.later == 1 else 'count'} as not started."
        for why, names in self.left_out:
            says += f" Not in the comparison: {_places(len(names), self.unit)} {why}{named(names, shown)}."
        return f"{says} It rests on {self.years}."

    def _others(self) -> str:
        if self.not_started:
            return f"{_number(self.not_started) if self.unit in PEOPLE else f'{self.not_started:,}'} that had not"
        if self.kind == "staggered":
            return "none that never did, so those that started later stand in until they start"
        return "nobody to compare with"

    @property
    def numbers(self) -> tuple[int | str, ...]:
        """The counts and quarters that `sentence` may give, as it gives them."""
        record = self.as_record()
        told = [one for one in (*record.values(), *record["left_out"].values()) if isinstance(one, int)]
        quarters = (self.first_start, self.last_start, self.first_period, self.last_period)
        return (*told, policy().suppress_to + 1, *(one for one in quarters if one))

    def as_record(self) -> dict[str, Any]:
        """For the machine-readable result: counts of people as they may be shown."""
        return {
            "unit": self.unit,
            "started": _plain(self.started, self.unit),
            "not_started": _plain(self.not_started, self.unit),
            "first_start": self.first_start,
            "last_start": self.last_start,
            "counted": self.of,
            "people_started": _shown(self.people_started),
            "people_not_started": _shown(self.people_not_started),
            "years": self.years,
            "started_later": _plain(self.later, self.unit),
            "starts_without_rows": self.matched_no_rows,
            "rows_without_start": _plain(self.without_start, self.unit),
            "left_out": {why: _plain(len(names), self.unit) for why, names in self.left_out},
        }


PEOPLE = ("person", "person_id")
NO_ROWS = "named in `starts` and by no row"
NO_START = "with rows, of which `starts` says nothing"
NONE_AFTER = "that started and have no rows after their start"
NONE_BEFORE = "that started and have no rows before their start"
GAPS = "without rows in every quarter"


def _shown(count: int) -> int | None:
    """A count of people as the policy of release lets it be shown; None where it is too small."""
    rules = policy()
    return None if 0 < count <= rules.suppress_to else int(nearest([count], rules.round_to)[0])


def _number(count: int) -> str:
    told = _shown(count)
    return f"fewer than {policy().suppress_to + 1}" if told is None else f"about {told:,}" if told else "0"


def _plain(count: int, unit: str) -> int | None:
    return _shown(count) if unit in PEOPLE else count


def _places(count: int, unit: str) -> str:
    return f"{_number(count) if unit in PEOPLE else f'{count:,}'} {kind(unit, count)}"


def of(
    rows: pd.DataFrame, everything: pd.DataFrame, design: Design, starts: pd.Series, found: Places, *, end: str = ""
) -> Compared:
    """Who an estimate on `rows` compares. `rows` (unit, period, value, first, person) are those of the comparison,
    `everything` all that count, whatever their place; `starts` the first quarter of each place, before `end` or not.
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
    )
