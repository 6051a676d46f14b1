"""What the voluntary, community and faith funding pilot puts in and provides.

Outputs and inputs: never shown as outcomes (4.8), and hours stay hours.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from commissioning.measures.definition import Input, Measure, Output, Rule
from commissioning.measures.vcf_funding import OUTCOME_REACHED, PILOT_BEGAN, cabinet

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
    stands_behind="people told of by organisations",
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

SPEND = replace(
    CONTACTS,
    id="vcf_funding_spend",
    title="Spend on agreements whose outcome is known, accrued to the months they covered",
    kind=Input(),
    answers=("App. 2 2.2c",),
    table="accrued_spend",
    one_row_is="what was paid under one agreement, or without one, that belongs to one quarter",
    one_row_per=(),
    population=(
        Rule(
            says="paid under an agreement whose outcome is known: a return says whether its target was met, or a person's "
            "result is recorded",
            of=lambda p: p["outcome"].eq("known"),
        ),
    ),
    amount=Rule(says="pence accrued", of=lambda p: p["accrued_pence"]),
    unknown=Rule(says="the amount is not recorded", of=lambda p: p["accrued_pence"].isna()),
    organisation="paid_to",
    stands_behind="organisations",
    unit="pence",
    spend_scope="purpose",
    why="Spending is an investment in outcomes. It is set beside them, for the months in which they were worked for.",
    source=cabinet("Appendix 2, 2.2c"),
    caveats=(
        "Only spend on agreements whose outcome is known stands beside outcomes; the rest is a measure of its own.",
        "Payments are spread evenly over an agreement's months; one with no agreement stands in its own quarter.",
        "Credits and reversals stay in. The council's share only: projects may have other income.",
        "Promised social value is not money, and is never added in pounds.",
    ),
)

SPEND_OUTCOME_UNKNOWN = replace(
    SPEND,
    id="vcf_funding_spend_outcome_unknown",
    title="Spend whose outcome is not known",
    population=(
        Rule(
            says="paid under an agreement whose outcome nobody recorded, or under none that is named",
            of=lambda p: p["outcome"].ne("known"),
        ),
    ),
    spend_scope="none",
    why="What it achieved is not known. It is named, so that no pound is lost, and is never set beside outcomes.",
    caveats=("The spend is known, and the outcome is not: that is no fault of those who were not asked for a return.",),
)

AWARD = replace(
    SPEND_OUTCOME_UNKNOWN,
    id="vcf_funding_award",
    title="Amount awarded in agreements",
    table="grants",
    one_row_is="one agreement, in the year of its award",
    one_row_per=("grant_id",),
    period_from="year",
    population=(),
    amount=Rule(says="pence awarded", of=lambda g: g["amount_awarded_pence"]),
    unknown=Rule(says="the amount is not recorded", of=lambda g: g["amount_awarded_pence"].isna()),
    organisation="recipient_id",
    groups=("department", "programme", "recipient_id"),
    spend_scope="shared",
    why="What was promised stands beside what was spent, so that a gap between them can be seen.",
    caveats=("An award is a promise: it is not spend, and the two are never added.",),
)

VOLUNTEER_HOURS = replace(
    SPEND_OUTCOME_UNKNOWN,
    id="vcf_funding_volunteer_hours",
    title="Hours given by volunteers",
    answers=("4.8c",),
    table="volunteering",
    one_row_is="one agreement's volunteering in a quarter",
    population=(),
    amount=Rule(says="hours given", of=lambda v: v["hours"]),
    unknown=Rule(says="hours are not recorded", of=lambda v: v["hours"].isna()),
    organisation="organisation_id",
    stands_behind="people told of by organisations",
    unit="hours",
    why="The report counts the number and hours of workers as what is put in. Volunteers' time is part of it.",
    source=cabinet("4.8c"),
    caveats=("They stay hours: no pounds are put on them, and none are added to outcomes.",),
)

MONITORING_HOURS = replace(
    VOLUNTEER_HOURS,
    id="vcf_funding_monitoring_hours",
    title="Hours of monitoring asked of organisations for each £1,000 awarded, by risk",
    answers=("4.7", "5.3"),
    table="monitoring",
    one_row_is="what one agreement asked of its organisation in a quarter",
    amount=Rule(says="hours the organisation spent on monitoring", of=lambda m: m["hours"]),
    out_of=Rule(
        says="thousands of pounds of the award that belong to the quarter",
        of=lambda m: m["award_share_pence"] / PENCE_IN_1000_POUNDS,
    ),
    unknown=Rule(says="hours are not recorded", of=lambda m: m["hours"].isna()),
    stands_behind="organisations",
    groups=("risk", "department", "organisation_id"),
    unit="hours for each £1,000",
    aim="range",
    why="The report says that monitoring should be in proportion to the money and the risk: hours spent on forms "
    "are not spent on people.",
    source=cabinet("4.7 and 5.3"),
    caveats=(
        "Neither more nor less is better: it should lie within a range that depends on risk.",
        "Compare within a band of risk: the total mixes bands.",
    ),
)

MEASURES = (
    PEOPLE_SUPPORTED,
    CONTACTS,
    SPEND,
    SPEND_OUTCOME_UNKNOWN,
    AWARD,
    VOLUNTEER_HOURS,
    MONITORING_HOURS,
)
