"""What pictures of providers, programmes and localities read alike: outcome, spend and spend a person of each, and of the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

from commissioning.measures import Measure
from commissioning.sections import figures, showing
from commissioning.sections.page import Page
from commissioning.sections.pictures import telling
from commissioning.study import outcomes

FEWEST = 3  # units with both figures, below which none is set beside the others
TOGETHER = "together"


def by_kind(page: Page, measure: Measure, kind: str) -> pd.DataFrame:
    """Released rows of a measure in the year by a kind of group: group, value, lower, upper, numerator, denominator, value_status."""
    rows = page.released.figures
    rows = rows[rows["measure"].eq(measure.id) & rows["period"].eq(page.period[:7]) & rows["group_kind"].eq(kind)]
    rows = outcomes.with_statuses(outcomes.scaled(rows, {measure.id: measure}), {measure.id: measure})
    return rows[["group", "value", "lower", "upper", "numerator", "denominator", "value_status"]].reset_index(drop=True)


def measure_of(page: Page, kind: str) -> Measure | None:
    """The first primary outcome, a share, that is split by a kind of group in the year."""
    rows = page.released.figures
    held = set(
        rows.loc[rows["group_kind"].eq(kind) & rows["period"].eq(page.period[:7]) & rows["value"].notna(), "measure"]
    )
    return next((one for key, one in figures.primary(page).items() if key in held and telling.is_percent(one)), None)


def with_each(frame: pd.DataFrame, people: str, noise: float = 0.0) -> pd.DataFrame:
    """The frame with `each_pence`, and from where to where it may lie as far as protection moved its two parts.

    `noise`: standard deviation of the noise in a count of people. Amounts bring their limits, where they have noise.
    """
    each = [telling.each(pence, many) for pence, many in zip(frame["pence"], frame[people], strict=True)]
    frame = frame.assign(
        each_pence=pd.array(each, dtype="Float64").astype("Int64"),
        pence=frame["pence"].astype("Float64").round().astype("Int64"),
    )
    low, high = each_limits(frame, people, noise)
    hidden = frame["each_pence"].isna()
    return frame.assign(
        each_lower_pence=low,
        each_upper_pence=high,
        each_pence_status=hidden.map({True: "hidden", False: ""}),
        pence_status=frame["pence"].isna().map({True: "hidden", False: ""}),
    )


def each_limits(frame: pd.DataFrame, people: str, noise: float) -> tuple[pd.Series, pd.Series]:
    """From where to where spend a person may lie: the amount's own limits and 1.96 times the count's noise, in quadrature."""
    each = frame["each_pence"].astype("Float64").astype(float)
    if "pence_lower" not in frame:
        return each, each
    pence, many = (frame[one].astype("Float64").astype(float) for one in ("pence", people))
    reach = (frame["pence_upper"].astype("Float64").astype(float) - pence).fillna(0.0)
    share = np.hypot(reach / pence, 1.96 * noise / many)
    return each * (1 - share).clip(lower=0), each * (1 + share)


def whole(page: Page, measure: Measure) -> pd.Series | None:
    rows = outcomes.scaled(outcomes.main_rows(page.released), {measure.id: measure})
    rows = rows[rows["measure"].eq(measure.id) & rows["period"].eq(page.period[:7]) & rows["value"].notna()]
    return rows.iloc[0] if len(rows) else None


def tables(page: Page) -> tuple[str, ...]:
    return tuple(one for one in ("packages", "grants", "payments") if showing.holds(page, one))
