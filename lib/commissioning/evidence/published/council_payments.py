"""Council payments as Trafford and as Newcastle publish them under the transparency code.

Four shapes, one table: Trafford's ledger (8 of its 16 columns, or 14 of them), Newcastle's
monthly list of invoices (title rows above the header; "Total" became "Total (excludes VAT)"),
and Newcastle's list summed by month and cost centre. Negative lines are credits and stay.
Exact copies stay and are named: most are redacted direct payments of one amount to several
people, and possibly legitimate. No column says which council paid: `sources.toml` does.

Trafford's cost centres name the support reason, the age band and the term ("LEARN DIS 18-64 LT"), which no
other column does; `support_reason`, `age_band` and `term` are read from them. Those words are of Trafford's ledger alone: what
another council's cost centres are for is said by a line of its own (`cost_centres` in sources.toml, `payment_units` in pilot.toml).
"""

from __future__ import annotations

import re

import pandas as pd

from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.published import _tables
from commissioning.evidence.source import Source

_UNIT = re.compile(r"\b(\d{2})\s*(?:-\s*(\d{2})|\+)\s*(LT|ST)?\b", re.IGNORECASE)
TRAFFORD_AREA = "E08000009"
_TERMS = {"LT": "long term", "ST": "short term"}
_REASONS = (
    ("LEARN DIS", "learning disability"),
    ("MEM SUPP", "memory and cognition"),
    ("PHYS SUPP", "physical"),
    ("MENT HLT", "mental health"),
    ("SENS SUPP", "sensory"),
)


TRAFFORD = _tables.contract("trafford")
NEWCASTLE = _tables.contract("newcastle")
NEWCASTLE_MONTHLY = _tables.contract("newcastle_monthly")


def age_and_term(unit: str) -> tuple[str, str]:
    """A cost centre's age band and term: "LEARN DIS 18-64 LT" → ("18 to 64", "long term")."""
    found = _UNIT.search(unit)
    if not found:
        return "unknown", "unknown"
    band = f"{found[1]} to {found[2]}" if found[2] else f"{found[1]} and over"
    return band, _TERMS.get((found[3] or "").upper(), "unknown")


def support_reason(unit: str) -> str:
    """The primary support reason that the name of a cost centre of Trafford's ledger gives, or unknown."""
    return next((reason for words, reason in _REASONS if unit.upper().startswith(words)), "unknown")


def financial_year(dates: pd.Series) -> pd.Series:
    """Dates → "2024-25"; missing stays missing."""
    when = pd.to_datetime(dates)
    starts = when.dt.year - (when.dt.month < 4)
    return _years(starts).where(when.notna(), None)


def _years(starts: pd.Series) -> pd.Series:
    return starts.map(lambda y: None if pd.isna(y) else f"{int(y)}-{(int(y) + 1) % 100:02d}").astype(object)


def _quarter(years: pd.Series, months: pd.Series) -> pd.Series:
    quarter = ((months - 4) % 12 // 3 + 1).astype("Int64").astype(str)
    return (years.astype(str) + " Q" + quarter).where(years.notna(), None)


def _split(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Add `age_band`, `term` and `support_reason`: what the ledger's own words say, and unknown where it is not Trafford's."""
    units = frame["unit"].dropna().unique() if source.area == TRAFFORD_AREA else ()
    known = {unit: (*age_and_term(unit), support_reason(unit)) for unit in units}
    for position, name in enumerate(("age_band", "term", "support_reason")):
        frame[name] = frame["unit"].map(lambda unit, at=position: known.get(unit, ("unknown",) * 3)[at])
    return frame


def _with(frame: pd.DataFrame, source: Source, values: dict[str, object]) -> pd.DataFrame:
    for name, value in {"area": source.area, "grant_id": None, **values}.items():
        if name not in frame.columns:
            frame[name] = pd.Series([value] * len(frame), index=frame.index, dtype=object)
    return frame


def finish_ledger(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Add what each payment's date and cost centre imply.

    `year` and `period` (quarter) of payment, `age_band`, `term`, `support_reason`, and
    `is_copy`: true for the second and later of rows that agree in every published column.
    """
    frame = frame.copy()
    published = [name for name in frame.columns if not name.startswith("source_")]
    frame["is_copy"] = frame.duplicated(published)
    # The month of account decides the year where there is one: March's invoices may be paid in April.
    dates = pd.to_datetime(frame["effective_on"] if "effective_on" in frame.columns else frame["paid_on"])
    frame["year"] = financial_year(dates)
    frame["period"] = _quarter(frame["year"], dates.dt.month)
    return _with(_split(frame, source), source, {"department": "unknown"})


def finish_monthly(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Add year, quarter and support reason to Newcastle's monthly sums; no payee is known."""
    frame = frame.copy()
    when = pd.to_datetime(frame["month"].astype(str).str.slice(0, 7) + "-01")
    frame["year"] = financial_year(when)
    frame["period"] = _quarter(frame["year"], when.dt.month)
    frame["is_copy"] = False
    return _with(
        _split(frame, source),
        source,
        {
            "payee": "not published", "department": "unknown", "purpose": "unknown", "transaction": None,
            "paid_on": None,
        },
    )  # fmt: skip


READERS = (
    ContractReader(contract=TRAFFORD, finish=finish_ledger),
    ContractReader(contract=NEWCASTLE, finish=finish_ledger),
    ContractReader(contract=NEWCASTLE_MONTHLY, finish=finish_monthly),
)
