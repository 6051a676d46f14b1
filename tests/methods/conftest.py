"""Known answers from published packages lie beside the checkout, in ../shared/fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"


@pytest.fixture(scope="session")
def fixture() -> Callable[[str], dict[str, Any]]:
    """`fixture("f01")` reads the one fixture whose name begins so; skips where the folder is absent."""

    def read(name: str) -> dict[str, Any]:
        found = sorted(FIXTURES.glob(f"{name}*.json"))
        if not found:
            pytest.skip(f"the known answers {name} are not beside this checkout (../shared/fixtures)")
        known: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
        known["folder"] = FIXTURES
        return known

    return read


@pytest.fixture(scope="session")
def resembling() -> Callable[[np.random.Generator, int, float], np.ndarray]:
    """`resembling(rng, points, rho)`: 4,000 series in which each point resembles the one before it by `rho`."""

    def series(rng: np.random.Generator, points: int, rho: float) -> np.ndarray:
        shocks = rng.standard_normal((4000, points + 40))  # the first 40 let the start be forgotten
        y = np.zeros_like(shocks)
        for t in range(1, y.shape[1]):
            y[:, t] = rho * y[:, t - 1] + shocks[:, t]
        return y[:, 40:]

    return series
