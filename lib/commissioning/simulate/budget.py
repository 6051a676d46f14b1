"""A made-up council budget by service: what `service_reviews` ranks where no council has given its own.

Eleven headings in round thousands, of the size of a metropolitan borough. They are written down, not drawn: a
budget is a decision, and nothing is planted in it.
"""

from __future__ import annotations

import pandas as pd

AREA = "E08000015"
YEAR = "2015-16"
THOUSANDS = {
    "Schools and learning": 231_400,
    "Adult social care": 118_900,
    "Children's social care": 61_300,
    "Public health": 28_600,
    "Libraries and leisure": 14_200,
    "Waste and streets": 16_800,
    "Housing support": 9_700,
    "Roads and travel": 8_900,
    "Planning": 3_600,
    "Grants to voluntary organisations": 4_100,
    "Council offices and support": 12_500,
}


def budget() -> pd.DataFrame:
    """One row a service: area, year, service, parent, budget_pence (whole pence)."""
    return pd.DataFrame(
        [
            {"area": AREA, "year": YEAR, "service": name, "parent": "total", "budget_pence": thousands * 100_000}
            for name, thousands in THOUSANDS.items()
        ]
    )
