"""What a pilot looks like, as far as it decides whether a method can be trusted there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ..effects.panel import build, outcome_numbers
from ..inputs import NOISE


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The shape of one pilot's evidence for one measure.

    `first_treated`: for each cluster the period (0-based) at which it started, `periods` for never.
    `rows_per_cell`: mean rows of each cluster a period. `spread`: standard deviation between the
    rows of a cell, in the outcome's units. `icc`: share of variance that lies between clusters and
    wanders over time (levels that stay for good cancel out of every design here);
    `autocorrelation` of that wandering from one period to the next. `skew` of the rows. `missing`:
    share of rows with an unknown outcome. `minimum_worthwhile_effect`: the smallest change worth having, and
    `baseline`, the level before, both in the outcome's units.
    """

    units: int
    clusters: int
    periods: int
    first_treated: tuple[int, ...]
    rows_per_cell: tuple[float, ...]
    icc: float = 0.02
    autocorrelation: float = 0.4
    skew: float = 0.0
    missing: float = 0.0
    minimum_worthwhile_effect: float = 0.05
    baseline: float = 0.5
    spread: float = 0.5

    def __post_init__(self) -> None:
        for name in ("minimum_worthwhile_effect", "baseline", "spread", "skew"):
            if not np.isfinite(getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r}: a number is needed")
        if self.clusters < 1 or self.periods < 2:
            raise ValueError(f"a shape needs a cluster and two periods, not {self.clusters} and {self.periods}")
        for name in ("first_treated", "rows_per_cell"):
            if len(getattr(self, name)) != self.clusters:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {self.clusters} clusters")
        if not any(0 < g < self.periods for g in self.first_treated):
            raise ValueError("first_treated: no cluster starts within the periods (0-based; `periods` for never)")
        if not (0 <= self.icc < 1 and -1 < self.autocorrelation < 1 and 0 <= self.missing < 1):
            raise ValueError("icc and missing lie in [0, 1), autocorrelation in (−1, 1)")
        if self.spread <= 0 or not all(0 < rows < np.inf for rows in self.rows_per_cell):
            raise ValueError("spread and rows_per_cell are above 0")

    def key(self) -> str:
        """64 hexadecimal digits that change when anything that matters does: for seeds and caches."""
        plain = {k: _rounded(v) for k, v in asdict(self).items()}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def seed(self) -> int:
        """The seed of every simulation of this shape."""
        return int(self.key()[:16], 16)

    @property
    def one_start(self) -> bool:
        """True where every cluster that started did so in the same period."""
        return len({g for g in self.first_treated if g < self.periods}) == 1


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, tuple):
        return [_rounded(v) for v in value]
    return value


def shape_of(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    cluster: str | None = None,
    minimum_worthwhile_effect: float,
) -> Shape:
    """The shape of long rows, as `effects.staggered` takes them.

    Noise, wandering and autocorrelation come from how cell means differ at each distance in time
    (the variogram of group means, less the period's own mean): ½E(y_{t+k} − y_t)² = noise/n +
    wander(1 − ρᵏ), fitted by least squares that are never negative, so people who are the same
    from period to period, and levels that stay, are taken as found and not assumed. Effects of
    the pilot itself are kept out by using differences within the same state (before or after).
    """
    panel = build(data, outcome=outcome, unit=unit, time=time, first_treated=first_treated, cluster=cluster)
    groups, periods = panel.y.shape
    values = outcome_numbers(data, outcome)
    known = np.isfinite(values)
    baseline_cells = np.where(np.arange(periods) < panel.start[:, None], panel.n, 0.0)
    baseline = float(np.nansum(np.nan_to_num(panel.y) * baseline_cells) / (baseline_cells.sum() or 1.0))
    centred = values[known] - values[known].mean()
    sd = float(centred.std())
    skew = float((centred**3).mean() / sd**3) if sd > 0 else 0.0
    skew = 0.0 if abs(skew) < 1e-9 else skew  # of values that lie evenly about their mean, which rounding alone skews
    binary = bool(np.isin(values[known], (0.0, 1.0)).all())
    if groups == 1:
        noise, wander, rho = _series(panel.y[0], panel.n[0], panel.start[0], sd)
    else:
        noise, wander, rho = _variogram(panel.y, panel.n, panel.start)
    spread = float(np.sqrt(noise)) if noise > NOISE * sd**2 else sd
    return Shape(
        units=panel.n_units,
        clusters=groups,
        periods=periods,
        first_treated=tuple(int(g) for g in panel.start),
        rows_per_cell=tuple(float(w) for w in np.maximum(panel.n.mean(axis=1), 1e-3)),
        icc=float(np.clip(wander / (wander + spread**2), 0.0, 0.99)),
        autocorrelation=rho,
        skew=0.0 if binary else skew,
        missing=float(1 - known.mean()),
        minimum_worthwhile_effect=float(minimum_worthwhile_effect),
        baseline=baseline,
        spread=spread,
    )


def _variogram(y: np.ndarray, n: np.ndarray, start: np.ndarray) -> tuple[float, float, float]:
    """(noise of one row, wander variance, autocorrelation) from cell means (R, T) and rows (R, T)."""
    from scipy.optimize import nnls

    groups, periods = y.shape
    seen = n > 0
    state = np.arange(periods) >= start[:, None]
    level = np.full_like(y, np.nan)
    for after in (False, True):  # take off each period's mean within the same state
        here = seen & (state == after)
        weight = np.where(here, n, 0.0)
        total = weight.sum(axis=0)
        mean = np.divide((weight * np.nan_to_num(y)).sum(axis=0), total, out=np.zeros(periods), where=total > 0)
        enough = here.sum(axis=0) > 1
        level[here & enough] = (y - mean)[here & enough]
        # A mean of k groups takes 1/k of the variance with it: put it back.
        k = here.sum(axis=0)
        level[:, enough] = np.where(
            here[:, enough], level[:, enough] * np.sqrt(k / np.maximum(k - 1, 1))[enough], level[:, enough]
        )
    rows, target, weight_of = [], [], []
    for lag in range(1, max(2, min(periods - 1, 12) + 1)):
        a, b = level[:, :-lag], level[:, lag:]
        same = np.isfinite(a) & np.isfinite(b) & (state[:, :-lag] == state[:, lag:])
        if not same.any():
            continue
        half = 0.5 * (b - a)[same] ** 2
        inverse = 0.5 * (1 / n[:, :-lag][same] + 1 / n[:, lag:][same])
        rows.append((lag, float(inverse.mean())))
        target.append(float(half.mean()))
        weight_of.append(np.sqrt(same.sum()))
    if not rows:
        return 0.0, 0.0, 0.0
    best = (np.inf, 0.0, 0.0, 0.0)
    scale = max(target)
    if scale <= (NOISE * float(np.nanmax(np.abs(y)))) ** 2:  # nothing moves but what rounding moves
        return 0.0, 0.0, 0.0
    for rho in np.arange(0.0, 0.96, 0.05):
        design = np.array([[inv, 1 - rho**lag] for lag, inv in rows]) * np.array(weight_of)[:, None]
        found, misfit = nnls(design, np.array(target) / scale * np.array(weight_of))
        if misfit < best[0] - 1e-9:
            best = (misfit, found[0] * scale, found[1] * scale, float(rho))
    _, noise, wander, rho = best
    return noise, wander, round(rho, 2) if wander > 0 else 0.0


def _series(y: np.ndarray, n: np.ndarray, start: int, sd: float) -> tuple[float, float, float]:
    """The same of one series (T,): what its rows' own spread `sd` does not explain of it, about a line with a step.

    The wander is what is left of the scatter, never below nothing, and its autocorrelation that of neighbours.
    """
    seen = np.flatnonzero(n > 0)
    design = np.column_stack([np.ones(len(seen)), seen - seen.mean(), (seen >= start).astype(float)])
    if len(seen) < 6 or np.linalg.matrix_rank(design) < 3:
        return sd**2, 0.0, 0.0
    left = y[seen] - design @ np.linalg.lstsq(design, y[seen], rcond=None)[0]
    total, noise = float(left @ left) / (len(seen) - 3), sd**2 * float((1 / n[seen]).mean())
    if n.max() <= 1 or total <= noise:  # one row a period: what is noise and what wanders cannot be told apart
        return (total, 0.0, 0.0) if n.max() <= 1 else (sd**2, 0.0, 0.0)
    rho = float(left[1:] @ left[:-1] / (left @ left)) * total / (total - noise)
    return sd**2, total - noise, round(float(np.clip(rho, 0.0, 0.95)), 2)
