"""A column of text cells to values, vectorised: plain cells by pattern, the rest one distinct text at a time.

The patterns admit only texts whose value `cells.parse` would give unchanged, so both routes give the
same answer (a property test holds them together).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from commissioning.evidence import cells
from commissioning.evidence.cells import Cell, Context
from commissioning.evidence.contracts import Column
from commissioning.evidence.days import DAY_MONTH_YEAR

TYPES: dict[str, pa.DataType] = {
    "text": pa.large_string(),
    "id": pa.large_string(),
    "category": pa.large_string(),
    "yes/no": pa.large_string(),
    "year": pa.large_string(),
    "quarter": pa.large_string(),
    "month": pa.large_string(),
    "int": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
    "date": pa.timestamp("us"),
}
WORDED = ("text", "category", "yes/no")  # a missing cell is the word of its status

_PLAIN_TEXT = r"^[!\"$-~](?:[ -~]*[!-~])?$"
_PLAIN_ID = r"^[!\"$-&(-~][!-~]*$"
_ODD_ID = r"^(?:[0-9]{16,}|[0-9.]+[eE]\+?[0-9]+)$"
_PLAIN_MONEY = r"^-?[0-9]{1,11}(?:\.[0-9]{1,2})?$"
_PLAIN_INT = r"^[0-9]{1,15}$"


@dataclass(kw_only=True)
class Values:
    """A parsed column of n cells: values (Arrow, n), status (n words, where the column keeps one),
    faults (row → cell), the residue of a penny, notes and how many cells each concerns."""

    values: pa.Array
    status: pa.Array | None
    faults: dict[int, Cell] = field(default_factory=dict)
    residue: Decimal = Decimal(0)
    notes: Counter[str] = field(default_factory=Counter)
    provable_order: bool = False  # dates: a day above 12, or a month in words or first
    unprovable: int = 0  # dates written with slashes whose day is 12 or less


def parse(column: Column, texts: pa.Array, context: Context) -> Values:
    """Every cell of a column (n texts) against its contract."""
    n = len(texts)
    plain = _plain(column, texts, context)
    base = _plain_values(column, texts, plain)
    odd = np.flatnonzero(~plain)
    statuses = np.full(n, "known", dtype=object) if column.with_status else None
    out = Values(values=base, status=None)
    if len(odd):
        some = texts if len(odd) == n else texts.take(pa.array(odd))
        _parse_odd(column, some, odd, context, out, statuses, n)
    if statuses is not None:
        out.status = pa.array(statuses, pa.large_string())
    return out


def _plain(column: Column, texts: pa.Array, context: Context) -> np.ndarray:
    """True where the fast route gives the value (n booleans)."""
    n = len(texts)
    tokens = [t for t in column.missing if t]
    if n < 256 or column.holds not in ("text", "id", "money", "int") or column.pattern or context.workbook:
        return np.zeros(n, dtype=bool)
    if column.holds == "text":
        mask = pc.match_substring_regex(texts, _PLAIN_TEXT)
    elif column.holds == "id":
        if column.length is not None or context.header.casefold().startswith("nhs"):
            return np.zeros(n, dtype=bool)
        mask = pc.and_not(pc.match_substring_regex(texts, _PLAIN_ID), pc.match_substring_regex(texts, _ODD_ID))
    elif column.holds == "money":
        if context.multiplier or column.multiplier != 1:
            return np.zeros(n, dtype=bool)
        mask = pc.match_substring_regex(texts, _PLAIN_MONEY)
    elif context.multiplier:
        return np.zeros(n, dtype=bool)
    else:
        mask = pc.match_substring_regex(texts, _PLAIN_INT)
    if tokens:
        mask = pc.and_not(mask, pc.is_in(pc.utf8_lower(texts), pa.array(tokens, texts.type)))
    out = mask.to_numpy(zero_copy_only=False).astype(bool)
    if column.holds in ("money", "int") and out.any():
        numbers = _floats(texts, out)
        low = column.lower if column.lower is not None else (0.0 if column.holds == "int" else -np.inf)
        high = column.upper if column.upper is not None else np.inf
        inside = numbers <= high
        inside &= np.abs(numbers) <= high if column.holds == "money" else True
        out &= np.where(out, inside & (numbers >= low), False)
    return out


def _floats(texts: pa.Array, mask: np.ndarray) -> np.ndarray:
    safe = texts if mask.all() else pc.if_else(pa.array(mask), texts, pa.scalar("0", texts.type))
    return pc.cast(safe, pa.float64()).to_numpy(zero_copy_only=False)


def _plain_values(column: Column, texts: pa.Array, plain: np.ndarray) -> pa.Array:
    kind = TYPES[column.holds]
    if not plain.any():
        return pa.nulls(len(texts), kind)
    if column.holds in ("text", "id"):
        wide = pc.cast(texts, kind)
        return wide if plain.all() else pc.if_else(pa.array(plain), wide, pa.scalar(None, kind))
    numbers = _floats(texts, plain)
    # At most 11 digits of pounds and 2 decimals: the float is exact to far below a penny, so rint is exact.
    whole = np.rint(numbers * (100 if column.holds == "money" else 1)).astype(np.int64)
    return pa.array(whole, kind, mask=~plain)


def _parse_odd(
    column: Column,
    some: pa.Array,
    odd: np.ndarray,
    context: Context,
    out: Values,
    statuses: np.ndarray | None,
    n: int,
) -> None:
    encoded = pc.dictionary_encode(some)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    distinct: list[str] = encoded.dictionary.to_pylist()
    parsed = [cells.parse(column, text, context) for text in distinct]
    counts = np.bincount(codes, minlength=len(distinct))
    values: list[Any] = []
    for cell, count in zip(parsed, counts.tolist(), strict=True):
        out.residue += cell.residue * count
        if cell.note:
            out.notes[cell.note] += count
        value = cell.value
        if value is None and not cell.code and column.holds in WORDED:
            value = cell.status
        values.append(pd.Timestamp(value) if isinstance(value, date) else value)
    kind = TYPES[column.holds]
    taken = pa.array(values, kind).take(pa.array(codes))
    if len(odd) == n:
        out.values = taken
    else:
        mask = np.zeros(n, dtype=bool)
        mask[odd] = True
        out.values = pc.replace_with_mask(out.values, pa.array(mask), taken)
    if statuses is not None:
        statuses[odd] = np.array([c.status for c in parsed], dtype=object)[codes]
    faulty = np.array([bool(c.code) for c in parsed])
    for k in np.flatnonzero(faulty[codes]):
        out.faults[int(odd[k])] = parsed[codes[k]]
    if column.holds == "date":
        for text, cell in zip(distinct, parsed, strict=True):
            found = DAY_MONTH_YEAR.match(text.strip())
            if found and not cell.code:
                if int(found[1]) <= 12:
                    out.unprovable += 1
                else:
                    out.provable_order = True
