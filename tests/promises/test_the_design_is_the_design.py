"""The design that pilot.toml names is the design that is estimated: each kind by its own method, or refused in words."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.errors import DataRefused, UsageError
from commissioning.methods import effects
from commissioning.reports import closing
from commissioning.study import estimates, restricted

ROOT = Path(__file__).resolve().parents[2]


def _kit():
    path = Path(__file__).with_name("small_pilot.py")
    spec = importlib.util.spec_from_file_location("promises_small_pilot", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


kit = _kit()
START = "2018-19 Q3"
WARDS = [f"Ward {letter}" for letter in "ABCDEFGHIJKLMN"]
WORTH = f'outcomes = ["{kit.GOAL}"]\nminimum_worthwhile_change = 4.0\n'


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(estimates, "DRAWS", 20)  # a card's own figures are not what is tested here


def shown(made, monkeypatch, *cells: str) -> str:
    """What the review's cells show of the prepared study, as a notebook's page holds it."""
    from commissioning import reports

    monkeypatch.chdir(made.root / "home")
    monkeypatch.setenv("COMMISSIONING_STUDY", str(made.study.path))
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    report = reports.open("review", pilot="learning_disability", period="latest", area="", level="", data="")
    said = " ".join(repr(getattr(report, cell)()) for cell in cells)
    return said + json.dumps(closing.as_json(report)["effects"], ensure_ascii=False)


def long(reviews) -> pd.DataFrame:
    """The second route's panel: made by plain pandas from the rows of the extract."""
    return reviews.frame()


def test_staggered_places_are_estimated_by_what_staggered_starts_need(tmp_path, monkeypatch):
    first = {w: ["2017-18 Q3", "2018-19 Q1", None][i % 3] for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.25))
    made = kit.prepared(
        tmp_path, f'kind = "staggered"\nunit = "ward"\n{WORTH}', reviews, {w: s or "never" for w, s in first.items()}
    )
    found = made.goal()
    data = long(reviews).assign(first=lambda d: d["place"].map(first))
    second = effects.staggered(
        data, outcome="met", unit="place", time="quarter", first_treated="first", cluster="place", method="imputation"
    )
    assert found.effect.estimate == pytest.approx(second.estimate, rel=1e-9)
    assert found.effect.p_value == second.p_value
    assert second.estimate == pytest.approx(0.25, abs=0.05)  # what was planted
    page = shown(made, monkeypatch, "effects_table", "gates")
    assert "10 wards that started between 2017-18 Q3 and 2018-19 Q1" in page and "4 that had not" in page


def test_before_and_after_with_others_beside_is_the_difference_of_two_differences(tmp_path, monkeypatch):
    first = {w: START if i < 7 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS), drift=0.005)(first, 0.2))
    design = f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = {json.dumps(WARDS[:7])}\n{WORTH}'
    made = kit.prepared(tmp_path, design, reviews, None)
    found = made.goal()
    cells = long(reviews).assign(on=lambda d: d["place"].map(first).notna(), after=lambda d: d["quarter"] >= START)
    change = cells.groupby(["on", "place", "after"])["met"].mean().unstack("after")
    change = (change[True] - change[False]).groupby("on").mean()
    assert found.effect.estimate == pytest.approx(change[True] - change[False], rel=1e-9)
    assert found.effect.diagnostics["design"] == "before_after"
    assert found.compared.started == 7 and found.compared.not_started == 7
    page = shown(made, monkeypatch, "effects_table")
    assert f"7 wards that started in {START}" in page and "7 that had not" in page


@pytest.mark.soak
def test_places_that_pilot_toml_names_to_compare_with_are_the_only_ones(tmp_path):
    first = {w: START if i < 5 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.2))
    named = WARDS[8:]
    design = (
        f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = {json.dumps(WARDS[:5])}\n'
        f"compare_with = {json.dumps(named)}\n{WORTH}"
    )
    found = kit.prepared(tmp_path, design, reviews, None).goal()
    cells = long(reviews)
    cells = cells[cells["place"].isin(WARDS[:5] + named)]
    cells = cells.assign(on=lambda d: d["place"].isin(WARDS[:5]))
    second = effects.before_after(cells, outcome="met", unit="place", time="quarter", treated="on", start=START)
    assert found.effect.estimate == pytest.approx(second.estimate, rel=1e-9)
    assert found.compared.not_started == len(named)


def picked_people(share: float = 0.2, seed: int = 3):
    """Places picked for low scores out of many, and scored again with nothing done for them."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0.5, 0.08, 120)
    score = {f"Ward {i:03d}": level[i] + rng.normal(0, 0.12, len(kit.QUARTERS)) for i in range(120)}
    before = {w: np.mean(s[:10]) for w, s in score.items()}
    low = sorted(before, key=before.get)[: int(share * 120)]
    met = {w: [round(float(np.clip(x, 0, 1)) * 20) / 20 for x in score[w]] for w in low}
    return kit.Reviews(met)


def test_everybody_picked_at_a_low_point_has_what_they_would_have_gained_anyway_taken_off(tmp_path, monkeypatch):
    reviews = picked_people()
    design = (
        f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = "everybody"\n'
        f'picked = "low"\nchosen_share = 0.2\n{WORTH}'
    )
    made = kit.prepared(tmp_path, design, reviews, None)
    found = made.goal()
    cells = long(reviews).assign(after=lambda d: d["quarter"] >= START)
    pair = cells.groupby(["place", "after"])["met"].mean().unstack("after")
    raw = float((pair[True] - pair[False]).mean())
    # Barnett, van der Pols & Dobson (2005) by hand: (1 − r) times how far the picked lie below all.
    r = np.polyfit(pair[False], pair[True], 1)[0]
    from scipy.stats import norm

    z = norm.ppf(0.2)
    mills = norm.pdf(z) / 0.2
    whole = pair[False].std(ddof=1) / np.sqrt(1 - mills * (mills + z))
    assert found.effect.estimate == pytest.approx(raw - (1 - r) * mills * whole, rel=1e-6)
    names = {check.name: check.passed for check in (*found.claim.passed, *found.claim.failed)}
    assert names["regression_to_mean"] is True
    assert not any(check.name == "picked_people" for check in found.claim.failed)
    assert found.claim.rung == "described"  # nobody to compare with: never more
    assert "nobody to compare with" in shown(made, monkeypatch, "effects_table")


def test_picked_people_are_withheld_where_the_design_makes_no_adjustment(tmp_path):
    first = {w: START if i < 7 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.2))
    made = kit.prepared(
        tmp_path,
        f'kind = "before_after"\nunit = "ward"\npicked = "low"\nchosen_share = 0.2\n{WORTH}',
        reviews,
        {w: s or "never" for w, s in first.items()},
    )
    found = made.goal()
    assert "picked_people" in [check.name for check in found.claim.failed]
    assert found.claim.hidden and found.summary.estimate is None


def test_everybody_without_a_word_of_how_they_were_picked_is_refused(tmp_path):
    design = f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = "everybody"\n{WORTH}'
    found = kit.prepared(tmp_path, design, picked_people(), None).goal()
    assert found.effect is None and found.summary.estimate is None
    assert "would have happened anyway" in found.why_not


@pytest.mark.parametrize("unit", ["", 'unit = "ward"\nstarted = ["Ward A", "Ward B"]\n'])
def test_one_interrupted_series_is_a_regression_on_level_and_trend(tmp_path, monkeypatch, unit):
    import statsmodels.api as sm

    first = {w: START if not unit or i < 2 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS), drift=0.004)(first, 0.2))
    made = kit.prepared(tmp_path, f'kind = "interrupted"\nstart = "{START}"\n{unit}{WORTH}', reviews, None)
    found = made.goal()
    rows = long(reviews)
    rows = rows[rows["place"].isin(WARDS[:2])] if unit else rows
    series = rows.groupby("quarter")["met"].mean()
    clock = np.arange(len(series))
    model = np.column_stack([np.ones(len(series)), clock, series.index >= START])
    ols = sm.OLS(series.to_numpy(), model).fit()
    # Averaged over how neighbours resemble each other, so near the least squares and not on it …
    assert found.effect.estimate == pytest.approx(ols.params[2], abs=2 * ols.bse[2])
    gls = [
        sm.GLS(series.to_numpy(), model, sigma=rho ** np.abs(np.subtract.outer(clock, clock))).fit()
        for rho in (-0.6, 0.96)
    ]
    assert (
        min(g.params[2] for g in (*gls, ols)) - 0.02
        < found.effect.estimate
        < max(g.params[2] for g in (*gls, ols)) + 0.02
    )
    # … and on it where it is too short to tell.
    short = effects.interrupted(
        pd.DataFrame({"t": clock[6:17], "y": series.to_numpy()[6:17]}), outcome="y", time="t", start=10
    )
    second = sm.OLS(series.to_numpy()[6:17], np.column_stack([model[6:17, :2], clock[6:17] >= 10])).fit()
    assert short.estimate == pytest.approx(second.params[2], rel=1e-8)
    assert (short.lower, short.upper) == pytest.approx(tuple(second.conf_int()[2]), rel=1e-6)
    page = shown(made, monkeypatch, "effects_table")
    assert f"started in {START}" in page and "before" in page


def test_a_quarter_without_rows_leaves_its_place_in_an_interrupted_series_empty(tmp_path):
    import statsmodels.api as sm

    quarters = tuple(kit.QUARTERS[4:11])
    level = {"Ward A": [0.2, 0.3, None, None, 0.55, 0.7, 0.85]}
    found = kit.prepared(
        tmp_path, f'kind = "interrupted"\nstart = "2018-19 Q2"\n{WORTH}', kit.Reviews(level, quarters=quarters), None
    ).goal()
    clock = np.array([0, 1, 4, 5, 6])
    y = np.array([0.2, 0.3, 0.55, 0.7, 0.85])
    model = np.column_stack([np.ones(5), clock, clock >= 5])
    assert found.effect.estimate == pytest.approx(sm.OLS(y, model).fit().params[2], rel=1e-8)


def test_one_place_is_compared_with_the_mix_of_others_that_was_nearest_before(tmp_path, monkeypatch):
    first = {w: START if i == 0 else None for i, w in enumerate(WARDS)}
    shares = kit.scattered(len(WARDS))(first, 0.3)
    shares[WARDS[5]][3] = None  # it has no rows in one quarter, so it cannot be part of the mix
    reviews = kit.Reviews(shares)
    pool = WARDS[1:12]
    design = f'kind = "synthetic"\nunit = "ward"\nstart = "{START}"\nstarted = ["Ward A"]\ncompare_with = {json.dumps(pool)}\n{WORTH}'
    made = kit.prepared(tmp_path, design, reviews, None)
    found = made.goal()
    cells = long(reviews)
    cells = cells[cells["place"].isin(["Ward A", *pool]) & cells["place"].ne(WARDS[5])]
    wide = cells.groupby(["quarter", "place"])["met"].mean().unstack("place")
    donors = [one for one in wide.columns if one != "Ward A"]
    before = wide.index < START
    from scipy.optimize import minimize

    fit = minimize(
        lambda w: float(((wide.loc[before, "Ward A"] - wide.loc[before, donors] @ w) ** 2).sum()),
        np.full(len(donors), 1 / len(donors)), bounds=[(0, 1)] * len(donors), method="SLSQP",
        constraints=({"type": "eq", "fun": lambda w: w.sum() - 1},), options={"ftol": 1e-14, "maxiter": 2000},
    )  # fmt: skip
    gap = float((wide.loc[~before, "Ward A"] - wide.loc[~before, donors] @ fit.x).mean())
    assert found.effect.estimate == pytest.approx(gap, abs=2e-3)
    assert set(found.effect.diagnostics["weights"]) <= set(pool) - {WARDS[5]}
    page = shown(made, monkeypatch, "effects_table")
    assert "without rows in every quarter (Ward F)" in page


def test_no_effect_is_estimated_where_the_design_says_none(tmp_path, monkeypatch):
    first = {w: START if i < 7 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.3))
    made = kit.prepared(tmp_path, 'kind = "none"\n', reviews, {w: s or "never" for w, s in first.items()})
    assert made.estimates().estimates == ()
    page = shown(made, monkeypatch, "effects_table", "effects", "gates", "calibration_card")
    assert "estimate no effect: levels are shown" in page
    assert "[]" in page  # and none in the machine-readable result


@pytest.mark.parametrize(
    ("design", "names"),
    [
        ('kind = "staggered"\nminimum_worthwhile_change = 4.0', ("unit", "ward")),
        ('kind = "staggered"\nunit = "ward"', ("minimum_worthwhile_change",)),
        (f'kind = "staggered"\nunit = "ward"\nstart = "{START}"\n{WORTH}', ("start", "starts")),
        (f'kind = "before_after"\nunit = "ward"\nstart = "2018-19"\n{WORTH}', ("start", "2013-14 Q1")),
        (f'kind = "before_after"\nunit = "ward"\nstart = "2018-20 Q1"\n{WORTH}', ("start", "2013-14 Q1")),
        (f'kind = "before_after"\nunit = "ward"\nstarted = ["Ward A"]\n{WORTH}', ("start is missing",)),
        (f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = "everybody"\ncompare_with = ["X"]\n{WORTH}', ("everybody", "compare_with")),
        (f'kind = "before_after"\nunit = "ward"\npicked = "low"\n{WORTH}', ("chosen_share",)),
        (f'kind = "before_after"\nunit = "ward"\nchosen_share = 0.1\n{WORTH}', ("picked",)),
        (f'kind = "interrupted"\nstart = "{START}"\ncompare_with = ["X"]\n{WORTH}', ("compare_with",)),
        (f'kind = "synthetic"\nunit = "ward"\nstart = "{START}"\nstarted = "everybody"\n{WORTH}', ("everybody",)),
        (f'kind = "wait_list"\nunit = "ward"\n{WORTH}', ("kind",)),
        (f'kind = "synthetic"\nunit = "ward"\ndonors = ["X"]\n{WORTH}', ("donors",)),
    ],
)  # fmt: skip
def test_a_design_that_lacks_something_is_refused_by_field_with_what_to_write(tmp_path, design, names):
    with pytest.raises(UsageError) as refusal:
        pilots.load("learning_disability", kit.checkout(tmp_path / "home", design))
    assert "pilots/learning_disability/pilot.toml" in str(refusal.value)
    for name in names:
        assert name in str(refusal.value)


def test_several_starts_are_refused_where_the_design_has_one(tmp_path):
    first = {w: [START, "2017-18 Q1", None][i % 3] for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.2))
    with pytest.raises(DataRefused, match='"before_after", which has one start, and starts holds 2'):
        kit.prepared(
            tmp_path,
            f'kind = "before_after"\nunit = "ward"\n{WORTH}',
            reviews,
            {w: s or "never" for w, s in first.items()},
        )


def test_a_place_that_pilot_toml_names_and_no_row_does_is_refused_with_the_nearest(tmp_path):
    first = {w: START if i < 7 else None for i, w in enumerate(WARDS)}
    reviews = kit.Reviews(kit.scattered(len(WARDS))(first, 0.2))
    design = f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = ["Wrad A"]\n{WORTH}'
    with pytest.raises(DataRefused, match="design.started.*Wrad A.*nearest is “Ward A”"):
        kit.prepared(tmp_path, design, reviews, None)


def test_there_is_one_class_of_gates_with_one_set_of_defaults(tmp_path):
    from commissioning.methods import claims, gates

    home = kit.checkout(
        tmp_path / "home",
        f'kind = "staggered"\nunit = "ward"\n{WORTH}',
        gates="units = 6",
        more=f"[gates_for.{kit.GOAL}]\npicked_people = true",
    )
    loaded = pilots.load("learning_disability", home)
    assert type(loaded.gates) is gates.Gates is claims.Gates
    assert loaded.gates == gates.Gates(units=6)
    assert loaded.gates_of(kit.GOAL) == gates.Gates(units=6, picked_people=True)
    assert loaded.gates_of("learning_disability_control") == gates.Gates(units=6)
    found = {
        one.name: one
        for path in (ROOT / "lib").rglob("*.py")
        for one in __import__("ast").walk(__import__("ast").parse(path.read_text(encoding="utf-8")))
        if isinstance(one, __import__("ast").ClassDef) and one.name == "Gates"
    }
    assert len(found) == 1


def test_a_misspelt_gate_of_one_measure_is_refused_by_name(tmp_path):
    home = kit.checkout(
        tmp_path / "home", f'kind = "staggered"\nunit = "ward"\n{WORTH}', more=f"[gates_for.{kit.GOAL}]\nplacebo = 0.1"
    )
    with pytest.raises(UsageError, match="gates_for.*placebo is not known: did you mean placebo_p"):
        pilots.load("learning_disability", home)


def test_one_series_has_its_people_counted_and_its_worth_said(tmp_path, monkeypatch):
    """A design without places: everybody is in it, and no sentence speaks of places that nobody named."""
    from commissioning.study import value_for_money

    made = kit.prepared(
        tmp_path,
        f'kind = "interrupted"\nstart = "{START}"\n{WORTH}',
        kit.Reviews({w: [0.5] * 10 + [0.8] * 6 for w in WARDS}),
        None,
    )
    measure = made.goal().measure
    starts = estimates.starts_of(made.study, made.pilot, "2019-20")
    found = value_for_money.people_started(made.study, made.pilot, measure, starts, "2019-20")[0]
    rows = restricted.table(made.study, "reviews")
    rows = rows[rows["period"].str.startswith("2019-20")]
    assert (found.people, found.rows) == (rows["person_id"].nunique(), len(rows))


def test_a_measure_set_beside_other_councils_is_counted_though_the_file_lists_others(tmp_path, monkeypatch):
    """`measures` lists some; a page may still ask for those of `published_measures`."""
    first = {w: START if i < 7 else None for i, w in enumerate(WARDS)}
    design = f'kind = "before_after"\nunit = "ward"\nstart = "{START}"\nstarted = {json.dumps(WARDS[:7])}\n{WORTH}'
    made = kit.prepared(tmp_path, design, kit.Reviews(kit.scattered(len(WARDS))(first, 0.2)), None)
    assert made.pilot.measures and not set(made.pilot.published_measures) <= set(made.pilot.measures)
    shown(made, monkeypatch, "comparisons", "answer")  # raises nothing
