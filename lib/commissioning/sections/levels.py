"""How a level is said: in the measure's own words ("the main goal was met at 63.7% of reviews"), or of its title where it has none."""

from __future__ import annotations

from commissioning.measures import Measure
from commissioning.measures.definition import Outcome

SLOT = "{}"


def clause(measure: Measure, level: str) -> str:
    """A level with its subject and what it is a share of."""
    words = _words(measure)
    return words.replace(SLOT, level) if words else f"“{measure.title}” was {level}"


def again(measure: Measure, level: str) -> str:
    """A second level after the first: "at 58.0%", with the word that the first one has before it."""
    before = _words(measure).partition(SLOT)[0].split()
    return f"{before[-1]} {level}" if before and before[-1] in ("at", "for") else level


def _words(measure: Measure) -> str:
    return measure.kind.told if isinstance(measure.kind, Outcome) else ""
