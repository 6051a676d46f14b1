"""What intake leaves on disk for those who hold the files: the rows in quarantine. Folders are 0700 and files 0600."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from commissioning.errors import CannotWrite
from commissioning.evidence import intake as intakes
from commissioning.evidence.today import today
from commissioning.spreadsheet import inert


def has_come(files: Sequence[Mapping[str, Any]], day: date | None = None) -> bool:
    """True where a row that was set aside as not come yet has come since: the intake would say something else today."""
    now = (day or today()).isoformat()
    return any(one.get("comes_on") and str(one["comes_on"]) <= now for one in files)


def quarantine_csv(taken: intakes.Intake) -> str:
    """Every quarantined unit with its raw text, for the person who mends it; formula cells made inert."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "where", "column", "code", "reason", "raw"])
    for record in taken.files:
        if record.loaded is not None:
            for row in record.loaded.quarantine.itertuples(index=False):
                writer.writerow([inert(str(v)) for v in (record.file, *row)])
            more = sum(c.count for c in record.loaded.causes) - len(record.loaded.quarantine)
            if more > 0:
                words = (
                    f"{more:,} more were set aside and counted, and are not written here: mend the causes above first"
                )
                writer.writerow([inert(record.file), "", "", "not written", words, ""])
    return out.getvalue()


def write_quarantine(taken: intakes.Intake, root: Path) -> Path | None:
    """The quarantine of an intake as `<fingerprint>.csv` below `root`, for its owner alone; None where it is empty.

    It holds whole rows of the extracts, so `root` lies under `data/`. Raises CannotWrite.
    """
    if not any(f.loaded is not None and len(f.loaded.quarantine) for f in taken.files):
        return None
    path = root / f"{taken.fingerprint[:16]}.csv"
    part = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        private_folder(root)
        part.unlink(missing_ok=True)
        _private(part, quarantine_csv(taken).encode("utf-8-sig"))
        part.replace(path)
    except OSError as e:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise CannotWrite(f"the quarantine cannot be written to {root}: {e.strerror}") from None
    return path


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone. Raises OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)  # mkdir(parents=True) would leave those above open to all


def _private(path: Path, data: bytes) -> None:
    """Create a file that only its owner can read, from its first byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
