"""Value: frontiers, comparisons over draws, and what may not be said."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import value


@pytest.fixture
def vaccine(fixture):
    case = fixture("f14")
    table = pd.read_csv(case["folder"] / case["inputs"]["csv"])
    names = ["status quo", "vaccination"]
    return (
        table[["c_statusquo", "c_vacc"]].set_axis(names, axis=1),
        table[["e_statusquo", "e_vacc"]].set_axis(names, axis=1),
        case["expected"],
    )


def draws(seed, shape=(400, 3), spread=1.0):
    random = np.random.default_rng(seed)
    names = [f"option {i}" for i in range(shape[1])]
    costs = pd.DataFrame(random.normal(100 + 10 * np.arange(shape[1]), 5 * spread, shape), columns=names)
    effects = pd.DataFrame(random.normal(1 + 0.3 * np.arange(shape[1]), 0.2 * spread, shape), columns=names)
    return costs, effects


def test_the_vaccine_comparison_gives_the_published_answers(vaccine):
    costs, effects, expected = vaccine
    got = value.compare(
        costs=costs, effects=effects, thresholds=[row["k"] for row in expected["by_k"]], reference="status quo"
    )
    assert got.icer["vaccination"] == pytest.approx(expected["ICER"], rel=1e-6)
    assert got.increments.loc["vaccination", "effect"] == pytest.approx(expected["mean_delta_e"], rel=1e-6)
    assert got.increments.loc["vaccination", "cost"] == pytest.approx(expected["mean_delta_c"], rel=1e-6)
    for row in expected["by_k"]:
        assert got.incremental_benefit.loc[row["k"], "vaccination"] == pytest.approx(row["eib"], rel=1e-6)
        assert got.ceac.loc[row["k"], "vaccination"] == row["ceac"]
        assert got.evpi.loc[row["k"]] == pytest.approx(row["evpi"], rel=1e-6)


def test_the_decision_on_the_vaccine_changes_at_the_published_threshold(vaccine):
    costs, effects, expected = vaccine
    grid = np.arange(19_000, 21_001, 100)
    chosen = value.compare(costs=costs, effects=effects, thresholds=grid, reference="status quo").ceaf["option"]
    assert chosen.eq("vaccination").idxmax() == expected["kstar"]
    assert chosen.loc[expected["kstar"] - 100] == "status quo"


def test_the_published_trap_is_one(fixture):
    """At 10,000 the likeliest of eleven strategies (s37, 28%) is not the one whose mean net benefit is highest (s43)."""
    case = fixture("f17")
    means = pd.DataFrame(case["inputs"]["means"]).set_index("Strategy")
    curve = pd.DataFrame(case["expected"]["ceac"])
    for threshold, rows in curve.groupby("WTP"):
        best_on_average = (threshold * means["meanEffect"] - means["meanCost"]).idxmax()
        assert rows.loc[rows["On_Frontier"], "Strategy"].tolist() == [best_on_average]
    # One draw a strategy, at its means: the frontier is the same, though no curve can then set a trap.
    costs, effects = means[["meanCost"]].T, means[["meanEffect"]].T.set_axis(["meanCost"])
    got = value.compare(costs=costs, effects=effects, thresholds=sorted(set(curve["WTP"])), reference="s3")
    assert got.ceaf["option"].tolist() == curve[curve["On_Frontier"]].sort_values("WTP")["Strategy"].tolist()


def test_a_ratio_whose_effect_may_be_nothing_is_not_shown(vaccine):
    costs, effects, _ = vaccine
    got = value.compare(costs=costs, effects=effects, thresholds=[25000], reference="status quo")
    assert "crosses zero" in got.icer_withheld["vaccination"]
    assert got.plane.loc["vaccination"].sum() == pytest.approx(1)


def test_a_ratio_without_even_a_sign_is_not_computed():
    costs, effects = draws(1)
    effects["option 1"] = effects["option 0"] + np.linspace(-1, 1.01, len(effects))
    got = value.compare(costs=costs, effects=effects, thresholds=[100], reference="option 0")
    assert np.isnan(got.icer["option 1"]) and got.icer_withheld["option 1"]
    assert got.icer_withheld["option 2"] is None


@pytest.mark.parametrize("case", ["herc", "hiv"])
def test_frontiers_agree_with_dampack(fixture, case):
    given_, expected = fixture("f16")["inputs"][case], fixture("f16")["expected"][case]
    effect = given_.get("effect") or [q / 12 for q in given_["qalm_div12"]]
    check_frontier(pd.Series(given_["cost"], given_["strategies"]), pd.Series(effect, given_["strategies"]), expected)


def test_the_frontier_of_eleven_strategies_agrees_with_dampack(fixture):
    case = fixture("f17")
    means = pd.DataFrame(case["inputs"]["means"]).set_index("Strategy")
    check_frontier(means["meanCost"], means["meanEffect"], case["expected"]["icers"])


def check_frontier(costs, effects, expected):
    got = value.frontier(costs, effects)
    word = {"ND": value.ON_FRONTIER, "D": value.DOMINATED, "ED": value.EXTENDEDLY_DOMINATED}
    for row in expected:
        mine = got.loc[row["Strategy"]]
        assert mine["status"] == word[row["Status"]], row["Strategy"]
        if row["ICER"] is None:
            assert np.isnan(mine["icer"])
        else:
            assert mine["icer"] == pytest.approx(row["ICER"], rel=1e-6)
            assert mine["incremental_cost"] == pytest.approx(row["Inc_Cost"], rel=1e-6)
            assert mine["incremental_effect"] == pytest.approx(row["Inc_Effect"], rel=1e-6)
    on = [row["Strategy"] for row in expected if row["Status"] == "ND"]
    assert got.index[got["status"].eq(value.ON_FRONTIER)].tolist() == on


def test_a_cheaper_option_with_the_same_effect_becomes_the_first_on_the_frontier():
    got = value.frontier({"now": 10.0, "cheaper": 5.0, "better": 20.0}, {"now": 1.0, "cheaper": 1.0, "better": 2.0})
    assert got["status"].to_dict() == {
        "cheaper": value.ON_FRONTIER, "better": value.ON_FRONTIER, "now": value.DOMINATED,
    }  # fmt: skip
    assert got.loc["better", "icer"] == 15


def test_the_option_most_often_best_is_not_chosen_where_another_is_better_on_average():
    likely, long_shot = np.array([1.0] * 60 + [-1.0] * 40), np.array([0.0] * 60 + [5.0] * 40)
    effects = pd.DataFrame({"likely": likely, "long shot": long_shot})
    got = value.compare(costs=effects * 0, effects=effects, thresholds=[1], reference="likely")
    assert got.ceac.loc[1].to_dict() == {"likely": 0.6, "long shot": 0.4}
    assert got.ceaf.loc[1, "option"] == "long shot" and got.ceaf.loc[1, "probability"] == 0.4
    assert got.evpi.loc[1] == pytest.approx(0.6 * 1 + 0.4 * 5 - 2)


def naive(costs, effects, k):
    benefit = k * effects - costs
    best = benefit.idxmax(axis=1)
    share = best.value_counts(normalize=True).reindex(costs.columns).fillna(0)
    return share, benefit.max(axis=1).mean() - benefit.mean().max(), benefit.mean().idxmax()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 500))
def test_a_naive_second_route_gives_the_same_curve_frontier_and_value_of_information(seed, k):
    costs, effects = draws(seed)
    got = value.compare(costs=costs, effects=effects, thresholds=[k], reference="option 0")
    share, evpi, best = naive(costs, effects, k)
    np.testing.assert_allclose(got.ceac.loc[k], share)
    assert got.evpi.loc[k] == pytest.approx(evpi, abs=1e-9)
    assert got.ceaf.loc[k, "option"] == best
    assert got.ceac.loc[k].sum() == pytest.approx(1) and got.evpi.loc[k] >= 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.randoms())
def test_order_of_draws_and_options_and_the_unit_of_money_change_nothing_that_matters(seed, unit, random):
    costs, effects = draws(seed)
    rows, columns = list(range(len(costs))), list(costs.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    one = value.compare(costs=costs, effects=effects, thresholds=[50, 100], reference="option 0")
    two = value.compare(
        costs=costs.iloc[rows][columns] * unit,
        effects=effects.iloc[rows],
        thresholds=[50 * unit, 100 * unit],
        reference="option 0",
    )
    np.testing.assert_allclose(two.ceac[one.ceac.columns], one.ceac)
    np.testing.assert_allclose(two.evpi, one.evpi * unit, rtol=1e-6, atol=1e-9 * unit)
    np.testing.assert_allclose(two.icer[one.icer.index], one.icer * unit, rtol=1e-6)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=12))
def test_icers_rise_along_the_frontier_and_every_option_off_it_is_beaten_at_every_threshold(options):
    costs = pd.Series([float(c) for c, _ in options])
    effects = pd.Series([float(e) for _, e in options])
    got = value.frontier(costs, effects)
    on = got[got["status"].eq(value.ON_FRONTIER)]
    icers = on["icer"].dropna().to_numpy()
    assert (np.diff(icers) > 0).all() and (icers >= 0).all()
    for k in (0.0, *icers, *(icers + 0.5), 1e6):
        benefit = k * effects - costs
        assert benefit[on.index].max() == pytest.approx(benefit.max())


def test_swapped_costs_and_effects_are_caught_by_name():
    cost = pd.Series({"a": 10.0, "b": 20.0}, name="cost_pence")
    effect = pd.Series({"a": 1.0, "b": 2.0}, name="people in work, effect")
    assert value.frontier(cost, effect).loc["b", "icer"] == 10
    with pytest.raises(ValueError, match="swapped"):
        value.frontier(effect, cost)
    costs, effects = draws(1)
    with pytest.raises(ValueError, match="swapped"):
        value.compare(
            costs=effects.add_prefix("e_"), effects=costs.add_prefix("c_"), thresholds=[1], reference="e_option 0"
        )
    # One side's names are enough to tell, by the prefix alone.
    for swapped in (
        {"costs": costs, "effects": effects.add_prefix("c_")},
        {"costs": costs.add_prefix("e_"), "effects": effects},
    ):
        with pytest.raises(ValueError, match="swapped"):
            value.compare(**swapped, thresholds=[1], reference="option 0")
    with pytest.raises(TypeError):
        value.compare(costs, effects, [1], "option 0")


def test_an_option_called_benefit_or_low_cost_is_no_swap():
    costs = {"benefit check": 1.0, "low cost": 2.0}
    assert (
        len(value.frontier(pd.Series(costs), pd.Series({"low cost": 3.0, "benefit check": 1.0}, name="outcome"))) == 2
    )


def test_names_that_say_both_are_no_swap():
    costs = pd.Series({"a": 1.0, "b": 2.0}, name="c_benefit checks")
    effects = pd.Series({"a": 1.0, "b": 3.0}, name="e_cost of living advice")
    assert value.frontier(costs, effects).loc["b", "icer"] == 0.5


def test_different_options_missing_draws_or_an_unknown_reference_are_refused():
    costs, effects = draws(1)
    cases = {
        "different options": {"effects": effects.rename(columns={"option 2": "other"})},
        "none of the options": {"reference": "nothing"},
        "every option needs a number": {"costs": costs.mask(costs > 120)},
        "not of the same draws": {"effects": effects.set_axis(effects.index + 1)},
        "zero or more": {"thresholds": [-1]},
        "^costs: a frame of draws": {"costs": costs["option 0"]},
        "^effects: a frame of draws": {"effects": effects["option 0"]},
        "^effects: every option needs a number": {"effects": effects.mask(effects > 1)},
    }
    for says, change in cases.items():
        call = {"costs": costs, "effects": effects, "thresholds": [1], "reference": "option 0"} | change
        with pytest.raises(ValueError, match=says):
            value.compare(**call)


def test_ten_options_with_a_hundred_thousand_draws_and_two_hundred_thresholds_take_under_two_seconds():
    costs, effects = draws(3, (100_000, 10))
    start = time.process_time()
    got = value.compare(costs=costs, effects=effects, thresholds=np.linspace(0, 500, 200), reference="option 0")
    assert time.process_time() - start < 2
    assert got.ceac.shape == (200, 10)


def test_more_draws_than_one_block_and_ties_are_counted_once():
    costs, effects = draws(9, (value.BLOCK + 7, 3))
    got = value.compare(costs=costs, effects=effects, thresholds=[30, 200], reference="option 0")
    for k in (30, 200):
        share, evpi, _ = naive(costs, effects, k)
        np.testing.assert_allclose(got.ceac.loc[k], share)
        assert got.evpi.loc[k] == pytest.approx(evpi, abs=1e-9)
    same = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    tied = value.compare(costs=same, effects=same, thresholds=[1], reference="a")
    assert tied.ceac.loc[1].tolist() == [1, 0] and tied.evpi.loc[1] == 0
