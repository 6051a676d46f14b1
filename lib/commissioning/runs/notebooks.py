"""The registry of notebooks: which may run, and what each may be told.

A notebook runs only if it stands in `notebooks/` under a known name, or in its pilot's own folder; never by a path that somebody
typed. On a council's own extracts only what was reviewed runs (see `review`); on the illustrative sample the rest is named.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError
from commissioning.runs import review
from commissioning.wording import nearest

SHARED_STAGES = ("analyse", "plan", "do", "review")
ACROSS_PILOTS = ("cabinet_summary", "service_reviews")
ANNEX = "annex"
"""What stands behind all pages of a pilot: one page a pilot and run, which each pilot shares."""
SAFE = re.compile(r"^[a-z0-9_-]+$")
PLAIN_TYPES: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """One notebook that may be run."""

    path: Path
    name: str  # `1_analyse`, `cabinet_summary`, `implications`
    stage: str  # analyse, plan, do, review, pilot, annex, cabinet_summary, service_reviews
    pilot: str  # the pilot it belongs to; empty where every pilot shares it
    sha256: str  # of its cells' sources, outputs apart
    parameters: dict[str, tuple[str, Any]]  # name → type word, default
    reviewed: bool = True  # False: edited since its review, or never reviewed


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file. Raises UsageError."""
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["cells"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"notebook {path.name} cannot be read: {type(error).__name__}") from None


def source(cell: dict[str, Any]) -> str:
    """The text of a cell."""
    held = cell.get("source", "")
    return "".join(held) if isinstance(held, list) else str(held)


def tags(cell: dict[str, Any]) -> list[str]:
    """The tags of a cell."""
    return list((cell.get("metadata") or {}).get("tags", []))


def source_hash(path: Path) -> str:
    """SHA-256 of what a reviewer reads: the kind, tags and source of each cell, not its outputs."""
    parts = [[cell.get("cell_type"), source(cell), sorted(tags(cell))] for cell in cells(path)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def parsed(text: str) -> ast.Module:
    """The syntax tree of Python source. Raises SyntaxError.

    Tried again where Python 3.11 lost count of its own depth, which happens when memory is collected meanwhile
    (github.com/python/cpython/issues/106905): the source is sound then, and the next try succeeds.
    """
    for _ in range(5):
        with contextlib.suppress(SystemError):
            return ast.parse(text)
    return ast.parse(text)


def declared_parameters(path: Path) -> dict[str, tuple[str, Any]]:
    """Names, types and defaults in the cell tagged `parameters`, read without running it.

    Raises UsageError where the cell holds more than assignments of plain values.
    """
    found: dict[str, tuple[str, Any]] = {}
    for cell in cells(path):
        if "parameters" not in tags(cell):
            continue
        try:
            statements = parsed(source(cell)).body
        except SyntaxError:
            raise UsageError(f"notebook {path.name}: its parameters cell is not valid Python") from None
        for statement in statements:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name, value, word = statement.target.id, statement.value, ast.unparse(statement.annotation)
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name, value, word = statement.targets[0].id, statement.value, ""
            else:
                continue
            try:
                default = None if value is None else ast.literal_eval(value)
            except ValueError:
                raise UsageError(f"notebook {path.name}: parameter {name} needs a plain value as default") from None
            found[name] = (word or type(default).__name__, default)
    return found


def validate(notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
    """Parameters checked strictly against the notebook's own cell: names and types, nothing converted.

    Raises UsageError naming the parameter, what was found and what to write.
    """
    from pydantic import ConfigDict, ValidationError, create_model

    for name in given:
        if name not in notebook.parameters:
            hint = nearest(name, notebook.parameters, f"it takes {', '.join(notebook.parameters) or 'none'}")
            raise UsageError(f"notebook {notebook.name} has no parameter {name!r}: {hint}")
    fields: dict[str, Any] = {
        name: (PLAIN_TYPES.get(word, Any), default) for name, (word, default) in notebook.parameters.items()
    }
    model = create_model("Parameters", __config__=ConfigDict(extra="forbid", strict=True), **fields)
    try:
        model(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        word = notebook.parameters[name][0]
        raise UsageError(f"parameter {name} of {notebook.name} is {word}, not {given[name]!r}") from None
    for name, value in given.items():
        if isinstance(value, str) and "\x00" in value:
            raise UsageError(f"parameter {name} of {notebook.name} holds a NUL character")
    return dict(given)


def _read(path: Path, *, stage: str, pilot: str) -> Notebook:
    if not SAFE.fullmatch(path.stem):
        raise UsageError(f"notebook {path.name!r}: name it with lower-case letters, digits, _ and - only")
    return Notebook(
        path=path,
        name=path.stem,
        stage=stage,
        pilot=pilot,
        sha256=source_hash(path),
        parameters=declared_parameters(path),
    )


def registry(root: Path, pilots: tuple[str, ...], *, illustrative: bool = False) -> list[Notebook]:
    """Every notebook that may run: shared stages, each pilot's own, those across pilots; in the order they run.

    Raises UsageError for a symbolic link that leads out of the checkout, an unreadable notebook, or, unless the data are
    `illustrative`, one whose hash is not in the record of reviews, and where nothing was recorded at all.
    """
    found: list[Notebook] = []
    folder = root / "notebooks"
    for path in sorted(folder.glob("*.ipynb")):
        stage = re.sub(r"^\d+_", "", path.stem)
        if stage in (*SHARED_STAGES, *ACROSS_PILOTS, ANNEX):
            found.append(_read(_inside(path, root), stage=stage, pilot=""))
    for pilot in pilots:
        for path in sorted((root / "pilots" / pilot).glob("*.ipynb")):
            found.append(_read(_inside(path, root), stage="pilot", pilot=pilot))
    order = {stage: place for place, stage in enumerate((*SHARED_STAGES, "pilot", ANNEX, *ACROSS_PILOTS))}
    found.sort(key=lambda one: (order[one.stage], one.pilot, one.name))
    known = reviewed(root)
    checked = [replace(one, reviewed=known.get(one.path.relative_to(root).as_posix()) == one.sha256) for one in found]
    if not known and not illustrative:
        raise UsageError(
            f"no notebook was reviewed here ({review.place(root).name} is missing or empty): on own extracts only reviewed code "
            f"runs; read the notebooks, then record the review with `{review.RECORD}`"
        )
    for one in checked:
        if not one.reviewed and not illustrative:
            name = one.path.relative_to(root).as_posix()
            what = "was edited after its review" if name in known else "has not been reviewed"
            raise UsageError(
                f"notebook {name} {what}: it runs on the sample only; read it, then record the review with "
                f"`{review.RECORD}`"
            )
    return checked


def _inside(path: Path, root: Path) -> Path:
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"notebook {path.name} is a link to a file outside the workbench: it is not run")
    return path


def reviewed(root: Path) -> dict[str, str]:
    """Hashes of the notebooks as they were reviewed; empty where none is recorded."""
    return review.read(root).get("notebooks", {})


def record_review(root: Path, pilots: tuple[str, ...]) -> Path:
    """Write the hashes of all notebooks, pilots' code and the library as they stand: what a reviewer does after reading them."""
    paths = [*sorted((root / "notebooks").glob("*.ipynb"))]
    for pilot in pilots:
        paths += sorted((root / "pilots" / pilot).glob("*.ipynb"))
    lines = [
        "# Hashes of what was reviewed: the notebooks' cells (outputs apart), the pilots' own code, the library.",
        f"# On own extracts `commissioning run` refuses any other. Renew it with: {review.RECORD}",
        "",
    ]
    lines += ["[notebooks]", *(f'"{one.relative_to(root).as_posix()}" = "{source_hash(one)}"' for one in paths), ""]
    lines += review.lines(root, pilots)
    target = review.place(root)
    target.write_text("\n".join(lines), encoding="utf-8")
    return target


if __name__ == "__main__":
    from commissioning import pilot as _pilots

    print(record_review(_pilots.home(), _pilots.names()))
