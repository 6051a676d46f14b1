"""What the evidence supports follows effect, value, safety and what was asked first; open duties are in its own words.

Every combination of what a review may find is tried, and each rule is asked of all of them.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from types import SimpleNamespace

import pytest

from commissioning.pilot.agreed import Confirmed, Decision
from commissioning.reports import cabinet, carried_over, easy_read, verdict_words
from commissioning.reports.decision import GATHER_AT_MOST, Standing, recommend
from commissioning.reports.stage_records import Recommendation
from commissioning.study import worked_out
from commissioning.study.value_words import Worth

VERDICTS = {"continue", "adapt", "prepare to stop", "gather more evidence", "members choose"}
WORTHWHILE = 4.0
# change, lower, upper: none, harm beyond the worthwhile change, harm, surely too little, unclear, small and sure, worth having
CHANGES = {
    "not shown": (None, None, None),
    "harm beyond": (-8.0, -11.0, -5.0),
    "harm": (-2.0, -3.0, -0.5),
    "too little": (0.0, -2.0, 2.0),
    "unclear": (3.0, -2.0, 8.0),
    "sure and small": (3.0, 1.0, 5.0),
    "worth having": (8.0, 5.0, 11.0),
}
FLOORS = {"met": (52.0, 60.0), "reaches below": (48.0, 56.0), "missed": (40.0, 48.0), "not known": (None, None)}
WORTHS = {
    "likely": Worth(chance=0.8, cost_lower=1.0, cost_upper=2.0),
    "unlikely": Worth(chance=0.2, cost_lower=1.0, cost_upper=2.0),
    "not known": Worth(why_not="no cost can be worked out"),
    "costs less": Worth(cost_lower=-2.0, cost_upper=-1.0),
}
DONE = Confirmed(
    not_a_statutory_duty=True, equality_impact_assessment_attached=True, alternative_open=True, market_impact_checked=True, by="A named officer",
)  # fmt: skip
CLEAR = Decision(
    statutory_duty="No", equality_impact_assessment="Attached", alternative="Two others", market_impact="Checked", notice_months=3, confirmed=DONE,
)  # fmt: skip
OPEN = CLEAR.model_copy(update={"confirmed": Confirmed()})
DUTY = CLEAR.model_copy(update={"statutory_duty": "Yes. Assessed needs must be met."})
DECISIONS = {"all confirmed": CLEAR, "nothing confirmed": OPEN, "a statutory duty": DUTY}


def earlier(kind: str) -> Recommendation | None:
    if kind == "none":
        return None
    below = ("m",) if kind == "too little" else ()
    gathered = GATHER_AT_MOST if kind == "gathered twice" else 0
    return Recommendation(
        says="adapt", reasons=(), would_change=(), asked_first={}, below_worthwhile=below, gathered_running=gathered
    )


GRID = [
    dict(zip(("change", "rung", "floor", "before", "worth", "spend", "flags", "decision", "replies", "earlier"), one, strict=True))
    for one in itertools.product(
        CHANGES, ("described", "compared", "attributable"), FLOORS, ("met", "missed"), WORTHS, (True, False, None), ((), ("A rating fell",)), DECISIONS,
        (0, 2), ("none", "too little", "gathered twice"),
    )
]  # fmt: skip


def standing(case: dict) -> Standing:
    change, lower, upper = CHANGES[case["change"]]
    now, then = FLOORS[case["floor"]], FLOORS[case["before"]]
    return Standing(
        measure="m", title="Own goal", lower=now[0], upper=now[1], floor=50.0, worthwhile_change=WORTHWHILE, change=change, change_lower=lower,
        change_upper=upper, rung=case["rung"], before_lower=then[0], before_upper=then[1], before_year="2012-13",
    )  # fmt: skip


def verdict(case: dict, *more: Standing) -> Recommendation:
    return recommend(
        (standing(case), *more), DECISIONS[case["decision"]], spend_within_plan=case["spend"], worth=WORTHS[case["worth"]],
        earlier=earlier(case["earlier"]), harm_flags=case["flags"], replies=case["replies"],
    )  # fmt: skip


FOUND = [(case, verdict(case)) for case in GRID]


def compared(case: dict) -> bool:
    return case["rung"] in ("compared", "attributable")


def test_the_verdict_is_always_one_of_the_words_with_reasons_and_what_would_change_it():
    assert {found.says for _, found in FOUND} == VERDICTS
    assert all(found.reasons and found.would_change and found.in_words.startswith(found.says) for _, found in FOUND)


def test_harm_never_reads_continue_whatever_else_is_true():
    harmed = [found for case, found in FOUND if "harm" in case["change"] and compared(case)]
    assert harmed and {found.says for found in harmed} <= {"adapt", "prepare to stop"}


def test_continue_needs_an_effect_put_down_to_the_pilot_its_worth_safety_plan_and_no_flag():
    for case, found in FOUND:
        if found.says == "continue":
            assert (case["change"], case["rung"]) == ("worth having", "attributable")
            assert case["worth"] in ("likely", "costs less")
            assert (case["floor"], case["spend"], case["flags"]) == ("met", True, ())
    assert any(found.says == "continue" for _, found in FOUND)


def test_no_effect_and_a_higher_cost_never_reads_continue():
    for case, found in FOUND:
        if case["change"] in ("too little", "unclear", "not shown") and WORTHS[case["worth"]].costs_more:
            assert found.says != "continue"


def test_the_level_before_the_start_never_makes_a_verdict_better():
    pairs = {
        tuple(sorted((key, str(value)) for key, value in case.items() if key != "before")): set() for case, _ in FOUND
    }
    for case, found in FOUND:
        pairs[tuple(sorted((key, str(value)) for key, value in case.items() if key != "before"))].add(found.says)
    assert all(len(says) == 1 for says in pairs.values())
    met = [found for case, found in FOUND if case["floor"] == case["before"] == "met" and not case["flags"]]
    assert all(any("no reason to continue" in one for one in found.reasons) for found in met)


def test_what_is_not_known_never_stops_a_service():
    for case, found in FOUND:
        if case["change"] in ("not shown", "unclear") or not compared(case):
            assert found.says != "prepare to stop"
    unknown = standing(GRID[0] | {"change": "not shown"})
    other = dataclasses.replace(unknown, measure="another")
    for case in GRID:
        if case["change"] == "too little" and not case["flags"]:
            assert verdict(case, other).says != "prepare to stop", "one outcome is known and another is not"


def test_stopping_needs_proven_harm_or_two_reviews_and_every_confirmation_and_no_duty():
    for case, found in FOUND:
        if found.says == "prepare to stop":
            assert case["decision"] == "all confirmed" and compared(case)
            twice = case["earlier"] == "too little" and case["change"] in ("too little", "harm")
            assert case["change"] == "harm beyond" or twice
    assert any(found.says == "prepare to stop" for _, found in FOUND)


def test_a_harm_flag_comes_before_every_figure():
    assert {found.says for case, found in FOUND if case["flags"]} == {"adapt"}


def test_where_no_effect_can_be_shown_more_evidence_is_gathered_twice_and_then_members_choose_on_levels():
    for case, found in FOUND:
        quiet = case["floor"] == "met" and case["spend"] is True and not case["flags"]
        if quiet and (case["change"] == "not shown" or not compared(case)):
            twice = case["earlier"] == "gathered twice"
            assert found.says == ("members choose" if twice else "gather more evidence")
            assert "levels" in found.would_change[0]


def test_open_duties_are_in_the_verdicts_own_words():
    for case, found in FOUND:
        assert ("replied" in found.in_words) == (case["replies"] == 0)
        assert ("equality impact assessment is attached" in found.in_words) == (case["decision"] == "nothing confirmed")
        assert ("market" in found.in_words) == (case["decision"] == "nothing confirmed")
        assert ("notice" in found.in_words) == (found.says == "prepare to stop")
    unanswered = OPEN.model_copy(update={"statutory_duty": "Not written for this area"})
    duties = verdict_words.open_duties(unanswered, replies=0, stopping=True)
    says = verdict_words.in_words("continue", duties)
    assert says.startswith(
        "continue, once it is said whether it is a statutory duty, the equality impact assessment is attached, "
    )
    assert says.endswith("people who use it and providers have replied and at least 3 months' notice is given")


@pytest.mark.parametrize("says", sorted(VERDICTS))
def test_every_page_that_carries_the_verdict_carries_its_open_duties(says, monkeypatch):
    """Cabinet, Review and the stage that is handed on take one function's words; Easy Read says the same in its own."""
    duties = verdict_words.open_duties(OPEN, replies=0, stopping=says == "prepare to stop")
    found = Recommendation(
        says=says, in_words=verdict_words.in_words(says, duties), open_duties=duties, reasons=("A reason",), would_change=("A change",), asked_first={},
    )  # fmt: skip
    record = SimpleNamespace(recommendation=found, claims={}, findings=(), cost_each={}, cost_withheld={})
    assert verdict_words.words_of(found) == found.in_words
    assert all(one in verdict_words.headline(found) for one in duties)

    page = SimpleNamespace(services={"p": SimpleNamespace(pilot=SimpleNamespace(title="P"))}, kept={})
    monkeypatch.setattr(cabinet, "_review", lambda page, name: record)
    monkeypatch.setattr(cabinet, "_put_down", lambda page, name: [])
    assert found.in_words in str(cabinet.supports.__wrapped__(page).record)
    monkeypatch.setattr(carried_over, "before", lambda page, stage: record)
    report = SimpleNamespace(pilot=SimpleNamespace(decision=OPEN, design=None), group="")
    monkeypatch.setattr(easy_read, "not_good", lambda page: ())
    part = easy_read._next(report)
    sentences = [one for idea in part.ideas for one in idea.sentences]
    first = [one for one in sentences if "must be done first" in one]
    assert first == [f"These {len(duties)} things must be done first."]
    numbered = [one for one in sentences if re.match(r"\d: We must", one)]
    assert [one[0] for one in numbered] == [str(at + 1) for at in range(len(duties))]
    assert "The numbers say this support can carry on." not in sentences


def test_easy_read_says_it_can_carry_on_only_where_the_verdict_is_continue_and_nothing_is_open(monkeypatch):
    found = Recommendation(says="continue", in_words="continue", reasons=(), would_change=(), asked_first={})
    monkeypatch.setattr(carried_over, "before", lambda page, stage: SimpleNamespace(recommendation=found))
    report = SimpleNamespace(pilot=SimpleNamespace(decision=CLEAR, design=None), group="")
    monkeypatch.setattr(easy_read, "not_good", lambda page: ())
    said = [one for idea in easy_read._next(report).ideas for one in idea.sentences]
    assert "The numbers say this support can carry on." in said
    assert not any("must be done first" in one for one in said)
    monkeypatch.setattr(
        easy_read, "not_good", lambda page: (("same", "The numbers do not show that the new way helps."),)
    )
    said = [one for idea in easy_read._next(report).ideas for one in idea.sentences]
    assert "The numbers say this support can carry on." not in said


def test_the_cabinet_page_gives_no_cost_that_the_review_withholds():
    service = SimpleNamespace(measures={"m": SimpleNamespace(title="Own goal")})

    def says(**record) -> str:
        base = {"cost_each": {}, "cost_withheld": {}}
        return cabinet._cost_words(None, SimpleNamespace(**(base | record)), service)  # type: ignore[arg-type]

    assert says(cost_withheld={"m": "no cost for each: the range of the gain holds zero"}) == (
        "Own goal: no cost for each: the range of the gain holds zero"
    )
    assert says(cost_each={"m": 12_000.0}) == "Own goal: about £12,000 in cash for each more person"
    assert "no cost for each outcome is worked out" in says()


def test_harm_in_an_outcome_without_a_floor_never_reads_continue_either():
    """Nobody agreed a floor for it; people are worse off all the same, and the reasons name it."""
    for case in GRID[::7]:
        harm = dataclasses.replace(standing(case | {"change": "harm"}), title="Control", floor=None)
        found = recommend(
            (standing(case),), DECISIONS[case["decision"]], spend_within_plan=case["spend"], worth=WORTHS[case["worth"]],
            earlier=earlier(case["earlier"]), harm_flags=case["flags"], replies=case["replies"], without_floor=(harm,),
        )  # fmt: skip
        assert any(one.startswith("Control: it is worse") for one in found.reasons) == compared(case)
        if compared(case):
            assert found.says in ("adapt", "prepare to stop")
        else:
            assert found.says == verdict(case).says
    alone = recommend(
        (), CLEAR, spend_within_plan=True, without_floor=(dataclasses.replace(harm, rung="attributable"),)
    )
    assert alone.says == "adapt", "no floor at all was agreed"


def test_a_chance_that_the_gain_is_worth_it_is_given_only_where_there_is_a_gain():
    for case, found in FOUND:
        gain = case["change"] == "worth having" and case["rung"] == "attributable"
        if not gain:
            assert not any(one.startswith("The gain is worth") for one in found.reasons)


def test_a_cost_that_rose_is_a_reason_whatever_is_known_of_outcomes():
    for case, found in FOUND:
        if WORTHS[case["worth"]].costs_more and not case["flags"] and WORTHS[case["worth"]].chance is None:
            assert any("It costs more" in one for one in found.reasons)
    dearer = Worth(cost_lower=1.0, cost_upper=2.0, why_not="no outcome may be put down to the pilot")
    none = recommend((), CLEAR, spend_within_plan=True, worth=dearer)
    unclear = recommend((standing(GRID[0]),), CLEAR, spend_within_plan=True, worth=dearer)
    for found in (none, unclear):
        assert "It costs more" in found.reasons and found.says != "continue"


@pytest.mark.parametrize("compared_at_all", [True, False])
def test_the_review_works_out_the_extra_cost_where_outcomes_were_compared_and_none_is_put_down_to_the_pilot(
    compared_at_all, monkeypatch
):
    asked = []
    monkeypatch.setattr(worked_out.value_for_money, "of", lambda *given: asked.append(given[2]) or "the cost alone")
    monkeypatch.setattr(worked_out.value_for_money, "released", lambda made, agreed, rules: made)
    monkeypatch.setattr(worked_out.groups, "money_measure", lambda *given: None)
    monkeypatch.setattr(worked_out, "measures_of", lambda pilot: {})
    compared = SimpleNamespace(effect=object() if compared_at_all else None, claim=None)
    pilot = SimpleNamespace(decision=SimpleNamespace(chance_agreed=0.7))
    found = worked_out._value(SimpleNamespace(record={"measures": []}, policy=None), pilot, "2015-16", (compared,))
    assert asked == ([[]] if compared_at_all else [])
    assert found == "the cost alone" or "No change may be put down" in found.why_no_cost


def test_the_cabinet_page_says_once_what_is_sealed_of_several_claims():
    seal = "The checks were sealed on 1 April by A. Name."
    claims = [SimpleNamespace(sentence=f"About {n} more.", checks=seal) for n in (8, 7)] + [
        SimpleNamespace(sentence="Less.", checks="")
    ]
    assert cabinet.with_checks_once(claims) == f"About 8 more. About 7 more. Less. {seal}"
    assert cabinet.with_checks_once([]) == ""
