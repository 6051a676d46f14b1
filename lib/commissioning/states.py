"""The three states of a released figure: provisional, final, corrected.

A figure is provisional until its year is closed and the report in which it stands is signed off, and final then. A final figure
stays as it was signed, whatever the data say later, until a named person corrects it: then it is corrected, and `was` is the
figure that it replaced. A figure is told apart by what it counts, where and when (`KEY`): never by the pilot, report or site that
shows it. Where final figures are kept: `seal.figures`; how they take the place of what the data give: `disclosure.revisions`.

Light to import: a run reads the ledger before it needs any frame.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

PROVISIONAL, FINAL, CORRECTED = "provisional", "final", "corrected"
KEY = ("measure", "area", "group_kind", "group", "period")
COUNTS = ("numerator", "denominator", "unknown", "not_applicable", "spend_pence")  # one of them other: another figure
LIMITS = ("value", "lower", "upper")
KEPT = (*KEY, *COUNTS, *LIMITS, "hidden", "why_hidden", "state", "was")
"""What is kept of a final figure: `value` and its limits as in `Released.figures`."""
NEAR = 1e-6
MONTHS_OPEN = 3
NAMELESS = re.compile(r"^small .*, name not shown$")
_YEAR = re.compile(r"^(\d{4})-(\d{2})( Q[1-4])?$")


def closes_on(period: str, months: int) -> date | None:
    """The last day on which the year of a period is open: `months` after its end in March; None for no financial year."""
    found = _YEAR.fullmatch(period)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    year, month = divmod(2 + months, 12)
    year += int(found[1]) + 1
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def is_closed(period: str, months: int, today: date) -> bool:
    """True once the year of a period has been over for so many months."""
    last = closes_on(period, months)
    return last is not None and today > last


def first_open(today: date, months: int) -> str:
    """The first financial year that is still open on a day ("2026-27"): its end, and so many months after it, lie ahead."""
    start = today.year - 4
    while is_closed(year := f"{start}-{(start + 1) % 100:02d}", months, today):
        start += 1
    return year


def says(rows: Sequence[Mapping[str, Any]], months: int, today: date) -> str:
    """The sentence at the top of a page that holds provisional figures; "" where all of them are final.

    `rows`: figures of a report's JSON, with `period` and `state`. It stays true whatever day it is read on.
    """
    years = sorted({str(one["period"])[:7] for one in rows if one.get("state") == PROVISIONAL and one.get("period")})
    if not years:
        return ""
    which = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    text = f"Provisional: the figures of {which} may still change until this report is signed off"
    last = closes_on(years[-1], months)
    if last is not None and today <= last:
        of = "" if len(years) == 1 else f" those of {years[-1]}"
        text += f", and{of} in any case until {last.day} {last:%B %Y}"
    return f"{text}."


def settled(report: Mapping[str, Any], today: date) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A report's JSON once it is signed off, with the figures of closed years final; and those figures' rows."""
    held = dict(report.get("states") or {})
    months = int(held.get("closes_after_months", MONTHS_OPEN))
    rows, made = [], []
    for one in report.get("figures") or ():
        row = dict(one)
        if row.get("state") == PROVISIONAL and is_closed(str(row.get("period")), months, today):
            row["state"] = FINAL
            made.append(row)
        rows.append(row)
    if "states" not in report:
        return dict(report), []
    return {**report, "figures": rows, "states": {**held, "says": says(rows, months, today)}}, made


def without_states(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report's JSON without what sign-off alone changes: which of its figures are provisional, and the sentence of it."""
    if "states" not in report:
        return dict(report)
    figures = report.get("figures")
    rows = [{name: held for name, held in one.items() if name != "state"} for one in figures or ()]
    return {**report, "figures": rows, "states": {**report["states"], "says": ""}}
