"""What the pilot changed: four designs, one `Effect`."""

from .before_after import before_after
from .effect import Effect
from .estimate_only import staggered_estimate
from .interrupted import interrupted
from .staggered import staggered
from .synthetic import simplex_weights as synthetic_weights
from .synthetic import synthetic

__all__ = [
    "Effect",
    "before_after",
    "interrupted",
    "staggered",
    "staggered_estimate",
    "synthetic",
    "synthetic_weights",
]
