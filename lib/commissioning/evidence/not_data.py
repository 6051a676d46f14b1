"""Rows that are no data: blank rows, totals, footers and comments, told from a row's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commissioning.evidence import limits
from commissioning.evidence.contracts import Contract
from commissioning.evidence.header import Bound

STATED = re.compile(
    r"^\W*(?:(?:total\s+)?(?:number|no\.?|count)\s+of\s+)?(?:total\s+)?"
    r"(?:records?|rows?|lines?|record count|row count|count)(?:\s+(?:count|written|exported|in file|returned))?"
    r"[\s:=\-,;|]*+(\d[\d,]*)\W*$",
    re.I,
)
STATED_AFTER = re.compile(
    r"^\W*(\d[\d,]*)\s+(?:records?|rows?|lines?)(?:\s+(?:exported|written|returned|in file|selected|affected))?\W*$",
    re.I,
)
TOTAL_WORD = re.compile(r"\b(?:sub[\s-]?)?totals?\b", re.I)
# A label that says total, and not a supplier's name that begins with the word ("Total Care Ltd").
_TOTAL_LABEL = re.compile(
    r"(?:(?:grand|overall|report|running|column|final|net|gross|monthly|quarterly|annual)\s+)*(?:sub[\s-]?)?totals?"
    r"(?:\s*[:=*(\-–].*|\s+(?:for|of|to|by|in|excl|incl|excluding|including|net|gross|amount|paid|payments?|spend|"
    r"cost|value|all|£|\d).*)?\W*|.*\W(?:sub[\s-]?)?totals?\W*",
    re.I | re.S,
)
_GRAND = re.compile(r"\b(?:grand|overall|report)\b", re.I)

WORDS = {
    "blank": ("blank row", ""),
    "total": ("total row, used as a control total,", "total rows, used as control totals,"),
    "footer": ("footer line", ""),
    "header": ("repeated header", ""),
    "comment": ("comment line", ""),
    "units": ("row of units", "rows of units"),
}


def kind(
    contract: Contract, bound: Bound, cells: Sequence[str], delimiter: str, summed: int, sums_so_far: Callable[[], bool]
) -> str:
    """ "blank", "total", "footer", "comment", or "" for a row of data (or a header, which `again` tells).

    `summed` is how many columns are summed; `sums_so_far` says whether the row's amount is the sum of those above it.
    """
    filled = [c.strip() for c in cells if c.strip(" \t\u00a0\ufeff\u200b")]
    if not filled:
        return "blank"
    if contract.comment_prefix and filled[0].startswith(contract.comment_prefix):
        return "comment"
    text = delimiter.join(filled)
    if stated(text) is not None:
        return "footer"
    if _is_total(contract, bound, cells, filled, summed, sums_so_far):
        return "total"
    low = filled[0].casefold().lstrip("*-=_# ")
    if (
        len(filled) <= 2
        and _mostly_blank(contract, bound, cells)
        and (
            low == ""
            or any(re.match(rf"{re.escape(w)}\b", low) for w in contract.footer_words if w != "©")
            or low.startswith("©")
        )
    ):
        return "footer"
    return ""


def bare_totals(contract: Contract, labels: pa.Array) -> list[int]:
    """Which of n labels are a bare total word, whole as their rows may look: found without reading the others."""
    if not contract.total_words:
        return []
    short = pc.less_equal(pc.binary_length(labels), 16)
    at = np.flatnonzero(short.to_numpy(zero_copy_only=False))
    bare = pc.utf8_lower(pc.utf8_trim(labels.take(pa.array(at)), " :*"))
    words = pa.array(contract.total_words, pa.string())
    return list(at[pc.is_in(bare, words).to_numpy(zero_copy_only=False)].tolist())


def stated(text: str) -> int | None:
    """The number of records that a footer states; None where it states none."""
    if len(text) > limits.VALUE:
        return None
    found = STATED.match(text) or STATED_AFTER.match(text)
    return int(found[1].replace(",", "")) if found else None


def label(text: str) -> str:
    """A total's label for messages: its total words only, for the rest may name a person."""
    found = TOTAL_WORD.search(text)
    grand = _GRAND.search(text)
    return f"{grand[0] + ' ' if grand else ''}{found[0] if found else 'Total'}"


def is_total_label(text: str) -> bool:
    """True for a label that says total ("Adult Services Total"), and not for a name that begins with the word."""
    return bool(_TOTAL_LABEL.fullmatch(text))


def last_amount(cells: Sequence[str]) -> str:
    """The last cell with a digit: the figure of a total row that is narrower than the others."""
    return next((c for c in reversed(cells) if any(x.isdigit() for x in c)), "")


def _mostly_blank(contract: Contract, bound: Bound, cells: Sequence[str]) -> bool:
    must = [bound.positions[c.name] for c in contract.required if c.name in bound.positions]
    blank = sum(1 for at in must if at >= len(cells) or not cells[at].strip())
    return 2 * blank >= len(must) or (len(must) <= 2 and blank >= 1)


def _is_total(
    contract: Contract,
    bound: Bound,
    cells: Sequence[str],
    filled: list[str],
    summed: int,
    sums_so_far: Callable[[], bool],
) -> bool:
    """A total word in a label, and cells blank that every row of data must fill."""
    labels = [c for c in filled if len(c) <= 80 and _TOTAL_LABEL.fullmatch(c)]
    if not labels:
        return False
    if len(cells) != bound.width:
        return len(filled) <= 1 + summed + 1
    blank = 0
    for column in (c for c in contract.required if c.name in bound.positions):
        cell = cells[bound.positions[column.name]].strip()
        if cell == "" and column.holds != "money" and "" not in column.missing:
            blank += 1
    exact = any(c.casefold().strip(" :*") in contract.total_words for c in labels)
    return blank >= 1 or (exact and (len(filled) <= 1 + summed or sums_so_far()))
