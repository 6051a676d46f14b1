"""The names of England's councils, by ONS code: those of today, and those that were before a reorganisation.

`councils.csv` holds each code with its name, its kind, and the first and last day on which the code was in force (empty: not
before the codes began in 2009, or still in force). Source: Office for National Statistics, Code History Database and *Local
Authority Districts, Counties and Unitary Authorities, April 2023* (Open Government Licence v3).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

DISTRICT = "district"  # has no duty for adult social care: the county above it has


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One code of the list. `first` and `last` are days; None where it has always been, or still is, in force."""

    code: str
    name: str
    kind: str
    first: date | None
    last: date | None

    def in_force(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@lru_cache(maxsize=1)
def every() -> tuple[Listed, ...]:
    """Every code, in order; a code whose council was renamed stands once for each name."""
    text = resources.files("commissioning.evidence").joinpath("councils.csv").read_text(encoding="utf-8")
    return tuple(
        Listed(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            first=date.fromisoformat(row["from"]) if row["from"] else None,
            last=date.fromisoformat(row["to"]) if row["to"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )


def name_of(code: str) -> str:
    """The official name of a council, the latest where its code had several; "" for a code that no council of England has."""
    return next((one.name for one in reversed(every()) if one.code == code), "")
