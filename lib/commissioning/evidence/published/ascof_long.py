"""ASCOF 2014-15 to 2018-19 as one long CSV: a figure a row, the year in a column.

Quirks: headers with dots or spaces; blanks, single spaces and `c`; "Margin Of Error" and
"Margin of Error"; council types without an ONS code (blank or 0); England is coded 1001 in
2014-15 and "England" later, so areas are joined on the ONS code and year, never on the code.
"""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.published import _ascof, _tables
from commissioning.evidence.published._reader import Reshaped
from commissioning.evidence.published._stated import Stated

CONTRACT = Contract(
    table="indicators",
    title="ASCOF, one figure a row",
    version="2014-15 to 2018-19",
    columns=(
        Column(
            name="year",
            holds="year",
            header="Return.Year",
            aliases=_ascof.YEAR_ALIASES,
            says="the financial year, 2017-18",
        ),
        *_ascof.columns("ONS Area Code", dotted=True),
        _ascof.MEASURE_WORDS,
    ),
    key=("year", "cassr_code", "area", "published_code", "part", "measure"),
    total_words=(),  # "Total" is a breakdown here
)


def reshape(frame: pd.DataFrame, said: Stated) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked figures (one a row) → `indicators`."""
    frame, notes = _ascof.believe_words(frame)
    indicators, odd = _ascof.parts_within_wholes(_ascof.gather(frame))
    return indicators, (*notes, *odd)


READER = Reshaped(rows=CONTRACT, contract=_tables.indicators(CONTRACT.title, CONTRACT.version), reshape=reshape)
