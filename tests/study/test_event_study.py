"""The change by years since the start, on figures of places made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commissioning.methods.effects import event_study as by_time


def places(effect: float = 10.0, started: int = 6, never: int = 6, years: int = 6, noise: float = 0.0) -> pd.DataFrame:
    """Places whose level and years differ, with an effect that grows by a half of itself each year after a start in years 2 and 3."""
    rng = np.random.default_rng(7)
    rows = []
    for place in range(started + never):
        first = np.nan if place >= started else 2.0 + place % 2
        for year in range(years):
            since = year - first
            value = 40 + place + 2 * year + (effect * (1 + since / 2) if since >= 0 else 0.0) + noise * rng.normal()
            rows.append({"place": f"p{place}", "period": year, "value": value, "first": first, "size": 50.0 + place})
    return pd.DataFrame(rows)


def test_what_was_planted_is_found_and_nothing_before_the_start():
    found = by_time.event_study(places()).set_index("periods_since")["estimate"]
    assert found.loc[[-3, -2, -1]].abs().max() == pytest.approx(0, abs=1e-9)
    assert found.loc[[0, 1, 2]].tolist() == pytest.approx([10.0, 15.0, 20.0])


def test_the_limits_hold_the_truth_and_are_as_wide_as_the_places_differ():
    found = by_time.event_study(places(noise=1.0)).set_index("periods_since")
    known = found.dropna()
    assert len(known) == 5 and (known["lower"] < known["estimate"]).all() and (known["upper"] > known["estimate"]).all()
    assert found.loc[1, "lower"] < 15 < found.loc[1, "upper"]
    wide = by_time.event_study(places(noise=4.0)).set_index("periods_since")
    assert (wide["upper"] - wide["lower"]).mean() > 2 * (found["upper"] - found["lower"]).mean()


def test_few_places_have_no_limits_and_nobody_to_compare_with_has_no_estimate():
    assert by_time.event_study(places(started=3, never=3))["lower"].isna().all()
    alone = by_time.event_study(places(started=1, never=0))
    assert alone.empty and list(alone.columns) == list(by_time.COLUMNS)


def test_a_missing_year_of_a_place_leaves_the_others():
    gaps = places()
    gaps = gaps[~(gaps["place"].eq("p0") & gaps["period"].eq(4))]
    found = by_time.event_study(gaps).set_index("periods_since")
    assert found["estimate"].loc[[0, 1, 2]].tolist() == pytest.approx([10.0, 15.0, 20.0])
    assert found.loc[2, "places"] == 5


def test_the_whole_change_and_its_other_choices_agree_where_there_is_no_chance():
    whole = by_time.overall(places())
    assert whole.lowest <= whole.estimate <= whole.highest
    assert by_time.overall(places(), never_only=True).estimate == pytest.approx(whole.estimate)
    assert by_time.overall(places(), start_counts=False).estimate > whole.estimate
