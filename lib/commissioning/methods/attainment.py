"""Goals people set: how many met their own main goal, and, second to it, goal attainment scaling.

The headline is the share of people whose own main goal was met. T-scores come second: they average ordinal scores
of goals that differ from person to person, so no pounds are ever put to a T-point. Goals rewritten after their
baseline are left out, and counted. Source: Kiresuk and Sherman (1968), Community Mental Health Journal 4:443-453;
Turner-Stokes (2009), Clinical Rehabilitation 23:362-370 (−2 to +2, ρ = 0.3). Domain: 4.9 of the 2011 report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commissioning.methods import intervals

RHO = 0.3  # how much a person's goals are taken to move together
WORST, BEST = -2, 2


def t_score(scores: Any, weights: Any = None) -> Any:
    """Goal attainment T-score: 50 where every goal was met just as expected, about 10 a standard deviation.

    T = 50 + 10 Σwx ÷ √((1 − ρ) Σw² + ρ (Σw)²), with ρ = 0.3.

    `scores`: one person's g goals, each a whole number from −2 (much less than expected) to +2 (much more);
    or a frame or array of n persons × g goals. `weights`: a positive number for each goal, in the scores' shape or
    one row for all; all 1 without. Missing goals are left out; a person without any has a missing score. Returns a
    float, or a Series of n. Raises ValueError for scores off the scale, weights that are not positive and finite, or
    frames of scores and weights whose persons or goals are labelled differently.
    """
    table, index = _table(scores)
    if weights is None:
        weight = np.ones_like(table)
    else:
        if isinstance(scores, pd.DataFrame) and isinstance(weights, pd.DataFrame):
            same_goals, same_persons = set(weights.columns) == set(scores.columns), weights.index.equals(scores.index)
            if not same_goals or not (same_persons or len(weights) == 1):
                raise ValueError("weights: its persons and goals are labelled differently from those of the scores")
            weights = weights[scores.columns]
        elif isinstance(scores, (pd.DataFrame, pd.Series)) and isinstance(weights, pd.Series):
            goals = scores.columns if isinstance(scores, pd.DataFrame) else scores.index
            if set(weights.index) != set(goals):
                raise ValueError("weights: its goals are labelled differently from those of the scores")
            weights = weights[goals]
        given, _ = _table(weights)
        try:
            weight = np.broadcast_to(given, table.shape).astype(float)
        except ValueError as fault:
            raise ValueError(f"weights are {given.shape}, scores {table.shape}: give one for each goal") from fault
    known = ~np.isnan(table)
    wrong = known & ((table < WORST) | (table > BEST) | (np.floor(table) != table))
    if wrong.any():
        row, goal = (int(at[0]) for at in np.nonzero(wrong))
        raise ValueError(f"scores, person {row}, goal {goal}: {table[row, goal]:g} is not a whole number from -2 to 2")
    if not ((weight[known] > 0) & (weight[known] < np.inf)).all():
        raise ValueError("weights: every goal that is scored needs a weight above zero, and a finite one")
    weight = np.where(known, weight, 0.0)
    # Only how weights compare matters; scaled, none is too large or too small to be squared.
    weight = weight / np.maximum(weight.max(axis=1, initial=0.0, keepdims=True), np.finfo(float).tiny)
    total = weight.sum(axis=1)
    spread = np.sqrt((1 - RHO) * (weight**2).sum(axis=1) + RHO * total**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = 50 + 10 * (weight * np.where(known, table, 0.0)).sum(axis=1) / spread
    if index is None:
        return float(result[0])
    return pd.Series(result, index=index, name="t_score")


def _table(values: Any) -> tuple[np.ndarray[Any, Any], pd.Index | None]:
    """Numbers of persons × goals, and the persons' labels; None where it is one person."""
    if isinstance(values, (pd.DataFrame, pd.Series)):
        try:
            table = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as fault:
            raise ValueError("scores and weights are numbers; something else was given") from fault
        return (table, values.index) if isinstance(values, pd.DataFrame) else (table[None, :], None)
    listed = np.asarray(values, dtype=object)
    try:
        numbers = np.array(
            [np.nan if v is None or v is pd.NA else float(v) for v in listed.ravel()], dtype=float
        ).reshape(listed.shape)
    except (TypeError, ValueError) as fault:
        raise ValueError("scores and weights are numbers; something else was given") from fault
    if numbers.ndim == 2:
        return numbers, pd.RangeIndex(len(numbers))
    if numbers.ndim == 1:
        return numbers[None, :], None
    raise ValueError("scores: one person's goals, or persons × goals, are needed")


@dataclass(frozen=True, kw_only=True)
class Attainment:
    """What came of the goals in a set of reviews.

    `headline`: one row: `met`, `of`, `unknown`, `value`, `lower`, `upper` (shares of 1, Wilson).
    `bounds`: the share if every unknown was not met, and if every one was.
    `t_baseline`, `t_achieved`: mean T-score of the same goals at both times, each one row of `value`, `lower`, `upper`.
    `scored`: goals with both scores. `left_out`: reviews by reason. `set_by`, `scored_by`: goals by who did so.
    """

    headline: pd.DataFrame
    bounds: tuple[float, float]
    t_baseline: pd.DataFrame
    t_achieved: pd.DataFrame
    scored: int
    left_out: Mapping[str, int]
    set_by: Mapping[str, int]
    scored_by: Mapping[str, int]

    note = (
        "T-scores put goals that differ from person to person on one scale of order. A point is not an amount: it "
        "is never priced, and a change between two times without a comparison is described, not explained."
    )


def summary(reviews: pd.DataFrame) -> Attainment:
    """Own main goal met, and T-scores beside it.

    `reviews`: one row a review, with `goal_in_own_words`, `goal_rewritten`, `goal_met` (yes, no, unknown),
    `goal_baseline`, `goal_achieved` (−2 to 2 or missing), `goal_set_by`, `goal_scored_by`. Reviews whose goal is not in
    the person's own words, or was rewritten after its baseline, are left out and counted. Raises ValueError where
    a column is missing, or a score is off the scale.
    """
    if not isinstance(reviews, pd.DataFrame):
        raise ValueError(f"reviews: a frame with one row a review is needed, not {type(reviews).__name__}")
    needed = ["goal_in_own_words", "goal_rewritten", "goal_met", "goal_baseline", "goal_achieved"]
    lacking = [name for name in (*needed, "goal_set_by", "goal_scored_by") if name not in reviews]
    if lacking:
        raise ValueError(f"reviews: no column {', '.join(lacking)}")
    own = reviews["goal_in_own_words"].eq("yes")
    rewritten = own & reviews["goal_rewritten"].eq("yes")
    kept = reviews[own & ~rewritten]
    met, known = kept["goal_met"].eq("yes"), kept["goal_met"].isin(["yes", "no"])
    yes, of, unknown = int(met.sum()), int(known.sum()), int((~known).sum())
    share = intervals.proportion(yes, of)
    every = max(of + unknown, 1)
    baseline = kept["goal_baseline"].astype("Float64")
    achieved = kept["goal_achieved"].astype("Float64")
    both = baseline.notna() & achieved.notna()
    scored = kept[both]
    return Attainment(
        headline=pd.DataFrame({"met": [yes], "of": [of], "unknown": [unknown]}).join(share),
        bounds=(yes / every, (yes + unknown) / every) if of + unknown else (float("nan"), float("nan")),
        t_baseline=_mean_t(baseline[both]),
        t_achieved=_mean_t(achieved[both]),
        scored=len(scored),
        left_out={
            "the goal is not in the person's own words": int((~own).sum()),
            "the goal was rewritten after its baseline": int(rewritten.sum()),
        },
        set_by={str(who): int(n) for who, n in scored["goal_set_by"].value_counts().sort_index().items()},
        scored_by={str(who): int(n) for who, n in scored["goal_scored_by"].value_counts().sort_index().items()},
    )


def _mean_t(scores: pd.Series) -> pd.DataFrame:
    if scores.empty:
        return intervals.mean([])
    return intervals.mean(t_score(scores.to_frame()))
