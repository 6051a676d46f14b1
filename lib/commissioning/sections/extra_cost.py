"""The one extra cost of a pilot in its two price bases: in cash, as it is worked out, and in real terms, as the answer tells it."""

from __future__ import annotations

from commissioning.methods import money
from commissioning.methods.pilot_value import significant
from commissioning.presentation import words
from commissioning.sections.page import Page
from commissioning.study import spend, value_words
from commissioning.study.value_words import PilotValue


def real(page: Page, pounds: float, year: str) -> float | None:
    """Pounds of a year as pence in the prices of the pilot's price base, rounded as far; None where no deflator is held."""
    try:
        table = spend.prices(page.study.published("deflators")).table
        exact = money.real_terms(round(pounds * 100), year[:7], page.pilot.price_base, table)
    except (ValueError, KeyError):
        return None
    return significant(float(exact), page.study.policy.significant_figures)


def reconciled(page: Page, found: PilotValue) -> tuple[str, tuple[float | str, ...]]:
    """Why the cash here and the real terms of the answer differ, in a sentence, with its numbers; "" where there is one base alone."""
    if found.cost is None or page.pilot.price_base == found.period[:7]:
        return "", ()
    cash = value_words.cost_row(found)["cost"]
    pence = real(page, cash, found.period)
    if pence is None:
        return "", ()
    says = (
        f" £{abs(cash):,.0f} in the cash of {found.period} is the same sum as the £{words.number(abs(pence) / 100)} of the answer, "
        f"which is in {page.pilot.price_base} prices."
    )
    return says, (abs(cash), abs(pence) / 100, page.pilot.price_base)
