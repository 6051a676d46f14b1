"""What stands behind each kind of page, in order: the chapters of its annex."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Chapter:
    """One heading of an annex, the sentence under it, and the names of the sections that it shows."""

    title: str
    says: str
    sections: tuple[str, ...]


QUALITY = Chapter(
    "Data quality",
    "Every row and penny of each file is accounted for. Findings about the data come before any claim.",
    ("reconciliation", "left_aside", "data_findings", "hidden"),
)
CANNOT_TELL = Chapter(
    "What this cannot tell you", "Unknown is not zero, and a report that says so is right to.", ("cannot_tell",)
)
METHODS = Chapter(
    "Methods",
    "How the figures are made, what had to be true before an estimate was shown, and what is assumed.",
    ("methods", "assumptions", "decisions_log"),
)
SIGN_OFF = Chapter(
    "Quality assurance and sign-off", "Who checked what. The assurer is not the analyst.", ("quality_log",)
)
DEFINITIONS = Chapter(
    "Definitions",
    "What each measure counts, out of whom, from which extract, and who was left out.",
    ("definitions",),
)
GLOSSARY = Chapter("Glossary", "Words as this report uses them.", ("glossary",))
ABOUT = Chapter("About this report", "What it was told, and whom to ask.", ("parameters",))

WHOLE = (QUALITY, CANNOT_TELL, METHODS, SIGN_OFF, DEFINITIONS, GLOSSARY, ABOUT)
OF_STAGE = {
    "review": (
        QUALITY,
        CANNOT_TELL,
        replace(METHODS, sections=("methods", "gates", "calibration_card", "assumptions", "decisions_log")),
        *WHOLE[3:],
    ),
    "pilot": (replace(QUALITY, sections=(*QUALITY.sections, "notes_on_reading")), *WHOLE[1:]),
    "outcomes_and_spend": (
        replace(QUALITY, says="Every row and penny of each file is accounted for."),
        replace(CANNOT_TELL, says="Unknown is not zero.", sections=("cannot_tell", "read_more")),
        replace(
            DEFINITIONS,
            says="What each outcome of this page counts, out of whom, and who was left out.",
            sections=("definitions_here",),
        ),
        ABOUT,
    ),
    "service_reviews": (
        replace(QUALITY, sections=("reconciliation", "left_aside", "hidden")),
        CANNOT_TELL,
        replace(METHODS, says="How the order is made."),
        SIGN_OFF,
        replace(
            DEFINITIONS,
            says="What each figure of this page counts, out of what, from where, and what is left out.",
        ),
        GLOSSARY,
        ABOUT,
    ),
}
"""The chapters of each kind of page; of any other, `WHOLE`."""


def of(stage: str) -> tuple[Chapter, ...]:
    return OF_STAGE.get(stage, WHOLE)
