"""Were those that started already on another path? Tests on the periods before only."""

from __future__ import annotations

from typing import Any

import numpy as np

from .inference import Weigh, infer
from .panel import Panel


def pretrend_weights(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Weights (P, R, T) of the slope before: how much faster, a period, starters were changing.

    For each cohort: least-squares slope over its own periods before of its mean less that of the
    groups not started by then; cohorts averaged by size × information. One degree of freedom, so
    it has far more power against a steady drift than a joint test of every period (Roth 2022).
    """
    designs, groups = start.shape
    periods = rows.shape[1]
    seen = rows > 0
    out = np.zeros((designs, groups, periods))
    total = np.zeros(designs)
    for g in (int(v) for v in np.unique(start) if 1 < v < periods):
        column = np.arange(g) - (g - 1) / 2
        complete = seen[:, :g].all(axis=1)
        treated = np.where((start == g) & complete, size, 0.0)
        control = np.where((start > g) & complete, size, 0.0)
        t_sum, c_sum = treated.sum(axis=1), control.sum(axis=1)
        ok = (t_sum > 0) & (c_sum > 0)
        contrast = np.where(
            ok[:, None],
            treated / np.where(ok, t_sum, 1)[:, None] - control / np.where(ok, c_sum, 1)[:, None],
            0.0,
        )
        information = np.where(ok, t_sum * (column**2).sum(), 0.0)
        out[:, :, :g] += (information[:, None] * contrast)[:, :, None] * (column / (column**2).sum())
        total += information
    out[total <= 0] = np.nan
    return out / np.where(total > 0, total, 1)[:, None, None]


def pretrend(panel: Panel, inference: str = "auto") -> dict[str, Any]:
    """`pretrend`, `pretrend_p`, `pretrend_limits`: slope before a period, in units of the outcome.

    None throughout where no group has two periods before with somebody to compare with.
    """
    start = panel.start[None]
    nothing = {"pretrend": None, "pretrend_p": None, "pretrend_limits": None}
    if not np.isfinite(pretrend_weights(start, panel.weight[None], panel.n)).all():
        return nothing
    try:
        found = infer(pretrend_weights, panel, how=inference)
    except ValueError:
        return nothing
    if not np.isfinite(found.estimate):
        return nothing
    limits = None if found.lower is None else (found.lower, found.upper)
    return {"pretrend": found.estimate, "pretrend_p": found.p_value, "pretrend_limits": limits}


def placebo_dates(panel: Panel, weigh: Weigh, inference: str = "auto") -> dict[str, Any]:
    """`placebo_date_estimates` and `placebo_date_p`: the effect had the pilot started earlier.

    Starts are moved back to the middle of the periods before the first start, and everything
    after the first start is dropped, so any effect found there cannot be the pilot's.
    """
    periods = len(panel.times)
    first = int(panel.start[panel.start < periods].min(initial=periods))
    nothing: dict[str, Any] = {"placebo_date_estimates": {}, "placebo_date_p": None}
    if first < 3 or not (panel.start > first).any():
        return nothing
    middle = first // 2 + first % 2
    started = panel.start < periods
    if started.all():
        return nothing
    moved = Panel(
        y=panel.y[:, :first],
        n=panel.n[:, :first],
        weight=panel.weight,
        start=np.where(started, middle, first),
        cluster=panel.cluster,
        names=panel.names,
        cluster_names=panel.cluster_names,
        times=panel.times[:first],
        n_units=panel.n_units,
        n_rows=int(panel.n[:, :first].sum()),
        rows_left_out=0,
        started_before=0,
    )
    try:
        found = infer(weigh, moved, how=inference)
    except ValueError:
        return nothing
    if not np.isfinite(found.estimate):
        return nothing
    return {
        "placebo_date_estimates": {panel.times[middle]: found.estimate},
        "placebo_date_p": found.p_value,
    }
