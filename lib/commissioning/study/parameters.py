"""What a notebook may be told, checked before anything is opened.

Papermill warns and goes on where a parameter's name is misspelt, and turns `2010_11`
into 201011. Both would evaluate the wrong thing, so both are refused here, in words.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from commissioning import pilot as pilots
from commissioning.errors import UsageError

Stage = Literal[
    "analyse", "plan", "do", "review", "pilot", "outcomes_and_spend", "annex", "cabinet_summary", "service_reviews"
]
RESTRICTED = "COMMISSIONING_RESTRICTED"
WHAT_IF = ("worth", "worthwhile_change", "floor", "chance_agreed", "weights")
"""Parameters that make a page a what-if: marked so, and never published."""
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
    """The five parameters of every notebook, and those that make it a what-if.

    Text only: a number or True is refused, never guessed; save where a number is all that may be meant, as in a what-if.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    pilot: str = "learning_disability"
    period: str = "latest"
    area: str = ""
    level: str = ""
    data: str = ""
    worth: str = ""
    worthwhile_change: str = ""
    floor: str = ""
    chance_agreed: str = ""
    weights: str = ""

    @property
    def what_if(self) -> dict[str, Any]:
        """The settings to try, by name: a number, or a number for each measure or criterion. Empty for a page of what was agreed."""
        return {name: _setting(getattr(self, name)) for name in WHAT_IF if getattr(self, name).strip()}

    @field_validator(*WHAT_IF, mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    @field_validator(*WHAT_IF)
    @classmethod
    def _settings(cls, value: str) -> str:
        if value.strip() and _setting(value) is None:
            raise ValueError(
                f'write a number such as "500", or one for each, such as "learning_disability_own_goal_met=500; …", not {value!r}'
            )
        return value

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


def _setting(text: str) -> float | dict[str, float] | None:
    """A number, or a number by name ("cost=3; outcome gap=1"); None for anything else."""
    try:
        if "=" not in text:
            return float(text)
        parts = [one.rpartition("=") for one in text.split(";") if one.strip()]
        return {name.strip(): float(number) for name, _, number in parts}
    except ValueError:
        return None


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


def refuse_unknown_injected(history: list[str], given: Collection[str] = Parameters.model_fields) -> None:
    """Refuse names that papermill injected and no notebook knows, or that this one does not pass on (`given`).

    `history` is the text of the cells run so far. Papermill starts the cell it injects
    with the comment "# Parameters"; its assignments are read, not run.
    """
    for cell in history:
        if not cell.lstrip().startswith("# Parameters\n"):
            continue
        for statement in ast.parse(cell).body:
            for target in getattr(statement, "targets", ()):
                if not isinstance(target, ast.Name) or target.id in PAPERMILLS_OWN:
                    continue
                if target.id not in Parameters.model_fields:
                    raise UsageError(unknown(target.id))
                if target.id in WHAT_IF and target.id not in given:
                    raise UsageError(
                        f"parameter {target.id}: nothing on this notebook's page rests on it; it is one of the review's or the plan's"
                    )


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
    data = Path(parameters.data) if parameters.data else sample
    if pilots.is_sample(data):
        return Place(studies=(), data=data, restricted=False)
    if os.environ.get(RESTRICTED) == "1":
        return Place(studies=(), data=Path(parameters.data), restricted=True)
    raise UsageError(
        f"data={parameters.data!r} may hold people's records: run it with `commissioning run --data {parameters.data}`, "
        f"or set {RESTRICTED}=1 to open it yourself in a protected place"
    )
