"""The two calls that make a page of an analyst's notebook: its answer at the top, and the annex at its end.

study = cm.open("learning_disability")
cm.answer(study)
…
cm.annex(study)
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from commissioning.presentation.page import BEHIND
from commissioning.presentation.sections import Heading
from commissioning.reports import annexes, closing, stages
from commissioning.sections import assurance
from commissioning.sections.page import Page, Told, page_of
from commissioning.study import showing

if TYPE_CHECKING:
    from commissioning.presentation.answer import Answer
    from commissioning.presentation.display import Display
    from commissioning.study.opened import Studies, Study

_pages: WeakKeyDictionary[Study | Studies, dict[str, Page]] = WeakKeyDictionary()


def answer(study: Study | Studies, *, stage: str = "pilot") -> Answer:
    """The answer of a study, for the top of a page: at most five lines, each with a sign of its claim and a link to its evidence.

    stage   whose answer: "analyse", "plan", "do", "review", "pilot" for a page of the pilot's own, or "outcomes_and_spend"; of the
            studies of all pilots "cabinet_summary" or "service_reviews"

    Of "pilot", "review" and "cabinet_summary" the lines are what changed, for what money, what each cost, compared with what and how
    sure, and what the evidence supports; other stages answer their own questions. `.lines` gives each as a `Line`: question, says,
    sign (recorded, described, compared or attributable), grade (of the evidence), because (its weakest reason) and more (one tap below).

    Run again, or after other cells, it gives the same. Raises UsageError where there is no such stage.

        cm.answer(study)
    """
    return stage_page(study, stage).answer()  # type: ignore[no-any-return]


def annex(study: Study | Studies, *, stage: str = "pilot") -> Display | None:
    """What stands behind a page, for its end: what it rests on, what it cannot tell, and the way to the pilot's annex.

    stage   as for `answer`; "annex" for the annex itself, with all its chapters: definitions, methods, checks, calibration, data
            quality, protection, registers, words, sign-off

    The last call of a notebook: under `commissioning run` it writes the results, with every figure that `cm.show` showed, the record
    of the stage, and the sentinel that says all was done. Raises UsageError where there is no such stage, and NotReleased where
    restricted rows were opened in this session.

        cm.annex(study)
    """
    from IPython.display import display

    page = stage_page(study, stage)
    for chapter in annexes.of(stage):
        display(Heading(chapter.title, chapter.says, folded=stage != "annex"))
        for one in chapter.sections:
            _shown(page, Told.of(one(page)))
    if stage != "annex":
        display(Heading(BEHIND, "Every figure has a short definition beside it; the whole stands in the annex."))
        chapters = [one.title for one in annexes.ANNEX]
        _shown(page, Told.of(assurance.behind(page, chapters)))
    page.kept.update(showing.kept)
    return closing.close(page)  # type: ignore[no-any-return]


def _shown(page: Page, told: Told) -> None:
    from IPython.display import display

    page.note(told)
    for one in told.displays:
        display(one)


def stage_page(study: Study | Studies, stage: str) -> Page:
    """The page of a study at a stage: one for each, with all that was shown of the study."""
    held = _pages.setdefault(study, {})
    if stage not in held:
        held[stage] = stages.as_stage(page_of(study), stage)
    return held[stage]
