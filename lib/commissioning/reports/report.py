"""A report: the sections common to every stage, put together."""

from __future__ import annotations

from commissioning.reports.assurance import Assurance
from commissioning.reports.beside_spend import OutcomesBesideSpend
from commissioning.reports.data_quality import DataQuality


class Report(OutcomesBesideSpend, DataQuality, Assurance):
    """One report while its notebook runs. Stages add sections of their own."""
