"""What a grant must hold to be a grant: the 360Giving standard's rules, and the checks beside it.

Source: ThreeSixtyGiving, *360Giving Data Standard* 1.4, grant schema and "Organisation identifiers"
(standard.threesixtygiving.org): `formats/threesixtygiving_grant.schema.json`, for the fields that are read here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commissioning import toml
from commissioning.evidence.cells import Context, parse
from commissioning.evidence.contracts import Column
from commissioning.evidence.loaded import Refused
from commissioning.evidence.today import today

LONDON = ZoneInfo("Europe/London")
LARGEST_AWARD = 1_000_000_000  # pounds
DAY = r"^[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$"
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_FORMATS = Path(__file__).parent / "formats"
FIELDS = toml.loads((_FORMATS / "threesixtygiving_fields.toml").read_text(encoding="utf-8"))
NOT_KEPT = frozenset(tuple(one.split("/")) for one in FIELDS["not_kept"])
FLAT_NAMES: dict[str, str] = {name: title for of in FIELDS["fields"].values() for name, title in of.items()}
FLAT_NAMES |= {group: one["title"] for group, one in FIELDS["groups"].items()} | FIELDS["titles"]
_OWN_ID = re.compile(r"360G-[^-\s]+-\S+$")
_ELSEWHERE = re.compile(r"(?!GB-)[A-Z]{2,3}-[A-Z0-9_]+-\S+$|XI-[A-Z0-9_]+-\S+$")
_CHARITY = re.compile(r"(SC\d{6}|NIC?\d{6}|\d{6,7}(-\d+)?)$")
_COMPANY = re.compile(r"[A-Z0-9]{2}\d{6}$")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a grant. `holds` says whether it keeps the grant out of the table."""

    column: str
    code: str
    reason: str
    holds: bool = True


def faults(grant: object) -> list[Fault]:
    """Everything wrong with one grant, against the standard and beside it; empty for a sound one."""
    if not isinstance(grant, Mapping):
        return [Fault(column="", code="not a grant", reason="A grant must be an object with its fields by name.")]
    found = list(_unreadable(grant, ""))
    found.extend(_against_the_standard(grant))
    found.extend(_beside_the_standard(grant))
    return found


@cache
def _validator() -> Any:
    # jsonschema compiles 38 grammars for the format "iri", which no rule here uses: some seconds of each start.
    grammar = "rfc3987_syntax"
    hidden = grammar not in sys.modules
    if hidden:
        sys.modules[grammar] = None  # type: ignore[assignment]
    try:
        from jsonschema import Draft202012Validator
    finally:
        if hidden:
            del sys.modules[grammar]
    return Draft202012Validator(
        json.loads((_FORMATS / "threesixtygiving_grant.schema.json").read_text(encoding="utf-8"))
    )


def _column(path: list[object]) -> str:
    return ":".join(FLAT_NAMES.get(str(part), str(part)) for part in path if not isinstance(part, int))


def _against_the_standard(grant: Mapping[str, Any]) -> Iterator[Fault]:
    for error in sorted(_validator().iter_errors(grant), key=lambda one: [str(part) for part in one.absolute_path]):
        path = list(error.absolute_path)
        column = _column(path)
        holds = tuple(part for part in path if isinstance(part, str)) not in NOT_KEPT
        if error.validator == "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield _missing(_column([*path, name]))
        elif error.validator == "enum":
            words = " or ".join(error.validator_value)
            yield Fault(
                column=column, code="not one of the words",
                reason=f"{column} must be {words}, in full, and nothing else: the standard takes no short forms (as Y) "
                "and no other words. Ask the publisher to write it so, or write it in your copy and check again.",
                holds=holds,
            )  # fmt: skip
        elif error.validator == "minimum":
            yield Fault(column=column, code="below zero", reason=f"{column} must not be below zero.")
        elif error.validator == "minItems":
            yield _missing(column)
        elif error.validator in ("anyOf", "pattern"):
            yield Fault(column=column, code="not a date", reason=f"{column} must be a date written 2017-11-29.")
        else:
            yield replace(_wrong_type(column, error.instance, error.validator_value), holds=holds)
    people = sum(bool(grant.get(name)) for name in ("recipientOrganization", "recipientIndividual"))
    if people == 0 and "recipientOrganization" not in grant:
        yield _missing("Recipient Org:Identifier")
        yield _missing("Recipient Org:Name")
    elif people == 2:
        yield Fault(
            column="Recipient Org", code="two recipients",
            reason="A grant goes to an organisation or to an individual: it cannot name both.",
        )  # fmt: skip


_FREE_TEXT = Column(name="text", holds="text", says="text", missing={"": "unknown"})


def _unreadable(value: object, column: str) -> Iterator[Fault]:
    """Text that was damaged on its way: NUL bytes, control characters, twice decoded, spreadsheet errors."""
    if isinstance(value, str):
        found = parse(_FREE_TEXT, value, Context())
        if found.code:
            yield Fault(column=column, code=found.code, reason=f"{column}: {found.reason}.")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _unreadable(part, f"{column}:{FLAT_NAMES.get(name, name)}".lstrip(":"))
    elif isinstance(value, list):
        for part in value:
            yield from _unreadable(part, column)


def _missing(column: str) -> Fault:
    return Fault(column=column, code="missing", reason=f"{column} is missing: the standard requires it.")


def _wrong_type(column: str, found: object, wanted: object) -> Fault:
    words = {"string": "text", "number": "a number", "array": "a list", "object": "an object"}
    types = wanted if isinstance(wanted, list) else [wanted]
    asked = words.get(str(types[0]), str(types[0]))
    if "Date" in column and types[0] == "string":
        return Fault(
            column=column, code="not a date",
            reason=f"{column} is a bare number, not a date: format the cell as a date and write 2017-11-29.",
        )  # fmt: skip
    is_text = isinstance(found, str)
    what = "text" if is_text else "a number" if isinstance(found, int | float | Decimal) else "not as it should be"
    hint = " without a pound sign, commas or words" if asked == "a number" and is_text else ""
    code = {"a number": "not a number", "text": "not text"}.get(asked, "wrong type")
    return Fault(column=column, code=code, reason=f"{column} is {what}: it must be {asked}{hint}.")


def _beside_the_standard(grant: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("id", "title", "description", "currency"):
        if grant.get(name) == "" or (isinstance(grant.get(name), str) and not grant[name].strip()):
            yield _missing(FLAT_NAMES[name])
    currency = grant.get("currency")
    if isinstance(currency, str) and currency.strip() and currency != "GBP":
        yield Fault(
            column="Currency", code="not pounds",
            reason="The currency is not GBP: the workbench counts pounds, so give the award in GBP (or mend the code).",
        )  # fmt: skip
    award = grant.get("awardDate")
    if isinstance(award, str) and re.match(f"{DAY}|{TIME}", award) and day(award) is None:
        yield Fault(column="Award Date", code="not a date", reason="Award Date is no day of the calendar.")
    if (awarded := day(award)) is not None and awarded > today():
        yield Fault(column="Award Date", code="not come yet", reason="Award Date lies in the future: check it.")
    for field in ("recipientOrganization", "fundingOrganization"):
        for organisation in _objects(grant.get(field)):
            yield from _organisation(field, organisation)
    for event in _objects(grant.get("plannedDates")):
        starts, ends = day(event.get("startDate")), day(event.get("endDate"))
        if starts and ends and ends < starts:
            yield Fault(
                column="Planned Dates:End Date", code="dates out of order",
                reason="The planned end is before the planned start: correct one of the two.",
            )  # fmt: skip
    amount = grant.get("amountAwarded")
    if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
        return
    if abs(Decimal(str(amount))) > LARGEST_AWARD:
        yield Fault(
            column="Amount Awarded", code="implausible",
            reason=f"The award is above £{LARGEST_AWARD:,}: check for a slip of pence or of digits.",
        )  # fmt: skip
    elif amount < 0:
        yield Fault(
            column="Amount Awarded", code="below zero",
            reason="The award is below zero: money taken back is no award; give the award as it now stands.",
        )  # fmt: skip
    elif amount == 0:
        yield Fault(
            column="Amount Awarded", code="nothing awarded",
            reason="The award is zero: check whether it was withdrawn, and say so in the register.",
            holds=False,
        )  # fmt: skip


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _organisation(field: str, organisation: Mapping[str, Any]) -> Iterator[Fault]:
    column = FLAT_NAMES[field]
    found = organisation.get("id")
    if isinstance(found, str) and found.strip() and not good_identifier(found):
        yield Fault(
            column=f"{column}:Identifier", code="bad identifier",
            reason="The identifier has no known register's prefix (as GB-CHC-, GB-COH-, or 360G-publisher-) "
            "or its number is not of that register's shape: look it up at org-id.guide.",
        )  # fmt: skip
    for name, shape in (("charityNumber", _CHARITY), ("companyNumber", _COMPANY)):
        value = organisation.get(name)
        if isinstance(value, str) and value.strip() and not shape.match(value.strip().upper()):
            yield Fault(
                column=f"{column}:{FLAT_NAMES[name]}", code="odd number",
                reason=f"{FLAT_NAMES[name]} is not of the register's shape (a lost zero, or words): look it up.",
                holds=False,
            )  # fmt: skip


def not_twice_decoded(judged: Sequence[Sequence[Fault]]) -> None:
    """Raises Refused where over 1% of the grants hold text that was decoded twice: the whole export is damaged."""
    twice = sum(any(fault.code == "decoded twice" for fault in one) for one in judged)
    if twice > 1 and 100 * twice > len(judged):
        raise Refused(
            f"the text of {twice:,} of {len(judged):,} grants has been decoded twice (as in Â£): "
            "export the register again as UTF-8",
            code="decoded twice",
        )


def doubt(fault: Fault) -> str:
    """What a note on the file says of a fault that does not hold its grant: a field left unknown is named."""
    if fault.column in {_column(list(path)) for path in NOT_KEPT}:
        return f"“{fault.column}” is {fault.code}, so it is left unknown"
    return fault.code


def good_identifier(identifier: str) -> bool:
    """True for an identifier with a known register's prefix and a number of its shape, or the publisher's own."""
    if _OWN_ID.match(identifier):
        return True
    for prefix, shape in FIELDS["registers"].items():
        if identifier.startswith(prefix):
            return bool(re.fullmatch(shape, identifier.removeprefix(prefix)))
    return bool(_ELSEWHERE.match(identifier))


def day(value: object) -> date | None:
    """A date or date-time of the standard as a day in London; None where it is neither."""
    if not isinstance(value, str):
        return None
    try:
        if re.match(DAY, value):
            return date.fromisoformat(value)
        if re.match(TIME, value):
            return datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00")).astimezone(LONDON).date()
    except ValueError:
        return None
    return None
