"""What a measure is: one frozen object holding its words and its logic together.

The definition card, the table of who was left out and the reference page are all
generated from this object, so the words cannot drift from the logic. Kinds follow
the Cabinet report of 2 June 2011, paragraph 4.8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import pandas as pd

Level = Literal["individual", "service", "strategic"]
Domain = Literal[
    "health",
    "quality of life",
    "contribution",
    "choice and control",
    "freedom from discrimination",
    "economic",
    "dignity",
    "agreed with the organisation",
]
Better = Literal["higher", "lower", "neutral"]
Aim = Literal["parity", "range"]
SpendScope = Literal["purpose", "shared", "none"]
UnknownIs = Literal["shown as bounds", "left out and counted"]
Behind = Literal[
    "people",  # named in `person`
    "organisations",  # named in `organisation`: the figure is about them, or about agreements with them
    "people told of by organisations",  # who are named nowhere; of the organisations in `organisation` each tells of one at least
    "nobody",  # a figure that is published, or of things
]
SeveralRows = Literal[
    "the latest",  # a state: the latest row in the period speaks, and its group is the group
    "the latest that applies",  # of the rows in the population that apply; once in each group, once in totals
    "one that achieved",  # different people who reached it at all; once in each group, once in totals
]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an activity for people (4.8a).

    `told`: how a sentence says its level, with {} where the level stands; a measure without it is told under its title. It is how
    the outcome is worded, and no part of what it is.
    """

    level: Level
    domain: Domain
    again: bool = False  # looked at again later: whether it lasted (4.1)
    told: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.told and self.told.count("{}") != 1:
            raise ValueError(f"told is {self.told!r}: write {{}} once, where the level stands")

    word = "outcome"


@dataclass(frozen=True, kw_only=True)
class Output:
    """What the service provides (4.8b). Never shown as an outcome."""

    word = "output"


@dataclass(frozen=True, kw_only=True)
class Input:
    """What is put in: money, hours, people (4.8c)."""

    word = "input"


@dataclass(frozen=True, kw_only=True)
class Process:
    """A way of working (4.8d)."""

    control: bool = False  # a check that nothing can move: it says nothing of the service, and stands on no page

    word = "process"


Kind = Outcome | Output | Input | Process


def told_as(kind: Kind, told: str) -> Outcome:
    """The kind of an outcome that was made from another, with words of its own for its level."""
    assert isinstance(kind, Outcome)
    return replace(kind, told=told)


# What a row of a table is, where it is not one person.
ROWS_OF = {
    "reviews": "reviews", "supported": "records of help", "people": "records of people", "packages": "packages",
    "enquiries": "enquiries", "sessions": "sessions", "returns": "returns", "grants": "agreements", "monitoring": "agreements",
    "volunteering": "agreements", "accrued_spend": "agreements", "organisations": "organisations", "applications": "applications",
    "funded_organisations": "organisations",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One clause of a measure: the sentence people read and the function that decides it.

    `of` takes the measure's table (n rows) and returns a Series of n booleans, or of n
    numbers where the clause is an amount.
    """

    says: str
    of: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a definition comes from, and when somebody read it."""

    title: str
    reference: str
    read_on: date


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A definition of something counted. Every field is given but the last, whose default claims least.

    Value = `per` × Σ numerator ÷ Σ denominator over the rows that count, where the
    numerator is `achieved` (true or false) or `amount` (a number), and the denominator
    is 1 a row, or `out_of` (a number). One formula serves conditions and amounts alike.
    An `amount` measure without `out_of` and with `per` 1 is a plain sum.
    """

    id: str
    title: str
    kind: Kind
    answers: tuple[str, ...]  # paragraphs of the 2011 report, "4.14b"
    table: str
    one_row_is: str
    one_row_per: tuple[
        str, ...
    ]  # of the rows that share these columns, the latest in the period counts; () = every row
    several_rows: SeveralRows  # which of those rows counts; no matter where one_row_per is ()
    period_from: str  # the column holding a date, a quarter ("2014-15 Q2") or a financial year ("2014-15")
    population: tuple[Rule, ...]  # applied in order; each drop is counted under its words
    not_applicable: Rule | None  # counted apart: neither unknown nor zero
    achieved: Rule | None
    amount: Rule | None
    out_of: Rule | None
    unknown: Rule | None
    unknown_is: UnknownIs
    person: (
        str | None
    )  # the column that names a person, for disclosure (in a breakdown: whoever stands behind its rows); or None
    organisation: str | None  # the column that names a provider or organisation
    stands_behind: Behind  # whom disclosure control protects in it
    groups: tuple[str, ...]  # columns a result may be split by
    per: int
    unit: str
    better: Better
    aim: Aim | None
    spend_scope: SpendScope
    primary: bool
    why: str
    source: Source
    caveats: tuple[str, ...]
    in_force_from: date
    judged_by: Rule | Literal["a fact", "those who support"] = "those who support"
    """Who says whether an outcome was reached: a rule for the rows in which the person (or somebody independent of the support) says so;
    a fact that others could look up; else those who support, whose word alone carries no claim about cause."""

    def __post_init__(self) -> None:
        pilot_words = self.id.split("_")
        if self.id != self.id.lower() or len(pilot_words) < 2 or not self.id.isidentifier():
            raise ValueError(f"measure id {self.id!r}: write <pilot>_<what> in lower case with underscores")
        if (self.achieved is None) == (self.amount is None):
            raise ValueError(f"{self.id}: give either `achieved` or `amount`, and None for the other")
        if not isinstance(self.kind, (Outcome, Output, Input, Process)):
            raise ValueError(f"{self.id}: kind is an Outcome, Output, Input or Process, not {self.kind!r}")
        if isinstance(self.kind, (Output, Input)) and self.spend_scope == "purpose" and self.primary:
            raise ValueError(f"{self.id}: an {self.kind.word} is never a primary measure of what good was done")
        if self.several_rows == "one that achieved" and self.achieved is None:
            raise ValueError(f"{self.id}: several_rows 'one that achieved' needs an `achieved` rule")
        if self.unknown_is == "shown as bounds" and self.achieved is None and self.unknown is not None:
            raise ValueError(f"{self.id}: bounds are for conditions; amounts say 'left out and counted'")
        if self.per < 1:
            raise ValueError(f"{self.id}: per is a whole number of 1 or more, not {self.per}")
        named = {"people": self.person, "nobody": ""}.get(self.stands_behind, self.organisation or self.person)
        if named is None or (self.stands_behind == "nobody" and self.person is not None):
            raise ValueError(
                f"{self.id}: {self.stands_behind} stand behind it, so name the column they are in (`person`, `organisation`)"
                if named is None
                else f"{self.id}: `person` names people, so they stand behind it, not nobody"
            )
        for words in (self.title, self.one_row_is, self.unit, self.why):
            if not words.strip():
                raise ValueError(f"{self.id}: title, one_row_is, unit and why may not be empty")
        if not self.answers:
            raise ValueError(f"{self.id}: name the paragraphs of the 2011 report that it answers")

    @property
    def counts_people(self) -> bool:
        """True where a figure counts different people, once each in its period; False for rows of reviews, months or packages."""
        return self.stands_behind == "people" and self.person in self.one_row_per

    @property
    def counted(self) -> str:
        """What a figure counts, in a word: "people" only where each is counted once."""
        if self.counts_people:
            return "people"
        return "agreements" if "grant_id" in self.one_row_per else ROWS_OF.get(self.table, "rows")

    @property
    def is_control(self) -> bool:
        """True for a check that the pilot cannot move, kept to see how often a method is misled."""
        return isinstance(self.kind, Process) and self.kind.control

    @property
    def is_outcome(self) -> bool:
        """True where the measure may answer "what good did you achieve?"."""
        return isinstance(self.kind, Outcome)
