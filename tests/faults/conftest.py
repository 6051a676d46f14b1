"""The runner's tests share a light house."""

import sys
from pathlib import Path

LIGHT = str(Path(__file__).resolve().parents[1] / "runs")
if LIGHT not in sys.path:
    sys.path.insert(0, LIGHT)

from light_fixtures import house, importable_by_workers  # noqa: E402, F401 - fixtures of this folder
