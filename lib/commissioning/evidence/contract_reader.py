"""The reader for any file whose header is a contract: CSV, XLSX (one row a record) or a JSON list of objects.

A published format that is one row a record uses this class too, with a `finish` step that adds what
its columns imply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from commissioning.evidence.contracts import Contract
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Match, Preview
from commissioning.evidence.source import Source

Finish = Callable[[pd.DataFrame, Source], pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class ContractReader:
    """Reads files that follow `contract`; `finish(frame, source)` may add or rename columns at the end.

    `finish` gets the accepted rows under the contract's canonical names (plus `source_file` and
    `source_row`) and returns a frame with the same rows in the same order.
    """

    contract: Contract
    finish: Finish | None = None

    def recognises(self, preview: Preview) -> Match:
        """How many of the contract's headers stand in one row near the top."""
        from commissioning.evidence import recognise

        return recognise.match(self.contract, preview)

    def read(
        self, extract: Extract, source: Source, progress: Callable[[float, int, int], None] | None = None
    ) -> Loaded:
        """Parse, check and account for every row. Raises Refused where the file breaks the contract.

        `progress` is told, block by block, the share read (0 to 1), the rows and the pence accepted so far.
        """
        from commissioning.evidence import load

        return load.load(extract, self.contract, source, self.finish, progress)
