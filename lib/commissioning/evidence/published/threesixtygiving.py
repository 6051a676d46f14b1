"""Grant registers in the 360Giving standard: JSON, CSV and XLSX, all into the table `grants`.

A JSON file is counted in grants, a flat one in rows. Each grant is held against the standard
by itself: an unsound one goes to quarantine with every fault named, the others stay. Grants to
individuals keep their money and lose the person. `record_key` is the same for the same grant
in any form, so that a register that arrives as CSV and as JSON is counted once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from commissioning.evidence import json_reader
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Match, Preview, Refused
from commissioning.evidence.published import _tables
from commissioning.evidence.published._parsed import Ledger, Row, number, text, to_pence
from commissioning.evidence.published._reader import of_file, physical_rows, rows_and_pounds, typed_sheets
from commissioning.evidence.published._threesixtygiving_flat import Entry, Flat, locate, no_field_missing, to_entries
from commissioning.evidence.published._threesixtygiving_forms import (
    NO_FUNDER,
    funder_of,
    grants_of,
    more_pages,
    own_funders,
    place_of,
)
from commissioning.evidence.published._threesixtygiving_rules import (
    FLAT_NAMES,
    Fault,
    day,
    doubt,
    faults,
    not_twice_decoded,
)
from commissioning.evidence.source import Source
from commissioning.wording import counted

_NOBODY = Source()
COLUMNS = (
    "grant_id", "record_key", "title", "year", "award_year", "award_date", "amount_awarded_pence",
    "amount_disbursed_pence", "department", "programme", "funder_id", "funder", "recipient_kind", "recipient_id",
    "recipient", "charity_number", "company_number", "start_on", "end_on", "months", "purpose", "agreement", "risk",
    "experiment", "closed", "lesson_written", "area", "source_row",
)  # fmt: skip


def parse_json(grants: Sequence[Any], source: Source = _NOBODY) -> Loaded:
    """Grants in the JSON form, counted in grants. `source`: who published them, and for which area they were brought."""
    entries = [
        Entry(wheres=(f"grants[{position}]",), grant=grant, raw=((_as_text(grant),),))
        for position, grant in enumerate(grants)
    ]
    ledger = Ledger()
    found: list[dict[str, Any]] = []
    _take(_repeats(entries), ledger, source, found)
    return ledger.loaded("grants", "grant", _frame(found, ledger), money=True)


def parse_flat(sheets: Mapping[str, Sequence[Row]], source: Source = _NOBODY, *, trimmed: bool = False) -> Loaded:
    """A flat register's rows, counted in rows; a grant's money counts on its first row.

    `sheets`: each sheet's rows by its name ("" for a CSV); all are read as one register. `trimmed`: rows end at their last filled
    cell. Raises Refused where a column that the standard requires is not there, or a Total row differs from the grants above it.
    """
    ledger = Ledger()
    entries: list[tuple[Entry, list[Fault]]] = []
    for name, rows in sheets.items():
        start = locate(rows)
        if start is None:
            raise ValueError("this is not a 360Giving register: no row near the top holds its headers")
        said = bool(source.publisher)
        no_field_missing(rows[start][1], rows[start][0], funder_said=said)
        flat = to_entries(rows, start, trimmed=trimmed, funder_said=said)
        _no_shift(flat.entries, len(rows[start][1]))
        ledger.rows_in += flat.blank_rows + flat.not_data + start
        ledger.not_data += flat.blank_rows + flat.not_data + start
        ledger.notes += _of_sheet(name if len(sheets) > 1 else "", flat, start)
        of_sheet = [(entry, _conflict(entry)) for entry in flat.entries]
        _totals_agree(of_sheet, flat.totals)
        entries += of_sheet
    repeated = _repeats([entry for entry, _ in entries])  # of one identifier in two sheets
    entries = [(entry, [*own, *again]) for (entry, own), (_, again) in zip(entries, repeated, strict=True)]
    found: list[dict[str, Any]] = []
    _take(entries, ledger, source, found)
    return ledger.loaded("grants", "row", _frame(found, ledger), money=True)


def _of_sheet(name: str, flat: Flat, start: int) -> list[str]:
    """What is noted of one sheet's rows beside its grants."""
    notes = []
    if start:
        notes.append(f"{counted(start, 'title row')} above the header: declared not data.")
    spread = sum(len(entry.wheres) - 1 for entry in flat.entries if not entry.conflict)
    if spread:
        notes.append(f"{counted(spread, 'row')} more of a grant begun in an earlier row; its money counts once.")
    notes += [
        f"{where} says the header again in another order or in other words: the rows below it were read by it."
        for where in flat.rebound
    ]
    if flat.wholly_empty:
        notes.append(f"{counted(len(flat.wholly_empty), 'column')} wholly empty: {', '.join(flat.wholly_empty)}.")
    if flat.unknown:
        notes.append(f"Columns outside the standard, not read: {', '.join(flat.unknown)}.")
    return [f"Sheet “{name}”: {note}" if name else note for note in notes]


def _totals_agree(entries: Sequence[tuple[Entry, list[Fault]]], totals: Sequence[tuple[str, Decimal]]) -> None:
    """Raises Refused where a Total row says another sum than the grants of its sheet."""
    if not totals:
        return
    held = sum(pence for entry, known in entries for pence, _ in _amounts(entry, conflict=_said_twice(known)))
    for where, amount in totals:
        stated = to_pence(amount, 100)[0]
        if stated != held:
            raise Refused(
                f"the Total row at {where} says £{stated / 100:,.2f} and the grants sum to £{held / 100:,.2f}, "
                f"a difference of £{(stated - held) / 100:,.2f}: find the missing or doubled grants",
                code="total differs",
                where=where,
            )


def _said_twice(known: Sequence[Fault]) -> bool:
    return any(fault.code == "repeated id" for fault in known)


def _no_shift(entries: Sequence[Entry], width: int) -> None:
    """Raises Refused where most rows have another number of cells than the header: the columns have shifted."""
    rows = sum(len(entry.wheres) for entry in entries)
    shifted = sum(entry.misfits for entry in entries)
    if 2 * shifted > rows:
        raise Refused(
            f"{shifted:,} of {rows:,} rows have another number of cells than the header's {width:,}: "
            "the columns have shifted; export the register again",
            code="columns shifted",
        )


def _as_text(grant: object) -> str:
    return json.dumps(grant, ensure_ascii=False, sort_keys=True, default=str)


def _conflict(entry: Entry) -> list[Fault]:
    if not entry.conflict:
        return []
    names = ", ".join(FLAT_NAMES[name] for name in entry.conflict)
    return [
        Fault(
            column="Identifier", code="repeated id",
            reason=f"Rows {', '.join(entry.wheres)} share one identifier and differ in {names}: "
            "give each grant an identifier of its own.",
        )
    ]  # fmt: skip


def _repeats(entries: Sequence[Entry]) -> list[tuple[Entry, list[Fault]]]:
    """In JSON one grant is one object: a second object with its identifier is a fault of both, or a copy."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.grant, dict) and isinstance(entry.grant.get("id"), str):
            by_id.setdefault(entry.grant["id"], []).append(entry)
    answer = []
    for entry in entries:
        same = by_id.get(entry.grant.get("id", ""), []) if isinstance(entry.grant, dict) else []
        found: list[Fault] = []
        if len(same) > 1:
            copies = all(other.raw == same[0].raw for other in same)
            if not copies or entry is not same[0]:
                places = ", ".join(other.wheres[0] for other in same)
                found = [
                    Fault(
                        column="Identifier", code="repeated id",
                        reason=f"{places} share one identifier{'' if copies else ' and differ'}: "
                        "keep one, or give each its own.",
                    )
                ]  # fmt: skip
        answer.append((entry, found))
    return answer


def _take(
    entries: Sequence[tuple[Entry, list[Fault]]], ledger: Ledger, source: Source, found: list[dict[str, Any]]
) -> None:
    if source.publisher and not any(_first(entry.grant, "fundingOrganization") for entry, _ in entries):
        ledger.notes.append(
            f"No funder is named in it: all its grants are taken for those of its publisher, {source.publisher} (sources.toml)."
        )
        for entry, _ in entries:
            if isinstance(entry.grant, dict):
                entry.grant["fundingOrganization"] = [{"id": NO_FUNDER, "name": source.publisher}]
    funders = Counter(_first(entry.grant, "fundingOrganization").get("id") for entry, _ in entries)
    ledger.rows_in += sum(len(entry.wheres) for entry, _ in entries)
    odd: Counter[str] = Counter()
    own = own_funders({one for entry, _ in entries if (one := funder_of(entry.grant))}, source)
    judged = [(entry, known_faults, known_faults + faults(entry.grant)) for entry, known_faults in entries]
    not_twice_decoded([standing for _, _, standing in judged])
    shared = _shared([standing for _, _, standing in judged])
    for column, count in sorted(shared.items()):
        ledger.notes.append(f"{column} is missing in {count} of {len(judged)} grants: none of them meets the standard.")
    for entry, known_faults, standing in judged:
        all_faults = standing + _slipped(entry, funders)
        all_faults.sort(key=lambda fault: (not fault.holds, fault.code == "missing" and fault.column in shared))
        if isinstance(entry.grant, dict) and "_fields" in entry.grant:
            all_faults.append(
                Fault(
                    column="",
                    code="wrong number of fields",
                    reason="The row is not as wide as the header: look for a lost or stray comma.",
                )
            )
        amounts = _amounts(entry, conflict=_said_twice(known_faults))
        pence = sum(whole for whole, _ in amounts)
        ledger.pence_in += pence
        if any(fault.holds for fault in all_faults):
            ledger.pence_quarantined += pence
            _hold(entry, all_faults, ledger)
            continue
        ledger.residue += sum((left for _, left in amounts), Decimal(0))
        odd.update(doubt(fault) for fault in all_faults)
        found.append(_record(entry) | {"area": place_of(entry.grant, source, own)})
    for says, count in sorted(odd.items()):
        ledger.notes.append(f"{counted(count, 'accepted grant')} with a doubt: {says}.")


def _shared(judged: list[list[Fault]]) -> dict[str, int]:
    """The required columns that nearly all grants of a file leave out, with how many: a fault of the file."""
    missing = Counter(column for one in judged for column in {f.column for f in one if f.code == "missing"})
    return {column: count for column, count in missing.items() if len(judged) > 1 and count * 10 >= len(judged) * 9}


def _hold(entry: Entry, all_faults: list[Fault], ledger: Ledger) -> None:
    """Every fault is an item; each row counts once, under its first fault."""
    for nth, fault in enumerate(all_faults):
        for position, where in enumerate(entry.wheres):
            if nth and position:
                break
            ledger.hold(where, fault.column, fault.code, fault.reason, entry.raw[position], units=int(nth == 0))


def _slipped(entry: Entry, funders: Counter[Any]) -> list[Fault]:
    """A funder named once beside a funder named many times looks like a slip of the fill handle."""
    own = _first(entry.grant, "fundingOrganization").get("id")
    if not own or len(funders) < 2:
        return []
    common, times = funders.most_common(1)[0]
    if own == common or funders[own] > 1 or times * 10 < sum(funders.values()) * 8:
        return []
    return [
        Fault(
            column="Funding Org:Identifier", code="funder named once",
            reason="The funder is not that of nearly all other grants: check for a slip when the column was filled.",
            holds=False,
        )
    ]  # fmt: skip


def _first(grant: object, name: str) -> dict[str, Any]:
    value = grant.get(name) if isinstance(grant, dict) else None
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}


def _amounts(entry: Entry, *, conflict: bool) -> list[tuple[int, Decimal]]:
    """The award in pence, readable text such as £26,000 included: money in quarantine is counted too."""
    grant = entry.grant if isinstance(entry.grant, dict) else {}
    cells: list[object] = [grant.get("amountAwarded")]
    if conflict and len(entry.wheres) > 1:
        cells = list(entry.conflict_amounts)
    values = (number(cell) if not isinstance(cell, str) else number(re.sub(r"[£,\s]", "", cell)) for cell in cells)
    return [to_pence(value, 100) for value in values if value is not None]


def _record(entry: Entry) -> dict[str, Any]:
    grant = entry.grant
    funder, recipient = _first(grant, "fundingOrganization"), _first(grant, "recipientOrganization")
    programme, planned = _first(grant, "grantProgramme"), _first(grant, "plannedDates")
    person = "recipientIndividual" in grant and not recipient
    awarded = day(grant["awardDate"])
    assert awarded is not None  # `faults` holds a grant without a date
    starts = awarded.year - (awarded.month < 4)
    pence = to_pence(Decimal(str(grant["amountAwarded"])), 100)[0]
    disbursed = grant.get("amountDisbursed")
    identifier = text(grant["id"])
    months = planned.get("duration")
    return {
        "grant_id": identifier,
        "record_key": f"{identifier.casefold()}|{awarded.isoformat()}|{pence}",
        "title": "Grant to an individual" if person else text(grant["title"]),
        "year": f"{starts}-{(starts + 1) % 100:02d}",
        "award_year": str(awarded.year),
        "award_date": awarded,
        "amount_awarded_pence": pence,
        "amount_disbursed_pence": None if disbursed is None else to_pence(Decimal(str(disbursed)), 100)[0],
        "department": text(funder.get("department")) or "unknown",
        "programme": text(programme.get("title")) or text(programme.get("code")) or "unknown",
        "funder_id": "" if funder["id"] == NO_FUNDER else text(funder["id"]),
        "funder": text(funder["name"]),
        "recipient_kind": "individual" if person else "organisation",
        "recipient_id": None if person else text(recipient["id"]),
        "recipient": "an individual" if person else text(recipient["name"]),
        "charity_number": _number_of(recipient, "charityNumber", ("GB-CHC-", "GB-SC-", "GB-NIC-")),
        "company_number": _number_of(recipient, "companyNumber", ("GB-COH-",)),
        "start_on": day(planned.get("startDate")),
        "end_on": day(planned.get("endDate")),
        "months": None if months is None or Decimal(str(months)) % 1 else int(months),
        "purpose": "not shown: a grant to an individual" if person else text(grant["description"]),
        **dict.fromkeys(("agreement", "risk", "experiment", "closed", "lesson_written"), "unknown"),
        "source_row": ",".join(entry.wheres),
    }


def _number_of(recipient: dict[str, Any], field: str, prefixes: tuple[str, ...]) -> str | None:
    given = text(recipient.get(field))
    if given:
        return given
    identifier = text(recipient.get("id"))
    return next((identifier.removeprefix(prefix) for prefix in prefixes if identifier.startswith(prefix)), None)


def _frame(found: list[dict[str, Any]], ledger: Ledger) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    for name in ("amount_awarded_pence", "amount_disbursed_pence", "months"):
        frame[name] = frame[name].astype("Int64")
    nameless = (
        frame["charity_number"].isna() & frame["company_number"].isna() & frame["recipient_kind"].eq("organisation")
    )
    if nameless.any():
        ledger.notes.append(
            f"{int(nameless.sum())} of {len(frame)} grants ({frame.loc[nameless, 'recipient_id'].nunique()} of "
            f"{frame['recipient_id'].nunique()} recipients) carry no charity or company number."
        )
    return frame


CONTRACT = _tables.contract("threesixtygiving")


class ThreeSixtyGiving:
    """Reads a register in any of its forms; stateless."""

    contract = CONTRACT

    def recognises(self, preview: Preview) -> Match:
        """Certain for a document of grants or a flat header; else as the core judges the headers."""
        sheets = preview.sheets.values()
        if grants_of(preview.json) is not None or any(
            locate([("", cells) for cells in rows]) is not None for rows in sheets
        ):
            return Match(score=1.0, recognised=True, table=CONTRACT.table, says=CONTRACT.title)
        return ContractReader(contract=CONTRACT).recognises(preview)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The register's grants. Raises Refused where it holds none, or where no header is found."""
        if extract.kind == "json":
            document = json_reader.read(extract)
            grants = grants_of(document)
            if grants is None:
                raise Refused(f"{extract.name} is no 360Giving register: it has no list of grants", code="not a table")
            if not grants:
                raise Refused(f"{extract.name} holds no grants: export it again", code="no rows")
            return of_file(parse_json(grants, source), CONTRACT, extract, more_pages(document, len(grants)))
        notes: list[str] = []
        sheets: dict[str, Sequence[Row]] = {}
        if extract.kind == "xlsx":
            sheets, notes = _sheets(extract)
        else:
            rows, notes = physical_rows(extract)
            sheets = {"": rows} if locate(rows) is not None else {}
        if not sheets:
            raise Refused(
                f"{extract.name} has no row with the standard's headers near the top (Identifier, Title, Amount Awarded, "
                "Award Date, Recipient Org:…, Funding Org:…)",
                code="missing column",
            )
        return of_file(parse_flat(sheets, source, trimmed=extract.kind == "xlsx"), CONTRACT, extract, notes)


def _sheets(extract: Extract) -> tuple[dict[str, Sequence[Row]], list[str]]:
    """Every worksheet with the standard's header, by its name; and notes, in which the others are named with their rows and pounds."""
    chosen: dict[str, Sequence[Row]] = {}
    notes: list[str] = []
    for name, (rows, said) in typed_sheets(extract).items():
        if locate(rows) is not None:
            chosen[name] = rows
            notes += said
        else:
            notes.append(f"sheet “{name}” is not the register: left out ({rows_and_pounds(rows)})")
    return chosen, list(dict.fromkeys(notes))


READER = ThreeSixtyGiving()
