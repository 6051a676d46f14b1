"""Locks that the operating system holds: when a process ends, however it ends, its locks are gone.

One lock file a site, one byte in it for each report (its place follows from the report's
name), so that two runs of different reports go on together and a second run of the same
report knows at once. Nothing is written: there is no stale state to clear.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from commissioning.errors import Busy, CannotWrite
from commissioning.runs import places as where
from commissioning.runs.places import NETWORK_FILE_SYSTEMS, TRIAL, Places, reason

LOCK_FILE = ".lock"
PUBLISH = "\x00publish"  # no report has such a name
STAGE = "\x00stage "
HALF_WRITTEN = re.compile(r"\.(index\.html|record\.json|probe)-[0-9]+")  # by `write_whole` and `try_publishing`
TRIAL_FOLDER = re.compile(rf"\.?{TRIAL}[0-9]+")


def place_of(name: str) -> int:
    """The byte that stands for a report: 48 bits of its name's hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")


class SiteLock:
    """The lock file of one site, held open for as long as the run lasts. `cleared`: what was left of runs that crashed."""

    cleared = 0

    def __init__(self, out: Path) -> None:
        refuse_unsafe_share(out)
        path = out / LOCK_FILE
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
            self.descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            raise CannotWrite(f"cannot open the lock file {path}: {reason(error)}") from None

    def close(self) -> None:
        """Let every lock go."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def take(self, names: Iterable[str]) -> None:
        """Hold every report named, or none. Raises Busy at once where another run holds one.

        In order of name: two runs that name the same reports in another order would each hold what the other wants.
        """
        held: list[str] = []
        for name in sorted(names):
            if not self._try(name):
                for one in held:
                    self._let_go(one)
                raise Busy(f"another run holds report {name}: nothing was started; try again when it has ended")
            held.append(name)

    @contextlib.contextmanager
    def publishing(self, *, seconds: float = 120.0) -> Iterator[None]:
        """Hold the site for the moment of publishing; waits for another run's publishing to end."""
        end = time.monotonic() + seconds
        while not self._try(PUBLISH):
            if time.monotonic() > end:
                raise Busy("another run has been publishing to the same site for too long")
            time.sleep(0.02)
        try:
            yield
        finally:
            self._let_go(PUBLISH)

    @classmethod
    @contextlib.contextmanager
    def adding(cls, places: Places, reports: Iterable[str], stage: str) -> Iterator[SiteLock]:
        """Hold these reports and the stage folder of that name while a version is added to a site; the folder is removed.

        Raises CannotWrite and Busy.
        """
        held = cls(places.out)
        try:
            held.take(list(reports))
            with held.publishing():
                where.try_publishing(places)
            held.cleared = held.clear_leftovers(places)
            held.hold_stage(stage)
            try:
                yield held
            finally:
                for parent in (places.staging, places.work):
                    where.remove_tree(parent / stage)
        finally:
            held.close()

    def hold_stage(self, folder: str) -> None:
        """Mark a stage folder as in use for as long as this run lives."""
        self.take([STAGE + folder])

    def clear_leftovers(self, places: Places) -> int:
        """Remove what crashed runs left in the staging and work folders; return how many.

        A folder in use is locked by its run, so neither clocks nor process numbers are asked.
        Call it before this run makes folders of its own.
        """
        removed = 0
        for parent in (places.staging, places.work):
            for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
                if folder.name.startswith(TRIAL) or not self._try(STAGE + folder.name):
                    continue
                if folder.is_dir() and not folder.is_symlink():
                    shutil.rmtree(folder, ignore_errors=True)
                else:
                    folder.unlink(missing_ok=True)
                self._let_go(STAGE + folder.name)
                removed += 1
        with self.publishing():  # whoever writes these files holds the same lock
            for stray in places.out.iterdir():
                # Only what a run itself leaves half-written: anything else in the folder is its owner's.
                if HALF_WRITTEN.fullmatch(stray.name) and stray.is_file() and not stray.is_symlink():
                    stray.unlink(missing_ok=True)
                    removed += 1
            for trial in (*places.versions.iterdir(), *places.staging.iterdir()):
                if TRIAL_FOLDER.fullmatch(trial.name) and trial.is_dir() and not trial.is_symlink():
                    shutil.rmtree(trial, ignore_errors=True)
                    removed += 1
        return removed

    def _try(self, name: str) -> bool:
        try:
            _lock(self.descriptor, place_of(name))
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                return False
            raise CannotWrite(f"locks do not work in the output folder: {reason(error)}") from None
        return True

    def _let_go(self, name: str) -> None:
        with contextlib.suppress(OSError):
            _unlock(self.descriptor, place_of(name))


if os.name == "nt":  # pragma: no cover - not tried here
    import msvcrt

    def _lock(descriptor: int, place: int) -> None:
        os.lseek(descriptor, place, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

    def _unlock(descriptor: int, place: int) -> None:
        os.lseek(descriptor, place, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    _OPEN_FILE = hasattr(fcntl, "F_OFD_SETLK") and sys.platform.startswith("linux") and sys.maxsize > 2**32

    def _set(descriptor: int, kind: int, place: int) -> None:
        if _OPEN_FILE:
            # Locks of the open file, not of the process: closing some other handle does not drop them.
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, place, 1, 0))
        else:
            command = fcntl.LOCK_UN if kind == fcntl.F_UNLCK else fcntl.LOCK_EX | fcntl.LOCK_NB
            fcntl.lockf(descriptor, command, 1, place, os.SEEK_SET)

    def _lock(descriptor: int, place: int) -> None:
        _set(descriptor, fcntl.F_WRLCK, place)

    def _unlock(descriptor: int, place: int) -> None:
        _set(descriptor, fcntl.F_UNLCK, place)


def mount_of(path: Path, mountinfo: str | None = None) -> tuple[str, str]:
    """File-system type and options of the mount that holds `path`; empty where it cannot be told."""
    if mountinfo is None:
        try:
            mountinfo = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "", ""
    best, found = -1, ("", "")
    full = os.path.realpath(path)
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        if len(fields) < 6 or len(rest) < 1:
            continue
        mount = fields[4].replace("\\040", " ")
        inside = full == mount or full.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= best:
            best, found = len(mount), (rest[0], ",".join([fields[5], *rest[2:]]))
    return found


def refuse_unsafe_share(out: Path, mountinfo: str | None = None) -> None:
    """Raise CannotWrite for a network share that is mounted so that locks hold on one machine only."""
    kind, options = mount_of(out, mountinfo)
    if kind not in NETWORK_FILE_SYSTEMS:
        return
    words = set(options.split(","))
    if words & {"nolock", "local_lock=all", "local_lock=posix", "local_lock=flock", "nobrl"}:
        raise CannotWrite(
            f"{out} lies on a {kind} share mounted without locks between machines ({', '.join(sorted(words))}): "
            "mount it with locking, or write to a local folder and copy"
        )
