"""What can be evaluated from a folder of extracts, which measures lack what, and which one file or column would add most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from commissioning.measures import Measure, calculate, derive, reading
from commissioning.wording import counted

SAYS_NOTHING = ("", "unknown", "not asked", "nan")
LOOKED_AT = 20_000  # rows of a table
NO_ROW = "no row in it is what this measure counts"
PERIODS = ("period", "year")


class _Noted:
    """A table that notes which of its columns a rule reads."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self.read = frame, set[str]()

    def __getitem__(self, name: Any) -> Any:
        if isinstance(name, str):
            self.read.add(name)
        return self.frame[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.frame, name)


def lines(
    pilot: str, measures: Mapping[str, Measure], tables: Mapping[str, pd.DataFrame], levels: tuple[str, ...]
) -> list[str]:
    """The sentences that end `commissioning check` for one pilot."""
    own = {key: one for key, one in measures.items() if not one.is_control}
    no_table = {key: why for key, why in calculate.missing(own, tables).items() if _absent(own[key], tables)}
    lacking = {key: found for key, one in own.items() if key not in no_table and (found := _wanting(one, tables))}
    usable = [key for key in own if key not in no_table and key not in lacking]
    read = {name for key in usable for name in derive.must_have(own[key].table)}
    here = {name: frame for name, frame in tables.items() if name in read}
    years = sorted(
        {
            str(one)[:7]
            for frame in here.values()
            for name in PERIODS
            if name in frame
            for one in frame[name].dropna().unique()
        }
    )
    parts = [level for level in levels if any(level in frame and _known(frame[level]) for frame in here.values())]
    out = [f"{pilot}: {len(usable)} of {counted(len(own), 'measure')} can be evaluated: {', '.join(usable) or 'none'}"]
    if usable:
        out.append(
            f"{pilot}: years {', '.join(years) or 'not said'}; by {', '.join(parts) if parts else 'no level below the council'}"
        )
    for column, whose in _by_cause(lacking).items():
        nothing = column if NO_ROW in column else f"nothing is known in {column}"
        out.append(f"{pilot}: {nothing}: it holds back {', '.join(whose)}")
    for table, whose in _by_cause({key: _absent(own[key], tables) for key in no_table}).items():
        out.append(f"{pilot}: there is no {table}: it holds back {', '.join(whose)}")
    if best := _adds_most(own, tables, no_table, lacking):
        out.append(f"{pilot}: {best}")
    return out


def _known(values: pd.Series) -> bool:
    """True where at least one value says something."""
    return bool((values.notna() & ~values.astype("str").str.casefold().isin(SAYS_NOTHING)).any())


def _absent(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    return [name for name in derive.must_have(measure.table) if tables.get(name) is None or tables[name].empty]


def _wanting(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """The columns that decide a measure's figure and hold nothing known, as `table.column`."""
    frame = calculate.table_for(measure, tables)
    if frame is None or frame.empty:
        return _empty(measure, tables)
    rows = frame.head(LOOKED_AT)
    if (reading.read(measure, rows).part == reading.COUNTED).any():
        return []
    found: set[str] = set()
    for rule in (*measure.population, measure.achieved, measure.amount):
        if rule is None:
            continue
        noted = _Noted(rows)
        held = rule.of(noted)  # type: ignore[arg-type]
        # Whom a measure is of is known although a column says nothing, so long as somebody is left.
        if rule not in measure.population or not held.fillna(False).astype(bool).any():
            found |= {name for name in noted.read if name in frame and not _known(frame[name])}
    if found and measure.table in tables:
        return sorted(f"{measure.table}.{name}" for name in found)
    return _empty(measure, tables)


def _empty(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """The columns that hold nothing known in the files themselves: of a measure whose table is worked out from others, or whose
    rules leave everybody out."""
    empty = [
        f"{table}.{name}"
        for table in derive.must_have(measure.table)
        for name in tables[table]
        if not str(name).endswith("_status") and not _known(tables[table][name].head(LOOKED_AT))
    ]
    return sorted(empty) or [f"{measure.table}: {NO_ROW}"]


def _by_cause(lacking: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Measures by what they lack, the cause of most first."""
    found: dict[str, list[str]] = {}
    for key, causes in lacking.items():
        if causes:
            found.setdefault(" and ".join(causes), []).append(key)
    return dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[0])))


def _adds_most(
    own: Mapping[str, Measure],
    tables: Mapping[str, pd.DataFrame],
    no_table: Mapping[str, str],
    lacking: Mapping[str, list[str]],
) -> str:
    """The one file or column that would let most measures be evaluated; empty where none would alone."""
    alone = Counter[str]()
    for key in no_table:
        absent = _absent(own[key], tables)
        alone.update([f"a file of {absent[0]}"] if len(absent) == 1 else [])
    for causes in (found for found in lacking.values() if NO_ROW not in found[0]):
        alone.update([f"the column {causes[0]}"] if len(causes) == 1 else [])
    if not alone:
        return ""
    what, number = max(alone.items(), key=lambda one: (one[1], one[0]))
    return f"{what} would add most: {counted(number, 'measure')}"
