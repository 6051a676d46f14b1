"""Small published files made on the spot, taken in by the whole of intake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from commissioning.evidence.intake import FileRecord, Intake, take_in


def take(folder: Path, files: dict[str, str | bytes], **how: Any) -> Intake:
    """Write the files and take their folder in."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return take_in(folder, **how)


def only(intake: Intake) -> FileRecord:
    """The one file of a folder, every row and penny of it accounted for."""
    (file,) = intake.files
    if file.loaded is not None:
        entry = file.as_json()
        assert entry["rows_in"] == entry["rows_accepted"] + entry["rows_quarantined"] + entry["rows_not_data"]
    return file


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"
