"""The gates of `pilot.toml` that an effect must pass before it is shown."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Rung = Literal["recorded", "described", "compared", "attributable"]
RUNGS: tuple[Rung, ...] = ("recorded", "described", "compared", "attributable")
ENOUGH_FOR_EMPIRICAL_NULL = 10
SIZE = frozenset({"periods_before", "periods_after", "units", "started_units", "comparators", "placebo_units"})
"""Checks of how large an evaluation is. One that is too small is printed with its range and the reason, and claims nothing; one that
fails another check may be a bias, and is not printed."""


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What an effect must pass before it is shown. None asks nothing of that kind.

    The defaults are the house's; `pilot.toml` may set any, under [gates]. Counts are whole
    numbers of periods or clusters, `completeness` is a share, `pre_trend_p` and `placebo_p` are p-values
    below which a trend before or a pretended start shows a change and the check fails; `placebo_p` is also
    the p-value above which pretended places show a change as large too often. `smallest_p` is the largest
    floor of p that a design may have, and `regression_to_mean` is the largest share of the estimate that the expected
    regression to the mean may be.
    """

    periods_before: int | None = 8  # periods before the first start
    periods_after: int | None = 1  # periods after the last start
    units: int | None = 10  # clusters (wards, providers) in all; not asked of an interrupted series
    started_units: int | None = 4  # clusters that started; not asked of one series, or of a synthetic comparison
    comparators: int | None = 2  # clusters to compare with; not asked where nobody is compared with
    completeness: float | None = 0.8  # rows with a known outcome
    starts_known: float | None = 0.8  # rows that name a place of which `starts` says whether it started
    pre_trend_p: float | None = 0.05
    placebo_p: float | None = 0.05
    drift_share: float | None = 0.4  # with too few clusters to test a trend: share of the change it would make itself
    bias_share: float | None = 0.5  # share that one provider or locality, a dip before, or a loss elsewhere may make
    again_p: float | None = (
        0.1  # p above which the change is not there again: among people who stayed, in own answers …
    )
    drift_p: float | None = (
        0.15  # p above which there is no step at the start, beside a steady drift of those that started
    )
    moved_p: float | None = (
        0.01  # p below which the record itself (who counts, was asked, answered) moved with the start
    )
    own_answers: bool = True  # without anybody independent who says whether an outcome was reached: compared at most
    smallest_p: float | None = 0.05  # smallest p the design could give
    negative_controls: int | None = None  # how many outcomes that cannot move must have been tried
    negative_control_share: float = 0.2  # largest share of them that may seem to move
    no_series_break: bool = True
    calibrated: bool = True  # calibration at this pilot's own shape must have been run and passed
    regression_to_mean: float | None = 0.25
    picked_people: bool = False  # people came in because of a low score: an adjustment must have been made
    floor: Rung = "recorded"  # below this rung a finding is not printed
    ceiling: Rung = "attributable"  # never above this rung, whatever passes

    def __post_init__(self) -> None:
        for name in ("floor", "ceiling"):
            if getattr(self, name) not in RUNGS:
                raise ValueError(f"gates.{name}={getattr(self, name)!r}: write one of {', '.join(RUNGS)}")
        if RUNGS.index(self.floor) > RUNGS.index(self.ceiling):
            raise ValueError(f"gates.floor={self.floor!r} stands above gates.ceiling={self.ceiling!r}")
        for name in (
            "completeness",
            "starts_known",
            "pre_trend_p",
            "placebo_p",
            "smallest_p",
            "negative_control_share",
            "bias_share",
            "again_p",
            "drift_p",
            "moved_p",
        ):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 <= value <= 1):
                raise ValueError(f"gates.{name}={value!r}: it is a share from 0 to 1")
        for name in ("periods_before", "periods_after", "units", "started_units", "comparators", "negative_controls"):
            value = getattr(self, name)
            if value is not None and (not _is_number(value) or value < 0 or value != int(value)):
                raise ValueError(f"gates.{name}={value!r}: it is a whole number, 0 or more")
        if self.drift_share is not None and not (_is_number(self.drift_share) and self.drift_share >= 0):
            raise ValueError(f"gates.drift_share={self.drift_share!r}: it is a share, 0 or more")
        if self.regression_to_mean is not None and not (
            _is_number(self.regression_to_mean) and self.regression_to_mean >= 0
        ):
            raise ValueError(f"gates.regression_to_mean={self.regression_to_mean!r}: it is a share, 0 or more")
        for name in ("no_series_break", "calibrated", "picked_people", "own_answers"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"gates.{name}={getattr(self, name)!r}: write true or false")

    @classmethod
    def of(cls, gates: Gates | Mapping[str, Any] | None) -> Gates:
        """Gates from a mapping as `pilot.toml` gives it; false asks nothing of that kind.

        An unknown name raises ValueError and lists the names there are: a misspelt gate would
        otherwise be no gate at all.
        """
        if gates is None:
            return cls()
        if isinstance(gates, Gates):
            return gates
        if not isinstance(gates, Mapping) and not hasattr(gates, "model_dump"):
            raise ValueError(f"gates: a mapping of names and numbers is needed, not {type(gates).__name__}")
        # A pilot file's own part (a pydantic model) gives its fields; a mapping is one already.
        given: dict[str, Any] = dict(gates.model_dump() if hasattr(gates, "model_dump") else gates)
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            near = difflib.get_close_matches(str(unknown[0]), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the gates are {', '.join(sorted(known))}"
            raise ValueError(f"gates.{unknown[0]} is not known: {hint}")
        flags = {"no_series_break", "calibrated", "picked_people", "own_answers"}
        asked: dict[str, Any] = {k: (None if v is False and k not in flags else v) for k, v in given.items()}
        return cls(**asked)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One gate and how it went: `says` is a sentence; `needed` what would have been enough."""

    name: str
    passed: bool
    says: str
    found: Any
    needed: str

    def __str__(self) -> str:
        return self.says


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
