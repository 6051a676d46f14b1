"""A whole council's extract, made in a tenth of a second: who lives where, what their reviews say, and what was written down.

Without an alteration nothing is planted in it. People and wards differ for good, a ward's quarters remember each other, people come to
review again and again, and some answers are lost at random: naive standard errors are too small in it, as they are in life.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from commissioning.simulate import names, periods

OUTCOMES = {"own_goal_met": (0.52, 0.001), "control": (0.55, 0.0), "leisure_chosen": (0.55, 0.003), "home_chosen": (0.35, 0.0),
            "information_found": (0.61, 0.0)}  # fmt: skip
"""Outcome → its level at the start, and how much it rises a quarter everywhere."""
BANDS = np.array(["low", "medium", "high", "very high"], dtype=object)
STAGES = ("people", "life", "record")
Bools = np.ndarray
NOBODY = -1


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a council is; by default as large as the sample. `waves`: quarters in which places start, counted from 0."""

    people: int = 1150
    wards: int = 22
    never: int = 6
    waves: tuple[int, ...] = (8, 10, 12)
    years: int = 5
    localities: int = 4
    providers: int = 20
    leaving: float = 0.008
    ward_spread: float = 0.04
    noise: float = 0.02
    autocorrelation: float = 0.4
    person_reach: float = 0.35
    day_support: float = 0.8  # share with a second review in the year
    own_words: float = 0.9
    self_scored: float = 0.45  # share of goals that the person scores; staff score the others
    answered_by_proxy: float = 0.1
    by_locality: bool = False  # starts go locality by locality
    largest: float = 0.0  # share of people in the first ward, which starts first; 0: none is larger than others by much
    few_providers: bool = False  # where it starts, half of people have one of two providers that others seldom have

    @property
    def quarters(self) -> int:
        return 4 * self.years


class Council:
    """One council while it is made. Arrays over places (P), people, places × quarters, or reviews (n); alterations change them in place."""

    def __init__(self, shape: Shape, seed: int, outcome: str) -> None:
        self.shape, self.rng, self.outcome = shape, np.random.default_rng([seed, 20110602]), outcome
        rng, s = self.rng, shape
        self.locality = np.arange(s.wards) * s.localities // s.wards
        self.start = np.full(s.wards, s.quarters)
        order = np.arange(s.wards) if s.by_locality else rng.permutation(s.wards)
        begins = order[: s.wards - s.never]
        self.start[begins] = (
            np.sort(np.resize(s.waves, len(begins))) if s.by_locality else np.resize(s.waves, len(begins))
        )
        size = 0.6 + 0.8 * rng.random(s.wards)
        if s.largest:
            size[begins[0]] = s.largest / (1 - s.largest) * (size.sum() - size[begins[0]])
        self.largest = begins[0]
        self.ward_of = np.sort(rng.choice(s.wards, s.people, p=size / size.sum()))
        usual = rng.integers(0, s.providers, (s.wards, 3))
        if s.few_providers:
            usual[self.start < s.quarters, :2] = (0, 1)
            usual[self.start >= s.quarters] = rng.integers(2, s.providers, (int((self.start >= s.quarters).sum()), 3))
        known = usual[self.ward_of, rng.integers(0, 3, s.people)]
        self.provider_of = np.where(rng.random(s.people) < 0.75, known, rng.integers(0, s.providers, s.people))
        self.need = rng.choice(4, s.people, p=[0.3, 0.35, 0.25, 0.1])
        follows = rng.random((s.people, s.quarters)) < s.leaving
        follows[:, 0] = True
        self.person_of = (np.cumsum(follows.ravel()) - 1).reshape(follows.shape)
        self.age = np.zeros(0, dtype=int)  # at the first quarter
        self.lift = np.zeros(0)  # what makes a person do better than others in everything
        self.level: dict[str, np.ndarray] = {name: np.zeros(0) for name in OUTCOMES}
        self.new_people(int(follows.sum()))

    def new_people(self, many: int, *, youngest: int = 18, oldest: int = 64, lift: float = 0.0) -> np.ndarray:
        """Numbers of people who were not here before."""
        first, rng = len(self.age), self.rng
        age = rng.integers(youngest, oldest + 1, many)
        if oldest == 64:
            age = np.where(rng.random(many) < 0.12, rng.integers(65, 85, many), age)
        self.age = np.concatenate([self.age, age])
        self.lift = np.concatenate([self.lift, np.full(many, lift)])
        for name, held in self.level.items():
            made = self.shape.person_reach * np.sin(np.pi * (rng.random(many) - 0.5))
            self.level[name] = np.concatenate([held, made])
        return np.arange(first, first + many)

    def hold_reviews(self) -> None:
        """Who is reviewed when, and how likely each answer is."""
        s, rng = self.shape, self.rng
        falls = rng.integers(0, 4, s.people)
        second = np.flatnonzero(rng.random(s.people) < s.day_support)
        year = np.arange(s.years) * 4
        quarter = np.concatenate([(year + falls[:, None]).ravel(), (year + (falls[second, None] + 2) % 4).ravel()])
        place = np.concatenate([np.repeat(np.arange(s.people), s.years), np.repeat(second, s.years)])
        annual = np.arange(len(place)) < s.people * s.years
        here = self.person_of[place, quarter] != NOBODY
        order = np.lexsort((place, quarter))
        order = order[here[order]]
        self.place, self.quarter, self.annual = place[order], quarter[order], annual[order]
        self.person = self.person_of[self.place, self.quarter]
        self.ward, self.provider = self.ward_of[self.place], self.provider_of[self.place].copy()
        self.many = len(self.place)
        self.chance: dict[str, np.ndarray] = {}
        ward_quarter = (s.wards, s.quarters)
        for name, (base, rise) in OUTCOMES.items():
            noise = rng.normal(size=ward_quarter)
            for t in range(1, s.quarters):
                noise[:, t] = s.autocorrelation * noise[:, t - 1] + np.sqrt(1 - s.autocorrelation**2) * noise[:, t]
            level = base + rng.normal(0, s.ward_spread, (s.wards, 1)) + s.noise * noise + rise * np.arange(s.quarters)
            level = level + np.repeat(rng.normal(0, 0.01, s.years), 4)
            firm = rng.normal(0, 0.03, s.providers)
            self.chance[name] = (
                level[self.ward, self.quarter]
                + firm[self.provider]
                + self.level[name][self.person]
                + self.lift[self.person]
            )
        self.gain = np.zeros(self.many)  # what the pilot does to the outcome asked of: the truth
        self.by_person = rng.random(self.many) < s.self_scored
        self.proxy = (rng.random(len(self.age)) < s.answered_by_proxy)[self.person]
        self.own = rng.random(self.many) < s.own_words
        self.rewritten = rng.random(self.many) < 0.05

    @property
    def begun(self) -> Bools:
        """(n,) whether the place of a review had started."""
        return self.quarter >= self.start[self.ward]

    @property
    def will(self) -> Bools:
        """(n,) whether the place of a review ever starts."""
        return (self.start < self.shape.quarters)[self.ward]

    @property
    def first(self) -> int:
        return int(self.start.min())

    def everywhere(self, change: np.ndarray) -> None:
        """A change (n,) of the chance of every answer on the form, whatever the pilot does."""
        for name in self.chance:
            self.chance[name] = self.chance[name] + change

    def this(self, change: np.ndarray) -> None:
        """A change (n,) of the chance of the outcome asked of."""
        self.chance[self.outcome] = self.chance[self.outcome] + change

    def answer(self) -> None:
        """What came of it, and what was written down of it."""
        rng, n = self.rng, self.many
        with_it = np.clip(self.chance[self.outcome] + self.gain, 0, 1)
        self.real = with_it - np.clip(self.chance[self.outcome], 0, 1)
        self.said = {
            name: rng.random(n) < (with_it if name == self.outcome else np.clip(chance, 0, 1))
            for name, chance in self.chance.items()
        }
        self.done = rng.random(n) < 0.94
        self.recorded = self.done & (rng.random(n) < 0.985)  # of the goal
        self.asked = {name: self.done & (rng.random(n) < 0.9) for name in OUTCOMES}
        self.known = {name: rng.random(n) < 0.98 for name in OUTCOMES}

    def lose(self, rows: Bools) -> None:
        """These answers to the outcome asked of are not written down."""
        if self.outcome == "own_goal_met":
            self.recorded = self.recorded & ~rows
        else:
            self.known[self.outcome] = self.known[self.outcome] & ~rows

    @property
    def counted(self) -> Bools:
        """(n,) reviews that count in the outcome asked of."""
        if self.outcome == "own_goal_met":
            return self.own & ~self.rewritten & self.recorded
        return ~self.proxy & self.asked[self.outcome] & self.known[self.outcome]

    @property
    def truth(self) -> float:
        """What the pilot did on average to the reviews that count after a start, as a share."""
        rows = self.counted & self.begun
        return float(self.real[rows].mean()) if rows.any() else 0.0


Alteration = Callable[[Council], None]


def stage(name: str) -> Callable[[Alteration], Alteration]:
    """Marks when an alteration happens: to people before reviews are held, to their lives, or to what is written down."""
    assert name in STAGES

    def mark(one: Alteration) -> Alteration:
        one.stage = name  # type: ignore[attr-defined]
        return one

    return mark


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A council's tables as evidence holds them, and the truth: what the pilot did to the outcome, in points of a hundred."""

    tables: dict[str, pd.DataFrame]
    truth: float
    outcome: str


def made(
    seed: int, shape: Shape = Shape(), alterations: tuple[Alteration, ...] = (), outcome: str = "own_goal_met"
) -> Extract:  # noqa: B008 frozen
    """An extract of one seed. The same seed, shape and alterations give the same tables."""
    council = Council(shape, seed, outcome)
    _do(council, alterations, "people")
    council.hold_reviews()
    _do(council, alterations, "life")
    council.answer()
    _do(council, alterations, "record")
    return Extract(tables=tables_of(council), truth=100 * council.truth, outcome=f"learning_disability_{outcome}")


def _do(council: Council, alterations: tuple[Alteration, ...], name: str) -> None:
    for one in alterations:
        if one.stage == name:  # type: ignore[attr-defined]
            one(council)


def tables_of(c: Council) -> dict[str, pd.DataFrame]:
    """The tables that the effects read, with every column of their contracts."""
    s, rng, n = c.shape, c.rng, c.many
    quarter, ward, provider = periods.quarters(2011, s.years), names.wards(s.wards), names.providers(s.providers)
    locality = np.array(names.LOCALITIES, dtype=object)[c.locality % len(names.LOCALITIES)]
    person_id = _ids(rng, "P", len(c.age))
    yes_no = np.array(["no", "yes"], dtype=object)

    def asked(name: str) -> np.ndarray:
        said = np.where(c.known[name], yes_no[c.said[name].astype(int)], "unknown")
        return np.where(c.asked[name], said, "not asked")

    met = c.said["own_goal_met"]
    achieved = np.where(met, rng.choice(3, n, p=[0.65, 0.25, 0.1]), -rng.choice([2, 1], n, p=[0.35, 0.65]))
    due = periods.first_day(2011, c.quarter) + rng.integers(0, periods.SHORTEST_QUARTER, n)
    done = np.where(c.done, due + rng.integers(-40, 60, n), np.datetime64("NaT", "D"))
    again = c.annual & (rng.random(n) < 0.45)
    reviews = pd.DataFrame({
        "review_id": _ids(rng, "R", n), "person_id": person_id[c.person], "period": quarter[c.quarter],
        "due_on": due.astype("datetime64[D]").astype("datetime64[s]"), "done_on": done.astype("datetime64[D]").astype("datetime64[s]"),
        "kind": np.where(c.annual, "annual", "day support"), "ward": ward[c.ward], "locality": locality[c.ward],
        "provider": provider[c.provider], "goal_in_own_words": yes_no[c.own.astype(int)],
        "goal_rewritten": yes_no[c.rewritten.astype(int)],
        "goal_met": np.where(c.recorded, yes_no[met.astype(int)], "unknown"),
        "goal_baseline": -rng.choice([2, 1], n, p=[0.2, 0.8]),
        "goal_achieved": pd.array(achieved, dtype="Int64"),
        "goal_achieved_status": np.where(c.recorded, "known", "unknown"),
        "goal_set_by": np.array(["person", "family", "staff"], dtype=object)[rng.choice(3, n, p=[0.72, 0.13, 0.15])],
        "goal_scored_by": np.where(c.by_person, "person", "staff"),
        "goal_kept": np.where(again, np.where(rng.random(n) < 0.6, "yes", "no"), "not applicable"),
        **{name: asked(name) for name in OUTCOMES if name != "own_goal_met"},
        "answered_by": np.where(c.proxy, "proxy", "self"),
    })  # fmt: skip
    reviews.loc[~c.recorded, "goal_achieved"] = pd.NA
    starts = pd.DataFrame({"unit_kind": "ward", "unit": ward, "started": np.append(quarter, "never")[c.start]})
    return {"reviews": reviews, "people": _people(c, person_id, quarter, ward, locality, provider), "starts": starts}


def _people(c: Council, person_id: Any, quarter: Any, ward: Any, locality: Any, provider: Any) -> pd.DataFrame:
    """Everybody supported in each quarter. Work changes seldom from year to year."""
    s, rng, people = c.shape, c.rng, len(c.age)
    place, when = np.nonzero(c.person_of.T != NOBODY)[::-1]
    person = c.person_of[place, when]
    usual = rng.random((people, 1))
    level = np.where(rng.random((people, s.years)) < 0.1, rng.random((people, s.years)), usual)[person, when // 4]
    paid = 0.055 + rng.normal(0, 0.008, s.wards)[c.ward_of[place]]
    work = np.select([level < 0.3 * paid, level < paid, level < paid + 0.09, level < 0.98],
                     ["paid 16 hours or more", "paid under 16 hours", "voluntary", "not in work"], "unknown")  # fmt: skip
    age = c.age[person] + when // 4
    word = _words(rng, people, person)
    return pd.DataFrame({
        "period": quarter[when], "person_id": person_id[person], "age": age, "sex": word(["female", "male"], [0.44, 0.56]),
        "ethnicity": word(["white", "ethnic minority", "unknown"], [0.92, 0.05, 0.03]), "ward": ward[c.ward_of[place]],
        "locality": locality[c.ward_of[place]], "support_reason": word(["learning disability", "other"], [0.97, 0.03]),
        "needs_band": BANDS[c.need[place]], "employment": np.where((age >= 65) | (age < 18), "not in work", work),
        "home": word(["own home or family", "supported living", "registered care"], [0.6, 0.22, 0.18]), "home_reregistered": "no",
        "provider": provider[c.provider_of[place]], "advocacy_entitled": "no", "advocacy_wanted": "no", "advocacy_provided": "no",
        "chosen_for_high_needs": "no", "personal_budget": word(["none", "managed by the council"], [0.55, 0.45]),
    })  # fmt: skip


def _words(rng: np.random.Generator, people: int, person: np.ndarray) -> Callable[[list[str], list[float]], np.ndarray]:
    return lambda words, shares: np.array(words, dtype=object)[rng.choice(len(words), people, p=shares)[person]]


def _ids(rng: np.random.Generator, prefix: str, many: int) -> np.ndarray:
    """Different ids of six digits, none of which says anything of its owner."""
    number = (
        rng.integers(900_000) + np.arange(many) * int(rng.choice([7919, 104_729, 15_485_863, 32_452_843]))
    ) % 900_000
    return np.array([f"{prefix}{one}" for one in (number + 100_000).tolist()], dtype=object)


__all__ = [
    "NOBODY",
    "OUTCOMES",
    "Alteration",
    "Council",
    "Extract",
    "Shape",
    "field",
    "made",
    "replace",
    "stage",
    "tables_of",
]
