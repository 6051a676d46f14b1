"""An attacker who reads every figure that leaves, and knows every row but one person's answer: which of two worlds is it?

They know the definitions, so they count both worlds themselves; the policy page, so they know the noise; and who is counted where, so
they know which figures share one noise. What the noise is they do not know. Nothing of the house is used here.
"""

from __future__ import annotations

from math import floor, log10
from statistics import NormalDist

import numpy as np
import pandas as pd

CELL = ["measure", "group_kind", "group", "period"]
COUNTS = ("numerator", "denominator", "unknown", "not_applicable")
IMPOSSIBLE = 1e-9
DRAWS = 256
Says = dict[str, float]
# Who makes the noise of each count, as the policy page says it: all whom the cell speaks of, those answered for, those counted.
WHO = {
    "numerator": ("key_all", "key_denominator", "key_numerator"),
    "denominator": ("key_all", "key_denominator", "key_denominator"),
    "unknown": ("key_all", "key_unknown"),
    "not_applicable": ("key_all", "key_not_applicable"),
}


def draws(noise: float) -> np.ndarray:
    """The equally likely values of the noise, in people."""
    return np.round([noise * NormalDist().inv_cdf((place + 0.5) / DRAWS) for place in range(DRAWS)])


def moved(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The cells of which anything differs in two counted worlds: one row a cell, each column twice (`…_0`, `…_1`)."""
    columns = [*COUNTS, "people", "largest", "largest_of", *sorted({name for who in WHO.values() for name in who})]
    both = one[[*CELL, "kind", *columns]].merge(
        other[[*CELL, "kind", *columns]], on=CELL, how="outer", suffixes=("_0", "_1")
    )
    both["kind"] = both["kind_0"].fillna(both["kind_1"])
    differ = pd.Series(False, index=both.index)
    for name in columns:
        a, b = (both[f"{name}_{world}"].astype(float).fillna(0.0) for world in (0, 1))
        differ |= (a - b).abs() > 1e-9
    return both[differ].reset_index(drop=True)


def figures_moved(shown: pd.DataFrame, cells: pd.DataFrame) -> int:
    """In how many figures that are no part of others, each with a noise of its own, the answer stands: shown, or hidden for smallness."""
    seen = cells.merge(shown[[*CELL, "why_hidden"]], on=CELL, how="inner")
    seen = seen[~seen["why_hidden"].str.contains("few figures only|together with other", regex=True)]
    looks = set()
    for row in seen.to_dict("records"):
        for name in COUNTS:
            one, other = (np.nan_to_num(_number(row[f"{name}_{world}"])) for world in (0, 1))
            if abs(one - other) > 1e-9:
                looks.add((*(row[f"{who}_{world}"] for who in WHO[name] for world in (0, 1)), one, other))
    return len(looks)


def evidence(shown: pd.DataFrame, cells: pd.DataFrame, says: Says) -> float:
    """Log odds that it is world 1 and not world 0, from the figures shown (one row a cell)."""
    seen = cells.merge(shown, on=CELL, how="inner", suffixes=("", "_shown"))
    seen = seen[~seen["why_hidden"].str.contains("few figures only|together with other", regex=True)]
    return _log_likelihood(seen, 1, says) - _log_likelihood(seen, 0, says)


def _log_likelihood(seen: pd.DataFrame, world: int, says: Says) -> float:
    """How likely it is that a world was released as these figures. Figures that share one noise are weighed together."""
    values = draws(says["noise"])
    together: dict[tuple[object, ...], np.ndarray] = {}  # who and how many → how each draw of that noise fits
    odds = 0.0
    for row in seen.to_dict("records"):
        amount = row["kind_shown"] == "amount"
        for name in COUNTS:
            count = _number(row[f"{name}_{world}"])
            shown = _number(row[name])
            if np.isnan(shown):
                if not amount and (row["hidden"] if name == "numerator" else row[f"{name}_hidden"]):
                    odds += np.log(max(_hidden(row, name, world, says), IMPOSSIBLE))
                continue
            if np.isnan(count):
                count = 0.0
            if shown == 0 and not amount:
                odds += 0.0 if count == 0 else np.log(IMPOSSIBLE)
                continue
            half = says["base"] / 2
            if amount and name == "numerator" and shown:
                half = max(half, 0.5 * 10.0 ** (floor(log10(abs(shown))) - 1))
            if amount and name in ("numerator", "denominator"):
                fits = _share_within(shown - count, half, values, _worth(row, name, world))
            else:
                fits = (np.abs(count + values - shown) <= half).astype(float)
            who = tuple(row[f"{one}_{world}"] for one in WHO[name])
            draw = (*who, round(abs(count), 2))
            together[draw] = np.minimum(together.get(draw, np.ones(DRAWS)), fits)
    return odds + sum(np.log(max(float(one.mean()), IMPOSSIBLE)) for one in together.values())


def _share_within(distance: float, half: float, values: np.ndarray, worth: float) -> np.ndarray:
    """Of each draw the share of its step (an amount's noise is smooth between whole steps) that leads to what is shown."""
    if worth == 0:
        return np.full(DRAWS, float(abs(distance) <= half))
    least, most = ((distance + end) / worth - values for end in (-half, half))
    return np.clip(np.minimum(most, 0.5) - np.maximum(least, -0.5), 0.0, 1.0)


def _number(value: object) -> float:
    return float("nan") if value is None or value is pd.NA or value != value else float(value)  # type: ignore[arg-type]


def _worth(row: dict[str, object], name: str, world: int) -> float:
    if name == "denominator":
        return np.nan_to_num(_number(row[f"largest_of_{world}"]))
    if name != "numerator":
        return 1.0
    people = _number(row[f"people_{world}"])
    mean = abs(_number(row[f"numerator_{world}"])) / people if people > 0 else 0.0
    return float(np.nanmax([_number(row[f"largest_{world}"]) / 2, mean, 0.0]))


def _hidden(row: dict[str, object], name: str, world: int, says: Says) -> float:
    """About how likely it is that a count was hidden, for itself or for the whole or the rest beside it."""
    count, whole = (_number(row[f"{one}_{world}"]) for one in (name, "denominator"))
    few = says["small"]
    if name != "numerator":
        return _below(few, np.nan_to_num(count), says["noise"])
    shown = [1 - _below(few, np.nan_to_num(count), says["noise"])]
    shown.append(1 - _below(few, whole - count, says["noise"] * 2**0.5) if whole > 0 else 1.0)
    if row["denominator_hidden"]:
        shown.append(1 - _below(few, np.nan_to_num(whole), says["noise"]))
    return 1 - float(np.prod(shown))


def _below(limit: float, count: float, noise: float) -> float:
    return NormalDist(count, noise).cdf(limit + 0.5)
