"""Scores for choosing the next service review: read from a file that members and officers keep.

A budget file answers criterion (b) of paragraph 4.13 alone. The other five are judgements, so each score here names who
gave it and on what evidence; a criterion that nobody scored stays unscored.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
from pydantic import Field, ValidationError

from commissioning import framework, toml
from commissioning.errors import UsageError
from commissioning.pilot.agreed import Assumption, LogEntry
from commissioning.pilot.part import Part
from commissioning.presentation import typed

FILE = "service_reviews.toml"
CRITERIA = tuple(one.paragraph.removeprefix("4.13") for one in framework.CRITERIA)
FROM_BUDGET = "b"
HIGHEST = 5.0
STEPS = ((20.0, 5.0), (10.0, 4.0), (5.0, 3.0), (2.0, 2.0), (0.0, 1.0))  # share of the budget, %, and the score it gives


class Score(Part):
    """One criterion of one service, 0 (no reason to review) to 5 (a strong one)."""

    service: str
    criterion: str = Field(pattern=r"^[acdef]$")
    score: float = Field(ge=0, le=HIGHEST)
    scored_by: str = Field(min_length=1)
    evidence: str = Field(min_length=1)


class Challenged(Part):
    """The last time a service's whole budget was challenged, not only the change in it."""

    service: str
    year: str = Field(pattern=r"^\d{4}-\d{2}$")
    by: str
    evidence: str


class Demand(Part):
    """Ten years of demand and cost for one service, as somebody forecast it."""

    service: str
    people_now: int = Field(gt=0)
    people_in_ten_years: int = Field(gt=0)
    cost_growth: float = Field(description="growth of the cost for each person, % a year, above inflation")
    by: str
    evidence: str


class Option(Part):
    """One way to apply the framework to service reviews (recommendation 2.2)."""

    option: str
    style: str = Field(description="influence, enable, shape or procure (Appendix 2, 2.2 f to k)")
    cost_gbp: int | None = None
    capability: float | None = Field(default=None, ge=0, le=HIGHEST)
    risk: float | None = Field(default=None, ge=0, le=HIGHEST)
    scored_by: str = ""
    evidence: str = ""


class Scores(Part):
    """Everything the file holds. `weights` are members' to change; equal where none are given."""

    illustrative: bool = False
    unchallenged_after_years: int = 5
    weights: dict[str, float] = Field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    challenged: tuple[Challenged, ...] = ()
    demand: tuple[Demand, ...] = ()
    options: tuple[Option, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    decisions_log: tuple[LogEntry, ...] = ()

    @property
    def weight(self) -> dict[str, float]:
        """The weight of each criterion, a to f."""
        return {one: float(self.weights.get(one, 0.0 if self.weights else 1.0)) for one in CRITERIA}


def plain(name: str) -> str:
    """A service's name as it is compared: without case or double spaces."""
    return " ".join(str(name).casefold().split())


def read(path: Path) -> Scores:
    """The scores in a file; nothing scored where there is none. Raises UsageError naming the field that is wrong."""
    if not path.is_file():
        return Scores()
    try:
        made = Scores(**toml.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path.name}, field {where}: {first['msg']}") from None
    for where, text in typed.of_pilot(made.model_dump(mode="json")):
        if faults := typed.faults(where, text):
            raise UsageError(f"{path.name}, {faults[0]}")
    strange = sorted(set(made.weights) - set(CRITERIA))
    if strange or any(one < 0 for one in made.weights.values()):
        raise UsageError(f"{path.name}, weights: write a number of zero or more for a, b, c, d, e or f, not {strange}")
    twice = pd.Series([(plain(one.service), one.criterion) for one in made.scores], dtype=object)
    if twice.duplicated().any():
        service, criterion = twice[twice.duplicated()].iloc[0]
        raise UsageError(f"{path.name}, scores: {service!r} is scored twice on ({criterion}); keep one")
    return made


def from_budget(share: float) -> float:
    """Criterion (b) from a service's share of the budget in per cent: 1 (below 2%) to 5 (20% or more)."""
    return next((score for floor, score in STEPS if share >= floor), 1.0)


def table(budget: pd.DataFrame, given: Scores) -> pd.DataFrame:
    """Services × criteria a to f: (b) from the budget, the rest as scored; missing where nobody has scored it.

    `budget` has one row a service: `service`, `share` (% of the whole).
    """
    frame = pd.DataFrame(float("nan"), index=pd.Index(budget["service"]), columns=list(CRITERIA))
    frame[FROM_BUDGET] = [from_budget(share) for share in budget["share"]]
    by_name = {plain(name): name for name in frame.index}
    for one in given.scores:
        if plain(one.service) in by_name:
            frame.loc[by_name[plain(one.service)], one.criterion] = one.score
    return frame


def possible_places(scores: pd.DataFrame, weight: dict[str, float]) -> pd.DataFrame:
    """The best and worst place of each service, whatever the scores that are still missing turn out to be.

    Each missing score may be anything from 0 to 5. Returns columns `best` and `worst` (1 is first).
    """
    total = sum(weight.values())
    share = pd.Series({one: weight[one] / total for one in scores.columns})
    low = (scores.fillna(0.0) * share).sum(axis=1).round(12)
    high = (scores.fillna(HIGHEST) * share).sum(axis=1).round(12)
    best = [1 + int((low.drop(name) > high[name]).sum()) for name in scores.index]
    worst = [1 + int((high.drop(name) > low[name]).sum()) for name in scores.index]
    return pd.DataFrame({"best": best, "worst": worst}, index=scores.index)


def in_ten_years(pence: int, one: Demand) -> int:
    """A service's yearly cost ten years on, in today's prices: people × cost for each, to £1,000 in pence."""
    growth = (1 + one.cost_growth / 100) ** 10
    return round(pence * one.people_in_ten_years / one.people_now * growth / 100_000) * 100_000
