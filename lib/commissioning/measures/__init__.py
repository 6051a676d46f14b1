"""Measures: definitions of what is counted, and the one way of counting it."""

from commissioning.measures.catalogue import catalogue
from commissioning.measures.definition import (
    Input,
    Kind,
    Measure,
    Outcome,
    Output,
    Process,
    Rule,
    Source,
)

__all__ = [
    "Input",
    "Kind",
    "Measure",
    "Outcome",
    "Output",
    "Process",
    "Rule",
    "Source",
    "catalogue",
]
