"""The card of a change without a comparator: does the adjustment for how people were picked hold at this size?

People are drawn from a normal population, picked at the low (or high) end as `pilot.toml` says, and scored again with
nothing done for them. The adjusted change of `effects.regression_to_mean`, with each unit left out in turn, should
then be nought as often as it claims (Barnett, van der Pols & Dobson 2005, IJE 34:215).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..effects.before_after import started_panel
from ..effects.inference import t_quantile
from ..effects.regression_to_mean import before_and_after, distance_picked, picked_tail, slope
from .run import COLUMNS, Trials, row_of

MOST = 400  # units simulated: with more the limits only get better


@dataclass(frozen=True, kw_only=True)
class Picked:
    """What decides whether the adjustment holds: `units`, their mean and spread before, how two scores of one unit
    resemble each other (`resemblance`), the spread of the second about the first (`noise`), and how they were picked.
    """

    units: int
    mean: float
    spread: float
    resemblance: float
    noise: float
    distance: float
    chosen_share: float | None
    population_mean: float | None
    reliability: float | None
    picked: Literal["low", "high"]
    minimum_worthwhile_effect: float

    def key(self) -> str:
        """64 hexadecimal digits that change when anything that matters does: for seeds and caches."""
        plain = {k: float(f"{v:.10g}") if isinstance(v, float) else v for k, v in asdict(self).items()}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def picked_of(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    start: Any,
    chosen_share: float | None,
    population_mean: float | None,
    reliability: float | None,
    picked: Literal["low", "high"],
    minimum_worthwhile_effect: float,
) -> Picked:
    """The shape of a pilot in which everybody started at once, from the rows of `effects.before_after`."""
    share = None if population_mean is not None else chosen_share
    panel = started_panel(data.assign(_on=True), outcome=outcome, unit=unit, time=time, treated="_on", start=start)
    before, after, _ = before_and_after(panel)
    resemblance = float(np.clip(slope(before, after)[0], 0, 1)) if reliability is None else reliability
    left = after - after.mean() - resemblance * (before - before.mean())
    return Picked(
        units=len(before),
        mean=float(before.mean()),
        spread=float(before.std(ddof=1)),
        resemblance=resemblance,
        noise=float(left.std(ddof=1)),
        distance=distance_picked(before, share, population_mean, picked),
        chosen_share=share,
        population_mean=population_mean,
        reliability=reliability,
        picked=picked,
        minimum_worthwhile_effect=minimum_worthwhile_effect,
    )


def run_picked(shape: Picked, draws: int = 1_000) -> pd.DataFrame:
    """The calibration card of such a shape: one row, with the columns of `calibration.run`."""
    from scipy.special import ndtri

    units, sign = min(shape.units, MOST), 1.0 if shape.picked == "low" else -1.0
    rng = np.random.default_rng(int(shape.key()[:16], 16))
    if shape.chosen_share is None:
        score = rng.standard_normal((draws, units))
    else:
        tail, lost = picked_tail(shape.chosen_share)
        score = (ndtri(shape.chosen_share * rng.uniform(size=(draws, units))) + tail) / np.sqrt(1 - lost)
        score *= sign
    before = shape.mean + shape.spread * score
    whole = shape.mean + shape.distance
    after = whole + shape.resemblance * (before - whole) + shape.noise * rng.standard_normal((draws, units))

    ones = np.ones_like(before)
    sums = [ones, before, after, before * before, before * after]
    totals = [one.sum(axis=1, keepdims=True) for one in sums]
    estimate = _adjusted(totals, shape)[:, 0]
    left_out = _adjusted([total - one for total, one in zip(totals, sums, strict=True)], shape)
    deviations = left_out - left_out.mean(axis=1, keepdims=True)
    reach = t_quantile(0.975, units - 1) * np.sqrt((units - 1) / units * (deviations**2).sum(axis=1))
    moved = estimate + shape.minimum_worthwhile_effect
    trials = Trials(
        design="before_after",
        method="without a comparator",
        estimate=estimate,
        lower=estimate - reach,
        upper=estimate + reach,
        estimate_effect=moved,
        lower_effect=moved - reach,
        upper_effect=moved + reach,
        smallest_p=0.0,
    )
    card = pd.DataFrame([row_of(trials, shape.minimum_worthwhile_effect)])
    return card.assign(chosen=card["verdict"].ne("withheld"))[list(COLUMNS)]


def _adjusted(sums: list[np.ndarray], shape: Picked) -> np.ndarray:
    """The adjusted change from counts, sums, sums of squares and of products: `regression_to_mean.expected_size` again."""
    n, b, a, bb, ba = sums
    spread, shared = bb - b * b / n, ba - b * a / n
    r = shared / spread if shape.reliability is None else shape.reliability
    if shape.population_mean is not None:
        distance = shape.population_mean - b / n
    else:
        mean, lost = picked_tail(shape.chosen_share or 0.1)
        distance = mean * np.sqrt(spread / (n - 1)) / np.sqrt(1 - lost) * (1.0 if shape.picked == "low" else -1.0)
    return (a - b) / n - (1 - r) * distance
