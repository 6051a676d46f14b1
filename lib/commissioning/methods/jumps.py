"""A jump from one count to the next: how work is recorded changes at once, people's lives seldom do.

One rule for whoever looks at a yearly denominator: the readers of published tables, and the gate that an estimate must
pass. `effects.staggered.break_in_counts` asks another question (of noisy quarters, stretch against stretch, with a
standard error), so it keeps its own sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def jumps(before: Any, after: Any, by: float, *, least: float = 0.0) -> NDArray[np.bool_]:
    """Where `after` differs from `before` by the share `by` of `before` or more (0.25: a quarter).

    `before`, `after`: n counts each, missing as NaN or None. Returns n truth values; False where either is missing,
    where `before` is 0, or where it is under `least` (a small count moves by chance). Raises ValueError where `by` is
    not above zero or the lengths differ.
    """
    if not by > 0:
        raise ValueError(f"by={by!r}: a jump is a share above zero, such as 0.25")
    a, b = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} counts before and {b.shape} after: one of each is needed")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.abs(b / a - 1)
    # 1e-12: a share such as 120/100 − 1 must not miss its own threshold by the last bit.
    return np.asarray(~np.isnan(share) & (a > 0) & (b >= 0) & (a >= least) & (share >= by - 1e-12))
