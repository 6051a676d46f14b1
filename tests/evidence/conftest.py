import pickle
import sys
from pathlib import Path

import pytest

from commissioning.evidence.intake import Intake, take_in

sys.path.insert(0, str(Path(__file__).parent))  # evidence_kit is beside this file

REAL = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_intake(once, real_files_read_once) -> Intake:
    """The real public files, taken in by one test process for every test that only looks."""
    if not REAL.is_dir():
        pytest.skip("the real public files are not here: put them beside the checkout, in shared/data")
    with real_files_read_once():
        made = once("real-intake", lambda folder: (folder / "intake").write_bytes(pickle.dumps(take_in(REAL))))
    return pickle.loads((made / "intake").read_bytes())
