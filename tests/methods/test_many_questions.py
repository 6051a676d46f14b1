"""Several outcomes asked at once: known answers, and how often anything is claimed where nothing happened."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from commissioning.methods.many_questions import adjusted


def test_primary_outcomes_follow_holm_and_the_rest_false_discovery():
    # Holm (1979): the smallest times how many there are, the next times one fewer, never falling. Benjamini & Hochberg (1995).
    found = adjusted({"a": 0.01, "b": 0.04, "c": 0.02, "d": 0.03, "e": 0.5}, primary={"a", "b"})
    assert found == pytest.approx({"a": 0.02, "b": 0.04, "c": 0.045, "d": 0.045, "e": 0.5})


def test_both_are_those_of_statsmodels():
    draws = np.random.default_rng(4).uniform(size=7) ** 3
    named = {str(at): one for at, one in enumerate(draws)}
    for primary, method in ((named, "holm"), ((), "fdr_bh")):
        assert list(adjusted(named, primary).values()) != []
        second = dict(zip(named, multipletests(draws, method=method)[1], strict=True))
        assert adjusted(named, primary) == pytest.approx(second)


def test_one_question_alone_keeps_its_p_value():
    assert adjusted({"a": 0.03}, primary={"a"}) == {"a": 0.03}
    assert adjusted({}, primary={"a"}) == {}


def test_where_nothing_happened_two_primary_outcomes_seem_to_move_in_one_pilot_of_twenty():
    draws = np.random.default_rng(5).uniform(size=(4_000, 2))
    claimed = np.mean([min(adjusted({"a": a, "b": b}, {"a", "b"}).values()) < 0.05 for a, b in draws])
    assert 0.035 < claimed < 0.06
