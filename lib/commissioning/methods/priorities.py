"""Priorities: options scored against criteria, and how far the order depends on the weights.

A ranking by weights is only as good as the weights. So beside the order that the agreed weights give stands how each
option fares over *all* weights: how often it comes first, and its best and worst place. Sources: Department for
Communities and Local Government (2009), Multi-criteria analysis: a manual; Lahdelma and Salminen (2001), Operations
Research 49:444-454 (acceptability over all weights).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commissioning.methods.inputs import Floats, check_whole


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How each option fares over all weights.

    `frame`: one row an option: `first` (share of weights that put it first; ties share), `mean_place`, `best_place`,
    `worst_place`, and `dominated_by` (an option at least as good on every criterion and better on one, or missing).
    `places`: options × places: share of weights that give the option this place.
    """

    frame: pd.DataFrame
    places: pd.DataFrame
    draws: int


def rank(scores: Any, weights: Any) -> pd.DataFrame:
    """Options in order of their weighted mean score.

    `scores`: a frame of options × criteria, higher better (or a mapping of option → criterion → score); `weights`: a
    number of zero or more for each criterion. Returns one row an option, best first: `score` (on the scores' own
    scale), `place` (1 is first; equal scores share the better place), and `missing` (criteria not scored). An option
    with a criterion not scored has no score and no place: it is not taken for nothing. A score always lies between the
    option's own lowest and highest. Raises ValueError for scores that are text or infinite, and for weights that do not
    match the criteria, are negative, or are all zero.
    """
    table = _scores(scores)
    weight = _weights(weights, table.columns)
    numbers = table.to_numpy(dtype=float)
    score = pd.Series(numbers @ weight, index=table.index)  # missing where any part is
    found = pd.DataFrame(
        {
            "score": score,
            "place": score.round(12).rank(method="min", ascending=False).astype("Int64"),
            "missing": [", ".join(map(str, table.columns[np.isnan(row)])) for row in numbers],
        }
    )
    order = np.lexsort((np.arange(len(found)), found["place"].fillna(len(found) + 1).to_numpy(dtype=int)))
    return found.iloc[order]


def stability(scores: Any, draws: int = 20_000, seed: int = 20110602) -> Stability:
    """How the order of the options holds over all weights, each set of weights as likely as any other.

    `scores` as for `rank`; options with a criterion not scored are left out. `draws` sets of weights are drawn evenly
    from all that add up to 1, and each criterion is also weighted alone, so that the best and worst places include
    the extremes. The same scores in any order of rows give the same answer. Raises ValueError where no option is left,
    or for fewer than one draw.
    """
    draws = check_whole("draws", draws, 1)
    table = _scores(scores).dropna()
    if table.empty:
        raise ValueError("scores: no option is scored on every criterion")
    # In a fixed order, so that neither rows nor columns moved about change the draws.
    fixed = table.sort_index(axis=0, key=lambda labels: labels.map(str)).sort_index(axis=1, key=lambda c: c.map(str))
    random = np.random.default_rng(seed)
    weight = random.exponential(size=(draws, fixed.shape[1]))
    weight /= weight.sum(axis=1, keepdims=True)
    totals = np.round(weight @ fixed.to_numpy(dtype=float).T, 12)
    alone = np.round(fixed.to_numpy(dtype=float).T, 12)
    places, extremes = _places(totals), _places(alone)
    options = len(fixed)
    is_first = places == 1
    first = (is_first / is_first.sum(axis=1, keepdims=True)).mean(axis=0)
    both = np.vstack([places, extremes])
    frame = pd.DataFrame(
        {
            "first": first,
            "mean_place": places.mean(axis=0),
            "best_place": both.min(axis=0),
            "worst_place": both.max(axis=0),
            "dominated_by": pd.Series(_dominated_by(fixed), index=fixed.index, dtype=object),
        },
        index=fixed.index,
    )
    share = np.array([(places == place).mean(axis=0) for place in range(1, options + 1)]).T
    shares = pd.DataFrame(share, index=fixed.index, columns=pd.RangeIndex(1, options + 1, name="place"))
    return Stability(frame=frame.loc[table.index], places=shares.loc[table.index], draws=draws)


def _places(totals: Floats) -> np.ndarray[Any, Any]:
    """The place of each option (columns) under each set of weights (rows); equal totals share the better place."""
    above = [(totals > totals[:, [option]]).sum(axis=1) for option in range(totals.shape[1])]
    return np.stack(above, axis=1) + 1


def _dominated_by(table: pd.DataFrame) -> list[Any]:
    numbers = table.to_numpy(dtype=float)
    found: list[Any] = []
    for mine in numbers:
        better = (numbers >= mine).all(axis=1) & (numbers > mine).any(axis=1)
        found.append(table.index[int(np.flatnonzero(better)[0])] if better.any() else None)
    return found


def _scores(scores: Any) -> pd.DataFrame:
    if isinstance(scores, pd.DataFrame):
        table = scores
    elif isinstance(scores, Mapping) and all(
        isinstance(row, (Mapping, pd.Series, list, tuple)) for row in scores.values()
    ):
        table = pd.DataFrame.from_dict(
            {option: dict(row) if isinstance(row, (Mapping, pd.Series)) else row for option, row in scores.items()},
            orient="index",
        )
    else:
        raise ValueError("scores: a frame of options × criteria is needed, or a mapping of option → criterion → score")
    if table.index.has_duplicates or table.columns.has_duplicates:
        raise ValueError("scores: an option or a criterion is named twice")
    if table.empty:
        raise ValueError("scores: there is no option or no criterion")
    try:
        numbers = table.astype("Float64").astype(float)
    except (TypeError, ValueError) as fault:
        raise ValueError("scores: every score is a number, or missing") from fault
    if np.isinf(numbers.to_numpy()).any():
        raise ValueError("scores: a score is infinite, which no weight can balance")
    return numbers


def _weights(weights: Any, criteria: pd.Index) -> Floats:
    given = dict(weights) if isinstance(weights, (Mapping, pd.Series)) else None
    if given is None:
        try:
            listed = np.asarray(weights, dtype=float)
        except (TypeError, ValueError) as fault:
            raise ValueError("weights: each is a number of zero or more") from fault
        if listed.shape != (len(criteria),):
            raise ValueError(f"weights: {len(criteria)} are needed, one for each criterion")
    else:
        unknown, lacking = [c for c in given if c not in criteria], [c for c in criteria if c not in given]
        if unknown or lacking:
            raise ValueError(f"weights: no criterion {unknown}; no weight for {lacking}")
        try:
            listed = np.array([given[c] for c in criteria], dtype=float)
        except (TypeError, ValueError) as fault:
            raise ValueError("weights: each is a number of zero or more") from fault
    if not np.isfinite(listed).all() or (listed < 0).any() or listed.sum() == 0:
        raise ValueError("weights: each is a number of zero or more, and not all are zero")
    return np.asarray(listed / listed.sum(), dtype=float)
