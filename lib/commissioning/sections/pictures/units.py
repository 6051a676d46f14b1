"""What pictures of providers, programmes and localities read alike: outcome, spend and spend a person of each, and of the whole."""

from __future__ import annotations

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


def with_each(frame: pd.DataFrame, people: str) -> pd.DataFrame:
    each = [telling.each(pence, many) for pence, many in zip(frame["pence"], frame[people], strict=True)]
    frame = frame.assign(
        each_pence=pd.array(each, dtype="Float64").astype("Int64"),
        pence=frame["pence"].astype("Float64").round().astype("Int64"),
    )
    hidden = frame["each_pence"].isna()
    return frame.assign(
        each_pence_status=hidden.map({True: "hidden", False: ""}),
        pence_status=frame["pence"].isna().map({True: "hidden", False: ""}),
    )


def whole(page: Page, measure: Measure) -> pd.Series | None:
    rows = outcomes.scaled(outcomes.main_rows(page.released), {measure.id: measure})
    rows = rows[rows["measure"].eq(measure.id) & rows["period"].eq(page.period[:7]) & rows["value"].notna()]
    return rows.iloc[0] if len(rows) else None


def tables(page: Page) -> tuple[str, ...]:
    return tuple(one for one in ("packages", "grants", "payments") if showing.holds(page, one))
