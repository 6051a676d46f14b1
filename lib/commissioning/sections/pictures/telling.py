"""What a picture's title says happened, in words that its data hold up: a change is named only where the figures show one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from commissioning.measures import Measure
from commissioning.methods.pilot_value import significant
from commissioning.presentation import words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed
from commissioning.sections import saying
from commissioning.sections.page import Page, once
from commissioning.study.opened import Study

Row = Mapping[str, Any]
NOT_WHY = "This does not say why."
OTHERS = "Other reasons are possible."
MOVED = ("rose from", "fell from")
COUNTED_ANEW = 0.25
"""A number of people that moves by this share or more from one year to the next is counted in another way."""


@once
def study_of(page: Page) -> Study:
    """The study behind a page, for what it gives as frames."""
    return Study(
        pilot=page.pilot.name, period=page.period, area=page.study.area, level=page.given.level, prepared=page.study,
        parameters=page.given,
    )  # fmt: skip


def level(value: float, measure: Measure) -> str:
    """ "61%", or a number in the measure's own unit."""
    return f"{words.number(value)}%" if is_percent(measure) else words.number(value, 1)


def is_percent(measure: Measure) -> bool:
    """True where the measure is a share, told in per cent."""
    return measure.unit.startswith("%")


def with_range(row: Row, measure: Measure) -> str:
    """ "43% (26 to 60)"; without limits the level alone."""
    if pd.isna(row["lower"]) or pd.isna(row["upper"]):
        return level(row["value"], measure)
    low, high = (words.number(row[one], 0 if is_percent(measure) else 1) for one in ("lower", "upper"))
    return f"{level(row['value'], measure)} ({low} to {high})"


def outcome(rows: pd.DataFrame, measure: Measure) -> str:
    """How an outcome moved from its first year to its last, both with a value: it rose or fell only where the two ranges lie apart."""
    first, last = rows.iloc[0], rows.iloc[-1]
    a, b = level(first["value"], measure), level(last["value"], measure)
    if first["period"] == last["period"]:
        return f"{b} in {last['period']}"
    limits = [first["lower"], first["upper"], last["lower"], last["upper"]]
    if not any(map(pd.isna, limits)) and a != b:
        if last["lower"] > first["upper"]:
            return f"rose from {a} in {first['period']} to {b} in {last['period']}"
        if last["upper"] < first["lower"]:
            return f"fell from {a} in {first['period']} to {b} in {last['period']}"
    if a == b:
        return f"{b} in {last['period']}, as in {first['period']}"
    return f"{a} in {first['period']} and {b} in {last['period']}, with no clear change"


def pounds(pence: float) -> str:
    """An amount that was rounded already: £37,000, £1.2m."""
    return f"£{round(pence / 100):,}" if abs(pence) < 100_000_000 else words.money_rounded(int(pence))


def money(first: float, last: float) -> str:
    """How an amount moved: it rose or fell only by more than rounding to two figures may make, and rounding is named where there was some."""
    a, b = pounds(first), pounds(last)
    if abs(last - first) <= step(max(first, last)):
        if a == b:
            return f"stayed about {b}"
        rounded = all(one % step(one) == 0 for one in (first, last))
        return f"was {a} and then {b}{', a step that rounding may make' if rounded else ''}"
    return f"{'rose' if last > first else 'fell'} from {a} to {b}"


def step(pence: float) -> float:
    """One in the second figure of an amount."""
    size = len(str(int(abs(pence)))) if pence else 1
    return float(10 ** max(size - 2, 0))


def each(pence: Any, people: Any) -> float | None:
    """Pence for each of some people, to two figures in pounds; None where either is not known."""
    if pd.isna(pence) or pd.isna(people) or not people:
        return None
    return 100 * float(significant(float(pence) / float(people) / 100, 2))


def found(
    page: Page,
    sentence: str,
    claim: str,
    frame: pd.DataFrame,
    evidence: str,
    *,
    measure: str = "",
    declared: Sequence[Any] = (),
) -> Finding:
    """A finding whose numbers are rows of the picture's own table."""
    numbers = Computed(frame=frame.reset_index(drop=True), of=(page.released,), how="rows of the picture's own table")
    return saying.finding(
        page, sentence, claim, numbers, evidence, measure=measure, declared=(page.period, page.period[:7], *declared)
    )
