"""Grant registers in the 360Giving standard: JSON, CSV and XLSX, all into the table `grants`.

A JSON file is counted in grants, a flat one in rows. Each grant is held against the standard
by itself: an unsound one goes to quarantine with every fault named, the others stay. Grants to
individuals keep their money and lose the person. `record_key` is the same for the same grant
in any form, so that a register that arrives as CSV and as JSON is counted once.

A few lines over 400: the standard's rules and its flat form have files of their own beside this one; what is left is the way of one
register from file to table, which is read in one go.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from commissioning.evidence import json_reader
from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.extract import Extract
from commissioning.evidence.loaded import Loaded, Match, Preview, Refused, Source
from commissioning.evidence.published._parsed import Ledger, Parsed, Row, number, text, to_pence
from commissioning.evidence.published._reader import loaded_from, physical_rows, typed_sheet
from commissioning.evidence.published._threesixtygiving_flat import Entry, locate, to_entries
from commissioning.evidence.published._threesixtygiving_rules import FLAT_NAMES, Fault, day, doubt, faults
from commissioning.wording import counted

_COUNCIL_CODE = re.compile(r"(E0[6-9]|E10|W06|S12|N09)\d{6}$")
COLUMNS = (
    "grant_id", "record_key", "title", "year", "award_year", "award_date", "amount_awarded_pence",
    "amount_disbursed_pence", "department", "programme", "funder_id", "funder", "recipient_kind", "recipient_id",
    "recipient", "charity_number", "company_number", "start_on", "end_on", "months", "purpose", "agreement", "risk",
    "experiment", "closed", "lesson_written", "area", "source_row",
)  # fmt: skip


def looks_like(document: object) -> bool:
    """True for a 360Giving package: a JSON object with a list of grants."""
    return isinstance(document, dict) and isinstance(document.get("grants"), list)


def parse_json(document: dict[str, Any], area: str | None = None) -> Parsed:
    """A package's grants, counted in grants. `area` is the council whose register it is, where known."""
    entries = [
        Entry(wheres=(f"grants[{position}]",), grant=grant, raw=((_as_text(grant),),))
        for position, grant in enumerate(document["grants"])
    ]
    ledger = Ledger()
    found: list[dict[str, Any]] = []
    _take(_repeats(entries), ledger, area, found)
    return ledger.parsed("grants", "grant", _frame(found, ledger), money=True)


def parse_flat(rows: Sequence[Row], area: str | None = None, *, trimmed: bool = False) -> Parsed:
    """A flat register's rows, counted in rows; a grant's money counts on its first row.

    `trimmed`: rows end at their last filled cell. Raises Refused where a Total row differs from
    the grants above it.
    """
    start = locate(rows)
    if start is None:
        raise ValueError("this is not a 360Giving register: no row near the top holds its headers")
    flat = to_entries(rows, start, trimmed=trimmed)
    _no_shift(flat.entries, len(rows[start][1]))
    ledger = Ledger()
    ledger.rows_in = ledger.not_data = flat.blank_rows + flat.not_data + start
    if start:
        ledger.notes.append(f"{counted(start, 'title row')} above the header: declared not data.")
    spread = sum(len(entry.wheres) - 1 for entry in flat.entries if not entry.conflict)
    if spread:
        ledger.notes.append(f"{counted(spread, 'row')} more of a grant begun in an earlier row; its money counts once.")
    if flat.wholly_empty:
        ledger.notes.append(
            f"{counted(len(flat.wholly_empty), 'column')} wholly empty: {', '.join(flat.wholly_empty)}."
        )
    if flat.unknown:
        ledger.notes.append(f"Columns outside the standard, not read: {', '.join(flat.unknown)}.")
    found: list[dict[str, Any]] = []
    _take([(entry, _conflict(entry)) for entry in flat.entries], ledger, area, found)
    for where, amount in flat.totals:
        stated = to_pence(amount, 100)[0]
        if stated != ledger.pence_in:
            raise Refused(
                f"the Total row at {where} says £{stated / 100:,.2f} and the grants sum to £{ledger.pence_in / 100:,.2f}, "
                f"a difference of £{(stated - ledger.pence_in) / 100:,.2f}: find the missing or doubled grants",
                code="total differs",
                where=where,
            )
    return ledger.parsed("grants", "row", _frame(found, ledger), money=True)


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


def _not_twice_decoded(judged: Sequence[Sequence[Fault]]) -> None:
    """Raises Refused where over 1% of the grants hold text that was decoded twice: the whole export is damaged."""
    twice = sum(any(fault.code == "decoded twice" for fault in one) for one in judged)
    if twice > 1 and 100 * twice > len(judged):
        raise Refused(
            f"the text of {twice:,} of {len(judged):,} grants has been decoded twice (as in Â£): "
            "export the register again as UTF-8",
            code="decoded twice",
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
    entries: Iterable[tuple[Entry, list[Fault]]], ledger: Ledger, area: str | None, found: list[dict[str, Any]]
) -> None:
    entries = list(entries)
    funders = Counter(_first(entry.grant, "fundingOrganization").get("id") for entry, _ in entries)
    ledger.rows_in += sum(len(entry.wheres) for entry, _ in entries)
    odd: Counter[str] = Counter()
    judged = [(entry, known_faults, known_faults + faults(entry.grant)) for entry, known_faults in entries]
    _not_twice_decoded([standing for _, _, standing in judged])
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
        amounts = _amounts(entry, conflict=any(fault.code == "repeated id" for fault in known_faults))
        pence = sum(whole for whole, _ in amounts)
        ledger.pence_in += pence
        if any(fault.holds for fault in all_faults):
            ledger.pence_quarantined += pence
            _hold(entry, all_faults, ledger)
            continue
        ledger.residue += sum((left for _, left in amounts), Decimal(0))
        odd.update(doubt(fault) for fault in all_faults)
        found.append(_record(entry, area))
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


def _record(entry: Entry, area: str | None) -> dict[str, Any]:
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
        "funder_id": text(funder["id"]),
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
        "area": _area(grant) or area,
        "source_row": ",".join(entry.wheres),
    }


def _number_of(recipient: dict[str, Any], field: str, prefixes: tuple[str, ...]) -> str | None:
    given = text(recipient.get(field))
    if given:
        return given
    identifier = text(recipient.get("id"))
    return next((identifier.removeprefix(prefix) for prefix in prefixes if identifier.startswith(prefix)), None)


def _area(grant: dict[str, Any]) -> str | None:
    """The one council that the grant's locations name; None where they name none, or several."""
    locations = grant.get("beneficiaryLocation")
    codes = {
        text(one.get("geoCode"))
        for one in (locations if isinstance(locations, list) else [])
        if isinstance(one, dict) and _COUNCIL_CODE.match(text(one.get("geoCode")))
    }
    return codes.pop() if len(codes) == 1 else None


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


def _header(name: str, header: str, required: bool = True) -> Column:
    return Column(name=name, holds="text", header=header, says="as the 360Giving standard says", required=required)


CONTRACT = Contract(
    table="grants",
    title="a grant register in the 360Giving standard",
    version="1.4",
    columns=(
        _header("grant_id", "Identifier"),
        _header("title", "Title"),
        _header("purpose", "Description"),
        _header("currency", "Currency"),
        Column(name="amount_awarded_pence", holds="money", header="Amount Awarded", says="pounds, a plain number"),
        _header("award_date", "Award Date"),
        _header("funder_id", "Funding Org:Identifier"),
        _header("funder", "Funding Org:Name"),
        _header("recipient_id", "Recipient Org:Identifier", required=False),
        _header("recipient", "Recipient Org:Name", required=False),
        _header("area", "Beneficiary Location:Geographic Code", required=False),
    ),
    unit="grant",
    control_amount="amount_awarded_pence",
    key=("grant_id",),
    area_needed=True,
)


class ThreeSixtyGiving:
    """Reads a register in any of its three forms; stateless."""

    contract = CONTRACT

    def recognises(self, preview: Preview) -> Match:
        """Certain for a package of grants or a flat header; else as the core judges the headers."""
        sheets = preview.sheets.values()
        if looks_like(preview.json) or any(_located(rows) for rows in sheets):
            return Match(score=1.0, recognised=True, table=CONTRACT.table, says=CONTRACT.title)
        return ContractReader(contract=CONTRACT).recognises(preview)

    def read(self, extract: Extract, source: Source) -> Loaded:
        """The register's grants. Raises Refused where it holds none, or where no header is found."""
        if extract.kind == "json":
            document = json_reader.read(extract)
            if not looks_like(document):
                raise Refused(f"{extract.name} is no 360Giving package: it has no list `grants`", code="not a table")
            if not document["grants"]:
                raise Refused(f"{extract.name} holds no grants: export it again", code="no rows")
            return loaded_from(parse_json(document, source.area), CONTRACT, extract, [])
        if extract.kind == "xlsx":
            rows, notes = _sheet(extract)
        else:
            rows, notes = physical_rows(extract)
        if locate(rows) is None:
            raise Refused(
                f"{extract.name} has no row with the standard's headers near the top (Identifier, Title, Amount Awarded, "
                "Award Date, Recipient Org:…, Funding Org:…)",
                code="missing column",
            )
        return loaded_from(parse_flat(rows, source.area, trimmed=extract.kind == "xlsx"), CONTRACT, extract, notes)


def _located(rows: Sequence[Sequence[str]]) -> bool:
    return locate([(str(place), cells) for place, cells in enumerate(rows, 1)]) is not None


def _sheet(extract: Extract) -> tuple[list[Row], list[str]]:
    """The first worksheet with the standard's header, the others named."""
    from commissioning.evidence import xlsx_reader

    names = [sheet.name for sheet in xlsx_reader.read(extract, rows=40).sheets]
    others: list[str] = []
    chosen: tuple[list[Row], list[str]] | None = None
    for name in names:
        rows, notes = typed_sheet(extract, name)
        if chosen is None and locate(rows) is not None:
            chosen = rows, notes
        else:
            others.append(name)
    if chosen is None:
        return [], []
    left = [f"sheet “{name}” is not the register: left out" for name in others]
    return chosen[0], [*chosen[1], *left]


READER = ThreeSixtyGiving()
