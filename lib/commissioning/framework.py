"""The Cabinet report of 2 June 2011 as data: what it asks for, with paragraph numbers.

Source: Wirral Council, "Development of an Outcome Based Commissioning Framework",
Cabinet, 2 June 2011 (FNCE/90/11). Appendix 1's diagram is not in the published text.
"""

from __future__ import annotations

from dataclasses import dataclass

# The council that wrote it is not named: what stands on a page of another council names no council but that one.
SOURCE = "Development of an Outcome Based Commissioning Framework, report to a council's Cabinet, 2 June 2011"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One thing the report asks for: its paragraph, a short name, and the words in brief."""

    paragraph: str
    name: str
    says: str


_SECTIONS = {1: 1, 2: 2, 3: 5, 4: 15, 5: 4, 6: 1, 7: 1, 8: 1, 9: 3, 10: 1, 11: 1, 12: 1, 13: 1}
_LETTERED = {
    "2.2": "abcdefghijk",
    "3.3": "ab",
    "4.3": "ab",
    "4.8": "abcd",
    "4.11": "abcdefg",
    "4.13": "abcdef",
    "4.14": "abcde",
}
PARAGRAPHS = frozenset(
    {f"{section}.{place}" for section, most in _SECTIONS.items() for place in range(1, most + 1)}
    | {"1.2", "1.3"}
    | {f"{paragraph}{letter}" for paragraph, letters in _LETTERED.items() for letter in letters}
)
"""The numbers of the report's paragraphs, Appendix 2 among them (1.1 to 2.2k)."""

STAGES = (
    Clause(
        paragraph="4.5",
        name="analyse",
        says="Understand the needs, resources, strengths and weaknesses of the current position.",
    ),
    Clause(
        paragraph="4.5",
        name="plan",
        says="Identify the gaps between what is wanted, needed and affordable; set priorities.",
    ),
    Clause(paragraph="4.5", name="do", says="Make sure things are done as planned, efficiently and effectively."),
    Clause(
        paragraph="4.5",
        name="review",
        says="Review the impact of services on agreed outcomes; improve, or stop where necessary.",
    ),
)

KINDS = (
    Clause(
        paragraph="4.8a",
        name="outcome",
        says="The result of an activity: for a person, a service, or the whole area.",
    ),
    Clause(
        paragraph="4.8b",
        name="output",
        says="The level of service from the provider. It does not say whether it helped.",
    ),
    Clause(paragraph="4.8c", name="input", says="What is put in: for example, the number and hours of workers."),
    Clause(paragraph="4.8d", name="process", says="A way of working."),
)

PRINCIPLES = (
    Clause(
        paragraph="4.11a",
        name="People first",
        says="Place people's needs at the centre: views, choice, control, information, advice and advocacy.",
    ),
    Clause(
        paragraph="4.11b",
        name="Understand needs",
        says="Understand the needs of the population, communities and individuals.",
    ),
    Clause(
        paragraph="4.11c",
        name="Share intelligence",
        says="Share and use intelligence more effectively, and only what may lawfully be shared.",
    ),
    Clause(
        paragraph="4.11d",
        name="Best affordable quality",
        says="Assure the highest affordable quality; monitoring in proportion to money and risk; social value.",
    ),
    Clause(
        paragraph="4.11e",
        name="Collaborate",
        says="Seek out collaborative approaches wherever possible, and spread risk.",
    ),
    Clause(
        paragraph="4.11f",
        name="Innovate",
        says="Provide incentives for innovation; some experiments will not work; social enterprises and mutuals.",
    ),
    Clause(
        paragraph="4.11g",
        name="Make it happen",
        says="Local accountability, capability and leadership: outcome measures under the Corporate Plan.",
    ),
)

CRITERIA = (
    Clause(paragraph="4.13a", name="Essential", says="Is the service essential to meet Council priorities?"),
    Clause(
        paragraph="4.13b",
        name="Budget or pressure",
        says="Is the budget significant, or are there financial pressures?",
    ),
    Clause(
        paragraph="4.13c",
        name="Policy or regulation",
        says="Do external policy drivers or regulation require a review?",
    ),
    Clause(
        paragraph="4.13d",
        name="Scope",
        says="Is there scope for the service to be delivered differently or by others?",
    ),
    Clause(
        paragraph="4.13e",
        name="Several departments",
        says="Does it involve more than one department or the Council's partners?",
    ),
    Clause(paragraph="4.13f", name="Need identified", says="Has the need for the service been identified?"),
)

IMPLICATIONS = (
    Clause(
        paragraph="4.14a",
        name="Cost-effective support",
        says="Review people's needs, so that they are met in the most cost-effective way.",
    ),
    Clause(
        paragraph="4.14b",
        name="Work, leisure and homes",
        says="More employment and better access to leisure and housing.",
    ),
    Clause(paragraph="4.14c", name="Days", says="Review the need for, and type of, services during the day."),
    Clause(
        paragraph="4.14d",
        name="Older people and ethnic minority communities",
        says="Needs assessed and appropriately served.",
    ),
    Clause(paragraph="4.14e", name="Advocacy", says="Make sure that advocacy is available."),
)


def clause(paragraph: str) -> Clause:
    """The clause at a paragraph, such as "4.14b". KeyError where the framework holds none."""
    for one in (*PRINCIPLES, *CRITERIA, *IMPLICATIONS, *KINDS):
        if one.paragraph == paragraph:
            return one
    raise KeyError(f"no clause of the 2011 report stands at {paragraph!r}")
