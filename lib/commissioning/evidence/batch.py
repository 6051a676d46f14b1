"""Records of one width as columns of text, and checked batches as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from commissioning.evidence.columns import TYPES, WORDED
from commissioning.evidence.contracts import Contract


@dataclass(kw_only=True)
class Batch:
    """n records of the header's width: their places, texts by column position, and how to see one whole."""

    where: Sequence[str]
    texts: Sequence[pa.Array]  # one array of n texts for each position of the header
    raw: Sequence[str] | None  # n raw texts, or None where they are made from the cells
    faults: dict[int, dict[int, tuple[str, str]]]  # row → position → (code, reason)

    def cells(self, i: int) -> list[str]:
        return [t[i].as_py() for t in self.texts]

    def part(self, start: int, stop: int) -> Batch:
        """Rows start to stop (not included)."""
        return Batch(
            where=self.where[start:stop],
            texts=[t.slice(start, stop - start) for t in self.texts],
            raw=None if self.raw is None else self.raw[start:stop],
            faults={i - start: found for i, found in self.faults.items() if start <= i < stop},
        )


def together(tables: Sequence[pa.Table], contract: Contract) -> pa.Table:
    """Tables of one contract as one. A column that some of them lack is unknown there."""
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    whole = []
    for table in tables:
        for name in names:
            if name not in table.column_names:
                column = contract.column(name.removesuffix("_status")) if name != "source_row" else None
                status = column is not None and name != column.name
                worded = status or (column is not None and column.holds in WORDED)
                kind = TYPES["text"] if status or column is None else TYPES[column.holds]
                table = table.append_column(name, pa.array(["unknown" if worded else None] * len(table), kind))
        whole.append(table.select(list(names)))
    return pa.concat_tables(whole)
