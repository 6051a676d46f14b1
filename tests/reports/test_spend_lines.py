"""Spend beside its plan, whose money it is, and no figure more exact than the one it was made from."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning import reports
from commissioning.presentation import words
from commissioning.sections import figures, findings
from commissioning.study import spend
from commissioning.study.spend_lines import against_plan


def lines(*rows):
    made = pd.DataFrame(rows, columns=["year", "what", "table", "pence"]).astype({"pence": "Int64"})
    return made.assign(scope="purpose", public=made["table"].eq("payments"))


FRAME = lines(
    ("2013-14", "Support", "packages", 300), ("2014-15", "Support", "packages", 400),
    ("2014-15", "Awards", "grants", 900), ("2014-15", "Grants paid", "payments", 350),
)  # fmt: skip


def test_an_award_is_never_judged_as_spend():
    found = against_plan(FRAME, {"2014-15": 5})
    assert found.to_dict("records") == [
        {"year": "2014-15", "what": "Support", "planned_pence": 500, "spent_pence": 400}
    ]
    assert against_plan(FRAME[FRAME["what"] == "Awards"], {"2014-15": 5}).empty


def test_a_plan_may_name_the_line_that_it_is_of():
    found = against_plan(FRAME, {"2013-14": 1, "2014-15": 5}, "Grants paid")
    assert found[["year", "spent_pence"]].to_numpy().tolist() == [["2014-15", 350]]
    assert against_plan(FRAME, {"2014-15": 5}, "Nothing of this name").empty


def test_years_of_the_plan_stand_in_order():
    assert against_plan(FRAME, {"2014-15": 5, "2013-14": 1})["year"].tolist() == ["2013-14", "2014-15"]


def test_real_terms_are_no_more_exact_than_the_cash_they_are_made_from():
    frame = pd.DataFrame(
        {"year": ["2014-15"] * 2, "pence": pd.array([3_700_000_000] * 2, dtype="Int64"), "rounded": [True, False]}
    )
    rounded, exact = spend.with_real_terms(frame, "2022-23")["real_pence"].tolist()
    assert rounded == 4_500_000_000 and abs(exact - rounded) < 50_000_000 and exact % 100_000_000


@pytest.mark.parametrize(
    ("pence", "says"),
    [(3_700_000_000, "£37m"), (216_000_000, "£2.16m"), (220_000_000, "£2.2m"), (95_000, "£950"), (-1_500_000, "−£15k"),
     (1_230_000_000_000, "£12.3bn"), (10_000_000, "£100k")],
)  # fmt: skip
def test_a_rounded_amount_is_written_without_the_figures_that_rounding_left_out(pence, says):
    assert words.money_rounded(pence) == says


def test_spend_counted_from_packages_is_gross_and_never_called_the_councils_own():
    report = reports.open("pilot", pilot="learning_disability")
    own = figures.spend(report).frame[figures.spend(report).frame["table"] == "packages"]
    assert len(own) and own["what"].str.endswith("gross").all()
    assert not own["perspective"].str.contains("council").any()
    (headline,) = findings.headline_spend(report)
    said = "Support in packages of people with a learning disability, gross, came to £36m in 2015-16 (£44m"
    assert headline.record["sentence"].startswith(said)
    others = own[own["scope"] == "none"]
    assert len(others) == 5 and others["what"].str.startswith("Spend on other people").all()
    assert any("how people are recorded changed" in one for one in figures.spend(report).notes), (
        "2014-15, where the recording broke"
    )


@pytest.mark.parametrize(("plan", "side"), [(40_000_000, "within"), (10_000_000, "above")])
def test_spend_is_said_to_be_within_its_plan_or_above_it(plan, side, monkeypatch):
    report = reports.open("do", pilot="learning_disability")
    decision = report.pilot.decision.model_copy(update={"planned_spend": {"2015-16": plan}})
    report.pilot = report.pilot.model_copy(update={"decision": decision})
    said = [one.record["sentence"] for one in report.told("spend_against_plan").found]
    assert len(said) == 1 and f", {side} the plan of " in said[0]
