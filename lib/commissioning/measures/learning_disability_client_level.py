"""What the council's Client Level Data says of people with a learning disability: one row a person and year.

Rules of the national measures: gov.uk, Measures from ASCOF 2024 to 2025: methodologies for metrics derived from CLD
(18 December 2025); DataS-DHSC/ASC-CLD-LA-Dashboard (June 2026). The table `long_term_support` is made from Client Level Data, or
brought as an extract of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from commissioning.measures.definition import Measure, Outcome, Output, Process, Rule, Source, told_as
from commissioning.measures.learning_disability import (
    OF_WORKING_AGE,
    PAID,
    PAID_WORK,
    PLACES,
    SUPPORTED_FOR_LD,
    cabinet,
)

READ_ON = date(2026, 11, 21)
CLD_BEGAN = date(2023, 4, 1)
BUDGETS = ("direct payment", "managed budget")
OF_AGE = Rule(says="aged 18 or over", of=lambda p: p["age"].ge(18).fillna(False))
ONE_ROW = "one person with long term support in the year, with what was known of them by its end"
BREAK = "Figures from other returns (SALT, to 2023-24) were collected otherwise: never one line, and no change is claimed across."


def _handbook(code: str) -> Source:
    return Source(
        title="ASC-CLD-LA-Dashboard, Department of Health and Social Care (DataS-DHSC, June 2026), which follows Measures from "
        "ASCOF 2024 to 2025: methodologies for metrics derived from client level data (gov.uk, 18 December 2025)",
        reference=f"ASCOF {code}; Cabinet report 2 June 2011, 4.14b",
        read_on=READ_ON,
    )


ASCOF_2E = replace(
    PAID_WORK,
    id="learning_disability_ascof_2e",
    title="Adults with a learning disability who live in their own home or with family (ASCOF 2E)",
    kind=Outcome(
        level="individual",
        domain="quality of life",
        told="{} of adults with a learning disability lived in their own home or with family",
    ),
    table="long_term_support",
    one_row_is=ONE_ROW,
    population=(OF_WORKING_AGE, SUPPORTED_FOR_LD),
    achieved=Rule(says="lives in settled accommodation", of=lambda p: p["settled_home"].eq("yes")),
    unknown=None,
    unknown_is="left out and counted",
    organisation=None,
    groups=(*PLACES, "provider", "setting", "age_band", "ethnicity"),
    unit="% of people",
    primary=True,
    why="A settled home is what the report's housing options are for, and this is how the country counts it.",
    source=_handbook("2E (1G until 2022-23)"),
    caveats=(
        "Where it is not known where somebody lives, and no service says it, they stay in the denominator, as nationally.",
        "A settled home need not be a chosen one.",
        BREAK,
    ),
    in_force_from=CLD_BEGAN,
)

PAID_WORK_PUBLISHED_FORM = replace(
    ASCOF_2E,
    id="learning_disability_paid_work_published_form",
    title="Adults with a learning disability in paid work, in the published form (ASCOF 1E)",
    kind=told_as(
        PAID_WORK.kind, "{} of adults with a learning disability had paid work, counted as the published figure is,"
    ),
    population=(
        OF_WORKING_AGE,
        SUPPORTED_FOR_LD,
        Rule(says="not supported in prison alone", of=lambda p: p["prison_only"].ne("yes")),
    ),
    achieved=Rule(says="paid, for any hours", of=lambda p: p["employment"].isin(PAID)),
    primary=False,
    why=PAID_WORK.why,
    source=_handbook("1E (published until 2023-24; SALT table LTS004)"),
    caveats=(
        "People whose employment is not recorded stay in the denominator: see paid work for the known only, with bounds.",
        "The published figure left out people detained under the Mental Health Act, whom these data may not show.",
        BREAK,
    ),
)

OUTCOMES_FULLY_MET = replace(
    ASCOF_2E,
    id="learning_disability_outcomes_fully_met",
    title="People whose outcomes were fully met, as agreed at their planned review",
    kind=Outcome(
        level="individual",
        domain="quality of life",
        told="{} of people reviewed had their outcomes fully met, as agreed at their planned review,",
    ),
    answers=("4.9",),
    population=(SUPPORTED_FOR_LD,),
    not_applicable=Rule(says="no planned review was done in the year", of=lambda p: p["reviewed"].ne("yes")),
    achieved=Rule(says="every outcome was fully met", of=lambda p: p["outcomes"].eq("fully met")),
    unknown=Rule(
        says="the review does not say whether outcomes were met",
        of=lambda p: ~p["outcomes"].isin(["fully met", "partly met", "not met"]),
    ),
    unknown_is="shown as bounds",
    unit="% of people reviewed whose outcomes are known",
    why="Each person has outcomes in their plan. Whether support brought them about is the first answer to what good was done.",
    source=cabinet("4.9"),
    caveats=(
        "Agreed by the person or their representative and the assessor, and recorded by staff: not what people told us.",
        "More people fully met among fewer reviewed is no improvement: see people reviewed.",
        "Recording varies between councils.",
        "Fully only where all outcomes were met. With partly met it makes everybody for whom some were.",
    ),
    judged_by="those who support",
)

OUTCOMES_PARTLY_MET = replace(
    OUTCOMES_FULLY_MET,
    id="learning_disability_outcomes_partly_met",
    kind=told_as(
        OUTCOMES_FULLY_MET.kind,
        "{} of people reviewed had their outcomes met at least in part, as agreed at their planned review,",
    ),
    title="People whose outcomes were partly met, as agreed at their planned review",
    achieved=Rule(
        says="some outcomes were fully or partly met, and not all fully", of=lambda p: p["outcomes"].eq("partly met")
    ),
    better="neutral",
    primary=False,
)

REVIEWED = replace(
    ASCOF_2E,
    id="learning_disability_planned_review",
    title="People with long term support who had a planned review in the year",
    kind=Process(),
    answers=("4.14a",),
    population=(SUPPORTED_FOR_LD, Rule(says="reviews are recorded", of=lambda p: p["reviewed"].isin(["yes", "no"]))),
    achieved=Rule(says="a planned review was done in the year", of=lambda p: p["reviewed"].eq("yes")),
    spend_scope="none",
    primary=False,
    why="Outcomes are known of people reviewed alone: this says how many of those supported they are.",
    source=cabinet("4.14a"),
    caveats=("A review done is not an outcome.",),
)

DIRECT_PAYMENT = replace(
    REVIEWED,
    id="learning_disability_direct_payment",
    title="People supported in the community who hold a direct payment",
    kind=Output(),
    answers=("4.9",),
    population=(
        SUPPORTED_FOR_LD,
        OF_AGE,
        Rule(
            says="had long term support in the community at the year's end",
            of=lambda p: p["community_budget"].isin([*BUDGETS, "commissioned", "in the community, not recorded"]),
        ),
    ),
    achieved=Rule(says="holds a direct payment", of=lambda p: p["community_budget"].eq("direct payment")),
    why="A direct payment lets a person buy the support they choose.",
    source=_handbook("3D (1C until 2022-23), of people with a learning disability alone"),
    caveats=(
        "Of people with a learning disability: it is not the published 3D, which is of everybody.",
        "Where it is not recorded how a budget is held, the person stays in the denominator, as nationally.",
        BREAK,
    ),
)

SELF_DIRECTED = replace(
    DIRECT_PAYMENT,
    id="learning_disability_self_directed",
    title="People supported in the community whose support is self-directed",
    achieved=Rule(
        says="holds a direct payment or a personal budget managed by the council",
        of=lambda p: p["community_budget"].isin(BUDGETS),
    ),
    why="The report asks for personal budgets: this says how many people have one, however it is held.",
)

MEASURES: tuple[Measure, ...] = (
    ASCOF_2E,
    PAID_WORK_PUBLISHED_FORM,
    OUTCOMES_FULLY_MET,
    OUTCOMES_PARTLY_MET,
    REVIEWED,
    DIRECT_PAYMENT,
    SELF_DIRECTED,
)
