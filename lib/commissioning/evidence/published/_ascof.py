"""What the two published shapes of ASCOF share: one figure a row, gathered into indicators.

Source: NHS Digital, *Measures from the Adult Social Care Outcomes Framework, England*, the
open-data files of 2014-15 to 2018-19 and of 2020-21. A row holds one of numerator,
denominator, outcome, base or margin of error for one area, year, measure and breakdown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from commissioning.evidence.published._parsed import Ledger, Parsed, number, text

PARTS = {
    "numerator": "numerator",
    "denominator": "denominator",
    "outcome": "value",
    "base": "base",
    "margin of error": "margin_of_error",
}
SUPPRESSED = frozenset({"c", "[c]", "*"})
UNAVAILABLE = frozenset({"", "x", "[x]", ":", "-"})
NOT_APPLICABLE = frozenset({"z", "[z]"})
AREA_KINDS = {"council": "council", "region": "region", "england": "england", "council type": "council type"}
_KEYS = ("area_code", "area", "area_kind", "cassr_code", "year", "code", "disaggregation", "published_code")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of an ASCOF file, in words that do not depend on its year."""

    where: str
    year: str
    cassr_code: str
    area: str
    level: str
    ons_code: str
    published_code: str
    group: str
    disaggregation: str
    part: str
    value: object
    row: tuple[object, ...]


def status_of(cell: object) -> tuple[float | None, str] | None:
    """A figure and its status; None where the cell is neither a number nor a declared mark."""
    found = text(cell).casefold()
    if found in UNAVAILABLE:
        return None, "unknown"
    if found in SUPPRESSED:
        return None, "suppressed"
    if found in NOT_APPLICABLE:
        return None, "not applicable"
    value = number(found.replace(",", "") if found.count(",") else found)
    return None if value is None else (float(value), "known")


def gather(figures: Iterable[Figure], ledger: Ledger) -> Parsed:
    """Indicators: one row an area, year, measure and breakdown; keyed on code *and* year.

    Columns: area_code, area, area_kind, cassr_code, year, code (the measure group: 1E, 1G …),
    disaggregation, published_code; numerator, denominator, value (as published), base and
    margin_of_error, each with `_status`; source_row. A part that no row gives is `unknown`.
    A repeated figure is quarantined where the two differ and counted once where they agree.
    """
    records: dict[tuple[str, ...], dict[str, object]] = {}
    repeated = 0
    for figure in figures:
        ledger.rows_in += 1
        part = PARTS.get(figure.part.casefold())
        kind = AREA_KINDS.get(figure.level.casefold())
        read = status_of(figure.value)
        fault = None
        if kind is None:
            fault = ("Geographical Level", "unknown category", "is not council, council type, region or England")
        elif part is None:
            fault = ("Measure Type", "unknown category", "is not a numerator, denominator, outcome, base or margin")
        elif read is None:
            fault = ("Measure Value", "not a number", "is neither a number nor one of the marks c, [c], [x]")
        elif read[0] is not None and part in ("numerator", "denominator") and read[0] < 0:
            fault = ("Measure Value", "below zero", "is a count of people and cannot be below zero")
        if fault or part is None or kind is None or read is None:
            column, code, why = fault or ("", "", "")
            ledger.hold(
                figure.where,
                column,
                code,
                f"The cell {why}: correct it at the publisher, or leave it blank.",
                figure.row,
            )
            continue
        area_code = figure.ons_code if len(figure.ons_code) == 9 else ""
        key = (
            area_code, figure.area, kind, figure.cassr_code, figure.year, figure.group.upper(),
            figure.disaggregation.casefold(), figure.published_code.upper(),
        )  # fmt: skip
        record = records.setdefault(key, {"_where": []})
        if part in record:
            if record[part] == read:
                repeated += 1
            else:
                ledger.hold(
                    figure.where, "Measure Value", "repeated key",
                    "The same area, year, measure and part stands here twice with different figures: keep one.",
                    figure.row,
                )  # fmt: skip
            continue
        record[part] = read
        record["_where"].append(figure.where)  # type: ignore[attr-defined]
    if repeated:
        ledger.notes.append(f"{repeated} rows repeat a figure given before; each figure counts once.")
    return ledger.parsed("indicators", "row", _frame(records), money=False)


def _frame(records: dict[tuple[str, ...], dict[str, object]]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {name: [] for name in _KEYS}
    for key in records:
        for name, value in zip(_KEYS, key, strict=True):
            columns[name].append(value or None)
    for part in PARTS.values():
        reads = [record.get(part, (None, "unknown")) for record in records.values()]
        columns[part] = [read[0] for read in reads]  # type: ignore[index]
        columns[f"{part}_status"] = [read[1] for read in reads]  # type: ignore[index]
    columns["source_row"] = [",".join(record["_where"]) for record in records.values()]  # type: ignore[arg-type]
    frame = pd.DataFrame(columns)
    for part in PARTS.values():
        frame[part] = frame[part].astype("Float64")
    return frame
