"""Attackers. They have released figures as frames, what the policy page says, and knowledge of their own; nothing of the house."""

from __future__ import annotations

from collections.abc import Iterable
from math import erf, sqrt

import numpy as np
import pandas as pd

Says = dict[str, float]
GROUPS = ("locality", "ward", "provider")


def below(limit: float, count: float, noise: float) -> float:
    """Probability that a count with its noise is `limit` or less."""
    return 0.5 * (1 + erf((limit + 0.5 - count) / (noise * sqrt(2))))


def likelihood(shown: float, count: float, whole: float, says: Says) -> float:
    """How likely it is that a count (of `whole` people) was released as `shown`, missing where it was hidden."""
    noise = says["noise"]
    if np.isnan(shown):
        few = below(says["small"], count, noise)
        nearly_all = below(says["small"], whole - count, noise * sqrt(2))
        return max(few + nearly_all - few * nearly_all, 1e-12)
    half = says["base"] // 2
    return max(below(shown + half, count, noise) - below(shown - half - 1, count, noise), 1e-12)


def places_of(person: pd.Series) -> set[tuple[str, str, str]]:
    """Every cell (kind of group, group, period) that a person's row can stand in."""
    kinds = [("all", "all"), *((kind, person[kind]) for kind in GROUPS)]
    return {(kind, group, period) for kind, group in kinds for period in (person["period"], "2014-15")}


def inside(rows: pd.DataFrame, kind: str, group: str, period: str) -> pd.DataFrame:
    rows = rows[rows["period"].str.startswith(period)]
    return rows if kind == "all" else rows[rows[kind] == group]


def evidence(figures: pd.DataFrame, others: pd.DataFrame, person: pd.Series, says: Says) -> float:
    """Log odds that the person's answer is yes and not no, from one release, for one who knows all others' rows."""
    odds = 0.0
    cells = figures.set_index(["group_kind", "group", "period"])["numerator"].to_dict()
    for kind, group, period in places_of(person):
        if (kind, group, period) not in cells or (kind != "all" and " Q" in period):
            continue
        known = inside(others, kind, group, period)
        yes = int(known["goal_met"].eq("yes").sum())
        whole = int(known["goal_met"].ne("unknown").sum()) + 1
        shown = float(cells[kind, group, period])
        odds += np.log(likelihood(shown, yes + 1, whole, says) / likelihood(shown, yes, whole, says))
    return odds


def guess(versions: Iterable[tuple[pd.DataFrame, pd.DataFrame]], person: pd.Series, says: Says, coin: bool) -> str:
    """The answer that all versions together make likelier; `versions`: figures and everybody else's rows at the time."""
    odds = sum(evidence(figures, others, person, says) for figures, others in versions)
    if odds == 0:
        return "yes" if coin else "no"
    return "yes" if odds > 0 else "no"


def moved(before: pd.DataFrame, after: pd.DataFrame, column: str) -> set[tuple[str, str, str]]:
    """The cells of which a count is another in two releases."""
    keys = ["group_kind", "group", "period"]
    both = before[[*keys, column]].merge(after[[*keys, column]], on=keys, how="outer", suffixes=("", "_after"))
    other = ~(both[column].eq(both[f"{column}_after"]) | both[column].isna() & both[f"{column}_after"].isna())
    return set(both.loc[other, keys].itertuples(index=False, name=None))
