"""Where a series breaks, and of how many the outcome is known: decided on the data, said in released figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.methods.jumps import jumps
from commissioning.reports import then
from commissioning.reports.study import Study

BREAK = 0.25  # a year's denominator that moves by this share or more from the year before


def series_break(study: Study, measure: str, until: str = "") -> str:
    """The first year whose denominator leaves the year before it by a quarter or more; "" where there is none.

    A change in how work is recorded looks like a change in people's lives. Whether there is one is decided on the data, as
    they were counted when the study was prepared; the numbers in the sentence are released ones. `until`: no year after this.
    """
    found = break_years(study, measure, until)
    if not found:
        return ""
    rows = study.released.select(measure=measure, group_kind="all").figures
    shown = rows.set_index("period")["denominator"]
    years = sorted(study.record[then.BY_YEAR][measure])
    before, after = (shown.get(one, float("nan")) for one in (years[years.index(found[0]) - 1], found[0]))
    if pd.isna(before) or pd.isna(after):
        return f"in {found[0]} the number counted jumps"
    return f"in {found[0]} the number counted moves from {before:,.0f} to {after:,.0f}"


def break_years(study: Study, measure: str, until: str = "") -> list[str]:
    """Every year that breaks the series, in order: no line is drawn from the year before it to it."""
    years = _years(study, measure, until)
    sizes = np.array([one[0] for one in years.values()], dtype=float)
    at = jumps(sizes[:-1], sizes[1:], BREAK).nonzero()[0] + 1
    return [list(years)[i] for i in at]


def completeness(study: Study, measure: str, until: str = "") -> float | None:
    """Share of rows whose outcome is known, over all years, as counted; None where nothing is counted."""
    counts = np.array(list(_years(study, measure, until).values()), dtype=float).reshape(-1, 2)
    known, unknown = np.nansum(counts, axis=0)
    return float(known / (known + unknown)) if known + unknown > 0 else None


def _years(study: Study, measure: str, until: str) -> dict[str, list[float]]:
    """Year → how many were counted, and of how many it is not known, in the whole area: see `then.counted_by_year`."""
    held = study.record.get(then.BY_YEAR, {}).get(measure, {})
    return {year: held[year] for year in sorted(held) if not until or year <= until[:7]}
