"""What stands behind the pages: the chapters of a pilot's annex, and those that close a page across pilots."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning import wording
from commissioning.presentation import page
from commissioning.reports import cabinet, plan, promised, review, service_reviews
from commissioning.sections import (
    answering,
    assurance,
    beside_spend,
    data_quality,
    evaluation,
    pictures,
    published,
    registers,
)
from commissioning.sections.page import Section


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One heading, the sentence under it, and the sections that it shows."""

    title: str
    says: str
    sections: tuple[Section, ...]


ANNEX = (
    Chapter(
        title=page.DEFINITIONS,
        says="What each measure counts, out of whom, from which file, and who was left out.",
        sections=(assurance.definitions,),
    ),
    Chapter(
        title=page.METHODS,
        says="How the figures are made, and what is assumed.",
        sections=(assurance.methods, assurance.assumptions, assurance.decisions_log),
    ),
    Chapter(
        title=page.GATES,
        says=wording.OF_CHECKS,
        sections=(evaluation.gates,),
    ),
    Chapter(
        title=page.CALIBRATION,
        says="How each method did on simulated pilots of this pilot's own shape.",
        sections=(evaluation.calibration_card,),
    ),
    Chapter(
        title=page.DATA_QUALITY,
        says="Every row and penny of each file is accounted for. Findings about the data come before any claim.",
        sections=(
            data_quality.reconciliation,
            data_quality.left_aside,
            data_quality.data_findings,
            answering.notes_on_reading,
        ),
    ),
    Chapter(
        title=page.PROTECTION,
        says="The rules by which small numbers are hidden and the rest rounded, and what that costs in accuracy.",
        sections=(data_quality.hidden,),
    ),
    Chapter(
        title=page.CANNOT_TELL,
        says="Unknown is not zero, and a report that says so is right to.",
        sections=(assurance.cannot_tell,),
    ),
    Chapter(
        title=page.IN_FULL,
        says="Every outcome and every line of spend that a file here holds.",
        sections=(
            beside_spend.outcomes_table,
            published.comparisons,
            beside_spend.spend_table,
            beside_spend.bridge_table,
            pictures.waterfall,
            pictures.slopes,
            beside_spend.spend_note,
            review.standings_table,
        ),
    ),
    Chapter(
        title=page.REGISTERS,
        says="What people keep a list of: each with what is overdue, and by whom.",
        sections=(
            promised.overdue,
            promised.benefits,
            plan.targets,
            assurance.engagement,
            review.replies,
            review.lessons,
            registers.needs_written,
            registers.business_cases,
            registers.contributions,
            registers.collaborations,
            registers.corporate_plan,
            registers.resource_changes,
            answering.sharing_register,
        ),
    ),
    Chapter(title=page.GLOSSARY, says="Words as these pages use them.", sections=(assurance.glossary,)),
    Chapter(
        title=page.SIGN_OFF,
        says="Who checked what. The assurer is not the analyst.",
        sections=(assurance.quality_log,),
    ),
    Chapter(title=page.ABOUT, says="What it was told, and whom to ask.", sections=(assurance.parameters,)),
)

ACROSS = {
    "cabinet_summary": (
        Chapter(
            title="Spend, value and balance in full",
            says="Unlike outcomes are never added, and money that belongs to two pilots is counted once.",
            sections=(
                cabinet.side_by_side,
                cabinet.spend_of_all,
                cabinet.grants_once,
                cabinet.balance,
                cabinet.investment,
            ),
        ),
        Chapter(
            title="Registers of all pilots",
            says="The seven principles, the Corporate Plan, and what people keep a list of.",
            sections=(
                cabinet.principles,
                cabinet.corporate_plan,
                cabinet.collaborations,
                cabinet.resource_changes,
                cabinet.lessons,
            ),
        ),
    ),
    "service_reviews": (
        Chapter(
            title="How the order is made",
            says="What each figure of this page counts, from where, what is left out, and what is assumed.",
            sections=(
                service_reviews.definitions,
                service_reviews.methods,
                service_reviews.assumptions,
                service_reviews.decisions_log,
                service_reviews.hidden,
                service_reviews.cannot_tell,
                data_quality.reconciliation,
                data_quality.left_aside,
                assurance.quality_log,
                service_reviews.parameters,
            ),
        ),
    ),
}
"""Chapters of a page across pilots, folded at its end: an annex is of one pilot."""


def of(stage: str) -> tuple[Chapter, ...]:
    return ANNEX if stage == "annex" else ACROSS.get(stage, ())
