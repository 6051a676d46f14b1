"""A group or a provider out of line is seen, though the whole stands well; who is hidden is not judged."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.measures import catalogue
from commissioning.sections import out_of_line

MEASURE = dataclasses.replace(catalogue()["learning_disability_own_goal_met"], groups=("ethnicity", "provider", "ward"))


def released(**groups):
    """What disclosure control lets out of one period: kind → {group: (numerator, denominator)}."""
    rows = [
        {"measure": MEASURE.id, "pilot": "learning_disability", "area": "E08000015", "group_kind": kind, "group": name,
         "period": "2014-15", "numerator": pair[0], "denominator": pair[1], "people": pair[1], "kind": "count"}
        for kind, held in groups.items()
        for name, pair in held.items()
    ]  # fmt: skip
    return disclosure.release(pd.DataFrame(rows))


def found(measure=MEASURE, floor=50.0, **groups):
    """Who is out of line; the figure that says so is looked at and left out."""
    said = out_of_line.found(released(**groups), measure, "2014-15", floor)
    assert all(re.search(r"\. Its figure is \d+\.\d% of [\d,]+ \(range [\d.]+ to [\d.]+\)", one) for one in said), said
    return tuple(one.split(". Its figure")[0] for one in said)


def test_a_group_of_people_whose_whole_range_is_below_the_floor_is_named():
    assert found(ethnicity={"white": (600, 1000), "asian": (30, 100)}) == ("ethnicity asian stands below the floor",)


@pytest.mark.parametrize("pair", [(3, 40), (45, 100), (40, 90)])
def test_a_group_hidden_or_too_small_to_be_sure_of_is_not_judged(pair):
    assert found(ethnicity={"white": (600, 1000), "asian": pair}) == ()


def test_a_provider_far_below_the_others_is_named_though_it_stands_above_the_floor():
    rest = {f"P{i}": (950, 1000) for i in range(8)}
    assert found(provider={**rest, "P9": (700, 1000)}) == (
        "provider P9 lies further below the rest than chance allows",
    )


def test_a_provider_far_above_the_others_asks_nothing():
    assert found(provider={**{f"P{i}": (600, 1000) for i in range(8)}, "P9": (950, 1000)}) == ()


def test_a_provider_is_named_once_though_both_rules_see_it():
    assert found(provider={**{f"P{i}": (950, 1000) for i in range(8)}, "P9": (100, 1000)}) == (
        "provider P9 stands below the floor",
    )


def test_fewer_than_five_providers_are_not_compared():
    assert found(provider={"P1": (950, 1000), "P2": (950, 1000), "P3": (950, 1000), "P4": (700, 1000)}) == ()


def test_a_place_that_is_no_group_of_people_and_no_provider_is_not_judged():
    assert found(ward={"North": (100, 1000)}) == ()


def test_where_fewer_is_better_it_is_the_high_ones_that_are_out_of_line():
    fewer = dataclasses.replace(MEASURE, better="lower")
    assert found(fewer, ethnicity={"a": (600, 1000), "b": (300, 1000)}) == ("ethnicity a stands above the floor",)
    assert found(dataclasses.replace(MEASURE, better="neutral"), ethnicity={"a": (600, 1000)}) == ()
