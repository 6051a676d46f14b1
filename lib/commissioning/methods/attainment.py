"""Goal attainment scaling, second to the share of people who met their own main goal, which is a measure of the catalogue.

T-scores average ordinal scores of goals that differ from person to person: no pounds are ever put to a T-point, and a
change between two times without a comparison is described, not explained. Source: Kiresuk and Sherman (1968), Community Mental Health Journal 4:443-453; Turner-Stokes
(2009), Clinical Rehabilitation 23:362-370 (−2 to +2, ρ = 0.3). Domain: 4.9 of the 2011 report.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

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
