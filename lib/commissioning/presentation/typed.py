"""What people typed (a pilot's file, a notebook's words, who signs) is checked as what the program writes is.

A fault names the file and field and never repeats what stands there: it may be somebody's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from commissioning.presentation import columns, numbers, words
from commissioning.presentation.display import MIME
from commissioning.wording import within

NHS_NUMBER = re.compile(r"(?<![\d,.£])[1-9]\d{2}[ -]?\d{3}[ -]?\d{4}(?![\d,])")
"""Ten digits, also apart as 3, 3 and 4. A telephone number begins with 0 or +."""
PEOPLE = "people.json"
"""Of a study: hashes of its people's ids and names. Restricted, as the tables beside it are."""
NOTHING: Mapping[str, Any] = {"columns": [], "rows": []}
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


def label(place: int, source: str) -> str:
    """How a cell is named to whoever is to mend it: its place and its first line."""
    first = next((line.strip() for line in source.splitlines() if line.strip()), "empty")
    return f"cell {place} ({first[:60]!r})"


def markdown_problems(source: str) -> list[str]:
    """What of a text that somebody typed may not stand on a page."""
    shapes = [one for one in faults("it", source) if "NHS number" in one]
    return [*(f"uses {hit}" for hit in words.banned(source)), *shapes]


_HEADING = re.compile(r"^##? ", re.MULTILINE)
_FORMULA = re.compile(r"\$[^$]*\$")


def number_problems(notebook: Any, told: Iterable[str]) -> list[str]:
    """A number in typed text is one of the figures shown in its section, of the parameters, or part of a definition. `told`: the page's parameters.

    A section runs to the next heading of the second level. Text above the first one is about the whole page.
    """
    held: list[list[tuple[int, Mapping[str, Any]]]] = [[]]
    for place, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown" and _HEADING.search("".join(cell["source"])):
            held.append([])
        held[-1].append((place, cell))
    told, problems = list(told), []
    for section in held:
        records = [
            output["data"][MIME]
            for _, cell in section
            for output in cell.get("outputs", ())
            if MIME in output.get("data", {}) and isinstance(output["data"][MIME], Mapping)
        ]
        allowed = numbers.Known(
            [value for one in records for value in columns.values(one.get("data") or NOTHING)],
            [*told, *(text for one in records for text in columns.texts(one.get("data") or NOTHING))],
            [one for record in records for one in record.get("numbers", {}).get("declared", ())],
        )
        for place, cell in section:
            if cell["cell_type"] == "markdown":
                source = "".join(cell["source"])
                if "maths" in cell.get("metadata", {}).get("tags", ()):
                    source = _FORMULA.sub(" ", source)
                wrong = allowed.unmatched(numbers.without_definitions(source))
                at = label(place, source)
                problems += [
                    f"{at}: the number {one} in its text is not among the figures shown in its section; show the table "
                    "or chart that it is from there, or take it out"
                    for one in wrong
                ]
    return problems
