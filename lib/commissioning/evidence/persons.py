"""Who the people in the extracts are: their ids and names, so that what somebody typed can be searched for them.

No table holds a name: a contract asks for a pseudonym and leaves other columns behind. Names are read from the extracts
themselves, where a column is headed as one, and are kept as hashes alone.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commissioning.wording import folded, hashed

NAMES = frozenset(["name", "names", "forename", "forenames", "firstname", "surname", "lastname", "fullname"])
_THINGS = (
    "organisation organization provider ward service team file council supplier payee funder recipient locality programme "
    "project school area sheet table column product measure user"
)
OF_THINGS = frozenset(_THINGS.split())
HEADER_WITHIN = 30  # rows in which the header of a file is sought


def known(intake: Any) -> set[str]:
    """Hashes (see `folded`) of every id and full name of a person in the extracts of an `intake.Intake`."""
    from commissioning.evidence.tables import of_people

    found: set[str] = set()
    persons = of_people() - {"client_level", "client_level_places"}  # whose names never reach a table
    for table in persons & set(intake.tables):
        frame = intake.tables[table]
        if "person_id" in frame:
            found |= {hashed(one) for one in frame["person_id"].dropna().astype(str).unique() if looks_like_an_id(one)}
    for file in intake.files:
        if file.status == "accepted" and file.table in persons:
            found |= {hashed(one) for one in _names(intake.folder / file.file) if " " in folded(one)}
    return found


def looks_like_an_id(word: str) -> bool:
    """True for letters with digits, or six digits and more: a year or a count is nobody's id."""
    word = folded(word)
    return (
        len(word) >= 4 and " " not in word and any(c.isdigit() for c in word) and (not word.isdigit() or len(word) > 5)
    )


def _names(path: Path) -> Iterator[str]:
    """Every full name in a file: of a column that is headed as one, or a first and a last name side by side."""
    try:
        rows = _rows(path)
        places: list[int] = []
        for number, row in enumerate(rows):
            if not places and number < HEADER_WITHIN:
                places = [place for place, cell in enumerate(row) if _is_name(cell)]
            elif places:
                cells = [row[place].strip() for place in places if place < len(row)]
                yield from cells
                yield " ".join(cells)
                yield " ".join(reversed(cells))
            else:
                return
    except (OSError, ValueError, csv.Error, KeyError):  # it was read once already: what is odd in it was said then
        return


def _is_name(cell: str) -> bool:
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", cell).casefold()))
    return bool(words & NAMES) and not words & OF_THINGS


def _rows(path: Path) -> Iterator[list[str]]:
    kind = path.suffix.casefold()
    if kind == ".json":
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        rows = (
            document
            if isinstance(document, list)
            else next((one for one in document.values() if isinstance(one, list)), [])
        )
        heads = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
        yield heads
        yield from ([str(row.get(head) or "") for head in heads] for row in rows if isinstance(row, dict))
    elif kind == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield from (
                ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
            )
    else:
        from commissioning.evidence import text

        codec = text.decide(path, path.name, cp1252_allowed=True).codec
        with path.open(encoding=codec, errors="replace", newline="") as file:
            first = file.readline()
            file.seek(0)
            yield from csv.reader(file, delimiter=max(",;\t|", key=first.count))
