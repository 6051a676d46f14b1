"""What was there at the end of a period: checked tables without anything that happened after it.

A report of a period rests on nothing later, by the date of the event and not of the file. A row belongs to the period
its extract gives it (a review to the quarter in which it fell due, whenever its answer was written down); money to
the day it was paid; an agreement to the day of its award. What is planned ahead, such as an agreement's last day, was
known before and stays.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from commissioning.measures.periods import first_day, is_period, last_day

EVENTS = ("period", "year", "month", "award_date", "paid_on", "effective_on", "applied_on", "first_funded")
"""Columns that say when a row happened: a row of which any lies after the period is left out."""

PAYS_FOR = {"payments": {"period"}}
"""Columns of a table that name another period than that of the event: paid today, for the quarter to come."""

AS_AT_ITS_START = frozenset({"population", "budget", "area_population"})
"""Tables of what is there when their year begins, or was agreed before it: of the year that is running too."""

LEARNT_ON: dict[str, dict[str, dict[str, object]]] = {
    "providers": {"rated_on": {"cqc_rating": "unknown"}},
    "applications": {"decided_on": {}},
    "grants": {"notice_on": {}, "end_on": {"closed": "no", "lesson_written": "not applicable"}},
    "organisations": {"income_year": {"income_pence": None}},
}
"""Table -> date column -> what a row says only from that day on, and what it said before."""

KEPT_AHEAD = frozenset({"end_on"})
"""Dates that are known ahead: they stay, though they lie after the period."""


def days(values: pd.Series, *, last: bool = True) -> pd.Series:
    """The last (or first) day of each value: a date, a month, a financial year or quarter, or a calendar year's middle."""

    def of(value: object) -> pd.Timestamp:
        text = str(value)
        if is_period(text):
            return last_day(text) if last else first_day(text)
        if text.isdigit() and len(text) == 4:
            return pd.Timestamp(year=int(text), month=6, day=30)
        return pd.Timestamp(pd.to_datetime(value, errors="coerce"))  # type: ignore[arg-type]

    codes, unique = pd.factorize(values)
    found = [of(one) for one in unique]
    return pd.Series(pd.to_datetime([*found, pd.NaT]).to_numpy()[codes], index=values.index)


def rows_until(table: str, frame: pd.DataFrame, period: str) -> pd.DataFrame:
    """The rows of one table that had happened by the end of `period`, with what was not yet known taken out.

    The frame itself comes back where nothing in it is later.
    """
    end = last_day(period)
    if table == "starts" and "started" in frame:
        ahead = days(frame["started"].where(frame["started"].ne("never")), last=False).gt(end)
        return frame.assign(started=frame["started"].mask(ahead, "never")) if ahead.any() else frame
    later = np.zeros(len(frame), dtype=bool)
    for name in EVENTS:
        if name in frame and name not in PAYS_FOR.get(table, ()):
            later |= days(frame[name], last=table not in AS_AT_ITS_START).gt(end).to_numpy()
    out = frame[~later].reset_index(drop=True) if later.any() else frame
    for when, says in LEARNT_ON.get(table, {}).items():
        if when not in out:
            continue
        ahead = days(out[when]).gt(end)
        if not ahead.any():
            continue
        before: dict[str, object] = says if when in KEPT_AHEAD else {when: None, **says}
        out = out.assign(**{name: out[name].mask(ahead, word) for name, word in before.items() if name in out})
    return out


def tables_until(tables: Mapping[str, pd.DataFrame], period: str) -> dict[str, pd.DataFrame]:
    """Every table as it was at the end of `period`; a table in which nothing is later is the same object."""
    return {name: rows_until(name, frame, period) for name, frame in tables.items()}
