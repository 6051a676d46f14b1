"""Extracts on an object store: copied whole into a restricted folder, then read as any others.

`--data s3://bucket/extracts`, or any other store that fsspec knows. Who may read it is settled by the store's own
configuration (environment, profile, role), never by the address, which stands in schedules and shell histories.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from urllib.parse import urlsplit

from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.runs.places import sync_folder

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_BLOCK = 1 << 20
KEEP = 2
"""Copies of one address that are kept: a run that is still going on may be reading the one before."""
_VOLATILE = ("st_atime", "atime", "time", "last_accessed_on", "accessed")
"""What some stores say of a file that changes when it is merely read; `time` is so called over sftp."""
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}-([0-9a-f]{16})-([0-9]+)-[0-9a-f]{8}")
_mine: set[str] = set()
"""Unfinished copies that this process is making: a process number may have been given anew."""


def is_url(text: str) -> bool:
    """True for an address such as `s3://bucket/extracts`; a folder's path is none."""
    return _URL.match(text) is not None


def fetch(url: str, folder: Path) -> Path:
    """Copy everything below `url` into a folder of its own below `folder`, and return that folder.

    It is named by what was found, so an unchanged store is not copied again, and a copy is whole or not there. What was
    copied stands beside it in a file of its own: a copy without it, or that lacks a byte, is made again.
    Raises UsageError (an address that nothing can read, or with a password), DataRefused (nothing there, names that no
    folder can hold, or changed while it was copied) and CannotWrite.
    """
    store, top = _store(url)
    before = _listing(store, top)
    marks = _marks(before)
    key = _digest([url, marks])
    place = folder / _digest(url)
    target = place / key
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.mkdir(exist_ok=True, mode=0o700)
        _clear_unfinished(place)
        if _whole(target):
            os.utime(target)
            return target
        needed = sum(size or 0 for _, _, size in before.values())
        if shutil.disk_usage(place).free < needed:
            raise CannotWrite(f"--data: {needed:,} bytes are to be copied, and the disk of {place} has less room")
        stage = place / f".{key}-{_host()}-{os.getpid()}-{secrets.token_hex(4)}"
        _mine.add(stage.name)
        try:
            copied = {name: _copy(store, full, stage / name, name, size) for name, (full, _, size) in before.items()}
            store.invalidate_cache()
            if _marks(_listing(store, top)) != marks:
                raise DataRefused("--data: the extracts changed while they were copied: run again")
            for one in (*(path for path in stage.rglob("*") if path.is_dir()), stage):
                sync_folder(one)
            if not _whole(target):  # else another run has made it meanwhile
                shutil.rmtree(target, ignore_errors=True)
                # Noted first: once the copy has its name it is whole for every other run too.
                _note(target, copied)
                stage.rename(target)
                sync_folder(place)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            _mine.discard(stage.name)
        _retire(place, target)
    except OSError as error:
        raise CannotWrite(f"--data: no copy can be kept in {place}: {error.strerror or type(error).__name__}") from None
    return target


def checked(url: str) -> str:
    """The address, if it holds nothing that a schedule or a shell history may not. Raises UsageError."""
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "--data: write the address without a name, password or token; those belong in the store's own configuration"
        )
    if re.search(r"[\x00-\x20\ud800-\udfff]", url):
        raise UsageError("--data: an address holds no space, tab, line end or bytes that are no UTF-8")
    return url


def _store(url: str) -> tuple[Any, str]:
    """The file system of an address, and the path within it."""
    scheme = urlsplit(checked(url)).scheme
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            "--data with an address needs fsspec: install it with `pip install 'commissioning[cluster]'`"
        ) from None
    try:
        store, top = url_to_fs(url, use_listings_cache=False)
    except ImportError as error:  # fsspec names the package that is lacking
        raise UsageError(f"--data {scheme}://…: {error}") from None
    except ValueError:
        raise UsageError(f"--data: no file system is called {scheme!r}: s3, gs, abfs and file are some") from None
    except Exception as error:
        _unreadable(error)
    return store, str(top).rstrip("/")


def _listing(store: Any, top: str) -> dict[str, tuple[str, str, int | None]]:
    """Of every file below `top`: its name there → its full name, a mark that changes with it, its size in bytes."""
    try:
        found = store.find(top, detail=True)
    except FileNotFoundError:
        found = {}
    except Exception as error:
        _unreadable(error)
    names: dict[str, tuple[str, str, int | None]] = {}
    for full, about in sorted(found.items()):
        name = str(full)[len(top) :].strip("/")
        if not name:
            raise DataRefused("--data: the address is that of a file: give that of the folder that holds it")
        parts = PurePosixPath(name).parts
        if ".." in parts or re.search(r"[\\\x00-\x1f]", name):
            raise DataRefused(f"--data: no folder can hold a file of the name {name!r}: rename it")
        mark = _digest(sorted((str(field), str(value)) for field, value in about.items() if field not in _VOLATILE))
        names[name] = (str(full), mark, about.get("size"))
    if not names:
        raise DataRefused("--data: there is no file at this address, or this user may not see it")
    if len({name.casefold() for name in names}) < len(names):
        raise DataRefused("--data: the names of two files differ in capital letters only: rename one")
    return names


def _marks(listing: dict[str, tuple[str, str, int | None]]) -> dict[str, str]:
    return {name: mark for name, (_, mark, _) in listing.items()}


def _copy(store: Any, full: str, target: Path, name: str, size: int | None) -> tuple[int, str]:
    """One file, readable by its owner alone and flushed to the disk; its size and its SHA-256.

    Raises DataRefused where the store hands over something else than it lists.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    copied, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            source = store.open(full, "rb")
        except Exception as error:
            _unreadable(error, name)
        with source:
            while True:
                try:
                    block = source.read(_BLOCK)
                except Exception as error:
                    _unreadable(error, name)
                if not block:
                    break
                copied += file.write(block)
                digest.update(block)
        file.flush()
        os.fsync(file.fileno())
    if size is not None and copied != size:
        raise DataRefused(f"--data: {name} has {size:,} bytes, and {copied:,} came: run again")
    return copied, digest.hexdigest()


def _record_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _note(target: Path, copied: dict[str, tuple[int, str]]) -> None:
    """Write down, for the next run, what the copy holds: each file's size and SHA-256. Its bytes are on the disk already."""
    beside = target.with_name(f".{target.name}-{_host()}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(copied, file, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(_record_of(target))
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(target.parent)


def _whole(target: Path) -> bool:
    """True where a copy holds the files that were noted when it was made, each with its size, and no other."""
    try:
        noted = json.loads(_record_of(target).read_text(encoding="utf-8"))
        sizes = {name: size for name, (size, _) in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return False
    found = {
        path.relative_to(target).as_posix(): path.lstat().st_size for path in target.rglob("*") if not path.is_dir()
    }
    return bool(found) and found == sizes


def _clear_unfinished(place: Path) -> None:
    """Remove copies that a killed run left: they hold extracts. One whose maker lives, or is another machine's, stays."""
    for one in place.iterdir():
        made = _UNFINISHED.fullmatch(one.name)
        if made and made[1] == _host() and one.name not in _mine and not _lives(int(made[2])):
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """True where another process of that number is there, or where it cannot be told."""
    if os.name == "nt":  # there, asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process != os.getpid()


def _host() -> str:
    return _digest(socket.gethostname())


def _unreadable(error: Exception, name: str = "the address") -> NoReturn:
    """What a store's library raises is its own; its message may quote a token, its class does not."""
    raise DataRefused(f"--data: {name} cannot be read ({type(error).__name__}): ask who keeps the store") from None


def _retire(place: Path, current: Path) -> None:
    """Remove all but the latest copies of one address, and what is noted of them."""
    kept = [one for one in place.iterdir() if not one.name.startswith(".") and one.is_dir() and one != current]
    for old in sorted(kept, key=lambda one: one.stat().st_mtime, reverse=True)[KEEP - 1 :]:
        with contextlib.suppress(OSError):
            _record_of(old).unlink(missing_ok=True)  # first: half a copy is none
        shutil.rmtree(old, ignore_errors=True)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
