"""What the learning disability service does, puts in and how it works, and its two strategic outcomes.

Nothing here that is an output, an input or a process is ever shown as an outcome (4.8).
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from commissioning.measures.definition import Input, Measure, Outcome, Output, Process, Rule, told_as
from commissioning.measures.learning_disability import (
    OWN_GOAL_MET,
    PAID_WORK,
    PILOT_BEGAN,
    PLACES,
    SUPPORTED_FOR_LD,
    cabinet,
)
from commissioning.measures.reasons import NO_REASON

LD = "learning disability"
"""The support reason that this pilot is for, as `people` holds it (`support_reason` of pilot.toml)."""

RISK_REDUCED = Measure(
    id="learning_disability_risk_reduced",
    title="Safeguarding enquiries that ended with the risk reduced or removed",
    kind=Outcome(
        level="service",
        domain="dignity",
        told="{} of safeguarding enquiries that found a risk ended with it reduced or removed",
    ),
    answers=("4.14",),
    table="enquiries",
    one_row_is="one safeguarding enquiry",
    one_row_per=("enquiry_id",),
    several_rows="the latest",
    period_from="period",
    population=(
        Rule(says="the enquiry has ended", of=lambda e: e["ended"].eq("yes")),
        Rule(says="a risk was found", of=lambda e: e["risk_found"].eq("yes")),
    ),
    not_applicable=None,
    achieved=Rule(says="the risk was reduced or removed", of=lambda e: e["risk_result"].isin(["reduced", "removed"])),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="what became of the risk is not recorded",
        of=lambda e: ~e["risk_result"].isin(["reduced", "removed", "remained"]),
    ),
    unknown_is="shown as bounds",
    person="person_id",
    organisation=None,
    stands_behind="people",
    groups=PLACES,
    per=100,
    unit="% of enquiries ended with a risk found",
    better="higher",
    aim=None,
    spend_scope="shared",
    primary=False,
    why="The Care Quality Commission's concerns of 2010 are behind this pilot. People should be safer for an enquiry.",
    source=cabinet("4.14"),
    caveats=(
        "How many concerns were raised is neutral: more may mean that people feel safe to speak.",
        "A risk that remains may be one the person chose to live with.",
    ),
    in_force_from=PILOT_BEGAN,
)

ACCESS_GAP = Measure(
    id="learning_disability_access_gap",
    title="Older people and people from ethnic minority communities supported, beside those estimated to have a learning disability",
    kind=Outcome(
        level="strategic",
        domain="freedom from discrimination",
        told="{} older people and people from ethnic minority communities were supported for each 100 estimated to have a learning disability",
    ),
    answers=("4.14d",),
    table="access",
    one_row_is="one person supported in the year, or one cell of the population (ward, age and ethnicity)",
    one_row_per=(),
    several_rows="the latest",
    period_from="year",
    population=(
        Rule(
            says="aged 65 and over, or not recorded as white",
            of=lambda a: a["age_band"].eq("65 and over") | a["ethnicity"].ne("white"),
        ),
    ),
    not_applicable=None,
    achieved=None,
    amount=Rule(says="people supported", of=lambda a: a["supported"]),
    out_of=Rule(
        says="people estimated to have a learning disability, as the file of population says, supported or not",
        of=lambda a: a["expected"],
    ),
    unknown=Rule(
        says="aged under 65, and ethnicity is not recorded",
        of=lambda a: a["age_band"].ne("65 and over") & ~a["ethnicity"].isin(["white", "ethnic minority"]),
    ),
    unknown_is="left out and counted",
    person="person_id",
    organisation=None,
    stands_behind="people",
    groups=(*PLACES, "age_band", "ethnicity"),
    per=100,
    unit="people supported for each 100 estimated to have a learning disability",
    better="neutral",
    aim="parity",
    spend_scope="shared",
    primary=False,
    why="The report asks that the needs of older people and people from ethnic minority communities are assessed "
    "and met. Support should reach them as it reaches anybody else.",
    source=cabinet("4.14d"),
    caveats=(
        "Parity is the same figure as everybody's; above is not better than below.",
        "The estimate is the population file's own, at a rate by age from outside; it never comes from who is supported.",
        "Well under 100 is usual: many people with a mild learning disability ask for no support.",
        "Needs may differ between groups: a gap is a question, not an answer.",
        "People whose ethnicity is not recorded are counted apart, so a gap can be one of recording.",
    ),
    in_force_from=PILOT_BEGAN,
)

ACCESS_GAP_OLDER = replace(
    ACCESS_GAP,
    id="learning_disability_access_gap_older_people",
    kind=told_as(
        ACCESS_GAP.kind, "{} older people were supported for each 100 estimated to have a learning disability"
    ),
    title="Older people supported, beside those estimated to have a learning disability",
    population=(Rule(says="aged 65 and over", of=lambda a: a["age_band"].eq("65 and over")),),
    unknown=None,
    groups=PLACES,
)
ACCESS_GAP_ETHNIC_MINORITY = replace(
    ACCESS_GAP,
    id="learning_disability_access_gap_ethnic_minority",
    kind=told_as(
        ACCESS_GAP.kind,
        "{} people from ethnic minority communities were supported for each 100 estimated to have a learning disability",
    ),
    title="People from ethnic minority communities supported, beside those estimated to have a learning disability",
    population=(Rule(says="not recorded as white", of=lambda a: a["ethnicity"].ne("white")),),
    unknown=Rule(
        says="ethnicity is not recorded",
        of=lambda a: ~a["ethnicity"].isin(["white", "ethnic minority"]),
    ),
    groups=(*PLACES, "age_band"),
)

SUPPORTED = replace(
    ACCESS_GAP,
    id="learning_disability_supported",
    title="Adults supported mainly for a learning disability",
    kind=Output(),
    answers=("4.11b", "4.14d"),
    one_row_is="one person supported in the year",
    population=(
        Rule(
            says="supported in the year, mainly for a learning disability, aged 18 or over",
            of=lambda a: a["supported"].gt(0),
        ),
    ),
    achieved=Rule(says="everybody who is counted", of=lambda a: a["supported"].gt(0)),
    amount=None,
    out_of=None,
    unknown=None,
    per=1,
    unit="people",
    aim=None,
    why="Who is supported, beside who lives here, is where an analysis of need begins.",
    source=cabinet("4.11b and 4.14d"),
    caveats=(
        "An output: how many are supported is no outcome, and says nothing of those who are not.",
        "Counted in years of which the population file tells too.",
    ),
)

REVIEW_IN_TIME = replace(
    OWN_GOAL_MET,
    id="learning_disability_review_in_time",
    title="Yearly reviews done by the day they were due",
    kind=Process(),
    answers=("4.14a", "4.14c"),
    population=(Rule(says="a yearly review", of=lambda r: r["kind"].eq("annual")),),
    achieved=Rule(
        says="done on or before the day it was due, 12 months after the one before",
        of=lambda r: pd.to_datetime(r["done_on"]).le(pd.to_datetime(r["due_on"])),
    ),
    unknown=None,
    unknown_is="left out and counted",
    unit="% of reviews due",
    spend_scope="none",
    primary=False,
    why="Needs cannot be met in the most cost-effective way if nobody has looked at them for more than a year.",
    source=cabinet("4.14a and 4.14c"),
    caveats=("A review done is not an outcome.", "A review not done counts as not in time, not as unknown."),
)
REVIEW_IN_TIME_DAY_SUPPORT = replace(
    REVIEW_IN_TIME,
    id="learning_disability_review_in_time_day_support",
    title="Reviews of day support done by the day they were due",
    population=(Rule(says="a review of day support", of=lambda r: r["kind"].eq("day support")),),
    why="The report asks for the need and type of services during the day to be reviewed.",
    source=cabinet("4.14c"),
    answers=("4.14c",),
)

DAY_MIX = Measure(
    id="learning_disability_day_mix",
    title="Day sessions held in ordinary places",
    kind=Output(),
    answers=("4.14c",),
    table="sessions",
    one_row_is="one provider's sessions in one kind of place in a quarter",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(
        Rule(
            says="the kind of place is an ordinary place or a day centre",
            of=lambda s: s["place"].isin(["ordinary place", "day centre"]),
        ),
    ),
    not_applicable=None,
    achieved=None,
    amount=Rule(
        says="sessions held in ordinary places: work, college, sport, clubs",
        of=lambda s: s["sessions"].where(s["place"].eq("ordinary place") | s["sessions"].isna(), 0),
    ),
    out_of=Rule(says="all day sessions", of=lambda s: s["sessions"]),
    unknown=None,
    unknown_is="left out and counted",
    person=None,
    organisation="provider",
    stands_behind="people told of by organisations",
    groups=("ward", "provider"),
    per=100,
    unit="% of day sessions",
    better="neutral",
    aim=None,
    spend_scope="none",
    primary=False,
    why="The report asks for the type of services during the day to be reviewed. This shows the mix, not whether "
    "it did people good.",
    source=cabinet("4.14c"),
    caveats=(
        "An output: it says what was provided, never what came of it.",
        "Neither direction is better for everybody: some people choose a day centre.",
    ),
    in_force_from=PILOT_BEGAN,
)

ADVOCACY_PROVIDED = replace(
    PAID_WORK,
    id="learning_disability_advocacy_provided",
    title="People entitled to an advocate, and wanting one, who had one",
    kind=Output(),
    answers=("4.14e",),
    population=(
        SUPPORTED_FOR_LD,
        Rule(says="entitled to an advocate, or not recorded", of=lambda p: p["advocacy_entitled"].ne("no")),
    ),
    not_applicable=Rule(says="offered an advocate and did not want one", of=lambda p: p["advocacy_wanted"].eq("no")),
    achieved=Rule(says="an advocate was provided", of=lambda p: p["advocacy_provided"].eq("yes")),
    unknown=Rule(
        says="entitlement, wish or provision is not recorded",
        of=lambda p: (
            ~(
                p["advocacy_entitled"].eq("yes")
                & p["advocacy_wanted"].eq("yes")
                & p["advocacy_provided"].isin(["yes", "no"])
            )
        ),
    ),
    unit="% of people entitled to an advocate and wanting one",
    spend_scope="none",
    primary=False,
    why="Some people find it hard to say what they want. The report asks that advocacy is available to them.",
    source=cabinet("4.14e"),
    caveats=("An advocate declined is a choice, not a failure: it is not applicable here.",),
)

WEEKLY_COST = Measure(
    id="learning_disability_weekly_cost",
    title="Cost of support for a person for a week, by band of need",
    kind=Input(),
    answers=("4.14a",),
    table="packages",
    one_row_is="one package of support in a quarter",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(
        Rule(says="support was given for some of the quarter", of=lambda k: k["weeks"].gt(0).fillna(False)),
        Rule(
            says="of a person supported mainly for a learning disability, by their record of the same period",
            of=lambda k: k["support_reason"].eq(LD),
        ),
    ),
    not_applicable=None,
    achieved=None,
    amount=Rule(
        says="weekly cost x weeks, before anything people or the NHS pay towards it",
        of=lambda k: k["weekly_cost_pence"].astype("Float64") * k["weeks"].astype("Float64"),
    ),
    out_of=Rule(
        says="person-weeks: two packages in the same weeks are counted once",
        of=lambda k: k["person_weeks"],
    ),
    unknown=Rule(says="the weekly cost is not recorded", of=lambda k: k["weekly_cost_pence"].isna()),
    unknown_is="left out and counted",
    person="person_id",
    organisation=None,
    stands_behind="people",
    groups=("needs_band", *PLACES),
    per=1,
    unit="pence a person-week",
    better="neutral",
    aim=None,
    spend_scope="purpose",
    primary=False,
    why="People with similar needs should not cost very different sums without a reason. Set beside what they "
    "achieved, it shows where to look.",
    source=cabinet("4.14a"),
    caveats=(
        "Gross: what people pay themselves and what the NHS pays is in it, and is shown apart elsewhere.",
        "Packages are tied to people by id and period: spend on other people, and spend that cannot be tied to anybody, "
        "stand apart under their own names.",
        "Where more or fewer people are recorded with this reason than the year before, spend moves with the recording.",
        "Compare within a band of need only: the total mixes bands.",
        "Cheaper is not better: this is neutral until what was lost or kept is known.",
    ),
    in_force_from=PILOT_BEGAN,
)

SPEND_ON_OTHER_PEOPLE = replace(
    WEEKLY_COST,
    id="learning_disability_spend_on_other_people",
    title="Spend on the support of other people, whom this pilot is not for",
    population=(
        WEEKLY_COST.population[0],
        Rule(
            says="of a person supported mainly for another reason, by their record of the same period",
            of=lambda k: ~k["support_reason"].isin([LD, NO_REASON, "unknown"]),
        ),
    ),
    out_of=None,
    groups=PLACES,
    unit="pence",
    spend_scope="none",
    why="The council's list of packages holds people whom this pilot is not for. Their spend is named, so that nothing is lost, and "
    "is never set beside these outcomes.",
    caveats=("Never beside the outcomes of this pilot, nor in its value.",),
)
SPEND_NOT_TIED = replace(
    SPEND_ON_OTHER_PEOPLE,
    id="learning_disability_spend_not_tied",
    title="Spend on support that cannot be tied to anybody's reason for support",
    population=(
        WEEKLY_COST.population[0],
        Rule(
            says="no record of the person in the same period or year says why they are supported",
            of=lambda k: k["support_reason"].isin([NO_REASON, "unknown"]),
        ),
    ),
    why="Whether this money was spent on people whom the pilot is for is not known. It is said, and set beside nothing.",
    caveats=("It may be of people whom the pilot is for, or of others: no unit cost is made of it.",),
)

NOBODY_MOVED = replace(
    PAID_WORK,
    id="learning_disability_home_reregistered",
    title="People whose care home was registered anew as supported living while they lived there",
    kind=Process(),
    achieved=Rule(
        says="the home was registered anew and the person did not move",
        of=lambda p: p["home_reregistered"].eq("yes"),
    ),
    unknown=Rule(
        says="whether the home was registered anew is not recorded",
        of=lambda p: ~p["home_reregistered"].isin(["yes", "no"]),
    ),
    unit="% of people",
    better="neutral",
    spend_scope="none",
    primary=False,
    why="A new registration moves the published figure for settled homes while nobody moves. This says how "
    "much of it could be paper.",
    caveats=("Not an outcome: nothing has changed for the person.",),
)


MEASURES = (
    RISK_REDUCED, ACCESS_GAP, ACCESS_GAP_OLDER, ACCESS_GAP_ETHNIC_MINORITY, SUPPORTED, REVIEW_IN_TIME, REVIEW_IN_TIME_DAY_SUPPORT, DAY_MIX, ADVOCACY_PROVIDED, WEEKLY_COST, SPEND_ON_OTHER_PEOPLE, SPEND_NOT_TIED, NOBODY_MOVED,
)  # fmt: skip
