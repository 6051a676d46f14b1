"""Money, hours and contacts: never on fewer than 20 people (8 agreements or organisations), nor by totals minus parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.disclosure.policy import Policy
from commissioning.disclosure.prove import Flags
from commissioning.disclosure.sums import BLOCK, Ints


def hide_on_few(rows: pd.DataFrame, there: pd.Series, policy: Policy) -> Flags:
    """True for each of n rows (as `prepare.prepared` gives them) whose amount is hidden.

    `there` is True where a row has such an amount. One that stands on fewer people than the policy allows is hidden,
    and so is that of a merged group, one of which two make nearly all, whoever they are, and one of 7 or less: contacts and hours
    are of persons. Where agreements or organisations are counted (`behind_are_people` is False), as many as any count
    needs are enough. In a table, and within each wider group, what is hidden must be of two groups or
    more, of people enough together, and not nearly all of two, or the total minus the parts shown would be such an amount: the
    group with the fewest people joins them until it is. So it is with a year and its quarters. Amounts of which
    nobody says who stands behind them are not hidden (they are rounded, as all are); nor is nothing, of nobody.
    """
    people, size = rows["people"].to_numpy(dtype=float), np.abs(np.nan_to_num(rows["numerator"].to_numpy(dtype=float)))
    merged, of_amount = rows["merged"].to_numpy(dtype=bool), rows["kind"].eq("amount").to_numpy()
    amounts = there.to_numpy(dtype=bool) & ~np.isnan(people)
    fewest = np.where(rows["behind_are_people"], policy.fewest_people_for_cost, policy.suppress_to + 1)
    # Of two who make nearly all of it each would learn what the other has.
    two = np.where(of_amount, np.nan_to_num(rows["largest_two"].to_numpy(dtype=float)), 0.0)
    dominated = (two > 0) & (two >= policy.two_make_nearly_all * size)
    small = of_amount & (size > 0) & (size <= policy.suppress_to)
    hidden = amounts & ((people < fewest) & (np.maximum(people, size) > 0) | merged | dominated | small)

    def hide_until_enough(table: Ints, *, together: bool) -> None:
        """Hide more of a table until its total minus what is shown is no amount on few. `together`: its rows are of different
        people, who count together; otherwise (quarters) of the same."""
        while hidden[table].any() and not hidden[table].all():
            unseen = table[hidden[table]]
            behind = people[unseen].sum() if together else people[unseen].max()
            nearly_all = 0 < two[unseen].sum() >= policy.two_make_nearly_all * size[unseen].sum()
            if len(unseen) > 1 and behind >= fewest[unseen[0]] and not nearly_all:
                return
            hidden[table[~hidden[table]][0]] = True

    parts = amounts & rows["group_kind"].ne("all").to_numpy() & ~merged
    tables = [
        *_tables(rows, parts & rows["within"].ne("").to_numpy(), [*BLOCK, "group_kind", "within"]),
        *_tables(rows, parts, [*BLOCK, "group_kind"]),
    ]
    quarters = _quarters_of_years(rows, amounts & of_amount & ~merged)
    while True:
        before = hidden.sum()
        for table in tables:
            hide_until_enough(table, together=True)
        for year, four in quarters:
            if not hidden[year]:
                hide_until_enough(four, together=False)
            elif not hidden[four].any():  # its quarters would add up to it
                hidden[four[0]] = True
        if hidden.sum() == before:
            return np.asarray(hidden, dtype=bool)


def _tables(rows: pd.DataFrame, take: Flags, keys: list[str]) -> list[Ints]:
    """The places of the rows to take, one array for each set of `keys`, those of the fewest people first."""
    ordered = rows[take].assign(place=np.flatnonzero(take)).sort_values("people", kind="stable")
    return [ordered["place"].to_numpy()[at] for at in ordered.groupby(keys, sort=False, dropna=False).indices.values()]


def _quarters_of_years(rows: pd.DataFrame, take: Flags) -> list[tuple[int, Ints]]:
    """The place of each year's amount, and of its quarters', where they add up to it."""
    keys, period = ["measure", "pilot", "area", "group_kind", "group"], rows["period"].astype(str)
    quarter = period.str.fullmatch(r"\d{4}-\d\d Q[1-4]").to_numpy(dtype=bool)
    if not (take & quarter).any():
        return []
    of_year = rows[keys].assign(year=period.str.slice(0, 7)).groupby([*keys, "year"], sort=False).ngroup().to_numpy()
    total = rows["numerator"].to_numpy(dtype=float)
    years = np.flatnonzero(take & ~quarter)
    at = dict(zip(of_year[years].tolist(), years.tolist(), strict=True))
    found = []
    for four in _tables(rows.assign(year=of_year), take & quarter, ["year"]):
        year = at.get(int(of_year[four[0]]))
        if year is not None and abs(total[four].sum() - total[year]) < 0.5:
            found.append((year, four))
    return found
