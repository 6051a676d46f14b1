"""Small published files made on the spot, taken in by the whole of intake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from commissioning.evidence.intake import FileRecord, Intake, take_in


def take(folder: Path, files: dict[str, str | bytes], **how: Any) -> Intake:
    """Write the files and take their folder in."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return take_in(folder, **how)


def only(intake: Intake) -> FileRecord:
    """The one file of a folder, every row and penny of it accounted for."""
    (file,) = intake.files
    if file.loaded is not None:
        entry = file.as_json()
        assert entry["rows_in"] == entry["rows_accepted"] + entry["rows_quarantined"] + entry["rows_not_data"]
    return file


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def published_series(indicators: pd.DataFrame, *, area: str, code: str, disaggregation: str = "total") -> pd.DataFrame:
    """One area's indicator year by year as published: year, numerator, denominator, value, each with `_status`."""
    rows = indicators[
        indicators["area_code"].eq(area) & indicators["code"].eq(code) & indicators["disaggregation"].eq(disaggregation)
    ]
    kept = ["year", "numerator", "numerator_status", "denominator", "denominator_status", "value", "value_status"]
    return rows[kept].sort_values("year").reset_index(drop=True)


def spend_by_age(payments: pd.DataFrame) -> pd.DataFrame:
    """Payments by year and age: year, age_band (18 to 64, 65 and over, unknown), amount_pence, payments, credits.

    ASCOF counts people aged 18 to 64, so the older bands stand apart. Credits stay in the sum.
    """
    older = payments["age_band"].astype(str).str.match(r"(65|[7-9]\d)\b")
    band = payments["age_band"].astype(object).where(~older, "65 and over")
    amounts = payments["amount_pence"].astype("Int64")
    frame = pd.DataFrame(
        {
            "year": payments["year"].astype(object),
            "age_band": band,
            "amount_pence": amounts,
            "payments": 1,
            "credits": amounts.lt(0).astype("Int64"),
        }
    )
    return frame.groupby(["year", "age_band"], as_index=False, dropna=False).sum()


def without_number(grants: pd.DataFrame) -> tuple[int, int]:
    """How many grants to organisations, and how many recipients, carry no charity or company number."""
    rows = grants[
        grants["recipient_kind"].eq("organisation") & grants["charity_number"].isna() & grants["company_number"].isna()
    ]
    return len(rows), int(rows["recipient_id"].nunique())
