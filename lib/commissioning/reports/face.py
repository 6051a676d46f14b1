"""`cm.answer` and `cm.annex`: the top and the end of a pilot's own page, from a study that is open."""

from __future__ import annotations

from commissioning.presentation.display import Display
from commissioning.reports import stages
from commissioning.study.opened import Study

ANNEX = (
    "reconciliation", "left_aside", "data_findings", "hidden", "notes_on_reading", "methods", "assumptions", "decisions_log", "quality_log",
    "definitions", "glossary",
)  # fmt: skip
"""The sections of the annex, in the order of a page."""


def answer(study: Study) -> Display:
    """What good the pilot did, for what money: the findings at the top of its page, to show or to read.

    cm.answer(study)
    """
    return stages.page_of("pilot", study.parameters, study.settings, study.prepared).key_findings()


def annex(study: Study) -> None:
    """Show data quality, methods, registers, every definition and the glossary, one after the other, as the pilot's page holds them.

    cm.annex(study)
    """
    from IPython.display import display

    page = stages.page_of("pilot", study.parameters, study.settings, study.prepared)
    for name in ANNEX:
        if (shown := getattr(page, name)()) is not None:  # definitions show themselves, one card each
            display(shown)
