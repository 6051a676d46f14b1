"""HM Treasury's GDP deflators at market prices, as its workbook or saved as CSV, in any edition.

Quirks: a byte order mark; preamble; an empty first column; labels such as "2025-26 (1), (2)"; financial and calendar years side by side; forecast years
have "-" for the index, so the published percentage changes are chained from the last outturn;
2020-21 stands above 2021-22, and that is right (furlough moved the price of public services).
Only financial years are kept: every other table is in financial years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from commissioning.evidence.contracts import HEADER_ROWS
from commissioning.evidence.days import MONTHS, financial_year
from commissioning.evidence.loaded import Loaded
from commissioning.evidence.published import _tables
from commissioning.evidence.published._parsed import Ledger, Row, damage, header_name, number, text
from commissioning.evidence.published._reader import RowsReader
from commissioning.evidence.published._stated import Stated
from commissioning.evidence.shorthand import IN_PLACE, is_forecast, without_marks
from commissioning.wording import counted

_YEAR = re.compile(r"(?:19|20)\d\d\s*[-‐‑‒–—/]")  # how a financial year begins
_BASE = re.compile(r"\d{4}-\d{2}\s*=\s*100$")


def locate(rows: Sequence[Row], within: int = HEADER_ROWS) -> tuple[int, int, int, int] | None:
    """The header's position and its columns of year, index and change; None where they are not here."""
    for position, (_, cells) in enumerate(rows[:within]):
        names = [header_name(cell) for cell in cells]
        index = next((at for at, cell in enumerate(cells) if _BASE.match(text(cell))), None)
        if index is not None and "financial year" in names:
            change = next((at for at, name in enumerate(names) if at > index and name.startswith("per cent")), None)
            if change is not None:
                return position, names.index("financial year"), index, change
    return None


_EDITION = re.compile(rf"\b({'|'.join(MONTHS)})\s+(20\d\d)\b", re.IGNORECASE)


def edition_of(titles: Sequence[str]) -> str:
    """The edition that the first title with a month and a year names, as "2026-03"; empty where none does."""
    found = next((match for words in titles if (match := _EDITION.search(words))), None)
    return f"{found[2]}-{MONTHS[found[1].casefold()]:02d}" if found else ""


def parse(rows: Sequence[Row], said: Stated) -> Loaded:
    """`deflators`: edition ("2026-03", or empty), base (the year that is 100), year, index, change (per cent), is_forecast, source_row."""
    found = locate(rows)
    if found is None:
        raise ValueError("these are not HM Treasury's deflators: no row holds Financial year and an index of 100")
    header, at_year, at_index, at_change = found
    edition = edition_of(said.titles)
    base = text(rows[header][1][at_index]).partition("=")[0].strip()
    ledger = Ledger()
    records: list[dict[str, object]] = []
    last: float | None = None
    seen: set[str] = set()
    chained = 0
    for position, (where, cells) in enumerate(rows):
        ledger.rows_in += 1
        label = text(cells[at_year]) if position > header and len(cells) > at_year else ""
        year = financial_year(without_marks(label)) if _YEAR.match(label) else None
        told = _YEAR.match(label) or (label and len(cells) > at_index and number(cells[at_index]) is not None)
        if year is None and not told:
            ledger.not_data += 1
            continue
        fault = next((harm for at in (at_year, at_index, at_change) if (harm := damage(_at(cells, at)))), None)
        if not fault and year is None:
            fault = ("not a financial year", "An index stands beside what is no financial year: write it as 2017-18.")
        if not fault and len(cells) <= at_change:
            fault = ("wrong number of fields", "The row ends before its figures: look for a lost comma.")
        if fault or year is None:
            ledger.hold(where, text(rows[header][1][at_year]), *(fault or ("", "")), cells)
            continue
        figure = without_marks(text(cells[at_index]))
        index, change = number(figure), number(without_marks(text(cells[at_change])))
        forecast = index is None and figure in ("-", *IN_PLACE)
        if year in seen:
            fault = ("repeated key", f"The year {year} stands here twice: keep one.")
        elif forecast and (change is None or last is None):
            fault = ("no index", "A forecast year needs a per cent change and a year before it.")
        elif not forecast and (index is None or index <= 0):
            fault = ("not a number", "The index is neither a number above zero nor `-` for a forecast.")
        if fault:
            ledger.hold(where, text(rows[header][1][at_index]), *fault, cells)
            continue
        seen.add(year)
        chained += forecast
        last = last * (1 + float(change) / 100) if forecast else float(index)  # type: ignore[operator,arg-type]
        records.append(
            {
                "edition": edition,
                "base": base,
                "year": year,
                "index": last,
                "change": None if change is None else float(change),
                "is_forecast": forecast or any(is_forecast(text(cells[at])) for at in (at_year, at_index)),
                "source_row": where,
            }
        )
    if chained:
        ledger.notes.append(f"{counted(chained, 'forecast year')} chained from the published per cent changes.")
    if any(text(cell) for at, cell in enumerate(rows[header][1]) if at > at_change):
        ledger.notes.append("Calendar years and money GDP stand beside the financial years and are not used.")
    columns = ["edition", "base", "year", "index", "change", "is_forecast", "source_row"]
    return ledger.loaded("deflators", "row", pd.DataFrame(records, columns=columns), money=False)


def _header(rows: Sequence[Row]) -> int | None:
    found = locate(rows)
    return found[0] if found else None


def _at(cells: Sequence[object], at: int) -> object:
    return cells[at] if at < len(cells) else ""


CONTRACT = _tables.contract("deflators")

READER = RowsReader(rows=CONTRACT, contract=CONTRACT, here=_header, parse=parse)
