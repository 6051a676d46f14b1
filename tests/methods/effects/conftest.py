"""Known answers from the fixtures beside the checkout, and small made-up panels with a known effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SHARED = Path(__file__).parents[3].parent / "shared"


@pytest.fixture
def fixture_json() -> Callable[[str], Any]:
    def read(name: str) -> Any:
        path = SHARED / "fixtures" / name
        if not path.is_file():
            pytest.skip(f"the known answers in {name} are not beside this checkout")
        return json.loads(path.read_text(encoding="utf-8"))

    return read


@pytest.fixture
def fixture_csv() -> Callable[[str], pd.DataFrame]:
    def read(name: str) -> pd.DataFrame:
        path = SHARED / "fixtures" / name
        if not path.is_file():
            pytest.skip(f"the known answers in {name} are not beside this checkout")
        return pd.read_csv(path)

    return read


@pytest.fixture
def make_panel() -> Callable[..., pd.DataFrame]:
    """Long rows: `starts` gives each ward's first period (None for never)."""

    def make(
        starts: list[int | None],
        *,
        periods: int = 12,
        effect: float = 0.0,
        drift: float = 0.0,
        people: int = 1,
        noise: float = 1.0,
        wander: float = 0.0,
        seed: int = 1,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        rows = []
        for ward, first in enumerate(starts):
            level = rng.normal(0, 1)
            for t in range(1, periods + 1):
                shock = rng.normal(0, wander)
                on = first is not None and t >= first
                for _ in range(people):
                    y = level + 0.1 * t + drift * t * (first is not None) + effect * on + shock + rng.normal(0, noise)
                    rows.append((f"ward {ward:02d}", t, first, y, first is not None))
        return pd.DataFrame(rows, columns=["ward", "t", "first", "y", "begun"])

    return make
