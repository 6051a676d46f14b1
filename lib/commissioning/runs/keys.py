"""Keys: what a report depends on, as hashes, so that only what changed is executed again.

Nothing here imports pandas or any other heavy library: two hundred unchanged reports are
recognised in a second.
"""

from __future__ import annotations

import ast
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
        self.parsed: dict[str, list[str]] = {}
        try:
            loaded = json.loads(memory.read_text(encoding="utf-8"))
            body = loaded["files"]
            if loaded["sha256"] == digest(body):
                self.known, self.parsed = body
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

    def imports(self, path: Path) -> set[str]:
        """`imports_of` a Python file, remembered by the file's hash."""
        value = self.of(path)
        kept = self.parsed.get(value)
        if kept is None:
            kept = self.parsed[value] = sorted(imports_of(path))
            self.changed = True
        return set(kept)

    def keep(self) -> None:
        """Write the memory, if there is anything new in it."""
        if self.changed:
            body = [self.known, self.parsed]
            write_whole(self.memory, json.dumps({"sha256": digest(body), "files": body}), mode=0o600)
            self.changed = False


def parsed(source: str) -> ast.Module:
    """The syntax tree of Python source. Raises SyntaxError.

    Tried again where Python 3.11 lost count of its own depth, which happens when memory is collected meanwhile
    (github.com/python/cpython/issues/106905): the source is sound then, and the next try succeeds.
    """
    for _ in range(5):
        try:
            return ast.parse(source)
        except SystemError:
            continue
    return ast.parse(source)


def imports_of(path: Path) -> set[str]:
    """Modules of this package that a Python file imports, anywhere in it, functions included."""
    try:
        tree = parsed(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, OSError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
    return {one for one in found if one.split(".")[0] == "commissioning"}


def module_files(name: str) -> list[Path]:
    """The files that importing a module reads: its own, and each parent package's `__init__`."""
    parts = name.split(".")[1:]
    files = [PACKAGE / "__init__.py"]
    for depth in range(1, len(parts) + 1):
        base = PACKAGE.joinpath(*parts[:depth])
        if (base / "__init__.py").is_file():
            files.append(base / "__init__.py")
        elif base.with_suffix(".py").is_file():
            files.append(base.with_suffix(".py"))
    return files


class CodeHash:
    """Hash of the code that a set of modules reaches, followed import by import, each room it reaches as a whole.

    As a whole, because rooms load some of their own files by name (measures, readers of published files) or by relative
    import: to follow each way of importing is to miss the next one, and a key that misses code serves old figures.
    """

    def __init__(self, hashes: FileHashes) -> None:
        self.hashes = hashes
        self.imports: dict[Path, set[str]] = {}
        self.results: dict[frozenset[str], str] = {}
        self.rooms: dict[str, list[Path]] = {}

    def of(self, modules: frozenset[str]) -> str:
        if modules not in self.results:
            files = self.reached(modules)
            folders = {one.parent for one in files if one.name == "__init__.py"} - {PACKAGE}
            for folder in folders:  # templates, style sheets, tables of figures
                files |= {
                    one
                    for one in folder.rglob("*")
                    if one.is_file() and one.suffix not in (".py", ".pyc") and "__pycache__" not in one.parts
                }
            self.results[modules] = digest(
                {one.relative_to(PACKAGE).as_posix(): self.hashes.of(one) for one in sorted(files)}
            )
        return self.results[modules]

    def reached(self, modules: frozenset[str]) -> set[Path]:
        todo, seen, files = set(modules), set[str](), set[Path]()
        while todo:
            name = todo.pop()
            seen.add(name)
            if name.split(".")[1:2] and name.split(".")[1] in NOT_IN_KEY:
                continue
            for path in {*module_files(name), *self._room(name)}:
                files.add(path)
                if path not in self.imports:
                    self.imports[path] = self.hashes.imports(path)
                todo |= self.imports[path] - seen
        return files

    def _room(self, name: str) -> list[Path]:
        """Every Python file of the room that a module stands in; none for a module at the top."""
        room = ".".join(name.split(".")[1:2])
        if room not in self.rooms:
            self.rooms[room] = sorted((PACKAGE / room).rglob("*.py")) if room else []
        return self.rooms[room]


def notebook_imports(path: Path) -> frozenset[str]:
    """Modules of this package that a notebook's cells import, with what every report goes through."""
    found = {"commissioning.reports", "commissioning.presentation"}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell.get("cell_type") != "code":
            continue
        source = cell["source"]
        text = "".join(source) if isinstance(source, list) else source
        try:
            tree = parsed("\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!"))))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
    return frozenset(one for one in found if one.split(".")[0] == "commissioning")


def environment(root: Path) -> dict[str, str]:
    """What the machine brings: Python, and the hash of the lock file (or of what is installed)."""
    lock = root / "requirements.lock"
    return {
        "python": platform.python_version(),
        "platform": sys.platform,
        "lock": file_digest(lock) if lock.is_file() else "",
        "format": str(FORMAT),
    }
