"""A printed estimate is rounded to its standard error, moved by keyed noise, and stands on ten people and ten degrees of freedom."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.disclosure import policy
from commissioning.disclosure.estimates import (
    VERSIONS,
    Behind,
    decimals_of,
    key_of,
    moved,
    released_count,
    released_estimate,
    step_of,
    worth,
)

MANY = {"people": (120, 80), "degrees": 21}


def behind(key=7, influence=0.5, **more):
    return Behind(**(MANY | {"key": key, "influence": influence} | more))


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_the_step_is_between_a_fifth_and_a_half_of_the_standard_error(error):
    step = step_of(error)
    assert 0.2 * error * (1 - 1e-9) <= step <= 0.5 * error * (1 + 1e-9)
    assert f"{step:.0e}"[0] in "125"


@pytest.mark.parametrize(("step", "decimals"), [(0.0, None), (0.02, 2), (0.5, 1), (1.0, 0), (20.0, 0)])
def test_an_estimate_is_written_with_the_decimals_of_its_step(step, decimals):
    assert decimals_of(step) == decimals


def test_known_answer():
    """Standard error 1.6, influence 0.35: noise 1.38 by hand; √(1.6² + 1.38²) = 2.11, half of it 1.06, so steps of 1."""
    noise = 0.35 * math.sqrt(2 * 2) / (2 * NormalDist().inv_cdf(0.6))
    assert noise == pytest.approx(1.382, abs=0.001)
    found = released_estimate(8.4, 5.1, 11.7, standard_error=1.6, behind=behind(key=200 + 256 * 60, influence=0.35))
    middle = 8.4 + NormalDist().inv_cdf(200.5 / 256) * noise
    wider = math.sqrt(3.3**2 + (1.96 * noise) ** 2)
    own = 0.6 * noise * 3.3 / wider
    half = wider + own * (NormalDist().inv_cdf(60.5 / 256) + own / wider)
    assert found.noise == pytest.approx(noise) and found.step == 1
    assert found.estimate == round(middle)
    assert found.lower == math.floor(middle - half) and found.upper == math.ceil(middle + half)


@given(st.integers(0, 65_535), st.floats(-20, 20), st.floats(0.1, 5), st.floats(0.01, 3))
def test_printed_numbers_are_steps_and_the_range_is_wider_by_the_noise(key, estimate, error, influence):
    low, high = estimate - 2.08 * error, estimate + 2.08 * error
    found = released_estimate(estimate, low, high, standard_error=error, behind=behind(key, influence))
    assert found.lower <= found.estimate <= found.upper
    for one in (
        found.estimate,
        5 * found.lower,
        5 * found.upper,
    ):  # cut at no change, a limit is a fifth of a step from it
        assert abs(one / found.step - round(one / found.step)) < 1e-6
    noise = influence * worth()
    assert found.step <= math.hypot(error, noise) / 2 * (1 + 1e-9)
    if low > 0 or high < 0:
        assert (found.lower > 0) == (low > 0) and (found.upper < 0) == (high < 0), "it says what the claim says"
    else:
        assert found.lower <= 0 <= found.upper
        assert found.upper - found.lower >= math.hypot(2.08 * error, 1.96 * noise) - 1e-6


def test_the_noise_is_as_large_beside_an_influence_as_the_rate_of_guesses_asks():
    for influence in (0.1, 2.0):
        noise = behind(influence=influence).noise()
        right = NormalDist().cdf(math.sqrt(2 * VERSIONS) * influence / (2 * noise))  # an estimate and its range
        assert right == pytest.approx(policy().surest_guess)
    assert behind().noise(policy().stricter(surest_guess=0.55)) > behind().noise()


def test_over_all_keys_the_noise_has_mean_nought_and_its_standard_deviation():
    values = np.array([moved(key) for key in range(256)])
    assert values.mean() == pytest.approx(0, abs=1e-12) and values.std() == pytest.approx(1, abs=0.01)


def test_limits_hold_their_share_of_the_truth_with_the_noise():
    rng = np.random.default_rng(4)
    held = []
    for _ in range(2_000):
        drawn, error = rng.normal(0.3, 1.0), 1.0
        found = released_estimate(
            drawn, drawn - 1.96, drawn + 1.96, standard_error=error, behind=behind(int(rng.integers(65_536)), 0.25)
        )
        held.append(found.lower <= 0.3 <= found.upper)
    assert np.mean(held) >= 0.94


@pytest.mark.parametrize(
    ("more", "says"),
    [({"people": (120, 9)}, "Fewer than 10 people"), ({"people": (9,)}, "Fewer than 10 people"), ({"degrees": 9}, "9 degrees of freedom")],
)  # fmt: skip
def test_fewer_than_ten_people_on_a_side_or_ten_degrees_of_freedom_print_nothing(more, says):
    found = released_estimate(1.0, 0.5, 1.5, standard_error=0.2, behind=behind(**more))
    assert found.estimate is found.lower is found.upper is None and says in found.withheld
    allowed = {key: tuple(one + 1 for one in value) if isinstance(value, tuple) else value + 1 for key, value in more.items()}  # fmt: skip
    assert released_estimate(1.0, 0.5, 1.5, standard_error=0.2, behind=behind(**allowed)).estimate is not None


def test_rows_that_everybody_can_read_or_that_name_nobody_get_no_noise():
    for one in (behind(public=True, people=(3,), degrees=2), behind(key=None)):
        found = released_estimate(8.4, 5.1, 11.7, standard_error=1.6, behind=one)
        assert found.noise == 0 and (found.estimate, found.lower, found.upper) == (8.5, 5.0, 12.0)


def test_a_series_without_any_scatter_is_printed_as_it_is():
    assert released_estimate(3.0, 3.0, 3.0, standard_error=0.0, behind=behind(public=True)).estimate == 3.0


def test_the_same_people_have_the_same_key_and_an_answer_more_another():
    everybody, said = [11, 22, 33], [11, 11, 33]
    assert key_of(everybody, said) == key_of(reversed(everybody), [33, 11, 11])
    keys = {key_of(everybody, [*said, 22 + one]) for one in range(200)}
    assert len(keys) > 100


def test_people_behind_an_estimate_are_counted_as_people_are_everywhere():
    for key in range(0, 256, 15):
        shown = released_count(100, key)
        assert shown % policy().round_to == 0 and abs(shown - 100) <= 19 + 2.5
    assert released_count(2, 0) is None and released_count(0, None) == 0 and released_count(7, None) is None
