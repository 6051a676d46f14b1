"""How a measure was counted, and cross-tables of an analyst's own, as frames that carry what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from commissioning.measures import Measure
from commissioning.study import frames, sources
from commissioning.study.frames import Frame, Provenance

if TYPE_CHECKING:
    from commissioning.study.opened import Study


def explain(study: Study, measure: str) -> Frame:
    """See `Study.explain`."""
    found = study.prepared.explain(measure)
    return frames.made(found.frame, of_tables(study, found.how, study.measures[measure]))


def release(study: Study, frame: pd.DataFrame, *, by: str | Sequence[str], behind: str = "", amount: str = "") -> Frame:
    """See `Study.release`."""
    found = study.prepared.release(frame, by=by, behind=behind, amount=amount)
    return frames.made(found.frame, of_tables(study, found.how), why="The rows given name no group.")


def of_tables(study: Study, says: str, measure: Measure | None = None, *, agreed: bool = True) -> Provenance:
    """What a frame of released figures rests on: the extracts of the measure's table, or all that were taken in."""
    needed = sources.tables_of([measure]) if measure is not None else study.prepared.tables_held
    files = sources.files_of(study.prepared, *needed)
    return Provenance(
        says=says,
        tables=("released figures",),
        measures=() if measure is None else (measure.id,),
        titles=() if measure is None else ((measure.id, measure.title),),
        extracts=files,
        source=sources.published_by(study.prepared, files),
        illustrative=study.prepared.illustrative,
        agreed=agreed,
    )
