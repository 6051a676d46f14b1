"""The claim ladder: how strongly a finding may be worded, and why not more strongly.

Four rungs, lowest first: recorded, described, compared, attributable. Gates are written in
`pilot.toml` before the data are seen; an estimate stays hidden until its gates pass; the rung
decides the verb. Words follow the project's domain notes: never "proved", "saved" or "failed".
Nothing heavy is imported here, so that a notebook that only words findings starts at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .effects.effect import Effect

Rung = Literal["recorded", "described", "compared", "attributable"]
RUNGS: tuple[Rung, ...] = ("recorded", "described", "compared", "attributable")
NOT_WHY = "This does not say why."
OTHER_REASONS = "Other reasons are possible."
CHECKED = "It passed checks set beforehand."
ENOUGH_FOR_EMPIRICAL_NULL = 10


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What an effect must pass before it is shown. None asks nothing of that kind.

    The defaults are the house's; `pilot.toml` may set any, under [gates]. Counts are whole
    numbers of periods or clusters, `completeness` is a share, `*_p` are p-values below which the
    check fails, and `regression_to_mean` is the largest share of the estimate that the expected
    regression to the mean may be.
    """

    periods_before: int | None = 4  # periods before the first start
    periods_after: int | None = 1  # periods after the last start
    units: int | None = 8  # clusters (wards, providers) in all
    started: int | None = 1  # clusters that started
    comparators: int | None = 2  # clusters to compare with; not asked of an interrupted series
    completeness: float | None = 0.8  # rows with a known outcome
    pretrend_p: float | None = 0.05
    placebo_dates_p: float | None = 0.05
    placebo_units_p: float | None = 0.05  # smallest p the design could give
    negative_controls: int | None = None  # how many outcomes that cannot move must have been tried
    negative_controls_p: float = 0.05
    no_series_break: bool = True
    calibration: bool = False  # calibration at this pilot's own shape must have been run and passed
    regression_to_mean: float | None = 0.25
    floor: Rung = "recorded"  # below this rung a finding is not printed
    ceiling: Rung = "attributable"  # never above this rung, whatever passes

    def __post_init__(self) -> None:
        for name in ("floor", "ceiling"):
            if getattr(self, name) not in RUNGS:
                raise ValueError(f"gates.{name}={getattr(self, name)!r}: write one of {', '.join(RUNGS)}")
        if RUNGS.index(self.floor) > RUNGS.index(self.ceiling):
            raise ValueError(f"gates.floor={self.floor!r} stands above gates.ceiling={self.ceiling!r}")
        for name in ("completeness", "pretrend_p", "placebo_dates_p", "placebo_units_p", "negative_controls_p"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 <= value <= 1):
                raise ValueError(f"gates.{name}={value!r}: it is a share from 0 to 1")
        for name in ("periods_before", "periods_after", "units", "started", "comparators", "negative_controls"):
            value = getattr(self, name)
            if value is not None and (not _is_number(value) or value < 0 or value != int(value)):
                raise ValueError(f"gates.{name}={value!r}: it is a whole number, 0 or more")
        if self.regression_to_mean is not None and not (
            _is_number(self.regression_to_mean) and self.regression_to_mean >= 0
        ):
            raise ValueError(f"gates.regression_to_mean={self.regression_to_mean!r}: it is a share, 0 or more")
        for name in ("no_series_break", "calibration"):
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
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(gates) - known)
        if unknown:
            raise ValueError(f"gates: {', '.join(unknown)} is not known; write any of {', '.join(sorted(known))}")
        flags = {"no_series_break", "calibration"}
        return cls(**{k: (None if v is False and k not in flags else v) for k, v in gates.items()})


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


@dataclass(frozen=True, kw_only=True)
class Claim:
    """How strongly a finding may be worded.

    `wording` is the sentence (or sentences) a finding uses; `reasons` say how the rung was
    reached; `passed` and `failed` are the checks; `hidden` is True where the estimate may not be
    shown; `shown` is (estimate, lower, upper) or None where hidden.
    """

    rung: Rung
    reasons: tuple[str, ...]
    wording: str
    passed: tuple[Check, ...] = ()
    failed: tuple[Check, ...] = ()
    hidden: bool = False
    shown: tuple[float, float | None, float | None] | None = None

    def at_least(self, rung: Rung) -> bool:
        """True where this claim stands on `rung` or above."""
        return RUNGS.index(self.rung) >= RUNGS.index(rung)


def judge(
    effect: Effect,
    gates: Gates | Mapping[str, Any] | None = None,
    *,
    unit: str = "",
    scale_to: float = 1.0,
    decimals: int | None = None,
) -> Claim:
    """The rung of an effect, the reasons, and the wording a finding must use.

    `gates` is a `Gates` or a mapping as `pilot.toml` gives it; None takes the house's gates.
    `unit` completes "about 12 more …" ("people in paid work"); `scale_to` multiplies the effect
    for the sentence (the people it holds for, or 100 for percentage points), with `decimals`.
    Facts the design cannot know (a series break, negative controls, calibration) are read from
    `effect.diagnostics`: see `Effect.with_diagnostics`. Raises ValueError for an unknown gate.
    """
    set_beforehand = Gates.of(gates)
    checks = [check for check in _checks(effect, set_beforehand) if check is not None]
    failed = tuple(c for c in checks if not c.passed)
    passed = tuple(c for c in checks if c.passed)
    words = _Words(effect, unit, scale_to, decimals)
    top: Rung = "attributable"
    reasons: list[str] = []
    if failed:
        top = "described"
        reasons += [f"{c.says} Needed: {c.needed}." for c in failed]
    elif effect.diagnostics.get("comparator") is False:
        top = "described"
        reasons.append("There is nobody to compare with, so what would have happened anyway is not known.")
    elif effect.lower is None or effect.upper is None:
        top = "compared"
        reasons.append(effect.withheld_because or "No interval could be given.")
    elif effect.lower <= effect.no_effect <= effect.upper:
        top = "compared"
        reasons.append("The range includes no change, so no change is claimed.")
    if RUNGS.index(top) > RUNGS.index(set_beforehand.ceiling):
        top = set_beforehand.ceiling
        reasons.append(f"The gates set beforehand allow no more than {top!r} here.")
    if not reasons:
        reasons.append(f"All {len(passed)} checks set beforehand were passed, and the range leaves out no change.")
    if effect.value_withheld_because and not failed:
        reasons.append(effect.value_withheld_because)
    hidden = bool(failed) or RUNGS.index(top) < RUNGS.index(set_beforehand.floor)
    return Claim(
        rung=top,
        reasons=tuple(reasons),
        wording=_wording(effect, top, hidden, failed, words),
        passed=passed,
        failed=failed,
        hidden=hidden,
        shown=None if hidden else (effect.estimate, effect.lower, effect.upper),
    )


def recorded(statement: str, by: str = "Providers", reasons: Sequence[str] = ()) -> Claim:
    """A finding told to us and not checked: "Providers told us … We have not checked."."""
    return Claim(
        rung="recorded",
        reasons=tuple(reasons) or ("Told to us; not checked against other evidence.",),
        wording=f"{by} told us {_sentence(statement, capital=False)} We have not checked.",
    )


def described(statement: str, reasons: Sequence[str] = ()) -> Claim:
    """A finding counted and not compared: "31 of 1,015 people had paid work. This does not say why."."""
    return Claim(
        rung="described",
        reasons=tuple(reasons) or ("Counted from the evidence; not set against anything else.",),
        wording=f"{_sentence(statement)} {NOT_WHY}",
    )


def compared(statement: str, reasons: Sequence[str] = ()) -> Claim:
    """A finding set against others or another time: "Lower than similar councils. Other reasons are possible."."""
    return Claim(
        rung="compared",
        reasons=tuple(reasons) or ("Set against others or another time; the cause is not tested.",),
        wording=f"{_sentence(statement)} {OTHER_REASONS}",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _sentence(text: str, capital: bool = True) -> str:
    text = text.strip()
    text = text if text.endswith((".", "!", "?")) else text + "."
    return text[:1].upper() + text[1:] if capital else text


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


def _not_below(
    name: str, p: float | None, limit: float | None, good: str, bad: str, needed: str, needed_at_all: bool = False
) -> Check | None:
    if limit is None or (p is None and not needed_at_all):
        return None
    if p is None:
        return Check(name=name, passed=False, found=None, says=f"{bad} (it could not be tested).", needed=needed)
    passed = p >= limit
    return Check(
        name=name, passed=bool(passed), found=p, says=f"{good if passed else bad} (p = {p:.3f}).", needed=needed
    )


def _checks(effect: Effect, gates: Gates) -> list[Check | None]:
    d = effect.diagnostics
    single_series = bool(d.get("single_series"))
    has_comparator = d.get("comparator") is not False
    out = [
        _at_least("periods_before", d.get("n_periods_before"), gates.periods_before, "periods before the start"),
        _at_least("periods_after", d.get("n_periods_after"), gates.periods_after, "periods after the last start"),
    ]
    if not single_series:
        out += [
            _at_least("units", d.get("clusters"), gates.units, "places or providers"),
            _at_least("started", d.get("n_treated"), gates.started, "places or providers that started"),
        ]
        if has_comparator:
            out.append(
                _at_least("comparators", d.get("n_controls"), gates.comparators, "places or providers to compare with")
            )
    if gates.completeness is not None and d.get("completeness") is not None:
        share = float(d["completeness"])
        out.append(
            Check(
                name="completeness",
                passed=share >= gates.completeness,
                found=share,
                says=f"The outcome is known for {share:.0%} of rows.",
                needed=f"{gates.completeness:.0%} or more",
            )  # fmt: skip
        )
    if gates.placebo_units_p is not None and effect.smallest_p_possible > 0:
        low = effect.smallest_p_possible
        out.append(
            Check(
                name="placebo_units",
                passed=low <= gates.placebo_units_p,
                found=low,
                says=f"The smallest p-value this design could give is {low:.3f}.",
                needed=f"enough units for {gates.placebo_units_p:g} or less: {math.ceil(1 / gates.placebo_units_p) if gates.placebo_units_p else 'more'} with one that started",
            )  # fmt: skip
        )
    out += [
        _not_below(
            "pretrend", d.get("pretrend_p"), gates.pretrend_p,
            "Before the start, those that started and the others moved alike",
            "Before the start, those that started were already moving away from the others",
            "the same trend before the start, or a comparator that shares it",
        ),
        _not_below(
            "placebo_dates", d.get("placebo_date_p"), gates.placebo_dates_p,
            "A pretended earlier start shows no change",
            "A pretended earlier start shows a change too, when there was no pilot",
            "no change at a pretended earlier start",
        ),
    ]  # fmt: skip
    out += [
        _negative_controls(effect, gates),
        _break(d, gates),
        _calibrated(d, gates),
        _regression(effect, gates),
        _dispersion(d),
    ]
    return out


def _negative_controls(effect: Effect, gates: Gates) -> Check | None:
    """Outcomes that cannot move: (estimate, standard error) pairs under diagnostics["negative_controls"]."""
    d = effect.diagnostics
    found = d.get("negative_controls")
    pairs = list(found.values() if isinstance(found, Mapping) else (found or ()))
    needed = gates.negative_controls or 0
    words = f"{max(needed, 1)} or more outcomes that cannot move, and none that seems to"
    if len(pairs) < needed:
        return Check(
            name="negative_controls", passed=False, found=len(pairs), needed=words,
            says=f"Outcomes that the pilot cannot move: {len(pairs)} of the {needed} asked for were tried.",
        )  # fmt: skip
    if not pairs:
        return None
    if len(pairs) >= ENOUGH_FOR_EMPIRICAL_NULL and d.get("standard_error"):
        from . import calibration

        null = calibration.empirical_null([p[0] for p in pairs], [p[1] for p in pairs])
        size = math.log(effect.estimate) if effect.scale == "ratio" else effect.estimate
        p = calibration.calibrated_p(null, size, d["standard_error"])
        return Check(
            name="negative_controls", passed=p < gates.negative_controls_p, found=p,
            needed="an effect larger than outcomes that cannot move show",
            says=f"Against {len(pairs)} outcomes that the pilot cannot move, the effect has p = {p:.3f}.",
        )  # fmt: skip
    p_values = [math.erfc(abs(e) / s / math.sqrt(2)) if s > 0 else float(e == 0) for e, s in pairs]
    worst = min(1.0, min(p_values) * len(p_values))
    passed = worst >= gates.negative_controls_p
    return Check(
        name="negative_controls", passed=passed, found=worst, needed=words,
        says=f"Of {len(pairs)} outcomes that the pilot cannot move, "
        + (f"none seems to (p = {worst:.3f})." if passed else f"one seems to (p = {worst:.3f})."),
    )  # fmt: skip


def _break(d: Mapping[str, Any], gates: Gates) -> Check | None:
    if not gates.no_series_break:
        return None
    where = d.get("series_break")
    return Check(
        name="no_series_break", passed=not where, found=where or None, needed="one definition throughout, or a start after the break",
        says=f"The series breaks: {where}." if where else "No break in the series is known.",
    )  # fmt: skip


def _calibrated(d: Mapping[str, Any], gates: Gates) -> Check | None:
    verdict = d.get("calibration")
    verdict = verdict.get("verdict") if isinstance(verdict, Mapping) else verdict
    if verdict is None and not gates.calibration:
        return None
    passed = verdict in ("used", "conservative")
    return Check(
        name="calibration", passed=passed, found=verdict,
        needed="95% intervals that cover at least 92.6% and at most 7.4% false alarms, at this pilot's own size",
        says=f"Tried on simulated pilots of this size, the method is {verdict}." if verdict else
        "The method was not tried on simulated pilots of this size.",
    )  # fmt: skip


def _regression(effect: Effect, gates: Gates) -> Check | None:
    expected = effect.diagnostics.get("expected_regression_to_mean")
    if gates.regression_to_mean is None or expected is None:
        return None
    if effect.diagnostics.get("regression_to_mean_adjusted"):
        return Check(
            name="regression_to_mean", passed=True, found=expected, needed="an adjustment",
            says=f"The change expected of people picked at a low point ({expected:.3g}) was taken off.",
        )  # fmt: skip
    share = abs(expected) / abs(effect.estimate) if effect.estimate else math.inf if expected else 0.0
    same_way = expected * effect.estimate >= 0
    passed = share <= gates.regression_to_mean or not same_way
    return Check(
        name="regression_to_mean", passed=passed, found=expected,
        needed=f"{gates.regression_to_mean:.0%} of the change or less, or people chosen without regard to their scores",
        says=f"People picked at a low point would have changed by about {expected:.3g} anyway"
        + (f", {share:.0%} of the change seen." if math.isfinite(share) else "."),
    )  # fmt: skip


def _dispersion(d: Mapping[str, Any]) -> Check | None:
    if not d.get("limits_too_narrow"):
        return None
    return Check(
        name="limits", passed=False, found=d.get("dispersion"), says=str(d["limits_too_narrow"]),
        needed="limits that allow for it (family=\"quasipoisson\")",
    )  # fmt: skip


class _Words:
    """Numbers of an effect as people read them."""

    def __init__(self, effect: Effect, unit: str, scale_to: float, decimals: int | None) -> None:
        self.ratio = effect.scale == "ratio"
        self.unit = unit.strip()
        self.values = [
            None if v is None else ((v - 1) * 100 if self.ratio else v * scale_to)
            for v in (effect.estimate, effect.lower, effect.upper)
        ]
        size = abs(self.values[0] or 0.0)
        self.decimals = decimals if decimals is not None else 0 if size >= 10 or self.ratio else 1 if size >= 1 else 3
        if scale_to == 1.0 and self.unit in ("people", "person") and decimals is None:
            self.decimals = 0

    def number(self, value: float) -> str:
        text = f"{value:,.{self.decimals}f}"
        return text.replace("-", "") if float(text.replace(",", "")) == 0 else text.replace("-", "−")

    @property
    def more(self) -> str:
        """'12 more people' or '5% fewer'."""
        value = self.values[0] or 0.0
        word = ("more" if value > 0 else "fewer") if self.unit else ("higher" if value > 0 else "lower")
        return " ".join(x for x in (self.number(abs(value)) + ("%" if self.ratio else ""), word, self.unit) if x)

    @property
    def range(self) -> str:
        _, low, high = self.values
        if low is None or high is None:
            return ""
        sign = "%" if self.ratio else ""
        value = self.values[0] or 0.0
        if low > 0:
            return f"({self.number(low)}{sign} to {self.number(high)}{sign})"
        if high < 0 and value < 0:
            return f"({self.number(-high)}{sign} to {self.number(-low)}{sign})"
        return f"({self._signed(low)}{sign} to {self._signed(high)}{sign})"

    def _signed(self, value: float) -> str:
        text = self.number(abs(value))
        return f"{text} {'fewer' if value < 0 else 'more'}" if self.unit else f"{'−' if value < 0 else '+'}{text}"


def _wording(effect: Effect, rung: Rung, hidden: bool, failed: tuple[Check, ...], words: _Words) -> str:
    if failed:
        return (
            "What the change led to cannot be said: "
            + "; ".join(c.says.rstrip(".")[:1].lower() + c.says.rstrip(".")[1:] for c in failed)
            + f". {NOT_WHY}"
        )
    if hidden:
        return f"The finding stands below the strength agreed beforehand and is not shown. {NOT_WHY}"
    estimate = effect.estimate - effect.no_effect
    direction = "higher" if estimate > 0 else "lower"
    unclear = effect.lower is not None and effect.upper is not None and effect.lower <= effect.no_effect <= effect.upper
    if rung == "attributable":
        verb = "led to about" if words.unit else "made the outcome about"
        return f"The change probably {verb} {words.more} {words.range}. {CHECKED}"
    if unclear:
        return f"No change could be told apart from chance {words.range}. {OTHER_REASONS}"
    if rung == "compared":
        return f"{direction.capitalize()} than where the change had not started. {OTHER_REASONS}"
    if rung == "described":
        span = f" {words.range}" if words.range else ""
        return f"The outcome was about {words.more} afterwards{span}. {NOT_WHY}"
    return "Told to us. We have not checked."
