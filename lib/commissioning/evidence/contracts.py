"""What a table's columns must hold: the words a contract is written in.

A contract is data. The readers, the column checks, the templates and the reference page all
read the same object, so a file is refused in the words that the template was written in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from commissioning.evidence import units

Holds = Literal[
    "text",  # kept as it is, blanks and `NA` included
    "id",  # text that names one thing; hidden characters and spaces are stripped
    "category",  # one of the declared words
    "yes/no",
    "int",  # a whole number, 0 or more unless limits say otherwise
    "number",  # a decimal number, scientific notation allowed
    "money",  # pounds in the extract, pence (Int64) in the table
    "date",  # day first; a `datetime.date` in the table
    "year",  # a financial year, "2014-15"
    "quarter",  # a financial quarter, "2014-15 Q1"
    "month",  # a calendar month, "2014-04"
]
Unit = Literal["row", "cell", "grant"]
Status = Literal["known", "suppressed", "unknown", "not applicable"]
Duplicates = Literal["kept and named", "quarantined"]

HEADER_ROWS = 60  # a header is looked for so far down: publishers put notes, contacts and licences above it

YES = ("y", "yes", "1", "true", "t", "✓", "✔", "achieved", "met")
NO = ("n", "no", "0", "false", "f", "✗", "✘", "not achieved", "not met")
WORDS_FOR_UNKNOWN = ("unknown", "not known", "not recorded")
WORDS_FOR_NOT_APPLICABLE = ("not applicable",)
WORDS_FOR_NOT_ASKED = ("not asked",)
WORDS_FOR_SUPPRESSED = ("suppressed",)

TOTAL_WORDS = ("total", "totals", "grand total", "sub-total", "subtotal", "sub total")
_FOOTERS = (
    "end of report, end of file, end of extract, end of data, records, record count, rows, row count, count, "
    "number of records, number of rows, no of records, total records, total rows, generated, produced, "
    "printed, report run, run on, run date, run by, extracted, exported, source, note, notes, official, "
    "confidential, page, copyright, ©"
)
FOOTER_WORDS = tuple(_FOOTERS.split(", "))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: what its cells must hold, and which headers mean it.

    `name` is the canonical name in the table; a money column's ends in `_pence`. `header` is what
    templates write; `aliases` are further headers, compared without case, spaces or punctuation.
    `missing` maps a declared token (lower case; "" is a blank cell) to its status; any other blank
    or token is a fault. `multiplier` is pounds a unit of the extract (1000 for £000). `lower` and
    `upper` limit numbers, and money in pounds; dates keep to `earliest` and `latest`.
    `categories` maps accepted words (lower case) to the canonical word.
    """

    name: str
    holds: Holds
    says: str
    required: bool = True  # the header must be there
    header: str = ""
    aliases: tuple[str, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, Status] = field(default_factory=dict)
    with_status: bool = False  # the table carries `<name>_status`
    multiplier: int = 1
    ledger_signs: bool = False  # `123.45 CR`, `123.45-` and `(123.45)` are negative, `DR` positive
    scientific: bool = False  # the publisher's own numeric column: 1.2E+05 is a number (money)
    lower: float | None = None
    upper: float | None = None
    length: int | None = None  # exact length of an id
    pattern: str | None = None  # whole-cell regular expression for text and ids
    earliest: date = date(1990, 1, 1)
    latest: date = date(2099, 12, 31)
    sentinels: Mapping[date, Status] = field(default_factory=dict)  # 9999-12-31: "not applicable" = open
    pivot: int | None = None  # two-digit years at or above it are 19xx
    ahead: int | None = 0  # days after today that a date, or a period's first day, may lie; None: as far as it likes
    example: str = ""  # a made-up cell, for templates

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.heading, self.name, *self.aliases)

    @property
    def heading(self) -> str:
        """The header that templates write."""
        return self.header or self.name.removesuffix("_pence")

    @property
    def blank_is_unknown(self) -> bool:
        """True where an empty cell says that the value is not known."""
        return self.missing.get("") == "unknown"

    @property
    def telling(self) -> bool:
        """True where a cell shows by itself that it is of this column: a date, an amount, one of a few words."""
        return self.holds not in ("text", "id") or self.pattern is not None

    @cached_property
    def keys(self) -> frozenset[str]:
        """The headers as compared."""
        return frozenset(units.key_of(h) for h in self.headers)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Parts that, in one row, may not together exceed their whole: contributions and cost, reached and supported."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Within:
    """A date that belongs to its row's period: how many days `before` the period's first day and `after` its last it
    may lie (None: any)."""

    column: str
    period: str
    before: int | None = 0
    after: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What one kind of file must hold.

    `key` names the columns that tell one record from another (empty: rows have no identity, so exact
    copies may be legitimate). `control_amount` is the one money column that the reconciliation sums.
    `persons` marks tables whose rows are people: their source is never public.
    `area_needed` marks spend that may be counted only where its area is known; `places_apart` a table that keeps the rows of
    other places in a file that was brought for the area, told apart by their own codes. `wholes`, `within` and
    `in_order` (an earlier date, a later one) say what one row's cells may not contradict.
    """

    table: str
    title: str
    version: str
    columns: tuple[Column, ...]
    unit: Unit = "row"
    persons: bool = False
    own_extract: bool = False  # a council's own extract, for which there is a template
    control_amount: str | None = None
    key: tuple[str, ...] = ()
    cp1252_allowed: bool = True
    zero_rows_allowed: bool = False
    header_search_rows: int = HEADER_ROWS
    total_words: tuple[str, ...] = TOTAL_WORDS
    footer_words: tuple[str, ...] = FOOTER_WORDS
    comment_prefix: str | None = None
    header_rows: int = 1  # 2: a declared two-row header, joined with a space
    period_column: str | None = None
    duplicates: Duplicates = "kept and named"
    area_needed: bool = False
    overlaps: bool = False  # files hold the same records by design: what is made of them counts each once
    places_apart: bool = False
    delimiters: tuple[str, ...] = (",", ";", "\t", "|")
    wholes: tuple[Whole, ...] = ()
    within: tuple[Within, ...] = ()
    in_order: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"contract {self.table}: a column is named twice")
        related = [
            *(name for one in self.wholes for name in (one.whole, *one.parts)),
            *(name for one in self.within for name in (one.column, one.period)),
            *(name for pair in self.in_order for name in pair),
        ]
        for name in (*self.key, self.control_amount, self.period_column, *related):
            if name is not None and name not in names:
                raise ValueError(f"contract {self.table}: {name} is not one of its columns")
        seen: dict[str, str] = {}
        for column in self.columns:
            for key in column.keys:
                if seen.setdefault(key, column.name) != column.name:
                    raise ValueError(f"contract {self.table}: one header means {seen[key]} and {column.name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.required)

    @cached_property
    def must(self) -> tuple[Column, ...]:
        """The columns without which a file is refused. A council's own extract may lack every other: it is then unknown.

        What it may not lack tells one row from another and when it was, or is what the table counts: a cell of it may not be blank.
        """
        tells = {*self.key, self.period_column}
        return tuple(c for c in self.required if not self.own_extract or c.name in tells or not c.blank_is_unknown)

    def column(self, name: str) -> Column:
        """The column of that canonical name; KeyError where there is none."""
        return {c.name: c for c in self.columns}[name]

    @cached_property
    def meaning(self) -> dict[str, Column]:
        """Header key → column."""
        return {key: c for c in self.columns for key in c.keys}
