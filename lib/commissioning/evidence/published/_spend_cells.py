"""Cells of a council's spend file: amounts, days and months however a ledger writes them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from commissioning.evidence import amounts, days, limits
from commissioning.evidence.cell import ERROR_CELLS, Context
from commissioning.evidence.contracts import Column
from commissioning.evidence.invisible import visible
from commissioning.evidence.text import TWICE_DECODED

AMOUNT = Column(name="amount_pence", holds="money", says="pounds paid", header="amount", ledger_signs=True)
DAY = Column(name="paid_on", holds="date", says="when it was paid", pivot=70)
MONTH = Column(name="month", holds="month", says="the month it was paid in")


@lru_cache(maxsize=65536)
def pence(text: str, multiplier: int | Decimal | None = None) -> int | None:
    """The pence of an amount however a ledger writes it; None where nobody can read it. A dash alone is nought."""
    plain = visible(text).replace("Â", "").strip(" \t\r\n\u00a0\u2007\u202f'")
    if not plain:
        return None
    if re.fullmatch(r"£?\s*[-–]\s*", plain):
        return 0
    found = amounts.money(AMOUNT, plain, Context(workbook=True, multiplier=multiplier))
    return found.value if not found.code else None


@lru_cache(maxsize=65536)
def day_of(text: str, month_first: bool = False) -> date | None:
    """A day however a ledger writes it: day first, with a time or without, in words, or as Excel's number."""
    plain = visible(text).strip(" \t\r\n\u00a0'")
    if re.fullmatch(r"[34]\d{4}|[34]\d{4}\.\d+", plain):
        return date(1899, 12, 30) + timedelta(days=int(float(plain)))
    if found := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(.*)", plain):
        first, second = (found[2], found[1]) if month_first else (found[1], found[2])
        plain = f"{first}/{second}/{found[3] if len(found[3]) == 4 else '20' + found[3]}{found[4]}"
    if found := re.fullmatch(r"(\d{1,2})[/. \-]?([A-Za-z]{3,9})[/. \-]?((?:20)?\d{2})(.*)", plain):
        plain = f"{found[1]} {found[2]} {found[3]}{found[4]}"
    cell = days.day(DAY, plain, _EVER) if plain else None
    return cell.value if cell is not None and not cell.code else None


@lru_cache(maxsize=65536)
def month_of(text: str) -> str | None:
    """A calendar month as "2024-04"; None where a period is only a number, for nobody can tell whose it is."""
    plain = visible(text).strip(" \t\r\n\u00a0'")
    if found := re.fullmatch(r"([A-Za-z]{3,9})[ \-/_']*((?:20)?\d{2})", plain):
        plain = f"{found[1]} {found[2]}"
    cell = days.month(MONTH, plain, _EVER)
    return cell.value if not cell.code else None


_EVER = Context(workbook=False, today=date(2099, 12, 31))


def kept(text: str) -> str:
    """A cell of words as it is kept: what a spreadsheet or a bad decoding left in it is no reason to lose a payment."""
    text = text.strip()
    if ERROR_CELLS.match(text):
        return ""
    if TWICE_DECODED.search(text):
        try:
            text = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            text = re.sub(r"[^\x20-\x7e]+", "?", text)
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ufffd]+", "?", text)[: limits.SEEN]


@lru_cache(maxsize=65536)
def words_of(heading: str) -> str:
    """A heading as its plain words: `Supplier_Name *******` and `supplierName` are both `supplier name`."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", visible(heading[: limits.HEADING]))
    text = re.sub(r"[^\w£%œ]+|_", " ", text).casefold()
    return " ".join(text.split())


def shown(heading: str) -> str:
    return " ".join(visible(heading[: limits.HEADING]).split())
