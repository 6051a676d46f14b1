"""Which contract a file follows, from its first rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commissioning.evidence import header, limits
from commissioning.evidence.contracts import HEADER_ROWS, Column, Contract
from commissioning.evidence.loaded import Match, Preview, Reader

ENOUGH = 0.6  # of the required columns: the file claims to be this table, and is read or refused


def match(contract: Contract, preview: Preview) -> Match:
    """How well the preview's best sheet fits: required headers found, and few strangers beside them."""
    best = (0.0, 0.0, 0, False)
    for rows in preview.sheets.values():
        best = max(best, _fit(contract, rows))
    if isinstance(preview.json, list) and preview.json and all(isinstance(r, dict) for r in preview.json[:20]):
        best = max(best, _fit(contract, [[str(k) for r in preview.json[:20] for k in r]]))
    score, recall, count, whole = best
    wanted = len(contract.required)
    return Match(
        score=score,
        recognised=recall >= ENOUGH and count >= min(2, wanted),
        complete=whole,
        table=contract.table,
        says=f"{contract.title} ({count} of its {wanted} columns are here)",
    )


def _fit(contract: Contract, rows: Sequence[Sequence[str]]) -> tuple[float, float, int, bool]:
    candidates = list(rows[: contract.header_search_rows])
    candidates += [header.joined(rows, k) for k in range(min(len(rows) - 1, 4))]
    down = [r[0] for r in rows if r]
    candidates.append(down)
    required = {c.name for c in contract.required}
    needed = {c.name for c in contract.must}
    best = (0.0, 0.0, 0, False)
    for cells in map(tuple, candidates):
        if contract.meaning.keys().isdisjoint(header.by_key(cells)):  # most rows are data, and hold no heading at all
            continue
        found = header.names_in(contract, cells)
        must = len(found & required)
        if must:
            strangers = len({one.key for one in header.headings_of(cells)} - {""}) - len(found)
            dice = 2 * len(found) / (len(found) + max(strangers, 0) + len(found | required))
            best = max(best, (dice, must / len(required), must, needed <= found))
    return best


NEAR = 0.5  # of the required columns, a likely heading counting half: below it a name would only mislead
ENOUGH_HERE = 4  # columns found by their own headings are near, however many more there should be
NAMED = 10  # columns of one kind that a hint names


def nearest(preview: Preview, readers: Iterable[Reader]) -> Match | None:
    """The contract that a file comes nearest to, with the columns that are here and those that are missing; or None.

    Near is four of the required columns by their own headings; or a quarter of them so, and half with likely ones.
    """
    rows = [cells for sheet in preview.sheets.values() for cells in sheet[:HEADER_ROWS]]
    if isinstance(preview.json, list) and preview.json and all(isinstance(r, dict) for r in preview.json[:20]):
        rows.append(tuple(dict.fromkeys(str(k) for r in preview.json[:20] for k in r)))
    best: Match | None = None
    for reader in readers:
        contract = getattr(reader, "rows", reader.contract)
        if len(contract.required) < 3:
            continue
        required = {c.name for c in contract.required}
        # The row that holds most of them, and the first of those: likely headings are sought in no other.
        cells = max(rows, key=lambda row: len(header.names_in(contract, row) & required), default=())
        found = header.names_in(contract, cells)
        if not found & required:
            continue
        missing = [c for c in contract.required if c.name not in found]
        here = [header.tidy(c) for c in cells if header.tidy(c)][: limits.HEADINGS_COMPARED]
        likely = [c for c in missing if header.nearest(c, here)]
        held = len(contract.required) - len(missing)
        share = (held + len(likely) / 2) / len(contract.required)
        near = held >= ENOUGH_HERE or (share >= NEAR and 4 * held >= len(contract.required) and held + len(likely) >= 2)
        if near and (best is None or share > best.score):
            words = _in_words(contract, found, missing, cells)
            best = Match(score=share, recognised=False, table=contract.table, says=words)
    return best


def _in_words(contract: Contract, found: set[str], missing: Sequence[Column], cells: Sequence[str]) -> str:
    here = [c.heading for c in contract.columns if c.name in found]
    lacking = header.named_with_nearest(missing[:NAMED], cells, contract)
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    also = f" and {len(here) - NAMED} more" if len(here) > NAMED else ""
    return f"{contract.title} (here: {', '.join(here[:NAMED])}{also}; missing: {lacking}{more})"
