"""What is protected: one dated, sourced policy. A pilot may be stricter, never looser."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Any

from commissioning.errors import UsageError

ALL_PEOPLE = 2  # figures of all people together that one answer stands in: by year, and by quarter
ZEROS = ("of people", "of anything")


@dataclass(frozen=True, kw_only=True)
class PolicySource:
    """Where a rule comes from, and when somebody read it."""

    title: str
    reference: str
    read_on: date


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules of release, as figures. Counts are of people (or of rows where rows are no people).

    suppress_to              counts of 1 to this many are hidden, and so is the count they are the complement of
    round_to                 every shown count is the nearest multiple of this
    significant_figures      amounts, and costs per outcome, keep this many
    fewest_people_for_cost   no amount and no cost stands on fewer people than this
    narrowest_interval       upper minus lower limit that an outsider must be left with for a hidden count
    merge_kinds              kinds of group whose small members are shown together
    merge_below              groups of those kinds with fewer people than this are small
    surest_guess             share of guesses at one person's yes or no that may be right for somebody who knows everybody else
    cells_of_one_person      figures of one measure that one answer may stand in: all people by quarter and by year, and so
                             many kinds of group by year; further ones are not shown
    versions                 versions of a year's figures that may be published: as its data grow, and once when it is closed
    groups_in_open_years     whether groups are shown of a year that is still open; if not, they stand in its closed version alone
    zeros                    "of people": of people none and all are hidden as few are; "of anything": of agreements and
                             organisations too
    two_make_nearly_all      an amount of which two people make this share or more is not shown
    noise_adopted            whether counts of people have noise. Not a pilot's to choose: see `fitting.fitted`
    fitted_to                why tables, versions or noise are fewer than the house's, in words; "" where they are not
    """

    name: str
    in_force_from: date
    sources: tuple[PolicySource, ...]
    suppress_to: int
    round_to: int
    significant_figures: int
    fewest_people_for_cost: int
    narrowest_interval: int
    merge_kinds: tuple[str, ...]
    merge_below: int
    surest_guess: float
    cells_of_one_person: int
    versions: int
    groups_in_open_years: bool
    zeros: str
    two_make_nearly_all: float
    noise_adopted: bool = True
    fitted_to: str = ""

    @property
    def looks(self) -> int:
        """How often one answer may be looked at, over all that is ever published of its year: a figure in a version is one look.

        All people by quarter and by year stand in every version, groups in each too or in the closed year's alone.
        """
        groups = self.cells_of_one_person - ALL_PEOPLE
        return ALL_PEOPLE * self.versions + groups * (self.versions if self.groups_in_open_years else 1)

    @property
    def looks_while_open(self) -> int:
        """How many of the looks may be used while a year is open: what is left serves one whole version, the closed year's."""
        return self.looks - self.cells_of_one_person

    @property
    def noise(self) -> float:
        """Standard deviation of the noise in a count, in people; 0 where it is not adopted.

        One answer moves each of k figures by 1. Read together, k figures of noise s tell it right with probability
        Φ(√k ÷ 2s). So s² = k ÷ 4z², where Φ(z) is `surest_guess` and k are the `looks`, less what rounding adds by itself,
        (round_to² − 1) ÷ 12.
        """
        if not self.noise_adopted:
            return 0.0
        z = NormalDist().inv_cdf(self.surest_guess)
        return math.sqrt(max(self.looks / (4 * z * z) - (self.round_to**2 - 1) / 12, 1.0))

    def guessed_right(self, *, cells: int | None = None, versions: int = 1, looks: int | None = None) -> float:
        """Share of right guesses at one answer by somebody who knows everybody else and has looked at it so often: `looks`, or
        so many versions of so many figures (all that one answer may stand in). Of what has no noise it says nothing: 1."""
        if not self.noise_adopted:
            return 1.0
        spread = math.sqrt(self.noise**2 + (self.round_to**2 - 1) / 12)
        seen = (cells or self.cells_of_one_person) * versions if looks is None else looks
        return NormalDist().cdf(math.sqrt(seen) / (2 * spread))

    def __post_init__(self) -> None:
        for field in ("suppress_to", "round_to", "significant_figures", "fewest_people_for_cost"):
            if not isinstance(getattr(self, field), int) or getattr(self, field) < 1:
                raise UsageError(f"disclosure policy: {field} is a whole number of 1 or more")
        for field, least, most in (("surest_guess", 0.5, 1), ("two_make_nearly_all", 0, 1)):
            if not least < getattr(self, field) < most:
                raise UsageError(f"disclosure policy: {field} is a share between {least} and {most}")
        if not isinstance(self.cells_of_one_person, int) or self.cells_of_one_person < 2:
            raise UsageError("disclosure policy: cells_of_one_person is 2 or more: all people by year and by quarter")
        if not isinstance(self.versions, int) or self.versions < 1:
            raise UsageError("disclosure policy: versions is a whole number of 1 or more")
        if not isinstance(self.groups_in_open_years, bool):
            raise UsageError("disclosure policy: groups_in_open_years is true or false")
        if self.zeros not in ZEROS:
            raise UsageError(f"disclosure policy: zeros is one of {', '.join(map(repr, ZEROS))}")
        if self.round_to > 2 * (self.suppress_to + 1):
            # Otherwise a shown count would be rounded to zero, and zero must mean zero.
            raise UsageError(
                f"disclosure policy: round_to {self.round_to} would show {self.suppress_to + 1} people as 0; "
                f"use {2 * (self.suppress_to + 1)} or less, or raise suppress_to"
            )
        if not 1 <= self.narrowest_interval <= self.suppress_to - 1:
            # Anyone who reads the policy knows that a hidden count lies between 1 and suppress_to.
            raise UsageError(
                f"disclosure policy: narrowest_interval {self.narrowest_interval} cannot be promised: the policy itself tells "
                f"that a hidden count lies between 1 and {self.suppress_to}; use 1 to {self.suppress_to - 1}"
            )

    def stricter(self, **changes: float | tuple[str, ...]) -> Policy:
        """The same policy with some rules tightened.

        Raises UsageError where a name is unknown or a rule would be loosened. `significant_figures` is
        tightened downwards, as are `surest_guess`, `two_make_nearly_all` and `cells_of_one_person` (fewer tables, and with
        them less noise); `merge_kinds` by adding kinds, `round_to` to a multiple of what it was; `groups_in_open_years` may be
        either, for further figures bring noise with them; the others upwards.
        """
        unknown = sorted(set(changes) - set(_TIGHTENED_BY))
        if unknown:
            raise UsageError(
                f"disclosure policy: no rule is called {', '.join(unknown)}; the rules are {', '.join(_TIGHTENED_BY)}"
            )
        changed = dataclasses.replace(self, **changes)  # type: ignore[arg-type]
        changed.refuse_if_looser_than(self)
        return changed

    def loosens(self, field: str, value: object) -> bool:
        """True where a rule with this value would protect less than this policy does."""
        return not _TIGHTENED_BY[field](value, getattr(self, field))

    def as_json(self) -> dict[str, Any]:
        """What a record keeps of it: its rules, by name."""
        kept = (*_TIGHTENED_BY, "noise_adopted", "fitted_to")
        return {one: list(held) if isinstance(held := getattr(self, one), tuple) else held for one in kept}

    def refuse_if_looser_than(self, floor: Policy) -> None:
        """Raise UsageError naming the first rule that protects less than `floor` does."""
        for field, as_strict in _TIGHTENED_BY.items():
            asked, least = getattr(self, field), getattr(floor, field)
            if field == "versions" and self.fitted_to:
                continue  # fewer versions and with them less noise: publication counts them
            if not as_strict(asked, least):
                raise UsageError(
                    f"disclosure policy: {field} {asked!r} is looser than {least!r}; "
                    "a pilot may be stricter, never looser"
                )


_TIGHTENED_BY = {
    "suppress_to": lambda asked, least: asked >= least,
    "round_to": lambda asked, least: asked % least == 0,
    "significant_figures": lambda asked, least: asked <= least,
    "fewest_people_for_cost": lambda asked, least: asked >= least,
    "narrowest_interval": lambda asked, least: asked >= least,
    "merge_kinds": lambda asked, least: set(asked) >= set(least),
    "merge_below": lambda asked, least: asked >= least,
    "surest_guess": lambda asked, least: asked <= least,
    "cells_of_one_person": lambda asked, least: asked <= least,
    "versions": lambda asked, least: asked >= least,
    "groups_in_open_years": lambda asked, least: True,
    "zeros": lambda asked, least: ZEROS.index(asked) >= ZEROS.index(least),
    "two_make_nearly_all": lambda asked, least: asked <= least,
}


def of_json(held: Mapping[str, Any]) -> Policy:
    """The policy that `as_json` kept; the house's own where nothing was."""
    given = {one: tuple(value) if isinstance(value, list) else value for one, value in held.items()}
    return dataclasses.replace(policy(), **given)


def policy() -> Policy:
    """The workbench's policy: the least that every pilot protects.

    Suppression of 1 to 7 and rounding to 5 are the NHS rule for counts of people below national level.
    That rule exempts intervals; this one does not, because hidden numerators can be worked back from a
    percentage with its interval (see docs/explanation/disclosure.md).
    """
    return Policy(
        name="Pilot Evaluation Workbench disclosure policy",
        in_force_from=date(2026, 11, 30),
        sources=(
            PolicySource(
                title="NHS Digital, Disclosure control methodology for Hospital Episode Statistics, September 2018",
                reference="below national level, counts of 1 to 7 are replaced by a star and others rounded to "
                "the nearest 5; its exemption of intervals and complex calculations is not taken over",
                read_on=date(2026, 11, 21),
            ),
            PolicySource(
                title="OpenSAFELY, disclosure control of measures in ehrQL (pull request 1746)",
                reference="suppress numbers of 7 or less, then round to the nearest 5; ratios from rounded numbers",
                read_on=date(2026, 11, 21),
            ),
            PolicySource(
                title="Pilot Evaluation Workbench, attacks that worked (docs/explanation/disclosure.md)",
                reference="rules for complements, intervals, costs, totals, merging, the narrowest interval and the noise",
                read_on=date(2026, 11, 30),
            ),
            PolicySource(
                title="Office for National Statistics, cell-key-perturbation 3.1.0 (Python package, MIT)",
                reference="record keys, cell keys and the form of the perturbation table; threshold after the noise; its example "
                "table, which only rounds, is not taken over",
                read_on=date(2026, 11, 30),
            ),
        ),
        suppress_to=7,
        round_to=5,
        significant_figures=2,
        fewest_people_for_cost=20,
        narrowest_interval=5,
        merge_kinds=("provider", "organisation"),
        merge_below=20,
        surest_guess=0.60,
        cells_of_one_person=6,
        versions=4,
        groups_in_open_years=False,
        zeros="of people",
        two_make_nearly_all=0.85,
    )
