"""Restricted rows for what is worked out from them: estimates, calibration and value. No section may import this room.

What leaves those that do are summaries (`EffectSummary`, numbers of value), never rows. An import contract holds the list of
them; it may only get shorter.
"""

from __future__ import annotations

import pandas as pd

from commissioning.measures import Measure, calculate, derive
from commissioning.study.prepared import Prepared


def table(study: Prepared, name: str) -> pd.DataFrame:
    """One checked table; an empty frame where no extract held it."""
    return study._held(name)


def codes_for(study: Prepared, measure: Measure) -> calculate.Codes | None:
    """The rows the measure's rules read, with their columns as codes, made once a report; None where there are none."""
    needed = {name: table(study, name) for name in derive.needs(measure.table)}
    if measure.table not in study._codes:
        made = calculate.table_for(measure, needed)
        study._codes[measure.table] = None if made is None else calculate.Codes(made, measure.table)
    return study._codes[measure.table]


def keys_of(study: Prepared) -> pd.Series:
    """Person → record key."""
    return study.record_keys


def is_public(study: Prepared, measure: str) -> bool:
    """True where a measure is counted wholly from rows that everybody can read."""
    rows = study._results
    return bool(rows.loc[rows["measure"].eq(measure), "public"].all())


def results(study: Prepared) -> pd.DataFrame:
    """Every measure's results, before disclosure control."""
    return study._results
