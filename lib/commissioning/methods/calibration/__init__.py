"""Calibrated or withheld: does the method's 95% interval cover at this pilot's own size?

`Shape` (what the pilot looks like), `shape_of` (read from evidence), `run` (simulate and judge),
`Picked`, `picked_of` and `run_picked` (the same for a change without a comparator),
`apply` (withhold or label an effect by the card), `empirical_null` and
`calibrated_p` (negative controls).
"""

from .card import apply, verdict
from .null import EmpiricalNull, calibrated_p, empirical_null
from .picked import Picked, picked_of, run_picked
from .run import run
from .shape import Shape, shape_of

__all__ = [
    "EmpiricalNull",
    "Picked",
    "Shape",
    "apply",
    "calibrated_p",
    "empirical_null",
    "picked_of",
    "run",
    "run_picked",
    "shape_of",
    "verdict",
]
