"""A row with a cell too many or too few: where its amount stands all the same, so that its pounds are counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from commissioning.evidence import cells as cells_module
from commissioning.evidence.cell import Context
from commissioning.evidence.contracts import Contract
from commissioning.evidence.header import Bound

_HEAD, _TAIL = re.compile(r"\s*[-(]?£?\d{1,3}\s*"), re.compile(r"\d{3}(?:\.\d{1,2})?\)?\s*")


def amount(contract: Contract, bound: Bound, contexts: Mapping[str, Context], cells: Sequence[str]) -> int | None:
    """The pence of a row that does not fit its header, read from the left or from the right, whichever makes sense.

    None where neither does, or where the two differ.
    """
    control = contract.control_amount
    if control is None or control not in bound.positions:
        return None
    if (at := torn(contract, bound, contexts, cells)) is not None:
        cells = _joined(cells, at)
    found = {_read(contract, bound, contexts, cells, shift) for shift in (0, len(cells) - bound.width)} - {None}
    return found.pop() if len(found) == 1 else None


def fits(
    contract: Contract,
    bound: Bound,
    contexts: Mapping[str, Context],
    cells: Sequence[str],
    shift: int,
) -> bool:
    """True where every telling cell, moved by `shift`, holds what its column asks for."""
    for column in contract.columns:
        at = bound.positions.get(column.name)
        if at is None or not column.telling:
            continue
        text = cells[at + shift] if 0 <= at + shift < len(cells) else ""
        found = cells_module.parse(column, text, contexts[column.name])
        if found.code and found.pence is None and found.comes is None:
            return False
    return True


def torn(contract: Contract, bound: Bound, contexts: Mapping[str, Context], cells: Sequence[str]) -> int | None:
    """Where an amount such as 1,234.50, written without quotes, stands in two cells; None where none does.

    The first half stands in a column of numbers, the second to its right; put together they are what that column may
    hold, and the row then fits its header. Weeks of 13 beside a cost of 103.23 are no 13,103.23 weeks.
    """
    for column in contract.columns:
        at = bound.positions.get(column.name, len(cells))
        if column.holds not in ("money", "int", "number") or at + 1 >= len(cells) or len(cells) != bound.width + 1:
            continue
        if not (_HEAD.fullmatch(cells[at]) and _TAIL.fullmatch(cells[at + 1])):
            continue
        joined = _joined(cells, at)
        amount = cells_module.parse(column, joined[at], contexts[column.name])
        if not amount.code and fits(contract, bound, contexts, joined, 0):
            return at
    return None


def _joined(cells: Sequence[str], at: int) -> list[str]:
    """The row with the two halves of a torn amount in one cell."""
    return [*cells[:at], f"{cells[at].strip()},{cells[at + 1].strip()}", *cells[at + 2 :]]


def _read(
    contract: Contract, bound: Bound, contexts: Mapping[str, Context], cells: Sequence[str], shift: int
) -> int | None:
    control = contract.control_amount or ""
    at = bound.positions[control] + shift
    if not (0 <= at < len(cells) and fits(contract, bound, contexts, cells, shift)):
        return None
    found = cells_module.parse(contract.column(control), cells[at], contexts[control])
    return found.value if not found.code else found.pence
