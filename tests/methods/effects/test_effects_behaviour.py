"""What an effect promises whatever the data: honest limits, order and units that do not matter, plain refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.methods import effects
from commissioning.methods.effects import Effect, permutation, weights
from commissioning.methods.effects.panel import build

STAGGERED = {"outcome": "y", "unit": "ward", "time": "t", "first_treated": "first"}
BEFORE_AFTER = {"outcome": "y", "unit": "ward", "time": "t", "treated": "begun", "start": 7}
WAVES = [5] * 4 + [7] * 4 + [None] * 6


def same(a: Effect, b: Effect, scale: float = 1.0) -> None:
    for name in ("estimate", "lower", "upper"):
        assert getattr(b, name) == pytest.approx(scale * getattr(a, name), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("method", ["auto", "imputation"])
@pytest.mark.parametrize("aggregate", ["group", "simple", "dynamic"])
def test_a_planted_effect_is_found_inside_its_limits(make_panel, method, aggregate):
    data = make_panel(WAVES, effect=2.0, noise=0.3)
    found = effects.staggered(data, **STAGGERED, method=method, aggregate=aggregate)
    assert found.lower < 2.0 < found.upper
    assert found.lower > 0


@pytest.mark.parametrize("controls", ["never", "not yet"])
@pytest.mark.parametrize("aggregate", ["group", "simple", "dynamic"])
def test_our_weights_give_the_estimates_of_the_library(make_panel, controls, aggregate):
    """Two routes: diff-diff's ATT(g, t) put together by hand, and one product of weights."""
    from commissioning.methods.effects import diff_diff

    starts = WAVES if controls == "never" else [5] * 4 + [7] * 4 + [9] * 3
    data = make_panel(starts, effect=1.0, people=3)
    panel = build(data, outcome="y", unit="ward", time="t", first_treated="first")
    by_pair = diff_diff.group_time_effects(panel, controls)
    post = {pair: v for pair, v in by_pair.items() if pair[1] >= pair[0]}
    sizes = {g: float(panel.weight[panel.start == g].sum()) for g, _ in post}
    if aggregate == "simple":
        by_hand = np.average(list(post.values()), weights=[sizes[g] for g, _ in post])
    elif aggregate == "group":
        cohorts = sorted(sizes)
        means = [np.mean([v for (g, _), v in post.items() if g == c]) for c in cohorts]
        by_hand = np.average(means, weights=[sizes[c] for c in cohorts])
    else:
        events = sorted({t - g for g, t in post})
        by_hand = np.mean(
            [
                np.average(
                    [v for (g, t), v in post.items() if t - g == e], weights=[sizes[g] for g, t in post if t - g == e]
                )
                for e in events
            ]
        )
    one = weights.callaway_santanna(
        panel.start[None], panel.weight[None], panel.n, aggregate=aggregate, controls=controls
    )
    assert weights.apply(one, panel.y)[0] == pytest.approx(by_hand, abs=1e-9)


def test_imputation_equals_least_squares_fitted_by_hand(make_panel):
    data = make_panel(WAVES, effect=1.0, periods=9)
    found = effects.staggered(data, **STAGGERED, method="imputation", aggregate="simple")
    on = data["first"].notna() & (data["t"] >= data["first"])
    before = data[~on]
    dummies = pd.get_dummies(data[["ward", "t"]].astype(str)).astype(float)
    fit, *_ = np.linalg.lstsq(dummies[~on].to_numpy(), before["y"].to_numpy(), rcond=None)
    by_hand = (data["y"] - dummies.to_numpy() @ fit)[on].mean()
    assert found.estimate == pytest.approx(by_hand, abs=1e-8)


def test_people_within_wards_are_averaged_not_counted_as_independent(make_panel):
    data = make_panel(WAVES, people=30, wander=1.0).assign(person=lambda d: np.arange(len(d)))
    found = effects.staggered(data, **{**STAGGERED, "unit": "person"}, cluster="ward")
    assert found.diagnostics["clusters"] == len(WAVES)
    assert found.diagnostics["n_units"] == len(data)
    by_ward = effects.staggered(data.groupby(["ward", "t"], as_index=False).mean(numeric_only=True), **STAGGERED)
    assert found.estimate == pytest.approx(by_ward.estimate, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.01, 1000),
    shift=st.floats(-100, 100),
    method=st.sampled_from(["auto", "imputation"]),
)
def test_row_order_and_units_of_measurement_do_not_matter(make_panel_plain, seed, scale, shift, method):
    data = make_panel_plain(seed)
    first = effects.staggered(data, **STAGGERED, method=method)
    shuffled = data.sample(frac=1, random_state=seed).assign(y=lambda d: scale * d["y"] + shift)
    again = effects.staggered(shuffled, **STAGGERED, method=method)
    same(first, again, scale)
    assert first.lower <= first.estimate <= first.upper
    assert again.p_value == pytest.approx(first.p_value, rel=1e-5, abs=1e-9)


@pytest.fixture(scope="module")
def make_panel_plain():
    def make(seed: int, starts=tuple(WAVES)) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        rows = [
            (f"w{w:02d}", t, first, rng.normal(), first is not None)
            for w, first in enumerate(starts)
            for t in range(1, 11)
        ]
        return pd.DataFrame(rows, columns=["ward", "t", "first", "y", "begun"])

    return make


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), treated=st.integers(1, 4), others=st.integers(3, 22))
def test_few_that_started_are_tested_by_permutation_and_no_standard_error_is_given(
    make_panel_plain, seed, treated, others
):
    data = make_panel_plain(seed, starts=(6,) * treated + (None,) * others)
    for found in (
        effects.staggered(data, **STAGGERED),
        effects.before_after(data, **{**BEFORE_AFTER, "start": 6}),
    ):
        assert "permutation" in found.method
        assert found.draws is None
        assert "may not be told" in found.value_withheld_because
        assert found.diagnostics["standard_error"] is None
        assert found.p_value >= found.smallest_p_possible - 1e-12
        if found.smallest_p_possible > 0.05:
            assert found.lower is None
            assert "smallest p-value" in found.withheld_because
        if found.lower is not None:
            assert found.lower <= found.estimate <= found.upper
            assert (found.lower <= 0 <= found.upper) == (found.p_value > 0.05)


def test_one_of_ten_never_gets_an_interval(make_panel):
    found = effects.before_after(make_panel([7] + [None] * 9, effect=50.0), **BEFORE_AFTER)
    assert found.smallest_p_possible == pytest.approx(0.1)
    assert found.lower is None
    assert found.upper is None


def test_the_permutation_interval_is_the_set_of_effects_not_rejected(make_panel):
    """A naive second route: take each effect off the data and test again."""
    data = make_panel([7, 7] + [None] * 8, effect=1.0)
    found = effects.before_after(data, **BEFORE_AFTER)

    def p_of(candidate: float) -> float:
        on = data["begun"] & (data["t"] >= 7)
        return effects.before_after(data.assign(y=data["y"] - candidate * on), **BEFORE_AFTER).p_value

    inside = 0.01 * (found.upper - found.lower)
    assert p_of(found.lower + inside) > 0.05
    assert p_of(found.upper - inside) > 0.05
    assert p_of(found.lower - inside) <= 0.05
    assert p_of(found.upper + inside) <= 0.05


def test_every_assignment_is_tried_once_where_there_are_few():
    table, smallest = permutation.assignments(np.array([3, 3, 9, 9, 5]))
    assert len(table) == len({tuple(row) for row in table}) == 30
    assert tuple(table[0]) == (3, 3, 9, 9, 5)
    assert smallest == pytest.approx(1 / 30)


def test_draws_of_two_outcomes_on_the_same_wards_move_together(make_panel):
    data = make_panel(WAVES, effect=1.0)
    outcome = effects.staggered(data, **STAGGERED)
    cost = effects.staggered(data.assign(y=3 * data["y"]), **STAGGERED)
    assert np.corrcoef(outcome.draws, cost.draws)[0, 1] == pytest.approx(1)
    assert np.quantile(outcome.draws, 0.025) == pytest.approx(outcome.lower, abs=0.15 * (outcome.upper - outcome.lower))


def test_never_may_be_written_as_missing_nought_or_infinity(make_panel):
    data = make_panel(WAVES, effect=1.0)
    first = effects.staggered(data, **STAGGERED)
    for never in (0, np.inf, np.nan):
        same(first, effects.staggered(data.assign(first=data["first"].fillna(never)), **STAGGERED))


def test_quarters_as_text_sort_and_start_in_the_right_place(make_panel):
    data = make_panel(WAVES, effect=1.0)
    label = {t: f"{2011 + (t - 1) // 4}-{12 + (t - 1) // 4} Q{(t - 1) % 4 + 1}" for t in range(1, 13)}
    text = data.assign(t=data["t"].map(label), first=data["first"].map(label))
    same(effects.staggered(data, **STAGGERED), effects.staggered(text, **STAGGERED))


def test_a_drift_before_the_start_is_seen(make_panel):
    drifting = effects.staggered(make_panel(WAVES, drift=0.3, noise=0.5), **STAGGERED)
    assert drifting.diagnostics["pretrend"] == pytest.approx(0.3, abs=0.1)
    assert drifting.diagnostics["pretrend_p"] < 0.01


def test_a_drift_is_seen_even_where_shuffling_five_departments_could_never_show_it(make_panel):
    starts = [8, 9, 10, None, None]
    drifting = effects.staggered(make_panel(starts, drift=1.0, noise=0.5), **STAGGERED, method="imputation")
    assert drifting.diagnostics["pretrend_p"] is None
    assert drifting.diagnostics["pretrend_series_p"] < 0.01
    assert drifting.diagnostics["drift_share"] == pytest.approx(1, abs=0.3)
    found = [
        effects.staggered(make_panel(starts, effect=5.0, noise=0.5, seed=s), **STAGGERED, method="imputation")
        for s in range(20)
    ]
    assert np.mean([e.diagnostics["drift_share"] < 0.4 for e in found]) > 0.9


def test_a_jump_in_who_is_counted_is_named_as_a_break(make_panel):
    data = make_panel(WAVES, people=40)
    keep = (data["t"] < 9) | (np.arange(len(data)) % 3 > 0)
    assert "rows counted" in effects.staggered(data[keep], **STAGGERED).diagnostics["series_break"]
    assert effects.staggered(data, **STAGGERED).diagnostics["series_break"] is None


def test_everybody_starting_in_turn_is_compared_with_those_not_yet_started(make_panel):
    found = effects.staggered(make_panel([4] * 5 + [6] * 5 + [8] * 5, effect=2.0, noise=0.3), **STAGGERED)
    assert "had not yet started" in found.estimand
    assert found.lower < 2.0 < found.upper


def test_distance_travelled_without_a_comparator_is_refused_with_the_expected_size(make_picked):
    truth = (1 - 1 / 1.64) * 1.755 * np.sqrt(1.64)  # (1 − r) × the tenth's distance from the mean
    held = 0
    for seed in range(40):
        found = effects.before_after(make_picked(seed), **{**BEFORE_AFTER, "start": 2})
        assert found.lower is None
        assert found.draws is None
        assert "would be expected with no pilot at all" in found.withheld_because
        low, high = found.diagnostics["expected_regression_to_mean_range"]
        held += low <= truth <= high
    assert held >= 34


def test_saying_how_people_were_picked_takes_the_expected_change_off(make_picked):
    covered = 0
    for seed in range(100):
        found = effects.before_after(make_picked(seed), **{**BEFORE_AFTER, "start": 2}, chosen_share=0.1)
        covered += found.lower <= 0 <= found.upper
    assert covered >= 88


def test_a_known_population_mean_takes_it_off_too(make_picked):
    found = effects.before_after(make_picked(4), **{**BEFORE_AFTER, "start": 2}, population_mean=0.0)
    assert found.lower <= 0 <= found.upper
    assert found.diagnostics["regression_to_mean_adjusted"] is True


@pytest.fixture(scope="module")
def make_picked():
    """The lowest tenth of 1,000 people at a first score, scored again; nothing was done."""

    def make(seed: int) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        lasting = rng.normal(0, 1, 1000)
        first, second = lasting + rng.normal(0, 0.8, 1000), lasting + rng.normal(0, 0.8, 1000)
        low = np.argsort(first)[:100]
        return pd.DataFrame(
            {
                "ward": np.tile(low, 2),
                "t": np.repeat([1, 2], 100),
                "y": np.concatenate([first[low], second[low]]),
                "begun": True,
            }
        )

    return make


@pytest.mark.parametrize(("points", "how"), [(10, "least squares"), (12, "autocorrelation"), (24, "autocorrelation")])
def test_short_series_take_least_squares_and_longer_ones_allow_for_autocorrelation(points, how):
    rng = np.random.default_rng(1)
    series = pd.DataFrame({"t": np.arange(points), "y": rng.normal(size=points)})
    found = effects.interrupted(series, outcome="y", time="t", start=points // 2)
    assert how in found.method
    assert found.lower <= found.estimate <= found.upper


def test_least_squares_limits_are_those_of_the_textbook():
    rng = np.random.default_rng(4)
    t = np.arange(10.0)
    series = pd.DataFrame({"t": t, "y": rng.normal(size=10)})
    found = effects.interrupted(series, outcome="y", time="t", start=5)
    x = np.column_stack([np.ones(10), t, t >= 5])
    beta, rss, *_ = np.linalg.lstsq(x, series["y"], rcond=None)
    error = np.sqrt(rss[0] / 7 * np.linalg.inv(x.T @ x)[2, 2])
    assert found.estimate == pytest.approx(beta[2])
    assert found.upper == pytest.approx(beta[2] + 2.364624 * error, rel=1e-5)


@pytest.mark.parametrize("rho", [0.0, 0.4])
@pytest.mark.parametrize("points", [12, 24, 48])
def test_interrupted_limits_cover_where_least_squares_does_not(resembling, points, rho):
    """Fixture f26: at 24 points and autocorrelation .4 least squares covers 84% and Newey-West 74%."""
    from commissioning.methods.effects import autocorrelated

    rng = np.random.default_rng(points)
    y = resembling(rng, points, rho)
    clock = np.arange(points)
    design = np.column_stack([np.ones(points), clock, clock >= points // 2])
    below = autocorrelated.fit(y, design, np.array([0.0, 0, 1])).below(np.zeros(4000))
    assert np.mean((below > 0.025) & (below < 0.975)) >= 0.926


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "z"}, "no such column"),
        ({"aggregate": "all"}, "group, simple or dynamic"),
        ({"method": "magic"}, "write one of"),
    ],
)
def test_a_wrong_argument_is_named_with_what_to_write(make_panel, change, words):
    with pytest.raises(ValueError, match=words):
        effects.staggered(make_panel(WAVES), **{**STAGGERED, **change})


def test_two_starts_for_one_unit_are_refused(make_panel):
    data = make_panel(WAVES)
    data.loc[0, "first"] = 9
    with pytest.raises(ValueError, match="more than one start"):
        effects.staggered(data, **STAGGERED)


def test_nobody_started_and_everybody_at_once_are_refused(make_panel):
    with pytest.raises(ValueError, match="nobody started"):
        effects.staggered(make_panel([None] * 5), **STAGGERED)
    with pytest.raises(ValueError, match="nobody is left to compare"):
        effects.staggered(make_panel([5] * 5), **STAGGERED)


def test_text_as_an_outcome_is_refused(make_panel):
    data = make_panel(WAVES).assign(y="yes")
    with pytest.raises(ValueError, match="must hold numbers"):
        effects.staggered(data, **STAGGERED)


def test_two_rows_in_one_period_of_a_series_are_refused():
    series = pd.DataFrame({"t": [1, 1, 2, 3, 4, 5], "y": range(6)})
    with pytest.raises(ValueError, match="two rows or more"):
        effects.interrupted(series, outcome="y", time="t", start=3)


def test_synthetic_control_refuses_missing_cells(make_panel):
    data = make_panel([7] + [None] * 9).drop(index=5)
    with pytest.raises(ValueError, match="every period"):
        effects.synthetic(data, **BEFORE_AFTER)


def test_unseen_cells_drop_out_of_their_comparison_only(make_panel):
    data = make_panel(WAVES, effect=2.0, noise=0.3).drop(index=[3, 40, 77])
    found = effects.staggered(data, **STAGGERED)
    assert found.lower < 2.0 < found.upper
    assert found.diagnostics["cells_seen"] < 1


def test_an_effect_is_frozen_and_never_has_one_limit_alone():
    given = {
        "estimand": "a",
        "estimate": 1.0,
        "method": "m",
        "draws": None,
        "diagnostics": {},
        "smallest_p_possible": 0.0,
    }
    with pytest.raises(ValueError, match="neither"):
        Effect(**given, lower=0.0, upper=None)
    with pytest.raises(ValueError, match="says why"):
        Effect(**given, lower=None, upper=None)
    with pytest.raises(ValueError, match="do not bracket"):
        Effect(**given, lower=2.0, upper=3.0)
    made = Effect(**given, lower=0.0, upper=3.0)
    with pytest.raises(FrozenInstanceError):
        made.estimate = 2.0
    with pytest.raises(TypeError):
        made.diagnostics["p_value"] = 0.0


def test_wording_findings_loads_no_statistics_library():
    code = (
        "import sys; import commissioning.methods.claims, commissioning.methods.effects; "
        "sys.exit(any(m in sys.modules for m in ('statsmodels', 'diff_diff', 'scipy.stats')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
