"""The two published indicators, for Wirral, as NHS Digital printed them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from commissioning.evidence.intake import take_in
from commissioning.measures import catalogue
from commissioning.measures.calculate import results

DATA = Path(__file__).parents[2].parent / "shared" / "data"
WIRRAL = "E08000015"
YEARS = ["2014-15", "2015-16", "2016-17", "2017-18", "2018-19", "2020-21"]
DENOMINATORS = [915, 996, 1029, 1027, 738, 1015]
NUMERATORS = {
    "learning_disability_ascof_1e": [25, 34, 24, 25, 19, 31],
    "learning_disability_ascof_1g": [760, 841, 864, 866, 599, 870],
}


@pytest.fixture(scope="module")
def tables() -> Mapping[str, pd.DataFrame]:
    """The published outcomes, taken in once; payments, spend and grants are not looked at."""
    if not DATA.is_dir():
        pytest.skip("the published data are not beside this checkout")
    return take_in(DATA / "outcomes", "learning_disability", WIRRAL, ["indicators"]).tables


@pytest.mark.real_data
@pytest.mark.parametrize("measure_id", sorted(NUMERATORS))
def test_wirrals_published_indicators_are_read_to_the_last_person(
    measure_id: str, tables: Mapping[str, pd.DataFrame]
) -> None:
    made = results([catalogue()[measure_id]], tables, pilot="learning_disability", area=WIRRAL)
    own = made[made["group_kind"] == "all"]
    assert list(own["period"]) == YEARS
    assert list(own["numerator"]) == NUMERATORS[measure_id]
    assert list(own["denominator"]) == DENOMINATORS
    assert own["public"].all()
