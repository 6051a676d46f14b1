"""What the cells of one row may not say of each other: a part larger than its whole, a date outside its period.

Each is declared by the contract as data (`Contract.wholes`, `within`, `in_order`); a cell that is unknown
contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from commissioning.evidence.cell import Cell
from commissioning.evidence.contracts import Contract, Whole, Within
from commissioning.evidence.days import span

Faults = dict[int, list[tuple[str, Cell]]]  # row → column and what is wrong with it


def faults(contract: Contract, values: Mapping[str, pa.Array]) -> Faults:
    """The rows (of n) that contradict themselves. `values` holds the parsed columns by name, null where unknown."""
    out: Faults = {}
    for one in contract.wholes:
        _exceeding(contract, one, values, out)
    for date in contract.within:
        _outside(contract, date, values, out)
    for earlier, later in contract.in_order:
        if earlier in values and later in values:
            first, last = _days(values[earlier]), _days(values[later])
            reason = (
                f"{contract.column(later).heading} lies before {contract.column(earlier).heading}: check which is wrong"
            )
            _add(out, last < first, contract.column(later).heading, "dates out of order", reason)
    return out


def _exceeding(contract: Contract, one: Whole, values: Mapping[str, pa.Array], out: Faults) -> None:
    parts = [name for name in one.parts if name in values]
    if one.whole not in values or not parts:
        return
    whole = _numbers(values[one.whole])
    known = [_numbers(values[name]) for name in parts]
    total = np.nansum(np.vstack(known), axis=0)
    names = " and ".join(contract.column(name).heading for name in parts)
    reason = (
        f"{names} {'together are' if len(parts) > 1 else 'is'} more than {contract.column(one.whole).heading}, "
        f"which {'they are' if len(parts) > 1 else 'it is'} a part of: check them"
    )
    with np.errstate(invalid="ignore"):
        _add(out, total > whole, contract.column(parts[0]).heading, "part exceeds its whole", reason)


def _outside(contract: Contract, one: Within, values: Mapping[str, pa.Array], out: Faults) -> None:
    if one.column not in values or one.period not in values:
        return
    period = contract.column(one.period)
    coded = pc.dictionary_encode(values[one.period])
    spans = [span(p, period.holds) for p in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(len(spans)).to_numpy(zero_copy_only=False)
    unknown = np.datetime64("NaT", "D")
    starts = np.array([np.datetime64(first) for first, _ in spans] + [unknown], dtype="datetime64[D]")[codes]
    ends = np.array([np.datetime64(last) for _, last in spans] + [unknown], dtype="datetime64[D]")[codes]
    days = _days(values[one.column])
    wrong = np.zeros(len(days), dtype=bool)
    if one.before is not None:
        wrong |= days < starts - np.timedelta64(one.before, "D")
    if one.after is not None:
        wrong |= days > ends + np.timedelta64(one.after, "D")
    heading = contract.column(one.column).heading
    _add(out, wrong, heading, "outside its period", f"{heading} does not lie in the row's {period.heading}: check both")


def _add(out: Faults, wrong: np.ndarray, heading: str, code: str, reason: str) -> None:
    for i in np.flatnonzero(wrong):
        out.setdefault(int(i), []).append((heading, Cell(code=code, reason=reason)))


def _numbers(values: pa.Array) -> np.ndarray:
    return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)


def _days(values: pa.Array) -> np.ndarray:
    return pd.Series(values.to_pandas()).to_numpy("datetime64[us]").astype("datetime64[D]")
