"""The seal of the sample: it needs no ledger, and holds for the sample's very bytes alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commissioning import clock, toml
from commissioning.pilot import Pilot
from commissioning.seal.values import digest, is_newer_gate, values
from commissioning.wording import differences

SAMPLE = "seals.toml"


def of_sample(pilot: Pilot, area: str, sample: Path, data: str, primary: Collection[str] = ()) -> dict[str, Any]:
    """What is sealed of illustrative extracts: the seal beside the sample, for its very bytes (`data`) and area alone."""
    now = values(pilot, primary)
    seals = []
    try:
        held = toml.loads((sample / SAMPLE).read_text(encoding="utf-8")).get(pilot.name, {})
    except (OSError, ValueError):
        held = {}
    if held and held.get("data") == data and held.get("area") == area and digest(held["values"]) == held["sha256"]:
        one = {"hash": held["sha256"], "read_before": [], "read_through": ""}
        seals.append({name: held[name] for name in ("by", "on", "sha256", "values")} | one)
    other = {
        place: new
        for one in seals
        for place, _, new in differences(one["values"], now)
        if not is_newer_gate(place, one["values"])
    }
    changed = [{"values": other, "on": _written_on(pilot)}] if other else []
    held = {"seals": seals, "changed": changed, "read": {}, "problem": "", "altered": ""}
    return {"values": now, "illustrative": True, **held}


def _written_on(pilot: Pilot) -> str:
    """The day on which a pilot file was last written: beside the sample no ledger says since when it is other."""
    try:
        written = (pilot.folder / "pilot.toml").stat().st_mtime
    except OSError:
        return ""
    return clock.day_of(datetime.fromtimestamp(written, UTC)).isoformat()


def sample_entry(pilot: Pilot, by: str, on: str, area: str, data: str, primary: Collection[str]) -> str:
    """The lines of `SAMPLE` for one pilot."""
    sealed = values(pilot, primary)
    facts = {"by": by, "on": on, "area": area, "data": data, "sha256": digest(sealed)}
    lines = [f"[{pilot.name}]", *(f"{name} = {json.dumps(value)}" for name, value in facts.items())]
    lines += [
        "",
        f"[{pilot.name}.values]",
        *(f"{json.dumps(place)} = {json.dumps(one)}" for place, one in sealed.items()),
    ]
    return "\n".join(lines) + "\n"
