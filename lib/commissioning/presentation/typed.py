"""What people typed (a pilot's file, a notebook's words, who signs) is checked as what the program writes is.

A fault names the file and field and never repeats what stands there: it may be somebody's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from commissioning.presentation import words
from commissioning.wording import within

NHS_NUMBER = re.compile(r"(?<![\d,.£])[1-9]\d{2}[ -]?\d{3}[ -]?\d{4}(?![\d,])")
"""Ten digits, also apart as 3, 3 and 4. A telephone number begins with 0 or +."""
PEOPLE = "people.json"
"""Of a study: hashes of its people's ids and names. Restricted, as the tables beside it are."""
NOT_WORDS = ("folder", "name", "tables", "measures", "published_measures", "levels")


def faults(where: str, text: str, people: Iterable[str] = ()) -> list[str]:
    """What is wrong with a typed text, each in one line that begins with `where`. `people`: hashes of ids and names."""
    found = [f"{where} uses {hit}" for hit in words.claimed(text)]
    if NHS_NUMBER.search(text):
        found.append(f"{where} holds a number in the form of an NHS number: take it out")
    if within(text, people):
        found.append(f"{where} names somebody who is in the extracts, or gives their id: take it out")
    return found


def of_pilot(fields: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a pilot's file with the place of its field: `floors 1, agreed_with`."""
    if isinstance(fields, str):
        yield path, fields
    elif isinstance(fields, dict):
        for name, held in fields.items():
            if path or name not in NOT_WORDS:
                yield from of_pilot(held, f"{path}, {name}" if path else str(name))
    elif isinstance(fields, (list, tuple)):
        for place, held in enumerate(fields, start=1):
            yield from of_pilot(held, f"{path} {place}")


def of_notebook(notebook: Any) -> Iterator[tuple[str, str]]:
    """The Markdown of a notebook (an nbformat node, or the same as plain dictionaries), cell by cell."""
    for place, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            yield f"cell {place}", "".join(cell["source"])


def people_of(studies: Iterable[str | Path]) -> set[str]:
    """Hashes of the people in the extracts of some studies, as they were kept when these were prepared."""
    found: set[str] = set()
    for study in studies:
        path = Path(study) / PEOPLE
        if path.is_file():
            found |= set(json.loads(path.read_text(encoding="utf-8")))
    return found
