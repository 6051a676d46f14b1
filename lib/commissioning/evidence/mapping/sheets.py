"""The sheets of a file as rows of text, the row of headings found, and what below it is no data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from commissioning.evidence import csv_reader, text
from commissioning.evidence.contracts import HEADER_ROWS, TOTAL_WORDS
from commissioning.evidence.extract import Extract
from commissioning.evidence.header import tidy
from commissioning.evidence.mapping import codes
from commissioning.evidence.not_data import is_total_label

MOST_COLUMNS = 300
_NUMBER = re.compile(r"[-(]?£?[-(]?\d[\d,]*+(?:\.\d++)?\)?")
TOTAL = re.compile(
    r"(?:grand |sub-?\s?)?totals?\b|total rows|number of rows|rows?:|end of (?:report|file|extract|data)", re.I
)
A_PERSONS = re.compile(
    r"\d{6,}|\d{3}[ -]\d{3}[ -]\d{4}|\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b|@", re.I
)
"""What may tell who somebody is: an NHS number or identifier, a date, a postcode, an e-mail address."""


class Row(NamedTuple):
    """One row: its place (`Report!6`, or a line of a CSV) and its cells."""

    where: str
    cells: list[str]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet ("" for a CSV): every row that is not blank."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A sheet by its headings: rows of data below them, and how many other rows stand there (titles, totals)."""

    sheet: str
    headings: tuple[str, ...]  # a second one of a name has (2) after it; "" where there is none
    header_where: str
    rows: tuple[Row, ...]
    not_data: int


def read(extract: Extract) -> list[Sheet]:
    """Every sheet of a workbook, or the one of a CSV. Raises Refused where it cannot be opened as what it is."""
    if extract.kind == "xlsx":
        from commissioning.evidence import xlsx_reader

        found = xlsx_reader.read(extract).sheets
        return [Sheet(name=s.name, rows=_filled(Row(r.where, r.cells) for r in s.records)) for s in found]
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=True)
    sample = list(islice(text.lines(extract.path, encoding), 200))
    delimiter = max(",;\t|", key=lambda one: sum(line.count(one) for line in sample))
    records = csv_reader.records(text.lines(extract.path, encoding), delimiter, extract.name)
    return [Sheet(name="", rows=_filled(Row(r.where, r.cells) for r in records))]


def _filled(rows: object) -> tuple[Row, ...]:
    return tuple(one for one in rows if any(cell.strip() for cell in one.cells))  # type: ignore[attr-defined]


def headings_of(cells: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    found = []
    for cell in cells[:MOST_COLUMNS]:
        heading = tidy(cell)
        seen[heading] = seen.get(heading, 0) + 1
        found.append(f"{heading} ({seen[heading]})" if heading and seen[heading] > 1 else heading)
    return tuple(found)


def _of_amounts(filled: Sequence[str]) -> bool:
    """True for a label that says total beside nothing but amounts: the sums of a sheet with many columns of them."""
    return (
        is_total_label(filled[0])
        and len(filled) > 1
        and all(_NUMBER.fullmatch(one.replace(" ", "")) for one in filled[1:])
    )


def find(sheet: Sheet, shape: str, headings: Sequence[str] = ()) -> Table | None:
    """The sheet below its row of headings: the one that holds most that the shape knows, or all those given.

    None where no row holds two that are known, or where the row that does looks like a row of data.
    """
    best, at = 1, -1
    wanted = {codes.key(one) for one in headings}
    for i, row in enumerate(sheet.rows[:HEADER_ROWS]):
        if wanted:
            count = len(wanted & {codes.key(one) for one in headings_of(row.cells)})
        else:
            known = [codes.sure_role(shape, cell) for cell in headings_of(row.cells) if cell]
            count = sum(1 for one in known if one and one != codes.LEFT_OUT)
        if count > best:
            best, at = count, i
    if at < 0 or any(A_PERSONS.fullmatch(cell.strip()) for cell in sheet.rows[at].cells):
        return None
    head = headings_of(sheet.rows[at].cells)
    rows, not_data = [], at
    for row in sheet.rows[at + 1 :]:
        cells = [cell.strip() for cell in row.cells[: len(head)]]
        cells += [""] * (len(head) - len(cells))
        filled = [cell for cell in cells if cell]
        total = filled and (TOTAL.match(filled[0]) or any(one.casefold() in TOTAL_WORDS for one in filled))
        if (
            not filled
            or (total and (2 * len(filled) <= len(head) or _of_amounts(filled)))
            or headings_of(cells) == head
        ):
            not_data += 1
        else:
            rows.append(Row(row.where, cells))
    return Table(
        sheet=sheet.name, headings=head, header_where=sheet.rows[at].where, rows=tuple(rows), not_data=not_data
    )
