"""The claim ladder: how strongly a finding may be worded, and why not more strongly.

Four rungs, lowest first: recorded, described, compared, attributable. Words are those of the glossary: never "proved", "saved" or
"failed". Nothing heavy is imported here, so that a notebook that only words findings starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from commissioning.wording import Standing, checked

from . import bias_checks
from .checks import checks
from .gates import RUNGS, SIZE, Check, Gates, Rung

if TYPE_CHECKING:
    from .effects.effect import Effect

NOT_WHY = "This does not say why."
OTHER_REASONS = "Other reasons are possible."

__all__ = ["Check", "Claim", "Gates", "compared", "described", "judge", "recorded"]


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
    caps: tuple[str, ...] = ()  # why a change that passed its checks is not put down to the pilot: clauses
    notes: tuple[str, ...] = ()  # what to hold beside an attributable change: sentences


def judge(
    effect: Effect,
    gates: Gates | Mapping[str, Any] | None = None,
    *,
    unit: str = "",
    scale_to: float = 1.0,
    decimals: int | None = None,
    standing: Standing = "not sealed",
) -> Claim:
    """The rung of an effect, the reasons, and the wording a finding must use.

    `gates` is a `Gates` or a mapping as `pilot.toml` gives it; None takes the house's gates.
    `unit` completes "about 12 more …" ("people in paid work"); `scale_to` multiplies the effect
    for the sentence (the people it holds for, or 100 for percentage points), with `decimals`. `standing` is
    "sealed" only where the gates were sealed before figures were seen, and stand as they were (see `seal`).
    Facts the design cannot know (a series break, negative controls, calibration) are read from
    `effect.diagnostics`: see `Effect.with_diagnostics`. Raises ValueError for an unknown gate.
    """
    if not hasattr(effect, "diagnostics"):
        raise ValueError(
            f"effect: an Effect is needed, as the methods of `effects` give it, not {type(effect).__name__}"
        )
    asked = Gates.of(gates)
    made = [*checks(effect, asked), *bias_checks.bias_checks(effect, asked)]
    passed = tuple(c for c in made if c.passed)
    failed = tuple(c for c in made if not c.passed)
    small = failed if all(c.name in SIZE for c in failed) and effect.diagnostics.get("comparator") is not False else ()
    failed = () if small else failed
    words = _Words(effect, unit, scale_to, decimals)
    top: Rung = "attributable"
    caps = tuple(f"{c.says[:1].lower()}{c.says[1:].rstrip('.')}" for c in small[:1])
    if not failed and bias_checks.is_clear(effect):
        caps += tuple(_caps(effect, asked))
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
    elif caps:
        top = "compared"
        reasons += [f"{c.says} Needed: {c.needed}." for c in small]
        reasons += [f"{one[:1].upper()}{one[1:]}." for one in caps[len(small[:1]) :]]
    if RUNGS.index(top) > RUNGS.index(asked.ceiling):
        top = asked.ceiling
        reasons.append(f"The gates allow no more than {top!r} here.")
    if not reasons:
        reasons.append(f"All {len(passed)} checks were passed, and the range leaves out no change.")
    if effect.value_withheld_because and not failed:
        reasons.append(effect.value_withheld_because)
    if "synthetic" in effect.method and not effect.diagnostics.get("negative_controls"):
        reasons.append(
            "No outcome that the pilot cannot move was tried: a mix of other places gives no standard error for one."
        )
    hidden = bool(failed) or RUNGS.index(top) < RUNGS.index(asked.floor)
    return Claim(
        rung=top,
        reasons=tuple(reasons),
        wording=_wording(effect, top, hidden, failed, words, standing, caps),
        passed=passed,
        failed=(*failed, *small),
        hidden=hidden,
        shown=None if hidden else (effect.estimate, effect.lower, effect.upper),
        caps=caps if top == "compared" else (),
        notes=bias_checks.notes(effect) if top == "attributable" else (),
    )


def _caps(effect: Effect, asked: Gates) -> list[str]:
    """Why a change that passed every check is no more than compared: what no check of these figures could tell."""
    d = effect.diagnostics
    found = [bias_checks.ceiling(effect, asked)]
    if (adjusted := d.get("p_of_many")) is not None and adjusted > 1 - effect.confidence:
        found.append(
            f"{d['questions']} outcomes were looked at, and such a change in one of them is seen by chance too often"
        )
    if weak := d.get("weak_assumption"):
        found.append(f"it rests on an assumption that is rated red and matters most: “{weak}”")
    return [one for one in found if one]


def as_printed(
    claim: Claim,
    effect: Effect,
    printed: tuple[float, float | None, float | None],
    *,
    unit: str = "",
    scale_to: float = 1.0,
    decimals: int | None = None,
    standing: Standing = "not sealed",
) -> Claim:
    """The same claim in the numbers that may be printed, in the effect's units: what it says is decided, and stays."""
    if claim.hidden:
        return claim
    estimate, lower, upper = printed
    if lower is None or upper is None:
        shown = replace(
            effect, estimate=estimate, lower=None, upper=None, withheld_because=effect.withheld_because or "-"
        )
    else:
        shown = replace(effect, estimate=estimate, lower=lower, upper=upper)
    words = _Words(shown, unit, scale_to, decimals)
    unclear = effect.lower is not None and effect.upper is not None and effect.lower <= effect.no_effect <= effect.upper
    wording = _wording(shown, claim.rung, False, (), words, standing, claim.caps, unclear=unclear)
    notes = bias_checks.notes(shown) if claim.rung == "attributable" else ()  # nothing of a limit that is not printed
    return replace(claim, wording=wording, shown=printed, notes=notes)


def withheld(claim: Claim, check: Check) -> Claim:
    """The claim with one more check that was not passed, after which nothing is shown."""
    failed = (*claim.failed, check)
    says = "; ".join(one.says.rstrip(".")[:1].lower() + one.says.rstrip(".")[1:] for one in failed)
    return replace(
        claim,
        rung="described",
        reasons=(*claim.reasons, f"{check.says} Needed: {check.needed}."),
        wording=f"What the change led to cannot be said: {says}. {NOT_WHY}",
        failed=failed,
        hidden=True,
        shown=None,
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


def _sentence(text: str, capital: bool = True) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"statement {text!r}: write what was found, in a sentence")
    text = text.strip()
    text = text if text.endswith((".", "!", "?")) else text + "."
    return text[:1].upper() + text[1:] if capital else text


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
        if size < 1:  # a small change is written as its limits need: "4.9 fewer to 3.5 more"
            size = min(9.9, max(abs(one or 0.0) for one in self.values))
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

    @property
    def moved(self) -> str:
        """'+12 in each 100 (+3 to +21)': a movement, in no word that compares."""
        sign = "%" if self.ratio else ""
        told = [f"{'−' if one < 0 else '+'}{self.number(abs(one))}{sign}" for one in self.values if one is not None]
        span = f" ({told[1]} to {told[2]})" if len(told) == 3 else ""
        return f"{told[0]} {self.unit}".rstrip() + span

    def _signed(self, value: float) -> str:
        text = self.number(abs(value))
        return f"{text} {'fewer' if value < 0 else 'more'}" if self.unit else f"{'−' if value < 0 else '+'}{text}"


def _wording(
    effect: Effect,
    rung: Rung,
    hidden: bool,
    failed: tuple[Check, ...],
    words: _Words,
    standing: Standing,
    caps: tuple[str, ...] = (),
    unclear: bool | None = None,
) -> str:
    if failed:
        return (
            "What the change led to cannot be said: "
            + "; ".join(c.says.rstrip(".")[:1].lower() + c.says.rstrip(".")[1:] for c in failed)
            + f". {NOT_WHY}"
        )
    if hidden:
        return f"The finding stands below the strength agreed and is not shown. {NOT_WHY}"
    estimate = effect.estimate - effect.no_effect
    direction = "higher" if estimate > 0 else "lower"
    if unclear is None:
        known = effect.lower is not None and effect.upper is not None
        unclear = known and effect.lower <= effect.no_effect <= effect.upper  # type: ignore[operator]
    if rung == "attributable":
        verb = "led to about" if words.unit else "made the outcome about"
        return f"The change probably {verb} {words.more} {words.range}. {checked(standing)}"
    if unclear and rung == "described":  # with nobody to compare with, no number here may sound like a comparison
        return f"No change afterwards could be told apart from chance. {NOT_WHY}"
    if unclear:
        return f"No change could be told apart from chance {words.range}. {OTHER_REASONS}"
    if rung == "compared" and caps:
        told = " ".join(x for x in (f"About {words.more}", words.range) if x)
        return (
            f"{told} than where the change had not started, and not put down to it, because {caps[0]}. {OTHER_REASONS}"
        )
    if rung == "compared":
        return f"{direction.capitalize()} than where the change had not started. {OTHER_REASONS}"
    if rung == "described":
        return f"Afterwards the outcome had moved by about {words.moved}. {NOT_WHY}"
    return "Told to us. We have not checked."
