"""What the learning disability pilot counts: the outcomes, and what stands beside them.

Definitions follow the Cabinet report of 2 June 2011 (paragraphs in `answers`) and, for the
two published indicators, the Adult Social Care Outcomes Framework.

Longer than most: the outcomes of a pilot are read side by side.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from commissioning.measures.definition import Measure, Outcome, Rule, Source, told_as

READ_ON = date(2026, 11, 21)
PILOT_BEGAN = date(2011, 10, 1)
PAID = ("paid 16 hours or more", "paid under 16 hours", "paid, hours unknown")
EMPLOYMENT_KNOWN = (*PAID, "voluntary", "not in work")
PLACES = ("ward", "locality")


def cabinet(paragraphs: str) -> Source:
    """The 2011 report, and where in it."""
    return Source(
        title="Development of an outcome based commissioning framework, a report to a council's Cabinet",
        reference=f"Cabinet report 2 June 2011, {paragraphs}",
        read_on=READ_ON,
    )


SUPPORTED_FOR_LD = Rule(
    says="supported mainly for a learning disability",
    of=lambda p: p["support_reason"].eq("learning disability"),
)
OF_WORKING_AGE = Rule(
    says="aged 18 to 64 at the latest record in the period",
    of=lambda p: p["age"].between(18, 64).fillna(False),
)
BY_THE_PERSON = Rule(says="not answered by somebody else for the person", of=lambda r: r["answered_by"].ne("proxy"))
BY_A_PROXY = Rule(says="answered by somebody else for the person", of=lambda r: r["answered_by"].eq("proxy"))

SCORED_BY_THE_PERSON = Rule(says="the person scored the goal", of=lambda r: r["goal_scored_by"].eq("person"))
SAID_BY_THE_PERSON = Rule(says="the person answered for themselves", of=lambda r: r["answered_by"].eq("self"))

OWN_GOAL_MET = Measure(
    id="learning_disability_own_goal_met",
    title="Reviews at which the person had met the main goal they set themselves",
    kind=Outcome(level="individual", domain="choice and control", told="the main goal was met at {} of reviews"),
    answers=("4.9",),
    table="reviews",
    one_row_is="one review that fell due in the period",
    one_row_per=(),
    several_rows="the latest",
    period_from="period",
    population=(
        Rule(
            says="the goal is written in the person's own words",
            of=lambda r: r["goal_in_own_words"].eq("yes"),
        ),
        Rule(says="the goal was not rewritten after its baseline", of=lambda r: r["goal_rewritten"].ne("yes")),
    ),
    not_applicable=None,
    achieved=Rule(says="the person's main goal was met", of=lambda r: r["goal_met"].eq("yes")),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="nobody recorded whether the goal was met, often because the review was not done",
        of=lambda r: ~r["goal_met"].isin(["yes", "no"]),
    ),
    unknown_is="shown as bounds",
    person="person_id",
    organisation="provider",
    stands_behind="people",
    groups=(*PLACES, "provider"),
    per=100,
    unit="% of reviews due with a goal",
    better="higher",
    aim=None,
    spend_scope="purpose",
    primary=True,
    why="People say for themselves what they want from their support. Whether they got it is the first "
    "answer to what good was done.",
    source=cabinet("4.9"),
    caveats=(
        "Goals differ from person to person: this counts reviews, and says nothing of how hard a goal was.",
        "A person with two reviews in the year counts twice: how many different people they are stands beside the value.",
        "Goals rewritten after the baseline are left out, and counted under 'who was left out'.",
        "A review done is not an outcome: only what came of it is.",
    ),
    in_force_from=PILOT_BEGAN,
    judged_by=SCORED_BY_THE_PERSON,
)

GOAL_KEPT = replace(
    OWN_GOAL_MET,
    id="learning_disability_goal_kept",
    title="Goals met that still held 12 months later",
    kind=Outcome(
        level="individual",
        domain="quality of life",
        again=True,
        told="a goal that was met still held at {} of the checks 12 months later",
    ),
    answers=("4.1",),
    population=(),
    not_applicable=Rule(
        says="no goal was met a year before, so no check was due",
        of=lambda r: r["goal_kept"].eq("not applicable"),
    ),
    achieved=Rule(says="the goal was still met at 12 months", of=lambda r: r["goal_kept"].eq("yes")),
    unknown=Rule(
        says="the 12-month check was due, and its answer is not recorded",
        of=lambda r: ~r["goal_kept"].isin(["yes", "no", "not applicable"]),
    ),
    unit="% of 12-month checks due",
    primary=False,
    why="The report asks for improvements that last. A goal met in May and lost by Christmas did the "
    "person little good.",
    source=cabinet("4.1"),
    caveats=("Only people who met a goal a year before can be here, so it lags a year behind.",),
)

PAID_WORK = Measure(
    id="learning_disability_paid_work",
    title="Adults with a learning disability in paid work",
    kind=Outcome(level="individual", domain="economic", told="{} of adults with a learning disability had paid work"),
    answers=("4.14b",),
    table="people",
    one_row_is="one person, at their latest record in the period",
    one_row_per=("person_id",),
    several_rows="the latest",
    period_from="period",
    population=(OF_WORKING_AGE, SUPPORTED_FOR_LD),
    not_applicable=None,
    achieved=Rule(says="paid, for any hours", of=lambda p: p["employment"].isin(PAID)),
    amount=None,
    out_of=None,
    unknown=Rule(says="employment is not recorded", of=lambda p: ~p["employment"].isin(EMPLOYMENT_KNOWN)),
    unknown_is="shown as bounds",
    person="person_id",
    organisation="provider",
    stands_behind="people",
    groups=(*PLACES, "provider"),
    per=100,
    unit="% of people whose employment is known",
    better="higher",
    aim=None,
    spend_scope="purpose",
    primary=True,
    why="People ask for paid work, and the report asks for options that provide more employment.",
    source=cabinet("4.14b"),
    caveats=(
        "Volunteering and training are not paid work.",
        "Hours are not in this measure: 16 hours and more stands apart.",
        "Published figures (ASCOF 1E) seem to keep people whose employment is unknown in the denominator; "
        "this measure keeps them out and shows the bounds, so the two are not alike.",
    ),
    in_force_from=PILOT_BEGAN,
    judged_by="a fact",
)

PAID_WORK_16_HOURS = replace(
    PAID_WORK,
    id="learning_disability_paid_work_16_hours",
    kind=told_as(PAID_WORK.kind, "{} of adults with a learning disability had paid work of 16 hours a week or more"),
    title="Adults with a learning disability in paid work of 16 hours a week or more",
    achieved=Rule(says="paid, for 16 hours a week or more", of=lambda p: p["employment"].eq("paid 16 hours or more")),
    unknown=Rule(
        says="employment, or the hours of paid work, are not recorded",
        of=lambda p: ~p["employment"].isin([one for one in EMPLOYMENT_KNOWN if one != "paid, hours unknown"]),
    ),
    primary=False,
    why="A few paid hours and most of a working week are different lives; benefits change at 16 hours too.",
    caveats=(
        "Part of paid work, never added to it.",
        "Fewer than 16 hours may be what a person wants.",
    ),
)

PAID_WORK_AS_PUBLISHED = replace(
    PAID_WORK,
    id="learning_disability_paid_work_as_published",
    kind=told_as(PAID_WORK.kind, "{} of adults had paid work, counted as the published indicator seems to,"),
    title="Adults in paid work, counted as the published indicator seems to",
    unknown=None,
    unknown_is="left out and counted",
    unit="% of people",
    primary=False,
    why="Lets the council's own extract be set beside the published 1E: people whose employment is not "
    "recorded stay in the denominator here.",
    caveats=(
        "Not recorded counts as not in paid work here: see paid work for the known only, with bounds.",
        "That the published figure keeps them in is our reading of it, not a statement by its publisher.",
    ),
)


def _published(code: str, **fields: object) -> Measure:
    def right_code(i: pd.DataFrame, code: str = code) -> pd.Series:
        named = i["code"].astype(str).str.upper()
        by_code = named.eq(code) & i["year"].astype(str).lt("2023-24")
        return by_code | named.eq(f"{code} BY ITS OWN WORDS")  # as `evidence.published._ascof` keeps what words name

    common: dict[str, object] = {
        "answers": ("4.14b",),
        "table": "indicators",
        "one_row_is": "one council's published figure for a year",
        "one_row_per": (),
        "several_rows": "the latest",
        "period_from": "year",
        "population": (
            Rule(
                says=f"published under the code {code} in a year before 2023-24, when codes changed, or so named in words",
                of=right_code,
            ),
            Rule(says="women and men together", of=lambda i: i["disaggregation"].eq("total")),
        ),
        "not_applicable": Rule(
            says="published as not applicable", of=lambda i: i["numerator_status"].eq("not applicable")
        ),
        "achieved": None,
        "amount": Rule(says="the numerator as published", of=lambda i: i["numerator"]),
        "out_of": Rule(says="the denominator as published", of=lambda i: i["denominator"]),
        "unknown": Rule(
            says="the publisher gives no figure",
            of=lambda i: i["numerator_status"].eq("unknown") | i["denominator_status"].eq("unknown"),
        ),
        "unknown_is": "left out and counted",
        "person": None,
        "organisation": None,
        "stands_behind": "nobody",
        "groups": ("area_code",),
        "per": 100,
        "better": "higher",
        "aim": None,
        "spend_scope": "shared",
        "primary": False,
        "source": Source(
            title="Adult Social Care Outcomes Framework, handbook of definitions; figures by NHS Digital",
            reference=f"ASCOF measure {code}; Cabinet report 2 June 2011, 4.14b",
            read_on=READ_ON,
        ),
        "in_force_from": date(2014, 4, 1),
    }
    return Measure(**{**common, **fields})  # type: ignore[arg-type]


ASCOF_1E = _published(
    "1E",
    id="learning_disability_ascof_1e",
    title="Adults with a learning disability in paid work, as published (ASCOF 1E)",
    kind=Outcome(
        level="strategic",
        domain="economic",
        told="{} of adults with a learning disability had paid work, as published (ASCOF 1E),",
    ),
    unit="% of adults known to the council, as published",
    why="Published for each council by one rule, so it is the only figure that can be set beside others.",
    caveats=(
        "The published denominator seems to keep people whose employment is unknown: read it as published.",
        "The figure for known employment alone, with bounds, is learning_disability_paid_work on the "
        "council's own extract; published files do not hold what it would need.",
        "Codes were given new meanings from April 2023: the year is part of the key, and a file's own words are believed over codes.",
        "All spending on the service stands beside it: never divided by it.",
    ),
)

ASCOF_1G = _published(
    "1G",
    id="learning_disability_ascof_1g",
    title="Adults with a learning disability living in their own home or with family, as published (ASCOF 1G)",
    kind=Outcome(
        level="strategic",
        domain="quality of life",
        told="{} of adults with a learning disability lived in their own home or with family, as published (ASCOF 1G),",
    ),
    unit="% of adults known to the council, as published",
    why="Published for each council by one rule. A settled home is what the report's housing options are for.",
    caveats=(
        "Registering a care home anew as supported living moves this figure while nobody moves house.",
        "A settled home need not be a chosen one: see home chosen.",
        "Codes were given new meanings from April 2023: the year is part of the key, and a file's own words are believed over codes.",
        "All spending on the service stands beside it: never divided by it.",
    ),
)


def _chosen(column: str, asked: str, said: str, *, proxy: bool = False, **fields: object) -> Measure:
    common: dict[str, object] = {
        "population": (BY_A_PROXY if proxy else BY_THE_PERSON,),
        "not_applicable": Rule(says=f"the person was not asked {asked}", of=lambda r: r[column].eq("not asked")),
        "achieved": Rule(says=said, of=lambda r: r[column].eq("yes")),
        "unknown": Rule(
            says="asked, and the answer is not recorded",
            of=lambda r: ~r[column].isin(["yes", "no", "not asked"]),
        ),
        "judged_by": "those who support" if proxy else SAID_BY_THE_PERSON,
        "unit": "% of answers given by somebody else" if proxy else "% of reviews at which the person was asked",
        "primary": False,
    }
    return replace(OWN_GOAL_MET, **{**common, **fields})  # type: ignore[arg-type]


NOT_ASKED = "Not being asked is not a 'no' and not unknown: it is counted apart."
PROXIES = "Answers given by somebody else for the person stand apart, as a measure of their own."
BY_PROXY_WHY = "Some people cannot answer for themselves. What others say for them matters, and is not the same thing."
BY_PROXY_CAVEATS = ("Never added to the answers of people themselves.", NOT_ASKED)

HOME_CHOSEN = _chosen(
    "home_chosen",
    "about their home",
    "chose where they live and with whom",
    id="learning_disability_home_chosen",
    title="Reviews at which the person said that they chose where they live and with whom",
    kind=Outcome(
        level="individual",
        domain="dignity",
        told="people said that they chose their home, and with whom they live, at {} of reviews",
    ),
    answers=("4.14b",),
    why="The report asks for better housing opportunities. A home is better when it is the person's own choice.",
    source=cabinet("4.14b"),
    caveats=(NOT_ASKED, PROXIES),
)
LEISURE_CHOSEN = _chosen(
    "leisure_chosen",
    "about what they do with others",
    "did something they chose, with others, in the last 4 weeks",
    id="learning_disability_leisure_chosen",
    title="Reviews at which the person had done something they chose, with others, in the last 4 weeks",
    kind=Outcome(
        level="individual",
        domain="contribution",
        told="people said that they had done something they chose, with others, in the last 4 weeks, at {} of reviews",
    ),
    answers=("4.14b",),
    why="The report asks for better access to leisure. What counts is that the person chose it and was not alone.",
    source=cabinet("4.14b"),
    caveats=(
        NOT_ASKED,
        PROXIES,
        "A session provided is not an activity chosen: see the mix of day sessions.",
    ),
)
CONTROL = _chosen(
    "control",
    "about control over their support",
    "has enough control over their support",
    id="learning_disability_control",
    title="Reviews at which the person said that they have enough control over their support",
    kind=Outcome(
        level="individual",
        domain="choice and control",
        told="people said that they have enough control over their support at {} of reviews",
    ),
    answers=("4.9", "4.11a"),
    why="The report wants people to have more choice and control over the services they use.",
    source=cabinet("4.9 and 4.11a"),
    caveats=(
        NOT_ASKED,
        PROXIES,
        "ASCOT scores are licensed: a council that holds a licence brings its own scores.",
    ),
)


def _by_proxy(own: Measure, asked: str, said: str, title: str, told: str) -> Measure:
    """The same question, where somebody else answered it for the person."""
    column = own.id.removeprefix("learning_disability_")
    return _chosen(
        column,
        asked,
        f"said to have {said}",
        proxy=True,
        id=f"learning_disability_by_proxy_{column}",
        title=f"Reviews at which somebody else said that the person {title}",
        kind=told_as(own.kind, told),
        answers=own.answers,
        why=BY_PROXY_WHY,
        source=own.source,
        caveats=BY_PROXY_CAVEATS,
        spend_scope="none",
    )


HOME_CHOSEN_BY_PROXY = _by_proxy(
    HOME_CHOSEN,
    "about their home",
    "chosen where they live and with whom",
    "chose where they live and with whom",
    "somebody else said that the person chose their home, and with whom they live, at {} of reviews",
)
LEISURE_CHOSEN_BY_PROXY = _by_proxy(
    LEISURE_CHOSEN,
    "about what they do with others",
    "done something they chose, with others, in the last 4 weeks",
    "had done something they chose, with others",
    "somebody else said that the person had done something they chose, with others, at {} of reviews",
)
CONTROL_BY_PROXY = _by_proxy(
    CONTROL,
    "about control over their support",
    "enough control over their support",
    "has enough control over their support",
    "somebody else said that the person has enough control over their support at {} of reviews",
)

MEASURES = (
    OWN_GOAL_MET,
    GOAL_KEPT,
    PAID_WORK,
    PAID_WORK_16_HOURS,
    PAID_WORK_AS_PUBLISHED,
    ASCOF_1E,
    ASCOF_1G,
    HOME_CHOSEN,
    HOME_CHOSEN_BY_PROXY,
    LEISURE_CHOSEN,
    LEISURE_CHOSEN_BY_PROXY,
    CONTROL,
    CONTROL_BY_PROXY,
)
