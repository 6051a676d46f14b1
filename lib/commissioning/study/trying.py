"""A measure of one's own, tried in a notebook: counted and released like any other, and marked "not agreed".

Why it opens by hand alone on own extracts: a rule is code that is given rows (docs/decisions/0182-measures-of-ones-own.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commissioning.errors import UsageError
from commissioning.measures import Measure
from commissioning.measures.short import measure
from commissioning.study import figures, unagreed
from commissioning.study.frames import Frame

if TYPE_CHECKING:
    from commissioning.study.opened import Study

__all__ = ["measure", "try_measure"]


def try_measure(study: Study, measure: Measure, by: str | None = None, periods: Any = "all") -> Frame:
    """See `Study.try_measure`."""
    if not isinstance(measure, Measure):
        raise UsageError(
            f"try_measure: give a measure that cm.measure made, not {measure!r}; an agreed one is in study.outcomes()"
        )
    found = study.prepared.try_measure(measure)
    unagreed.mark(f"the measure “{measure.title}”", unagreed.NOT_AGREED)
    return figures.tried_frame(study, found, measure, by, periods, unagreed.NOT_AGREED)
