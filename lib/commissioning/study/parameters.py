"""What a notebook may be told, checked before anything is opened.

Papermill warns and goes on where a parameter's name is misspelt, and turns `2010_11`
into 201011. Both would evaluate the wrong thing, so both are refused here, in words.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from commissioning import pilot as pilots
from commissioning.errors import UsageError

Stage = Literal["analyse", "plan", "do", "review", "pilot", "outcomes_and_spend", "cabinet_summary", "service_reviews"]
RESTRICTED = "COMMISSIONING_RESTRICTED"
PAPERMILLS_OWN = ("PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH")  # what `papermill --inject-paths` adds
STUDY = "COMMISSIONING_STUDY"
YEAR = re.compile(r"^\d{4}-\d{2}$")
QUARTER = re.compile(r"^\d{4}-\d{2} Q[1-4]$")
AREA = re.compile(r"^[A-Z]\d{8}$")


def is_period(text: str) -> bool:
    """True for a financial year ("2014-15", second part the year after) or a quarter of one."""
    if not (YEAR.fullmatch(text) or QUARTER.fullmatch(text)):
        return False
    return (int(text[:4]) + 1) % 100 == int(text[5:7])


class Parameters(BaseModel):
    """The five parameters of every notebook. Text only: a number or True is refused, never guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    pilot: str = "learning_disability"
    period: str = "latest"
    area: str = ""
    level: str = ""
    data: str = ""

    @field_validator("period")
    @classmethod
    def _period(cls, value: str) -> str:
        if value != "latest" and not is_period(value):
            raise ValueError(
                f'write a financial year such as "2014-15", a quarter "2014-15 Q2", or "latest", not {value!r}'
            )
        return value

    @field_validator("area")
    @classmethod
    def _area(cls, value: str) -> str:
        if value and not AREA.fullmatch(value):
            raise ValueError(
                f'write an ONS code such as "E08000015", or nothing for the pilot\'s own area, not {value!r}'
            )
        return value

    @field_validator("level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value and not re.fullmatch(r"^[a-z_]+=[^=\x00-\x1f]{1,80}$", value):
            raise ValueError(f'write KIND=CODE, such as "locality=North", or nothing for the whole area, not {value!r}')
        return value


def check(**given: object) -> Parameters:
    """Parameters from what was given. Raises UsageError naming the parameter, what was found and what to write."""
    try:
        return Parameters(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise UsageError(unknown(name)) from None
        if first["type"].startswith("string"):
            raise UsageError(f"parameter {name}: {_not_text(name, given[name])}") from None
        raise UsageError(f"parameter {name}: {first['msg'].removeprefix('Value error, ')}") from None


def _not_text(name: str, value: object) -> str:
    """What to write instead of a value that is no text: nothing at all, or the same in a way that papermill leaves alone."""
    if value is None:
        return "it is empty (null): leave it out" + (", or write latest" if name == "period" else "")
    return f"{value!r} is not text. Under papermill write it with -r (raw), or in quotes within -y, so that it stays as you typed it"


def unknown(name: str) -> str:
    """One line for a parameter that does not exist, with the nearest that does."""
    known = tuple(Parameters.model_fields)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the parameters are {', '.join(known)}"
    return f"no parameter is called {name!r}: {hint}"


def refuse_unknown_injected(history: list[str]) -> None:
    """Refuse names that papermill injected but no notebook knows.

    `history` is the text of the cells run so far. Papermill starts the cell it injects
    with the comment "# Parameters"; its assignments are read, not run.
    """
    for cell in history:
        if not cell.lstrip().startswith("# Parameters\n"):
            continue
        for statement in ast.parse(cell).body:
            for target in getattr(statement, "targets", ()):
                if isinstance(target, ast.Name) and target.id not in (*Parameters.model_fields, *PAPERMILLS_OWN):
                    raise UsageError(unknown(target.id))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a report reads from: a prepared study, or a folder of extracts."""

    studies: tuple[Path, ...]
    data: Path
    restricted: bool


def place(parameters: Parameters) -> Place:
    """Where to read from. Restricted extracts are read only under `commissioning run`, or where the analyst says so.

    Raises UsageError where the folder is restricted and neither holds.
    """
    study = os.environ.get(STUDY)
    if study:
        return Place(
            studies=tuple(Path(one) for one in study.split(os.pathsep)), data=Path(parameters.data), restricted=True
        )
    sample = pilots.home() / "data" / "sample"
    if not parameters.data or Path(parameters.data).resolve() == sample.resolve():
        return Place(studies=(), data=sample, restricted=False)
    if os.environ.get(RESTRICTED) == "1":
        return Place(studies=(), data=Path(parameters.data), restricted=True)
    raise UsageError(
        f"data={parameters.data!r} may hold people's records: run it with `commissioning run --data {parameters.data}`, "
        f"or set {RESTRICTED}=1 to open it yourself in a protected place"
    )
