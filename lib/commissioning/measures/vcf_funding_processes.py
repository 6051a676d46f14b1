"""How the voluntary, community and faith funding pilot works: fairly, together, by stated criteria, learning.

Processes: never shown as outcomes (4.8). Promised social value is one of them.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from commissioning.measures.definition import Measure, Process, Rule
from commissioning.measures.vcf_funding import KNOWN, PILOT_BEGAN, cabinet

FAIR_ACCESS = Measure(
    id="vcf_funding_fair_access",
    title="Applications by small or equality-led organisations that succeeded",
    kind=Process(),
    answers=("11.1",),
    table="applications",
    one_row_is="one application for funding",
    one_row_per=("application_id",),
    several_rows="the latest",
    period_from="period",
    population=(
        Rule(
            says="made by a small or equality-led organisation",
            of=lambda a: a["small_or_equality_led"].eq("yes"),
        ),
    ),
    not_applicable=None,
    achieved=Rule(says="the application succeeded", of=lambda a: a["successful"].eq("yes")),
    amount=None,
    out_of=None,
    unknown=Rule(says="the decision is not recorded", of=lambda a: ~a["successful"].isin(KNOWN)),
    unknown_is="shown as bounds",
    person=None,
    organisation="organisation_id",
    stands_behind="organisations",
    groups=("department",),
    per=100,
    unit="% of their applications",
    better="neutral",
    aim="parity",
    spend_scope="none",
    primary=False,
    why="The report sees a risk that small organisations working with equalities groups cannot respond to formal "
    "procedures.",
    source=cabinet("11.1"),
    caveats=(
        "Parity with other organisations is the aim: set it beside theirs.",
        "Those who did not dare apply are not here.",
    ),
    in_force_from=PILOT_BEGAN,
)
FAIR_ACCESS_OTHERS = replace(
    FAIR_ACCESS,
    id="vcf_funding_fair_access_others",
    title="Applications by other organisations that succeeded",
    population=(
        Rule(
            says="made by an organisation neither small nor equality-led",
            of=lambda a: a["small_or_equality_led"].eq("no"),
        ),
    ),
    why="What success of small and equality-led organisations is compared with.",
    caveats=("Only for setting beside the success of small and equality-led organisations.",),
)

SAME_PURPOSE = Measure(
    id="vcf_funding_same_purpose",
    title="Organisations funded by several departments for the same purpose in the same months",
    kind=Process(),
    answers=("4.13e",),
    table="funded_organisations",
    one_row_is="one organisation with an agreement running in the year",
    one_row_per=("organisation_id",),
    several_rows="the latest",
    period_from="year",
    population=(),
    not_applicable=None,
    achieved=Rule(
        says="two departments fund the same purpose in months they share",
        of=lambda o: o["same_purpose"].eq("yes"),
    ),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="two departments may fund it: a purpose, a department or an agreement's months are not recorded",
        of=lambda o: ~o["same_purpose"].isin(KNOWN),
    ),
    unknown_is="shown as bounds",
    person=None,
    organisation="organisation_id",
    stands_behind="organisations",
    groups=(),
    per=100,
    unit="% of organisations funded",
    better="neutral",
    aim=None,
    spend_scope="none",
    primary=False,
    why="The report asks whether an area of activity involves more than one department. They may do better together.",
    source=cabinet("4.13e"),
    caveats=(
        "Same purpose and overlapping months are both needed: a department renamed is not a second funder.",
        "Neutral: two departments may rightly share a purpose.",
        "Agreements are of one organisation where they share a charity or company number or the register's own id; never by name.",
        "A purpose is the same where its words are: a register that describes each agreement in its own words shows none.",
    ),
    in_force_from=PILOT_BEGAN,
)


def _scored(id_: str, what: str, columns: tuple[str, ...], answers: tuple[str, ...], why: str) -> Measure:
    def answers_of(a: pd.DataFrame, word: str) -> pd.DataFrame:
        return pd.DataFrame({column: a[column].eq(word) for column in columns})

    return replace(
        FAIR_ACCESS,
        id=id_,
        title=f"Awards in which {what} scored with evidence",
        answers=answers,
        population=(Rule(says="funding was awarded", of=lambda a: a["successful"].eq("yes")),),
        not_applicable=Rule(
            says=f"whether {what} scored was not asked", of=lambda a: answers_of(a, "not asked").all(axis=1)
        ),
        achieved=Rule(
            says="scored by a named person with evidence, in each criterion asked",
            of=lambda a: (answers_of(a, "yes") | answers_of(a, "not asked")).all(axis=1),
        ),
        unknown=Rule(
            says="whether it was scored is not recorded",
            of=lambda a: ~(answers_of(a, "yes") | answers_of(a, "no") | answers_of(a, "not asked")).all(axis=1),
        ),
        unit="% of awards",
        better="higher",
        aim=None,
        why=why,
        source=cabinet(" and ".join(answers)),
        caveats=(
            "A process: it says that the criterion was scored, not that anything was delivered.",
            "Promised social value counts as delivered only with evidence, and never in pounds added to outcomes.",
        ),
    )


CRITERIA_SCORED = _scored(
    "vcf_funding_criteria_scored",
    "carbon and social value were",
    ("carbon_scored", "social_value_scored"),
    ("4.11d", "12.1"),
    "The report says that carbon reduction and social value feature in decisions on funding.",
)
CRITERIA_SCORED_CARBON = _scored(
    "vcf_funding_criteria_scored_carbon",
    "carbon was",
    ("carbon_scored",),
    ("12.1",),
    "The report says that the environmental impact, and carbon reduction in particular, is a funding criterion.",
)
CRITERIA_SCORED_SOCIAL_VALUE = _scored(
    "vcf_funding_criteria_scored_social_value",
    "social value was",
    ("social_value_scored",),
    ("4.11d",),
    "The report says that the social value aspects of procurement feature in the award of contracts.",
)

LESSON_WRITTEN = Measure(
    id="vcf_funding_lesson_written",
    title="Experiments closed with a lesson written down",
    kind=Process(),
    answers=("4.11f",),
    table="grants",
    one_row_is="one agreement, in the year it ended",
    one_row_per=("grant_id",),
    several_rows="the latest",
    period_from="end_on",
    population=(Rule(says="funded as an experiment", of=lambda g: g["experiment"].eq("yes")),),
    not_applicable=Rule(
        says="still open, so no lesson is due",
        of=lambda g: g["closed"].eq("no") | g["lesson_written"].eq("not applicable"),
    ),
    achieved=Rule(says="closed with a lesson written down", of=lambda g: g["lesson_written"].eq("yes")),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="whether it closed, or whether a lesson was written, is not recorded",
        of=lambda g: g["closed"].ne("yes") | ~g["lesson_written"].isin(KNOWN),
    ),
    unknown_is="shown as bounds",
    person=None,
    organisation="recipient_id",
    stands_behind="organisations",
    groups=("department",),
    per=100,
    unit="% of experiments due",
    better="higher",
    aim=None,
    spend_scope="none",
    primary=False,
    why="The report accepts that some experiments will not work. What matters is that something was learnt.",
    source=cabinet("4.11f"),
    caveats=(
        "An experiment that did not work counts as fully as one that did, if its lesson is written.",
        "A process: a lesson written is not a lesson used.",
    ),
    in_force_from=PILOT_BEGAN,
)

MEASURES = (
    FAIR_ACCESS,
    FAIR_ACCESS_OTHERS,
    SAME_PURPOSE,
    CRITERIA_SCORED,
    CRITERIA_SCORED_CARBON,
    CRITERIA_SCORED_SOCIAL_VALUE,
    LESSON_WRITTEN,
)
