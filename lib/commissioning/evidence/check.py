"""Rows against a contract, batch by batch, with every row and penny accounted for.

A `Checker` is fed batches of records and keeps only counts, sums and the quarantine, so that memory
does not grow with the file. Its answers do not depend on how the rows were cut into batches.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa

from commissioning.evidence import again, not_data, placing, relations
from commissioning.evidence import cells as cells_module
from commissioning.evidence import columns as columns_module
from commissioning.evidence.batch import Batch, together
from commissioning.evidence.cells import Cell, Context
from commissioning.evidence.columns import WORDED
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.header import Bound
from commissioning.evidence.loaded import Refused
from commissioning.evidence.quarantine import Quarantine
from commissioning.wording import counted

Parsed = dict[str, columns_module.Values]


class Checker:
    """Checks batches against one contract. Call `feed` and `misfit` in file order, then `close`."""

    def __init__(self, contract: Contract, bound: Bound, name: str, context: Context, delimiter: str) -> None:
        self.contract = contract
        self.name = name
        self.context = context
        self.delimiter = delimiter if delimiter else " "
        self.accepted = 0
        self.quarantined = 0
        self.not_data: list[str] = []
        self.not_data_kinds: Counter[str] = Counter()
        self.not_data_kind_of_last = ""
        self.quarantine = Quarantine()
        self.codes: Counter[str] = Counter()
        self.misfits = 0
        self.twice_rows = 0
        self.us_dates = 0
        self.residue = Decimal(0)
        self.notes: Counter[tuple[str, str]] = Counter()
        self.said: list[str] = []  # notes that count nothing, in order
        self.unprovable: dict[str, int] = {}
        self.provable: set[str] = set()
        self.stated: list[tuple[str, int]] = []
        self.control_totals: list[tuple[str, int]] = []
        self.sums: dict[str, dict[str, int]] = {}
        self.pence = {"accepted": 0, "quarantined": 0}
        self.unread_amounts = 0
        self.comes_on: date | None = None
        self.pending_totals: list[tuple[str, str, int, int, int]] = []
        self.ended_on_footer = False
        self.rows_in_batch = 0  # rows of the present batch above the one looked at
        self.either_way: Counter[str] = Counter()  # amounts such as 1,000, which the continent reads as 1
        self._bind(bound)

    def _bind(self, bound: Bound) -> None:
        """Read what follows by this header."""
        self.bound = bound
        self.columns: list[Column] = [c for c in self.contract.columns if c.name in bound.positions]
        self.contexts = {
            c.name: replace(self.context, header=bound.heading(c.name), multiplier=bound.multipliers.get(c.name))
            for c in self.columns
        }
        self.summed = [c for c in self.columns if c.holds == "money"]
        if not self.summed and self.contract.control_amount is None:
            self.summed = [c for c in self.columns if c.holds == "int"]
        for column in self.summed:
            self.sums.setdefault(column.name, {"all": 0, "part": 0})

    # -- rows of the header's width ---------------------------------------------------------------

    def feed(self, batch: Batch) -> pa.Table:
        """Check n records; returns the accepted rows under canonical names, with `source_row`."""
        parsed = self._parse(batch)
        repeats, cuts = self._headers(batch, parsed)
        if not cuts:
            return self._check(batch, parsed, repeats)
        tables, start = [], 0
        for at, bound in [*cuts, (len(batch.where), None)]:
            part = batch.part(start, at)
            inside = {i - start for i in repeats if start <= i < at}
            tables.append(self._check(part, self._parse(part), inside))
            if bound is not None:
                self._read_by(bound, batch.where[at])
            start = at + 1
        return together(tables, self.contract)

    def _parse(self, batch: Batch) -> Parsed:
        return {
            c.name: columns_module.parse(c, batch.texts[self.bound.positions[c.name]], self.contexts[c.name])
            for c in self.columns
        }

    def _headers(self, batch: Batch, parsed: Parsed) -> tuple[set[int], list[tuple[int, Bound]]]:
        """Rows that say the present header again, and those that say another, which the rows below are read by."""
        likely = {i for values in parsed.values() for i in values.faults} | self._first_heading(batch)
        if not likely:
            return set(), []
        at = np.array(sorted(likely))
        for column in self.columns:
            if column.holds not in WORDED and column.holds != "id" and len(at):
                at = at[~parsed[column.name].values.is_valid().to_numpy(zero_copy_only=False)[at]]
        repeats: set[int] = set()
        cuts: list[tuple[int, Bound]] = []
        present = self.bound
        for i in at.tolist():
            found = self._header(batch.cells(i), batch.where[i])
            if found is None:
                continue
            if again.same(found, present):
                repeats.add(i)
            else:
                cuts.append((i, found))
                present = found
        return repeats, cuts

    def _header(self, cells: list[str], where: str) -> Bound | None:
        """The header that a row says, or None. Raises Refused for a header that cannot be read."""
        if not again.kind(self.contract, self.bound, self.contexts, cells):
            return None
        return again.rebind(self.contract, self.bound, cells, self.name, _place(where))

    def says_headings(self, cells: list[str]) -> bool:
        """True where a row says headings, be they understood or not."""
        return bool(again.kind(self.contract, self.bound, self.contexts, cells))

    def take_units(self, bound: Bound, where: str, cells: list[str]) -> None:
        """Read what follows in the units that a row below the headings writes."""
        self._declare_not_data("units", where, cells)
        self._bind(bound)

    def _read_by(self, bound: Bound, where: str) -> None:
        words = "says the header again in another order or in other words"
        self.said.append(f"{_place(where)} {words}: the rows below it were read by it")
        self.said += [f"{_place(where)}: {note}" for note in bound.notes]
        self._declare_not_data("header", where, list(bound.cells))
        self._bind(bound)

    def _check(self, batch: Batch, parsed: Parsed, repeats: set[int]) -> pa.Table:
        n = len(batch.where)
        fate = np.zeros(n, dtype=np.int8)  # 0 accepted, 1 quarantined, 2 not data
        contradictions = relations.faults(self.contract, {name: found.values for name, found in parsed.items()})
        suspects: set[int] = set(batch.faults) | repeats | set(contradictions)
        for values in parsed.values():
            suspects.update(values.faults)
        for column in self.columns:
            if column.holds == "text" and column.required:
                suspects.update(not_data.bare_totals(self.contract, batch.texts[self.bound.positions[column.name]]))
        amounts = self._amounts(batch, parsed)
        running = 0
        for i in sorted(suspects):
            self._add_sums(amounts, running, i)
            running = i
            self.rows_in_batch = i
            cells = batch.cells(i)
            kind = "header" if i in repeats else self._kind(cells)
            if kind:
                fate[i] = 2
                self._declare_not_data(kind, batch.where[i], cells)
                running = i + 1
                continue
            faults = self._faults_of(batch, parsed, i) or contradictions.get(i, [])
            if faults:
                fate[i] = 1
                raw = batch.raw[i] if batch.raw is not None else self.delimiter.join(cells)
                self._set_aside(batch.where[i], faults, raw)
                self._count_set_aside(batch, parsed, i)
        self._add_sums(amounts, running, n)
        self._count(fate, amounts, parsed)
        self.rows_in_batch = 0
        self._read_either_way(batch)
        if n:
            self.ended_on_footer = fate[-1] == 2 and self.not_data_kind_of_last in ("footer", "total")
        return self._table(batch, parsed, fate == 0)

    def _count_set_aside(self, batch: Batch, parsed: Parsed, i: int) -> None:
        """What a faulty amount says all the same goes into the sums; what nobody can read is counted as unread."""
        for column in self.summed:
            cell = parsed[column.name].faults.get(i)
            broken = self.bound.positions[column.name] in batch.faults.get(i, {})
            if column.holds == "money" and cell is not None and cell.pence is not None and not broken:
                self._add(column.name, cell.pence)
                if column.name == self.contract.control_amount:
                    self.pence["quarantined"] += cell.pence
            elif column.name == self.contract.control_amount:
                self.unread_amounts += cell is not None or broken

    def _add(self, name: str, amount: int) -> None:
        self.sums[name]["all"] += amount
        self.sums[name]["part"] += amount

    def _read_either_way(self, batch: Batch) -> None:
        """Counts amounts such as 1,000 in a column of money where others are written as on the continent."""
        for column in self.columns:
            if column.holds == "money":
                texts = batch.texts[self.bound.positions[column.name]]
                grouped = pa.compute.match_substring_regex(texts, r"^\s*-?£?[0-9]{1,3}[,.][0-9]{3}\s*$")
                self.either_way[column.name] += int(pa.compute.sum(grouped).as_py() or 0)

    def _first_heading(self, batch: Batch) -> set[int]:
        """Rows whose first required cell is that column's own heading (two exports joined)."""
        column = next((c for c in self.contract.required if c.name in self.bound.positions), self.columns[0])
        at = self.bound.positions[column.name]
        head = pa.compute.equal(batch.texts[at], self.bound.cells[at])
        return {int(i) for i in np.flatnonzero(head.to_numpy(zero_copy_only=False))}

    def _faults_of(self, batch: Batch, parsed: Parsed, i: int) -> list[tuple[str, Cell]]:
        own = batch.faults.get(i, {})
        out: list[tuple[str, Cell]] = []
        for column in self.columns:
            at = self.bound.positions[column.name]
            if at in own and (own[at][0] != "a percentage" or self._no_share(column)):
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

    def _no_share(self, column: Column) -> bool:
        """Whether a cell that shows a percentage cannot be meant: a council's own numbers are weeks and hours; published ones may be shares."""
        return column.holds in ("money", "int") or (column.holds == "number" and self.contract.own_extract)

    def _amounts(self, batch: Batch, parsed: Parsed) -> dict[str, np.ndarray]:
        """Pence (or whole numbers) a row for each summed column; 0 where missing or unreadable."""
        out = {}
        for column in self.summed:
            array = parsed[column.name].values
            found = pa.compute.fill_null(array, 0).to_numpy(zero_copy_only=False)
            broken = [i for i, at in batch.faults.items() if self.bound.positions[column.name] in at]
            if broken:  # a share or another currency is no amount, whatever number stands there
                found = found.copy()
                found[broken] = 0
            out[column.name] = found
        return out

    def _add_sums(self, amounts: dict[str, np.ndarray], start: int, stop: int) -> None:
        for name, values in amounts.items():
            self._add(name, int(values[start:stop].sum()))

    def _count(self, fate: np.ndarray, amounts: dict[str, np.ndarray], parsed: Parsed) -> None:
        self.accepted += int((fate == 0).sum())
        self.quarantined += int((fate == 1).sum())
        control = self.contract.control_amount
        if control in amounts:
            self.pence["accepted"] += int(amounts[control][fate == 0].sum())
            self.pence["quarantined"] += int(amounts[control][fate == 1].sum())
        for name, values in parsed.items():
            self.residue += values.residue if name == control else 0
            for note, count in values.notes.items():
                self.notes[(self.bound.heading(name), note)] += count
            if values.provable_order:
                self.provable.add(name)
            if values.unprovable:
                self.unprovable[name] = self.unprovable.get(name, 0) + values.unprovable

    def _table(self, batch: Batch, parsed: Parsed, keep: np.ndarray) -> pa.Table:
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
        if not record.code and (found := self._header(record.cells, record.where)) is not None:
            self._read_by(found, record.where)
            return
        kind = "" if record.code else self._kind(record.cells)
        if kind:
            self._declare_not_data(kind, record.where, record.cells)
            self.ended_on_footer = kind in ("footer", "total")
            return
        self.ended_on_footer = False
        raw = record.raw or self.delimiter.join(record.cells)
        if record.code:
            self._set_aside(record.where, [("", Cell(code=record.code, reason=record.reason))], raw)
        else:
            n, width = len(record.cells), self.bound.width
            code, words = ("too many cells", "more") if n > width else ("too few cells", "fewer")
            at = min(n, width) - 1 if n > width else n
            heading = self.bound.cells[at].strip() if 0 <= at < width else ""
            reason = (
                f"the row has {counted(n, 'cell')} and the header {width}, {words} than it should: "
                "look for a stray or missing delimiter"
            )
            self._set_aside(record.where, [(heading, Cell(code=code, reason=reason))], raw)
        self.misfits += 1
        self.quarantined += 1
        pence = None if record.code else placing.amount(self.contract, self.bound, self.contexts, record.cells)
        if pence is None:
            self.unread_amounts += 1  # its amount cannot be placed
        elif self.contract.control_amount is not None:
            self.pence["quarantined"] += pence
            self._add(self.contract.control_amount, pence)

    def _set_aside(self, where: str, faults: list[tuple[str, Cell]], raw: str) -> None:
        if any(cell.code == "decoded twice" for _, cell in faults):
            self.twice_rows += 1
        for heading, cell in faults:
            self.codes[cell.code] += 1
            self.us_dates += cell.code == "us date"
            self.quarantine.add(where, heading, cell.code, cell.reason, raw)
            if cell.comes is not None and (self.comes_on is None or cell.comes < self.comes_on):
                self.comes_on = cell.comes

    # -- rows that are not data ---------------------------------------------------------------------

    def _kind(self, cells: list[str]) -> str:
        return not_data.kind(
            self.contract, self.bound, cells, self.delimiter, len(self.summed), lambda: self._sums_so_far(cells)
        )

    def _sums_so_far(self, cells: list[str]) -> bool:
        """Whether the row's amount is, to the penny, the sum of two or more rows above it: a total with a date."""
        control = self.contract.control_amount
        if (
            control is None
            or control not in self.bound.positions
            or self.accepted + self.quarantined + self.rows_in_batch < 2
        ):
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
            if (stated := not_data.stated(text)) is not None:
                self.stated.append((where, stated))
        if kind == "total":
            self._total_row(where, cells)

    def _total_row(self, where: str, cells: list[str]) -> None:
        label = next(c.strip() for c in cells if not_data.TOTAL_WORD.search(c))
        control = self.contract.control_amount
        for column in self.summed:
            at = self.bound.positions[column.name]
            text = cells[at] if len(cells) == self.bound.width else not_data.last_amount(cells)
            if len(cells) != self.bound.width and column.name != control:
                continue
            if not text.strip():
                continue
            free = replace(column, upper=None, lower=None, missing={})
            cell = cells_module.parse(free, text, self.contexts[column.name])
            if cell.code or cell.value is None:
                if column.name == control:
                    raise Refused(
                        f"{self.name} {where}: the figure of the “{not_data.label(label)}” row cannot be read: {cell.reason}",
                        code="total not readable",
                        where=where,
                        column=self.bound.heading(column.name),
                    )
                continue
            sums = self.sums[column.name]
            if column.name == control:
                self.control_totals.append((not_data.label(label), cell.value))
            if cell.value in (sums["all"], sums["part"]):
                continue
            self.pending_totals.append((where, column.name, cell.value, sums["all"], sums["part"]))
        for sums in self.sums.values():
            sums["part"] = 0


def _place(where: str) -> str:
    return f"line {where}" if where.isdigit() else where
