"""What the evidence supports follows rules agreed beforehand; members decide."""

import dataclasses

import pytest

from commissioning.pilot.agreed import Confirmed, Decision, MoreEvidence
from commissioning.reports.decision import Standing, recommend
from commissioning.study.value_words import Worth

CONFIRMED = Confirmed(
    not_a_statutory_duty=True,
    equality_impact_assessment_attached=True,
    alternative_open=True,
    market_impact_checked=True,
    by="Head of commissioning",
)
DECISION = Decision(
    statutory_duty="No",
    equality_impact_assessment="Attached, 3 May",
    alternative="Two other organisations offer it",
    market_impact="Checked on 4 May",
    notice_months=3,
    confirmed=CONFIRMED,
)
MET = Standing(
    measure="m_goal", title="Own main goal met", lower=52.0, upper=60.0, floor=50.0, worthwhile_change=4.0,
    change=8.0, change_lower=5.0, change_upper=11.0, rung="attributable",
)  # fmt: skip
WORTH_IT = Worth(chance=0.9, cost_lower=100.0, cost_upper=200.0)


def with_(**changes):
    return (dataclasses.replace(MET, **changes),)


def says(standings, **more):
    more.setdefault("spend_within_plan", True)
    more.setdefault("worth", WORTH_IT)
    return recommend(standings, DECISION, **more).says


def test_a_change_worth_having_and_its_cost_supports_continue_where_all_is_safe():
    assert says((MET,)) == "continue"


def test_a_large_change_that_is_not_put_down_to_the_pilot_asks_for_what_keeps_it_from_that_and_not_for_more_places():
    found = recommend(with_(rung="compared"), DECISION, spend_within_plan=True, worth=WORTH_IT)
    assert found.says == "gather more evidence"
    assert any("may have other reasons than the pilot" in one for one in found.reasons)
    assert found.would_change[0].startswith("What keeps the change from being put down to the pilot")


def test_a_floor_met_is_no_reason_to_continue_without_an_effect():
    unknown = {"change": None, "change_lower": None, "change_upper": None, "rung": "described"}
    found = recommend(with_(**unknown), DECISION, spend_within_plan=True, worth=WORTH_IT)
    assert found.says == "gather more evidence"
    assert "members choose on levels" in found.would_change[0]


def test_a_floor_that_was_met_before_the_start_is_said_to_be_no_reason():
    before = {"before_lower": 51.0, "before_upper": 57.0, "before_year": "2012-13"}
    found = recommend(with_(**before), DECISION, spend_within_plan=True, worth=WORTH_IT)
    assert any("51.0 to 57.0 in 2012-13" in one and "It was met before the start too" in one for one in found.reasons)
    assert any("no reason to continue" in one for one in found.reasons)


@pytest.mark.parametrize(
    ("worth", "verdict"),
    [
        (Worth(chance=0.3, cost_lower=1, cost_upper=2), "adapt"),
        (Worth(chance=0.5, cost_lower=1, cost_upper=2), "continue"),
        (Worth(why_not="nobody agreed what it is worth", cost_lower=1, cost_upper=2), "gather more evidence"),
        (Worth(cost_lower=-5, cost_upper=-1), "continue"),
        (None, "gather more evidence"),
    ],
)
def test_continue_asks_that_the_gain_is_worth_its_cost_with_the_chance_agreed(worth, verdict):
    assert recommend((MET,), DECISION, spend_within_plan=True, worth=worth).says == verdict


def test_a_change_that_is_only_compared_is_not_put_down_to_the_pilot():
    assert says(with_(rung="compared")) == "gather more evidence"


def test_proven_harm_never_continues_and_is_said_first():
    worse = {"change": -2.0, "change_lower": -3.5, "change_upper": -0.5}
    found = recommend(with_(**worse), DECISION, spend_within_plan=True, worth=WORTH_IT)
    assert found.says == "adapt" and "worse than it would have been" in found.reasons[0]
    badly = {"change": -7.0, "change_lower": -9.0, "change_upper": -5.0}
    assert says(with_(**badly)) == "prepare to stop", "once is enough where it is beyond the worthwhile change"
    unconfirmed = DECISION.model_copy(update={"confirmed": Confirmed()})
    assert recommend(with_(**badly), unconfirmed, spend_within_plan=True).says == "adapt"


def test_a_service_that_is_a_duty_is_never_prepared_to_stop():
    duty = DECISION.model_copy(update={"statutory_duty": "Yes. Assessed needs must be met."})
    badly = with_(change=-7.0, change_lower=-9.0, change_upper=-5.0)
    assert recommend(badly, duty, spend_within_plan=True).says == "adapt"


def test_without_a_spending_plan_it_cannot_be_said_that_spend_is_within_it():
    found = recommend((MET,), DECISION, spend_within_plan=None, worth=WORTH_IT)
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
        earlier = recommend(standings, DECISION, spend_within_plan=True, earlier=earlier, worth=WORTH_IT)
    return earlier


SMALL = with_(change=0.0, change_lower=-1.0, change_upper=1.0, rung="compared")
UNCLEAR = with_(lower=48.0)


@pytest.mark.parametrize("earlier", [None, after(SMALL), after(SMALL, SMALL), after(UNCLEAR)])
def test_an_unknown_outcome_never_supports_stopping(earlier):
    unknown = with_(lower=None, upper=None, change=None, change_lower=None, change_upper=None)
    assert says(unknown, earlier=earlier) == "gather more evidence"
    other = dataclasses.replace(unknown[0], measure="m_other")
    assert says((SMALL[0], other), earlier=earlier) != "prepare to stop", "nor one known and another unknown"


def test_stopping_needs_two_reviews_an_alternative_and_every_check():
    assert says(SMALL) == "adapt"
    assert says(SMALL, earlier=after((MET,))) == "adapt"
    assert says(SMALL, earlier=after(SMALL)) == "prepare to stop"
    for missing in (
        {"alternative": "No alternative provider is open yet"},
        {"equality_impact_assessment": "Not attached"},
        {"market_impact": "Not checked"},
    ):
        found = recommend(SMALL, DECISION.model_copy(update=missing), spend_within_plan=True, earlier=after(SMALL))
        assert found.says != "prepare to stop"


@pytest.mark.parametrize("name", [one for one in Confirmed.model_fields if one != "by"])
def test_what_nobody_confirmed_never_lets_stopping_be_supported_whatever_the_words_say(name):
    told = DECISION.model_copy(update={"confirmed": CONFIRMED.model_copy(update={name: False})})
    found = recommend(SMALL, told, spend_within_plan=True, earlier=after(SMALL))
    assert found.says == "adapt"
    assert any(one.startswith("Stopping is not supported: nobody has confirmed that") for one in found.reasons)


@pytest.mark.parametrize("words", ["", "Unknown", "To be decided", "There is none", "Pending"])
def test_words_alone_confirm_nothing(words):
    told = {"alternative": words, "equality_impact_assessment": words, "market_impact": words, "confirmed": Confirmed()}
    found = recommend(SMALL, DECISION.model_copy(update=told), spend_within_plan=True, earlier=after(SMALL))
    assert found.says == "adapt"


def test_a_confirmation_needs_somebody_who_gave_it():
    told = DECISION.model_copy(update={"confirmed": CONFIRMED.model_copy(update={"by": "  "})})
    assert recommend(SMALL, told, spend_within_plan=True, earlier=after(SMALL)).says == "adapt"


def test_without_any_floor_it_is_floors_that_are_asked_for_and_not_extracts():
    found = recommend((), DECISION, spend_within_plan=True)
    assert found.says == "gather more evidence"
    assert "No floor" in found.reasons[0] and found.would_change[0].startswith("Floors and worthwhile changes agreed")


def test_more_evidence_says_at_what_cost_who_and_by_when_or_that_nobody_wrote_it():
    unwritten = recommend(with_(lower=48.0), DECISION, spend_within_plan=True)
    assert [one.partition(":")[0] for one in unwritten.to_gather] == ["At what cost", "Who gathers it", "By when"]
    assert all(one.endswith(": nobody has written it yet") for one in unwritten.to_gather)
    more = MoreEvidence(cost="£2,000", who="The survey team", by_when="30 June")
    written = recommend(with_(lower=48.0), DECISION.model_copy(update={"more_evidence": more}), spend_within_plan=True)
    assert written.to_gather == ("At what cost: £2,000", "Who gathers it: The survey team", "By when: 30 June")
    assert recommend((MET,), DECISION, spend_within_plan=True, worth=WORTH_IT).to_gather == ()


def test_where_fewer_is_better_the_floor_is_the_most_there_may_be():
    fewer = {"fewer_is_better": True, "floor": 50.0}
    assert says(with_(lower=40.0, upper=49.0, **fewer)) == "continue"
    assert says(with_(lower=51.0, upper=60.0, **fewer)) == "adapt"
    assert says(with_(lower=45.0, upper=55.0, **fewer)) == "gather more evidence"
    assert with_(lower=51.0, upper=60.0, **fewer)[0].stands == "above the floor"


def test_continue_names_every_condition_that_holds():
    found = recommend((MET,), DECISION, spend_within_plan=True, worth=WORTH_IT)
    assert [one.partition(":")[2].strip() or one for one in found.reasons] == [
        "the change is at least the one agreed as worth having, and may be put down to the pilot",
        "The gain is worth its cost with a chance of 90%; at least 50% is asked",
        "the floor agreed (not sealed beforehand) is met, with its range",
        "Spend is within plan",
        "No harm flag is up",
    ]


@pytest.mark.parametrize(("replies", "words"), [(0, "None is recorded yet"), (1, "1 reply printed"), (3, "3 replies")])
def test_replies_are_never_said_to_be_printed_where_there_are_none(replies, words):
    found = recommend((MET,), DECISION, spend_within_plan=True, replies=replies)
    assert found.asked_first["Have people and providers replied?"].startswith(words)


def test_an_alternative_whose_name_begins_with_no_is_an_alternative():
    named = DECISION.model_copy(update={"alternative": "Nottingham Mencap offers it"})
    assert recommend(SMALL, named, spend_within_plan=True, earlier=after(SMALL)).says == "prepare to stop"


def test_a_harm_flag_in_between_does_not_make_the_first_review_forgotten():
    flagged = recommend(SMALL, DECISION, spend_within_plan=True, harm_flags=("a fall in a rating",))
    assert flagged.says == "adapt"
    assert says(SMALL, earlier=flagged) == "prepare to stop"


def test_the_two_reviews_must_be_of_the_same_outcome():
    other = (dataclasses.replace(SMALL[0], measure="m_work", title="In paid work"),)
    assert says(SMALL, earlier=after(other)) == "adapt"


def test_a_described_finding_is_too_weak_to_support_stopping():
    described = with_(change=0.0, change_lower=-1.0, change_upper=1.0, rung="described")
    assert says(described, earlier=after(SMALL)) == "gather more evidence"


def test_a_harm_flag_comes_before_every_figure():
    found = recommend((MET,), DECISION, spend_within_plan=True, harm_flags=("CQC rating fell to inadequate",))
    assert found.says == "adapt"
    assert "CQC rating" in found.reasons[0]


def test_evidence_is_gathered_at_most_twice_running_and_then_members_choose():
    chosen = [after(*[UNCLEAR] * times).says for times in (1, 2, 3, 4)]
    assert chosen == ["gather more evidence", "gather more evidence", "members choose", "members choose"]
    assert not any("members choose" in one for one in after(UNCLEAR, UNCLEAR, (MET,), UNCLEAR).reasons)


def test_every_recommendation_says_what_would_change_it_and_what_was_asked_first():
    for standings in ((MET,), with_(lower=48.0), with_(lower=40.0, upper=49.0), with_(lower=None, upper=None)):
        found = recommend(standings, DECISION, spend_within_plan=None)
        assert found.would_change
        assert "Is it a statutory duty?" in found.asked_first
