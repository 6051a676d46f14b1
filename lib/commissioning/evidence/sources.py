"""`sources.toml`: what no column can say of an extract: publisher, area, licence, whether it is public or made up."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from commissioning import toml
from commissioning.errors import DataRefused
from commissioning.evidence.source import Source
from commissioning.evidence.today import today

NAME = "sources.toml"
KEYS = {
    "files": str, "publisher": str, "area": str, "public": bool, "licence": str, "illustrative": bool, "year": str,
    "cost_centres": dict, "columns": dict, "month": str, "exported": str,
}  # fmt: skip
ALIKE = 0.85  # from which a file's name is taken for a misspelt `sources.toml`
MOST = 2_000  # [[source]] tables
LONGEST_GLOB = 300
AREA = re.compile(r"[EWSNK]\d{8}")
DAY = re.compile(r"(19|20)\d\d-\d\d-\d\d")
MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
OF_SPEND = ("payee", "amount", "date")  # the columns of a spend file that a heading may be written for
YEAR = re.compile(r"(19|20)\d\d(-\d\d)?")
AN_AREA = "the ONS code of the council they are of"
LINES = '[[source]]\nfiles = "*"\npublisher = "who published them"\narea = "{area}"'
_KINDS = {
    bool: "true or false",
    str: "text in quotes",
    dict: 'a table such as { learning_disability = ["LD "] }',
}


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The `[[source]]` tables of a data folder, in order: the first whose glob matches a file holds."""

    entries: tuple[tuple[str, Source], ...] = ()
    otherwise: Source = Source()  # of a file that no glob matches

    def of(self, name: str) -> Source:
        """The source of a file, by its path below the data folder; where none matches, an empty one or the council's own."""
        return next((source for glob, source in self.entries if _matches(glob, name)), self.otherwise)

    def silent_on(self, name: str) -> bool:
        """True where there is a `sources.toml`, and nothing in it says whose this file is."""
        return bool(self.entries) and not any(_matches(glob, name) for glob, _ in self.entries)

    def idle(self, names: Collection[str]) -> tuple[str, ...]:
        """The globs that match none of these files, in order. Raises DataRefused where not one of them matches any."""
        found = tuple(glob for glob, _ in self.entries if not any(_matches(glob, name) for name in names))
        if found and names and len(found) == len(self.entries):
            here = ", ".join(sorted(names)[:3]) + (" …" if len(names) > 3 else "")
            raise DataRefused(
                f"{NAME} says whose no file is: {said(found)} matches nothing in the folder, which holds {here}; "
                'write files = "*", or the names as they stand there (large and small letters differ)'
            )
        return found

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that it names, each once."""
        return tuple(dict.fromkeys(source.area for _, source in self.entries if source.area))


def read(folder: Path, own: Source | None = None) -> Sources:
    """The folder's `sources.toml`; where there is none, everything is `own`: the council's that uses the workbench.

    Raises DataRefused (65) naming the table and key that is wrong, or a file that was meant to be `sources.toml`.
    """
    path = folder / NAME
    if not path.is_file():
        if meant := _meant(folder):
            raise DataRefused(
                f"{meant} is not read: its name must be {NAME}, in the folder of extracts itself; rename it"
            )
        return Sources(otherwise=own or Source())
    try:
        document = toml.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise DataRefused(f"{NAME} is not valid TOML: {e}") from None
    except OSError as e:
        raise DataRefused(f"{NAME} cannot be read: {e.strerror}") from None
    strangers = sorted(set(document) - {"source"})
    if strangers:
        raise DataRefused(f"{NAME} has the unknown key “{strangers[0]}”: it holds [[source]] tables only")
    tables = document.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise DataRefused(f"{NAME}: write [[source]], with two brackets, before each table")
    if not tables:
        raise DataRefused(
            f"{NAME} says nothing: it holds no [[source]] table. If the extracts are your council's own, take the file "
            f"away; if not, write:\n{LINES.format(area=AN_AREA)}"
        )
    if len(tables) > MOST:
        raise DataRefused(f"{NAME} has {len(tables):,} [[source]] tables; the limit is {MOST:,}: name files by a glob")
    return Sources(entries=tuple(_entry(t, i) for i, t in enumerate(tables, start=1)))


def said(globs: Collection[str]) -> str:
    """Globs in the words of a sentence: “a.csv” or “b/*.csv”."""
    return " or ".join(f"“{glob}”" for glob in globs)


def _matches(glob: str, name: str) -> bool:
    return fnmatchcase(name, glob) or ("/" not in glob and fnmatchcase(name.rpartition("/")[2], glob))


def _has_come(day: str) -> bool:
    try:
        return date.fromisoformat(day) <= today()
    except ValueError:
        return False


def _meant(folder: Path) -> str:
    """A file that somebody meant to be `sources.toml`: misspelt, in other letters, with another ending, a folder too deep."""
    for path in sorted(folder.rglob("*")):
        name = path.name.casefold()
        alike = difflib.SequenceMatcher(None, name, NAME).ratio() >= ALIKE
        called = name.partition(".")[0] in ("source", "sources") and not name.endswith(
            (".csv", ".xlsx", ".json", ".md")
        )
        if (
            (name.startswith(NAME) or alike or called)
            and not path.is_dir()
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        ):
            return path.relative_to(folder).as_posix()
    return ""


def lines_for(folder: Path, area: str = "") -> str:
    """What to write where a folder does not say whose extracts it holds."""
    return (
        f"{folder} does not say whose extracts it holds. If they are your council's own, run `commissioning setup` once. "
        f"If not, write {folder / NAME} with these lines (and `public = true` under them where they are published):\n"
        + LINES.format(area=area or AN_AREA)
    )


def _entry(table: dict[str, Any], number: int) -> tuple[str, Source]:
    place = f"{NAME}, [[source]] number {number}"
    strangers = sorted(set(table) - set(KEYS))
    if strangers:
        raise DataRefused(f"{place} has the unknown key “{strangers[0]}”: the keys are {', '.join(KEYS)}")
    if type(table.get("exported")) is date:  # written without quotes
        table = {**table, "exported": table["exported"].isoformat()}
    for key, value in table.items():
        if type(value) is not KEYS[key]:
            raise DataRefused(f"{place}: {key} must be {_KINDS[KEYS[key]]}")
    if not table.get("files", "").strip():
        raise DataRefused(f"{place} has no files: name them by a glob, such as payments/*.csv")
    if len(table["files"]) > LONGEST_GLOB:
        raise DataRefused(f"{place}: files has {len(table['files']):,} characters; the limit is {LONGEST_GLOB}")
    area = table.get("area")
    if area is not None and not AREA.fullmatch(area):
        raise DataRefused(f"{place}: area must be an ONS code such as E08000015")
    if not YEAR.fullmatch(table.get("year", "2020-21")):
        raise DataRefused(f"{place}: year must be a financial year such as 2020-21")
    if not MONTH.fullmatch(table.get("month", "2020-04")):
        raise DataRefused(f"{place}: month must be a month such as 2024-05")
    exported = table.get("exported", "")
    if exported and (not DAY.fullmatch(exported) or not _has_come(exported)):
        raise DataRefused(
            f"{place}: exported must be the day on which the file was made, such as 2024-07-01, and no day to come"
        )
    columns = table.get("columns", {})
    if not all(key in OF_SPEND and isinstance(one, str) and one.strip() for key, one in columns.items()):
        raise DataRefused(f'{place}: columns must be such as {{ amount = "Net Amount" }}, of {", ".join(OF_SPEND)}')
    units = table.get("cost_centres", {})
    for pilot, words in units.items():
        if not isinstance(words, list) or not words or not all(isinstance(one, str) and one.strip() for one in words):
            raise DataRefused(f'{place}: cost_centres must be such as {{ {pilot} = ["LD ", "Learning Disab"] }}')
    return table["files"], Source(
        publisher=table.get("publisher", ""),
        area=area,
        public=table.get("public", False),
        licence=table.get("licence", ""),
        illustrative=table.get("illustrative", False),
        year=table.get("year", ""),
        columns=dict(columns),
        month=table.get("month", ""),
        exported=exported,
        cost_centres={pilot: tuple(words) for pilot, words in units.items()},
    )
