"""What the parsers of published files share: cells as text and numbers, and a ledger in which everything is counted.

Every parser in this room is a pure function: rows of text with their physical places in,
one `Loaded` out. Nothing here opens a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

import pandas as pd

from commissioning.evidence.cells import Context
from commissioning.evidence.cells import parse as parse_cell
from commissioning.evidence.contracts import Column, Unit
from commissioning.evidence.loaded import Loaded, quarantine_frame
from commissioning.evidence.text import TWICE_PATTERN

Row = tuple[str, Sequence[object]]
"""A physical place (`"17"`, `"in!17"`) and the cells found there."""

_PLAIN = frozenset("0123456789.-+eE")
_ANY_TEXT = Column(name="text", holds="text", says="text", missing={"": "unknown"})
_SUSPECT = re.compile(f"[^\t\n\r -~£€:–—‘’“”]|{TWICE_PATTERN}")


def text(cell: object) -> str:
    """A cell as text without the white space around it; None is empty."""
    if cell is None:
        return ""
    return str(cell).strip()


def damage(cell: object) -> tuple[str, str] | None:
    """What happened to a cell's text on its way (a NUL, a control character, decoded twice): code and reason, or None."""
    if not isinstance(cell, str) or not _SUSPECT.search(cell):
        return None
    found = parse_cell(_ANY_TEXT, cell, Context())
    return (found.code, f"{found.reason[:1].upper()}{found.reason[1:]}.") if found.code else None


def header_name(cell: object) -> str:
    """A header as a key: lower case; dots, underscores and runs of space are one space."""
    return " ".join(text(cell).replace(".", " ").replace("_", " ").split()).casefold()


def number(cell: object) -> Decimal | None:
    """A plain number (an exponent is allowed: ASC-FR holds dust such as -2.20E-14), or None.

    For columns that their publisher declares numeric; a thousand million million and more is none. Money typed by hand is read by the
    core's money reader, not here.
    """
    found = text(cell)
    if not found or not _PLAIN.issuperset(found):
        return None
    try:
        value = Decimal(found)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < 15 else None


def to_pence(value: Decimal, pence_per_unit: int) -> tuple[int, Decimal]:
    """Whole pence, rounded half to even, and what the rounding took away (exact minus rounded)."""
    exact = value * pence_per_unit
    whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return int(whole), exact - whole


def is_blank(cells: Sequence[object]) -> bool:
    """True where a row holds no text at all."""
    return not any(text(cell) for cell in cells)


@dataclass(kw_only=True)
class Ledger:
    """Counts while a parser walks a file, so that no row can be counted nowhere.

    `rows_in`, `quarantined` and `not_data` count units of the file, `pence_*` sum its control amount; `residue` is, in pence,
    what rounding each cell to a whole penny (half to even) took away from the exact sum.
    """

    rows_in: int = 0
    quarantined: int = 0
    not_data: int = 0
    pence_in: int = 0
    pence_quarantined: int = 0
    residue: Decimal = Decimal(0)
    held: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def hold(self, where: str, column: str, code: str, reason: str, row: Sequence[object] = (), units: int = 1) -> None:
        """Put one thing into quarantine; `units` 0 names a further fault of a thing already counted."""
        self.quarantined += units
        self.held.append((where, column, code, reason, " | ".join(text(cell) for cell in row)))

    def loaded(self, table: str, unit: Unit, frame: pd.DataFrame, *, money: bool) -> Loaded:
        """Close the book. `money`: whether the table has a control amount."""
        pence = (self.pence_in, self.pence_in - self.pence_quarantined, self.pence_quarantined, 0)
        pence_in, accepted, quarantined, not_data = pence if money else (None, None, None, None)
        return Loaded(
            table=table,
            frame=frame,
            quarantine=quarantine_frame(self.held),
            unit=unit,
            rows_in=self.rows_in,
            rows_accepted=self.rows_in - self.quarantined - self.not_data,
            rows_quarantined=self.quarantined,
            rows_not_data=self.not_data,
            pence_in=pence_in,
            pence_accepted=accepted,
            pence_quarantined=quarantined,
            pence_not_data=not_data,
            rounding_residue_pence=self.residue,
            notes=tuple(self.notes),
        )
