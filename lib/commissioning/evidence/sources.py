"""`sources.toml`: what no column can say of an extract: publisher, area, licence, whether it is public."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from commissioning.errors import DataRefused
from commissioning.evidence.loaded import Source

NAME = "sources.toml"
KEYS = {"files": str, "publisher": str, "area": str, "public": bool, "licence": str}
AREA = re.compile(r"[EWSNK]\d{8}")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The `[[source]]` tables of a data folder, in order: the first whose glob matches a file holds."""

    entries: tuple[tuple[str, Source], ...] = ()

    def of(self, name: str) -> Source:
        """The source of a file, by its path below the data folder; an empty one where none matches."""
        for glob, source in self.entries:
            if fnmatchcase(name, glob) or ("/" not in glob and fnmatchcase(name.rpartition("/")[2], glob)):
                return source
        return Source()


def read(folder: Path) -> Sources:
    """The folder's `sources.toml`, or none. Raises DataRefused (65) naming the table and key that is wrong."""
    path = folder / NAME
    if not path.is_file():
        return Sources()
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise DataRefused(f"{NAME} is not valid TOML: {e}") from None
    except RecursionError:
        raise DataRefused(f"{NAME} is nested too deeply to be a list of sources") from None
    except OSError as e:
        raise DataRefused(f"{NAME} cannot be read: {e.strerror}") from None
    strangers = sorted(set(document) - {"source"})
    if strangers:
        raise DataRefused(f"{NAME} has the unknown key “{strangers[0]}”: it holds [[source]] tables only")
    tables = document.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise DataRefused(f"{NAME}: write [[source]], with two brackets, before each table")
    return Sources(entries=tuple(_entry(t, i) for i, t in enumerate(tables, start=1)))


def _entry(table: dict[str, Any], number: int) -> tuple[str, Source]:
    place = f"{NAME}, [[source]] number {number}"
    strangers = sorted(set(table) - set(KEYS))
    if strangers:
        raise DataRefused(f"{place} has the unknown key “{strangers[0]}”: the keys are {', '.join(KEYS)}")
    for key, value in table.items():
        if type(value) is not KEYS[key]:
            kind = "true or false" if KEYS[key] is bool else "text in quotes"
            raise DataRefused(f"{place}: {key} must be {kind}")
    if not table.get("files", "").strip():
        raise DataRefused(f"{place} has no files: name them by a glob, such as payments/*.csv")
    area = table.get("area")
    if area is not None and not AREA.fullmatch(area):
        raise DataRefused(f"{place}: area must be an ONS code such as E08000015")
    return table["files"], Source(
        publisher=table.get("publisher", ""),
        area=area,
        public=table.get("public", False),
        licence=table.get("licence", ""),
    )
