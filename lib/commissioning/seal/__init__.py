"""Seals: what was agreed about a pilot, recorded before its figures were seen, and what was changed since.

`commissioning seal PILOT --by NAME` writes the values of a pilot file that could move a claim into the council's ledger.
Preparing a study writes there which periods' outcomes were read. A claim's checks were *set beforehand* where a seal stands
in the ledger before the line that says that outcomes of the report's period were read, and where the values are still
those that were sealed. Order is that of the ledger's lines, never of a clock.

The sample needs no ledger: beside it lies a seal that holds for its very bytes alone (`SAMPLE`).
"""

from __future__ import annotations

from commissioning.seal.ledgers import folder_of, memory_of, reading, seal, state
from commissioning.seal.sample import SAMPLE, of_sample, sample_entry
from commissioning.seal.status import Change, Sealed, status
from commissioning.seal.values import NOT_SEALED_FIELDS, called, digest, touches, values
from commissioning.wording import differences

__all__ = [
    "NOT_SEALED_FIELDS", "SAMPLE", "Change", "Sealed", "called", "differences", "digest", "folder_of", "memory_of", "of_sample", "reading",
    "sample_entry", "seal", "state", "status", "touches", "values",
]  # fmt: skip
