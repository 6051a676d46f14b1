"""Spend as evaluators need it: each line with its year, basis, perspective and source.

Published spend and published payments pass unchanged: they are public already. Spend
worked out from people's packages comes only from released results. Nothing here divides
spend by outcomes: only spend with a measure's purpose may be, and only in `value`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from commissioning.disclosure import policy
from commissioning.disclosure.rounding import significant
from commissioning.evidence.published.selections import held_twice
from commissioning.measures import reasons
from commissioning.methods import money
from commissioning.pilot import Pilot

NOT_HELD = ("unknown", reasons.NO_REASON)
COLUMNS = ("year", "what", "basis", "perspective", "scope", "pence", "source_file")


@dataclass(frozen=True, kw_only=True)
class Tied:
    """Packages by whose they are. Frames hold rows of `packages`, each with its `support_reason`; together they are all of them.

    `why_not` says why none is of the people whom the pilot is for, and is empty where some are.
    """

    packages: pd.DataFrame
    of_others: pd.DataFrame
    not_tied: pd.DataFrame
    why_not: str = ""


def tie(packages: pd.DataFrame, people: pd.DataFrame, reason: str) -> Tied:
    """Packages of the people whom the pilot is for, of other people, and of people whose reason for support is not known.

    `people`: person_id, period, support_reason; `reason`: the pilot's support reason, "" where it is for everybody.
    Tied by id and period (`reasons.support_reasons`), or by the package's own `support_reason` where it has one.
    """
    if not reason or packages.empty:
        return Tied(packages=packages, of_others=packages.iloc[:0], not_tied=packages.iloc[:0])
    if "support_reason" not in packages:
        packages = packages.assign(support_reason=reasons.support_reasons(packages, people))
    mine = packages["support_reason"].eq(reason)
    untied = packages["support_reason"].isna() | packages["support_reason"].isin(NOT_HELD)
    parts = [packages[one].reset_index(drop=True) for one in (mine, ~mine & ~untied, untied)]
    why = "" if mine.any() else _why_not_tied(packages, people, reason, all_untied=bool(untied.all()))
    return Tied(packages=parts[0], of_others=parts[1], not_tied=parts[2], why_not=why)


def _why_not_tied(packages: pd.DataFrame, people: pd.DataFrame, reason: str, *, all_untied: bool) -> str:
    if not all_untied:
        return f"none of them is of a person supported mainly for {reason}, as far as the reason is known"
    if people.empty:
        return "no list of people is here that says why each is supported"
    if not set(packages["person_id"].dropna()) & set(people["person_id"].dropna()):
        return "no id of a person in them is in the list of people"
    if people["support_reason"].isna().all() or people["support_reason"].isin(NOT_HELD).all():
        return "the list of people says of nobody why they are supported"
    return "the list of people holds nobody of theirs in the same year with a reason for support"


@dataclass(frozen=True, kw_only=True)
class Payments:
    """Payments of one pilot, each record once. `frame` holds the rows that count."""

    frame: pd.DataFrame
    rows: int
    negative_rows: int
    pence: int
    exact_duplicates: int
    in_two_files: int
    in_two_files_pence: int
    left_out_rows: int = 0
    left_out_pence: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers alone, for a record."""
        names = (
            "rows",
            "negative_rows",
            "pence",
            "exact_duplicates",
            "in_two_files",
            "in_two_files_pence",
            "left_out_rows",
            "left_out_pence",
        )
        return {name: int(getattr(self, name)) for name in names}


def once(payments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows counted once across files, and the rows that stood in a second file too (`selections.held_twice`)."""
    if payments.empty:
        return payments, payments
    twice = held_twice(payments)
    return payments[~twice].reset_index(drop=True), payments[twice].reset_index(drop=True)


def payments_of(payments: pd.DataFrame, pilot: Pilot, recipients: pd.Series | None = None) -> Payments:
    """The payments that belong to a pilot.

    By unit where the pilot names its units (`payment_units`); else by payee, where the
    payee's name equals a grant recipient's (`plain_name`). What is left out is counted.
    """
    if payments.empty:
        empty = payments
        return Payments(
            frame=empty, rows=0, negative_rows=0, pence=0, exact_duplicates=0, in_two_files=0, in_two_files_pence=0
        )
    if pilot.payment_units:
        pattern = tuple(one.upper() for one in pilot.payment_units)
        mine = payments[payments["unit"].fillna("").str.upper().str.startswith(pattern)]
    elif recipients is not None and "grant_id" in payments.columns and payments["grant_id"].notna().any():
        mine = payments
    elif recipients is not None:
        names = set(recipients.dropna().map(plain_name))
        mine = payments[payments["payee"].fillna("").map(plain_name).isin(names)]
    else:
        mine = payments
    kept, again = once(mine)
    text = [one for one in kept.columns if one not in {"source_row", "source_file"}]
    return Payments(
        frame=kept,
        rows=len(kept),
        negative_rows=int((kept["amount_pence"] < 0).sum()),
        pence=int(kept["amount_pence"].sum()),
        # The reader marks copies of a whole published row; without its mark, rows equal in every column count.
        exact_duplicates=int((kept["is_copy"] if "is_copy" in kept else kept.duplicated(text, keep="first")).sum()),
        in_two_files=len(again),
        in_two_files_pence=int(again["amount_pence"].sum()) if len(again) else 0,
        left_out_rows=len(payments) - len(mine),
        left_out_pence=int(payments["amount_pence"].sum() - mine["amount_pence"].sum()),
    )


LEGAL_WORDS = frozenset({"the", "ltd", "limited", "cic", "cio", "plc", "llp"})


def plain_name(name: str) -> str:
    """An organisation's name as compared: no case, punctuation, leading "the" or legal form."""
    letters = "".join(one if one.isalnum() else " " for one in str(name).casefold().replace("&", " and "))
    return " ".join(word for word in letters.split() if word not in LEGAL_WORDS)


def with_real_terms(lines: pd.DataFrame, price_base: str) -> pd.DataFrame:
    """The same lines with `real_pence` in the prices of `price_base` (HM Treasury's GDP deflator).

    `pence` is a whole number of pence; a line whose year has no deflator keeps real_pence missing. A line that was
    `rounded` for release is rounded as far in real terms: the prices of another year make it no more exact.
    """
    real: list[int | None] = []
    for year, pence, rounded in zip(lines["year"], lines["pence"], lines["rounded"], strict=True):
        try:
            exact = round(money.real_terms(int(pence), year, price_base))
        except (ValueError, KeyError):
            real.append(None)
            continue
        real.append(int(significant([exact], policy().significant_figures)[0]) if rounded else exact)
    return lines.assign(real_pence=pd.array(real, dtype="Int64"))
