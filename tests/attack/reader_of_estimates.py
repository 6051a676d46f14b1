"""An attacker of printed estimates. They know everybody's answers but one person's, the method, and how numbers are printed; they do
not know the council's secret. So they try every noise that there is, under a yes and under a no, and guess what fits better.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd

from commissioning.methods.effects import influence, staggered_estimate
from commissioning.methods.effects.inference import t_quantile

Printed = tuple[float | None, float | None, float | None]
SHOCKS = np.array([NormalDist().inv_cdf((place + 0.5) / 256) for place in range(256)])


def worked_out(rows: pd.DataFrame) -> tuple[float, float, float]:
    """The estimate, its standard error, and the most one person can move it: of public methods."""
    how = {"outcome": "value", "unit": "ward", "time": "period", "first_treated": "first"}
    estimate, error = staggered_estimate(rows, **how, cluster="ward")
    slope = influence.staggered_slopes(rows, **how)
    return estimate, float(error or 0.0), influence.of_one_person(slope, np.ones(len(rows)), rows["person"].to_numpy())


def prints(estimate: float, error: float, most: float, places: int, noise_worth: float) -> np.ndarray:
    """(n, 3) what would be printed of it, in points of a hundred, under each of the noises."""
    estimate, error, noise = 100 * estimate, 100 * error, 100 * most * noise_worth
    reach = t_quantile(0.975, places - 1) * error
    total = math.hypot(error, noise)
    ten = 10.0 ** math.floor(math.log10(total / 2))
    step = max(one * ten for one in (1, 2, 5) if one * ten <= total / 2 * (1 + 1e-9))
    middle = estimate + SHOCKS * noise
    wider = math.hypot(reach, 1.959964 * noise)
    own = 0.6 * noise * reach / wider
    # Each noise of the estimate with some of those of its range: they are independent.
    middle, jolt = np.repeat(middle, 64), np.tile(SHOCKS[2::4], 256)
    half = np.maximum(wider + own * (jolt + own / wider), wider / 2)
    shown = np.floor(middle / step + 0.5) * step
    low, high = np.floor((middle - half) / step + 1e-9) * step, np.ceil((middle + half) / step - 1e-9) * step
    if estimate - reach > 0:
        low, shown = np.maximum(low, step / 5), np.maximum(shown, step)
    elif estimate + reach < 0:
        high, shown = np.minimum(high, -step / 5), np.minimum(shown, -step)
    else:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    low, high = np.minimum(low, shown), np.maximum(high, shown)
    return np.column_stack([shown, low, high])


def fits(printed: Printed, rows: pd.DataFrame, places: int, noise_worth: float) -> float:
    """How often such people's answers would have been printed so; never quite never."""
    seen = [float(x or 0.0) for x in printed]
    found = prints(*worked_out(rows), places, noise_worth)
    near = (np.abs(found - np.array(seen)) < 0.01).all(axis=1)
    return float(near.mean()) + 1e-5


def odds(printed: Printed, yes: pd.DataFrame, no: pd.DataFrame, places: int, noise_worth: float) -> float:
    """Log odds of a yes against a no, from one printed estimate with its limits."""
    return math.log(fits(printed, yes, places, noise_worth) / fits(printed, no, places, noise_worth))
