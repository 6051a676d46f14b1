"""The list of the made-up extracts, `SHA256SUMS`: what may be read with the public key of the sample, and no other file.

The sample is known by its place; whoever put rows of their own there would have them printed under a key that everybody has.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from commissioning.errors import DataRefused

LIST = "SHA256SUMS"
NO_EXTRACTS = (".toml", ".md")
RECORDS = "records/"  # stage records that reports are stitched from, made by `make notebooks`


def listing(hashes: Mapping[str, str]) -> bytes:
    """The list: a line `hash  path` of each file, in order of path (as `sha256sum -c` reads it)."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode("utf-8")


def of_contents(files: Mapping[str, bytes]) -> bytes:
    """The list of the extracts among files that are about to be written: path → bytes."""
    return listing({name: hashlib.sha256(body).hexdigest() for name, body in files.items() if _is_extract(name)})


def of_folder(folder: Path) -> bytes:
    """The list of the extracts that lie in a folder now."""
    return listing(dict(_lying_in(folder)))


def listed(folder: Path) -> dict[str, str]:
    """Path → hash, as the folder's list says; nothing where there is no list."""
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: value for value, _, name in (line.partition("  ") for line in lines) if name}


def refuse_others(folder: Path, read: Mapping[str, str] | None = None) -> None:
    """Raise DataRefused for the first extract below `folder` that the list does not name, or names with another hash.

    `read` is what was read there, path → hash, where that is known; else every file that may be an extract is looked at.
    """
    known = listed(folder)
    for name, value in sorted(read.items()) if read is not None else _lying_in(folder):
        if known.get(name) != value:
            what = "differs" if name in known else "is not among them"
            shown = name if name.isprintable() else ascii(name)
            raise DataRefused(
                f"{folder}: these are not the sample's files ({shown} {what}): put your own in data/incoming"
            )


def _lying_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and hash of every file that may be an extract; one that cannot be read is named by whoever reads it."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root) / name
            inside = path.relative_to(folder).as_posix()
            if not _is_extract(inside):
                continue
            try:
                with path.open("rb") as file:
                    value = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                continue
            yield inside, value


def _is_extract(name: str) -> bool:
    low = name.casefold()
    if low.startswith(RECORDS) and low.endswith(".json"):
        return False
    last = low.rpartition("/")[2]
    return not (last.startswith((".", "~$")) or last == LIST.casefold() or last.endswith(NO_EXTRACTS))
