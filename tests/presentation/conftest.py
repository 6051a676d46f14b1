"""The demonstration notebook, shared with the browser tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def demo() -> ModuleType:
    """The module that makes the demonstration notebook."""
    path = Path(__file__).parents[1] / "presentation" / "demo_notebook.py"
    spec = importlib.util.spec_from_file_location("presentation_demo_notebook", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
