"""One published outcome of Trafford beside other councils', with what each spends on a person, on the real public tables."""

from __future__ import annotations

import pytest

from commissioning.study import opened, parameters
from commissioning.study.opened import Study

TRAFFORD = "E08000009"


@pytest.fixture(scope="module")
def trafford(real) -> Study:
    return opened.of(
        real("learning_disability", TRAFFORD), parameters.check(pilot="learning_disability", area=TRAFFORD)
    )


def test_every_council_has_its_outcome_and_the_spend_of_the_years_that_both_are_published_for(trafford):
    found = trafford.compare("learning_disability_ascof_1g", with_="all")
    assert list(found.columns) == ["council", "period", "value", "people", "spend_a_person_pence", "this_one"]
    councils = found[found["council"].ne("England")].groupby("period")["council"].nunique()
    assert councils.min() >= 145 and councils.max() <= 155
    assert found.groupby("period")["this_one"].sum().eq(1).all()
    spent = found.groupby("period")["spend_a_person_pence"].count()
    assert spent[["2014-15", "2016-17"]].min() >= 145 and spent.drop(["2014-15", "2016-17"]).eq(0).all()


def test_spend_a_person_is_the_published_spend_over_the_people_of_the_outcome(trafford):
    mine = trafford.compare("learning_disability_ascof_1e").query("this_one and period == '2014-15'").iloc[0]
    assert mine["value"] == pytest.approx(100 * 65 / 475)
    assert mine["spend_a_person_pence"] == round(1_714_114_000 / 475)


def test_neighbours_are_those_of_the_list_and_england(trafford):
    found = trafford.compare("learning_disability_ascof_1e")
    assert {"Trafford", "England", "Stockport", "Solihull"} <= set(found["council"])
    assert found["council"].nunique() == 16


def test_published_figures_alone_give_outcomes_and_spend_and_say_why_there_are_no_effects(trafford):
    assert trafford.outcomes()["measure"].nunique() == 2 and trafford.outcomes()["period"].nunique() == 6
    beside = trafford.outcomes_against_spend().set_index(["measure", "period"])
    assert beside.loc[("learning_disability_ascof_1e", "2014-15"), "line"] == "Long-term support, ages 18 to 64"
    effects = trafford.effects()
    for one in (
        effects.tidy(),
        effects.event_study(),
        effects.trends(),
        effects.gates(),
        effects.calibration(),
        trafford.value(),
    ):
        assert (
            one.empty
            and len(one.columns) >= 5
            and one.why == "Nothing says when each ward started, so no effect is estimated."
        )
    assert "study.compare('learning_disability_ascof_1e')" in repr(trafford)
