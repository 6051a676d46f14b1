"""Frames that know what they rest on: pandas DataFrames whose provenance goes with them, or is dropped rather than made up.

    early = study.outcomes().query("period < '2013-14'")
    early.provenance.measures

Provenance stays through whatever is made of one frame (selecting, filtering, sorting, renaming, assigning, grouping, reshaping), and
through `concat` and `merge` of frames that all have it. Together with a frame that has none it is lost, and `cm.show` says so.
Columns that an analyst worked out or typed stay, and are known as theirs: a page names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.core.generic import NDFrame


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a frame rests on. Two of them joined with `|` are what both rest on.

    says        what it holds, in words
    tables      what its figures are: "released figures", "effects", or the published table by its name
    measures    ids of the measures it shows, and `titles` their titles by id
    extracts    the files behind it, as a page's list of sources names them; `source` who published them
    states      of its released figures: provisional, final, corrected
    illustrative   True for made-up extracts, as the sample's are
    agreed      False where a measure or parameter in it is an analyst's own try
    whole       what a caption says of figures of the whole area, where a part of it is open
    worked_out  columns that an analyst assigned
    numbers     every number it was made with: any other is the analyst's
    """

    says: str
    tables: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    extracts: tuple[str, ...] = ()
    source: str = ""
    states: tuple[str, ...] = ()
    illustrative: bool = False
    agreed: bool = True
    whole: tuple[str, ...] = ()
    worked_out: tuple[str, ...] = ()
    numbers: frozenset[float] = field(default=frozenset(), repr=False)

    def __or__(self, other: Provenance) -> Provenance:
        if self is other or self == other:
            return self

        def both(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(dict.fromkeys((*mine, *theirs)))

        return Provenance(
            says="; ".join(both((self.says,), (other.says,))),
            tables=both(self.tables, other.tables),
            measures=both(self.measures, other.measures),
            titles=both(self.titles, other.titles),
            extracts=both(self.extracts, other.extracts),
            source="; ".join(both(tuple(filter(None, (self.source,))), tuple(filter(None, (other.source,))))),
            states=both(self.states, other.states),
            illustrative=self.illustrative or other.illustrative,
            agreed=self.agreed and other.agreed,
            whole=both(self.whole, other.whole),
            worked_out=both(self.worked_out, other.worked_out),
            numbers=self.numbers | other.numbers,
        )


class _Carries:
    """What a frame and a column of it have in common: provenance that goes along, or is dropped."""

    provenance: Provenance | None

    def __finalize__(self, other: Any, method: str | None = None, **kwargs: Any) -> Any:
        before = self.provenance
        made = super().__finalize__(other, method=method, **kwargs)  # type: ignore[misc]
        if isinstance(other, NDFrame):
            found = joined((before, getattr(other, "provenance", None)))
        elif hasattr(other, "input_objs"):  # concat, merge
            found = joined(getattr(one, "provenance", None) for one in other.input_objs)
        else:
            found = before
        object.__setattr__(made, "provenance", found)
        return made


def joined(every: Iterable[Provenance | None]) -> Provenance | None:
    """What all of them rest on; None where one rests on nothing that is known."""
    held = list(every)
    if not held or any(one is None for one in held):
        return None
    return reduce(Provenance.__or__, held)  # type: ignore[arg-type]


class Values(_Carries, pd.Series):
    """One column of a frame, with its provenance."""

    _metadata: ClassVar[list[str]] = ["_name", "provenance"]
    provenance: Provenance | None = None

    @property
    def _constructor(self) -> Callable[..., Values]:
        return partial(_with, Values, self.provenance)

    @property
    def _constructor_expanddim(self) -> Callable[..., Frame]:
        return partial(_with, Frame, self.provenance)


class Frame(_Carries, pd.DataFrame):
    """A pandas DataFrame that carries its `provenance` (None where it was lost). `why`: why it has no rows, in a sentence.

    Made by the methods of a study; everything that pandas can do with a DataFrame can be done with it.
    """

    _metadata: ClassVar[list[str]] = ["provenance"]
    provenance: Provenance | None = None

    @property
    def _constructor(self) -> Callable[..., Frame]:
        return partial(_with, Frame, self.provenance)

    @property
    def _constructor_sliced(self) -> Callable[..., Values]:
        return partial(_with, Values, self.provenance)

    @property
    def why(self) -> str:
        """Why there are no rows; "" where there are some, or nobody said."""
        return str(self.attrs.get("why", "")) if self.empty else ""

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self._mark(key)

    def update(self, other: Any, *args: Any, **kwargs: Any) -> None:
        super().update(other, *args, **kwargs)
        self.provenance = joined((self.provenance, getattr(other, "provenance", None)))

    def combine(self, other: Any, *args: Any, **kwargs: Any) -> Frame:
        out = super().combine(other, *args, **kwargs)
        out.provenance = joined((self.provenance, getattr(other, "provenance", None)))
        return out

    def combine_first(self, other: Any) -> Frame:
        out = super().combine_first(other)
        out.provenance = joined((self.provenance, getattr(other, "provenance", None)))
        return out

    def _mark(self, key: Any) -> None:
        """Note that an analyst worked out these columns."""
        if self.provenance is None:
            return
        names = key if isinstance(key, (list, pd.Index)) else [key]
        named = [str(one) for one in names if isinstance(one, (str, int, float, tuple)) and one in self.columns]
        marked = tuple(dict.fromkeys((*self.provenance.worked_out, *named)))
        self.provenance = replace(self.provenance, worked_out=marked)

    def _repr_html_(self) -> str | None:
        from commissioning.presentation import notebook_table, stored

        return None if stored.text_only() else notebook_table.plain_html(self, self.why)

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.why}" if self.why else super().__repr__()


def _with(kind: type, provenance: Provenance | None, *args: Any, **kwargs: Any) -> Any:
    """What pandas makes of one frame: whatever is taken from another as well is asked for its provenance in `__finalize__`."""
    made = kind(*args, **kwargs)
    object.__setattr__(made, "provenance", provenance)
    return made


def made(frame: pd.DataFrame, provenance: Provenance, why: str = "") -> Frame:
    """A frame with its provenance. `why`: a sentence that says why it has no rows, where it has none."""
    out = Frame(frame.reset_index(drop=True))
    if out.empty and why:
        out.attrs["why"] = why
    known = replace(provenance, numbers=frozenset(numbers_of(out)))
    object.__setattr__(out, "provenance", known)
    return out


def numbers_of(frame: pd.DataFrame) -> set[float]:
    """Every number in a frame, to nine figures."""
    found: set[float] = set()
    for place in range(frame.shape[1]):
        found.update(_numbers(frame.iloc[:, place]))
    return found


def _numbers(column: pd.Series) -> list[float]:
    if pd.api.types.is_bool_dtype(column):
        return []
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.Series([one for one in column if isinstance(one, (int, float, np.number)) and one is not True])
    held = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return [float(f"{one:.9g}") for one in held[np.isfinite(held)]]


def analysts_own(frame: Frame) -> tuple[str, ...]:
    """The columns that an analyst worked out or typed: those assigned, and those with a number that no released figure is."""
    provenance = frame.provenance
    assert provenance is not None
    found = []
    for place, name in enumerate(frame.columns):
        if str(name) in provenance.worked_out or not provenance.numbers.issuperset(_numbers(frame.iloc[:, place])):
            found.append(str(name))
    return tuple(dict.fromkeys(found))
