"""How a measure was counted, and cross-tables of an analyst's own, as frames that carry what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from commissioning.measures import Measure
from commissioning.study import frames, sources
from commissioning.study.frames import Frame, Provenance

if TYPE_CHECKING:
    from commissioning.study.opened import Study


def explain(study: Study, measure: str) -> Frame:
    """See `Study.explain`."""
    of = study.measure_called(measure)
    if measure not in study.held:
        nothing = pd.DataFrame(columns=["step", "period", "says", "number", "hidden"])
        return frames.made(nothing, of_tables(study, f"how “{of.title}” is counted", of), study.prepared.lacking(of))
    found = study.prepared.explain(measure, study.part)
    return frames.made(found.frame, of_tables(study, found.how, of))


def release(study: Study, frame: pd.DataFrame, *, by: str | Sequence[str], behind: str = "", amount: str = "") -> Frame:
    """See `Study.release`."""
    found = study.prepared.release(frame, by=by, behind=behind, amount=amount)
    counted = [one for one in found.frame if f"{one}_hidden" in found.frame]
    names = tuple((f"{study.pilot}_own_{one}", f"{one.replace('_', ' ').capitalize()}, {found.how}") for one in counted)
    rests_on = replace(
        of_tables(study, found.how),
        measures=tuple(id for id, _ in names),
        titles=names,
        states=tuple(sorted(set(found.frame["state"]))),
    )
    return frames.made(found.frame, rests_on, why="The rows given name no group.")


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
