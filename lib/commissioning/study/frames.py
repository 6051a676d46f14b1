"""Frames that know what they rest on: pandas DataFrames whose provenance goes with them, or is dropped rather than made up.

It stays through whatever is made of one frame, and through `concat` and `merge` of frames that all have it. Together with a frame
that has none it is lost, and `cm.show` says so. Columns that an analyst worked out or typed are known as theirs: a page names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.core.generic import NDFrame
from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy

from commissioning.study import traced


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
    made        the frames as they were made, by which any other cell is known as the analyst's
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
    made: tuple[traced.Source, ...] = field(default=(), repr=False)

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
            made=both(self.made, other.made),
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

    def sum(self, *args: Any, skipna: bool = False, **kwargs: Any) -> Any:
        """As pandas adds up, save that a sum with a part that is hidden or not known is missing."""
        return super().sum(*args, skipna=skipna, **kwargs)  # type: ignore[misc]

    def cumsum(self, *args: Any, skipna: bool = False, **kwargs: Any) -> Any:
        """As `sum`."""
        return super().cumsum(*args, skipna=skipna, **kwargs)  # type: ignore[misc]

    def groupby(self, *args: Any, **kwargs: Any) -> Any:
        """Groups whose sums are as `sum` has them."""
        return _strict(super().groupby(*args, **kwargs))  # type: ignore[misc]

    def describe(self, *args: Any, **kwargs: Any) -> Any:
        """As of pandas, with provenance."""
        return self._mine(super().describe(*args, **kwargs))  # type: ignore[misc]

    def value_counts(self, *args: Any, **kwargs: Any) -> Any:
        """As of pandas, with provenance."""
        return self._mine(super().value_counts(*args, **kwargs))  # type: ignore[misc]

    def explode(self, *args: Any, **kwargs: Any) -> Any:
        """As of pandas, with provenance."""
        return self._mine(super().explode(*args, **kwargs))  # type: ignore[misc]

    def _mine(self, made: Any) -> Any:
        """What pandas made of this alone, and forgot to say."""
        out = made if isinstance(made, _Carries) else (Frame if made.ndim == 2 else Values)(made)
        object.__setattr__(out, "provenance", self.provenance)
        return out

    def _mark(self, names: Iterable[Any], value: Any = None) -> None:
        """Note that an analyst worked out these columns, from a value that may rest on something too."""
        if self.provenance is None:
            return
        other = getattr(value, "provenance", None)
        of = self.provenance if other is None else self.provenance | other
        object.__setattr__(
            self, "provenance", replace(of, worked_out=tuple(dict.fromkeys((*of.worked_out, *map(str, names)))))
        )


class _Strict:
    """Groups of a frame of ours, and of a column of it."""

    def sum(self, *args: Any, skipna: bool = False, **kwargs: Any) -> Any:
        return super().sum(*args, skipna=skipna, **kwargs)  # type: ignore[misc]

    def cumsum(self, *args: Any, skipna: bool = False, **kwargs: Any) -> Any:
        return super().cumsum(*args, skipna=skipna, **kwargs)  # type: ignore[misc]

    def _gotitem(self, *args: Any, **kwargs: Any) -> Any:
        return _strict(super()._gotitem(*args, **kwargs))  # type: ignore[misc]


class _StrictFrames(_Strict, DataFrameGroupBy):
    pass


class _StrictColumns(_Strict, SeriesGroupBy):
    pass


def _strict(groups: Any) -> Any:
    groups.__class__ = _StrictFrames if isinstance(groups, DataFrameGroupBy) else _StrictColumns
    return groups


def _marking(name: str) -> property:
    """`loc`, `iloc`, `at` or `iat`, which marks the columns that are set through it."""
    kind = type(getattr(pd.DataFrame(), name))

    class Marks(kind):  # type: ignore[misc, valid-type]
        def __setitem__(self, key: Any, value: Any) -> None:
            super().__setitem__(key, value)
            self.obj._mark(_set_columns(self.obj, name, key), value)

    return property(lambda self: Marks(name, self))


def _set_columns(held: Any, name: str, key: Any) -> Iterable[Any]:
    if held.ndim == 1:
        return [held.name]
    if not isinstance(key, tuple) or len(key) != 2 or held.index.nlevels > 1:
        return list(held.columns)
    one = [key[1]] if pd.api.types.is_scalar(key[1]) or isinstance(key[1], tuple) else key[1]
    none = pd.DataFrame(held.iloc[:0])
    return list((none.loc if name in ("loc", "at") else none.iloc)[:, one].columns)


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
        names = key if isinstance(key, (list, pd.Index)) else [key]
        self._mark([one for one in names if isinstance(one, (str, int, float, tuple)) and one in self.columns], value)

    def insert(self, loc: int, column: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        super().insert(loc, column, value, *args, **kwargs)
        self._mark([], value)  # pandas itself inserts an index so: what is typed is found by its cells

    def isetitem(self, loc: Any, value: Any) -> None:
        super().isetitem(loc, value)
        self._mark(self.columns[np.atleast_1d(loc)], value)

    def melt(self, *args: Any, **kwargs: Any) -> Frame:
        """As of pandas; where a column is called "value", what was melted is called "Value"."""
        if "value" in self.columns and "value" not in kwargs.get("id_vars", ()):
            kwargs.setdefault("value_name", traced.VALUE)
        return self._mine(super().melt(*args, **kwargs))

    def pivot_table(self, *args: Any, **kwargs: Any) -> Frame:
        """As of pandas, with provenance where it adds margins too."""
        return self._mine(super().pivot_table(*args, **kwargs))

    def missing(self, name: Any) -> list[str]:
        """Of each row, why the figure in a column is missing: hidden, not known, …; "hidden or not known" where nobody can say; "" of one
        that is there."""
        of = self.provenance
        if of is None or name not in self.columns:
            return [""] * len(self)
        flat, parts = traced.flattened(self, of.made)
        place = flat.shape[1] - self.shape[1] + list(self.columns).index(name)
        found = traced.trace(flat, parts, of.made).instead
        return [found.get((row, place), "") for row in range(len(self))]

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

    def _repr_html_(self) -> str | None:
        from commissioning.presentation import notebook_table, stored

        return None if stored.text_only() else notebook_table.plain_html(self, self.why)

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.why}" if self.why else super().__repr__()


for _name in ("loc", "iloc", "at", "iat"):
    setattr(_Carries, _name, _marking(_name))


def _with(kind: type, provenance: Provenance | None, *args: Any, **kwargs: Any) -> Any:
    """What pandas makes of one frame: whatever is taken from another as well is asked for its provenance in `__finalize__`."""
    made = kind(*args, **kwargs)
    object.__setattr__(made, "provenance", provenance)
    return made


def made(frame: pd.DataFrame, provenance: Provenance, why: str = "", flags: pd.DataFrame | None = None) -> Frame:
    """A frame with its provenance. `why`: a sentence that says why it has no rows, where it has none; `flags`: a frame of the same
    rows, whose columns that end in "hidden" say which cells are."""
    out = Frame(frame.reset_index(drop=True))
    if out.empty and why:
        out.attrs["why"] = why
    known = pd.DataFrame(out)
    beside = (
        known.iloc[:, :0]
        if flags is None
        else flags.filter(regex="^hidden$|_hidden$").drop(columns="why_hidden", errors="ignore").reset_index(drop=True)
    )
    source = traced.Source(known.copy(), beside[beside.columns.difference(known.columns)])
    if not provenance.agreed:
        traced.TRIED.append(source)
    object.__setattr__(out, "provenance", replace(provenance, made=(source,)))
    return out
