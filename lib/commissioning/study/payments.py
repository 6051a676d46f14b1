"""Which of a council's published payments are for a pilot: only those that a rule, an agreement or a register says are.

A council's payments file is of the whole council. What none of these ties to the service is in no figure, and is never called
anybody's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from commissioning.disclosure import Policy, alone
from commissioning.evidence.published.selections import held_twice
from commissioning.pilot import Pilot
from commissioning.study import spend_words

RULE = "a rule of the council's own"
LEDGER = "what the ledger's own words say of each cost centre"
AGREEMENTS = "the agreement that each names"
PAYEES = "the payee's name, which is that of an organisation that also holds a grant"
NUMBERS = (
    "the payee's charity or company number, else its name, which is that of an organisation that also holds a grant"
)
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Payments:
    """Payments of one pilot, each record once. `frame` holds the rows that count; `again` those that stood in a second file, `aside`
    those left out.

    `found_by` says what ties them to it. `untold_rows` are of files that no rule, agreement or register ties to it, of which
    `alike_rows`, in `alike_centres` cost centres, have a name that looks like it. `months` are those that each year's payments cover.
    """

    frame: pd.DataFrame
    again: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    aside: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    rows: int = 0
    negative_rows: int = 0
    pence: int = 0
    exact_duplicates: int = 0
    in_two_files: int = 0
    in_two_files_pence: int = 0
    left_out_rows: int = 0
    left_out_pence: int = 0
    found_by: str = NOTHING
    untold_rows: int = 0
    alike_rows: int = 0
    alike_centres: int = 0
    months: Mapping[str, tuple[str, ...]] | None = None

    def counts(self, *, public: bool, policy: Policy) -> dict[str, Any]:
        """Everything but the rows, for a record from which pages are made: as it is where the payments are `public`.

        Otherwise rounded by the pilot's `policy`, and None for a few rows, and for money that few payees stand behind.
        """
        frames = {"pence": self.frame, "in_two_files_pence": self.again, "left_out_pence": self.aside}
        found = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("frame", "again", "aside")
        }
        if not public:
            numbers = [name for name, one in found.items() if isinstance(one, int) and name not in frames]
            found |= {name: alone.count(found[name], policy) for name in numbers}
            found |= {
                name: alone.total(rows["amount_pence"], rows.get("payee"), policy) if len(rows) else 0
                for name, rows in frames.items()
            }
        return found | {"months": {year: list(months) for year, months in (self.months or {}).items()}}


def payments_of(
    payments: pd.DataFrame,
    pilot: Pilot,
    recipients: pd.Series | None = None,
    *,
    rules: Mapping[str, tuple[str, ...]] | None = None,
    numbers: Collection[str] = (),
) -> Payments:
    """The payments that belong to a pilot, and how that is known. What is left out is counted.

    A pilot for people with one support reason: by cost centre, where a rule says which (`rules`: file → how their names begin, with
    `*` for anything), or where the ledger itself names the reason of each. Any other pilot: by the agreement that a payment names,
    else by payee, where its charity or company number is one of `numbers`, or its name equals a grant recipient's (`plain_name`). Where none of these is here, none.
    """
    if payments.empty:
        return Payments(frame=payments)
    if pilot.support_reason or rules:
        mine, told, found_by = _by_cost_centre(payments, pilot, rules or {})
    elif "grant_id" in payments.columns and payments["grant_id"].notna().any():
        mine, told, found_by = _all(payments), _all(payments), AGREEMENTS
    elif recipients is not None and len(recipients):
        names = set(recipients.dropna().map(plain_name)) - {""}
        numbered = _numbered(payments, numbers)
        mine = numbered | payments["payee"].fillna("").map(plain_name).isin(names)
        told, found_by = _all(payments), NUMBERS if numbered.any() else PAYEES
    else:
        mine = told = ~_all(payments)
        found_by = NOTHING
    kept, again = once(payments[mine])
    text = [one for one in kept.columns if one not in {"source_row", "source_file"}]
    aside, untold = payments[told & ~mine], payments[~told]
    alike = untold[_alike(untold, pilot.support_reason)]
    return Payments(
        frame=kept,
        again=again,
        aside=aside,
        rows=len(kept),
        negative_rows=int((kept["amount_pence"] < 0).sum()),
        pence=int(kept["amount_pence"].sum()),
        # The reader marks copies of a whole published row; without its mark, rows equal in every column count.
        exact_duplicates=int((kept["is_copy"] if "is_copy" in kept else kept.duplicated(text, keep="first")).sum()),
        in_two_files=len(again),
        in_two_files_pence=int(again["amount_pence"].sum()) if len(again) else 0,
        left_out_rows=len(aside),
        left_out_pence=int(aside["amount_pence"].sum()),
        found_by=found_by if len(kept) else NOTHING,
        untold_rows=len(untold),
        alike_rows=len(alike),
        alike_centres=int(alike["unit"].nunique()) if len(alike) else 0,
        months=months_of(kept),
    )


def _all(payments: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=payments.index)


def _numbered(payments: pd.DataFrame, numbers: Collection[str]) -> pd.Series:
    """Rows whose payee carries the charity or company number of an organisation, leading noughts aside."""
    wanted = {one for number in numbers if (one := str(number).strip().lstrip("0"))}
    found = ~_all(payments)
    for column in {"charity_number", "company_number"} & set(payments.columns):
        found |= payments[column].fillna("").astype(str).str.strip().str.lstrip("0").isin(wanted)
    return found


def _by_cost_centre(
    payments: pd.DataFrame, pilot: Pilot, rules: Mapping[str, tuple[str, ...]]
) -> tuple[pd.Series, pd.Series, str]:
    """Which rows are the pilot's, of which rows that can be told, and by what."""
    mine, ruled = ~_all(payments), ~_all(payments)
    for file, patterns in rules.items():
        here = payments["source_file"].astype(str) == file
        for column, words, whole in map(spend_words.of_pattern, patterns):
            if column not in payments:
                continue
            text = payments[column].fillna("").astype(str)
            wanted = words.casefold() if whole else f"{words.casefold().rstrip('*')}*"
            fits = {
                one: one.casefold() == wanted if whole else fnmatchcase(one.casefold(), wanted)
                for one in text[here].unique()
            }
            mine |= here & text.map(fits).eq(True)
            ruled |= here & ~text.isin(["", "unknown"])  # a row that names no cost centre is told apart by none
    told = ruled.copy()
    if "support_reason" in payments:
        reasons = payments["support_reason"].fillna("unknown").astype(str)
        # A ledger that names the reason of one cost centre and not of another has told of both: the other is for something else.
        of_file = reasons.ne("unknown").groupby(payments["source_file"].astype(str)).transform("any")
        mine |= ~ruled & reasons.eq(pilot.support_reason)
        told |= of_file
    return mine, told, RULE if (mine & ruled).any() else LEDGER


def _alike(rows: pd.DataFrame, reason: str) -> pd.Series:
    """Rows whose cost centre looks as if it were for a support reason."""
    if rows.empty or not reason or "unit" not in rows:
        return pd.Series(False, index=rows.index)
    return (
        rows["unit"]
        .fillna("")
        .astype(str)
        .map(lambda one: bool(spend_words.looks_like(reason).search(one)))
        .astype(bool)
    )


def months_of(payments: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The calendar months that each financial year's payments cover, as "2024-04"; empty for rows that tell no month."""
    if payments.empty or "year" not in payments:
        return {}
    said = pd.Series(pd.NaT, index=payments.index)
    for column in ("effective_on", "paid_on", "month"):
        if column in payments:
            said = said.fillna(
                pd.to_datetime(payments[column].astype(str).str.slice(0, 10), errors="coerce", format="mixed")
            )
    months = said.dt.strftime("%Y-%m")
    by_year = months.dropna().groupby(payments["year"].astype(str))
    return {str(year): tuple(sorted(set(found))) for year, found in by_year}


def once(payments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows counted once across files, and the rows that stood in a second file too (`selections.held_twice`)."""
    if payments.empty:
        return payments, payments
    twice = held_twice(payments)
    return payments[~twice].reset_index(drop=True), payments[twice].reset_index(drop=True)


LEGAL_WORDS = frozenset({"the", "ltd", "limited", "cic", "cio", "plc", "llp"})


def plain_name(name: str) -> str:
    """An organisation's name as compared: no case, punctuation, leading "the" or legal form."""
    letters = "".join(one if one.isalnum() else " " for one in str(name).casefold().replace("&", " and "))
    return " ".join(word for word in letters.split() if word not in LEGAL_WORDS)


# --- what is said of them


def words_for_months(months: tuple[str, ...]) -> str:
    """Which months a year's payments cover, in words; empty where all twelve are there, or none is told."""
    if not months or len(months) >= 12:
        return ""
    first, last = (pd.Period(one, "M").strftime("%B %Y") for one in (months[0], months[-1]))
    if len(months) == 1:
        return f"{first} alone"
    return f"{len(months)} months from {first} to {last}"


def notes(counts: Mapping[str, Any], title: str, money: Any) -> list[str]:
    """What a page says of the payments that it counts and of those that it cannot tell. `money`: pence → words.

    `counts` as `Payments.counts` gives them: None where few rows or payees stand behind a number.
    """
    said = []
    number = {
        name: "a few" if one is None else f"{one:,}" if isinstance(one, int) else "" for name, one in counts.items()
    }
    if counts["rows"] != 0:
        said.append(
            f"Payments: {number['rows']} rows, tied to this service by {counts['found_by']}; {number['negative_rows']} are credit "
            "notes or corrections and are kept."
        )
        said += [
            f"Payments of {year} are of {covered}."
            for year, months in counts["months"].items()
            if (covered := words_for_months(tuple(months)) or ("all twelve months" if len(months) >= 12 else ""))
        ]
    if counts["exact_duplicates"] != 0:
        said.append(
            f"{_begins(number['exact_duplicates'])} rows equal another row in everything shown. They are kept: "
            "they may be separate payments whose payee is not named."
        )
    if counts["left_out_rows"] != 0:
        of = counts["left_out_pence"]
        said.append(
            f"{_begins(number['left_out_rows'])} payments{'' if of is None else f' ({money(of)})'} are not of this service, or are to "
            "organisations in no register here, and are left out."
        )
    if counts["in_two_files"] != 0:
        said.append(f"{_begins(number['in_two_files'])} rows stand in two files and are counted once.")
    if counts["untold_rows"] != 0:
        alike = (
            f" {_begins(number['alike_rows'])} of them, in {number['alike_centres']} cost centres, look as if they were."
            if counts["alike_rows"] != 0
            else ""
        )
        said.append(
            f"{_begins(number['untold_rows'])} payments are of the whole council: which of them are for “{title}” cannot be told, so none "
            f"is counted and no total is given.{alike}"
        )
    return said


def _begins(number: str) -> str:
    return number[:1].upper() + number[1:]


def whole_by_year(payments: pd.DataFrame, *, public: bool, policy: Policy) -> list[dict[str, Any]]:
    """Everything that the payments taken in hold, by financial year: year, pence, rows, months (of 12 with a payment), `public`.

    Of payments that are not public already rounded by the pilot's `policy`, and no year of which few payees make all or nearly all.

    It is the whole of the files, whatever it was for, with payments that name the agreement they were made under: nobody's
    outcomes stand beside it as theirs.
    """
    if payments.empty or not {"year", "amount_pence"} <= set(payments.columns):
        return []
    kept, _ = once(payments)
    day = next((one for one in ("effective_on", "paid_on") if one in kept and kept[one].notna().any()), None)
    month = pd.to_datetime(kept[day]).dt.to_period("M") if day else kept.get("month", pd.Series(None, index=kept.index))
    by = kept.assign(in_month=month).groupby("year", sort=True)
    found = [
        {
            "year": str(year),
            "pence": int(mine["amount_pence"].sum())
            if public
            else alone.total(mine["amount_pence"], mine.get("payee"), policy),
            "rows": len(mine) if public else alone.count(len(mine), policy),
            "months": int(mine["in_month"].nunique()),
            "public": public,
        }
        for year, mine in by
    ]
    return [one for one in found if one["pence"] is not None]
