"""The box for scrutiny says who answers, and on which day that the council entered."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from commissioning.pilot.agreed import Dates
from commissioning.reports import promised


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ({"decision_on": date(2016, 7, 14)}, "Finance answers at the decision on 14 July 2016"),
        ({"replies_until": date(2016, 6, 1)}, "Finance answers once replies close on 1 June 2016"),
        ({}, "Finance answers; no day is entered for it yet"),
    ],
)
def test_who_answers_names_the_day_that_was_entered(dates, says):
    service = SimpleNamespace(pilot=SimpleNamespace(dates=Dates(**dates)))
    assert promised._answers(service, ["Finance", "Finance"]) == says


def test_several_owners_answer_together_and_nobody_is_said_to_be_nobody():
    service = SimpleNamespace(pilot=SimpleNamespace(dates=Dates()))
    assert promised._answers(service, ["Finance", "Housing"]).startswith("Finance and Housing answer;")
    assert promised._answers(service, []).startswith("Nobody is named")
    assert (
        promised._to_whom("the Cabinet of 2011") == ", promised to the Cabinet of 2011" and promised._to_whom("") == ""
    )
