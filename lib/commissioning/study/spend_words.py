"""Which cost centres, services and purposes of a council's payments look as if they were for a pilot: proposed, for a person to confirm once.

Nothing here counts money as anybody's. A proposal becomes a line of `sources.toml` that somebody has read and written; what
names two groups of people, children, or only initials away from adult care is shown with a question mark and left out of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

COLUMNS = ("unit", "service", "department", "category", "purpose")
"""The columns by which spend is told apart, the finest first. A pattern without a column before it is of `unit`."""
_OTHERS = re.compile(
    r"mental\s+h|\bm\.?h\.?\b|older|elderly|dementia|memory|physical|\bphys|sensory|\bpd\b|\bopmh\b|substance|child|young|school|\bsen\b|\bsend\b|"
    r"nursery|\bpupils?\b|learning\s+(?:and|&)\s+dev|adult\s+learning(?!\s+d[ei])|grammar|libraries",
    re.I,
)
_CARE = re.compile(
    r"adult|social|\bcare\b|health|support|living|residential|nursing|day\s|respite|communit|disab|\basc\b|placement",
    re.I,
)
_ALSO = {"learning disability": (r"learning\W+difficult",)}  # other words of the ledgers for a support reason
MOST = 30  # values proposed for one file: more of them are a mapping, and not a line


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One value of one column that looks like the pilot's: rows and pence under it, and whether it is `sure`."""

    column: str
    value: str
    rows: int
    pence: int
    sure: bool

    @property
    def pattern(self) -> str:
        """As it stands in `cost_centres`: whole, and so never the beginning of another."""
        return f"{'' if self.column == 'unit' else self.column + ': '}{self.value}$"


def looks_like(reason: str) -> re.Pattern[str]:
    """Words that name a support reason: the beginnings of its own, or its initials as a word."""
    parts = reason.split()
    initials = r"\.?".join(part[0] for part in parts)
    begins = r"\W+(?:an?\W+)?".join(
        rf"{re.escape(part[: 4 if not at and len(part) > 5 else 3])}\w*" for at, part in enumerate(parts)
    )
    also = "".join(rf"|\b{one}\w*" for one in _ALSO.get(reason, ()))
    return re.compile(rf"(?P<words>\b{begins}{also})|\b{initials}s?\b\.?", re.I)


def propose(payments: pd.DataFrame, reason: str) -> list[Proposal]:
    """What of one file's payments looks like a support reason, each row under one value only, the largest sums first."""
    if payments.empty or not reason:
        return []
    looks = looks_like(reason)
    left = pd.Series(True, index=payments.index)
    text = {name: _words(payments, name) for name in COLUMNS if name in payments}
    about = pd.Series("", index=payments.index)
    for one in text.values():
        about = (
            about + " | " + one.mask(one.str.contains("adult", case=False), "adult")
        )  # "Adults, Children and Health" is of both
    found: list[Proposal] = []
    for name, values in text.items():
        for value in sorted({one for one in values[left].unique() if one and looks.search(one)}):
            mine = left & values.eq(value)
            around = about[mine]
            sure = not _OTHERS.search(value) and not around.str.contains(_OTHERS).mean() > 0.1
            if sure and not any(one["words"] for one in looks.finditer(value)):
                sure = bool(around.str.contains(_CARE).mean() > 0.5)  # initials alone may be of anything
            rows = payments[mine]
            pence = int(rows["amount_pence"].sum())
            found.append(Proposal(column=name, value=value, rows=len(rows), pence=pence, sure=sure))
            left &= ~mine
    return sorted(found, key=lambda one: (-abs(one.pence), one.column, one.value))


def line_for(pilot: str, proposals: list[Proposal]) -> str:
    """The line of `sources.toml` that would count them, for a person to read and write; empty where none is sure."""
    sure = [one for one in proposals if one.sure][:MOST]
    words = ", ".join(f'"{one.pattern}"' for one in sure if '"' not in one.value and "\\" not in one.value)
    return f"cost_centres = {{ {pilot} = [{words}] }}" if words else ""


def of_pattern(pattern: str) -> tuple[str, str, bool]:
    """A pattern of `cost_centres` as its column, its words, and whether it is whole: "purpose: LD day care$"."""
    column, colon, words = pattern.partition(": ")
    if not (colon and column in COLUMNS):
        column, words = "unit", pattern
    return column, words.removesuffix("$"), words.endswith("$")


def _words(payments: pd.DataFrame, name: str) -> pd.Series:
    found = payments[name].astype(object).where(payments[name].notna(), "").astype(str).str.strip()
    return found.mask(found.str.casefold().eq("unknown"), "")
