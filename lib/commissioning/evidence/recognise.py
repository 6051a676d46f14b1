"""Which contract a file follows, from its first rows."""

from __future__ import annotations

from collections.abc import Sequence

from commissioning.evidence import header
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import Match, Preview

ENOUGH = 0.6  # of the required columns: the file claims to be this table, and is read or refused


def match(contract: Contract, preview: Preview) -> Match:
    """How well the preview's best sheet fits: required headers found, and few strangers beside them."""
    best = (0.0, 0.0, 0)
    for rows in preview.sheets.values():
        best = max(best, _fit(contract, rows))
    if isinstance(preview.json, list) and preview.json and all(isinstance(r, dict) for r in preview.json[:20]):
        best = max(best, _fit(contract, [[str(k) for r in preview.json[:20] for k in r]]))
    score, recall, count = best
    wanted = len(contract.required)
    return Match(
        score=score,
        recognised=recall >= ENOUGH and count >= min(2, wanted),
        table=contract.table,
        says=f"{contract.title} ({count} of its {wanted} columns are here)",
    )


def _fit(contract: Contract, rows: Sequence[Sequence[str]]) -> tuple[float, float, int]:
    candidates = list(rows[: contract.header_search_rows])
    candidates += [header.joined(rows, k) for k in range(min(len(rows) - 1, 4))]
    down = [r[0] for r in rows if r]
    candidates.append(down)
    required = {c.name for c in contract.required}
    best = (0.0, 0.0, 0)
    for cells in candidates:
        found = header.names_in(contract, cells)
        must = len(found & required)
        if must:
            strangers = len({one.key for one in header.headings_of(tuple(cells))} - {""}) - len(found)
            dice = 2 * len(found) / (len(found) + max(strangers, 0) + len(found | required))
            best = max(best, (dice, must / len(required), must))
    return best
