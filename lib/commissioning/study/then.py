"""A study as it was at the end of a period: worked out from its tables without what happened later.

A figure that comes out the same from fewer rows is the released figure that it is: the same people give the same noise. One
that rested on later rows (a payment of next year, accrued to this one) is counted anew and passes the same door.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from commissioning.disclosure import Policy, Released, costs, release
from commissioning.disclosure.cost import printable
from commissioning.measures import Measure, breakdowns, calculate, derive
from commissioning.measures.as_published import as_published
from commissioning.measures.breakdowns import Breakdown
from commissioning.measures.periods import is_period, last_day
from commissioning.measures.until import EVENTS, LEARNT_ON, days
from commissioning.methods.jumps import jumps
from commissioning.pilot import Pilot
from commissioning.study import broken_down, protection

COUNTS = "payments_by_year"
SERIES = "series"
BREAK = 0.25  # a year's denominator that moves by this share or more from the year before
A_PERIOD = re.compile(r"\b\d{4}-\d{2}(?: Q[1-4])?")


@dataclass(frozen=True, kw_only=True, eq=False)
class Then:
    """What a study holds at the end of a period: restricted results, released figures, and who each measure left out."""

    results: pd.DataFrame
    released: Released
    usable: tuple[str, ...]
    left_out: dict[str, list[list[str]]]
    cost_of_protection: list[dict[str, float | str]]


def happened(periods: pd.Series, period: str) -> pd.Series:
    """True for each year or quarter that had ended by the end of `period`; also for a row without a period."""
    return ~days(periods.astype(str)).gt(last_day(period))


def series(results: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure → year → what its counts say of the whole area, and none of the counts themselves.

    `breaks`: the denominator leaves that of the year before by a quarter or more. `complete`: the share of rows up to and with this
    year of which the outcome is known, rounded down to 1%, so that it meets no floor that the data do not; None where none is counted.
    """
    rows = results[results["group_kind"].eq("all") & results["period"].str.fullmatch(r"\d{4}-\d{2}")]
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for measure, mine in rows.drop_duplicates(["measure", "period"], keep="last").groupby("measure", sort=False):
        mine = mine.sort_values("period")
        counts = mine["denominator"].fillna(0.0).to_numpy(dtype=float)
        breaks = [False, *jumps(counts[:-1], counts[1:], BREAK).tolist()]
        known, every = counts.cumsum(), (counts + mine["unknown"].fillna(0).to_numpy(dtype=float)).cumsum()
        complete = [int(100 * k / n + 1e-9) / 100 if n > 0 else None for k, n in zip(known, every, strict=True)]
        found[str(measure)] = {
            str(year): {"breaks": broken, "complete": share}
            for year, broken, share in zip(mine["period"], breaks, complete, strict=True)
        }
    return found


def _whole_rows_only(measure: Measure, table: pd.DataFrame | None) -> bool:
    """True where leaving later rows out cannot change a figure of a period before: rows of one table, dated once."""
    if measure.table in derive.DERIVED or measure.table in LEARNT_ON or table is None:
        return False
    return measure.period_from in EVENTS and not any(one in table for one in EVENTS if one != measure.period_from)


def work_out(
    period: str,
    *,
    results: pd.DataFrame,
    before: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    measures: Mapping[str, Measure],
    hierarchy: Any,
    keys: pd.Series,
    by_group: pd.DataFrame,
    breakdowns_of: Mapping[str, Breakdown],
    public: Collection[str],
    as_held: Mapping[str, Mapping[str, pd.DataFrame]],
    policy: Policy,
    open_from: str,
) -> Then:
    """What a prepared study holds at the end of `period`.

    `results` and the tables `before`: of all that is held; `tables`: as they were then; `keys`: people's record keys.
    `policy` and `open_from`: what the study was released under. `by_group`: its breakdowns as counted, and `as_held` the tables `before` and `tables` that those are counted from. Figures of a
    year or quarter that had not ended are not among them.
    """
    without = calculate.missing(measures, tables)
    usable = {key: one for key, one in measures.items() if key not in without}
    kept = results[happened(results["period"], period)]
    again = {key: one for key, one in usable.items() if not _whole_rows_only(one, before.get(one.table))}
    codes: dict[str, calculate.Codes | None] = {}
    counted = kept[kept["measure"].isin([key for key in usable if key not in again])]
    known_public = kept.drop_duplicates("measure").set_index("measure")["public"]
    if again and len(kept):
        pilot, area = str(results["pilot"].iloc[0]), str(results["area"].iloc[0])
        new = calculate.results(again, tables, pilot=pilot, area=area, codes=codes, keys=keys)
        new = new[happened(new["period"], period)]
        new["public"] = new["public"] | new["measure"].map(known_public).fillna(False).astype(bool)
        counted = pd.concat([counted, new], ignore_index=True)
    broken = _breakdowns(results, by_group, breakdowns_of, public, as_held["before"], as_held["tables"], keys)
    broken = broken[happened(broken["period"], period)]
    for one in usable.values():
        if one.table not in codes:
            made = calculate.table_for(one, tables)
            codes[one.table] = None if made is None else calculate.Codes(made, one.table)
    name, area = (str(results[key].iloc[0]) if len(results) else "" for key in ("pilot", "area"))
    left, clauses = breakdowns.left_out(
        usable,
        codes,
        pilot=name,
        area=area,
        keys=keys,
        period=period[:7],
        public=counted.loc[counted["public"], "measure"],
    )
    broken = pd.concat([broken, left], ignore_index=True)
    everything = as_published(pd.concat([counted, broken], ignore_index=True))
    everything["everybody"] = protection.counts_everybody(everything, usable, breakdowns_of.values(), name)
    shown = release(
        everything,
        policy=policy,
        hierarchy=broken_down.nested(broken) | (hierarchy or {}),
        open_from=open_from,
    )
    return Then(
        results=counted,
        released=shown,
        usable=tuple(sorted(usable)),
        left_out=clauses,
        cost_of_protection=printable(costs(everything, shown)),
    )


def _breakdowns(
    results: pd.DataFrame,
    by_group: pd.DataFrame,
    breakdowns_of: Mapping[str, Breakdown],
    public: Collection[str],
    before: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    keys: pd.Series,
) -> pd.DataFrame:
    """The breakdowns counted from the tables as they were; those that read no table in which a row is gone stay as counted."""
    by_group = by_group[~by_group["measure"].str.contains(breakdowns.MARK + breakdowns.LEFT_OUT, regex=False)]
    again = [
        one for one in breakdowns_of.values() if any(tables.get(name) is not before.get(name) for name in one.reads)
    ]
    if not again or results.empty:
        return by_group
    pilot, area = str(results["pilot"].iloc[0]), str(results["area"].iloc[0])
    gone = {breakdowns.measure_id(pilot, one.id, figure.name) for one in again for figure in one.figures}
    new = breakdowns.counted(again, tables, pilot=pilot, area=area, public=public, keys=keys)
    return pd.concat([by_group[~by_group["measure"].isin(gone)], new], ignore_index=True)


def record_of(whole: Mapping[str, Any], then: Then, period: str, held: list[str]) -> dict[str, Any]:
    """A study's record as it was at the end of `period`; what is said of its files is said of whole files."""
    years = whole.get(COUNTS) or {}
    in_time = [counts for year, counts in years.items() if not year or happened(pd.Series([year]), period).iloc[0]]
    payments = whole.get("payments")
    if payments:
        added = {
            name: sum(one[name] or 0 for one in in_time) for name, held in payments.items() if isinstance(held, int)
        }
        payments = {**payments, **added, "months": {k: v for one in in_time for k, v in (one["months"] or {}).items()}}
    ended = happened(pd.Series(whole["periods"], dtype=object), period)
    return {
        **whole,
        "tables": held,
        "measures": list(then.usable),
        SERIES: series(then.results),
        "cost_of_protection": then.cost_of_protection,
        "periods": [one for one, past in zip(whole["periods"], ended, strict=True) if past],
        "payments": payments,
        "payments_whole": [
            one for one in whole.get("payments_whole") or [] if happened(pd.Series([one["year"]]), period).iloc[0]
        ],
    }


def pilot_at_the_end_of(pilot: Pilot, period: str) -> Pilot:
    """The pilot file without register entries and plans dated after `period`; for "latest" as it is.

    Replies stay, with their day: they answer the very report. Floors and gates stay: they are what it is judged by.
    """
    if period == "latest":
        return pilot
    end = last_day(period).date()
    kept: dict[str, Any] = {}
    for name in type(pilot).model_fields:
        entries = getattr(pilot, name)
        if name == "replies" or not isinstance(entries, tuple):
            continue
        in_time = tuple(one for one in entries if not _later(one, end))
        if len(in_time) < len(entries):
            kept[name] = in_time
    plans = {year: pounds for year, pounds in pilot.decision.planned_spend.items() if last_day(year).date() <= end}
    if plans != pilot.decision.planned_spend:
        kept["decision"] = pilot.decision.model_copy(update={"planned_spend": plans})
    return pilot.model_copy(update=kept)


def _later(entry: Any, end: date) -> bool:
    """True for an entry dated after `end`; a lesson has no date, but may be learnt from the figures of a later year."""
    when = getattr(entry, "on", None) or getattr(entry, "since", None)
    words = (getattr(entry, "learnt_from", ""), getattr(entry, "at", ""))
    years = [one for text in words for one in A_PERIOD.findall(text) if is_period(one)]
    return (isinstance(when, date) and when > end) or any(last_day(one).date() > end for one in years)
