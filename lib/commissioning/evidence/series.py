"""Series sense: what is odd about a table over time, said before any claim of change is made.

Each check looks at one table's frame and returns findings; none changes a row. The thresholds are
stated in the finding, so that a reader may disagree with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from commissioning.evidence.loaded import Finding
from commissioning.methods.jumps import jumps
from commissioning.wording import counted

JUMP = 0.20  # of the denominator, from one year to the next
SMALL = 50  # a smaller denominator moves by chance
MANY_SHARE = 0.01  # credit notes expected where other years hold at least this share
WEEKS_IN_A_QUARTER = 14.0


def findings(table: str, frame: pd.DataFrame, area: str | None = None) -> tuple[Finding, ...]:
    """Every finding about one table (n rows, canonical columns). `area` keeps to one area's rows."""
    if frame.empty:
        return ()
    if area is not None and "area_code" in frame:
        frame = frame[frame["area_code"] == area]
    out: list[Finding] = []
    if {"denominator", "year", "code"} <= set(frame.columns):
        out += denominator_jumps(table, frame)
        out += outside_its_parts(table, frame)
    if {"amount_pence", "year"} <= set(frame.columns) and table == "payments":
        out += years_without_credits(table, frame)
    if {"department", "year"} <= set(frame.columns):
        out += renamed(table, frame, "department", [c for c in ("organisation_id", "recipient_id") if c in frame])
    if {"code", "label", "year"} <= set(frame.columns):
        out += codes_that_change(table, frame)
    if {"person_id", "period", "setting", "weeks"} <= set(frame.columns):
        out += overlapping_support(table, frame)
    if {"person_id", "ethnicity", "sex", "period"} <= set(frame.columns):
        out += ids_reused(table, frame)
    return tuple(out)


def denominator_jumps(table: str, frame: pd.DataFrame) -> list[Finding]:
    """A denominator that moves by a fifth or more in a year: a break in the series, not a change in people's lives."""
    if {"area_code", "area"} <= set(frame.columns):
        # Council types have no code: without their names all of them would be one series.
        frame = frame.assign(
            area_code=frame["area_code"].astype(object).where(frame["area_code"].notna(), frame["area"])
        )
    keys = [c for c in ("area_code", "code", "disaggregation") if c in frame]
    rows = frame.dropna(subset=["denominator"]).sort_values([*keys, "year"])
    if rows.empty:
        return []
    before = rows.groupby(keys, dropna=False)["denominator"].shift()
    year_before = rows.groupby(keys, dropna=False)["year"].shift()
    moved = (rows["denominator"] / before - 1).astype("float64")
    next_year = rows["year"].str[:4].astype("int64") - year_before.str[:4].astype("Int64") == 1
    was, now = (one.astype("Float64").to_numpy(float, na_value=np.nan) for one in (before, rows["denominator"]))
    jumped = rows[jumps(was, now, JUMP, least=SMALL) & next_year.fillna(False).astype(bool).to_numpy()]
    out = []
    for i, row in jumped.iterrows():
        who = " ".join(str(row[k]) for k in keys)
        says = (
            f"{who}: the denominator moves by {moved[i]:+.0%} in {row['year']} "
            f"({before[i]:,.0f} to {row['denominator']:,.0f}): a break in the series; no change is claimed across it"
        )
        out.append(Finding(code="denominator jumps", says=says, table=table, where=f"{who} {row['year']}"))
    return out


def outside_its_parts(table: str, frame: pd.DataFrame) -> list[Finding]:
    """A total percentage that lies outside those of its own parts (female and male)."""
    if not {"value", "disaggregation", "area_code"} <= set(frame.columns):
        return []
    wide = frame[frame["disaggregation"].isin(["total", "female", "male"])].pivot_table(
        index=["area_code", "year", "code"], columns="disaggregation", values="value", aggfunc="first"
    )
    if not {"total", "female", "male"} <= set(wide.columns):
        return []
    wide = wide.dropna().astype("float64")
    low, high = wide[["female", "male"]].min(axis=1), wide[["female", "male"]].max(axis=1)
    off = wide[(wide["total"] < low - 0.1) | (wide["total"] > high + 0.1)]
    return [
        Finding(
            code="total outside its parts",
            says=f"{a} {c} {y}: the total of {row['total']:g} lies outside its parts, {row['female']:g} and {row['male']:g}",
            table=table,
            where=f"{a} {c} {y}",
        )
        for (a, y, c), row in off.iterrows()
    ]


def years_without_credits(table: str, frame: pd.DataFrame) -> list[Finding]:
    """A year without one credit note among years that hold them: the years are not like for like."""
    out = []
    files = frame.groupby("source_file") if "source_file" in frame else [("", frame)]
    for file, rows in files:
        sums = (
            rows["negative_payments"]
            if "negative_payments" in rows and rows["negative_payments"].notna().all()
            else None
        )
        credits = (sums > 0) if sums is not None else (rows["amount_pence"] < 0)
        by_year = credits.fillna(False).astype(bool).groupby(rows["year"]).agg(["mean", "size"])
        usual = by_year.loc[by_year["mean"] >= MANY_SHARE]
        none = by_year[(by_year["mean"] == 0) & (by_year["size"] >= 20)]
        if len(usual) < 1 or none.empty:
            continue
        for year in none.index:
            others = "1 other year does" if len(usual) == 1 else f"{len(usual)} other years do"
            says = f"{year} holds no credit notes while {others}: the years are not like for like"
            out.append(Finding(code="no credit notes", says=says, table=table, file=str(file), where=str(year)))
    return out


def renamed(table: str, frame: pd.DataFrame, column: str, by: Sequence[str]) -> list[Finding]:
    """A name that ends where another begins, with the same recipients: renamed, so nobody is funded twice."""
    if not by:
        return []
    spans = frame.groupby(column)["year"].agg(["min", "max"])
    out = []
    for old in spans.index:
        for new in spans.index:
            if (
                not spans.loc[old, "max"] <= spans.loc[new, "min"]
                or old == new
                or spans.loc[new, "min"] == spans["min"].min()
            ):
                continue
            mine = set(frame.loc[frame[column] == old, by[0]].dropna())
            theirs = set(frame.loc[frame[column] == new, by[0]].dropna())
            shared = len(mine & theirs)
            if shared >= 5 and shared >= 0.1 * min(len(mine), len(theirs)):
                says = (
                    f"“{old}” ends in {spans.loc[old, 'max']} and “{new}” begins in {spans.loc[new, 'min']}, with {shared} "
                    "recipients in both: it may have been renamed"
                )
                out.append(Finding(code="name changes", says=says, table=table, where=str(spans.loc[new, "min"])))
    return out


def codes_that_change(table: str, frame: pd.DataFrame) -> list[Finding]:
    """A code whose label is another in another year: key on code and year."""
    labels = frame.dropna(subset=["code", "label"]).drop_duplicates(["code", "year", "label"]).sort_values("year")
    out = []
    for code, rows in labels.groupby("code"):
        if rows["label"].str.casefold().str.strip().nunique() > 1:
            years = ", ".join(rows["year"].astype("str"))
            says = f"the code {code} does not mean the same in every year ({years}): key it on code and year"
            out.append(Finding(code="code changes meaning", says=says, table=table, where=str(code)))
    return out


def overlapping_support(table: str, frame: pd.DataFrame) -> list[Finding]:
    """One person with more weeks in one setting than a quarter holds: counted once, the overlap reported."""
    weeks = frame.groupby(["person_id", "period", "setting"])["weeks"].sum().astype("float64")
    over = (weeks - 13.0)[weeks > WEEKS_IN_A_QUARTER]
    if over.empty:
        return []
    says = (
        f"{counted(len(over), 'time')} one person has more weeks of one kind of support than a quarter holds: "
        f"{float(np.sum(over)):,.1f} person-weeks overlap"
    )
    return [Finding(code="overlapping support", says=says, table=table)]


def ids_reused(table: str, frame: pd.DataFrame) -> list[Finding]:
    """Ids whose sex or ethnicity changes between quarters: perhaps reused, or two people merged; never merged here."""
    known = frame[(frame["sex"] != "unknown") & (frame["ethnicity"] != "unknown")]
    kinds = known.groupby("person_id")[["sex", "ethnicity"]].nunique().max(axis=1)
    count = int((kinds > 1).sum())
    if not count:
        return []
    says = f"{count:,} person ids change sex or ethnicity between quarters: an id may have been reused"
    return [Finding(code="id reused", says=says, table=table)]
