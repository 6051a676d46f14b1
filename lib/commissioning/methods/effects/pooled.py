"""The 2×2 on repeated cross-sections: other people before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.wording import counted

from . import permutation
from .effect import Effect
from .inference import ENOUGH_OTHERS, ENOUGH_STARTED, left_out_limits, seed_of, shared_draws, without_noise
from .panel import DID_NOT_VARY, is_flat

SIGNS = np.array([1.0, -1.0, -1.0, 1.0])  # cells: other before, other after, started before, started after


def pooled(
    *,
    values: np.ndarray,
    after: np.ndarray,
    begun: np.ndarray,
    cluster: pd.Series,
    words: str,
    confidence: float,
    inference: str = "auto",
) -> Effect:
    """Difference of four cell means over rows (n,), with whole clusters left out or shuffled.

    The estimate equals the interaction term of ordinary least squares (Wooldridge, Introductory
    Econometrics, example 13.3); its textbook standard error is kept as a diagnostic only.
    """
    from statsmodels.regression.linear_model import OLS

    known = np.isfinite(values) & cluster.notna().to_numpy()
    y, late, on = values[known], after[known], begun[known]
    if all(is_flat(y[on == side]) for side in (True, False)):
        raise ValueError(DID_NOT_VARY)
    code, names = pd.factorize(cluster[known], sort=True)
    cell = on * 2 + late
    groups = len(names)
    flat = code * 4 + cell
    total = np.bincount(flat, weights=y, minlength=groups * 4).reshape(groups, 4)
    count = np.bincount(flat, minlength=groups * 4).reshape(groups, 4).astype(float)
    sums, counts = total.sum(axis=0), count.sum(axis=0)
    if (counts == 0).any():
        raise ValueError("one of the four groups (started or not, before or after) holds no row")
    means = sums / counts
    estimate = float(without_noise(SIGNS @ means, y))
    df = len(y) - 4
    model = np.column_stack([np.ones(len(y)), on, late, on & late]).astype(float)
    textbook = float(OLS(y, model).fit().bse[3]) if df > 0 else None
    started_rows = count[:, 2:].sum(axis=1) > 0
    other_rows = count[:, :2].sum(axis=1) > 0
    mixed = bool((started_rows & other_rows).any())
    n_started, n_other = int(started_rows.sum()), int(other_rows.sum())
    few = n_started < ENOUGH_STARTED or n_other < ENOUGH_OTHERS
    lower = upper = draws = p = error = why = None
    smallest, placebos = 0.0, None
    left_counts = counts - count
    if inference != "permutation" and not few and (left_counts > 0).all():
        left_out = ((sums - total) / left_counts) @ SIGNS
        found = left_out_limits(estimate, without_noise(left_out - left_out.mean(), y), confidence)
        lower, upper, error, p, how = found.lower, found.upper, found.error, found.p_value, found.how
        draws = (
            shared_draws(estimate, found.deviations, tuple(names))
            if groups <= 2_000
            else estimate + error * (np.random.default_rng(seed_of("pooled", groups)).standard_t(groups - 1, 4_000))
        )
    elif not mixed:
        start = np.where(started_rows, 0, 1)
        table, smallest = permutation.assignments(start, seed=seed_of("pooled", tuple(map(str, names))))
        by_time = np.stack([count[:, 0] + count[:, 2], count[:, 1] + count[:, 3]], axis=1)
        sum_by_time = np.stack([total[:, 0] + total[:, 2], total[:, 1] + total[:, 3]], axis=1)
        chosen = (table == 0).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            treated_mean = (chosen @ sum_by_time) / (chosen @ by_time)
            control_mean = ((1 - chosen) @ sum_by_time) / ((1 - chosen) @ by_time)
            shown = (chosen @ count[:, 3]) / (chosen @ by_time[:, 1])
            hidden = ((1 - chosen) @ count[:, 3]) / ((1 - chosen) @ by_time[:, 1])
        estimates = (treated_mean[:, 1] - treated_mean[:, 0]) - (control_mean[:, 1] - control_mean[:, 0])
        estimates = without_noise(estimates, y)
        p = permutation.p_value(estimates)
        limits = permutation.invert(estimates, shown - hidden, confidence)
        placebos = estimates[1:]
        smallest = max(smallest, 1 / max(1, int(np.isfinite(estimates).sum())))
        if limits is None:
            why = f"The smallest p-value this design could ever give is {smallest:.3f}: no interval can be printed."
        else:
            lower, upper = limits
        how = f"permutation: {len(table):,} ways the start could have fallen, compared with the real one"
    else:
        why = f"Only {counted(n_started, 'cluster')} held rows that started and {n_other} rows that did not: too few for limits."
        how, smallest = "none: too few clusters", 1.0
    return Effect(
        estimand=words,
        estimate=estimate,
        lower=lower,
        upper=upper,
        method=f"difference in differences of cell means (different people before and after); {how}",
        draws=draws,
        diagnostics={
            "design": "before_after",
            "method_id": f"cell means, {how.split(':')[0]}",
            "n_units": groups,
            "n_treated": n_started,
            "n_controls": n_other,
            "clusters": groups,
            "n_rows": int(len(y)),
            "n_periods_before": 1,
            "n_periods_after": 1,
            "completeness": float(known.mean()),
            "cell_means": dict(
                zip(("other before", "other after", "started before", "started after"), means.tolist(), strict=True)
            ),
            "textbook_standard_error": textbook,
            "standard_error": error,
            "p_value": p,
            "placebo_estimates": None if placebos is None else placebos.tolist(),
            "inference": how.split(":")[0],
            "pretrend": None,
            "pretrend_p": None,
            "warnings": ("Other people before and after: who they are may have changed.",),
        },
        smallest_p_possible=float(smallest),
        withheld_because=why,
        confidence=confidence,
    )
