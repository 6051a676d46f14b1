"""Money and hours of people: never on fewer than 20 people (8 agreements or organisations), nor by totals minus parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.prove import Flags
from commissioning.disclosure.sums import BLOCK


def hide_on_few(rows: pd.DataFrame, there: pd.Series, policy: Policy) -> Flags:
    """True for each of n rows (as `prepare.prepared` gives them) whose amount is hidden.

    `there` is True where a row has such an amount. One that stands on fewer people than the policy allows is hidden,
    and so is that of a merged group. In a table, and within each wider group, what is hidden must be of two groups or
    more and of people enough together, or the total minus the parts shown would be an amount on fewer: the group with
    the fewest people joins them until it is. Amounts behind which nobody is counted are not hidden. Where agreements or
    organisations are counted (`behind_are_people` is False), as many as any count needs are enough. An amount of which two make
    nearly all is hidden, whoever they are.
    """
    people = rows["people"]
    amounts = there & people.notna()
    fewest = pd.Series(
        np.where(rows["behind_are_people"], policy.fewest_people_for_cost, policy.suppress_to + 1), index=rows.index
    )
    # Of two who make nearly all of it each would learn what the other has.
    nearly_all = policy.two_make_nearly_all * rows["numerator"].abs()
    dominated = rows["kind"].eq("amount") & rows["largest_two"].gt(0) & rows["largest_two"].ge(nearly_all)
    hidden = amounts & ((people < fewest) & (people > 0) | rows["merged"] | dominated)
    parts = rows[amounts & rows["group_kind"].ne("all") & ~rows["merged"]]
    nested = parts[parts["within"].ne("")]
    tables = [
        nested.groupby([*BLOCK, "group_kind", "within"], sort=False),
        parts.groupby([*BLOCK, "group_kind"], sort=False),
    ]
    for table in (group for grouped in tables for _, group in grouped):
        size = people[table.index].sort_values(kind="stable")
        while _too_few(size[hidden[size.index]], fewest[size.index].iloc[0]) and not hidden[size.index].all():
            hidden[size.index[~hidden[size.index].to_numpy()][0]] = True
    return np.asarray(hidden, dtype=bool)


def _too_few(sizes: pd.Series, fewest: int) -> bool:
    """True where one hidden group, or several of few people together, could be worked back as a remainder."""
    return len(sizes) == 1 or len(sizes) > 0 and sizes.sum() < fewest
