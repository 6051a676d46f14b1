"""ASCOF 2014-15 to 2018-19 as one long CSV: a figure a row, the year in a column.

Quirks: headers with dots or spaces; blanks, single spaces and `c`; "Margin Of Error" and
"Margin of Error"; council types without an ONS code (blank or 0); England is coded 1001 in
2014-15 and "England" later, so areas are joined on the ONS code and year, never on the code.
"""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.published import _ascof, _tables
from commissioning.evidence.published._reader import Reshaped
from commissioning.evidence.published._stated import Stated

CONTRACT = _tables.contract("ascof_long")


def reshape(frame: pd.DataFrame, said: Stated) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked figures (one a row) → `indicators`."""
    frame, notes = _ascof.believe_words(frame)
    indicators, odd = _ascof.parts_within_wholes(_ascof.gather(frame))
    return indicators, (*notes, *odd)


READER = Reshaped(rows=CONTRACT, contract=_tables.made("indicators", CONTRACT), reshape=reshape)
