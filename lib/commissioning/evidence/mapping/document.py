"""`mapping.toml`: read with every mistake named, and written so that a person can read and mend it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from commissioning import toml
from commissioning.errors import DataRefused
from commissioning.evidence.mapping import codes
from commissioning.wording import nearest

NAME = "mapping.toml"
KEYS = ("files", "sheet", "shape", "why", "covers", "note", "columns", "words")
HEAD = """\
# How files of the council's own systems are read. Written by `commissioning map`; yours to mend.
# [file.columns] says what each heading means: - leaves it out. [file.words] says what each word of a category means.
# A ? is a doubt: it counts as unknown until you take it away. Run `commissioning map` again on the next file to see what is new.
# Notes as comments are not kept when it is run again: write them as note = "…". No name, number or date of a person belongs here.
"""


@dataclass(kw_only=True)
class Entry:
    """How one sheet of some files is read. `columns`: heading → role; `words`: role → word → meaning."""

    files: list[str]
    shape: str
    sheet: str = ""
    why: str = ""
    covers: str = ""
    note: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, name: str) -> bool:
        """True where it is for a file, by its path below the data folder."""
        short = name.rpartition("/")[2]
        return any(one in (name, short) or fnmatchcase(name, one) or fnmatchcase(short, one) for one in self.files)

    @property
    def doubts(self) -> int:
        held = [*self.columns.values(), *(one for own in self.words.values() for one in own.values()), self.covers]
        return sum(one.startswith(codes.DOUBT) for one in held)


def read(path: Path) -> list[Entry]:
    """The entries of a mapping; none where there is no file. Raises DataRefused naming the key that is wrong."""
    if not path.is_file():
        return []
    try:
        document = toml.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataRefused(f"{NAME} is not valid TOML: {error}") from None
    except OSError as error:
        raise DataRefused(f"{NAME} cannot be read: {error.strerror}") from None
    found = document.get("file", [])
    if set(document) - {"file"} or not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DataRefused(f"{NAME} holds [[file]] tables only, with two brackets: run `commissioning map` to see one")
    return [_entry(one, f"{NAME}, [[file]] number {number}") for number, one in enumerate(found, start=1)]


def _entry(given: Mapping[str, Any], place: str) -> Entry:
    for key in given:
        if key not in KEYS:
            raise DataRefused(f"{place} has the unknown key “{key}”: {nearest(key, KEYS)}")
    files, columns, words = given.get("files"), given.get("columns", {}), given.get("words", {})
    if not isinstance(files, list) or not files or not all(isinstance(one, str) for one in files):
        raise DataRefused(f'{place}: files must be a list of names, such as ["Reviews*.csv"]')
    if any(not isinstance(given.get(key, ""), str) for key in ("sheet", "shape", "why", "covers", "note")):
        raise DataRefused(f"{place}: sheet, shape, why, covers and note are text in quotes")
    shape = given.get("shape", "")
    if shape not in codes.shapes():
        raise DataRefused(f"{place}: shape “{shape}” is not known: {nearest(shape, list(codes.shapes()))}")
    if not isinstance(columns, dict) or not all(isinstance(one, str) for one in columns.values()):
        raise DataRefused(f'{place}: [file.columns] holds lines such as "Date of Birth" = "birth"')
    known = [*codes.roles(shape), codes.LEFT_OUT, codes.DOUBT]
    for heading, role in columns.items():
        plain = role.removeprefix(codes.DOUBT).strip() if role != codes.DOUBT else role
        if plain not in known and not codes.is_year(plain):
            raise DataRefused(f"{place}: “{heading}” = “{role}” is no column of {shape}: {nearest(plain, known)}")
    for role, said in words.items():
        may = codes.meanings(shape, role)
        if not may or not isinstance(said, dict):
            raise DataRefused(f"{place}: [file.words.{role}] is for no category of {shape}")
        for word, meaning in said.items():
            plain = str(meaning).removeprefix(codes.DOUBT).strip()
            if not isinstance(meaning, str) or (plain not in may and plain != ""):
                raise DataRefused(f"{place}: “{word}” = “{meaning}”: what {role} may mean is {', '.join(may)}")
    return Entry(
        files=files, shape=shape, sheet=given.get("sheet", ""), why=given.get("why", ""), covers=given.get("covers", ""),
        note=given.get("note", ""), columns=dict(columns), words={role: dict(said) for role, said in words.items()},
    )  # fmt: skip


def quoted(text: str) -> str:
    """A text as TOML writes it in quotes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def line(word: str, meaning: str, rows: int | None = None) -> str:
    """One line of a mapping, with the rows that hold the word."""
    count = f"  # {rows:,} {'row' if rows == 1 else 'rows'}" if rows is not None else ""
    return f"{quoted(word)} = {quoted(meaning)}{count}"


def write(entries: list[Entry], counts: Mapping[int, Mapping[str, Mapping[str, int]]]) -> str:
    """The text of a mapping. `counts`: entry → role → word → rows of the file looked at last."""
    out = [HEAD]
    for number, one in enumerate(entries):
        out += ["", "[[file]]", f"files = [{', '.join(map(quoted, one.files))}]"]
        out += [f"{key} = {quoted(value)}" for key in KEYS[1:6] if (value := getattr(one, key))]
        out += ["", "[file.columns]", *(line(heading, role) for heading, role in one.columns.items())]
        for role, said in one.words.items():
            may = ", ".join(codes.meanings(one.shape, role))
            seen = counts.get(number, {}).get(role, {})
            out += ["", f"[file.words.{role}]  # may mean: {may}"]
            out += [line(word, meaning, seen.get(word)) for word, meaning in said.items()]
    return "\n".join(out) + "\n"
