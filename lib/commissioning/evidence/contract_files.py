"""Contracts as TOML files that a person can read: the house's own, the published formats', and those a pilot brings.

A file says what `contracts.Contract` holds, one `[columns.<name>]` a column, with a few shorter ways of writing: `words` (the
words of a category) and `also` (what else is taken for one of them), `blank` (what an empty cell means), `unknown`,
`suppressed` and `not_applicable` (lists of words that mean so), `marks` ("bracketed" or "in place": the marks of official
statistics), and "any" for a limit of days that there is none of.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from commissioning import toml
from commissioning.errors import UsageError
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.shorthand import BRACKETED, IN_PLACE

MARKS = {"bracketed": BRACKETED, "in place": IN_PLACE}
STATUSES = ("unknown", "suppressed", "not applicable")
SHORT = ("words", "also", "blank", "marks", *(one.replace(" ", "_") for one in STATUSES))
NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


def read(path: Path, where: str = "") -> Contract:
    """The contract of a file. Raises UsageError naming the file (as `where`), the column and the key that is wrong."""
    where = where or path.name
    try:
        document = toml.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where} is not valid TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from None
    columns = document.pop("columns", {})
    if not isinstance(columns, dict) or not columns or not all(isinstance(one, dict) for one in columns.values()):
        raise UsageError(f"{where} has no columns: write [columns.<name>] for each")
    _known(document, {one.name for one in fields(Contract)} - {"columns"}, where)
    for name in (str(document.get("table", "")), *columns):
        if not NAME.fullmatch(name):
            raise UsageError(
                f"{where}: “{name}” is no name for a table or column: small letters, digits and _, such as home_visits"
            )
    made = [_column(name, own, f"{where}, column {name}") for name, own in columns.items()]
    for one in document.get("within", []):
        if isinstance(one, dict):
            _any_is_none(one, "before", "after")
    try:
        return _adapter().validate_python({**document, "columns": made})
    except ValidationError as error:
        raise UsageError(f"{where}: {_fault(error, list(columns))}") from None


@cache
def _adapter() -> TypeAdapter[Contract]:
    return TypeAdapter(Contract)


def _column(name: str, own: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A column's keys as `Column` names them."""
    _known(own, {one.name for one in fields(Column)} - {"name", "missing", "categories"} | set(SHORT), where)
    left = {key: value for key, value in own.items() if key not in SHORT}
    words, also, marks = own.get("words", []), own.get("also", {}), own.get("marks", "")
    meanings = {status: own.get(status.replace(" ", "_"), []) for status in STATUSES}
    lists = {"words": words, **meanings}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise UsageError(f"{where}: {key.replace(' ', '_')} must be a list of words in quotes")
    if marks and marks not in MARKS:
        raise UsageError(f"{where}: marks must be one of: {', '.join(MARKS)}; not {marks!r}")
    missing = {word: status for status, said in meanings.items() for word in said}
    if "blank" in own:
        missing = {"": own["blank"], **missing}
    _any_is_none(left, "ahead")
    return {
        **left,
        "name": name,
        "missing": {**missing, **MARKS.get(marks, {})},
        "categories": {**dict(zip(words, words, strict=True)), **also} if isinstance(also, dict) else also,
    }


def _known(given: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in given:
        if key not in keys:
            near = difflib.get_close_matches(key, sorted(keys), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(sorted(keys))}"
            raise UsageError(f"{where}: {key} is not a key here: {hint}")


def _any_is_none(given: dict[str, Any], *keys: str) -> None:
    """TOML has no word for "no limit"."""
    for key in keys:
        if given.get(key) == "any":
            given[key] = None


def _fault(error: ValidationError, columns: list[str]) -> str:
    """The first thing that is wrong, in words, with its column by name."""
    first = error.errors()[0]
    parts = [str(one) or "blank" for one in first["loc"] if one not in ("missing", "categories")]
    if parts[:1] == ["columns"] and len(parts) > 2:
        parts = [f"column {columns[int(parts[1])]}", *parts[2:]]
    says = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        return f"{', '.join(parts)} is missing: write it"
    return f"{', '.join(parts)}: {says}" if parts else says
