"""Estimates count as outputs: rounded to their standard error, with keyed noise, on ten people and ten degrees of freedom."""

from __future__ import annotations

import importlib.util
import math
import re
import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from commissioning.methods.pilot_value import Amount, Counted, ExtraCost, weigh
from commissioning.study import designs, estimates, judged, value_for_money, value_words
from commissioning.study.value_words import OutcomeValue, PilotValue


def _kit():
    path = Path(__file__).with_name("small_pilot.py")
    spec = importlib.util.spec_from_file_location("promises_small_pilot_of_estimates", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


kit = _kit()
NAMES = [f"Place {letter}" for letter in "ABCDEFGHIJKL"]
START = "2018-19 Q1"
FIRST = {name: START if i < 7 else None for i, name in enumerate(NAMES)}
STARTS = {name: when or "never" for name, when in FIRST.items()}
BEFORE_AFTER = f'kind = "before_after"\nunit = "ward"\noutcomes = ["{kit.GOAL}"]\nminimum_worthwhile_change = 4.0\n'


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(estimates, "DRAWS", 20)


def reviews(each=8, names=NAMES):
    shares = kit.scattered(len(names), each=each)({name: FIRST[name] for name in names}, 0.2)
    return kit.Reviews(shares, each=each)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return kit.prepared(tmp_path_factory.mktemp("whole"), BEFORE_AFTER, reviews(), STARTS)


def test_a_page_prints_the_estimate_with_noise_and_rounded_to_its_own_standard_error(whole):
    found = whole.goal()
    exact, shown, behind = found.effect, found.summary, found.behind
    error = 100 * exact.diagnostics["standard_error"]
    noise = behind.influence * math.sqrt(2 * 2) / (2 * NormalDist().inv_cdf(0.6))
    step = shown.estimate and min(one for one in (0.1, 0.2, 0.5, 1, 2, 5, 10) if one > math.hypot(error, noise) / 5)
    assert behind.people == (7 * 8, 5 * 8) and behind.degrees == 11
    assert shown.estimate % step == pytest.approx(0, abs=1e-9) or shown.estimate % step == pytest.approx(step)
    assert abs(shown.estimate - 100 * exact.estimate) <= 2.9 * noise + step
    assert shown.upper - shown.lower >= 100 * (exact.upper - exact.lower)
    for one in (shown.estimate, shown.upper):
        assert f"{abs(one):g}" in found.claim.wording, "the sentence says the printed numbers"
    assert f"{100 * exact.estimate:.1f} more" not in found.claim.wording


def test_one_person_fewer_moves_the_printed_estimate_by_no_more_than_the_noise_explains(whole, tmp_path):
    """Their influence, and two noises: those of the people with them and without."""
    found = whole.goal()
    gone = [row for row in reviews().rows() if row["person_id"] != "PPlaceA0"]
    fewer = kit.prepared(tmp_path, BEFORE_AFTER, gone, STARTS).goal()
    assert fewer.behind.key != found.behind.key and fewer.behind.people == (55, 40)
    moved = abs(100 * (fewer.effect.estimate - found.effect.estimate))
    assert moved <= found.behind.influence
    reach = 2.9 * (found.behind.noise() + fewer.behind.noise())
    assert abs(fewer.summary.estimate - found.summary.estimate) <= moved + reach + 5


def test_the_same_people_give_the_same_printed_numbers_in_another_study(whole, tmp_path):
    again = kit.prepared(tmp_path, BEFORE_AFTER, list(reversed(reviews().rows())), STARTS).goal()
    mine = whole.goal().summary
    assert (again.summary.estimate, again.summary.lower, again.summary.upper) == (mine.estimate, mine.lower, mine.upper)
    assert again.summary.compared == mine.compared


def test_fewer_than_ten_people_on_one_side_withhold_the_estimate_and_say_so(tmp_path):
    many = {name: 12 if FIRST[name] else 1 for name in NAMES}
    rows = []
    for name in NAMES:
        rows += kit.Reviews({name: reviews().met[name]}, each=many[name]).rows()
    rows = [row | {"review_id": f"R{number:06d}"} for number, row in enumerate(rows)]
    found = kit.prepared(tmp_path, BEFORE_AFTER, rows, STARTS).goal()
    assert found.behind.people == (84, 5)
    assert found.summary.estimate is None and "Fewer than 10 people" in found.summary.withheld
    assert found.claim.hidden and found.claim.failed[-1].name == "people_behind" and found.sides is None
    assert not re.search(r"\d+ (more|fewer)", found.claim.wording)


def test_ten_places_left_out_in_turn_have_nine_degrees_of_freedom_and_print_nothing(tmp_path):
    ten = NAMES[:10]
    found = kit.prepared(tmp_path, BEFORE_AFTER, reviews(names=ten, each=6), {name: STARTS[name] for name in ten})
    found = found.goal()
    assert found.behind.degrees in (9, 10 * 16 - 10 - 16)
    if "jackknife" in found.effect.method:
        assert found.summary.estimate is None and "9 degrees of freedom" in found.why_not


@pytest.mark.parametrize(("change", "low", "high"), [(5.0, 3.0, 7.0), (5.0, -1.0, 11.0), (-5.0, -9.0, -4.0), (4.0, 4.0, 4.0), (0.0, 0.0, 0.0)])  # fmt: skip
@pytest.mark.parametrize("worthwhile", [0.0, 4.0])
def test_a_verdict_is_told_on_which_side_of_what_a_change_stands_and_no_more(change, low, high, worthwhile):
    from commissioning.reports.decision import Standing

    marks = sorted({-worthwhile, 0.0, worthwhile})
    told = [judged.side_of(one, marks) for one in (change, low, high)]
    how = {"measure": "m", "title": "M", "lower": None, "upper": None, "floor": None, "rung": "attributable"}

    def standing(numbers):
        given = dict(zip(("change", "change_lower", "change_upper"), numbers, strict=True))
        return Standing(**how, worthwhile_change=worthwhile, **given)

    asked = ("harmed", "harmed_badly", "too_little", "worthwhile", "changed")
    exact, coarse = standing((change, low, high)), standing(told)
    assert [getattr(exact, one) for one in asked] == [getattr(coarse, one) for one in asked]
    assert judged.side_of(change + 0.001, marks) == judged.side_of(change + 0.002, marks)


# --- value


def amount(centre, spread, seed=1):
    draws = centre + spread * np.random.default_rng(seed).standard_normal(2000)
    return Amount(estimate=centre, lower=centre - 2 * spread, upper=centre + 2 * spread, draws=draws)


def value(measure, key, worth=12_000.0):
    from commissioning.disclosure.estimates import Behind, released_estimate

    cost = ExtraCost(a_week=amount(2000, 200), pence=amount(78_000_000, 7_800_000), person_weeks=39_000.0, people=768)
    behind = Behind(people=(700, 300), degrees=21, influence=0.3, key=key)
    gain = amount(61, 12)
    printed = released_estimate(8.4, 5.1, 11.7, standard_error=1.6, behind=behind)
    return PilotValue(
        period="2015-16",
        outcomes=(
            OutcomeValue(
                measure=measure, counted=Counted(rows=1116, people=723), rows_are="people", gain=gain, worth=worth,
                weighed=weigh(gain, cost.pence, 100 * worth), key=key, effect=printed,
            ),
        ),
        cost=cost,
        behind=Behind(people=(700, 300), degrees=21, influence=60.0, key=key),
        most_weeks=52.0,
    )  # fmt: skip


def test_what_is_printed_of_value_is_worked_out_from_released_numbers_alone():
    from commissioning.measures import catalogue

    measure = catalogue()[kit.GOAL]
    for key in (3, 128, 250):
        found = value(measure, key)
        shown = value_for_money.released(found, 0.7)
        (one,), exact = shown.outcomes, found.outcomes[0]
        assert one.counted.people % 5 == 0 and one.counted.people != exact.counted.people
        assert one.gain.estimate == pytest.approx(exact.effect.estimate / 100 * one.counted.people)
        assert shown.cost.people % 5 == 0
        assert shown.cost.pence.estimate == pytest.approx(shown.cost.a_week.estimate * shown.cost.person_weeks)
        row, cost = value_words.row(one), value_words.cost_row(shown)
        assert row["benefit"] == row["effect"] * row["worth"] - cost["cost"]
        assert row["likely"] % 5 == 0
        assert (shown.worth.chance >= 0.7) == (found.worth.chance >= 0.7), "the verdict is decided on the data"
        assert shown.worth.costs_more == found.worth.costs_more
        assert (shown.worth.cost_lower, shown.worth.cost_upper) == (1.0, 1.0), "and is told on which side, no more"


def test_gates_say_no_number_that_one_answer_moves():
    """p-values by bands, shares to five per cent: a second answer changes no word in nearly all cases."""
    from commissioning.methods.checks import _about, _p

    words = {_p(p) for p in np.linspace(0.0, 1.0, 2_001)}
    assert len(words) == 7
    assert {_about(share) for share in np.linspace(0, 1, 2_001)} == {f"{5 * n}%" for n in range(21)}
    assert _about(0.78, 0.8) == "75%" and _about(0.82, 0.8) == "80%"


@pytest.mark.parametrize("kind", ["staggered", "before_after", "interrupted", "synthetic"])
def test_every_design_says_how_far_one_person_moves_its_estimate(kind, tmp_path):
    wording = BEFORE_AFTER.replace("before_after", kind)
    starts = STARTS
    if kind == "synthetic":
        starts = {name: START if name == NAMES[0] else "never" for name in NAMES}
    if kind == "interrupted":
        wording, starts = wording.replace('unit = "ward"\n', "") + f'start = "{START}"\n', None
    found = kit.prepared(tmp_path, wording, reviews(each=6), starts).goal()
    assert found.behind is not None and found.behind.key is not None
    assert 0 < found.behind.influence < 100 and found.behind.degrees >= 1
    assert designs.TRIED[kind]
