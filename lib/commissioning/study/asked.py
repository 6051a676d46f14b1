"""Whether the extracts hold what a report is asked to be about: a part of the area, a period.

Imports nothing heavy: a batch asks before any notebook starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from commissioning.errors import UsageError
from commissioning.study.parameters import is_period
from commissioning.wording import nearest

Levels = Mapping[str, Mapping[str, Sequence[str]]]
"""For each kind of group, the names that the results hold and those of them that may be shown."""


def one_of(says: str, given: Any, known: Iterable[str], otherwise: str = "") -> str:
    """What was given, where it is a name that is known. Raises UsageError: `says`, what was given, and the nearest known name."""
    names = list(known)
    if isinstance(given, str) and given in names:
        return given
    raise UsageError(
        f"{says} {given!r}; {nearest(str(given), names, otherwise or ('' if names else 'there are none'))}"
    )


def level_fault(level: str, levels: Levels) -> str:
    """Why no report can be about `level` ("locality=North"); "" where one can, or for the whole area."""
    kind, _, code = level.partition("=")
    fault = group_fault(kind, code, levels) if kind else ""
    return fault and f"level {level!r}: {fault}"


def group_fault(kind: str, name: str, levels: Levels) -> str:
    """Why there is no such group; "" where there is one. Only names that may be shown are offered instead."""
    held = levels.get(kind, {"held": (), "shown": ()})
    if name in held["held"]:
        return ""
    shown = sorted(held["shown"])
    if not shown:
        return f"nothing in these extracts is split by {kind}"
    others = f"there are {', '.join(shown[:8])}{' and others' if len(shown) > 8 else ''}"
    return f"no {kind} is called {name!r}: {nearest(name, shown, others)}"


def period_fault(period: str, periods: Sequence[str], today: date | None = None) -> str:
    """Why no report can be about `period`: it has not come, or no extract holds it; "" where there is no fault.

    `period` is a financial year ("2014-15"), a quarter of one ("2014-15 Q2"), or "latest". A year is held where one of its
    quarters is. Where nothing is held at all the report says that, and it is no fault. One line; every way in says the same.
    """
    if period == "latest":
        return ""
    now = financial_quarter(today or date.today())
    if period > (now if " Q" in period else now[:7]):
        return f"period {period!r} has not come: this is {now}; ask for a period that has begun"
    held = sorted({one for one in periods if one})
    if not held or period in held or period in {one[:7] for one in held}:
        return ""
    alike = sorted({one[:7] for one in held}) if " Q" not in period else [one for one in held if " Q" in one]
    if not alike:
        return f"period {period!r}: the extracts hold years and no quarters; ask for a year, such as {held[-1][:7]}"
    return f"period {period!r}: no extract here holds it; they hold {_runs(alike)}; ask for one of these, or hand in newer ones"


def a_period(given: Any) -> str:
    """What was given, where it is a financial year or a quarter of one. Raises UsageError."""
    if isinstance(given, str) and is_period(given):
        return given
    raise UsageError(
        f'periods={given!r}: write "all" (every year), "quarters", "latest", or years and quarters such as "2014-15"'
    )


def financial_quarter(day: date) -> str:
    """The financial quarter of a day: 14 May 2014 -> "2014-15 Q1"."""
    year = day.year if day.month >= 4 else day.year - 1
    return f"{year:04d}-{(year + 1) % 100:02d} Q{(day.month - 4) % 12 // 3 + 1}"


def _runs(periods: Sequence[str]) -> str:
    """Periods in words, those that follow one another as one: "2012-13 to 2014-15 and 2016-17"."""
    runs: list[list[str]] = []
    for one in periods:
        if runs and _number(one) == _number(runs[-1][-1]) + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _number(period: str) -> int:
    """A count that goes up by one from a year to the next, or from a quarter to the next."""
    return 4 * int(period[:4]) + int(period[-1]) if " Q" in period else int(period[:4])
