"""What the evidence supports follows rules agreed beforehand; members decide."""

import dataclasses

import pytest

from commissioning.pilot import Decision
from commissioning.reports.decision import Standing, recommend

DECISION = Decision(
    statutory_duty="No",
    equality_impact_assessment="Attached, 3 May",
    alternative="Two other organisations offer it",
    market_impact="Checked on 4 May",
    notice_months=3,
)
MET = Standing(measure="m_goal", title="Own main goal met", lower=52.0, upper=60.0, floor=50.0, worthwhile_change=4.0)


def with_(**changes):
    return (dataclasses.replace(MET, **changes),)


def says(standings, **more):
    more.setdefault("spend_within_plan", True)
    return recommend(standings, DECISION, **more).says


def test_a_lower_limit_above_the_floor_and_spend_within_plan_supports_continue():
    assert says((MET,)) == "continue"


def test_a_range_that_reaches_below_the_floor_asks_for_more_evidence():
    assert says(with_(lower=48.0)) == "gather more evidence"


def test_a_whole_range_below_the_floor_asks_to_adapt():
    assert says(with_(lower=40.0, upper=49.0)) == "adapt"


def test_a_group_out_of_line_asks_to_adapt_though_the_floor_is_met():
    assert says(with_(out_of_line=("Provider 3 is outside its limits",))) == "adapt"


def test_spend_above_plan_asks_to_adapt():
    assert says((MET,), spend_within_plan=False) == "adapt"


@pytest.mark.parametrize("earlier", [(), ("prepare to stop",), ("gather more evidence",)])
def test_an_unknown_outcome_never_supports_stopping(earlier):
    unknown = with_(lower=None, upper=None, change_upper=0.0, rung="attributable")
    assert says(unknown, earlier_reviews=earlier) == "gather more evidence"


def test_stopping_needs_two_reviews_an_alternative_and_every_check():
    small = with_(change_upper=1.0, rung="compared")
    assert says(small) == "continue"
    assert says(small, earlier_reviews=("prepare to stop",)) == "prepare to stop"
    for missing in (
        {"alternative": "No alternative provider is open yet"},
        {"equality_impact_assessment": "Not attached"},
        {"market_impact": "Not checked"},
    ):
        found = recommend(
            small, DECISION.model_copy(update=missing), spend_within_plan=True, earlier_reviews=("prepare to stop",)
        )
        assert found.says != "prepare to stop"


def test_a_described_finding_is_too_weak_to_support_stopping():
    assert says(with_(change_upper=1.0, rung="described"), earlier_reviews=("prepare to stop",)) == "continue"


def test_a_harm_flag_comes_before_every_figure():
    found = recommend((MET,), DECISION, spend_within_plan=True, harm_flags=("CQC rating fell to inadequate",))
    assert found.says == "adapt"
    assert "CQC rating" in found.reasons[0]


def test_evidence_is_gathered_at_most_twice_running_and_then_members_choose():
    twice = ("gather more evidence", "gather more evidence")
    found = recommend(with_(lower=48.0), DECISION, spend_within_plan=True, earlier_reviews=twice)
    assert any("members choose" in one for one in found.reasons)


def test_every_recommendation_says_what_would_change_it_and_what_was_asked_first():
    for standings in ((MET,), with_(lower=48.0), with_(lower=40.0, upper=49.0), with_(lower=None, upper=None)):
        found = recommend(standings, DECISION, spend_within_plan=None)
        assert found.would_change
        assert "Is it a statutory duty?" in found.asked_first
