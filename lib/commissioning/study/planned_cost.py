"""What may be said of the costs in Client Level Data: they are planned, gross, and no payments.

Councils send the latest price, so that only the last quarter of a submission stands at prices of its own time: of years that
are not, no change in cost is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commissioning.study.prepared import Prepared

NOT_PAID = "These are planned costs, gross, and no payments."
LATER = "Prices of some of its months are later ones, so the cost is set beside no other year."
NO_EFFECT = (
    "costs are planned ones, and {later} of {months} months stand at later prices; bring the submission that ended with each "
    "quarter, and they can be compared."
)


def held(study: Prepared) -> bool:
    """True where the costs of support come from Client Level Data."""
    return len(study.published("coverage")) > 0


def priced_alike(study: Prepared, *years: str) -> bool:
    """True where a change in cost may be told between these years: each is whole, and every month at prices of its own time."""
    if not held(study):
        return True
    mine = study.published("coverage").set_index("year").reindex(list(years))
    return bool(mine["months_at_own_prices"].eq(12).all() and mine["months"].eq(12).all())


def no_effect(study: Prepared, period: str) -> str:
    """Why no cost may be put down to the pilot up to a period; "" where prices allow it."""
    if not held(study):
        return ""
    mine = study.published("coverage")
    mine = mine[mine["year"].astype(str) <= period[:7]]
    months, own = int(mine["months"].sum()), int(mine["months_at_own_prices"].sum())
    return NO_EFFECT.format(later=months - own, months=months) if own < months else ""
