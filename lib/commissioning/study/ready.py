"""Where what was worked out of a prepared study is kept: beside the study, by its bytes, the period and the code.

Nothing here holds a row. Whatever reads it needs neither tables nor results.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

FOLDER = "ready"
RESTRICTED = frozenset({"tables", "results.parquet", "breakdowns.parquet", "record_keys.parquet", "account.json"})
"""Parts of a study that hold rows of people, results before disclosure control, record keys or the exact account of files: no notebook of a run reads them."""
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "diff-diff")
NOT_IN_KEY = frozenset({"runs", "presentation", "simulate"})


@cache
def code() -> str:
    """Hash of the code that works anything out, and of the libraries that it works with."""
    found = hashlib.sha256(platform.python_version().encode())
    for library in LIBRARIES:
        found.update(f"{library} {metadata.version(library)}".encode())
    package = Path(__file__).parents[1]
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.toml")]):
        if path.relative_to(package).parts[0] not in NOT_IN_KEY:
            found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def folder(study: Path, until: str) -> Path:
    """Where it is kept for the end of a period ("" for all that is held)."""
    made = hashlib.sha256(f"{code()} {until}".encode())
    for name in ("study.json", "seal.json"):
        path = study / name
        made.update(path.read_bytes() if path.is_file() else b"")
    return study / FOLDER / f"{until.replace(' ', '-') or 'latest'}-{made.hexdigest()[:16]}"


def name_of(what: str, *depends: Any) -> str:
    """A file name for one thing that was worked out, by what it depends on."""
    text = json.dumps(depends, sort_keys=True, default=str)
    return f"{what}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


def read(path: Path) -> Any:
    """What is kept; None where there is nothing, or it is broken or cut short."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["made"] if kept["sha256"] == _sum(kept["made"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(path: Path, made: Any) -> None:
    """Write it beside its place and move it there, so that a reader finds it whole. Raises OSError where it cannot be kept."""
    from commissioning.evidence import store  # which loads pandas: whoever only asks what may be read does without

    store.private_folder(path.parent.parent)
    store.private_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.touch(mode=0o600)
        beside.write_text(json.dumps({"sha256": _sum(made), "made": made}), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _sum(made: Any) -> str:
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def shown_parts(study: Path) -> tuple[Path, ...]:
    """The parts of a study that a notebook of a run may read."""
    return tuple(one for one in sorted(study.iterdir()) if one.name not in RESTRICTED)
