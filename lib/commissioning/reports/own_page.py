"""A pilot's own report: its answer, and its outcomes told together."""

from __future__ import annotations

from pathlib import Path

from commissioning.reports import easy_read
from commissioning.sections import beside_spend, together
from commissioning.sections.page import Page, Shows, Told, section


def extra_files(page: Page, folder: Path, name: str) -> list[str]:
    """The Easy Read page, from the same figures."""
    return [easy_read.write(page, folder, name)]


@section
def outcomes_table(page: Page) -> Shows:
    """Every outcome with its range; of the main ones level, chart and effect are told together."""
    made = beside_spend.outcomes_table(page)
    said = together.found(page, evidence="outcomes")
    return Told.of(made, found=said)
