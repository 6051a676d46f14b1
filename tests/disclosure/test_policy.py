"""The policy: what it says, and that nobody can loosen it."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from commissioning import disclosure
from commissioning.disclosure.policy import Policy
from commissioning.errors import UsageError


def test_the_policy_says_what_the_officer_agreed():
    policy = disclosure.policy()
    assert (policy.suppress_to, policy.round_to, policy.significant_figures) == (7, 5, 2)
    assert (policy.fewest_people_for_cost, policy.narrowest_interval, policy.merge_below) == (20, 5, 20)
    assert policy.merge_kinds == ("provider", "organisation")


def test_the_policy_is_dated_and_sourced():
    policy = disclosure.policy()
    assert policy.name == "Pilot Evaluation Workbench disclosure policy"
    assert policy.in_force_from == date(2026, 11, 30)
    assert len(policy.sources) == 4
    assert all(source.title and source.reference and source.read_on for source in policy.sources)


def test_the_policy_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        disclosure.policy().suppress_to = 3


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("suppress_to", 8),
        ("round_to", 10),
        ("significant_figures", 1),
        ("fewest_people_for_cost", 21),
        ("narrowest_interval", 6),
        ("merge_kinds", ("provider", "organisation", "ward")),
        ("merge_below", 30),
    ],
)
def test_a_pilot_may_be_stricter(rule, value):
    stricter = disclosure.policy().stricter(**{rule: value})
    assert getattr(stricter, rule) == value
    assert dataclasses.replace(stricter, **{rule: getattr(disclosure.policy(), rule)}) == disclosure.policy()


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("suppress_to", 6),
        ("round_to", 1),
        ("round_to", 7),
        ("significant_figures", 3),
        ("fewest_people_for_cost", 19),
        ("narrowest_interval", 4),
        ("merge_kinds", ("provider",)),
        ("merge_below", 19),
    ],
)
def test_a_pilot_may_never_be_looser(rule, value):
    with pytest.raises(UsageError, match=f"{rule}.*looser than"):
        disclosure.policy().stricter(**{rule: value})


def test_a_rule_that_does_not_exist_is_refused_by_name():
    with pytest.raises(UsageError, match="no rule is called supress_to; the rules are suppress_to, round_to"):
        disclosure.policy().stricter(supress_to=9)


def test_the_policy_as_it_stands_is_not_looser_than_itself():
    assert disclosure.policy().stricter() == disclosure.policy()


@pytest.mark.parametrize("rule", ["suppress_to", "round_to", "significant_figures", "fewest_people_for_cost"])
@pytest.mark.parametrize("value", [0, 2.5])
def test_a_rule_is_a_whole_number_of_one_or_more(rule, value):
    with pytest.raises(UsageError, match=f"{rule} is a whole number of 1 or more"):
        dataclasses.replace(disclosure.policy(), **{rule: value})


def test_rounding_may_not_turn_people_into_nobody():
    # 8 people rounded to the nearest 16 are 16, to the nearest 17 they would be nobody.
    assert dataclasses.replace(disclosure.policy(), round_to=16).round_to == 16
    with pytest.raises(UsageError, match="round_to 17 would show 8 people as 0; use 16 or less"):
        dataclasses.replace(disclosure.policy(), round_to=17)


@pytest.mark.parametrize("width", [0, 7])
def test_no_width_can_be_promised_that_the_policy_itself_gives_away(width):
    with pytest.raises(UsageError, match=f"narrowest_interval {width} cannot be promised.*use 1 to 6"):
        dataclasses.replace(disclosure.policy(), narrowest_interval=width)


def test_the_narrowest_width_that_can_be_promised_is_the_policy_s_own():
    assert dataclasses.replace(disclosure.policy(), narrowest_interval=6).narrowest_interval == 6
    assert dataclasses.replace(disclosure.policy(), narrowest_interval=1).narrowest_interval == 1


def test_a_looser_policy_made_by_hand_does_not_open_the_door(with_total):
    looser = dataclasses.replace(disclosure.policy(), suppress_to=6)
    assert isinstance(looser, Policy)
    with pytest.raises(UsageError, match="suppress_to 6 is looser than 7"):
        disclosure.release(with_total({"a": (20, 40), "b": (30, 60)}), None, policy=looser)
