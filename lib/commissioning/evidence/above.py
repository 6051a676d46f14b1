"""The lines about a header: titles above it, which are no data, and a row of units below it, which is none either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from commissioning.evidence import cells as cells_module
from commissioning.evidence import header, units
from commissioning.evidence.cell import Context
from commissioning.evidence.check import Checker
from commissioning.evidence.contracts import Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.loaded import Refused

_TELLING = ("date", "money", "year", "quarter", "month")


def check(contract: Contract, bound: header.Bound, rows: Sequence[Sequence[str]], name: str) -> None:
    """Raises Refused where the lines above the header hold rows of data, or a scale that the header does not say."""
    at = [(c, bound.positions[c.name]) for c in contract.columns if c.name in bound.positions]
    for i, cells in enumerate(rows):
        filled = sum(bool(c.strip()) for c in cells)
        if filled >= max(3, len(contract.required) / 2):
            read = [
                cells_module.parse(column, cells[place], Context())
                for column, place in at
                if column.holds in _TELLING and place < len(cells) and cells[place].strip()
            ]
            if any(not cell.code and cell.value is not None for cell in read):
                raise Refused(
                    f"{name}: rows of data stand above the header at {bound.where}, the first of them {i + 1} from the top: "
                    "put the header above every row (the file may have been sorted with it)",
                    code="header below rows",
                    where=bound.where,
                )
        unsaid = [c.heading for c, _ in at if c.holds == "money" and bound.multipliers.get(c.name) is None]
        if unsaid and filled <= 3 and units.scaled_above(list(cells)):
            raise Refused(
                f"{name}: a line above the header says that its figures are in thousands or millions of pounds, and the "
                f"heading {', '.join(unsaid)} does not: write the unit in the heading, such as {unsaid[0]} (£000)",
                code="unit above the header",
                column=unsaid[0],
            )


def without_units(checker: Checker, records: Iterable[Record]) -> Iterator[Record]:
    """The records; a first one that only writes units (`£`, `£000`) below the headings is read with them instead."""
    first = True
    for record in records:
        scaled = header.scaled_by_row(checker.bound, checker.contract, record.cells) if first else None
        if scaled is not None:
            checker.take_units(scaled, record.where, record.cells)
        else:
            yield record
        first = first and not any(c.strip() for c in record.cells)
