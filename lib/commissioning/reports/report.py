"""A report: the sections common to every stage, put together."""

from __future__ import annotations

from commissioning.reports.beside_spend import OutcomesBesideSpend
from commissioning.reports.data_quality import DataQuality
from commissioning.reports.quality_sections import ProviderQuality
from commissioning.reports.registers import Registers


class Report(OutcomesBesideSpend, ProviderQuality, DataQuality, Registers):
    """One report while its notebook runs. Stages add sections of their own."""

    @property
    def parts(self) -> tuple[Report, ...]:
        return (self,)
