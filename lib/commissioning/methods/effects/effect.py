"""What changed because of the pilot: one frozen result, the same for every design.

An `Effect` carries its estimand in words, so that a reader never meets a number
without the question it answers, and says for itself why an interval is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An estimated change, in the units of the outcome (or a rate ratio where `scale` says so).

    `estimate`, `lower` and `upper` are floats; `lower` and `upper` bound the estimate at
    `confidence`. Both are None where the interval is withheld, and then `withheld_because` is a
    sentence. `draws` is a float array of shape (n,) from the estimate's sampling distribution, or
    None where inference is by permutation, which has no such distribution: value for money is then
    withheld. `smallest_p_possible` is the smallest two-sided p-value the design could ever give
    (0.0 where it has no floor). `diagnostics` holds plain numbers, texts and small mappings.
    """

    estimand: str
    estimate: float
    lower: float | None
    upper: float | None
    method: str
    draws: np.ndarray | None = field(repr=False)
    diagnostics: Mapping[str, Any] = field(repr=False)
    smallest_p_possible: float
    withheld_because: str | None = None
    scale: str = "difference"  # or "ratio": then 1 is no effect
    confidence: float = 0.95

    def __post_init__(self) -> None:
        object.__setattr__(self, "diagnostics", MappingProxyType(dict(self.diagnostics)))
        if not np.isfinite(self.estimate):
            raise ValueError(f"estimate={self.estimate!r}: nothing could be estimated from these periods and units")
        if (self.lower is None) != (self.upper is None):
            raise ValueError("give both limits of an interval, or neither")
        if self.lower is None and not self.withheld_because:
            raise ValueError("an interval that is withheld says why: give withheld_because")
        if self.lower is not None and self.upper is not None:
            slack = 1e-9 * max(abs(self.estimate), abs(self.lower), abs(self.upper))
            if not self.lower - slack <= self.estimate <= self.upper + slack:
                raise ValueError(
                    f"the limits {self.lower:g} to {self.upper:g} do not bracket the estimate {self.estimate:g}"
                )
        if self.draws is not None:
            drawn = np.array(self.draws, dtype=float)
            drawn.setflags(write=False)
            object.__setattr__(self, "draws", drawn)

    @property
    def p_value(self) -> float | None:
        """Two-sided p-value of no effect, or None where the design gives none."""
        p = self.diagnostics.get("p_value")
        return None if p is None else float(p)

    @property
    def no_effect(self) -> float:
        """The value that means nothing changed: 0, or 1 for a ratio."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def value_withheld_because(self) -> str | None:
        """Why this effect cannot be set against spend, or None where it can."""
        if self.draws is not None:
            return None
        return (
            "Value for money may not be told: too few started to test the effect otherwise than by permutation. "
            "That says how unusual it is, and not its range, which cost would need."
            if "permutation" in self.method or "placebo" in self.method
            else "Value for money may not be told: " + (self.withheld_because or "the method gives no draws.")
        )

    def withheld(self, because: str) -> Effect:
        """The same effect with its interval and draws taken away, and the reason."""
        return replace(self, lower=None, upper=None, draws=None, withheld_because=because)

    def with_diagnostics(self, **more: Any) -> Effect:
        """The same effect with further diagnostics (a series break, completeness, negative controls …)."""
        return replace(self, diagnostics={**self.diagnostics, **more})
