"""What passes between the readers and intake: a preview, a match, a loaded file, a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

from commissioning.errors import DataRefused
from commissioning.evidence.contracts import Contract, Unit
from commissioning.evidence.extract import Extract
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Spill

QUARANTINE_COLUMNS = ("where", "column", "code", "reason", "raw")
SOURCE_COLUMNS = ("source_file", "source_row")
NOT_SAID = "not said"
"""The area of a row whose own codes do not say where it is, although `sources.toml` may say for which area its file was brought."""


class Refused(DataRefused):
    """A whole file is refused. The words hold place, column and what to do, never a row of a person."""

    def __init__(self, reason: str, *, code: str, where: str = "", column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.where = where
        self.column = column


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about the data that a reader must know before any claim is made."""

    code: str
    says: str
    table: str = ""
    file: str = ""
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why cells were set aside: one column, one rule, and how many cells. It says nothing of any row."""

    column: str
    code: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The beginning of a file, enough to recognise it.

    `sheets` maps a sheet name ("" for CSV) to its first rows of text cells, one reading for each
    delimiter tried: CSV previews hold the keys ",", ";", "\\t" and "|". `json` is the whole parsed
    document of a JSON file, else None.
    """

    kind: str  # "csv", "xlsx" or "json"
    sheets: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    json: Any = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """How well a reader knows a file. `score` 0 to 1; `recognised` says whether the reader will read it."""

    score: float
    recognised: bool
    table: str
    says: str  # the contract's title, and which of its columns are here: used to name the nearest
    complete: bool = False  # every column without which the contract refuses a file is here


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One file, read and checked; every unit of it accounted for.

    `frame` holds canonical columns with `source_file` and `source_row`. `quarantine` has one row a
    quarantined unit: where, column, code, reason, raw (restricted: the original text); it is bounded, and
    `causes` counts all of it (made from the quarantine where a reader gives none). `rows_*` count
    the contract's unit and `pence_*` its control amount (None where the table holds no money);
    `rows_in` = accepted + quarantined + not data, and so for pence. `rounding_residue_pence` is the
    part of a penny lost by rounding each cell half-even, summed. `control_totals` are the Total rows
    that were checked: label → pence. `unread_amounts` are rows set aside whose amount nobody can read: their
    pounds are in no sum. `comes_on` is the first day on which a row that lies in the future no longer does.
    """

    table: str
    frame: pd.DataFrame
    quarantine: pd.DataFrame
    unit: Unit
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    rows_not_data: int
    pence_in: int | None = None
    pence_accepted: int | None = None
    pence_quarantined: int | None = None
    pence_not_data: int | None = None
    rounding_residue_pence: float | Decimal = 0.0
    control_totals: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    sha256: str = ""
    spill: Spill | None = None  # the rows of a large file, on disk; `frame` is then empty
    not_data: tuple[str, ...] = ()  # where, for each unit that is declared not data
    causes: tuple[Cause, ...] = ()
    unread_amounts: int = 0
    comes_on: date | None = None

    def __post_init__(self) -> None:
        if not self.causes and len(self.quarantine):
            object.__setattr__(self, "causes", causes_of(self.quarantine))
        if self.rows_in != self.rows_accepted + self.rows_quarantined + self.rows_not_data:
            raise ValueError(f"{self.table}: rows do not reconcile: {self.rows_in} in")
        parts = (self.pence_accepted, self.pence_quarantined, self.pence_not_data)
        if self.pence_in is None:
            if any(p is not None for p in parts):
                raise ValueError(f"{self.table}: pence given without pence_in")
        elif self.pence_in != sum(p or 0 for p in parts):
            raise ValueError(f"{self.table}: pence do not reconcile: {self.pence_in} in")


class Reader(Protocol):
    """Reads one published format, or a council's own extract. Stateless.

    `contract` describes the table it makes: `persons`, `unit`, `key`, `control_amount`, `area_needed`
    and `title` are used by intake for every format, wide ones too.
    """

    @property
    def contract(self) -> Contract: ...

    def recognises(self, preview: Preview) -> Match: ...

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The file's rows, checked. Raises `Refused` where the whole file breaks the contract."""
        ...


def causes_of(quarantine: pd.DataFrame) -> tuple[Cause, ...]:
    """The causes of a whole quarantine (n faults), the commonest first."""
    found = quarantine.groupby(["column", "code"], sort=False)["reason"].agg(["first", "size"])
    causes = [
        Cause(column=str(column), code=str(code), reason=str(row["first"]), count=int(row["size"]))
        for (column, code), row in found.iterrows()
    ]
    return tuple(sorted(causes, key=lambda c: (-c.count, c.column, c.code)))


def quarantine_frame(rows: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    """Quarantine records (where, column, code, reason, raw) as the frame that `Loaded` holds.

    Half a surrogate pair, which no file can hold, is written as its escape (`\\ud83d`).
    """
    safe = [[part.encode("utf-8", "backslashreplace").decode() for part in row] for row in rows]
    return pd.DataFrame(safe, columns=list(QUARANTINE_COLUMNS), dtype="str")
