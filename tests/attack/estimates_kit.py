"""What the house prints of an estimate of made-up people: the side that knows the house, for attackers who do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commissioning.disclosure.estimates import Behind, key_of, released_estimate, worth
from commissioning.methods.effects import staggered_estimate
from commissioning.methods.effects.inference import t_quantile
from commissioning.pilot.design import Design
from commissioning.study import designs

__all__ = ["QUARTERS", "START", "WARDS", "council", "published", "worth"]
QUARTERS = [f"{2012 + t // 4}-{13 + t // 4} Q{1 + t % 4}" for t in range(10)]
WARDS, START = 12, QUARTERS[6]


def council(number: int, each: int) -> pd.DataFrame:
    """A pilot of its own: people of twelve wards, a yes or no in most quarters, seven wards started."""
    rng = np.random.default_rng(number)
    rows = pd.MultiIndex.from_product([range(WARDS * each), QUARTERS], names=["person", "period"]).to_frame(index=False)
    rows = rows[rng.random(len(rows)) < 0.7].reset_index(drop=True)
    ward = rows["person"] // each
    gain = np.where((ward < 7) & (rows["period"] >= START), rng.choice([0.0, 0.15]), 0.0)
    level = 0.35 + rng.normal(0, 0.08, WARDS)
    rows["value"] = (rng.random(len(rows)) < level[ward] + gain).astype(float)
    return rows.assign(ward=[f"w{one:02d}" for one in ward], first=[START if one < 7 else None for one in ward])


def published(rows: pd.DataFrame, influence: Any, secret: int, noise: bool = True):
    """What the house prints of it, in points, with record keys from a secret. `influence`: how the largest of one person is worked out."""
    record = np.random.default_rng(secret).integers(0, 2**32, rows["person"].max() + 1)
    design = Design(kind="staggered", unit="ward", minimum_worthwhile_change=4.0)
    estimate, error = staggered_estimate(
        rows, outcome="value", unit="ward", time="period", first_treated="first", cluster="ward"
    )
    reach = t_quantile(0.975, WARDS - 1) * error
    begun = rows["first"].notna()
    most = influence.of_one_person(designs._slopes(rows, design, None, 1.0), np.ones(len(rows)), rows["person"].to_numpy())  # fmt: skip
    behind = Behind(
        people=tuple(rows.loc[one, "person"].nunique() for one in (begun, ~begun)),
        degrees=WARDS - 1,
        influence=100 * most if noise else 0.0,
        key=key_of(record[rows["person"].unique()], record[rows.loc[rows["value"].ne(0), "person"]]),
    )
    made = released_estimate(
        100 * estimate, 100 * (estimate - reach), 100 * (estimate + reach), standard_error=100 * error, behind=behind
    )
    return made.estimate, made.lower, made.upper
