"""Finds every measure: those of this package, and those a pilot's own folder brings."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

from commissioning.errors import UsageError
from commissioning.measures.definition import Measure


def catalogue(pilot: str | None = None, *, folder: Path | str | None = None) -> dict[str, Measure]:
    """Every measure by id; with `pilot`, only those whose id begins with `<pilot>_`.

    A measure is found by being in the `MEASURES` of a module of this package, or of `measures.py` in a
    pilot's own folder. `folder` is one pilot's folder, or the folder that holds the pilots. A pilot that
    measures nothing of its own gives an empty catalogue: it may name other pilots' measures.

    Raises UsageError where two measures have one id, or a pilot's file cannot be read as measures.
    """
    found: dict[str, Measure] = {}
    for module in _package_modules():
        _add(found, getattr(module, "MEASURES", ()), module.__name__)
    for path in _own_files(folder):
        _add(found, _own_measures(path), f"{path.parent.name}/{path.name}")
    if pilot is None:
        return found
    return {id_: measure for id_, measure in found.items() if id_.startswith(f"{pilot}_")}


def _package_modules() -> list[ModuleType]:
    package = importlib.import_module("commissioning.measures")
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"commissioning.measures.{name}") for name in names if name != "catalogue"]


def _own_files(folder: Path | str | None) -> list[Path]:
    if folder is None:
        return []
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"measures: {folder.name} is not a folder; give a pilot's folder, or the folder of pilots")
    one = folder / "measures.py"
    return [one] if one.is_file() else sorted(folder.glob("*/measures.py"))


def loaded(path: Path) -> ModuleType:
    """The module of one file of a pilot's own, run from the very text that was reviewed, never from a compiled copy beside it."""
    module = ModuleType(f"commissioning_pilot_{path.parent.name}_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where a dataclass of the file looks for itself
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102
    except UsageError:
        raise
    except Exception as error:  # whatever a person may write in a file of their own
        raise UsageError(f"{path.parent.name}/{path.name}: {type(error).__name__}: {error}") from error
    return module


def _own_measures(path: Path) -> tuple[Measure, ...]:
    where = f"{path.parent.name}/{path.name}"
    measures = getattr(loaded(path), "MEASURES", None)
    if not isinstance(measures, (tuple, list)) or not measures:
        raise UsageError(f"{where}: has no measures; end it with MEASURES = (…,)")
    return tuple(measures)


def _add(found: dict[str, Measure], measures: object, where: str) -> None:
    for measure in measures:  # type: ignore[attr-defined]
        if not isinstance(measure, Measure):
            raise UsageError(f"{where}: MEASURES holds a {type(measure).__name__}; it may hold Measure only")
        if measure.id in found:
            raise UsageError(f"{where}: the id {measure.id} is taken; choose another")
        found[measure.id] = measure
