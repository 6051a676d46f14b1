"""Calibrated or withheld: does the method's 95% interval cover at this pilot's own size?"""

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
