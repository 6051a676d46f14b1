"""What code was reviewed, and whether what stands here is that code: on a council's own extracts nothing else runs.

`notebooks/reviewed.toml`, or the file that COMMISSIONING_REVIEW names (a reviewer may keep it where analysts cannot write),
holds a hash of each notebook, of each Python file in a pilot's folder, and one of the library as a whole. The library also
counts as reviewed where it is as it was released: as the package that was installed says of each of its files, or as the
commit that is checked out holds them.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import os
import subprocess
import tomllib
from base64 import urlsafe_b64decode
from functools import cache
from pathlib import Path

from commissioning import toml
from commissioning.errors import UsageError
from commissioning.runs.keys import PACKAGE, digest, file_digest, library

FILE = "reviewed.toml"
PLACE = "COMMISSIONING_REVIEW"
RECORD = "python -m commissioning.runs.notebooks"
LIBRARY = "lib/commissioning"
CODE = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib", ".pth")
Known = dict[str, dict[str, str]]


def place(root: Path) -> Path:
    """Where the record of reviews stands. It need not be there."""
    named = os.environ.get(PLACE)
    return Path(named).expanduser().absolute() if named else root / "notebooks" / FILE


def read(root: Path) -> Known:
    """Hashes by kind (`notebooks`, `pilots`, `library`) and name; empty where nothing was recorded.

    Raises UsageError where the file cannot be read.
    """
    path = place(root)
    if not path.is_file():
        return {}
    try:
        held = toml.loads(path.read_text(encoding="utf-8"))
        return {str(kind): {str(name): str(value) for name, value in one.items()} for kind, one in held.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise UsageError(f"{path.name} is not a record of reviews: {error}") from None
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}") from None


def described(root: Path) -> dict[str, str]:
    """Which record of reviews a run went by: its `place` ("checkout", "elsewhere" or "none") and, where it is there, its `sha256`.

    Whoever runs may name a record of their own. Where it lies is no business of a site's readers; that it was another one is.
    """
    path = place(root)
    if not path.is_file():
        return {"place": "none"}
    here = path.resolve() == (root / "notebooks" / FILE).resolve()
    try:
        return {"place": "checkout" if here else "elsewhere", "sha256": file_digest(path)}
    except OSError:
        return {"place": "none"}


def pilots_code(root: Path, pilots: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of every file of code in the pilots' folders, `measures.py` and `sections.py` among them, by its place."""
    found = {}
    for pilot in pilots:
        for path in sorted((root / "pilots" / pilot).rglob("*")):
            # Compiled copies in `__pycache__` are not read: see `measures.catalogue`.
            if path.suffix.lower() in CODE and path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(root).as_posix()] = file_digest(path)
    return found


def library_hash() -> str:
    """The release hash: of the library's files, their names and bytes, compiled copies apart."""
    return digest({name: file_digest(path) for name, path in library(PACKAGE).items()})


def unreviewed(root: Path, pilots: tuple[str, ...]) -> list[str]:
    """What of the pilots' own code and of the library is not as it was reviewed, in words; nothing where all is."""
    known = read(root)
    written = known.get("pilots", {})
    found = [
        f"{name} {'was changed after its review' if name in written else 'has not been reviewed'}"
        for name, value in pilots_code(root, pilots).items()
        if written.get(name) != value
    ]
    if why := _library_fault(known.get("library", {}).get(LIBRARY, "")):
        found.append(why)
    return found


def refuse_unreviewed(root: Path, pilots: tuple[str, ...]) -> None:
    """Raise UsageError where any code but the notebooks is not as it was reviewed (those: `notebooks.registry`)."""
    if found := unreviewed(root, pilots):
        more = f", and {len(found) - 3} more" if len(found) > 3 else ""
        raise UsageError(
            f"{'; '.join(found[:3])}{more}: on own extracts only reviewed code runs; read it, then record the review with `{RECORD}`"
        )


def _library_fault(recorded: str) -> str:
    if recorded and recorded == library_hash():
        return ""
    files = library(PACKAGE)
    for released in (_as_installed(), _as_committed()):
        if released is None:
            continue
        other = [name for name in sorted({*files, *released}) if not _is(files.get(name), released.get(name, ("", "")))]
        if not other:
            return ""
        return f"{LIBRARY}/{other[0]} is not as it was released" + (f" ({len(other)} files)" if len(other) > 1 else "")
    return f"the library ({LIBRARY}) has not been reviewed"


def _is(path: Path | None, wanted: tuple[str, str]) -> bool:
    """True where a file is the one that was released: `wanted` is how it was hashed, and its hash."""
    if path is None or not wanted[1]:
        return False
    kind, value = wanted
    data = path.read_bytes()
    if kind == "git":  # git names a file by its length and bytes, in the length of hash that the repository uses
        data = b"blob %d\0" % len(data) + data
    if len(value) == 40:
        return hashlib.sha1(data, usedforsecurity=False).hexdigest() == value
    return hashlib.sha256(data).hexdigest() == value


def _as_installed() -> dict[str, tuple[str, str]] | None:
    """What the installed package says of each of its files; None where it was not installed as files (an editable one).

    Its RECORD is read as text: `Distribution.files` leaves out files that are gone, from Python 3.12 on and wherever the
    package importlib_metadata is imported, and a file that is gone is a change.
    """
    try:
        installed = importlib.metadata.distribution("commissioning")
    except importlib.metadata.PackageNotFoundError:
        return None
    found = {}
    for name, hashed, *_ in csv.reader((installed.read_text("RECORD") or "").splitlines()):
        parts, (kind, _, value) = Path(name).parts, hashed.partition("=")
        if parts[:1] == ("commissioning",) and "__pycache__" not in parts and kind == "sha256":
            if Path(str(installed.locate_file(name))).resolve() != PACKAGE / Path(*parts[1:]):
                return None  # another copy than the one that runs
            found["/".join(parts[1:])] = ("sha256", urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex())
    return found or None


@cache
def _as_committed() -> dict[str, tuple[str, str]] | None:
    """What the commit that is checked out holds of the library; None where this is no checkout, or git is not there.

    Only git's own objects are asked, never the state of the folder: no file of the checkout is run, and no clock is trusted.
    """
    settings = ("-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", str(PACKAGE))
    command = ["git", *settings, "ls-tree", "-r", "-z", "HEAD", "."]
    hidden = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, env=hidden, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    found = {}
    for line in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        about, _, name = line.partition("\t")
        if about.split(" ")[1:2] == ["blob"]:
            found[name] = ("git", about.split(" ")[2])
    return found or None


def lines(root: Path, pilots: tuple[str, ...]) -> list[str]:
    """The record's lines on everything but the notebooks, as the files stand now."""
    code = pilots_code(root, pilots)
    return [
        *(["[pilots]", *(f'"{name}" = "{value}"' for name, value in code.items()), ""] if code else []),
        "[library]",
        f'"{LIBRARY}" = "{library_hash()}"',
        "",
    ]
