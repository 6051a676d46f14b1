"""ASCOF 2014-15 to 2018-19 as one long CSV: a figure a row, the year in a column.

Quirks: headers with dots or spaces; blanks, single spaces and `c`; "Margin Of Error" and
"Margin of Error"; council types without an ONS code (blank or 0); England is coded 1001 in
2014-15 and "England" later, so areas are joined on the ONS code and year, never on the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from commissioning.evidence.published._ascof import Figure, gather
from commissioning.evidence.published._parsed import Ledger, Parsed, Row, find_header, header_name, is_blank, text

HEADER = (
    "return year", "geographical code", "geographical description", "geographical level", "ons area code",
    "ascof measure code", "disaggregation level", "measure type", "measure value", "measure group",
)  # fmt: skip
_YEAR = re.compile(r"(20\d\d)[-/–_](\d\d)$")


def parse(rows: Sequence[Row]) -> Parsed:
    """The file's rows (with any title rows above the header) as `indicators`."""
    start = find_header(rows, HEADER)
    if start is None:
        raise ValueError("this is not the long ASCOF file: its ten headers stand in no row near the top")
    ledger = Ledger()
    place = {header_name(cell): position for position, cell in enumerate(rows[start][1])}
    at = [place[name] for name in HEADER]
    width = len(rows[start][1])

    def figures() -> Iterator[Figure]:
        for where, cells in rows[start + 1 :]:
            if is_blank(cells):
                ledger.rows_in += 1
                ledger.not_data += 1
                continue
            if len(cells) != width:
                ledger.rows_in += 1
                ledger.hold(
                    where, "", "wrong number of fields",
                    f"The row has {len(cells)} fields where the header has {width}: look for a lost or stray comma.",
                    cells,
                )  # fmt: skip
                continue
            found = [text(cells[position]) for position in at]
            year = _YEAR.match(found[0])
            if not year or (int(year[1][2:]) + 1) % 100 != int(year[2]):
                ledger.rows_in += 1
                ledger.hold(where, "Return Year", "not a financial year", "Write the financial year as 2017-18.", cells)
                continue
            yield Figure(
                where=where, year=f"{year[1]}-{year[2]}", cassr_code=found[1], area=found[2], level=found[3],
                ons_code=found[4], published_code=found[5], disaggregation=found[6], part=found[7],
                value=found[8], group=found[9], row=tuple(cells),
            )  # fmt: skip

    return gather(figures(), ledger)
