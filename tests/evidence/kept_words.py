"""What intake said of every small file of these tests, kept to be read: a change of one word shows as a change here.

The tests hold what must be true of an input; `kept_words.json` holds the whole of what a user would read, and a hash of the rows
that were accepted (see `Kept` in `tests/conftest.py`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pandas as pd

KEPT = Path(__file__).with_suffix(".json")
MOST = 30  # a test that takes in more folders than this holds a property, not a case


def told(intake: Any, folders: tuple[str, ...]) -> dict[str, Any]:
    """All that a user is told of a folder, and how many rows of what each table holds."""
    rows = {name: rows_of(intake.tables, name) for name in intake.tables}
    return said(intake, folders) | ({"rows": rows} if rows else {})


def said(intake: Any, folders: tuple[str, ...]) -> dict[str, Any]:
    """All that a user is told of a folder, with the folders of this run named alike on every machine."""
    files = []
    for one in intake.files:
        entry = {key: value for key, value in one.as_json().items() if value not in (None, [], {}, "")}
        entry |= {"code": one.code, "contract": one.contract}
        entry["quarantine"] = entry.get("quarantine", [])[:MOST]
        if one.loaded is not None:
            entry |= {"notes": list(one.loaded.notes), "pence_residue": str(one.loaded.rounding_residue_pence)}
            entry |= {"findings": [str(each) for each in one.loaded.findings]}
        files.append({key: value for key, value in entry.items() if value not in (None, [], "", "0")})
    made = {
        "files": files,
        "findings": [" | ".join(filter(None, astuple(one))) for one in intake.findings],
        "refusal": intake.refusal(),
    }
    text = json.dumps({key: value for key, value in made.items() if value}, ensure_ascii=False)
    text = text.encode("utf-8", "replace").decode()  # a file's name may hold bytes that are no text
    for folder in folders:
        text = text.replace(json.dumps(folder, ensure_ascii=False)[1:-1], "FOLDER")
    found: dict[str, Any] = json.loads(text)
    return found


def rows_of(tables: Any, name: str) -> str:
    """How many rows a table has, and a hash of what stands in them."""
    frame = tables[name]
    text = frame.to_csv(index=False) + str(list(map(str, frame.dtypes)))
    return f"{len(frame)} rows, {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def columns_of(frame: Any) -> dict[str, str]:
    """Each column's type and a hash of what stands in it: for tables too long to be written out."""
    made = {"rows": str(len(frame))}
    for name, column in frame.items():
        hashed = pd.util.hash_pandas_object(column, index=False).to_numpy()
        made[str(name)] = f"{column.dtype}, {hashlib.sha256(hashed.tobytes()).hexdigest()[:12]}"
    return made
