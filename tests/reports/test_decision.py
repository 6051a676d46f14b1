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


def test_without_a_spending_plan_it_cannot_be_said_that_spend_is_within_it():
    found = recommend((MET,), DECISION, spend_within_plan=None)
    assert found.says == "gather more evidence" and "spending plan" in found.would_change[0]
    assert says((MET,), spend_within_plan=None, whole_area=False) == "continue", "a part of the area has no plan"


def test_a_range_that_reaches_below_the_floor_asks_for_more_evidence():
    assert says(with_(lower=48.0)) == "gather more evidence"


def test_a_whole_range_below_the_floor_asks_to_adapt():
    assert says(with_(lower=40.0, upper=49.0)) == "adapt"


def test_a_group_out_of_line_asks_to_adapt_though_the_floor_is_met():
    assert says(with_(out_of_line=("Provider 3 is outside its limits",))) == "adapt"


def test_spend_above_plan_asks_to_adapt():
    assert says((MET,), spend_within_plan=False) == "adapt"


def after(*reviews):
    """The last of several reviews running, each of which read the one before."""
    earlier = None
    for standings in reviews:
        earlier = recommend(standings, DECISION, spend_within_plan=True, earlier=earlier)
    return earlier


SMALL = with_(change_upper=1.0, rung="compared")
UNCLEAR = with_(lower=48.0)


@pytest.mark.parametrize("earlier", [None, after(SMALL), after(SMALL, SMALL), after(UNCLEAR)])
def test_an_unknown_outcome_never_supports_stopping(earlier):
    unknown = with_(lower=None, upper=None, change_upper=0.0, rung="attributable")
    assert says(unknown, earlier=earlier) == "gather more evidence"


def test_stopping_needs_two_reviews_an_alternative_and_every_check():
    assert says(SMALL) == "continue"
    assert says(SMALL, earlier=after((MET,))) == "continue"
    assert says(SMALL, earlier=after(SMALL)) == "prepare to stop"
    for missing in (
        {"alternative": "No alternative provider is open yet"},
        {"equality_impact_assessment": "Not attached"},
        {"market_impact": "Not checked"},
    ):
        found = recommend(SMALL, DECISION.model_copy(update=missing), spend_within_plan=True, earlier=after(SMALL))
        assert found.says != "prepare to stop"


def test_an_alternative_whose_name_begins_with_no_is_an_alternative():
    named = DECISION.model_copy(update={"alternative": "Nottingham Mencap offers it"})
    assert recommend(SMALL, named, spend_within_plan=True, earlier=after(SMALL)).says == "prepare to stop"


def test_a_harm_flag_in_between_does_not_make_the_first_review_forgotten():
    flagged = recommend(SMALL, DECISION, spend_within_plan=True, harm_flags=("a fall in a rating",))
    assert flagged.says == "adapt"
    assert says(SMALL, earlier=flagged) == "prepare to stop"


def test_the_two_reviews_must_be_of_the_same_outcome():
    other = (dataclasses.replace(SMALL[0], measure="m_work", title="In paid work"),)
    assert says(SMALL, earlier=after(other)) == "continue"


def test_a_described_finding_is_too_weak_to_support_stopping():
    assert says(with_(change_upper=1.0, rung="described"), earlier=after(SMALL)) == "continue"


def test_a_harm_flag_comes_before_every_figure():
    found = recommend((MET,), DECISION, spend_within_plan=True, harm_flags=("CQC rating fell to inadequate",))
    assert found.says == "adapt"
    assert "CQC rating" in found.reasons[0]


def test_evidence_is_gathered_at_most_twice_running_and_then_members_choose():
    chosen = [any("members choose" in one for one in after(*[UNCLEAR] * times).reasons) for times in (1, 2, 3)]
    assert chosen == [False, False, True]
    assert not any("members choose" in one for one in after(UNCLEAR, UNCLEAR, (MET,), UNCLEAR).reasons)


def test_every_recommendation_says_what_would_change_it_and_what_was_asked_first():
    for standings in ((MET,), with_(lower=48.0), with_(lower=40.0, upper=49.0), with_(lower=None, upper=None)):
        found = recommend(standings, DECISION, spend_within_plan=None)
        assert found.would_change
        assert "Is it a statutory duty?" in found.asked_first
