"""Pictures that answer: each a function of a study, with its title, its words and its finding worked out from the data.

pictures.outcomes_and_spend(study)
"""

from commissioning.sections.pictures.by_year import outcomes_and_spend
from commissioning.sections.pictures.changed import effects, hundred_people, started_and_not
from commissioning.sections.pictures.councils import peers
from commissioning.sections.pictures.localities import localities
from commissioning.sections.pictures.payers import slopes, waterfall
from commissioning.sections.pictures.plans import priorities, theory
from commissioning.sections.pictures.providers import providers
from commissioning.sections.pictures.variation import control, funnel
from commissioning.sections.pictures.worth import plane

SECTIONS = (
    outcomes_and_spend, started_and_not, effects, plane, peers, providers, control, funnel, waterfall, slopes, hundred_people,
    localities, priorities, theory,
)  # fmt: skip
"""In the order in which they answer."""

__all__ = [one.__name__ for one in SECTIONS]
