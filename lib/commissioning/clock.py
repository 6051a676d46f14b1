"""What day it is: in London, as councils' own papers are dated, whatever the machine's clock is set to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment, with its zone (UTC)."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day in London of a moment that knows its zone: half past midnight in summer is still yesterday in UTC."""
    return moment.astimezone(LONDON).date()


def today() -> date:
    """The day in London."""
    return day_of(now())


def in_words(day: date) -> str:
    """`3 May 2026`."""
    return f"{day.day} {day:%B %Y}"
