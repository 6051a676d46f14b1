"""What the pilot changed: four designs, one `Effect`.

`staggered` (starts at different times), `before_after` (one start, with a comparator),
`interrupted` (one series), `synthetic` (a weighted mix of others as the comparator).
"""

from .effect import Effect
from .staggered import staggered

__all__ = ["Effect", "staggered"]
