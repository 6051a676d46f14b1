"""The two calls that make a page of an analyst's notebook: its answer at the top, and the annex at its end.

study = cm.open("learning_disability")
cm.answer(study)
…
cm.annex(study)
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from commissioning.reports import stages
from commissioning.sections.page import Page
from commissioning.study import showing

if TYPE_CHECKING:
    from commissioning.presentation.display import Display
    from commissioning.study.opened import Study

ANNEX = (
    "reconciliation", "left_aside", "data_findings", "hidden", "notes_on_reading", "cannot_tell", "methods", "assumptions", "decisions_log", "quality_log",
    "definitions", "glossary", "parameters",
)  # fmt: skip
"""What stands behind every page: data quality, what it cannot tell, methods, who checked it, definitions, and what it was told. What a
stage has no section of is left out."""

_pages: WeakKeyDictionary[Study, dict[str, Page]] = WeakKeyDictionary()


def answer(study: Study, *, stage: str = "pilot") -> Display | None:
    """The key findings of a study, for the top of a page: three to five, each with its claim and a link to its evidence.

    stage   whose answer: "analyse", "plan", "do", "review", or "pilot" for a page of the pilot's own

    Run again, or after other cells, it gives the same. Raises UsageError where there is no such stage.

        cm.answer(study)
    """
    return page_of(study, stage).key_findings()  # type: ignore[no-any-return]


def annex(study: Study, *, stage: str = "pilot") -> Display | None:
    """What stands behind a page, for its end: data quality, what it cannot tell, methods, assumptions, definitions, words, parameters.

    stage   as for `answer`

    The last call of a notebook: under `commissioning run` it writes the results, with every figure that `cm.show` showed, the record of
    the stage, and the sentinel that says all was done. Raises UsageError where there is no such stage, and NotReleased where restricted
    rows were opened in this session.

        cm.annex(study)
    """
    from IPython.display import display

    page = page_of(study, stage)
    for name in (one for one in ANNEX if one in page.kind.sections):
        if (last := getattr(page, name)()) is not None:
            display(last)
    page.kept.update(showing.kept)
    return page.close()  # type: ignore[no-any-return]


def page_of(study: Study, stage: str) -> Page:
    """The page of a study at a stage: one for each, so that what was answered is in the record that the annex writes."""
    held = _pages.setdefault(study, {})
    if stage not in held:
        stages.refuse_unknown(stage, stages.KINDS)
        held[stage] = stages.page_of(stage, study.parameters, study.settings, study.prepared)
        stages.estimate_first(held[stage])
    return held[stage]
