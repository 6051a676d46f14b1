"""What is made up for the sample, or was agreed for another area, is never said beside a council's own extracts."""

from __future__ import annotations

import pytest

from commissioning import pilot as pilots
from commissioning.pilot import AGREED, ELSEWHERE, LISTS

NAMES = ("learning_disability", "vcf_funding")


def texts(pilot):
    """Every word of every register and floor of a pilot."""
    return [
        text
        for name in LISTS
        for entry in getattr(pilot, name)
        for text in entry.model_dump(mode="json").values()
        if isinstance(text, str)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_keeps_everything(name):
    pilot = pilots.load(name)
    assert pilot.as_for(illustrative=True, area=pilot.area) == pilot


@pytest.mark.parametrize("name", NAMES)
def test_no_illustrative_word_stands_beside_a_councils_own_extracts(name):
    pilot = pilots.load(name)
    assert any(one.startswith("Illustrative") for one in texts(pilot))
    real = pilot.as_for(illustrative=False, area=pilot.area)
    assert not any(one.startswith("Illustrative") for one in texts(real))
    assert not real.floors and not real.priorities
    assert not real.decision.planned_spend and not real.weights
    assert real.decision.statutory_duty == pilot.decision.statutory_duty  # that is no sample value


def test_what_is_not_marked_illustrative_stays():
    pilot = pilots.load("learning_disability")
    agreed = pilot.floors[0].model_copy(update={"agreed_with": "The partnership board"})
    told = pilot.model_copy(update={"floors": (agreed, pilot.floors[1]), "illustrative": ()})
    real = told.as_for(illustrative=False, area=pilot.area)
    assert real.floors == (agreed,) and real.decision.planned_spend == pilot.decision.planned_spend


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("illustrative", [True, False])
def test_nothing_agreed_for_one_area_is_said_of_another(name, illustrative):
    pilot = pilots.load(name)
    other = pilot.as_for(illustrative=illustrative, area="E08000009")
    assert not any(getattr(other, one) for one in LISTS)
    assert not any(getattr(other, one) for one in AGREED if one != "planned_spend")
    assert not other.decision.planned_spend and not other.decision.harm_flags
    assert {other.decision.statutory_duty, other.decision.alternative, other.decision.market_impact} == {ELSEWHERE}
    assert other.area == pilot.area and other.measures == pilot.measures
