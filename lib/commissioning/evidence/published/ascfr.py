"""ASC-FR 2016-17: gross, net and income in £000 under coded keys, and the small file of labels.

Source: NHS Digital, *Adult Social Care Activity and Finance Report, England, 2016-17*,
finance data. Quirks: ten aggregate areas (nine regions and England) have blank council codes,
so a naive sum is three times too large; negatives are real; dust such as -2.20E-14 is a number
by contract. Age bands 65 to 74, 75 to 84, and 85 and over are voluntary details of 65 and over.

The labels of the keys were derived by comparing sibling files; support settings 1 to 5 and 9,
and some reasons and care types, have no label and keep their code in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from commissioning.evidence.published._areas import CODES_WITHOUT_COUNCIL, COUNCILS
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

KEYS_HEADER = ("field", "key", "label", "n")
HEADER = (
    "fy ending", "cassr code", "geography code", "region go code", "caretype key", "ageband key",
    "primarysupportreason key", "supportsetting key", "purpose key", "carersupporttype key", "datatype key",
    "totalexpenditure", "totalincome", "nettotalexpenditure", "grosstotalexpenditure",
    "netcurrentexpenditure", "grosscurrentexpenditure",
)  # fmt: skip
CONTROL = "grosscurrentexpenditure"
# The same words as PSS EX1 2014-15, so that one selection serves both publications.
CATEGORIES = {
    "totalexpenditure": "gross total cost: total expenditure",
    "totalincome": "income: total",
    "nettotalexpenditure": "net total expenditure",
    "grosstotalexpenditure": "gross total expenditure",
    "netcurrentexpenditure": "net current expenditure",
    "grosscurrentexpenditure": "gross current expenditure",
}
TERMS = {"2": "long term", "4": "short term"}
AGES = {"1": "18 to 64", "2": "65 and over", "3": "65 to 74", "4": "75 to 84", "5": "85 and over", "": "all ages"}
REASONS = {
    "4": "learning disability", "5": "mental health", "6": "physical", "7": "sensory", "13": "memory and cognition",
}  # fmt: skip
SETTINGS = {"6": "nursing", "7": "residential"}
PURPOSES = {"2": "to maximise independence"}
DATA_TYPES = {"1": "mandatory", "2": "voluntary"}


def _label(labels: dict[str, str], key: str, what: str, blank: str) -> str:
    if not key and "" not in labels:
        return blank
    return labels.get(key, f"{what} code {key} (not labelled)")


def parse(rows: Sequence[Row]) -> Parsed:
    """The coded totals as `area_spend`: six rows (one a category) for each row of the file.

    Columns as for PSS EX1, with `data_type` mandatory or voluntary. `is_total` marks the
    voluntary age bands, whose money stands in "65 and over" already. The control amount is
    gross current expenditure.
    """
    start = find_header(rows, HEADER)
    if start is None:
        raise ValueError("this is not the ASC-FR file: its 17 headers stand in no row near the top")
    place = {header_name(cell): position for position, cell in enumerate(rows[start][1])}
    width = len(rows[start][1])
    ledger = Ledger()
    found: list[dict[str, object]] = []
    seen: dict[tuple[str, ...], str] = {}
    for where, cells in rows[start + 1 :]:
        ledger.rows_in += 1
        if is_blank(cells):
            ledger.not_data += 1
            continue
        if len(cells) != width:
            ledger.hold(
                where, "", "wrong number of fields",
                f"The row has {len(cells)} fields where the header has {width}: look for a lost or stray comma.",
                cells,
            )  # fmt: skip
            continue
        row = {name: text(cells[place[name]]) for name in HEADER}
        amounts = {name: number(row[name]) for name in CATEGORIES}
        control = amounts[CONTROL]
        pence, residue = to_pence(control, 100_000) if control is not None else (0, Decimal(0))
        ledger.pence_in += pence
        fault = _fault(row, amounts)
        key = tuple(row[name] for name in HEADER[:11])
        if fault is None and key in seen:
            fault = ("", "repeated key", f"The same keys stand in row {seen[key]}: keep one of the two.")
        if fault:
            ledger.hold(where, *fault, cells)
            ledger.pence_quarantined += pence
            continue
        seen[key] = where
        ledger.residue += residue
        found.extend(_records(where, row, amounts))
    aggregate = sum(not key[1] for key in seen)
    if aggregate:
        ledger.notes.append(f"{aggregate} rows are of regions or of England, and are never summed with councils.")
    frame = pd.DataFrame(found, columns=list(_COLUMNS))
    frame["amount_pence"] = frame["amount_pence"].astype("Int64")
    frame["quantity"] = pd.array([pd.NA] * len(frame), dtype="Float64")
    return ledger.parsed("area_spend", "row", frame, money=True)


_COLUMNS = (
    "publication", "area_code", "area", "area_kind", "year", "age_band", "term", "support_reason", "setting",
    "category", "provision", "unit", "data_type", "is_total", "amount_pence", "status", "source_row", "source_column",
)  # fmt: skip


def _fault(row: dict[str, str], amounts: dict[str, Decimal | None]) -> tuple[str, str, str] | None:
    for name, amount in amounts.items():
        if amount is None:
            return name.upper(), "not a number", "The cell is not a number: correct it at the publisher."
    if not (row["fy ending"].isdigit() and len(row["fy ending"]) == 4):
        return "FY_Ending", "not a year", "Write the year in which the financial year ends, as 2017."
    if not row["geography code"] and row["region go code"] not in CODES_WITHOUT_COUNCIL:
        return "GEOGRAPHY_CODE", "no area", "The row names no council, no region and not England: give its code."
    return None


def _records(where: str, row: dict[str, str], amounts: dict[str, Decimal | None]) -> list[dict[str, object]]:
    ends = int(row["fy ending"])
    if row["geography code"]:
        code, kind = row["geography code"], "council"
        name = COUNCILS.get(row["cassr code"], ("", code))[1]
    else:
        code = row["region go code"]
        name, kind = CODES_WITHOUT_COUNCIL[code]
    data_type = DATA_TYPES.get(row["datatype key"], f"data type {row['datatype key']} (not labelled)")
    setting = _label(SETTINGS, row["supportsetting key"], "setting", "not split")
    if row["purpose key"]:
        setting = _label(PURPOSES, row["purpose key"], "purpose", "")
    reason = _label(REASONS, row["primarysupportreason key"], "reason", "all reasons")
    if row["carersupporttype key"]:
        reason += f", carer support code {row['carersupporttype key']} (not labelled)"
    base = {
        "publication": "ascfr",
        "area_code": code,
        "area": name,
        "area_kind": kind,
        "year": f"{ends - 1}-{ends % 100:02d}",
        "age_band": _label(AGES, row["ageband key"], "age band", "all ages"),
        "term": _label(TERMS, row["caretype key"], "care type", "all terms"),
        "support_reason": reason,
        "setting": setting,
        "provision": "all",
        "unit": "£000",
        "data_type": data_type,
        "is_total": data_type == "voluntary",
        "status": "known",
        "source_row": where,
    }
    return [
        base
        | {
            "category": CATEGORIES[name],
            "source_column": name.upper(),
            "amount_pence": to_pence(amount or Decimal(0), 100_000)[0],
        }
        for name, amount in amounts.items()
    ]


def parse_keys(rows: Sequence[Row]) -> Parsed:
    """The file of derived labels as `ascfr_keys`: field, key, label, times_seen, source_row."""
    start = find_header(rows, KEYS_HEADER)
    if start is None:
        raise ValueError("this is not the ASC-FR key lookup: field, key, label and n stand in no row near the top")
    place = {header_name(cell): position for position, cell in enumerate(rows[start][1])}
    ledger = Ledger()
    found = []
    for where, cells in rows[start + 1 :]:
        ledger.rows_in += 1
        if is_blank(cells):
            ledger.not_data += 1
            continue
        if len(cells) != len(rows[start][1]) or not text(cells[place["n"]]).isdigit():
            ledger.hold(where, "n", "not a count", "The row needs a field, a key, a label and a whole number.", cells)
            continue
        found.append(
            {
                "field": text(cells[place["field"]]),
                "key": text(cells[place["key"]]),
                "label": text(cells[place["label"]]),
                "times_seen": int(text(cells[place["n"]])),
                "source_row": where,
            }
        )
    columns = ["field", "key", "label", "times_seen", "source_row"]
    return ledger.parsed("ascfr_keys", "row", pd.DataFrame(found, columns=columns), money=False)
