"""What stands before any notebook of a run starts: its studies, what is worked out from them, and what they cannot answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from commissioning import errors
from commissioning.errors import DataRefused, ReportFailed, UsageError, WorkbenchError
from commissioning.runs.crew import Crew, Job, Options
from commissioning.runs.log import Log
from commissioning.runs.plan import ReportPlan
from commissioning.runs.studies import Studies
from commissioning.study import asked


def prepare(
    studies: Studies, plans: Sequence[ReportPlan], crew: Crew, options: Options, log: Log, *, stage: str
) -> set[tuple[str, str]]:
    """Have every study prepared that is not kept; returns those that were. Raises DataRefused, and ReportFailed."""
    refused: list[WorkbenchError] = []
    done = set()
    todo: list[Job] = [
        (f"study {one[0]} {one[1]}", one, partial(studies.request, *one, options.prepare, stage))
        for one in dict.fromkeys(study for plan in plans for study in plan.studies)
        if studies.kept(*one) is None
    ]
    for (pilot, area), answer in crew.do(todo, "the evidence was prepared"):
        if answer is None:
            refused.append(ReportFailed(f"pilot {pilot}: the process that prepared its data died"))
        elif "error" in answer:
            refused.append(getattr(errors, answer["error"], ReportFailed)(answer["message"]))
        elif (faults := studies.faults(pilot, area, answer["study"])) and not options.force:
            refused += [DataRefused(one.line) for one in faults]
        else:
            studies.accept(pilot, area, answer["study"], stage, faults)
            done.add((pilot, area))
            log.write("prepared", pilot=pilot, area=area)
    if refused:
        log.write("refused", reasons=len(refused))
        # Nothing is published where any extract is refused: half the pilots would mislead beside the rest.
        worst = next((one for one in refused if isinstance(one, DataRefused)), refused[0])
        raise type(worst)("\n".join(dict.fromkeys(str(one) for one in refused)))
    return done


def refuse_what_no_extract_holds(studies: Studies, plans: Sequence[ReportPlan]) -> None:
    """Refuse a part of the area that nothing is split by, and a period that has not come or that no extract holds.

    Raises UsageError for a level and DataRefused for a period. A period that one of the pilots holds is no fault: the others'
    reports say that they know nothing of it.
    """
    faults: dict[str, list[str]] = {}
    one_study = [(one, studies.cards[one.studies[0]]) for one in plans if len(one.studies) == 1]
    for plan, card in one_study:
        if fault := asked.level_fault(plan.level, card.levels):
            raise UsageError(f"{plan.pilot}: {fault}")
    for plan, card in one_study:
        faults.setdefault(plan.period, []).append(asked.period_fault(plan.period, card.periods))
    for found in faults.values():
        if all(found):
            raise DataRefused(found[0])


def work_out(studies: Studies, plans: Sequence[ReportPlan], crew: Crew, options: Options, log: Log) -> None:
    """Have effects, value and earlier periods worked out, each once: notebooks read no rows.

    What could not be is noted in the log, and fails the reports that need it, and no other.
    """
    todo: list[Job] = [
        (" ".join((*one[0], one[1])), one, partial(studies.request_work, *one, options.work_out))
        for one in dict.fromkeys((study, plan.period) for plan in plans for study in plan.studies)
        if options.work_out and (options.force or not studies.worked_out(*one))
    ]
    for done, answer in crew.do(todo, "effects were worked out"):
        if answer is None or "error" in answer:
            log.write("not worked out", pilot=done[0][0], area=done[0][1], period=done[1])
        else:
            studies.mark_worked_out(*done)
