"""Any council's list of payments over £500, and its yearly list of grants, found by headings and content.

The Local Government Transparency Code 2015 asks every English council for both and prescribes no headings. What cannot be told
is refused with the line of `sources.toml` that would tell it: a total is right or is not given.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import pandas as pd

from commissioning.evidence import csv_reader, header, load, not_data, text
from commissioning.evidence.cells import Context
from commissioning.evidence.check import Checker
from commissioning.evidence.contracts import Contract
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import Extract
from commissioning.evidence.feed import Feeder, Sink
from commissioning.evidence.loaded import Loaded, Match, Preview, Refused
from commissioning.evidence.published import _spend_cells as spend_cells
from commissioning.evidence.published import _spend_headings as headings
from commissioning.evidence.published import _tables
from commissioning.evidence.published._spend_headings import Layout, Unsure
from commissioning.evidence.published.council_payments import financial_year, finish_ledger
from commissioning.evidence.source import Source
from commissioning.wording import counted

CONTRACT = _tables.contract("council_spend")
GRANTS = _tables.contract("council_grants")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_TORN = 3  # commas too many in one row; a row with more of them holds another row
OUR_OWN = frozenset({"paid on", "grant id", "due on"})  # headings of the workbench's own table, which holds more
SMALL = (
    "a list of payments over £500 leaves out smaller payments and pay, and does not name individuals, so that direct "
    "payments cannot be told: it is never the whole spend of a service"
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One table of payments, of a CSV or of one sheet: its records, and where they hold what."""

    name: str
    records: Sequence[Record]
    layout: Layout


@dataclass(frozen=True, kw_only=True)
class SpendReader:
    """Reads any layout of the three columns. Raises Refused where a row or the choice of a column is in doubt."""

    contract: Contract = CONTRACT
    grants: bool = False  # the yearly list of grants, and not of payments
    any_layout: bool = True  # asked where no contract is met whole, and before the council's own table of payments

    def recognises(self, preview: Preview) -> Match:
        """Whether any of its tables heads a payee and an amount; 1 where every choice is plain, and no template of ours is filled."""
        found = (
            [headings.find(rows, grants=self.grants) for rows in preview.sheets.values()]
            if preview.kind in ("csv", "xlsx")
            else []
        )
        known = [one for one in found if one is not None]
        score = 0.5 if known else 0.0
        layouts = [one for one in known if isinstance(one, Layout)]
        if layouts and not any(OUR_OWN.intersection(map(spend_cells.words_of, one.heads)) for one in layouts):
            score = 1.0
        return Match(score=score, recognised=bool(known), table=self.contract.table, says=self.contract.title)

    def read(self, extract: Extract, source: Source) -> Loaded:
        notes: list[str] = []
        parts = _parts(extract, source, notes, self.grants)
        sink: Sink = []
        checked = [_checked(part, extract, sink, notes, self.contract) for part in parts]
        if not any(checker.accepted + checker.quarantined for checker, _ in checked):
            raise Refused(f"{extract.name} has a header and no payments: export it again", code="no rows")
        notes = list(dict.fromkeys(notes if self.grants else [*notes, SMALL]))
        finish = _finish_grants if self.grants else _finish
        return load.assemble(extract, self.contract, source, checked, notes, sink, finish=finish)


def _finish_grants(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Agreements as the table of grants holds them: numbers of charity and company told apart, the year where a day tells it."""
    frame = frame.copy()
    when = pd.to_datetime(frame["award_date"]).fillna(pd.to_datetime(frame["month"] + "-01", errors="coerce"))
    frame["year"] = frame["year"].fillna(financial_year(when)) if "year" in frame else financial_year(when)
    given = frame[["charity_number", "company_number"]].fillna("").replace("unknown", "").agg(" ".join, axis=1)
    frame["charity_number"] = given.str.extract(r"(?<![\w])(\d{6,7})(?![\w])")[0]
    frame["company_number"] = given.str.extract(r"(?<![\w])((?:\d{2}|[A-Z]{2})\d{6})(?![\w])")[0]
    names = frame["recipient"].fillna("unknown").astype(str)
    frame["recipient_id"] = (
        ("GB-CHC-" + frame["charity_number"]).fillna("GB-COH-" + frame["company_number"]).fillna(names.str.casefold())
    )
    frame["grant_id"] = frame["source_file"].astype(str) + " row " + frame["source_row"].astype(str)
    frame["title"] = frame.get("purpose", "unknown")
    frame["funder"] = source.publisher or "unknown"
    frame["area"] = source.area
    for name in ("agreement", "risk", "experiment", "closed", "lesson_written", "programme", "funder_id"):
        frame[name] = "unknown"
    for name in ("start_on", "end_on", "months"):
        frame[name] = None
    return frame.drop(columns=["month"])


def _finish(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """The ledger's year and quarter, from the day or from the month where no day is published."""
    frame = frame.copy()
    months = frame["month"].where(frame["month"].notna() & frame["paid_on"].isna(), None)
    if months.notna().any():
        frame["effective_on"] = frame["paid_on"].fillna(pd.to_datetime(months + "-01", errors="coerce"))
    frame = frame.drop(columns=["year"], errors="ignore")
    frame = finish_ledger(frame, source)
    return frame.drop(columns=["effective_on"], errors="ignore")


# --- the tables of a file


def _parts(extract: Extract, source: Source, notes: list[str], grants: bool) -> list[Part]:
    """Every table of payments in the file; raises Refused where there is none that can be read."""
    tables = dict(_sheets(extract) if extract.kind == "xlsx" else _csv(extract, notes))
    found = {
        name: headings.find([r.cells for r in records], source.columns, source.month, grants=grants)
        for name, records in tables.items()
    }
    sure = [Part(name=name, records=tables[name], layout=one) for name, one in found.items() if isinstance(one, Layout)]
    if extract.kind == "csv":
        sure = sorted(sure, key=lambda part: -len(part.layout.heads))[:1]
    unsure = next(((name, one) for name, one in found.items() if isinstance(one, Unsure)), None)
    if unsure and (not sure or extract.kind == "xlsx"):
        where = f" sheet “{unsure[0]}”" if extract.kind == "xlsx" else ""
        raise Refused(f"{extract.name}{where}: {unsure[1].says}", code=unsure[1].code, column=unsure[1].column)
    if not sure:
        raise Refused(f"{extract.name}: no row heads a payee and an amount", code="missing column")
    if extract.kind == "csv" and sure[0].name != ",":
        notes.append(f"delimited by {_DELIMITERS[sure[0].name]}, not commas")
    if extract.kind == "xlsx":
        _no_copies(sure, extract.name)
        others = [name for name in tables if name not in {part.name for part in sure} and tables[name]]
        notes += [f"sheet “{name}” holds no list of payments and is left out" for name in others]
    return sure


def _csv(extract: Extract, notes: list[str]) -> Iterator[tuple[str, list[Record]]]:
    """The records under each delimiter by which the file may be divided."""
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=True)
    notes += encoding.notes
    lines = [line.rstrip("\x1a") for line in text.lines(extract.path, encoding)]
    for delimiter in _DELIMITERS:
        if sum(line.count(delimiter) >= 2 for line in lines[:200]) < min(2, len(lines)):
            continue
        records = list(csv_reader.records(iter(lines), delimiter, extract.name))
        if (
            not lines[-1].endswith(("\n", "\r"))
            and len(records) > 1
            and 1 < len(records[-1].cells) < len(records[-2].cells)
        ):
            raise _doubt(extract.name, records[-1], "the last, it is cut short, and no line end follows it")
        yield delimiter, records


def _sheets(extract: Extract) -> Iterator[tuple[str, list[Record]]]:
    from commissioning.evidence import xlsx_reader  # with openpyxl a tenth of a second

    for sheet in xlsx_reader.read(extract).sheets:
        yield sheet.name, list(sheet.records)


def _no_copies(parts: Sequence[Part], name: str) -> None:
    """Sheets that hold the rows of others would be counted twice: Raises Refused."""
    each = {
        part.name: [
            tuple(c.strip() for c in r.cells)
            for r in part.records[part.layout.row + 1 :]
            if any(c.strip() for c in r.cells)
        ]
        for part in parts
    }
    for part in parts:
        mine = each[part.name]
        others = {row for other, rows in each.items() if other != part.name for row in rows}
        if len(mine) > 2 and sum(row in others for row in mine) * 2 > len(mine):
            raise Refused(
                f"{name}: most rows of the sheet “{part.name}” stand on other sheets too: keep one of them",
                code="copied sheet",
            )


# --- the rows of a table


def _checked(
    part: Part, extract: Extract, sink: Sink, notes: list[str], contract: Contract
) -> tuple[Checker, list[str]]:
    layout, name = part.layout, extract.name
    notes += layout.notes
    _nothing_above(part, name)
    titles = [r.where for r in part.records[: layout.row] if any(c.strip() for c in r.cells)]
    if titles:
        notes.append(f"{counted(len(titles), 'row')} above the payments: titles and headings")
    payee, day, month, amount = (one.name for one in contract.columns[:4])
    spelt = [contract.column(one).heading for one in (payee, day, month, amount, *layout.others)]
    bound = header.bind_row(contract, spelt, name, row=0, where="")
    said = {
        amount: spend_cells.shown(layout.heads[layout.amount]),
        payee: spend_cells.shown(layout.heads[layout.payee]),
    }
    bound = replace(
        bound, notes=(), multipliers=bound.multipliers | {amount: layout.multiplier}, headers=bound.headers | said
    )
    checker = Checker(contract, bound, name, Context(workbook=True), ", ")
    feeder = Feeder(checker, sink)
    aside: dict[str, list[str]] = {"total": [], "header": [], "footer": []}
    undated: list[str] = []
    feeder.add_all(_payments(part, name, list(layout.others.values()), aside, undated))
    notes += feeder.close()
    words = {"total": ("total row, checked against the rows above it and left out", "total rows, checked against the rows above them and left out"),
             "header": ("repeated header", "repeated headers"), "footer": ("line without an amount", "lines without an amount")}  # fmt: skip
    for kind, wheres in aside.items():
        if wheres:
            notes.append(
                f"{counted(len(wheres), *words[kind])}: row {', '.join(wheres[:5])}{' …' if len(wheres) > 5 else ''}"
            )
    if undated:
        notes.append(
            f"{counted(len(undated), 'payment')} without a day that can be read: in the total, and in no year (row {', '.join(undated[:5])})"
        )
    return checker, [*titles, *(where for wheres in aside.values() for where in wheres)]


def _unquoted(record: Record, delimiter: str) -> list[str]:
    """A row with a stray quote as the csv module reads it where it may: a quote inside a cell is one."""
    return next(csv.reader([record.raw], delimiter=delimiter), [])


def _nothing_above(part: Part, name: str) -> None:
    """Raises Refused where a payment stands above the header: it would be in no total."""
    layout = part.layout
    for record in part.records[: layout.row]:
        cells = [*record.cells, *[""] * len(layout.heads)]
        amount = cells[layout.amount]
        if any(c.isdigit() for c in amount) and spend_cells.pence(amount) is not None and cells[layout.payee].strip():
            raise _doubt(name, record, "it stands above the header and holds an amount")


def _payments(
    part: Part, name: str, others: Sequence[int], aside: dict[str, list[str]], undated: list[str]
) -> Iterator[Record]:
    """The payments of a table as records of the contract; what is none goes `aside`. Raises Refused for a row in doubt."""
    layout = part.layout
    width = _width(part)
    filled = [sum(bool(c.strip()) for c in r.cells) for r in part.records[layout.row + 1 :][:500]]
    sums = _Sums(usual=median([n for n in filled if n] or [0]))
    for record in part.records[layout.row + 1 :]:
        cells = record.cells
        if not any(c.strip() for c in cells):
            continue
        if record.code:
            cells = _unquoted(record, part.name)
            if len(cells) != width:
                raise _doubt(name, record, record.reason)
        if record.faults and (fault := record.faults.get(layout.amount)):
            raise _doubt(name, record, fault[1])
        if len(cells) > width and any(c.strip() for c in cells[width:]):
            cells = _mended(part, record, width, name)
        cells = [*cells, *[""] * (width - len(cells))]
        kind = _kind(layout, cells, sums, name, record)
        if kind:
            aside[kind].append(record.where)
            continue
        amount = cells[layout.amount].replace("Â", "").strip()
        pence = spend_cells.pence(amount, layout.multiplier) or 0
        sums.add(pence)
        day = spend_cells.day_of(cells[layout.day], layout.month_first) if layout.day >= 0 else None
        month = "" if layout.day >= 0 else _month(layout, cells)
        if day is None and not month:
            undated.append(record.where)
        yield Record(
            where=record.where,
            cells=[
                spend_cells.kept(cells[layout.payee]),
                "" if day is None else day.isoformat(),
                month,
                "0" if amount and pence == 0 and not any(c.isdigit() for c in amount) else amount,
                *(spend_cells.kept(cells[at]) for at in others),
            ],
            raw="",
        )  # fmt: skip


def _month(layout: Layout, cells: Sequence[str]) -> str:
    return (spend_cells.month_of(cells[layout.month]) if layout.month >= 0 else layout.said_month) or ""


def _kind(layout: Layout, cells: Sequence[str], sums: _Sums, name: str, record: Record) -> str:
    """ "total", "header", "footer", or "" for a payment. Raises Refused for a row that may be either."""
    payee, amount = cells[layout.payee].strip(), cells[layout.amount].strip()
    when = next((cells[at].strip() for at in (layout.day, layout.month) if at >= 0), "")
    dated = layout.day >= 0 or layout.month >= 0
    filled = [c.strip() for c in cells if c.strip()]
    if (
        payee
        and amount
        and (payee, amount) == (layout.heads[layout.payee].strip(), layout.heads[layout.amount].strip())
    ):
        return "header"
    if not amount:
        return "" if payee and when else "footer"
    pence = spend_cells.pence(amount, layout.multiplier)
    if pence is None:
        if not any(c.isdigit() for c in amount) and (not payee or (dated and not when)):
            return "footer"
        raise _doubt(name, record, "its amount cannot be read")
    is_sum = sums.rows > 1 and pence in (sums.whole, sums.whole - sums.last)
    labelled = any(len(c) <= 80 and not_data.is_total_label(c) for c in filled)
    if labelled and ((dated and not when) or not payee or len(filled) <= 2 or is_sum):
        if sums.whole - pence not in sums.so_far:
            raise _doubt(
                name, record,
                f"it says total and £{pence / 100:,.2f}, and the rows above it come to £{sums.whole / 100:,.2f} "
                f"(£{(sums.whole - sums.last) / 100:,.2f} since the last total)",
            )  # fmt: skip
        sums.last = sums.whole
        return "total"
    if payee and (when or not dated):
        return ""
    if is_sum and not payee:
        sums.last = sums.whole
        return "total"
    if len(filled) >= max(3 if when else 4, 0.6 * sums.usual):
        return ""  # a payment whose payee or day is withheld
    raise _doubt(
        name,
        record,
        f"it has an amount and no {'payee' if not payee else 'day'}, and is not the sum of the rows above it",
    )


@dataclass(kw_only=True)
class _Sums:
    """What the payments so far come to, so that a total row can be checked; `usual` is how many cells a row fills."""

    usual: float
    whole: int = 0
    last: int = 0
    rows: int = 0
    so_far: set[int] = field(default_factory=lambda: {0})

    def add(self, pence: int) -> None:
        self.whole, self.rows = self.whole + pence, self.rows + 1
        self.so_far.add(self.whole)


def _width(part: Part) -> int:
    """How many cells a row may fill: as many as the header, or as nine rows in ten do where they have an unnamed end."""
    own = len(part.layout.heads)
    filled = [_last(r.cells) for r in part.records[part.layout.row + 1 :] if any(c.strip() for c in r.cells)]
    wider = [n for n in filled if n > own]
    return max(wider) if wider and 10 * len(wider) >= 9 * len(filled) and len(set(wider)) == 1 else own


def _last(cells: Sequence[str]) -> int:
    return max((at + 1 for at, c in enumerate(cells) if c.strip()), default=0)


def _mended(part: Part, record: Record, width: int, name: str) -> list[str]:
    """A row with a comma too many, its halves put together: only where every way of doing so gives one amount."""
    layout, more = part.layout, _last(record.cells) - width
    cells = record.cells[: _last(record.cells)]
    ways = []
    for at in range(width if more <= MOST_TORN else 0):
        joined = [*cells[:at], ",".join(cells[at : at + more + 1]), *cells[at + more + 1 :]]
        day = joined[layout.day] if layout.day >= 0 else ""
        month = joined[layout.month] if layout.month >= 0 else ""
        whole = (layout.day < 0 or spend_cells.day_of(day, layout.month_first) is not None) and (
            layout.month < 0 or spend_cells.month_of(month) is not None
        )
        if whole and spend_cells.pence(joined[layout.amount], layout.multiplier) is not None:
            ways.append(joined)
    if len({spend_cells.pence(one[layout.amount], layout.multiplier) for one in ways}) != 1:
        raise _doubt(
            name, record, f"it has {_last(record.cells)} cells and the header {width}: a comma stands outside quotes"
        )
    return next((one for one in ways if "," in one[layout.payee]), ways[0])


def _doubt(name: str, record: Record, why: str) -> Refused:
    return Refused(
        f"{name} row {record.where}: {why}; mend the row, for a total without it would be wrong",
        code="row in doubt",
        where=record.where,
    )


READERS = (SpendReader(), SpendReader(contract=GRANTS, grants=True))
