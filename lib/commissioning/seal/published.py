"""What was published of people's figures, year by year, in the council's ledger: how often one answer could be looked at.

A line `published` says which report a named person approved, and of each measure and year the digests of the figures that were new
with it, cell by cell: `all` (all people, by year), `Q1` to `Q4` (all people, by quarter) or a kind of group. Figures that are the
same are no new version, whatever site, checkout or pilot they are published from. The policy says how many versions of a year there may
be, and how often one answer may be looked at in them (`looks`); a year still open leaves room for one whole version, the closed year's.

Light to import: no frames, no policy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from commissioning import states
from commissioning.errors import DataRefused
from commissioning.ledger import Held
from commissioning.seal.ledgers import london

PUBLISHED = "published"
ALL, QUARTERS = "all", ("Q1", "Q2", "Q3", "Q4")
BREAKDOWN = "_breakdown_"  # in the id of a breakdown and of no measure; no signature makes a breakdown final

Figures = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Year → measure → cell → digest of its figures."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What of a policy bears on how often a year may be published."""

    versions: int = 4
    looks: int = 12
    looks_while_open: int = 6
    cells: int = 6
    closes_after_months: int = states.MONTHS_OPEN

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Rules:
        """From a report's JSON; what it does not say is the house's."""
        return cls(**{name: int(held[name]) for name in cls.__dataclass_fields__ if name in held})


@dataclass(frozen=True, kw_only=True)
class Year:
    """A year of one pilot and area, were it published now. `version`: which one this would be, of `of`; `new`: whether any figure
    differs; `before`: the days on which versions of it were published; `refused`: why it may not be, "" where it may."""

    year: str
    version: int
    of: int
    new: bool
    before: tuple[str, ...]
    refused: str = ""
    beyond: bool = False  # more than the noise is made for, and let through because it was signed or corrected by name


def cell_of(group_kind: str, period: str) -> str:
    """The cell in which a figure stands; "" for quarters of groups, which are never shown."""
    _, _, quarter = period.partition(" ")
    if group_kind == ALL:
        return quarter or ALL
    return "" if quarter else group_kind


def digests(rows: Iterable[tuple[str, str, str, str, Sequence[Any]]]) -> dict[str, dict[str, dict[str, str]]]:
    """Year → measure → cell → digest, of rows (measure, group kind, group, period, numbers shown). Rows without a number are left out."""
    held: dict[tuple[str, str, str], list[str]] = {}
    for measure, kind, group, period, numbers in rows:
        cell = cell_of(kind, period)
        if cell and any(one is not None for one in numbers):
            held.setdefault((period[:7], measure, cell), []).append(json.dumps([group, *numbers]))
    out: dict[str, dict[str, dict[str, str]]] = {}
    for (year, measure, cell), lines in sorted(held.items()):
        text = "\n".join(sorted(lines)).encode()
        out.setdefault(year, {}).setdefault(measure, {})[cell] = hashlib.sha256(text).hexdigest()[:12]
    return out


def of_report(report: Mapping[str, Any], pilot: str, area: str) -> tuple[Rules, Figures]:
    """What a report's JSON shows of people of one pilot and area: as it says itself, else its own released figures."""
    said = (report.get("published_versions") or {}).get(pilot)
    if said is not None:
        return Rules.of(said), said["years"]
    mine = [
        one
        for one in report.get("figures") or ()
        if isinstance(one, dict) and not one.get("public") and one.get("area", area) == area
    ]
    rows = [
        (
            str(one.get("measure")), str(one.get("group_kind")), str(one.get("group")), str(one.get("period")),
            [one.get(name) for name in states.COUNTS],
        )
        for one in mine
    ]  # fmt: skip
    return Rules.of({}), digests(rows)


def settled(report: Mapping[str, Any], pilot_rows: Figures) -> set[str]:
    """The years of which every figure of all people is final or corrected: signed by name."""
    found: dict[str, set[str]] = {}
    for one in report.get("figures") or ():
        if isinstance(one, dict) and one.get("group_kind") == ALL and not one.get("public"):
            found.setdefault(str(one.get("period"))[:7], set()).add(str(one.get("state") or states.PROVISIONAL))
    return {year for year, held in found.items() if states.PROVISIONAL not in held and year in pilot_rows}


class Record:
    """What was published of an area: every digest, and the days on which new ones were, by year; and what is added to it."""

    def __init__(self, held: Held, area: str) -> None:
        """Raises DataRefused where a line that says what was published was altered after it was written."""
        self.seen: dict[str, dict[str, dict[str, set[str]]]] = {}
        self.days: dict[str, list[str]] = {}
        for entry in held.entries:
            if entry.kind != PUBLISHED or entry.area != area or not entry.says.get("figures"):
                continue
            if not entry.whole:
                raise DataRefused(
                    f"line {entry.number} of the council's ledger says what was published, and was altered after it was written: bring "
                    "the file back from a copy of the ledger"
                )
            self.add(entry.says["figures"], london(entry.at))

    def fresh(self, asked: Figures) -> dict[str, dict[str, dict[str, str]]]:
        """The digests that were not published before."""
        out: dict[str, dict[str, dict[str, str]]] = {}
        for year, measures in asked.items():
            for measure, cells in measures.items():
                for cell, digest in cells.items():
                    if digest not in self.seen.get(year, {}).get(measure, {}).get(cell, ()):
                        out.setdefault(year, {}).setdefault(measure, {})[cell] = digest
        return out

    def add(self, new: Figures, day: str) -> None:
        for year, measures in new.items():
            if day not in self.days.setdefault(year, []):
                self.days[year].append(day)
            for measure, cells in measures.items():
                for cell, digest in cells.items():
                    self.seen.setdefault(year, {}).setdefault(measure, {}).setdefault(cell, set()).add(digest)

    def versions(self, measures: Collection[str]) -> dict[str, int]:
        """How many versions of each year were published of these measures."""
        out: dict[str, int] = {}
        for year, held in self.seen.items():
            counts = [len(found) for one in measures for cell, found in held.get(one, {}).items() if cell == ALL]
            if counts:
                out[year] = max(counts)
        return out

    def weigh(self, pilot: str, rules: Rules, asked: Figures, signed: Iterable[str], today: date) -> list[Year]:
        """Each year of `asked` as it would stand were it published now; `signed`: years that are `settled`."""
        new, signed = self.fresh(asked), set(signed)
        return [
            _year(year, pilot, rules, asked[year], self.seen.get(year, {}), new.get(year, {}), self.days.get(year, []), year in signed, today)
            for year in sorted(asked)
        ]  # fmt: skip


def looks(versions: Mapping[str, int], cells: int) -> int:
    """How often one answer can be looked at, from the versions of each cell: it stands in one quarter, and in one group of a kind."""
    groups = sorted((n for cell, n in versions.items() if cell != ALL and cell not in QUARTERS), reverse=True)
    quarter = max((versions.get(one, 0) for one in QUARTERS), default=0)
    return versions.get(ALL, 0) + quarter + sum(groups[: max(cells - 2, 0)])


def _year(
    year: str,
    pilot: str,
    rules: Rules,
    asked: Mapping[str, Mapping[str, str]],
    seen: Mapping[str, Mapping[str, set[str]]],
    new: Mapping[str, Mapping[str, str]],
    days: Sequence[str],
    signed: bool,
    today: date,
) -> Year:
    version, over = 1, False
    is_open = not states.is_closed(year, rules.closes_after_months, today) and states.closes_on(year, 0) is not None
    most, versions = (rules.looks_while_open, rules.versions - 1) if is_open else (rules.looks, rules.versions)
    for measure in asked:
        before = {cell: len(found) for cell, found in seen.get(measure, {}).items()}
        after = {cell: before.get(cell, 0) + (cell in new.get(measure, {})) for cell in {*before, *asked[measure]}}
        times = max((n for cell, n in after.items() if cell == ALL or cell in QUARTERS), default=1)
        version = max(version, times)
        over |= bool(new.get(measure)) and bool(before) and (times > versions or looks(after, rules.cells) > most)
    by_name = signed and any(BREAKDOWN not in measure for measure in new)
    why = _refusal(year, pilot, rules, days, is_open) if over and not by_name else ""
    return Year(
        year=year,
        version=version,
        of=rules.versions,
        new=bool(new),
        before=tuple(days),
        refused=why,
        beyond=over and by_name,
    )


def _refusal(year: str, pilot: str, rules: Rules, days: Sequence[str], is_open: bool) -> str:
    when = ", ".join(f"{one.day} {one:%B %Y}" for one in map(date.fromisoformat, days))
    start = f"{pilot}: figures of {year} that differ were published on {when} already, and the noise in them is made for no further version"
    last = states.closes_on(year, rules.closes_after_months)
    if is_open and last is not None:
        again = last + timedelta(days=1)
        return (
            f"{start} while the year is open: it may be published again from {again.day} {again:%B %Y}, when it is closed; until then what is "
            "published stays, and the working site holds the newest figures for staff"
        )
    return (
        f"{start}: it may be published again once analyst, assurer and approver have signed it off, or a named person corrects it "
        f"(`commissioning correct {pilot} --reason R --by NAME`)"
    )
