"""The box for scrutiny says who answers, and on which day that the council entered."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from commissioning.pilot.agreed import Benefit, Dates
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


@pytest.mark.parametrize(
    ("expected", "due", "late"),
    [
        ("4 more in each 100", "2015-16", ": due now"),
        ("4 more in each 100", "2014-15", ": overdue"),
        ("4 more in each 100", "2016-17", ""),
        ("None agreed", "2015-16", ""),
        ("None agreed", "2014-15", ""),
    ],
)
def test_a_benefit_of_which_nothing_was_agreed_is_never_due(monkeypatch, expected, due, late):
    monkeypatch.setattr(promised.figures, "effects", lambda page: SimpleNamespace(estimates=()))
    benefit = Benefit(
        benefit="Less cost a week", expected=expected, measure="m", owner="Finance", due=due, kind="cashable"
    )
    page = SimpleNamespace(pilot=SimpleNamespace(benefits=(benefit,)), measures={}, period="2015-16")
    (row,) = promised.benefit_rows(page)
    assert row["late"] == late and row["due"] == f"{due}{late}"


def test_outcomes_of_which_no_change_may_be_told_are_named(monkeypatch):
    def made(title, withheld):
        return SimpleNamespace(measure=SimpleNamespace(title=title), summary=SimpleNamespace(withheld=withheld))

    found = (made("Paid work", "too few"), made("Own goal", None), made("Settled home", "a gate"))
    monkeypatch.setattr(promised.figures, "effects", lambda page: SimpleNamespace(estimates=found))
    assert list(promised._withheld(None)) == ["Why can no change be judged in “Paid work” and 1 more of 3 outcomes?"]
