"""Standardised rates: published answers, second routes, and what must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import intervals, standardise


@pytest.mark.parametrize("per", [10_000, 100_000])
@pytest.mark.parametrize("area", ["testdata_big", "testdata_small", "testdata_tiny"])
def test_directly_standardised_rates_agree_with_public_health_england(fixture, area, per):
    case = fixture("f04")
    data = pd.DataFrame(case["inputs"]["data"])
    rows = data[data["area"] == area]
    want = next(e for e in case["expected"] if e["area"] == area and e["statistic"].endswith((f"per {per}", "< 10")))
    for confidence, suffix in ((0.95, "95_0cl"), (0.998, "99_8cl")):
        got = standardise.direct(
            rows["count"].to_numpy(), rows["pop"].to_numpy(), case["inputs"]["esp2013"], per, confidence
        ).iloc[0]
        for mine, theirs in (("value", "value"), ("lower", f"lower{suffix}"), ("upper", f"upper{suffix}")):
            if want[theirs] is None:
                assert np.isnan(got[mine])
            else:
                assert got[mine] == pytest.approx(want[theirs], rel=1e-6)


def test_the_standard_population_of_1976_agrees_too(fixture):
    case = fixture("f04")
    rows = pd.DataFrame(case["inputs"]["esp1976_data"])
    want = next(e for e in case["expected"] if e["area"] == "testdata_1976" and "100000" in e["statistic"])
    got = standardise.direct(rows["count"], rows["pop"], rows["esp1976"]).iloc[0]
    for mine, theirs in (("value", "value"), ("lower", "lower95_0cl"), ("upper", "upper95_0cl")):
        assert got[mine] == pytest.approx(want[theirs], rel=1e-6)


def test_a_place_with_the_standards_own_ages_has_its_crude_rate():
    got = standardise.direct([10, 30], [1000, 2000], [1, 2], per=1000).iloc[0]
    crude = intervals.rate(40, 3000, per=1000).iloc[0]
    assert got["value"] == pytest.approx(crude["value"])
    assert got["lower"] == pytest.approx(crude["lower"]) and got["upper"] == pytest.approx(crude["upper"])


def test_indirect_sets_what_happened_against_what_was_expected():
    got = standardise.indirect([3, 27], [100, 200], [10, 100], [1000, 1000]).iloc[0]
    assert got["observed"] == 30 and got["expected"] == pytest.approx(21)
    assert got["value"] == pytest.approx(30 / 21)
    by_rate = intervals.rate(30, 21.0).iloc[0]
    assert got["lower"] == pytest.approx(by_rate["lower"]) and got["upper"] == pytest.approx(by_rate["upper"])
    assert standardise.indirect(30, [100, 200], [10, 100], [1000, 1000]).iloc[0]["value"] == got["value"]


def test_frames_of_places_give_a_row_a_place():
    events = pd.DataFrame({"Wirral": [10, 30], "Sefton": [5, 2]})
    people = pd.DataFrame({"Sefton": [500, 500], "Wirral": [1000, 2000]})
    got = standardise.direct(events, people, [1, 1])
    assert list(got.index) == ["Wirral", "Sefton"]
    assert np.isnan(got.loc["Sefton", "value"]) and got.loc["Sefton", "events"] == 7


def test_a_missing_band_makes_the_rate_missing_and_not_smaller():
    assert np.isnan(standardise.direct([10, None], [100, 100], [1, 1])["value"].item())
    assert np.isnan(standardise.indirect([1, None], [100, 100], [1, 1], [10, 10])["value"].item())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: standardise.direct([1, 2], [0, 5], [1, 1]), "nobody"),
        (lambda: standardise.direct([-1, 2], [5, 5], [1, 1]), "below zero"),
        (lambda: standardise.direct([1, 2], [5, 5], [0, 0]), "some band people"),
        (lambda: standardise.direct([1, 2], [5, 5], [1, 1, 1]), "unequal lengths"),
        (lambda: standardise.indirect([1, 2, 3], [5, 5], [1, 1], [5, 5]), "one total or 2 bands"),
        (lambda: standardise.indirect(1, [5, 5], [1, 1], [0, 5]), "nobody"),
    ],
)
def test_impossible_bands_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@st.composite
def bands(draw):
    k = draw(st.integers(2, 12))
    numbers = st.lists(st.integers(1, 10_000), min_size=k, max_size=k)
    people = draw(numbers)
    events = [draw(st.integers(0, n)) for n in people]
    return events, people, draw(numbers)


@settings(max_examples=40, deadline=None)  # each example calls the method three times
@given(bands(), st.floats(0.01, 1000), st.randoms())
def test_limits_hold_the_rate_and_neither_order_of_bands_nor_size_of_the_standard_matters(given_, size, random):
    events, people, standard = given_
    got = standardise.direct(events, people, standard).iloc[0]
    order = list(range(len(events)))
    random.shuffle(order)
    again = standardise.direct(
        [events[i] for i in order], [people[i] for i in order], [standard[i] * size for i in order]
    ).iloc[0]
    np.testing.assert_allclose(again.to_numpy(), got.to_numpy(), rtol=1e-9)
    if sum(events) >= 10:
        assert 0 <= got["lower"] <= got["value"] <= got["upper"]
        wide = standardise.direct(events, people, standard, confidence=0.998).iloc[0]
        assert wide["lower"] <= got["lower"] and wide["upper"] >= got["upper"]
        rates = np.array(events) / np.array(people) * 100_000
        assert rates.min() * (1 - 1e-9) <= got["value"] <= rates.max() * (1 + 1e-9)


def test_a_lower_limit_that_would_fall_below_zero_is_zero():
    # Nearly all the weight on one event of one person: Dobson's formula gives −11,406.
    got = standardise.direct([9, 1], [9, 1], [1, 2]).iloc[0]
    assert got["value"] == pytest.approx(100_000) and got["lower"] == 0
    assert got["upper"] == pytest.approx(279_347.699, abs=0.01)


def test_frames_without_a_place_give_a_table_without_a_row():
    got = standardise.direct(pd.DataFrame(index=[0, 1]), pd.DataFrame(index=[0, 1]), [1, 1])
    assert len(got) == 0 and list(got.columns) == ["value", "lower", "upper", "events"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500)), min_size=1, max_size=6), st.floats(0.5, 0.999))
def test_observed_against_expected_never_leaves_its_possible_range(rows, confidence):
    events, people = (list(column) for column in zip(*rows, strict=True))
    got = standardise.indirect(events, people, [5] * len(rows), [100] * len(rows), confidence).iloc[0]
    assert 0 <= got["lower"] <= got["value"] <= got["upper"]
