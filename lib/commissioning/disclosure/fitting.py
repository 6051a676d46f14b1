"""The policy at a pilot's own size: where protection would cost more than half of what is worth finding, fewer tables come first.

The choice belongs to a whole pilot, never to a place within it. It rests on the number of people whom its outcomes count in a year, as
released under the house's policy (so the choice tells no more than that figure would), rounded down to a coarse step that is left
only when the number lies well outside it: one person, or a hundred weekly runs, do not turn it.
"""

from __future__ import annotations

import dataclasses
import math

from commissioning.disclosure.policy import ALL_PEOPLE, Policy

STEPS = (0, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1_200, 1_600, 2_400)
STAYS = 0.2  # of a step's edges: how far beyond them the number may lie before the step is left
HALF = 0.5  # share of the smallest worthwhile change that protection may cost; and the share that percentages are taken to have


def size(people: float, before: int | None = None) -> int:
    """People rounded down to one of `STEPS`; the step chosen `before` stays while the number lies within a fifth of its edges."""
    if before in STEPS:
        after = [one for one in STEPS if one > before]
        if before * (1 - STAYS) <= people and (not after or people < after[0] * (1 + STAYS)):
            return before
    return max(one for one in STEPS if one <= max(people, 0))


def cost(policy: Policy, people: int, share: float = HALF) -> float:
    """Spread that protection adds to a percentage of so many people, in points: noise and rounding of both its counts."""
    each = math.hypot(policy.noise, math.sqrt((policy.round_to**2 - 1) / 12))
    return math.inf if people <= 0 else 100 * each * math.sqrt(1 + share**2) / people


def too_much(policy: Policy, people: int, worthwhile: float, share: float = HALF) -> bool:
    """True where noise costs more than half the smallest worthwhile change (points) at a pilot of so many people."""
    return cost(policy, people, share) > HALF * worthwhile


def fitted(policy: Policy, people: int, worthwhile: float, share: float = HALF) -> Policy:
    """The policy that a pilot of so many people has, whose smallest worthwhile change is `worthwhile` points.

    As it is where noise costs no more than half of that. Else fewer kinds of group, one by one, till all people by year and by
    quarter are left; then fewer versions, down to two; and where that is not enough, no noise: threshold, rounding and
    hiding of further cells guard the figures, with none and all hidden as few are. `people`: see `size`.
    Without a worthwhile change nothing can be weighed, and the policy stays.
    """
    if worthwhile <= 0 or not policy.noise_adopted or not too_much(policy, people, worthwhile, share):
        return policy
    about = f"about {people:,} people a year" if people else f"fewer than {STEPS[1]} people a year"
    why = f"this pilot's outcomes count {about}, and the smallest change worth having is {worthwhile:g} points"
    fewer = [{"cells_of_one_person": one} for one in range(policy.cells_of_one_person - 1, ALL_PEOPLE - 1, -1)]
    fewer += [{"cells_of_one_person": ALL_PEOPLE, "versions": one} for one in range(policy.versions - 1, 1, -1)]
    for step in fewer:
        made = dataclasses.replace(policy, **step, fitted_to=why)  # type: ignore[arg-type]
        if not too_much(made, people, worthwhile, share):
            return made
    return dataclasses.replace(policy, noise_adopted=False, fitted_to=why)


def least_sizes(policy: Policy, worthwhile: float) -> tuple[int, int]:
    """From how many people on, of `STEPS`, noise is adopted at all, and with all the tables of the policy; the last step and more: 0."""

    def first(holds: list[bool]) -> int:
        return next((one for one, held in zip(STEPS, holds, strict=True) if held), 0)

    made = [fitted(policy, one, worthwhile) for one in STEPS]
    return first([one.noise_adopted for one in made]), first([one == policy for one in made])


def in_words(policy: Policy) -> str:
    """What a page, and `commissioning check`, say of a policy that was fitted to a pilot's size; "" where it was not."""
    if not policy.fitted_to:
        return ""
    start = f"Because {policy.fitted_to}, noise in every count would cost more than half of that change"
    if not policy.noise_adopted:
        return (
            f"{start}, also with fewer tables. So counts of people have no noise here: small counts, none and all are hidden, the others "
            "are rounded, and further cells are hidden so that totals do not give them away."
        )
    kinds = policy.cells_of_one_person - ALL_PEOPLE
    shown = f"{kinds} kind{'s' if kinds > 1 else ''} of group by year" if kinds else "no groups"
    return (
        f"{start} with all tables. So fewer are shown here, with less noise: all people by year and by quarter, {shown}, in "
        f"{policy.versions} published versions of a year."
    )
