"""The whole of a pilot file, and of what one council agreed beside it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from commissioning.methods.gates import Gates
from commissioning.pilot.agreed import (
    Assumption,
    Balance,
    Benefit,
    Break,
    BusinessCase,
    Collaboration,
    Contribution,
    Dates,
    Decision,
    Floor,
    Innovation,
    Lesson,
    LogEntry,
    Need,
    OwnSpend,
    Priority,
    Quality,
    Reply,
    ResourceChange,
    Sharing,
    Theory,
    Voice,
)
from commissioning.pilot.design import Design
from commissioning.pilot.disclosed import Disclosure
from commissioning.pilot.part import Part

LISTS = (
    "floors", "priorities", "assumptions", "decisions_log", "engagement", "benefits", "sharing", "needs", "business_cases",
    "contributions", "collaboration", "resource_changes", "lessons", "replies", "balance", "innovation", "breaks",
)  # fmt: skip
AGREED = ("weights", "hours_in_proportion", "days_promised", "corporate_plan")
ELSEWHERE = "Not written for this area: it was agreed for another"


class Pilot(Part):
    """One service under evaluation."""

    name: str
    title: str
    question: str
    easy_title: str
    easy_words: dict[str, str] = Field(
        default_factory=dict,
        description='measure id → what completes "8 out of 10 people …" in Easy Read; also `about`, `before` and `change`',
    )
    organisation: str = ""
    department: str = ""
    contact: str = ""
    reply_by_post: str = ""
    reply_by_phone: str = ""
    people_pay_charges: bool = Field(default=True, description="False where the service asks nobody to pay towards it")
    area: str = Field(
        default="", pattern=r"^([A-Z][0-9]{8})?$", description="the area that these words were agreed for"
    )
    area_name: str = ""
    perspective: str
    price_base: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")
    includes_overheads: str = "Published spend follows each return's own rules on overheads; of other spend it is not written whether they are in."
    tables: tuple[str, ...]
    measures: tuple[str, ...] = ()
    published_measures: tuple[str, ...] = ()
    support_reason: str = ""
    spend_age_band: str = ""
    payment_units: tuple[str, ...] = Field(
        default=(),
        description="how the names of the council's own cost centres for this service begin; * stands for anything",
    )
    levels: tuple[str, ...] = ("locality",)
    design: Design | None = None
    gates: Annotated[Gates, BeforeValidator(Gates.of)] = Gates()
    gates_for: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="measure id → gates that are other for it than under [gates]"
    )
    floors: tuple[Floor, ...] = ()
    decision: Decision = Decision()
    weights: dict[str, float] = Field(default_factory=dict)
    priorities: tuple[Priority, ...] = ()
    theory: Theory
    hours_in_proportion: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="risk → lowest and highest hours of monitoring for each £1,000, as agreed",
    )
    assumptions: tuple[Assumption, ...] = ()
    decisions_log: tuple[LogEntry, ...] = ()
    engagement: tuple[LogEntry, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    sharing: tuple[Sharing, ...] = ()
    needs: tuple[Need, ...] = ()
    business_cases: tuple[BusinessCase, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    collaboration: tuple[Collaboration, ...] = ()
    innovation: tuple[Innovation, ...] = ()
    resource_changes: tuple[ResourceChange, ...] = ()
    closes_after_months: int = Field(
        default=3,
        ge=0,
        le=24,
        description="months after its end for which a year stays open: its figures are provisional",
    )
    disclosure: Disclosure = Disclosure()
    breaks: tuple[Break, ...] = Field(default=(), description="known changes of counting, at which charts begin anew")
    planning_and_community_safety: str = Field(default="", description="what arises for either, or that nothing does")
    days_promised: dict[Literal["decide", "notice", "pay"], int] = Field(
        default_factory=dict, description="days within which to decide, to give notice and to pay (5.4)"
    )
    lessons: tuple[Lesson, ...] = ()
    corporate_plan: dict[str, str] = Field(default_factory=dict, description="measure id → Corporate Plan priority")
    own_spend: dict[str, OwnSpend] = Field(
        default_factory=dict, description="measure id of spend → what it is called, and whose money it is"
    )
    replies: tuple[Reply, ...] = ()
    dates: Dates = Dates()
    balance: tuple[Balance, ...] = ()
    quality: Quality = Quality()
    folder: Path = Path()

    @model_validator(mode="after")
    def _gates_are_known(self) -> Pilot:
        for measure in self.gates_for:
            try:
                self.gates_of(measure)
            except ValueError as wrong:
                raise ValueError(f"gates_for.{measure}: {wrong}") from None
        return self

    def gates_of(self, measure: str) -> Gates:
        """The gates of one measure: those of the pilot, with what `gates_for` says of it; people who were picked are asked about."""
        picked = self.design is not None and self.design.picked != "no"
        asked = asdict(self.gates) | ({"picked_people": True} if picked else {})
        return Gates.of(asked | self.gates_for.get(measure, {}))

    def worthwhile_change_of(self, measure: str) -> float:
        """The smallest change worth having in an outcome, in its unit: that of its floor, else the design's; 0 where none was agreed."""
        agreed = {one.measure: one.worthwhile_change for one in self.floors}
        return agreed.get(measure, self.design.minimum_worthwhile_change if self.design else 0.0)

    def as_said_by(self, voice: Voice) -> Pilot:
        """This pilot in the words of whoever speaks. Floors, plans, duties and registers were agreed for one area, so of
        another none of them is said."""
        kept: dict[str, Any] = voice.model_dump(exclude={"own", "author", "logo"})
        if not voice.own:
            kept |= dict.fromkeys(LISTS, ()) | dict.fromkeys(AGREED, {})
            kept |= {"planning_and_community_safety": "", "quality": Quality(), "dates": Dates()}
            kept["own_spend"] = {
                name: one.model_copy(update={"meant_as": "not said", "said_by": ""})
                for name, one in self.own_spend.items()
            }
            kept["decision"] = Decision(
                statutory_duty=ELSEWHERE,
                equality_impact_assessment=ELSEWHERE,
                alternative=ELSEWHERE,
                market_impact=ELSEWHERE,
                notice_months=self.decision.notice_months,
                replies_open_days=self.decision.replies_open_days,
            )
        return self.model_copy(update=kept)
