"""Reports, a file for each stage and kind: what only that one shows.

`open` gives a report whose sections are called by name. Notebooks open a study instead, and give it to the sections: `commissioning.open`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from commissioning.errors import UsageError

if TYPE_CHECKING:
    from commissioning.sections.page import Page


def open(stage: str, **given: object) -> Page:
    """The report of one stage, ready to show its sections.

    `stage`: "analyse", "plan", "do", "review", "pilot", "outcomes_and_spend", "cabinet_summary" or "service_reviews". `given`: the five
    parameters of every notebook, text only: `pilot`, `period` ("2014-15", "2014-15 Q2" or "latest"), `area` (an ONS code; ""
    for the pilot's own), `level` ("" or such as "locality=North") and `data` (a folder of extracts; "" for the sample).
    Returns a page, which shows each section by its name, `report.outcomes_table()`; the last, `close()`, ends it.

    Raises UsageError for a parameter that does not exist or is not of its kind, and for
    restricted extracts opened without `commissioning run`.
    """
    from commissioning.reports import stages
    from commissioning.study import opening

    return stages.open(stage, *opening.checked(**given))


__all__ = ["UsageError", "open"]
