"""Which report belongs to which stage, and how one is opened."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.reports import (
    analyse,
    cabinet,
    carried_over,
    closing,
    do,
    outcomes_and_spend,
    own_page,
    own_sections,
    plan,
    review,
    service_reviews,
    services_budget,
    stage_answers,
)
from commissioning.sections import (
    answering,
    assurance,
    beside_spend,
    data_quality,
    evaluation,
    pictures,
    provider_quality,
    providers,
    published,
    registers,
    saying,
)
from commissioning.sections.page import Kind, Page, gathered
from commissioning.study import opening, tried, worked_out
from commissioning.study.parameters import Parameters, Place
from commissioning.study.prepared import Prepared, pilot_of
from commissioning.study.then import pilot_at_the_end_of

COMMON = gathered(
    stage_answers,
    assurance,
    beside_spend,
    carried_over,
    closing,
    data_quality,
    provider_quality,
    published,
    registers,
    saying,
)
PICTURES = {one.__name__: one for one in pictures.SECTIONS}
EFFECTS = COMMON | PICTURES | gathered(evaluation)
OWN = EFFECTS | gathered(answering) | gathered(own_page)
KINDS = {
    "analyse": Kind(sections=COMMON | PICTURES | gathered(analyse, providers)),
    "plan": Kind(
        sections=EFFECTS | gathered(plan), estimates=True, results=(evaluation.with_effects,), record=plan.extra_record
    ),
    "do": Kind(
        sections=EFFECTS | gathered(do), estimates=True, results=(evaluation.with_effects,), record=do.extra_record
    ),
    "review": Kind(
        sections=EFFECTS | gathered(review),
        estimates=True,
        results=(evaluation.with_effects,),
        record=review.extra_record,
    ),
    "pilot": Kind(sections=OWN, estimates=True, results=(evaluation.with_effects,), files=own_page.extra_files),
    "annex": Kind(sections=OWN, estimates=True, results=(evaluation.with_effects,)),
    "outcomes_and_spend": Kind(
        sections=OWN | gathered(outcomes_and_spend),
        estimates=True,
        results=(evaluation.with_effects, outcomes_and_spend.as_brief),
    ),
}
ACROSS = {
    "cabinet_summary": Kind(sections=COMMON | gathered(cabinet), results=(cabinet.of_every_pilot,)),
    "service_reviews": Kind(
        sections=COMMON | gathered(cabinet) | gathered(service_reviews),
        period=services_budget.period_of,
        results=(cabinet.of_every_pilot, service_reviews.of_services),
    ),
}
"""What each kind of report shows. Where two sections have one name, the one named last stands: a pilot's own page tells its outcomes
with their charts and effects, a page across pilots shows the registers of all."""


def page_of(stage: str, given: Parameters, pilot: pilots.Pilot, study: Prepared) -> Page:
    """The page of one pilot. A pilot's own notebooks show its own sections too."""
    kind = KINDS[stage]
    if stage in ("pilot", "outcomes_and_spend") and pilot.folder is not None:
        kind = replace(kind, sections={**kind.sections, **own_sections.of_pilot(Path(pilot.folder))})
    return Page(stage=stage, given=given, pilot=pilot, study=study, kind=kind)


def page_across(stage: str, given: Parameters, studies_of: dict[str, Prepared]) -> Page:
    """The page of several pilots, with the page of each behind it."""
    services = {
        name: page_of("pilot", given, pilot_at_the_end_of(pilot_of(study), given.period), study)
        for name, study in studies_of.items()
    }
    first = next(iter(services.values()))
    return as_stage(
        Page(stage="", given=given, pilot=first.pilot, study=first.study, kind=ACROSS[stage], services=services), stage
    )


def as_stage(page: Page, stage: str) -> Page:
    """The page of a study as that of a stage, with what was shown and found of it so far. Raises UsageError where there is no such stage."""
    refuse_unknown(stage, ACROSS if page.services else KINDS)
    if stage not in ACROSS:
        return replace(page, stage=stage, kind=KINDS[stage])
    services = {name: as_stage(one, "pilot") for name, one in page.services.items()}
    budget = (
        one.study for one in services.values() if stage == "service_reviews" and "budget" in one.study.tables_held
    )
    return replace(page, stage=stage, kind=ACROSS[stage], services=services, study=next(budget, page.study))


def open(stage: str, given: Parameters, where: Place) -> Page:
    """The report of a stage. Raises UsageError where there is no such stage."""
    refuse_unknown(stage, (*KINDS, *ACROSS))
    if stage in ACROSS:
        if given.what_if:
            raise UsageError(
                f"parameter {next(iter(given.what_if))}: a what-if is of one pilot, and this page is of all"
            )
        return page_across(stage, given, opening.all_prepared(given, where))
    study = opening.prepared_of(pilots.load(given.pilot), given, where)
    page = page_of(stage, given, tried.settings(study, given), study)
    if given.what_if:
        tried.tell(study, given)
    estimate_first(page)
    return page


def refuse_unknown(stage: str, known: Iterable[str]) -> None:
    """Raise UsageError for a stage that is none of these, naming the nearest."""
    if stage not in (among := tuple(known)):
        near = difflib.get_close_matches(stage, among, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the stages are {', '.join(among)}"
        raise UsageError(f"no stage is called {stage!r}: {hint}")


def estimate_first(page: Page) -> None:
    """Have effects and value worked out and kept, so that no section needs a row. A report says only what it then shows."""
    if not page.kind.estimates:
        return
    read = set(page.study.read)
    worked_out.of(page.study, page.pilot, page.period, page.sealed)
    page.study.read.clear()
    page.study.read.update(read)


def work_out(folder: Path, period: str) -> None:
    """Work out from rows, and keep beside a prepared study, all that reports of a period read of it: before any notebook starts."""
    study = Prepared(folder).at_the_end_of(period)
    worked_out.then(study)
    given = Parameters(pilot=study.pilot, period=period)
    estimate_first(page_of("review", given, pilot_at_the_end_of(pilot_of(study), period), study))
