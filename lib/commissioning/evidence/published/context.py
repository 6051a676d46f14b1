"""Context about areas: deprivation (IMD 2019), mid-year population, and a council's budget profile.

IMD 2019 by local authority is the MHCLG file of scores under 2023 codes. The population and
the budget profile are third-party copies: one names areas by the words of its web addresses,
the other holds prose beside its figures, which is not data.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from commissioning.evidence.loaded import Loaded
from commissioning.evidence.published import _tables
from commissioning.evidence.published._areas import COUNCILS, slug
from commissioning.evidence.published._parsed import Ledger, number, text, to_pence
from commissioning.evidence.published._reader import JsonReader, Reshaped
from commissioning.evidence.published._stated import Stated
from commissioning.wording import counted

DOMAINS = ("Income", "Employment", "Education", "Health", "Crime", "Housing_and_Access", "Environment")
DEPRIVATION = _tables.contract("deprivation")
POPULATION = _tables.contract("population")
BUDGET = _tables.contract("budget")


def reshape_deprivation(frame: pd.DataFrame, said: Stated) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked rows → `deprivation`: area_code, year (of the index, as the file states it), domain (all, income …), score, source_row."""
    year = said.calendar_year()
    notes = () if year else ("The file does not state of which year the index is: write year for it in sources.toml.",)
    given = {f"{domain.lower()}_score": domain.replace("_", " ").lower() for domain in DOMAINS}
    parts = [
        frame[["area_code", "source_row"]].assign(year=year or "not said", domain=domain, score=frame[column])
        for column, domain in {"score": "all", **given}.items()
        if column in frame.columns
    ]
    columns = ["area_code", "year", "domain", "score", "source_row"]
    return pd.concat(parts, ignore_index=True).dropna(subset=["score"])[columns].reset_index(drop=True), notes


def looks_like_population(document: object) -> bool:
    """True for a JSON object with a year and an object of populations."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("populations"), dict)
        and isinstance(document.get("year"), int)
    )


def parse_population(document: dict[str, Any]) -> Loaded:
    """`area_population`: area_code (missing where the name is no council of 2014-15), area, year, people."""
    ledger = Ledger()
    codes = {slug(name): code for code, name in COUNCILS.values()}
    records: list[dict[str, object]] = []
    for name, people in document["populations"].items():
        ledger.rows_in += 1
        if isinstance(people, bool) or not isinstance(people, int | Decimal) or people < 0 or people % 1:
            ledger.hold(name, "populations", "not a whole number", "A population must be a whole number, 0 or more.")
            continue
        records.append(
            {
                "area_code": codes.get(name),
                "area": name,
                "year": str(document["year"]),
                "people": int(people),
                "source_row": f"populations.{name}",
            }
        )
    frame = pd.DataFrame(records, columns=["area_code", "area", "year", "people", "source_row"])
    unmatched = int(frame["area_code"].isna().sum())
    if unmatched:
        ledger.notes.append(f"{counted(unmatched, 'area')} with a name but no code known here: left without one.")
    return ledger.loaded("area_population", "row", frame, money=False)


def looks_like_budget(document: object) -> bool:
    """True for a council's budget profile: an ONS code and a list of budget categories."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("onsCode"), str)
        and isinstance(document.get("budgetCategories"), list)
    )


def parse_budget(document: dict[str, Any]) -> Loaded:
    """`budget`: area_code, area (the same), year, service, amount_pence, parent, source_row; published in £000.

    The control total is `budgetTotal`; the caller refuses a file whose categories do not sum
    to it (`budget_difference`). The year is the one whose council tax is the current one.
    """
    ledger = Ledger()
    records: list[dict[str, object]] = []
    year = _budget_year(document)
    for position, entry in enumerate(document["budgetCategories"]):
        ledger.rows_in += 1
        where = f"budgetCategories[{position}]"
        amount = entry.get("amount") if isinstance(entry, dict) else None
        value = None if isinstance(amount, bool) else number(amount)
        service = text(entry.get("label")) if isinstance(entry, dict) else ""
        if value is None or not service:
            ledger.hold(where, "amount", "not a number", "A category needs a label and an amount in £000.")
            continue
        pence, residue = to_pence(value, 100_000)
        ledger.pence_in += pence
        ledger.residue += residue
        records.append(
            {
                "area_code": document["onsCode"], "area": document["onsCode"], "year": year, "service": service.casefold(),
                "amount_pence": pence, "parent": "total", "source_row": where,
            }
        )  # fmt: skip
    ledger.notes.append("Council tax, news items and prose stand beside the budget and are not data.")
    if year is None:
        ledger.notes.append("The file does not say which financial year the budget is for.")
    columns = ["area_code", "area", "year", "service", "amount_pence", "parent", "source_row"]
    frame = pd.DataFrame(records, columns=columns)
    frame["amount_pence"] = frame["amount_pence"].astype("Int64")
    return ledger.loaded("budget", "row", frame, money=True)


def budget_difference(document: dict[str, Any], parsed: Loaded) -> tuple[int, int] | None:
    """The stated total and the sum of the categories in pence, where the two differ."""
    stated = number(document.get("budgetTotal"))
    if stated is None:
        return None
    total, found = to_pence(stated, 100_000)[0], parsed.pence_in or 0
    return None if total == found else (total, found)


def _budget_year(document: dict[str, Any]) -> str | None:
    bands = document.get("taxBands")
    current = number(document.get("taxCurrent"))
    if not isinstance(bands, dict) or current is None:
        return None
    years = [int(year) for year, band in bands.items() if year.isdigit() and number(band) == current]
    return f"{years[0]}-{(years[0] + 1) % 100:02d}" if len(years) == 1 else None


def _refuse_budget(document: dict[str, Any], parsed: Loaded) -> str | None:
    found = budget_difference(document, parsed)
    if found is None:
        return None
    total, parts = found
    return (
        f"its total is £{total / 100:,.2f} and its categories sum to £{parts / 100:,.2f}, "
        f"a difference of £{(total - parts) / 100:,.2f}: correct one of the two"
    )


READERS = (
    Reshaped(
        rows=DEPRIVATION,
        contract=_tables.made("deprivation", DEPRIVATION),
        reshape=reshape_deprivation,
    ),
    JsonReader(contract=POPULATION, here=looks_like_population, parse=parse_population),
    JsonReader(contract=BUDGET, here=looks_like_budget, parse=parse_budget, refuse=_refuse_budget),
)
