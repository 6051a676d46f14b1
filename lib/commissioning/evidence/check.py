"""Rows against a contract, batch by batch, with every row and penny accounted for.

A `Checker` is fed batches of records and keeps only counts, sums and the quarantine, so that memory
does not grow with the file. Its answers do not depend on how the rows were cut into batches.

Longer than other files: rows, totals and notes share one set of running sums, which two files would pass about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from commissioning.evidence import cells as cells_module
from commissioning.evidence import columns as columns_module
from commissioning.evidence.cells import Cell, Context
from commissioning.evidence.contracts import Column, Contract, header_key
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.header import Bound
from commissioning.evidence.loaded import Refused
from commissioning.wording import counted

_STATED = re.compile(
    r"^\W*(?:(?:total\s+)?(?:number|no\.?|count)\s+of\s+)?(?:total\s+)?"
    r"(?:records?|rows?|lines?|record count|row count|count)(?:\s+(?:count|written|exported|in file|returned))?"
    r"\s*[:=\-,;|\t ]*\s*(\d[\d,]*)\W*$",
    re.I,
)
_STATED_AFTER = re.compile(
    r"^\W*(\d[\d,]*)\s+(?:records?|rows?|lines?)(?:\s+(?:exported|written|returned|in file|selected|affected))?\W*$",
    re.I,
)
_TOTAL_WORD = re.compile(r"\b(?:sub[\s-]?)?totals?\b", re.I)
# A label that says total, and not a supplier's name that begins with the word ("Total Care Ltd").
_TOTAL_LABEL = re.compile(
    r"(?:(?:grand|overall|report|running|column|final|net|gross|monthly|quarterly|annual)\s+)*(?:sub[\s-]?)?totals?"
    r"(?:\s*[:=*(\-–].*|\s+(?:for|of|to|by|in|excl|incl|excluding|including|net|gross|amount|paid|payments?|spend|"
    r"cost|value|all|£|\d).*)?\W*|.*\W(?:sub[\s-]?)?totals?\W*",
    re.I | re.S,
)
_GRAND = re.compile(r"\b(?:grand|overall|report)\b", re.I)


@dataclass(kw_only=True)
class Batch:
    """n records of the header's width: their places, texts by column position, and how to see one whole."""

    where: Sequence[str]
    texts: Sequence[pa.Array]  # one array of n texts for each position of the header
    raw: Sequence[str] | None  # n raw texts, or None where they are made from the cells
    faults: dict[int, dict[int, tuple[str, str]]]  # row → position → (code, reason)

    def cells(self, i: int) -> list[str]:
        return [t[i].as_py() for t in self.texts]


class Checker:
    """Checks batches against one contract. Call `feed` and `misfit` in file order, then `close`."""

    def __init__(self, contract: Contract, bound: Bound, name: str, context: Context, delimiter: str) -> None:
        self.contract = contract
        self.bound = bound
        self.name = name
        self.context = context
        self.delimiter = delimiter if delimiter else " "
        self.columns: list[Column] = [c for c in contract.columns if c.name in bound.positions]
        self.contexts = {
            c.name: Context(
                workbook=context.workbook,
                epoch=context.epoch,
                header=bound.heading(c.name),
                multiplier=bound.multipliers.get(c.name),
            )
            for c in self.columns
        }
        self.accepted = 0
        self.quarantined = 0
        self.not_data: list[str] = []
        self.not_data_kinds: Counter[str] = Counter()
        self.quarantine: list[tuple[str, str, str, str, str]] = []
        self.codes: Counter[str] = Counter()
        self.misfits = 0
        self.last_misfit_is_short = False
        self.twice_rows = 0
        self.us_dates = 0
        self.residue = Decimal(0)
        self.notes: Counter[tuple[str, str]] = Counter()
        self.unprovable: dict[str, int] = {}
        self.provable: set[str] = set()
        self.stated: list[tuple[str, int]] = []
        self.control_totals: list[tuple[str, int]] = []
        self.summed = [c for c in self.columns if c.holds == "money"]
        if not self.summed and contract.control_amount is None:
            self.summed = [c for c in self.columns if c.holds == "int"]
        self.sums = {c.name: {"all": 0, "part": 0} for c in self.summed}
        self.pence = {"accepted": 0, "quarantined": 0}
        self.unread_amounts = 0
        self.pending_totals: list[tuple[str, str, int, int, int]] = []
        self.ended_on_footer = False
        self.rows_in_batch = 0  # rows of the present batch above the one looked at
        self.either_way: Counter[str] = Counter()  # amounts such as 1,000, which the continent reads as 1

    # -- rows of the header's width ---------------------------------------------------------------

    def feed(self, batch: Batch) -> pa.Table:
        """Check n records; returns the accepted rows under canonical names, with `source_row`."""
        n = len(batch.where)
        parsed = {}
        for column in self.columns:
            at = self.bound.positions[column.name]
            parsed[column.name] = columns_module.parse(column, batch.texts[at], self.contexts[column.name])
        fate = np.zeros(n, dtype=np.int8)  # 0 accepted, 1 quarantined, 2 not data
        suspects: set[int] = set(batch.faults)
        for values in parsed.values():
            suspects.update(values.faults)
        suspects.update(self._repeated_headers(batch))
        suspects.update(self._total_words(batch))
        amounts = self._amounts(batch, parsed)
        running = 0
        for i in sorted(suspects):
            self._add_sums(amounts, running, i)
            running = i
            self.rows_in_batch = i
            kind = self._kind(batch.cells(i), batch.where[i])
            if kind:
                fate[i] = 2
                self._declare_not_data(kind, batch.where[i], batch.cells(i))
                running = i + 1
                continue
            faults = self._faults_of(batch, parsed, i)
            if faults:
                fate[i] = 1
                raw = batch.raw[i] if batch.raw is not None else self.delimiter.join(batch.cells(i))
                self._set_aside(batch.where[i], faults, raw)
        self._add_sums(amounts, running, n)
        self._count(fate, amounts, parsed)
        self.rows_in_batch = 0
        self._read_either_way(batch)
        if n:
            self.ended_on_footer = fate[-1] == 2 and self.not_data_kind_of_last in ("footer", "total")
        keep = fate == 0
        return self._table(batch, parsed, keep)

    not_data_kind_of_last = ""

    def _read_either_way(self, batch: Batch) -> None:
        """Counts amounts such as 1,000 in a column of money where others are written as on the continent."""
        for column in self.columns:
            if column.holds == "money":
                texts = batch.texts[self.bound.positions[column.name]]
                grouped = pa.compute.match_substring_regex(texts, r"^\s*-?£?[0-9]{1,3}[,.][0-9]{3}\s*$")
                self.either_way[column.name] += int(pa.compute.sum(grouped).as_py() or 0)

    def _repeated_headers(self, batch: Batch) -> set[int]:
        """Rows that say the header again (two exports joined): found by their first required column."""
        column = (self.contract.required or self.contract.columns)[0]
        at = self.bound.positions[column.name]
        head = pa.compute.equal(batch.texts[at], self.bound.cells[at])
        return {int(i) for i in np.flatnonzero(head.to_numpy(zero_copy_only=False))}

    def _total_words(self, batch: Batch) -> set[int]:
        """Rows with a bare total word in a label, whole as they may look: found without reading the others."""
        words = pa.array(self.contract.total_words, pa.string())
        found: set[int] = set()
        if not self.contract.total_words:
            return found
        for column in self.columns:
            if column.holds == "text" and column.required:
                texts = batch.texts[self.bound.positions[column.name]]
                short = pa.compute.less_equal(pa.compute.binary_length(texts), 16)
                at = np.flatnonzero(short.to_numpy(zero_copy_only=False))
                bare = pa.compute.utf8_lower(pa.compute.utf8_trim(texts.take(pa.array(at)), " :*"))
                found.update(at[pa.compute.is_in(bare, words).to_numpy(zero_copy_only=False)].tolist())
        return found

    def _faults_of(self, batch: Batch, parsed: dict[str, columns_module.Values], i: int) -> list[tuple[str, Cell]]:
        own = batch.faults.get(i, {})
        out: list[tuple[str, Cell]] = []
        for column in self.columns:
            at = self.bound.positions[column.name]
            if at in own:
                out.append((self.bound.heading(column.name), Cell(code=own[at][0], reason=own[at][1])))
            elif i in parsed[column.name].faults:
                cell = parsed[column.name].faults[i]
                if cell.refuses:
                    heading = self.bound.heading(column.name)
                    raise Refused(
                        f"{self.name} {batch.where[i]}, {heading}: {cell.reason}",
                        code=cell.code,
                        where=batch.where[i],
                        column=heading,
                    )
                out.append((self.bound.heading(column.name), cell))
        return out

    def _amounts(self, batch: Batch, parsed: dict[str, columns_module.Values]) -> dict[str, np.ndarray]:
        """Pence (or whole numbers) a row for each summed column; 0 where missing or unreadable."""
        out = {}
        for column in self.summed:
            array = parsed[column.name].values
            out[column.name] = pa.compute.fill_null(array, 0).to_numpy(zero_copy_only=False)
        return out

    def _add_sums(self, amounts: dict[str, np.ndarray], start: int, stop: int) -> None:
        for name, values in amounts.items():
            part = int(values[start:stop].sum())
            self.sums[name]["all"] += part
            self.sums[name]["part"] += part

    def _count(
        self, fate: np.ndarray, amounts: dict[str, np.ndarray], parsed: dict[str, columns_module.Values]
    ) -> None:
        self.accepted += int((fate == 0).sum())
        self.quarantined += int((fate == 1).sum())
        control = self.contract.control_amount
        if control in amounts:
            self.pence["accepted"] += int(amounts[control][fate == 0].sum())
            self.pence["quarantined"] += int(amounts[control][fate == 1].sum())
            unread = [i for i in parsed[control].faults if fate[i] == 1]
            self.unread_amounts += len(unread)
        for name, values in parsed.items():
            self.residue += values.residue if name == control else 0
            for note, count in values.notes.items():
                self.notes[(self.bound.heading(name), note)] += count
            if values.provable_order:
                self.provable.add(name)
            if values.unprovable:
                self.unprovable[name] = self.unprovable.get(name, 0) + values.unprovable

    def _table(self, batch: Batch, parsed: dict[str, columns_module.Values], keep: np.ndarray) -> pa.Table:
        arrays: dict[str, pa.Array] = {}
        for column in self.columns:
            arrays[column.name] = parsed[column.name].values
            if column.with_status:
                arrays[f"{column.name}_status"] = parsed[column.name].status
        as_arrow = getattr(batch.where, "as_arrow", None)
        arrays["source_row"] = as_arrow() if as_arrow else pa.array(batch.where, pa.large_string())
        table = pa.table(arrays)
        return table if keep.all() else table.filter(pa.array(keep))

    # -- rows of another width, and broken ones -----------------------------------------------------

    def misfit(self, record: Record) -> None:
        """A record of another width than the header, or broken in itself."""
        kind = "" if record.code else self._kind(record.cells, record.where)
        if kind:
            self._declare_not_data(kind, record.where, record.cells)
            self.ended_on_footer = kind in ("footer", "total")
            return
        self.ended_on_footer = False
        if record.code:
            self._set_aside(record.where, [("", Cell(code=record.code, reason=record.reason))], record.raw)
        else:
            n, width = len(record.cells), self.bound.width
            code, words = ("too many cells", "more") if n > width else ("too few cells", "fewer")
            at = min(n, width) - 1 if n > width else n
            heading = self.bound.cells[at].strip() if 0 <= at < width else ""
            reason = (
                f"the row has {counted(n, 'cell')} and the header {width}, {words} than it should: "
                "look for a stray or missing delimiter"
            )
            self._set_aside(record.where, [(heading, Cell(code=code, reason=reason))], record.raw)
        self.misfits += 1
        self.quarantined += 1
        # The amount of such a row cannot be placed: it is set aside with the row, and counted as unread.
        self.unread_amounts += 1

    def _set_aside(self, where: str, faults: list[tuple[str, Cell]], raw: str) -> None:
        if any(cell.code == "decoded twice" for _, cell in faults):
            self.twice_rows += 1
        for heading, cell in faults:
            self.codes[cell.code] += 1
            self.us_dates += cell.code == "us date"
            self.quarantine.append((where, heading, cell.code, cell.reason, raw))

    # -- rows that are not data ---------------------------------------------------------------------

    def _kind(self, cells: list[str], where: str) -> str:
        """ "blank", "total", "footer", "header", "comment", or "" for a row of data."""
        filled = [c.strip() for c in cells if c.strip(" \t\u00a0\ufeff\u200b")]
        if not filled:
            return "blank"
        meaning = self.contract.meaning
        again = sum(header_key(c)[0] in meaning for c in cells)
        if again >= max(2, len(self.columns) - 1) or (again == len(self.columns) and again):
            return "header"
        if self.contract.comment_prefix and filled[0].startswith(self.contract.comment_prefix):
            return "comment"
        text = self.delimiter.join(filled)
        if _STATED.match(text) or _STATED_AFTER.match(text):
            return "footer"
        if self._is_total(cells, filled):
            return "total"
        low = filled[0].casefold().lstrip("*-=_# ")
        if (
            len(filled) <= 2
            and self._mostly_blank(cells)
            and (
                low == ""
                or any(re.match(rf"{re.escape(w)}\b", low) for w in self.contract.footer_words if w != "©")
                or low.startswith("©")
            )
        ):
            return "footer"
        return ""

    def _mostly_blank(self, cells: list[str]) -> bool:
        must = [self.bound.positions[c.name] for c in self.contract.required]
        blank = sum(1 for at in must if at >= len(cells) or not cells[at].strip())
        return 2 * blank >= len(must) or (len(must) <= 2 and blank >= 1)

    def _is_total(self, cells: list[str], filled: list[str]) -> bool:
        """A total word in a label, and cells blank that every row of data must fill."""
        labels = [c for c in filled if len(c) <= 80 and _TOTAL_LABEL.fullmatch(c)]
        if not labels:
            return False
        if len(cells) != self.bound.width:
            return len(filled) <= 1 + len(self.summed) + 1
        blank = 0
        for column in self.contract.required:
            cell = cells[self.bound.positions[column.name]].strip()
            if cell == "" and column.holds != "money" and "" not in column.missing:
                blank += 1
        exact = any(c.casefold().strip(" :*") in self.contract.total_words for c in labels)
        return blank >= 1 or (exact and (len(filled) <= 1 + len(self.summed) or self._sums_so_far(cells)))

    def _sums_so_far(self, cells: list[str]) -> bool:
        """Whether the row's amount is, to the penny, the sum of two or more rows above it: a total with a date."""
        control = self.contract.control_amount
        if control is None or self.accepted + self.quarantined + self.rows_in_batch < 2:
            return False
        column = self.contract.column(control)
        found = cells_module.parse(column, cells[self.bound.positions[control]], self.contexts[control])
        sums = self.sums[control]
        return not found.code and bool(found.value) and found.value in (sums["all"], sums["part"])

    def _declare_not_data(self, kind: str, where: str, cells: list[str]) -> None:
        self.not_data.append(where)
        self.not_data_kinds[kind] += 1
        self.not_data_kind_of_last = kind
        if kind == "footer":
            text = self.delimiter.join(c.strip() for c in cells if c.strip())
            found = _STATED.match(text) or _STATED_AFTER.match(text)
            if found:
                self.stated.append((where, int(found[1].replace(",", ""))))
        if kind == "total":
            self._total_row(where, cells)

    def _total_row(self, where: str, cells: list[str]) -> None:
        label = next(c.strip() for c in cells if _TOTAL_WORD.search(c))
        control = self.contract.control_amount
        for column in self.summed:
            at = self.bound.positions[column.name]
            text = cells[at] if len(cells) == self.bound.width else _last_amount(cells)
            if len(cells) != self.bound.width and column.name != control:
                continue
            if not text.strip():
                continue
            free = _without_limits(column)
            cell = cells_module.parse(free, text, self.contexts[column.name])
            if cell.code or cell.value is None:
                if column.name == control:
                    raise Refused(
                        f"{self.name} {where}: the figure of the “{_label(label)}” row cannot be read: {cell.reason}",
                        code="total not readable",
                        where=where,
                        column=self.bound.heading(column.name),
                    )
                continue
            sums = self.sums[column.name]
            if column.name == control:
                self.control_totals.append((_label(label), cell.value))
            if cell.value in (sums["all"], sums["part"]):
                continue
            self.pending_totals.append((where, column.name, cell.value, sums["all"], sums["part"]))
        for sums in self.sums.values():
            sums["part"] = 0

    # -- the end ------------------------------------------------------------------------------------

    def close(self) -> tuple[str, ...]:
        """Checks that need the whole file; returns its notes. Raises Refused."""
        data = self.accepted + self.quarantined
        if self.misfits and 2 * self.misfits > data:
            raise Refused(
                f"{self.name}: {self.misfits:,} of {data:,} rows have another number of cells than the header's "
                f"{self.bound.width}: the columns have shifted; export it again",
                code="columns shifted",
            )
        if self.twice_rows and 100 * self.twice_rows > data and self.twice_rows > 1:
            raise Refused(
                f"{self.name}: the text of {self.twice_rows:,} of {data:,} rows has been decoded twice (as in Â£): "
                "export it again as UTF-8",
                code="decoded twice",
            )
        if data == 0 and not self.contract.zero_rows_allowed:
            raise Refused(
                f"{self.name} has a header and no rows: this is not a count of 0; export it again",
                code="no rows",
            )
        for where, stated in self.stated:
            if stated != data:
                raise Refused(
                    f"{self.name} {where} states {stated:,} records, and {data:,} were found "
                    f"(difference {stated - data:+,}): the file is not whole",
                    code="record count",
                    where=where,
                )
        return (*self._check_totals(), *self._notes())

    def _check_totals(self) -> list[str]:
        notes = []
        for where, name, stated, whole, part in self.pending_totals:
            heading = self.bound.heading(name)
            money = self.contract.column(name).holds == "money"
            difference = stated - whole
            if min(abs(difference), abs(stated - part)) <= abs(self.residue) + bool(self.residue):
                continue  # parts of a penny, rounded cell by cell
            if self.unread_amounts:
                notes.append(
                    f"the total at {where} could not be checked: {counted(self.unread_amounts, 'row')} set aside with "
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
                f"{self.name} {where}, {heading}: the total row says {_show(stated, money)}, the rows sum to "
                f"{_show(whole, money)}{either}, a difference of {_show(difference, money)}{hint}",
                code="total mismatch",
                where=where,
                column=heading,
            )
        return notes

    def _notes(self) -> list[str]:
        notes = []
        words = {
            "blank": ("blank row", ""),
            "total": ("total row, used as a control total,", "total rows, used as control totals,"),
            "footer": ("footer line", ""),
            "header": ("repeated header", ""),
            "comment": ("comment line", ""),
        }
        for kind, count in self.not_data_kinds.items():
            notes.append(f"{counted(count, *words[kind])} declared not data")
        for (heading, note), count in self.notes.items():
            notes.append(f"{heading}: {note} ({counted(count, 'cell')})")
        for name in self.unprovable:
            if name not in self.provable:
                notes.append(
                    f"{self.bound.heading(name)}: every day is 12 or less, so day first is by the contract: "
                    "order not provable from data"
                )
        for name, count in self.either_way.items():
            if count and self.codes["continental number"]:
                notes.append(
                    f"WARNING: {counted(count, 'amount')} such as 1,000 under {self.bound.heading(name)}, beside amounts "
                    "written as on the continent, where 1,000 means 1: check them"
                )
        if self.us_dates:
            notes.append(f"a US date found ({counted(self.us_dates, 'cell')} set aside)")
        if self.twice_rows:
            notes.append(f"{counted(self.twice_rows, 'row')} set aside: the text has been decoded twice")
        lines = self.accepted + self.quarantined + len(self.not_data) + 1
        if lines in (65_535, 65_536, 65_537) or lines in (1_048_575, 1_048_576, 1_048_577):
            notes.append(f"WARNING: {lines:,} lines with the header: possible old-Excel cut; ask for the row count")
        return notes


def _label(label: str) -> str:
    """A total's label for messages: its total words only, for the rest may name a person."""
    found = _TOTAL_WORD.search(label)
    grand = _GRAND.search(label)
    return f"{grand[0] + ' ' if grand else ''}{found[0] if found else 'Total'}"


def _last_amount(cells: list[str]) -> str:
    return next((c for c in reversed(cells) if any(x.isdigit() for x in c)), "")


def _without_limits(column: Column) -> Column:
    from dataclasses import replace

    return replace(column, upper=None, lower=None, missing={})


def _show(value: int, money: bool) -> str:
    if not money:
        return f"{value:,}"
    sign = "-" if value < 0 else ""
    return f"{sign}£{abs(value) // 100:,}.{abs(value) % 100:02d}"
