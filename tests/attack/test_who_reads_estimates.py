"""Somebody who knows everybody's answers but one person's, and reads a printed estimate with its limits: how often are they right?"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parent
QUARTERS = [f"{2012 + t // 4}-{13 + t // 4} Q{1 + t % 4}" for t in range(10)]
WARDS, START = 12, QUARTERS[6]


def load(name):
    spec = importlib.util.spec_from_file_location(f"attack_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


reader = load("reader_of_estimates")


def council(number, each):
    """A pilot of its own: people of twelve wards, a yes or no in most quarters, seven wards started."""
    rng = np.random.default_rng(number)
    rows = pd.MultiIndex.from_product([range(WARDS * each), QUARTERS], names=["person", "period"]).to_frame(index=False)
    rows = rows[rng.random(len(rows)) < 0.7].reset_index(drop=True)
    ward = rows["person"] // each
    gain = np.where((ward < 7) & (rows["period"] >= START), rng.choice([0.0, 0.15]), 0.0)
    level = 0.35 + rng.normal(0, 0.08, WARDS)
    rows["value"] = (rng.random(len(rows)) < level[ward] + gain).astype(float)
    return rows.assign(ward=[f"w{one:02d}" for one in ward], first=[START if one < 7 else None for one in ward])


def published(rows, secret, noise=True):
    """What the house prints of it, in points, with record keys from a secret."""
    from commissioning import pilot as pilots
    from commissioning.disclosure.estimates import Behind, key_of, released_estimate
    from commissioning.methods.effects import staggered_estimate
    from commissioning.methods.effects.inference import t_quantile
    from commissioning.reports import designs

    record = np.random.default_rng(secret).integers(0, 2**32, rows["person"].max() + 1)
    design = pilots.Design(kind="staggered", unit="ward", minimum_worthwhile_change=4.0)
    estimate, error = staggered_estimate(
        rows, outcome="value", unit="ward", time="period", first_treated="first", cluster="ward"
    )
    reach = t_quantile(0.975, WARDS - 1) * error
    begun = rows["first"].notna()
    most = reader.influence.of_one_person(designs._slopes(rows, design, None, 1.0), np.ones(len(rows)), rows["person"].to_numpy())  # fmt: skip
    behind = Behind(
        people=tuple(rows.loc[one, "person"].nunique() for one in (begun, ~begun)),
        degrees=WARDS - 1,
        influence=100 * most if noise else 0.0,
        key=key_of(record[rows["person"].unique()], record[rows.loc[rows["value"].ne(0), "person"]]),
    )
    made = released_estimate(
        100 * estimate, 100 * (estimate - reach), 100 * (estimate + reach), standard_error=100 * error, behind=behind
    )
    return made.estimate, made.lower, made.upper


def answers(rows, person, met, late):
    """The same rows with one person's answers, all of them after the start or the last one alone."""
    mine = rows.index[rows["person"].eq(person) & rows["period"].ge(START)]
    changed = rows.copy()
    changed.loc[mine if late == "all" else mine[-1:], "value"] = met
    return changed


def right(trials, each, late="all", noise=True):
    from commissioning.disclosure.estimates import worth

    hits = []
    for number in range(trials):
        rows = council(number, each)
        there = rows.loc[rows["period"].ge(START) & rows["first"].notna(), "person"].unique()
        person = there[number % len(there)]
        worlds = {met: answers(rows, person, met, late) for met in (1.0, 0.0)}
        truth = float(number % 2)
        printed = published(worlds[truth], 1000 + number, noise)
        odds = reader.odds(printed, worlds[1.0], worlds[0.0], WARDS, worth() if noise else 1e-9)
        hits.append(0.5 if odds == 0 else float((odds > 0) == (truth == 1.0)))
    return float(np.mean(hits))


def test_attackers_know_nothing_of_the_door():
    tree = ast.parse((HERE / "reader_of_estimates.py").read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    assert not any("disclosure" in name for name in names)


def test_the_attacker_prints_as_the_house_does():
    """Else they would be right no oftener than a coin for want of knowing how: what is printed is among what they expect."""
    from commissioning.disclosure.estimates import worth

    for number in range(6):
        rows = council(number, 5)
        printed = published(rows, number)
        assert reader.fits(printed, rows, WARDS, worth()) >= 1 / 2048


def test_one_who_knows_everybody_else_is_little_better_than_a_coin():
    assert right(120, 5) <= 0.60 + 0.08  # 120 trials: 0.045 is their own uncertainty


def test_without_the_noise_the_same_attacker_finds_the_answers():
    assert right(40, 3, noise=False) > 0.62


@pytest.mark.soak
@pytest.mark.parametrize("each", [2, 5, 20])
@pytest.mark.parametrize("late", ["all", "one"])
def test_a_thousand_guesses_are_right_in_six_of_ten_at_most(late, each):
    assert right(1_000, each, late) <= 0.60 + 0.01
