"""Studies of the real public data in ../shared/data, each prepared once and shared by the test processes."""

import fcntl
import os

import pytest

from commissioning import pilot as pilots
from commissioning.reports import study as studies

DATA = pilots.home().parent / "shared" / "data"


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """real(pilot, area) → the study of that pilot and area on the real data."""
    if not DATA.is_dir():
        pytest.skip("the real public data (../shared/data) are not here, so its figures cannot be checked")
    # With several test processes all share one folder above their own, and the first one prepares.
    root = tmp_path_factory.getbasetemp()
    root = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root

    def prepared(name: str, area: str) -> studies.Study:
        folder = root / f"{name}-{area}"
        with (root / f"{name}-{area}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / studies.RECORD).is_file():
                studies.prepare(pilots.load(name), DATA, area=area, folder=folder)
        return studies.Study(folder)

    return prepared
