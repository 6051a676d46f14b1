import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commissioning.evidence import intake
from commissioning.evidence.intake import Intake, take_in

sys.path.insert(0, str(Path(__file__).parent))
import kept_words  # noqa: E402 - beside this file

REAL = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_intake(once, real_files_read_once) -> Intake:
    """The real public files, taken in by one test process for every test that only looks."""
    if not REAL.is_dir():
        pytest.skip("the real public files are not here: put them beside the checkout, in shared/data")
    with real_files_read_once():
        made = once("real-intake", lambda folder: (folder / "intake").write_bytes(pickle.dumps(take_in(REAL))))
    return pickle.loads((made / "intake").read_bytes())


@pytest.fixture(autouse=True)
def what_a_user_is_told_is_what_was_reviewed(
    request: pytest.FixtureRequest, tmp_path: Path, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """After each test of a small case: every word of what intake said of its files, and every row, as kept."""
    if getattr(request.function, "is_hypothesis_test", False) or request.node.get_closest_marker("real_data"):
        yield
        return
    made: list[Intake] = []

    def noted(**parts: Any) -> Intake:
        made.append(Intake(**parts))
        return made[-1]

    monkeypatch.setattr(intake, "Intake", noted)
    yield
    monkeypatch.undo()
    if not made or len(made) > kept_words.MOST:
        return
    found = [kept_words.told(one, (str(tmp_path), tmp_path.name)) for one in made]
    kept(kept_words.KEPT).same(request.node.nodeid.partition("evidence/")[2], found)
