"""The flat form of the 360Giving standard: rows of CSV or XLSX into grants of the JSON shape.

One grant may span several rows that repeat its identifier: its single fields must then agree
(or be blank), and its locations, recipients and dates are gathered.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissioning.evidence import units
from commissioning.evidence.contracts import FOOTER_WORDS, HEADER_ROWS, TOTAL_WORDS
from commissioning.evidence.header import FOREIGN
from commissioning.evidence.loaded import Refused
from commissioning.evidence.published._parsed import Row, is_blank, number, text
from commissioning.evidence.published._threesixtygiving_rules import FIELDS

NEEDED = (("id",), ("title",), ("amountAwarded",), ("awardDate",))
_SCALARS: dict[str, str] = FIELDS["titles"]
_GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    group: (one["title"], FIELDS["fields"][one["fields"]]) for group, one in FIELDS["groups"].items()
}


def _letters(words: str) -> str:
    return "".join(letter for letter in words.casefold() if letter.isalnum())


_GROUP_OF = {_letters(word): group for group, (title, _) in _GROUPS.items() for word in (group, title)}
_FIELD_OF: dict[str, dict[str, str]] = {
    group: {_letters(word): name for name, title in fields.items() for word in (name, title)}
    for group, fields in (("", _SCALARS), *((group, fields) for group, (_, fields) in _GROUPS.items()))
}
_MONEY = {"amountAppliedFor", "amountAwarded", "amountDisbursed"}
_NUMBERS = _MONEY | {"duration", "latitude", "longitude"}
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
    rebound: tuple[str, ...] = ()  # where a header stands again in another order or in other words


Path = tuple[str | int, ...]
"""Of a field in the JSON form: ("title",), ("fundingOrganization", "name"), ("beneficiaryLocation", "geoCode", 1)."""


def path_of(cell: object) -> Path | None:
    """The field that a heading of the flat form means; None for any other heading.

    The standard's titles ("Recipient Org:0:Name") and its field names ("recipientOrganization/0/name") are one, without regard to
    case, spaces or punctuation; an amount may name its unit ("amount awarded (£)"). Of a second organisation (":1:") nothing is
    read, of a second place of those who benefit all.
    """
    parts = [part.strip() for part in re.split(r"[:/]|\.(?=\w)", text(cell)) if part.strip()]
    names = [part for part in parts if not part.isdigit()]
    number = max((int(part) for part in parts if part.isdigit()), default=0)
    if not names:
        return None
    group = _GROUP_OF.get(_letters(names[0]), "") if len(names) > 1 else ""
    if len(names) > 1 and not group:
        return None
    if [_letters(name) for name in names[1:-1]] == ["location"] and group == "recipientOrganization":
        names = [names[0], f"location {names[-1]}"]
    if len(names) > 2 or (number and (group != "beneficiaryLocation" or number > 99)):
        return None
    fields = _FIELD_OF[group]
    name = fields.get(_letters(names[-1])) or fields.get(units.key_of(names[-1]))  # the second without "(£)", "(£000)"
    if name is None:
        return None
    return ((group, name, number) if number else (group, name)) if group else (name,)


def unit_of(cell: object, path: Path | None) -> Decimal:
    """Pounds for one unit of a column of amounts, as its heading says ("(£000)" is 1,000). Raises Refused for other money."""
    if path is None or path[0] not in _MONEY:
        return Decimal(1)
    if FOREIGN.search(text(cell)):
        raise Refused(
            f"the amounts stand in another currency under “{text(cell)}”: the workbench counts pounds; give them in pounds",
            code="not pounds",
            column=text(cell),
        )
    return Decimal(units.read(text(cell)).multiplier or 1)


def locate(rows: Sequence[Row], within: int = HEADER_ROWS) -> int | None:
    """The position of the header row of the flat form; None where it is not here."""
    for position, (_, cells) in enumerate(rows[:within]):
        paths = {path_of(cell) for cell in cells}
        groups = {path[0] for path in paths if path and len(path) == 2}
        parties = groups & {"recipientOrganization", "recipientIndividual", "fundingOrganization"}
        if parties and sum(name in paths for name in NEEDED) >= 3:
            return position
    return None


_REQUIRED = (("id",), ("title",), ("description",), ("currency",), ("amountAwarded",), ("awardDate",))


def title_of(path: Path) -> str:
    """A field's heading in the flat form, as the standard writes it."""
    if len(path) == 1:
        return _SCALARS[str(path[0])]
    title, fields = _GROUPS[str(path[0])]
    return f"{title}:{fields[str(path[1])]}"


def no_field_missing(cells: Sequence[object], where: str, *, funder_said: bool) -> None:
    """Raises Refused where a header lacks a column that the standard requires, naming it and the nearest that is here.

    `funder_said`: `sources.toml` says who published the register, so it may leave its funder out.
    """
    headings = [text(cell) for cell in cells if text(cell)]
    here = {path_of(cell) for cell in headings}
    wanted: list[Path] = list(_REQUIRED)
    person = any(path and path[0] == "recipientIndividual" for path in here)
    if not (person and not any(path and path[0] == "recipientOrganization" for path in here)):
        wanted += [("recipientOrganization", "id"), ("recipientOrganization", "name")]
    funder: list[Path] = [("fundingOrganization", "id"), ("fundingOrganization", "name")]
    if not funder_said and not here.intersection(funder):  # one of the two alone is a fault of each grant, by name
        wanted += funder
    missing = [path for path in wanted if path not in here]
    if not missing:
        return
    spare = {name.casefold(): name for name in headings if path_of(name) is None}
    says = []
    for path in missing:
        close = difflib.get_close_matches(title_of(path).casefold(), spare, n=1, cutoff=0.6)
        says.append(f"“{title_of(path)}”" + (f" (the nearest here is “{spare[close[0]]}”)" if close else ""))
    hint = ""
    if missing == funder:
        hint = "; or say in sources.toml who published it (publisher), if all its grants are the publisher's own"
    raise Refused(
        f"the register has no column {' and no column '.join(says)}, which the standard requires: name the column so, or add it{hint}",
        code="missing column",
        where=where,
        column=title_of(missing[0]),
    )


def to_entries(rows: Sequence[Row], start: int, *, trimmed: bool = False, funder_said: bool = False) -> Flat:
    """The rows below the header as grants of the JSON shape, in order of first appearance.

    `trimmed` says that rows end at their last filled cell (a worksheet's do); else each must be
    as wide as the header. Total rows and footers are declared not data. A header again, in whatever order, is not data
    either, and the rows below it are read by it. Raises Refused where two columns mean one field, or where a header again
    lacks a column that the standard requires.
    """
    headers, paths, units = _bound(rows[start][1])
    every = list(zip(headers, paths, strict=True))
    filled: set[str] = set()
    blank_rows = not_data = 0
    rebound: list[str] = []
    totals: list[tuple[str, Decimal]] = []
    grouped: dict[str, list[tuple[str, dict[str, Any], tuple[str, ...]]]] = {}
    for where, cells in rows[start + 1 :]:
        if is_blank(cells):
            blank_rows += 1
            continue
        if locate([(where, cells)]) is not None:
            not_data += 1
            if [text(cell) for cell in cells if text(cell)] != [name for name in headers if name]:
                no_field_missing(cells, where, funder_said=funder_said)
                headers, paths, units = _bound(cells)
                every += zip(headers, paths, strict=True)
                rebound.append(where)
            continue
        if _is_footer(cells):
            not_data += 1
            awards = [
                (cell, unit)
                for cell, path, unit in zip(cells, paths, units, strict=False)
                if path == ("amountAwarded",)
            ]
            totals += [(where, _stated(cell, where) * unit) for cell, unit in awards if text(cell)]
            continue
        grant: dict[str, Any] = {}
        for at, cell in enumerate(cells[: len(headers)]):
            if text(cell) == "":
                continue
            filled.add(headers[at])
            _put(grant, paths[at], cell, units[at])
        if len(cells) > len(headers) or (len(cells) < len(headers) and not trimmed):
            grant["_fields"] = len(cells)
        key = str(grant["id"]) if "id" in grant else f"\x00{where}"
        grouped.setdefault(key, []).append((where, grant, tuple(text(cell) for cell in cells)))
    return Flat(
        entries=tuple(_merge(group) for group in grouped.values()),
        blank_rows=blank_rows,
        not_data=not_data,
        totals=tuple(totals),
        wholly_empty=tuple(dict.fromkeys(name for name, _ in every if name and name not in filled)),
        unknown=tuple(dict.fromkeys(name for name, path in every if path is None and name)),
        rebound=tuple(rebound),
    )


def _bound(cells: Sequence[object]) -> tuple[list[str], list[Path | None], list[Decimal]]:
    """A header's words, the field that each means, and the pounds for one unit of each. Raises Refused."""
    headers = [text(cell) for cell in cells]
    paths = [path_of(cell) for cell in headers]
    _no_doubles(headers, paths)
    return headers, paths, [unit_of(cell, path) for cell, path in zip(headers, paths, strict=True)]


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


def _no_doubles(headers: Sequence[str], paths: Sequence[Path | None]) -> None:
    seen: dict[Path, str] = {}
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


def _put(grant: dict[str, Any], path: Path | None, cell: object, unit: Decimal = Decimal(1)) -> None:
    if path is None:
        return
    group, name = (path[0], path[1]) if len(path) > 1 else ("", path[0])
    value = _typed(str(name), cell)
    if unit != 1 and isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = value * unit
    if not group:
        grant[str(name)] = value
    elif group == "recipientIndividual":
        grant.setdefault(str(group), {})[name] = value
    else:
        several = grant.setdefault(str(group), [{}])
        number = int(path[2]) if len(path) > 2 else 0
        several.extend({} for _ in range(number + 1 - len(several)))
        several[number][name] = value


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
