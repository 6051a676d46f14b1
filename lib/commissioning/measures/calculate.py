"""Counts: every measure, for every period and group, by one formula.

Value = per x sum of numerator / sum of denominator over the rows that speak (definition.Measure).
Results are restricted: nothing here may be shown before disclosure control.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from commissioning.errors import UsageError
from commissioning.measures import derive, keyed
from commissioning.measures.definition import Measure
from commissioning.measures.describe import card_json as card
from commissioning.measures.reading import (
    COUNTED,
    NOT_APPLICABLE,
    OUT,
    PERIOD_KINDS,
    UNKNOWN,
    Answers,
    Codes,
    Reading,
    chosen,
    combine,
    group_kind,
)
from commissioning.measures.rows import cells, clauses, counted_rows, left_out, rows_behind

__all__ = [
    "COLUMNS",
    "Codes",
    "card",
    "cells",
    "clauses",
    "counted_rows",
    "left_out",
    "missing",
    "results",
    "rows_behind",
    "table_for",
]

Tables = Mapping[str, pd.DataFrame]
NO_PERIOD = ""
COLUMNS = [
    "measure",
    "pilot",
    "area",
    "group_kind",
    "group",
    "period",
    "numerator",
    "denominator",
    "value",
    "unknown",
    "not_applicable",
    "people",
    "status",
    "public",
    "kind",
    "spend_scope",
    "behind_are_people",
    "answer",
    *keyed.KEYED,
]
WHOLE = ("unknown", "not_applicable", "people")


def table_for(measure: Measure, tables: Tables) -> pd.DataFrame | None:
    """The rows a measure's rules read, made from the evidence tables; None where one is missing or empty.

    Give it every table of `derive.needs(measure.table)`, and give `cells`, `left_out` and `rows_behind`
    this frame, not the bare evidence table.
    """
    return derive.table_for(measure.table, tables)


def missing(measures: Iterable[Measure] | Mapping[str, Measure], tables: Tables) -> dict[str, str]:
    """Measures that cannot be counted from these tables, by id, with the plain reason."""
    reasons: dict[str, str] = {}
    fits: dict[str, bool] = {}
    for measure in _each(measures):
        for name in derive.must_have(measure.table):
            if tables.get(name) is None:
                reasons[measure.id] = f"there is no extract of {name}"
            elif tables[name].empty:
                reasons[measure.id] = f"the extract of {name} holds no rows"
        if measure.id in reasons:
            continue
        if measure.table not in fits:
            fits[measure.table] = table_for(measure, tables) is not None
        if not fits[measure.table]:
            reasons[measure.id] = f"no rows of {' and '.join(derive.must_have(measure.table))} fit together"
    return reasons


def results(
    measures: Iterable[Measure] | Mapping[str, Measure],
    tables: Tables,
    *,
    pilot: str,
    area: str,
    periods: Iterable[str] | None = None,
    by: Sequence[str] = PERIOD_KINDS,
    group_kinds: Iterable[str] | None = None,
    codes: dict[str, Codes | None] | None = None,
    keys: pd.Series | None = None,
) -> pd.DataFrame:
    """One row for each measure, group and period: the frame `Results` of the architecture page.

    `tables`: evidence by name. `periods`: only these years ("2014-15") and quarters ("2014-15 Q1"); all where
    None. `by`: "year", "quarter". `group_kinds`: only these (and always "all"), such as "ward" or "organisation"; each
    measure's own `groups` where None. Columns: see `COLUMNS`. `answer`: what a yes or no is an answer to, the same for all measures
    that hold the same answer of the same rows. `numerator` and `denominator` (Float64) are of rows whose
    answer is known; `unknown` and `not_applicable` count rows apart; `people` counts different people in the
    denominator (where organisations stand behind an amount: different organisations that add to it), missing where rows name nobody.
    `behind_are_people`: whether it is people that stand behind. `status`: "known"; "suppressed" as published; "unknown" where no
    row is known, then numerator and value are missing and never 0; "not applicable" where it applies to
    no row. A plain sum (`amount` without `out_of`) has no denominator. `kind` is "count" or "amount".

    A measure whose extract is missing or empty gives one row with status "unknown" for each of `periods`
    (period "" where None): see `missing`. Published indicators: "all" is the area, other areas are groups
    of kind "area_code".
    `codes`: an empty dict that is filled with the tables as read, for more questions of them.
    `keys`: person → record key (`disclosure.keys.record_keys`); then the columns `keyed.KEYED` say who is counted, as sums
    of record keys of different people: of all whom the cell speaks of, of each count, and what the largest add to an amount.
    Record keys are missing without `keys`, and where rows name no person; what the largest add is known of organisations too.
    Raises UsageError for an unknown kind of period or group, or a rule whose column is not there.
    """
    listed = _each(measures)
    unknown_kinds = [kind for kind in by if kind not in PERIOD_KINDS]
    if unknown_kinds:
        raise UsageError(f"by: {unknown_kinds[0]!r} is not a kind of period; write 'year' or 'quarter'")
    wanted = None if periods is None else list(dict.fromkeys(periods))
    kinds = None if group_kinds is None else [kind for kind in dict.fromkeys(group_kinds) if kind != "all"]
    if kinds is not None:
        possible = {group_kind(column) for measure in listed for column in measure.groups}
        strange = [kind for kind in kinds if kind not in possible]
        if strange:
            raise UsageError(
                f"group_kinds: {strange[0]!r} is no group of these measures; they have {', '.join(sorted(possible))}"
            )
    cache: dict[str, Codes | None] = {} if codes is None else codes
    answers: dict[str, Answers] = {}
    frames: list[pd.DataFrame] = []
    for measure in listed:
        if measure.table not in cache:
            table = table_for(measure, tables)
            cache[measure.table] = None if table is None else Codes(table, measure.table)
        read = cache[measure.table]
        asked = answers.setdefault(measure.table, Answers())
        made = [] if read is None else list(_figures(measure, read, asked, area=area, by=by, kinds=kinds, keys=keys))
        counted = pd.concat(made, ignore_index=True) if made else pd.DataFrame()
        if wanted is not None and len(counted):
            counted = counted[counted["period"].isin(wanted)]
        there = set(counted["period"]) if len(counted) else set()
        lacking = [NO_PERIOD] if wanted is None and not there else [p for p in wanted or () if p not in there]
        # A quarter asked of a measure that has years only is no gap.
        if lacking and (not there or read is not None):
            lacking = [p for p in lacking if _could_hold(measure, read, p, by)]
        frames.extend([counted, _nothing_known(measure, lacking)])
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return _typed(pd.DataFrame(columns=COLUMNS))
    whole = pd.concat(frames, ignore_index=True)
    whole["pilot"] = pilot
    whole["area"] = area
    return _typed(whole[COLUMNS])


def _each(measures: Iterable[Measure] | Mapping[str, Measure]) -> list[Measure]:
    return list(measures.values()) if isinstance(measures, Mapping) else list(measures)


def _could_hold(measure: Measure, codes: Codes | None, period: str, by: Sequence[str]) -> bool:
    if period == NO_PERIOD:
        return True
    kind = "quarter" if " Q" in period else "year"
    if kind not in by:
        return False
    return codes is None or kind == "year" or len(codes.period(measure.period_from, "quarter")[1]) > 0


def _nothing_known(measure: Measure, periods: Sequence[str]) -> pd.DataFrame:
    n = len(periods)
    return pd.DataFrame(
        {
            "measure": [measure.id] * n,
            "group_kind": "all",
            "group": "all",
            "period": list(periods),
            "numerator": np.nan,
            "denominator": np.nan,
            "value": np.nan,
            "unknown": 0.0,
            "not_applicable": 0.0,
            "people": np.nan,
            "status": "unknown",
            **keyed.without(n),
            "answer": "",
            **_of_measure(measure),
        }
    )


def _of_measure(measure: Measure) -> dict[str, object]:
    return {
        "public": measure.table == "indicators",
        "kind": "count" if measure.achieved is not None else "amount",
        "spend_scope": measure.spend_scope,
        "behind_are_people": measure.stands_behind == "people",
    }


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(
        ("numerator", "denominator", "value", *keyed.KEYED), "Float64"
    )
    frame = frame.astype(dict.fromkeys(types, "float64")).astype(types)
    flags = ("public", "behind_are_people")
    return frame.assign(**{name: frame[name].astype(bool) for name in flags})


def _figures(
    measure: Measure,
    codes: Codes,
    answers: Answers,
    *,
    area: str,
    by: Sequence[str],
    kinds: list[str] | None,
    keys: pd.Series | None,
) -> Iterable[pd.DataFrame]:
    reading = codes.reading(measure)
    # Negative controls stand on no page, so they take no figure from the measure whose column they read too.
    holds = measure.person is not None and not measure.is_control
    answer = answers.name(reading, codes.table) if holds else ""
    groups = measure.groups if kinds is None else tuple(g for g in measure.groups if group_kind(g) in kinds)
    published = measure.table == "indicators"
    for period_kind in by:
        period, labels = codes.period(measure.period_from, period_kind)
        if not len(labels):
            continue
        everybody = chosen(reading, codes, period, None)
        if published:
            everybody = everybody & codes.table["area_code"].eq(area).to_numpy(dtype=bool)
        yield _summed(reading, codes, everybody, period, labels, "all", None, None, keys).assign(answer=answer)
        for column in groups:
            group, names = codes.of(column)
            within = chosen(reading, codes, period, group)
            one = _summed(reading, codes, within, period, labels, group_kind(column), group, names, keys)
            yield one.assign(answer=answer)


def _summed(
    reading: Reading,
    codes: Codes,
    speaks: np.ndarray,
    period: np.ndarray,
    labels: np.ndarray,
    kind_of_group: str,
    group: np.ndarray | None,
    names: np.ndarray | None,
    keys: pd.Series | None,
) -> pd.DataFrame:
    measure = reading.measure
    rows = np.flatnonzero(speaks & (reading.part != OUT))
    width = 1 if names is None else len(names)
    cell = period[rows] * width + (0 if group is None else group[rows])
    size = len(labels) * width
    part = reading.part[rows]

    def count(of: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(cell[of], weights=None if weights is None else weights[of], minlength=size)

    counted = part == COUNTED
    known = count(counted)
    numerator = count(counted, reading.numerator[rows])
    denominator = count(counted, reading.denominator[rows])
    unknown, not_applicable = count(part == UNKNOWN), count(part == NOT_APPLICABLE)
    suppressed = count(reading.suppressed[rows]) > 0
    people, who = _who(reading, codes, rows, cell, size, keys)

    plain_sum = measure.out_of is None and measure.amount is not None
    ok = (known > 0) & (plain_sum | (denominator > 0))
    status = np.where(
        suppressed & ~ok,
        "suppressed",
        np.where(ok, "known", np.where((unknown > 0) | (known > 0), "unknown", "not applicable")),
    )
    numerator = np.where(ok, numerator, np.nan)
    denominator = np.where(plain_sum | ~ok, np.where(plain_sum, np.nan, 0.0), denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(ok, measure.per * numerator / np.where(plain_sum, 1.0, denominator), np.nan)
    denominator = np.where(status == "suppressed", np.nan, denominator)
    # A cell with rows that are all left out is kept for "all": nobody to count is said, not hidden.
    present = (known + unknown + not_applicable) > 0
    if names is None:
        status = np.where(present, status, "unknown")
        if measure.table != "indicators":
            present = np.bincount(period[period >= 0], minlength=size) > 0
    where = np.flatnonzero(present)
    return pd.DataFrame(
        {
            "measure": measure.id,
            "group_kind": kind_of_group,
            "group": "all" if names is None else names[where % width],
            "period": labels[where // width],
            "numerator": numerator[where],
            "denominator": denominator[where],
            "value": value[where],
            "unknown": unknown[where].astype("float64"),
            "not_applicable": not_applicable[where].astype("float64"),
            "people": people[where],
            "status": status[where],
            **{name: values[where] for name, values in who.items()},
            **_of_measure(measure),
        }
    )


def _who(
    reading: Reading, codes: Codes, rows: np.ndarray, cell: np.ndarray, size: int, keys: pd.Series | None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """How many different people (or organisations) stand behind each cell, and the columns `keyed.KEYED`.

    All missing where rows name nobody, and for counts of agreements and organisations: those are what is counted.
    """
    measure, of_people = reading.measure, reading.measure.stands_behind == "people"
    out, none = keyed.without(size), np.full(size, np.nan)
    if measure.person is None and (measure.stands_behind == "nobody" or measure.achieved is not None):
        return none, out
    whose, names = _names(measure, codes)
    person, part, numerator = whose[rows], reading.part[rows], reading.numerator[rows]
    counted = part == COUNTED
    if not of_people:
        # Rows that name no organisation may all be of one.
        person = np.where(person < 0, len(names), person)
    people = _different(cell, person, counted, size)
    order = keyed.by_person(cell, person)
    if not of_people and measure.achieved is None:
        # Who adds nothing does not stand behind an amount; of nothing at all, everybody does.
        adding = _different(cell, person, counted & (numerator != 0), size)
        people = np.where(adding > 0, adding, people)
    if of_people and keys is not None:
        sets = {
            "key_all": np.ones(len(rows), dtype=bool),
            "key_numerator": counted & (numerator != 0),
            "key_denominator": counted,
            "key_unknown": part == UNKNOWN,
            "key_not_applicable": part == NOT_APPLICABLE,
        }
        of_names = keys.reindex(names).to_numpy(dtype=float)
        if np.isnan(of_names).any():
            raise ValueError(f"{measure.id}: somebody has no record key; make keys of everybody in the tables")
        out |= keyed.sums(order, of_names, size, sets)
    if measure.achieved is None and (keys is not None or not of_people):
        out["largest"], out["largest_two"] = keyed.largest(order, numerator, size)
        out["largest_of"] = keyed.largest(order, reading.denominator[rows], size)[0]
    return people, out


def _names(measure: Measure, codes: Codes) -> tuple[np.ndarray, np.ndarray]:
    """Whoever stands behind each row, as codes (-1: not named), and their names."""
    column = measure.person or measure.organisation
    if measure.stands_behind != "people" and column not in codes.table:
        return np.full(len(codes.table), -1), np.empty(0, dtype=object)
    return codes.of(str(column))


def _different(cell: np.ndarray, person: np.ndarray, take: np.ndarray, size: int) -> np.ndarray:
    """How many different persons (codes; -1 is nobody) stand in each of `size` cells, among the rows to take."""
    named = take & (person >= 0)
    pairs = np.unique(combine([cell[named], person[named]]))
    stride = int(person[named].max(initial=0)) + 2
    return np.bincount(pairs // stride - 1, minlength=size).astype("float64")
