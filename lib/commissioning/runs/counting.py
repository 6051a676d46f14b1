"""How many versions of a year's figures are published: what the ledger says of it, before and while more are.

Counted by pilot, area and year, from the council's ledger: so whatever working site, published site or checkout they come from.
Made-up data are not counted. What a version is, and how many may be, is in `seal.published`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from commissioning import clock, ledger, seal
from commissioning.errors import DataRefused
from commissioning.ledger import Draft, Held
from commissioning.runs.publish import Entry
from commissioning.seal import published
from commissioning.seal.published import Record, Year

Report = tuple[Entry, Mapping[str, Any]]
"""A report of the working site, and its JSON."""


def own(entry: Entry) -> list[tuple[str, str]]:
    """Pilot and area of each study of a council's own data that a report rests on, as the run knew them."""
    marks = [(name.split(" "), value) for name, value in entry.depends.items() if name.startswith("illustrative ")]
    return sorted((name[1], name[2]) for name, value in marks if len(name) == 3 and name[2] and value == "False")


def years(report: Report, root: Path) -> list[tuple[str, Year]]:
    """Each pilot and year of a report as it would be counted were it published now, by itself. Raises DataRefused for an altered ledger."""
    found = []
    for pilot, area in own(report[0]):
        record = Record(ledger.read(seal.folder_of(area, root)), area)
        found += [(pilot, one) for one in _weighed(record, report[1], pilot, area)]
    return found


def lines(report: Report, root: Path) -> list[str]:
    """The same in words, for the output check: what is new of it, or would be refused."""
    told = []
    for pilot, one in years(report, root):
        if one.refused:
            told.append(f"would be refused: {one.refused}")
        elif one.new and one.before:
            told.append(
                f"version {one.version} of {one.of} of {one.year} ({pilot}); published before on {', '.join(one.before)}"
            )
        elif one.new:
            told.append(f"version {one.version} of {one.of} of {one.year} ({pilot}): not published before")
        if one.beyond:
            told.append(
                f"warning: more versions of {one.year} than the noise is made for; it was signed off or corrected by name, so it may be "
                "published, and says more of one person's answer than the policy states"
            )
    same = [one for _, one in years(report, root) if not one.new]
    if same:
        told.append(f"no new version: {', '.join(sorted({one.year for one in same}))}")
    return told


def refuse(reports: Sequence[Report], root: Path) -> None:
    """Raise DataRefused where these reports, published together, hold a version more of some year than the policy allows."""
    for area in sorted({area for entry, _ in reports for _, area in own(entry)}):
        _drafts(reports, area, {})(ledger.read(seal.folder_of(area, root)))


def write_down(reports: Sequence[Report], says: Mapping[str, Mapping[str, Any]], root: Path) -> None:
    """Write in the council's ledger what is published and what of it is new; `says` by report: who approved it.

    It is counted again while nobody else writes there. Raises DataRefused as `refuse` does, CannotWrite for the ledger.
    """
    refuse(reports, root)  # before a line of any area is written
    for area in sorted({area for entry, _ in reports for _, area in own(entry)}):
        ledger.append(seal.folder_of(area, root), _drafts(reports, area, says))


def _drafts(
    reports: Sequence[Report], area: str, says: Mapping[str, Mapping[str, Any]]
) -> Callable[[Held], list[Draft]]:
    def lines(held: Held) -> list[Draft]:
        record, made = Record(held, area), []
        today = clock.today().isoformat()
        for entry, body in reports:
            for pilot, where in own(entry):
                if where != area:
                    continue
                weighed = _weighed(record, body, pilot, area)
                if refused := [one.refused for one in weighed if one.refused]:
                    raise DataRefused("\n".join(refused))
                _, asked = published.of_report(body, pilot, area)
                new = record.fresh(asked)
                record.add(new, today)
                figures = {"figures": new} if new else {}
                made.append(
                    Draft(kind=published.PUBLISHED, area=area, pilot=pilot, says={**says.get(entry.id, {}), **figures})
                )
        return made

    return lines


def _weighed(record: Record, body: Mapping[str, Any], pilot: str, area: str) -> list[Year]:
    rules, asked = published.of_report(body, pilot, area)
    return record.weigh(pilot, rules, asked, published.settled(body, asked), clock.today())
