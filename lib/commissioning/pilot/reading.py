"""A pilot read from its files and checked; a fault is told by file and field."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from commissioning import toml
from commissioning.errors import UsageError
from commissioning.pilot.part import Part
from commissioning.pilot.places import agreed_for, home, names
from commissioning.pilot.schema import Pilot


def _fault(error: ValidationError) -> str:
    """The first thing that is wrong with a pilot file, in words; a misspelt name beside the name that is missing."""
    found = error.errors()
    strange = [one for one in found if one["type"] == "extra_forbidden"]
    missing = {str(one["loc"][-1]) for one in found if one["type"] == "missing"}
    first = strange[0] if strange else found[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing: write it"
    if first["type"] != "extra_forbidden":
        says = first["msg"].removeprefix("Value error, ")
        return says if where and says.startswith(where) else f"field {where}: {says}" if where else says
    near = difflib.get_close_matches(str(first["loc"][-1]), sorted(missing | _names_of_fields()), n=1)
    return f"{where} is not a field here" + (
        f": did you mean {near[0]}?" if near else ": see docs/how-to/add-a-pilot.md"
    )


def _names_of_fields() -> set[str]:
    """Every field that a pilot file may hold, at any depth."""
    parts = [one for one in Part.__subclasses__() if one.__module__.startswith("commissioning.pilot.")]
    return {name for part in parts for name in part.model_fields}


def load(name: str, root: Path | None = None, *, sample: bool = True) -> Pilot:
    """Read and check one pilot file, with the words that were agreed: the sample's, or with `sample=False` a council's own.

    A council's own words hold before those of the pilot file, which hold before the sample's. Raises UsageError where the pilot does not exist (naming the
    nearest) or where a file breaks the rules (naming the field).
    """
    root = root or home()
    known = names(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the pilots are: {', '.join(known) or 'none yet'}"
        raise UsageError(f"no pilot is called {name!r}: {hint}")
    path = root / "pilots" / name / "pilot.toml"
    where = f"pilots/{name}/pilot.toml"
    fields = {"name": name, **_fields(path, where)}
    pilot = _checked(fields, path.parent, where)
    beside = agreed_for(name, root, sample=sample)
    if beside.is_file():
        agreed = _fields(beside, beside.relative_to(root).as_posix())
        both = _laid_over(agreed, fields) if sample else _laid_over(fields, agreed)
        pilot = _checked(both, path.parent, beside.relative_to(root).as_posix())
    if pilot.name != name:
        raise UsageError(f"{where}: name is {pilot.name!r} but its folder is {name!r}; make them one")
    return pilot


def file_saying(pilot: Pilot, field: str, word: str) -> str:
    """Which of a pilot's files says this word under this field ("floors", "design.outcomes"): the path from the checkout."""
    root = pilot.folder.parent.parent
    own = pilot.folder / "pilot.toml"
    for path in (*(agreed_for(pilot.name, root, sample=one) for one in (False, True)), own):
        name = path.relative_to(root).as_posix()
        if path.is_file() and word in repr(_fields(path, name).get(field.partition(".")[0])):
            return name
    return own.relative_to(root).as_posix()


def _fields(path: Path, where: str) -> dict[str, Any]:
    try:
        return toml.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where} is not valid TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from None


def _checked(fields: dict[str, Any], folder: Path, where: str) -> Pilot:
    try:
        pilot = Pilot(**{**fields, "folder": folder})
    except ValidationError as error:
        raise UsageError(f"{where}, {_fault(error)}") from None
    if pilot.quality.analyst == pilot.quality.assurer:
        raise UsageError(f"{where}, quality: the assurer may not be the analyst")
    return pilot


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two files as one: tables key by key, everything else as `above` says it, where it says it."""
    both = {
        name: _laid_over(below[name], above[name])
        for name in below.keys() & above.keys()
        if isinstance(below[name], dict) and isinstance(above[name], dict)
    }
    return below | above | both
