"""What is asked of a file once its last row has been checked: its totals, what it states of itself, and its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commissioning.evidence import not_data
from commissioning.evidence.loaded import Refused
from commissioning.wording import counted

if TYPE_CHECKING:
    from commissioning.evidence.check import Checker


def close(checker: Checker) -> tuple[str, ...]:
    """Checks that need the whole file; returns its notes. Raises Refused."""
    data = checker.accepted + checker.quarantined
    if checker.misfits and 2 * checker.misfits > data:
        raise Refused(
            f"{checker.name}: {checker.misfits:,} of {data:,} rows have another number of cells than the header's "
            f"{checker.bound.width}: the columns have shifted; export it again",
            code="columns shifted",
        )
    if checker.twice_rows and 100 * checker.twice_rows > data and checker.twice_rows > 1:
        raise Refused(
            f"{checker.name}: the text of {checker.twice_rows:,} of {data:,} rows has been decoded twice (as in Â£): "
            "export it again as UTF-8",
            code="decoded twice",
        )
    if data == 0 and not checker.contract.zero_rows_allowed:
        raise Refused(
            f"{checker.name} has a header and no rows: this is not a count of 0; export it again",
            code="no rows",
        )
    for where, stated in checker.stated:
        if stated != data:
            raise Refused(
                f"{checker.name} {where} states {stated:,} records, and {data:,} were found "
                f"(difference {stated - data:+,}): the file is not whole",
                code="record count",
                where=where,
            )
    return (*_check_totals(checker), *_notes(checker))


def _check_totals(checker: Checker) -> list[str]:
    notes = []
    for where, name, stated, whole, part in checker.pending_totals:
        heading = checker.bound.heading(name)
        money = checker.contract.column(name).holds == "money"
        difference = stated - whole
        if min(abs(difference), abs(stated - part)) <= abs(checker.residue) + bool(checker.residue):
            continue  # parts of a penny, rounded cell by cell
        if checker.unread_amounts:
            notes.append(
                f"the total at {where} could not be checked: {counted(checker.unread_amounts, 'row')} set aside with "
                f"amounts that cannot be read (difference {_show(difference, money)})"
            )
            continue
        thousand = whole and stated and (abs(stated * 1000 - whole) < 1000 or 995 <= abs(whole / stated) <= 1005)
        hint = (
            "; one of them is about 1,000 times the other: are the rows or the total in £000?"
            if (thousand or (stated and whole and 995 <= abs(stated / whole) <= 1005))
            else ""
        )
        either = f" (and the rows since the last sub-total to {_show(part, money)})" if part != whole else ""
        raise Refused(
            f"{checker.name} {where}, {heading}: the total row says {_show(stated, money)}, the rows sum to "
            f"{_show(whole, money)}{either}, a difference of {_show(difference, money)}{hint}",
            code="total mismatch",
            where=where,
            column=heading,
        )
    return notes


def _notes(checker: Checker) -> list[str]:
    notes = list(dict.fromkeys(checker.said))
    if checker.unread_amounts and checker.contract.control_amount is not None:
        notes.append(
            f"{counted(checker.unread_amounts, 'row')} set aside whose amount cannot be read: its pounds are in no sum"
        )
    for kind, count in checker.not_data_kinds.items():
        notes.append(f"{counted(count, *not_data.WORDS[kind])} declared not data")
    for (heading, note), count in checker.notes.items():
        notes.append(f"{heading}: {note} ({counted(count, 'cell')})")
    for name in checker.unprovable:
        if name not in checker.provable:
            notes.append(
                f"{checker.bound.heading(name)}: every day is 12 or less, so day first is by the contract: "
                "order not provable from data"
            )
    for name, count in checker.either_way.items():
        if count and checker.codes["continental number"]:
            notes.append(
                f"WARNING: {counted(count, 'amount')} such as 1,000 under {checker.bound.heading(name)}, beside amounts "
                "written as on the continent, where 1,000 means 1: check them"
            )
    if checker.us_dates:
        notes.append(f"a US date found ({counted(checker.us_dates, 'cell')} set aside)")
    if checker.twice_rows:
        notes.append(f"{counted(checker.twice_rows, 'row')} set aside: the text has been decoded twice")
    lines = checker.accepted + checker.quarantined + len(checker.not_data) + 1
    if lines in (65_535, 65_536, 65_537) or lines in (1_048_575, 1_048_576, 1_048_577):
        notes.append(f"WARNING: {lines:,} lines with the header: possible old-Excel cut; ask for the row count")
    return notes


def _show(value: int, money: bool) -> str:
    if not money:
        return f"{value:,}"
    sign = "-" if value < 0 else ""
    return f"{sign}£{abs(value) // 100:,}.{abs(value) % 100:02d}"
