"""A pilot's own report: its key findings, and its outcomes told together."""

from __future__ import annotations

from pathlib import Path

from commissioning.presentation.finding import Findings
from commissioning.presentation.table import Table
from commissioning.reports import easy_read
from commissioning.sections import beside_spend, findings, saying, together
from commissioning.sections.page import Page, section


def extra_files(page: Page, folder: Path, name: str) -> list[str]:
    """The Easy Read page, from the same figures."""
    return [easy_read.write(page, folder, name)]


@section
def key_findings(page: Page) -> Findings:
    """Outcomes, outcomes beside others, spend."""
    return findings.keep_findings(
        page,
        [
            *findings.headline_outcomes(page, most=2),
            *findings.compared_with_others(page, most=2),
            *findings.headline_spend(page),
        ],
    )


@section
def outcomes_table(page: Page) -> Table:
    """Every outcome with its range; of the main ones level, chart and effect are told together."""
    made = beside_spend.outcomes_table(page)
    saying.say(page, *together.found(page, evidence="outcomes"))
    return made
