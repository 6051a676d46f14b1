"""What ordinary biases leave behind, on rows made here: each is seen where it was planted, and an effect without one is not held back."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula import api as smf

from commissioning.methods import bias_checks, claims
from commissioning.methods.effects import biases
from commissioning.methods.effects import effect as effects_of
from commissioning.methods.effects.panel import build
from commissioning.methods.effects.pretrend import step_weights
from commissioning.methods.effects.stayers import within_people

WARDS, QUARTERS, PEOPLE = 16, 16, 40
START = np.array([8] * 5 + [10] * 5 + [QUARTERS] * 6)


def rows(seed=1, effect=0.0, **changes):
    """One answer a person and quarter; `changes` are arrays or functions of the frame that alter what is known of it."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(WARDS), QUARTERS * PEOPLE)
    period = np.tile(np.repeat(np.arange(QUARTERS), PEOPLE), WARDS)
    person = np.tile(np.arange(PEOPLE), WARDS * QUARTERS) + place * PEOPLE
    own = rng.normal(0, 0.15, WARDS * PEOPLE)[person]
    begun = period >= START[place]
    yes = rng.uniform(size=len(place)) < 0.5 + own + effect * begun
    every = np.ones(len(place), dtype=bool)
    made = biases.Rows(
        value=yes.astype(float),
        place=place,
        period=period,
        start=START,
        included=every,
        asked=every,
        known=every,
        person=person,
    )
    return replace(made, **{name: one(made) if callable(one) else one for name, one in changes.items()})


def judged(made, own_answer=None, parts=None, mix=None):
    counted = np.isfinite(made.value)
    estimate, error = biases.estimated(made, made.value, counted)
    facts = biases.found_in(made, estimate, parts=parts or {}, own_answer=own_answer, mix=mix or {}, yes_or_no=True)
    found = effects_of.Effect(
        estimand="a change", estimate=estimate, lower=estimate - 2.1 * error, upper=estimate + 2.1 * error, method="imputation",
        draws=None, smallest_p_possible=0.0,
        diagnostics={
            "clusters": WARDS, "n_treated": 10, "n_controls": 6, "n_periods_before": 8, "n_periods_after": 6,
            "calibration": "used", "bias_judged_by": "a fact" if own_answer is None else "the person", **facts,
        },
    )  # fmt: skip
    return claims.judge(found, {"placebo_p": False, "pre_trend_p": False})


def failed(claim):
    return {one.name for one in claim.failed}


def test_an_effect_without_a_bias_passes_every_check():
    provider = np.arange(WARDS * QUARTERS * PEOPLE) % 5
    claim = judged(rows(effect=0.12), parts={"provider": provider})
    assert claim.rung == "attributable", claim.failed
    assert any("drifting by more than" in one for one in claim.notes)


def lost(share):
    """Rows of places that started in which a "no" was not written down."""

    def of(made):
        rng = np.random.default_rng(3)
        return np.where(
            made.begun & (made.value == 0) & (rng.uniform(size=len(made.value)) < share), np.nan, made.value
        )

    return of


@pytest.mark.parametrize("how", ["known", "asked", "included"])
def test_answers_that_are_left_out_only_where_it_started_are_seen(how):
    made = rows(value=lost(0.3))
    there = np.isfinite(made.value)
    kept = dict.fromkeys(("included", "asked", "known")[("included", "asked", "known").index(how) :], there)
    claim = judged(replace(made, **kept))
    assert claim.hidden
    assert "record" in failed(claim)


def test_a_no_whose_whole_record_is_missing_is_seen_by_the_number_of_records():
    made = rows(value=lost(0.3))
    kept = np.isfinite(made.value)
    columns = ("value", "place", "period", "included", "asked", "known", "person")
    claim = judged(replace(made, **{name: getattr(made, name)[kept] for name in columns}))
    assert "record" in failed(claim)


def test_people_who_come_in_and_do_well_anyway_do_not_make_an_effect():
    def easier(made):
        new = made.begun & (made.person % 3 == 0)
        return np.where(new, (np.random.default_rng(4).uniform(size=len(new)) < 0.85), made.value).astype(float)

    made = rows(value=easier)
    newcomers = made.begun & (made.person % 3 == 0)
    claim = judged(replace(made, person=np.where(newcomers, made.person + 10_000, made.person)))
    assert "stayers" in failed(claim)


def test_a_kinder_score_by_staff_is_seen_in_what_people_score_themselves():
    themselves = np.random.default_rng(6).uniform(size=WARDS * QUARTERS * PEOPLE) < 0.5

    def kinder(made):
        up = made.begun & ~themselves & (np.random.default_rng(7).uniform(size=len(themselves)) < 0.3)
        return np.where(up, 1.0, made.value)

    assert "own_answers" in failed(judged(rows(value=kinder), own_answer=themselves))


def test_where_nobody_but_those_who_support_says_so_nothing_is_put_down_to_the_pilot():
    made = rows(effect=0.12)
    claim = judged(made, own_answer=np.zeros(len(made.value), dtype=bool))
    assert (claim.rung, claim.hidden) == ("compared", False)
    assert "kinder eye" in claim.wording


def test_a_steady_drift_is_no_step():
    def drifting(made):
        rise = np.where(made.start[made.place] < QUARTERS, 0.015 * made.period, 0.0)
        return (np.random.default_rng(8).uniform(size=len(rise)) < 0.4 + rise).astype(float)

    assert "drift" in failed(judged(rows(value=drifting)))


def test_one_provider_alone_does_not_make_an_effect():
    provider = np.arange(WARDS * QUARTERS * PEOPLE) % 4

    def shock(made):
        up = made.begun & (provider == 1) & (np.random.default_rng(9).uniform(size=len(provider)) < 0.7)
        return np.where(up, 1.0, made.value)

    assert "without_provider" in failed(judged(rows(value=shock), parts={"provider": provider}))


def test_a_loss_where_it_had_not_started_is_no_gain_where_it_had():
    def worse(made):
        down = ~made.begun & (made.period >= 8) & (np.random.default_rng(10).uniform(size=len(made.value)) < 0.25)
        return np.where(down, 0.0, made.value)

    assert "waiting" in failed(judged(rows(value=worse)))


def test_a_low_point_before_the_start_is_no_gain_after_it():
    def dip(made):
        due = made.period - made.start[made.place]
        down = (due < 0) & (due >= -3) & (np.random.default_rng(11).uniform(size=len(due)) < 0.4)
        return np.where(down, 0.0, made.value)

    assert "dip" in failed(judged(rows(value=dip)))


def test_the_step_beside_a_drift_is_that_of_least_squares_with_a_line_for_those_that_start():
    rng = np.random.default_rng(12)
    frame = pd.DataFrame(
        [
            (g, t, rng.normal() + 0.3 * (t >= START[g]) + 0.1 * t * (START[g] < QUARTERS))
            for g in range(WARDS)
            for t in range(QUARTERS)
        ],
        columns=["place", "period", "value"],
    )
    frame["first"] = START[frame["place"]]
    frame["step"] = (frame["period"] >= frame["first"]).astype(float)
    frame["line"] = np.where(frame["first"] < QUARTERS, frame["period"], 0)
    second = smf.ols("value ~ C(place) + C(period) + step + line", frame).fit().params["step"]
    frame["first"] = frame["first"].where(frame["first"] < QUARTERS)
    panel = build(frame, outcome="value", unit="place", time="period", first_treated="first")
    weights = step_weights(panel.start[None], panel.weight[None], panel.n)[0]
    assert float((weights * panel.y).sum()) == pytest.approx(second, abs=1e-9)


def test_people_who_were_there_before_are_set_beside_themselves_as_least_squares_does():
    rng = np.random.default_rng(13)
    place, period = np.repeat(np.arange(6), 60), rng.integers(0, 6, 360)
    person = place * 10 + rng.integers(0, 10, 360)
    start = np.array([3, 3, 4, 6, 6, 6])
    values = rng.normal(size=360) + 0.1 * period
    found = within_people(values, person, place, period, start)
    before = period < start[place]
    untreated = pd.DataFrame({"y": values, "who": person, "period": period})[before]
    fitted = smf.ols("y ~ C(who) + C(period)", untreated).fit()
    after = ~before & np.isin(person, person[before])
    told = fitted.predict(pd.DataFrame({"who": person[after], "period": period[after]}))
    assert found is not None
    assert found.estimate == pytest.approx(float((values[after] - told).mean()), abs=1e-8)
    assert found.share == pytest.approx(after.sum() / (~before).sum())


def test_an_effect_that_cannot_be_told_from_chance_is_asked_nothing_more():
    made = rows(value=lambda one: one.value)
    assert bias_checks.bias_checks is not None
    claim = judged(made)
    assert claim.rung == "compared"
    assert not claim.failed
