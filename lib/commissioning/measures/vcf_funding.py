"""What the voluntary, community and faith funding pilot counts: the outcomes.

Unlike outcomes are never summed: a figure over several domains counts different people who
reached the outcome agreed with them, and is to be read domain by domain.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from commissioning.measures.definition import Measure, Outcome, Rule, Source, told_as

READ_ON = date(2026, 11, 21)
PILOT_BEGAN = date(2011, 10, 1)
GRADED = ("a", "b", "c")
KNOWN = ("yes", "no")


def cabinet(paragraphs: str) -> Source:
    """The 2011 report, and where in it."""
    return Source(
        title="Development of an outcome based commissioning framework, a report to a council's Cabinet",
        reference=f"Cabinet report 2 June 2011, {paragraphs}",
        read_on=READ_ON,
    )


OUTCOME_REACHED = Measure(
    id="vcf_funding_outcome_reached",
    title="People who reached the outcome agreed with the organisation",
    kind=Outcome(
        level="service",
        domain="agreed with the organisation",
        told="{} of people reached the outcome agreed with the organisation",
    ),
    answers=("4.6",),
    table="supported",
    one_row_is="one person helped under an agreement, once on each page and once in totals",
    one_row_per=("person_id",),
    several_rows="one that achieved",
    period_from="period",
    population=(),
    not_applicable=None,
    achieved=Rule(
        says="the outcome was reached, with evidence graded a, b or c",
        of=lambda s: s["outcome_reached"].eq("yes") & s["evidence_grade"].isin(GRADED),
    ),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="the result is not recorded, or is said to be reached with no evidence graded",
        of=lambda s: (
            ~s["outcome_reached"].isin(KNOWN) | (s["outcome_reached"].eq("yes") & ~s["evidence_grade"].isin(GRADED))
        ),
    ),
    unknown_is="shown as bounds",
    person="person_id",
    organisation="organisation_id",
    stands_behind="people",
    groups=("department", "organisation_id", "domain"),
    per=100,
    unit="% of people supported whose result is known",
    better="higher",
    aim=None,
    spend_scope="purpose",
    primary=True,
    why="'What good did you achieve for your customer' is the question the report puts to every organisation.",
    source=cabinet("4.6"),
    caveats=(
        "Outcomes differ by agreement: read it by domain. The total counts people, and adds no outcomes up.",
        "A person helped by two funders counts on each one's page and once in totals.",
        "Help to claim a benefit counts only where the benefit was received.",
        "Told to us by the organisations; the grade says how good their evidence is.",
        "A change in a person's score from start to finish, with nobody to compare, is described at most.",
    ),
    in_force_from=PILOT_BEGAN,
)

TARGET_MET = replace(
    OUTCOME_REACHED,
    id="vcf_funding_target_met",
    kind=told_as(OUTCOME_REACHED.kind, "the target was met at {} of agreements"),
    title="Agreements that met the target agreed for them",
    answers=("App. 2 2.2c",),
    table="returns",
    one_row_is="one agreement, at its latest return asked for in the period",
    one_row_per=("grant_id",),
    several_rows="the latest that applies",
    not_applicable=Rule(
        says="no return was asked for: the award is below the threshold, or none is due",
        of=lambda r: r["asked"].eq("no"),
    ),
    achieved=Rule(says="the return says that the target was met", of=lambda r: r["target_met"].eq("yes")),
    unknown=Rule(
        says="a return was asked for and has not come, or does not say",
        of=lambda r: r["received"].ne("yes") | ~r["target_met"].isin(KNOWN),
    ),
    person=None,
    stands_behind="organisations",
    unit="% of agreements with a return due",
    primary=False,
    why="The report wants spending seen as an investment in outcomes, judged by results against what was agreed.",
    source=cabinet("Appendix 2, 2.2c"),
    caveats=(
        "Counts agreements, never adds up targets or percentages of them: unlike outcomes have no sum.",
        "Not asked is not applicable, never unknown: small awards owe one short return only.",
        "An easy target is easier to meet.",
    ),
)

OUTCOME_KEPT = replace(
    OUTCOME_REACHED,
    id="vcf_funding_outcome_kept",
    title="People whose outcome still held at 6 months",
    kind=Outcome(
        level="individual",
        domain="quality of life",
        again=True,
        told="the outcome still held at 6 months for {} of people whose check was due",
    ),
    answers=("4.1",),
    several_rows="the latest that applies",
    not_applicable=Rule(says="no 6-month check was due", of=lambda s: s["outcome_kept"].eq("not applicable")),
    achieved=Rule(says="the outcome still held at 6 months", of=lambda s: s["outcome_kept"].eq("yes")),
    unknown=Rule(
        says="the 6-month check was due, and its answer is not recorded",
        of=lambda s: ~s["outcome_kept"].isin([*KNOWN, "not applicable"]),
    ),
    unit="% of people whose 6-month check was due",
    primary=False,
    why="The report asks for improvements that last.",
    source=cabinet("4.1"),
    caveats=(
        "People who could not be found again are unknown, and shown as bounds: they may differ.",
        "A person helped by two funders counts on each one's page and once in totals.",
    ),
)

WHAT_GOOD = replace(
    OUTCOME_REACHED,
    id="vcf_funding_what_good",
    title="People who say the help made the difference they wanted",
    kind=Outcome(
        level="individual",
        domain="choice and control",
        told="{} of people asked said that the help made the difference they wanted",
    ),
    answers=("4.6",),
    several_rows="the latest that applies",
    not_applicable=Rule(says="the person was not asked", of=lambda s: s["made_difference"].eq("not asked")),
    achieved=Rule(says="answered 'it made the difference I wanted'", of=lambda s: s["made_difference"].eq("yes")),
    unknown=Rule(
        says="asked, and the answer is not recorded",
        of=lambda s: ~s["made_difference"].isin([*KNOWN, "not asked"]),
    ),
    unit="% of people asked",
    primary=False,
    why="The report's question is what good was done. The person helped is the first to ask.",
    source=cabinet("4.6"),
    caveats=(
        "Not being asked is not a 'no' and not unknown: it is counted apart.",
        "People may be kind about those who help them, above all when those people ask.",
    ),
    judged_by=Rule(says="the person answered for themselves", of=lambda s: s["made_difference"].isin(KNOWN)),
)

NO_CARE_YET = replace(
    OUTCOME_REACHED,
    id="vcf_funding_no_care_yet",
    title="People helped who had no long-term care 12 months later",
    kind=Outcome(level="strategic", domain="health", told="{} of people helped had no long-term care 12 months later"),
    answers=("4.9", "App. 2 2.2c"),
    several_rows="the latest that applies",
    population=(
        Rule(
            says="linked lawfully to the council's care records",
            of=lambda s: s["lawfully_linked"].eq("yes"),
        ),
    ),
    not_applicable=Rule(
        says="12 months have not passed",
        of=lambda s: s["long_term_care_at_12_months"].eq("not applicable"),
    ),
    achieved=Rule(says="no long-term care at 12 months", of=lambda s: s["long_term_care_at_12_months"].eq("no")),
    unknown=Rule(
        says="whether there was long-term care at 12 months is not recorded",
        of=lambda s: ~s["long_term_care_at_12_months"].isin([*KNOWN, "not applicable"]),
    ),
    unit="% of people linked",
    primary=False,
    why="The report wants people kept healthy and independent, and asks for investment in prevention.",
    source=cabinet("4.9 and Appendix 2, 2.2c"),
    caveats=(
        "Most people would have had no care without the help too: this does not say why.",
        "Only people who may lawfully be linked are here, and they may differ from the others.",
        "Not a saving: money not spent this way is avoided and unproven at best.",
    ),
    judged_by="a fact",
)

SMALL_SURVIVAL = Measure(
    id="vcf_funding_small_survival",
    title="Small or equality-led organisations still operating 12 months after funding",
    kind=Outcome(
        level="strategic",
        domain="contribution",
        told="{} of small or equality-led organisations were still operating 12 months after funding",
    ),
    answers=("5.4", "11.1"),
    table="organisations",
    one_row_is="one organisation, in the year it was first funded",
    one_row_per=("organisation_id",),
    several_rows="the latest",
    period_from="first_funded",
    population=(
        Rule(
            says="small, or led by the people whose equality it is for",
            of=lambda o: o["small"].eq("yes") | o["equality_led"].eq("yes"),
        ),
    ),
    not_applicable=Rule(
        says="12 months have not passed",
        of=lambda o: o["operating_at_12_months"].eq("not applicable"),
    ),
    achieved=Rule(says="still operating at 12 months", of=lambda o: o["operating_at_12_months"].eq("yes")),
    amount=None,
    out_of=None,
    unknown=Rule(
        says="whether it still operates is not recorded",
        of=lambda o: ~o["operating_at_12_months"].isin([*KNOWN, "not applicable"]),
    ),
    unknown_is="shown as bounds",
    person=None,
    organisation="organisation_id",
    stands_behind="organisations",
    groups=("department",),
    per=100,
    unit="% of small or equality-led organisations funded",
    better="higher",
    aim=None,
    spend_scope="shared",
    primary=False,
    why="The report names the risk that small organisations working with equalities groups lose out, and "
    "commits the Council to supporting them.",
    source=cabinet("5.4 and 11.1"),
    caveats=(
        "An organisation may close for reasons that have nothing to do with funding, or merge and go on.",
        "A sole provider leaving is a harm flag, whatever this figure says.",
    ),
    in_force_from=PILOT_BEGAN,
    judged_by="a fact",
)

MEASURES = (OUTCOME_REACHED, TARGET_MET, OUTCOME_KEPT, WHAT_GOOD, NO_CARE_YET, SMALL_SURVIVAL)
