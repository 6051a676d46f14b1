"""Statistical nearest neighbours of local authorities, as Oflog's text generator holds them.

A JSON object of area → list of areas. Each list includes the area itself, which is dropped:
nothing is its own comparator. Unit: one entry of a list.
"""

from __future__ import annotations

import re

import pandas as pd

from commissioning.evidence.loaded import Loaded
from commissioning.evidence.published import _tables
from commissioning.evidence.published._parsed import Ledger
from commissioning.evidence.published._reader import JsonReader
from commissioning.wording import counted

CODE = re.compile(r"[EWSN]\d{8}$")


def looks_like(document: object) -> bool:
    """True where a JSON document maps ONS codes to lists of ONS codes."""
    if not isinstance(document, dict) or not document:
        return False
    good = sum(
        isinstance(key, str)
        and bool(CODE.match(key))
        and isinstance(value, list)
        and any(isinstance(entry, str) and CODE.match(entry) for entry in value)
        for key, value in document.items()
    )
    return good * 2 > len(document)


def parse(document: dict[str, object]) -> Loaded:
    """`neighbours`: area_code, neighbour_code, rank (place in the published list), source_row."""
    ledger = Ledger()
    records: list[dict[str, object]] = []
    in_code_order, itself = True, 0
    for area, entries in document.items():
        if not CODE.match(area) or not isinstance(entries, list):
            ledger.rows_in += 1
            ledger.hold(area, "", "not an area", "Each key must be an ONS code with a list of ONS codes.")
            continue
        in_code_order &= entries == sorted(entries, key=str)
        seen: set[str] = set()
        for position, entry in enumerate(entries):
            ledger.rows_in += 1
            where = f"{area}[{position}]"
            if not isinstance(entry, str) or not CODE.match(entry):
                ledger.hold(where, "", "not an area", "A neighbour must be an ONS code, as E08000015.")
            elif entry == area or entry in seen:
                ledger.not_data += 1
                itself += entry == area
            else:
                seen.add(entry)
                records.append({"area_code": area, "neighbour_code": entry, "rank": len(seen), "source_row": where})
    if itself:
        ledger.notes.append(
            f"{counted(itself, 'entry', 'entries')} of the area itself dropped: nothing is its own comparator."
        )
    if ledger.not_data > itself:
        ledger.notes.append(
            f"{counted(ledger.not_data - itself, 'entry', 'entries')} more of a neighbour on the same list: counted once."
        )
    if in_code_order:
        ledger.notes.append(
            "The lists are in order of code: `rank` is a place in the list and says nothing of nearness."
        )
    frame = pd.DataFrame(records, columns=["area_code", "neighbour_code", "rank", "source_row"])
    return ledger.loaded("neighbours", "row", frame, money=False)


CONTRACT = _tables.contract("neighbours")

READER = JsonReader(contract=CONTRACT, here=looks_like, parse=parse)
