"""ASCOF open data as published from 2020-21: XLSX, sheet "in", one figure a row, no year column.

Quirks: `[x]` not available, `[c]` suppressed; numbers and text in one column; the year is in
no cell, so it is read from the file's name where that holds one, and is 2020-21 otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from commissioning.evidence.published._ascof import Figure, gather
from commissioning.evidence.published._parsed import Ledger, Parsed, Row, find_header, header_name, is_blank, text

HEADER = (
    "geographical code", "geographical description", "geographical level", "ons code", "ascof measure code",
    "disaggregation level", "measure type", "measure value", "measure group", "measure group description",
)  # fmt: skip
YEAR = "2020-21"
_YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_](\d\d)(?!\d)")


def year_of(file_name: str) -> str:
    """The financial year in a file's name, or 2020-21, the year this shape was first published."""
    for found in _YEAR_IN_NAME.finditer(file_name):
        if (int(found[1][2:]) + 1) % 100 == int(found[2]):
            return f"{found[1]}-{found[2]}"
    return YEAR


def parse(rows: Sequence[Row], file_name: str = "") -> Parsed:
    """The sheet's rows as `indicators`; every measure code is kept (1E and 1G among them)."""
    start = find_header(rows, HEADER)
    if start is None:
        raise ValueError("this is not the ASCOF open-data sheet: its ten headers stand in no row near the top")
    year = year_of(file_name)
    ledger = Ledger()
    ledger.notes.append(f"No cell holds the year: {year} is taken from the file's name or the published format.")
    place = {header_name(cell): position for position, cell in enumerate(rows[start][1])}
    at = [place[name] for name in HEADER[:-1]]
    last = max(at)

    def figures() -> Iterator[Figure]:
        for where, cells in rows[start + 1 :]:
            if is_blank(cells):
                ledger.rows_in += 1
                ledger.not_data += 1
                continue
            padded = list(cells) + [None] * (last + 1 - len(cells))
            found = [text(padded[position]) for position in at]
            yield Figure(
                where=where, year=year, cassr_code=found[0], area=found[1], level=found[2], ons_code=found[3],
                published_code=found[4], disaggregation=found[5], part=found[6], value=padded[at[7]],
                group=found[8], row=tuple(cells),
            )  # fmt: skip

    return gather(figures(), ledger)
