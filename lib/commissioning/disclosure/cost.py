"""What protection costs in accuracy: released figures beside the true ones. Restricted: for the council's own staff and for docs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.perturb import is_keyed
from commissioning.disclosure.released import KEYS, Released

FEWEST = 30  # figures of a band of which the cost is printed: a mean of fewer would tell of one of them
SIZES = (0, 20, 50, 100, 250, 500, 1_000, 1_000_000)


def costs(
    results: pd.DataFrame, released: Released, *, by: str = "denominator", sizes: tuple[int, ...] = SIZES
) -> pd.DataFrame:
    """Bias and spread of released against true figures of people, by size, and the share hidden.

    `results`: what was released. `by`: the true count that says how large a figure is ("denominator", "numerator"); `sizes`:
    the edges of the bands. Only counts that may be shown at all are here, not those cut so that one person stands in few figures.
    Returns one row a band: `people` ("50 to 99"), `figures`, `hidden` (share), `bias` and `spread` (mean and standard
    deviation of released minus true numerators, people), `points_bias` and `points_spread` (the same of the percentage, points).
    """
    counts = results[is_keyed(results.assign(public=results["public"].fillna(False))) & results["kind"].eq("count")]
    figures = released._figures
    figures = figures[~figures["why_hidden"].str.startswith("not shown")]
    both = counts.merge(figures, on=list(KEYS), suffixes=("_true", "")).dropna(subset=["numerator_true"])
    size = both[f"{by}_true"].astype(float)
    names = [
        f"{low:,} to {high - 1:,}" if high < sizes[-1] else f"{low:,} and more"
        for low, high in zip(sizes, sizes[1:], strict=False)
    ]
    top, truth = both["numerator"].astype(float), both["numerator_true"].astype(float)
    whole = both["denominator_true"].astype(float)
    frame = pd.DataFrame({
        "people": pd.cut(size, list(sizes), right=False, labels=names),
        "hidden": both["hidden"].astype(float),
        "moved": top - truth,
        "points": 100 * (both["value"].astype(float) - truth / whole.where(whole > 0)),
    })  # fmt: skip
    grouped = frame.groupby("people", observed=True)
    out = grouped.agg(
        figures=("hidden", "size"), hidden=("hidden", "mean"), bias=("moved", "mean"), spread=("moved", "std"),
        points_bias=("points", "mean"), points_spread=("points", "std"),
    )  # fmt: skip
    return out.reset_index().astype({"people": "str"}).replace({np.nan: None})


def printable(price: pd.DataFrame) -> list[dict[str, float | str]]:
    """What a page may print of `costs`: `people`, `bias` and `spread` in half people, `points` (spread) in half points, `hidden` in 5%.

    Only bands of `FEWEST` figures or more, and none of the exact numbers: one person moves none of them but by chance.
    """
    enough = price[price["figures"].ge(FEWEST) & price["hidden"].lt(1)]
    out: list[dict[str, float | str]] = []
    for _, one in enough.iterrows():
        half = {name: round(2 * float(one[name] or 0)) / 2 for name in ("bias", "spread")}
        share = {
            "points": round(2 * float(one["points_spread"] or 0)) / 2,
            "hidden": 5 * round(20 * float(one["hidden"])),
        }
        out.append({"people": str(one["people"]), **half, **share})
    return out
