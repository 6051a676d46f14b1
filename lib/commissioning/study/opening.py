"""How a study is found: the one that `run` prepared, the sample's, or one made now from restricted extracts."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning import pilot as pilots
from commissioning.errors import DataRefused, UsageError
from commissioning.study import asked, copies, parameters, worked_out
from commissioning.study import prepare as studies
from commissioning.study.parameters import Parameters, Place
from commissioning.study.prepared import Prepared


def checked(**given: object) -> tuple[Parameters, Place]:
    """The parameters given to a notebook, and where to read from. Raises UsageError: see `parameters.check` and `place`."""
    parameters.refuse_unknown_injected(_cells_so_far(), given)
    found = parameters.check(**given)
    return found, parameters.place(found)


def prepared_of(pilot: pilots.Pilot, given: Parameters, where: Place) -> Prepared:
    """The study of a pilot as it was at the end of the period asked for. Raises UsageError and DataRefused where there is none such."""
    study = study_of(pilot, given, where)
    if fault := asked.level_fault(given.level, study.record["levels"]):
        raise UsageError(fault)
    refuse_period(given, where, [study])
    study = study.at_the_end_of(given.period)
    worked_out.then(study)
    return study


def all_prepared(given: Parameters, where: Place) -> dict[str, Prepared]:
    """The study of every pilot by name, as `prepared_of`. Raises DataRefused for a period that the extracts of none hold."""
    if where.studies:
        found = {one.pilot: one for one in map(Prepared, where.studies)}
    else:
        found = {name: study_of(pilots.load(name), given, where) for name in pilots.names()}
    refuse_period(given, where, list(found.values()))
    then = {name: one.at_the_end_of(given.period) for name, one in found.items()}
    for one in then.values():
        worked_out.then(one)
    return then


def refuse_period(given: Parameters, where: Place, found: Sequence[Prepared]) -> None:
    """Refuse a period that no extract of any pilot here holds; under `run` the batch has asked already, of all of them."""
    faults = [asked.period_fault(given.period, one.record["periods"]) for one in found]
    if not where.studies and all(faults):
        raise DataRefused(faults[0])


def study_of(pilot: pilots.Pilot, given: Parameters, where: Place) -> Prepared:
    """The study a report reads: the one `run` prepared, the sample's, or one made now from restricted extracts."""
    if where.studies:
        found = [Prepared(one) for one in where.studies]
        return next((one for one in found if one.pilot == pilot.name), found[0])
    if not where.restricted:
        if given.area and given.area != pilot.area:
            raise DataRefused(
                f"area {given.area!r}: the sample holds {pilot.area} alone; give the folder of your extracts as `data`"
            )
        return studies.open_sample(pilot, where.data)
    return copies.opened(pilot, where.data, given.area)


def _cells_so_far() -> list[str]:
    """Text of the cells this kernel has run; empty outside a notebook."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return []
    shell = get_ipython()
    return [str(one) for one in shell.user_ns.get("In", [])] if shell is not None else []
