"""What of a notebook's outputs may be saved: the text of the sample's figures, as `make notebooks` stored it, and nothing else.

A cell's outputs stay where they are those that were stored: whatever was worked out from a council's own rows is not, so it never
reaches a file that git tracks. Pictures, HTML and its style sheet are drawn again whenever a cell runs, and are not stored.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from typing import Any

TEXT_ONLY = "COMMISSIONING_TEXT_ONLY"
"""Set where notebooks run to be stored, or to be held against what is stored: displays then give no HTML."""
KEPT = ("text/plain", "application/vnd.commissioning.display+json")
DRAWN = ("svg", "png")  # of a record: the picture itself
OURS, STORED = "commissioning", "stored"  # where in a notebook's metadata the digests stand
LENGTH = 16


def text_only() -> bool:
    """Whether displays give their text alone."""
    return bool(os.environ.get(TEXT_ONLY))


def reduced(output: dict[str, Any]) -> dict[str, Any]:
    """One output without what is drawn anew: pictures, HTML, counts and metadata."""
    out = {name: value for name, value in output.items() if name not in ("execution_count", "metadata", "transient")}
    if "data" in out:
        out["data"] = {name: undrawn(value) for name, value in out["data"].items() if name in KEPT}
        out["metadata"] = {}
    if out.get("output_type") == "execute_result":
        out["execution_count"] = None
    return out


def undrawn(value: Any) -> Any:
    """A record without the picture in it; whatever else it is, as it is."""
    return {name: one for name, one in value.items() if name not in DRAWN} if isinstance(value, dict) else value


def digest(outputs: list[dict[str, Any]]) -> str:
    """A short hash of a cell's outputs as they are stored."""
    plain = json.loads(json.dumps([_joined(reduced(one)) for one in outputs]))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:LENGTH]


def _joined(output: dict[str, Any]) -> dict[str, Any]:
    """Text as one piece, however a file splits it into lines."""
    whole: dict[str, Any] = {
        name: "".join(one) if name == "text" and isinstance(one, list) else one for name, one in output.items()
    }
    if "data" in whole:
        data = whole["data"].items()
        whole["data"] = {
            name: "".join(one) if name.startswith("text/") and isinstance(one, list) else one for name, one in data
        }
    return whole


def remember(notebook: Any) -> None:
    """Write into a notebook's metadata which outputs are stored: done by `make notebooks`, on the sample, and by nothing else."""
    for cell in _code(notebook):
        cell["outputs"] = [_as_stored(one, cell) for one in cell["outputs"]]
    found = sorted({digest(cell["outputs"]) for cell in _code(notebook) if cell["outputs"]})
    notebook["metadata"][OURS] = {STORED: found}


def without_others(notebook: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
    """A copy of a notebook with none but stored outputs, and the places of the cells whose outputs were others."""
    made = copy.deepcopy(notebook)
    known = set(((made.get("metadata") or {}).get(OURS) or {}).get(STORED) or ())
    lost = []
    made.get("metadata", {}).pop("widgets", None)  # what widgets show is saved apart from cells
    for place, cell in enumerate(made.get("cells", [])):
        if cell.get("cell_type") != "code":
            continue
        outputs = cell.get("outputs") or []
        if outputs and digest(outputs) not in known:
            lost.append(place)
            outputs = []
        cell["outputs"] = [_as_stored(one, cell) for one in outputs]
    for number, cell in enumerate(_code(made), start=1):
        cell["execution_count"] = number if cell["outputs"] else None
        for one in cell["outputs"]:
            if one.get("output_type") == "execute_result":
                one["execution_count"] = number
    return made, lost


def _as_stored(output: Any, cell: Any) -> Any:
    """An output as it is stored, of the same kind of mapping as it was given."""
    kept = type(output)(reduced(output))
    if kept.get("output_type") == "execute_result":
        kept["execution_count"] = cell.get("execution_count")
    return kept


def _code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.get("cells", []) if cell.get("cell_type") == "code"]
