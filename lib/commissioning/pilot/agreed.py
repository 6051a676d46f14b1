"""What was agreed and answered, and by whom: floors, the decision, registers, replies. A list or a table of the file each."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from commissioning import clock
from commissioning.pilot.part import Part

Rating = Literal["red", "amber", "green"]


class Floor(Part):
    """A floor agreed for one outcome, and the smallest change worth having."""

    measure: str
    floor: float
    worthwhile_change: float
    agreed_on: date
    agreed_with: str
    worth: float | None = Field(default=None, gt=0, description="pounds for one more person, as agreed")


class Confirmed(Part):
    """What a named person has confirmed. Without every one, no evidence ever supports preparing to stop."""

    not_a_statutory_duty: bool = False
    equality_impact_assessment_attached: bool = False
    alternative_open: bool = False
    market_impact_checked: bool = False
    by: str = Field(default="", description="who confirmed it")


class Reply(Part):
    """What somebody replied to a report: people who use the service, carers, providers. No names of people."""

    on: date
    who: str
    said: str
    answered: str = Field(default="", description="what was done about it")


class Dates(Part):
    """What is due when, beside a decision on the pilot; each only where the council entered it."""

    replies_from: date | None = None
    replies_until: date | None = None
    providers_notice: date | None = None
    key_decision_notice: date | None = None
    papers_published: date | None = None
    decision_on: date | None = None
    call_in_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Dates:
        for first, then in (("replies_from", "replies_until"), ("key_decision_notice", "decision_on"),
                            ("papers_published", "decision_on"), ("decision_on", "call_in_until")):  # fmt: skip
            before, after = getattr(self, first), getattr(self, then)
            if before and after and after < before:
                raise ValueError(f"dates: {then} is before {first}: mend one of them")
        return self

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """Each date that was entered with what it is, in the order in which they fall due."""
        held = [(day, DATE_WORDS[name]) for name, day in self if day is not None]
        return [(words, clock.in_words(day)) for day, words in sorted(held, key=lambda one: one[0])]


DATE_WORDS = {
    "replies_from": "Replies are open from",
    "replies_until": "Replies are open until",
    "providers_notice": "Providers are given notice on",
    "key_decision_notice": "Notice of the key decision",
    "papers_published": "Papers are published on",
    "decision_on": "The decision is made on",
    "call_in_until": "It may be called in until",
}


class OwnSpend(Part):
    """What a measure of spend is called on the page, and whose money it is."""

    called: str
    whose: str
    meant_as: Literal["prevention", "consequence", "both", "not said"] = Field(
        default="not said", description="prevention, or the consequence of what was not prevented (Appendix 2, 2.2c)"
    )
    said_by: str = Field(default="", description="who says what it is meant as")


class Balance(Part):
    """How value for money and public value were weighed (Appendix 2, 2.2b), in members' or officers' words."""

    says: str
    by: str
    on: date


class MoreEvidence(Part):
    """Where more evidence is asked for: at what cost it comes, who gathers it, and by when."""

    cost: str = ""
    who: str = ""
    by_when: str = ""


class Decision(Part):
    """What is asked first, before any figure (domain words: members decide)."""

    statutory_duty: str = "Not answered yet"
    equality_impact_assessment: str = "Not answered yet"
    alternative: str = "Not answered yet"
    market_impact: str = "Not answered yet"
    notice_months: int = Field(default=3, ge=3)
    replies_open_days: int = 28
    planned_spend: dict[str, int] = Field(
        default_factory=dict, description="planned spend in whole pounds by financial year"
    )
    chance_agreed: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="the least chance that the gain is worth its cost with which to continue, as agreed; 0.5 where nothing was",
    )
    harm_flags: tuple[str, ...] = ()
    more_evidence: MoreEvidence = MoreEvidence()
    confirmed: Confirmed = Confirmed()
    planned_line: str = Field(
        default="",
        description="the spend line that the plan is of, as the page names it; empty: the pilot's own spend",
    )


class Assumption(Part):
    says: str
    quality: Rating
    impact: Rating
    owner: str


class LogEntry(Part):
    on: date
    who: str
    said: str
    changed: str
    paid: Literal["yes", "no", "not applicable"] = "not applicable"
    stage: str = ""


class Benefit(Part):
    benefit: str
    kind: Literal["cashable", "non-cashable", "avoided", "outcome"]
    expected: str
    measure: str = ""
    owner: str
    due: str
    promised_to: str = Field(default="", description="to whom it was promised, such as the Cabinet of a day")


class Sharing(Part):
    table: str
    purpose: str
    lawful_basis: str
    controller: str
    impact_assessment: str
    may_see: str
    returns_to_providers: str


class Need(Part):
    """A need that somebody identified apart from who uses the service now (4.12, 4.13f)."""

    need: str
    identified_by: str
    evidence: str
    on: date
    people: int | None = Field(default=None, ge=0, description="how many people are thought to have it")


class BusinessCase(Part):
    """What is expected of one option, before it is chosen (4.4)."""

    option: str
    provision: Literal["direct", "partnership", "open market", "mixed"]
    style: Literal["influence", "enable", "shape", "procure"] = "procure"
    cost_gbp: int | None = Field(default=None, description="whole pounds a year")
    expects: str
    evidence: str = Field(description="what is known to work, and where that was found")
    written_by: str
    document: str = ""


class Contribution(Part):
    """A service that helps to bring an outcome about, and how the council acts on it (App. 2 2.2 d to k)."""

    outcome: str = Field(description="measure id")
    service: str
    by: str
    style: Literal["influence", "enable", "shape", "procure"]
    level: str = Field(description="where it is best driven: whole borough, locality, service, provider")


class Collaboration(Part):
    """What was tried with others, and who carries the risk (4.11e)."""

    with_whom: str
    what: str
    since: date | None = None
    risk_shared: str
    came_of_it: str


class Innovation(Part):
    """Something new that was tried, whether it worked, and what was learnt: kept also where it did not work (4.11f)."""

    tried: str
    on: date | None = Field(default=None, description="when it was last looked at")
    result: Literal["worked", "did not work", "not known yet"]
    learnt: str = Field(default="", description="what was learnt; empty where no lesson is written yet")
    evidence: str = Field(default="", description="what the result rests on, and who judged it")


class Break(Part):
    """A change in how something is counted or recorded that somebody knows of: no line is drawn across it."""

    at: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}( Q[1-4])?$", description="the first year or quarter counted anew")
    measures: tuple[str, ...] = Field(default=(), description="measure ids; none means every measure")
    says: str


class ResourceChange(Part):
    """A change of rules, of budgets between departments, or of staff (9.1, 9.2)."""

    kind: Literal["rules", "virement", "staff transfer"]
    what: str
    amount_gbp: int | None = Field(default=None, description="whole pounds; staff transfers may leave it out")
    on: date
    reported_to: str


class Lesson(Part):
    lesson: str
    learnt_from: str
    applies_to: str


class Priority(Part):
    option: str
    scores: dict[str, float]
    scored_by: str
    evidence: str


class Theory(Part):
    inputs: tuple[str, ...]
    processes: tuple[str, ...]
    outputs: tuple[str, ...]
    individual: tuple[str, ...]
    service: tuple[str, ...]
    strategic: tuple[str, ...]


class Quality(Part):
    """Named people for assurance: the assurer is not the analyst."""

    analyst: str = "Not named yet"
    assurer: str = "Not named yet (must be another person)"


class Voice(Part):
    """Who speaks on a page: the council's own words, the sample's, or, for any other area, its official name alone.

    `own` is False where the page is of another area than the one for which floors, plans and registers were agreed; `area` is
    that one's: a pilot file that names none is its council's, whose starts and cost centres count like anybody's.
    """

    area: str
    organisation: str
    contact: str
    reply_by_post: str = ""
    reply_by_phone: str = ""
    area_name: str
    author: str = ""
    logo: str = Field(default="", description="a picture as a data URI")
    own: bool
