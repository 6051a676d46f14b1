"""How much one person can move an estimate: what each row counts in it, summed over the rows of a person on one side.

`slopes_…` give, for each of n rows, the change of the estimate for a change of 1 in the row's outcome. Estimators on cells that are
linear give it as a weight divided by the rows of the cell; of the others it is found by moving each cell by one row's answer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from . import weights
from .interrupted import interrupted
from .panel import Panel, build
from .regression_to_mean import before_and_after
from .synthetic import simplex_weights


def places_of(panel: Panel, unit: pd.Series, time: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(group, period) of each of n rows in a panel's cells; −1 where the row is in none."""
    group = pd.Index(panel.names).get_indexer(pd.Index(unit.astype(object)))
    period = pd.Index(panel.times).get_indexer(pd.Index(time.astype(object)))
    return group, period


def on_rows(panel: Panel, slope: np.ndarray, unit: pd.Series, time: pd.Series) -> np.ndarray:
    """(n,) slopes of rows from the slopes (R, T) of cell means."""
    group, period = places_of(panel, unit, time)
    each = np.divide(slope, panel.n, out=np.zeros_like(panel.n), where=panel.n > 0)
    return np.where((group >= 0) & (period >= 0), each[group, period], 0.0)


def staggered_slopes(data: pd.DataFrame, *, outcome: str, unit: str, time: str, first_treated: str) -> np.ndarray:
    """(n,) slopes of `staggered(…, method="imputation", cluster=unit)`."""
    panel = build(data, outcome=outcome, unit=unit, time=time, first_treated=first_treated, cluster=unit)
    made = weights.imputation(panel.start[None], panel.weight[None], panel.n)[0]
    return on_rows(panel, np.nan_to_num(made), data[unit], data[time])


def change_slopes(panel: Panel, unit: pd.Series, time: pd.Series) -> np.ndarray:
    """(n,) slopes of the 2×2 on groups that are seen before and after."""
    made = weights.change_before_after(panel.start[None], panel.weight[None], panel.n)[0]
    return on_rows(panel, np.nan_to_num(made), unit, time)


def pooled_slopes(after: np.ndarray, begun: np.ndarray) -> np.ndarray:
    """(n,) slopes of a difference of four cell means."""
    cell = begun.astype(int) * 2 + after.astype(int)
    count = np.bincount(cell, minlength=4).astype(float)
    return (np.array([1.0, -1.0, -1.0, 1.0]) / np.maximum(count, 1.0))[cell]


def travelled_slopes(
    panel: Panel, unit: pd.Series, time: pd.Series, adjusted: Callable[[np.ndarray, np.ndarray], float], reach: float
) -> np.ndarray:
    """(n,) slopes of a change with nobody to compare with: `adjusted(before, after)` of means a unit; `reach`: the outcome's range."""
    late = np.arange(len(panel.times)) >= int(panel.start.min())
    before, after, seen = before_and_after(panel)
    whole = adjusted(before, after)
    slope = np.zeros_like(panel.n)
    for side, means in ((~late, before), (late, after)):
        rows = panel.n[:, side].sum(axis=1)[seen]
        for at, group in enumerate(np.flatnonzero(seen)):
            step = reach / rows[at]
            changed = means.copy()
            changed[at] += step
            moved = adjusted(changed, after) if means is before else adjusted(before, changed)
            # A cell's mean is its share of the side's mean, so each row of the side counts alike.
            slope[group, side] = panel.n[group, side] / rows[at] * (moved - whole) / step
    return on_rows(panel, slope, unit, time)


def interrupted_slopes(data: pd.DataFrame, *, outcome: str, time: str, start: int, reach: float) -> np.ndarray:
    """(n,) slopes of `interrupted` on the mean of each period. `time` holds whole numbers; `reach`: the outcome's range."""
    grouped = data.groupby(time)[outcome]
    series, rows = grouped.mean(), grouped.size()
    whole = _level(series, start)
    moved = {}
    for when in series.index:
        step = reach / rows[when]
        changed = series.copy()
        changed[when] += step
        moved[when] = (_level(changed, start) - whole) / step / rows[when]
    return data[time].map(moved).fillna(0.0).to_numpy(dtype=float)


def _level(series: pd.Series, start: int) -> float:
    frame = series.rename("y").rename_axis("t").reset_index()
    return interrupted(frame, outcome="y", time="t", start=start).estimate


def synthetic_slopes(panel: Panel, unit: pd.Series, time: pd.Series, reach: float) -> np.ndarray:
    """(n,) slopes of a synthetic comparison: a row before the start also moves the mix. `reach`: the outcome's range."""
    begun = panel.start < len(panel.times)
    at = int(panel.start.min())
    whole = _gap(panel.y, begun, at)
    slope = np.zeros_like(panel.n)
    for group, period in zip(*np.nonzero(panel.n > 0), strict=True):
        step = reach / panel.n[group, period]
        moved = []
        for sign in (1, -1):  # a mix changes by jumps: the larger of the two ways
            changed = panel.y.copy()
            changed[group, period] += sign * step
            moved.append(abs(_gap(changed, begun, at) - whole))
        slope[group, period] = max(moved) / step
    return on_rows(panel, slope, unit, time)


def _gap(y: np.ndarray, begun: np.ndarray, at: int) -> float:
    path, others = y[begun].mean(axis=0), y[~begun]
    weight = simplex_weights(path[:at], others[:, :at].T)
    return float((path - weight @ others)[at:].mean())


def of_one_person(slope: np.ndarray, size: np.ndarray, person: np.ndarray) -> float:
    """The most that one person can move an estimate by their answers on one side: those that raise it, or those that lower it.

    `slope` (n,) as above; `size` (n,): how far each row's outcome can move (the range of a yes or no; how far an amount lies from
    what is usual); `person` (n,): a number for each, below 0 for a row that names nobody, which is then one by itself. Taking
    a person away moves it by less: what they said before the start and after it counts against each other.
    """
    adds = slope * size
    named = person >= 0
    alone = float(np.abs(adds[~named]).max(initial=0.0))
    if not named.any():
        return alone
    who = person[named].astype(int)
    up, down = (np.bincount(who, weights=np.maximum(sign * adds[named], 0.0)) for sign in (1, -1))
    return max(alone, float(up.max()), float(down.max()))


def of_one_amount(slope: np.ndarray, value: np.ndarray, person: np.ndarray) -> float:
    """How far one person's amounts move an estimate: half of what the one who moves it most does by being there at all, or what one
    does on average where that is more (as amounts of people are protected everywhere).

    `slope` (n,) as above; `value` (n,) the amounts, of which a usual one moves nothing; `person` (n,): a number for each.
    """
    adds = slope * (value - float(np.nanmean(value)))
    by_person = np.abs(np.bincount(person - min(int(person.min()), 0), weights=np.nan_to_num(adds)))
    return max(float(by_person.max()) / 2, float(by_person.mean()))
