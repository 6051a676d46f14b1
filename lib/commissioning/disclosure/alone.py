"""A number that stands in no table of results (rows of a file, money of a register): rounded, or nothing where few stand behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.rounding import amount, nearest


def count(number: int, used: Policy) -> int | None:
    """A count of rows, rounded as a policy says (to 5 or more); None for those it hides (1 to 7 or more), and 0 for none."""
    return None if 1 <= number <= used.suppress_to else int(nearest(number, used.round_to))


def total(amounts: pd.Series, behind: pd.Series | None, used: Policy) -> int | None:
    """The sum of n amounts to the significant figures of a policy; None where so few of `behind` add to it that the policy hides
    their number (7 or more), or two make nearly all of it.

    Rows that name nobody may all be of one; where no column says who is behind (None), all of them may. 0 where there are no rows.
    """
    known = pd.to_numeric(amounts).astype("float64").fillna(0.0)
    if known.eq(0).all():
        return 0
    who = pd.Series("", index=known.index) if behind is None else behind.astype(object).where(behind.notna(), "")
    by = known.abs().groupby(who).sum()
    by, whole = by[by > 0].sort_values(), float(known.sum())
    if len(by) <= used.suppress_to or by.iloc[-2:].sum() >= used.two_make_nearly_all * abs(whole):
        return None
    return int(np.round(amount(whole, used.significant_figures, used.round_to)))
