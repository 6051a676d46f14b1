"""Estimates are outputs too: each is rounded to its own standard error, and moved by keyed noise, before it is printed.

One who knows everybody's answers but one's can work an estimate out twice, with a yes and with a no, and see which was printed. The
two differ by the person's *influence*. So the noise is as large beside the largest influence of one person as the noise of a
count is beside one person, and is fixed by the set of people behind the estimate: the same people give the same number in
every report. Limits are widened by it. What a claim, a gate or a verdict says is decided on the data, before the noise; where it
says that the range holds no change, or leaves it out, the printed range is cut or stretched to say so too.

Sources: ONS and Eurostat, "Guidelines for output checking" (at least ten degrees of freedom and ten people behind an estimate);
`policy()` for the rate at which one answer may be guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from commissioning.disclosure import keys
from commissioning.disclosure.policy import Policy, policy
from commissioning.disclosure.rounding import nearest

FEWEST_PEOPLE = 10  # different people on each side of a comparison
FEWEST_DEGREES = 10  # residual degrees of freedom
FIGURES = 2  # in which one answer stands: an estimate and its range; what is worked out from printed ones tells no more
VERSIONS = 2  # of an estimate, that the rate is kept for; counts are published in more: docs/decisions/0160 says what four would cost
RANGE = (
    0.6  # how far an answer that moves an estimate by 1 moves half its range; more where places are few (tests/attack)
)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """Who stands behind an estimate.

    `people`: different people on each side of the comparison (rows, where rows name nobody); `degrees`: residual degrees of
    freedom; None where the method has none. `influence`: the most that one person can move the estimate, in its units.
    `key`: see `key_of`; None where rows name nobody, who then needs no noise. `public`: everybody can read the rows.
    """

    people: tuple[int, ...]
    degrees: int | None
    influence: float = 0.0
    key: int | None = None
    public: bool = False

    def withheld(self) -> str:
        """Why nothing may be printed of it, in plain words; "" where it may."""
        if self.public:
            return ""
        if min(self.people, default=0) < FEWEST_PEOPLE:
            return f"Fewer than {FEWEST_PEOPLE} people stand on one side of the comparison, so it would tell of each of them."
        if self.degrees is not None and self.degrees < FEWEST_DEGREES:
            return (
                f"It rests on too few places or quarters ({max(self.degrees, 0)} degrees of freedom, and {FEWEST_DEGREES} are "
                "needed), so it would tell of each of them."
            )
        return ""

    def noise(self, rules: Policy | None = None) -> float:
        """Standard deviation of the noise, in the estimate's units; also where a small pilot's counts have none (`disclosure.fitted`)."""
        if self.public or self.key is None:
            return 0.0
        return self.influence * worth(rules)


@dataclass(frozen=True, kw_only=True)
class ReleasedEstimate:
    """An estimate as it may be printed; all None where `withheld` says why. `step`: what it is rounded to; `noise`: the standard
    deviation of the noise in it, in its own units."""

    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    step: float = 0.0
    noise: float = 0.0
    withheld: str = ""


def worth(rules: Policy | None = None) -> float:
    """Noise (standard deviation) for an influence of 1: so that one answer is guessed no better than `surest_guess`.

    An answer that moves each of k figures by d is told right, from noise of s, with probability Φ(√k · d ÷ 2s).
    """
    rules = rules or policy()
    return math.sqrt(FIGURES * VERSIONS) / (2 * NormalDist().inv_cdf(rules.surest_guess))


def key_of(everybody: Iterable[int], rows: Iterable[float], *more: float) -> int:
    """The key (0 to 65,535) of an estimate: of the record keys of all different people behind it, and of who said what.

    `rows`: record keys of the rows with an outcome, each as often as it has one; without them a changed answer would leave the noise
    as it was, and the estimate would move by what one answer moves it. `more`: totals of amounts.
    """
    sums = [float(sum(int(one) for one in everybody)), float(sum(int(one) for one in rows)), *map(float, more)]
    whole = [np.array([abs(one) % 2.0**53]) for one in sums]
    return int(keys.cell_keys(*whole)[0]) + keys.KEYS * int(keys.cell_keys(*whole, np.ones(1))[0])


def moved(key: int) -> float:
    """The noise of a key for a standard deviation of 1: a normal value, of its last eight bits."""
    return NormalDist().inv_cdf((key % keys.KEYS + 0.5) / keys.KEYS)


def step_of(error: float) -> float:
    """The largest of 1, 2, 5 × 10ᵏ that is at most half of a standard error (and more than a fifth of it); 0 for none."""
    if not error > 0 or not math.isfinite(error):
        return 0.0
    ten = 10.0 ** math.floor(math.log10(error / 2))
    return next(digit * ten for digit in (5, 2, 1) if digit * ten <= error / 2 * (1 + 1e-9))


def decimals_of(step: float) -> int | None:
    """How many decimals an estimate rounded to this step has; None where it is not rounded."""
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else None


def released_estimate(
    estimate: float,
    lower: float | None,
    upper: float | None,
    *,
    standard_error: float | None,
    behind: Behind,
    no_change: float = 0.0,
    rules: Policy | None = None,
) -> ReleasedEstimate:
    """What may be printed of an estimate with its limits (None, None where it has none), all in the units that are printed.

    `standard_error` None: taken from the limits. Limits hold their share of the truth with the noise: half a range of h becomes
    √(h² + (1.96 s)²) for noise s, with a smaller noise of its own (for one answer moves a range too), rounded outwards.
    """
    if why := behind.withheld():
        return ReleasedEstimate(estimate=None, withheld=why)
    noise = behind.noise(rules)
    reach = NormalDist().inv_cdf(0.975)
    error = standard_error
    if error is None:
        error = 0.0 if lower is None or upper is None else (upper - lower) / (2 * reach)
    step = step_of(math.hypot(error, noise)) or step_of(abs(estimate) / 5)
    if not step:
        return ReleasedEstimate(estimate=estimate, lower=lower, upper=upper, noise=noise)
    middle = estimate + (moved(behind.key) * noise if behind.key is not None else 0.0)
    shown = _tidy(float(nearest([middle / step], 1)[0]) * step)
    if lower is None or upper is None:
        return ReleasedEstimate(estimate=shown, step=step, noise=noise)
    below, above = (_half(one, noise, reach, behind.key) for one in (estimate - lower, upper - estimate))
    low = _down((middle - below) / step) * step
    high = -_down(-(middle + above) / step) * step
    if lower > no_change:
        low, shown = max(low, no_change + step / 5), max(shown, no_change + step)
    elif upper < no_change:
        high, shown = min(high, no_change - step / 5), min(shown, no_change - step)
    else:
        low, high = min(low, no_change), max(high, no_change)
    low, high = min(low, shown), max(high, shown)
    return ReleasedEstimate(estimate=shown, lower=_tidy(low), upper=_tidy(high), step=step, noise=noise)


def released_count(count: int, key: int | None, rules: Policy | None = None) -> int | None:
    """How many people stand behind an estimate, as any count of people is released: with noise, 5 by 5; None where it is too few."""
    rules = rules or policy()
    noisy = float(count)
    if key is not None:
        noisy += float(keys.noise([count], np.array([key % keys.KEYS]), rules.noise)[0])
        if noisy <= rules.suppress_to:
            return None
    elif 0 < count <= rules.suppress_to:
        return None
    return int(nearest([noisy], rules.round_to)[0])


def _half(half: float, noise: float, reach: float, key: int | None) -> float:
    """Half of a range, wider by the noise in the estimate, and with noise of its own that keeps its coverage on average."""
    wider = math.hypot(half, reach * noise)
    if key is None or not wider > 0:
        return wider
    own = RANGE * noise * half / wider
    return max(wider + own * (moved(key // keys.KEYS) + own / wider), wider / 2)


def _down(steps: float) -> float:
    return math.floor(steps + 1e-9)


def _tidy(value: float) -> float:
    """Without what only binary fractions add: 8.400000000000002 → 8.4."""
    return float(f"{value:.12g}") + 0.0
