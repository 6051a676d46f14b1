"""From a number back to its rows, who was left out, and the panel that effects are estimated on.

Restricted, as results are: these frames hold rows, and nothing of them may be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from commissioning.errors import DataRefused, UsageError
from commissioning.measures.definition import Measure
from commissioning.measures.reading import (
    COUNTED,
    NOT_APPLICABLE,
    OUT,
    PART,
    PERIOD_KINDS,
    UNKNOWN,
    Codes,
    Reading,
    chosen,
    combine,
    group_column,
)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One table read by one measure, cut to a period and a group."""

    reading: Reading
    codes: Codes
    period: np.ndarray
    labels: np.ndarray
    speaks: np.ndarray
    inside: np.ndarray  # rows of the period and group, whether they speak or not


def _look(
    measure: Measure,
    table: pd.DataFrame,
    *,
    period: str | None,
    group: tuple[str, str] | None,
    kind: str | None = None,
    codes: Codes | None = None,
) -> _Look:
    if table is None or table.empty:
        raise DataRefused(f"{measure.id}: the table {measure.table} holds no rows, so nothing can be counted")
    codes = codes or Codes(table, measure.table)
    reading = codes.reading(measure)
    kind = kind or ("quarter" if period is not None and " Q" in period else "year")
    when, labels = codes.period(measure.period_from, kind)
    group_codes: np.ndarray | None = None
    inside = np.ones(len(table), dtype=bool)
    if group is not None and group[0] != "all":
        column = group_column(measure, group[0])
        group_codes, _ = codes.of(column)
        inside &= table[column].eq(group[1]).fillna(False).to_numpy(dtype=bool)
    if period is not None:
        found = np.flatnonzero(labels == period)
        inside &= (when == found[0]) if len(found) else False
    speaks = chosen(reading, codes, when, group_codes)
    return _Look(reading=reading, codes=codes, period=when, labels=labels, speaks=speaks, inside=inside)


def left_out(
    measure: Measure,
    table: pd.DataFrame,
    *,
    period: str | None = None,
    group: tuple[str, str] | None = None,
    codes: Codes | None = None,
) -> pd.DataFrame:
    """Who was left out, in the measure's own words: columns `says`, `rows`, `part`, in order; they add up.

    Without `period` each row is taken within its own financial year. `part` is "no date", "another
    row speaks", "left out", "not applicable", "unknown" or "counted". `codes`: `Codes` of the same table, where several
    measures of it are asked about. Raises DataRefused where the table holds no rows.
    """
    lines, of = clauses(measure, table, period=period, group=group, codes=codes)
    return lines.assign(rows=np.bincount(of[of >= 0], minlength=len(lines)))[["says", "rows", "part"]]


def clauses(
    measure: Measure,
    table: pd.DataFrame,
    *,
    period: str | None = None,
    group: tuple[str, str] | None = None,
    codes: Codes | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The lines of `left_out` (columns `says`, `part`), and for each of n rows the place of its line; −1 for a row asked nothing of."""
    look = _look(measure, table, period=period, group=group, codes=codes)
    part, first_rule = look.reading.part, look.reading.first_rule
    inside = look.inside
    undated = inside & (look.period < 0)
    silent = inside & ~undated & ~look.speaks
    if measure.several_rows != "the latest":  # those rows never competed: their own rule left them out
        silent &= part != OUT
    rest = inside & ~undated & ~silent
    lines: list[tuple[str, str, np.ndarray]] = [("no date", f"no date in {measure.period_from}", undated)]
    if measure.one_row_per:
        lines.append(("another row speaks", f"counted once: {measure.one_row_is}", silent))
    for i, rule in enumerate(measure.population):
        lines.append(("left out", f"not: {rule.says}", rest & (part == OUT) & (first_rule == i)))
    if measure.not_applicable is not None:
        lines.append(("not applicable", measure.not_applicable.says, rest & (part == NOT_APPLICABLE)))
    says = measure.unknown.says if measure.unknown is not None else "a figure is missing"
    lines.append(("unknown", says, rest & (part == UNKNOWN)))
    lines.append(("counted", measure.one_row_is, rest & (part == COUNTED)))
    of = np.full(len(table), -1)
    for at, (_, _, rows) in enumerate(lines):
        of[rows] = at
    return pd.DataFrame([line[:2] for line in lines], columns=["part", "says"])[["says", "part"]], of


def rows_behind(
    measure: Measure,
    table: pd.DataFrame,
    group: tuple[str, str] | None = None,
    period: str | None = None,
) -> pd.DataFrame:
    """The rows behind one figure: `source_file`, `source_row`, `part`, `numerator`, `denominator`.

    `group` is (kind, value), as in `results`; None for all. The sums of `numerator` and `denominator` are those of
    `results` for the same group and period. Restricted, as results are.
    """
    look = _look(measure, table, period=period, group=group)
    rows = np.flatnonzero(look.inside & look.speaks & (look.reading.part != OUT))
    lacking = [name for name in ("source_file", "source_row") if name not in table]
    if lacking:
        raise UsageError(f"{measure.id}: the table {measure.table} has no column {lacking[0]}, so rows cannot be found")
    return pd.DataFrame(
        {
            "source_file": table["source_file"].to_numpy(dtype=object)[rows],
            "source_row": table["source_row"].to_numpy(dtype=object)[rows],
            "part": [PART[int(p)] for p in look.reading.part[rows]],
            "numerator": look.reading.numerator[rows],
            "denominator": look.reading.denominator[rows],
        }
    )


def cells(
    measure: Measure,
    table: pd.DataFrame,
    by: Sequence[str] | str,
    *,
    time: str = "quarter",
    people: bool = False,
    codes: Codes | None = None,
) -> pd.DataFrame:
    """A panel for effects: one row for each unit and period, or with `people` for each row that counts.

    `by`: columns that name the unit (["ward"]); they may be any columns of the table. `time`: "quarter" or
    "year". Columns: those of `by`, `period`, `numerator`, `denominator`, `value` (per x numerator /
    denominator; a plain sum has value = numerator and no denominator), `unknown`, `rows`; with `people`, `by`,
    `period`, `person` (None where rows name nobody), `numerator`, `denominator`, `value` for each row whose
    answer is known. Sorted by unit and period. A unit without a known row in a period has no row.
    Raises DataRefused where the table has no rows or no row counts; UsageError for a column it lacks.
    """
    units = [by] if isinstance(by, str) else list(by)
    lacking = [name for name in units if table is not None and name not in table]
    if lacking:
        raise UsageError(f"{measure.id}: the table {measure.table} has no column {lacking[0]!r} to split by")
    if time not in PERIOD_KINDS:
        raise UsageError(f"time: {time!r} is not a kind of period; write 'year' or 'quarter'")
    look, rows = _speaking(measure, table, units, time, codes)
    plain_sum = measure.out_of is None and measure.amount is not None
    long = pd.DataFrame({name: table[name].to_numpy(dtype=object)[rows] for name in units})
    long["period"] = look.labels[look.period[rows]]
    long["numerator"] = look.reading.numerator[rows]
    long["denominator"] = look.reading.denominator[rows]
    long["unknown"] = (look.reading.part[rows] == UNKNOWN).astype(int)
    if people:
        long["person"] = None if measure.person is None else table[measure.person].to_numpy(dtype=object)[rows]
        long = long[long["unknown"].eq(0)].drop(columns="unknown")
    else:
        long["rows"] = 1 - long["unknown"]
        long = long.groupby([*units, "period"], as_index=False, sort=True).sum()
        long = long[long["rows"].gt(0)]
    bottom = long["denominator"].where(long["denominator"].gt(0))
    long["value"] = long["numerator"] * 1.0 if plain_sum else measure.per * long["numerator"] / bottom
    if plain_sum:
        long["denominator"] = np.nan
    first = [*units, "period", *(["person"] if people else []), "numerator", "denominator", "value"]
    return long[[*first, *(name for name in long if name not in first)]].sort_values(
        [*units, "period"], kind="stable", ignore_index=True
    )


def _speaking(
    measure: Measure, table: pd.DataFrame, units: list[str], time: str, codes: Codes | None
) -> tuple[_Look, np.ndarray]:
    """The table as the measure reads it, and the places of the rows that speak for a unit in a period."""
    look = _look(measure, table, period=None, group=None, kind=time, codes=codes)
    speaks = look.speaks
    if units and measure.several_rows != "the latest":
        parts = [look.codes.of(name)[0] for name in units]
        unit = np.where(np.min(parts, axis=0) < 0, -1, combine(parts))
        speaks = chosen(look.reading, look.codes, look.period, unit)
    rows = np.flatnonzero(speaks & np.isin(look.reading.part, (COUNTED, UNKNOWN)))
    if not (look.reading.part[rows] == COUNTED).any():
        raise DataRefused(f"{measure.id}: no row of {measure.table} counts, so there is nothing to compare")
    return look, rows


def counted_rows(measure: Measure, table: pd.DataFrame, unit: str, codes: Codes | None = None) -> pd.DataFrame:
    """The rows of `cells(…, people=True)` that name a unit, in the same order, for an estimator.

    Columns `unit`, `period`, `value` and `person` (a number for each, −1 where rows name nobody). Unit and period are
    categories, as the table's codes already hold them: no text is sorted or compared.
    """
    if unit not in table:
        raise UsageError(f"{measure.id}: the table {measure.table} has no column {unit!r} to split by")
    look, rows = _speaking(measure, table, [unit], "quarter", codes)
    unit_codes, names = look.codes.of(unit)
    rows = rows[(look.reading.part[rows] == COUNTED) & (unit_codes[rows] >= 0)]
    rows = rows[np.lexsort((look.period[rows], unit_codes[rows]))]
    top, bottom = look.reading.numerator[rows], look.reading.denominator[rows]
    if measure.out_of is None and measure.amount is not None:
        share = top * 1.0
    else:
        share = measure.per * top / np.where(bottom > 0, bottom, np.nan)
    return pd.DataFrame(
        {
            unit: pd.Categorical.from_codes(unit_codes[rows], names),
            "period": pd.Categorical.from_codes(look.period[rows], look.labels, ordered=True),
            "value": share,
            "person": -1 if measure.person is None else look.codes.of(measure.person)[0][rows],
        }
    )
