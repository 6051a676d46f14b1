"""What a cell is once it is read, and what its file adds: shared by the parsers of every kind of column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.evidence.contracts import Status
from commissioning.evidence.today import today as this_day

ERROR_CELLS = re.compile(
    r"#(?:N/?A|REF|DIV/0|VALUE|NAME|NUM|NULL|SPILL|CALC|GETTING_DATA|FIELD|#{4,}+)?[!?]?#*+$", re.I
)
PLAUSIBLE = Decimal(10) ** 13  # four times what the country makes in a year; as pence, sums of it still fit 64 bits
NOT_NUMBERS = ("nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "-nan", "1.#inf", "1.#qnan")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a cell's file adds: a workbook's numbers and dates are typed, a CSV's are text."""

    workbook: bool = False
    epoch: date = date(1899, 12, 30)  # 1904 workbooks: date(1904, 1, 1)
    header: str = ""
    multiplier: int | Decimal | None = None  # units a cell's 1 stands for, as the header declares (`£000`, pence)
    today: date = field(default_factory=this_day)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A parsed cell. `code` is set where it is faulty; `note` names a declared repair; `residue` is
    the part of a penny rounded away; `refuses` marks a fault that takes the whole file. `pence` is what a
    faulty amount says all the same, so that money set aside is counted; `comes` the day from which a cell
    that lies in the future no longer does."""

    value: Any = None
    status: Status = "known"
    code: str = ""
    reason: str = ""
    note: str = ""
    residue: Decimal = Decimal(0)
    refuses: bool = False
    pence: int | None = None
    comes: date | None = None


def bad(code: str, reason: str, *, refuses: bool = False, pence: int | None = None) -> Cell:
    return Cell(code=code, reason=reason, refuses=refuses, pence=pence)


def plain_digits(text: str) -> tuple[str, str]:
    """Full-width and other digits as 0 to 9 (NFKC), and the note that says so."""
    if text.isascii():
        return text, ""
    clean = unicodedata.normalize("NFKC", text)
    clean = "".join(
        str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c
        for c in clean
        if unicodedata.category(c) != "Cf"
    )
    clean = clean.replace("\u2212", "-").replace("\u2013", "-").strip()
    return clean, "" if clean == text else "full-width digits or typographic signs were read as numbers"


def not_a_number(text: str) -> Cell | None:
    """The fault of a cell that holds a spreadsheet's error, NaN or infinity; None for any other."""
    if ERROR_CELLS.match(text) or text.startswith("#"):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if text.casefold() in NOT_NUMBERS:
        return bad("not a number", "the cell holds NaN or infinity: it is neither a number nor blank")
    return None
