"""Attackers. They have released figures as frames, what the policy page says, and knowledge of their own; nothing of the house."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pandas as pd

Says = dict[str, float]
Cell = tuple[str, str, str]
Tally = dict[Cell, tuple[int, int]]
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


def tally(rows: pd.DataFrame) -> Tally:
    """What somebody knows who knows these people: for each cell how many said yes, and how many said anything."""
    found: Tally = {}
    told = rows.assign(yes=rows["goal_met"].eq("yes"), known=rows["goal_met"].ne("unknown"), year="2014-15", all="all")
    for kind in ("all", *GROUPS):
        for when in ("year", "period"):
            sums = told.groupby([kind, when])[["yes", "known"]].sum()
            found |= {
                (kind, group, one): (int(y), int(k))
                for (group, one), y, k in zip(sums.index, *sums.to_numpy().T, strict=True)
            }
    return found


def without(known: Tally, person: pd.Series) -> Tally:
    """The same tally of everybody but one."""
    yes, told = int(person["goal_met"] == "yes"), int(person["goal_met"] != "unknown")
    return {cell: (known[cell][0] - yes, known[cell][1] - told) for cell in places_of(person) if cell in known}


def cells_of(figures: pd.DataFrame) -> dict[Cell, float]:
    return figures.set_index(["group_kind", "group", "period"])["numerator"].astype(float).to_dict()


def evidence(shown: dict[Cell, float], others: Tally, person: pd.Series, says: Says) -> float:
    """Log odds that the person's answer is yes and not no, from one release, for one who knows all others."""
    odds = 0.0
    for cell in places_of(person):
        if cell in shown and cell in others and not (cell[0] != "all" and " Q" in cell[2]):
            yes, whole = others[cell]
            odds += np.log(
                likelihood(shown[cell], yes + 1, whole + 1, says) / likelihood(shown[cell], yes, whole + 1, says)
            )
    return odds


def moved(before: pd.DataFrame, after: pd.DataFrame, column: str) -> set[tuple[str, str, str]]:
    """The cells of which a count is another in two releases."""
    keys = ["group_kind", "group", "period"]
    both = before[[*keys, column]].merge(after[[*keys, column]], on=keys, how="outer", suffixes=("", "_after"))
    other = ~(both[column].eq(both[f"{column}_after"]) | both[column].isna() & both[f"{column}_after"].isna())
    return set(both.loc[other, keys].itertuples(index=False, name=None))
