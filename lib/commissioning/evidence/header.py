"""Where the header stands, which contract's names are in it, and what else is there."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from commissioning.evidence import limits, units
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.invisible import visible
from commissioning.evidence.loaded import Refused
from commissioning.wording import counted

FOREIGN = re.compile(r"[$€¥₹]|\b(?:usd|eur|euros?|dollars?|aud|cad|chf|jpy)\b", re.I)
_LITTLE = frozenset(
    re.findall("[a-z]+", "the of on in and or to for by at is no id name code number ref reference type total other")
)  # words that two headings may share without being alike
_A_NUMBER = re.compile(r"\b(?:id|code|number|no|ref|reference|uri|url)\W*$", re.I)
SCALED = ("money", "int", "number")  # what a unit in a header can multiply


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
    needed: int = 0  # cells that a row must have: those to the right of them have no heading
    where: str = ""  # the header's own place, for messages

    def heading(self, name: str) -> str:
        return self.headers.get(name, name)


def tidy(header: str) -> str:
    """As much of a header as is looked at, without hidden characters, for people to read."""
    clean = visible(header[: limits.HEADING])
    if not clean.isprintable():
        clean = "".join(c for c in clean if unicodedata.category(c) != "Cc" or c in "\t\r\n")
    return " ".join(clean.split())


def names_in(contract: Contract, cells: Sequence[str]) -> set[str]:
    """The contract's columns whose headers stand among the cells."""
    meaning, here = contract.meaning, by_key(tuple(cells))
    return {
        meaning[key].name
        for key in meaning.keys() & here.keys()
        if any(_unit_fits(meaning[key], one) for one in here[key])
    }


@lru_cache(maxsize=512)
def by_key(cells: tuple[str, ...]) -> dict[str, list[units.Heading]]:
    """The cells as headings, by what they are compared by."""
    found: dict[str, list[units.Heading]] = {}
    for words in headings_of(cells):
        found.setdefault(words.key, []).append(words)
    return found


@lru_cache(maxsize=512)
def headings_of(cells: tuple[str, ...]) -> frozenset[units.Heading]:
    """The cells as headings: worked out once, for every contract looks at the same first rows."""
    return frozenset(units.read(c) for c in cells)


def find(contract: Contract, rows: Sequence[Sequence[str]]) -> tuple[int, set[str]]:
    """The first row (index) that holds every required header, else the one that holds most, and which it holds.

    (-1, set()) where none holds any. The first, and not the fullest: what lies between two headers is data.
    """
    best, found = -1, set[str]()
    required = {c.name for c in contract.required}
    for i, cells in enumerate(rows[: contract.header_search_rows]):
        here = names_in(contract, cells)
        if required and required <= here:
            return i, here
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
    if any(c in contract.must for c in missing) or len(missing) == len(contract.required):
        _explain_missing(contract, rows, i, cells, missing, found, name, place)
    bound = bind_row(contract, cells, name, row=i, where=f"{place} {i + 1}")
    lacking = [f"no column {named_with_nearest([c], cells, contract)}: it is unknown in every row" for c in missing]
    return replace(bound, notes=(*bound.notes, *lacking)) if lacking else bound


def bind_row(contract: Contract, cells: Sequence[str], name: str, *, row: int, where: str) -> Bound:
    """One row of headings bound to the contract. Raises Refused for two columns of one meaning, or another currency."""
    meaning = contract.meaning
    positions: dict[str, int] = {}
    headers: dict[str, str] = {}
    multipliers: dict[str, int | Decimal | None] = {}
    extra: list[str] = []
    notes: list[str] = []
    for at, cell in enumerate(cells):
        words = units.read(cell)
        if _hidden(cell):
            notes.append(f"hidden characters were removed from the header “{tidy(cell)}”")
        column = meaning.get(words.key)
        if column is None or not _unit_fits(column, words):
            extra.append(tidy(cell))
            continue
        if column.name in positions:
            raise Refused(
                f"{name} has two columns for {column.heading}: “{headers[column.name]}” and “{tidy(cell)}”; keep one",
                code="two columns for one",
                where=str(row + 1),
                column=tidy(cell),
            )
        if column.holds == "money" and FOREIGN.search(cell):
            raise Refused(
                f"{name} has amounts in another currency under “{tidy(cell)}”: the workbench counts pounds; "
                "export them in pounds, or mend the header",
                code="not pounds",
                where=str(row + 1),
                column=tidy(cell),
            )
        positions[column.name] = at
        headers[column.name] = tidy(cell)
        multipliers[column.name] = words.multiplier if column.holds in SCALED else None
        if tidy(cell) != tidy(column.heading) and units.key_of(column.heading) != words.key:
            notes.append(f"“{tidy(cell)}” was read as {column.heading}")
    unnamed = sum(1 for e in extra if not e)
    named = [e for e in extra if e]
    if named:
        notes.append(f"columns not in the contract, left out: {', '.join(named)}")
    if unnamed:
        notes.append(f"{counted(unnamed, 'column')} without a header, left out")
    return Bound(
        row=row,
        width=len(cells),
        positions=positions,
        headers=headers,
        multipliers=multipliers,
        extra=tuple(extra),
        notes=tuple(notes),
        cells=tuple(cells),
        needed=max((at + 1 for at, cell in enumerate(cells) if tidy(cell)), default=0),
        where=where,
    )


def _unit_fits(column: Column, words: units.Heading) -> bool:
    """False where a heading declares a unit that its column cannot have: people in pounds, a ward in thousands."""
    if column.holds == "money":
        return True
    return not words.money and (words.multiplier is None or column.holds in SCALED)


def widened(bound: Bound, width: int) -> Bound:
    """The same header over rows with cells to the right that have no heading: they are left out, and said."""
    more = width - bound.width
    cells = bound.cells + ("",) * more
    which = f"the {_nth(bound.width + 1)} has" if more == 1 else f"the last {more} have"
    words = (
        f"{width} cells in a row under a header of {bound.width}: {which} no heading and "
        f"{'is' if more == 1 else 'are'} left out"
    )
    return replace(bound, width=width, cells=cells, extra=(*bound.extra, *[""] * more), notes=(*bound.notes, words))


def _nth(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def scaled_by_row(bound: Bound, contract: Contract, cells: Sequence[str]) -> Bound | None:
    """The header with the units that a row of nothing but units writes below it (`£`, `£000`); None for any other row."""
    filled = {at: cell for at, cell in enumerate(cells) if tidy(cell)}
    money = {at: name for name, at in bound.positions.items() if contract.column(name).holds == "money"}
    if not filled or not any(at in money for at in filled) or any(units.unit(c) is None for c in filled.values()):
        return None
    own = dict(bound.multipliers)
    for at, cell in filled.items():
        if at in money:
            factor = units.unit(cell)
            own[money[at]] = own[money[at]] if factor == 1 else factor
    return replace(bound, multipliers=own)


def _hidden(cell: str) -> bool:
    return not cell.isascii() and any(unicodedata.category(c) in ("Cf", "Zs") and c != " " for c in cell)


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
    raise Refused(
        f"{name} has no column {named_with_nearest(missing, cells, contract)}, which {contract.title} must have; "
        f"found at {place} {i + 1}: {', '.join(here[:40])}",
        code="missing column",
        where=str(i + 1),
        column=missing[0].heading,
    )


def named_with_nearest(missing: Iterable[Column], cells: Sequence[str], contract: Contract) -> str:
    """The missing columns, each with the heading here that looks most like it and means no other column."""
    here = [tidy(c) for c in cells if tidy(c) and units.key_of(c) not in contract.meaning]
    here = here[: limits.HEADINGS_COMPARED]
    words = []
    for column in missing:
        near = nearest(column, here)
        words.append(column.heading + (f" (nearest here: “{near}”)" if near else ""))
    return ", ".join(words)


def nearest(column: Column, here: Sequence[str]) -> str:
    """The heading that looks most like a column's own, by letters or by a telling word; empty where none does."""
    best, score = "", 0.0
    for heading in here:
        key = units.key_of(heading)
        if not key:
            continue
        alike = max(_alike(key, own) for own in column.keys)
        shared = _words(heading) & frozenset().union(*(_words(h) for h in column.headers))
        alike = max(alike, 0.72 + 0.05 * len(shared) if shared else 0.0)
        if column.holds != "id" and _A_NUMBER.search(heading):
            alike -= 0.2  # the supplier's number is not the supplier
        if alike > score:
            best, score = heading, alike
    return best if score >= 0.7 else ""


def _alike(a: str, b: str) -> float:
    matcher = difflib.SequenceMatcher(None, a[:60], b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= 0.7 else 0.0


def _words(heading: str) -> frozenset[str]:
    found = re.findall(r"[a-z]{3,}", re.sub(r"([a-z])([A-Z])", r"\1 \2", heading[:200]).casefold())
    return frozenset(found) - _LITTLE
