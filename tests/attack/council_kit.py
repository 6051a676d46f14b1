"""A made-up council that publishes, for the attack room: everybody's rows go in, released figures come out.

This is the only file of the room that knows disclosure control. Attackers see `publish`'s frame and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from commissioning import disclosure
from commissioning.disclosure.keys import record_keys
from commissioning.measures import calculate
from commissioning.measures.keyed import KEYED
from commissioning.measures.learning_disability import OWN_GOAL_MET

KINDS = ("locality", "ward", "provider")
GOAL = replace(OWN_GOAL_MET, id="made_up_goal_met", population=(), groups=KINDS, one_row_is="one review", caveats=())
SEEN = [
    "why_hidden",
    "measure",
    "group_kind",
    "group",
    "period",
    "numerator",
    "denominator",
    "unknown",
    "value",
    "lower",
    "upper",
    "hidden",
    "noise",
]


def people(seed: int, *, n: int = 700, wards: int = 12, providers: int = 6, share: float = 0.6) -> pd.DataFrame:
    """One review of each of n made-up people in a year: `person_id`, `period` (a quarter), the groups, `goal_met`, `week` (0 to 51)."""
    draws = np.random.default_rng(seed)
    ward = draws.integers(wards, size=n)
    week = draws.integers(52, size=n)
    answer = np.where(draws.random(n) < 0.06, "unknown", np.where(draws.random(n) < share, "yes", "no"))
    return pd.DataFrame({
        "person_id": [f"P{seed:03d}{i:05d}" for i in range(n)], "week": week,
        "period": [f"2014-15 Q{1 + one // 13}" for one in week],
        "ward": [f"ward {one:02d}" for one in ward], "locality": [f"locality {one % 3}" for one in ward],
        "provider": [f"provider {one}" for one in draws.integers(providers, size=n)], "goal_met": answer,
    })  # fmt: skip


def publish(rows: pd.DataFrame, secret: bytes, *, pilot: str = "made_up", plain: bool = False) -> pd.DataFrame:
    """The figures that leave: what any reader of the pages, their JSON and their CSV has. `plain`: as they were, only rounded."""
    return publish_each([rows], [secret], pilot=pilot, plain=plain)[0]


def publish_each(
    worlds: list[pd.DataFrame],
    secrets: list[bytes],
    *,
    pilot: str = "made_up",
    plain: bool = False,
    open_year: bool = False,
) -> list[pd.DataFrame]:
    """The figures of many councils, or of one in many states, each as if it were released alone: areas share nothing.

    `open_year`: as they are released while the year is open.
    """
    counted = []
    for number, (rows, secret) in enumerate(zip(worlds, secrets, strict=True)):
        keys = record_keys(rows["person_id"], secret)
        counted.append(calculate.results([GOAL], {"reviews": rows}, pilot=pilot, area=str(number), keys=keys))
    results = pd.concat(counted, ignore_index=True)
    if plain:
        results = results.assign(people=np.nan, **dict.fromkeys(KEYED, np.nan))
    figures = disclosure.release(results, open_from="2014-15" if open_year else "").figures
    return [figures.loc[figures["area"].eq(str(one)), SEEN].reset_index(drop=True) for one in range(len(worlds))]


def policy_says() -> dict[str, float]:
    """What the policy page prints: it is public."""
    used = disclosure.policy()
    return {
        "small": used.suppress_to, "base": used.round_to, "noise": used.noise, "guess": used.surest_guess,
        "cells": used.cells_of_one_person, "versions": used.versions,
    }  # fmt: skip


def stated(versions):
    """The rate that the policy states for five figures of an answer (all people twice, three kinds of group) and so many versions."""
    return disclosure.policy().guessed_right(cells=5, versions=versions)


release = disclosure.release
