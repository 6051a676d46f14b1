"""The checks that an effect's gates make, each a sentence of what was found and what was needed.

A check is decided on the data. What it says of them is coarse on purpose: a p-value of three digits tells anybody who knows everybody
else's answers what the last one said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .gates import ENOUGH_FOR_EMPIRICAL_NULL, Check, Gates

if TYPE_CHECKING:
    from .effects.effect import Effect


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
            "placebo_dates", _same_way(effect, d), gates.placebo_p,
            "A pretended earlier start shows no such change",
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


def _same_way(effect: Effect, d: Mapping[str, Any]) -> float | None:
    """The p-value of a pretended earlier start; 1 where what it shows goes the other way, and so could not have made the change."""
    p, shown = d.get("placebo_date_p"), list((d.get("placebo_date_estimates") or {}).values())
    if p is not None and shown and shown[0] * (effect.estimate - effect.no_effect) < 0:
        return 1.0
    return p


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
