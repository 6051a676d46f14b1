"""A finding as the record of a stage keeps it, and the stages."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ORDER = ("analyse", "plan", "do", "review")
"""The stages of the cycle (4.5)."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingRecord(Strict):
    """One finding as it stands on the page."""

    sentence: str
    claim: Literal["recorded", "described", "compared", "attributable"]
    confidence: str
    measure: str = ""
    checks: str = Field(default="", description="beside an attributable claim: when its checks were sealed, or why not")
    numbers: tuple[float, ...] = Field(
        default=(), description="the values of its data that stand behind the numbers in the sentence"
    )
    periods: tuple[str, ...] = Field(
        default=(), description="the years and quarters of its data that the sentence names"
    )
