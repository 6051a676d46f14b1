"""What the checks of bias are told of one effect: how the record itself moved, and the effect without whoever might have made it.

Restricted: rows of people. What leaves are a few numbers beside an estimate, and the coarse words of `methods.bias_checks`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commissioning.errors import UsageError
from commissioning.measures import Measure, calculate
from commissioning.measures.reading import COUNTED, NOT_APPLICABLE, OUT, UNKNOWN, chosen, truth
from commissioning.methods.effects import biases
from commissioning.pilot import Pilot

PARTS = {"locality": "locality", "provider": "provider", "organisation_id": "organisation"}
"""Columns by which a shock may come, and what one is called."""
PEOPLE = "people"
HIGH_NEED = ("high", "complex", "very high")


def facts_of(
    codes: calculate.Codes | None,
    people: pd.DataFrame,
    pilot: Pilot,
    measure: Measure,
    starts: pd.Series,
    estimate: float,
    end: str = "",
) -> dict[str, Any]:
    """Diagnostics of an effect of size `estimate` (a share), until the quarter `end`: see `biases.found_in`.

    `codes`: the rows that the measure reads; `people`: records of people, for their age and need, empty where none are held.

    Empty where nobody is compared with, and where no place is named. Of a mix of other places who says whether an outcome was reached
    is asked, and nothing is estimated again.
    """
    design = pilot.design
    if design is None or design.kind == "interrupted" or codes is None or not design.unit:
        return {}
    frame, part = _rows(measure, codes, design.unit, starts, end)
    if frame.empty or starts.reindex(frame[design.unit].unique()).notna().all() and starts.nunique() < 2:
        return {}
    judged_by = {"bias_judged_by": measure.judged_by if isinstance(measure.judged_by, str) else "the person"}
    if design.kind == "synthetic":
        own = _own_answer(measure, codes, frame)
        said = None if own is None else (np.nan, None, float(own[part == COUNTED].mean()))
        return judged_by | {"bias_own_answer": said}
    rows = biases.rows_of(frame, design.unit, part, (COUNTED, UNKNOWN, NOT_APPLICABLE, OUT))
    return (
        biases.found_in(
            rows,
            estimate,
            parts=_parts(frame, design.unit),
            own_answer=_own_answer(measure, codes, frame),
            mix=_mix(frame, people),
            yes_or_no=measure.achieved is not None and measure.out_of is None,
        )
        | judged_by
    )


def _rows(
    measure: Measure, codes: calculate.Codes, unit: str, starts: pd.Series, end: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Every row that speaks, of a place that is compared, with what the measure makes of it; the row's index is its place in the table."""
    reading = codes.reading(measure)
    period, labels = codes.period(measure.period_from, "quarter")
    speaks = np.flatnonzero(chosen(reading, codes, period, None))
    table = codes.table
    place = table[unit].astype(object).to_numpy()[speaks]
    quarter = labels[period[speaks]]
    keep = np.isin(place, starts.index.to_numpy(dtype=object)) & ((quarter <= end) if end else True)
    at = speaks[keep]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = reading.numerator[at] / reading.denominator[at]
    person = codes.of(measure.person)[0][at] if measure.person is not None else np.full(len(at), -1)
    kept = [one for one in (*PARTS, "person_id", "age", "needs_band") if one in table and one != unit]
    frame = table.iloc[at][kept].reset_index(drop=True)
    frame = frame.assign(**{unit: place[keep], "period": quarter[keep], "value": value, "person": person, "at": at})
    return frame.assign(first=frame[unit].map(starts)), reading.part[at]


def _parts(frame: pd.DataFrame, unit: str) -> dict[str, np.ndarray]:
    """Column → codes, of what is neither the place itself nor the same everywhere."""
    found = {}
    for column, called in PARTS.items():
        if column not in frame or column == unit:
            continue
        codes, names = pd.factorize(frame[column])
        if len(names) > 1:
            found[called] = codes
    return found


def _own_answer(measure: Measure, codes: calculate.Codes, frame: pd.DataFrame) -> np.ndarray | None:
    if isinstance(measure.judged_by, str):
        return None
    try:
        return truth(measure.judged_by, codes.table, measure)[frame["at"].to_numpy()]
    except UsageError:  # the extract has no such column: nobody can tell who said so
        return np.zeros(len(frame), dtype=bool)


def _mix(frame: pd.DataFrame, people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Age and the share with high needs, of each row: from its own columns, or from the person's latest record."""
    if "age" not in frame and {"person_id", "age"} <= set(people) and "person_id" in frame:
        held = people.drop_duplicates(["person_id", "period"], keep="last")
        columns = [one for one in ("age", "needs_band") if one in held]
        frame = frame.merge(held[["person_id", "period", *columns]], on=["person_id", "period"], how="left")
    found: dict[str, np.ndarray] = {}
    if "age" in frame:
        found["age"] = pd.to_numeric(frame["age"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if "needs_band" in frame:
        band = frame["needs_band"].astype(object)
        known = band.notna() & band.ne("unknown")
        found["need"] = np.where(known, band.isin(HIGH_NEED), np.nan).astype(float)
    return found
