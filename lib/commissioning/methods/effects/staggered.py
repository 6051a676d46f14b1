"""Effects of a pilot that started in different places at different times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..inputs import check_confidence
from . import diff_diff, weights
from .effect import Effect
from .inference import Inference, infer, placebo_units
from .panel import MOVED_ALIKE, Panel, build, moved_alike
from .pretrend import drift_share, placebo_dates, pretrend

METHODS = ("auto", "callaway_santanna", "imputation")
WORDS = {
    "group": "averaged over the periods since each group started, then over groups by their size",
    "simple": "averaged over all groups and periods since they started, by size",
    "dynamic": "averaged over the time since starting, each length of time counting alike",
}


def staggered(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    cluster: str | None = None,
    aggregate: str = "group",
    method: str = "auto",
    inference: str = "auto",
    confidence: float = 0.95,
) -> Effect:
    """The average effect of starting, on those that started, when starts are staggered.

    `data` is long: one row a `unit` and `time`, or many (people at reviews). `outcome` is a column
    of numbers or true/false; the effect is in its units. `first_treated` holds the first period
    with the pilot, in the same form as `time`; missing, 0 or infinity for never. `cluster` names
    the level at which the pilot started (ward, provider); rows are averaged to it.

    `method`: "callaway_santanna" (and "auto"): Callaway & Sant'Anna (2021) through diff-diff,
    estimation "reg", compared with those that never started, or with those not yet started where
    there are none; "imputation": Borusyak, Jaravel & Spiess (2024), which uses every period before
    and is much more precise where the same place moves about from quarter to quarter.

    `inference`: "auto" takes permutation below five clusters on either side (draws None), otherwise
    a jackknife that leaves one cluster out, with t on G−1 degrees. Raises ValueError where columns
    are absent, nobody started, or nobody is left to compare with; or the confidence is no share.
    """
    check_confidence(confidence)
    if aggregate not in weights.AGGREGATES:
        raise ValueError(f"aggregate={aggregate!r}: write group, simple or dynamic")
    if method not in METHODS:
        raise ValueError(f"method={method!r}: write one of {', '.join(METHODS)}")
    panel = build(data, outcome=outcome, unit=unit, time=time, first_treated=first_treated, cluster=cluster)
    periods = len(panel.times)
    if not (panel.start < periods).any():
        raise ValueError(f"first_treated={first_treated!r}: nobody started within the periods seen")
    never = bool((panel.start >= periods).any())
    if not never and len(np.unique(panel.start)) < 2:
        raise ValueError("everybody started at once: nobody is left to compare with; use interrupted or before_after")
    controls = "never" if never else "not yet"
    if moved_alike(panel.y):
        raise ValueError(MOVED_ALIKE)
    if method == "imputation":
        name = "imputation (Borusyak, Jaravel and Spiess)"
        by_pair: dict[tuple[int, int], float] = {}

        def weigh(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return weights.imputation(start, size, rows, aggregate=aggregate)
    else:
        name = "Callaway and Sant'Anna"

        def weigh(start: np.ndarray, size: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return weights.callaway_santanna(start, size, rows, aggregate=aggregate, controls=controls)

        by_pair = diff_diff.group_time_effects(panel, controls)
    result = infer(weigh, panel, how=inference, confidence=confidence)
    if not np.isfinite(result.estimate):
        raise ValueError("no group has both a period before it started and somebody to compare with")
    compared = "never started" if never else "had not yet started"
    return Effect(
        estimand=(
            f"Average change in {outcome} caused by starting, among those that started, {WORDS[aggregate]}; "
            f"compared with those that {compared}"
        ),
        estimate=result.estimate,
        lower=result.lower,
        upper=result.upper,
        method=f"{name}; {result.how}",
        draws=result.draws,
        diagnostics={
            **describe(panel, result),
            "design": "staggered",
            "method_id": f"{'imputation' if method == 'imputation' else 'callaway_santanna'}, {result.how.split(':')[0]}",
            "controls": compared,
            "aggregate": aggregate,
            **breakdown(panel, by_pair),
            **pretrend(panel, inference=inference),
            **drift_share(panel, weigh, result.estimate),
            **placebo_dates(panel, weigh, inference=inference),
            **placebo_units(weigh, panel, result, confidence),
        },
        smallest_p_possible=result.smallest_p,
        withheld_because=result.withheld_because,
        confidence=confidence,
    )


def describe(panel: Panel, result: Inference) -> dict[str, Any]:
    """Counts every effect carries: units, clusters, periods, completeness, p-value, warnings."""
    periods = len(panel.times)
    starts = panel.cluster_start
    first, last_start = int(panel.start.min()), int(panel.start[panel.start < periods].max(initial=0))
    warnings = []
    if panel.started_before:
        warnings.append(
            f"{panel.started_before} had started by the first period and were left out: nothing before to compare with"
        )
    if panel.rows_left_out:
        warnings.append(f"{panel.rows_left_out} of {panel.rows_left_out + panel.n_rows} rows left out: not known")
    return {
        "n_units": panel.n_units,
        "n_treated": int((starts < periods).sum()),
        "n_controls": int((starts == starts.max()).sum()),
        "clusters": len(panel.cluster_names),
        "n_rows": panel.n_rows,
        "n_periods": periods,
        "n_periods_before": first,
        "n_periods_after": periods - last_start,
        "completeness": panel.n_rows / (panel.n_rows + panel.rows_left_out),
        "series_break": break_in_counts(panel),
        "cells_seen": float(panel.observed.mean()),
        "p_value": result.p_value,
        "standard_error": result.standard_error,
        "placebo_estimates": None if result.placebo_estimates is None else result.placebo_estimates.tolist(),
        "inference": result.how.split(":")[0],
        "warnings": tuple(warnings),
    }


BREAK = 1.25  # a year in which a quarter more or fewer rows are counted than the year before
SURE = 5.0  # standard errors


def _coarse(count: float) -> str:
    """A number of rows to two figures: an exact one would tell of one row more."""
    return f"{float(f'{count:.2g}'):,.0f}"


def break_in_counts(panel: Panel) -> str | None:
    """A sentence where the rows counted jump from one stretch of periods to the next, or None.

    A change in how work is recorded looks like a change in people's lives, and shows first in who
    is counted. Stretches of four periods (a year of quarters); only where cells hold many rows.
    """
    total = panel.n.sum(axis=0)
    if panel.n.max() <= 1 or len(total) < 4:
        return None
    stretch = 4 if len(total) >= 8 else 2
    worst, where = 0.0, None
    for t in range(stretch, len(total) - stretch + 1):
        before, after = total[t - stretch : t], total[t : t + stretch]
        a, b = float(before.mean()), float(after.mean())
        if min(a, b) <= 0:
            continue
        spread = np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / (2 * stretch) + (a + b) / stretch)
        jump = abs(float(np.log(b / a)))
        if jump >= np.log(BREAK) and abs(b - a) > SURE * spread and jump > worst:
            worst = jump
            where = f"from {panel.times[t]} the rows counted in a period move from about {_coarse(a)} to {_coarse(b)}"
    return where


def breakdown(panel: Panel, by_pair: dict[tuple[int, int], float]) -> dict[str, Any]:
    """ATT(g, t), and its means by group and by time since the start, weighted here by cohort size."""
    if not by_pair:
        return {}
    periods, size = len(panel.times), {g: float(panel.weight[panel.start == g].sum()) for g in set(panel.start)}
    label = panel.times
    by_group = {
        label[g]: float(np.mean([v for (h, t), v in by_pair.items() if h == g and t >= g]))
        for g in sorted({g for g, t in by_pair if t >= g})
    }
    by_event: dict[int, float] = {}
    for e in sorted({t - g for g, t in by_pair}):
        cells = [(size[g], v) for (g, t), v in by_pair.items() if t - g == e]
        by_event[e] = float(np.average([v for _, v in cells], weights=[w for w, _ in cells]))
    return {
        "by_group": by_group,
        "by_event_time": by_event,
        "by_group_and_time": {(label[g], label[t]): v for (g, t), v in sorted(by_pair.items()) if t < periods},
    }
