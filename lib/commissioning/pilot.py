"""A pilot: one service under evaluation, read from `pilots/<name>/pilot.toml`.

Everything that changes from council to council or run to run stands in that file; a
misspelt field is refused by name. What is measured stands in `commissioning.measures`.

Longer than 400 lines, because it is the schema of one file: a class for each of its tables, read best in one place.
"""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commissioning.errors import UsageError

Rating = Literal["red", "amber", "green"]


class Part(BaseModel):
    """Base of every part of a pilot file: frozen, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Design(Part):
    """How the pilot was set up, so that its effect can be estimated (decided before the data)."""

    kind: Literal["staggered", "before_after", "interrupted", "none"]
    unit: str = Field(description="column that names the units that start at different times: ward, department")
    outcomes: tuple[str, ...] = Field(default=(), description="measures whose change is estimated, named beforehand")
    minimum_worthwhile_change: float = Field(
        description="in the measure's own units, agreed with people who use the service"
    )


class Gates(Part):
    """What an estimate must pass before it is shown. Written before the data are seen."""

    periods_before: int = 8
    units: int = 10
    started_units: int = 4
    completeness: float = 0.8
    pre_trend_p: float = 0.05
    placebo_p: float = 0.05
    negative_control_share: float = 0.2
    no_series_break: bool = True
    calibrated: bool = True


class Floor(Part):
    """A floor agreed beforehand for one outcome, and the smallest change worth having."""

    measure: str
    floor: float
    worthwhile_change: float
    agreed_on: date
    agreed_with: str
    worth: float | None = Field(default=None, gt=0, description="pounds for one more person, agreed beforehand")


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

    statutory_duty: str
    equality_impact_assessment: str
    alternative: str
    market_impact: str
    notice_months: int = Field(ge=3)
    replies_open_days: int = 28
    planned_spend: dict[str, int] = Field(
        default_factory=dict, description="planned spend in whole pounds by financial year"
    )
    harm_flags: tuple[str, ...] = ()
    more_evidence: MoreEvidence = MoreEvidence()
    confirmed: Confirmed = Confirmed()
    planned_line: str = Field(
        default="",
        description="the spend line that the plan is of, as the page names it; empty: the largest that is no award",
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

    analyst: str
    assurer: str


LISTS = (
    "floors", "priorities", "assumptions", "decisions_log", "engagement", "benefits", "sharing", "needs", "business_cases",
    "contributions", "collaboration", "resource_changes", "lessons", "replies", "balance", "breaks",
)  # fmt: skip
PLANNED = "planned_spend"
AGREED = ("weights", "hours_in_proportion", "days_promised", "corporate_plan", PLANNED)
Agreed = Literal["weights", "hours_in_proportion", "days_promised", "corporate_plan", "planned_spend"]
ELSEWHERE = "Not written for this area: pilot.toml was agreed for another"


class Pilot(Part):
    """One service under evaluation."""

    name: str
    title: str
    question: str
    easy_title: str
    easy_words: dict[str, str] = Field(
        default_factory=dict,
        description='measure id → what completes "8 out of 10 people …" in Easy Read; also `about` and `change`',
    )
    organisation: str
    department: str
    contact: str
    reply_by_post: str = ""
    reply_by_phone: str = ""
    people_pay_charges: bool = Field(default=True, description="False where the service asks nobody to pay towards it")
    area: str = Field(pattern=r"^[A-Z][0-9]{8}$")
    area_name: str
    perspective: str
    price_base: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$")
    includes_overheads: str
    tables: tuple[str, ...]
    measures: tuple[str, ...] = ()
    published_measures: tuple[str, ...] = ()
    support_reason: str = ""
    spend_age_band: str = ""
    payment_units: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("locality",)
    design: Design | None = None
    gates: Gates = Gates()
    gates_for: dict[str, dict[str, Any]] = Field(default_factory=dict)
    floors: tuple[Floor, ...] = ()
    decision: Decision
    weights: dict[str, float] = Field(default_factory=dict)
    priorities: tuple[Priority, ...] = ()
    theory: Theory
    hours_in_proportion: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="risk → lowest and highest hours of monitoring for each £1,000, agreed beforehand",
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
    balance: tuple[Balance, ...] = ()
    illustrative: tuple[Agreed, ...] = Field(
        default=(), description="fields whose values are made up: left out where the extracts are a council's own"
    )
    quality: Quality
    folder: Path = Path()

    def as_for(self, *, illustrative: bool, area: str) -> Pilot:
        """This pilot as it may be said of some extracts: without what is made up, or was agreed for another area.

        What is marked illustrative (a field named in `illustrative`, or an entry of which some words begin
        "Illustrative") stands beside illustrative extracts alone. Floors, plans, duties and registers were agreed for
        the pilot's own area, so of another area none of them is said.
        """
        kept: dict[str, Any] = {}
        if not illustrative:
            for name in LISTS:
                kept[name] = tuple(one for one in getattr(self, name) if not is_illustrative(one))
            kept["own_spend"] = {
                name: one.model_copy(update={"meant_as": "not said", "said_by": ""}) if is_illustrative(one) else one
                for name, one in self.own_spend.items()
            }
            kept |= {name: {} for name in self.illustrative if name != PLANNED}
            if PLANNED in self.illustrative:
                kept["decision"] = self.decision.model_copy(update={"planned_spend": {}})
        if area != self.area:
            kept |= dict.fromkeys(LISTS, ()) | {name: {} for name in AGREED if name != PLANNED}
            kept["decision"] = Decision(
                statutory_duty=ELSEWHERE,
                equality_impact_assessment=ELSEWHERE,
                alternative=ELSEWHERE,
                market_impact=ELSEWHERE,
                notice_months=self.decision.notice_months,
                replies_open_days=self.decision.replies_open_days,
            )
        return self.model_copy(update=kept)


def is_illustrative(entry: Part) -> bool:
    """True where some words of an entry say that they are illustrative."""
    return any(isinstance(one, str) and one.startswith("Illustrative") for one in entry.__dict__.values())


def home() -> Path:
    """The checkout: the nearest folder at or above the working directory that holds pilots/ and notebooks/.

    Falls back to the checkout that this package was installed from, so that a scheduled
    run need not start in any particular folder.
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "pilots").is_dir() and (folder / "notebooks").is_dir():
            return folder
    installed = Path(__file__).resolve().parents[2]
    if (installed / "pilots").is_dir():
        return installed
    raise UsageError(
        "no pilots/ folder here or above: start the command in the workbench's folder "
        "(the one that holds pilots/ and notebooks/)"
    )


def names(root: Path | None = None) -> tuple[str, ...]:
    """Names of all pilots: the folders of pilots/ that hold a pilot.toml, in order."""
    folder = (root or home()) / "pilots"
    return tuple(sorted(one.parent.name for one in folder.glob("*/pilot.toml")))


def sample_of(name: str, root: Path | None = None) -> Path:
    """The folder of a pilot's illustrative extracts: its own `sample/`, else the workbench's `data/sample`.

    A pilot that `commissioning new` made has its own, which no other pilot reads.
    """
    root = root or home()
    own = root / "pilots" / name / "sample"
    return own if own.is_dir() else root / "data" / "sample"


def _fault(error: ValidationError) -> str:
    """The first thing that is wrong with a pilot file, in words; a misspelt name beside the name that is missing."""
    found = error.errors()
    strange = [one for one in found if one["type"] == "extra_forbidden"]
    missing = {str(one["loc"][-1]) for one in found if one["type"] == "missing"}
    first = strange[0] if strange else found[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing: write it"
    if first["type"] != "extra_forbidden":
        return f"field {where}: {first['msg'].removeprefix('Value error, ')}"
    near = difflib.get_close_matches(str(first["loc"][-1]), sorted(missing | _names_of_fields()), n=1)
    return f"{where} is not a field here" + (
        f": did you mean {near[0]}?" if near else ": see docs/how-to/add-a-pilot.md"
    )


def _names_of_fields() -> set[str]:
    """Every field that a pilot file may hold, at any depth."""
    parts = [one for one in globals().values() if isinstance(one, type) and issubclass(one, BaseModel)]
    return {name for part in parts for name in part.model_fields}


def load(name: str, root: Path | None = None) -> Pilot:
    """Read and check one pilot file.

    Raises UsageError where the pilot does not exist (naming the nearest) or where its
    file breaks the rules (naming the field).
    """
    root = root or home()
    known = names(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the pilots are: {', '.join(known) or 'none yet'}"
        raise UsageError(f"no pilot is called {name!r}: {hint}")
    path = root / "pilots" / name / "pilot.toml"
    try:
        with path.open("rb") as file:
            fields = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"pilots/{name}/pilot.toml is not valid TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"pilots/{name}/pilot.toml cannot be read: {error.strerror}") from None
    try:
        pilot = Pilot(**{"name": name, **fields, "folder": path.parent})
    except ValidationError as error:
        raise UsageError(f"pilots/{name}/pilot.toml, {_fault(error)}") from None
    if pilot.name != name:
        raise UsageError(f"pilots/{name}/pilot.toml: name is {pilot.name!r} but its folder is {name!r}; make them one")
    if pilot.quality.analyst == pilot.quality.assurer:
        raise UsageError(f"pilots/{name}/pilot.toml, quality: the assurer may not be the analyst")
    return pilot
