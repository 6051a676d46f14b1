"""The staggered estimate without its checks: for negative controls, of which no more is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import weights
from .inference import infer
from .panel import MOVED_ALIKE, build, moved_alike


def staggered_estimate(
    data: pd.DataFrame, *, outcome: str, unit: str, time: str, first_treated: str, cluster: str | None = None
) -> tuple[float, float | None]:
    """Estimate and standard error of `staggered(…, method="imputation")`, and nothing else, in a third of the time.

    The standard error is None where the test is by permutation. Raises ValueError where nobody started, nobody
    is left to compare with, or nothing is identified.
    """
    panel = build(data, outcome=outcome, unit=unit, time=time, first_treated=first_treated, cluster=cluster)
    periods = len(panel.times)
    if not (panel.start < periods).any() or len(np.unique(panel.start)) < 2:
        raise ValueError(f"first_treated={first_treated!r}: nobody started, or nobody is left to compare with")
    if moved_alike(panel.y):
        raise ValueError(MOVED_ALIKE)
    result = infer(weights.imputation, panel)
    if not np.isfinite(result.estimate):
        raise ValueError("no group has both a period before it started and somebody to compare with")
    return result.estimate, result.standard_error
