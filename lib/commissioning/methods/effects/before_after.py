"""One start date, before and after, with a comparator; and what to do where there is none."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from ..inputs import check_confidence, plain
from . import weights
from .effect import Effect
from .inference import infer, placebo_units
from .panel import MOVED_ALIKE, Panel, build, moved_alike, outcome_numbers, require_columns
from .pooled import pooled
from .pretrend import drift_share, placebo_dates, pretrend
from .regression_to_mean import expected_gap, without_comparator
from .staggered import describe

TRUE_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def is_started(column: pd.Series, name: str) -> np.ndarray:
    """The `treated` column as booleans: true/false, 1/0, or yes/no; anything else is refused."""
    if column.isna().any():
        raise ValueError(f"treated={name!r}: {int(column.isna().sum())} rows do not say whether the unit started")
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float)
        if not np.isin(values, (0.0, 1.0)).all():
            raise ValueError(f"treated={name!r}: it holds numbers other than 0 and 1")
        return values == 1.0
    words = column.astype(str).str.strip().str.lower().map(TRUE_WORDS)
    if words.isna().any():
        raise ValueError(f"treated={name!r}: write true or false (or yes and no) in every row")
    return words.to_numpy(dtype=bool)


def started_panel(
    data: pd.DataFrame, *, outcome: str, unit: str, time: str, treated: str, start: Any, cluster: str | None = None
) -> Panel:
    """Cells for one start date. A unit started if `treated` is true in any of its rows."""
    require_columns(data, outcome=outcome, unit=unit, time=time, treated=treated, cluster=cluster)
    begun = pd.Series(is_started(data[treated], treated), index=data.index)
    ever = begun.groupby(data[unit], observed=True).transform("any").fillna(False).astype(bool)
    after = is_after(data[time], time, start)
    if not after.any() or after.all():
        side = "after" if not after.any() else "before"
        raise ValueError(f"start={plain(start)}: no row of {time!r} stands {side} it; both sides are needed")
    first = data.loc[after, time].min()
    started = pd.Series(np.where(ever, first, None), index=data.index, dtype=object)
    return build(
        data.assign(_first=started), outcome=outcome, unit=unit, time=time, first_treated="_first", cluster=cluster
    )


def is_after(times: pd.Series, name: str, start: Any) -> np.ndarray:
    """(n,) True from `start` on. Raises ValueError where the two cannot be compared."""
    if np.ndim(start) > 0 or pd.isna(start):
        raise ValueError(f"start={plain(start)}: give the first period with the pilot, in the form of {name!r}")
    try:
        return (times >= start).fillna(False).to_numpy(dtype=bool)
    except TypeError as wrong:
        raise ValueError(
            f"start={plain(start)} cannot be compared with the periods in {name!r}: write both in the same form"
        ) from wrong


def before_after(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: Any,
    cluster: str | None = None,
    chosen_share: float | None = None,
    population_mean: float | None = None,
    picked: Literal["low", "high"] = "low",
    reliability: float | None = None,
    inference: str = "auto",
    confidence: float = 0.95,
) -> Effect:
    """The change of those that started, less the change of those that did not (the 2×2).

    `data` is long: one row a `unit` and `time`, or many; `treated` is a column of true and false
    (a unit that is true in any row started); `start` is the first period with the pilot.
    `cluster` names the level at which it started. Units seen before and after are compared with
    themselves, averaged to the cluster where all of a cluster started; where units are seen once
    (repeated cross-sections) the four cell means are compared, as ordinary least squares on the
    interaction does. Limits: leave one cluster out, t on G−1 degrees; below five clusters on
    either side, permutation of who started (draws None) and never a clustered standard error.

    Where nobody is left to compare with, the change alone is distance travelled. People picked at
    a low point (`picked`) rise anyway: the expected size is taken off where `chosen_share` (the
    share of a population picked for its lowest scores, 0.1 for the neediest tenth) or
    `population_mean` is given (with `reliability`, the correlation of two scores of the same
    people, where it is known from elsewhere); otherwise the limits are withheld and the expected size printed.
    Raises ValueError where columns are absent, a side of the start is empty, or nobody started; or the
    confidence, `chosen_share`, `population_mean` or `reliability` is no possible number.
    """
    check_confidence(confidence)
    panel = started_panel(data, outcome=outcome, unit=unit, time=time, treated=treated, start=start, cluster=cluster)
    periods = len(panel.times)
    begun = panel.start < periods
    if not begun.any():
        raise ValueError(f"treated={treated!r}: no unit is marked as started")
    words = f"Average change in {outcome} from {start} on among those that started"
    if begun.all():
        return without_comparator(
            panel, words, chosen_share=chosen_share, population_mean=population_mean, picked=picked,
            reliability=reliability,
            confidence=confidence,
        )  # fmt: skip
    after = np.arange(periods) >= int(panel.start.min())
    both = panel.observed[:, after].any(axis=1) & panel.observed[:, ~after].any(axis=1)
    rows_of_both = float(panel.n[both].sum())
    words += ", less the change among those that did not"
    if rows_of_both < 0.5 * panel.n.sum() or not (both & begun).any() or not (both & ~begun).any():
        return pooled(
            values=outcome_numbers(data, outcome),
            after=is_after(data[time], time, start),
            begun=is_started(data[treated], treated),
            cluster=data[cluster or unit],
            words=words,
            confidence=confidence,
            inference=inference,
        )
    if moved_alike(panel.y):
        raise ValueError(MOVED_ALIKE)
    result = infer(weights.change_before_after, panel, how=inference, confidence=confidence)
    diagnostics = {
        **describe(panel, result),
        "design": "before_after",
        "method_id": f"difference in differences, {result.how.split(':')[0]}",
        "n_periods_before": int((~after).sum()),
        "n_periods_after": int(after.sum()),
        "groups_seen_on_one_side_only": int((~both).sum()),
        **pretrend(panel, inference=inference),
        **drift_share(panel, weights.change_before_after, result.estimate),
        **placebo_dates(panel, weights.change_before_after, inference=inference),
        **placebo_units(weights.change_before_after, panel, result, confidence),
        **expected_gap(panel, after),
    }
    if result.placebo_estimates is not None and int(begun.sum()) == 1 and panel.timing_is_by_cluster:
        diagnostics["placebo_by_unit"] = _placebo_names(panel, result.placebo_estimates)
    return Effect(
        estimand=words,
        estimate=result.estimate,
        lower=result.lower,
        upper=result.upper,
        method=f"difference in differences; {result.how}",
        draws=result.draws,
        diagnostics=diagnostics,
        smallest_p_possible=result.smallest_p,
        withheld_because=result.withheld_because,
        confidence=confidence,
    )


def _placebo_names(panel: Panel, estimates: np.ndarray) -> dict[str, float]:
    """Placebo estimates by name where one cluster started: each other cluster in its place."""
    from .permutation import assignments

    table, _ = assignments(panel.cluster_start)
    where = table[1:].argmin(axis=1)
    return {str(panel.cluster_names[i]): float(e) for i, e in zip(where, estimates, strict=True)}
