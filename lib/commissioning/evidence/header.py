"""Where the header stands, which contract's names are in it, and what else is there."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from commissioning.evidence.contracts import Column, Contract, header_key
from commissioning.evidence.loaded import Refused
from commissioning.wording import counted

FOREIGN = re.compile(r"[$€¥₹]|\b(?:usd|eur|euros?|dollars?|aud|cad|chf|jpy)\b", re.I)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A header bound to its contract: column name → position, header as written, declared multiplier."""

    row: int  # index of the (last) header row among the rows searched
    width: int
    positions: dict[str, int]
    headers: dict[str, str]
    multipliers: dict[str, int | Decimal | None]
    extra: tuple[str, ...]
    notes: tuple[str, ...]
    cells: tuple[str, ...]

    def heading(self, name: str) -> str:
        return self.headers.get(name, name)


def tidy(header: str) -> str:
    """A header without hidden characters, for people to read."""
    clean = "".join(c for c in header if unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(clean.split())


def names_in(contract: Contract, cells: Sequence[str]) -> set[str]:
    """The contract's columns whose headers stand among the cells."""
    meaning = contract.meaning
    return {meaning[k].name for k in keys_of(tuple(cells)) & meaning.keys()}


@lru_cache(maxsize=512)
def keys_of(cells: tuple[str, ...]) -> frozenset[str]:
    """The cells as headers are compared: worked out once, for every contract looks at the same first rows."""
    return frozenset(header_key(c)[0] for c in cells)


def find(contract: Contract, rows: Sequence[Sequence[str]]) -> tuple[int, set[str]]:
    """The row (index) that holds most of the contract's headers, and which; (-1, set()) where none does."""
    best, found = -1, set[str]()
    for i, cells in enumerate(rows[: contract.header_search_rows]):
        here = names_in(contract, cells)
        if len(here) > len(found):
            best, found = i, here
    return best, found


def joined(rows: Sequence[Sequence[str]], i: int) -> list[str]:
    """Rows i and i + 1 as one header, a merged first row carried to the right."""
    top: list[str] = []
    carried = ""
    for cell in rows[i]:
        carried = cell.strip() or carried
        top.append(carried)
    below = list(rows[i + 1])
    top += [carried] * (len(below) - len(top))
    below += [""] * (len(top) - len(below))
    return [f"{a} {b}".strip() for a, b in zip(top, below, strict=True)]


def bind(contract: Contract, rows: Sequence[Sequence[str]], name: str, place: str = "line") -> Bound:
    """Find the header and bind it. Raises Refused where it is missing, doubled or of the wrong shape."""
    i, found = find(contract, rows)
    cells: list[str] = list(rows[i]) if i >= 0 else []
    if contract.header_rows == 2 and i + 1 < len(rows):
        both = [(k, joined(rows, k)) for k in range(min(len(rows) - 1, contract.header_search_rows))]
        k, cells2 = max(both, key=lambda p: len(names_in(contract, p[1])))
        if len(names_in(contract, cells2)) > len(found):
            i, cells, found = k + 1, cells2, names_in(contract, cells2)
    missing = [c for c in contract.required if c.name not in found]
    if missing:
        _explain_missing(contract, rows, i, cells, missing, found, name, place)
    meaning = contract.meaning
    positions: dict[str, int] = {}
    headers: dict[str, str] = {}
    multipliers: dict[str, int | Decimal | None] = {}
    extra: list[str] = []
    notes: list[str] = []
    for at, cell in enumerate(cells):
        key, multiplier = header_key(cell)
        if _hidden(cell):
            notes.append(f"hidden characters were removed from the header “{tidy(cell)}”")
        if key not in meaning:
            extra.append(tidy(cell))
            continue
        column = meaning[key]
        if column.name in positions:
            raise Refused(
                f"{name} has two columns for {column.heading}: “{headers[column.name]}” and “{tidy(cell)}”; keep one",
                code="two columns for one",
                where=str(i + 1),
                column=tidy(cell),
            )
        if column.holds == "money" and FOREIGN.search(cell):
            raise Refused(
                f"{name} has amounts in another currency under “{tidy(cell)}”: the workbench counts pounds; "
                "export them in pounds, or mend the header",
                code="not pounds",
                where=str(i + 1),
                column=tidy(cell),
            )
        positions[column.name] = at
        headers[column.name] = tidy(cell)
        multipliers[column.name] = multiplier if column.holds == "money" else None
        if tidy(cell) != tidy(column.heading) and header_key(column.heading)[0] != key:
            notes.append(f"“{tidy(cell)}” was read as {column.heading}")
    unnamed = sum(1 for e in extra if not e)
    named = [e for e in extra if e]
    if named:
        notes.append(f"columns not in the contract, left out: {', '.join(named)}")
    if unnamed:
        notes.append(f"{counted(unnamed, 'column')} without a header, left out")
    return Bound(
        row=i,
        width=len(cells),
        positions=positions,
        headers=headers,
        multipliers=multipliers,
        extra=tuple(extra),
        notes=tuple(notes),
        cells=tuple(cells),
    )


def _hidden(cell: str) -> bool:
    return any(unicodedata.category(c) == "Cf" or (unicodedata.category(c) == "Zs" and c != " ") for c in cell)


def _explain_missing(
    contract: Contract,
    rows: Sequence[Sequence[str]],
    i: int,
    cells: Sequence[str],
    missing: list[Column],
    found: set[str],
    name: str,
    place: str,
) -> None:
    here = [tidy(c) for c in cells if tidy(c)]
    down = [r[0] for r in rows if r]
    if len(names_in(contract, down)) > max(len(found), len(contract.required) // 2):
        raise Refused(
            f"{name} is on its side: the names of {contract.title} run down the first column; "
            "turn rows into columns (paste special, transpose)",
            code="transposed",
        )
    for k in range(min(len(rows) - 1, contract.header_search_rows)):
        if len(names_in(contract, joined(rows, k))) > len(found):
            raise Refused(
                f"{name} has a header of two rows or merged cells at {place} {k + 1}: write one header row",
                code="two-row header",
                where=str(k + 1),
            )
    near = []
    for column in missing:
        close = difflib.get_close_matches(column.heading.casefold(), [h.casefold() for h in here], n=1, cutoff=0.6)
        near.append(f"{column.heading}" + (f" (nearest here: “{close[0]}”)" if close else ""))
    raise Refused(
        f"{name} has no column {', '.join(near)}, which {contract.title} must have; "
        f"found at {place} {i + 1}: {', '.join(here[:40])}",
        code="missing column",
        where=str(i + 1),
        column=missing[0].heading,
    )
