"""Dates and amounts of a mapped file, by the rules that every extract is read by."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from commissioning.evidence import cells
from commissioning.evidence.cell import Context
from commissioning.evidence.contracts import Column
from commissioning.evidence.days import span

_DAY = Column(name="day", holds="date", says="a day", earliest=date(1900, 1, 1), ahead=None)
_AMOUNT_FIRST = re.compile(r"([-(]?+\s*+£?+\s*+[\d,]++(?:\.\d++)?+\)?+)\s*+(\D.*)?")


@lru_cache(maxsize=100_000)
def day(text: str) -> date | None:
    """A day, day first; None where it is blank or none."""
    found = cells.parse(_DAY, text, Context()).value if text.strip() else None
    return found if isinstance(found, date) else None


def amount_and_word(text: str) -> tuple[str, str]:
    """An amount and what is written after it ("£12,360 (tbc)" → "£12,360" and "… (tbc)"); a word alone where there is none."""
    text = text.strip()
    if found := _AMOUNT_FIRST.fullmatch(text):
        return found[1], f"… {found[2]}" if found[2] else ""
    return "", text


def quarter_of(when: date) -> str:
    """The financial quarter of a day: 2014-15 Q1 is April to June."""
    year = when.year - (when.month < 4)
    return f"{year}-{(year + 1) % 100:02d} Q{(when.month - 4) % 12 // 3 + 1}"


def quarters(first: date, last: date) -> list[tuple[str, date, date]]:
    """Every whole quarter from one day to another: its name, first and last day."""
    found, when = [], first
    while when <= last:
        name = quarter_of(when)
        begins, ends = span(name, "quarter")
        if begins >= first and ends <= last:
            found.append((name, begins, ends))
        when = ends + timedelta(days=1)
    return found


def age_on(born: date, when: date) -> int | None:
    """Whole years of age; None where they are no person's."""
    years = when.year - born.year - ((when.month, when.day) < (born.month, born.day))
    return years if 0 <= years <= 120 else None
