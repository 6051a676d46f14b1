"""What the tests of reports share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commissioning.study import parameters


@pytest.fixture
def own_study(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """own_study(folder): the reports of this test read that study, with restricted rows."""

    def use(folder: Path) -> None:
        monkeypatch.setenv(parameters.STUDY, str(folder))
        monkeypatch.setenv(parameters.RESTRICTED, "1")

    return use
