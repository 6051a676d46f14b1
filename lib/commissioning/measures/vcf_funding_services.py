"""What the voluntary, community and faith funding pilot puts in, provides, and how it works.

Outputs, inputs and processes: never shown as outcomes (4.8), and hours stay hours.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from commissioning.measures.definition import Input, Measure, Output, Process, Rule
from commissioning.measures.vcf_funding import KNOWN, OUTCOME_REACHED, PILOT_BEGAN, cabinet

PENCE_IN_1000_POUNDS = 100_000

PEOPLE_SUPPORTED = replace(
    OUTCOME_REACHED,
    id="vcf_funding_people_supported",
    title="Different people supported",
    kind=Output(),
    answers=("4.8b",),
    several_rows="the latest that applies",
    achieved=None,
    amount=Rule(says="one for each different person", of=lambda s: pd.Series(1, index=s.index)),
    unknown=None,
    unknown_is="left out and counted",
    per=1,
    unit="people",
    better="neutral",
    spend_scope="none",
    primary=False,
    why="Shows how far the help reaches. It does not say what good it did.",
    source=cabinet("4.8b"),
    caveats=(
        "An output: how many were helped is never shown as an outcome.",
        "A person helped by two funders counts on each one's page and once in totals.",
        "Where people cannot be told apart there are only contacts, a measure of its own.",
    ),
)

CONTACTS = Measure(
    id="vcf_funding_contacts",
    title="Contacts with people, where different people are not known",
    kind=Output(),
    answers=("4.8b",),
    table="returns",
    one_row_is="one return received",
    one_row_per=("return_id",),
    several_rows="the latest",
    period_from="period",
    population=(Rule(says="a return was asked for", of=lambda r: r["asked"].ne("no")),),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="contacts on the return", of=lambda r: r["contacts"]),
    out_of=None,
    unknown=Rule(says="the return has not come", of=lambda r: r["received"].ne("yes")),
    unknown_is="left out and counted",
    person=None,
    organisation="organisation_id",
    groups=("department", "organisation_id"),
    per=1,
    unit="contacts",
    better="neutral",
    aim=None,
    spend_scope="none",
    primary=False,
    why="Some organisations count visits or calls and not people. They are shown as what they are.",
    source=cabinet("4.8b"),
    caveats=("Contacts are not people: one person may be counted many times.", "An output, not an outcome."),
    in_force_from=PILOT_BEGAN,
)

SPEND = Measure(
    id="vcf_funding_spend",
    title="Spend on agreements, accrued to the months they covered",
    kind=Input(),
    answers=("App. 2 2.2c",),
    table="accrued_spend",
    one_row_is="what was paid under one agreement, or without one, that belongs to one quarter",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="pence accrued", of=lambda p: p["accrued_pence"]),
    out_of=None,
    unknown=Rule(says="the amount is not recorded", of=lambda p: p["accrued_pence"].isna()),
    unknown_is="left out and counted",
    person=None,
    organisation="organisation_id",
    groups=("department", "outcome", "organisation_id"),
    per=1,
    unit="pence",
    better="neutral",
    aim=None,
    spend_scope="purpose",
    primary=False,
    why="Spending is an investment in outcomes. It is set beside them, for the months in which they were worked for.",
    source=cabinet("Appendix 2, 2.2c"),
    caveats=(
        "Only spend on agreements whose outcome is known may be divided by outcomes; the rest is 'outcome unknown'.",
        "Payments are spread evenly over an agreement's months; one with no agreement stands in the quarter it was paid.",
        "Credits and reversals stay in. The council's share only: projects may have other income.",
        "Promised social value is not money, and is never added in pounds.",
    ),
    in_force_from=PILOT_BEGAN,
)

AWARD = Measure(
    id="vcf_funding_award",
    title="Amount awarded in agreements",
    kind=Input(),
    answers=("App. 2 2.2c",),
    table="grants",
    one_row_is="one agreement, in the year of its award",
    one_row_per=("grant_id",),
    several_rows="the latest",
    period_from="year",
    population=(),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="pence awarded", of=lambda g: g["amount_awarded_pence"]),
    out_of=None,
    unknown=Rule(says="the amount is not recorded", of=lambda g: g["amount_awarded_pence"].isna()),
    unknown_is="left out and counted",
    person=None,
    organisation="recipient_id",
    groups=("department", "programme", "recipient_id"),
    per=1,
    unit="pence",
    better="neutral",
    aim=None,
    spend_scope="shared",
    primary=False,
    why="What was promised stands beside what was spent, so that a gap between them can be seen.",
    source=cabinet("Appendix 2, 2.2c"),
    caveats=("An award is a promise: it is not spend, and the two are never added.",),
    in_force_from=PILOT_BEGAN,
)

VOLUNTEER_HOURS = Measure(
    id="vcf_funding_volunteer_hours",
    title="Hours given by volunteers",
    kind=Input(),
    answers=("4.8c",),
    table="volunteering",
    one_row_is="one agreement's volunteering in a quarter",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="hours given", of=lambda v: v["hours"]),
    out_of=None,
    unknown=Rule(says="hours are not recorded", of=lambda v: v["hours"].isna()),
    unknown_is="left out and counted",
    person=None,
    organisation="organisation_id",
    groups=("department", "organisation_id"),
    per=1,
    unit="hours",
    better="neutral",
    aim=None,
    spend_scope="none",
    primary=False,
    why="The report counts the number and hours of workers as what is put in. Volunteers' time is part of it.",
    source=cabinet("4.8c"),
    caveats=("They stay hours: no pounds are put on them, and none are added to outcomes.",),
    in_force_from=PILOT_BEGAN,
)

MONITORING_HOURS = Measure(
    id="vcf_funding_monitoring_hours",
    title="Hours of monitoring asked of organisations for each £1,000 awarded, by risk",
    kind=Input(),
    answers=("4.7", "5.3"),
    table="monitoring",
    one_row_is="what one agreement asked of its organisation in a quarter",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="hours the organisation spent on monitoring", of=lambda m: m["hours"]),
    out_of=Rule(
        says="thousands of pounds of the award that belong to the quarter",
        of=lambda m: m["award_share_pence"] / PENCE_IN_1000_POUNDS,
    ),
    unknown=Rule(says="hours are not recorded", of=lambda m: m["hours"].isna()),
    unknown_is="left out and counted",
    person=None,
    organisation="organisation_id",
    groups=("risk", "department", "organisation_id"),
    per=1,
    unit="hours for each £1,000",
    better="neutral",
    aim="range",
    spend_scope="none",
    primary=False,
    why="The report says that monitoring should be in proportion to the money and the risk: hours spent on forms "
    "are not spent on people.",
    source=cabinet("4.7 and 5.3"),
    caveats=(
        "Neither more nor less is better: it should lie within a range that depends on risk.",
        "Compare within a band of risk: the total mixes bands.",
    ),
    in_force_from=PILOT_BEGAN,
)

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
        says="two departments fund it, and a purpose or an agreement's months are not recorded",
        of=lambda o: ~o["same_purpose"].isin(KNOWN),
    ),
    unknown_is="shown as bounds",
    person=None,
    organisation="organisation_id",
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
        "Organisations are matched by charity or company number, else by the register's own id; never by name.",
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
    PEOPLE_SUPPORTED,
    CONTACTS,
    SPEND,
    AWARD,
    VOLUNTEER_HOURS,
    MONITORING_HOURS,
    FAIR_ACCESS,
    FAIR_ACCESS_OTHERS,
    SAME_PURPOSE,
    CRITERIA_SCORED,
    CRITERIA_SCORED_CARBON,
    CRITERIA_SCORED_SOCIAL_VALUE,
    LESSON_WRITTEN,
)
