"""What only the whole file can show: doubled keys, ids that lost their zeros, stray periods, exact copies, outliers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from commissioning.evidence import strays
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import SOURCE_COLUMNS, Finding
from commissioning.evidence.quarantine import Quarantine
from commissioning.wording import counted


@dataclass(frozen=True, kw_only=True)
class Extra:
    """What moved from accepted to quarantined (rows, pence), and what is worth saying."""

    moved: int
    pence: int
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]


def check(contract: Contract, frame: pd.DataFrame, quarantine: Quarantine, name: str) -> tuple[pd.DataFrame, Extra]:
    """The accepted rows (n) after the checks of the whole file; the others are added to the quarantine."""
    aside: dict[int, list[tuple[str, str, str]]] = {}
    notes: list[str] = []
    for column in contract.columns:
        if column.holds == "id" and column.name in frame:
            for i in lost_zeros(frame[column.name]):
                aside.setdefault(i, []).append(
                    (
                        column.heading,
                        "leading zeros lost",
                        f"{column.heading} is shorter than the others, which begin with zeros: "
                        "a spreadsheet may have dropped them; format the column as text",
                    )
                )
    _strays(contract, frame, aside)
    _doubled(contract, frame, aside, notes)
    findings = _findings(contract, frame, name)
    notes += [f.says for f in findings]
    if not aside:
        return frame, Extra(moved=0, pence=0, notes=tuple(notes), findings=findings)
    at = sorted(aside)
    pence = 0
    if contract.control_amount in frame:
        pence = int(frame[contract.control_amount].iloc[at].fillna(0).sum())
    set_aside(frame.iloc[at], [aside[i] for i in at], quarantine)
    keep = np.ones(len(frame), dtype=bool)
    keep[at] = False
    extra = Extra(moved=len(at), pence=pence, notes=tuple(notes), findings=findings)
    return frame[keep].reset_index(drop=True), extra


def set_aside(rows: pd.DataFrame, faults: Sequence[Sequence[tuple[str, str, str]]], quarantine: Quarantine) -> None:
    """Put checked rows (n) into quarantine, each with its own faults (column, code, reason)."""
    named = [c for c in rows.columns if c not in SOURCE_COLUMNS]
    for row, own in zip(rows.to_dict("records"), faults, strict=True):
        raw = " | ".join("" if pd.isna(row[c]) else str(row[c]) for c in named)
        quarantine.add_all((row["source_row"], *fault, raw) for fault in own)


def _strays(contract: Contract, frame: pd.DataFrame, aside: dict[int, list[tuple[str, str, str]]]) -> None:
    column = strays.column(contract)
    if column is None or column.name not in frame or frame.empty:
        return
    found = strays.years(frame[column.name], column.holds)
    far = strays.stray({int(y): int(n) for y, n in found.value_counts().items()})
    for i in np.flatnonzero(found.isin(far).fillna(False).to_numpy(bool)):
        aside.setdefault(int(i), []).append((column.heading, strays.CODE, strays.reason(column.heading)))


def lost_zeros(ids: pd.Series) -> list[int]:
    """Positions of all-digit ids shorter than fellows that are of one length and begin, some of them, with 0."""
    known = ids.dropna()
    digits = known[known.str.fullmatch(r"[0-9]+")]
    if digits.empty or not digits.str.startswith("0").any():
        return []
    lengths = digits.str.len()
    common = int(lengths[digits.str.startswith("0")].max())
    short = digits[lengths < common]
    zeros = short.str.startswith("0").any()
    if zeros or len(short) * 2 > len(digits) or (lengths > common).any():
        return []
    return [int(ids.index.get_loc(i)) for i in short.index]


def _doubled(
    contract: Contract, frame: pd.DataFrame, aside: dict[int, list[tuple[str, str, str]]], notes: list[str]
) -> None:
    data = frame.drop(columns=["source_row"])
    if not contract.key:
        if len(frame) and contract.duplicates == "kept and named":
            copies = int(data.duplicated().sum())
            if copies:
                notes.append(f"{counted(copies, 'exact duplicate')} kept: possibly legitimate")
        return
    key = [one for one in contract.key if one in data]  # an optional column may be absent
    twice = data.duplicated(key, keep=False)
    if not twice.any():
        return
    heading = contract.column(key[0]).heading
    among = data[twice]
    exact = among.duplicated(keep="first")
    same = among.groupby(key, dropna=False, sort=False).transform("nunique", dropna=False).max(axis=1) <= 1
    first = frame.loc[among.index, "source_row"].groupby([among[k] for k in key], dropna=False).transform("first")
    for i in among.index:
        where = str(first[i])
        if same[i]:
            if exact[i]:
                aside.setdefault(i, []).append(
                    (heading, "duplicate record", f"an exact copy of the record at {where}: remove one")
                )
        else:
            aside.setdefault(i, []).append(
                (
                    heading,
                    "duplicate key",
                    f"another record with this key but other content begins at {where}: keep one",
                )
            )


def _findings(contract: Contract, frame: pd.DataFrame, name: str) -> tuple[Finding, ...]:
    """Unusual amounts, listed and never dropped."""
    control = contract.control_amount
    if control is None or control not in frame or len(frame) < 20:
        return ()
    size = frame[control].abs().dropna().astype("float64")
    size = size[size > 0]
    if len(size) < 20:
        return ()
    logs = np.log(size)
    middle = logs.median()
    spread = 1.4826 * (logs - middle).abs().median()
    far = size[logs > middle + 6 * max(spread, 0.25)]
    if far.empty:
        return ()
    heading = contract.column(control).heading
    places = ", ".join(frame["source_row"].loc[far.sort_values(ascending=False).index[:5]])
    says = f"{counted(len(far), 'unusual amount')} in {heading}, kept (the largest at {places})"
    return (Finding(code="unusual amounts", says=says, table=contract.table, file=name, where=places),)
