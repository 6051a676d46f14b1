"""Which council is which: the social-services (CASSR) code of 2014-15 and its ONS code.

Source: NHS Digital, *Measures from the Adult Social Care Outcomes Framework, England,
2014-15*, columns Geographical.Code, Geographical.Description and ONS.Area.Code (Open
Government Licence v3). PSS EX1 names councils by the first alone ("319 - Wirral"). The 152
councils are those of 2014-15: later mergers have other codes.
"""

from __future__ import annotations

import csv
import re
from importlib import resources

_LIST = resources.files("commissioning.evidence.published").joinpath("councils_2014_15.csv").read_text(encoding="utf-8")
COUNCILS: dict[str, tuple[str, str]] = {
    row["cassr_code"]: (row["area_code"], row["council"]) for row in csv.DictReader(_LIST.splitlines())
}
"""CASSR code → (ONS code, council), 152 councils."""

REGIONS: dict[str, tuple[str, str]] = {
    "north east": ("E12000001", "region"),
    "north west": ("E12000002", "region"),
    "yorkshire and humber": ("E12000003", "region"),
    "yorkshire and the humber": ("E12000003", "region"),
    "east midlands": ("E12000004", "region"),
    "west midlands": ("E12000005", "region"),
    "east": ("E12000006", "region"),
    "eastern": ("E12000006", "region"),
    "london": ("E12000007", "region"),
    "south east": ("E12000008", "region"),
    "south west": ("E12000009", "region"),
    "england": ("E92000001", "england"),
}
"""A region's or England's name → (ONS code, kind of area)."""

CODES_WITHOUT_COUNCIL: dict[str, tuple[str, str]] = {
    code: (name.title().replace(" And ", " and ").replace(" The ", " the "), kind)
    for name, (code, kind) in REGIONS.items()
}
"""The ONS code of a region or of England → (name, kind of area)."""


def slug(name: str) -> str:
    """A council's name as third-party sites write it in addresses: "St. Helens" → "st-helens"."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())


_COUNCIL_WORDS = re.compile(r"\b(?:council|borough|corporation of london|[cmd]?bc|mdc)\b", re.IGNORECASE)

# "Wirral Council for Voluntary Service" is a charity; a parish or town council is not the one that commissions social care.
_NO_COUNCIL = re.compile(r"council\s+(?:for|of|on)\b|voluntary|parish|town\s+council|arts\s+council", re.IGNORECASE)


def is_council(name: str) -> bool:
    """True where an organisation's name is a council's: by its words, or because it is the bare name of one."""
    found = bool(_COUNCIL_WORDS.search(name)) and not _NO_COUNCIL.search(name)
    return found or name.strip().casefold() in _BARE


_BARE = {name.casefold() for _, name in COUNCILS.values()}
