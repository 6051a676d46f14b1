"""The estimate without its checks, for negative controls."""

from __future__ import annotations

import pytest

from commissioning.methods import effects

NAMED = {"outcome": "y", "unit": "ward", "time": "t", "first_treated": "first", "cluster": "ward"}


@pytest.mark.parametrize("starts", [[5, 5, 7, 7, 9, 9, *[None] * 8], [5, 7, *[None] * 6]])
def test_estimate_and_standard_error_are_those_of_the_whole_estimate(make_panel, starts):
    frame = make_panel(starts, effect=0.3, people=3)
    whole = effects.staggered(frame, method="imputation", **NAMED)
    estimate, error = effects.staggered_estimate(frame, **NAMED)
    assert estimate == whole.estimate
    assert error == whole.diagnostics["standard_error"]


def test_nobody_to_compare_with_is_refused(make_panel):
    frame = make_panel([5, 5, 5])
    with pytest.raises(ValueError, match="nobody is left to compare with"):
        effects.staggered_estimate(frame, **NAMED)
