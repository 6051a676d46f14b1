"""Sample pilots with a planted truth: made-up extracts of real size, seeded, for trying and testing the workbench.

`write(folder, seed)` writes the extracts; `learning_disability(seed, shape, effects)` and `vcf_funding(…)` give the
tables as evidence holds them. Nobody and nothing in them exists, except the council's own code.
"""

from commissioning.simulate.controls import NegativeControl
from commissioning.simulate.learning_disability import learning_disability
from commissioning.simulate.shape import (
    LearningDisabilityEffects,
    LearningDisabilityShape,
    VcfEffects,
    VcfShape,
    nothing_planted,
)
from commissioning.simulate.truth import Planted, planted
from commissioning.simulate.vcf_funding import vcf_funding
from commissioning.simulate.write import SEED, extract, write

__all__ = [
    "SEED",
    "LearningDisabilityEffects",
    "LearningDisabilityShape",
    "NegativeControl",
    "Planted",
    "VcfEffects",
    "VcfShape",
    "extract",
    "learning_disability",
    "nothing_planted",
    "planted",
    "vcf_funding",
    "write",
]
