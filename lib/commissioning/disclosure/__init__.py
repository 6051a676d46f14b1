"""Disclosure control: the only door between what is known and what is shown.

`policy()` says what is protected, `release()` is the door, `attack()` is the outsider
who tries to see through it, `costs()` is what protection costs in accuracy, `fitted()` is
the policy at a pilot's own size, and `Released` is the only thing a report may show.
Results are restricted; nothing right of this room ever reads them.
"""

from commissioning.disclosure.attack import attack
from commissioning.disclosure.cost import costs
from commissioning.disclosure.fitting import fitted
from commissioning.disclosure.policy import Policy, policy
from commissioning.disclosure.release import names_of_few, release
from commissioning.disclosure.released import Released

__all__ = ["Policy", "Released", "attack", "costs", "fitted", "names_of_few", "policy", "release"]
