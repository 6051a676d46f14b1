"""What is said of files that were read: rows and pence by table and kind of money, causes, and what was cleaned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from commissioning.evidence import invisible
from commissioning.evidence.contracts import Contract
from commissioning.evidence.loaded import Loaded
from commissioning.wording import counted

if TYPE_CHECKING:
    from commissioning.evidence.taken import FileRecord


def money_of(contract: Contract) -> str:
    """What a table's pence are ("weekly_cost: pounds a week, gross"); empty where it holds no money."""
    if contract.control_amount is None:
        return ""
    column = contract.column(contract.control_amount)
    return f"{column.heading}: {column.says}"


def account(files: Collection[FileRecord]) -> list[dict[str, Any]]:
    """Rows and pence by table and kind of money, over the files that were read. Unlike money is never added up.

    `rows_repeated` and `pence_repeated` are of accepted rows that two files hold and that are counted once, `rows_replaced` and
    `pence_replaced` of those that a later export holds with other content.
    """
    sums: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in files:
        got = one.loaded
        if got is None or one.status not in ("accepted", "nothing accepted"):
            continue
        row = sums.setdefault(
            (one.table or "", got.unit, one.money),
            {"table": one.table, "unit": got.unit, "money": one.money, "files": 0}
            | dict.fromkeys((*PARTS, *_TWICE), 0),
        )
        row["files"] += 1
        for part in PARTS:
            value = getattr(got, part)
            row[part] = None if value is None or row[part] is None else row[part] + value
        for part in _TWICE:
            row[part] += getattr(one, part)
    return list(sums.values())


PARTS = tuple(f"{what}_{part}" for what in ("rows", "pence") for part in ("in", "accepted", "quarantined", "not_data"))
_TWICE = ("rows_repeated", "pence_repeated", "rows_replaced", "pence_replaced")


def nothing_words(loaded: Loaded) -> str:
    """Why nothing was accepted: the causes, the commonest first, without a word of any row."""
    causes = "; ".join(f"{c.column}: {c.code} ({counted(c.count, 'cell')}: {c.reason})" for c in loaded.causes[:3])
    more = f"; and {counted(len(loaded.causes) - 3, 'more cause')}" if len(loaded.causes) > 3 else ""
    words = [f"all {counted(loaded.rows_quarantined, loaded.unit)} were set aside: {causes}{more}", *loaded.notes]
    return "; ".join(words)


def cleaned(loaded: Loaded) -> Loaded:
    """The rows of a published format without invisible characters, with a note where there were any."""
    frame, cells = loaded.frame, 0
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            odd = frame[name].str.contains(invisible.INVISIBLE, na=False).to_numpy(bool)
            if odd.any():
                frame = frame.assign(
                    **{name: frame[name].where(~odd, frame[name].map(invisible.visible, na_action="ignore"))}
                )
                cells += int(odd.sum())
    if not cells:
        return loaded
    return replace(loaded, frame=frame, notes=(*loaded.notes, f"{invisible.CLEANED} ({counted(cells, 'cell')})"))


def accepted_words(loaded: Loaded) -> str:
    """What is said of an accepted file: its notes, and parts of a penny that were rounded."""
    words = list(loaded.notes)
    residue = f"{loaded.rounding_residue_pence:.4f}"
    if residue.strip("-") != "0.0000":
        words.append(f"parts of a penny rounded half-even: {residue} pence in all")
    return "; ".join(words)
