"""Support over fifths of wards, and its slope: known answers, and small numbers kept out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.disclosure import policy
from commissioning.measures.catalogue import loaded

access = loaded(pilots.home() / "pilots" / "learning_disability" / "sections_access.py")


def wards(shares, *, people=1000, expected=10):
    """One year of a population with a ward for each share of an ethnic minority."""
    return pd.DataFrame(
        [
            {
                "ward": f"W{i}",
                "ethnicity": kind,
                "people": round(people * part),
                "with_learning_disability": expected * part,
            }
            for i, share in enumerate(shares)
            for kind, part in (("ethnic minority", share), ("white", 1 - share))
        ]
    )


def supported(*counts):
    frame = pd.DataFrame({"fifth_by_ethnicity": [str(at + 1) for at in range(len(counts))], "people": counts})
    return frame.astype({"people": "Int64"}).assign(people_hidden=frame["people"].isna())


def test_wards_are_put_in_fifths_from_the_smallest_share_to_the_largest():
    population = wards([0.5, 0.1, 0.3, 0.2, 0.4, 0.05, 0.25, 0.45, 0.35, 0.15])
    found = access.by_fifth(population, "ethnicity", supported(20, 20, 20, None))
    assert found["ranking"].tolist() == [1, 2, 3, 4, 5] and found["wards"].tolist() == [2] * 5
    assert found["share"].round(1).tolist() == [7.5, 17.5, 27.5, 37.5, 47.5]
    assert found["expected"].tolist() == [20] * 5
    assert found["supported"].fillna(-1).tolist() == [20, 20, 20, -1, 0], "hidden is not nobody"
    assert found["supported_hidden"].tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 22])
def test_every_ward_stands_in_one_fifth_whatever_their_number(count):
    found = access.by_fifth(wards(list(np.linspace(0.1, 0.5, count))), "ethnicity", supported())
    assert found["wards"].sum() == count and len(found) == min(5, count)
    assert found["wards"].max() - found["wards"].min() <= 1


def test_the_slope_of_a_straight_fall_is_the_whole_fall():
    # Rates 120, 110, 100, 90, 80 of groups of one size: the line runs from 125 at the foot to 75 at the top.
    frame = pd.DataFrame({"supported": [120, 110, 100, 90, 80], "expected": [100] * 5})
    found = access.slope(frame, policy())
    assert found.sii == pytest.approx(-50, abs=1.0)
    assert found.sii_lower < -50 < found.sii_upper < 0


def test_equal_rates_have_no_slope():
    found = access.slope(pd.DataFrame({"supported": [100] * 5, "expected": [100] * 5}), policy())
    assert found.sii == pytest.approx(0, abs=1e-9) and found.sii_lower < 0 < found.sii_upper


@pytest.mark.parametrize("known", [0, 1, 2])
def test_fewer_than_three_known_fifths_have_no_slope(known):
    supported = pd.array([100] * known + [None] * (5 - known), dtype="Int64")
    assert access.slope(pd.DataFrame({"supported": supported, "expected": [100] * 5}), policy()) is None


@pytest.mark.parametrize("column", list(access.CALLED))
def test_the_section_shows_five_fifths_and_ends_in_one_finding(column):
    report = reports.open("pilot", pilot="learning_disability")
    table = report.access_slope(column).record
    assert len(table["data"]["rows"]) == 5 and table["id"] == f"access-slope-{column.replace('_', '-')}"
    (found,) = report.told("access_slope", column).found
    assert found.record["claim"] == "compared" and found.record["evidence"] == table["id"]


def test_a_slope_is_worded_by_its_side_and_only_where_its_range_leaves_out_nothing():
    report = reports.open("pilot", pilot="learning_disability")
    flat = access.slope(pd.DataFrame({"supported": [100] * 5, "expected": [100] * 5}), policy())
    for made, says in (
        (flat, "No difference in support"),
        (dataclasses.replace(flat, sii=-50.0, sii_lower=-80.0, sii_upper=-20.0), "Support goes down by 50"),
        (dataclasses.replace(flat, sii=50.0, sii_lower=20.0, sii_upper=80.0), "Support goes up by 50"),
    ):
        (found,) = access._found_slope(report, made, "people aged 65 and over", "age_band")
        assert found.record["sentence"].startswith(says)


def test_a_part_of_the_area_and_a_missing_extract_are_said():
    part = reports.open("pilot", pilot="learning_disability", level="locality=North")
    assert "too few wards" in str(part.access_slope("ethnicity").record)
    whole = reports.open("pilot", pilot="learning_disability")
    whole.study = SimpleStudy(whole.study)
    assert "population" in str(whole.access_slope("ethnicity").record)


class SimpleStudy:
    """A study without the extract of the population."""

    def __init__(self, study):
        self._study = study
        self.tables_held = [one for one in study.tables_held if one != "population"]

    def __getattr__(self, name):
        return getattr(self._study, name)
