"""The framework table: every paragraph of the 2011 report that asks for something → where it is answered.

    python -m commissioning.reports.framework_table docs/reference/framework.md

Measures are found by the paragraphs they say they answer; sections are named here, and a test finds each of them in
its notebook. What is answered by a file that people write is said to be, and what is not answered is said too.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from commissioning.framework import SOURCE
from commissioning.measures import Measure, catalogue
from commissioning.presentation import page as page_titles
from commissioning.reports import annexes

ANALYSE, PLAN = "notebooks/1_analyse.ipynb", "notebooks/2_plan.ipynb"
DO, REVIEW = "notebooks/3_do.ipynb", "notebooks/4_review.ipynb"
CABINET, SERVICES = "notebooks/cabinet_summary.ipynb", "notebooks/service_reviews.ipynb"
ANNEX = "notebooks/annex.ipynb"
DISABILITY, FUNDING = "pilots/learning_disability/implications.ipynb", "pilots/vcf_funding/funding.ipynb"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One paragraph: what it asks in brief, the sections that answer it, and how far they do.

    `sections` are (notebook, heading), or of an annex (notebook, chapter); `rests_on` says which extract, file or judgement the answer needs.
    """

    paragraph: str
    asks: str
    sections: tuple[tuple[str, str], ...]
    rests_on: str


def _a(paragraph: str, asks: str, rests_on: str, *sections: tuple[str, str]) -> Answer:
    return Answer(paragraph=paragraph, asks=asks, sections=sections, rests_on=rests_on)


SUPPORTS = (REVIEW, "What the evidence supports")
LOGS = (ANNEX, page_titles.REGISTERS)
OF_ALL = (CABINET, "Registers of all pilots")
IN_FULL = (CABINET, "Spend, value and balance in full")
BESIDE = "Outcomes beside spend"
BOUGHT = "What is bought, how, and what it achieves"
SCORED = "scores that a named role gives, in service_reviews.toml"
QUALITY = (ANALYSE, "Quality of providers")
CHOICE = (DISABILITY, "Personal budgets, information and advice")
SEVERAL = "Several services for one outcome"
ASKED = "the engagement log in pilot.toml; a stage at which nobody was asked is a line of its own"
ENGAGED = ((ANALYSE, "What people said"), LOGS)
CHANGES = "resource_changes in pilot.toml; a kind without a change says so"
OPTIONS = (SERVICES, "Options for applying the framework")
ANSWERS: tuple[Answer, ...] = (
    _a("1.1", "A basis for service reviews over the medium term", SCORED, (SERVICES, "Which to review next")),
    _a("2.1", "The principles, agreed", "measures and the pilots' logs", OF_ALL),
    _a("2.2", "Options for applying the framework to service reviews", SCORED, OPTIONS),
    _a("3.1", "From activities to results", "outcome measures", (DISABILITY, BESIDE), (FUNDING, BESIDE), (CABINET, BESIDE)),
    _a("3.3", "Capable of being applied to every function", "`commissioning new`; a test makes a third pilot",
       (ANALYSE, BESIDE)),
    _a("3.4", "Lessons applied to other reviews", "lessons in pilot.toml", LOGS, OF_ALL),
    _a("3.5", "With the NHS, whose commissioning skill must not be lost", "PSS EX1, or the council's packages",
       (DISABILITY, "Whose money it is")),
    _a("4.1", "Sustainable improvements in outcomes and value", "checks 6 or 12 months later", (REVIEW, "Did it last?"),
       (FUNDING, "Outcomes for people")),
    _a("4.2", "Services people want, within statutory duties", "reviews, and pilot.toml", (ANALYSE, "What people said"),
       SUPPORTS),
    _a("4.3", "Commissioning told apart from procurement", "packages and reviews, or grants and people supported; theory of "
       "change in pilot.toml: what is bought stands under inputs and processes, what it achieves under outcomes",
       (ANALYSE, BOUGHT), (FUNDING, BOUGHT), (PLAN, "How it is meant to work")),
    _a("4.4", "Needs, resources and the market; a business case for each option", "population, packages, grants; "
       "`providers` for the voluntary sector's share; business_cases in pilot.toml, each with who wrote it",
       (ANALYSE, "Needs"), (ANALYSE, "Resources"), (ANALYSE, "The market"), (DISABILITY, "Who provides"),
       LOGS),
    _a("4.5", "The cycle: analyse, plan, do, review", "stage records, each read by the next",
       (ANALYSE, "Carried over from the last cycle"), (PLAN, "Carried over from analyse"), (DO, "Carried over from plan"),
       (REVIEW, "Carried over from do")),
    _a("4.6", "What good did you achieve? Quality and outcomes", "returns and people helped; `providers` for CQC "
       "ratings and staff who left", (FUNDING, "Outcomes for people"), (REVIEW, "What changed"), QUALITY),
    _a("4.7", "Monitoring that does not crowd out the service", "monitoring hours", (FUNDING, "Proportion"),
       (DO, "The work of monitoring")),
    _a("4.8", "Outcome, output, input and process told apart", "the kind of each measure",
       (PLAN, "How it is meant to work"), (DO, "What was done")),
    _a("4.9", "People set their own outcomes; personal budgets", "reviews; the column personal_budget of `people`",
       (ANALYSE, "What people said"), CHOICE),
    _a("4.10", "Two pilots", "two folders in pilots/", (DISABILITY, BESIDE), (FUNDING, BESIDE)),
    _a("4.11a", "People first: choice, control, information, advice, advocacy", "reviews and the engagement log; the "
       "column information_found of `reviews`", (ANALYSE, "What people said"), OF_ALL,
       (DISABILITY, "Advocacy"), CHOICE),
    _a("4.11b", "Understand needs", "population", (ANALYSE, "Needs")),
    _a("4.11c", "Share intelligence, lawfully", "the sharing register in pilot.toml",
       LOGS),
    _a("4.11d", "Best affordable quality; a wide market; proportion; social value", "packages, grants, applications; "
       "`providers`; the column income of `organisations`", QUALITY, (ANALYSE, "The market"), (FUNDING, "Dependence on one funder"), (FUNDING, "Proportion"), (FUNDING, "Carbon and social value")),
    _a("4.11e", "Collaborate and spread risk", "collaboration in pilot.toml: with whom, and who carries the risk",
       OF_ALL, LOGS),
    _a("4.11f", "Innovate; some experiments will not work", "innovation in pilot.toml; grants marked as experiments; the columns social_enterprise "
       "and mutual of `organisations`", (FUNDING, "Trying new things")),
    _a("4.11g", "Accountability: outcome measures under the Corporate Plan", "corporate_plan in pilot.toml; the Corporate "
       "Plan is not in the source", OF_ALL, LOGS),
    _a("4.12", "Challenge the need for the service", "population; needs in pilot.toml, each with who identified it", (ANALYSE, "Has the need been identified?")),
    *(
        _a(f"4.13{key}", asks, rests, (SERVICES, "The six criteria"), *more)
        for key, asks, rests, more in (
            ("a", "Essential to priorities?", SCORED, ()),
            ("b", "Significant budget, or pressures?", "the extract budget", ((SERVICES, "The council's budget"),)),
            ("c", "Policy or regulation?", SCORED, ()),
            ("d", "Scope to deliver differently?", SCORED, ()),
            ("e", "More than one department or partner?", f"{SCORED}; grants", ((FUNDING, "The same purpose paid for twice"),)),
            ("f", "Need identified?", SCORED, ((ANALYSE, "Has the need been identified?"),)),
        )
    ),
    _a("4.14a", "Needs met most cost-effectively", "packages and reviews",
       (DISABILITY, "Needs met in the most cost-effective way")),
    _a("4.14b", "Employment, leisure and housing", "people, reviews, indicators", (DISABILITY, "Work, leisure and homes"),
       (DISABILITY, "Paid work and settled homes, beside similar councils")),
    _a("4.14c", "Services during the day", "reviews and sessions", (DISABILITY, "Days")),
    _a("4.14d", "Older people and ethnic minority communities", "people and population",
       (DISABILITY, "Older people and ethnic minority communities")),
    _a("4.14e", "Advocacy", "people", (DISABILITY, "Advocacy")),
    _a("4.15", "Test the benefits", "benefits in pilot.toml", LOGS, (PLAN, "Targets")),
    _a("5.1", "One approach across departments", "one set of notebooks for every pilot", (CABINET, BESIDE)),
    _a("5.2", "Changes to funding, managed sensitively and transparently", "decision in pilot.toml: notice and replies",
       SUPPORTS),
    _a("5.3", "Risk-based and proportionate", "monitoring hours by risk", (FUNDING, "Proportion")),
    _a("5.4", "Adopted fairly and promptly", "notice and days_promised in pilot.toml; applied_on, decided_on, notice_on and "
       "due_on in `applications`, `grants` and `payments`", SUPPORTS, (FUNDING, "Fair, clear and prompt"), (FUNDING, "Small and equality-led organisations")),
    _a("7.1", "Consultation at every stage", ASKED, *ENGAGED),
    _a("8.1", "Voluntary, community and faith groups engaged at all stages", ASKED, *ENGAGED),
    _a("9.1", "Changes of rules reported", CHANGES, LOGS, OF_ALL),
    _a("9.2", "Virements and transfers of staff", CHANGES, LOGS, OF_ALL),
    _a("9.3", "Resources allocated by priorities", "scores and weights in pilot.toml", (PLAN, "Priorities")),
    _a("10.1", "Within rules and statutory requirements", "decision in pilot.toml", SUPPORTS),
    _a("11.1", "Small organisations and equalities groups; an Equality Impact Assessment", "applications, organisations; "
       "the assessment is named in pilot.toml", (FUNDING, "Small and equality-led organisations"), SUPPORTS),
    _a("12.1", "Carbon in the criteria of funding", "applications that were scored on carbon",
       (FUNDING, "Carbon and social value")),
    _a("13.1", "Planning and community safety: none arising directly", "planning_and_community_safety in pilot.toml",
       LOGS, OF_ALL),
    _a("App. 1", "The commissioning framework as a diagram", "the diagram is not in the source"),
    _a("App. 2 1.2", "Change over the next decade", "forecasts in service_reviews.toml",
       (SERVICES, "Ten years of demand and cost")),
    _a("App. 2 2.1", "Not driven by historic patterns of services", "years of challenge in service_reviews.toml",
       (SERVICES, "Rolled over, or challenged")),
    _a("App. 2 2.2a", "Driven by outcomes", "outcome measures", (REVIEW, "What changed")),
    _a("App. 2 2.2b", "Value for money and public value, and the balance", "attributable outcomes and their cost; what "
       "people said; balance in pilot.toml", (REVIEW, "Value"), IN_FULL),
    _a("App. 2 2.2c", "Spend as investment; prevention apart from consequence", "returns and payments; "
       "own_spend in pilot.toml says what spend is meant as", IN_FULL, (FUNDING, "Outcomes against award")),
    _a("App. 2 2.2d", "Different levels", "`--level KIND=CODE`; contributions in pilot.toml", (ANALYSE, BESIDE),
       (PLAN, SEVERAL)),
    _a("App. 2 2.2e", "Levels by service and area", "`levels` and contributions in pilot.toml",
       (DO, "Is anyone out of line?"), (PLAN, SEVERAL)),
    _a("App. 2 2.2f-k", "A style for each decision (influence, enable, shape, procure); several services for one outcome",
       f"contributions and business_cases in pilot.toml; {SCORED}", (PLAN, SEVERAL), OPTIONS),
)  # fmt: skip


def measures_for(paragraph: str, known: dict[str, Measure]) -> tuple[str, ...]:
    """Ids of the measures that say they answer a paragraph, or a part of it; negative controls apart."""
    return tuple(
        key
        for key, one in sorted(known.items())
        if not one.is_control and any(said == paragraph or said.rstrip("abcdefgh") == paragraph for said in one.answers)
    )


def page() -> str:
    """The table as Markdown, and where each chapter of an annex stands."""
    known = catalogue()
    lines = [
        "# The framework: where each paragraph is answered",
        "",
        f"Source: {SOURCE}. Made from the code by `python -m commissioning.reports.framework_table`; a test holds it to",
        "the notebooks and the measures. “Rests on” names the extract, file or judgement without which the section says",
        "what it would need.",
        "",
        "| paragraph | asks for | answered in | measures | rests on |",
        "|---|---|---|---|---|",
    ]
    for one in ANSWERS:
        where = "; ".join(f"`{notebook.split('/')[-1]}`: {section}" for notebook, section in one.sections)
        measured = ", ".join(f"`{key}`" for key in measures_for(one.paragraph, known))
        lines.append(f"| {one.paragraph} | {one.asks} | {where or 'nowhere'} | {measured or '–'} | {one.rests_on} |")
    lines += ["", "## What stands behind the pages", ""]
    lines += ["| page | chapter | sections |", "|---|---|---|"]
    chapters = [("annex", one) for one in annexes.ANNEX]
    chapters += [(name, one) for name, found in annexes.ACROSS.items() for one in found]
    lines += [
        f"| `{name}` | {one.title} | {', '.join(f'`{each.__name__}`' for each in one.sections)} |"
        for name, one in chapters
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
