"""Released figures split by group: places, providers, ages; and the measure of a pilot's own spend."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from commissioning.disclosure import Released
from commissioning.measures import Measure
from commissioning.presentation.showable import Computed
from commissioning.study import outcomes

LABELS = {
    "split": "Split by",
    "group": "Group",
    "numerator": "Number",
    "denominator": "Out of",
    "value": "Value",
    "lower": "Lower limit",
    "upper": "Upper limit",
    "note": "Note",
}
NOT_RECORDED = "not recorded"
"""What the rows are called whose group the extract does not say."""
WORDS = {
    "ward": "ward", "locality": "locality", "provider": "provider", "age_band": "age", "ethnicity": "ethnicity",
    "needs_band": "band of need", "department": "department", "organisation": "organisation", "setting": "kind of support",
    "programme": "programme", "risk": "risk", "domain": "domain", "funder": "funder",
    "provision": "how it is provided",
}  # fmt: skip


def split(released: Released, measure: Measure, period: str, *, kinds: tuple[str, ...]) -> Computed:
    """One measure in one period, one row a group of the kinds named; hidden ones say why."""
    figures = released.figures
    rows = figures[
        (figures["measure"] == measure.id) & (figures["period"] == period) & figures["group_kind"].isin(kinds)
    ]
    rows = outcomes.with_statuses(outcomes.scaled(rows, {measure.id: measure}), {measure.id: measure})
    frame = rows.assign(
        split=rows["group_kind"].map(lambda one: WORDS.get(one, one)),
        group=rows["group"].where(rows["group"].ne("unknown"), NOT_RECORDED),
        note=[outcomes.note(row) for _, row in rows.iterrows()],
    )
    frame = frame.reindex(columns=[*LABELS, *outcomes.STATUSES]).reset_index(drop=True)
    return Computed(frame=frame, of=(released,), how=f"released figures of {measure.title}, by group")


def in_pence(rows: Computed) -> Computed:
    """Amounts of money as whole pence, so that they are shown in pounds."""
    frame = rows.frame.assign(numerator=pd.to_numeric(rows.frame["numerator"]).round().astype("Int64"))
    return Computed(frame=frame, of=rows.of, how=rows.how)


def money_measure(measures: Mapping[str, Measure], held: Collection[str]) -> Measure | None:
    """The pilot's own measure of spend: an input counted in pence, of which there are rows."""
    inputs = outcomes.of_kind(measures, "input").items()
    spend = [one for key, one in inputs if one.unit.startswith("pence") and key in held]
    return next((one for one in spend if one.spend_scope == "purpose"), next(iter(spend), None))
