"""What was set aside: every cell counted by its cause, and as many of the rows kept as a person could mend.

A quarantine that repeated every row of a bad file would be far larger than the file (a row of shared text in a
workbook weighs a few bytes there and thousands here), so what is kept is bounded and what is counted is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from commissioning.evidence.loaded import Cause, quarantine_frame

KEPT = 20_000  # faults of a file that are kept with their place
KEPT_CHARACTERS = 8_000_000  # of raw text, over all of them
RAW = 4_000  # characters of one row's raw text
CUT = "… (cut)"

Fault = tuple[str, str, str, str, str]  # where, column, code, reason, raw


@dataclass(kw_only=True)
class Quarantine:
    """Faults of one file. `counts` is exact, (column, code) → faults; `kept` is bounded."""

    kept: list[Fault] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    characters: int = 0

    def add(self, where: str, column: str, code: str, reason: str, raw: str) -> None:
        """One fault: counted always, kept while there is room."""
        cause = (column, code)
        self.counts[cause] = self.counts.get(cause, 0) + 1
        self.reasons.setdefault(cause, reason)
        if len(self.kept) < KEPT and self.characters < KEPT_CHARACTERS:
            raw = raw if len(raw) <= RAW else raw[:RAW] + CUT
            self.characters += len(raw)
            self.kept.append((where, column, code, reason, raw))

    def add_all(self, faults: Iterable[Fault]) -> None:
        """Each of them, in order."""
        for one in faults:
            self.add(*one)

    def take(self, other: Quarantine) -> None:
        """All that another holds: its counts whole, its rows while there is room."""
        for (column, code), count in other.counts.items():
            self.counts[column, code] = self.counts.get((column, code), 0) + count
            self.reasons.setdefault((column, code), other.reasons[column, code])
        for one in other.kept:
            if len(self.kept) < KEPT and self.characters < KEPT_CHARACTERS:
                self.characters += len(one[4])
                self.kept.append(one)

    def frame(self) -> pd.DataFrame:
        """What was kept, as `Loaded.quarantine` holds it."""
        return quarantine_frame(self.kept)

    def causes(self) -> tuple[Cause, ...]:
        """Why cells were set aside, the commonest cause first."""
        found = [
            Cause(column=column, code=code, reason=self.reasons[column, code], count=count)
            for (column, code), count in self.counts.items()
        ]
        return tuple(sorted(found, key=lambda c: (-c.count, c.column, c.code)))
