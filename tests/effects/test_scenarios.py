"""Claims survive what services do to their own records, places and people: councils whose truth is known, judged as reports judge them.

Ten fixed seeds here, of the kinds most easily believed; with `-m soak` 200 seeds of every scenario, at the limits that were agreed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from . import council, table, trial
from .scenarios import SCENARIOS

SEEDS = range(1, 11)
MANY = range(1_000, 1_200)
WORST = ("trend_0.8", "kinder_staff", "no_unrecorded", "goals_rewritten", "keen_in", "staff_taken")


@pytest.fixture(scope="module")
def cards(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cards")


def attributable(name: str, seeds, cards: Path) -> int:
    return sum(one.attributable for one in table.run(SCENARIOS[name], seeds, cards))


def test_an_extract_is_the_same_for_the_same_seed_and_another_for_another():
    one, again, other = (council.made(seed) for seed in (1, 1, 2))
    assert all(one.tables[name].equals(again.tables[name]) for name in one.tables)
    assert not one.tables["reviews"].equals(other.tables["reviews"])


def test_a_council_in_which_nothing_is_altered_has_no_truth_to_find_and_one_of_eight_points_has_eight():
    assert council.made(1).truth == 0
    assert SCENARIOS["gain_8"].extract(1).truth == pytest.approx(8, abs=0.4)
    assert SCENARIOS["trend_0.8"].extract(1).truth == 0


def test_the_quick_way_and_a_study_prepared_from_files_say_the_same(cards, tmp_path):
    slow, quick = trial.through_files(SCENARIOS["gain_8_one_question"], 2, tmp_path)
    assert slow == quick
    assert quick.shown is not None


@pytest.mark.soak
@pytest.mark.parametrize("name", [*WORST, "no_effect", "harm_7", "own_words", "no_review", "younger", "leavers"])
def test_the_quick_way_and_a_study_prepared_from_files_say_the_same_of_every_kind(name, tmp_path):
    for seed in (1, 2):
        (folder := tmp_path / str(seed)).mkdir()
        slow, quick = trial.through_files(SCENARIOS[name], seed, folder)
        assert slow == quick


def test_nothing_is_claimed_where_nothing_happened(cards):
    assert attributable("no_effect", SEEDS, cards) <= 1


@pytest.mark.parametrize("name", WORST)
def test_an_ordinary_bias_is_not_called_a_change(name, cards):
    assert attributable(name, SEEDS[:6], cards) <= 1


def test_a_change_of_eight_points_that_people_score_themselves_is_found(cards):
    assert attributable("gain_8_one_question", SEEDS, cards) >= 6


def test_harm_never_ends_in_continue(cards):
    assert all(one.verdict != "continue" for one in table.run(SCENARIOS["harm_7"], SEEDS[:4], cards))


# --- 200 seeds each, at the limits that were agreed -----------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> dict[str, list[trial.Found]]:
    return table.run_all(list(SCENARIOS), MANY)


@pytest.mark.soak
def test_of_200_pilots_with_an_ordinary_bias_at_most_one_in_ten_is_called_attributable(everything):
    rows = {name: table.Row.of(found) for name, found in everything.items()}
    print(table.markdown(everything))
    often = {
        name: row.attributable
        for name, row in rows.items()
        if row.attributable > table.MOST.get(SCENARIOS[name].kind, 1)
    }
    assert often == {}


@pytest.mark.soak
def test_of_200_pilots_that_gain_eight_points_three_in_five_are_told_so(everything):
    rows = {name: table.Row.of(everything[name]).attributable for name in table.LEAST}
    assert {name: share for name, share in rows.items() if share < table.LEAST[name]} == {}


@pytest.mark.soak
def test_limits_that_are_shown_hold_the_truth_in_nine_of_ten_pilots_where_nothing_but_the_pilot_moved_anything(
    everything,
):
    found = {
        name: table.Row.of(held).coverage
        for name, held in everything.items()
        if SCENARIOS[name].kind in ("none", "gain")
    }
    assert {name: share for name, share in found.items() if share is not None and share < 0.9} == {}


@pytest.mark.soak
def test_harm_never_ends_in_continue_and_a_gain_worth_having_seldom_in_a_stop(everything):
    rows = {name: table.Row.of(found) for name, found in everything.items()}
    assert {name: row.goes_on for name, row in rows.items() if SCENARIOS[name].kind == "harm" and row.goes_on} == {}
    gains = {
        name: row.stops for name, row in rows.items() if name.startswith(("gain_8", "gain_12")) and row.stops > 0.05
    }
    assert gains == {}


@pytest.mark.soak
def test_six_outcomes_and_eight_looks_make_a_false_claim_in_at_most_seven_of_a_hundred_pilots(everything):
    six = [one.attributable or bool(one.others) for one in everything["no_effect_six"]]
    assert sum(six) <= 0.07 * len(six)
    looks = [any(one.attributable for one in pilot) for pilot in table.look_all(MANY)]
    assert sum(looks) <= 0.07 * len(looks)
