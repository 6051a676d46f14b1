"""The one door to the diff-diff package (>=3.13,<4); nothing else imports it.

diff-diff moves fast (`fit(aggregate=)` goes in 4.0), so only ATT(g, t) is taken from it and the overall figures are weighted here. It prints standard errors with one
treated unit without a warning: they are never passed on. Importing it takes seconds, hence lazily.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from .panel import Panel


def _long(panel: Panel) -> pd.DataFrame:
    groups, periods = panel.y.shape
    never = panel.start >= periods
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(groups), periods),
            "time": np.tile(np.arange(1, periods + 1), groups),
            "y": panel.y.ravel(),
            "start": np.repeat(np.where(never, 0, panel.start + 1), periods),
            "weight": np.repeat(panel.weight, periods),
        }
    ).dropna(subset=["y"])


def group_time_effects(panel: Panel, controls: str) -> dict[tuple[int, int], float]:
    """Callaway–Sant'Anna ATT(g, t) by diff-diff; keys are columns (g, t) of the panel, t < g too.

    Estimation "reg" without covariates. Weighted where groups hold different numbers of rows.
    """
    import diff_diff as package

    data = _long(panel)
    design: Any = None
    if not np.allclose(panel.weight, panel.weight[0]):
        design = package.SurveyDesign(weights="weight")
    model = package.CallawaySantAnna(
        control_group="never_treated" if controls == "never" else "not_yet_treated", estimation_method="reg"
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        fitted = model.fit(data, outcome="y", unit="unit", time="time", first_treat="start", survey_design=design)
    return {
        (int(g) - 1, int(t) - 1): float(cell["effect"])
        for (g, t), cell in fitted.group_time_effects.items()
        if cell.get("skip_reason") is None and np.isfinite(cell["effect"])
    }
