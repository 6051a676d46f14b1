"""Made-up cohorts and small tables, for every test of disclosure control. No real person stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

COLUMNS = [
    "measure", "pilot", "area", "group_kind", "group", "period",
    "numerator", "denominator", "unknown", "not_applicable", "people", "status", "public",
]  # fmt: skip

Row = tuple[str, str, int, int]


def make_table(
    rows: Iterable[Row], *, measure: str = "made_up_goal_met", period: str = "2014-15 Q1", **more: object
) -> pd.DataFrame:
    """Results of one measure and period from rows of (kind of group, group, numerator, denominator)."""
    frame = pd.DataFrame(
        [(measure, "made_up", "E08000015", k, g, period, n, d, 0, 0, d, "known", False) for k, g, n, d in rows],
        columns=COLUMNS,
    )
    return frame.assign(**more)


def make_with_total(parts: dict[str, tuple[int, int]], kind: str = "ward", **more: object) -> pd.DataFrame:
    """A headline total and the parts it is the sum of."""
    total = ("all", "all", sum(n for n, _ in parts.values()), sum(d for _, d in parts.values()))
    return make_table([total, *((kind, g, n, d) for g, (n, d) in parts.items())], **more)


WARDS = [f"ward {i:02d}" for i in range(22)]
HIERARCHY = {("ward", "locality"): {ward: f"locality {i % 4}" for i, ward in enumerate(WARDS)}}


def make_cohort(
    seed: int, *, months: int = 12, people: int = 400, wards: int = 10, providers: int = 6
) -> list[pd.DataFrame]:
    """The results of one cohort month by month: people come and go, and reach their goal or lose it again."""
    draws = np.random.default_rng(seed)
    people = int(draws.integers(people // 3, people * 2))
    share = float(draws.choice([0.02, 0.05, 0.08, 0.2, 0.5, 0.8, 0.95]))
    ward = draws.choice(wards, people, p=draws.dirichlet(np.full(wards, 4.0)))
    provider = draws.choice(providers, people, p=draws.dirichlet(np.full(providers, 3.0)))
    achieved, here = draws.random(people) < share, draws.random(people) < 0.9
    known = draws.random(people) < 0.95
    runs = []
    for month in range(months):
        moves = draws.random(people) < 0.03
        here = here ^ (draws.random(people) < 0.02)
        achieved = np.where(moves, draws.random(people) < share, achieved)
        rows = []
        splits = [("all", np.zeros(people, int), ["all"])]
        splits += [("ward", ward, WARDS[:wards]), ("locality", ward % 4, [f"locality {i}" for i in range(4)])]
        splits += [("provider", provider, [f"provider {i}" for i in range(providers)])]
        for kind, of, names in splits:
            d = np.bincount(of[here & known], minlength=len(names))
            n = np.bincount(of[here & known & achieved], minlength=len(names))
            u = np.bincount(of[here & ~known], minlength=len(names))
            rows += [
                ("made_up_goal_met", "made_up", "E08000015", kind, name, f"2014-{month + 1:02d}",
                 n[i], d[i], u[i], 0, d[i], "known", False)
                for i, name in enumerate(names)
            ]  # fmt: skip
        runs.append(pd.DataFrame(rows, columns=COLUMNS))
    return runs


@pytest.fixture
def table() -> Callable[..., pd.DataFrame]:
    return make_table


@pytest.fixture
def with_total() -> Callable[..., pd.DataFrame]:
    return make_with_total


@pytest.fixture
def cohort() -> Callable[..., list[pd.DataFrame]]:
    return make_cohort


@pytest.fixture
def hierarchy() -> dict[tuple[str, str], dict[str, str]]:
    return HIERARCHY
