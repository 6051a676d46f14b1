"""What a pilot file makes stricter than the house's disclosure control."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from commissioning.pilot.part import Part


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
