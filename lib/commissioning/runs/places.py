"""Where a run reads and writes, and whether it can: checked before anything starts.

The site (`--out`) holds released figures only. Everything else of a run is restricted and
stays under `data/results/runs/<site>/`, which its owner alone may read.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning.errors import CannotWrite, DataRefused
from commissioning.runs.record import RUNS

STAGING = ".staging"
TRIAL = "trial-"
VERSIONS = "versions"
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs")


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders of a run."""

    root: Path  # the checkout: pilots/, notebooks/, data/
    data: Path  # extracts
    out: Path  # the site
    state: Path  # restricted: studies, executed notebooks, finished reports, log

    @property
    def versions(self) -> Path:
        return self.out / VERSIONS

    @property
    def staging(self) -> Path:
        return self.out / STAGING

    @property
    def work(self) -> Path:
        """Stage folders of reports being made."""
        return self.state / "work"

    @property
    def done(self) -> Path:
        """Finished reports that are not published yet: an interrupted batch goes on from here."""
        return self.state / "done"

    @property
    def executed(self) -> Path:
        """The last executed notebook of each report, and the partial one of each failure."""
        return self.state / "executed"

    @property
    def studies(self) -> Path:
        return self.state / "studies"


def locate(root: Path, data: Path, out: Path) -> Places:
    """The folders of a run whose site is `out`. Nothing is made yet.

    A symbolic link at `out` is followed; a link inside the site is refused later.
    """
    out = Path(os.path.abspath(out))  # noqa: PTH100 - links stay links
    name = re.sub(r"[^a-z0-9]+", "-", out.name.lower()).strip("-")[:30] or "site"
    key = hashlib.sha256(os.path.realpath(out).encode()).hexdigest()[:10]
    state = root.resolve() / "data" / "results" / "runs" / f"{name}-{key}"
    return Places(root=root.resolve(), data=Path(os.path.abspath(data)), out=out, state=state)  # noqa: PTH100 - links stay links


def check_data(data: Path) -> None:
    """Raise DataRefused where the folder of extracts is missing, is no folder, or cannot be read."""
    if not data.exists():
        raise DataRefused(f"data folder {data} does not exist: name the folder that holds the extracts with --data")
    if not data.is_dir():
        raise DataRefused(f"{data} is a file: name the folder that holds it with --data")
    if not os.access(data, os.R_OK | os.X_OK):
        raise DataRefused(f"data folder {data} may not be read by this user: ask its owner for read permission")
    with contextlib.suppress(StopIteration):
        try:
            next(os.scandir(data))
        except PermissionError:
            raise DataRefused(f"data folder {data} may not be read by this user") from None
    for path in data.rglob("*"):
        name = path.relative_to(data)
        # Intake passes over hidden folders, and over the one that a disk keeps for its own repairs.
        if any(part.startswith(".") or part == "lost+found" for part in name.parts) and not path.is_file():
            continue
        if path.is_dir() and not path.is_symlink() and not os.access(path, os.R_OK | os.X_OK):
            raise DataRefused(f"folder {name} of the extracts may not be read by this user: ask for read permission")
        if path.is_file() and not os.access(path, os.R_OK):
            raise DataRefused(f"extract {name} may not be read by this user: ask for read permission")


def prepare_out(places: Places, *, needed: int = 0) -> None:
    """Make the site's and the state's folders.

    Raises CannotWrite: `out` is a file, a link that leads outside the site, read-only, holds the extracts or lies
    among them, or the disk lacks three times the last version's size (`needed`, bytes).
    """
    out = places.out
    if out.is_symlink() and not out.exists():
        raise CannotWrite(f"output folder {out} is a link to nothing: mend or remove it")
    real, data, root = out.resolve(), places.data.resolve(), places.root
    for fault, says in (
        (out.exists() and not out.is_dir(), f"output {out} is a file: name a folder with --out"),
        (
            root.is_relative_to(real),
            f"output folder {out} holds the workbench itself: name a folder of its own with --out",
        ),
        (
            real.is_relative_to(root / "data") or real == data,
            f"output folder {out} lies where extracts and restricted results are kept: name another",
        ),
        # Its pages would be read as extracts; and whoever may read the site could read the extracts.
        (
            real.is_relative_to(data),
            f"output folder {out} lies inside the data folder {data}: name one beside it with --out",
        ),
        (
            data.is_relative_to(real),
            f"data folder {data} lies inside the output folder {out}: keep extracts outside the site",
        ),
    ):
        if fault:
            raise CannotWrite(says)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for folder in (places.versions, places.staging, out / RUNS):
            if folder.is_symlink():
                raise CannotWrite(f"{folder} is a symbolic link: versions and records must lie inside {out}")
            if folder.exists() and not folder.is_dir():
                raise CannotWrite(f"{folder} is a file where a folder is needed: move it away")
        for folder in (places.versions, places.staging):
            folder.mkdir(exist_ok=True)
        for one in (out / "index.html", out / "record.json"):
            if one.is_symlink() or one.is_dir():
                raise CannotWrite(f"{one} is not an ordinary file: move it away")
    except CannotWrite:
        raise
    except OSError as error:
        raise CannotWrite(f"cannot write in {out}: {reason(error)}") from None
    try:
        _make_state(places)
    except OSError as error:
        results = places.state.parents[1]
        raise CannotWrite(
            f"cannot write in {results}, where restricted results are kept: {reason(error)}; whoever runs this must own that "
            "folder (see docs/how-to/schedule-weekly-runs.md)"
        ) from None
    for folder in (places.out, places.state):
        free = shutil.disk_usage(folder).free
        if free < max(3 * needed, 20_000_000):
            raise CannotWrite(
                f"disk nearly full at {folder}: {free // 1_000_000} MB free, "
                f"{max(3 * needed, 20_000_000) // 1_000_000} MB needed (three times the last version)"
            )


def _make_state(places: Places) -> None:
    # Each by itself: mkdir(parents=True) would leave the folders above open to all.
    for folder in (places.state.parents[1], places.state.parent, places.state):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)
    for folder in (places.work, places.done, places.executed, places.studies):
        folder.mkdir(exist_ok=True, mode=0o700)


def try_publishing(places: Places) -> None:
    """Do in small what publishing does: write, sync, move a folder, replace a file.

    Called by whoever holds the site's publishing lock: another run clears away what such a trial left behind.
    Raises CannotWrite: the folder is read-only, or lies on two file systems.
    """
    trial = places.staging / f"{TRIAL}{os.getpid()}"
    target = places.versions / f".{TRIAL}{os.getpid()}"
    try:
        trial.mkdir()
        probe = trial / "probe"
        probe.write_bytes(b"probe")
        sync_file(probe)
        trial.rename(target)
        (target / "probe").replace(places.out / f".probe-{os.getpid()}")
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise CannotWrite(
                f"{places.versions} lies on another file system than {places.out}: "
                "publishing could not be all or nothing; keep the site on one file system"
            ) from None
        raise CannotWrite(f"cannot write in {places.out}: {reason(error)}") from None
    finally:
        shutil.rmtree(trial, ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        with contextlib.suppress(OSError):
            (places.out / f".probe-{os.getpid()}").unlink()


def remove_tree(folder: Path) -> None:
    """Remove a folder whose files are read-only (Windows refuses those otherwise)."""

    def again(function: Any, path: str, _: Any) -> None:
        with contextlib.suppress(OSError):
            Path(path).chmod(stat.S_IRWXU)
            function(path)

    shutil.rmtree(folder, onerror=again)


def reason(error: OSError) -> str:
    """An operating-system error in words, without a path of somebody's data."""
    words = {
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "this user may not write there",
        errno.EPERM: "this user may not write there",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.ENOTDIR: "a file stands where a folder is needed",
        errno.EIO: "the disk reported an error",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ELOOP: "symbolic links lead in a circle",
    }
    return words.get(error.errno or 0, error.strerror or type(error).__name__)


def sync_file(path: Path) -> None:
    """Flush one file to the disk. Raises OSError where the disk says no."""
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries; Windows keeps them itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str | bytes, *, mode: int | None = None) -> None:
    """Write a file so that readers see the old one or the new one, never half of it."""
    data = text.encode() if isinstance(text, str) else text
    beside = path.with_name(f".{path.name.lstrip('.')}-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        (beside).replace(path)
        sync_folder(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
