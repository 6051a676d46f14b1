"""What a report was made from, and what of it is no longer the same: the causes of what changed, told before the numbers.

What each published report was made from is kept with the site's restricted state, for it holds the hashes of extracts. Only
names go to a page: of files, of fields of a pilot file and their values, of what is installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commissioning import seal
from commissioning.runs.places import write_whole
from commissioning.wording import differences, written

FOLDER = "made-from"
NOT_KNOWN = "What the version before was made from is not kept here, so the causes of these changes are not known."


def made_from(
    *,
    files: Mapping[str, str],
    pilots: Mapping[str, Any],
    code: str,
    environment: Mapping[str, str],
    notebook: str,
    parameters: Mapping[str, Any],
    records: Mapping[str, str],
) -> dict[str, Any]:
    """What a report is made from: extracts and earlier stages' records by their hashes, pilot files by every value."""
    return {
        "files": dict(files),
        "pilots": {name: _values(one) for name, one in pilots.items()},
        "code": code,
        "environment": dict(environment),
        "notebook": notebook,
        "parameters": {name: str(value) for name, value in parameters.items() if name != "data"},
        "records": dict(records),
    }


def _values(pilot: Any) -> dict[str, Any]:
    """Every value of a pilot file by its place, words too."""
    found: dict[str, Any] = {}

    def flatten(place: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, one in value.items():
                flatten(f"{place}.{name}" if place else str(name), one)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, start=1):
                flatten(f"{place}.{one.get('measure') or number}", one)
        else:
            found[place] = value

    if hasattr(pilot, "model_dump"):
        flatten("", pilot.model_dump(mode="json", exclude={"folder"}))
    return found


def between(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[str]:
    """What differs, a sentence each: files, pilot files, code, what is installed, the notebook, what it was asked."""
    if before is None:
        return [NOT_KNOWN]
    try:
        return _between(before, json.loads(json.dumps(now)))
    except (KeyError, TypeError, AttributeError):
        return [NOT_KNOWN]


def _between(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = [f"The file {name} {what}." for name, what in _named(before["files"], now["files"])]
    for name in sorted({*before["pilots"], *now["pilots"]}):
        found += _of_pilot(name, before["pilots"].get(name, {}), now["pilots"].get(name, {}))
    if before["code"] != now["code"]:
        found.append("The workbench's code changed.")
    for name, words in (
        ("lock", "What is installed changed (requirements.lock)."),
        ("platform", "It ran on another kind of machine."),
    ):
        if before["environment"].get(name) != now["environment"].get(name):
            found.append(words)
    python = before["environment"].get("python"), now["environment"].get("python")
    if python[0] != python[1]:
        found.append(f"Python went from {python[0]} to {python[1]}.")
    if before["notebook"] != now["notebook"]:
        found.append("The notebook changed.")
    for name, old, new in differences(before["parameters"], now["parameters"]):
        found.append(f"The {name} asked for went from {old or 'none'} to {new or 'none'}.")
    found += [
        f"What an earlier stage handed over ({name.removesuffix('.json')}) {what}."
        for name, what in _named(before["records"], now["records"])
    ]
    return found


def _named(before: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str]]:
    changed = [(name, old, new) for name, old, new in differences(before, now)]
    return [(name, "is new" if old is None else "is gone" if new is None else "changed") for name, old, new in changed]


def _of_pilot(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Values that a claim may rest on are told old → new; of words only where they stand."""
    found, words = [], []
    for place, old, new in differences(before, now):
        first = place.partition(".")[0]
        told = not any(isinstance(one, str) and " " in one for one in (old, new))
        if told and first not in seal.NOT_SEALED_FIELDS and place not in seal.NOT_SEALED_FIELDS:
            found.append(f"pilots/{name}/pilot.toml, {place}: {written(old)} → {written(new)}.")
        else:
            words.append(place)
    if words:
        found.append(f"pilots/{name}/pilot.toml: what stands at {', '.join(words)} changed.")
    return found


def kept(state: Path, report: str) -> dict[str, Any] | None:
    """What the published version of a report was made from; None where it is not kept."""
    try:
        found = json.loads((state / FOLDER / f"{report}.json").read_text(encoding="utf-8"))
        return dict(found) if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None


def keep(state: Path, report: str, made: Mapping[str, Any]) -> None:
    """Remember what a report that is published now was made from. Raises OSError."""
    (state / FOLDER).mkdir(exist_ok=True, mode=0o700)
    write_whole(state / FOLDER / f"{report}.json", json.dumps(made, sort_keys=True), mode=0o600)
