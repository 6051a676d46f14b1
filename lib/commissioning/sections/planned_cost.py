"""What may be said of the costs in Client Level Data: they are planned, gross, and no payments.

Councils send the latest price, so that only the last quarter of a submission stands at prices of its own time: of years that
are not, no change in cost is told.
"""

from __future__ import annotations

from commissioning.sections.page import Page

NOT_PAID = "These are planned costs, gross, and no payments."
LATER = "Prices of some of its months are later ones, so the cost is set beside no other year."


def held(page: Page) -> bool:
    """True where the costs of support come from Client Level Data."""
    return len(page.study.published("coverage")) > 0


def priced_alike(page: Page, *years: str) -> bool:
    """True where a change in cost may be told between these years: every month of each at prices of its own time, and as many."""
    if not held(page):
        return True
    frame = page.study.published("coverage").set_index("year")
    mine = frame.reindex(list(years))
    return bool(mine["months_at_own_prices"].eq(mine["months"]).all() and mine["months"].eq(12).all())
