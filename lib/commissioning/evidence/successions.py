"""Councils that followed others: published figures of years before a council was made, where they are its own.

`successions.csv` holds each council with the one or more that it followed, the day, and whether the boundary stayed. Source:
Office for National Statistics, Code History Database (Open Government Licence v3); the orders by which each was made.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

import pandas as pd

from commissioning.evidence import councils
from commissioning.evidence.loaded import Finding
from commissioning.evidence.spill import Tables

PUBLISHED = frozenset({"indicators", "area_spend"})
FROM_PREDECESSORS = "figures of an earlier council"
_ADDED = ("numerator", "denominator", "base", "amount_pence", "quantity")
_SHARES = "value"  # of an indicator: a hundred times its numerator by its denominator


@dataclass(frozen=True, kw_only=True)
class Succession:
    """A council and those that it followed whole. `because` says why earlier figures are not its own ("" where they are)."""

    successor: str
    predecessors: tuple[str, ...]
    first: date
    boundary: str
    because: str

    @property
    def year(self) -> str:
        """The first financial year that is the council's own."""
        begins = self.first.year - (self.first.month < 4)
        return f"{begins}-{(begins + 1) % 100:02d}"

    @property
    def kept(self) -> bool:
        return self.boundary != "another"

    @property
    def words(self) -> str:
        """What a page says of years before the council was made."""
        name, before = councils.name_of(self.successor), _names(self.predecessors)
        if not self.kept:
            return f"Of years before {self.year} nothing is known of {name} alone, because {self.because}."
        same = "nearly the same boundary" if self.boundary.startswith("nearly") else "the same boundary"
        if before == name:
            return f"Figures of years before {self.year} are those of {name} in its earlier boundary, which was nearly the same."
        if len(self.predecessors) == 1:
            return f"Figures of years before {self.year} are those of {before}, the council before, with {same}."
        return f"Figures of years before {self.year} are those of {before} together, where every one of them is known: {same}."


def _names(codes: tuple[str, ...]) -> str:
    called = []
    for code in codes:
        kind = next((one.kind for one in reversed(councils.every()) if one.code == code), "")
        called.append(f"{councils.name_of(code)}{' County Council' if kind == 'county' else ''}")
    return f"{', '.join(called[:-1])} and {called[-1]}" if len(called) > 1 else called[0]


@lru_cache(maxsize=1)
def every() -> tuple[Succession, ...]:
    """Every succession, the earliest first, so that a council that followed a follower is reached."""
    text = resources.files("commissioning.evidence").joinpath("successions.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    made = [
        Succession(
            successor=code,
            predecessors=tuple(one["predecessor"] for one in rows if one["successor"] == code),
            first=date.fromisoformat(next(one["from"] for one in rows if one["successor"] == code)),
            boundary=next(one["boundary"] for one in rows if one["successor"] == code),
            because=next(one["because"] for one in rows if one["successor"] == code),
        )
        for code in dict.fromkeys(one["successor"] for one in rows)
    ]
    return tuple(sorted(made, key=lambda one: (one.first, one.successor)))


def of(area: str) -> Succession | None:
    """How a council came to be, where it followed others; None where it always was."""
    return next((one for one in every() if one.successor == area), None)


def said(area: str, years: list[str]) -> list[str]:
    """What is to be said beside figures of these years (an empty list: of none at all) of this council."""
    one = of(area)
    if one is None:
        return []
    earlier = [year for year in years if year < one.year]
    return [one.words] if bool(earlier) == one.kept else []


def why_unknown(area: str) -> str:
    """Why published figures of earlier years are not this council's own; "" where nothing says so."""
    one = of(area)
    return "" if one is None or one.kept else f"earlier figures are not its own, because {one.because}"


def joined(table: pd.DataFrame, area: str) -> pd.DataFrame:
    """A published table (area_code, area, year, …) with rows of earlier councils as those of the council that followed each.

    A predecessor's rows of years before go under its successor's code where it followed alone and the boundary stayed; where
    several became one, their sums do, of what is known of every one. The council asked for keeps its own code.
    """
    for one in every():
        if not one.kept or area in one.predecessors:
            continue
        earlier = table["area_code"].isin(one.predecessors) & (table["year"].astype(str) < one.year)
        if not earlier.any():
            continue
        mine = table[earlier] if len(one.predecessors) == 1 else _summed(table[earlier], one)
        mine = mine.assign(area_code=one.successor, area=councils.name_of(one.successor))
        table = pd.concat(
            [table[~earlier].astype({"area_code": object}), mine.astype({"area_code": object})], ignore_index=True
        )
    return table


def joined_of(tables: Tables, area: str) -> tuple[Tables, tuple[Finding, ...]]:
    """Published outcomes and spend of an area's study with earlier councils joined, and what is to be said of its own."""
    made = {name: joined(tables[name], area) for name in PUBLISHED if name in tables and "area_code" in tables[name]}
    found = []
    if "neighbours" in tables:
        made["neighbours"] = _neighbours(tables["neighbours"], area)
    for name in sorted(PUBLISHED & made.keys()):
        frame = made[name]
        years = frame.loc[frame["area_code"].eq(area), "year"].astype(str).unique()
        found += [Finding(code=FROM_PREDECESSORS, says=one, table=name) for one in said(area, [*years])]
    return (tables.but("", made) if made else tables), tuple(dict.fromkeys(found))


def _neighbours(table: pd.DataFrame, area: str) -> pd.DataFrame:
    """A list of neighbours made before a council followed another, under the later one's code where the list has not got it."""
    held = set(table["area_code"].astype(str))
    codes = {
        one.predecessors[0]: one.successor
        for one in every()
        if one.kept and len(one.predecessors) == 1 and one.successor not in held and area not in one.predecessors
    }
    both = {name: table[name].astype(object).replace(codes) for name in ("area_code", "neighbour_code")}
    return table.assign(**both)


def _summed(rows: pd.DataFrame, one: Succession) -> pd.DataFrame:
    """The rows of several councils, one for each figure: its sum where every one of them has it, else unknown."""
    apart = {"area_code", "area", "cassr_code", "source_row", "source_column", _SHARES, *_ADDED}
    apart |= {name for name in rows if str(name).endswith("status")} | {"margin_of_error"}
    alike = [name for name in rows if name not in apart]
    found = []
    for _, part in rows.groupby(alike, sort=False, dropna=False, observed=True):
        every_one = (
            set(part["area_code"].astype(str)) == set(one.predecessors) and not part["area_code"].duplicated().any()
        )
        row = part.iloc[[0]].copy()
        for name in (*_ADDED, _SHARES, "margin_of_error"):
            if name not in row:
                continue
            known = every_one and name in _ADDED and part[name].notna().all()
            row[name] = pd.array([part[name].sum() if known else pd.NA], dtype=part[name].dtype)
            if f"{name}_status" in row:
                row[f"{name}_status"] = "known" if known else "unknown"
        if "status" in row:
            row["status"] = "known" if every_one and part["status"].eq("known").all() else "unknown"
        if _SHARES in row and row["numerator"].notna().all() and row["denominator"].gt(0).all():
            row[_SHARES], row[f"{_SHARES}_status"] = 100 * row["numerator"] / row["denominator"], "known"
        found.append(row)
    return pd.concat(found, ignore_index=True)
