"""How a pilot was set up, as `[design]` of its file says, and what each kind of design takes."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from commissioning.pilot.part import Part

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
