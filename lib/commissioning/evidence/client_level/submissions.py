"""Which months each submission covers, and which submission speaks for a quarter, where several overlap.

Each quarterly file holds the last twelve months. For a quarter the latest submission that covers the whole of it speaks, so
that nobody is counted twice. The stated period is often longer than the data: where a file holds enough events, months at its
ends with hardly any are not covered (rule and thresholds: DataS-DHSC/ASC-CLD-LA-Dashboard, June 2026).
"""

from __future__ import annotations

import pandas as pd

ENOUGH_EVENTS = 100
LEAST_SHARE = 0.02  # of a submission's events, in a month that it covers
LEAST_KINDS = 3  # of the four kinds of event; fewer where the file holds fewer
BY = ["source_file", "period_start", "period_end"]


def of(events: pd.DataFrame) -> pd.DataFrame:
    """One row a submission: source_file, period_start, period_end, first, last (the days covered), order (0 the oldest)."""
    rows = []
    for (file, start, end), mine in events.groupby(BY, sort=True):
        first, last = covered(mine, start, end)
        rows.append({"source_file": file, "period_start": start, "period_end": end, "first": first, "last": last})
    found = pd.DataFrame(rows).sort_values(["last", "first", "source_file"], kind="stable", ignore_index=True)
    return found.assign(order=range(len(found)))


def covered(events: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and the last day that a submission's events cover, within its stated period.

    An event counts in the month it ended, or, where it is open, in the month it began.
    """
    when = events["end"].fillna(events["start"])
    inside = events[when.between(start, end)]
    if len(inside) < ENOUGH_EVENTS:
        return start, end
    month = when[inside.index].dt.to_period("M")
    share = month.value_counts() / len(inside)
    kinds = inside.groupby(month)["event"].nunique()
    enough = min(LEAST_KINDS, events["event"].nunique())
    held = [one for one in share.index if share[one] >= LEAST_SHARE and kinds[one] >= enough]
    if not held:
        return start, end
    return max(start, min(held).start_time), min(end, max(held).end_time.normalize())


def quarters(submissions: pd.DataFrame) -> pd.DataFrame:
    """One row a financial quarter that a submission covers wholly: period, year, first, last, order (of the one that speaks),
    priced (the order of the latest submission that ended with this quarter, so that its prices are of the quarter's own time;
    -1 where none did), own_prices (True where one did)."""
    ended = {one.last: one.order for one in submissions.itertuples()}
    rows: dict[str, dict[str, object]] = {}
    for one in submissions.itertuples():  # the oldest first: a later one replaces it
        for number in pd.period_range(one.first, one.last, freq="Q-MAR"):
            first, last = number.start_time.normalize(), number.end_time.normalize()
            if first < one.first or last > one.last:
                continue
            year = f"{number.qyear - 1}-{number.qyear % 100:02d}"
            name = f"{year} Q{number.quarter}"
            rows[name] = {
                "period": name, "year": year, "first": first, "last": last, "order": one.order,
                "priced": ended.get(last, -1), "own_prices": last in ended,
            }  # fmt: skip
    columns = ["period", "year", "first", "last", "order", "priced", "own_prices"]
    return pd.DataFrame([rows[name] for name in sorted(rows)], columns=columns)
