"""Context about areas: deprivation (IMD 2019), mid-year population, and a council's budget profile.

IMD 2019 by local authority is the MHCLG file of scores under 2023 codes. The population and
the budget profile are third-party copies: one names areas by the words of its web addresses,
the other holds prose beside its figures, which is not data.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from commissioning.evidence.published._areas import COUNCILS, slug
from commissioning.evidence.published._parsed import (
    Ledger,
    Parsed,
    Row,
    find_header,
    header_name,
    is_blank,
    number,
    text,
    to_pence,
)
from commissioning.evidence.published.neighbours import CODE

IMD_HEADER = ("ltla23 code", "score", "proportion", "extent")


def parse_deprivation(rows: Sequence[Row]) -> Parsed:
    """`deprivation`: area_code, year (2019), domain (all, income …), score, source_row."""
    start = find_header(rows, IMD_HEADER)
    if start is None:
        raise ValueError("this is not IMD 2019 by local authority: its headers stand in no row near the top")
    names = [header_name(cell) for cell in rows[start][1]]
    scores = {
        at: name.removesuffix("score").strip() or "all" for at, name in enumerate(names) if name.endswith("score")
    }
    ledger = Ledger()
    records: list[dict[str, object]] = []
    seen: set[str] = set()
    for where, cells in rows[start + 1 :]:
        ledger.rows_in += 1
        if is_blank(cells):
            ledger.not_data += 1
            continue
        area = text(cells[names.index("ltla23 code")]) if len(cells) == len(names) else ""
        values = {domain: number(cells[at]) for at, domain in scores.items()} if area else {}
        if not CODE.match(area):
            ledger.hold(where, "ltla23_code", "not an area", "The row needs an ONS code and every column.", cells)
        elif any(value is None for value in values.values()):
            ledger.hold(where, "Score", "not a number", "A score is not a number: correct it at the source.", cells)
        elif area in seen:
            ledger.hold(where, "ltla23_code", "repeated key", "The area stands here twice: keep one.", cells)
        else:
            seen.add(area)
            records.extend(
                {"area_code": area, "year": "2019", "domain": domain, "score": float(value or 0), "source_row": where}
                for domain, value in values.items()
            )
    frame = pd.DataFrame(records, columns=["area_code", "year", "domain", "score", "source_row"])
    return ledger.parsed("deprivation", "row", frame, money=False)


def looks_like_population(document: object) -> bool:
    """True for a JSON object with a year and an object of populations."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("populations"), dict)
        and isinstance(document.get("year"), int)
    )


def parse_population(document: dict[str, Any]) -> Parsed:
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
        ledger.notes.append(f"{unmatched} areas have a name but no code known here; they stand without one.")
    return ledger.parsed("area_population", "row", frame, money=False)


def looks_like_budget(document: object) -> bool:
    """True for a council's budget profile: an ONS code and a list of budget categories."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("onsCode"), str)
        and isinstance(document.get("budgetCategories"), list)
    )


def parse_budget(document: dict[str, Any]) -> Parsed:
    """`budget`: area_code, year, service, amount_pence, parent, source_row; published in £000.

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
                "area_code": document["onsCode"], "year": year, "service": service.casefold(),
                "amount_pence": pence, "parent": "total", "source_row": where,
            }
        )  # fmt: skip
    ledger.notes.append("Council tax, news items and prose stand beside the budget and are not data.")
    if year is None:
        ledger.notes.append("The file does not say which financial year the budget is for.")
    columns = ["area_code", "year", "service", "amount_pence", "parent", "source_row"]
    frame = pd.DataFrame(records, columns=columns)
    frame["amount_pence"] = frame["amount_pence"].astype("Int64")
    return ledger.parsed("budget", "row", frame, money=True)


def budget_difference(document: dict[str, Any], parsed: Parsed) -> tuple[int, int] | None:
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
