"""A light house for the promises about who may publish, sign and run what: real runner, real site, small pilots."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runs"))

from light import House, QuickPool, batch, notebook, shared_pool  # noqa: E402
from light_fixtures import importable_by_workers  # noqa: E402
from one_report import one_report  # noqa: E402

__all__ = ["House", "QuickPool", "batch", "importable_by_workers", "notebook", "one_report", "shared_pool"]
