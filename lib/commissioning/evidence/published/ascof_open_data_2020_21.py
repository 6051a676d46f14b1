"""ASCOF open data as published from 2020-21: XLSX, sheet "in", one figure a row, no year column.

Quirks: `[x]` not available, `[c]` suppressed; numbers and text in one column; the year is in no cell, so a title, `sources.toml`
or the file's name must state it. A file that states none is refused.
"""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.published import _ascof, _tables
from commissioning.evidence.published._reader import Reshaped
from commissioning.evidence.published._stated import Stated

CONTRACT = _tables.contract("ascof_open_data_2020_21")


def reshape(frame: pd.DataFrame, said: Stated) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked figures (one a row) → `indicators` of the year that the file states. Raises Refused where it states none."""
    year, where = said.financial_year()
    frame, notes = _ascof.believe_words(frame.assign(year=year))
    indicators, odd = _ascof.parts_within_wholes(_ascof.gather(frame))
    return indicators, (f"No cell holds the year: {year} is stated in {where}.", *notes, *odd)


READER = Reshaped(rows=CONTRACT, contract=_tables.made("indicators", CONTRACT), reshape=reshape)
