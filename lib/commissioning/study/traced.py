"""Where each cell of a frame is from: which are figures as released, which the analyst's own, and why a missing one is missing.

A frame as a study made it is kept beside whatever pandas makes of it (`Source`). A cell stands in a source where the words of its row
and of its column's name do: so pivoted, joined, filtered and renamed figures are found, and one typed in another's place is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from numbers import Real

import numpy as np
import pandas as pd

from commissioning.errors import UsageError
from commissioning.presentation import columns, numbers
from commissioning.wording import missing

FIGURES = ("value", "lower", "upper", "numerator", "denominator", "unknown", "number", "estimate")
LIMITS = {"lower": "no range", "upper": "no range"}
MAYBE = "hidden or not known"
ENDLESS = "no figure"
UNNAMED = ("index", "variable", "level_0", "level_1", "level_2")
"""How pandas calls a column that nobody named; `FIGURE` where it holds names of columns, else `ROW`."""
FIGURE, ROW, VALUE = "Figure", "Row", "Value"
HIDDEN = "hidden"
_MOST_DECIMALS = 3
_TELLING = 10


def is_number(cell: object) -> bool:
    """True for a number that is there; yes and no are words."""
    return isinstance(cell, (Real, Decimal)) and not isinstance(cell, bool) and not missing(cell)


@dataclass(frozen=True, eq=False)
class Source:
    """A frame as a study made it. `flags`: columns that say which of its cells were hidden, and are not in it."""

    frame: pd.DataFrame
    flags: pd.DataFrame

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """Each column's numbers, NaN elsewhere."""
        return {
            str(name): np.array([float(one) if is_number(one) else np.nan for one in self.frame[name]])
            for name in self.frame
        }

    @cached_property
    def words(self) -> dict[str, dict[str, np.ndarray]]:
        """Each column's words, each with the rows that hold it."""
        found = {}
        for name in self.frame:
            cells = np.array(
                ["" if missing(one) or is_number(one) else str(one) for one in self.frame[name]], dtype=object
            )
            found[str(name)] = {one: cells == one for one in set(cells) - {""}}
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of its cells, and the names of its columns."""
        return frozenset(self.numbers).union(*self.words.values())

    @cached_property
    def whys(self) -> dict[str, np.ndarray]:
        """Each column's words for what is missing; "" where a cell is there."""
        whole, found = pd.concat([self.frame, self.flags], axis=1), {}
        for name in map(str, self.frame):
            told = (
                whole if name in FIGURES else whole.drop(columns="status", errors="ignore")
            )  # it is said of the figure alone
            said = columns.instead(told, columns.Column(name=name, label="", missing=LIMITS.get(name, "")))
            there = [not missing(cell) for cell in self.frame[name]]
            found[name] = np.where(there, "", np.array(said, dtype=object)) if there else np.array([], dtype=object)
        return found

    @cached_property
    def hides(self) -> bool:
        """True where any cell was hidden."""
        return any(str(one).startswith(HIDDEN) for column in self.whys.values() for one in column)

    @cached_property
    def _rows(self) -> dict[frozenset[str], np.ndarray]:
        return {}

    def holding_words(self, words: frozenset[str]) -> np.ndarray:
        """The rows that hold these words, as far as the source knows them: of several in one column, either."""
        if words not in self._rows:
            found = np.ones(len(self.frame), dtype=bool)
            for held in self.words.values():
                if mine := words & held.keys():
                    found &= np.logical_or.reduce([held[one] for one in mine])
            self._rows[words] = found
        return self._rows[words]

    def holding(self, value: float, rows: np.ndarray, names: Iterable[str]) -> list[str]:
        """Those of these columns in which a number stands in one of these rows, as it is or rounded."""
        places = next((n for n in range(_MOST_DECIMALS + 1) if round(value, n) == value), None)
        near = max(1e-9 * abs(value), 0.0 if places is None else 0.5 * 10.0**-places + 1e-9)
        return [name for name in names if (np.abs(self.numbers[name][rows] - value) <= near).any()]


TRIED: list[Source] = []
"""What this session worked out that nobody agreed: a figure that was copied from it by hand is known again."""


@dataclass
class Trace:
    """What is known of a frame's columns, in their order, and of its missing cells.

    own      a cell or the name is the analyst's; `strange` a word of it stands nowhere in the sources; `tried` it is copied from
             figures that nobody agreed
    instead  (row, column) → the words for a missing number, where the sources can say
    """

    own: list[bool] = field(default_factory=list)
    strange: list[bool] = field(default_factory=list)
    tried: bool = False
    instead: dict[tuple[int, int], str] = field(default_factory=dict)


def flattened(frame: pd.DataFrame, sources: Sequence[Source]) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """A frame whose index became columns, and of each column the words that its name is made of. Numbers that merely count the rows
    are left out. Raises UsageError for two columns of one name."""
    frame = pd.DataFrame(frame)
    index, names, cells = frame.index, [], []
    for level, name in enumerate(index.names):
        held = index.get_level_values(level)
        if name is not None or not pd.api.types.is_integer_dtype(held):
            names.append(name)
            cells.append(held)
    names += list(frame.columns)
    cells += [frame.iloc[:, place] for place in range(frame.shape[1])]
    parts, called = [], []
    for name, held in zip(names, cells, strict=True):
        words = tuple(
            str(one) for one in (name if isinstance(name, tuple) else (name,)) if not missing(one) and one != ""
        )
        if not words or words[0] in UNNAMED:
            of_columns = all(any(str(one) in source.numbers for source in sources) for one in held)
            words = (FIGURE if of_columns else ROW,)
        elif len(names) > len(frame.columns) and words == ("0",):
            words = (VALUE,)  # a column that lost its name, beside an index that says what it holds
        parts.append(words)
        called.append(" ".join(words))
    if twice := [one for one in called if called.count(one) > 1]:
        raise UsageError(f"two columns are called {twice[0]!r}: rename one of them (an index is named by rename_axis)")
    made = {name: pd.Series(list(held), dtype=object) if isinstance(held.dtype, pd.CategoricalDtype) else pd.Series(held.array)
            for name, held in zip(called, cells, strict=True)}  # fmt: skip
    return pd.DataFrame(made), parts


def trace(frame: pd.DataFrame, parts: Sequence[tuple[str, ...]], sources: Sequence[Source]) -> Trace:
    """Follow each cell of a frame without an index of its own. `parts`: of each column, the words that its name is made of."""
    out = Trace()
    cells = [list(frame.iloc[:, place]) for place in range(frame.shape[1])]
    said = [frozenset(str(column[row]) for column in cells if _is_word(column[row])) for row in range(len(frame))]
    for place, (column, name) in enumerate(zip(cells, parts, strict=True)):
        numbers_in = {row: float(cell) for row, cell in enumerate(column) if is_number(cell)}
        endless = {row for row, value in numbers_in.items() if np.isinf(value)}
        within = [_Within(one, said, name) for one in sources]
        within = [one for one in within if one.named] or within
        kept = [one.follow({row: value for row, value in numbers_in.items() if row not in endless}) for one in within]
        failing = {
            value for row, value in numbers_in.items() if row not in endless and not any(row in rows for rows in kept)
        }
        strange = any(_is_word(cell) and not any(str(cell) in one.vocabulary for one in sources) for cell in column)
        for row in (row for row, cell in enumerate(column) if missing(cell)):
            out.instead[row, place] = _instead(row, within)
        out.instead |= dict.fromkeys(((row, place) for row in endless), ENDLESS)
        out.own.append(bool(failing or endless) or strange or _counts(name, sources))
        out.strange.append(strange)
        out.tried = out.tried or _is_tried(failing)
    return out


def _is_word(cell: object) -> bool:
    return not (missing(cell) or is_number(cell) or cell == "")


def _is_tried(failing: set[float]) -> bool:
    """True where these numbers stand in one column of what was tried, and are not so small that they stand anywhere."""
    columns_of = (set(column) for one in TRIED for column in one.numbers.values())
    return max(failing, default=0) >= _TELLING and any(failing <= column for column in columns_of)


def _counts(name: tuple[str, ...], sources: Sequence[Source]) -> bool:
    """True for a column's name with a number that no source has in words."""
    new = [one.replace("_", " ") for one in name if not any(one in source.vocabulary for source in sources)]
    return any(numbers.tokens(one) or numbers.years(one) for one in new)


class _Within:
    """Where in one source the cells of a column may stand: in rows with the same words, and in the columns that its name says."""

    def __init__(self, source: Source, said: Sequence[frozenset[str]], name: tuple[str, ...]) -> None:
        self.source, self.said = source, said
        self.words = source.vocabulary.intersection(name) - source.numbers.keys()
        self.by_name = [one for one in name if one in source.numbers]
        self.named = bool(self.by_name) or all(self.by_row(row) for row in range(len(said)))
        self.names = self.by_name or list(source.numbers)

    def by_row(self, row: int) -> list[str]:
        """The columns that a row of a melted or stacked frame names."""
        return [one for one in self.said[row] if one in self.source.numbers]

    def at(self, row: int) -> tuple[np.ndarray, list[str]]:
        """The rows and the columns of the source in which the cell of a row may stand."""
        rows = self.source.holding_words(self.said[row] | self.words if self.words else self.said[row])
        return rows, self.names if self.by_name else self.by_row(row) or self.names

    def follow(self, values: dict[int, float]) -> set[int]:
        """The rows whose number stands in the source: in one column of it, which is then the one that it is a renamed copy of."""
        held = {row: set(self.source.holding(value, *self.at(row))) for row, value in values.items()}
        found = {row for row, names in held.items() if names}
        if not self.named and found:
            same = set.intersection(*(held[row] for row in found))
            self.names = [one for one in self.names if one in same] or self.names
            return found if same else set()
        return found


def _instead(row: int, within: Sequence[_Within]) -> str:
    """Why a number is missing: what its sources say of it, "hidden or not known" where they do not agree, "" where none says."""
    found = set()
    told = any(one.said[row] or one.words for one in within)
    for one in within:
        rows, names = one.at(row)
        found |= {str(why) for name in names for why in one.source.whys[name][rows] if why}
    sure = all(one.named or len(one.names) == 1 for one in within)
    if len(found) == 1 and told and (sure or found == {HIDDEN}):
        return found.pop()
    return MAYBE if any(one.source.hides for one in within) else ""
