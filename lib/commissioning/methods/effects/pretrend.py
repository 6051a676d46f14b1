"""Were those that started already on another path? Tests on the periods before only."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from . import autocorrelated
from .inference import ENOUGH_STARTED, Inference, Weigh, infer, without_noise
from .panel import Panel
from .weights import apply, per_row

CAN_TELL = 0.05  # a shuffle whose smallest p lies above this could never have shown a drift


def pretrend_weights(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Weights (P, R, T) of the slope before: how much faster, a period, starters were changing.

    Weighted least squares on the cells not yet started, with a level for each group and period,
    of (will ever start) × period. Where all start in the end, "later than average" takes the place
    of "never". One degree of freedom, so it has far more power against a steady drift than a joint
    test of every period (Roth 2022, American Economic Review: Insights).
    """
    periods = rows.shape[1]
    column = np.arange(periods)
    scale = per_row(size, rows)
    u = np.where((column < start[:, :, None]) & (rows > 0), rows[None] * scale[:, :, None], 0.0)
    z = swept(_line(start, periods), u)
    information = (u * z * z).sum(axis=(1, 2))
    enough = information > 1e-9 * u.sum(axis=(1, 2))
    out = np.divide(u * z, information[:, None, None], out=np.zeros_like(u), where=enough[:, None, None])
    out[~enough] = np.nan
    return out


def step_weights(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Weights (P, R, T) of the step at the start, beside a line that those that ever start may have been on all along.

    Weighted least squares on every cell, with a level for each group and period, of (has started) and (will ever start) × period. A
    drift makes no step: under one the estimate is 0, and the line is told from what came after the start too, so that it costs far
    less power than to ask how much a slope before would make (simulated: docs/decisions/0214).
    """
    periods = rows.shape[1]
    u = rows[None] * per_row(size, rows)[:, :, None]
    step = swept((np.arange(periods) >= start[:, :, None]).astype(float), u)
    line = swept(_line(start, periods), u)
    both, of_line = (u * step * line).sum(axis=(1, 2)), (u * line * line).sum(axis=(1, 2))
    part = np.divide(both, of_line, out=np.zeros_like(both), where=of_line > 1e-9 * u.sum(axis=(1, 2)))
    step = step - part[:, None, None] * line
    information = (u * step * step).sum(axis=(1, 2))
    enough = information > 1e-9 * u.sum(axis=(1, 2))
    out = np.divide(u * step, information[:, None, None], out=np.zeros_like(u), where=enough[:, None, None])
    out[~enough] = np.nan
    return out


def _line(start: np.ndarray, periods: int) -> np.ndarray:
    """(P, R, T) the period, of groups that ever start; where all do, later starts count less than earlier ones."""
    will = (start < periods).astype(float)
    everybody = will.min(axis=1) == 1
    will[everybody] = -(start[everybody] - start[everybody].mean(axis=1, keepdims=True))
    return will[:, :, None] * np.arange(periods)


def swept(z: np.ndarray, u: np.ndarray) -> np.ndarray:
    """`z` (P, R, T) less the levels of groups and periods that fit it best, cells weighing `u`."""
    periods = u.shape[2]
    column = np.arange(periods)
    u_group, u_time = u.sum(axis=2), u.sum(axis=1)
    share = np.divide(u, u_group[:, :, None], out=np.zeros_like(u), where=u_group[:, :, None] > 0)
    gram = -np.einsum("prt,prs->pts", u, share)
    gram[:, column, column] += u_time
    z = z - np.einsum("prt,prt->pr", share, z)[:, :, None]
    level = np.einsum("pts,ps->pt", np.linalg.pinv(gram, hermitian=True, rcond=1e-12), (u * z).sum(axis=1))
    z = z - level[:, None, :]
    return z - np.einsum("prt,prt->pr", share, z)[:, :, None]


def floor_of(found: Inference, panel: Panel) -> float:
    """The smallest p this test could have given to a drift of those that ever start.

    Shuffling waves among the same starters hardly changes who is set against whom, so what counts
    is the number of ways to pick who ever starts: 10 with three of five departments, a floor of .1.
    """
    if found.placebo_estimates is None:
        return 0.0
    starts = panel.cluster_start
    started = int((starts < len(panel.times)).sum())
    if started == len(starts):
        return found.smallest_p
    return max(found.smallest_p, 1 / comb(len(starts), started))


def gap_slope(panel: Panel) -> tuple[float, float] | None:
    """(slope, p) of the gap between those that will start and the others, over the periods before.

    One series, its periods as the cases: for designs with so few clusters that shuffling them
    cannot tell a drift from chance. Least squares with t below 12 periods, above that averaged
    over autocorrelation. None below four periods.
    """
    periods = len(panel.times)
    will = panel.start < periods
    if will.all():
        will = panel.start <= np.median(panel.start)
    first = int(panel.start.min())
    if first < 4 or will.all() or not will.any():
        return None
    weight = np.where(panel.observed, panel.weight[:, None], 0.0)[:, :first]
    y = np.nan_to_num(panel.y[:, :first])
    if (weight[will].sum(axis=0) == 0).any() or (weight[~will].sum(axis=0) == 0).any():
        return None
    gap = (weight * y)[will].sum(axis=0) / weight[will].sum(axis=0)
    gap = gap - (weight * y)[~will].sum(axis=0) / weight[~will].sum(axis=0)
    design = np.column_stack([np.ones(first), np.arange(first)])
    how = autocorrelated.ordinary if first < 12 else autocorrelated.fit
    gap = without_noise(gap, panel.y[:, :first])
    scale = float(np.abs(gap).max()) or 1.0
    fitted = how(gap[None] / scale, design, np.array([0.0, 1.0]))
    slope = float(without_noise(fitted.estimate, np.ones(1))[0])
    if fitted.spread.max() == 0:  # a line without scatter: its slope is 0, or it is certain
        return slope * scale, 0.0 if slope else 1.0
    below = float(fitted.below(np.zeros(1))[0])
    return slope * scale, 2 * min(below, 1 - below)


def drift_share(panel: Panel, weigh: Weigh, estimate: float) -> dict[str, float | None]:
    """`drift_share`: the part of the estimate that the slope before would make by itself if it went on.

    The estimator applied to a straight line of that slope in all that ever start. Only where
    clusters are so few that a shuffle cannot tell a drift from chance: there its size must serve.
    """
    periods, starts = len(panel.times), panel.cluster_start
    started = int((starts < periods).sum())
    few = min(started, int((starts == starts.max()).sum())) < ENOUGH_STARTED
    if started == len(starts) or not few or 1 / comb(len(starts), started) <= CAN_TELL or estimate == 0:
        return {"drift_share": None}
    one, size = panel.start[None], panel.weight[None]
    slope = float(apply(pretrend_weights(one, size, panel.n), panel.y)[0])
    line = np.where((panel.start < periods)[:, None], np.arange(periods), 0.0)
    made = slope * float(apply(weigh(one, size, panel.n), line)[0])
    return {"drift_share": made / estimate if np.isfinite(made) else None}


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
    if floor_of(found, panel) > CAN_TELL:
        series = gap_slope(panel)  # weak with few periods: shown beside, and `drift_share` decides
        return {
            "pretrend": found.estimate,
            "pretrend_p": None,
            "pretrend_limits": None,
            "pretrend_series_p": None if series is None else series[1],
        }
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
        # A test that could never have failed is no test: then it is not counted as passed.
        "placebo_date_p": found.p_value if floor_of(found, panel) <= CAN_TELL else None,
    }
