"""What the charity register says of the organisations that a council pays, joined by charity number, never by name."""

from __future__ import annotations

import pandas as pd

from commissioning.evidence import load, tables
from commissioning.evidence.loaded import SOURCE_COLUMNS, Finding
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Tables
from commissioning.wording import counted

TABLE = "organisations"
REMOVED = "removed"
CODE = "charity register"
PAYERS = ("grants", "payments")
NOT_USED = "The charity register is here, and no agreement or payment gives a charity number: nothing is made of it."
_REGISTERS = frozenset({"organisation_number", "linked", "register_status", "removed_on", "accounts_to"})


def joined(taken: Tables) -> tuple[Tables, tuple[Finding, ...]]:
    """The table of organisations with those on the register that agreements or payments name, and how many were removed from it.

    A council's own row stands, with the income that it lacks filled in; a charity without a row of the council's gets one.
    """
    if TABLE not in taken or "register_status" not in (rows := taken[TABLE]):
        return taken, ()
    listed = rows["register_status"].notna() & rows["linked"].notna()
    own, register = rows[~listed], rows[listed & rows["linked"].eq(0)]
    names = _named(taken)
    if not names:
        kept = own[[one for one in own if one not in _REGISTERS]].reset_index(drop=True)
        found = Finding(code=CODE, says=NOT_USED, table=TABLE)
        return (taken.but("", {TABLE: kept}) if len(kept) else taken.but(TABLE, {})), (found,)
    number = register["charity_number"].map(_number)
    register = register.assign(number=number)[number.isin(names.keys()) & number.ne("")]
    register = register.drop_duplicates("number").assign(
        organisation_id=lambda one: one["number"].map(names), income_year=lambda one: one["accounts_to"].map(_year)
    )
    own = _filled(own, register)
    new = register[~register["organisation_id"].isin(set(own.get("organisation_id", ())))]
    contract = tables.of(TABLE)
    kept = [
        "organisation_id",
        "organisation",
        "charity_number",
        "company_number",
        "income_pence",
        "income_year",
        *SOURCE_COLUMNS,
    ]
    kept = [*[one for one in kept if one in new and one not in SOURCE_COLUMNS], *reversed(SOURCE_COLUMNS)]
    made = load.complete(new[kept].reset_index(drop=True), contract, Source())
    made = pd.concat(
        [one for one in (own[[c for c in own if c in made]], made) if len(one)] or [made], ignore_index=True
    )
    gone = int(register["register_status"].astype("str").str.casefold().eq(REMOVED).sum())
    says = (
        f"Of {counted(len(names), 'organisation')} with a charity number in the council's grants and payments, {len(register)} "
        f"{'is' if len(register) == 1 else 'are'} in this extract of the charity register, and {gone} of these "
        f"{'was' if gone == 1 else 'were'} removed from it: whether {'it' if gone == 1 else 'each'} goes on under another number is to be asked."
    )
    return taken.but("", {TABLE: made}), (Finding(code=CODE, says=says, table=TABLE),)


def _named(taken: Tables) -> dict[str, str]:
    """Charity number → the organisation's id, as agreements (else payments) of the council give them."""
    found: dict[str, str] = {}
    for name in PAYERS:
        if name not in taken or taken.spilled(name) or "charity_number" not in (rows := taken[name]):
            continue
        numbers = rows["charity_number"].map(_number)
        ids = rows["recipient_id"].astype("str") if "recipient_id" in rows else "GB-CHC-" + numbers
        for number, one in zip(numbers, ids, strict=True):
            if number:
                found.setdefault(number, one if one not in ("", "nan", "unknown") else f"GB-CHC-{number}")
    return found


def _number(text: object) -> str:
    """A charity number as compared; "" where there is none."""
    digits = str(text).removeprefix("GB-CHC-").strip().lstrip("0")
    return digits if digits.isdigit() else ""


def _year(day: pd.Timestamp) -> str | None:
    """The financial year in which accounts end."""
    if pd.isna(day):
        return None
    first = day.year - (day.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def _filled(own: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    if own.empty or "charity_number" not in own:
        return own
    by = register.set_index("number")
    numbers = own["charity_number"].map(_number)
    lacks = own["income_pence"].isna() & numbers.isin(by.index)
    filled = {
        name: own[name].where(~lacks, numbers.map(by[name]).astype(own[name].dtype))
        for name in ("income_pence", "income_year")
    }
    return own.assign(**filled)
