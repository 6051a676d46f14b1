"""Registers that people keep in `pilot.toml`, each beside what nobody has written in it yet.

A paragraph is answered by what somebody wrote, with a name to it; where nobody has, the section says so rather than
leave the paragraph out.
"""

from __future__ import annotations

from typing import Any

from commissioning.presentation import words
from commissioning.presentation.sections import Log, Note
from commissioning.sections import showing
from commissioning.sections.page import Page, Shows, Told, section

NOT_MAPPED = "not mapped yet"
RESOURCES = {
    "rules": "Contract rules or financial regulations (9.1)",
    "virement": "Money moved between departments' budgets (9.2)",
    "staff transfer": "Staff moved to or from the service (9.2)",
}


def pounds(whole: int | None, none: str) -> str:
    """Whole pounds as money, or the words for none given."""
    return none if whole is None else words.money(whole * 100)


def is_mapped(priority: str) -> bool:
    """Whether a Corporate Plan priority is named, and not only a reason why none is."""
    return bool(priority.strip()) and not priority.casefold().startswith(("not ", "none", "to be"))


def is_settled(text: str) -> bool:
    """Whether an entry says something, and not that somebody is still to say it."""
    return bool(text.strip()) and not text.casefold().startswith(("to be", "not ", "none"))


@section
def needs_written(page: Page) -> Shows:
    """Needs identified apart from who uses the service now, each with who identified it (4.12, 4.13f)."""
    lacks: list[str] = []
    rows = [
        one.model_dump(mode="json") | {"people": "not counted" if one.people is None else f"{one.people:,}"}
        for one in page.pilot.needs
    ]
    labels = {
        "need": "Need", "people": "People thought to have it", "identified_by": "Identified by", "evidence": "Evidence",
        "on": "Date",
    }  # fmt: skip
    if not rows:
        lacks += ["Whether the need was identified apart from who uses the service now (4.12): nobody has written it."]
    return Told.of(
        showing.log(page, rows, title="Needs identified (4.12)", columns=labels, id="needs-written"), lacks=lacks
    )


@section
def business_cases(page: Page) -> Shows:
    """A business case for each option: what it costs, what it brings, what is known to work, who wrote it (4.4)."""
    lacks: list[str] = []
    cases = {one.option: one for one in page.pilot.business_cases}
    options = list(dict.fromkeys([*(one.option for one in page.pilot.priorities), *cases]))
    rows: list[dict[str, str]] = []
    for name in options:
        one = cases.get(name)
        if one is None:
            rows.append({"option": name, "written_by": "nobody has written one"})
            continue
        rows.append(
            one.model_dump()
            | {"cost": f"{pounds(one.cost_gbp, 'not costed')}{' a year' if one.cost_gbp is not None else ''}",
               "document": one.document or "none attached"}
        )  # fmt: skip
    without = [name for name in options if name not in cases]
    if without:
        lacks += [f"A business case for {len(without)} of {len(options)} options (4.4): nobody has written it."]
    labels = {
        "option": "Option", "provision": "How it would be provided", "style": "Style", "cost": "Cost", "expects": "What it would bring",
        "evidence": "What is known to work", "written_by": "Written by", "document": "Document",
    }  # fmt: skip
    return Told.of(
        showing.log(page, rows, title="A business case for each option (4.4)", columns=labels, id="business-cases"),
        lacks=lacks,
    )


@section
def contributions(page: Page) -> Shows:
    """Which services bring each main outcome about, in what style and at what level (App. 2 2.2 d to k)."""
    lacks: list[str] = []
    mine = page.pilot.contributions
    wanted = [key for key, one in page.outcome_measures.items() if one.primary]
    named = list(dict.fromkeys([*wanted, *(one.outcome for one in mine)]))
    rows = []
    for key in named:
        title = page.measures[key].title if key in page.measures else key
        found = [one for one in mine if one.outcome == key]
        rows += [
            {"outcome": title, "service": one.service, "by": one.by, "style": one.style, "level": one.level}
            for one in found
        ] or [{"outcome": title, "service": "nobody has written which services bring it about"}]
    alone = sum(len({one.service for one in mine if one.outcome == key}) < 2 for key in named)
    if mine and alone:
        lacks += [
            f"Which other services help: {alone} of {len(named)} main outcomes name fewer than two (App. 2 2.2 k)."
        ]
    labels = {"outcome": "Outcome", "service": "Service", "by": "By whom", "style": "Style", "level": "Driven at"}
    title = "Several services for one outcome, and the style of each (App. 2 2.2 d to k)"
    return Told.of(
        showing.log(page, rows if mine else [], title=title, columns=labels, id="contributions"), lacks=lacks
    )


@section
def collaborations(page: Page) -> Log | Note:
    """What was tried with others, and who carries the risk (4.11e)."""
    rows = [one.model_dump(mode="json") for one in page.pilot.collaboration]
    return showing.log(page, rows, title="Working with others (4.11e)", columns=COLLABORATION, id="collaboration")


def plan_priorities(page: Page) -> list[dict[str, str]]:
    """Each outcome of the pilot with the Corporate Plan priority somebody gave it."""
    given = page.pilot.corporate_plan
    return [
        {"outcome": one.title, "priority": given[key] if is_mapped(given.get(key, "")) else NOT_MAPPED}
        for key, one in page.outcome_measures.items()
    ]


@section
def corporate_plan(page: Page) -> Shows:
    """Each outcome under a Corporate Plan priority, or that nobody has mapped it (4.11g)."""
    rows = plan_priorities(page)
    lacks = unmapped(rows)
    labels = {"outcome": "Outcome", "priority": "Corporate Plan priority"}
    return Told.of(
        showing.log(page, rows, title="Outcomes under the Corporate Plan (4.11g)", columns=labels, id="corporate-plan"),
        lacks=lacks,
    )


def unmapped(rows: list[dict[str, str]]) -> list[str]:
    """That outcomes are under no Corporate Plan priority yet, where some are not."""
    without = sum(one["priority"] == NOT_MAPPED for one in rows)
    if not without:
        return []
    return [
        f"Which Corporate Plan priority {without} of {len(rows)} outcomes serve (4.11g) is not written "
        "in the pilot's settings yet. The plan is not in the 2011 report."
    ]


def resource_rows(page: Page) -> list[dict[str, Any]]:
    """Changes of rules, money and staff, a line also where none is recorded; planning and community safety last."""
    rows: list[dict[str, Any]] = []
    for kind, says in RESOURCES.items():
        found = [one for one in page.pilot.resource_changes if one.kind == kind]
        rows += [
            {"kind": says, "what": one.what, "amount": pounds(one.amount_gbp, "no amount"), "on": one.on.isoformat(),
             "reported_to": one.reported_to}
            for one in found
        ] or [{"kind": says, "what": "None is recorded"}]  # fmt: skip
    rows.append(
        {
            "kind": "Planning and community safety (13.1)",
            "what": page.pilot.planning_and_community_safety
            or "The 2011 report says that none arises directly from it. For this pilot nobody has answered.",
        }
    )
    return rows


@section
def resource_changes(page: Page) -> Log | Note:
    """Changes of rules, money and staff that the pilot brought (9.1, 9.2), and 13.1 beside them."""
    title = "Rules, money and staff (9.1, 9.2, 13.1)"
    return showing.log(page, resource_rows(page), title=title, columns=RESOURCE_LABELS, id="resource-changes")


RESOURCE_LABELS = {
    "kind": "Kind", "what": "What changed", "amount": "Amount", "on": "Date", "reported_to": "Reported to",
}  # fmt: skip
COLLABORATION = {
    "with_whom": "With whom", "what": "What was tried", "since": "Since", "risk_shared": "Who carries the risk",
    "came_of_it": "What came of it",
}  # fmt: skip
