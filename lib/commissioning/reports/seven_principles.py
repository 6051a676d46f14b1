"""The seven principles (4.11 a to g): the evidence that the pilots give for each, and what they lack."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning import framework
from commissioning.sections import registers, showing
from commissioning.sections.page import Page


def rows(services: Sequence[Page]) -> list[dict[str, str]]:
    """One row a principle: its name, what the pilots give for it, and what they lack."""
    found = []
    for clause in framework.PRINCIPLES:
        answering = {
            key: (service, one)
            for service in services
            for key, one in service.measures.items()
            if clause.paragraph in one.answers
        }
        known: list[str] = []
        lacking: list[str] = []
        for key, (service, one) in answering.items():
            held = key in service.study.record["measures"]
            (known if held else lacking).append(one.title)
        written, unwritten = _written(services, clause.paragraph)
        found.append(
            {
                "principle": f"{clause.name} ({clause.paragraph})",
                "gives": "; ".join([*known, *written]) or "none yet",
                "lacks": "; ".join([*lacking, *unwritten])
                or ("no measure answers it yet" if not answering and not written else "nothing named"),
            }
        )
    return found


def _written(services: Sequence[Page], paragraph: str) -> tuple[list[str], list[str]]:
    """What people wrote in the pilots' files for a principle, and what they did not: (gives, lacks)."""
    pilots_of = [one.pilot for one in services]
    if paragraph == "4.11a":
        return _told("occasions on which people were asked", sum(len(one.engagement) for one in pilots_of))
    if paragraph == "4.11b":
        return _told("needs identified apart from who uses a service", sum(len(one.needs) for one in pilots_of))
    if paragraph == "4.11c":
        entries = [entry for one in pilots_of for entry in one.sharing]
        settled = sum(registers.is_settled(one.lawful_basis) for one in entries)
        says = [f"{settled} of {len(entries)} entries of the sharing registers have a lawful basis confirmed"]
        return (says, []) if entries and settled == len(entries) else ([], says)
    if paragraph == "4.11d":
        held = [one.pilot.title for one in services if showing.holds(one, "providers")]
        without = [one.pilot.title for one in services if not showing.holds(one, "providers")]
        return [f"quality of providers: {name}" for name in held], [f"quality of providers: {name}" for name in without]
    if paragraph == "4.11e":
        tried = [entry for one in pilots_of for entry in one.collaboration]
        gives, lacks = _told("approaches tried with others", len(tried))
        unsaid = sum(not registers.is_settled(one.risk_shared) for one in tried)
        return gives, [
            *lacks,
            *([f"who carries the risk: not written for {unsaid} of {len(tried)}"] if unsaid else []),
        ]
    if paragraph == "4.11f":
        held = [one.pilot.title for one in services if showing.holds(one, "organisations")]
        return [f"social enterprises and mutuals counted: {name}" for name in held], []
    if paragraph == "4.11g":
        rows = [row for one in services for row in registers.plan_priorities(one)]
        mapped = sum(row["priority"] != registers.NOT_MAPPED for row in rows)
        says = [f"{mapped} of {len(rows)} outcomes mapped to a Corporate Plan priority"]
        return (says, []) if rows and mapped == len(rows) else ([], says)
    return [], []


def _told(what: str, count: int) -> tuple[list[str], list[str]]:
    """A number of things written down as what is given; none of them as what is lacking."""
    return ([f"{what}: {count}"], []) if count else ([], [what])
