"""The gates of `pilot.toml` that an effect must pass before it is shown, and the checks they make.

A check is decided on the data. What it says of them is coarse on purpose: a p-value of three digits tells anybody who knows everybody
else's answers what the last one said.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .effects.effect import Effect

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
        0.1  # p above which the change is not there again: beside a drift, among people who stayed …
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


def _at_least(name: str, found: Any, needed: float | None, what: str) -> Check | None:
    if needed is None:
        return None
    if found is None:
        return Check(
            name=name, passed=False, found=None, needed=f"{needed:g} {what}", says=f"{what.capitalize()}: not counted."
        )
    passed = found >= needed
    verb = "there are" if passed else "there are only"
    return Check(
        name=name, passed=bool(passed), found=found, needed=f"{needed:g} {what} or more",
        says=f"{what.capitalize()}: {verb} {found:g}.",
    )  # fmt: skip


BANDS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5)


def _p(p: float, *limits: float | None) -> str:
    """A p-value in words, by bands; those of `limits` (a gate's own) are among them."""
    bands = sorted({*BANDS, *(one for one in limits if one)})
    below = [one for one in bands if p >= one]
    above = [one for one in bands if p < one]
    if not below:
        return f"p below {above[0]:g}"
    return f"p of {below[-1]:g} or more" if not above else f"p between {below[-1]:g} and {above[0]:g}"


def _about(share: float, limit: float | None = None, step: float = 0.05) -> str:
    """A share to the nearest 5%, on the side of `limit` on which it is."""
    told = round(share / step) * step
    if limit is not None and share < limit <= told:
        told -= step
    if limit is not None and told < limit <= share:
        told += step
    return f"{told:.0%}"


def _often(share: float, limit: float) -> str:
    """How many of the ways, by the same bands: "fewer than 1%"."""
    below = [one for one in sorted({*BANDS, limit}) if share < one]
    return f"fewer than {100 * below[0]:g}%" if below else f"{100 * max(*BANDS, limit):g}% or more"


def _above(limit: float) -> float:
    """The least share that is more than a limit which is itself allowed."""
    return limit + 1e-9


def _not_below(
    name: str, p: float | None, limit: float | None, good: str, bad: str, needed: str, needed_at_all: bool = False
) -> Check | None:
    if limit is None or (p is None and not needed_at_all):
        return None
    if p is None:
        return Check(name=name, passed=False, found=None, says=f"{bad} (it could not be tested).", needed=needed)
    passed = p >= limit
    return Check(
        name=name, passed=bool(passed), found=p, says=f"{good if passed else bad} ({_p(p, limit)}).", needed=needed
    )


def checks(effect: Effect, gates: Gates) -> list[Check]:
    """Every gate that was asked for, in the order in which people read them."""
    d = effect.diagnostics
    single_series = bool(d.get("single_series"))
    made_for_one = d.get("design") == "synthetic"  # its smallest possible p, asked below, stands for how many started
    has_comparator = d.get("comparator") is not False
    out = [
        _at_least("periods_before", d.get("n_periods_before"), gates.periods_before, "periods before the start"),
        _at_least("periods_after", d.get("n_periods_after"), gates.periods_after, "periods after the last start"),
    ]
    if not single_series:
        out.append(_at_least("units", d.get("clusters"), gates.units, "places or providers"))
        if not made_for_one:
            out.append(
                _at_least("started_units", d.get("n_treated"), gates.started_units, "places or providers that started")
            )
        if has_comparator:
            out.append(
                _at_least("comparators", d.get("n_controls"), gates.comparators, "places or providers to compare with")
            )
    out += _who_was_compared(d, gates)
    if gates.completeness is not None and d.get("completeness") is not None:
        share = float(d["completeness"])
        out.append(
            Check(
                name="completeness",
                passed=share >= gates.completeness,
                found=share,
                says=f"The outcome is known for about {_about(share, gates.completeness)} of rows.",
                needed=f"{gates.completeness:.0%} or more",
            )  # fmt: skip
        )
    if gates.smallest_p is not None and effect.smallest_p_possible > 0:
        low = effect.smallest_p_possible
        out.append(
            Check(
                name="placebo_units",
                passed=low <= gates.smallest_p,
                found=low,
                says=f"The smallest p-value this design could give is {low:.3f}.",
                needed=f"units enough for {gates.smallest_p:g} or less",
            )  # fmt: skip
        )
    often = d.get("placebo_unit_p")
    if gates.placebo_p is not None and often is not None:
        passed = often <= gates.placebo_p
        out.append(
            Check(
                name="placebo_places",
                passed=passed,
                found=often,
                says=f"Had the same starts fallen on other places, {_often(often, gates.placebo_p)} of the ways they could have "
                "fallen would have shown a change as large.",
                needed=f"{gates.placebo_p:.0%} or fewer",
            )  # fmt: skip
        )
    out += [
        _not_below(
            "pretrend", d.get("pretrend_p"), gates.pre_trend_p,
            "Before the start, those that started and the others moved alike",
            "Before the start, those that started were already moving away from the others",
            "the same trend before the start, or a comparator that shares it",
        ),
        _not_below(
            "placebo_dates", d.get("placebo_date_p"), gates.placebo_p,
            "A pretended earlier start shows no change",
            "A pretended earlier start shows a change too, when there was no pilot",
            "no change at a pretended earlier start",
        ),
    ]  # fmt: skip
    drift = d.get("drift_share")
    if gates.drift_share is not None and drift is not None:
        out.append(
            Check(
                name="pretrend",
                passed=drift <= gates.drift_share,
                found=drift,
                says="Those that started already moved so, which alone would make about "
                f"{_about(max(drift, 0), _above(gates.drift_share), 0.1)} of the change.",
                needed=f"{gates.drift_share:.0%} or less, or more places, so that the trend before can be tested",
            )  # fmt: skip
        )
    out += [
        _negative_controls(effect, gates),
        _break(d, gates),
        _calibrated(d, gates),
        _regression(effect, gates),
        _dispersion(d),
    ]
    return [check for check in out if check is not None]


def _who_was_compared(d: Mapping[str, Any], gates: Gates) -> list[Check]:
    """Places lost to a line of `starts` that could not be read, or of which it says nothing, were in no comparison."""
    found = []
    needed = "a line of `starts` for every place: the quarter in which it started, or never"
    if lost := d.get("starts_lost"):
        found.append(Check(name="starts_known", passed=False, says=str(lost), found=None, needed=needed))
    share = d.get("starts_known")
    if gates.starts_known is not None and share is not None and share < gates.starts_known:
        says = f"For about {_about(share, gates.starts_known)} of rows it is known whether their place started."
        needed = f"{gates.starts_known:.0%} or more: {needed}"
        found.append(Check(name="starts_known", passed=False, says=says, found=share, needed=needed))
    return found


def _negative_controls(effect: Effect, gates: Gates) -> Check | None:
    """Outcomes that cannot move: (estimate, standard error) pairs under diagnostics["negative_controls"]."""
    found = effect.diagnostics.get("negative_controls")
    pairs = list(found.values() if isinstance(found, Mapping) else (found or ()))
    asked = gates.negative_controls or 0
    if not pairs and not asked:
        return None
    allowed = f"{gates.negative_control_share:.0%}"
    needed = f"{max(asked, 1)} or more outcomes that cannot move, of which at most {allowed} seem to"
    if len(pairs) < asked:
        return Check(
            name="negative_controls", passed=False, found=len(pairs), needed=needed,
            says=f"Outcomes that the pilot cannot move: {len(pairs)} of the {asked} asked for were tried.",
        )  # fmt: skip
    error = effect.diagnostics.get("standard_error")
    if len(pairs) >= ENOUGH_FOR_EMPIRICAL_NULL and error:
        from . import calibration

        null = calibration.empirical_null([p[0] for p in pairs], [p[1] for p in pairs])
        size = math.log(effect.estimate) if effect.scale == "ratio" else effect.estimate
        p = calibration.calibrated_p(null, size, error)
        # Only an effect that would be claimed against 0 must also stand out against the controls.
        passed = p < 0.05 or (effect.p_value is not None and effect.p_value >= 0.05)
        return Check(
            name="negative_controls", passed=passed, found=p,
            needed="an effect larger than outcomes that cannot move show (p below 0.05 against them)",
            says=f"Against {len(pairs)} outcomes that the pilot cannot move, the effect has {_p(p)}.",
        )  # fmt: skip
    moved = sum(math.erfc(abs(e) / s / math.sqrt(2)) < 0.05 if s > 0 else e != 0 for e, s in pairs)
    return Check(
        name="negative_controls", passed=moved <= gates.negative_control_share * len(pairs), found=moved / len(pairs),
        needed=needed, says=f"Of {len(pairs)} outcomes that the pilot cannot move, {moved} seemed to.",
    )  # fmt: skip


def _break(d: Mapping[str, Any], gates: Gates) -> Check | None:
    if not gates.no_series_break:
        return None
    where = d.get("series_break")
    return Check(
        name="no_series_break", passed=not where, found=where or None, 
        needed="one definition throughout, or a start after the break",
        says=f"The series breaks: {where}." if where else "No break in the series is known.",
    )  # fmt: skip


def _calibrated(d: Mapping[str, Any], gates: Gates) -> Check | None:
    verdict = d.get("calibration")
    verdict = verdict.get("verdict") if isinstance(verdict, Mapping) else verdict
    if verdict is None and not gates.calibrated:
        return None
    passed = verdict in ("used", "conservative")
    return Check(
        name="calibrated", passed=passed, found=verdict,
        needed="95% intervals that cover at least 92.6% and at most 7.4% false alarms, at this pilot's own size",
        says=f"Tried on simulated pilots of this size, the method is {verdict}." if verdict else
        "The method was not tried on simulated pilots of this size.",
    )  # fmt: skip


def _regression(effect: Effect, gates: Gates) -> Check | None:
    """Barnett, van der Pols & Dobson (2005, IJE): who is picked at a low point tends to rise anyway."""
    expected = effect.diagnostics.get("expected_regression_to_mean")
    adjusted = bool(effect.diagnostics.get("regression_to_mean_adjusted"))
    if adjusted:
        size = "" if expected is None else f" (about {expected:.1g})"
        return Check(
            name="regression_to_mean", passed=True, found=expected, needed="an adjustment",
            says=f"The change expected of people picked at a low point{size} was taken off.",
        )  # fmt: skip
    if gates.picked_people:
        size = "" if expected is None else f" by about {expected:.1g}"
        return Check(
            name="picked_people", passed=False, found=expected,
            says=f"People were picked at a low point and would have changed{size} anyway (regression to the mean).",
            needed="people picked in the same way elsewhere to compare with, or an adjustment for how they were picked",
        )  # fmt: skip
    if gates.regression_to_mean is None or expected is None:
        return None
    share = abs(expected) / abs(effect.estimate) if effect.estimate else math.inf if expected else 0.0
    passed = share <= gates.regression_to_mean or expected * effect.estimate < 0
    return Check(
        name="regression_to_mean", passed=passed, found=expected,
        needed=f"{gates.regression_to_mean:.0%} of the change or less, or people chosen without regard to their scores",
        says=f"People picked at a low point would have changed by about {expected:.1g} anyway"
        + (f", about {_about(share, _above(gates.regression_to_mean), 0.1)} of the change seen." if math.isfinite(share) else "."),
    )  # fmt: skip


def _dispersion(d: Mapping[str, Any]) -> Check | None:
    if not d.get("limits_too_narrow"):
        return None
    return Check(
        name="limits", passed=False, found=d.get("dispersion"), says=str(d["limits_too_narrow"]),
        needed="limits that allow for it (family=\"quasipoisson\")",
    )  # fmt: skip
