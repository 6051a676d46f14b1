"""What sections and findings of a page both read: its outcomes, its spend, its effects, what it is compared with."""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure
from commissioning.presentation.showable import Computed
from commissioning.sections.page import Page, once
from commissioning.study import outcomes, spend_lines, worked_out
from commissioning.study.worked_out import Effects


@once
def spend(page: Page) -> spend_lines.SpendLines:
    """Every spend line the study holds for its area and pilot; on the page of a level, those of the level alone."""
    return spend_lines.lines(page.study, page.pilot, page.group_kind, page.group)


ENGLAND = "E92000001"
OWN_DOMAINS = ("choice and control", "contribution", "dignity")
ASKED = ("reviews", "supported")
"""Tables that hold what people answered when they were asked."""


def said_by_the_person(measure: Measure) -> bool:
    """True where an outcome is what people say of their own lives: asked of them, and not answered by somebody else for them.

    A safeguarding enquiry, and whether an organisation goes on, are of the same domains, and nobody's own words.
    """
    by_another = any(one.says.startswith("answered by somebody else") for one in measure.population)
    domain = getattr(measure.kind, "domain", "")
    return domain in OWN_DOMAINS and measure.table in ASKED and measure.person is not None and not by_another


@once
def primary(page: Page) -> dict[str, Measure]:
    """Primary outcomes that have rows; where none has, every outcome that has."""
    held = set(page.study.record["measures"])
    found = {key: one for key, one in page.outcome_measures.items() if one.primary and key in held}
    return found or {key: one for key, one in page.outcome_measures.items() if key in held}


def own_word_measures(page: Page) -> dict[str, Measure]:
    """Outcomes in which people speak for themselves: choice, control, contribution and dignity (4.11a)."""
    return {key: one for key, one in page.outcome_measures.items() if said_by_the_person(one)}


def own_words(page: Page) -> pd.DataFrame:
    """Released figures of those outcomes in the period, one row each; empty where the pilot has none."""
    return (
        outcome_frame(page, own_word_measures(page)).frame if own_word_measures(page) else pd.DataFrame({"value": []})
    )


def outcome_frame(page: Page, measures: dict[str, Measure] | None = None) -> Computed:
    return outcomes.table(
        page.released,
        measures or page.outcome_measures,
        page.period,
        group_kind=page.group_kind,
        group=page.group,
    )


def comparison_rows(page: Page, key: str) -> pd.DataFrame | None:
    """Two rows of one published measure in its latest year: the area, and England. None where either is missing."""
    figures = page.released.figures
    figures = outcomes.scaled(figures[figures["measure"] == key], page.measures)
    mine = figures[(figures["group_kind"] == "all") & figures["value"].notna()]
    if mine.empty:
        return None
    year = mine["period"].max()
    england = figures[(figures["group"] == ENGLAND) & (figures["period"] == year) & figures["value"].notna()]
    if england.empty:
        return None
    return pd.concat([mine[mine["period"] == year].head(1), england.head(1)], ignore_index=True)


@once
def effects(page: Page) -> Effects:
    """As they were worked out before this report opened."""
    return worked_out.of(page.study, page.pilot, page.period, page.sealed)


NEARLY_ALL, MOST = 95, 80  # per cent of answers known


def known_share(page: Page, measure: str) -> float | None:
    """In how many of a hundred the answer is known in the report's period, as released; None where it is not known."""
    rows = outcomes.main_rows(page.released, page.group_kind, page.group)
    rows = rows[rows["measure"].eq(measure) & rows["period"].eq(page.period) & rows["denominator"].notna()]
    if rows.empty or rows["public"].iloc[0]:
        return None
    known, unknown = float(rows["denominator"].iloc[0]), rows["unknown"].astype("Float64").fillna(0.0).iloc[0]
    return 5.0 * round(20 * known / (known + unknown)) if known else None
