"""Known answers from published packages lie beside the checkout, in ../shared/fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
