"""Pictures that answer: each a function of a study, with its title, its words and its finding worked out from the data.

pictures.outcomes_and_spend(study)
"""

from commissioning.sections.pictures.by_year import outcomes_and_spend
from commissioning.sections.pictures.changed import effects, hundred_people, started_and_not
from commissioning.sections.pictures.councils import peers
from commissioning.sections.pictures.localities import localities
from commissioning.sections.pictures.providers import providers
from commissioning.sections.pictures.worth import plane

__all__ = [
    "effects",
    "hundred_people",
    "localities",
    "outcomes_and_spend",
    "peers",
    "plane",
    "providers",
    "started_and_not",
]
