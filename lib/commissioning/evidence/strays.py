"""A period far from every other in its file: a slip of the keyboard, which would become the newest period there is.

The rule: in a file of 20 rows or more, rows whose year lies more than three years after every other, or more than ten
before, are set aside where they are no more than one in a hundred (or one row). What has not come yet is set aside by
its cell already, whatever its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from commissioning.evidence.contracts import Column, Contract

FEWEST = 20  # rows of a file: below it nothing is usual
SHARE = 100  # one row in so many
AFTER, BEFORE = 3, 10  # years from the rest

CODE = "far from every other period"


def column(contract: Contract) -> Column | None:
    """The column that says when a row was: its period, else its first required date or year; None where there is none."""
    if contract.period_column is not None:
        return contract.column(contract.period_column)
    return next((c for c in contract.required if c.holds in ("date", "year", "quarter", "month")), None)


def years(found: pd.Series, holds: str) -> pd.Series:
    """The financial year (its first calendar year) of n dates, months, quarters or years; missing where unknown."""
    if holds == "date":
        return found.dt.year - (found.dt.month < 4)
    first = found.str[:4].astype("Int64")
    return first - (found.str[5:7].astype("Int64") < 4).astype("Int64") if holds == "month" else first


def stray(counts: Mapping[int, int]) -> set[int]:
    """The years (of year → rows) that stand apart from the rest."""
    total = sum(counts.values())
    if total < FEWEST or len(counts) < 2:
        return set()
    groups: list[list[int]] = []
    for year in sorted(counts):
        if groups and year - groups[-1][-1] <= AFTER:
            groups[-1].append(year)
        else:
            groups.append([year])
    main = max(groups, key=lambda group: sum(counts[y] for y in group))
    allowed = max(1, total // SHARE)
    out: set[int] = set()
    for group in groups:
        far = group[0] > main[-1] or main[0] - group[-1] > BEFORE
        if group is not main and far and sum(counts[y] for y in group) <= allowed:
            out |= set(group)
    return out


def reason(heading: str) -> str:
    """What is said of such a row."""
    return f"{heading} lies years from that of every other row of the file: check it"
