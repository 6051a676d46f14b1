"""PSS EX1 2014-15: expenditure, unit costs and activity, with councils as columns.

Source: HSCIC, *Personal Social Services: Expenditure and Unit Costs, England, 2014-15,
Final release*. Quirks: cp1252; two header rows (region, then "319 - Wirral"); Total rows
among the details, and a last block that repeats them as "Non Salt Totals"; labels with
trailing spaces; notes at the foot; `:` unavailable, `.` undefined; one "$0.00".

The file is counted in cells, so that one bad cell does not take 150 councils with it.
Expenditure is published in £000. `is_total` marks every row whose money other rows hold
already: summing them with the details gives a multiple of the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pandas as pd

from commissioning.evidence.contracts import HEADER_ROWS, Contract
from commissioning.evidence.loaded import Loaded
from commissioning.evidence.published import _tables
from commissioning.evidence.published._areas import COUNCILS, REGIONS
from commissioning.evidence.published._parsed import (
    Ledger,
    Row,
    damage,
    header_name,
    is_blank,
    number,
    text,
    to_pence,
)
from commissioning.evidence.published._reader import RowsReader
from commissioning.evidence.published._stated import Stated
from commissioning.evidence.shorthand import IN_PLACE, without_marks
from commissioning.wording import counted

CONTRACTS = {
    "pssex1": _tables.contract("pssex1"),
    "unit costs": _tables.contract("unit_costs"),
    "activity": _tables.contract("activity"),
}
LAYOUT = CONTRACTS[
    "pssex1"
].version  # whose layout and council codes these are; the year of a file is the one that it states
_LABELS = {
    tuple(column.heading.casefold() for column in contract.columns if column.holds == "text"): publication
    for publication, contract in CONTRACTS.items()
}
_AGES = {
    "age 18 to 64": "18 to 64",
    "age 65 and over": "65 and over",
    "age 18 and over": "18 and over",
    "": "all ages",
}
_SUMMARIES = frozenset(
    {"total", "adult social care", "income from specific and special grants", "actual total net cost"}
)
_MARKS = {**IN_PLACE, ".": "not applicable"}  # the publication's own mark for what is undefined


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the labels end and which column is which area."""

    publication: str
    header: int
    labels: int
    areas: tuple[tuple[str | None, str, str], ...]


def locate(rows: Sequence[Row], within: int = HEADER_ROWS) -> Place | None:
    """Find the header row of one of the three files; None where none of them is here."""
    for position, (_, cells) in enumerate(rows[:within]):
        names = tuple(header_name(cell) for cell in cells)
        for labels, publication in _LABELS.items():
            if names[: len(labels)] == labels and len(names) > len(labels):
                areas = tuple(_area(text(cell)) for cell in cells[len(labels) :])
                if sum(code is not None for code, _, _ in areas) * 2 > len(areas):
                    return Place(publication=publication, header=position, labels=len(labels), areas=areas)
    return None


def _area(heading: str) -> tuple[str | None, str, str]:
    """ "319 - Wirral" → its ONS code, its name and its kind."""
    code, dash, name = heading.partition(" - ")
    if dash:
        found = COUNCILS.get(code.strip())
        return (found[0] if found else None), name.strip(), "council"
    region = REGIONS.get(heading.casefold())
    if region:
        return region[0], "England" if region[1] == "england" else heading, region[1]
    return None, heading, "unknown"


def support_reason(label: str) -> str:
    """ "Learning disability support " → "learning disability"; other labels in lower case."""
    found = " ".join(label.split()).casefold()
    if found.startswith("support with "):
        return found.removeprefix("support with ")
    return found.removesuffix(" support") if not found.startswith("social support") else found


def parse(rows: Sequence[Row], said: Stated) -> Loaded:
    """One of the three files as `area_spend`, a row for each cell that holds or could hold a figure.

    Columns: publication, area_code, area, area_kind, year, age_band, term, support_reason,
    setting, category, provision, unit, is_total, amount_pence (Int64), quantity (Float64),
    status, source_row, source_column. Money goes to `amount_pence`; weeks and clients to
    `quantity`. A unit cost is money for one week and is never summed: the control amount
    of the unit-cost file is its numerators, and the activity file has none. Raises Refused where no year is stated.
    """
    place = locate(rows)
    if place is None:
        raise ValueError("this is not a PSS EX1 file: no row near the top holds its label columns and councils")
    ledger = Ledger()
    heading = rows[place.header][1]
    unknown = [area[1] for area in place.areas if area[0] is None]
    if unknown:
        ledger.notes.append(f"Columns of no council known in {LAYOUT}: {', '.join(unknown)}.")
    width = len(heading)
    across = len(place.areas)
    labels: list[tuple[str, ...]] = []
    wheres: list[str] = []
    cells_flat: list[str] = []
    tidy = _Tidy()
    blank_rows = 0
    for where, cells in rows[place.header + 1 :]:
        ledger.rows_in += across
        values = cells[place.labels : width]
        lettered = sum(text(cell) != "" for cell in cells[: place.labels])
        # A note at the foot fills one cell; a row with labels and no cells for figures has lost them.
        if is_blank(values) and (lettered < 2 or len(cells) == width):
            ledger.not_data += across
            blank_rows += not is_blank(cells)
            continue
        if len(cells) != width:
            ledger.hold(
                where, "", "wrong number of fields",
                f"The row has {len(cells)} fields where the header has {width}: look for a lost or stray comma.",
                cells, units=across,
            )  # fmt: skip
            continue
        spoilt = next(((at, found) for at in range(place.labels) if (found := damage(cells[at]))), None)
        if spoilt:
            ledger.hold(where, text(heading[spoilt[0]]), *spoilt[1], cells, units=across)
            continue
        labels.append(tuple(" ".join(text(cell).split()) for cell in cells[: place.labels]))
        wheres.append(where)
        cells_flat.extend([tidy[cell] for cell in values])
    if blank_rows:
        ledger.notes.append(f"{counted(blank_rows, 'row')} of notes at the foot without figures: declared as not data.")
    year, where_stated = said.financial_year()
    ledger.notes.append(f"No cell holds the year: {year} is stated in {where_stated}.")
    frame = _frame(place, labels, wheres, cells_flat, heading, ledger).assign(
        year=lambda made: pd.Categorical([year] * len(made))
    )
    return ledger.loaded("area_spend", "cell", frame, money=place.publication != "activity")


def _frame(
    place: Place,
    labels: list[tuple[str, ...]],
    wheres: list[str],
    cells_flat: list[str],
    heading: Sequence[object],
    ledger: Ledger,
) -> pd.DataFrame:
    across, down = len(place.areas), len(labels)
    described = [_describe(place.publication, label) for label in labels]
    by_row, by_area = np.repeat(np.arange(down), across), np.tile(np.arange(across), down)
    frame = pd.DataFrame({name: _spread([row[name] for row in described], by_row) for name in _DESCRIBED})
    frame["is_total"] = np.array([bool(row["is_total"]) for row in described], dtype=bool)[by_row]
    for position, name in enumerate(("area_code", "area", "area_kind")):
        frame[name] = _spread([area[position] for area in place.areas], by_area)
    frame["publication"] = pd.Categorical([place.publication] * len(frame))
    frame["source_row"] = pd.array(wheres, dtype="str").take(by_row)
    frame["source_column"] = pd.array([text(cell) for cell in heading[place.labels :]], dtype="str").take(by_area)

    codes, distinct = pd.factorize(np.array(cells_flat, dtype=object))
    read = [_read(cell) for cell in distinct]
    statuses = [one[1] for one in read]
    known = np.array([one == "known" for one in statuses], dtype=bool)[codes]
    value = pd.array([None if one[0] is None else float(one[0]) for one in read], dtype="Float64").take(codes)
    units = np.array([row["unit"] for row in described], dtype=object)
    money = np.isin(units, ["£000", "£ a week", "£ an hour"])[by_row]
    thousands = (units == "£000")[by_row]
    large, residues = _pence(read, 100_000)
    small, _ = _pence(read, 100)
    amount = np.where(thousands, large[codes], small[codes])
    frame["amount_pence"] = pd.array(amount, dtype="Int64")
    frame.loc[~(money & known), "amount_pence"] = pd.NA
    frame["quantity"] = value
    frame.loc[money | ~known, "quantity"] = pd.NA
    frame["status"] = pd.array(statuses, dtype="str").take(codes)
    if place.publication != "activity":
        counted = thousands & known
        ledger.pence_in = int(amount[counted].sum())
        ledger.residue = sum((residues[code] for code in codes[counted] if residues[code]), Decimal(0))
    bad = np.array([one == "bad" for one in statuses], dtype=bool)[codes]
    for position in np.flatnonzero(bad).tolist():
        ledger.hold(
            wheres[position // across], str(frame["source_column"].iloc[position]), "not a number",
            "The cell is neither a number nor a mark such as `:` (unavailable), `.` (undefined) or [c] (suppressed): "
            "it counts as unknown until the publisher corrects it.",
            (cells_flat[position],),
        )  # fmt: skip
    return frame[~bad].reset_index(drop=True)


class _Tidy(dict[object, str]):
    """Cells as they are read, each distinct one worked out once; a damaged figure keeps its damage, and is no number."""

    def __missing__(self, cell: object) -> str:
        self[cell] = found = str(cell) if damage(cell) else text(cell)
        return found


def _spread(values: Sequence[str | None], by: np.ndarray) -> pd.Categorical:
    """A few words laid out over many rows: `by` says which of them each row holds."""
    few = pd.Categorical(values)
    return pd.Categorical.from_codes(few.codes[by], dtype=few.dtype)


_DESCRIBED = ("age_band", "term", "support_reason", "setting", "category", "provision", "unit")


def _describe(publication: str, label: tuple[str, ...]) -> dict[str, str]:
    term, age, reason, setting, *rest = (part.casefold() for part in label)
    provision, unit = "all", "£000"
    if publication == "pssex1":
        category = rest[0]
    elif publication == "unit costs":
        category, provision = rest
        unit = {"numerator": "£000", "denominator": "weeks"}.get(category, "£ a week")
        category = f"unit cost: {category}" if category != "unit costs" else "unit cost"
    else:
        provision = rest[0] or "all"
        unit = {
            "capital charges": "yes or no", "number of salt clients": "clients",
        }.get(setting, "£ an hour" if provision == "hourly rate" else "weeks")  # fmt: skip
        category = "hourly rate" if provision == "hourly rate" else "activity"
    is_total = (
        setting in ("total", "short and long term total") or reason in _SUMMARIES or provision == "total provision"
    )
    if publication == "unit costs":
        is_total = provision in ("all", "la supported only") or setting == "residential and nursing care"
    return {
        "age_band": _AGES.get(age, age),
        "term": term or "all terms",
        "support_reason": support_reason(reason) or "all reasons",
        "setting": setting or "not split",
        "category": category,
        "provision": provision,
        "unit": unit,
        "is_total": "yes" if is_total else "",
    }


def _read(cell: str) -> tuple[Decimal | None, str]:
    if (mark := cell.casefold()) in _MARKS:
        return None, _MARKS[mark]
    if cell.casefold() in ("yes", "no"):
        return Decimal(cell.casefold() == "yes"), "known"
    value = None if damage(cell) else number(without_marks(cell))
    return (None, "bad") if value is None else (value, "known")


def _pence(read: list[tuple[Decimal | None, str]], pence_per_unit: int) -> tuple[np.ndarray, list[Decimal]]:
    whole, residues = [], []
    for value, _ in read:
        pence, residue = to_pence(value or Decimal(0), pence_per_unit)
        whole.append(pence)
        residues.append(residue)
    return np.array(whole, dtype="int64"), residues


def _reader(publication: str, contract: Contract) -> RowsReader:
    def here(rows: Sequence[Row]) -> int | None:
        place = locate(rows)
        return place.header if place is not None and place.publication == publication else None

    made = replace(_tables.made("area_spend", contract), control_amount=contract.control_amount)
    return RowsReader(rows=contract, contract=made, here=here, parse=parse)


READERS = tuple(_reader(*one) for one in CONTRACTS.items())
