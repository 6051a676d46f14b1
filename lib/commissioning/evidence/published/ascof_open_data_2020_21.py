"""ASCOF open data as published from 2020-21: XLSX, sheet "in", one figure a row, no year column.

Quirks: `[x]` not available, `[c]` suppressed; numbers and text in one column; the year is in
no cell, so it is read from the file's name where that holds one, and is 2020-21 otherwise.
"""

from __future__ import annotations

import re

import pandas as pd

from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.published import _ascof, _tables
from commissioning.evidence.published._reader import Reshaped

YEAR = "2020-21"
_YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_](\d\d)(?!\d)")
CONTRACT = Contract(
    table="indicators",
    title="ASCOF open data of one year",
    version="2020-21",
    columns=(
        *_ascof.columns("ONS Code", dotted=False),
        Column(name="measure", holds="text", header="Measure Group Description", says="the measure in words"),
    ),
    key=("cassr_code", "area", "published_code", "part"),
    total_words=(),  # "Total" is a breakdown here
)


def year_of(file_name: str) -> str:
    """The financial year in a file's name, or 2020-21, the year this shape was first published."""
    for found in _YEAR_IN_NAME.finditer(file_name):
        if (int(found[1][2:]) + 1) % 100 == int(found[2]):
            return f"{found[1]}-{found[2]}"
    return YEAR


def reshape(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked figures (one a row) → `indicators` of the year that the file's name says."""
    year = year_of(name)
    note = f"No cell holds the year: {year} is taken from the file's name, or from the published format."
    return _ascof.gather(frame.assign(year=year)), (note,)


READER = Reshaped(rows=CONTRACT, contract=_tables.indicators(CONTRACT.title, CONTRACT.version), reshape=reshape)
