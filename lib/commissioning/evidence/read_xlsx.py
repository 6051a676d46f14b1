"""A workbook of one row a record: every sheet that fits is read, and every other is named with its rows and pounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from commissioning.evidence import above, closing, header, not_data
from commissioning.evidence import cells as cells_module
from commissioning.evidence.cells import Context
from commissioning.evidence.check import Checker
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import Extract
from commissioning.evidence.feed import Feeder, Sink
from commissioning.evidence.loaded import Refused
from commissioning.evidence.recognise import ENOUGH
from commissioning.evidence.xlsx_reader import Sheet, read
from commissioning.wording import counted

_AMOUNTS = re.compile(
    r"£|amount|\bnet\b|gross|cost|price|spend|paid|payment|value|award|budget|total|\bsum\b|grant|expenditure|\bfees?\b|"
    r"income|contribution",
    re.I,
)
_ANY_AMOUNT = Column(name="amount_pence", holds="money", says="an amount", missing={"": "unknown"})


@dataclass(frozen=True, kw_only=True)
class Left:
    """A sheet that was not read. `set_aside` where it is one of the table's own with a header that cannot be bound:
    its rows are then in quarantine; else they are no data of this table. A sheet of words (a guide, a list of
    parameters) is no part of the account: `wheres` is empty."""

    sheet: str
    wheres: tuple[str, ...]
    pence: int | None
    unread: int  # rows whose amount nobody can read
    set_aside: bool
    column: str
    note: str


def rows(
    extract: Extract, contract: Contract, sink: Sink
) -> tuple[list[tuple[Checker, list[str]]], list[str], list[Left]]:
    """Each sheet that follows the contract, checked into the sink; notes; and the sheets left. Raises Refused."""
    book = read(extract)
    notes = list(book.notes)
    context = Context(workbook=True, epoch=book.epoch or date(1899, 12, 30))
    found = {s.name: header.find(contract, _top(s, contract))[1] for s in book.sheets}
    required, must = ({c.name for c in columns} for columns in (contract.required, contract.must))
    chosen = [
        s for s in book.sheets if must <= found[s.name] and len(required & found[s.name]) >= ENOUGH * len(required)
    ]
    if not chosen and book.sheets:  # the one that comes nearest says what is missing
        chosen = [max(book.sheets, key=lambda s: len(found[s.name]))]
    if len(chosen) > 1:
        _no_copied_sheet(chosen, extract.name)
        notes.append(f"{len(chosen)} sheets follow the contract and were read: {', '.join(s.name for s in chosen)}")
    parts = []
    for sheet in chosen:
        bound = header.bind(contract, _top(sheet, contract), extract.name, f"sheet “{sheet.name}” row")
        above.check(contract, bound, [r.cells for r in sheet.records[: bound.row]], extract.name)
        _no_merged_header(sheet, bound, extract.name)
        notes += [*bound.notes, *sheet.notes]
        titles = [r.where for r in sheet.records[: bound.row]]
        checker = Checker(contract, bound, extract.name, context, " | ")
        feeder = Feeder(checker, sink, by_address=True)
        feeder.add_all(above.without_units(checker, sheet.records[bound.row + 1 :]))
        ends = feeder.close()
        notes += [*closing.close(checker), *ends]
        if titles:
            notes.append(f"{counted(len(titles), 'title row')} above the header declared not data")
        parts.append((checker, titles))
    left = [
        one
        for s in book.sheets
        if all(s is not c for c in chosen) and (one := _left(s, contract, found[s.name], context, extract.name))
    ]
    notes += [one.note for one in left]
    return parts, list(dict.fromkeys(notes)), left


def _top(sheet: Sheet, contract: Contract) -> list[list[str]]:
    return [r.cells for r in sheet.records[: contract.header_search_rows]]


def _left(sheet: Sheet, contract: Contract, found: set[str], context: Context, name: str) -> Left | None:
    """What a sheet that is not read holds: its rows and, where amounts can be told, its pounds. None for an empty one."""
    filled = [r for r in sheet.records if any(c.strip() for c in r.cells)]
    if not filled:
        return None
    required = {c.name for c in contract.required}
    control = contract.control_amount
    own = len(found & required) >= 2 and (control in found or 2 * len(found & required) >= len(required))
    at = header.find(contract, _top(sheet, contract))[0]
    pence: int | None
    if own and control is not None and control in found:
        below, pence, unread = _by_header(sheet, contract, found, context, name)
    else:
        below = [r for r in filled if not own or _number(r) > at + 1]
        pence, unread = _by_heading(sheet, context), 0
    missing = [c for c in contract.required if c.name not in found]
    heads = sheet.records[at].cells if at >= 0 else []
    why = "does not follow the contract"
    if own:
        why = f"has no column {header.named_with_nearest(missing, heads, contract)}"
    money = "no amounts are told in it" if pence is None else f"its amounts come to £{pence / 100:,.2f}"
    note = f"sheet “{sheet.name}” {why}: {counted(len(below), 'row')} left out, {money}"
    return Left(
        sheet=sheet.name,
        wheres=tuple(r.where for r in below) if own or pence is not None else (),
        pence=pence if control is not None else None,
        unread=unread,
        set_aside=own,
        column=missing[0].heading if own else "",
        note=note,
    )


def _by_header(
    sheet: Sheet, contract: Contract, found: set[str], context: Context, name: str
) -> tuple[list[Record], int, int]:
    """The rows of data under a header that lacks a required column, the pence in them and how many say none."""
    columns = tuple(replace(c, required=False) for c in contract.columns if c.name in found)
    loose = replace(
        contract, columns=columns, key=(), period_column=None, wholes=(), within=(), in_order=(), zero_rows_allowed=True
    )
    at = header.find(contract, _top(sheet, contract))[0]
    bound = header.bind_row(loose, sheet.records[at].cells, name, row=at, where=f"sheet “{sheet.name}” row {at + 1}")
    checker = Checker(loose, bound, name, context, " | ")
    feeder = Feeder(checker, [], by_address=True)
    feeder.add_all(above.without_units(checker, sheet.records[at + 1 :]))
    feeder.close()
    aside = set(checker.not_data)
    below = [r for r in sheet.records[at + 1 :] if r.where not in aside]
    return below, checker.pence["accepted"] + checker.pence["quarantined"], checker.unread_amounts


def _by_heading(sheet: Sheet, context: Context) -> int | None:
    """The pence in the first column whose heading speaks of money, its total rows left out; None where there is none."""
    width = max((len(r.cells) for r in sheet.records), default=0)
    for at in range(min(width, 200)):
        heading, pence, seen = "", 0, 0
        for record in sheet.records:
            text = record.cells[at].strip() if at < len(record.cells) else ""
            if not text:
                continue
            cell = cells_module.parse(_ANY_AMOUNT, text, context)
            if cell.value is None:
                heading = heading if seen else header.tidy(text)
            elif not any(not_data.TOTAL_WORD.search(c) for c in record.cells):
                pence, seen = pence + cell.value, seen + 1
        if seen and _AMOUNTS.search(heading):
            return pence
    return None


def _no_copied_sheet(sheets: Sequence[Sheet], name: str) -> None:
    """A sheet whose every row stands on the others too is a copy or their sum: counting both would double the figures."""
    each = {s.name: Counter(tuple(r.cells) for r in s.records if any(c.strip() for c in r.cells)) for s in sheets}
    for sheet in sheets:
        mine = each[sheet.name]
        others: Counter[tuple[str, ...]] = Counter()
        for other, rows_of in each.items():
            if other != sheet.name:
                others |= rows_of
        copied = any(mine == rows_of for other, rows_of in each.items() if other != sheet.name)
        if (copied and mine.total() > 1) or (mine.total() > 2 and mine <= others):
            held = [o for o, rows_of in each.items() if o == sheet.name or len(rows_of & mine) > 1]
            raise Refused(
                f"{name} holds the same rows on the sheets “{'”, “'.join(held[:-1])}” and “{held[-1]}”: keep one of them",
                code="copied sheet",
                where=f"{sheet.name}!1",
            )


def _number(record: Record) -> int:
    return int(record.where.rpartition("!")[2])


def _no_merged_header(sheet: Sheet, bound: header.Bound, name: str) -> None:
    row = _number(sheet.records[bound.row])
    for first, last, cells in sheet.merged:
        if first <= row <= last:
            raise Refused(
                f"{name} sheet “{sheet.name}” row {row} has a merged header ({cells}): write one header row "
                "without merged cells",
                code="two-row header",
                where=f"{sheet.name}!{row}",
            )
