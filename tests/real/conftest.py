"""Studies of the real public data in ../shared/data, each prepared once and shared by the test processes."""

import pytest

from commissioning import pilot as pilots
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared

DATA = pilots.home().parent / "shared" / "data"


@pytest.fixture(scope="session")
def real(once, real_files_read_once):
    """real(pilot, area) → the study of that pilot and area on the real data."""
    if not DATA.is_dir():
        pytest.skip("the real public data (../shared/data) are not here, so its figures cannot be checked")

    def prepared(name: str, area: str) -> Prepared:
        known = pilots.load(name)
        with real_files_read_once():
            made = once(f"{name}-{area}", lambda folder: prepare(known, DATA, area=area, folder=folder))
        return Prepared(made)

    return prepared
