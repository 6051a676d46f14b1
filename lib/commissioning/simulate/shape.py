"""How big each made-up pilot is, and what is planted in it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class LearningDisabilityShape:
    """The size of the learning disability pilot. `waves` are quarters counted from 0 at `first_year` Q1."""

    people: int = 1150  # places; a person who leaves is followed by another
    wards: int = 22
    localities: int = 4
    never: int = 6  # wards that never start
    first_year: int = 2011
    years: int = 5
    waves: tuple[int, ...] = (8, 10, 12)
    leaving: float = 0.008  # chance a quarter that somebody else takes the place
    ward_spread: float = 0.04  # standard deviation of wards' own levels, as a share
    noise: float = 0.02  # standard deviation of a ward's quarter, as a share
    autocorrelation: float = 0.4
    person_reach: float = 0.35  # how far people differ for good (see Draw.lasting)
    day_support: float = 0.8  # share of people with a second review in the year

    @property
    def quarters(self) -> int:
        """Number of quarters."""
        return 4 * self.years


@dataclass(frozen=True, kw_only=True)
class LearningDisabilityEffects:
    """What is planted. Shares are added to a probability (0.08 is 8 points); money is pounds a week."""

    own_goal_met: float = 0.08
    control: float = 0.07
    leisure_chosen: float = 0.0
    goal_kept: float = 0.0
    home_chosen: float = 0.0
    paid_work: float = 0.0
    weekly_cost: float = 20.0
    home_chosen_drift: float = 0.022  # a quarter, in wards that will start, from the first quarter on
    chosen_share: float = 0.7  # of people whose last 12-month check was bad, chosen when their ward starts
    break_year: str | None = "2014-15"  # when support reasons were recorded in another way
    break_share: float = 0.28  # of the denominator that drops out in that year


@dataclass(frozen=True, kw_only=True)
class VcfShape:
    """The size of the voluntary, community and faith pilot. `waves`: one quarter for each department that moves."""

    organisations: int = 180
    grants: int = 420
    departments: int = 5
    waves: tuple[int, ...] = (6, 8, 10)
    first_year: int = 2012
    years: int = 4
    people: int = 6000  # rows of `supported`, about
    noise: float = 0.015
    autocorrelation: float = 0.3
    organisation_reach: float = 0.1
    asked_from: int = 5000  # pounds; below it no return is asked

    @property
    def quarters(self) -> int:
        """Number of quarters."""
        return 4 * self.years


@dataclass(frozen=True, kw_only=True)
class VcfEffects:
    """What is planted. Shares are added to a probability."""

    outcome_reached: float = 0.12
    what_good: float = 0.0
    target_met: float = 0.0
    outcome_kept: float = 0.0
    no_care_yet: float = 0.0
    target_met_drift: float = 0.05  # a quarter, in departments that will move
    chosen_share: float = 0.9  # of organisations whose people's outcomes had lasted least, given extra help
    break_year: str | None = "2014-15"  # when fewer people were linked to care records
    break_share: float = 0.28


def nothing_planted() -> tuple[LearningDisabilityEffects, VcfEffects]:
    """Both pilots under no effect, no drift, no picking and no break: for calibration."""
    return (
        replace(
            LearningDisabilityEffects(),
            own_goal_met=0.0,
            control=0.0,
            weekly_cost=0.0,
            home_chosen_drift=0.0,
            chosen_share=0.0,
            break_year=None,
        ),
        replace(VcfEffects(), outcome_reached=0.0, target_met_drift=0.0, chosen_share=0.0, break_year=None),
    )
