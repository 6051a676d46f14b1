"""A pilot: one service under evaluation, read from `pilots/<name>/pilot.toml`.

That file says what is true of any council: the question, the design, the gates, what is measured. What one council agreed and
answered (floors, plans, duties, registers) stands in a file of its own, `agreed.toml`: a council's beside its pilot file, the
sample's beside the sample. A misspelt field is refused by name. What is measured stands in `commissioning.measures`.

Longer than 400 lines, because it is the schema of one file: a class for each of its tables, read best in one place.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from commissioning import sample_list, toml
from commissioning.errors import UsageError
from commissioning.methods.gates import Gates

Rating = Literal["red", "amber", "green"]


class Part(BaseModel):
    """Base of every part of a pilot file: frozen, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


QUARTER = r"^[0-9]{4}-[0-9]{2} Q[1-4]$"
EVERYBODY = "everybody"


class Design(Part):
    """How the pilot was set up, which decides how its effect is estimated (written before the data are seen).

    `staggered`: places start at different times, as the table `starts` says. `before_after`: all that start do so at once,
    beside places that did not; or everybody starts, and what people picked at a low point would have gained anyway is
    taken off. `interrupted`: one series, and whether its level changed. `synthetic`: one place or a few, beside the
    mix of others that was nearest before. `none`: no effect is estimated, and levels are shown alone.
    """

    kind: Literal["staggered", "before_after", "interrupted", "synthetic", "none"]
    unit: str = Field(default="", description="column that names what starts: ward, provider, department")
    outcomes: tuple[str, ...] = Field(default=(), description="measures whose change is estimated")
    minimum_worthwhile_change: float = Field(
        default=0.0, ge=0, description="in the measure's own units, agreed with people who use the service"
    )
    start: str = Field(
        default="",
        description='the first quarter with the pilot, "2013-14 Q1"; empty: the one quarter that the table `starts` holds',
    )
    started: tuple[str, ...] | Literal["everybody"] = Field(
        default=(), description="the units that started then, or everybody; empty: those of the table `starts`"
    )
    compare_with: tuple[str, ...] = Field(
        default=(), description="the only units to compare with (for synthetic, to mix); empty: all that did not start"
    )
    picked: Literal["no", "low", "high"] = Field(
        default="no", description="whether those that started were picked for low or high scores of these outcomes"
    )
    chosen_share: float | None = Field(
        default=None, gt=0, lt=1, description="the share of all that was picked: 0.1 for the lowest tenth"
    )
    population_mean: dict[str, float] = Field(
        default_factory=dict, description="measure id → mean of all from whom they were picked, in the measure's unit"
    )
    reliability: float | None = Field(
        default=None, ge=0, le=1, description="correlation of two scores of the same people, known from elsewhere"
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Design:
        if wrong := _unfit(self):
            raise ValueError(wrong)
        return self


# What each kind of design takes beside unit, outcomes and the smallest change worth having.
_TAKES = {
    "staggered": set(),
    "before_after": {"start", "started", "compare_with", "picked", "chosen_share", "population_mean", "reliability"},
    "interrupted": {"start", "started"},
    "synthetic": {"start", "started", "compare_with"},
    "none": set(),
}  # fmt: skip
_INSTEAD = {
    "start": "each unit's own start stands in the table `starts`",
    "started": "which units started stands in the table `starts`",
    "compare_with": "it goes with before_after and synthetic",
}


def _unfit(design: Design) -> str:
    """What a design lacks, or holds and cannot use, with what to write; empty where it fits its kind."""
    kind = design.kind
    for name in sorted({one for takes in _TAKES.values() for one in takes} - _TAKES[kind]):
        if getattr(design, name) != Design.model_fields[name].get_default(call_default_factory=True):
            return f'{name} is not used by kind = "{kind}": take it away ({_INSTEAD.get(name, "it goes with before_after")})'
    if kind == "none":
        return ""
    if not design.minimum_worthwhile_change:
        return "minimum_worthwhile_change is missing: write the smallest change worth having that was agreed"
    if not design.unit and (kind != "interrupted" or design.started):
        return 'unit is missing: write the column that names what starts, such as unit = "ward"'
    if design.start and not (
        re.match(QUARTER, design.start) and (int(design.start[:4]) + 1) % 100 == int(design.start[5:7])
    ):
        return f'start = "{design.start}": write the first quarter with the pilot, such as start = "2013-14 Q1"'
    if design.started and not design.start:
        return 'start is missing: write when they started, such as start = "2013-14 Q1"'
    if design.started == EVERYBODY and (design.compare_with or kind == "synthetic"):
        return 'started = "everybody" leaves nobody to compare with: name the units that started, or take compare_with away'
    if both := sorted(set(design.compare_with) & set(design.started)):
        return f"compare_with: {both[0]} stands under started too; write it once"
    if design.picked == "no":
        for name in ("chosen_share", "population_mean", "reliability"):
            if getattr(design, name) not in (None, {}):
                return f'picked is missing: {name} is used where people were picked; write picked = "low" (or "high")'
    elif design.chosen_share is None and not design.population_mean:
        return (
            "chosen_share is missing: people were picked by their scores, so write what share of all was picked "
            "(chosen_share = 0.1), or population_mean, so that what they would have gained anyway can be taken off"
        )
    return ""


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


class Disclosure(Part):
    """Rules of disclosure control that are stricter here than the house's. What is left out is the house's own.

    A looser one is refused when extracts are read: see `docs/explanation/disclosure.md` for what each protects.
    """

    suppress_to: int | None = Field(default=None, description="counts of 1 to this many are hidden: 7 or more")
    round_to: int | None = Field(
        default=None, description="shown counts are the nearest multiple of this: a multiple of 5"
    )
    significant_figures: int | None = Field(default=None, description="of amounts and costs: 2 or fewer")
    fewest_people_for_cost: int | None = Field(
        default=None, description="no amount and no cost stands on fewer people: 20 or more"
    )
    narrowest_interval: int | None = Field(
        default=None, description="how far apart the limits of a hidden count must be for an outsider: 5 or more"
    )
    merge_kinds: tuple[str, ...] | None = Field(
        default=None,
        description="kinds of group whose small members are shown together: provider, organisation, and more",
    )
    merge_below: int | None = Field(
        default=None, description="groups of those kinds with fewer people are small: 20 or more"
    )
    surest_guess: float | None = Field(
        default=None,
        description="share of right guesses at one answer by who knows all others: 0.6 or less, and more than 0.5",
    )
    cells_of_one_person: int | None = Field(
        default=None, description="figures of a measure in which one answer may stand: 2 to 6; fewer need less noise"
    )
    versions: int | None = Field(
        default=None, description="published versions of a year: 4 or more; more need more noise"
    )
    groups_in_open_years: bool | None = Field(
        default=None, description="whether groups are shown of a year still open; if they are, noise is larger"
    )
    zeros: Literal["of people", "of anything"] | None = Field(
        default=None, description="whose counts of none, and of all, are hidden: of people, or of organisations too"
    )
    two_make_nearly_all: float | None = Field(
        default=None, description="an amount of which two people make this share is not shown: 0.85 or less"
    )

    def asked(self) -> dict[str, Any]:
        """The rules that are written, by name."""
        return self.model_dump(exclude_none=True)


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
    own: bool


LISTS = (
    "floors", "priorities", "assumptions", "decisions_log", "engagement", "benefits", "sharing", "needs", "business_cases",
    "contributions", "collaboration", "resource_changes", "lessons", "replies", "balance", "innovation", "breaks",
)  # fmt: skip
AGREED = ("weights", "hours_in_proportion", "days_promised", "corporate_plan")
ELSEWHERE = "Not written for this area: it was agreed for another"
AGREED_FILE = "agreed.toml"


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

    def as_said_by(self, voice: Voice) -> Pilot:
        """This pilot in the words of whoever speaks. Floors, plans, duties and registers were agreed for one area, so of
        another none of them is said."""
        kept: dict[str, Any] = voice.model_dump(exclude={"own"})
        if not voice.own:
            kept |= dict.fromkeys(LISTS, ()) | dict.fromkeys(AGREED, {})
            kept |= {"planning_and_community_safety": "", "quality": Quality()}
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
        says = first["msg"].removeprefix("Value error, ")
        return says if where and says.startswith(where) else f"field {where}: {says}" if where else says
    near = difflib.get_close_matches(str(first["loc"][-1]), sorted(missing | _names_of_fields()), n=1)
    return f"{where} is not a field here" + (
        f": did you mean {near[0]}?" if near else ": see docs/how-to/add-a-pilot.md"
    )


def _names_of_fields() -> set[str]:
    """Every field that a pilot file may hold, at any depth."""
    parts = [one for one in globals().values() if isinstance(one, type) and issubclass(one, BaseModel)]
    return {name for part in parts for name in part.model_fields}


def agreed_for(name: str, root: Path, *, sample: bool) -> Path:
    """Where the words that one council agreed for a pilot stand: the sample's beside the sample, a council's own beside
    its pilot file (and not in git). The file need not be there."""
    if not sample:
        return root / "pilots" / name / AGREED_FILE
    made_up = sample_of(name, root)
    return (made_up / name if made_up == root / "data" / "sample" else made_up) / AGREED_FILE


def is_sample(data: Path, root: Path | None = None) -> bool:
    """True for the folder of the sample, or of the made-up extracts that came with a new pilot: known by its place."""
    root = root or home()
    places = [root / "data" / "sample", *(root / "pilots").glob("*/sample")]
    return data.resolve() in {one.resolve() for one in places}  # also where the place is a link to another folder


def refuse_own_in_sample(data: Path, root: Path | None = None, read: Mapping[str, str] | None = None) -> None:
    """Raise DataRefused where a folder is the sample by its place and holds another extract than the sample's list names."""
    if is_sample(data, root):
        sample_list.refuse_others(data, read)


def load(name: str, root: Path | None = None, *, sample: bool = True) -> Pilot:
    """Read and check one pilot file, with the words that were agreed: the sample's, or with `sample=False` a council's own.

    A council's own words hold before those of the pilot file, which hold before the sample's. Raises UsageError where the pilot does not exist (naming the
    nearest) or where a file breaks the rules (naming the field).
    """
    root = root or home()
    known = names(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the pilots are: {', '.join(known) or 'none yet'}"
        raise UsageError(f"no pilot is called {name!r}: {hint}")
    path = root / "pilots" / name / "pilot.toml"
    where = f"pilots/{name}/pilot.toml"
    fields = {"name": name, **_fields(path, where)}
    pilot = _checked(fields, path.parent, where)
    beside = agreed_for(name, root, sample=sample)
    if beside.is_file():
        agreed = _fields(beside, beside.relative_to(root).as_posix())
        both = _laid_over(agreed, fields) if sample else _laid_over(fields, agreed)
        pilot = _checked(both, path.parent, beside.relative_to(root).as_posix())
    if pilot.name != name:
        raise UsageError(f"{where}: name is {pilot.name!r} but its folder is {name!r}; make them one")
    return pilot


def file_saying(pilot: Pilot, field: str, word: str) -> str:
    """Which of a pilot's files says this word under this field ("floors", "design.outcomes"): the path from the checkout."""
    root = pilot.folder.parent.parent
    own = pilot.folder / "pilot.toml"
    for path in (*(agreed_for(pilot.name, root, sample=one) for one in (False, True)), own):
        name = path.relative_to(root).as_posix()
        if path.is_file() and word in repr(_fields(path, name).get(field.partition(".")[0])):
            return name
    return own.relative_to(root).as_posix()


def _fields(path: Path, where: str) -> dict[str, Any]:
    try:
        return toml.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where} is not valid TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from None


def _checked(fields: dict[str, Any], folder: Path, where: str) -> Pilot:
    try:
        pilot = Pilot(**{**fields, "folder": folder})
    except ValidationError as error:
        raise UsageError(f"{where}, {_fault(error)}") from None
    if pilot.quality.analyst == pilot.quality.assurer:
        raise UsageError(f"{where}, quality: the assurer may not be the analyst")
    return pilot


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two files as one: tables key by key, everything else as `above` says it, where it says it."""
    both = {
        name: _laid_over(below[name], above[name])
        for name in below.keys() & above.keys()
        if isinstance(below[name], dict) and isinstance(above[name], dict)
    }
    return below | above | both
