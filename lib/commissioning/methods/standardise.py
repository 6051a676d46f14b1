"""Standardised rates: places compared as if their people were of the same ages.

Direct: the place's own rates, weighted by a standard population, with Dobson's interval. Indirect: what happened
against what the reference's rates would have led one to expect. Sources: Dobson, Kuulasmaa, Eberle and Scherer
(1991), Statistics in Medicine 10:457-462; Breslow and Day (1987); Eayres, Technical Briefing 3 of the Association
of Public Health Observatories (2008). Known answers: PHEindicatormethods.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commissioning.methods.inputs import Floats, check_confidence, check_per, columns, refuse
from commissioning.methods.intervals import poisson_limits

FEWEST = 10  # events below which a directly standardised rate is not given (PHE technical guide, 2018)


def direct(events: Any, population: Any, standard: Any, per: float = 100_000, confidence: float = 0.95) -> pd.DataFrame:
    """Directly standardised rate per `per`, with Dobson's interval on Byar's limits of the count.

    `events`, `population`: k age bands of one place (or frames of k bands × places); `standard`: the k bands of the
    standard population, of any size. Returns one row a place: `value`, `lower`, `upper`, `events`. Fewer than ten
    events, or a band whose count is missing, give a missing row. Where few events carry much of the standard's weight
    Dobson's lower limit can fall below 0, which no rate can: it is then given as 0. Raises ValueError for negative
    numbers, a band without people, unequal lengths, a standard of nobody, frames of different places, a confidence
    outside 0 to 1, or a `per` that is not above zero.
    """
    check_confidence(confidence)
    per = check_per(per)
    if isinstance(events, pd.DataFrame):
        rows = [
            direct(events[place], population[place], standard, per, confidence) for place in _places(events, population)
        ]
        if not rows:
            return pd.DataFrame(columns=["value", "lower", "upper", "events"], index=events.columns, dtype=float)
        return pd.concat(rows).set_axis(events.columns, axis=0)
    (count, people, weight), _ = columns(events=events, population=population, standard=standard)
    _check(count, people)
    refuse(weight < 0, "standard", weight, "is below zero")
    if np.isnan(weight).any() or not weight.sum() > 0:
        raise ValueError("standard: every band needs a number, and some band people")
    total = float(count.sum())
    share = weight / weight.sum()
    value = float((share * count / people).sum())
    if np.isnan(value) or total < FEWEST:
        return pd.DataFrame({"value": [np.nan], "lower": [np.nan], "upper": [np.nan], "events": [total]})
    variance = float((share**2 * count / people**2).sum())
    low, high = poisson_limits(np.array([total]), confidence)
    scale = np.sqrt(variance / total)
    return pd.DataFrame(
        {
            "value": [value * per],
            "lower": np.maximum(value + scale * (low - total), 0.0) * per,
            "upper": (value + scale * (high - total)) * per,
            "events": [total],
        }
    )


def indirect(
    events: Any, population: Any, reference_events: Any, reference_population: Any, confidence: float = 0.95
) -> pd.DataFrame:
    """Observed ÷ expected, where expected is the place's people at the reference's rates.

    `events`: the k bands of the place, or its total; `population`: its k bands; `reference_events`,
    `reference_population`: the k bands of the reference. Returns one row: `value` (1 is as expected), `lower`,
    `upper` (Byar; exact Poisson below ten), `observed`, `expected`. Missing bands, or nothing expected, give a
    missing row. The limits are never below 0. Raises ValueError as `direct` does.
    """
    check_confidence(confidence)
    (people, reference, base), _ = columns(
        population=population, reference_events=reference_events, reference_population=reference_population
    )
    (count,), _ = columns(events=events)
    if len(count) not in (1, len(people)):
        raise ValueError(f"events: one total or {len(people)} bands are needed, not {len(count)}")
    refuse(count < 0, "events", count, "is below zero")
    refuse(people < 0, "population", people, "is below zero")
    _check(reference, base, "reference_")
    observed, expected = float(count.sum()), float((people * reference / base).sum())
    if np.isnan(observed) or not expected > 0:
        value = low = high = np.array([np.nan])
    else:
        value = np.array([observed / expected])
        low, high = (side / expected for side in poisson_limits(np.array([observed]), confidence))
    return pd.DataFrame({"value": value, "lower": low, "upper": high, "observed": [observed], "expected": [expected]})


def _check(count: Floats, people: Floats, prefix: str = "") -> None:
    refuse(count < 0, f"{prefix}events", count, "is below zero")
    refuse(people < 0, f"{prefix}population", people, "is below zero")
    # Less than a millionth of a person is nobody; a rate of it would be beyond any number.
    refuse(people < 1e-6, f"{prefix}population", people, "is nobody: join the band to its neighbour")


def _places(events: pd.DataFrame, population: Any) -> pd.Index:
    if not isinstance(population, pd.DataFrame) or set(population.columns) != set(events.columns):
        raise ValueError("events and population must be frames of the same places")
    return events.columns
