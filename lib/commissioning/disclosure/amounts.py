"""Amounts of people's money and hours: never on fewer than 20 people, nor by totals minus parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.prove import Flags
from commissioning.disclosure.sums import BLOCK


def hide_amounts(rows: pd.DataFrame, policy: Policy) -> Flags:
    """True for each of n rows (as `prepare.prepared` gives them) whose amount is hidden.

    An amount on fewer people than the policy allows is hidden, and so are merged groups. In a table with a
    headline total the hidden groups together must be two or more and hold people enough, or total minus parts
    would give an amount on fewer: the group with the fewest people joins them until they do. Amounts of
    organisations (no people) are not hidden.
    """
    people = rows["people"]
    amounts = rows["kind"].eq("amount") & people.notna()
    hidden = amounts & ((people < policy.fewest_people_for_cost) & (people > 0) | rows["merged"])
    tables = rows[amounts & rows["group_kind"].ne("all") & ~rows["merged"]]
    for _, table in tables.groupby([*BLOCK, "group_kind"], sort=False):
        size = people[table.index].sort_values(kind="stable")
        own = hidden[size.index]
        if not own.any():
            continue
        few = own.sum() < 2 or size[own].sum() < policy.fewest_people_for_cost
        for row in size.index[~own.to_numpy()]:
            if not few:
                break
            hidden[row] = True
            own = hidden[size.index]
            few = own.sum() < 2 or size[own].sum() < policy.fewest_people_for_cost
    return np.asarray(hidden, dtype=bool)
