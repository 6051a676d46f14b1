"""Reads a measure's rules over a table once, and says of each row what it is.

Every later count, for any period or group, is made from these arrays, so a figure, the
table of who was left out and the rows behind a number cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from commissioning.errors import UsageError
from commissioning.measures.definition import Measure, Rule
from commissioning.measures.periods import quarter_of, year_of

PERIOD_KINDS = ("year", "quarter")
COUNTED, UNKNOWN, NOT_APPLICABLE, OUT = 0, 1, 2, 3
# What a result calls the groups of a column, where the column's own name is not the word.
GROUP_KIND = {"organisation_id": "organisation", "recipient_id": "organisation"}
PART = {COUNTED: "counted", UNKNOWN: "unknown", NOT_APPLICABLE: "not applicable", OUT: "left out"}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a measure makes of each of n rows."""

    measure: Measure
    part: np.ndarray  # int8[n]: COUNTED, UNKNOWN, NOT_APPLICABLE or OUT
    first_rule: np.ndarray  # int[n]: which population rule dropped the row; -1 where none did
    numerator: np.ndarray  # float[n]: 0/1 or an amount, 0 where the row does not count
    denominator: np.ndarray  # float[n]: 1, or out_of; 0 where the row does not count
    suppressed: np.ndarray  # bool[n]: published as suppressed


class Codes:
    """A table's columns as whole numbers, worked out once: the same text has the same number."""

    def __init__(self, table: pd.DataFrame, name: str) -> None:
        self.table = table
        self.name = name
        self._codes: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._truths: dict[int, tuple[Rule, np.ndarray]] = {}
        self._keys: dict[tuple[str, int], tuple[pd.Series, np.ndarray]] = {}

    def reading(self, measure: Measure) -> Reading:
        """What the measure makes of each row; a rule that several measures share is asked once."""
        return read(measure, self.table, self._truths)

    def of(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Codes (int[n], -1 where missing) and the values they stand for, in sorted order."""
        if column not in self._codes:
            self._codes[column] = self._factorize(self._column(column))
        return self._codes[column]

    def period(self, column: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """The same for the rows' financial year or quarter."""
        key = f"{column} as {kind}"
        if key not in self._codes:
            change = year_of if kind == "year" else quarter_of
            self._codes[key] = self._factorize(change(self._column(column)))
        return self._codes[key]

    def keys_of(self, column: str, keys: pd.Series) -> np.ndarray:
        """The record keys (person → key) of the values that the codes of a column stand for; NaN where one has none."""
        asked = (column, id(keys))
        if asked not in self._keys:  # the series is held, so that its id stays its own
            self._keys[asked] = (keys, keys.reindex(self.of(column)[1]).to_numpy(dtype=float))
        return self._keys[asked][1]

    def _column(self, column: str) -> pd.Series:
        if column not in self.table:
            raise UsageError(f"the table {self.name!r} has no column {column!r}, which a measure reads; add it")
        return self.table[column]

    @staticmethod
    def _factorize(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        codes, unique = pd.factorize(values, use_na_sentinel=True)
        unique = np.asarray(unique, dtype=object)
        names = unique.tolist()
        alike = len({type(one) for one in names}) <= 1  # then the type need not be compared again and again
        key = names.__getitem__ if alike else (lambda i: (str(type(unique[i])), unique[i]))
        order = np.array(sorted(range(len(unique)), key=key), dtype=int)
        rank = np.empty(len(unique) + 1, dtype=np.int64)
        rank[order] = np.arange(len(unique))
        rank[-1] = -1
        return rank[codes], unique[order]


def group_kind(column: str) -> str:
    """The kind of group a column makes: `organisation_id` makes `organisation`, `ward` makes `ward`."""
    return GROUP_KIND.get(column, column)


def group_column(measure: Measure, kind: str) -> str:
    """The column of the measure's table behind a kind of group; UsageError where it has no such group."""
    for column in measure.groups:
        if kind in (column, group_kind(column)):
            return column
    has = ", ".join(group_kind(column) for column in measure.groups) or "none"
    raise UsageError(f"{measure.id}: {kind!r} is no group of it; it has {has}")


def truth(
    rule: Rule, table: pd.DataFrame, measure: Measure, known: dict[int, tuple[Rule, np.ndarray]] | None = None
) -> np.ndarray:
    """A rule's answers as bool[n]; a missing answer is no. `known` keeps the answers of this table's rules."""
    if known is not None and id(rule) in known:
        return known[id(rule)][1]
    answer = _ask(rule, table, measure)
    if answer.dtype == object:
        answer = answer.map(lambda value: bool(value) if value is not None and value == value else False)
    elif answer.isna().any():
        answer = answer.fillna(False)
    told = answer.to_numpy(dtype=bool)
    if known is not None:
        known[id(rule)] = (rule, told)  # the rule is held, so that its id stays its own
    return told


def number(rule: Rule, table: pd.DataFrame, measure: Measure) -> np.ndarray:
    """A rule's amounts as float[n]; missing stays missing."""
    return pd.to_numeric(_ask(rule, table, measure), errors="coerce").to_numpy(dtype="float64", na_value=np.nan)


def _ask(rule: Rule, table: pd.DataFrame, measure: Measure) -> pd.Series:
    try:
        answer = rule.of(table)
    except KeyError as error:
        raise UsageError(
            f"{measure.id}: the rule “{rule.says}” reads the column {error.args[0]!r}, which the table "
            f"{measure.table!r} does not have; add the column to the extract or leave the measure out"
        ) from error
    if not isinstance(answer, pd.Series) or len(answer) != len(table):
        raise ValueError(f"{measure.id}: the rule “{rule.says}” must give one answer for each row")
    return answer


def read(measure: Measure, table: pd.DataFrame, known: dict[int, tuple[Rule, np.ndarray]] | None = None) -> Reading:
    """Applies the population in order, then not applicable, then unknown, then achieved or amount.

    A row whose amount or `out_of` is missing is unknown, never zero. In the published table a
    row marked suppressed is unknown here, and its figure says suppressed.
    """
    n = len(table)
    first_rule = np.full(n, -1)
    inside = np.ones(n, dtype=bool)
    for i, rule in enumerate(measure.population):
        holds = truth(rule, table, measure, known)
        first_rule[inside & ~holds] = i
        inside &= holds
    part = np.where(inside, COUNTED, OUT).astype(np.int8)
    if measure.not_applicable is not None:
        part[inside & truth(measure.not_applicable, table, measure, known)] = NOT_APPLICABLE
    if measure.unknown is not None:
        part[(part == COUNTED) & truth(measure.unknown, table, measure, known)] = UNKNOWN

    suppressed = np.zeros(n, dtype=bool)
    for column in ("numerator_status", "denominator_status"):
        if measure.table == "indicators" and column in table:
            suppressed |= table[column].eq("suppressed").to_numpy(dtype=bool)
    suppressed &= part != OUT
    part[suppressed] = UNKNOWN

    if measure.achieved is not None:
        top = truth(measure.achieved, table, measure, known).astype("float64")
    else:
        assert measure.amount is not None
        top = number(measure.amount, table, measure)
    bottom = np.ones(n) if measure.out_of is None else number(measure.out_of, table, measure)
    part[(part == COUNTED) & (np.isnan(top) | np.isnan(bottom))] = UNKNOWN
    counts = part == COUNTED
    return Reading(
        measure=measure,
        part=part,
        first_rule=first_rule,
        numerator=np.where(counts, top, 0.0),
        denominator=np.where(counts, bottom, 0.0),
        suppressed=suppressed,
    )


class _Watched(pd.DataFrame):
    """Rows that remember which of their columns were read."""

    def __getitem__(self, key: Any) -> Any:
        seen = self.__dict__.setdefault("_seen_columns", set())
        if isinstance(key, str):
            seen.add(key)
        return super().__getitem__(key)


def columns_read(rule: Rule, table: pd.DataFrame) -> frozenset[str]:
    """The columns of a table that a rule reads."""
    watched = _Watched(table.head(1))
    rule.of(watched)
    return frozenset(watched.__dict__.get("_seen_columns", ()))


class Answers:
    """Which measures of one table hold the same answer of the same rows: each gets the name of the first that does."""

    def __init__(self) -> None:
        self.known: list[tuple[str, frozenset[str], np.ndarray]] = []

    def name(self, reading: Reading, table: pd.DataFrame) -> str:
        """What a yes or no of this measure is an answer to ("goal_met"); "" for an amount.

        The same as that of an earlier measure whose rule reads a column of these, of rows that this one speaks of too.
        """
        if reading.measure.achieved is None:
            return ""
        columns, inside = columns_read(reading.measure.achieved, table), reading.part != OUT
        for name, earlier, rows in self.known:
            if columns & earlier and (inside & rows).any():
                return name
        name = " and ".join(sorted(columns))
        name += f", {reading.measure.id}" if name in {one for one, _, _ in self.known} else ""
        self.known.append((name, columns, inside))
        return name


def chosen(reading: Reading, codes: Codes, period: np.ndarray, group: np.ndarray | None) -> np.ndarray:
    """Which rows speak (bool[n]) where several share `one_row_per` in a period.

    `period` int[n] (-1: none, never chosen), `group` int[n] or None. "the latest": over all rows, whatever
    they say. "the latest that applies": rows left out never speak, and rows to which the measure
    does not apply only where no other does. "one that achieved": those that achieved come first, then
    any known row, then the latest. Among rows equally late a known answer comes before an unknown one, then
    the less favourable: the order of rows in a file does not matter.
    """
    measure = reading.measure
    dated = period >= 0
    if group is not None:
        dated = dated & (group >= 0)
    if not measure.one_row_per:
        return dated
    keys = [period] if group is None or measure.several_rows == "the latest" else [period, group]
    missing = np.zeros(len(period), dtype=bool)
    for column in measure.one_row_per:
        code, _ = codes.of(column)
        missing |= code < 0
        keys.append(code)
    key = combine(keys)
    if missing.any():  # a row that names nobody is nobody else's row
        key[missing] = key.max() + 1 + np.arange(missing.sum())
    if measure.several_rows == "the latest":
        eligible = period >= 0
        first: list[np.ndarray] = []
    else:
        eligible = dated & (reading.part != OUT)
        first = [reading.part != NOT_APPLICABLE]
        if measure.several_rows == "one that achieved":
            first += [(reading.part == COUNTED) & (reading.numerator > 0), reading.part == COUNTED]
    when, _ = codes.of(measure.period_from)
    better = reading.numerator if measure.better != "lower" else -reading.numerator
    ranks = [*first, when, -reading.part, -better]
    rows = np.flatnonzero(eligible)
    order = np.lexsort([rank[rows] for rank in reversed(ranks)] + [key[rows]])
    ordered = rows[order]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = key[ordered][1:] != key[ordered][:-1]
    speaks = np.zeros(len(period), dtype=bool)
    speaks[ordered[last]] = True
    return speaks & dated


def combine(keys: list[np.ndarray]) -> np.ndarray:
    """One whole number for each different combination of codes (each -1 or more)."""
    total = keys[0].astype(np.int64) + 1
    for key in keys[1:]:
        total = total * (int(key.max(initial=0)) + 2) + key + 1
    return total
