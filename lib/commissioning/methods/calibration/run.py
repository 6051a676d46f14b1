"""Simulate this pilot's own shape, with and without an effect, and see which methods hold.

Every linear method is a set of weights that depends on the design alone: worked out once, then a
thousand pilots with a jackknife and 999 permutations are products of matrices. Synthetic control
is fitted again for each simulated pilot (outcomes only, so that nothing is nested).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..effects import autocorrelated, permutation, weights
from ..effects.inference import t_quantile
from ..effects.pretrend import step_weights
from ..effects.synthetic import simplex_weights
from ..gates import Gates
from .card import judge
from .shape import Shape

POWER = 0.8
DRIFT_P = Gates().drift_p or 1.0
COLUMNS = (
    "design", "method", "draws", "coverage", "coverage_error", "type_1_error", "type_1_error_error", "bias",
    "bias_error", "power", "power_error", "detectable_effect", "power_with_checks", "exaggeration",
    "smallest_p_possible", "verdict", "reason", "chosen",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What a method did on D simulated pilots without an effect, and with one.

    `estimate` (D,), `lower`, `upper` (D,) under no effect; `estimate_effect`, `lower_effect`,
    `upper_effect` (D,) under the minimum worthwhile effect.
    """

    design: str
    method: str
    estimate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    estimate_effect: np.ndarray
    lower_effect: np.ndarray
    upper_effect: np.ndarray
    smallest_p: float
    stands: np.ndarray | None = None
    """(D,) whether an effect of that size also stands beside a drift: what the checks ask of a change; None where none is asked."""


def simulate(shape: Shape, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cell means (draws, G, T) without an effect, and rows (G, T): fixed, as the design is.

    Each cluster wanders as a first-order autoregression; each cell adds the mean of its rows'
    noise, skewed as they are (a gamma, whose skewness falls with the root of the rows).
    """
    groups, periods = shape.clusters, shape.periods
    mean_rows = np.array(shape.rows_per_cell) * (1 - shape.missing)
    rows = np.where(
        mean_rows[:, None] >= 30, np.round(mean_rows)[:, None], rng.poisson(mean_rows[:, None], (groups, periods))
    )
    if np.allclose(mean_rows, 1.0):
        rows = np.ones((groups, periods))
    rows = np.broadcast_to(rows, (groups, periods)).astype(float)
    wander_sd = shape.spread * np.sqrt(shape.icc / (1 - shape.icc))
    level = np.empty((draws, groups, periods))
    level[:, :, 0] = rng.standard_normal((draws, groups))
    step = np.sqrt(1 - shape.autocorrelation**2)
    for t in range(1, periods):
        level[:, :, t] = shape.autocorrelation * level[:, :, t - 1] + step * rng.standard_normal((draws, groups))
    level *= wander_sd
    deviation = shape.spread / np.sqrt(np.maximum(rows, 1))
    if abs(shape.skew) < 0.05:
        level += deviation * rng.standard_normal(level.shape)
    else:
        k = 4 * np.maximum(rows, 1) / shape.skew**2
        level += np.sign(shape.skew) * deviation * (rng.standard_gamma(k, level.shape) - k) / np.sqrt(k)
    return level + shape.baseline, rows


def run(
    shape: Shape, draws: int = 1_000, *, seed: int | None = None, methods: Sequence[str] | None = None
) -> pd.DataFrame:
    """The calibration card of a shape: one row a design and method.

    Columns: design, method, draws; coverage (of the 95% interval, over pilots with and without an
    effect), type_1_error, bias (mean estimate less the truth), power (at the minimum worthwhile
    effect), detectable_effect (found in 80% of pilots), each `_error` their Monte Carlo standard
    error; smallest_p_possible; verdict (used, conservative, withheld), reason, and chosen: the
    method of each design that is not withheld and detects the smallest effect (a jackknife before
    the permutation of the same estimator). Same shape and
    draws, same card. `methods` keeps only rows whose method starts with one of these words.
    """
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 2:
        raise ValueError(f"draws={draws!r}: two or more, 1,000 for a verdict")
    methods = [methods] if isinstance(methods, str) else methods
    rng = np.random.default_rng(shape.seed() if seed is None else seed)
    y, rows = simulate(shape, draws, rng)
    table = []
    for trials in _trials(shape, y, rows, rng, methods):
        table.append(row_of(trials, shape.minimum_worthwhile_effect))
    card = pd.DataFrame(table, columns=[c for c in COLUMNS if c != "chosen"])
    card["chosen"] = False
    for _, usable in card[card["verdict"] != "withheld"].groupby("design"):
        # A jackknife gives draws to carry through to cost, a permutation does not: where both of
        # one estimator hold, the jackknife is preferred.
        names = usable["method"]
        second = names.str.endswith(", permutation") & names.str.replace(", permutation", ", jackknife").isin(names)
        card.loc[usable.loc[~second, "detectable_effect"].idxmin(), "chosen"] = True
    return card[list(COLUMNS)]


def row_of(t: Trials, effect: float) -> dict[str, object]:
    """One row of a card: what a method did on simulated pilots, and the verdict."""
    draws = len(t.estimate)
    inside = (t.lower <= 0) & (t.upper >= 0)
    inside_effect = (t.lower_effect <= effect) & (t.upper_effect >= effect)
    coverage = float((inside.mean() + inside_effect.mean()) / 2)
    type_1 = float(1 - inside.mean())
    found = (t.lower_effect > 0) | (t.upper_effect < 0)
    power = float(found.mean())
    needed = np.where(np.isfinite(t.lower), -t.lower, np.inf)  # an effect of this size lifts the interval clear of 0
    errors = t.estimate_effect - effect
    claimed = found & (t.estimate_effect > 0) & (True if t.stands is None else t.stands)
    said, reason = judge(coverage, type_1, t.smallest_p)

    def share_error(p: float) -> float:
        return float(np.sqrt(p * (1 - p) / draws))

    return {
        "design": t.design, "method": t.method, "draws": draws,
        "coverage": coverage, "coverage_error": share_error(coverage),
        "type_1_error": type_1, "type_1_error_error": share_error(type_1),
        "bias": float(errors.mean()), "bias_error": float(errors.std(ddof=1) / np.sqrt(draws)),
        "power": power, "power_error": share_error(power),
        "detectable_effect": float(np.sort(needed)[min(draws - 1, int(np.ceil(POWER * draws)))]),
        "power_with_checks": float(claimed.mean()),
        "exaggeration": float(t.estimate_effect[claimed].mean() / effect) if claimed.any() and effect else np.nan,
        "smallest_p_possible": t.smallest_p, "verdict": said, "reason": reason,
    }  # fmt: skip


def _trials(
    shape: Shape, y: np.ndarray, rows: np.ndarray, rng: np.random.Generator, methods: Sequence[str] | None
) -> Iterator[Trials]:
    start = np.minimum(np.array(shape.first_treated), shape.periods)
    keep = start > 0
    y, rows, start = y[:, keep], rows[keep], start[keep]
    size = np.where(rows > 0, rows, 0).sum(axis=1) / np.maximum((rows > 0).sum(axis=1), 1)
    never = bool((start >= shape.periods).any())
    controls = "never" if never else "not yet"
    wanted = tuple(methods) if methods else ("",)

    def asked(name: str) -> bool:
        return name.startswith(wanted)

    def callaway(s: np.ndarray, w: np.ndarray, n: np.ndarray) -> np.ndarray:
        return weights.callaway_santanna(s, w, n, controls=controls)

    linear: list[tuple[str, str, Callable[..., np.ndarray]]] = []
    if never or len(np.unique(start)) > 1:
        linear += [("staggered", "callaway_santanna", callaway), ("staggered", "imputation", weights.imputation)]
    if shape.one_start and never:
        linear.append(("before_after", "difference in differences", weights.change_before_after))
    for design, method, weigh in linear:
        if asked(method):
            yield from _linear(design, method, weigh, shape, y, rows, start, size)
    if shape.one_start and asked("least squares"):
        yield _series("least squares", shape, y, rows, start, size)
    if shape.one_start and asked("autocorrelated"):
        yield _series("autocorrelated", shape, y, rows, start, size)
    if shape.one_start and (start >= shape.periods).sum() >= 2 and asked("synthetic control") and (rows > 0).all():
        yield _synthetic(shape, y, start, rng)


def _linear(
    design: str,
    method: str,
    weigh: Callable[..., np.ndarray],
    shape: Shape,
    y: np.ndarray,
    rows: np.ndarray,
    start: np.ndarray,
    size: np.ndarray,
) -> Iterator[Trials]:
    draws, groups = y.shape[:2]
    flat = y.reshape(draws, -1).T
    effect = shape.minimum_worthwhile_effect
    one = weigh(start[None], size[None], rows)[0]
    if not np.isfinite(one).all():
        return
    estimate = one.ravel() @ flat
    # A constant effect moves the estimate and every left-out estimate alike.
    moved = estimate + effect * float((one * (np.arange(shape.periods) >= start[:, None])).sum())
    out = np.where(np.eye(groups, dtype=bool), 0.0, size[None])
    left = weigh(np.tile(start, (groups, 1)), out, rows)
    if groups >= 3 and np.isfinite(left).all():
        each = left.reshape(groups, -1) @ flat
        error = np.sqrt((groups - 1) / groups * ((each - each.mean(axis=0)) ** 2).sum(axis=0))
        reach = t_quantile(0.975, groups - 1) * error
        yield Trials(
            design=design, method=f"{method}, jackknife", estimate=estimate, lower=estimate - reach,
            upper=estimate + reach, estimate_effect=moved, lower_effect=moved - reach, upper_effect=moved + reach,
            smallest_p=0.0, stands=_stands(method, start, size, rows, flat, effect),
        )  # fmt: skip
    table, smallest = permutation.assignments(start, seed=shape.seed())
    every = weigh(table, np.tile(size, (len(table), 1)), rows).reshape(len(table), -1)
    ok = np.isfinite(every).all(axis=1)
    every = every[ok]
    response = every @ (np.arange(shape.periods) >= start[:, None]).astype(float).ravel()
    smallest = max(smallest, 1.0 / len(every))
    lower, upper = permutation.invert_many(every @ flat, response)
    shift = moved - estimate
    yield Trials(
        design=design, method=f"{method}, permutation", estimate=estimate, lower=lower, upper=upper,
        estimate_effect=moved, lower_effect=lower + shift, upper_effect=upper + shift, smallest_p=smallest,
    )  # fmt: skip


def _stands(
    method: str, start: np.ndarray, size: np.ndarray, rows: np.ndarray, flat: np.ndarray, effect: float
) -> np.ndarray | None:
    """(D,) whether the step at the start stands beside a drift at the p below which the gate `drift_p` of the house asks for one."""
    groups = len(start)
    out = np.where(np.eye(groups, dtype=bool), 0.0, size[None])
    one = step_weights(start[None], size[None], rows)[0].ravel()
    left = step_weights(np.tile(start, (groups, 1)), out, rows).reshape(groups, -1)
    if method == "difference in differences" or not (np.isfinite(one).all() and np.isfinite(left).all()):
        return None
    each = left @ flat
    error = np.sqrt((groups - 1) / groups * ((each - each.mean(axis=0)) ** 2).sum(axis=0))
    return np.asarray(one @ flat + effect > t_quantile(1 - DRIFT_P / 2, groups - 1) * error)


def _series(method: str, shape: Shape, y: np.ndarray, rows: np.ndarray, start: np.ndarray, size: np.ndarray) -> Trials:
    """The started clusters' mean as one interrupted series."""
    begun = start < shape.periods
    share = np.where(rows[begun] > 0, size[begun, None], 0.0)
    series = np.einsum("dgt,gt->dt", y[:, begun], share / np.where(share.sum(axis=0) > 0, share.sum(axis=0), 1.0))
    clock = np.arange(shape.periods, dtype=float)
    after = clock >= start[begun].min()
    design = np.column_stack([np.ones_like(clock), clock - clock.mean(), after.astype(float)])
    contrast = np.array([0.0, 0.0, 1.0])
    fitted = (autocorrelated.ordinary if method == "least squares" else autocorrelated.fit)(series, design, contrast)
    lower, upper, estimate = fitted.quantile(0.025), fitted.quantile(0.975), fitted.estimate
    effect = shape.minimum_worthwhile_effect  # a step of this size moves every coefficient alike
    return Trials(
        design="interrupted", method=method, estimate=estimate, lower=lower, upper=upper,
        estimate_effect=estimate + effect, lower_effect=lower + effect, upper_effect=upper + effect, smallest_p=0.0,
    )  # fmt: skip


def _synthetic(shape: Shape, y: np.ndarray, start: np.ndarray, rng: np.random.Generator) -> Trials:
    """Synthetic control with placebo units, fitted afresh for every simulated pilot.

    Weights come from the periods before, so a constant effect after moves the estimate and leaves
    the placebos where they are (the started units are no donors of theirs).
    """
    begun = start < shape.periods
    at = int(start[begun].min())
    donors = np.flatnonzero(~begun)
    many = int(begun.sum())
    if many == 1:
        fakes = [np.array([d]) for d in donors]
    elif many < len(donors):
        fakes = [rng.choice(donors, many, replace=False) for _ in range(39)]
    else:
        fakes = []
    estimates = np.empty((1 + len(fakes), len(y)))
    for d, cells in enumerate(y):
        for k, (mine, others) in enumerate(
            [(np.flatnonzero(begun), donors)] + [(f, np.setdiff1d(donors, f)) for f in fakes]
        ):
            path = cells[mine].mean(axis=0)
            weight = simplex_weights(path[:at], cells[others, :at].T)
            estimates[k, d] = float((path[at:] - weight @ cells[others, at:]).mean())
    response = np.zeros(len(estimates))
    response[0] = 1.0
    lower, upper = permutation.invert_many(estimates, response)
    effect = shape.minimum_worthwhile_effect
    return Trials(
        design="synthetic", method="synthetic control, placebo units", estimate=estimates[0], lower=lower, upper=upper,
        estimate_effect=estimates[0] + effect, lower_effect=lower + effect, upper_effect=upper + effect,
        smallest_p=1.0 / len(estimates),
    )  # fmt: skip
