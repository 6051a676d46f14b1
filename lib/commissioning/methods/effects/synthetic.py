"""A weighted mix of others as the comparator, tested by pretending that each other unit started."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..inputs import check_confidence
from .before_after import started_panel
from .effect import Effect
from .inference import Inference, seed_of, without_noise
from .panel import MOVED_ALIKE, moved_alike
from .permutation import invert, p_value
from .staggered import describe


def simplex_weights(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Weights (J,), none negative, summing to 1, that bring donors (T, J) nearest to target (T,).

    The exact optimum of ‖target − donors·w‖² (Abadie, Diamond & Hainmueller 2010 with every
    outcome before as a predictor, unstandardised), by an active-set method: solve with equality on
    the donors in use, step back where a weight would turn negative, bring in the donor whose
    gradient asks for it, until none does. Scale-free; ties are settled by the donor's position.
    """
    count = donors.shape[1]
    scale = float(np.abs(donors).max()) or 1.0
    a, b = donors / scale, target / scale
    # Shift by the target: with weights summing to 1 the misfit is (donors − target)·w, and the
    # Gram matrix keeps its digits.
    gap = a - b[:, None]
    gram = gap.T @ gap
    ridge = 1e-13 * (float(np.trace(gram)) or 1.0)
    gram[np.diag_indices(count)] += ridge  # a unique answer where there are more donors than periods
    weight = np.zeros(count)
    weight[int(np.argmin(np.diag(gram)))] = 1.0
    used = weight > 0
    for _ in range(50 * count + 100):
        inside = np.flatnonzero(used)
        while True:
            solved = np.linalg.solve(gram[np.ix_(inside, inside)], np.ones(len(inside)))
            wanted = solved / solved.sum()
            if (wanted >= -1e-12).all():
                break
            current = weight[inside]
            falling = wanted < current
            steps = np.where(falling & (wanted < 0), current / np.where(falling, current - wanted, 1.0), np.inf)
            step = float(steps.min())
            weight[inside] = current + min(step, 1.0) * (wanted - current)
            leaving = inside[int(np.argmin(steps))]
            weight[leaving] = 0.0
            used[leaving] = False
            inside = np.flatnonzero(used)
        weight[:] = 0.0
        weight[inside] = np.maximum(wanted, 0.0)
        gradient = gram @ weight
        level = float(weight @ gradient)
        best = int(np.argmin(np.where(used, np.inf, gradient))) if not used.all() else -1
        if best < 0 or gradient[best] >= level - 1e-10 * max(level, float(np.trace(gram)) / count):
            break
        used[best] = True
    return np.asarray(weight / weight.sum())


def synthetic(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: Any,
    confidence: float = 0.95,
) -> Effect:
    """Synthetic control: the unit(s) that started against the best mix of units that did not.

    `data` is long, one row a `unit` and `time` (many are averaged); `treated` is a column of true
    and false; `start` is the first period with the pilot. The mix is chosen on every outcome
    before, unstandardised (`simplex_weights`). The effect is the mean gap after, in the outcome's
    units. Inference is by placebo units: each unit that never started is given the pilot in turn,
    with the units that did start left out of its mix. Where one unit started, p is the rank of the ratio
    of the gap after to the misfit before (Abadie et al. 2010). Where several did, a placebo has fewer
    units left to mix than they had, so its misfit before is larger by design: p is then the rank of
    the gap itself. Limits are the constant effects that the rank
    of the gap does not reject; None below the floor 1/(units). No standard error is given.
    Raises ValueError where cells are missing, fewer than two units did not start, or the confidence is no share.
    """
    check_confidence(confidence)
    panel = started_panel(data, outcome=outcome, unit=unit, time=time, treated=treated, start=start)
    periods = len(panel.times)
    begun = panel.start < periods
    if not begun.any():
        raise ValueError(f"treated={treated!r}: no unit started, or the start is after the last period")
    if int((~begun).sum()) < 2:
        raise ValueError("two units or more that did not start are needed to make a mix")
    if not panel.observed.all():
        incomplete = [str(panel.names[i]) for i in np.flatnonzero(~panel.observed.all(axis=1))[:5]]
        raise ValueError(
            f"every unit needs every period: {int((~panel.observed).sum())} cells hold no row "
            f"(first units: {', '.join(incomplete)}); leave those units out or fill the periods"
        )
    order = np.argsort(np.array([str(n) for n in panel.names]), kind="stable")
    y, begun = panel.y[order], begun[order]
    if moved_alike(y):
        raise ValueError(MOVED_ALIKE)
    at = int(panel.start.min())
    if at < 2:
        raise ValueError(f"only {at} period before the start: a mix needs two or more to be judged by")
    names = [str(panel.names[i]) for i in order]
    donors = np.flatnonzero(~begun)
    path = y[begun].mean(axis=0)
    weight = simplex_weights(path[:at], y[donors, :at].T)
    gap = path - weight @ y[donors]
    estimate = float(gap[at:].mean())

    many = int(begun.sum())
    rng = np.random.default_rng(seed_of("placebo", tuple(names)))
    if many == 1:
        fakes = [np.array([d]) for d in donors]
    elif many < len(donors):
        fakes = [rng.choice(donors, many, replace=False) for _ in range(199)]
    else:
        fakes = []
    gaps = []
    for fake in fakes:
        others = np.setdiff1d(donors, fake)
        if len(others):
            line = y[fake].mean(axis=0)
            gaps.append(line - simplex_weights(line[:at], y[others, :at].T) @ y[others])
    every = np.vstack([gap, *gaps])
    misfit = np.sqrt((every[:, :at] ** 2).mean(axis=1))
    after = np.sqrt((every[:, at:] ** 2).mean(axis=1))
    ratio = after / np.maximum(misfit, 1e-9 * float(np.abs(y).max()))
    effects = without_noise(every[:, at:].mean(axis=1), y)
    smallest = 1.0 / len(every)
    limits = invert(effects, np.concatenate([[1.0], np.zeros(len(effects) - 1)]), confidence)
    result = Inference(
        estimate=estimate,
        lower=None if limits is None else limits[0],
        upper=None if limits is None else limits[1],
        draws=None,
        p_value=float(np.mean(ratio >= ratio[0] * (1 - 1e-9))) if many == 1 else p_value(effects),
        smallest_p=smallest,
        how=f"placebo units: {len(every) - 1} units that did not start, each given the pilot in turn",
        withheld_because=None
        if limits is not None
        else f"The smallest p-value this design could ever give is {smallest:.3f}: no interval can be printed.",
        standard_error=None,
        placebo_estimates=effects[1:],
    )
    return Effect(
        estimand=f"Mean change in {outcome} from {start} on in what started, compared with the mix of others that was "
        "nearest to it before",
        estimate=estimate,
        lower=result.lower,
        upper=result.upper,
        method=f"synthetic control (permutation over units); {result.how}",
        draws=None,
        diagnostics={
            **describe(panel, result),
            "design": "synthetic",
            "method_id": "synthetic control, placebo units",
            "weights": {names[d]: float(w) for d, w in zip(donors, weight, strict=True) if w > 1e-9},
            "misfit_before": float(misfit[0]),
            "misfit_rank": int((misfit[1:] <= misfit[0]).sum()) + 1,
            "p_value_of_gap": p_value(effects),
            "gap": {panel.times[t]: float(g) for t, g in enumerate(gap)},
            "placebo_by_unit": {names[int(f[0])]: float(e) for f, e in zip(fakes, effects[1:], strict=False)}
            if many == 1
            else {},
        },
        smallest_p_possible=smallest,
        withheld_because=result.withheld_because,
        confidence=confidence,
    )
