"""Whether the extracts hold what a report is asked to be about: a part of the area, a period.

Imports nothing heavy: a batch asks before any notebook starts.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

Levels = Mapping[str, Mapping[str, Sequence[str]]]
"""For each kind of group, the names that the results hold and those of them that may be shown."""


def level_fault(level: str, levels: Levels) -> str:
    """Why no report can be about `level` ("locality=North"); "" where one can, or for the whole area.

    Only names that may be shown are offered instead.
    """
    kind, _, code = level.partition("=")
    if not kind:
        return ""
    held = levels.get(kind, {"held": (), "shown": ()})
    if code in held["held"]:
        return ""
    shown = sorted(held["shown"])
    if not shown:
        return f"level {level!r}: nothing in these extracts is split by {kind}"
    near = difflib.get_close_matches(code, shown, n=1)
    others = f"there are {', '.join(shown[:8])}{' and others' if len(shown) > 8 else ''}"
    return f"level {level!r}: no {kind} is called {code!r}: {f'did you mean {near[0]}?' if near else others}"


def period_fault(period: str, periods: Sequence[str]) -> str:
    """Why no report can be about `period`: it lies before or after everything held; "" where it does not.

    `period` is a financial year ("2014-15"), a quarter of one ("2014-15 Q2"), or "latest". A year between two that
    are held is no fault: the report says that nothing is known of it. Where nothing is held the report says that.
    """
    years = sorted({one[:7] for one in periods if one})
    if period == "latest" or not years:
        return ""
    quarters = sorted(one for one in periods if one.startswith(years[-1]) and len(one) > len(years[-1]))
    later = period[:7] > years[-1] or (len(period) > len(years[-1]) and bool(quarters) and period > quarters[-1])
    if not later and period[:7] >= years[0]:
        return ""
    last = quarters[-1] if later and quarters else years[-1]
    return f"period {period!r}: the extracts hold {years[0]} to {last}; ask for one of these, or hand in newer ones"
