"""Calibration cards as they are kept: drawn once for each shape and code, and read whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from functools import cache
from pathlib import Path

import pandas as pd

from commissioning.evidence import store
from commissioning.methods import calibration, effects


@cache
def code_of_methods() -> str:
    """Hash of the code that draws a card: a card drawn by other code is not this one's."""
    found = hashlib.sha256()
    for package in (calibration, effects):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def read_card(path: Path) -> pd.DataFrame | None:
    """A card kept earlier; None where there is none, or where it is broken or cut short."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["sha256"] != hashlib.sha256(kept["card"].encode()).hexdigest():
            return None
        return pd.DataFrame(json.loads(kept["card"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep_card(path: Path, card: pd.DataFrame) -> None:
    """Write a card beside its place and move it there: a reader finds it whole or not at all.

    A card that cannot be kept (a full disk) is drawn again next time; the report goes on.
    """
    text = card.to_json(orient="records")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        store.private_folder(path.parent)
        try:
            beside.touch(mode=0o600)
            beside.write_text(
                json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest(), "card": text}), encoding="utf-8"
            )
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
