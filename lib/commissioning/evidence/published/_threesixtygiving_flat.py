"""The flat form of the 360Giving standard: rows of CSV or XLSX into grants of the JSON shape.

One grant may span several rows that repeat its identifier: its single fields must then agree
(or be blank), and its locations, recipients and dates are gathered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissioning.evidence.contracts import FOOTER_WORDS, TOTAL_WORDS
from commissioning.evidence.loaded import Refused
from commissioning.evidence.published._parsed import Row, is_blank, number, text

NEEDED = ("identifier", "title", "amount awarded", "award date")
_SCALARS = {
    "identifier": "id",
    "title": "title",
    "description": "description",
    "currency": "currency",
    "amount applied for": "amountAppliedFor",
    "amount awarded": "amountAwarded",
    "amount disbursed": "amountDisbursed",
    "award date": "awardDate",
    "url": "url",
    "from an open call?": "fromOpenCall",
    "last modified": "dateModified",
    "data source": "dataSource",
}
_ORGANISATION = {
    "identifier": "id",
    "name": "name",
    "department": "department",
    "charity number": "charityNumber",
    "company number": "companyNumber",
    "street address": "streetAddress",
    "city": "addressLocality",
    "county": "addressRegion",
    "country": "addressCountry",
    "postal code": "postalCode",
    "description": "description",
    "web address": "url",
}
_DATES = {"start date": "startDate", "end date": "endDate", "duration (months)": "duration"}
_GROUPS = {
    "recipient org": ("recipientOrganization", _ORGANISATION),
    "funding org": ("fundingOrganization", _ORGANISATION),
    "recipient ind": ("recipientIndividual", {"identifier": "id", "name": "name"}),
    "planned dates": ("plannedDates", _DATES),
    "actual dates": ("actualDates", _DATES),
    "grant programme": ("grantProgramme", {"code": "code", "title": "title", "url": "url"}),
    "beneficiary location": (
        "beneficiaryLocation",
        {
            "name": "name",
            "country code": "countryCode",
            "latitude": "latitude",
            "longitude": "longitude",
            "geographic code": "geoCode",
            "geographic code type": "geoCodeType",
        },
    ),
}
_NUMBERS = {"amountAppliedFor", "amountAwarded", "amountDisbursed", "duration", "latitude", "longitude"}
_DAYS = {"awardDate", "startDate", "endDate"}
_TIMES = {"dateModified"}
# Identities that a spreadsheet may hold as numbers although the standard asks for text.
_DIGITS = {"charityNumber", "companyNumber", "postalCode", "code"}
SINGLE = ("title", "description", "currency", "amountAwarded", "amountAppliedFor", "amountDisbursed", "awardDate")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One grant, the places it came from, and the text of each as it arrived."""

    wheres: tuple[str, ...]
    grant: Any
    raw: tuple[tuple[str, ...], ...]
    conflict: tuple[str, ...] = ()  # single fields that differ between the rows of one identifier
    conflict_amounts: tuple[object, ...] = ()  # the award of each row, where the rows are not one grant
    misfits: int = 0  # rows of another width than the header


@dataclass(frozen=True, kw_only=True)
class Flat:
    """What the rows held beside the grants themselves."""

    entries: tuple[Entry, ...]
    blank_rows: int
    not_data: int
    totals: tuple[tuple[str, Decimal], ...]  # where a Total row stands, and its award
    wholly_empty: tuple[str, ...]
    unknown: tuple[str, ...]


def heading(cell: object) -> str:
    """A header of the flat form as a key: `Recipient Org:0:Name` and `recipient org:name` are one."""
    return re.sub(r":0:", ":", re.sub(r"\s*:\s*", ":", " ".join(text(cell).replace("_", " ").split()).casefold()))


def locate(rows: Sequence[Row], within: int = 20) -> int | None:
    """The position of the header row of the flat form; None where it is not here."""
    for position, (_, cells) in enumerate(rows[:within]):
        names = {heading(cell) for cell in cells}
        groups = sum(
            any(name.startswith(f"{group}:") for name in names)
            for group in ("recipient org", "recipient ind", "funding org")
        )
        if groups and sum(name in names for name in NEEDED) >= 3:
            return position
    return None


def to_entries(rows: Sequence[Row], start: int, *, trimmed: bool = False) -> Flat:
    """The rows below the header as grants of the JSON shape, in order of first appearance.

    `trimmed` says that rows end at their last filled cell (a worksheet's do); else each must be
    as wide as the header. Total rows and footers are declared not data. Raises Refused where two
    columns mean one field.
    """
    headers = [text(cell) for cell in rows[start][1]]
    paths = [_path(heading(cell)) for cell in headers]
    _no_doubles(headers, paths)
    filled = [False] * len(headers)
    blank_rows = not_data = 0
    totals: list[tuple[str, Decimal]] = []
    grouped: dict[str, list[tuple[str, dict[str, Any], tuple[str, ...]]]] = {}
    for where, cells in rows[start + 1 :]:
        if is_blank(cells):
            blank_rows += 1
            continue
        if _is_footer(cells):
            not_data += 1
            awards = [cell for cell, path in zip(cells, paths, strict=False) if path == ("amountAwarded",)]
            totals += [(where, _stated(cell, where)) for cell in awards if text(cell)]
            continue
        grant: dict[str, Any] = {}
        for at, cell in enumerate(cells[: len(headers)]):
            if text(cell) == "":
                continue
            filled[at] = True
            _put(grant, paths[at], cell)
        if len(cells) > len(headers) or (len(cells) < len(headers) and not trimmed):
            grant["_fields"] = len(cells)
        key = str(grant["id"]) if "id" in grant else f"\x00{where}"
        grouped.setdefault(key, []).append((where, grant, tuple(text(cell) for cell in cells)))
    return Flat(
        entries=tuple(_merge(group) for group in grouped.values()),
        blank_rows=blank_rows,
        not_data=not_data,
        totals=tuple(totals),
        wholly_empty=tuple(name for name, some in zip(headers, filled, strict=True) if not some and name),
        unknown=tuple(name for name, path in zip(headers, paths, strict=True) if path is None and name),
    )


def _stated(cell: object, where: str) -> Decimal:
    """The figure of a Total row, which people also write as £1,001.00. Raises Refused where it cannot be read."""
    amount = number(re.sub(r"[£,\s]", "", text(cell)))
    if amount is None:
        raise Refused(
            f"the figure of the Total row at {where} cannot be read: write it as a plain number, or leave the row out",
            code="total not readable",
            where=where,
        )
    return amount


def _no_doubles(headers: Sequence[str], paths: Sequence[tuple[str, ...] | None]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for name, path in zip(headers, paths, strict=True):
        if path is not None and seen.setdefault(path, name) is not name:
            raise Refused(
                f"the register has two columns for one field: “{seen[path]}” and “{name}”; keep one",
                code="two columns for one",
                column=name,
            )


def _is_footer(cells: Sequence[object]) -> bool:
    """A Total row, or a line such as "End of report": few cells, the first of them a declared word."""
    found = [text(cell).casefold() for cell in cells if text(cell)]
    first = found[0].strip(" :*")
    if first in TOTAL_WORDS:
        return len(found) <= 4
    return len(found) <= 2 and len(cells) > 3 and any(re.match(rf"{re.escape(word)}\b", first) for word in FOOTER_WORDS)


def _path(name: str) -> tuple[str, ...] | None:
    if name in _SCALARS:
        return (_SCALARS[name],)
    group, _, rest = name.partition(":")
    if group in _GROUPS and rest in _GROUPS[group][1]:
        return _GROUPS[group][0], _GROUPS[group][1][rest]
    return None


def _put(grant: dict[str, Any], path: tuple[str, ...] | None, cell: object) -> None:
    if path is None:
        return
    value = _typed(path[-1], cell)
    if len(path) == 1:
        grant[path[0]] = value
    elif path[0] == "recipientIndividual":
        grant.setdefault(path[0], {})[path[1]] = value
    else:
        grant.setdefault(path[0], [{}])[0][path[1]] = value


def _typed(name: str, cell: object) -> object:
    """A cell as the JSON form would hold it; what cannot be read so is left as it is, to be named."""
    if name in _DAYS and isinstance(cell, datetime | date):
        return cell.date().isoformat() if isinstance(cell, datetime) else cell.isoformat()
    if name in _TIMES and isinstance(cell, datetime):
        return f"{cell.isoformat()}Z"
    if name in _NUMBERS and isinstance(cell, str):
        value = number(cell) if "e" not in cell.casefold() else None
        return text(cell) if value is None else value
    if name in _NUMBERS and isinstance(cell, float):
        return Decimal(repr(cell))
    if name in _DIGITS and isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    return text(cell) if isinstance(cell, str) else cell


def _merge(group: list[tuple[str, dict[str, Any], tuple[str, ...]]]) -> Entry:
    first = dict(group[0][1])
    conflict: list[str] = []
    for _, other, _ in group[1:]:
        for name, value in other.items():
            if name not in first:
                first[name] = value
            elif isinstance(value, list) and isinstance(first[name], list):
                first[name] = first[name] + [one for one in value if one not in first[name]]
            elif name in SINGLE and first[name] != value and name not in conflict:
                conflict.append(name)
    return Entry(
        wheres=tuple(where for where, _, _ in group),
        grant=first,
        raw=tuple(raw for _, _, raw in group),
        conflict=tuple(conflict),
        conflict_amounts=tuple(grant.get("amountAwarded") for _, grant, _ in group) if conflict else (),
        misfits=sum("_fields" in grant for _, grant, _ in group),
    )
