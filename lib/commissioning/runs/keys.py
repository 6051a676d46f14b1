"""Keys: what a report depends on, as hashes, so that only what changed is executed again.

Nothing here imports a heavy library: two hundred unchanged reports are recognised in a second.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from commissioning.runs.places import write_whole

PACKAGE = Path(__file__).resolve().parents[1]
# The roof arranges work; it does not change what a page says. The template of the runner's own
# format version does, and stands in FORMAT.
NOT_IN_KEY = {"runs", "cli", "simulate"}
FORMAT = 1


def digest(value: Any) -> str:
    """SHA-256 of anything JSON can hold, keys in order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True, default=str).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class FileHashes:
    """SHA-256 of files, remembered by size, times and inode, so that unchanged files are read once.

    The change time is part of what is compared: no ordinary program can set it back. A memory that
    is missing, cut short or otherwise broken counts as empty.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.changed = False
        self.known: dict[str, list[Any]] = {}
        try:
            loaded = json.loads(memory.read_text(encoding="utf-8"))
            if loaded["sha256"] == digest(loaded["files"]):
                self.known = dict(loaded["files"])
        except (OSError, ValueError, KeyError, TypeError, UnicodeDecodeError):
            pass

    def of(self, path: Path) -> str:
        info = path.stat()
        seen = [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
        kept = self.known.get(str(path))
        if isinstance(kept, list) and kept[:4] == seen and len(kept) == 5:
            return str(kept[4])
        result = file_digest(path)
        self.known[str(path)] = [*seen, result]
        self.changed = True
        return result

    def of_folder(self, folder: Path) -> dict[str, str]:
        """Hash of every file below `folder`, by relative path."""
        found: dict[str, str] = {}
        for parent, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                path = Path(parent) / name
                if path.is_file():
                    found[path.relative_to(folder).as_posix()] = self.of(path)
        return found

    def keep(self) -> None:
        """Write the memory, if there is anything new in it."""
        if self.changed:
            held = {"sha256": digest(self.known), "files": self.known}
            write_whole(self.memory, json.dumps(held), mode=0o600)
            self.changed = False


def library(package: Path) -> dict[str, Path]:
    """Every file of a package by its place in it, compiled copies apart."""
    found = sorted(one for one in package.rglob("*") if "__pycache__" not in one.parts and one.is_file())
    return {one.relative_to(package).as_posix(): one for one in found}


def code(hashes: FileHashes) -> str:
    """Hash of the library without what stands in NOT_IN_KEY.

    Of all of it: to follow which module imports which is to miss one in the end, and a key that misses code serves old figures.
    """
    files = library(PACKAGE).items()
    return digest({k: hashes.of(one) for k, one in files if k.split("/")[0].removesuffix(".py") not in NOT_IN_KEY})


def environment(root: Path) -> dict[str, str]:
    """What the machine brings: Python, and the hash of the lock file (or of what is installed)."""
    lock = root / "requirements.lock"
    return {
        "python": platform.python_version(),
        "platform": sys.platform,
        "lock": file_digest(lock) if lock.is_file() else "",
        "format": str(FORMAT),
    }
