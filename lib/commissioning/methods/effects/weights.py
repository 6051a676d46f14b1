"""Estimators that are linear in the outcome, as weights: estimate = Σ weight × cell.

Weights depend on the design alone, so every left-out ward, every permutation and every
simulated draw is a product of matrices. All functions are batched over P designs (a left-out
cluster, a permutation): `start` (P, R) column at which each group starts, T for never; `size`
(P, R) weight of each group, 0 where left out; `rows` (R, T) rows behind each cell, 0 where
unseen. They return (P, R, T) floats, NaN throughout where a design identifies nothing.
"""

from __future__ import annotations

import numpy as np

AGGREGATES = ("group", "simple", "dynamic")


def pair_shares(
    pairs: list[tuple[int, int]], usable: np.ndarray, cohort_size: np.ndarray, aggregate: str
) -> np.ndarray:
    """Share of each ATT(g, t) in the overall figure (Callaway & Sant'Anna 2021, section 3.1).

    `pairs` are (g, t) with t ≥ g; `usable` (P, K) bool; `cohort_size` (P, K) weight of cohort g.
    group: mean over t within g, then by cohort size; simple: by cohort size over all pairs;
    dynamic: by cohort size within event time, then the plain mean over event times.
    """
    weight = np.where(usable, cohort_size, 0.0)
    if aggregate == "simple":
        total = weight.sum(axis=1, keepdims=True)
        return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    keys = np.array([g if aggregate == "group" else t - g for g, t in pairs])
    shares = np.zeros_like(weight)
    block_total = np.zeros(len(weight))
    for key in np.unique(keys):
        here = keys == key
        alive = weight[:, here].sum(axis=1)
        if aggregate == "group":
            count = usable[:, here].sum(axis=1)
            block = np.where(count > 0, weight[:, here].max(axis=1), 0.0)  # the cohort's size
            within = usable[:, here] / np.maximum(count, 1)[:, None]
        else:
            block = (alive > 0).astype(float)
            within = np.divide(
                weight[:, here], alive[:, None], out=np.zeros_like(weight[:, here]), where=alive[:, None] > 0
            )
        shares[:, here] = within * block[:, None]
        block_total += block
    return np.divide(shares, block_total[:, None], out=np.zeros_like(shares), where=block_total[:, None] > 0)


def _pairs(start: np.ndarray, periods: int) -> list[tuple[int, int]]:
    cohorts = [int(g) for g in np.unique(start) if 0 < g < periods]
    return [(g, t) for g in cohorts for t in range(g, periods)]


def callaway_santanna(
    start: np.ndarray,
    size: np.ndarray,
    rows: np.ndarray,
    *,
    aggregate: str = "group",
    controls: str = "never",
    pair: tuple[int, int] | None = None,
) -> np.ndarray:
    """Weights of Callaway & Sant'Anna (2021) without covariates (their "reg" and "dr" agree there).

    ATT(g, t) = mean change from g−1 to t of those that started at g, less the same for controls
    ("never": never started; "not yet": not started by t). Cells unseen at either end drop out of
    that comparison. `pair` asks for one ATT(g, t) instead of the overall figure; for t < g the
    base is the period before (the varying base of the R package did).
    """
    designs, groups = start.shape
    periods = rows.shape[1]
    seen = rows > 0
    pairs = [pair] if pair else _pairs(start, periods)
    usable = np.zeros((designs, len(pairs)), bool)
    cohort_size = np.zeros((designs, len(pairs)))
    parts = []
    for k, (g, t) in enumerate(pairs):
        base = g - 1 if t >= g else t - 1
        both = size * (seen[:, t] & seen[:, base])
        treated = np.where(start == g, both, 0.0)
        later = start >= periods if controls == "never" else start > max(t, base)
        control = np.where(later & (start != g), both, 0.0)
        treated_sum, control_sum = treated.sum(axis=1), control.sum(axis=1)
        usable[:, k] = (treated_sum > 0) & (control_sum > 0)
        cohort_size[:, k] = np.where(start == g, size, 0.0).sum(axis=1)
        contrast = np.divide(
            treated, treated_sum[:, None], out=np.zeros_like(treated), where=treated_sum[:, None] > 0
        ) - np.divide(control, control_sum[:, None], out=np.zeros_like(control), where=control_sum[:, None] > 0)
        parts.append((base, t, contrast))
    shares = usable.astype(float) if pair else pair_shares(pairs, usable, cohort_size, aggregate)
    out = np.zeros((designs, groups, periods))
    for k, (base, t, contrast) in enumerate(parts):
        out[:, :, t] += shares[:, k, None] * contrast
        out[:, :, base] -= shares[:, k, None] * contrast
    out[~usable.any(axis=1)] = np.nan
    return out


def per_row(size: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(P, R) what a row of each group counts, so that its mean period weighs the size it is given; 0 without rows."""
    mean_rows = rows.sum(axis=1) / np.maximum((rows > 0).sum(axis=1), 1)
    return np.divide(size, mean_rows, out=np.zeros_like(size, dtype=float), where=mean_rows > 0)


def imputation(start: np.ndarray, size: np.ndarray, rows: np.ndarray, *, aggregate: str = "group") -> np.ndarray:
    """Weights of the imputation estimator (Borusyak, Jaravel & Spiess 2024, REStud).

    Group and period levels are fitted by weighted least squares on cells not yet started; the
    effect is the mean of what was seen less what they predict. It uses every period before, so
    it is far more precise than one base period where people differ from quarter to quarter.
    """
    designs, groups = start.shape
    periods = rows.shape[1]
    column = np.arange(periods)
    seen = rows > 0
    before = (column < start[:, :, None]) & seen
    scale = per_row(size, rows)
    u = np.where(before, rows[None] * scale[:, :, None], 0.0)
    u_group, u_time = u.sum(axis=2), u.sum(axis=1)
    reachable = (u_group > 0)[:, :, None] & (u_time > 0)[:, None, :] & seen
    pairs = _pairs(start, periods)
    usable = np.zeros((designs, len(pairs)), bool)
    cohort_size = np.zeros((designs, len(pairs)))
    after = np.where(reachable & (column >= start[:, :, None]), rows[None] * scale[:, :, None], 0.0)
    cohorts = [(g, [k for k, (cohort, _) in enumerate(pairs) if cohort == g]) for g in dict(pairs)]
    totals = {}
    for g, at in cohorts:
        mine = (start == g).astype(float)
        totals[g] = (mine[:, None, :] @ after[:, :, g:])[:, 0]
        usable[:, at] = totals[g] > 0
        cohort_size[:, at] = (mine * size).sum(axis=1)[:, None]
    shares = pair_shares(pairs, usable, cohort_size, aggregate)
    # Share of each row of a cohort in the whole: a group stands in one cohort only, so each cell is written once.
    a = np.zeros((designs, groups, periods))
    for g, at in cohorts:
        each = np.divide(shares[:, at], totals[g], out=np.zeros_like(totals[g]), where=totals[g] > 0)
        design, group = np.nonzero(start == g)
        a[design, group, g:] = after[design, group, g:] * each[design]
    share_before = np.divide(u, u_group[:, :, None], out=np.zeros_like(u), where=u_group[:, :, None] > 0)
    a_group = a.sum(axis=2)
    gram = -(u.transpose(0, 2, 1) @ share_before)
    gram[:, column, column] += u_time
    wanted = (a_group[:, None, :] @ share_before)[:, 0] - a.sum(axis=1)
    # A group seen in every period before ties all periods together: the levels then lack one constant only.
    tied = (((u > 0) | (u_time == 0)[:, None, :]).all(axis=2) & (u_group > 0)).any(axis=1)
    v = np.empty((designs, periods))
    v[tied] = _period_levels(gram[tied], wanted[tied], u_time[tied])
    v[~tied] = (np.linalg.pinv(gram[~tied], hermitian=True, rcond=1e-12) @ wanted[~tied, :, None])[..., 0]
    out = a - a_group[:, :, None] * share_before
    out += u * (v[:, None, :] - share_before @ v[:, :, None])
    out[~usable.any(axis=1)] = np.nan
    return out


def _period_levels(gram: np.ndarray, wanted: np.ndarray, u_time: np.ndarray) -> np.ndarray:
    """(P, T) of gram (P, T, T) v = wanted (P, T) with v summing to 0, and 0 where a period was not seen.

    The same as by the pseudo-inverse, in a tenth of its time: each gram is made invertible by adding what it lacks.
    """
    known = (u_time > 0).astype(float)
    unit = u_time.sum(axis=1)[:, None, None] / np.maximum(known.sum(axis=1), 1)[:, None, None] ** 2
    whole = gram + unit * known[:, :, None] * known[:, None, :]
    column = np.arange(gram.shape[1])
    whole[:, column, column] += 1 - known
    return np.linalg.solve(whole, wanted[..., None])[..., 0]


def change_before_after(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Weights of the 2×2: mean change of those that started less that of those that did not.

    Each group's change is its mean after less its mean before (periods weighted by their rows);
    a group unseen on either side drops out. All started groups share one start column.
    """
    designs, groups = start.shape
    periods = rows.shape[1]
    finite = start[start < periods]
    at = int(finite.min()) if len(finite) else periods
    after = np.arange(periods) >= at
    count_before, count_after = rows[:, ~after].sum(axis=1), rows[:, after].sum(axis=1)
    both = (count_before > 0) & (count_after > 0)
    within = np.zeros((groups, periods))
    within[:, after] = rows[:, after] / np.maximum(count_after, 1)[:, None]
    within[:, ~after] = -rows[:, ~after] / np.maximum(count_before, 1)[:, None]
    treated = np.where(start < periods, size * both, 0.0)
    control = np.where(start >= periods, size * both, 0.0)
    t_sum, c_sum = treated.sum(axis=1, keepdims=True), control.sum(axis=1, keepdims=True)
    contrast = np.divide(treated, t_sum, out=np.zeros_like(treated), where=t_sum > 0) - np.divide(
        control, c_sum, out=np.zeros_like(control), where=c_sum > 0
    )
    out = contrast[:, :, None] * within[None]
    out[((t_sum <= 0) | (c_sum <= 0))[:, 0]] = np.nan
    return out


def apply(weights: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Estimates (P,) from weights (P, R, T) and cells (R, T); unseen cells have weight 0."""
    flat = weights.reshape(len(weights), -1)
    return flat @ np.nan_to_num(y, nan=0.0).ravel()
