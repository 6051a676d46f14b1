"""A row in the place of data that says headings: the same header again, another one, or none that is understood.

Two exports laid one below the other have a second header, often in another order or in other words. The rows below
it belong to it: they are never read by the positions of the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from commissioning.evidence import cells as cells_module
from commissioning.evidence import header, limits
from commissioning.evidence.cell import Context
from commissioning.evidence.contracts import Contract
from commissioning.evidence.header import Bound
from commissioning.evidence.loaded import Refused

Kind = Literal["", "header", "other header"]

# Words that headings are made of, beside those of the contracts themselves.
_HEADING_WORDS = """
    vendor when sum value price cost paid date day month week quarter year period hours qty quantity count net gross vat total
    ref reference id number no code name type status description narrative details category service team area ward post
    directorate department division unit account subjective expense spend payment invoice supplier payee creditor
    beneficiary recipient organisation body amount awarded award start started end ended from to age sex gender ethnicity
    client person setting funder provider locality title band score outcome
"""
_NOT_SAID_WORDS = "not unknown tbc tba awaiting pending see none nil void cancelled redacted missing various known"
_NOT_SAID = frozenset(re.findall("[a-z]+", _NOT_SAID_WORDS))


def kind(contract: Contract, bound: Bound, contexts: Mapping[str, Context], cells: Sequence[str]) -> Kind:
    """What a row says: "header" where most of it are the contract's own headings, "other header" where it is made of
    heading words, "" where it is a row of data (or something else that is no header)."""
    if any(len(c) > limits.HEADING for c in cells):
        return ""  # a heading is short
    filled = [words for c in cells if (words := header.tidy(c))]
    if not filled or _says_data(contract, bound, contexts, cells):
        return ""
    known = header.names_in(contract, cells)
    required = {c.name for c in contract.required}
    if required and required <= known:
        return "header"
    if len(known) >= 2 and 2 * len(known) >= len(filled):
        return "header"
    if _looks_like_headings(contract, bound, cells, filled):
        return "other header"
    return ""


def rebind(contract: Contract, bound: Bound, cells: Sequence[str], name: str, where: str) -> Bound:
    """The header that a row says anew. Raises Refused, naming the line, where it lacks a required column."""
    found = header.names_in(contract, cells)
    missing = [c for c in contract.required if c.name not in found and c.name in bound.positions]
    if missing:
        here = [c.heading for c in contract.columns if c.name in found]
        raise Refused(
            f"{name} {where} is another header in the middle of the rows, and it has no column "
            f"{header.named_with_nearest(missing, cells, contract)}"
            + (f" (it has {', '.join(here)})" if here else "")
            + ": the rows below it cannot be read by the header above; send them as a file of their own, "
            "or give both headers the same names",
            code="another header",
            where=where,
            column=missing[0].heading,
        )
    return header.bind_row(contract, cells, name, row=bound.row, where=where)


def same(a: Bound, b: Bound) -> bool:
    """True where two headers read a row alike."""
    return (a.positions, a.multipliers, a.width) == (b.positions, b.multipliers, b.width)


def _says_data(contract: Contract, bound: Bound, contexts: Mapping[str, Context], cells: Sequence[str]) -> bool:
    """True where a typed cell holds what its column asks for: a heading never does."""
    for column in contract.columns:
        at = bound.positions.get(column.name, len(cells))
        if column.telling and at < len(cells) and cells[at].strip():
            found = cells_module.parse(column, cells[at], contexts[column.name])
            if found.pence is not None or found.comes is not None or (not found.code and found.value is not None):
                return True
    return False


def _looks_like_headings(contract: Contract, bound: Bound, cells: Sequence[str], filled: list[str]) -> bool:
    """Different words in nearly every cell, words of headings among them, and some where an amount or a date is due."""
    if len(filled) < max(2, 0.6 * bound.needed) or len({f.casefold() for f in filled}) < len(filled):
        return False
    if any(any(c.isdigit() for c in f) or len(f) > 60 for f in filled):
        return False
    typed = [at for c in contract.columns if c.telling and (at := bound.positions.get(c.name)) is not None]
    due = [cells[at] for at in typed if at < len(cells) and cells[at].strip()]
    hits = [at for at, cell in enumerate(cells) if _heading_word(cell)]
    return len(due) >= min(2, len(typed)) > 0 and len(hits) >= 2 and bool(set(hits) & set(typed))


def _heading_word(cell: str) -> bool:
    words = set(re.findall(r"[a-z]+", cell[:200].casefold()))
    return bool(words & _vocabulary()) and not words & _NOT_SAID


@cache
def _vocabulary() -> frozenset[str]:
    from commissioning.evidence.tables import CONTRACTS

    own = {
        w
        for c in CONTRACTS
        for column in c.columns
        for h in column.headers
        for w in re.findall(r"[a-z]{3,}", h.casefold())
    }
    return (frozenset(re.findall("[a-z]+", _HEADING_WORDS)) | own) - _NOT_SAID
