"""The direction check: where a text says that something rose or fell from one number to another, do the numbers and the data say so?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from commissioning.presentation import columns, numbers

_SIZE = r"£?\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m|bn))?%?"
_WHEN = r"(?: in (?P<{}>\d{{4}}-\d{{2}}(?: Q[1-4])?))?"
_MOVED = re.compile(
    rf"\b(?P<verb>rose|fell) from (?P<first>{_SIZE}){_WHEN.format('before')} to (?P<last>{_SIZE}){_WHEN.format('after')}"
)


def problems(text: str, data: Mapping[str, Any] | None) -> list[str]:
    """What is wrong with the changes that a text tells; empty where each goes as its word says and stands in the rows of its years.

    `data`: the record's table, in whose rows a year stands beside its number.
    """
    found = []
    for hit in _MOVED.finditer(text):
        sizes = [token.value.scaleb(token.scale) for one in ("first", "last") for token in numbers.tokens(hit[one])]
        if len(sizes) == 2 and (sizes[1] > sizes[0]) != (hit["verb"] == "rose"):
            found.append(f"it says '{hit.group()}', which goes the other way")
        for size, year in ((hit["first"], hit["before"]), (hit["last"], hit["after"])):
            if year and data is not None and not _stands_in(size, year, data):
                found.append(f"it says '{hit.group()}', and no row of {year} holds {size}")
    return found


def _stands_in(size: str, year: str, data: Mapping[str, Any]) -> bool:
    """True where a row that names the year holds the number, rounded as it is written."""
    rows = [row for row in data["rows"] if year in map(str, row)]
    held: list[Decimal] = columns.values({**data, "rows": rows})
    known = numbers.Known(held, (), ())
    return all(known.holds(token) for token in numbers.tokens(size))
