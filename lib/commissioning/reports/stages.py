"""Which report belongs to which stage, and how one is opened."""

from __future__ import annotations

import difflib
from pathlib import Path

from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.reports.analyse import Analyse
from commissioning.reports.cabinet import CabinetSummary
from commissioning.reports.do import Do
from commissioning.reports.evaluation import Evaluation
from commissioning.reports.outcomes_and_spend import OutcomesAndSpend
from commissioning.reports.plan import Plan
from commissioning.reports.report import Report
from commissioning.reports.review import Review
from commissioning.reports.service import Service
from commissioning.reports.service_reviews import ServiceReviews
from commissioning.study import opening, worked_out
from commissioning.study.parameters import Parameters, Place
from commissioning.study.prepared import Prepared, pilot_of
from commissioning.study.then import pilot_at_the_end_of

STAGES: dict[str, type[Report]] = {
    "analyse": Analyse,
    "plan": Plan,
    "do": Do,
    "review": Review,
    "pilot": Service,
    "outcomes_and_spend": OutcomesAndSpend,
}
ACROSS: dict[str, type[CabinetSummary]] = {"cabinet_summary": CabinetSummary, "service_reviews": ServiceReviews}


def open(stage: str, given: Parameters, where: Place) -> Report:
    """The report of a stage. Raises UsageError where there is no such stage."""
    if stage not in (*STAGES, *ACROSS):
        near = difflib.get_close_matches(stage, (*STAGES, *ACROSS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"the stages are {', '.join((*STAGES, *ACROSS))}"
        raise UsageError(f"no stage is called {stage!r}: {hint}")
    if stage in ACROSS:
        found = _every_study(given, where)
        opening.refuse_period(given, where, list(found.values()))
        then = {name: one.at_the_end_of(given.period) for name, one in found.items()}
        for one in then.values():
            worked_out.then(one)
        return ACROSS[stage](stage, given, then)
    pilot = pilots.load(given.pilot)
    study = opening.prepared_of(pilot, given, where)
    report = STAGES[stage](stage, given, pilot_at_the_end_of(pilot_of(study), given.period), study)
    if isinstance(report, Evaluation):
        report.work_out()
    return report


def page_of(stage: str, given: Parameters, pilot: pilots.Pilot, study: Prepared) -> Report:
    """The page of one pilot."""
    return STAGES[stage](stage, given, pilot, study)


def work_out(folder: Path, period: str) -> None:
    """Work out from rows, and keep beside a prepared study, all that reports of a period read of it: before any notebook starts."""
    study = Prepared(folder).at_the_end_of(period)
    worked_out.then(study)
    given = Parameters(pilot=study.pilot, period=period)
    Evaluation("review", given, pilot_at_the_end_of(pilot_of(study), period), study).work_out()


def _every_study(given: Parameters, where: Place) -> dict[str, Prepared]:
    """The study of every pilot, by name: those `run` prepared, else the sample's or ones made now."""
    if where.studies:
        found = [Prepared(one) for one in where.studies]
        return {one.pilot: one for one in found}
    return {name: opening.study_of(pilots.load(name), given, where) for name in pilots.names()}
