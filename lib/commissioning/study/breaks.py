"""Where a series breaks, and of how many the outcome is known: decided on the data, said in released figures."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from commissioning import clock
from commissioning.measures.periods import last_day
from commissioning.study import then
from commissioning.study.prepared import Prepared


def series_break(study: Prepared, measure: str, until: str = "", of: str = "") -> str:
    """The first year whose denominator leaves the year before it by a quarter or more; "" where there is none.

    A change in how work is recorded looks like a change in people's lives. Whether there is one is decided on the data, as
    they were counted when the study was prepared; the numbers in the sentence are released ones. `until`: no year after this;
    `of`: this year alone.
    """
    found = [one for one in break_years(study, measure, until) if one == (of or one)]
    if not found:
        return ""
    rows = study.released.select(measure=measure, group_kind="all").figures
    shown = rows.set_index("period")["denominator"]
    years = sorted(study.record[then.SERIES][measure])
    before, after = (shown.get(one, float("nan")) for one in (years[years.index(found[0]) - 1], found[0]))
    if pd.isna(before) or pd.isna(after):
        return f"in {found[0]} the number counted jumps"
    return f"in {found[0]} the number counted moves from {before:,.0f} to {after:,.0f}"


def people_that_jump(people: Mapping[str, float]) -> dict[str, str]:
    """Year → a sentence, where the released number of people supported leaves the year before it by a quarter or more.

    Spend of these people, and outcomes of them, jump with it.
    """
    years, today = sorted(people), clock.today()
    return {
        year: f"in {year} the people supported move from {people[before]:,.0f} to {people[year]:,.0f}"
        for before, year in pairwise(years)
        if abs(people[year] - people[before]) >= then.BREAK * people[before] and last_day(year).date() <= today
    }


def break_years(study: Prepared, measure: str, until: str = "") -> list[str]:
    """Every year that breaks the series, in order: no line is drawn from the year before it to it.

    A year that has not ended holds fewer because it is not over: nothing is said of it yet.
    """
    today = clock.today()
    years = _years(study, measure, until)
    return [year for year, one in years.items() if one["breaks"] and last_day(year).date() <= today]


def completeness(study: Prepared, measure: str, until: str = "") -> float | None:
    """Share of rows whose outcome is known, over all years, as counted, rounded down to 1%; None where nothing is counted."""
    years = list(_years(study, measure, until).values())
    return years[-1]["complete"] if years else None


def _years(study: Prepared, measure: str, until: str) -> dict[str, dict[str, Any]]:
    """Year → what the counts of the whole area say of it, in order: see `then.series`."""
    held = study.record.get(then.SERIES, {}).get(measure, {})
    return {year: held[year] for year in sorted(held) if not until or year <= until[:7]}
