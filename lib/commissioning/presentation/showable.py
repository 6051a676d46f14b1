"""What a display object may be given: released figures, and the few wrappers that are as safe.

A bare frame or array is refused, because nothing says that it came through disclosure control.
The door is narrow on purpose: whoever wraps a frame here declares in writing where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commissioning.errors import NotReleased
from commissioning.presentation import words

if TYPE_CHECKING:
    import pandas as pd

PERSON_COLUMNS = frozenset(
    [
        "person_id",
        "review_id",
        "enquiry_id",
        "package_id",
        "nhs_number",
        "date_of_birth",
        "dob",
        "surname",
        "forename",
        "first_name",
        "last_name",
    ]
)
THROUGH = ("released", "public", "effect", "text", "computed")
"""How a thing shown came to be allowed: the words kept in its record."""


def _is_frame(thing: object) -> bool:
    import pandas as pd

    return isinstance(thing, pd.DataFrame)


def _refuse_persons(frame: pd.DataFrame, what: str) -> None:
    found = sorted(PERSON_COLUMNS & {str(name).lower() for name in frame.columns})
    if found:
        raise NotReleased(f"{what}: holds the column {found[0]!r}; rows of persons are never shown")


@dataclass(frozen=True, kw_only=True)
class PublicFigures:
    """Published statistics: anybody may already read them, so they need no disclosure control.

    `extract` is the name by which the page's list of sources shows the file.
    """

    frame: pd.DataFrame
    source: str
    extract: str | None = None
    licence: str = ""

    def __post_init__(self) -> None:
        if not _is_frame(self.frame):
            raise NotReleased(f"public figures are a frame, not {type(self.frame).__name__}")
        _refuse_persons(self.frame, f"public figures from {self.source}")
        if not self.source.strip():
            raise ValueError("public figures: name the publication they come from in `source`")

    @property
    def figures(self) -> pd.DataFrame:
        """The frame as published."""
        return self.frame


@dataclass(frozen=True, kw_only=True)
class EffectSummary:
    """What an evaluation says of one measure: an estimate with its range, or why there is none.

    `claim` is the rung of the ladder, `wording` its sentence; `period` the quarters it rests on and `compared` who was
    compared, in words. Where `withheld` holds a reason, the
    estimate and its limits are None: an estimate stays hidden until its gates pass.
    """

    measure: str
    period: str
    design: str
    estimand: str
    estimate: float | None
    lower: float | None
    upper: float | None
    unit: str
    claim: str
    wording: str
    withheld: str | None = None
    gates: tuple[tuple[str, bool, str], ...] = ()
    compared: str = ""

    def __post_init__(self) -> None:
        if self.withheld and any(x is not None for x in (self.estimate, self.lower, self.upper)):
            raise NotReleased(f"{self.measure}: the estimate is withheld ({self.withheld}), so it may not be given")

    @property
    def figures(self) -> pd.DataFrame:
        """One row: measure, period, design, estimate, lower, upper, unit, claim, withheld, compared."""
        import pandas as pd

        names = ("measure", "period", "design", "estimate", "lower", "upper", "unit", "claim", "withheld", "compared")
        numbers = ("estimate", "lower", "upper")
        return pd.DataFrame(
            {
                name: pd.array([getattr(self, name)], dtype="Float64") if name in numbers else [getattr(self, name)]
                for name in names
            }
        )


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words from a file people wrote: pilot.toml, a log, the framework. Every cell becomes text."""

    frame: pd.DataFrame
    source: str

    def __post_init__(self) -> None:
        if not _is_frame(self.frame):
            raise NotReleased(f"words from {self.source} are a frame, not {type(self.frame).__name__}")
        _refuse_persons(self.frame, f"words from {self.source}")

    @property
    def figures(self) -> pd.DataFrame:
        """The frame with every cell as text; missing cells empty."""
        return self.frame.map(lambda cell: "" if words.missing(cell) else str(cell))


Framework = Text


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A frame worked out from things that may be shown, and nothing else: control limits, unit costs.

    `of` lists what it was worked out from, `how` says how in words.
    """

    frame: pd.DataFrame
    of: tuple[Any, ...]
    how: str

    def __post_init__(self) -> None:
        if not self.of:
            raise NotReleased("computed figures: name in `of` the released figures they were worked out from")
        for part in self.of:
            frame_of(part)
        _refuse_persons(self.frame, "computed figures")
        if not self.how.strip():
            raise ValueError("computed figures: say in `how` what was worked out")

    @property
    def figures(self) -> pd.DataFrame:
        """The frame as computed."""
        return self.frame


def _is_a(thing: object, name: str, package: str) -> bool:
    """True for instances of a class of that name in that package, without importing it."""
    return any(
        cls.__name__ == name and cls.__module__.split(".")[:2] == ["commissioning", package]
        for cls in type(thing).__mro__
    )


def frame_of(thing: object) -> tuple[pd.DataFrame, str]:
    """The frame of a thing that may be shown, and how it came to be allowed (a word of THROUGH).

    Raises errors.NotReleased for anything else: a bare frame, an array, a dictionary.
    """
    if _is_a(thing, "Released", "disclosure"):
        return thing.figures, "released"  # type: ignore[attr-defined]
    if isinstance(thing, PublicFigures):
        return thing.figures, "public"
    if isinstance(thing, EffectSummary) or _is_a(thing, "EffectSummary", "study"):
        return thing.figures, "effect"  # type: ignore[attr-defined]
    if isinstance(thing, Text):
        return thing.figures, "text"
    if isinstance(thing, Computed):
        return thing.figures, "computed"
    if _is_a(thing, "Frame", "study") and getattr(thing, "provenance", None) is not None:
        import pandas as pd

        return pd.DataFrame(thing), "computed"
    if isinstance(thing, (list, tuple)) and thing:
        import pandas as pd

        frames, ways = zip(*(frame_of(part) for part in thing), strict=True)
        word = ways[0] if len(set(ways)) == 1 else "computed"
        return pd.concat(frames, ignore_index=True), word
    raise NotReleased(
        f"a report shows released figures only, and was given {type(thing).__name__}: "
        "pass a frame of a study (study.outcomes(), …), what disclosure.release(...) returned, PublicFigures, an EffectSummary or Text"
    )
