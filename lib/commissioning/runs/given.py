"""What a command was given: pilots, the area and folder of their extracts, or the address of one."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.runs import remote
from commissioning.runs.terminal import folder
from commissioning.wording import nearest


def known_pilots(asked: list[str], root: Path) -> dict[str, Any]:
    """Every pilot of the checkout, checked; those asked for must exist. Raises UsageError."""
    known = pilots.names(root)
    for name in asked:
        if name not in known:
            raise UsageError(f"no pilot is called {name!r}: {nearest(name, known)}")
    if not known:
        raise UsageError("there is no pilot yet: make one with `commissioning new NAME`")
    return {name: pilots.load(name, root) for name in known}


def with_areas(known: dict[str, Any], data: Path | None, asked: list[str], root: Path) -> dict[str, Any]:
    """Every pilot with the area that these extracts are of; `data` is None for extracts that are still to be copied.

    Raises UsageError where nobody names an area and nothing says it, and DataRefused where a folder does not say whose
    extracts it holds. A folder that is not there, or may not be read, is named by whoever reads it.
    """
    council = councils.load(root)
    readable = data is None or (data.is_dir() and os.access(data, os.R_OK | os.X_OK))
    if not readable:
        return known
    if data is not None:
        councils.owner(data, council, area=asked[0] if asked else "")
    found = {name: one.model_copy(update={"area": councils.area_of(one, data, council)}) for name, one in known.items()}
    if not asked and not all(one.area for one in found.values()):
        raise UsageError(councils.UNNAMED)
    return found


def extracts(given: str | None, default: Path, root: Path) -> Path:
    """The folder of the extracts. Those at an address are copied first, into a folder that only its owner may read."""
    if given is None or not remote.is_url(given):
        return folder(given, default)
    with _stopping_at_once():
        return remote.fetch(given, root / "data" / "evidence" / "fetched")


@contextlib.contextmanager
def _stopping_at_once() -> Iterator[None]:
    """While extracts are copied any signal to stop is as Ctrl-C: what was copied so far is removed, and the command ends."""

    def heard(number: int, _: Any) -> None:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, heard) for one in stop_signals()}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)


def stop_signals() -> list[signal.Signals]:
    """Those that ask a program to stop; Windows and other systems have some each."""
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def address_or_folder(given: str | None, default: Path) -> str:
    """What a schedule names: a folder in full, or an address as it is; nothing is copied yet."""
    return (
        remote.checked(given) if given is not None and remote.is_url(given) else str(folder(given, default).absolute())
    )
