"""A ledger: lines that are only ever added, each bound to the one before it by its hash.

One JSON object a line in `ledger.jsonl`, in a folder that its owner alone may open (see `council.ledger_of`). A line says its
number, what it is, of which area and pilot, when it was written, and the hash of the line before it; its own hash covers
all of that. So a line that was changed, taken out or put in by hand is seen. What a chain cannot see is a ledger of which
the end was cut off, or that was written anew from its first line: whoever used it remembers the last line it saw
(`remember`, `forgotten`), and a seal's hash may stand in a paper.

Order is that of the lines, never of the clock: a clock may go backwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning import clock
from commissioning.errors import CannotWrite

FILE = "ledger.jsonl"
PATIENCE = 10.0  # seconds that a writer waits for another


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line. `whole`: it is as it was written; `sound`: so is every line before it, and none is missing."""

    number: int
    kind: str
    area: str
    pilot: str
    at: str  # UTC
    says: Mapping[str, Any]
    hash: str
    whole: bool
    sound: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a ledger holds; `problem` says in one line why it cannot be relied on, and is empty where it can."""

    entries: tuple[Entry, ...] = ()
    problem: str = ""

    @property
    def last(self) -> Entry | None:
        return self.entries[-1] if self.entries else None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A line to be written."""

    kind: str
    area: str
    pilot: str
    says: Mapping[str, Any]


def read(folder: Path) -> Held:
    """Every line of a ledger, and whether it can be relied on. An absent one is empty; nothing is raised."""
    try:
        return _parsed((folder / FILE).read_bytes())
    except FileNotFoundError:
        return Held()
    except OSError as error:
        return Held(problem=f"the council's ledger cannot be read ({error.strerror or 'input error'})")


def _parsed(data: bytes) -> Held:
    entries: list[Entry] = []
    problem, before = "", ""
    for place, line in enumerate(data.split(b"\n"), start=1):
        try:
            body = json.loads(line)
            claimed = str(body.pop("hash"))
            entry = Entry(
                number=int(body["n"]),
                kind=str(body["kind"]),
                area=str(body["area"]),
                pilot=str(body["pilot"]),
                at=str(body["at"]),
                says=dict(body["says"]),
                hash=claimed,
                whole=claimed == _hash(body),
                sound=True,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # empty, or a write that was cut short: where it was a whole line once, the next one misses it
        follows = body["before"] == before and entry.number == len(entries) + 1
        if not (entry.whole and follows) and not problem:
            problem = f"the council's ledger was altered at line {place} after it was written"
        entries.append(Entry(**{**vars(entry), "sound": not problem}))
        before = claimed
    return Held(entries=tuple(entries), problem=problem)


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def append(folder: Path, make: Callable[[Held], Sequence[Draft]]) -> Held:
    """Add the lines that `make` gives for what the ledger holds, while nobody else writes; returns what it holds then.

    Raises CannotWrite where the folder or file cannot be written, or another process holds it for too long.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _opened(folder / FILE) as descriptor:
            data = _all_of(descriptor)
            held = _parsed(data)
            lines = _lines(held, make(held))
            if not lines:
                return held
            torn = b"" if not data or data.endswith(b"\n") else b"\n"  # what another left half-written stays by itself
            _write(descriptor, torn + lines, len(data))
            return _parsed(data + torn + lines)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CannotWrite(f"the council's ledger in {folder} cannot be written: {why}") from None


def _lines(held: Held, drafts: Sequence[Draft]) -> bytes:
    before, number, text = held.last.hash if held.last else "", len(held.entries), ""
    for draft in drafts:
        number += 1
        body = {
            "n": number,
            "kind": draft.kind,
            "area": draft.area,
            "pilot": draft.pilot,
            "at": clock.now().isoformat(timespec="seconds"),
            "says": dict(draft.says),
            "before": before,
        }
        body = json.loads(json.dumps(body))  # as it will be read
        before = _hash(body)
        text += json.dumps({**body, "hash": before}, sort_keys=True, ensure_ascii=True) + "\n"
    return text.encode()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The ledger's file, open and locked. Raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no ordinary file")
        if os.name != "nt" and stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
        _lock(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _all_of(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()


def _write(descriptor: int, data: bytes, size: int) -> None:
    """All of it, on the disk; where the disk fills up half way, none of it."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


if os.name == "nt":  # pragma: no cover - not tried here
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > end:
                    raise OSError(0, "another process has held it for too long") from None
                time.sleep(0.02)


# --- what a checkout remembers of the ledgers that it used ---------------------------------------------------


def forgotten(folder: Path, memory: Path) -> str:
    """Why a ledger is not the one that was used here before, in one line; "" where it is, or none was used here.

    `memory` is a file of the checkout (see `remember`): a ledger that was deleted, cut short or put back from an older
    copy no longer holds the line that was its last one then.
    """
    seen = _memory(memory).get(str(folder.absolute()))
    if seen is None:
        return ""
    if any(one.number == seen[0] and one.hash == seen[1] for one in read(folder).entries):
        return ""
    return "the council's ledger no longer holds what it held when it was used here before"


def remember(folder: Path, memory: Path, *, anew: bool = False) -> None:
    """Note a ledger's last line, unless it has forgotten one (`anew`: even then). Where it cannot be noted nothing is
    lost but this check."""
    last = read(folder).last
    if last is None or (not anew and forgotten(folder, memory)):
        return
    noted = {**_memory(memory), str(folder.absolute()): [last.number, last.hash]}
    beside = memory.with_name(f".{memory.name}-{os.getpid()}")
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(noted, indent=1, sort_keys=True), encoding="utf-8")
        beside.replace(memory)


def _memory(path: Path) -> dict[str, list[Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [int(one[0]), str(one[1])] for name, one in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        return {}
