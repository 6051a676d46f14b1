"""Somebody who knows everybody's answer but one's, and reads every figure: how often do they guess that one right?"""

from __future__ import annotations

import ast
from pathlib import Path

import attackers
import council_kit as kit
import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parent


SAYS = kit.policy_says()


def secret(number):
    return number.to_bytes(32, "big")


def right(releases, targets, versions=1, plain=False):
    """The share of right guesses at `targets` people of each of so many councils, after `versions` weekly versions."""
    hits: list[bool] = []
    says = {**SAYS, "noise": 0.3} if plain else SAYS
    weeks = range(53 - versions, 53)
    everybody = [kit.people(number) for number in range(releases)]
    held = [[rows[rows["week"] < week] for week in weeks] for rows in everybody]
    secrets = [secret(number) for number in range(releases) for _ in weeks]
    figures = iter(kit.publish_each([one for each in held for one in each], secrets, plain=plain))
    for number, rows in enumerate(everybody):
        seen = [(attackers.cells_of(next(figures)), attackers.tally(one)) for one in held[number]]
        there = rows[rows["goal_met"].ne("unknown") & rows["week"].lt(53 - versions)]
        for _, person in there.sample(targets, random_state=number).iterrows():
            odds = sum(
                attackers.evidence(shown, attackers.without(known, person), person, says) for shown, known in seen
            )
            hits.append((odds > 0) == (person["goal_met"] == "yes"))
    return float(np.mean(hits))


def test_attackers_know_nothing_of_the_house():
    tree = ast.parse((HERE / "attackers.py").read_text())
    names = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any("commissioning" in name or "council_kit" in name for name in names)


def test_one_who_knows_everybody_else_is_little_better_than_a_coin():
    assert right(6, 50) <= SAYS["guess"] + 0.03  # 300 trials: 0.03 is their own uncertainty


def test_the_same_attacker_finds_the_answer_where_figures_are_only_rounded():
    """Without noise the attack works: it is the noise that stops it."""
    assert right(2, 40, plain=True) > 0.75


@pytest.mark.soak
@pytest.mark.parametrize("versions", [1, 2])
def test_a_thousand_guesses_are_right_in_six_of_ten_at_most(versions):
    assert right(20, 50, versions) <= SAYS["guess"] + (0.0 if versions == 1 else 0.016)


@pytest.mark.soak
@pytest.mark.parametrize("versions", [6, 52])
def test_more_versions_tell_no_more_than_the_policy_states(versions):
    assert right(10, 40, versions) <= kit.stated(versions) + 0.05


# ---- one person added, removed, corrected


def worlds_of(number, change):
    """A person, and three states of a council: before, and after a change of that person who answered yes, or no."""
    rows = kit.people(number)
    at = rows.index[rows["week"].between(5, 45)][number]
    worlds = [rows.copy() for _ in range(3)]
    if change == "added":
        worlds[0] = rows.drop(at)
    else:
        worlds[0].loc[at, "goal_met"] = "unknown"
    for world, answer in zip(worlds[1:], ("yes", "no"), strict=True):
        world.loc[at, "goal_met"] = answer
    return rows.loc[at], worlds


@pytest.mark.parametrize("change", ["added", "answered"])
def test_what_moves_does_not_say_what_the_person_answered(change):
    """A person joins, or their answer comes in; nobody else changes. As many figures move under yes as under no."""
    number = 12
    people, worlds = zip(*(worlds_of(one, change) for one in range(number)), strict=True)
    secrets = [secret(one) for one in range(number) for _ in range(3)]
    figures = kit.publish_each([one for three in worlds for one in three], secrets)
    moved = np.zeros((2, number), dtype=int)
    for one, person in enumerate(people):
        before, *after = figures[3 * one : 3 * one + 3]
        for answer in (0, 1):
            cells = attackers.moved(before, after[answer], "numerator")
            assert cells <= attackers.places_of(person)  # nothing moves where the person is not
            moved[answer, one] = len(cells)
    assert moved.min() > 0
    rules = [np.mean(np.r_[moved[0] >= least, moved[1] < least]) for least in range(8)]
    assert max(rules) <= 0.8  # of all rules the one that does best on these 24 cases


def test_which_way_an_answer_was_corrected_cannot_be_told():
    """That figures moved shows that something was corrected. Two versions tell the direction no better than the policy states."""
    number, cases = 12, []
    for one in range(number):
        rows = kit.people(one)
        for truth, other in (("yes", "no"), ("no", "yes")):
            person = rows[rows["goal_met"].eq(truth)].iloc[7]
            changed = rows.copy()
            changed.loc[person.name, "goal_met"] = other
            cases.append((person, rows, changed))
    worlds = [world for _, before, after in cases for world in (before, after)]
    figures = kit.publish_each(worlds, [secret(one // 4) for one in range(len(worlds))])
    hits = []
    for at, (person, rows, _) in enumerate(cases):
        others = attackers.without(attackers.tally(rows), person)
        before, after = (attackers.cells_of(one) for one in figures[2 * at : 2 * at + 2])
        odds = attackers.evidence(before, others, person, SAYS) - attackers.evidence(after, others, person, SAYS)
        hits.append((odds > 0) == (person["goal_met"] == "yes"))
    assert np.mean(hits) <= kit.stated(2) + 0.2  # 24 cases: twice their own uncertainty


# ---- the same people, seen twice


def test_the_same_people_give_the_same_figures_in_another_run_pilot_and_order_of_rows():
    rows = kit.people(1)
    first = kit.publish(rows, secret(1))
    again = kit.publish(rows.sample(frac=1, random_state=2), secret(1), pilot="twin")
    pd.testing.assert_frame_equal(first, again)


def test_percentages_and_years_tell_no_more_than_the_counts_beside_them():
    figures = kit.publish(kit.people(2), secret(2))
    shown = figures[~figures["hidden"] & figures["denominator"].gt(0)]
    np.testing.assert_allclose(shown["value"] * shown["denominator"], shown["numerator"], atol=1e-6)
    whole = figures[figures["group_kind"].eq("all")].set_index("period")["numerator"]
    parts = [whole[f"2014-15 Q{q}"] for q in (1, 2, 3, 4)]
    # The year is no sum of its quarters: what is left over is noise, as large as five figures' noise together.
    assert abs(whole["2014-15"] - sum(parts)) <= 5 * (3 * SAYS["noise"])


def test_another_councils_secret_gives_other_figures():
    rows = kit.people(1)
    assert attackers.moved(kit.publish(rows, secret(1)), kit.publish(rows, secret(2)), "numerator")
