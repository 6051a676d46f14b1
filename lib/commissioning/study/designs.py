"""The design of pilot.toml decides the estimator: one function for each kind, all on the same rows.

Rows hold `unit`, `period` (a financial quarter as text), `value` (a share of the measure's unit), `first` (the quarter
in which the place started, missing where it has not) and `person`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from commissioning.measures import Measure
from commissioning.methods import calibration, effects
from commissioning.methods.effects import Effect, influence
from commissioning.methods.effects.before_after import is_after, started_panel
from commissioning.methods.effects.regression_to_mean import expected_size
from commissioning.pilot.design import Design
from commissioning.study.started import WHOLE

# Which methods are tried at the pilot's own shape, for the card.
TRIED = {
    "staggered": ("callaway_santanna", "imputation"),
    "before_after": ("difference in differences",),
    "interrupted": ("least squares", "autocorrelated"),
    "synthetic": ("synthetic control",),
}


def estimated(rows: pd.DataFrame, design: Design, measure: Measure | None) -> Effect:
    """The effect under the pilot's design, with every check that a claim needs. Raises ValueError where there is none.

    `measure` None: an amount, of which no mean of the population is written.
    """
    return _KINDS[design.kind](rows, design, measure)


def measured(rows: pd.DataFrame, design: Design, measure: Measure) -> tuple[float, float | None]:
    """Estimate and standard error under the design, for outcomes that the pilot cannot move; None where it has none."""
    if design.kind == "staggered":  # without the checks that only a claim needs: a third of the time
        unit = design.unit
        return effects.staggered_estimate(
            rows, outcome="value", unit=unit, time="period", first_treated="first", cluster=unit
        )
    found = estimated(rows, design, measure)
    return found.estimate, found.diagnostics.get("standard_error")


def start_of(rows: pd.DataFrame) -> str:
    """The one start of a design that has one. Raises ValueError where nothing in these rows started."""
    found = rows["first"].dropna().astype(str)
    if found.empty:
        raise ValueError("nothing that these rows are of had started")
    return str(found.iloc[0])


def _staggered(rows: pd.DataFrame, design: Design, measure: Measure | None) -> Effect:
    unit = design.unit
    return effects.staggered(
        rows, outcome="value", unit=unit, time="period", first_treated="first", cluster=unit, method="imputation"
    )


def _long(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `treated`, and periods as text, which a start can be compared with whether it has rows or not."""
    return rows.assign(treated=rows["first"].notna(), period=rows["period"].astype(str))


def _before_after(rows: pd.DataFrame, design: Design, measure: Measure | None) -> Effect:
    mean = _mean(design, measure)
    return effects.before_after(
        _long(rows),
        outcome="value",
        unit=design.unit,
        time="period",
        treated="treated",
        start=start_of(rows),
        chosen_share=None if mean is not None else design.chosen_share,
        population_mean=mean,
        picked="high" if design.picked == "high" else "low",
        reliability=design.reliability,
    )


def _synthetic(rows: pd.DataFrame, design: Design, measure: Measure | None) -> Effect:
    return effects.synthetic(
        _long(rows), outcome="value", unit=design.unit, time="period", treated="treated", start=start_of(rows)
    )


def without_gaps(rows: pd.DataFrame, design: Design) -> pd.DataFrame:
    """For a synthetic comparison: without places to mix that lack a quarter; their names stand in `attrs["gaps"]`.

    Every quarter counts in which what started has rows: one that a place to mix alone has is no quarter of the comparison.
    """
    if design.kind != "synthetic":
        return rows
    begun = rows["first"].notna()
    mine = rows[rows["period"].isin(rows.loc[begun, "period"].unique())]
    many = mine["period"].nunique()
    held = mine.groupby(design.unit, observed=True)["period"].nunique()
    short = set(held.index[held < many]) - set(rows.loc[begun, design.unit])
    kept = mine[~mine[design.unit].isin(short)].copy()
    kept.attrs["gaps"] = tuple(sorted(map(str, short)))
    return kept


def _interrupted(rows: pd.DataFrame, design: Design, measure: Measure | None) -> Effect:
    """One series, the mean of each quarter. Quarters are counted, so that one without rows leaves its place empty."""
    start = start_of(rows)
    series = rows.assign(period=rows["period"].astype(str)).groupby("period")["value"].mean().reset_index()
    made = effects.interrupted(
        series.assign(quarter=_quarter(series["period"])),
        outcome="value",
        time="quarter",
        start=int(_quarter(pd.Series([start])).iloc[0]),
    )
    return replace(made, estimand=f"Change in the level of value from {start} on, over a steady trend")


def _quarter(periods: pd.Series) -> pd.Series:
    """Quarters counted from the year 0: neighbours differ by one."""
    return periods.str[:4].astype(int) * 4 + periods.str[-1].astype(int)


_KINDS: dict[str, Callable[[pd.DataFrame, Design, Measure | None], Effect]] = {
    "staggered": _staggered,
    "before_after": _before_after,
    "interrupted": _interrupted,
    "synthetic": _synthetic,
}


def card(rows: pd.DataFrame, design: Design, measure: Measure, worthwhile: float) -> tuple[str, Callable[[int], Any]]:
    """A key of this pilot's own shape under its design, and what draws the calibration card at it.

    Nobody to compare with: the card tries the adjustment for how people were picked.
    """
    unit = design.unit or WHOLE
    if design.kind == "before_after" and rows["first"].notna().all():
        picked = calibration.picked_of(
            _long(rows),
            outcome="value",
            unit=unit,
            time="period",
            start=start_of(rows),
            chosen_share=design.chosen_share,
            population_mean=_mean(design, measure),
            reliability=design.reliability,
            picked="high" if design.picked == "high" else "low",
            minimum_worthwhile_effect=worthwhile,
        )
        return picked.key(), lambda draws: calibration.run_picked(picked, draws=draws)
    pooled = rows if design.kind != "interrupted" else rows.assign(**{unit: "one series"})
    shape = calibration.shape_of(
        pooled,
        outcome="value",
        unit=unit,
        time="period",
        first_treated="first",
        cluster=unit,
        minimum_worthwhile_effect=worthwhile,
    )
    return shape.key(), lambda draws: calibration.run(shape, draws=draws, methods=TRIED[design.kind])


def _mean(design: Design, measure: Measure | None) -> float | None:
    """The mean of all from whom people were picked, as a share; None where it is not written."""
    mean = None if measure is None else design.population_mean.get(measure.id)
    return None if mean is None or measure is None else mean / measure.per


def one_person(rows: pd.DataFrame, design: Design, measure: Measure | None) -> float:
    """The most that one person can move the estimate on these rows under the design, in its units.

    A yes or no can be the other; an amount (`measure` None, or one that counts no achievement) can be a usual one.
    """
    value = rows["value"].to_numpy(dtype=float)
    reach = float(np.ptp(value[np.isfinite(value)])) if np.isfinite(value).any() else 0.0
    slope = _slopes(rows, design, measure, reach or 1.0)
    person = rows["person"].to_numpy()
    if measure is None or measure.achieved is None:
        return influence.of_one_amount(slope, value, person)
    return influence.of_one_person(slope, np.full(len(rows), reach), person)


def degrees(rows: pd.DataFrame, design: Design, effect: Effect) -> int:
    """Residual degrees of freedom of an estimate.

    Where whole places are left out in turn they are the places less one. Where starts are shuffled among places, no spread of
    places is estimated: they are the cells (a place in a quarter) less the levels of places and quarters and the effect itself. Of
    one series they are its quarters less level, step and trend.
    """
    if design.kind == "interrupted":
        return int(rows["period"].nunique()) - 3
    if "jackknife" in effect.method:
        return int(effect.diagnostics["clusters"]) - 1
    seen = rows[[design.unit, "period"]].drop_duplicates()
    return len(seen) - seen[design.unit].nunique() - seen["period"].nunique()


def _slopes(rows: pd.DataFrame, design: Design, measure: Measure | None, reach: float) -> np.ndarray:
    """(n,) what each row counts in the estimate under its design, as the estimator that `estimated` takes weighs it."""
    unit = design.unit or WHOLE
    if design.kind == "interrupted":
        return influence.interrupted_slopes(
            rows.assign(quarter=_quarter(rows["period"].astype(str)).to_numpy()),
            outcome="value",
            time="quarter",
            start=int(_quarter(pd.Series([start_of(rows)])).iloc[0]),
            reach=reach,
        )
    if design.kind == "staggered":
        return influence.staggered_slopes(rows, outcome="value", unit=unit, time="period", first_treated="first")
    long, start = _long(rows), start_of(rows)
    panel = started_panel(long, outcome="value", unit=unit, time="period", treated="treated", start=start)
    begun = panel.start < len(panel.times)
    if design.kind == "synthetic":
        return influence.synthetic_slopes(panel, long[unit], long["period"], reach)
    late = np.arange(len(panel.times)) >= int(panel.start.min())
    if begun.all():
        mean = _mean(design, measure)

        def adjusted(before: np.ndarray, after: np.ndarray) -> float:
            anyway = expected_size(
                before,
                after,
                chosen_share=None if mean is not None else design.chosen_share,
                population_mean=mean,
                picked="high" if design.picked == "high" else "low",
                reliability=design.reliability,
            )
            return float((after - before).mean()) - anyway

        return influence.travelled_slopes(panel, long[unit], long["period"], adjusted, reach)
    both = panel.observed[:, late].any(axis=1) & panel.observed[:, ~late].any(axis=1)
    if panel.n[both].sum() < 0.5 * panel.n.sum() or not (both & begun).any() or not (both & ~begun).any():
        return influence.pooled_slopes(is_after(long["period"], "period", start), long["treated"].to_numpy(dtype=bool))
    return influence.change_slopes(panel, long[unit], long["period"])
