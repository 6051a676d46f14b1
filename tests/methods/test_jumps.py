"""A jump in a count is told from its ordinary moves; what is missing, nothing or small is no jump."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.methods.jumps import jumps


def test_a_move_of_the_share_named_or_more_is_a_jump_both_ways():
    found = jumps([100, 100, 100, 100], [125, 124, 75, 76], 0.25)
    assert found.tolist() == [True, False, True, False]


def test_the_threshold_itself_is_not_missed_by_the_last_bit():
    assert jumps([100], [120], 0.20).all()


def test_missing_none_and_small_counts_are_no_jump():
    assert not jumps([np.nan, 100, 0, 40], [10, np.nan, 50, 90], 0.2, least=50).any()


def test_a_count_that_falls_to_nothing_is_a_jump():
    assert jumps([100], [0], 0.2).all()


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(1e-3, 2))
def test_scaling_both_counts_changes_nothing(before, after, by):
    share = abs(after / before - 1)
    if abs(share - by) > 1e-6:
        assert jumps([before], [after], by)[0] == (share > by)
        assert jumps([8 * before], [8 * after], by)[0] == jumps([before], [after], by)[0]


def test_a_threshold_of_nothing_and_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="above zero"):
        jumps([1], [2], 0)
    with pytest.raises(ValueError, match="one of each"):
        jumps([1, 2], [2], 0.2)
