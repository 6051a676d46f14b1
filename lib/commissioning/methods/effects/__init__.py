"""What the pilot changed: four designs, one `Effect`.

`staggered` (starts at different times), `before_after` (one start, with a comparator),
`interrupted` (one series), `synthetic` (a weighted mix of others as the comparator).
"""

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
