"""The calibration card: the bands, and what they do to an effect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from ..effects.effect import Effect

COVERS_AT_LEAST = 0.926  # 99.9% Monte Carlo bands of 1,000 draws around 95% and 5%
REJECTS_AT_MOST = 0.074
CONSERVATIVE_ABOVE = 0.971


def judge(coverage: float, type_1_error: float, smallest_p: float) -> tuple[str, str]:
    """(verdict, reason): used, conservative or withheld."""
    if smallest_p > 0.05:
        return "withheld", f"the smallest p-value this design could ever give is {smallest_p:.3f}, above 0.05"
    if not coverage >= COVERS_AT_LEAST:
        return "withheld", f"95% intervals covered {coverage:.1%} of simulated pilots of this shape; 92.6% is needed"
    if not type_1_error <= REJECTS_AT_MOST:
        return "withheld", f"an effect was found in {type_1_error:.1%} of pilots without one; 7.4% is the most allowed"
    if coverage > CONSERVATIVE_ABOVE:
        return "conservative", f"95% intervals covered {coverage:.1%}: wider than they need be"
    return "used", f"95% intervals covered {coverage:.1%} of simulated pilots of this shape"


def verdict(card: pd.DataFrame, effect: Effect) -> dict[str, Any] | None:
    """The card's row for an effect's design and method, as a mapping; None where it was not tried."""
    if card.empty:
        return None
    here = card[
        (card["design"] == effect.diagnostics.get("design")) & (card["method"] == effect.diagnostics.get("method_id"))
    ]
    return None if here.empty else {str(k): v for k, v in here.iloc[0].to_dict().items()}


def apply(effect: Effect, card: pd.DataFrame) -> Effect:
    """The effect with its calibration beside it; the interval is taken away where it was not earned.

    Withheld also where the card does not hold this method: nothing is believed that was not tried.
    """
    row = verdict(card, effect)
    if row is None:
        row = {"verdict": "withheld", "reason": "the method was not tried on simulated pilots of this shape"}
    marked = effect.with_diagnostics(calibration=row)
    if row["verdict"] == "withheld" and effect.lower is not None:
        return marked.withheld(f"The interval may not be told: {row['reason']}.")
    if row["verdict"] == "conservative":
        return replace(marked, method=f"{effect.method} (conservative)")
    return marked
