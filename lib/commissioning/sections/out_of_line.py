"""Groups and providers out of line, though the whole may stand well: the rule that asks to adapt (4.5 reviewing).

Two ways to be out of line, both seen on the page: a group of people, or a place, whose whole range lies on the worse
side of the floor agreed; a provider beyond the outer limits of the funnel on the worse side, where
differences between providers beyond chance have been allowed for.
"""

from __future__ import annotations

import pandas as pd

from commissioning.disclosure import Released
from commissioning.measures import Measure
from commissioning.methods import funnel
from commissioning.presentation import words
from commissioning.study import groups

PEOPLE = ("ethnicity", "age_band", "sex", "locality", "department", "programme", "needs_band")
PROVIDERS = ("provider", "organisation")
FEWEST = 5
"""Providers that a funnel needs, as in the *do* stage."""


def found(released: Released, measure: Measure, period: str, floor: float) -> tuple[str, ...]:
    """Who is out of line in one measure and period, in words; empty where nobody is. Hidden groups are not judged.

    `floor` is in the measure's own units, as released figures are shown.
    """
    fewer = measure.better == "lower"
    if measure.better == "neutral":
        return ()
    says = []
    for kind in (*PEOPLE, *PROVIDERS):
        if kind not in measure.groups:
            continue
        rows = groups.split(released, measure, period, kinds=(kind,)).frame
        lower, upper = (pd.to_numeric(rows[one], errors="coerce") for one in ("lower", "upper"))
        beyond = rows[lower > floor if fewer else upper < floor]
        side = "above" if fewer else "below"
        says += [f"{_called(row)} stands {side} the floor. {_told(row, measure)}" for _, row in beyond.iterrows()]
        if kind in PROVIDERS:
            known = {row["group"] for _, row in beyond.iterrows()}
            says += [
                f"{_called(row)} lies further {side} the rest than chance allows. {_told(row, measure)}, which asks a question and is no verdict"
                for _, row in _outside(rows, fewer=fewer).iterrows()
                if row["group"] not in known
            ]
    return tuple(says)


def _outside(rows: pd.DataFrame, *, fewer: bool) -> pd.DataFrame:
    """Providers beyond the outer funnel limits on the worse side."""
    rows = rows[rows["numerator"].notna() & (pd.to_numeric(rows["denominator"]) > 0)].reset_index(drop=True)
    if len(rows) < FEWEST or (pd.to_numeric(rows["numerator"]) > pd.to_numeric(rows["denominator"])).any():
        return rows.iloc[:0]
    limits = funnel.proportion(rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)).frame
    flagged = limits["overdispersed_outside_99_8"].fillna(False).astype(bool).to_numpy()
    worse = (limits["z"] > 0 if fewer else limits["z"] < 0).to_numpy()
    return rows[flagged & worse]


def _called(row: pd.Series) -> str:
    return f"{row['split']} {row['group']}"


def _told(row: pd.Series, measure: Measure) -> str:
    """ "Its figure is 43.5% of 115 (range 30.1 to 56.9)": what puts it out of line."""
    value = f"Its figure is {words.number(float(row['value']), 1)}{'%' if measure.unit.startswith('%') else ''}"
    value += f" of {float(row['denominator']):,.0f}"
    if pd.isna(row["lower"]) or pd.isna(row["upper"]):
        return value
    return f"{value} (range {words.number(float(row['lower']), 1)} to {words.number(float(row['upper']), 1)})"
