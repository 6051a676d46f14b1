"""The policy in force, rule by rule in plain words with its figure: for the pages that are made under it."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.disclosure import fitting
from commissioning.disclosure.policy import ALL_PEOPLE, Policy
from commissioning.disclosure.policy import policy as house_policy


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it is about, what it says with its figures, and how the house's differs; "" where it does not."""

    about: str
    says: str
    elsewhere: str


def rules(policy: Policy) -> list[Rule]:
    """Every rule of a policy, in the order in which a count meets them. What a pilot tightened has the house's figure beside it."""
    house = house_policy()

    def rule(about: str, says: str, *fields: str) -> Rule:
        differ = [one for one in fields if getattr(policy, one) != getattr(house, one)]
        was = ", ".join(dict.fromkeys(_plain(getattr(house, one)) for one in differ))
        return Rule(about=about, says=says, elsewhere=was if differ else "")

    kinds = policy.cells_of_one_person - ALL_PEOPLE
    per_cent = f"{100 * policy.surest_guess:g}"
    noisy = (
        f"A small number is added to or taken from every count of people, mostly fewer than {round(policy.noise) or 1} (standard deviation "
        f"{policy.noise:.1f}). Somebody who knows everybody else's answer guesses the last one right in at most {per_cent} of 100 on average, from "
        "all counts of it that are published of a year; a printed estimate of an effect tells as much again."
        if policy.noise_adopted
        else "Counts of people have no noise: at this pilot's size it would cost too much. Further cells are hidden instead, so that totals "
        "do not give hidden ones away. Somebody who knows everybody else's answer can guess the last one right more often than in a larger pilot."
    )
    groups = "every version" if policy.groups_in_open_years else "the version of the closed year only"
    shown = f"{kinds} kinds of group by year, in {groups}" if kinds else "no groups"
    everywhere = " So it is with agreements and organisations." if policy.zeros == "of anything" else ""
    return [
        _noise_elsewhere(rule("Noise", noisy, "surest_guess"), policy),
        rule(
            "Small counts",
            f"Counts of 1 to {policy.suppress_to} are hidden, and a count whose rest is so small.",
            "suppress_to",
        ),
        rule(
            "None and all",
            f"That none, or all, of a group of people have something is hidden as a small count is; that nobody is in it is said.{everywhere}",
            "zeros",
        ),
        rule("Rounding", f"Every count shown is a multiple of {policy.round_to}.", "round_to"),
        rule(
            "Tables",
            f"One person's answer stands in {policy.cells_of_one_person} figures of a measure at most: all people by year and by quarter, and {shown}.",
            "cells_of_one_person",
            "groups_in_open_years",
        ),
        rule(
            "Versions",
            f"{policy.versions} versions of a year's figures are published at most: {policy.versions - 1} while the year is open, and one when it "
            "is closed; corrections by name come on top.",
            "versions",
        ),
        rule(
            "Money and hours",
            f"Amounts of people stand on {policy.fewest_people_for_cost} people or more, to {policy.significant_figures} significant figures, and "
            f"not where two people make {100 * policy.two_make_nearly_all:g}% of one.",
            "fewest_people_for_cost",
            "significant_figures",
            "two_make_nearly_all",
        ),
        rule(
            "Small groups",
            f"Of {', '.join(policy.merge_kinds)}: those with fewer than {policy.merge_below} people are shown together.",
            "merge_kinds",
            "merge_below",
        ),
        rule(
            "Totals minus parts",
            f"Nobody can work a hidden count back to closer than {policy.narrowest_interval} apart.",
            "narrowest_interval",
        ),
        *([Rule(about="This pilot's size", says=why, elsewhere="")] if (why := fitting.in_words(policy)) else []),
    ]


def _noise_elsewhere(made: Rule, policy: Policy) -> Rule:
    return made if policy.noise_adopted else Rule(about=made.about, says=made.says, elsewhere="counts have noise")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
